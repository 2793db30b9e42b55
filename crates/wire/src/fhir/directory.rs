//! Rosters and directories as FHIR: Patient, Coverage, Practitioner, PractitionerRole and Organization, one resource,
//! a Bundle, or one resource on each line (NDJSON).

use std::collections::HashMap;

use vigil_domain::party::{Coverage, Member, Npi, Provider};

use super::{bundle::Entries, party, pick, references::References, systems};
use crate::{
    issue::{Issue, IssueCode, Notes, Read},
    json::{Json, Limits, Value},
};

/// Rosters are large; their resources are not deep.
const LIMITS: Limits = Limits { bytes: 1 << 30, depth: 64 };

/// What a file of resources holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Directory {
    /// Members, out of Patient.
    pub members: Vec<Member>,
    /// Coverages.
    pub coverages: Vec<Coverage>,
    /// Providers, out of Practitioner, PractitionerRole and Organization; every NPI has passed its check digit.
    pub providers: Vec<Provider>,
    /// What was passed over.
    pub warnings: Vec<Issue>,
    /// Lines of NDJSON of which nothing was taken, each issue with its line; a body of another form is refused whole.
    pub refused: Vec<Issue>,
}

/// Reads a file of resources. `payer_id` is the payer for whom a Patient, or a Coverage without a payor, is meant.
pub fn read_directory(body: &[u8], payer_id: &str) -> Read<Directory> {
    read_piece(body, payer_id, 1, &References::default())
}

/// Reads a file, or the lines of one from `first_line` on, with what other files say about its references.
pub fn read_piece(body: &[u8], payer_id: &str, first_line: usize, known: &References) -> Read<Directory> {
    // One resource on each line, when the first line is whole by itself and more follows.
    let first = body.split(|byte| *byte == b'\n').find(|line| !line.iter().all(u8::is_ascii_whitespace));
    let alone = |line: &[u8]| line.len() == body.trim_ascii().len() && first_line == 1 && known.is_empty();
    let lines = first.is_some_and(|line| Json::parse(line, LIMITS).is_ok() && !alone(line));
    let mut refused = Vec::new();
    let documents = if lines {
        by_line(body, first_line, &mut refused)
    } else {
        vec![(1, Json::parse(body, LIMITS).map_err(|error| vec![error.into()])?)]
    };
    let mut reader = Reader::with(payer_id, known);
    let mut resources = Vec::new();
    for (line, json) in &documents {
        let mut notes = Notes::default();
        super::bundle::note_doubles(json, &mut notes);
        reader.keep(notes, lines.then_some(*line));
        let root = json.root();
        if root.get("resourceType").and_then(Value::text).is_some_and(|kind| kind == "Bundle") {
            let entries = root.get("entry").into_iter().flat_map(Value::items);
            resources.extend(
                entries.filter_map(|entry| {
                    Some((*line, entry.get("resource")?, entry.get("fullUrl").and_then(Value::text)))
                }),
            );
        } else {
            resources.push((*line, root, None));
        }
    }
    // People and organizations first, so that what points at them finds them whatever the order of the file.
    for pass in [&["Patient", "Practitioner", "Organization"][..], &["Coverage", "PractitionerRole"]] {
        for (line, resource, url) in &resources {
            let kind = resource.get("resourceType").and_then(Value::text).unwrap_or_default();
            if pass.contains(&kind.as_ref()) {
                let mut notes = Notes::default();
                let before = reader.lengths();
                reader.resource(&kind, *resource, url.as_deref(), &mut notes);
                if lines && notes.refused() {
                    reader.forget(before);
                    refused.extend(notes.issues.into_iter().map(|issue| at_line(issue, *line)));
                } else {
                    reader.keep(notes, lines.then_some(*line));
                }
            }
        }
    }
    reader.passed_over(&resources);
    reader.notes.finish(Some(reader.found)).map(|(found, warnings)| Directory { warnings, refused, ..found })
}

fn by_line<'b>(body: &'b [u8], first_line: usize, refused: &mut Vec<Issue>) -> Vec<(usize, Json<'b>)> {
    let mut documents = Vec::new();
    for (at, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match Json::parse(line, LIMITS) {
            Ok(json) => documents.push((first_line + at, json)),
            Err(error) => {
                let mut issue = Issue::from(error);
                issue.expression = format!("line {}, column {}", first_line + at, error.column);
                refused.push(issue);
            }
        }
    }
    documents
}

