//! A small structural validator: cardinality, JSON types, fixed and pattern values, slices by value or type, required
//! bindings that can be expanded, and the kinds of reference targets. It reads StructureDefinition snapshots of the guide
//! from the reference folder; it knows neither invariants nor terminology servers.

use std::{collections::HashMap, io::Read, path::Path};

use serde_json::Value;

/// The definitions of one guide over those of FHIR R4.
pub struct Guide {
    structures: HashMap<String, Value>,
    value_sets: HashMap<String, Value>,
    code_systems: HashMap<String, Value>,
}

impl Guide {
    /// Opens `hl7.fhir.r4.core` and one guide; the guide wins.
    pub fn open(packages: &Path, guide: &str) -> Self {
        let mut this = Self { structures: HashMap::new(), value_sets: HashMap::new(), code_systems: HashMap::new() };
        for name in ["hl7.fhir.r4.core-from-medplum.tgz", guide] {
            let file = std::fs::File::open(packages.join(name)).unwrap();
            for entry in tar::Archive::new(flate2::read::GzDecoder::new(file)).entries().unwrap() {
                let mut entry = entry.unwrap();
                let path = entry.path().unwrap().to_string_lossy().into_owned();
                let file = path.rsplit('/').next().unwrap_or_default().to_owned();
                if path.matches('/').count() != 1 || !file.ends_with(".json") {
                    continue;
                }
                if !["StructureDefinition-", "ValueSet-", "CodeSystem-"].iter().any(|kind| file.starts_with(kind)) {
                    continue;
                }
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                let json: Value = serde_json::from_str(&text).unwrap();
                let url = json["url"].as_str().unwrap_or_default().to_owned();
                match json["resourceType"].as_str() {
                    Some("StructureDefinition") => drop(this.structures.insert(url, json)),
                    Some("ValueSet") => drop(this.value_sets.insert(url, json)),
                    _ => drop(this.code_systems.insert(url, json)),
                }
            }
        }
        this
    }

    fn structure(&self, url: &str) -> Option<&Value> {
        self.structures.get(url.split('|').next()?)
    }

    /// Checks a Bundle against its profile, and each of the given kinds of entry against the profile it claims.
    pub fn check_bundle(&self, bundle: &Value, profile: &str, kinds: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(bundle, profile, "Bundle", &mut faults);
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        for (index, entry) in entries.iter().enumerate() {
            let resource = &entry["resource"];
            let kind = resource["resourceType"].as_str().unwrap_or_default();
            if kinds.contains(&kind) {
                let own = resource["meta"]["profile"][0].as_str().unwrap_or_default();
                self.check(resource, own, &format!("Bundle.entry[{index}].{kind}"), &mut faults);
            }
        }
        faults
    }

    /// Checks a resource against a profile.
    pub fn check(&self, value: &Value, profile: &str, path: &str, faults: &mut Vec<String>) {
        let Some(structure) = self.structure(profile) else {
            faults.push(format!("{path}: the profile {profile:?} is not in the guide"));
            return;
        };
        let elements = structure["snapshot"]["element"].as_array().unwrap();
        let root = elements[0]["id"].as_str().unwrap();
        self.object(value, elements, root, path, faults);
    }

    fn object(&self, value: &Value, elements: &[Value], id: &str, path: &str, faults: &mut Vec<String>) {
        let Value::Object(members) = value else {
            faults.push(format!("{path}: not an object"));
            return;
        };
        let mut known: Vec<String> = vec!["resourceType".into()];
        for element in children(elements, id) {
            let own = element["id"].as_str().unwrap();
            let name = own.rsplit('.').next().unwrap();
            let values: Vec<(String, &Value)> = match name.strip_suffix("[x]") {
                Some(stem) => types(element)
                    .map(|kind| format!("{stem}{}{}", kind[..1].to_uppercase(), &kind[1..]))
                    .filter_map(|name| members.get(&name).map(|value| (name, value)))
                    .collect(),
                None => members.get(name).map(|value| (name.to_owned(), value)).into_iter().collect(),
            };
            known.extend(values.iter().map(|found| found.0.clone()));
            self.group(&values, element, elements, path, faults);
        }
        for name in members.keys().filter(|name| !known.contains(name) && !name.starts_with('_')) {
            faults.push(format!("{path}.{name}: unknown element"));
        }
    }

