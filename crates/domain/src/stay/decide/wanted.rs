//! Which clocks the stay should have, as it is known now, and which of them are met. Nothing is remembered here: whatever
//! order the news came in, the same stay wants the same clocks.

use super::{
    Draft, duties, finished,
    payer::no_review_until,
    status::{self, Asked},
    window::{self, Window},
};
use crate::{
    case::event::RulePin,
    law::Scope,
    party::LineOfBusiness,
    status::Duty,
    stay::{
        Stay,
        clock::Watch,
        notice::{NoticeKind, NoticeState, QioAppeal},
        payer::{AnswerKind, AskKind, DisputeKind, Held, PayerState},
        review::Rung,
    },
    time::Moment,
};

/// A clock that should run, or should have run.
#[derive(Debug, Clone)]
pub(super) struct Due {
    /// What it watches.
    pub watch: Watch,
    /// What it is about.
    pub about: String,
    /// What started it, in words.
    pub from: &'static str,
    /// Start.
    pub started_at: Moment,
    /// When the act was done.
    pub done_at: Option<Moment>,
    /// The window.
    pub window: Window,
}

/// All of them.
pub(super) fn all(draft: &Draft<'_>, asked: &Asked) -> Vec<Due> {
    let mut dues = Vec::new();
    if draft.stay().is_cancelled() {
        return dues;
    }
    reviews(draft, &mut dues);
    payers(draft, &mut dues);
    ladder(draft, &mut dues);
    notices(draft, asked, &mut dues);
    plan_reviews(draft, asked, &mut dues);
    disputes(draft, &mut dues);
    leaving(draft, &mut dues);
    dues
}

fn due(
    watch: Watch,
    about: impl Into<String>,
    from: &'static str,
    started_at: Moment,
    done_at: Option<Moment>,
    window: Option<Window>,
) -> Option<Due> {
    Some(Due { watch, about: about.into(), from, started_at, done_at, window: window? })
}

fn reviews(draft: &Draft<'_>, dues: &mut Vec<Due>) {
    let stay = draft.stay();
    let Some(bedded_at) = stay.bedded_at() else { return };
    let first = stay.reviews.first().map(|(at, ..)| *at);
    let waits = stay.in_house() && stay.dismissed.is_none();
    if first.is_some() || waits {
        let window = window::policy(draft, "first-review", bedded_at);
        dues.extend(due(Watch::InitialReview, "stay", "bedded", bedded_at, first, window));
    }
    for (place, (reviewed_at, _, review)) in stay.reviews.iter().enumerate() {
        let Some(next) = review.next_review_on else { continue };
        let done = stay.reviews.get(place + 1).map(|(at, ..)| *at);
        if done.is_none() && !waits {
            continue;
        }
        let window = window::at(stay, next, 23, 59, 59).and_then(|due_at| {
            let mut window = window::policy(draft, "continued-review", *reviewed_at)?;
            window.due_at = due_at;
            Some(window)
        });
        dues.extend(due(Watch::ContinuedReview, review.id.to_string(), "last_review", *reviewed_at, done, window));
    }
}

fn payers(draft: &Draft<'_>, dues: &mut Vec<Due>) {
    let stay = draft.stay();
    for held in &stay.held {
        let Some(state) = stay.payer(&held.payer_id) else { continue };
        if let Some(terms) = &held.terms {
            let from = stay.first_admitted_at().or_else(|| terms.observation_too.then(|| stay.observed_at()).flatten());
            if let Some(from) = from {
                let told = state.notified.as_ref().map(|(at, ..)| *at);
                let window = window::notification(draft, terms, from);
                dues.extend(due(Watch::PayerNotification, &held.payer_id, "admission", from, told, window));
            }
            clinicals(draft, held, state, dues);
        }
        answers(draft, held, state, dues);
        more_days(draft, held, state, dues);
    }
}