fn at_line(mut issue: Issue, line: usize) -> Issue {
    issue.expression = format!("line {line}: {}", issue.expression);
    issue
}

#[derive(Default)]
struct Reader<'p> {
    payer_id: &'p str,
    found: Directory,
    notes: Notes,
    /// Member number by `Patient/id` and fullUrl.
    patients: HashMap<String, String>,
    /// First identifier by `Organization/id` and fullUrl.
    organizations: HashMap<String, String>,
    /// Place in `found.providers` by `Practitioner/id` and fullUrl.
    practitioners: HashMap<String, usize>,
    /// What the roles of other files say about a practitioner.
    roles: HashMap<String, (Vec<String>, Option<String>)>,
}

impl<'p> Reader<'p> {
    /// A reader that knows what other files say.
    fn with(payer_id: &'p str, known: &References) -> Self {
        let (patients, organizations) = (known.patients.clone(), known.organizations.clone());
        Self { payer_id, patients, organizations, roles: known.roles.clone(), ..Self::default() }
    }

    fn lengths(&self) -> [usize; 3] {
        [self.found.members.len(), self.found.coverages.len(), self.found.providers.len()]
    }

    /// Forgets what a refused line has left.
    fn forget(&mut self, [members, coverages, providers]: [usize; 3]) {
        self.found.members.truncate(members);
        self.found.coverages.truncate(coverages);
        self.found.providers.truncate(providers);
        self.practitioners.retain(|_, place| *place < providers);
    }

    /// Keeps issues, with the line in front where each line is a resource.
    fn keep(&mut self, notes: Notes, line: Option<usize>) {
        for issue in notes.issues {
            self.notes.add(line.map_or(issue.clone(), |line| at_line(issue, line)));
        }
    }

    fn resource(&mut self, kind: &str, at: Value<'_>, url: Option<&str>, notes: &mut Notes) {
        let id = at.get("id").and_then(Value::text).unwrap_or_default();
        let names = [format!("{kind}/{id}"), url.unwrap_or_default().to_owned()];
        match kind {
            "Patient" => self.patient(at, &names, notes),
            "Organization" => self.organization(at, &names, notes),
            "Practitioner" => {
                let at_place = self.found.providers.len();
                if let Some(mut provider) = checked(at, notes) {
                    if let Some((specialties, phone)) = self.roles.get(&names[0]) {
                        provider.specialties.extend(specialties.iter().cloned());
                        provider.phone = provider.phone.take().or_else(|| phone.clone());
                    }
                    self.found.providers.push(provider);
                    self.practitioners.extend(names.into_iter().map(|name| (name, at_place)));
                }
            }
            "Coverage" => self.coverage(at, notes),
            _ => self.role(at, notes),
        }
    }

    fn patient(&mut self, at: Value<'_>, names: &[String; 2], notes: &mut Notes) {
        let member = party::stated_member(at, None, notes);
        if member.name.family.is_empty() {
            notes.missing(at, "name");
        }
        if at.get("birthDate").is_none() {
            notes.missing(at, "birthDate");
        }
        self.patients.extend(names.iter().map(|name| (name.clone(), member.member_id.clone())));
        self.found.members.push(Member {
            payer_id: self.payer_id.to_owned(),
            member_id: member.member_id,
            name: member.name,
            birth_day: member.birth_day,
            sex: member.sex,
            address: member.address,
            phone: member.phone,
            language: member.language,
            provisional: false,
        });
    }

    fn organization(&mut self, at: Value<'_>, names: &[String; 2], notes: &mut Notes) {
        if let Some(first) = party::identifiers(at, notes).into_iter().next() {
            self.organizations.extend(names.iter().map(|name| (name.clone(), first.value.clone())));
        }
        let payer = pick::objects(at, "type", notes)
            .filter_map(pick::first_coding)
            .any(|(_, code)| matches!(code.as_ref(), "pay" | "ins" | "PR"));
        if !payer {
            self.found.providers.extend(checked(at, notes));
        }
    }

