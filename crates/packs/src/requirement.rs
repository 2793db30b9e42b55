//! Requirement packs: `requirements/<plan>/*.toml`, one plan's list in as many files as it likes; `plan.toml` has the
//! header, the other files add entries. Worked examples stand in `cases.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Table;
use vigil_domain::{
    code::Code,
    criteria::CriteriaBook,
    party::LineOfBusiness,
    request::{Certification, ServiceLine},
    requirement::{Entry, EntryCodes, Needed, RequirementBook, RequirementPack, UnlistedDefault},
    time::Day,
};

use crate::{
    criteria::{dates_to_words, line_with},
    issue::{PackIssue, line_of},
    shelf::{PackFile, Shelf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesFile {
    #[serde(default, rename = "entry")]
    entries: Vec<Entry>,
}

/// Reads this room's packs from the shelf. Entries that name a criteria service and no codes take the service's codes
/// and documentation, so that nobody writes them twice.
pub fn load(shelf: &Shelf, criteria: &CriteriaBook, issues: &mut Vec<PackIssue>) -> RequirementBook {
    let mut packs: BTreeMap<String, RequirementPack> = BTreeMap::new();
    let files: Vec<&PackFile> =
        shelf.under("requirements/", ".toml").filter(|f| !f.path.ends_with("cases.toml")).collect();
    for file in files.iter().filter(|f| f.path.ends_with("/plan.toml")) {
        if let Some(pack) = read::<RequirementPack>(file, issues) {
            if !pack.default.is_known() {
                let known: Vec<_> = UnlistedDefault::ALL.iter().map(UnlistedDefault::word).collect();
                issues.push(complaint(file, "default = ", format!("default: use one of {}", known.join(", "))));
            }
            packs.insert(folder(file), pack);
        }
    }
    for file in files {
        let Some(pack) = packs.get_mut(&folder(file)) else {
            issues.push(complaint(file, "", "its folder has no plan.toml".into()));
            continue;
        };
        if !file.path.ends_with("/plan.toml")
            && let Some(more) = read::<EntriesFile>(file, issues)
        {
            more.entries.into_iter().for_each(|entry| settle(entry, file, pack, criteria, issues));
        }
    }
    RequirementBook::new(packs.into_values().collect())
}

fn folder(file: &PackFile) -> String {
    file.path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
}

fn complaint(file: &PackFile, words: &str, says: String) -> PackIssue {
    PackIssue::new(&file.path, line_with(&file.text, words), says)
}

fn read<T: serde::de::DeserializeOwned>(file: &PackFile, issues: &mut Vec<PackIssue>) -> Option<T> {
    let table = file.text.parse::<Table>().and_then(|mut table| {
        table.iter_mut().for_each(|(_, value)| dates_to_words(value));
        table.try_into::<T>()
    });
    match table {
        Ok(read) => Some(read),
        Err(e) => {
            let named = e.message().split('`').nth(1).map_or(0, |word| line_with(&file.text, word));
            let line = e.span().map_or(named, |span| line_of(&file.text, span.start));
            issues.push(PackIssue::new(&file.path, line, e.message()));
            None
        }
    }
}

fn settle(
    mut entry: Entry,
    file: &PackFile,
    pack: &mut RequirementPack,
    criteria: &CriteriaBook,
    issues: &mut Vec<PackIssue>,
) {
    let place = format!("id = \"{}\"", entry.id);
    let mut say = |says: String| issues.push(complaint(file, &place, says));
    if pack.entries.iter().any(|other| other.id == entry.id) {
        say(format!("entry {} is declared twice", entry.id));
    }
    if !entry.needed.is_known() || entry.needed == Needed::Unlisted {
        say(format!("entry {}: needed is required or not-required", entry.id));
    }
    if entry.review_forbidden && entry.needed != Needed::NotRequired {
        say(format!("entry {}: review_forbidden goes with needed = \"not-required\"", entry.id));
    }
    if entry.cite.is_empty() || entry.says.is_empty() || entry.confidence.is_empty() {
        say(format!("entry {}: cite, says and confidence are needed", entry.id));
    }
    if let Some(unknown) = entry.lines_of_business.iter().find(|lob| !lob.is_known()) {
        say(format!("entry {}: line of business {unknown} is unknown", entry.id));
    }
    match entry.criteria.as_deref().map(|id| (id, criteria.latest(id))) {
        Some((id, None)) => say(format!("entry {}: no criteria pack {id}", entry.id)),
        Some((_, Some(service))) => {
            let codes = &service.definition().codes;
            if entry.codes.is_empty() {
                entry.codes = EntryCodes {
                    hcpcs: codes.hcpcs.clone(),
                    cpt: codes.cpt.clone(),
                    icd10pcs: codes.icd10pcs.clone(),
                    drg: codes.drg.clone(),
                    revenue: codes.revenue.clone(),
                    ..EntryCodes::default()
                };
            }
            if entry.documents.is_empty() {
                entry.documents.clone_from(&service.definition().documentation);
            }
        }
        None => {}
    }
    if entry.codes.is_empty() && entry.note.is_empty() {
        say(format!("entry {} names no code; say why in note", entry.id));
    }
    pack.entries.push(entry);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    why: String,
    #[serde(default)]
    plan: String,
    line_of_business: LineOfBusiness,
    on: Day,
    codes: Vec<Code>,
    #[serde(default)]
    place: Option<Code>,
    expect: Needed,
    #[serde(default)]
    entry: Option<String>,
}

#[derive(Deserialize)]
struct CaseFile {
    #[serde(default, rename = "case")]
    cases: Vec<Example>,
}

/// Runs the worked examples of every requirement folder.
pub fn lint(shelf: &Shelf, book: &RequirementBook, issues: &mut Vec<PackIssue>) {
    for file in shelf.under("requirements/", "cases.toml") {
        let Some(read) = read::<CaseFile>(file, issues) else { continue };
        for want in [Needed::Required, Needed::NotRequired, Needed::Unlisted] {
            if !read.cases.iter().any(|case| case.expect == want) {
                issues.push(complaint(file, "", format!("no worked example comes out {want}")));
            }
        }
        for case in read.cases {
            let Some(line) = line(&case) else {
                issues.push(complaint(file, &case.why, "a worked example has at least one code".into()));
                continue;
            };
            let got = book.needed(&line, &case.line_of_business, &case.plan, case.on);
            let entry = got.entry.rsplit('/').next().unwrap_or_default().to_owned();
            if got.needed != case.expect || case.entry.as_ref().is_some_and(|want| *want != entry) {
                let says = format!("expected {} {:?}, comes out {} by {entry}", case.expect, case.entry, got.needed);
                issues.push(complaint(file, &case.why, says));
            }
        }
    }
}

fn line(case: &Example) -> Option<ServiceLine> {
    let (service, also) = case.codes.split_first()?;
    Some(ServiceLine {
        sequence: 1,
        service: service.clone(),
        also: also.to_vec(),
        modifiers: Vec::new(),
        description: None,
        quantity: None,
        from: None,
        through: None,
        place: case.place.clone(),
        provider: None,
        certification: Certification::Initial,
        drug: false,
        diagnoses: Vec::new(),
        earlier_authorization: None,
        cancelled: false,
        changed: None,
    })
}
