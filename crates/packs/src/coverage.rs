//! Writes `docs/conform/law.md`: every rule by citation by worked rows, and what is not carried and why.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use vigil_domain::{
    case::reach::not_in_a_case,
    clock::Status,
    law::{Basis, Rule},
};

use crate::{law::LawRead, table::Row};

/// The page as text; the same library gives the same bytes.
pub fn page(read: &LawRead, rows: &[Row]) -> String {
    let book = &read.book;
    let mut out = String::from(
        "# The law library: rule by citation by worked rows\n\n\
         Generated from `packs/law` by the tests of `vigil-packs`; do not edit. Every row was worked by hand from the\n\
         published conventions and runs in every build. A rule that says \"from knowledge, verify\" must be read in the\n\
         primary text before it is put in force.\n\n",
    );
    let total = book.rules().len();
    let _ = writeln!(out, "{total} rules in {} families; {} worked rows.\n", book.families().len(), rows.len());
    let mut counted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let due = row.computed.is_some_and(|c| c.status == Status::Due);
        let (all, dues) = counted.entry(&row.rule).or_default();
        *all += 1;
        *dues += usize::from(due);
    }
    for (jurisdiction, count) in book.counts() {
        let _ = writeln!(out, "## {jurisdiction}: {count} rules\n");
        out.push_str("| rule | citation | applies | confidence | second reading | rows (with a due time) | file |\n");
        out.push_str("|---|---|---|---|---|---|---|\n");
        for rule in book.rules().iter().filter(|r| r.jurisdiction == jurisdiction) {
            let (all, dues) = counted.get(rule.id.as_str()).copied().unwrap_or_default();
            let file = read.places.get(&rule.id).map_or("", |p| p.file.as_str());
            let verdict = rule.verification.as_ref().map_or("none", |v| v.verdict.as_str());
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {verdict} | {all} ({dues}) | {file} |",
                rule.id,
                rule.cite.replace('|', "\\|"),
                applies(rule),
                rule.confidence.word(),
            );
        }
        out.push('\n');
    }
    shown(read, &mut out);
    out
}

fn applies(rule: &Rule) -> String {
    let basis = match rule.effective.basis {
        Basis::CalendarDay => "",
        Basis::RatingPeriodStart => " (rating period)",
        Basis::Proposed => " (proposed: never applied)",
    };
    let day = |d: Option<vigil_domain::time::Day>| d.map_or_else(|| "open".to_owned(), |d| d.to_string());
    format!("{} to {}{basis}", day(rule.effective.from), day(rule.effective.to))
}

/// What is carried in words only, where sources conflict, and which gaps are declared.
fn shown(read: &LawRead, out: &mut String) {
    let book = &read.book;
    out.push_str(
        "## Not carried as a due time\n\nNo rule of the table is left out. These parts of rules are words only:\n\n",
    );
    for rule in book.rules() {
        if let Some(why) = &rule.prose_only {
            let _ = writeln!(out, "- {}: {why}", rule.id);
        }
        if !rule.has_clock() && rule.effective.basis != Basis::Proposed {
            let _ = writeln!(out, "- {}: no numeric limit in the source; it answers `no_clock`.", rule.id);
        }
    }
    in_cases(read, out);
    out.push_str("\n## Conflicts between sources\n\n");
    for family in book.families() {
        for conflict in &family.conflicts {
            let _ = writeln!(out, "- {} against {}: {}", family.id, conflict.with, conflict.says);
        }
    }
    out.push_str("\n## Declared gaps\n\n");
    for family in book.families() {
        for gap in &family.gaps {
            let to = gap.to.map_or_else(|| "open".to_owned(), |d| d.to_string());
            let _ = writeln!(out, "- {} up to {to}: {}", family.id, gap.reason);
        }
    }
}

/// Which limits run only in a case, and which rules start no clock in one.
fn in_cases(read: &LawRead, out: &mut String) {
    let rules = read.book.rules();
    out.push_str("\n## Limits that run in a case only\n\n");
    for (rule, steps) in rules.iter().filter_map(|rule| Some((rule, rule.incomplete?))) {
        let _ = writeln!(
            out,
            "- {}: an incomplete request is told what is missing within {} hours of receipt; then there are {} hours to answer, \
             the least the rule allows, and {} hours to decide from the answer or from the end of that time, whichever is \
             earlier. Told later, or not at all, the rule's own limit stands. `vigil clock due` answers that limit.",
            rule.id, steps.ask_within_hours, steps.answer_at_least_hours, steps.decide_within_hours
        );
    }
    after_a_call(rules, out);
    tellings(rules, out);
    out.push_str(APPEALS);
    out.push_str(
        "\n## Rules that start no clock in a case\n\nThey answer in `vigil clock due`, in the what-if form and in their worked rows. \
         A test makes a request of every\nline of business, place, kind and door, and finds that every other rule starts.\n\n",
    );
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in rules {
        if let Some(why) = not_in_a_case(rule) {
            by_reason.entry(why).or_default().push(&rule.id);
        }
    }
    for (why, ids) in by_reason {
        let _ = writeln!(out, "- {}: {why}.", ids.join(", "));
    }
}

/// What a reader who looks for appeals must know first.
const APPEALS: &str = "\n## What becomes of an appeal\n\nA case ends with its letters. Appeals, grievances, reconsiderations and reviews \
                       outside the plan are not worked in Vigil: the\nletters say how to ask and by when, the authority table says \
                       who may decide, and `vigil clock due` answers every limit listed\nbelow, but nothing starts it, nobody is \
                       assigned and no answer goes out. No open issue asks for that process. One thing that a\nmember says is \
                       recorded, because a limit hangs on it: that an approved service which the plan cuts goes on meanwhile. A\n\
                       hospital's stay records its own discharge appeals and its disputes with payers.\n";

/// Rules that name who else is told, how and when.
fn tellings(rules: &[Arc<Rule>], out: &mut String) {
    out.push_str(
        "\n## What else is told, and by when\n\nEach of these starts a clock of its own in a case when the answer stands; the letter's own \
         clock is that of the rule. A letter whose\ntime counts from a call starts with the call, if it is still owed then. What is missed \
         is recorded; the source names no effect for it.\n\n",
    );
    for rule in rules {
        for telling in rule.notice.iter().flat_map(|notice| &notice.tells) {
            let _ = writeln!(out, "- {} ({}; {}): {}.", rule.id, rule.cite, rule.confidence.word(), telling.says());
        }
    }
}

/// Rules under which telling by telephone is in time, and the letter follows.
fn after_a_call(rules: &[Arc<Rule>], out: &mut String) {
    for rule in rules {
        let Some(after) = rule.notice.as_ref().and_then(|n| n.written_after_oral) else { continue };
        let _ = writeln!(
            out,
            "- {}: the member may be told by telephone; the letter follows within {} of the call. Under a rule that does not \
             say so only the letter meets the notice clock.",
            rule.id,
            after.unit.spoken(after.amount)
        );
    }
}
