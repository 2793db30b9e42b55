//! Condition code 44 and post-discharge review asked of the status room: the facts each is judged by, and what a change that
//! can no longer pass comes to.

use super::Draft;
use crate::{
    status::{
        self, Cc44Facts, ChangeAppeal, ChangeAppealFacts, CommitteeMember, Determination, Met, ObservationOrder,
        Procedure, RebillFacts, Step, View, WrittenNotice,
    },
    stay::{
        Stay,
        news::PatientStatus,
        notice::{NoticeKind, QioAppeal},
        payer::AnswerKind,
        procedure::ProcedureKind,
        review::{AttendingView, Escalation},
        track::{Basis, StatusPeriod},
    },
    time::Moment,
};

/// The committee's last determination that inpatient care is not necessary, with the attending's view.
fn determination(stay: &Stay) -> (Option<Determination>, Option<status::AttendingView>) {
    // What was determined of an earlier admission of this stay, since changed, says nothing of the one that an order made anew.
    let of_this = |at: Moment| stay.readmitted_at().is_none_or(|anew| anew <= at);
    let found = |e: &&Escalation| e.committee.iter().any(|(at, ..)| of_this(*at));
    let Some(escalation) = stay.escalations.iter().rev().find(found) else {
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
            .map(|(_, d)| stay.as_given(&NoticeKind::ChangeOfStatus, d)),
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

/// What post-discharge review is asked with; none: nobody was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AskedReview {
    /// Outpatient services were given before the inpatient order.
    pub(super) services_before_order: Option<bool>,
    /// Outpatient care would have been reasonable and necessary.
    pub(super) outpatient_reasonable: Option<bool>,
    /// An appeal of Part A is pending.
    pub(super) appeal_pending: Option<bool>,
}

impl AskedReview {
    /// As asked now, or as stated before. A dispute that is open here is a pending appeal, whatever was said.
    pub(super) fn or_stated(self, stay: &Stay) -> Self {
        let open = stay.disputes.iter().any(|d| d.ended.is_none());
        let said = |now: Option<bool>, id: &str| now.or_else(|| stay.answered(id));
        Self {
            services_before_order: said(self.services_before_order, "w2.services-before-order"),
            outpatient_reasonable: said(self.outpatient_reasonable, "w2.outpatient-reasonable"),
            appeal_pending: if open { Some(true) } else { said(self.appeal_pending, "w2.appeal-pending") },
        }
    }
}

/// Post-discharge review, each condition in order; its outcome says which way the bill goes.
pub(super) fn post_discharge(draft: &Draft<'_>, asked: AskedReview) -> Procedure {
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
        outpatient_reasonable: asked.outpatient_reasonable,
        appeal_pending: asked.appeal_pending,
        submitted_on: None,
        told: told(stay),
        services_before_order: asked.services_before_order,
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

/// The appeal of the change of status as the status room judges it; `called_at` of a call that is not recorded yet.
pub(super) fn change_appeal(draft: &Draft<'_>, called_at: Option<Moment>) -> ChangeAppeal {
    let stay = draft.stay();
    let earlier = |a: &&QioAppeal| called_at.is_none_or(|at| a.called_at >= at);
    let known = stay.change_appeal.as_ref().filter(earlier);
    let decided = known.and_then(|a| a.decided.as_ref());
    let again = known.and_then(|a| a.reconsidered.as_ref());
    let outcome = again.and_then(|again| again.decided.as_ref());
    let facts = ChangeAppealFacts {
        // Judged as it stood at the change that is appealed.
        stay: stay.status_facts(),
        changed_at: stay.changed_at(),
        called_at: called_at.or(known.map(|a| a.called_at)),
        hospital_told_at: known.map(|a| a.told_at),
        records_sent_at: known.and_then(|a| a.records_at),
        decision_told_at: decided.map(|(at, ..)| *at),
        change_upheld: decided.map(|(_, upheld, _)| *upheld),
        reconsideration_asked_at: again.map(|again| again.asked_at),
        reconsideration_told_at: outcome.map(|(at, ..)| *at),
        reconsidered_upheld: outcome.map(|(_, upheld, _)| *upheld),
    };
    status::change_appeal(&facts, &draft.books.status, draft.now)
}

/// The organization decided for the patient: Part A may be billed, whatever the change made of the stay.
pub(super) fn reversed(draft: &Draft<'_>) -> Option<Procedure> {
    let stay = draft.stay();
    stay.change_appeal_in_force()?;
    let step = change_appeal(draft, None).part_a;
    let mut procedure = Procedure::of("change-appeal", "Appeal of a change of status", vec![step]);
    procedure.passes().then(|| {
        procedure.outcome = Some("part-a".to_owned());
        procedure
    })
}

/// The bill waits for the appeal of the change: the unmet condition.
pub(super) fn held_by_appeal(draft: &Draft<'_>) -> Option<Step> {
    draft.stay().change_appeal_in_force()?;
    Some(change_appeal(draft, None).may_bill).filter(|step| step.met == Met::NotMet)
}
