//! Resources gathered by their ids, whatever order they come in.

use std::{borrow::Cow, collections::BTreeMap};

use vigil_domain::{
    party::{Address, Npi},
    stay::{
        evidence::Measured,
        news::{DiagnosisNews, Identifier, PatientNews, PayerNews, Practitioner, ProcedureNews, Told},
    },
    time::{Moment, Zone},
};

use super::{
    account::Account,
    evidence::{self, Filed},
};
use crate::{
    fhir::{party, pick, pick::Date},
    issue::{Issue, IssueCode, Notes, Severity},
    json::{Json, Kind, Limits, Value},
};

/// The types that are read; records of others are counted and ignored.
pub const READ: &[&str] = &[
    "Bundle",
    "Condition",
    "Coverage",
    "DocumentReference",
    "Encounter",
    "Location",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "Procedure",
    "ServiceRequest",
];

/// Whether a line of NDJSON says at its beginning that it is a resource of this type, without being read whole.
pub fn is_of(kind: &str, line: &[u8]) -> bool {
    let said = format!("\"resourceType\":\"{kind}\"");
    let close: Vec<u8> = line.iter().copied().filter(|b| !b.is_ascii_whitespace()).take(200).collect();
    close.windows(said.len()).any(|w| w == said.as_bytes())
}

/// A place as a Location says it.
#[derive(Debug, Clone, Default)]
pub(super) struct Location {
    pub(super) name: String,
    /// `bd` bed, `ro` room, `wa` ward, …
    pub(super) physical: String,
    pub(super) part_of: Option<String>,
}

/// A coverage with when and whether it holds.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) active: bool,
    pub(super) payer: PayerNews,
    /// The payer's id, to be named by its Organization.
    pub(super) organization: Option<String>,
}

/// Something with the encounter it belongs to and the record it came from.
#[derive(Debug, Clone)]
pub(super) struct Of<T> {
    pub(super) encounter: Option<String>,
    pub(super) is: T,
}

/// An order as a ServiceRequest says it.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    pub(super) id: String,
    pub(super) codes: Vec<vigil_domain::code::Code>,
    pub(super) text: String,
    pub(super) at: Option<Moment>,
    pub(super) state: &'static str,
    pub(super) by: Option<String>,
}

/// An encounter as kept until everything is there.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) place: String,
    pub(super) text: String,
}

/// What has been gathered so far.
#[derive(Debug)]
pub struct Gathering {
    zone: Zone,
    pub(super) account: Account,
    pub(super) patients: BTreeMap<String, PatientNews>,
    pub(super) encounters: BTreeMap<String, Kept>,
    pub(super) coverages: BTreeMap<String, Vec<Held>>,
    pub(super) conditions: BTreeMap<String, DiagnosisNews>,
    pub(super) procedures: Vec<Of<ProcedureNews>>,
    pub(super) orders: Vec<Of<Ordered>>,
    /// When laboratory work was done in an encounter.
    pub(super) laboratory: Vec<Of<Moment>>,
    /// Vital signs of an encounter.
    pub(super) signs: Vec<Of<Vec<Measured>>>,
    /// Documents of an encounter.
    pub(super) documents: Vec<Of<Filed>>,
    pub(super) locations: BTreeMap<String, Location>,
    pub(super) practitioners: BTreeMap<String, Practitioner>,
    pub(super) organizations: BTreeMap<String, String>,
}

/// The id a reference points at, of whichever form: `Type/id`, an address, `urn:uuid:id`.
pub(super) fn target(reference: &str) -> String {
    reference.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
}

pub(super) fn reference(at: Value<'_>, name: &str) -> Option<String> {
    Some(target(&at.get(name)?.get("reference")?.text()?))
}

pub(super) fn word(at: Value<'_>, name: &str) -> String {
    at.get(name).and_then(Value::text).unwrap_or_default().into_owned()
}

/// A time; one without an offset is the facility's. A day alone is no time.
pub(super) fn moment(at: Value<'_>, name: &str, zone: &Zone, notes: &mut Notes) -> Option<Moment> {
    let local = at.get(name).and_then(Value::text).and_then(|text| text.parse::<jiff::civil::DateTime>().ok());
    let written =
        at.get(name).and_then(Value::text).is_some_and(|text| text.len() > 10 && text.parse::<Moment>().is_err());
    if let Some(local) = local.filter(|_| written) {
        return local.to_zoned(zone.tz().clone()).ok().map(|zoned| zoned.timestamp());
    }
    match pick::date(at, name, notes)? {
        Date::Moment(moment, _) => Some(moment),
        _ => None,
    }
}

