//! The stable names of a stay's events: under these the log keeps them.

use super::event::Event;

impl Event {
    /// The stable name under which the log keeps it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StayOpened { .. } => "stay_opened",
            Self::NewsTaken { .. } => "news_taken",
            Self::CoverageStated { .. } => "coverage_stated",
            Self::StatusJudged { .. } => "status_judged",
            Self::AlertRaised { .. } => "alert_raised",
            Self::AlertCleared { .. } => "alert_cleared",
            Self::FactsDocumented { .. } => "facts_documented",
            Self::Assigned { .. } => "assigned",
            Self::Released { .. } => "released",
            Self::Noted { .. } => "noted",
            Self::ReviewRecorded { .. } => "review_recorded",
            Self::Escalated { .. } => "escalated",
            Self::Advised { .. } => "advised",
            Self::AttendingAnswered { .. } => "attending_answered",
            Self::CommitteeDetermined { .. } => "committee_determined",
            Self::EscalationClosed { .. } => "escalation_closed",
            Self::ProcedurePassed { .. } => "procedure_passed",
            Self::BillHeld { .. } => "bill_held",
            Self::BillHoldLifted { .. } => "bill_hold_lifted",
            Self::BillReleased { .. } => "bill_released",
            Self::PayerNotified { .. } => "payer_notified",
            Self::ClinicalsSent { .. } => "clinicals_sent",
            Self::PayerAsked { .. } => "payer_asked",
            Self::PayerReviewAsked { .. } => "payer_review_asked",
            Self::PayerAnswered { .. } => "payer_answered",
            Self::EvidenceLocked { .. } => "evidence_locked",
            Self::DisputeOpened { .. } => "dispute_opened",
            Self::DisputeEnded { .. } => "dispute_ended",
            Self::PostAcuteAsked { .. } => "post_acute_asked",
            Self::PostAcuteMoved { .. } => "post_acute_moved",
            Self::ChoiceGiven { .. } => "choice_given",
            Self::BarrierFound { .. } => "barrier_found",
            Self::BarrierCleared { .. } => "barrier_cleared",
            Self::AvoidableDaysRecorded { .. } => "avoidable_days_recorded",
            Self::AvoidableDaysWithdrawn { .. } => "avoidable_days_withdrawn",
            Self::Grouped { .. } => "grouped",
            Self::QueryAsked { .. } => "query_asked",
            Self::QueryAnswered { .. } => "query_answered",
            _ => self.later_kind(),
        }
    }

    fn later_kind(&self) -> &'static str {
        match self {
            Self::NoticeOwed { .. } => "notice_owed",
            Self::NoticePrepared { .. } => "notice_prepared",
            Self::NoticeDelivered { .. } => "notice_delivered",
            Self::NoticeEnded { .. } => "notice_ended",
            Self::QioCalled { .. } => "qio_called",
            Self::QioRecordsSent { .. } => "qio_records_sent",
            Self::QioReconsiderationAsked { .. } => "qio_reconsideration_asked",
            Self::QioDecided { .. } => "qio_decided",
            Self::ReviewsDismissed { .. } => "reviews_dismissed",
            Self::ReviewsResumed { .. } => "reviews_resumed",
            Self::ClockStarted { .. } => "clock_started",
            Self::ClockSatisfied { .. } => "clock_satisfied",
            Self::ClockEnded { .. } => "clock_ended",
            Self::ClockWarned { .. } => "clock_warned",
            Self::ClockLapsed { .. } => "clock_lapsed",
            _ => "unnamed",
        }
    }
}
