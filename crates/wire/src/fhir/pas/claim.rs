//! The Claim of a PAS request: diagnoses, care team, supporting dates and service lines.

use vigil_domain::{
    code::{Code, CodeSystem},
    party::Provider,
    request::{Certification, Diagnosis, ServiceLine},
    time::Day,
};

use super::{Base, CANCELLED, CERTIFICATION, DEFINITIONS, LEVEL_OF_SERVICE, REQUEST_CATEGORY};
use crate::{
    fhir::{bundle::Entries, party, pick, shape, systems},
    issue::{IssueCode, Notes},
    json::Value,
};

/// What every part of the reading needs: the version, the Bundle, and the Claim in its first entry.
pub(super) struct Claim<'j, 'e> {
    pub base: Base,
    pub entries: &'e Entries<'j>,
    pub at: Value<'j>,
    /// An inquiry asks less of its items.
    pub inquiry: bool,
}

/// One member of the care team.
pub(super) struct Carer {
    pub sequence: u32,
    /// Speaks for the whole claim, not for single lines.
    pub whole: bool,
    pub provider: Provider,
}

/// Dates that stand in supportingInfo.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Dates {
    pub event: (Option<Day>, Option<Day>),
    pub admission: Option<Day>,
    pub discharge: Option<Day>,
}

/// A line, and what the guide says about it that the domain keeps elsewhere.
pub(super) struct Line {
    pub service: ServiceLine,
    pub category: Option<String>,
    pub reference_number: Option<String>,
    pub early_screening: bool,
    pub urgent_order: bool,
}

/// The value of an extension whatever its type, by the end of its PAS URL.
pub(super) fn extension_tail<'j>(extension: Value<'j>) -> Option<(std::borrow::Cow<'j, str>, Value<'j>)> {
    let url = extension.get("url")?.text()?;
    let tail = match url {
        std::borrow::Cow::Borrowed(url) => std::borrow::Cow::Borrowed(url.strip_prefix(DEFINITIONS).unwrap_or(url)),
        std::borrow::Cow::Owned(url) => {
            std::borrow::Cow::Owned(url.strip_prefix(DEFINITIONS).unwrap_or(&url).to_owned())
        }
    };
    let value = extension.members().find(|member| member.name().starts_with("value"))?;
    Some((tail, value))
}

/// A code out of an X12 table that the guide binds as required; an unknown one is an error.
pub(super) fn bound_code(concept: Value<'_>, system: &str, table: &[&str], notes: &mut Notes) -> Option<String> {
    let found = pick::objects(concept, "coding", notes).find_map(|coding| {
        let of = coding.get("system").and_then(Value::text).is_none_or(|url| url == system);
        coding.get("code").and_then(Value::text).filter(|_| of)
    });
    match found {
        Some(code) if table.contains(&code.as_ref()) => Some(code.into_owned()),
        Some(code) => {
            notes.error(
                IssueCode::CodeInvalid,
                concept,
                format!("{code:?} is not a code of {system}."),
                format!("Send one of {}.", table.join(", ")),
            );
            None
        }
        None => {
            let todo = format!("Send a coding with system {system}.");
            notes.error(IssueCode::CodeInvalid, concept, format!("No coding of {system} here."), todo);
            None
        }
    }
}

/// X12 1322 by meaning.
pub(super) fn certification(code: &str) -> Certification {
    match code {
        "I" => Certification::Initial,
        "4" => Certification::Extension,
        "R" => Certification::Renewal,
        "S" => Certification::Revised,
        "3" => Certification::Cancel,
        "1" | "2" => Certification::Appeal,
        "5" => Certification::Notification,
        other => Certification::Other(other.to_owned()),
    }
}

/// The X12 1322 code that is written for a meaning.
pub(super) fn certification_code(certification: &Certification) -> &str {
    match certification {
        Certification::Initial => "I",
        Certification::Extension => "4",
        Certification::Renewal => "R",
        Certification::Revised => "S",
        Certification::Cancel => "3",
        Certification::Appeal => "2",
        Certification::Notification => "5",
        Certification::Other(code) => code,
    }
}

