//! The health system's hospitals, people, payers' terms and table of expected stays: all invented, and marked so.

use jiff::civil::date;
use vigil_domain::{
    party::{Contract, Credential, Licence, LineOfBusiness},
    stay::{
        command::Actor,
        delay::ExpectedStay,
        facility::{
            AdvisorDuty, ClassRule, CommitteeMember, Facility, OrderRule, PayerRule, QualityOrganization, SiteMap,
        },
        news::PatientStatus,
        payer::PayerTerms,
    },
    time::Zone,
};

use crate::hospital::act;

/// The payer id under which Original Medicare stands on a stay.
pub const MEDICARE: &str = "MEDICARE-A";

/// Id and name of the hospitals.
pub const HOSPITALS: [(&str, &str); 2] =
    [("riverside", "Larkfield Riverside Hospital"), ("hillcrest", "Larkfield Hillcrest Hospital")];

/// Account, name, licence.
const PEOPLE: [(&str, &str, &str); 6] = [
    ("urnurse", "Paula Ridgeway, RN", "RN"),
    ("casemanager", "Lucia Ferrant, RN", "RN"),
    ("advisor", "Samuel Okafor-Lind, MD", "MD"),
    ("committee", "Ingrid Solberg, MD", "MD"),
    ("advisor2", "Tobias Renner, MD", "MD"),
    ("cmo", "Victor Almeida, MD", "MD"),
];

/// Who signs in on the hospital side: account, name shown, credential.
pub fn people() -> Vec<(String, String, Credential)> {
    PEOPLE.iter().map(|(account, name, _)| ((*account).into(), (*name).into(), credential(account))).collect()
}

fn credential(account: &str) -> Credential {
    let (_, name, kind) = PEOPLE.iter().find(|p| p.0 == account).copied().unwrap_or(("", "", ""));
    let licence = Licence {
        kind: kind.into(),
        state: "NY".into(),
        number: format!("NY-{kind}-0100"),
        from: date(2014, 7, 1),
        through: date(2029, 6, 30),
    };
    Credential {
        person: account.into(),
        name: name.into(),
        licences: vec![licence],
        specialties: if kind == "MD" { vec!["internal-medicine".into()] } else { Vec::new() },
        npi: None,
        reports_to: None,
        attested_on: Some(date(2026, 1, 5)),
    }
}

/// A person of the table, with the seats the facilities give.
pub(super) fn actor(account: &str) -> Actor {
    let credential = credential(account);
    let name = credential.name.clone();
    act::actor(&facilities(), account, &name, credential)
}

/// The two hospitals. The chief medical officer of Riverside is not appointed there; one advisor only at Hillcrest.
pub fn facilities() -> Vec<Facility> {
    let member = |person: &str| CommitteeMember {
        person: person.into(),
        name: credential(person).name,
        physician: true,
        from: date(2025, 1, 1),
        through: None,
        financial_interest: false,
    };
    let duty = |person: &str, from_hour: i8, until_hour: i8| AdvisorDuty {
        person: person.into(),
        name: credential(person).name,
        weekdays: vec![1, 2, 3, 4, 5],
        from_hour,
        until_hour,
    };
    let hospital = |place: usize, members: &[&str], advisors: Vec<AdvisorDuty>| Facility {
        id: HOSPITALS[place].0.into(),
        name: HOSPITALS[place].1.into(),
        zone: Zone::named("America/New_York").expect("New York is in the bundled zone database"),
        state: "NY".into(),
        ccn: None,
        kind: "acute".into(),
        senders: vec![format!("REG|{}", HOSPITALS[place].0.to_uppercase())],
        site: site(),
        committee: members.iter().map(|m| member(m)).collect(),
        advisors,
        chief_medical_officer: Some("cmo".into()),
        officer_cover: Vec::new(),
        away: Vec::new(),
        quality_organization: Some(QualityOrganization {
            name: "Demonstration Quality Organization".into(),
            phone: "1-800-555-0142".into(),
        }),
        prospective_payment: Some(true),
        part_456: None,
        feed_watch: None,
        demonstration: true,
    };
    vec![
        hospital(0, &["advisor", "committee"], vec![duty("advisor", 7, 19)]),
        hospital(1, &["advisor", "advisor2", "cmo"], vec![duty("advisor2", 7, 19)]),
    ]
}

/// How both hospitals code status, orders and payers, so that a feed may be tried on the demonstration.
fn site() -> SiteMap {
    let observed = ClassRule {
        class: Some("O".into()),
        patient_type: Some("OBS".into()),
        service: None,
        accommodation: None,
        unit: None,
        field: None,
        status: PatientStatus::Observation,
    };
    let order = |code: &str, status| OrderRule { code: Some(code.into()), words: None, status };
    let medicare = PayerRule {
        payer_id: Some(MEDICARE.into()),
        plan_id: None,
        plan_type: None,
        words: None,
        line_of_business: LineOfBusiness::OriginalMedicare,
    };
    SiteMap {
        version: "demonstration".into(),
        classes: vec![observed],
        orders: vec![order("PLACEOBS", PatientStatus::Observation), order("ADMITIP", PatientStatus::Inpatient)],
        payers: vec![medicare],
        ..SiteMap::default()
    }
}

/// The contracts' terms with the hospitals, for the payers of New York.
pub fn terms(contracts: &[Contract]) -> Vec<PayerTerms> {
    let of = |contract: &Contract| PayerTerms {
        payer_id: contract.payer_id.clone(),
        plan_id: Some(contract.plan_id.clone()),
        name: contract.name.clone(),
        line_of_business: contract.line_of_business.clone(),
        notify_hours: Some(24),
        weekend_by_hour: Some(17),
        observation_too: false,
        late_hours_whole_stay: Some(72),
        clinicals_hours: Some(24),
        peer_to_peer_hours: Some(48),
        needs_authorization: true,
        in_network: true,
        cite: format!("Demonstration agreement of {} with Larkfield Health, exhibit C", contract.name),
        confidence: "made up for the demonstration".into(),
        here: contract.line_of_business == LineOfBusiness::MedicareAdvantage,
    };
    contracts.iter().filter(|c| c.state == "NY").map(of).collect()
}

/// Expected days by MS-DRG: invented figures, so that observed to expected can be shown. A site imports IPPS Table 5.
pub(super) fn expected_stays() -> Vec<ExpectedStay> {
    let row = |ms_drg: &str, gmlos: f64| ExpectedStay {
        ms_drg: ms_drg.into(),
        from: date(2026, 10, 1),
        through: date(2027, 9, 30),
        gmlos,
        table: "demonstration figures, not CMS Table 5".into(),
    };
    vec![row("291", 3.5), row("193", 3.9), row("065", 3.0), row("690", 2.8), row("313", 1.6), row("871", 4.6)]
}
