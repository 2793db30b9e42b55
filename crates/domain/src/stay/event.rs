//! What happened to a stay: THE STORED FORM. Once released, a variant is never edited; a field is only added with a
//! default. `docs/events.md` says what each means.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    clock::{Clock, Watch},
    delay::{AvoidableDays, Grouping, QueryKind, QueryOutcome},
    documented::Documented,
    facility::SiteMap,
    judged::Judged,
    news::StayNews,
    notice::{AppealOf, NoticeDelivery, NoticeKind, discharge},
    payer::{
        AnswerSource, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, Held, PayerAnswer, PostAcuteKind,
        PostAcuteStep,
    },
    procedure::{Passed, ProcedureKind},
    review::{Advice, AttendingView, Review, Rung},
};
use crate::time::{Day, Moment, Zone};

/// The form version of newly written events.
pub const FORM: u16 = 1;

/// The hospital as it stood when the stay began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hospital {
    /// Facility id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Two-letter state.
    pub state: String,
    /// The zone of its days.
    pub zone: Zone,
    /// Kind of hospital, in the status rules' words.
    #[serde(default)]
    pub kind: String,
    /// How the site coded status, orders and payers then.
    #[serde(default)]
    pub site: SiteMap,
    /// Paid prospectively, as the hospital's record said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prospective_payment: Option<bool>,
    /// Medicaid's UR rules apply, as the hospital's record said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_456: Option<bool>,
}

