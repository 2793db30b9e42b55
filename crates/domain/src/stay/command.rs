//! What may be asked of a stay. People are named with their credential and their seats on UR committees.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    delay::{Grouping, QueryKind, QueryOutcome},
    documented::Documented,
    event::Hospital,
    news::StayNews,
    notice::{NoticeDelivery, NoticeKind},
    payer::{
        AnswerSource, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, Held, PayerAnswer, PayerTerms,
        PostAcuteKind, PostAcuteStep,
    },
    review::{Advice, AttendingView, CriteriaUse, ReviewKind, ReviewResult, Seat},
};
use crate::{
    party::Credential,
    time::{Day, Moment},
};

/// A person who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Account.
    pub person: String,
    /// Name as people read it.
    pub name: String,
    /// What the person may rely on.
    pub credential: Credential,
    /// Appointments to UR committees.
    pub seats: Vec<Seat>,
}

impl Actor {
    /// Whether a medical licence (MD, DO) is in force on a day.
    pub fn is_physician(&self, day: Day) -> bool {
        let physician = |kind: &str| matches!(kind, "MD" | "DO");
        self.credential.licences.iter().any(|l| physician(&l.kind) && l.from <= day && day <= l.through)
    }
}

/// A person on duty, as the facility's rota names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDuty {
    /// Account.
    pub person: String,
    /// Name.
    pub name: String,
}

/// A review as a person enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnteredReview {
    /// Which.
    pub kind: ReviewKind,
    /// The day reviewed.
    pub day: Day,
    /// Criteria used.
    pub criteria: CriteriaUse,
    /// Result.
    pub result: ReviewResult,
    /// Level of care.
    pub level: String,
    /// Recommended level, when not met.
    pub recommended: Option<String>,
    /// Reason code, when not met.
    pub reason: Option<String>,
    /// Words.
    pub comments: String,
    /// When to look again; the policy's day when absent.
    pub next_review_on: Option<Day>,
    /// No further review is needed, and why.
    pub no_further: Option<String>,
    /// Ids of the documents that the reviewer looked at.
    #[serde(default)]
    pub looked_at: Vec<String>,
}

