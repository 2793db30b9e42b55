//! Which URL means which code system: the standard's names on the left, ours on the right.

use vigil_domain::code::{Code, CodeSystem};

/// URL and system. The first row of a system is the URL that we write.
const SYSTEMS: &[(&str, CodeSystem)] = &[
    ("http://hl7.org/fhir/sid/icd-10-cm", CodeSystem::Icd10Cm),
    ("http://www.cms.gov/Medicare/Coding/ICD10", CodeSystem::Icd10Pcs),
    ("http://hl7.org/fhir/sid/icd-10-pcs", CodeSystem::Icd10Pcs),
    ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", CodeSystem::Hcpcs),
    ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", CodeSystem::Hcpcs),
    ("https://bluebutton.cms.gov/resources/codesystem/hcpcs", CodeSystem::Hcpcs),
    ("urn:oid:2.16.840.1.113883.6.285", CodeSystem::Hcpcs),
    ("http://www.ama-assn.org/go/cpt", CodeSystem::Cpt),
    ("http://loinc.org", CodeSystem::Loinc),
    ("http://snomed.info/sct", CodeSystem::Snomed),
    ("http://hl7.org/fhir/sid/ndc", CodeSystem::Ndc),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", CodeSystem::RxNorm),
    ("https://www.nubc.org/CodeSystem/RevenueCodes", CodeSystem::Revenue),
    ("https://www.nubc.org/revenue-code", CodeSystem::Revenue),
    (
        "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software",
        CodeSystem::Drg,
    ),
    (
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
        CodeSystem::PlaceOfService,
    ),
    ("https://codesystem.x12.org/005010/1365", CodeSystem::ServiceType),
    ("http://nucc.org/provider-taxonomy", CodeSystem::Taxonomy),
];

/// National Provider Identifier.
pub const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
/// Social security numbers: never a member number.
pub const SSN: &str = "http://hl7.org/fhir/sid/us-ssn";
/// HL7 v2 identifier types (`MB` member number).
pub const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
/// UCUM.
pub const UCUM: &str = "http://unitsofmeasure.org";

/// Our word for a system URL; an unknown URL is kept whole.
pub fn system_of(url: &str) -> CodeSystem {
    SYSTEMS
        .iter()
        .find(|(known, _)| *known == url)
        .map_or_else(|| CodeSystem::Other(url.to_owned()), |row| row.1.clone())
}

/// The URL that we write for a system.
pub fn url_of(system: &CodeSystem) -> &str {
    match system {
        CodeSystem::Other(url) => url,
        known => SYSTEMS.iter().find(|(_, row)| row == known).map_or("", |row| row.0),
    }
}

/// The URL of a code's system.
pub fn url(code: &Code) -> &str {
    url_of(&code.system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_system_has_a_url_that_reads_back() {
        for system in CodeSystem::ALL {
            assert_eq!(&system_of(url_of(system)), system, "{system}");
        }
        let other = system_of("http://example.org/codes");
        assert_eq!(url_of(&other), "http://example.org/codes");
    }
}
