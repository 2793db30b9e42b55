//! Who says no: a paragraph of law with its rule, or a rule of our own by its name. Pages show neither the ids that the code
//! goes by nor a rule without a name.

/// What our own rules are about: the first word of their id, and their name for people.
const OWN: &[(&str, &str)] = &[
    ("administrative", "administrative denials"),
    ("adverse", "what a clinical denial must say"),
    ("advice", "a physician advisor's advice"),
    ("advisor", "second-level review"),
    ("alert", "alerts"),
    ("approve", "what an approval must say"),
    ("attending", "the attending physician's views"),
    ("avoidable", "avoidable days"),
    ("barrier", "barriers to discharge"),
    ("bill", "the bill"),
    ("case", "two people on one case, and what may be done with it"),
    ("cc44", "changes from inpatient to outpatient"),
    ("choice", "choosing from a list"),
    ("clinicals", "clinical information for a payer"),
    ("committee", "the committee's work"),
    ("continuation", "keeping a service while an appeal runs"),
    ("coverage", "coverages"),
    ("cut", "cutting care that was approved"),
    ("deemed-approval", "approval by operation of law"),
    ("determination", "determinations"),
    ("determine", "the order of a physician's work"),
    ("dismiss", "dismissing a request"),
    ("dispute", "disputes with a payer"),
    ("eligibility", "checking eligibility"),
    ("escalation", "escalation"),
    ("evidence", "evidence"),
    ("expedite", "expedited review"),
    ("extension", "taking more time"),
    ("fact", "answering a criterion"),
    ("form", "what a form needs"),
    ("improvement", "improvement work"),
    ("information", "asking for information"),
    ("law", "the law a case is pinned to"),
    ("line", "what may be done with a line"),
    ("mcsn", "appeals of a change of status"),
    ("modify", "approving another service"),
    ("motion", "motions before the committee"),
    ("note", "notes"),
    ("notice", "notices"),
    ("observation", "observation"),
    ("officer", "officers of the committee"),
    ("order", "status orders"),
    ("outreach", "logging outreach"),
    ("payer", "what a payer was told and said"),
    ("peer-to-peer", "peer-to-peer talks"),
    ("post-acute", "care after the hospital"),
    ("qio", "the quality improvement organization"),
    ("query", "queries to a physician"),
    ("reduce", "reducing an approval"),
    ("refer", "referring to a physician"),
    ("request", "what a request needs"),
    ("review", "recording a review"),
    ("service", "services"),
    ("stay", "what may be done with a stay"),
    ("ur", "utilization review"),
    ("void", "voiding a request"),
    ("w2", "rebilling a stay"),
    ("what-if", "asking the clocks"),
    ("withdraw", "taking back a request"),
];

/// Who says so, as people read it: the paragraph and the rule's name in the library, or a rule of our own by name; nothing
/// where no rule says it.
pub fn said_by(rule: &str, cite: &str) -> String {
    let cite = cite.trim();
    match (cite.is_empty(), shown_id(rule)) {
        (false, "") => cite.to_owned(),
        (false, id) => format!("{cite} · {id}"),
        (true, "") if rule.is_empty() => String::new(),
        (true, "") => match own(rule) {
            Some(about) => format!("House rule on {about}"),
            None => "House rule".to_owned(),
        },
        (true, id) => id.to_owned(),
    }
}

/// The id where people know the rule by it (`MADV-OD-STD-PA`); nothing where only the code does.
pub fn shown_id(rule: &str) -> &str {
    if rule.chars().any(char::is_uppercase) { rule } else { "" }
}

/// What a rule of our own is about.
fn own(rule: &str) -> Option<&'static str> {
    let area = rule.split('.').next()?;
    OWN.iter().find(|(word, _)| *word == area).map(|(_, about)| *about)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn law_is_named_by_its_paragraph_and_our_own_rules_by_name() {
        assert_eq!(said_by("MADV-OD-EXP", "42 CFR 422.572(a)(1)"), "42 CFR 422.572(a)(1) · MADV-OD-EXP");
        assert_eq!(said_by("us.ma.deny", "42 CFR 422.566(d)"), "42 CFR 422.566(d)");
        assert_eq!(said_by("extension.days", ""), "House rule on taking more time");
    }

    /// Ids that follow these in the sources are our own rules, put before people.
    const MADE_BY: [&str; 5] = ["Refusal::house(", ".add(", "no(", "house(", "said("];

    fn ids(text: &str, found: &mut Vec<String>) {
        for made_by in MADE_BY {
            for (at, _) in text.match_indices(made_by) {
                let rest = text[at + made_by.len()..].trim_start();
                let Some(id) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
                let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
                let file = [".txt", ".csv", ".jsonl"].iter().any(|end| id.ends_with(end));
                if id.contains('.') && !file && id.chars().all(word) {
                    found.push(id.to_owned());
                }
            }
        }
    }

    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                ids(&fs::read_to_string(&path).unwrap(), found);
            }
        }
    }

    #[test]
    fn every_rule_of_our_own_has_a_name() {
        let mut found = Vec::new();
        for room in ["domain", "desk", "vigil"] {
            walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(room).join("src"), &mut found);
        }
        assert!(found.len() > 100, "the sources were read: {}", found.len());
        let nameless: Vec<&String> = found.iter().filter(|id| own(id).is_none()).collect();
        assert!(nameless.is_empty(), "{nameless:?}");
    }
}