impl<'j> Claim<'j, '_> {
    /// The target of a Reference member of `of`, which stands in the Claim.
    pub fn follow(&self, of: Value<'j>, name: &str) -> Option<crate::fhir::bundle::Target<'j>> {
        self.entries.follow(0, of.get(name)?)
    }

    /// Level of service (X12 1338), when given.
    pub fn level_of_service(&self, notes: &mut Notes) -> Option<String> {
        let found = self.extension("extension-levelOfServiceCode", notes)?;
        bound_code(found, LEVEL_OF_SERVICE, &["03", "E", "U"], notes)
    }

    /// The value of one extension of the Claim.
    pub fn extension(&self, tail: &str, notes: &mut Notes) -> Option<Value<'j>> {
        pick::objects(self.at, "extension", notes)
            .filter_map(extension_tail)
            .find(|(url, _)| url == tail)
            .map(|found| found.1)
    }

    /// The diagnoses in order.
    pub fn diagnoses(&self, notes: &mut Notes) -> Vec<Diagnosis> {
        let mut diagnoses: Vec<Diagnosis> = Vec::new();
        for at in pick::objects(self.at, "diagnosis", notes) {
            let Some(sequence) = pick::positive(at, "sequence", notes) else {
                self.no_sequence(at, notes);
                continue;
            };
            if diagnoses.iter().any(|earlier| earlier.sequence == sequence) {
                twice(at, sequence, notes);
            }
            let referred = || self.follow(at, "diagnosisReference")?.resource.get("code");
            let Some(concept) = pick::object(at, "diagnosisCodeableConcept", notes).or_else(referred) else {
                notes.missing(at, "diagnosisCodeableConcept");
                continue;
            };
            let allowed = |code: &Code| {
                matches!(code.system, CodeSystem::Icd10Cm | CodeSystem::Drg)
                    || matches!(
                        systems::url(code),
                        "http://terminology.hl7.org/CodeSystem/icd9cm"
                            | "http://uri.hddaccess.com/cs/apdrg"
                            | "http://uri.hddaccess.com/cs/aprdrg"
                    )
            };
            let codes = pick::concept_codes(concept, notes);
            let Some(code) = codes.iter().find(|code| allowed(code)).cloned() else {
                let todo = "Send an ICD-10-CM code (system http://hl7.org/fhir/sid/icd-10-cm).";
                notes.error(
                    IssueCode::CodeInvalid,
                    concept,
                    "The diagnosis has no code of a system that the guide allows.",
                    todo,
                );
                continue;
            };
            let recorded_on = pick::objects(at, "extension", notes)
                .filter_map(extension_tail)
                .find(|(url, _)| url == "extension-diagnosisRecordedDate")
                .and_then(|(_, value)| pick::parse_date(&value.text()?)?.day());
            let role = pick::objects(at, "type", notes).next().and_then(|role| {
                bound_code(role, super::TEMP, &["admitting", "principal", "patientreasonforvisit"], notes)
            });
            diagnoses.push(Diagnosis { sequence, code, role, recorded_on });
        }
        diagnoses
    }

    fn no_sequence(&self, at: Value<'j>, notes: &mut Notes) {
        if at.get("sequence").is_none() {
            notes.missing(at, "sequence");
        }
    }

    /// The care team in order.
    pub fn carers(&self, notes: &mut Notes) -> Vec<Carer> {
        let mut carers: Vec<Carer> = Vec::new();
        for at in pick::objects(self.at, "careTeam", notes) {
            let Some(sequence) = pick::positive(at, "sequence", notes) else {
                self.no_sequence(at, notes);
                continue;
            };
            if carers.iter().any(|earlier| earlier.sequence == sequence) {
                twice(at, sequence, notes);
            }
            let scope = pick::objects(at, "extension", notes)
                .filter_map(extension_tail)
                .find(|(url, _)| url == "extension-careTeamClaimScope")
                .and_then(|(_, value)| value.boolean());
            if at.get("provider").is_none() {
                notes.missing(at, "provider");
            }
            let Some(target) = self.follow(at, "provider") else { continue };
            let provider = party::provider(self.entries, target.entry.unwrap_or(0), target.resource, notes);
            carers.push(Carer { sequence, whole: scope.unwrap_or(true), provider });
        }
        carers
    }

    /// The lines in order; sequences are unique.
    pub fn lines(&self, carers: &[Carer], diagnoses: &[Diagnosis], dates: Dates, notes: &mut Notes) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for at in pick::objects(self.at, "item", notes) {
            let Some(sequence) = pick::positive(at, "sequence", notes) else {
                self.no_sequence(at, notes);
                continue;
            };
            if lines.iter().any(|earlier| earlier.service.sequence == sequence) {
                twice(at, sequence, notes);
            }
            for choice in ["serviced", "location"] {
                shape::one_of(at, choice, notes);
            }
            lines.extend(self.line(at, sequence, carers, diagnoses, dates, notes));
        }
        lines
    }

    fn line(
        &self,
        at: Value<'j>,
        sequence: u32,
        carers: &[Carer],
        diagnoses: &[Diagnosis],
        dates: Dates,
        notes: &mut Notes,
    ) -> Option<Line> {
        let marks = self.marks(at, notes);
        let order = marks.order.and_then(|reference| self.entries.follow(0, reference)).map(|target| target.resource);
        let services = self.services(at, order, marks.code_end, notes);
        let (from, through) = self.days(at, order, dates, notes);
        let team = pick::positives(at, "careTeamSequence", notes);
        for number in team.iter().filter(|number| !carers.iter().any(|carer| carer.sequence == **number)) {
            dangling(at, "careTeamSequence", *number, notes);
        }
        let pointed = pick::positives(at, "diagnosisSequence", notes);
        for number in pointed.iter().filter(|number| !diagnoses.iter().any(|found| found.sequence == **number)) {
            dangling(at, "diagnosisSequence", *number, notes);
        }
        let own = carers
            .iter()
            .find(|carer| !carer.whole && team.contains(&carer.sequence))
            .map(|carer| carer.provider.clone());
        let performer = || {
            let found = order?.get("performer")?;
            let reference = found.items().next().unwrap_or(found);
            let target = self.entries.follow(0, reference)?;
            Some(party::provider(self.entries, target.entry.unwrap_or(0), target.resource, notes))
        };
        let provider = own.or_else(performer);
        let medication =
            order.and_then(|order| order.get("resourceType")?.text()).is_some_and(|kind| kind == "MedicationRequest");
        let urgent_order = order
            .and_then(|order| order.get("priority")?.text())
            .is_some_and(|priority| matches!(priority.as_ref(), "urgent" | "asap" | "stat"));
        let place = self.place(at, notes);
        let quantity =
            pick::quantity(at, "quantity", notes).or_else(|| order.and_then(|order| ordered_quantity(order, notes)));
        let modifiers = self.modifiers(at, notes);
        // Only now: the faults of an item without a service are told all the same.
        let (service, also, description) = services?;
        let drug = medication || std::iter::once(&service).chain(&also).any(is_drug);
        let service = ServiceLine {
            sequence,
            service,
            also,
            modifiers,
            description,
            quantity,
            from,
            through,
            place,
            provider,
            certification: marks.certification.as_deref().map_or(Certification::Initial, certification),
            drug,
            diagnoses: pointed,
            earlier_authorization: marks.earlier,
            cancelled: marks.cancelled,
            changed: marks.changed,
        };
        Some(Line {
            service,
            category: marks.category,
            reference_number: marks.reference,
            early_screening: marks.epsdt,
            urgent_order,
        })
    }

    /// What stands in the extensions of an item.
    fn marks(&self, at: Value<'j>, notes: &mut Notes) -> Marks<'j> {
        let mut marks = Marks::default();
        for (url, value) in pick::objects(at, "extension", notes).filter_map(extension_tail) {
            let text = || value.text().map(std::borrow::Cow::into_owned);
            match url.as_ref() {
                "extension-serviceItemRequestType" => {
                    marks.category = bound_code(value, REQUEST_CATEGORY, &["AR", "HS", "IN", "SC"], notes);
                }
                "extension-certificationType" => {
                    let table = ["1", "2", "3", "4", "5", "6", "I", "N", "R", "S"];
                    marks.certification = bound_code(value, CERTIFICATION, &table, notes);
                }
                "extension-authorizationNumber" => marks.earlier = text(),
                "extension-administrationReferenceNumber" => marks.reference = text(),
                "extension-requestedService" => marks.order = Some(value),
                "extension-epsdtIndicator" => marks.epsdt = value.boolean() == Some(true),
                "extension-productOrServiceCodeEnd" => marks.code_end = Some(value),
                "extension-infoChanged" => {
                    marks.changed = text();
                    if !matches!(marks.changed.as_deref(), Some("changed" | "added")) {
                        notes.error(
                            IssueCode::CodeInvalid,
                            value,
                            "infoChanged is neither changed nor added.",
                            "Send one of them.",
                        );
                    }
                }
                _ => {}
            }
        }
        let cancels = |found: Value<'_>| found.get("url").and_then(Value::text).is_some_and(|url| url == CANCELLED);
        let flag = pick::objects(at, "modifierExtension", notes).find(|found| cancels(*found));
        marks.cancelled = flag.and_then(|found| found.get("valueBoolean")?.boolean()) == Some(true);
        // Both versions ask for it of a request and of no inquiry.
        if !self.inquiry && at.get("category").is_none() {
            notes.missing(at, "category");
        }
        if self.base.asks_more_of_items() && !self.inquiry {
            if at.members().all(|member| !member.name().starts_with("location")) {
                notes.missing(at, "locationCodeableConcept");
            }
            let given = |tail: &str| {
                pick::objects(at, "extension", &mut Notes::default())
                    .filter_map(extension_tail)
                    .any(|(url, _)| url == tail)
            };
            for tail in ["extension-serviceItemRequestType", "extension-certificationType"] {
                if !given(tail) {
                    notes.missing(at, &format!("extension('{DEFINITIONS}{tail}')"));
                }
            }
        }
        marks
    }

    /// The service asked for, further codes, and the requester's words.
    fn services(
        &self,
        at: Value<'j>,
        order: Option<Value<'j>>,
        end: Option<Value<'j>>,
        notes: &mut Notes,
    ) -> Option<(Code, Vec<Code>, Option<String>)> {
        let Some(product) = pick::object(at, "productOrService", notes) else {
            if at.get("productOrService").is_none() {
                notes.missing(at, "productOrService");
            }
            return None;
        };
        let stated = pick::concept_codes(product, notes);
        if !stated.iter().any(is_service) {
            notes.error(
                IssueCode::CodeInvalid,
                product,
                "productOrService has no code of a system that the guide allows.",
                "Send an X12 service type, HCPCS, CPT, ICD-10-PCS or NDC code, or not-applicable.",
            );
            return None;
        }
        let words = |concept: Value<'j>| concept.get("text").and_then(Value::text).map(std::borrow::Cow::into_owned);
        let mut description = words(product);
        let mut codes: Vec<Code> = stated.into_iter().filter(|code| !is_not_applicable(code)).collect();
        let mut add = |found: Vec<Code>| {
            for code in found {
                if !codes.iter().any(|known| known.same(&code)) {
                    codes.push(code);
                }
            }
        };
        if let Some(concept) = order.and_then(ordered_concept) {
            description = description.or_else(|| words(concept));
            add(pick::concept_codes(concept, notes));
        }
        if let Some(end) = end {
            add(pick::concept_codes(end, notes));
        }
        add(pick::codes(at, "revenue", notes));
        add(pick::codes(at, "category", notes));
        if codes.is_empty() {
            notes.error(
                IssueCode::Required,
                product,
                "Nothing says which service is asked for: the code is not-applicable and no requested service or category is given.",
                "Add the requested service, or a category.",
            );
            return None;
        }
        let service = codes.remove(0);
        Some((service, codes, description))
    }

    fn days(
        &self,
        at: Value<'j>,
        order: Option<Value<'j>>,
        dates: Dates,
        notes: &mut Notes,
    ) -> (Option<Day>, Option<Day>) {
        if let Some(day) = pick::day(at, "servicedDate", notes) {
            return (Some(day), None);
        }
        if let Some(period) = pick::period(at, "servicedPeriod", notes) {
            return period;
        }
        if let Some(order) = order {
            let repeat = |timing: Value<'j>| timing.get("repeat");
            if let Some(period) = pick::period(order, "occurrencePeriod", notes) {
                return period;
            }
            if let Some(day) = pick::day(order, "occurrenceDateTime", notes) {
                return (Some(day), None);
            }
            if let Some(period) =
                order.get("occurrenceTiming").and_then(repeat).and_then(|r| pick::period(r, "boundsPeriod", notes))
            {
                return period;
            }
            if let Some(period) = order.get("dispenseRequest").and_then(|d| pick::period(d, "validityPeriod", notes)) {
                return period;
            }
        }
        dates.event
    }

    fn place(&self, at: Value<'j>, notes: &mut Notes) -> Option<Code> {
        let concept = pick::object(at, "locationCodeableConcept", notes)?;
        let codes = pick::concept_codes(concept, notes);
        let allowed = |code: &Code| {
            code.system == CodeSystem::PlaceOfService
                || systems::url(code) == "https://www.nubc.org/CodeSystem/TypeOfBill"
        };
        let found = codes.into_iter().find(allowed);
        if found.is_none() {
            let todo = "Send a CMS place of service or an NUBC type of bill.";
            notes.error(
                IssueCode::CodeInvalid,
                concept,
                "The place has no code of a system that the guide allows.",
                todo,
            );
        }
        found
    }

    fn modifiers(&self, at: Value<'j>, notes: &mut Notes) -> Vec<String> {
        let mut modifiers = Vec::new();
        for concept in pick::objects(at, "modifier", notes) {
            let codes = pick::concept_codes(concept, notes);
            match codes.into_iter().find(|code| matches!(code.system, CodeSystem::Hcpcs | CodeSystem::Cpt)) {
                Some(code) => modifiers.push(code.value),
                None => notes.error(
                    IssueCode::CodeInvalid,
                    concept,
                    "The modifier has no HCPCS or CPT code.",
                    "Send a HCPCS or CPT modifier.",
                ),
            }
        }
        modifiers
    }
}

