//! The status room is asked about a stay: which facts it is given, and what its answer makes of alerts, notices and bills.

use super::{
    Draft,
    window::{self, Window},
};
use crate::{
    case::event::RulePin,
    library::Library,
    status::{self, NoticeDue, NoticeState as Stands, StatusAnswer, StatusFacts},
    stay::{
        Stay,
        judged::Judged,
        notice::{NoticeKind, NoticeState},
        procedure::ProcedureKind,
        refusal::{Refusal, Refused},
        track::FlagKind,
    },
    time::Moment,
};

/// Asks the rules. None until the status room answers.
fn ask(_facts: &StatusFacts, _books: &Library, _now: Moment) -> Option<StatusAnswer> {
    None
}

/// Asks the rules, and says the answer in stored words; without an answer, what orders and registration make of the patient.
pub(super) fn judge(draft: &Draft<'_>) -> Judged {
    let stay = draft.stay();
    let facts = stay.status_facts();
    let Some(answer) = ask(&facts, draft.books, draft.now) else {
        let period = stay.track.periods.last();
        return Judged {
            status: stay.status().word().to_owned(),
            basis: period.map(|p| p.basis.word().to_owned()).unwrap_or_default(),
            confidence: period.map(|p| p.confidence.word().to_owned()).unwrap_or_default(),
            ..Judged::default()
        };
    };
    Judged {
        status: answer.status.word().to_owned(),
        basis: answer.basis.word().to_owned(),
        confidence: word(answer.facts),
        cite: answer.cite.clone(),
        used: answer.used.iter().map(|used| used.fact.clone()).collect(),
        would_change: answer.would_change.iter().map(|change| change.when.clone()).collect(),
        document: answer.document.iter().map(|need| need.what.clone()).collect(),
        look_again_at: look(stay, &facts, &answer, draft.books, draft.now),
    }
}

fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The same answer: facts that only say how much time went by do not make another one.
pub(super) fn is_same(a: &Judged, b: &Judged) -> bool {
    (&a.status, &a.basis, &a.confidence, &a.cite, &a.would_change, &a.document, a.look_again_at)
        == (&b.status, &b.basis, &b.confidence, &b.cite, &b.would_change, &b.document, b.look_again_at)
}

/// When the stay is to be looked at again: the rules' own moment, a trigger point to come, a notice that opens.
fn look(stay: &Stay, facts: &StatusFacts, answer: &StatusAnswer, books: &Library, now: Moment) -> Option<Moment> {
    if stay.is_cancelled() || (!stay.in_house() && stay.discharged_at().is_some()) {
        return None;
    }
    let alerts = answer.alerts.iter().filter(|a| !a.raised).map(|a| a.at);
    let opens = due_notices(stay, facts, books, now).into_iter().filter_map(|(_, due)| due.opens_at);
    answer.look_again_at.into_iter().chain(alerts).chain(opens).filter(|at| *at > now).min()
}

/// The next moment at which something may become owed though nobody acts.
pub(super) fn look_again(stay: &Stay, books: &Library, now: Moment) -> Option<Moment> {
    let facts = stay.status_facts();
    let answer = ask(&facts, books, now)?;
    look(stay, &facts, &answer, books, now)
}

/// Trigger points that are reached: id and words.
pub(super) fn alerts(draft: &Draft<'_>) -> Vec<(String, String)> {
    let stay = draft.stay();
    if stay.is_cancelled() {
        return Vec::new();
    }
    let answer = ask(&stay.status_facts(), draft.books, draft.now);
    let mut raised: Vec<(String, String)> = answer
        .iter()
        .flat_map(|answer| &answer.alerts)
        .filter(|alert| alert.raised)
        .map(|alert| (alert.kind.word().to_owned(), alert.says.clone()))
        .collect();
    raised.extend(
        stay.track
            .flags
            .iter()
            .filter(|f| asks_a_person(&f.kind))
            .map(|flag| (format!("{}/{}", flag.kind, flag.at), flag.says.clone())),
    );
    raised.dedup_by(|a, b| a.0 == b.0);
    raised
}

/// Flags of the track that are somebody's work; the others only tell how the stay was put together.
fn asks_a_person(kind: &FlagKind) -> bool {
    matches!(
        kind,
        FlagKind::OrderMissing
            | FlagKind::RegistrationLag
            | FlagKind::OrderUnsigned
            | FlagKind::OrderUnmapped
            | FlagKind::ClassUnmapped
            | FlagKind::ImplicitChange
            | FlagKind::InpatientToOutpatient
            | FlagKind::ChangedAfterDischarge
            | FlagKind::DisguisedChange
            | FlagKind::Moved
            | FlagKind::SourceDeleted
    )
}

/// The notices the status room knows of, with where each stands.
fn due_notices(stay: &Stay, facts: &StatusFacts, books: &Library, now: Moment) -> Vec<(NoticeKind, NoticeDue)> {
    let given = |kind: NoticeKind| stay.notice(&kind).and_then(|n| n.delivered.as_ref()).map(|(_, d)| d.as_status());
    let _ = (facts, books, now, given);
    Vec::new()
}

