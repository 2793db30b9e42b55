//! Answers about status in words.

use std::io::Write;

use serde_json::Value;
use vigil_domain::{
    status::{Met, NoticeDue, Procedure, StatusAnswer, StatusBook},
    time::{Moment, Zone},
};

fn at(moment: Moment, zone: &Zone) -> String {
    zone.at(moment).strftime("%b %-d, %Y, %-I:%M %p %Z").to_string()
}

/// The status answer.
pub fn status(answer: &Value, book: &StatusBook, zone: &Zone, out: &mut dyn Write) -> std::io::Result<()> {
    let answer: StatusAnswer = serde_json::from_value(answer.clone())?;
    let plain = |word: &str| word.replace('-', " ");
    writeln!(out, "{}: {} ({})", sentence(&plain(answer.status.word())), plain(answer.basis.word()), answer.cite)?;
    writeln!(out, "{}", answer.says)?;
    writeln!(out, "Law: {}. Facts: {}.", answer.law.word(), format!("{:?}", answer.facts).to_lowercase())?;
    let counted = &answer.midnights;
    writeln!(
        out,
        "Midnights: {} so far ({} before the order, {} after it), {} expected in all.",
        counted.so_far, counted.outpatient, counted.after_order, counted.expected
    )?;
    if let Some(tier) = &answer.tier {
        writeln!(out, "Before billing: {}.", plain(tier.word()))?;
    }
    list(out, "Facts used", answer.used.iter().map(|used| format!("{} [{}]", used.fact, used.rule)))?;
    list(
        out,
        "What would change it",
        answer.would_change.iter().map(|change| {
            format!(
                "{} -> {}, {} [{}]",
                change.when,
                plain(change.then.word()),
                plain(change.basis.word()),
                change.rule
            )
        }),
    )?;
    list(out, "To document", answer.document.iter().map(|need| format!("{} [{}]", need.what, need.rule)))?;
    let alerts = answer.alerts.iter().map(|alert| {
        let raised = if alert.raised { "now" } else { "to come" };
        format!("{} ({raised}): {} [{}]", at(alert.at, zone), alert.says, alert.rule)
    });
    list(out, "Trigger points", alerts)?;
    if let Some(again) = answer.look_again_at {
        writeln!(out, "Look again {}.", at(again, zone))?;
    }
    let rules = answer.rules.iter().filter_map(|id| book.by_id(id, zone.day(counted.from.unwrap_or_default())));
    list(
        out,
        "Rules",
        rules.map(|rule| format!("{} ({}; {}): {}", rule.id, rule.cite, rule.confidence.word(), rule.says)),
    )
}

/// A procedure, a notice, or anything else.
pub fn any(answer: &Value, book: &StatusBook, zone: &Zone, out: &mut dyn Write) -> std::io::Result<()> {
    if answer.get("would_change").is_some() {
        return status(answer, book, zone, out);
    }
    if let Ok(found) = serde_json::from_value::<Procedure>(answer.clone()) {
        return procedure(&found, zone, out);
    }
    if let Ok(found) = serde_json::from_value::<NoticeDue>(answer.clone()) {
        return notice(&found, zone, out);
    }
    if let Ok(found) = serde_json::from_value::<Vec<NoticeDue>>(answer.clone()) {
        return found.iter().try_for_each(|one| notice(one, zone, out));
    }
    writeln!(out, "{}", serde_json::to_string_pretty(answer)?)
}

fn procedure(found: &Procedure, zone: &Zone, out: &mut dyn Write) -> std::io::Result<()> {
    let head = match (&found.refusal, found.passes()) {
        (Some(_), _) => "refused",
        (None, true) => "every condition holds",
        _ => "open",
    };
    writeln!(out, "{}: {head}", found.title)?;
    if let Some(outcome) = &found.outcome {
        writeln!(out, "Comes out as: {}", outcome.replace('-', " "))?;
    }
    if let Some(refusal) = &found.refusal {
        writeln!(out, "Because: {} [{}; {}; {}]", refusal.says, refusal.rule, refusal.cite, refusal.confidence.word())?;
        writeln!(out, "Instead: {}", refusal.instead)?;
    }
    for step in &found.steps {
        let mark = match step.met {
            Met::Met => "yes",
            Met::NotMet => "NO",
            Met::Unknown => "?",
        };
        let due = step.due_at.map(|due| format!(" (by {})", at(due, zone))).unwrap_or_default();
        writeln!(out, "{mark:>4}  {} {}{due} [{}]", step.question, step.why, step.rule)?;
    }
    let letters = found.produces.letters.iter().map(|letter| {
        let due = letter.due_at.map(|due| format!(", by {}", at(due, zone))).unwrap_or_default();
        format!("{} to the {}{due} [{}]", letter.notice, letter.to, letter.rule)
    });
    list(out, "Letters owed", letters)?;
    let flags = found.produces.bill.iter().map(|flag| {
        let span =
            flag.from.zip(flag.through).map(|(from, through)| format!(" {from} to {through}")).unwrap_or_default();
        let units = flag.units.map(|units| format!(" x {units}")).unwrap_or_default();
        format!(
            "bill {}, {}: {}{span}{units} ({}) [{}]",
            flag.bill,
            flag.place.word().replace('-', " "),
            flag.code,
            flag.says,
            flag.rule
        )
    });
    list(out, "Bill", flags)?;
    list(out, "Notes", found.produces.notes.iter().cloned())
}

fn notice(found: &NoticeDue, zone: &Zone, out: &mut dyn Write) -> std::io::Result<()> {
    let copy = found.copy.as_ref().map(|copy| format!(", {copy} copy")).unwrap_or_default();
    writeln!(out, "{}{copy}: {}", found.short, found.state.word().replace('-', " "))?;
    writeln!(out, "{} [{}; {}; {}]", found.says, found.rule, found.cite, found.confidence.word())?;
    if let Some(opens) = found.opens_at {
        writeln!(out, "Not before {}.", at(opens, zone))?;
    }
    if let Some(due) = found.due_at {
        writeln!(out, "No later than {}.", at(due, zone))?;
    }
    Ok(())
}

fn list(out: &mut dyn Write, title: &str, entries: impl Iterator<Item = String>) -> std::io::Result<()> {
    let entries: Vec<String> = entries.collect();
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:")?;
    entries.iter().try_for_each(|entry| writeln!(out, "  - {entry}"))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