#[derive(Default)]
struct Marks<'j> {
    category: Option<String>,
    certification: Option<String>,
    earlier: Option<String>,
    reference: Option<String>,
    order: Option<Value<'j>>,
    code_end: Option<Value<'j>>,
    epsdt: bool,
    changed: Option<String>,
    cancelled: bool,
}

fn twice(at: Value<'_>, sequence: u32, notes: &mut Notes) {
    let at = at.get("sequence").unwrap_or(at);
    notes.error(
        IssueCode::Duplicate,
        at,
        format!("Sequence {sequence} is used twice."),
        "Give each entry its own sequence.",
    );
}

fn dangling(at: Value<'_>, name: &str, number: u32, notes: &mut Notes) {
    let at = at.get(name).unwrap_or(at);
    notes.error(
        IssueCode::NotFound,
        at,
        format!("{name} {number} points at nothing."),
        "Add the entry, or correct the number.",
    );
}

fn is_not_applicable(code: &Code) -> bool {
    code.value == "not-applicable" && systems::url(code) == "http://terminology.hl7.org/CodeSystem/data-absent-reason"
}

pub(super) fn is_service(code: &Code) -> bool {
    use CodeSystem::{Cpt, Hcpcs, Icd10Pcs, Ndc, ServiceType};
    matches!(code.system, ServiceType | Cpt | Hcpcs | Icd10Pcs | Ndc)
        || is_not_applicable(code)
        || systems::url(code) == "http://terminology.hl7.org/CodeSystem/icd9cm"
}

