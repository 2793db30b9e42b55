//! From a stay's events to the rows that pages read: one function, used by every commit and by `vigil rebuild`. Rows hold
//! what does not depend on the hour; what does (midnights, days at risk) is counted when the row is read.

use std::collections::BTreeSet;

use vigil_domain::{
    calendar::number_of,
    stay::{
        Stay,
        clock::{Clock, Watch},
        delay::AvoidableDays,
        event::Event,
        review::Escalation,
    },
    time::{Day, Moment},
};
use vigil_store::{
    CensusRow, DeadlineKind, DeadlineRow, DelayRow, EscalationRow, KeyRow, NoticeRow, PayerRow, QueryRow, Row,
    StayModel, SubjectKey,
};

use super::figures;

/// Key kinds under which stays are found. Values are led by the facility: `mercy|authority|number`.
pub mod key {
    /// A visit number, alternates too.
    pub const VISIT: &str = "stay-visit";
    /// An account number.
    pub const ACCOUNT: &str = "stay-account";
    /// A patient number, every alias.
    pub const PATIENT: &str = "stay-patient";
    /// A word of the patient's name, lower case (facility not named).
    pub const NAME: &str = "stay-name";
    /// A member number (facility not named).
    pub const MEMBER: &str = "stay-member";
    /// A visit, account or patient number as people say it (neither facility nor authority named).
    pub const NUMBER: &str = "stay-number";
    /// An authorization number (facility not named).
    pub const AUTHORIZATION: &str = "stay-authorization";
}

/// The clock id of the row that brings the stay back to be looked at.
pub const LOOK: &str = "look";

/// The rows that follow from events just applied to a stay at a moment.
pub fn rows(stay: &Stay, events: &[Event], at: Moment) -> Vec<Row> {
    let mut rows = vec![model(&census(stay, at))];
    let touched = |kinds: &[&str]| events.iter().any(|e| kinds.contains(&e.kind()));
    let news = touched(&["stay_opened", "news_taken"]);
    let clocks = events.iter().any(|e| e.kind().starts_with("clock_"));
    if news || touched(&["coverage_stated", "payer_answered"]) {
        keys(stay, &mut rows);
    }
    for event in events {
        deadline(stay, event, &mut rows);
    }
    // Rows that repeat where the patient is follow every move of the patient; otherwise each follows its own events.
    if news || clocks || touched(&["notice_owed", "notice_delivered", "notice_ended"]) {
        rows.extend(stay.notices.iter().map(|n| model(&notice(stay, n, at))));
        let reviews = stay.clocks.iter().filter(|c| c.watch == Watch::PlanReview);
        rows.extend(reviews.map(|c| model(&plan_review(stay, c, at))));
    }
    if news || clocks || events.iter().any(about_payer) {
        rows.extend(stay.payers.iter().map(|p| model(&payer(stay, p, at))));
    }
    if news || clocks || touched(&["query_asked", "query_answered"]) {
        rows.extend(stay.queries.iter().map(|q| model(&query(stay, q, at))));
    }
    let ladder = ["escalated", "advised", "attending_answered", "committee_determined", "escalation_closed"];
    if news || clocks || touched(&ladder) {
        rows.extend(stay.escalations.iter().map(|e| model(&escalation(stay, e, at))));
    }
    for event in events {
        delay(stay, event, at, &mut rows);
    }
    if news {
        rows.extend(stay.delays.iter().map(|d| model(&stretch(stay, d, at))));
    }
    if !events.iter().all(|e| matches!(e, Event::ClockWarned { .. } | Event::Noted { .. })) {
        rows.push(model(&figures::of(stay, at)));
    }
    rows
}

fn model(row: &impl StayModel) -> Row {
    Row::Stay(Box::new(row.row()))
}

fn about_payer(event: &Event) -> bool {
    matches!(
        event,
        Event::CoverageStated { .. }
            | Event::PayerNotified { .. }
            | Event::ClinicalsSent { .. }
            | Event::PayerAsked { .. }
            | Event::PayerReviewAsked { .. }
            | Event::PayerAnswered { .. }
            | Event::EvidenceLocked { .. }
            | Event::DisputeOpened { .. }
            | Event::DisputeEnded { .. }
    )
}

