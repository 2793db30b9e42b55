//! Authority packs: `authority/*.toml`, who may approve, deny and hear an appeal, one `[[rule]]` a row of the table.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Table;
use vigil_domain::authority::{Act, AuthorityBook, AuthorityRule};

use crate::{
    criteria::{dates_to_words, line_with},
    issue::{PackIssue, line_of},
    shelf::Shelf,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorityFile {
    #[serde(default, rename = "rule")]
    rules: Vec<AuthorityRule>,
}

/// Reads this room's packs from the shelf. An overlay may add rules and so make the table stricter; a rule of the same id
/// is refused, because the strictest of all rules applies and none may be quietly loosened.
pub fn load(shelf: &Shelf, issues: &mut Vec<PackIssue>) -> AuthorityBook {
    let mut rules: Vec<AuthorityRule> = Vec::new();
    let mut ids = BTreeSet::new();
    for file in shelf.under("authority/", ".toml") {
        let read = file.text.parse::<Table>().and_then(|mut table| {
            table.iter_mut().for_each(|(_, value)| dates_to_words(value));
            table.try_into::<AuthorityFile>()
        });
        let read = match read {
            Ok(read) => read,
            Err(e) => {
                let named = e.message().split('`').nth(1).map_or(0, |word| line_with(&file.text, word));
                let line = e.span().map_or(named, |span| line_of(&file.text, span.start));
                issues.push(PackIssue::new(&file.path, line, e.message()));
                continue;
            }
        };
        for rule in read.rules {
            let place = line_with(&file.text, &format!("id = \"{}\"", rule.id));
            for says in faults(&rule) {
                issues.push(PackIssue::new(&file.path, place, format!("rule {}: {says}", rule.id)));
            }
            if !ids.insert(rule.id.clone()) {
                issues.push(PackIssue::new(&file.path, place, format!("rule {} is declared twice", rule.id)));
            }
            rules.push(rule);
        }
    }
    AuthorityBook::new(rules)
}

fn faults(rule: &AuthorityRule) -> Vec<String> {
    let mut says = Vec::new();
    if rule.jurisdiction != "US" && !(rule.jurisdiction.len() == 5 && rule.jurisdiction.starts_with("US-")) {
        says.push(format!("jurisdiction {:?}: write US or US-NY", rule.jurisdiction));
    }
    if !rule.act.is_known() || !rule.fit.is_known() {
        says.push(format!("act {} or fit {} is unknown", rule.act, rule.fit));
    }
    if let Some(unknown) = rule.lines_of_business.iter().find(|lob| !lob.is_known()) {
        says.push(format!("line of business {unknown} is unknown"));
    }
    if let Some(unknown) = rule.automation.iter().find(|word| !word.is_known()) {
        says.push(format!("automation may approve, pend or refer, never {unknown}"));
    }
    if !rule.automation.is_empty() && rule.act != Act::Approve {
        says.push("automation belongs to rules of act approve: it can neither deny nor decide an appeal".into());
    }
    if rule.own_state_licence && rule.jurisdiction == "US" {
        says.push("own_state_licence needs a state".into());
    }
    if rule.cite.is_empty() || rule.says.is_empty() || rule.source.is_empty() {
        says.push("cite, says and source are needed".into());
    }
    if !["source seen", "from knowledge, verify", "own work"].contains(&rule.confidence.as_str()) {
        says.push(format!("confidence {:?} is unknown", rule.confidence));
    }
    says
}