impl Hospital {
    /// The jurisdiction word of the packs: `US-NY`.
    pub fn jurisdiction(&self) -> String {
        format!("US-{}", self.state)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A stay began to be watched.
    StayOpened {
        /// The stay id.
        stay: String,
        /// The hospital.
        hospital: Arc<Hospital>,
        /// Demonstration scenario.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
    },
    /// A feed said something about the stay.
    NewsTaken {
        /// What it said.
        news: Arc<StayNews>,
    },
    /// The coverage on record changed.
    CoverageStated {
        /// Coverages in order of benefits.
        held: Vec<Held>,
        /// Why.
        change: CoverageChange,
        /// From which day it applies, when not from the beginning.
        from: Option<Day>,
        /// Who stated it.
        person: String,
        /// On what ground.
        basis: String,
    },
    /// The status rules were asked and gave another answer than before.
    StatusJudged {
        /// The answer.
        judged: Box<Judged>,
    },
    /// An alert was raised at a trigger point.
    AlertRaised {
        /// Its id.
        alert: String,
        /// In words.
        says: String,
    },
    /// An alert no longer holds, or a person dealt with it.
    AlertCleared {
        /// Its id.
        alert: String,
        /// Who or what.
        person: String,
        /// Why.
        why: String,
    },
    /// A person stated facts found in the record.
    FactsDocumented {
        /// Account.
        person: String,
        /// The facts.
        facts: Vec<Documented>,
    },
    /// A person has the stay.
    Assigned {
        /// Account.
        person: String,
        /// Name.
        name: String,
    },
    /// Nobody has it any more.
    Released {
        /// Account.
        person: String,
    },
    /// A note.
    Noted {
        /// Account.
        person: String,
        /// Words.
        text: String,
    },
    /// A review was saved and locked.
    ReviewRecorded {
        /// The review.
        review: Box<Review>,
        /// Account.
        person: String,
    },
    /// A person climbed the ladder.
    Escalated {
        /// Number of the escalation.
        escalation: u32,
        /// The review it came from.
        review: Option<u32>,
        /// Why.
        why: String,
        /// The rung reached.
        rung: Rung,
        /// Account of whom it waits for.
        to: String,
        /// Their name.
        name: String,
        /// Why this person (rota, cover, no advisor on duty).
        chosen: String,
        /// Who sent it up.
        person: String,
    },
    /// A physician gave advice.
    Advised {
        /// The escalation.
        escalation: u32,
        /// Account.
        person: String,
        /// Name.
        name: String,
        /// The advice.
        advice: Advice,
        /// Reasons.
        rationale: String,
    },
    /// The attending was asked and answered.
    AttendingAnswered {
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
        /// Who recorded it.
        person: String,
    },
    /// A member of the UR committee determined.
    CommitteeDetermined {
        /// The escalation.
        escalation: u32,
        /// Account.
        person: String,
        /// Name.
        name: String,
        /// The second of two members.
        second: bool,
        /// Inpatient care is necessary.
        necessary: bool,
        /// When the attending was consulted.
        consulted_at: Moment,
        /// Reasons.
        rationale: String,
    },
    /// An escalation ended.
    EscalationClosed {
        /// The escalation.
        escalation: u32,
        /// How.
        outcome: String,
    },
    /// A guided procedure passed, each condition in order.
    ProcedurePassed {
        /// Which.
        procedure: ProcedureKind,
        /// What was checked and what follows.
        passed: Box<Passed>,
        /// Who completed it.
        person: String,
    },
    /// The bill is held.
    BillHeld {
        /// Why.
        why: String,
        /// Citation.
        cite: String,
    },
    /// What held the bill no longer holds: later news or facts show its basis.
    BillHoldLifted {
        /// Why.
        why: String,
    },
    /// The bill is released along a route.
    BillReleased {
        /// `part_a`, `w2`, `no_bill`, `by_contract`, `cc44`, `outpatient`, …
        route: String,
        /// Flags for billing.
        flags: Vec<String>,
        /// Who.
        person: String,
    },
    /// A payer was told of the stay.
    PayerNotified {
        /// The payer.
        payer: String,
        /// How.
        channel: Channel,
        /// When.
        at: Moment,
        /// The payer's reference.
        reference: Option<String>,
        /// What telling it late puts at risk.
        late: Option<String>,
        /// Who.
        person: String,
    },
    /// Clinicals were sent.
    ClinicalsSent {
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
        /// Who.
        person: String,
    },
    /// A payer was asked.
    PayerAsked {
        /// The payer.
        payer: String,
        /// For what.
        ask: AskKind,
        /// Days.
        days: Option<u32>,
        /// How.
        channel: Channel,
        /// When, as proved.
        at: Moment,
        /// Proof: reference or message key.
        reference: Option<String>,
        /// Who.
        person: String,
    },
    /// A payer asked for a review.
    PayerReviewAsked {
        /// The payer.
        payer: String,
        /// What it asks, in words.
        what: String,
        /// Who recorded it.
        person: String,
    },
    /// A payer answered.
    PayerAnswered {
        /// The payer.
        payer: String,
        /// The answer.
        answer: Box<PayerAnswer>,
        /// Who said so, when, how.
        source: AnswerSource,
        /// Who recorded it.
        person: String,
    },
    /// An approved admission locked its evidence.
    EvidenceLocked {
        /// The payer.
        payer: String,
        /// Authorization number.
        authorization: String,
        /// Who approved it.
        approver: String,
        /// When.
        approved_at: Moment,
        /// Citation.
        cite: String,
    },
    /// A dispute with a payer was opened.
    DisputeOpened {
        /// Number of the dispute.
        dispute: u32,
        /// The payer.
        payer: String,
        /// Which way.
        kind: DisputeKind,
        /// Who asks.
        asker: String,
        /// Grounds.
        grounds: String,
        /// When a talk was agreed for.
        agreed_for: Option<Moment>,
        /// Who opened it.
        person: String,
    },
    /// A dispute ended.
    DisputeEnded {
        /// The dispute.
        dispute: u32,
        /// How.
        end: DisputeEnd,
        /// In words.
        words: String,
        /// Who recorded it.
        person: String,
    },
    /// Post-acute care was asked for.
    PostAcuteAsked {
        /// Number of the request.
        request: u32,
        /// What.
        kind: PostAcuteKind,
        /// The payer asked.
        payer: Option<String>,
        /// The facility or agency asked.
        facility: Option<String>,
        /// When.
        at: Moment,
        /// Who.
        person: String,
    },
    /// A post-acute request moved.
    PostAcuteMoved {
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
        /// Who recorded it.
        person: String,
    },
    /// The patient was given the list of post-acute providers to choose from.
    ChoiceGiven {
        /// Providers on the list.
        offered: Vec<String>,
        /// The patient's choice, once made.
        chosen: Option<String>,
        /// Financial interests that were told.
        disclosed: String,
        /// Who.
        person: String,
    },
    /// A barrier to discharge was found.
    BarrierFound {
        /// Number.
        barrier: u32,
        /// Code of the taxonomy.
        code: String,
        /// In words.
        note: String,
        /// Who.
        person: String,
    },
    /// It was cleared.
    BarrierCleared {
        /// The barrier.
        barrier: u32,
        /// Who.
        person: String,
    },
    /// Avoidable days were recorded.
    AvoidableDaysRecorded {
        /// The stretch.
        stretch: Box<AvoidableDays>,
        /// Who.
        person: String,
    },
    /// A recorded stretch was taken back.
    AvoidableDaysWithdrawn {
        /// Its number.
        stretch: u32,
        /// Why.
        why: String,
        /// Who.
        person: String,
    },
    /// The stay was grouped.
    Grouped {
        /// The grouping.
        grouping: Grouping,
        /// Who.
        person: String,
    },
    /// A physician was asked to document.
    QueryAsked {
        /// Number of the query.
        query: u32,
        /// About what.
        kind: QueryKind,
        /// To whom.
        to: String,
        /// The question.
        question: String,
        /// What in the record made it.
        because: String,
        /// Who asked; `vigil` when the system found it.
        person: String,
    },
    /// A query was answered or closed.
    QueryAnswered {
        /// The query.
        query: u32,
        /// What came of it.
        outcome: QueryOutcome,
        /// In words.
        words: String,
        /// Who recorded it.
        person: String,
    },
    /// A notice became owed.
    NoticeOwed {
        /// Number of the notice.
        notice: u32,
        /// Which.
        kind: NoticeKind,
        /// Why.
        why: String,
        /// Citation.
        cite: String,
        /// The moment that ends its window, where a person set it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Moment>,
    },
    /// What stands on a notice's form was written.
    NoticePrepared {
        /// The notice.
        notice: u32,
        /// Values by field of the form.
        fields: BTreeMap<String, String>,
        /// Who wrote them.
        person: String,
    },
    /// A notice was delivered.
    NoticeDelivered {
        /// The notice.
        notice: u32,
        /// How.
        delivery: Box<NoticeDelivery>,
        /// Who delivered it.
        person: String,
    },
    /// A notice is no longer owed.
    NoticeEnded {
        /// The notice.
        notice: u32,
        /// Why.
        why: String,
    },
    /// The patient appealed to the quality improvement organization.
    QioCalled {
        /// What is appealed.
        #[serde(default = "discharge")]
        about: AppealOf,
        /// When the patient called.
        called_at: Moment,
        /// When the organization told the hospital.
        told_at: Moment,
        /// In time.
        timely: bool,
        /// Who recorded it.
        person: String,
    },
    /// The records went to the organization.
    QioRecordsSent {
        /// What is appealed.
        #[serde(default = "discharge")]
        about: AppealOf,
        /// When.
        at: Moment,
        /// Who.
        person: String,
    },
    /// The patient asked the organization to reconsider its decision on a change of status.
    QioReconsiderationAsked {
        /// When.
        at: Moment,
        /// In time: by noon of the day after the decision.
        timely: bool,
        /// Who recorded it.
        person: String,
    },
    /// The organization decided, on the appeal or on its reconsideration.
    QioDecided {
        /// What is appealed.
        #[serde(default = "discharge")]
        about: AppealOf,
        /// When it told the hospital.
        at: Moment,
        /// The discharge, or the change of status, was right.
        discharge_upheld: bool,
        /// In words.
        words: String,
        /// The patient may be charged from then; none while the stay stays covered.
        liable_from: Option<Moment>,
        /// Who recorded it.
        person: String,
    },
    /// Reviews are not needed any more, or are needed again.
    ReviewsDismissed {
        /// Why.
        why: String,
        /// Who.
        person: String,
    },
    /// Reviews are needed again.
    ReviewsResumed {
        /// Why.
        why: String,
    },
    /// A time limit began to run.
    ClockStarted {
        /// The clock.
        clock: Box<Clock>,
    },
    /// The act it watches was done.
    ClockSatisfied {
        /// The clock.
        clock: u32,
        /// What it watches.
        watch: Watch,
        /// Too late.
        late: bool,
    },
    /// It no longer applies.
    ClockEnded {
        /// The clock.
        clock: u32,
        /// Why.
        why: String,
    },
    /// The warning moment came.
    ClockWarned {
        /// The clock.
        clock: u32,
    },
    /// The due moment passed unmet.
    ClockLapsed {
        /// The clock.
        clock: u32,
        /// What it watches.
        watch: Watch,
        /// What follows, in words.
        effect: String,
    },
}
