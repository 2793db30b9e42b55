//! The people and organizations of a request: member, coverage, the payer's contract, provider, reviewer's credential.

use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    codes,
    time::{Day, Zone},
};

codes! {
    /// A line of business, in the words of the law packs' scope.
    LineOfBusiness {
        MedicareAdvantage = "medicare-advantage",
        OriginalMedicare = "original-medicare",
        PartD = "part-d",
        DsnpIntegrated = "dsnp-integrated",
        MedicaidManagedCare = "medicaid-managed-care",
        MedicaidFfs = "medicaid-ffs",
        Chip = "chip",
        ExchangeFfe = "exchange-ffe",
        ExchangeState = "exchange-state",
        CommercialInsured = "commercial-insured",
        SelfFunded = "self-funded",
    }
}

impl LineOfBusiness {
    /// The name people read.
    pub fn title(&self) -> &str {
        match self {
            Self::MedicareAdvantage => "Medicare Advantage",
            Self::OriginalMedicare => "Original Medicare",
            Self::PartD => "Medicare Part D",
            Self::DsnpIntegrated => "Integrated D-SNP",
            Self::MedicaidManagedCare => "Medicaid managed care",
            Self::MedicaidFfs => "Medicaid fee-for-service",
            Self::Chip => "CHIP",
            Self::ExchangeFfe => "Federal exchange",
            Self::ExchangeState => "State exchange",
            Self::CommercialInsured => "Commercial, insured",
            Self::SelfFunded => "Self-funded (ERISA)",
            Self::Other(word) => word,
        }
    }
}

codes! {
    /// Administrative sex as stated by the source.
    Sex { Female = "female", Male = "male", OtherSex = "other", Unknown = "unknown" }
}

/// A person's name as stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// Family name.
    pub family: String,
    /// Given names, space between.
    pub given: String,
}

impl PersonName {
    /// `Doe, Jane`: as lists and case heads show it.
    pub fn listed(&self) -> String {
        match (self.family.is_empty(), self.given.is_empty()) {
            (false, false) => format!("{}, {}", self.family, self.given),
            (false, true) => self.family.clone(),
            _ => self.given.clone(),
        }
    }

    /// `Jane Doe`: as letters address it.
    pub fn spoken(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }
}

/// A postal address, United States form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    /// Street lines.
    pub lines: Vec<String>,
    /// City.
    pub city: String,
    /// Two-letter state.
    pub state: String,
    /// ZIP code.
    pub zip: String,
}

/// A member on the roster, or as enrolled provisionally.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The payer that knows the member by this number.
    pub payer_id: String,
    /// The member number on the card.
    pub member_id: String,
    /// The member's name.
    pub name: PersonName,
    /// Birth day.
    pub birth_day: Option<Day>,
    /// Administrative sex.
    pub sex: Sex,
    /// Where letters go.
    #[serde(default)]
    pub address: Option<Address>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
    /// BCP 47 language for letters; English when unknown.
    #[serde(default)]
    pub language: Option<String>,
    /// Enrolled by Vigil from a request, not by the roster: eligibility is still to be checked.
    #[serde(default)]
    pub provisional: bool,
}

impl Member {
    /// Age in whole years on a day.
    pub fn age_on(&self, day: Day) -> Option<i16> {
        let born = self.birth_day?;
        let had = (day.month(), day.day()) >= (born.month(), born.day());
        Some(day.year() - born.year() - i16::from(!had))
    }
}

/// A member's coverage under one contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The payer.
    pub payer_id: String,
    /// The member number.
    pub member_id: String,
    /// The subscriber's number, where it differs.
    #[serde(default)]
    pub subscriber_id: Option<String>,
    /// The plan inside the payer.
    pub plan_id: String,
    /// First covered day.
    pub from: Day,
    /// Last covered day; open when absent.
    #[serde(default)]
    pub through: Option<Day>,
    /// 1 primary, 2 secondary, …
    #[serde(default = "first")]
    pub order: u8,
}

fn first() -> u8 {
    1
}

impl Coverage {
    /// Whether the coverage is in force on a day.
    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && self.through.is_none_or(|through| day <= through)
    }
}