/// Clinicals after the payer was told, and after each review it asked for. A payer that has given its final answer since
/// waits for none: what it decided without them is answered by a dispute, not by sending them late.
fn clinicals(draft: &Draft<'_>, held: &Held, state: &PayerState, dues: &mut Vec<Due>) {
    let Some(terms) = &held.terms else { return };
    let Some(hours) = terms.clinicals_hours else { return };
    let asked = state.reviews_asked.iter().map(|(at, _)| *at);
    let told = state.notified.as_ref().filter(|_| terms.needs_authorization).map(|(at, ..)| *at);
    let barred = no_review_until(draft, held).is_some();
    for (place, from) in told.into_iter().chain(asked).enumerate() {
        let sent = state.clinicals.iter().map(|(at, ..)| *at).find(|at| *at >= from);
        if sent.is_none() && (barred || state.not_required() || state.answered_since(from)) {
            continue;
        }
        let due_at = window::later(from, i64::from(hours) * 3_600);
        let window = due_at.map(|due_at| window::term(terms, "clinicals", due_at));
        dues.extend(due(
            Watch::Clinicals,
            format!("{}/{place}", held.payer_id),
            "payer_told_or_asked",
            from,
            sent,
            window,
        ));
    }
}

/// What a payer was asked, it owes an answer to: by the law of its line of business.
fn answers(draft: &Draft<'_>, held: &Held, state: &PayerState, dues: &mut Vec<Due>) {
    for (place, (asked, ask, ..)) in state.asked.iter().enumerate() {
        let final_answer = |kind: &AnswerKind| *kind != AnswerKind::Pended;
        let said = state.answers.iter().filter(|(_, a, s, _)| final_answer(&a.kind) && s.said_at >= *asked);
        let done = said.map(|(_, _, s, _)| s.said_at).min();
        let window = match ask {
            AskKind::PostStabilization => {
                window::plan(draft, &scope(draft, held, "prospective", Some("post-stabilization")), *asked)
            }
            AskKind::PostAcute => window::plan(draft, &scope(draft, held, "prospective", None), *asked),
            _ => window::plan(draft, &scope(draft, held, "concurrent", None), *asked)
                .or_else(|| window::plan(draft, &scope(draft, held, "prospective", None), *asked)),
        };
        dues.extend(due(Watch::PayerAnswer, format!("{}/{place}", held.payer_id), "payer_asked", *asked, done, window));
    }
}

fn scope(draft: &Draft<'_>, held: &Held, review: &str, subject: Option<&str>) -> Scope {
    Scope {
        line_of_business: held.line_of_business.word().to_owned(),
        jurisdiction: draft.stay().hospital.jurisdiction(),
        review: review.to_owned(),
        urgency: "expedited".to_owned(),
        subject: subject.map(str::to_owned),
        ..Scope::default()
    }
}

/// More days are asked for before the last covered day ends, while the patient is here.
fn more_days(draft: &Draft<'_>, held: &Held, state: &PayerState, dues: &mut Vec<Due>) {
    let stay = draft.stay();
    let Some(through) = state.through() else { return };
    let last = state.answers.iter().rev().find(|(_, a, ..)| a.grants() && a.says_of(through) == Some(true));
    let Some((.., source, _)) = last else { return };
    let asked = state.asked.iter().find(|(at, ask, ..)| *ask == AskKind::MoreDays && *at >= source.said_at);
    let left = stay.discharged_at().filter(|at| stay.day(*at).yesterday().is_ok_and(|last| last <= through));
    let done = asked.map(|(at, ..)| *at).or(left);
    if done.is_none() && !stay.in_house() {
        return;
    }
    let cite = held.terms.as_ref().map_or_else(String::new, |t| t.cite.clone());
    let window = window::at(stay, through, 23, 59, 59).map(|due_at| Window {
        pin: RulePin { rule: format!("{}.last-covered-day", held.payer_id), digest: String::new(), cite },
        confidence: "as the payer said".into(),
        due_at,
    });
    dues.extend(due(Watch::MoreDays, &held.payer_id, "last_approval", source.said_at, done, window));
}

