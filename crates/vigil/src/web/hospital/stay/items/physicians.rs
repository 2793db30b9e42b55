//! What reviewers and physicians found: reviews, second-level reviews, procedures and the bill, queries, stated facts.

use vigil_domain::{
    stay::{
        Stay,
        procedure::{Passed, ProcedureKind},
        review::Review,
    },
    time::{Moment, Zone},
};

use super::{
    super::{actions::Action, documents, story},
    Act, Item, documents as shown,
};
use crate::web::{
    case::story::{Names, name_of},
    words,
};

/// Reviews, the newest first.
pub(in super::super) fn reviews(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    use vigil_domain::stay::review::CriteriaUse;
    let criteria = |c: &CriteriaUse| match c {
        CriteriaUse::Pack { service, version, .. } => format!("criteria pack {service}, version {version}"),
        CriteriaUse::Licensed { product, version, subset, result } => {
            format!("{product} {version}, {subset}: {result}")
        }
        CriteriaUse::TwoMidnight => "two-midnight rule".to_owned(),
        CriteriaUse::Judgement { why } => format!("judgement: {why}"),
    };
    let item = |(at, who, r): &(Moment, String, vigil_domain::stay::review::Review)| Item {
        title: format!("{} review of {}", words::capital(&words::plain(r.kind.word())), words::day(r.day)),
        says: format!(
            "{}, level {}{}",
            words::plain(r.result.word()),
            r.level,
            r.recommended.as_ref().map(|l| format!(", recommended {l}")).unwrap_or_default()
        ),
        detail: format!(
            "{} {}. {}. {}",
            name_of(names, who),
            words::near(*at, stay.zone(), now),
            words::capital(&criteria(&r.criteria)),
            r.comments
        ),
        class: if r.result.word() == "met" { "good" } else { "soon" },
        list: evidence(r, stay.zone(), now),
        ..Item::default()
    };
    stay.reviews.iter().rev().map(item).collect()
}

/// When the next review is, and what this one looked at.
fn evidence(review: &Review, zone: &Zone, now: Moment) -> Vec<String> {
    let mut list: Vec<String> =
        review.next_review_on.map(|d| format!("Next review {}", words::day(d))).into_iter().collect();
    list.extend(review.looked_at.iter().map(|seen| format!("Looked at: {}", seen.title)));
    let signs = shown::signs(&review.measured, zone, now);
    list.extend((!signs.is_empty()).then(|| format!("The record showed: {}", signs.join("; "))));
    list
}

/// Second-level reviews, the newest first.
pub(in super::super) fn ladder(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item =
        |e: &vigil_domain::stay::review::Escalation| {
            let (rung, _, name) = &e.at;
            let about = e.id.to_string();
            let mut list: Vec<String> = e
                .steps
                .iter()
                .map(|(at, rung, _, name, why)| {
                    format!("{} to {} {name}: {why}", words::near(*at, zone, now), words::plain(rung.word()))
                })
                .collect();
            list.extend(e.advice.iter().map(|(at, _, name, advice, why)| {
                format!("{} {name} advises {}: {why}", words::near(*at, zone, now), words::plain(advice.word()))
            }));
            list.extend(e.attending.iter().map(|(at, view, name)| {
                format!("{} {name} {}", words::near(*at, zone, now), words::plain(view.word()))
            }));
            list.extend(e.committee.iter().map(|(at, _, name, necessary)| {
                let found = if *necessary { "inpatient care necessary" } else { "inpatient care not necessary" };
                format!("{} {name} (UR committee): {found}", words::near(*at, zone, now))
            }));
            let act = |action: Action, title: &str| Act::of(stay, action, &about, title);
            Item {
                title: e.why.clone(),
                says: match &e.closed {
                    Some((at, how)) => format!("closed {}: {}", words::near(*at, zone, now), words::plain(how)),
                    None => format!("waits for {} {name}", words::plain(rung.word())),
                },
                class: if e.is_open() { "soon" } else { "" },
                acts: if e.is_open() {
                    vec![
                        act(Action::Advise, "Advise"),
                        act(Action::Attending, "Attending’s answer"),
                        act(Action::Determine, "UR committee"),
                    ]
                } else {
                    Vec::new()
                },
                list,
                ..Item::default()
            }
        };
    stay.escalations.iter().rev().map(item).collect()
}

