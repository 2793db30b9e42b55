//! From events to the rows that pages read: one function, used by every commit and by `vigil rebuild`.

use vigil_domain::{
    case::{
        Case, Stage,
        event::{Event, Queue, Watches},
    },
    determination::{Approver, Outcome},
    request::Urgency,
    time::Moment,
};
use vigil_store::{DeadlineKind, DeadlineRow, DecidedRow, KeyRow, MeasureRow, Row, StayRow, SubjectKey, WorkRow};

/// The rows that follow from events just applied to a case at a moment.
pub fn rows(case: &Case, events: &[Event], at: Moment) -> Vec<Row> {
    let mut rows = vec![Row::Work(Box::new(work(case)))];
    for event in events {
        match event {
            Event::RequestReceived { .. } | Event::RequestUpdated { .. } => keys(case, at, &mut rows),
            Event::ClockStarted { clock, .. }
            | Event::ClockTolled { clock, .. }
            | Event::ClockResumed { clock, .. }
            | Event::ClockExtended { clock, .. }
            | Event::ClockSatisfied { clock, .. }
            | Event::ClockEnded { clock, .. }
            | Event::ClockWarned { clock }
            | Event::ClockLapsed { clock, .. } => deadlines(case, *clock, &mut rows),
            Event::CaseDetermined => decided(case, &mut rows),
            Event::EligibilityConfirmed { .. } => rows.push(eligibility(case)),
            _ => {}
        }
        if matches!(event, Event::RequestReceived { .. }) && case.eligibility_open {
            rows.push(eligibility(case));
        }
        count(case, event, at, &mut rows);
    }
    once(&mut rows);
    rows
}

/// The mark under which lists find a case whose member's eligibility is still to be checked, whatever pile it lies on.
pub const ELIGIBILITY: &str = "case-eligibility";

/// Why such a case is on its pile.
pub const ELIGIBILITY_WHY: &str = "member enrolled from the request: check eligibility";

fn eligibility(case: &Case) -> Row {
    Row::Stay(Box::new(StayRow::mark(ELIGIBILITY, &case.id, case.eligibility_open)))
}

/// A clock that several events of one commit touch needs its rows once, as they stand at the end.
fn once(rows: &mut Vec<Row>) {
    let mut seen = Vec::new();
    rows.retain(|row| match row {
        Row::Deadline(d) => {
            let key = (d.clock_id.clone(), d.what);
            let fresh = !seen.contains(&key);
            seen.push(key);
            fresh
        }
        _ => true,
    });
}

/// The worklist row of a case as it stands.
pub fn work(case: &Case) -> WorkRow {
    let open = !case.is_closed();
    let next_clock = case.next_clock();
    let (queue, why, next) = place(case);
    let provider = &case.request.requester;
    WorkRow {
        case_id: case.id.clone(),
        stage: if open { case.stage.word() } else { "closed" }.to_owned(),
        queue: queue.to_owned(),
        open,
        line_of_business: case.contract.line_of_business.word().to_owned(),
        urgency: case.urgency.word().to_owned(),
        review: case.request.review.word().to_owned(),
        service: service(case),
        patient_name: case.member.name.listed(),
        member_id: case.member.member_id.clone(),
        birth_day: case.member.birth_day,
        sex: case.member.sex.word().to_owned(),
        provider_name: provider.name.clone(),
        provider_npi: provider.npi.clone().unwrap_or_default(),
        due_at: next_clock.map(|c| c.due_at),
        due_rule: next_clock.map(|c| c.pin.rule.clone()),
        late: case.clocks.iter().any(|c| c.is_open() && c.lapsed.is_some()),
        risk: risk(case),
        why,
        next: next.to_owned(),
        owner: case.owner.as_ref().map(|(person, _)| person.clone()),
        received_at: case.request.receipt.received_at,
        decided_at: case.decided_at(),
        outcome: case.outcome_word().map(str::to_owned),
        authorization: case
            .lines
            .iter()
            .find_map(|l| l.outcome.as_ref().and_then(Outcome::grant))
            .map(|g| g.authorization.clone()),
        episode: None,
        scenario: case.scenario.clone(),
        zone: case.contract.zone.name().to_owned(),
    }
}

/// The service of the first open line, and how many more there are.
fn service(case: &Case) -> String {
    let first = case.open_lines().next().or_else(|| case.lines.first());
    let title = first.map(|l| l.line.title()).unwrap_or_default();
    match case.lines.len() {
        0 | 1 => title,
        n => format!("{title} +{}", n - 1),
    }
}

/// Queue, why it is there, and the next step, for the worklist.
fn place(case: &Case) -> (&'static str, String, &'static str) {
    match &case.stage {
        Stage::Review { queue, why, .. } => {
            let next = match queue {
                Queue::Administrative => "Check",
                Queue::Nurse => "Review",
                Queue::Physician => "Decide",
            };
            (queue.word(), why.clone(), next)
        }
        Stage::Screening => match &case.awaiting {
            Some(wait) => {
                ("information", format!("waiting for {}: {}", wait.from, wait.wanted.join("; ")), "Follow up")
            }
            None => ("screening", "being judged".into(), "Wait"),
        },
        Stage::Determined { .. } if case.is_closed() => ("done", String::new(), ""),
        Stage::Determined { .. } => determined(case),
    }
}