    fn coverage(&mut self, at: Value<'_>, notes: &mut Notes) {
        let target = |reference: Value<'_>, known: &HashMap<String, String>| {
            let text = reference.get("reference").and_then(Value::text);
            let own = || Some(reference.get("identifier")?.get("value")?.text()?.into_owned());
            text.and_then(|text| known.get(text.as_ref()).cloned()).or_else(own)
        };
        let beneficiary = pick::object(at, "beneficiary", notes).and_then(|found| target(found, &self.patients));
        let member_id = party::identifier_typed(at, "MB")
            .or(beneficiary)
            .or_else(|| at.get("subscriberId")?.text().map(|id| id.into_owned()));
        if member_id.is_none() {
            notes.missing(at, "beneficiary");
        }
        let payor = pick::objects(at, "payor", notes).find_map(|found| target(found, &self.organizations));
        let of_plan =
            |found: &Value<'_>| found.get("type").and_then(pick::first_coding).is_some_and(|(_, code)| code == "plan");
        let plan_id =
            pick::objects(at, "class", notes).find(of_plan).and_then(|found| pick::text(found, "value", notes));
        if plan_id.is_none() {
            notes.missing(at, "class.where(type.coding.code = 'plan').value");
        }
        let period = pick::period(at, "period", notes);
        let from = period.and_then(|found| found.0);
        if from.is_none() {
            notes.missing(at, "period.start");
        }
        let status = pick::text(at, "status", notes).unwrap_or_default();
        if status != "active" && !notes.refused() {
            notes.warn(
                IssueCode::Value,
                at,
                format!("The coverage is {status:?} and was passed over."),
                "Send active coverages.",
            );
            return;
        }
        let (Some(member_id), Some(plan_id), Some(from)) = (member_id, plan_id, from) else { return };
        let subscriber = at.get("subscriberId").and_then(Value::text).map(|id| id.into_owned());
        self.found.coverages.push(Coverage {
            payer_id: payor.unwrap_or_else(|| self.payer_id.to_owned()),
            subscriber_id: subscriber.filter(|id| *id != member_id),
            member_id,
            plan_id: plan_id.into_owned(),
            from,
            through: period.and_then(|found| found.1),
            order: pick::positive(at, "order", notes).and_then(|order| u8::try_from(order).ok()).unwrap_or(1),
        });
    }

    /// A role adds its specialties and telephone to its person.
    fn role(&mut self, at: Value<'_>, notes: &mut Notes) {
        let known = at.get("practitioner").and_then(|found| found.get("reference")?.text());
        let place = known.as_ref().and_then(|text| self.practitioners.get(text.as_ref()).copied());
        if known.as_ref().is_some_and(|text| self.roles.contains_key(text.as_ref())) {
            // Its practitioner's file takes it along.
            return;
        }
        let Some(provider) = place.and_then(|place| self.found.providers.get_mut(place)) else {
            let todo = "Send the Practitioner in the same file.";
            notes.warn(IssueCode::NotFound, at, "The role's practitioner is not in this file.", todo);
            return;
        };
        for (_, word) in pick::objects(at, "specialty", notes).filter_map(pick::first_coding) {
            if !provider.specialties.iter().any(|known| *known == word) {
                provider.specialties.push(word.into_owned());
            }
        }
        provider.phone = provider.phone.take().or_else(|| party::phone(at));
    }

    fn passed_over(&mut self, resources: &[(usize, Value<'_>, Option<std::borrow::Cow<'_, str>>)]) {
        let read = ["Patient", "Coverage", "Practitioner", "PractitionerRole", "Organization"];
        for (line, resource, _) in resources {
            let kind = resource.get("resourceType").and_then(Value::text).unwrap_or_default();
            if !read.contains(&kind.as_ref()) {
                let mut notes = Notes::default();
                let details = format!("A resource of type {kind:?} was passed over.");
                let todo = "Import Patient, Coverage, Practitioner, PractitionerRole and Organization.";
                notes.warn(IssueCode::NotSupported, *resource, details, todo);
                self.keep(notes, Some(*line).filter(|line| *line > 1));
            }
        }
    }
}

/// A provider whose NPI is there and whose check digit holds.
fn checked(at: Value<'_>, notes: &mut Notes) -> Option<Provider> {
    let nothing = Entries::default();
    let provider = party::provider(&nothing, 0, at, notes);
    let Some(npi) = &provider.npi else {
        notes.error(
            IssueCode::Required,
            at,
            "There is no NPI.",
            format!("Add an identifier with system {}.", systems::NPI),
        );
        return None;
    };
    if provider.name.is_empty() {
        notes.missing(at, "name");
    }
    if Npi::checked(npi).is_none() {
        let at = at.get("identifier").unwrap_or(at);
        let todo = "Correct the number: ten digits, the last a check digit.";
        notes.error(IssueCode::Value, at, format!("{npi:?} is not an NPI: its check digit does not hold."), todo);
        return None;
    }
    Some(provider)
}