impl Gathering {
    /// Nothing yet. Times that name no offset are in this zone: the facility's.
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            account: Account::default(),
            patients: BTreeMap::new(),
            encounters: BTreeMap::new(),
            coverages: BTreeMap::new(),
            conditions: BTreeMap::new(),
            procedures: Vec::new(),
            orders: Vec::new(),
            laboratory: Vec::new(),
            signs: Vec::new(),
            documents: Vec::new(),
            locations: BTreeMap::new(),
            practitioners: BTreeMap::new(),
            organizations: BTreeMap::new(),
        }
    }

    /// One resource as text: a line of NDJSON, or a whole Bundle.
    pub fn read(&mut self, place: &str, text: &[u8]) {
        match Json::parse(text, Limits::default()) {
            Ok(json) => self.resource(place, json.root(), None),
            Err(error) => {
                self.account.records += 1;
                self.account.refuse("unknown", place, &[Issue::from(error)]);
            }
        }
    }

    /// Records of a type that nothing is read from.
    pub fn ignore(&mut self, kind: &str, count: u64) {
        self.account.records += count;
        self.account.ignore(kind, "nothing about a stay is read from this type", count);
    }

    /// One resource; one that was just made has no id of its own yet and is known by its full URL.
    fn resource(&mut self, place: &str, at: Value<'_>, full_url: Option<String>) {
        let kind = word(at, "resourceType");
        if kind == "Bundle" {
            let entries = at.get("entry").into_iter().flat_map(Value::items);
            for (index, entry) in entries.enumerate() {
                match entry.get("resource").filter(|r| r.kind() == Kind::Object) {
                    Some(resource) => {
                        let url = Some(word(entry, "fullUrl")).filter(|url| !url.is_empty());
                        self.resource(&format!("{place} entry {index}"), resource, url);
                    }
                    None => {
                        self.account.records += 1;
                        self.account.ignore("Bundle.entry", "an entry without a resource", 1);
                    }
                }
            }
            return;
        }
        self.account.records += 1;
        let mut notes = Notes::default();
        let mut id = word(at, "id");
        if id.is_empty() {
            id = full_url.map(|url| target(&url)).unwrap_or_default();
        }
        if kind.is_empty() || id.is_empty() {
            let missing = if kind.is_empty() { "resourceType" } else { "id" };
            notes.missing(at, missing);
        } else {
            self.keep(&kind, id, place, at, &mut notes);
        }
        if notes.refused() {
            let named = if kind.is_empty() { "unknown" } else { &kind };
            self.account.refuse(named, place, &notes.issues);
        }
    }

    fn keep(&mut self, kind: &str, id: String, place: &str, at: Value<'_>, notes: &mut Notes) {
        let twice = match kind {
            "Patient" => self.patients.contains_key(&id),
            "Condition" => self.conditions.contains_key(&id),
            _ => false,
        };
        if twice {
            return self.account.ignore(kind, "the same id stands before it", 1);
        }
        match kind {
            "Patient" => {
                let news = patient(at, &self.zone, notes);
                if !notes.refused() {
                    self.patients.insert(id, news);
                }
            }
            "Encounter" => {
                if self.encounters.contains_key(&id) {
                    let details = "An encounter with this id stands before it.";
                    return notes.error(IssueCode::Duplicate, at, details, "Send each encounter once.");
                }
                self.encounters.insert(id, Kept { place: place.to_owned(), text: at.raw().to_owned() });
            }
            "Coverage" => self.coverage(at, notes),
            "Condition" => {
                let codes = at.get("code").map(|code| pick::concept_codes(code, notes)).unwrap_or_default();
                match codes.into_iter().next() {
                    _ if notes.refused() => {}
                    Some(code) => {
                        self.conditions.insert(id, DiagnosisNews { code, kind: String::new(), rank: 0 });
                    }
                    None => notes.missing(at, "code"),
                }
            }
            "Procedure" => self.procedure(at, notes),
            "ServiceRequest" => self.order(id, at, notes),
            "Observation" => self.observation(at, notes),
            "DocumentReference" => self.document(id, at, notes),
            "Location" => {
                let physical = at.get("physicalType").and_then(pick::first_coding).map(|(_, c)| c.into_owned());
                let location = Location {
                    name: word(at, "name"),
                    physical: physical.unwrap_or_default(),
                    part_of: reference(at, "partOf"),
                };
                self.locations.insert(id, location);
                self.account.take(kind);
            }
            "Practitioner" => {
                let npi = party::identifier_of(at, crate::fhir::systems::NPI);
                let npi = npi.and_then(|n| Npi::checked(&n).map(|n| n.digits().to_owned()));
                let name = party::person_name(at, notes).listed();
                if !notes.refused() {
                    self.practitioners.insert(id.clone(), Practitioner { id, npi, name });
                    self.account.take(kind);
                }
            }
            "Organization" => {
                self.organizations.insert(id, word(at, "name"));
                self.account.take(kind);
            }
            _ => self.account.ignore(kind, "nothing about a stay is read from this type", 1),
        }
    }

    fn coverage(&mut self, at: Value<'_>, notes: &mut Notes) {
        let Some(patient) = reference(at, "beneficiary") else { return notes.missing(at, "beneficiary") };
        let (from, through) = pick::period(at, "period", notes).unwrap_or_default();
        let class = |wanted: &str| {
            at.get("class")?
                .items()
                .find(|c| c.get("type").and_then(pick::first_coding).is_some_and(|(_, code)| code == wanted))
        };
        let plan = class("plan").or_else(|| class("group"));
        let payor = at.get("payor").and_then(|p| p.items().next());
        let organization = payor.and_then(|p| Some(target(&p.get("reference")?.text()?)));
        let kind = at.get("type");
        let plan_type = kind.and_then(pick::first_coding).map(|(_, c)| c).or_else(|| kind?.get("text")?.text());
        let number = |name: &str| pick::text(at, name, &mut Notes::default()).map(Cow::into_owned);
        let payer = PayerNews {
            order: pick::positive(at, "order", notes).and_then(|n| u8::try_from(n).ok()).unwrap_or(0),
            plan_id: plan.map(|p| word(p, "value")).unwrap_or_default(),
            payer_id: organization.clone().unwrap_or_default(),
            name: plan
                .map(|p| word(p, "name"))
                .filter(|n| !n.is_empty())
                .unwrap_or_else(|| word(kind.unwrap_or(at), "text")),
            plan_type: plan_type.unwrap_or_default().into_owned(),
            line_of_business: None,
            member_id: number("subscriberId").unwrap_or_default(),
            group: class("group").map(|p| word(p, "value")).unwrap_or_default(),
            from,
            through,
            authorizations: Vec::new(),
        };
        let active = word(at, "status") == "active";
        if !notes.refused() {
            self.coverages.entry(patient).or_default().push(Held { active, payer, organization });
        }
    }

    fn procedure(&mut self, at: Value<'_>, notes: &mut Notes) {
        let encounter = reference(at, "encounter");
        let codes = at.get("code").map(|code| pick::concept_codes(code, notes)).unwrap_or_default();
        let performed = moment(at, "performedDateTime", &self.zone, notes);
        let period = at.get("performedPeriod").and_then(|p| moment(p, "start", &self.zone, notes));
        match codes.into_iter().next() {
            _ if notes.refused() => {}
            Some(code) => self.procedures.push(Of { encounter, is: ProcedureNews { code, at: performed.or(period) } }),
            None => self.account.ignore("Procedure", "it has no code", 1),
        }
    }

    fn order(&mut self, id: String, at: Value<'_>, notes: &mut Notes) {
        let state = match word(at, "status").as_str() {
            "active" | "completed" | "on-hold" => "placed",
            "draft" => "unsigned",
            "revoked" => "discontinued",
            _ => "cancelled",
        };
        let text = at.get("code").and_then(|c| c.get("text")).and_then(Value::text).unwrap_or_default().into_owned();
        let ordered = Ordered {
            id,
            codes: at.get("code").map(|code| pick::concept_codes(code, notes)).unwrap_or_default(),
            text,
            at: moment(at, "authoredOn", &self.zone, notes),
            state,
            by: reference(at, "requester"),
        };
        if !notes.refused() {
            self.orders.push(Of { encounter: reference(at, "encounter"), is: ordered });
        }
    }

    fn document(&mut self, id: String, at: Value<'_>, notes: &mut Notes) {
        let Some(filed) = evidence::filed(id, at, &self.zone, notes).filter(|_| !notes.refused()) else { return };
        let first = at.get("context").and_then(|context| context.get("encounter")?.items().next());
        let encounter = first.and_then(|first| Some(target(&first.get("reference")?.text()?)));
        self.documents.push(Of { encounter, is: filed });
    }

    /// Laboratory work tells when care was under way; vital signs may be triage, which does not count, and are kept for
    /// whoever reviews.
    fn observation(&mut self, at: Value<'_>, notes: &mut Notes) {
        let categories = || at.get("category").into_iter().flat_map(Value::items).filter_map(pick::first_coding);
        let laboratory = categories().any(|(_, code)| code == "laboratory");
        if categories().any(|(_, code)| code == "vital-signs") {
            return self.vital(at, notes);
        }
        let when = moment(at, "effectiveDateTime", &self.zone, notes);
        match (laboratory, reference(at, "encounter"), when) {
            _ if notes.refused() => {}
            (true, Some(encounter), Some(when)) => self.laboratory.push(Of { encounter: Some(encounter), is: when }),
            (true, ..) => self.account.ignore("Observation", "laboratory work without an encounter or a time", 1),
            _ => self.account.ignore("Observation", "neither laboratory work nor a vital sign", 1),
        }
    }

    fn vital(&mut self, at: Value<'_>, notes: &mut Notes) {
        let when = moment(at, "effectiveDateTime", &self.zone, notes);
        let (Some(encounter), Some(when)) = (reference(at, "encounter"), when) else {
            return self.account.ignore("Observation", "a vital sign without an encounter or a time", 1);
        };
        if matches!(word(at, "status").as_str(), "entered-in-error" | "cancelled") {
            return self.account.ignore("Observation", "a vital sign that was called off", 1);
        }
        let signs = evidence::measured(at, when, notes);
        if signs.is_empty() && !notes.refused() {
            return self.account.ignore("Observation", "a vital sign without a code and a number", 1);
        }
        if !notes.refused() {
            self.signs.push(Of { encounter: Some(encounter), is: signs });
        }
    }
}