/// Avoidable days as a person enters them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnteredDelay {
    /// Code of the taxonomy.
    pub code: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub through: Day,
    /// Hours, where less than whole days.
    pub hours: Option<u32>,
    /// Department that owns the reason; the taxonomy's owner when absent.
    pub department: Option<String>,
    /// Words.
    pub note: String,
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A feed says something: opens the stay when there is none.
    TakeNews {
        /// The stay id, for a stay that does not exist yet.
        stay: String,
        /// The hospital, as it stands.
        hospital: Arc<Hospital>,
        /// What was said.
        news: Arc<StayNews>,
        /// Terms of the payers it names, where they are loaded.
        terms: Vec<PayerTerms>,
        /// Demonstration scenario.
        scenario: Option<String>,
    },
    /// Coverage is stated by a person.
    StateCoverage {
        /// Who.
        by: Actor,
        /// Coverages in order of benefits, with their terms.
        held: Vec<Held>,
        /// Why it changed.
        change: CoverageChange,
        /// From which day.
        from: Option<Day>,
        /// On what ground.
        basis: String,
    },
    /// Facts of the record are stated.
    Document {
        /// Who.
        by: Actor,
        /// The facts.
        facts: Vec<Documented>,
    },
    /// The stay is taken by a person.
    Take {
        /// Who.
        by: Actor,
    },
    /// It is put back.
    Release {
        /// Who.
        by: Actor,
    },
    /// A note.
    Note {
        /// Who.
        by: Actor,
        /// Words.
        text: String,
    },
    /// An alert was dealt with.
    ClearAlert {
        /// Who.
        by: Actor,
        /// Which.
        alert: String,
        /// How.
        why: String,
    },
    /// A first-level review.
    RecordReview {
        /// Who.
        by: Actor,
        /// The review.
        review: Box<EnteredReview>,
        /// The advisor on duty, by the rota, for a review not met.
        advisor: Option<OnDuty>,
        /// The chief medical officer, where no advisor is on duty.
        officer: Option<OnDuty>,
    },
    /// Sends the stay up: nurse and attending disagree, or the next rung is due.
    Escalate {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
        /// The advisor on duty.
        advisor: Option<OnDuty>,
        /// The chief medical officer.
        officer: Option<OnDuty>,
    },
    /// A physician advises.
    Advise {
        /// Who.
        by: Actor,
        /// The escalation.
        escalation: u32,
        /// The advice.
        advice: Advice,
        /// Reasons.
        rationale: String,
    },
    /// What the attending answered is recorded.
    RecordAttending {
        /// Who records it.
        by: Actor,
        /// The escalation.
        escalation: u32,
        /// The attending's name.
        attending: String,
        /// The answer.
        view: AttendingView,
        /// Where the record has it.
        documented: String,
        /// When it was given.
        at: Moment,
        /// Physicians of the hospital's UR committee who may act today; the desk fills it from the facility's record.
        members: Vec<OnDuty>,
    },
    /// A member of the UR committee determines.
    Determine {
        /// Who.
        by: Actor,
        /// The escalation.
        escalation: u32,
        /// Inpatient care is necessary.
        necessary: bool,
        /// Reasons.
        rationale: String,
        /// Attests no professional involvement in the patient's care.
        attests_no_involvement: bool,
        /// Physicians of the hospital's UR committee who may act today; the desk fills it from the facility's record.
        members: Vec<OnDuty>,
    },
    /// Condition code 44: checks each condition, and completes or refuses.
    ChangeToOutpatient {
        /// Who.
        by: Actor,
        /// The new status includes observation services ordered at this moment; none: outpatient without observation.
        observation_order_at: Option<Moment>,
        /// Whether an inpatient bill was submitted; none: nobody was asked, and the change is refused until somebody is.
        bill_submitted: Option<bool>,
    },
    /// Post-discharge review: bill Part A, W2, no bill, or by the payer's contract; or the bill of a status changed before
    /// discharge.
    RouteBill {
        /// Who.
        by: Actor,
        /// `part_a`, `w2`, `no_bill`, `by_contract`, `cc44`.
        route: super::procedure::ProcedureKind,
        /// Reasons.
        rationale: String,
        /// For W2: whether outpatient services were given before the inpatient order; none: nobody was asked.
        services_before_order: Option<bool>,
        /// For W2: whether outpatient care would have been reasonable and necessary; none: nobody was asked.
        outpatient_reasonable: Option<bool>,
        /// For W2: whether an appeal of Part A is pending; none: nobody was asked. A dispute that is open here is one.
        appeal_pending: Option<bool>,
    },
    /// The bill went out.
    BillSubmitted {
        /// Who.
        by: Actor,
        /// When.
        at: Moment,
    },
    /// A payer was told.
    NotifyPayer {
        /// Who.
        by: Actor,
        /// The payer.
        payer: String,
        /// How.
        channel: Channel,
        /// When.
        at: Moment,
        /// The payer's reference.
        reference: Option<String>,
    },
    /// Clinicals were sent.
    SendClinicals {
        /// Who.
        by: Actor,
        /// The payer.
        payer: String,
        /// How.
        channel: Channel,
        /// When.
        at: Moment,
        /// Confirmation of receipt.
        confirmation: String,
        /// What was sent.
        what: String,
    },
    /// A payer was asked for care or days.
    AskPayer {
        /// Who.
        by: Actor,
        /// The payer.
        payer: String,
        /// For what.
        ask: AskKind,
        /// Days.
        days: Option<u32>,
        /// How.
        channel: Channel,
        /// When.
        at: Moment,
        /// Proof.
        reference: Option<String>,
    },
    /// A payer asks for a review or to end cover where a law bars it.
    RecordPayerReview {
        /// Who.
        by: Actor,
        /// The payer.
        payer: String,
        /// What it asks, in words.
        what: String,
    },
    /// A payer's answer is recorded.
    RecordPayerAnswer {
        /// Who.
        by: Actor,
        /// The payer.
        payer: String,
        /// The answer.
        answer: Box<PayerAnswer>,
        /// Who said so, when, how.
        source: AnswerSource,
    },
    /// A dispute is opened.
    OpenDispute {
        /// Who.
        by: Actor,
        /// The payer.
        payer: String,
        /// Which way.
        kind: DisputeKind,
        /// Who asks: `treating_physician`, `enrollee`, `hospital`.
        asker: String,
        /// Grounds.
        grounds: String,
        /// When a talk was agreed for.
        agreed_for: Option<Moment>,
    },
    /// A dispute ended.
    EndDispute {
        /// Who.
        by: Actor,
        /// The dispute.
        dispute: u32,
        /// How.
        end: DisputeEnd,
        /// In words.
        words: String,
    },
    /// Post-acute care is asked for.
    AskPostAcute {
        /// Who.
        by: Actor,
        /// What.
        kind: PostAcuteKind,
        /// The payer asked.
        payer: Option<String>,
        /// The facility or agency asked.
        facility: Option<String>,
        /// When.
        at: Moment,
    },
    /// A post-acute request moved.
    MovePostAcute {
        /// Who.
        by: Actor,
        /// The request.
        request: u32,
        /// To where.
        step: PostAcuteStep,
        /// Who said so.
        said_by: String,
        /// Authorization number.
        authorization: Option<String>,
        /// In words.
        words: String,
        /// When.
        at: Moment,
    },
    /// The patient was given the choice list.
    GiveChoice {
        /// Who.
        by: Actor,
        /// Providers offered.
        offered: Vec<String>,
        /// Chosen.
        chosen: Option<String>,
        /// Financial interests told.
        disclosed: String,
    },
    /// A barrier to discharge.
    AddBarrier {
        /// Who.
        by: Actor,
        /// Code.
        code: String,
        /// In words.
        note: String,
    },
    /// A barrier is cleared.
    ClearBarrier {
        /// Who.
        by: Actor,
        /// Which.
        barrier: u32,
    },
    /// Avoidable days are recorded.
    RecordAvoidableDays {
        /// Who.
        by: Actor,
        /// The stretch.
        delay: Box<EnteredDelay>,
    },
    /// A stretch is taken back.
    WithdrawAvoidableDays {
        /// Who.
        by: Actor,
        /// Which.
        stretch: u32,
        /// Why.
        why: String,
    },
    /// The stay is grouped.
    Group {
        /// Who.
        by: Actor,
        /// The grouping, with the table's figure.
        grouping: Grouping,
    },
    /// A physician is asked to document.
    AskPhysician {
        /// Who.
        by: Actor,
        /// About what.
        kind: QueryKind,
        /// To whom.
        to: String,
        /// The question.
        question: String,
        /// What in the record made it.
        because: String,
    },
    /// A query is answered or closed.
    AnswerQuery {
        /// Who.
        by: Actor,
        /// The query.
        query: u32,
        /// Outcome.
        outcome: QueryOutcome,
        /// In words.
        words: String,
    },
    /// A notice is owed that only a person can see (a HINN).
    RequireNotice {
        /// Who.
        by: Actor,
        /// Which.
        kind: NoticeKind,
        /// Why.
        why: String,
        /// The moment that ends its window: admission, the request to the organization, the service, the start of liability.
        before: Option<Moment>,
    },
    /// What stands on the form of a notice is written, where the record alone does not give it.
    PrepareNotice {
        /// Who.
        by: Actor,
        /// The notice.
        notice: u32,
        /// Values by field of the form.
        fields: BTreeMap<String, String>,
    },
    /// A notice was delivered, refused, or told by telephone.
    DeliverNotice {
        /// Who.
        by: Actor,
        /// The notice.
        notice: u32,
        /// How.
        delivery: Box<NoticeDelivery>,
    },
    /// A notice is no longer owed.
    EndNotice {
        /// Who.
        by: Actor,
        /// Which.
        notice: u32,
        /// Why.
        why: String,
    },
    /// The patient called the quality improvement organization: about the discharge, or about the change of status where one
    /// is in force at the time of the call.
    RecordQioCall {
        /// Who.
        by: Actor,
        /// When the patient called.
        called_at: Moment,
        /// When the organization told the hospital.
        told_at: Moment,
    },
    /// The records went to the organization.
    SendQioRecords {
        /// Who.
        by: Actor,
        /// When.
        at: Moment,
    },
    /// The patient asked the organization to reconsider its decision on the change of status.
    RecordQioReconsideration {
        /// Who.
        by: Actor,
        /// When the patient asked.
        at: Moment,
    },
    /// The organization decided.
    RecordQioDecision {
        /// Who.
        by: Actor,
        /// When it told the hospital.
        at: Moment,
        /// The discharge, or the change of status, was right.
        discharge_upheld: bool,
        /// In words.
        words: String,
    },
    /// No further reviews.
    DismissReviews {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
    },
    /// Time passes.
    Tick,
}