/// A drug by its code: NDC, RxNorm, or a HCPCS J code.
pub(super) fn is_drug(code: &Code) -> bool {
    matches!(code.system, CodeSystem::Ndc | CodeSystem::RxNorm)
        || (code.system == CodeSystem::Hcpcs && code.value.starts_with('J'))
}

/// The CodeableConcept of an ordered thing, whatever resource orders it.
fn ordered_concept(order: Value<'_>) -> Option<Value<'_>> {
    let nutrition = || {
        let diet = order.get("oralDiet").and_then(|diet| diet.get("type")?.items().next());
        diet.or_else(|| order.get("enteralFormula")?.get("baseFormulaType"))
    };
    ["code", "codeCodeableConcept", "medicationCodeableConcept"]
        .iter()
        .find_map(|name| order.get(name))
        .or_else(nutrition)
}

fn ordered_quantity(order: Value<'_>, notes: &mut Notes) -> Option<vigil_domain::request::Quantity> {
    if let Some(quantity) = pick::quantity(order, "quantityQuantity", notes) {
        return Some(quantity);
    }
    let dispensed = order.get("dispenseRequest").and_then(|found| pick::quantity(found, "quantity", notes));
    dispensed.or_else(|| pick::quantity(order.get("enteralFormula")?, "maxVolumeToDeliver", notes))
}
