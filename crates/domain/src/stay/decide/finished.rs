//! Condition code 44 and post-discharge review asked of the status room: the facts each is judged by, and what a change that
//! can no longer pass comes to.

use super::Draft;
use crate::{
    status::{
        self, Cc44Facts, CommitteeMember, Determination, ObservationOrder, Procedure, RebillFacts, View, WrittenNotice,
    },
    stay::{
        Stay,
        news::PatientStatus,
        notice::NoticeKind,
        payer::AnswerKind,
        procedure::ProcedureKind,
        review::AttendingView,
        track::{Basis, StatusPeriod},
    },
    time::Moment,
};

/// The committee's last determination that inpatient care is not necessary, with the attending's view.
fn determination(stay: &Stay) -> (Option<Determination>, Option<status::AttendingView>) {
    let Some(escalation) = stay.escalations.iter().rev().find(|e| !e.committee.is_empty()) else {
        return (None, None);
    };
    let view = escalation.attending.as_ref().map(|(at, view, name)| status::AttendingView {
        view: match view {
            AttendingView::Concurs => View::Concurs,
            AttendingView::NoViews => View::Silent,
            _ => View::Disagrees,
        },
        at: *at,
        by: name.clone(),
        // Concurrence is recorded only with its place in the record.
        documented: Some(*view == AttendingView::Concurs),
    });
    let at = escalation.committee.iter().map(|(at, ..)| *at).max();
    let members = escalation.committee.iter().map(|(at, person, name, _)| CommitteeMember {
        person: person.clone(),
        name: name.clone(),
        licence: "MD".into(),
        title: String::new(),
        // Seat, licence and conflicts were checked when the member determined; nothing else is recorded.
        appointed_from: Some(stay.day(*at)),
        appointed_through: None,
        financial_interest: Some(false),
        involved_in_care: Some(false),
    });
    let determination = at.map(|at| Determination {
        not_necessary: escalation.committee.iter().all(|(.., necessary)| !necessary),
        at,
        members: members.collect(),
        consulted_at: escalation.attending.as_ref().map(|(at, ..)| *at),
    });
    (determination, view)
}

/// Who was told in writing of the determination: the hospital by its own record.
fn told(stay: &Stay) -> WrittenNotice {
    let given = |kind: NoticeKind| stay.notice(&kind).and_then(|n| n.delivered.as_ref()).map(|(_, d)| d.at);
    WrittenNotice {
        hospital_at: stay.notice(&NoticeKind::CommitteeDetermination).map(|n| n.owed_at),
        patient_at: given(NoticeKind::CommitteeDetermination),
        attending_at: given(NoticeKind::CommitteeToAttending),
    }
}

/// What a change of status is asked with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AskedChange {
    /// Observation is ordered with it.
    pub(super) observation_order_at: Option<Moment>,
    /// Whether an inpatient bill was submitted; none: nobody was asked.
    pub(super) bill_submitted: Option<bool>,
}

/// Condition code 44, each condition in order: of a change that is asked for, or of the one on record.
pub(super) fn condition_code_44(draft: &Draft<'_>, change: AskedChange) -> Procedure {
    let stay = draft.stay();
    let mut facts = stay.status_facts();
    if let Some(ordered_at) = change.observation_order_at {
        facts.observation.push(ObservationOrder { ordered_at, began_at: None, ended_at: None });
    }
    let bill_submitted = match (&stay.bill.released, stay.changed_at()) {
        (Some(_), _) => Some(true),
        // It was asked when the status was changed, and the answer let the change pass.
        (None, Some(_)) => Some(false),
        (None, None) => change.bill_submitted,
    };
    let (determination, attending) = determination(stay);
    let facts = Cc44Facts {
        stay: facts,
        determination,
        attending,
        changed_at: stay.changed_at(),
        bill_submitted,
        told: told(stay),
        change_notice: stay
            .notice(&NoticeKind::ChangeOfStatus)
            .and_then(|n| n.delivered.as_ref())
            .map(|(_, d)| d.as_status()),
        monitored: without_order(stay),
    };
    status::condition_code_44(&facts, &draft.books.status, draft.now)
}

/// Observation that registration tells of and nobody ordered: no hours of it are billed.
fn without_order(stay: &Stay) -> Vec<status::Because> {
    let unordered = |p: &&StatusPeriod| p.status == PatientStatus::Observation && p.basis == Basis::Registration;
    let because = |p: &StatusPeriod| status::Because {
        span: status::Span { from: p.from, to: p.until },
        why: "observation without an order".to_owned(),
    };
    stay.track.periods.iter().filter(unordered).map(because).collect()
}

/// A change of status that is not condition code 44 after all: the patient has left, and a condition can no longer be met.
/// The stay is an inpatient stay then, and post-discharge review decides.
pub(super) fn change_failed(draft: &Draft<'_>) -> bool {
    let stay = draft.stay();
    stay.changed_at().is_some()
        && stay.bill.released.is_none()
        && stay.discharged_at().is_some()
        && condition_code_44(draft, AskedChange::default()).refusal.is_some()
}

/// Whether outpatient services were given before the order: as asked now, or as stated before.
pub(super) fn served_before_order(stay: &Stay, said: Option<bool>) -> Option<bool> {
    said.or_else(|| stay.answered("w2.services-before-order"))
}

/// Post-discharge review, each condition in order; its outcome says which way the bill goes.
pub(super) fn post_discharge(draft: &Draft<'_>, services_before_order: Option<bool>) -> Procedure {
    let stay = draft.stay();
    let mut facts = stay.status_facts();
    if change_failed(draft) {
        facts.changed_at = None;
    }
    let (determination, attending) = determination(stay);
    let denied = stay.primary_state().and_then(|p| {
        p.answers.iter().rev().find(|(_, a, ..)| a.kind == AnswerKind::Denied).map(|(_, _, source, _)| source.said_at)
    });
    let facts = RebillFacts {
        stay: facts,
        determination,
        attending,
        contractor_denied_at: denied,
        outpatient_reasonable: stay.answered("w2.outpatient-reasonable"),
        appeal_pending: stay.answered("w2.appeal-pending").or(Some(stay.disputes.iter().any(|d| d.ended.is_none()))),
        submitted_on: None,
        told: told(stay),
        services_before_order,
    };
    status::rebill_w2(&facts, &draft.books.status, draft.now)
}

/// The outcome's word for a route.
pub(super) fn outcome_of(route: &ProcedureKind) -> &'static str {
    match route {
        ProcedureKind::RebillW2 => "w2",
        ProcedureKind::NoBill => "no-bill",
        ProcedureKind::ByContract => "by-contract",
        _ => "part-a",
    }
}