/// A payer's contract: what a coverage resolves to, and what decides law and zone (DECISIONS 9 and 10).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// Contract id, e.g. a Medicare Advantage contract number.
    pub id: String,
    /// The payer.
    pub payer_id: String,
    /// The plan inside the payer.
    pub plan_id: String,
    /// The plan's name, as members know it.
    pub name: String,
    /// Line of business.
    pub line_of_business: LineOfBusiness,
    /// Two-letter state.
    pub state: String,
    /// The zone of legal days.
    pub zone: Zone,
    /// First day of the rating period now running (Medicaid, CHIP).
    #[serde(default)]
    pub rating_period_start: Option<Day>,
    /// A grandfathered plan under the ACA.
    #[serde(default)]
    pub grandfathered: bool,
    /// Accrediting body's word (`ncqa`), if any.
    #[serde(default)]
    pub accreditation: Option<String>,
    /// The DME / A-B contractors whose Local Coverage Determinations bind here, in the criteria packs' words.
    #[serde(default)]
    pub contractors: Vec<String>,
    /// Member services telephone and TTY for letters.
    #[serde(default)]
    pub phone: Option<String>,
    /// TTY number.
    #[serde(default)]
    pub tty: Option<String>,
    /// Return address for letters.
    #[serde(default)]
    pub address: Option<Address>,
    /// What letters must say and only the plan knows (appeal address, fax, hearing contact), by field name of the notice
    /// packs; entries of a list stand on lines of their own.
    #[serde(default)]
    pub correspondence: std::collections::BTreeMap<String, String>,
    /// Made for demonstration or tests; pages say so.
    #[serde(default)]
    pub demonstration: bool,
    /// Services this contract does not cover at all (benefit exclusions).
    #[serde(default)]
    pub excluded_services: Vec<Code>,
    /// Out-of-network services need the plan's agreement first.
    #[serde(default)]
    pub network_only: bool,
}

impl Contract {
    /// The jurisdiction word of the law packs: `US-NY`.
    pub fn jurisdiction(&self) -> String {
        format!("US-{}", self.state)
    }
}

/// A National Provider Identifier whose check digit holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Npi(String);

impl Npi {
    /// Ten digits whose last is the Luhn check digit over `80840` and the first nine (CMS NPI standard, 2004).
    pub fn checked(text: &str) -> Option<Self> {
        let digits: Vec<u32> = text.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
        if digits.len() != 10 {
            return None;
        }
        let sum: u32 = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(place, digit)| match (place % 2, *digit) {
                (1, d) if d > 4 => 2 * d - 9,
                (1, d) => 2 * d,
                (_, d) => d,
            })
            .sum();
        // 24 is what the fixed prefix 80840 adds to the sum.
        (sum + 24).is_multiple_of(10).then(|| Self(text.to_owned()))
    }

    /// The ten digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// A provider in the directory, or as stated on a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Provider {
    /// NPI as stated (a directory entry has passed [`Npi::checked`]).
    pub npi: Option<String>,
    /// Person's or organization's name.
    pub name: String,
    /// An organization (facility, group, agency), not a person.
    #[serde(default)]
    pub organization: bool,
    /// NUCC taxonomy codes or specialty words.
    #[serde(default)]
    pub specialties: Vec<String>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
    /// Address.
    #[serde(default)]
    pub address: Option<Address>,
    /// Plans (plan ids) in whose network the provider is.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// A licence to practise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// `MD`, `DO`, `RN`, `PharmD`, `PhD`, …
    pub kind: String,
    /// Two-letter state.
    pub state: String,
    /// Licence number.
    pub number: String,
    /// First valid day.
    pub from: Day,
    /// Last valid day.
    pub through: Day,
}

/// What a reviewer may rely on to decide: checked by the plan, kept with the account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credential {
    /// The account name of the person.
    pub person: String,
    /// The name as letters show it.
    pub name: String,
    /// Licences held.
    pub licences: Vec<Licence>,
    /// Specialties and fields of expertise, as words of the authority packs (`internal-medicine`, `psychiatry`, …).
    pub specialties: Vec<String>,
    /// NPI, where the person has one.
    #[serde(default)]
    pub npi: Option<String>,
    /// Account name of the person this one reports to.
    #[serde(default)]
    pub reports_to: Option<String>,
    /// The day of the last signed no-incentive attestation (guardrails section 4).
    #[serde(default)]
    pub attested_on: Option<Day>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npi_check_digit() {
        for (text, good) in [
            ("1234567893", true),
            ("1234567890", false),
            ("1679576722", true),
            ("8189991234", true),
            ("123456789", false),
            ("12345678A3", false),
        ] {
            assert_eq!(Npi::checked(text).is_some(), good, "{text}");
        }
    }

    #[test]
    fn age_counts_birthdays() {
        let member = Member {
            payer_id: String::new(),
            member_id: String::new(),
            name: PersonName::default(),
            birth_day: Some(jiff::civil::date(1955, 3, 2)),
            sex: Sex::Female,
            address: None,
            phone: None,
            language: None,
            provisional: false,
        };
        assert_eq!(member.age_on(jiff::civil::date(2026, 3, 1)), Some(70));
        assert_eq!(member.age_on(jiff::civil::date(2026, 3, 2)), Some(71));
    }
}