/// The bill and the guided procedures passed.
pub(in super::super) fn procedures(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let mut items: Vec<Item> = Vec::new();
    if let Some((at, why, cite)) = &stay.bill.held {
        items.push(Item {
            title: "The bill is held".to_owned(),
            says: format!("since {}: {why}", words::near(*at, zone, now)),
            detail: cite.clone(),
            class: "soon",
            ..Item::default()
        });
    }
    if let Some((at, route, flags)) = &stay.bill.released {
        items.push(Item {
            title: format!("The bill may go out: {}", story::procedure_title(route)),
            says: words::near(*at, zone, now),
            list: flags.clone(),
            ..Item::default()
        });
    }
    items.extend(stay.procedures.iter().rev().map(|(at, kind, passed, who)| {
        let condition = |c: &vigil_domain::stay::procedure::Condition| {
            let sure = words::plain(&c.confidence);
            format!("{}. {} {} ({}; {sure})", words::capital(&words::plain(&c.met)), c.question, c.why, c.cite)
        };
        let mut list: Vec<String> = passed.conditions.iter().map(condition).collect();
        list.extend(passed.letters.iter().map(|l| letter(l)));
        list.extend(passed.flags.iter().cloned());
        Item {
            title: story::procedure_title(kind.word()).to_owned(),
            says: format!(
                "{}, {} by {}",
                story::how_far(kind, passed),
                words::near(*at, zone, now),
                name_of(names, who)
            ),
            class: if open(kind, passed) { "soon" } else { "good" },
            list,
            ..Item::default()
        }
    }));
    items
}

/// A changed status whose conditions are not all met yet.
fn open(kind: &ProcedureKind, passed: &Passed) -> bool {
    *kind == ProcedureKind::ConditionCode44 && passed.conditions.iter().any(|c| c.met != "met")
}

/// `committee.condition-code-44 to patient`, as a person says it.
fn letter(told: &str) -> String {
    let (form, to) = told.split_once(" to ").unwrap_or((told, ""));
    let form = words::plain(form.rsplit('.').next().unwrap_or(form));
    if to.is_empty() { format!("Letter: {form}") } else { format!("Letter: {form}, to the {to}") }
}

/// Queries of physicians, the newest first.
pub(in super::super) fn queries(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |q: &vigil_domain::stay::delay::Query| Item {
        title: format!("{} · to {}", words::capital(&words::plain(q.kind.word())), q.to),
        says: match &q.answered {
            Some((at, outcome, said)) => {
                format!("{} {}: {said}", words::plain(outcome.word()), words::near(*at, zone, now))
            }
            None => "open".to_owned(),
        },
        detail: format!(
            "{} {} (asked {} by {})",
            q.question,
            q.because,
            words::near(q.asked.0, zone, now),
            name_of(names, &q.asked.1)
        ),
        class: if q.answered.is_none() { "soon" } else { "" },
        acts: if q.answered.is_none() {
            vec![Act::of(stay, Action::AnswerQuery, &q.id.to_string(), "Answer")]
        } else {
            Vec::new()
        },
        ..Item::default()
    };
    stay.queries.iter().rev().map(item).collect()
}

/// Facts stated for the status rules, the newest first.
pub(in super::super) fn documented(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let item = |(at, who, d): &(Moment, String, vigil_domain::stay::documented::Documented)| Item {
        title: documents::title(&d.fact),
        says: documents::stated(&d.fact, stay.zone()),
        detail: format!("{}, stated by {} {}", d.found_in, name_of(names, who), words::near(*at, stay.zone(), now)),
        ..Item::default()
    };
    stay.facts.iter().rev().map(item).collect()
}