    /// All values of one element: how many, each by itself, and its slices.
    fn group(
        &self,
        found: &[(String, &Value)],
        element: &Value,
        elements: &[Value],
        path: &str,
        faults: &mut Vec<String>,
    ) {
        let id = element["id"].as_str().unwrap();
        let base_is_list = element["base"]["max"].as_str().unwrap_or("1") != "1";
        let mut values: Vec<(String, &Value, String)> = Vec::new();
        for (name, value) in found {
            match (value, base_is_list) {
                (Value::Array(list), true) => values.extend(
                    list.iter().enumerate().map(|(at, value)| (format!("{path}.{name}[{at}]"), value, name.clone())),
                ),
                (value, false) if !value.is_array() => values.push((format!("{path}.{name}"), value, name.clone())),
                _ => faults.push(format!("{path}.{name}: list where one is meant, or one where a list is meant")),
            }
        }
        self.count(values.len(), element, &format!("{path}.{}", id.rsplit('.').next().unwrap()), faults);
        let slices: Vec<&Value> = elements.iter().filter(|one| slice_of(one, id)).collect();
        let mut hits = vec![0; slices.len()];
        for (place, value, name) in &values {
            let slice = slices.iter().position(|slice| self.fits(value, slice, elements));
            if let Some(slice) = slice {
                hits[slice] += 1;
            }
            let element = slice.map_or(element, |slice| slices[slice]);
            self.value(value, element, elements, name, place, faults);
        }
        for (slice, hits) in slices.iter().zip(hits) {
            let name = slice["sliceName"].as_str().unwrap_or_default();
            self.count(hits, slice, &format!("{path}.{}:{name}", id.rsplit('.').next().unwrap()), faults);
        }
    }

    fn count(&self, count: usize, element: &Value, place: &str, faults: &mut Vec<String>) {
        let min = element["min"].as_u64().unwrap_or(0) as usize;
        let max = element["max"].as_str().unwrap_or("*");
        if count < min || max.parse::<usize>().is_ok_and(|max| count > max) {
            faults.push(format!("{place}: {count} times, allowed {min}..{max}"));
        }
    }

    /// Whether a value belongs to a slice: by its URL, by a pattern below it, or by the type of its resource.
    fn fits(&self, value: &Value, slice: &Value, elements: &[Value]) -> bool {
        let id = slice["id"].as_str().unwrap();
        if let Some(url) = value["url"].as_str().filter(|_| value.get("fullUrl").is_none()) {
            let fixed = elements.iter().find(|one| one["id"] == format!("{id}.url").as_str());
            let profile = slice["type"][0]["profile"][0].as_str().and_then(|profile| profile.split('|').next());
            return fixed.and_then(|one| one["fixedUri"].as_str()).or(profile) == Some(url);
        }
        if let Some(resource) = value.get("resource") {
            let own = elements.iter().find(|one| one["id"] == format!("{id}.resource").as_str());
            return own.is_some_and(|own| own["type"][0]["code"] == resource["resourceType"]);
        }
        let pattern = |name: &str| {
            let own = elements.iter().find(|one| one["id"] == format!("{id}.{name}").as_str())?;
            Some(pattern_holds(&value[name], own.get("patternCodeableConcept")?))
        };
        pattern("type").or_else(|| pattern("category")).unwrap_or(false)
    }

    fn value(
        &self,
        value: &Value,
        element: &Value,
        elements: &[Value],
        name: &str,
        place: &str,
        faults: &mut Vec<String>,
    ) {
        for (key, wanted) in element.as_object().unwrap() {
            let holds = if key.starts_with("fixed") {
                value == wanted
            } else if key.starts_with("pattern") {
                pattern_holds(value, wanted)
            } else {
                true
            };
            if !holds {
                faults.push(format!("{place}: is not {wanted}"));
            }
        }
        if element["binding"]["strength"] == "required" {
            self.bound(value, element["binding"]["valueSet"].as_str().unwrap_or_default(), place, faults);
        }
        let id = element["id"].as_str().unwrap();
        let list: Vec<&str> = types(element).collect();
        let kind = list.iter().find(|kind| name.to_lowercase().ends_with(&kind.to_lowercase()) && list.len() > 1);
        let kind = kind.or(list.first()).copied().unwrap_or("BackboneElement");
        if kind.chars().next().is_some_and(char::is_lowercase) {
            return primitive(value, kind, place, faults);
        }
        if kind == "Resource" || value.get("resourceType").is_some() {
            return;
        }
        // Some elements say "like that one there".
        let id = element["contentReference"].as_str().and_then(|to| to.split('#').nth(1)).unwrap_or(id);
        if children(elements, id).next().is_some() {
            return self.object(value, elements, id, place, faults);
        }
        let profiles = element["type"].as_array().into_iter().flatten().find(|one| one["code"] == kind);
        let profile = profiles.and_then(|one| one["profile"][0].as_str()).filter(|url| self.structure(url).is_some());
        let base = format!("http://hl7.org/fhir/StructureDefinition/{kind}");
        // An extension of the guide is checked as itself even where the profile leaves extensions open.
        let own = value["url"].as_str().filter(|url| kind == "Extension" && self.structure(url).is_some());
        if let Some(url) = profile.or(own).or_else(|| self.structure(&base).map(|_| base.as_str())) {
            self.check(value, url, place, faults);
        }
    }

