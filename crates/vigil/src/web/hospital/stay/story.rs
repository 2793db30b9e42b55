//! The time line: what happened to a stay, one sentence an event, in the words of the people who read it.

use std::collections::BTreeMap;

use vigil_desk::hospital::act::StayRecorded;
use vigil_domain::{
    stay::{
        Stay,
        event::Event,
        news::NewsKind,
        notice::AppealOf,
        procedure::{Passed, ProcedureKind},
        review::ReviewResult,
    },
    time::{Moment, Zone},
};

use crate::web::{
    case::story::{Names, Told, ToldDay, name_of},
    words,
};

/// The whole time line, newest day first. Clocks that start, are met or end are told under `faint`.
pub fn told(stay: &Stay, events: &[StayRecorded], names: &Names, now: Moment) -> Vec<ToldDay> {
    let zone = stay.zone();
    let today = zone.day(now);
    let mut days: Vec<ToldDay> = Vec::new();
    for recorded in events.iter().rev() {
        let (says, detail, weight) = sentence(stay, &recorded.event, now);
        let told = Told {
            time: words::time_of_day(recorded.at, zone),
            machine: words::machine(recorded.at),
            who: name_of(names, &recorded.actor),
            says,
            detail,
            weight,
        };
        let day = words::short_day(zone.day(recorded.at), today);
        match days.last_mut().filter(|last| last.day == day) {
            Some(last) => last.events.push(told),
            None => days.push(ToldDay { day, events: vec![told] }),
        }
    }
    days
}

