//! Writes `docs/conform/status.md`: every status rule by citation by worked rows, and what is carried in words only.

use std::{collections::BTreeMap, fmt::Write as _};

use vigil_domain::{status::StatusRule, time::Day};

use super::{lint::StatusReport, rows::StatusRow};

/// The page as text; the same packs give the same bytes.
pub fn page(report: &StatusReport) -> String {
    let book = &report.read.book;
    let mut out = String::from(
        "# Hospital status: rule by citation by worked rows\n\n\
         Generated from `packs/status` by the tests of `vigil-packs`; do not edit. Every row was worked by hand and runs in\n\
         every build. A rule that says \"from knowledge, verify\" must be read in the primary text before it is relied on.\n\n",
    );
    let mut rows: BTreeMap<&str, Vec<&StatusRow>> = BTreeMap::new();
    for row in &report.rows {
        rows.entry(&row.rule).or_default().push(row);
    }
    let _ = writeln!(out, "{} rules; {} worked rows.\n", book.rules().len(), report.rows.len());
    let mut files: Vec<&str> = report.read.places.values().map(|place| place.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let _ = writeln!(out, "## {file}\n");
        out.push_str("| rule | citation | in force | confidence | rows |\n|---|---|---|---|---|\n");
        let here = |rule: &&StatusRule| report.read.places.get(&rule.id).is_some_and(|place| place.file == file);
        for rule in book.rules().iter().filter(here) {
            let count = rows.get(rule.id.as_str()).map_or(0, Vec::len);
            let shown = if rule.prose_only.is_empty() { count.to_string() } else { format!("{count} (words only)") };
            let cite = rule.cite.replace('|', "\\|");
            let _ =
                writeln!(out, "| {} | {cite} | {} | {} | {shown} |", rule.id, applies(rule), rule.confidence.word());
        }
        out.push('\n');
    }
    out.push_str("## The worked rows\n\n");
    for (rule, rows) in &rows {
        let _ = writeln!(out, "### {rule}\n");
        for row in rows {
            let _ = writeln!(out, "- {} ({})", row.name, row.ask);
        }
        out.push('\n');
    }
    out.push_str("## Carried in words only\n\n");
    for rule in book.rules().iter().filter(|rule| !rule.prose_only.is_empty()) {
        let _ = writeln!(out, "- {}: {} {}", rule.id, rule.says, rule.prose_only);
    }
    out.push_str("\n## Remarks on rules\n\n");
    for rule in book.rules().iter().filter(|rule| !rule.note.is_empty()) {
        let _ = writeln!(out, "- {}: {}", rule.id, rule.note);
    }
    out.push_str("\n## Policy timings (defaults; a hospital edits them)\n\n| timing | default | basis | confidence |\n|---|---|---|---|\n");
    for timing in book.timings() {
        let basis = timing.basis.replace('|', "\\|");
        let _ =
            writeln!(out, "| {} | {} {} | {basis} | {} |", timing.id, timing.amount, timing.unit, timing.confidence);
    }
    out
}

fn applies(rule: &StatusRule) -> String {
    let day = |day: Option<Day>| day.map_or_else(|| "open".to_owned(), |day| day.to_string());
    format!("{} to {}", day(rule.from), day(rule.through))
}
