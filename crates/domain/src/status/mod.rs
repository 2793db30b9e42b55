//! Hospital status: is this stay inpatient, on what basis, what would change it, and which guided procedures are open.
//!
//! Pure functions over plain facts and a [`StatusBook`] of rules with their citations. Nothing here changes a stay and
//! nothing here denies: [`decide_status`] says what the facts support under the rules in force on the day, and each
//! guided procedure answers every ordered condition with met, not met or unknown, and refuses with the unmet one.
//! Rules, figures, dates, windows and guidelines are data in `packs/status`; only their arithmetic is here.

mod alert;
mod answer;
mod book;
mod committee;
mod escalation;
mod facts;
mod guideline;
mod list;
mod procedure;
mod span;
mod window;

pub use alert::{Alert, AlertKind};
pub use answer::{
    Basis, Change, Counted, DocumentNeed, FactsConfidence, NotCounted, ReviewTier, Standing, StatusAnswer, Supported,
    Used,
};
pub use book::{BookParts, DelayReason, StatusBook, StatusRule, Timing};
pub use committee::{AttendingView, CommitteeMember, Determination, View};
pub use escalation::{EscalationFacts, Role, Rung};
pub use facts::{
    Departure, Discharge, Exception, Expectation, FacilityKind, InpatientOrder, ObservationOrder, PayerFacts,
    ProcedureFact, ProductResult, StatusFacts, TransferIn,
};
pub use guideline::{AdmissionGuideline, Condition, GuidelineAnswer, Needs};
pub use list::{InpatientOnlyList, ListAnswer, ListVersion};
pub use procedure::{BillFlag, BillPlace, Letter, Met, Procedure, Produces, Refused, Step};
pub use span::{Because, Span, midnights_between, next_midnight, start_of};
pub use window::{Delivered, NoticeDue, NoticeState};
