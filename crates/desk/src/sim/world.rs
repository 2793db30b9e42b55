//! The simulated department's world: contracts, roster, directory. All names are invented.

use vigil_domain::{
    code::{Code, CodeSystem},
    party::{Address, Contract, Coverage, LineOfBusiness, Member, Npi, PersonName, Provider, Sex},
    time::{Day, Zone},
};
use vigil_store::WriteItem;

use super::rng::Rng;

/// Everybody and everything that exists before the first request.
#[derive(Debug, Clone)]
pub struct World {
    /// The payers' contracts.
    pub contracts: Vec<Contract>,
    /// Members, each with the index of the contract of their coverage.
    pub members: Vec<(Member, usize)>,
    /// Coverages, expired and other ones included.
    pub coverages: Vec<Coverage>,
    /// Those who ask and provide.
    pub providers: Vec<Provider>,
}

const FAMILIES: &[&str] = &[
    "Ashgrove",
    "Birchfield",
    "Calderwick",
    "Dunmoor",
    "Elmsworth",
    "Fernhollow",
    "Greystead",
    "Hazelbrook",
    "Ivorne",
    "Juniperro",
    "Kestrelman",
    "Larkspurr",
    "Mapleton-Ruiz",
    "Northwell",
    "Oakhurst",
    "Pinecrest",
    "Quillfeather",
    "Rowanwood",
    "Silverlake",
    "Thornbury",
    "Umberland",
    "Valdemora",
    "Willowby",
    "Yarrowdale",
    "Montesol",
    "Riofresco",
    "Campoverde",
    "Lunasierra",
];
/// Given names, each with the sex of its bearers.
const GIVEN: &[(&str, Sex)] = &[
    ("Ada", Sex::Female),
    ("Bruno", Sex::Male),
    ("Celia", Sex::Female),
    ("Dario", Sex::Male),
    ("Edith", Sex::Female),
    ("Felix", Sex::Male),
    ("Greta", Sex::Female),
    ("Hugo", Sex::Male),
    ("Ines", Sex::Female),
    ("Jonas", Sex::Male),
    ("Katia", Sex::Female),
    ("Leon", Sex::Male),
    ("Mara", Sex::Female),
    ("Nils", Sex::Male),
    ("Olga", Sex::Female),
    ("Pablo", Sex::Male),
    ("Quinn", Sex::Female),
    ("Rosa", Sex::Female),
    ("Simon", Sex::Male),
    ("Tilda", Sex::Female),
    ("Ulric", Sex::Male),
    ("Vera", Sex::Female),
    ("Wanda", Sex::Female),
    ("Xavier", Sex::Male),
    ("Yolanda", Sex::Female),
    ("Zeno", Sex::Male),
];
const STREETS: &[&str] = &["Sample Street", "Test Avenue", "Demonstration Road", "Example Lane", "Specimen Court"];

/// One contract in a line of a table.
struct Row {
    id: &'static str,
    payer: &'static str,
    plan: &'static str,
    name: &'static str,
    line: LineOfBusiness,
    state: &'static str,
    city: (&'static str, &'static str),
    zone: &'static str,
    share: u32,
}

const ROWS: &[Row] = &[
    row(
        "H9001",
        "60001",
        "MA-NY-01",
        "Larchmere Advantage",
        LineOfBusiness::MedicareAdvantage,
        "NY",
        ("Albany", "12207"),
        "America/New_York",
        34,
    ),
    row(
        "H9002",
        "60001",
        "MA-MA-01",
        "Larchmere Advantage Bay State",
        LineOfBusiness::MedicareAdvantage,
        "MA",
        ("Worcester", "01608"),
        "America/New_York",
        12,
    ),
    row(
        "M9101",
        "60002",
        "MMC-NY-01",
        "Larchmere Family Care",
        LineOfBusiness::MedicaidManagedCare,
        "NY",
        ("Albany", "12207"),
        "America/New_York",
        18,
    ),
    row(
        "M9102",
        "60002",
        "MMC-MA-01",
        "Larchmere Commonwealth Care",
        LineOfBusiness::MedicaidManagedCare,
        "MA",
        ("Worcester", "01608"),
        "America/New_York",
        10,
    ),
    row(
        "C9201",
        "60003",
        "COM-NY-01",
        "Larchmere Select",
        LineOfBusiness::CommercialInsured,
        "NY",
        ("Buffalo", "14202"),
        "America/New_York",
        12,
    ),
    row(
        "H9003",
        "60004",
        "MA-TX-01",
        "Larchmere Advantage Lone Star",
        LineOfBusiness::MedicareAdvantage,
        "TX",
        ("Austin", "78701"),
        "America/Chicago",
        8,
    ),
    row(
        "H9004",
        "60004",
        "MA-CA-01",
        "Larchmere Advantage Pacific",
        LineOfBusiness::MedicareAdvantage,
        "CA",
        ("Oakland", "94607"),
        "America/Los_Angeles",
        6,
    ),
];

