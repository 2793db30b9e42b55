//! The entries of a Bundle: found by fullUrl, by reference, by kind.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    issue::{Issue, IssueCode, Notes},
    json::{Json, Kind, Limits, Value},
};

/// Above this many entries the index is a map, below a plain walk is faster.
const FEW: usize = 24;

/// One entry with a resource.
#[derive(Debug, Clone)]
pub struct Entry<'j> {
    /// `fullUrl`, empty when absent.
    pub url: Cow<'j, str>,
    /// The resource's type.
    pub kind: Cow<'j, str>,
    /// The resource's id, empty when absent.
    pub id: Cow<'j, str>,
    /// The resource.
    pub resource: Value<'j>,
}

impl Entry<'_> {
    /// `Type/id`, or the fullUrl when the resource has no id: how pages point at it.
    pub fn place(&self) -> String {
        if self.id.is_empty() { self.url.clone().into_owned() } else { format!("{}/{}", self.kind, self.id) }
    }

    /// The server part of a RESTful fullUrl: what relative references are relative to.
    pub fn base(&self) -> Option<&str> {
        let rest = self.url.strip_suffix(self.id.as_ref())?.strip_suffix('/')?;
        let base = rest.strip_suffix(self.kind.as_ref())?;
        base.ends_with('/').then_some(base)
    }
}

/// What a reference points at.
#[derive(Debug, Clone, Copy)]
pub struct Target<'j> {
    /// The resource.
    pub resource: Value<'j>,
    /// The entry that holds it; `None` for a contained resource.
    pub entry: Option<usize>,
    /// The reference resolves by the letter of the Bundle rules, not only by type and id.
    pub strict: bool,
}

/// The entries of one Bundle.
#[derive(Debug, Default)]
pub struct Entries<'j> {
    /// In order of the Bundle.
    pub list: Vec<Entry<'j>>,
    urls: HashMap<String, usize>,
}

/// Parses a body; every double member name is an issue.
pub fn parse(body: &[u8]) -> Result<Json<'_>, Vec<Issue>> {
    Json::parse(body, Limits::default()).map_err(|error| vec![error.into()])
}

/// Notes member names that stand twice in one object.
pub fn note_doubles(json: &Json<'_>, notes: &mut Notes) {
    for twice in json.twice() {
        let name = twice.name().into_owned();
        notes.error(
            IssueCode::Structure,
            twice,
            format!("The member {name} stands twice in this object."),
            "Send each member once.",
        );
    }
}

impl<'j> Entries<'j> {
    /// Reads the entries of a Bundle: each needs a fullUrl of its own and a resource with a type.
    pub fn read(bundle: Value<'j>, notes: &mut Notes) -> Self {
        let mut list: Vec<Entry<'j>> = Vec::with_capacity(16);
        let mut urls = HashMap::new();
        for at in super::pick::objects(bundle, "entry", notes) {
            let Some(resource) = super::pick::object(at, "resource", notes) else {
                notes.missing(at, "resource");
                continue;
            };
            let text = |name: &str| resource.get(name).and_then(Value::text).unwrap_or_default();
            let (kind, id) = (text("resourceType"), text("id"));
            if kind.is_empty() {
                notes.missing(resource, "resourceType");
            }
            let url = super::pick::text(at, "fullUrl", notes).unwrap_or_default();
            match at.get("fullUrl") {
                None => notes.missing(at, "fullUrl"),
                Some(found) => check_url(found, &url, &list, &urls, notes),
            }
            list.push(Entry { url, kind, id, resource });
            // The map starts with the first entry that makes the walk slow, and then grows entry by entry.
            let from = match list.len() {
                ..=FEW => continue,
                len if len == FEW + 1 => 0,
                len => len - 1,
            };
            for (index, entry) in list.iter().enumerate().skip(from) {
                urls.entry(entry.url.clone().into_owned()).or_insert(index);
                urls.entry(format!("{}/{}", entry.kind, entry.id)).or_insert(index);
            }
        }
        Self { list, urls }
    }

    fn by_url(&self, url: &str) -> Option<usize> {
        if self.list.len() > FEW {
            return self.urls.get(url).copied();
        }
        self.list.iter().position(|entry| entry.url == url)
    }