type Sentence = (String, String, &'static str);

fn plain(says: impl Into<String>) -> Sentence {
    (says.into(), String::new(), "plain")
}

fn with(says: impl Into<String>, detail: impl Into<String>, weight: &'static str) -> Sentence {
    (says.into(), detail.into(), weight)
}

fn payer(stay: &Stay, id: &str) -> String {
    stay.held.iter().find(|h| h.payer_id == id).map_or_else(|| id.to_owned(), |h| h.name.clone())
}

fn p(word: &str) -> String {
    words::plain(word)
}

fn at(when: Moment, zone: &Zone, now: Moment) -> String {
    words::near(when, zone, now)
}

fn sentence(stay: &Stay, event: &Event, now: Moment) -> Sentence {
    let zone = stay.zone();
    match event {
        Event::StayOpened { hospital, .. } => plain(format!("The stay began to be watched at {}", hospital.name)),
        Event::NewsTaken { news } => {
            let status = news.class.as_ref().and_then(|c| c.status.as_ref());
            let status = status.map(|s| format!(", {}", super::super::status_title(s.word()))).unwrap_or_default();
            let order =
                news.order.as_ref().and_then(|o| o.code.label.clone()).map(|o| format!(": {o}")).unwrap_or_default();
            let said = heard(&news.kind, &news.trigger);
            with(format!("{said} {}{order}{status}", at(news.effective_at, zone, now)), "", "faint")
        }
        Event::CoverageStated { held, change, basis, .. } => {
            let names: Vec<&str> = held.iter().map(|h| h.name.as_str()).collect();
            with(format!("Coverage ({}): {}", p(change.word()), names.join(", then ")), basis.clone(), "plain")
        }
        Event::StatusJudged { judged } => with(
            format!("The rules support {}: {}", p(&judged.status), p(&judged.basis)),
            judged.cite.clone(),
            "strong",
        ),
        Event::AlertRaised { says, .. } => with(says.clone(), "", "warn"),
        Event::AlertCleared { why, .. } => with("Alert cleared", why.clone(), "faint"),
        Event::FactsDocumented { facts, .. } => {
            let names: Vec<String> = facts.iter().map(|f| super::documents::title(&f.fact).to_lowercase()).collect();
            let places: Vec<&str> = facts.iter().map(|f| f.found_in.as_str()).collect();
            with(format!("Documented: {}", names.join(", ")), places.join("; "), "plain")
        }
        Event::Assigned { name, .. } => plain(format!("Taken by {name}")),
        Event::Released { .. } => plain("Put back"),
        Event::Noted { text, .. } => with("Note", text.clone(), "plain"),
        Event::ReviewRecorded { review, .. } => {
            let weight = if review.result == ReviewResult::Met { "plain" } else { "strong" };
            let says = format!("{} review: {}", words::capital(&p(review.kind.word())), p(review.result.word()));
            with(says, review.comments.clone(), weight)
        }
        Event::ClockStarted { clock } => with(
            format!("Clock: {}, due {}", p(clock.watch.word()), at(clock.due_at, zone, now)),
            clock.pin.cite.clone(),
            "faint",
        ),
        Event::ClockSatisfied { watch, late, .. } => {
            let how = if *late { "done late" } else { "done in time" };
            with(format!("{} {how}", words::capital(&p(watch.word()))), "", if *late { "warn" } else { "faint" })
        }
        Event::ClockEnded { why, .. } => with("A clock ended", why.clone(), "faint"),
        Event::ClockWarned { .. } => with("A clock warned", "", "faint"),
        Event::ClockLapsed { watch, effect, .. } => {
            with(format!("{} is overdue", words::capital(&p(watch.word()))), effect.clone(), "warn")
        }
        other => ladder(stay, other, now),
    }
}

/// The ladder, procedures and the bill.
fn ladder(stay: &Stay, event: &Event, now: Moment) -> Sentence {
    let zone = stay.zone();
    match event {
        Event::Escalated { why, rung, name, chosen, .. } => {
            let to = if name.is_empty() { p(rung.word()) } else { format!("{name}, {}", p(rung.word())) };
            with(format!("Sent up to {to}"), format!("{why} {chosen}"), "strong")
        }
        Event::Advised { name, advice, rationale, .. } => {
            with(format!("{name} advises: {}", p(advice.word())), rationale.clone(), "strong")
        }
        Event::AttendingAnswered { attending, view, documented, at: when, .. } => {
            with(format!("{attending} {} ({})", p(view.word()), at(*when, zone, now)), documented.clone(), "strong")
        }
        Event::CommitteeDetermined { name, necessary, second, rationale, .. } => {
            let found = if *necessary { "inpatient care is necessary" } else { "inpatient care is not necessary" };
            let which = if *second { "second UR committee physician" } else { "UR committee" };
            with(format!("{name} for the {which}: {found}"), rationale.clone(), "strong")
        }
        Event::EscalationClosed { outcome, .. } => plain(format!("Second-level review closed: {}", p(outcome))),
        Event::ProcedurePassed { procedure, passed, .. } => {
            let title = procedure_title(procedure.word());
            with(format!("{title}: {}", how_far(procedure, passed)), passed.flags.join("; "), "strong")
        }
        Event::BillHeld { why, cite } => with("The bill is held", format!("{why} {cite}"), "warn"),
        Event::BillReleased { route, flags, .. } => {
            with(format!("The bill may go out: {}", procedure_title(route)), flags.join("; "), "strong")
        }
        other => payers(stay, other, now),
    }
}

/// What a feed said happened, with its own word for it.
fn heard(kind: &NewsKind, trigger: &str) -> String {
    let says = match kind {
        NewsKind::Register => "Registered",
        NewsKind::Admit => "Admitted to a bed",
        NewsKind::Transfer => "Moved",
        NewsKind::Discharge => "Left",
        NewsKind::ClassUp => "Class changed, now bedded",
        NewsKind::ClassDown => "Class changed to outpatient",
        NewsKind::Update => "Record updated",
        NewsKind::Order => "Order",
        NewsKind::Snapshot => "Visit as it stands",
        other => return format!("{} ({trigger})", words::capital(&words::plain(other.word()))),
    };
    if trigger == "simulated" { says.to_owned() } else { format!("{says} ({trigger})") }
}

/// What began a clock, in words.
pub fn started_by(word: &str) -> String {
    match word {
        "bedded" => "in a bed".to_owned(),
        "QIO_received_all_info" => "the organization has all records".to_owned(),
        "reconsideration_asked" => "the patient asked to reconsider".to_owned(),
        "qio_told_hospital" => "the organization told the hospital".to_owned(),
        "payer_told_or_asked" => "the payer was told, or asked".to_owned(),
        other => words::capital(&words::plain(other)),
    }
}

/// `passed, 9 conditions met`, or how many are met of how many: a procedure with an open condition has not passed, and a
/// bill’s route is decided by what does not hold too.
pub fn how_far(kind: &ProcedureKind, passed: &Passed) -> String {
    let all = passed.conditions.len();
    let met = passed.conditions.iter().filter(|c| c.met == "met").count();
    let number = |n: usize| i64::try_from(n).unwrap_or(0);
    if met == all {
        return format!("passed, {} met", words::many(number(all), "condition", "conditions"));
    }
    let of = words::many(number(all), "condition", "conditions");
    match kind {
        ProcedureKind::ConditionCode44 => format!("status changed, {met} of {of} met so far"),
        _ => format!("decided, {met} of {of} met"),
    }
}

/// What pages call a guided procedure.
pub fn procedure_title(word: &str) -> &str {
    match word {
        "cc44" => "Condition code 44",
        "w2" => "Part B rebilling (W2)",
        "part_a" => "Part A stands",
        "no_bill" => "No bill",
        "by_contract" => "By the payer’s contract",
        other => other,
    }
}

/// Payers and disputes.
fn payers(stay: &Stay, event: &Event, now: Moment) -> Sentence {
    let zone = stay.zone();
    match event {
        Event::PayerNotified { payer: id, channel, at: when, reference, late, .. } => with(
            format!("{} told by {} {}", payer(stay, id), p(channel.word()), at(*when, zone, now)),
            [reference.clone(), late.clone()].into_iter().flatten().collect::<Vec<_>>().join("; "),
            if late.is_some() { "warn" } else { "plain" },
        ),
        Event::ClinicalsSent { payer: id, confirmation, what, .. } => with(
            format!("Clinicals sent to {}: {what}", payer(stay, id)),
            format!("confirmation {confirmation}"),
            "plain",
        ),
        Event::PayerAsked { payer: id, ask, days, .. } => {
            let days = days.map(|d| format!(", {}", words::many(i64::from(d), "day", "days"))).unwrap_or_default();
            plain(format!("{} asked for {}{days}", payer(stay, id), p(ask.word())))
        }
        Event::PayerReviewAsked { payer: id, what, .. } => plain(format!("{} asks: {what}", payer(stay, id))),
        Event::PayerAnswered { payer: id, answer, source, .. } => {
            let number = answer.authorization.as_ref().map(|n| format!(", number {n}")).unwrap_or_default();
            let through = answer.through.map(|d| format!(", through {}", words::day(d))).unwrap_or_default();
            with(
                format!("{}: {}{number}{through}", payer(stay, id), p(answer.kind.word())),
                format!(
                    "{} by {} {} {}",
                    source.said_by,
                    p(source.channel.word()),
                    at(source.said_at, zone, now),
                    answer.reason.clone().unwrap_or_default()
                ),
                "strong",
            )
        }
        Event::EvidenceLocked { authorization, approver, cite, .. } => with(
            format!("Approved admission {authorization} by {approver}: its evidence is locked"),
            cite.clone(),
            "strong",
        ),
        Event::DisputeOpened { kind, payer: id, grounds, agreed_for, .. } => {
            let when = agreed_for.map(|w| format!(" for {}", at(w, zone, now))).unwrap_or_default();
            with(
                format!("{} with {}{when}", words::capital(&p(kind.word())), payer(stay, id)),
                grounds.clone(),
                "plain",
            )
        }
        Event::DisputeEnded { end, words: said, .. } => {
            with(format!("Dispute {}", p(end.word())), said.clone(), "strong")
        }
        other => leaving(stay, other, now),
    }
}

/// Leaving: post-acute care, barriers, delays, queries.
fn leaving(stay: &Stay, event: &Event, now: Moment) -> Sentence {
    match event {
        Event::PostAcuteAsked { kind, facility, .. } => plain(format!(
            "{} asked for{}",
            words::capital(&p(kind.word())),
            facility.as_ref().map(|f| format!(" at {f}")).unwrap_or_default()
        )),
        Event::PostAcuteMoved { step, said_by, words: said, .. } => {
            with(format!("Post-acute request {}, {said_by}", p(step.word())), said.clone(), "plain")
        }
        Event::ChoiceGiven { offered, chosen, .. } => with(
            format!(
                "Choice list given: {}",
                words::many(i64::try_from(offered.len()).unwrap_or(0), "provider", "providers")
            ),
            chosen.clone().map(|c| format!("chosen: {c}")).unwrap_or_default(),
            "plain",
        ),
        Event::BarrierFound { code, note, .. } => with(format!("Barrier to discharge: {code}"), note.clone(), "plain"),
        Event::BarrierCleared { .. } => plain("A barrier is cleared"),
        Event::AvoidableDaysRecorded { stretch, .. } => with(
            format!("Delay {} {}: {:.1} days", stretch.code, stretch.says, stretch.days()),
            stretch.note.clone(),
            "plain",
        ),
        Event::AvoidableDaysWithdrawn { why, .. } => with("A delay was taken back", why.clone(), "faint"),
        Event::Grouped { grouping, .. } => plain(format!(
            "Grouped to MS-DRG {}{}",
            grouping.ms_drg,
            grouping.gmlos.map(|d| format!(", {d} days expected")).unwrap_or_default()
        )),
        Event::QueryAsked { kind, to, question, .. } => {
            with(format!("Query to {to}: {}", p(kind.word())), question.clone(), "plain")
        }
        Event::QueryAnswered { outcome, words: said, .. } => {
            with(format!("Query {}", p(outcome.word())), said.clone(), "plain")
        }
        Event::ReviewsDismissed { why, .. } => with("No further reviews", why.clone(), "plain"),
        Event::ReviewsResumed { why } => with("Reviews resume", why.clone(), "plain"),
        other => notices(stay, other, now),
    }
}

/// Notices to the patient, and the patient's appeals.
fn notices(stay: &Stay, event: &Event, now: Moment) -> Sentence {
    let zone = stay.zone();
    match event {
        Event::NoticeOwed { kind, why, cite, .. } => {
            with(format!("{} is owed", kind.title()), format!("{why} {cite}"), "plain")
        }
        Event::NoticePrepared { notice, fields, .. } => prepared(stay, *notice, fields),
        Event::NoticeDelivered { notice, delivery, .. } => {
            let title = stay.notices.iter().find(|n| n.id == *notice).map_or("Notice", |n| n.kind.title());
            with(
                format!("{title}: {} {}", p(delivery.receipt.word()), at(delivery.at, zone, now)),
                format!("{}, to {}", delivery.signer, delivery.to),
                "strong",
            )
        }
        Event::NoticeEnded { why, .. } => with("A notice is no longer owed", why.clone(), "faint"),
        Event::QioCalled { about, called_at, timely, .. } => with(
            format!(
                "The patient called the quality improvement organization about the {} {}",
                p(about.word()),
                at(*called_at, zone, now)
            ),
            match (timely, about) {
                (false, _) => "Not in time.",
                (true, AppealOf::ChangeOfStatus) => "In time: the patient is not billed while it decides.",
                (true, _) => "In time: the patient may not be charged while it decides.",
            },
            "strong",
        ),
        Event::QioReconsiderationAsked { at: when, timely, .. } => with(
            format!("The patient asked the organization to reconsider {}", at(*when, zone, now)),
            if *timely { "In time." } else { "Not in time." },
            "strong",
        ),
        Event::QioRecordsSent { at: when, .. } => {
            plain(format!("Records sent to the organization {}", at(*when, zone, now)))
        }
        Event::QioDecided { about, discharge_upheld, words: said, .. } => {
            let how = if *discharge_upheld { "upholds" } else { "does not uphold" };
            with(format!("The organization {how} the {}", p(about.word())), said.clone(), "strong")
        }
        other => plain(words::capital(&p(other.kind()))),
    }
}

/// What was written for a notice's form.
fn prepared(stay: &Stay, notice: u32, fields: &BTreeMap<String, String>) -> Sentence {
    let title = stay.notices.iter().find(|n| n.id == notice).map_or("Notice", |n| n.kind.title());
    let told: Vec<String> = fields.iter().map(|(field, value)| format!("{}: {value}", words::plain(field))).collect();
    with(format!("{title}: form written"), told.join("; "), "plain")
}