#[expect(clippy::too_many_arguments, reason = "a line of the table above")]
const fn row(
    id: &'static str,
    payer: &'static str,
    plan: &'static str,
    name: &'static str,
    line: LineOfBusiness,
    state: &'static str,
    city: (&'static str, &'static str),
    zone: &'static str,
    share: u32,
) -> Row {
    Row { id, payer, plan, name, line, state, city, zone, share }
}

/// The contracts of the simulated payer, complete enough that every letter can be written.
///
/// # Panics
/// Never: the zones are in the bundled database.
pub fn contracts() -> Vec<Contract> {
    ROWS.iter().map(contract).collect()
}

fn contract(row: &Row) -> Contract {
    let rating = match row.id {
        "M9101" => Some(jiff::civil::date(2026, 4, 1)),
        "M9102" => Some(jiff::civil::date(2026, 1, 1)),
        _ => None,
    };
    Contract {
        id: row.id.into(),
        payer_id: row.payer.into(),
        plan_id: row.plan.into(),
        name: row.name.into(),
        line_of_business: row.line.clone(),
        state: row.state.into(),
        zone: Zone::named(row.zone).expect("the zones of the table are in the bundled database"),
        rating_period_start: rating,
        grandfathered: false,
        accreditation: None,
        contractors: vec!["Noridian DME MAC".into(), "CGS DME MAC".into()],
        phone: Some("1-800-555-0100".into()),
        tty: Some("711".into()),
        address: Some(address("100 Demonstration Plaza", row)),
        correspondence: correspondence(row),
        demonstration: true,
        excluded_services: vec![Code::new(CodeSystem::Hcpcs, "V5261")],
        network_only: row.line == LineOfBusiness::CommercialInsured,
    }
}

fn address(street: &str, row: &Row) -> Address {
    Address { lines: vec![street.into()], city: row.city.0.into(), state: row.state.into(), zip: row.city.1.into() }
}