/// Open clocks of some watches about something.
fn clock_of<'a>(stay: &'a Stay, watches: &[Watch], about: &str) -> Option<&'a Clock> {
    let of = |c: &&Clock| {
        c.asks() && watches.contains(&c.watch) && (c.about == about || c.about.split('/').next() == Some(about))
    };
    stay.clocks.iter().filter(of).min_by_key(|c| (c.due_at, c.id))
}

/// The census row of a stay as it stands.
pub fn census(stay: &Stay, at: Moment) -> CensusRow {
    let (unit, bed) = stay.place_at(at);
    let track = &stay.track;
    let primary = stay.primary();
    let judged = stay.judged.as_ref().map(|(_, j)| j.clone()).unwrap_or_default();
    let in_house = stay.in_house();
    let (behind, from) = at_risk(stay, at);
    let clock = stay.next_clock();
    CensusRow {
        stay_id: stay.id.clone(),
        hospital: stay.hospital.id.clone(),
        hospital_name: stay.hospital.name.clone(),
        zone: stay.zone().name().to_owned(),
        in_house,
        has_work: stay.has_work(),
        unit,
        bed,
        patient: track.patient.name.listed(),
        birth_day: track.patient.birth_day,
        sex: track.patient.sex.as_ref().map(|s| s.word().to_owned()).unwrap_or_default(),
        visit: track.visit.number.as_ref().map(|n| n.value.clone()).unwrap_or_default(),
        patient_number: track.patient.id.as_ref().map(|n| n.value.clone()).unwrap_or_default(),
        confidential: track.visit.confidential,
        attending: stay.attending_at(at),
        payer: primary.map(|h| h.payer_id.clone()).unwrap_or_default(),
        payer_name: primary.map(|h| h.name.clone()).unwrap_or_default(),
        line_of_business: primary.map(|h| h.line_of_business.word().to_owned()).unwrap_or_default(),
        status: stay.status().word().to_owned(),
        supported: judged.status,
        basis: judged.basis,
        confidence: judged.confidence,
        alerts: stay.alerts.iter().filter(|a| a.cleared.is_none()).map(|a| a.says.clone()).collect(),
        first_care_at: track.first_care_at.or(track.arrival_at),
        expected_midnights: stay.expected_midnights(),
        observed_at: stay.observed_at(),
        admitted_at: stay.admitted_at(),
        discharged_at: stay.discharged_at(),
        expected_discharge_at: stay.expected_discharge(),
        leave: track.leave.iter().map(|span| (span.from, span.until)).collect(),
        authorization: stay.primary_state().and_then(|p| p.authorization().map(str::to_owned)),
        authorized_through: stay.primary_state().and_then(|p| p.through()),
        payer_answer: stay.primary_state().and_then(|p| p.last()).map(|a| a.kind.word().to_owned()).unwrap_or_default(),
        days_at_risk_behind: behind,
        at_risk_from: from,
        next_review_on: stay.next_review_on(),
        last_review: stay.last_review().map(|(_, _, r)| r.result.word().to_owned()).unwrap_or_default(),
        notices: stay
            .open_notices()
            .map(|n| (n.kind.word().to_owned(), notice_clock(stay, n.id).map(|c| c.due_at)))
            .collect(),
        escalation: stay.open_escalation().map(|e| (e.at.0.word().to_owned(), e.at.2.clone())),
        clock: clock.map(|c| (c.watch.word().to_owned(), c.due_at)),
        late: stay.is_late(),
        liability_held: stay.liability_held(),
        bill_held: stay.bill.held.is_some(),
        queries: count(stay.queries.iter().filter(|q| q.answered.is_none()).count()),
        barriers: count(stay.barriers.iter().filter(|b| b.cleared.is_none()).count()),
        ms_drg: stay.grouping.as_ref().map(|g| g.ms_drg.clone()),
        gmlos: stay.grouping.as_ref().and_then(|g| g.gmlos),
        owner: stay.owner.as_ref().map(|(_, name)| name.clone()),
        scenario: stay.scenario.clone(),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Days at risk: how many lie behind, and the day from which every further one is at risk as long as the patient stays.
fn at_risk(stay: &Stay, at: Moment) -> (u32, Option<Day>) {
    let days = stay.days_at_risk(at);
    let today = stay.day(at);
    if !stay.in_house() {
        return (count(days.len()), None);
    }
    // The run of uncovered days that ends today goes on; what an approval covers ahead begins the run after it.
    let mut from = None;
    for day in days.iter().rev() {
        let next = from.unwrap_or_else(|| today.tomorrow().unwrap_or(today));
        if number_of(*day) + 1 != number_of(next) {
            break;
        }
        from = Some(*day);
    }
    let behind = days.iter().filter(|day| from.is_none_or(|from| **day < from)).count();
    let covered = stay.primary_state().and_then(|p| p.through()).filter(|through| *through >= today);
    let ahead = covered.filter(|_| from.is_none() && stay.needs_authorization()).and_then(|t| t.tomorrow().ok());
    (count(behind), from.or(ahead))
}

/// The clock of a notice that was not ended.
fn notice_clock(stay: &Stay, notice: u32) -> Option<&Clock> {
    let about = notice.to_string();
    let of = |c: &&Clock| matches!(c.watch, Watch::Notice | Watch::CommitteeNotice) && c.about == about;
    stay.clocks.iter().rev().find(|c| of(c) && c.ended.is_none())
}

/// Whose stay a row of the notices due is about, and where the patient lies.
fn of_stay(stay: &Stay, at: Moment) -> NoticeRow {
    let (unit, bed) = stay.place_at(at);
    NoticeRow {
        stay_id: stay.id.clone(),
        hospital: stay.hospital.id.clone(),
        zone: stay.zone().name().to_owned(),
        unit,
        bed,
        patient: stay.track.patient.name.listed(),
        confidential: stay.track.visit.confidential,
        ..NoticeRow::default()
    }
}

fn notice(stay: &Stay, notice: &vigil_domain::stay::notice::NoticeState, at: Moment) -> NoticeRow {
    let clock = notice_clock(stay, notice.id);
    NoticeRow {
        notice: notice.id,
        kind: notice.kind.word().to_owned(),
        title: notice.kind.title().to_owned(),
        why: notice.why.clone(),
        cite: notice.cite.clone(),
        due_at: clock.map(|c| c.due_at),
        late: clock.is_some_and(|c| c.lapsed_at.is_some()),
        delivered_at: notice.delivered.as_ref().map(|(_, d)| d.at),
        receipt: notice.delivered.as_ref().map(|(_, d)| d.receipt.word().to_owned()).unwrap_or_default(),
        ended: notice.ended.is_some(),
        ..of_stay(stay, at)
    }
}

/// A review of the UR plan stands beside the notices: its decision goes out with one.
fn plan_review(stay: &Stay, clock: &Clock, at: Moment) -> NoticeRow {
    NoticeRow {
        notice: clock.id,
        about: clock.about.clone(),
        kind: clock.watch.word().to_owned(),
        cite: clock.pin.cite.clone(),
        due_at: Some(clock.due_at),
        late: clock.lapsed_at.is_some(),
        delivered_at: clock.satisfied_at,
        ended: clock.ended.is_some(),
        ..of_stay(stay, at)
    }
}

fn payer(stay: &Stay, state: &vigil_domain::stay::payer::PayerState, at: Moment) -> PayerRow {
    let (unit, bed) = stay.place_at(at);
    let order = stay.held.iter().position(|h| h.payer_id == state.payer_id);
    let held = order.map(|place| &stay.held[place]);
    let watches = [Watch::PayerNotification, Watch::Clinicals, Watch::PayerAnswer, Watch::MoreDays, Watch::PeerToPeer];
    let clock = clock_of(stay, &watches, &state.payer_id);
    let disputes = stay.disputes.iter().filter(|d| d.payer_id == state.payer_id && d.ended.is_none());
    PayerRow {
        stay_id: stay.id.clone(),
        hospital: stay.hospital.id.clone(),
        zone: stay.zone().name().to_owned(),
        unit,
        bed,
        patient: stay.track.patient.name.listed(),
        confidential: stay.track.visit.confidential,
        payer: state.payer_id.clone(),
        payer_name: held.map(|h| h.name.clone()).unwrap_or_default(),
        line_of_business: held.map(|h| h.line_of_business.word().to_owned()).unwrap_or_default(),
        order: order.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0),
        notified: state.notified.as_ref().map(|(at, _, _, reference)| (*at, reference.clone())),
        late: state.late.clone(),
        clinicals: state.clinicals.last().map(|(at, _, _, confirmation)| (*at, confirmation.clone())),
        asked: state.asked.last().map(|(at, ask, ..)| (*at, ask.word().to_owned())),
        answer: state.answers.last().map(|(_, answer, source, _)| {
            let (kind, how) = (answer.kind.word().to_owned(), source.channel.word().to_owned());
            (source.said_at, kind, source.said_by.clone(), how)
        }),
        authorization: state.authorization().map(str::to_owned),
        through: state.through(),
        next_review_on: state.last().and_then(|a| a.next_review_on),
        disputes: disputes.map(|d| d.kind.word().to_owned()).collect(),
        clock: clock.map(|c| (c.watch.word().to_owned(), c.due_at)),
        overdue: clock.is_some_and(|c| c.lapsed_at.is_some()),
        locked: state.locked.is_some(),
        in_house: stay.in_house(),
    }
}

fn query(stay: &Stay, query: &vigil_domain::stay::delay::Query, at: Moment) -> QueryRow {
    QueryRow {
        stay_id: stay.id.clone(),
        query: query.id,
        hospital: stay.hospital.id.clone(),
        zone: stay.zone().name().to_owned(),
        unit: stay.place_at(at).0,
        patient: stay.track.patient.name.listed(),
        confidential: stay.track.visit.confidential,
        kind: query.kind.word().to_owned(),
        to: query.to.clone(),
        question: query.question.clone(),
        because: query.because.clone(),
        asked_at: query.asked.0,
        asked_by: query.asked.1.clone(),
        due_at: clock_of(stay, &[Watch::Query], &query.id.to_string()).map(|c| c.due_at),
        outcome: query.answered.as_ref().map(|(_, o, _)| o.word().to_owned()).unwrap_or_default(),
        answered_at: query.answered.as_ref().map(|(at, ..)| *at),
    }
}

fn escalation(stay: &Stay, escalation: &Escalation, at: Moment) -> EscalationRow {
    let (unit, bed) = stay.place_at(at);
    let watches = [Watch::AdvisorAnswer, Watch::AttendingAnswer, Watch::CommitteeDetermination];
    EscalationRow {
        stay_id: stay.id.clone(),
        escalation: escalation.id,
        hospital: stay.hospital.id.clone(),
        zone: stay.zone().name().to_owned(),
        unit,
        bed,
        patient: stay.track.patient.name.listed(),
        confidential: stay.track.visit.confidential,
        payer: stay.primary().map(|h| h.name.clone()).unwrap_or_default(),
        status: stay.status().word().to_owned(),
        why: escalation.why.clone(),
        rung: escalation.at.0.word().to_owned(),
        to: escalation.at.1.clone(),
        name: escalation.at.2.clone(),
        since: escalation.steps.last().map_or(escalation.since, |(at, ..)| *at),
        due_at: clock_of(stay, &watches, &escalation.id.to_string()).map(|c| c.due_at),
        closed: escalation.closed.as_ref().map(|(_, how)| how.clone()),
        raised_at: escalation.since,
        advice: escalation.advice.first().map(|(_, _, _, advice, _)| advice.word().to_owned()).unwrap_or_default(),
    }
}

fn stretch(stay: &Stay, d: &AvoidableDays, at: Moment) -> DelayRow {
    DelayRow {
        stay_id: stay.id.clone(),
        stretch: d.id,
        hospital: stay.hospital.id.clone(),
        unit: d.unit.clone(),
        patient: stay.track.patient.name.listed(),
        confidential: stay.track.visit.confidential,
        attending: stay.attending_at(at),
        payer: stay.primary().map(|h| h.name.clone()).unwrap_or_default(),
        code: d.code.clone(),
        group: d.group.clone(),
        says: d.says.clone(),
        counts: d.counts,
        from: d.from,
        through: d.through,
        days: d.days(),
        department: d.department.clone(),
        note: d.note.clone(),
        withdrawn: false,
    }
}

/// Delay rows: one per stretch recorded or taken back.
fn delay(stay: &Stay, event: &Event, at: Moment, rows: &mut Vec<Row>) {
    match event {
        Event::AvoidableDaysRecorded { stretch: recorded, .. } => rows.push(model(&stretch(stay, recorded, at))),
        Event::AvoidableDaysWithdrawn { stretch, .. } => rows.push(model(&DelayRow {
            stay_id: stay.id.clone(),
            stretch: *stretch,
            hospital: stay.hospital.id.clone(),
            withdrawn: true,
            ..DelayRow::default()
        })),
        _ => {}
    }
}

fn keys(stay: &Stay, rows: &mut Vec<Row>) {
    let (track, facility) = (&stay.track, &stay.hospital.id);
    let mut key = |kind: &str, value: String| {
        let stay_id = stay.id.clone();
        rows.push(Row::Key(KeyRow { kind: kind.to_owned(), value, case_id: stay_id, at: stay.opened_at }));
    };
    track.visit.numbers.iter().for_each(|n| key(key::VISIT, format!("{facility}|{}", n.key())));
    track.visit.accounts.iter().for_each(|n| key(key::ACCOUNT, format!("{facility}|{}", n.key())));
    track.patient.identifiers.iter().for_each(|n| key(key::PATIENT, format!("{facility}|{}", n.key())));
    let numbers = track.visit.numbers.iter().chain(&track.visit.accounts).chain(&track.patient.identifiers);
    let spoken: BTreeSet<&str> = numbers.map(|n| n.value.as_str()).filter(|value| !value.is_empty()).collect();
    spoken.into_iter().for_each(|value| key(key::NUMBER, value.to_owned()));
    let name = &track.patient.name;
    for word in name.family.split_whitespace().chain(name.given.split_whitespace()) {
        key(key::NAME, word.to_lowercase());
    }
    stay.held.iter().filter(|h| !h.member_id.is_empty()).for_each(|h| key(key::MEMBER, h.member_id.clone()));
    stay.payers.iter().filter_map(|p| p.authorization()).for_each(|a| key(key::AUTHORIZATION, a.to_owned()));
}

/// The deadline rows of a clock that an event touched, and of the next look.
fn deadline(stay: &Stay, event: &Event, rows: &mut Vec<Row>) {
    let subject = SubjectKey::stay(&stay.id);
    let row = |clock_id: &str, what, at, done| {
        Row::Deadline(DeadlineRow { subject: subject.clone(), clock_id: clock_id.to_owned(), what, at, done })
    };
    let id = match event {
        Event::StatusJudged { judged } => {
            let at = judged.look_again_at;
            rows.push(row(LOOK, DeadlineKind::Due, at.unwrap_or(Moment::UNIX_EPOCH), at.is_none()));
            return;
        }
        Event::ClockStarted { clock } => clock.id,
        Event::ClockSatisfied { clock, .. }
        | Event::ClockEnded { clock, .. }
        | Event::ClockWarned { clock }
        | Event::ClockLapsed { clock, .. } => *clock,
        _ => return,
    };
    let Some(c) = stay.clocks.iter().find(|c| c.id == id) else { return };
    let idle = !c.is_open();
    let past = Moment::from_second(c.due_at.as_second() + 1).unwrap_or(c.due_at);
    rows.push(row(&id.to_string(), DeadlineKind::Warn, c.warn_at, idle || c.warned_at.is_some()));
    rows.push(row(&id.to_string(), DeadlineKind::Due, past, idle || c.lapsed_at.is_some()));
}