fn determined(case: &Case) -> (&'static str, String, &'static str) {
    if let Some(held) = case.notices.iter().find(|n| !n.held.is_empty()) {
        return ("notice", format!("notice held, missing: {}", held.held.join("; ")), "Complete notice");
    }
    let owed = case.notices.iter().any(|n| n.given_to("member").is_none() && n.given_to("provider").is_none());
    if owed {
        return ("notice", "decided; the notice is being sent".into(), "Send notice");
    }
    if case.eligibility_open {
        return ("eligibility", ELIGIBILITY_WHY.into(), "Check");
    }
    if let Some(whom) = case.owed_call() {
        return ("notice", format!("decided; the {} is still to be told by telephone", whom.word()), "Call");
    }
    ("notice", "decided; a clock is still open".into(), "Look")
}

/// How much a case presses beside its due time: late, expedited, near a physician, unread.
fn risk(case: &Case) -> i64 {
    let late = case.clocks.iter().any(|c| c.is_open() && c.lapsed.is_some());
    let warned = case.clocks.iter().any(|c| c.is_open() && c.warned_at.is_some());
    let physician = matches!(case.stage, Stage::Review { queue: Queue::Physician, .. });
    1000 * i64::from(late)
        + 200 * i64::from(case.urgency == Urgency::Expedited)
        + 100 * i64::from(physician)
        + 50 * i64::from(warned)
        + 20 * i64::from(case.has_unread())
}

fn keys(case: &Case, at: Moment, rows: &mut Vec<Row>) {
    let mut key = |kind: &str, value: String| {
        rows.push(Row::Key(KeyRow { kind: kind.to_owned(), value, case_id: case.id.clone(), at }));
    };
    let member = &case.member.member_id;
    key("member", member.clone());
    for identifier in &case.request.identifiers {
        key("identifier", format!("{}|{}", identifier.system, identifier.value));
    }
    for line in &case.lines {
        key("member-service", format!("{member}|{}", line.line.service.value));
    }
}

fn deadlines(case: &Case, clock: u32, rows: &mut Vec<Row>) {
    let Some(c) = case.clocks.iter().find(|c| c.id == clock) else { return };
    let idle = !c.is_open() || c.is_tolled();
    let subject = SubjectKey::case(&case.id);
    let row = |what, at, done| {
        Row::Deadline(DeadlineRow { subject: subject.clone(), clock_id: clock.to_string(), what, at, done })
    };
    // A day clock is past only when its last second is over.
    let past = Moment::from_second(c.due_at.as_second() + 1).unwrap_or(c.due_at);
    rows.push(row(DeadlineKind::Warn, c.warn_at, idle || c.warned_at.is_some()));
    rows.push(row(DeadlineKind::Due, past, idle || c.lapsed.is_some()));
}

fn decided(case: &Case, rows: &mut Vec<Row>) {
    let (Some(decided_at), Some(outcome)) = (case.decided_at(), case.outcome_word()) else { return };
    rows.push(Row::Decided(Box::new(DecidedRow {
        case_id: case.id.clone(),
        line_of_business: case.contract.line_of_business.word().to_owned(),
        urgency: case.urgency.word().to_owned(),
        received_at: case.request.receipt.received_at,
        decided_at,
        due_at: case.decision_clock().map(|c| c.due_at),
        outcome: outcome.to_owned(),
        automated: case.lines.iter().all(|l| by_machine(l.outcome.as_ref())),
        service: case.lines.first().map(|l| l.line.service.value.clone()).unwrap_or_default(),
    })));
}

fn by_machine(outcome: Option<&Outcome>) -> bool {
    matches!(
        outcome,
        Some(Outcome::Approved { by: Approver::Automation { .. }, .. } | Outcome::NoReviewRequired { .. })
    )
}

/// Counts an event into the day's measures.
fn count(case: &Case, event: &Event, at: Moment, rows: &mut Vec<Row>) {
    let day = case.contract.zone.day(at);
    let mut add = |key: &str, seconds: i64| {
        rows.push(Row::Measure(MeasureRow {
            day,
            line_of_business: case.contract.line_of_business.word().to_owned(),
            urgency: case.urgency.word().to_owned(),
            key: key.to_owned(),
            n: 1,
            seconds,
        }));
    };
    match event {
        Event::RequestReceived { .. } => add("received", 0),
        Event::InformationRequested { .. } => add("information_requested", 0),
        Event::Referred { .. } => add("referred", 0),
        Event::ClockExtended { clock, .. } if watches(case, *clock) == Some(Watches::Decision) => add("extended", 0),
        Event::ClockLapsed { clock, .. } => match watches(case, *clock) {
            Some(Watches::Decision) => add("decision_lapsed", 0),
            Some(watches) if watches.is_telling() => add("notice_lapsed", 0),
            _ => {}
        },
        Event::ClockSatisfied { clock, late } => match (watches(case, *clock), late) {
            (Some(watches), false) if watches.is_telling() => add("notice_on_time", 0),
            (Some(watches), true) if watches.is_telling() => add("notice_late", 0),
            _ => {}
        },
        Event::CaseDetermined => count_decision(case, at, &mut add),
        _ => {}
    }
}

fn count_decision(case: &Case, at: Moment, add: &mut impl FnMut(&str, i64)) {
    let Some(outcome) = case.outcome_word() else { return };
    let taken = at.as_second() - case.request.receipt.received_at.as_second();
    let is_decision = case.lines.iter().filter_map(|l| l.outcome.as_ref()).any(Outcome::is_decision);
    if !is_decision {
        return add(outcome, 0);
    }
    add("decided", taken);
    add(outcome, taken);
    let on_time = case.decision_clock().is_none_or(|c| c.lapsed.is_none());
    add(if on_time { "decided_on_time" } else { "decided_late" }, 0);
    if case.lines.iter().all(|l| by_machine(l.outcome.as_ref())) {
        add("automated", taken);
    }
}

fn watches(case: &Case, clock: u32) -> Option<Watches> {
    case.clocks.iter().find(|c| c.id == clock).map(|c| c.watches)
}
