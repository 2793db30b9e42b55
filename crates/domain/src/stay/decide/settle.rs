//! After every act: the status rules are asked again, and alerts, queries, notices and clocks are brought in line with what
//! is now known. Whatever order the news came in, the same stay owes the same.

use super::{
    Draft, leaving, notice,
    status::{self, Asked},
    tick,
    wanted::{self, Due},
};
use crate::{
    stay::{
        Alert, Stay,
        clock::Clock,
        delay::{Query, QueryKind, QueryOutcome},
        event::Event,
        news::{OrderState, PatientStatus},
        notice::NoticeKind,
        refusal::Refused,
        track::FlagKind,
    },
    time::Moment,
};

pub(super) fn settle(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let asked = status::ask(draft.stay(), draft.books, draft.now);
    judge(draft, &asked)?;
    alerts(draft, &asked)?;
    queries(draft, &asked)?;
    notices(draft, &asked)?;
    held_bill(draft, &asked)?;
    clocks(draft, &asked)
}

fn judge(draft: &mut Draft<'_>, asked: &Asked) -> Result<(), Refused> {
    let judged = status::judge(draft, asked);
    let same = draft.stay().judged.as_ref().is_some_and(|(_, known)| status::is_same(known, &judged));
    if same { Ok(()) } else { draft.emit(Event::StatusJudged { judged: Box::new(judged) }) }
}

fn alerts(draft: &mut Draft<'_>, asked: &Asked) -> Result<(), Refused> {
    let raised = status::alerts(draft, asked);
    let open: Vec<String> = draft.stay().alerts.iter().filter(|a| a.cleared.is_none()).map(|a| a.id.clone()).collect();
    // One that a person has dealt with is not raised again; one that did not hold for a while is.
    let by_person = |a: &Alert| a.cleared.as_ref().is_none_or(|(_, who, _)| who != "vigil");
    let known: Vec<String> = draft.stay().alerts.iter().filter(|a| by_person(a)).map(|a| a.id.clone()).collect();
    for (alert, says) in &raised {
        if !known.contains(alert) {
            draft.emit(Event::AlertRaised { alert: alert.clone(), says: says.clone() })?;
        }
    }
    for alert in open {
        if !raised.iter().any(|(id, _)| *id == alert) {
            draft.emit(Event::AlertCleared { alert, person: "vigil".into(), why: "it no longer holds".into() })?;
        }
    }
    Ok(())
}

/// What the record lacks is asked of the attending, once each.
fn queries(draft: &mut Draft<'_>, asked: &Asked) -> Result<(), Refused> {
    let lacking = lacking(draft, asked);
    answered_by_the_record(draft)?;
    moot(draft, &lacking)?;
    for (kind, question, because) in lacking {
        let stands =
            |q: &Query| q.kind == kind && q.answered.as_ref().is_none_or(|(_, how, _)| *how != QueryOutcome::Withdrawn);
        if draft.stay().queries.iter().any(stands) {
            continue;
        }
        let to = draft.stay().attending_at(draft.now);
        let to = if to.is_empty() { "the attending".to_owned() } else { to };
        leaving::ask(draft, kind, to, question, because, "vigil".into())?;
    }
    Ok(())
}

/// What the record lacks: about what, the question, what made it.
fn lacking(draft: &Draft<'_>, asked: &Asked) -> Vec<(QueryKind, String, String)> {
    let mut lacking = Vec::new();
    let stay = draft.stay();
    let seen = !stay.reviews.is_empty() || stay.bedded_midnights(draft.now) >= 1;
    if stay.is_cancelled() || stay.bill.released.is_some() || !seen {
        return lacking;
    }
    if let Some((because, ask)) = status::undocumented_expectation(asked) {
        lacking.push((QueryKind::ExpectedMidnights, ask, because));
    }
    if let Some(because) = conflicting_orders(stay) {
        let ask = "Which status do you order for this patient from now on?".to_owned();
        lacking.push((QueryKind::ConflictingOrders, ask, because));
    }
    if stay.track.has(&FlagKind::OrderUnsigned) {
        let ask = "Please review the status order that waits for your signature.".to_owned();
        lacking.push((QueryKind::OrderSignature, ask, "a status order is not signed".to_owned()));
    }
    if stay.admitted_at().is_some() && stay.track.diagnoses.is_empty() {
        let ask = "Which diagnoses are being treated in this stay?".to_owned();
        lacking.push((QueryKind::MissingDiagnosis, ask, "no diagnosis is on record".to_owned()));
    }
    lacking
}

/// A query of the system's own whose cause is gone: later news show that there is nothing to ask.
fn moot(draft: &mut Draft<'_>, lacking: &[(QueryKind, String, String)]) -> Result<(), Refused> {
    let gone = |kind: &QueryKind| !lacking.iter().any(|(lacks, ..)| lacks == kind);
    let open = draft.stay().queries.iter().filter(|q| q.answered.is_none() && q.asked.1 == "vigil" && gone(&q.kind));
    let open: Vec<u32> = open.map(|q| q.id).collect();
    for query in open {
        let (outcome, words) = (QueryOutcome::Withdrawn, "what was asked no longer applies".to_owned());
        draft.emit(Event::QueryAnswered { query, outcome, words, person: "vigil".into() })?;
    }
    Ok(())
}