fn ladder(draft: &Draft<'_>, dues: &mut Vec<Due>) {
    for escalation in &draft.stay().escalations {
        let ended = escalation.closed.as_ref().map(|(at, _)| *at);
        for (place, (since, rung, ..)) in escalation.steps.iter().enumerate() {
            let next = escalation.steps.get(place + 1).map(|(at, ..)| *at).or(ended);
            let (watch, policy, done) = match rung {
                Rung::Advisor | Rung::ChiefMedicalOfficer => {
                    let advised = escalation.advice.iter().map(|(at, ..)| *at).find(|at| at >= since);
                    let policy = if *rung == Rung::Advisor { "advisor.answer" } else { "officer.answer" };
                    (Watch::AdvisorAnswer, policy, advised.or(next))
                }
                Rung::Attending => (Watch::AttendingAnswer, "attending.answer", next),
                Rung::SecondMember => (Watch::CommitteeDetermination, "second-physician.answer", next),
                _ => (Watch::CommitteeDetermination, "committee.answer", next),
            };
            let window = window::policy(draft, policy, *since);
            dues.extend(due(watch, format!("{}/{place}", escalation.id), "escalated", *since, done, window));
        }
    }
}

fn notices(draft: &Draft<'_>, asked: &Asked, dues: &mut Vec<Due>) {
    let stay = draft.stay();
    // A copy that counts no more keeps the clock it had; the one that is owed instead has its own.
    let spent = |n: &&NoticeState| n.delivered.is_some() && n.kind.follows() && asked.is_spent(&n.kind);
    for notice in stay.notices.iter().filter(|n| n.ended.is_none() && !spent(n)) {
        let done = notice.delivered.as_ref().map(|(_, d)| d.at);
        let window = status::notice_window(draft, asked, notice);
        let watch =
            if notice.kind == NoticeKind::CommitteeDetermination { Watch::CommitteeNotice } else { Watch::Notice };
        let Some((started_at, window)) = window else { continue };
        dues.extend(due(watch, notice.id.to_string(), "notice_owed", started_at, done, Some(window)));
    }
    if let Some(appeal) = &stay.qio {
        let window = status::records_window(draft, asked);
        dues.extend(due(Watch::QioRecords, "qio", "qio_told_hospital", appeal.told_at, appeal.records_at, window));
        if let Some(records) = appeal.records_at {
            let branch = if appeal.timely { "timely" } else { "late-inpatient" };
            let window = window::law(draft, "IM-QIO", ("", Some(branch)), &[("QIO_received_all_info", records)]);
            let done = appeal.decided.as_ref().map(|(at, ..)| *at);
            dues.extend(due(Watch::QioAnswer, "qio", "QIO_received_all_info", records, done, window));
        }
    }
    if let Some(appeal) = &stay.change_appeal {
        change_appeal(draft, appeal, dues);
    }
}

/// What an appeal of a change of status is about, on its clocks.
const CHANGE: &str = "change-of-status";

/// Records by noon of the next day, the decision after them, and the reconsideration where one was asked for.
fn change_appeal(draft: &Draft<'_>, appeal: &QioAppeal, dues: &mut Vec<Due>) {
    let judged = finished::change_appeal(draft, None);
    let pinned = |due_at: Moment| {
        let rule = draft.books.status.by_id(&judged.rule, draft.stay().day(appeal.called_at));
        let confidence = rule.map(|rule| rule.confidence.word().to_owned()).unwrap_or_default();
        let pin = RulePin { rule: judged.rule.clone(), digest: String::new(), cite: judged.cite.clone() };
        Window { pin, confidence, due_at }
    };
    let records = judged.records_due_at.map(pinned);
    dues.extend(due(Watch::QioRecords, CHANGE, "qio_told_hospital", appeal.told_at, appeal.records_at, records));
    if let Some(sent) = appeal.records_at {
        let branch = if appeal.timely { "timely" } else { "late" };
        let window = window::law(draft, "MCSN-QIO", ("", Some(branch)), &[("QIO_received_all_info", sent)]);
        let done = appeal.decided.as_ref().map(|(at, ..)| *at);
        dues.extend(due(Watch::QioAnswer, CHANGE, "QIO_received_all_info", sent, done, window));
    }
    if let Some(again) = &appeal.reconsidered {
        let window = judged.reconsideration_due_at.map(pinned);
        let done = again.decided.as_ref().map(|(at, ..)| *at);
        let about = format!("{CHANGE}/again");
        dues.extend(due(Watch::QioAnswer, about, "reconsideration_asked", again.asked_at, done, window));
    }
}