fn correspondence(row: &Row) -> std::collections::BTreeMap<String, String> {
    let place = format!("{}, {} {}", row.city.0, row.state, row.city.1);
    [
        ("plan_hours.en", "8 a.m. to 8 p.m., seven days a week".to_owned()),
        ("plan_hours.es", "de 8\u{a0}a.\u{a0}m. a 8\u{a0}p.\u{a0}m., todos los días".to_owned()),
        ("plan_website", "www.larchmere.example".to_owned()),
        ("criteria_url", "www.larchmere.example/rules".to_owned()),
        ("info_fax", "1-800-555-0143".to_owned()),
        ("appeal_fax", "1-800-555-0144".to_owned()),
        ("appeal_phone", "1-800-555-0145".to_owned()),
        ("appeal_address_lines.en", format!("{} Appeals\nPO Box 1200\n{place}", row.name)),
        ("appeal_address_lines.es", format!("{}, Apelaciones\nPO Box 1200\n{place}", row.name)),
        ("peer_to_peer_phone", "1-800-555-0151".to_owned()),
        ("peer_to_peer_days", "14".to_owned()),
        ("reviewer_phone", "1-800-555-0152".to_owned()),
        ("complaint_contact.en", "State Department of Insurance, 1-800-555-0185".to_owned()),
        ("complaint_contact.es", "el Departamento de Seguros del estado, 1-800-555-0185".to_owned()),
        ("grievance_phone", "1-800-555-0146".to_owned()),
        ("fair_hearing_contact.en", format!("State Office of Hearings, PO Box 22, {place}, 1-800-555-0160")),
        ("fair_hearing_contact.es", format!("la Oficina de Audiencias del estado, PO Box 22, {place}, 1-800-555-0160")),
        ("review_entity", format!("Independent Review Entity, PO Box 900, {place}, 1-800-555-0170")),
        ("notice_number", format!("{}-2026-01", row.id)),
        ("medicaid_office.en", "State Medicaid Helpline, 1-800-555-0161".to_owned()),
        ("medicaid_office.es", "la línea de ayuda de Medicaid del estado, 1-800-555-0161".to_owned()),
        ("external_review_contact.en", "State Department of Financial Services, 1-800-555-0180".to_owned()),
        (
            "external_review_contact.es",
            "el Departamento de Servicios Financieros del estado, 1-800-555-0180".to_owned(),
        ),
        ("external_review_form.en", "the form “Request for an external review”".to_owned()),
        ("external_review_form.es", "el formulario «Solicitud de revisión externa»".to_owned()),
        ("language_help.en", "Free language help, large print and braille are available.".to_owned()),
        ("language_help.es", "Hay ayuda gratis en su idioma, letra grande y braille.".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A valid NPI out of a number below 100 million.
pub fn npi(number: u32) -> String {
    let nine = format!("1{:08}", number % 100_000_000);
    (0..10).map(|check| format!("{nine}{check}")).find(|text| Npi::checked(text).is_some()).unwrap_or_default()
}

impl World {
    /// The world of a seed, standing on a day: ages and coverages are right around it.
    pub fn new(rng: &mut Rng, on: Day, members: usize) -> Self {
        let contracts = contracts();
        let mut world = Self { contracts, members: Vec::new(), coverages: Vec::new(), providers: Vec::new() };
        for number in 0..members {
            world.enrol(rng, on, number);
        }
        world.directory(rng);
        world
    }

    fn enrol(&mut self, rng: &mut Rng, on: Day, number: usize) {
        let shares: Vec<u32> = ROWS.iter().map(|r| r.share).collect();
        let at = rng.weighted(&shares);
        let (row, contract) = (&ROWS[at], &self.contracts[at]);
        let years = match row.line {
            LineOfBusiness::MedicareAdvantage => rng.between(65, 92),
            LineOfBusiness::MedicaidManagedCare => rng.between(4, 63),
            _ => rng.between(19, 64),
        };
        let born = on.checked_sub(jiff::Span::new().years(years).days(rng.between(0, 364))).unwrap_or(on);
        let family = *rng.pick(FAMILIES);
        let (given, sex) = rng.pick(GIVEN).clone();
        let member = Member {
            payer_id: contract.payer_id.clone(),
            member_id: format!("L{:07}", 1_000_000 + number * 7),
            name: PersonName { family: family.into(), given: given.into() },
            birth_day: Some(born),
            sex,
            address: Some(address(&format!("{} {}", rng.between(1, 400), rng.pick(STREETS)), row)),
            phone: Some(format!("1-518-555-01{:02}", rng.below(100))),
            language: Some(if rng.per_mille(180) { "es" } else { "en" }.into()),
            provisional: false,
        };
        let since = on.checked_sub(jiff::Span::new().years(1)).unwrap_or(on);
        let expired = rng.per_mille(25);
        let other = rng.per_mille(25);
        let coverage = Coverage {
            payer_id: member.payer_id.clone(),
            member_id: member.member_id.clone(),
            subscriber_id: None,
            plan_id: contract.plan_id.clone(),
            from: since,
            through: expired.then(|| on.checked_add(jiff::Span::new().days(rng.between(20, 300))).unwrap_or(on)),
            order: if other { 2 } else { 1 },
        };
        if other {
            let first = Coverage { plan_id: "OTHER-01".into(), order: 1, through: None, ..coverage.clone() };
            self.coverages.push(first);
        }
        self.coverages.push(coverage);
        self.members.push((member, at));
    }

    fn directory(&mut self, rng: &mut Rng) {
        let plans: Vec<String> = self.contracts.iter().map(|c| c.plan_id.clone()).collect();
        let kinds: &[(&str, &str, bool)] = &[
            ("Lakeside Test Hospital", "hospital", true),
            ("Sample Rehabilitation Institute", "rehabilitation", true),
            ("Example Home Medical Supply", "durable-medical-equipment", true),
            ("Specimen Sleep Center", "sleep-medicine", true),
            ("Demonstration Infusion Clinic", "neurology", true),
            ("Dr. Noa Testerman", "internal-medicine", false),
            ("Dr. Ravi Sampleson", "pulmonology", false),
            ("Dr. Mina Placeholder", "orthopedic-surgery", false),
            ("Dr. Otto Fixture", "family-medicine", false),
            ("Example Home Health Agency", "home-health", true),
        ];
        for number in 0..40_u32 {
            let (name, specialty, organization) = kinds[number as usize % kinds.len()];
            let networks = if number % 7 == 6 { Vec::new() } else { plans.clone() };
            self.providers.push(Provider {
                npi: Some(npi(30_000_000 + number * 1_237 + u32::try_from(rng.below(900)).unwrap_or(0))),
                name: if number < 10 { name.to_owned() } else { format!("{name} {}", number / 10 + 1) },
                organization,
                specialties: vec![specialty.into()],
                phone: Some(format!("1-518-555-01{:02}", number % 100)),
                address: Some(address(&format!("{} Test Avenue", number + 1), &ROWS[0])),
                networks,
            });
        }
    }

    /// Everything as writes for the store.
    pub fn items(&self) -> Vec<WriteItem> {
        let contracts = self.contracts.iter().cloned().map(WriteItem::Contract);
        let members = self.members.iter().map(|(m, _)| WriteItem::Member(m.clone()));
        let coverages = self.coverages.iter().cloned().map(WriteItem::Coverage);
        let providers = self.providers.iter().cloned().map(WriteItem::Provider);
        contracts.chain(members).chain(coverages).chain(providers).collect()
    }
}