fn patient(at: Value<'_>, zone: &Zone, notes: &mut Notes) -> PatientNews {
    let mut identifiers: Vec<Identifier> = at
        .get("identifier")
        .into_iter()
        .flat_map(Value::items)
        .filter_map(|found| {
            let value = word(found, "value");
            let kind = found.get("type").and_then(pick::first_coding).map(|(_, code)| code.into_owned());
            let authority = word(found, "system");
            (!value.is_empty()).then(|| Identifier { value, authority, kind: kind.unwrap_or_default() })
        })
        .collect();
    identifiers.sort_by_key(|id| id.kind != "MR");
    if identifiers.is_empty() {
        identifiers.push(Identifier { value: word(at, "id"), ..Identifier::default() });
    }
    let language = at.get("communication").and_then(|spoken| spoken.items().next());
    let language = language.and_then(|l| pick::first_coding(l.get("language")?)).map(|(_, code)| code.into_owned());
    PatientNews {
        identifiers,
        name: Some(Told::Is(party::person_name(at, notes))),
        birth_day: pick::day(at, "birthDate", notes).map(Told::Is),
        sex: Some(Told::Is(party::sex(at, notes))),
        address: party::address(at).filter(|a| *a != Address::default()).map(Told::Is),
        phone: party::phone(at).map(Told::Is),
        language: language.map(Told::Is),
        died_at: moment(at, "deceasedDateTime", zone, notes).map(Told::Is),
    }
}

/// An issue with a place of its own.
pub(super) fn at_fault(expression: &str, code: IssueCode, details: &str, todo: &str) -> Issue {
    Issue {
        severity: Severity::Error,
        code,
        expression: expression.to_owned(),
        details: details.to_owned(),
        diagnostics: todo.to_owned(),
    }
}
