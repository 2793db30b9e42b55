//! Review: approve, ask, refer, answer a criterion, mark a finding of one's own, record what came in and a talk of peers.

use vigil_domain::{
    case::{Case, LineState},
    criteria::{FactDef, FactKind},
};

use super::known::{Known, choices, one_line, open_lines};
use crate::web::{
    case::{actions::Action, criteria, hide},
    panel::{Choice, Field, Kind, Panel},
    words,
};

pub(super) fn approve(panel: Panel, case: &Case) -> Panel {
    let hint = match case.open_lines().all(LineState::criteria_met) {
        true => "The criteria are met; a word of your own may stand beside them",
        false => "The criteria are not all met, or none bind: say what shows the need",
    };
    panel
        .says(format!("Approves as asked. Authorization number {}. The notice goes out by itself.", case.authorization))
        .field(Field::new("line", "Lines", Kind::Checks(open_lines(case))))
        .field(Field::new("from", "First authorized day", Kind::Day).hint("Empty: as asked"))
        .field(Field::new("through", "Last authorized day", Kind::Day).hint("Empty: as asked"))
        .field(Field::area("why", "On what it rests", 2).hint(hint))
}

pub(super) fn ask(panel: Panel, known: &Known<'_>) -> Panel {
    let mut asks: Vec<&str> = known.criteria.iter().flat_map(|c| c.asks.iter().map(|(_, q)| q.as_str())).collect();
    asks.dedup();
    panel
        .says("Name exactly what is needed, one thing a line. Whether the clock stops meanwhile is the law's to say, and the time line will tell.")
        .field(Field::area("wanted", "What is needed", 4).value(asks.join("\n")))
        .field(Field::select("from", "From", choices(&[("requester", "Requester"), ("member", "Member"), ("non-contract provider", "Non-contract provider")])))
        .field(Field::select("via", "By", choices(&[("fax", "Fax"), ("telephone", "Telephone"), ("portal", "Portal"), ("FHIR", "FHIR response"), ("mail", "Mail")])))
}

/// The open and unmet criteria in their own sentences. Where the law wants each reviewer's own finding first, a reason made
/// from the machine's verdicts would show them to the next one: there the nurse writes hers.
pub(super) fn refer_reason(known: &Known<'_>) -> String {
    let mut lines = Vec::new();
    if hide::own_finding_first(known.case, known.library) {
        return String::new();
    }
    for criteria in known.criteria.iter().filter(|c| !c.hidden && c.outcome.is_none()) {
        for row in &criteria.rows {
            let Some(leaf) = &row.leaf else { continue };
            match row.mark.class {
                "unmet" => lines.push(format!("Not met: {} ({})", leaf.says, leaf.cite)),
                "open" if leaf.could_change => lines.push(format!("Open: {} ({})", leaf.says, leaf.cite)),
                _ => {}
            }
        }
        if criteria.pack.is_empty() {
            lines.push(criteria.why_unjudged());
        }
    }
    lines.dedup();
    lines.truncate(6);
    lines.join("\n")
}

pub(super) fn facts(panel: Panel, known: &Known<'_>) -> Panel {
    let found = known.fact.split_once('/').and_then(|(service, id)| {
        let pack = known.criteria.iter().find(|c| c.pack == service);
        let digest = known.case.lines.iter().filter_map(|l| l.evaluation.as_ref()).find(|e| e.service == service);
        let service = digest.and_then(|e| known.library.criteria.by_digest(&e.pack))?;
        pack.and_then(|_| service.fact(id).cloned())
    });
    let Some(fact) = found else { return panel.says("Choose a criterion in the checklist first.") };
    let documents = known.case.request.documents.iter().map(|d| Choice::new(d.title.clone(), d.title.clone()));
    let mut places: Vec<Choice> = documents.collect();
    places.push(Choice::new("clinical statements of the request", "Clinical statements of the request"));
    places.push(Choice::new("", "Somewhere else: say where below"));
    panel
        .says(fact.question.clone())
        .field(Field::hidden("fact", known.fact))
        .field(fact_field(&fact))
        .field(Field::new("on", "The day it speaks of", Kind::Day).hint(format!("How old it may be: {}", fact.window)))
        .field(Field::select("found", "Found in", places))
        .field(Field::text("where", "Page, or where else").hint(format!("Usually in: {}", fact.from)))
}

fn fact_field(fact: &FactDef) -> Field {
    match &fact.kind {
        FactKind::Boolean => Field::new("value", "Answer", Kind::Radio(choices(&[("true", "Yes"), ("false", "No")]))),
        FactKind::Quantity => {
            let unit = fact.unit.as_deref().map(criteria::ucum).unwrap_or_default();
            Field::new("value", "Value", Kind::Number).hint(unit)
        }
        _ => {
            let words = fact.choices.iter().map(|c| Choice::new(c.clone(), words::capital(&words::plain(c))));
            Field::select("value", "Answer", words.collect())
        }
    }
}

pub(super) fn mark(panel: Panel, known: &Known<'_>) -> Panel {
    panel
        .says("In this state no machine verdict is shown before you have marked your own. Your finding is kept in the record; then the checklist shows its verdicts.")
        .field(Field::select("line", "Line", one_line(known.case)))
        .field(Field::new("finding", "Your finding", Kind::Radio(choices(&[("met", "The criteria are met"), ("not met", "They are not met"), ("open", "It cannot be told yet")]))))
        .field(Field::area("text", "On what", 3))
}

pub(super) fn received(panel: Panel, case: &Case) -> Panel {
    let mut panel = panel
        .says("Records what came in, with the time it reached us. The criteria are checked again.")
        .field(
            Field::new("received_at", "Reached us", Kind::DayTime)
                .hint(format!("{}; empty: now", case.contract.zone.name())),
        )
        .field(Field::select(
            "channel",
            "By",
            choices(&[("fax", "Fax"), ("phone", "Telephone"), ("portal", "Portal"), ("mail", "Mail")]),
        ))
        .field(Field::text("proof", "Proof of that time").hint("Fax banner, call recording number, message number"))
        .field(Field::text("caller", "From whom"))
        .field(Field::new("files", "Documents", Kind::File).hint("PDF, picture or text, up to 8 MB together"))
        .field(Field::area("typed", "Or type what was said", 3).hint("Kept as a text document"))
        .field(Field::new("complete", "This is all that was asked for", Kind::Tick));
    panel.multipart = true;
    panel
}

pub(super) fn peer(action: Action, new: impl Fn(&str) -> Panel, case: &Case) -> Panel {
    if action == Action::Schedule {
        return new("Agree")
            .says("A talk does not stop the clock, so it must come before the decision is due.")
            .field(Field::new("at", "When", Kind::DayTime).hint(case.contract.zone.name()))
            .field(Field::text("with", "Whom to call, and at what number").value(requester(case)));
    }
    let outcomes = [
        ("held-new", "Held, with new information"),
        ("held", "Held, nothing new"),
        ("not-reached", "The requester was not reached"),
        ("declined", "The requester declined"),
    ];
    let agreed = case
        .peer_to_peer
        .as_ref()
        .map(|p| format!("Agreed for {} with {}.", words::moment(p.at, &case.contract.zone), p.with));
    new("Record")
        .says(agreed.unwrap_or_default())
        .field(Field::select("outcome", "What happened", choices(&outcomes)))
        .field(Field::area("summary", "Summary", 4))
}

fn requester(case: &Case) -> String {
    let who = case.request.practitioner.as_ref().unwrap_or(&case.request.requester);
    [Some(who.name.clone()), who.phone.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