/// The window in which a talk may be asked for after a payer's last denial: as the payer said, else by its contract.
pub(super) fn peer_to_peer(draft: &Draft<'_>, payer: &str) -> Option<(Moment, Window)> {
    let stay = draft.stay();
    let state = stay.payer(payer)?;
    let (_, answer, source, _) = state
        .answers
        .iter()
        .rev()
        .find(|(_, a, ..)| matches!(a.kind, AnswerKind::Denied | AnswerKind::Partial | AnswerKind::Downgraded))?;
    let terms = stay.held.iter().find(|h| h.payer_id == payer).and_then(|h| h.terms.as_ref());
    let by_contract =
        terms.and_then(|t| Some((t, window::later(source.said_at, i64::from(t.peer_to_peer_hours?) * 3_600)?)));
    let window = match (answer.peer_to_peer_until, by_contract) {
        (Some(until), _) => Window {
            pin: RulePin {
                rule: format!("{payer}.peer-to-peer"),
                digest: String::new(),
                cite: format!("as {} said", source.said_by),
            },
            confidence: "as the payer said".into(),
            due_at: until,
        },
        (None, Some((terms, until))) => window::term(terms, "peer-to-peer", until),
        (None, None) => return None,
    };
    Some((source.said_at, window))
}

/// What the UR plan owes by a day.
fn plan_reviews(draft: &Draft<'_>, asked: &Asked, dues: &mut Vec<Due>) {
    for (review, started_at, window) in duties::windows(draft, asked) {
        let admission = review.facts.duty == Duty::MedicaidAdmission;
        let from = if admission { "admission_or_application" } else { "assigned_day" };
        dues.extend(due(Watch::PlanReview, review.about, from, started_at, review.done_at, Some(window)));
    }
}

fn disputes(draft: &Draft<'_>, dues: &mut Vec<Due>) {
    let stay = draft.stay();
    for held in &stay.held {
        if let Some((said_at, window)) = peer_to_peer(draft, &held.payer_id) {
            let talk =
                |d: &&crate::stay::payer::Dispute| d.kind == DisputeKind::PeerToPeer && d.payer_id == held.payer_id;
            let other = |d: &&crate::stay::payer::Dispute| d.payer_id == held.payer_id && d.opened_at >= said_at;
            let done = stay.disputes.iter().filter(|d| talk(d) || other(d)).map(|d| d.opened_at.max(said_at)).min();
            dues.extend(due(Watch::PeerToPeer, &held.payer_id, "payer_denied", said_at, done, Some(window)));
        }
    }
    for dispute in &stay.disputes {
        let rule = match dispute.kind {
            DisputeKind::ExpeditedReconsideration => "MADV-RECON-EXP",
            DisputeKind::StandardReconsideration => "MADV-RECON-STD",
            _ => continue,
        };
        let advantage = stay
            .held
            .iter()
            .any(|h| h.payer_id == dispute.payer_id && h.line_of_business == LineOfBusiness::MedicareAdvantage);
        if !advantage {
            continue;
        }
        let window = window::law(draft, rule, ("", None), &[("request_received", dispute.opened_at)]);
        let done = dispute.ended.as_ref().map(|(at, ..)| *at);
        dues.extend(due(
            Watch::Reconsideration,
            dispute.id.to_string(),
            "request_received",
            dispute.opened_at,
            done,
            window,
        ));
    }
}

fn leaving(draft: &Draft<'_>, dues: &mut Vec<Due>) {
    let stay: &Stay = draft.stay();
    for request in &stay.post_acute {
        let Some(held) = request.payer_id.as_ref().and_then(|p| stay.held.iter().find(|h| h.payer_id == *p)) else {
            continue;
        };
        let Some((asked, ..)) = request.steps.first() else { continue };
        let window = window::plan(draft, &scope(draft, held, "prospective", None), *asked);
        let done = request.answered_at();
        if done.is_some() || (request.is_open() && stay.in_house()) {
            dues.extend(due(Watch::PostAcute, request.id.to_string(), "request_received", *asked, done, window));
        }
    }
    for query in &stay.queries {
        let done = query.answered.as_ref().map(|(at, ..)| *at);
        let window = window::policy(draft, "query.answer", query.asked.0);
        dues.extend(due(Watch::Query, query.id.to_string(), "query_asked", query.asked.0, done, window));
    }
}