    /// The first resource of a kind.
    pub fn first(&self, kind: &str) -> Option<usize> {
        self.list.iter().position(|entry| entry.kind == kind)
    }

    /// What a reference in the resource of entry `from` points at: contained, by fullUrl, relative, or by type and id.
    pub fn resolve(&self, from: usize, reference: &str) -> Option<Target<'j>> {
        let origin = self.list.get(from)?;
        if let Some(id) = reference.strip_prefix('#') {
            let contained = origin.resource.get("contained")?;
            let resource =
                contained.items().find(|found| found.get("id").and_then(Value::text).is_some_and(|i| i == id))?;
            return Some(Target { resource, entry: None, strict: true });
        }
        let reference = reference.split_once("/_history/").map_or(reference, |(plain, _)| plain);
        let target = |index: usize, strict| Target { resource: self.list[index].resource, entry: Some(index), strict };
        if let Some(index) = self.by_url(reference) {
            return Some(target(index, true));
        }
        if reference.contains("://") || reference.starts_with("urn:") {
            return None;
        }
        if let Some(base) = origin.base() {
            let found = if self.list.len() > FEW {
                self.by_url(&format!("{base}{reference}"))
            } else {
                let ends = |url: &str| url.strip_prefix(base) == Some(reference);
                self.list.iter().position(|entry| ends(&entry.url))
            };
            if let Some(index) = found {
                return Some(target(index, true));
            }
        }
        let (kind, id) = reference.split_once('/')?;
        let index = if self.list.len() > FEW {
            self.urls.get(reference).copied()?
        } else {
            self.list.iter().position(|entry| entry.id == id && entry.kind == kind)?
        };
        Some(target(index, false))
    }

    /// The target of a Reference element.
    pub fn follow(&self, from: usize, reference: Value<'j>) -> Option<Target<'j>> {
        self.resolve(from, &reference.get("reference")?.text()?)
    }
}

fn check_url(found: Value<'_>, url: &str, list: &[Entry<'_>], urls: &HashMap<String, usize>, notes: &mut Notes) {
    if url.is_empty() {
        return;
    }
    if !(url.contains("://") || url.starts_with("urn:")) {
        notes.error(
            IssueCode::Value,
            found,
            format!("fullUrl {url:?} is not absolute."),
            "Send an absolute URL, or urn:uuid: with a UUID.",
        );
    }
    let taken = if list.len() > FEW { urls.contains_key(url) } else { list.iter().any(|entry| entry.url == url) };
    if taken {
        notes.error(
            IssueCode::Duplicate,
            found,
            format!("Two entries have the fullUrl {url}."),
            "Send each resource once, under its own fullUrl.",
        );
    }
}

/// Checks what holds for the whole message in one walk: unknown modifier extensions, and references without a target.
pub fn walk(entries: &Entries<'_>, known_modifiers: &[&str], notes: &mut Notes) {
    for (index, entry) in entries.list.iter().enumerate() {
        for value in entry.resource.within() {
            match value.kind() {
                Kind::Array if value.name() == "modifierExtension" => {
                    for extension in value.items() {
                        let url = extension.get("url").and_then(Value::text).unwrap_or_default();
                        if !known_modifiers.contains(&url.as_ref()) {
                            notes.error(
                                IssueCode::Extension,
                                extension,
                                format!(
                                    "The modifier extension {url:?} is not known here, and may change the meaning."
                                ),
                                "Remove it, or say the same without a modifier.",
                            );
                        }
                    }
                }
                Kind::Text if value.name() == "reference" => {
                    let Some(text) = value.text() else { continue };
                    if entries.resolve(index, &text).is_none() {
                        let details = format!("The reference {text:?} has no target in this Bundle.");
                        let todo = "Add the resource to the Bundle, or correct the reference.";
                        let earlier = value.path().contains(".related[");
                        if entry.kind == "Claim" && !earlier {
                            notes.error(IssueCode::NotFound, value, details, todo);
                        } else {
                            notes.warn(IssueCode::NotFound, value, details, todo);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