    fn bound(&self, value: &Value, set: &str, place: &str, faults: &mut Vec<String>) {
        let Some(set) = self.value_sets.get(set.split('|').next().unwrap_or_default()) else { return };
        let codings: Vec<(Option<&str>, &str)> = match value {
            Value::String(code) => vec![(None, code)],
            _ => {
                let one = value.get("code").and_then(Value::as_str).map(|code| (value["system"].as_str(), code));
                let list = value["coding"].as_array().into_iter().flatten();
                one.into_iter().chain(list.filter_map(|c| Some((c["system"].as_str(), c["code"].as_str()?)))).collect()
            }
        };
        let includes = set["compose"]["include"].as_array().cloned().unwrap_or_default();
        let inside = |system: Option<&str>, code: &str| {
            includes.iter().any(|include| {
                let of = include["system"].as_str();
                if system.is_some() && of.is_some() && system != of || include.get("filter").is_some() {
                    return include.get("filter").is_some();
                }
                let listed = |list: &Value| list.as_array().map(|list| contains(list, code));
                let whole =
                    || of.and_then(|of| self.code_systems.get(of)).and_then(|system| listed(&system["concept"]));
                listed(&include["concept"]).or_else(whole).unwrap_or(true)
            })
        };
        if !includes.is_empty() && !codings.iter().any(|(system, code)| inside(*system, code)) {
            faults.push(format!("{place}: {value} is not in the required value set {}", set["url"]));
        }
    }
}

fn contains(list: &[Value], code: &str) -> bool {
    list.iter().any(|one| one["code"] == code || one["concept"].as_array().is_some_and(|inner| contains(inner, code)))
}

fn types(element: &Value) -> impl Iterator<Item = &str> {
    let list = element["type"].as_array().into_iter().flatten();
    list.filter_map(|one| one["code"].as_str()).map(|code| match code.strip_prefix("http://hl7.org/fhirpath/System.") {
        Some(_) => "string",
        None => code,
    })
}

/// The elements one level below, slices apart.
fn children<'e>(elements: &'e [Value], id: &str) -> impl Iterator<Item = &'e Value> {
    elements.iter().filter(move |one| {
        let rest = one["id"].as_str().and_then(|own| own.strip_prefix(id)).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| !rest.contains('.') && !rest.contains(':'))
    })
}

fn slice_of(element: &Value, id: &str) -> bool {
    let rest = element["id"].as_str().and_then(|own| own.strip_prefix(id)).and_then(|rest| rest.strip_prefix(':'));
    rest.is_some_and(|rest| !rest.contains('.'))
}

fn pattern_holds(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(have), Value::Object(want)) => {
            want.iter().all(|(name, want)| have.get(name).is_some_and(|have| pattern_holds(have, want)))
        }
        (Value::Array(have), Value::Array(want)) => {
            want.iter().all(|want| have.iter().any(|have| pattern_holds(have, want)))
        }
        _ => value == pattern,
    }
}

fn primitive(value: &Value, kind: &str, place: &str, faults: &mut Vec<String>) {
    let text = value.as_str().unwrap_or_default();
    let whole = |least: i64| value.as_i64().is_some_and(|number| number >= least);
    let day = |text: &str| text.parse::<jiff::civil::Date>().is_ok();
    let good = match kind {
        "boolean" => value.is_boolean(),
        "positiveInt" => whole(1),
        "unsignedInt" => whole(0),
        "integer" => value.is_i64(),
        "decimal" => value.is_number(),
        "date" => text.len() <= 10 && (day(text) || text.len() < 10),
        "instant" => text.contains('T') && text.parse::<jiff::Timestamp>().is_ok(),
        "dateTime" => !text.contains('T') || text.parse::<jiff::Timestamp>().is_ok(),
        "id" => {
            !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
        }
        "uri" | "url" | "canonical" | "code" | "oid" | "uuid" => !text.is_empty() && !text.contains(' '),
        _ => !text.is_empty(),
    };
    if !good {
        faults.push(format!("{place}: {value} is no {kind}"));
    }
}