/// Notices that are owed: which, why, citation. One that was given stays owed in this sense.
pub(super) fn notices(draft: &Draft<'_>) -> Vec<(NoticeKind, String, String)> {
    let stay = draft.stay();
    if stay.is_cancelled() {
        return Vec::new();
    }
    due_notices(stay, &stay.status_facts(), draft.books, draft.now)
        .into_iter()
        .filter(|(_, due)| !matches!(due.state, Stands::NotOwed | Stands::NotYet))
        .map(|(kind, due)| (kind, due.says, due.cite))
        .collect()
}

/// The window of a notice: when it began, and when it ends.
pub(super) fn notice_window(draft: &Draft<'_>, notice: &NoticeState) -> Option<(Moment, Window)> {
    let stay = draft.stay();
    match notice.kind {
        NoticeKind::CommitteeDetermination => Some((notice.owed_at, committee_notice(draft, notice.owed_at)?)),
        NoticeKind::DetailedDischarge => {
            let told = stay.qio.as_ref()?.told_at;
            Some((told, records_window(draft, told)?))
        }
        _ => {
            let due = due_notices(stay, &stay.status_facts(), draft.books, draft.now);
            let (_, due) = due.into_iter().find(|(kind, _)| *kind == notice.kind)?;
            let started = due.opens_at.unwrap_or(notice.owed_at).min(notice.owed_at);
            let pin = RulePin { rule: due.rule, digest: String::new(), cite: due.cite };
            let confidence = due.confidence.word().to_owned();
            Some((started, Window { pin, confidence, due_at: due.due_at? }))
        }
    }
}

/// Written notice of a committee's determination: two days, and before the patient leaves where the status was changed.
fn committee_notice(draft: &Draft<'_>, from: Moment) -> Option<Window> {
    let mut window = rule_window(draft, "committee-notice", from)?;
    if draft.stay().changed_at().is_some()
        && let Some(leaves) = draft.stay().discharged_at().or(draft.stay().expected_discharge())
        && leaves > from
    {
        window.due_at = window.due_at.min(leaves);
    }
    Some(window)
}

/// Detailed notice and records: noon of the day after the organization told the hospital.
pub(super) fn records_window(draft: &Draft<'_>, told_at: Moment) -> Option<Window> {
    rule_window(draft, "detailed-notice", told_at)
}

/// A window that a status rule gives by topic.
fn rule_window(draft: &Draft<'_>, topic: &str, from: Moment) -> Option<Window> {
    let stay = draft.stay();
    let facts = stay.status_facts();
    let rule = draft.books.status.rule(topic, &facts.payer, &facts.jurisdiction, stay.day(from))?;
    let due_at = match (rule.figure("days"), rule.figure("noon-days")) {
        (_, Some(days)) => {
            let day = crate::calendar::day_of(crate::calendar::number_of(stay.day(from)) + i32::try_from(days).ok()?)?;
            window::at(stay, day, 12, 0, 0)?
        }
        (Some(days), None) => window::after(draft, from, u32::try_from(days).ok()?, "days")?,
        _ => return None,
    };
    Some(Window {
        pin: RulePin { rule: rule.id.clone(), digest: rule.digest.clone(), cite: rule.cite.clone() },
        confidence: rule.confidence.word().to_owned(),
        due_at,
    })
}

/// The expectation of two midnights is what the rules ask for and the record does not show: because, and the question.
pub(super) fn undocumented_expectation(draft: &Draft<'_>) -> Option<(String, String)> {
    let stay = draft.stay();
    let facts = stay.status_facts();
    if facts.expectation.is_some() || !facts.payer.is_medicare() || stay.admitted_at().is_none() {
        return None;
    }
    let answer = ask(&facts, draft.books, draft.now)?;
    (answer.basis == status::Basis::NotShown).then(|| {
        let ask = "What length of hospital care did you expect at the time of the order, and on which facts?";
        ("an inpatient order stands without a documented expectation".to_owned(), ask.to_owned())
    })
}

/// Why the bill of a finished stay waits for review: why, citation.
pub(super) fn bill_hold(draft: &Draft<'_>) -> Option<(String, String)> {
    let stay = draft.stay();
    if stay.in_house() || stay.discharged_at().is_none() || stay.admitted_at().is_none() || stay.changed_at().is_some()
    {
        return None;
    }
    let answer = ask(&stay.status_facts(), draft.books, draft.now)?;
    let held = answer.status == status::Supported::Hold || answer.tier == Some(status::ReviewTier::SecondLevel);
    held.then_some((answer.says, answer.cite))
}

/// Condition code 44, each condition in order.
pub(super) fn condition_code_44(
    draft: &Draft<'_>,
    observation_order_at: Option<Moment>,
) -> Result<status::Procedure, Refused> {
    let _ = (draft, observation_order_at);
    not_on_the_shelf("condition code 44")
}

/// The route of a finished stay's bill, each condition in order.
pub(super) fn bill_route(draft: &Draft<'_>, route: &ProcedureKind) -> Result<status::Procedure, Refused> {
    let _ = draft;
    not_on_the_shelf(route.word())
}

fn not_on_the_shelf<T>(what: &str) -> Result<T, Refused> {
    super::refuse(Refusal::house(
        "procedure.not-on-the-shelf",
        format!("The conditions of {what} are not on the shelf."),
        "Open the library with its status packs.",
    ))
}