/// A query of the system's own whose answer has come into the record since: documented, whoever wrote it.
fn answered_by_the_record(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let stay = draft.stay();
    let shown = |kind: &QueryKind| match kind {
        QueryKind::MissingDiagnosis => !stay.track.diagnoses.is_empty(),
        QueryKind::OrderSignature => !stay.track.has(&FlagKind::OrderUnsigned),
        QueryKind::ConflictingOrders => conflicting_orders(stay).is_none(),
        QueryKind::ExpectedMidnights => stay.status_facts().expectation.is_some(),
        _ => false,
    };
    let open = stay.queries.iter().filter(|q| q.answered.is_none() && q.asked.1 == "vigil" && shown(&q.kind));
    let open: Vec<u32> = open.map(|q| q.id).collect();
    for query in open {
        let (outcome, words) = (QueryOutcome::Documented, "the record shows it now".to_owned());
        draft.emit(Event::QueryAnswered { query, outcome, words, person: "vigil".into() })?;
    }
    Ok(())
}

/// Two standing orders for different status, the later one for less, and no procedure that made it so.
fn conflicting_orders(stay: &Stay) -> Option<String> {
    let standing: Vec<_> = stay.track.orders.iter().filter(|o| o.state == OrderState::Placed).collect();
    let inpatient = standing.iter().rev().find(|o| o.status == Some(PatientStatus::Inpatient))?;
    let less = standing.iter().rev().find(|o| {
        matches!(o.status, Some(PatientStatus::Observation | PatientStatus::Outpatient)) && o.at >= inpatient.at
    })?;
    stay.changed_at().is_none().then(|| {
        format!("an inpatient order ({}) and a later order for less ({}) both stand", inpatient.number, less.number)
    })
}

/// Notices that follow from the stay: owed when they are, ended when they are not any more and were not given.
fn notices(draft: &mut Draft<'_>, asked: &Asked) -> Result<(), Refused> {
    let owed = status::notices(draft, asked);
    for (kind, why, cite) in &owed {
        let standing = draft.stay().notice(kind);
        if standing.is_none_or(|known| !known.is_open() && asked.is_spent(kind)) {
            notice::owe(draft, kind.clone(), why.clone(), cite.clone())?;
        }
    }
    let open: Vec<(u32, NoticeKind)> = draft.stay().open_notices().map(|n| (n.id, n.kind.clone())).collect();
    for (id, kind) in open {
        if !kind.follows() {
            continue;
        }
        if asked.is_given(&kind) {
            let why = "the copy that was given before counts".into();
            draft.emit(Event::NoticeEnded { notice: id, why })?;
        } else if !owed.iter().any(|(k, ..)| *k == kind) {
            draft.emit(Event::NoticeEnded { notice: id, why: "what made it owed no longer holds".into() })?;
        }
    }
    Ok(())
}

/// A stay that ended as inpatient without a basis, or whose order is late or defective, waits for review before its bill.
fn held_bill(draft: &mut Draft<'_>, asked: &Asked) -> Result<(), Refused> {
    let bill = &draft.stay().bill;
    if bill.released.is_some() {
        return Ok(());
    }
    match (status::bill_hold(draft, asked), bill.held.is_some()) {
        (Some((why, cite)), false) => draft.emit(Event::BillHeld { why, cite }),
        (None, true) => draft.emit(Event::BillHoldLifted { why: "what is now known shows its basis".into() }),
        _ => Ok(()),
    }
}

fn clocks(draft: &mut Draft<'_>, asked: &Asked) -> Result<(), Refused> {
    let wanted = wanted::all(draft, asked);
    for due in &wanted {
        one_clock(draft, due)?;
    }
    let open: Vec<Clock> = draft.stay().clocks.iter().filter(|c| c.is_open()).cloned().collect();
    for clock in open {
        if !wanted.iter().any(|due| is_of(&clock, due)) {
            draft.emit(Event::ClockEnded { clock: clock.id, why: "what it watched no longer applies".into() })?;
        }
    }
    Ok(())
}

/// The same limit of the same thing.
fn is_of(clock: &Clock, due: &Due) -> bool {
    clock.watch == due.watch
        && clock.about == due.about
        && clock.started_at == due.started_at
        && clock.due_at == due.window.due_at
}

fn one_clock(draft: &mut Draft<'_>, due: &Due) -> Result<(), Refused> {
    let known = draft.stay().clocks.iter().rev().find(|c| is_of(c, due) && c.ended.is_none()).cloned();
    let clock = match known {
        Some(clock) if clock.satisfied_at.is_some() => return Ok(()),
        Some(clock) => clock,
        None => {
            let id = draft.stay().clocks.iter().map(|c| c.id).max().unwrap_or(0) + 1;
            let clock = Clock {
                id,
                watch: due.watch.clone(),
                about: due.about.clone(),
                pin: due.window.pin.clone(),
                confidence: due.window.confidence.clone(),
                from: due.from.to_owned(),
                started_at: due.started_at,
                due_at: due.window.due_at,
                warn_at: warn(due.started_at, due.window.due_at),
                warned_at: None,
                satisfied_at: None,
                lapsed_at: None,
                ended: None,
            };
            draft.emit(Event::ClockStarted { clock: Box::new(clock.clone()) })?;
            clock
        }
    };
    let Some(done_at) = due.done_at else {
        // Learned too late to be met: the breach is recorded at once, not at the next tick.
        if clock.lapsed_at.is_none() && clock.is_past(draft.now) {
            tick::lapse(draft, &clock)?;
        }
        return Ok(());
    };
    let late = clock.is_past(done_at);
    if late && clock.lapsed_at.is_none() {
        tick::lapse(draft, &clock)?;
    }
    draft.emit(Event::ClockSatisfied { clock: clock.id, watch: clock.watch, late })
}

/// People are warned when a quarter of the time is left, at most a day and at least half an hour before.
fn warn(started: Moment, due: Moment) -> Moment {
    let whole = (due.as_second() - started.as_second()).max(0);
    let before = (whole / 4).clamp(1_800, 86_400);
    Moment::from_second(due.as_second() - before).unwrap_or(due)
}
