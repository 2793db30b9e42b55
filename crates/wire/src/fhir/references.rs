//! What resources of other files say about a reference: bulk exports keep each type in a file of its own.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{party, pick};
use crate::{
    issue::Notes,
    json::{Json, Limits, Value},
};

/// What a body is, by its outermost resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// A Bundle that begins with a request for prior authorization.
    Request,
    /// Any other resource or Bundle.
    Resources,
    /// Not JSON, or no resource.
    Other,
}

/// Looks at a body.
pub fn kind_of(body: &[u8]) -> BodyKind {
    let Ok(json) = Json::parse(body, Limits::default()) else { return BodyKind::Other };
    let named = |value: Value<'_>| value.get("resourceType").and_then(Value::text).unwrap_or_default().into_owned();
    let root = json.root();
    let first = root.get("entry").into_iter().flat_map(Value::items).next();
    let first = first.and_then(|entry| entry.get("resource")).map(named).unwrap_or_default();
    match named(root).as_str() {
        "Bundle" if first == "Claim" => BodyKind::Request,
        "" => BodyKind::Other,
        _ => BodyKind::Resources,
    }
}

/// What is known under `Type/id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// Member numbers by `Patient/id`.
    pub patients: HashMap<String, String>,
    /// First identifiers by `Organization/id`.
    pub organizations: HashMap<String, String>,
    /// Specialties and telephones by `Practitioner/id`, out of roles.
    pub roles: HashMap<String, (Vec<String>, Option<String>)>,
    /// Who stands in a file as `Practitioner/id`: only these take their roles along.
    #[serde(default)]
    pub people: HashSet<String>,
}

impl References {
    /// Learns from a line of NDJSON; anything else is passed over.
    pub fn learn(&mut self, line: &[u8]) {
        let Ok(json) = Json::parse(line, Limits::default()) else { return };
        let (root, mut notes) = (json.root(), Notes::default());
        let text = |name: &str| root.get(name).and_then(Value::text).unwrap_or_default().into_owned();
        let name = format!("{}/{}", text("resourceType"), text("id"));
        match text("resourceType").as_str() {
            "Patient" => {
                let number = party::stated_member(root, None, &mut notes).member_id;
                if !number.is_empty() {
                    self.patients.insert(name, number);
                }
            }
            "Organization" => {
                if let Some(first) = party::identifiers(root, &mut notes).into_iter().next() {
                    self.organizations.insert(name, first.value);
                }
            }
            "Practitioner" => drop(self.people.insert(name)),
            "PractitionerRole" => {
                let whose = root.get("practitioner").and_then(|found| found.get("reference")?.text());
                let Some(whose) = whose else { return };
                let known = self.roles.entry(whose.into_owned()).or_default();
                let specialties = pick::objects(root, "specialty", &mut notes).filter_map(pick::first_coding);
                known.0.extend(specialties.map(|(_, word)| word.into_owned()));
                known.1 = known.1.take().or_else(|| party::phone(root));
            }
            _ => {}
        }
    }

    /// Of what is known, what a piece of NDJSON names.
    pub fn named_in(&self, piece: &[u8]) -> Self {
        let mut named = Self::default();
        for line in piece.split(|byte| *byte == b'\n') {
            let Ok(json) = Json::parse(line, Limits::default()) else { continue };
            let root = json.root();
            let text = |name: &str| root.get(name).and_then(Value::text).unwrap_or_default().into_owned();
            let whose = root.get("practitioner").and_then(|found| found.get("reference")?.text());
            let person = match text("resourceType").as_str() {
                "Practitioner" => format!("Practitioner/{}", text("id")),
                "PractitionerRole" => whose.unwrap_or_default().into_owned(),
                _ => String::new(),
            };
            if self.people.contains(&person) {
                named.roles.extend(self.roles.get(&person).map(|role| (person, role.clone())));
                continue;
            }
            for value in root.within() {
                let Some(name) = value.get("reference").and_then(Value::text) else { continue };
                let found = |known: &HashMap<String, String>| known.get(name.as_ref()).cloned();
                named.patients.extend(found(&self.patients).map(|number| (name.to_string(), number)));
                named.organizations.extend(found(&self.organizations).map(|id| (name.to_string(), id)));
            }
        }
        named
    }

    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        self.patients.is_empty() && self.organizations.is_empty() && self.roles.is_empty()
    }
}
