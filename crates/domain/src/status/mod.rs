//! Hospital status: is this stay inpatient, on what basis, what would change it, and which guided procedures are open.
//!
//! Pure functions over plain facts and a [`StatusBook`] of rules with their citations. Nothing here changes a stay and
//! nothing here denies: [`decide_status`] says what the facts support under the rules in force on the day, and each
//! guided procedure answers every ordered condition with met, not met or unknown, and refuses with the unmet one.
//! Rules, figures, dates, windows and guidelines are data in `packs/status`; only their arithmetic is here.

mod after;
mod alert;
mod answer;
mod appeal;
mod binding;
mod book;
mod change_appeal;
mod change_notice;
mod code44;
mod committee;
mod count;
mod decide;
mod escalation;
mod facts;
mod ground;
mod guard;
mod guideline;
mod hours;
mod lens;
mod list;
mod notices;
mod plan_duty;
mod procedure;
mod rebill;
mod rulebook;
mod span;
mod trigger;
mod window;
mod words;

pub use alert::{Alert, AlertKind};
pub use answer::{
    Basis, Change, Counted, DocumentNeed, FactsConfidence, NotCounted, ReviewTier, Standing, StatusAnswer, Supported,
    Used,
};
pub use appeal::{DischargeAppeal, DischargeAppealFacts, discharge_appeal};
pub use book::{BookParts, DelayReason, StatusBook, StatusRule, Timing};
pub use change_appeal::{ChangeAppeal, ChangeAppealFacts, change_appeal};
pub use change_notice::{ChangeFacts, change_of_status_notice};
pub use code44::{Cc44Facts, condition_code_44};
pub use committee::{
    AttendingView, CommitteeFacts, CommitteeMember, Determination, View, WrittenNotice, committee_determination,
};
pub use count::count as counted;
pub use decide::decide_status;
pub use escalation::{EscalationFacts, Role, Rung, escalation};
pub use facts::{
    Departure, Discharge, Exception, Expectation, FacilityKind, InpatientOrder, ObservationOrder, PayerFacts,
    ProcedureFact, ProductResult, StatusFacts, TransferIn,
};
pub use guard::{ReopeningFacts, ReopeningGround, refuse_order, reopen_approved_admission};
pub use guideline::{AdmissionGuideline, Condition, GuidelineAnswer, Needs};
pub use hours::{Deduction, ObservationFacts, ObservationHours, observation_hours};
pub use list::{InpatientOnlyList, ListAnswer, ListVersion};
pub use notices::{
    ImportantMessageFacts, NoncoverageFacts, NoncoverageKind, important_message, new_york_observation_notice,
    noncoverage_notice, outpatient_observation_notice,
};
pub use plan_duty::{Duty, DutyFacts, plan_duty};
pub use procedure::{BillFlag, BillPlace, Letter, Met, Procedure, Produces, Refused, Step};
pub use rebill::{RebillFacts, rebill_w2};
pub use span::{Because, Span, midnights_between, next_midnight};
pub use window::{Delivered, NoticeDue, NoticeState};
