//! What happened to a case: THE STORED FORM. Once released, a variant is never edited; a field is only added with a
//! default. `docs/events.md` says what each means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::{ContinuationAsker, Delivery, Overlap, PeerTalk};
use crate::{
    criteria::Trace,
    determination::Outcome,
    evidence::{ClinicalItem, Document, Fact},
    law::{BreachEffect, ConditionTaken},
    library::Digest,
    notice::{Audience, Purpose},
    party::{Contract, Coverage, Member},
    request::{CutException, ExpediteAsker, Quantity, Receipt, Request},
    time::{Day, Moment},
};

/// The form version of newly written events.
pub const FORM: u16 = 1;

/// What a clock watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watches {
    /// The decision must be made.
    Decision,
    /// The notice must be given.
    Notice,
    /// What is missing must be told, if anything is: past its time the request counts as complete.
    Information,
    /// The provider must be told the answer by telephone or electronically.
    ProviderTold,
    /// The letter must follow the call that said that the request is not expedited.
    ExpediteLetter,
    /// The provider must be told the answer in writing.
    ProviderLetter,
    /// The member must be told the answer by telephone.
    MemberTold,
}

impl Watches {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Notice => "notice",
            Self::Information => "information",
            Self::ProviderTold => "provider call",
            Self::ExpediteLetter => "expedite letter",
            Self::ProviderLetter => "provider letter",
            Self::MemberTold => "member call",
        }
    }

    /// Something must be told: a decision does not meet it.
    pub fn is_telling(self) -> bool {
        !matches!(self, Self::Decision | Self::Information)
    }
}

/// A rule version as a clock pins it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePin {
    /// Rule id, as in the law packs.
    pub rule: String,
    /// SHA-256 of the rule's canonical text.
    pub digest: Digest,
    /// Its citation, for readers of the log.
    pub cite: String,
}

/// Where a case waits for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// A trained person checks an administrative question.
    Administrative,
    /// A nurse's initial clinical review.
    Nurse,
    /// A physician's peer clinical review.
    Physician,
}

impl Queue {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Administrative => "administrative",
            Self::Nurse => "nurse",
            Self::Physician => "physician",
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A request arrived and became this case.
    RequestReceived {
        /// The case id.
        case: String,
        /// The authorization number reserved for it.
        authorization: String,
        /// The request as read.
        request: Box<Request>,
        /// The member.
        member: Box<Member>,
        /// The coverage.
        coverage: Box<Coverage>,
        /// The contract as it stood.
        contract: Box<Contract>,
        /// Network standing of the servicing provider.
        in_network: Option<bool>,
        /// Other coverage in words.
        other_coverage: Option<String>,
        /// Possible duplicates.
        overlaps: Vec<Overlap>,
        /// Digest of the library it was judged by.
        library: Digest,
        /// Demonstration scenario.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
    },
    /// The sender changed the request.
    RequestUpdated {
        /// The request as it stands now.
        request: Box<Request>,
    },
    /// A clock started.
    ClockStarted {
        /// Number inside the case.
        clock: u32,
        /// What it watches.
        watches: Watches,
        /// The pinned rule.
        pin: RulePin,
        /// The law's word for the start event.
        from: String,
        /// The start moment.
        started_at: Moment,
        /// When it is due.
        due_at: Moment,
        /// When people are warned.
        warn_at: Moment,
        /// Whether it ends with a local day (23:59:59) rather than at an instant.
        day_clock: bool,
    },
    /// A clock was stopped where its rule allows it.
    ClockTolled {
        /// The clock.
        clock: u32,
        /// Why.
        why: String,
    },
    /// It runs again.
    ClockResumed {
        /// The clock.
        clock: u32,
        /// New due moment.
        due_at: Moment,
        /// New warning.
        warn_at: Moment,
    },
    /// More time was taken.
    ClockExtended {
        /// The clock.
        clock: u32,
        /// Days.
        days: i64,
        /// Which of the rule's conditions held; none in events written before conditions stood one by one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        condition: Option<ConditionTaken>,
        /// Why it holds in this case, in the words of the person who took the time.
        reason: String,
        /// By whom.
        person: String,
        /// New due moment.
        due_at: Moment,
        /// New warning.
        warn_at: Moment,
    },
    /// A clock was met.
    ClockSatisfied {
        /// The clock.
        clock: u32,
        /// After its due moment.
        late: bool,
    },
    /// A clock no longer applies (expedited or standard changed, or the request ended without a decision).
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
    /// The due moment passed unmet: a breach, with its legal effect.
    ClockLapsed {
        /// The clock.
        clock: u32,
        /// The effect in law.
        effect: BreachEffect,
        /// Its detail, in words.
        detail: String,
        /// The citation.
        cite: String,
    },
    /// Whether a line needs review, and on whose authority.
    RequirementJudged {
        /// The line.
        line: u32,
        /// `review`, `no_review`, `unlisted`.
        answer: String,
        /// Citation.
        cite: String,
        /// In words.
        says: String,
        /// The criteria service named, if any.
        service: Option<String>,
    },
    /// Criteria were evaluated for a line.
    CriteriaEvaluated {
        /// The line.
        line: u32,
        /// Service of the pack.
        service: String,
        /// Pack version.
        version: String,
        /// Pack digest.
        pack: Digest,
        /// The result with its trace.
        trace: Box<Trace>,
    },
    /// No criteria pack binds for a line; a person decides.
    NoCriteriaBind {
        /// The line.
        line: u32,
        /// Why each candidate does not bind.
        why: Vec<String>,
    },
    /// The case waits for work at a queue.
    Queued {
        /// Where.
        queue: Queue,
        /// Lines concerned.
        lines: Vec<u32>,
        /// Why, for the worklist.
        why: String,
    },
    /// An administrative question was cleared for a line.
    AdministrativeCleared {
        /// The line.
        line: u32,
        /// What was found.
        finding: String,
        /// By whom.
        person: String,
    },
    /// Taken by a person.
    Taken {
        /// Account name.
        person: String,
        /// Name.
        name: String,
    },
    /// Put back.
    Released {
        /// Account name.
        person: String,
    },
    /// Evidence was opened by a person.
    EvidenceOpened {
        /// Account name.
        person: String,
        /// What.
        evidence: String,
    },
    /// Facts stated by a reviewer.
    FactsStated {
        /// Account name.
        person: String,
        /// The facts.
        facts: Vec<Fact>,
    },
    /// A note.
    Noted {
        /// Account name.
        person: String,
        /// Kind.
        kind: String,
        /// Words.
        text: String,
    },
    /// Information was asked for.
    InformationRequested {
        /// `automation` or an account name.
        by: String,
        /// From whom.
        from: String,
        /// What.
        wanted: Vec<String>,
        /// Fact ids that could still change the answer, where criteria asked.
        facts: Vec<String>,
        /// How.
        via: String,
    },
    /// An outreach attempt.
    OutreachLogged {
        /// Account name.
        person: String,
        /// Whom, number.
        contact: String,
        /// Result.
        result: String,
    },
    /// Information came.
    InformationReceived {
        /// Facts of receipt.
        receipt: Receipt,
        /// Statements.
        items: Vec<ClinicalItem>,
        /// Documents.
        documents: Vec<Document>,
        /// All that was asked for.
        complete: bool,
    },
    /// Referred to a physician.
    Referred {
        /// Account name.
        person: String,
        /// Why.
        why: String,
    },
    /// Handed back.
    Returned {
        /// Account name.
        person: String,
        /// Why.
        why: String,
    },
    /// A line was answered.
    LineDetermined {
        /// The line.
        line: u32,
        /// The answer.
        outcome: Box<Outcome>,
        /// The account of who signed, or `automation`.
        by: String,
    },
    /// Every line is final.
    CaseDetermined,
    /// A request to expedite was taken up: expedited clocks follow.
    Expedited {
        /// Who asked.
        asker: ExpediteAsker,
    },
    /// Expediting was declined: standard clocks run from the original receipt.
    ExpediteDeclined {
        /// Account name.
        person: String,
        /// Why.
        why: String,
    },
    /// A peer-to-peer talk was agreed.
    PeerToPeerScheduled {
        /// Account name.
        person: String,
        /// When.
        at: Moment,
        /// With whom.
        with: String,
    },
    /// A peer-to-peer talk ended.
    PeerToPeerRecorded {
        /// Account name.
        person: String,
        /// What happened.
        outcome: PeerTalk,
        /// Summary.
        summary: String,
        /// Before or after the determination.
        before_determination: bool,
    },
    /// The plan proposed to cut a line that this case approved; another case decides it.
    CutProposed {
        /// The line.
        line: u32,
        /// The case that decides it.
        case: String,
        /// What would stay; none when the service would stop.
        keeps: Option<Quantity>,
        /// The first day on which less would be given.
        effective_on: Day,
        /// Account name.
        person: String,
        /// Why.
        why: String,
        /// The exception of the law under which the member is told later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exception: Option<CutException>,
    },
    /// The cut that this case decides would begin later.
    CutPostponed {
        /// Account name.
        person: String,
        /// The new first day.
        effective_on: Day,
        /// Why.
        why: String,
    },
    /// Someone asked that the service goes on while an appeal is decided.
    ContinuationAsked {
        /// Account name of who recorded it.
        person: String,
        /// Who asked.
        asker: ContinuationAsker,
        /// Name, and how.
        asked_by: String,
        /// When it reached us.
        asked_at: Moment,
        /// The last moment to ask, where the rule sets one.
        until: Option<Moment>,
        /// Asked in time: the service goes on.
        timely: bool,
        /// The rule.
        rule: String,
        /// Its citation.
        cite: String,
    },
    /// Eligibility was checked.
    EligibilityConfirmed {
        /// Account name.
        person: String,
        /// Eligible or not.
        eligible: bool,
        /// Basis.
        basis: String,
    },
    /// A notice is owed; an errand composes it.
    NoticeRequired {
        /// Number inside the case.
        notice: u32,
        /// What it tells.
        purpose: Purpose,
        /// Lines it speaks of.
        lines: Vec<u32>,
        /// Whom it speaks to.
        #[serde(default, skip_serializing_if = "Audience::is_member")]
        to: Audience,
    },
    /// The notice was composed and printed.
    NoticeComposed {
        /// Number.
        notice: u32,
        /// Template id.
        template: String,
        /// Template digest.
        template_digest: Digest,
        /// Document digest.
        document: Digest,
        /// Language.
        language: String,
        /// Reading level.
        reading_level: f64,
    },
    /// The notice lacks a required element; a person must fill it.
    NoticeHeld {
        /// Number.
        notice: u32,
        /// What is missing.
        missing: Vec<String>,
    },
    /// A person filled what a held notice lacked; it is composed anew.
    NoticeFilled {
        /// Number.
        notice: u32,
        /// Account name.
        person: String,
        /// Words by field name; a field of several entries has one a line.
        fields: BTreeMap<String, String>,
    },
    /// A delivery was attempted.
    NoticeDelivered {
        /// Number.
        notice: u32,
        /// Account or errand.
        by: String,
        /// How, to whom, with what result.
        delivery: Delivery,
    },
}

impl Event {
    /// It changes what somebody who works on the case should know before deciding. That evidence was looked at, a warning of a
    /// due time and the way of a letter do not.
    pub fn matters(&self) -> bool {
        let quiet = matches!(
            self,
            Self::EvidenceOpened { .. }
                | Self::ClockWarned { .. }
                | Self::NoticeComposed { .. }
                | Self::NoticeHeld { .. }
                | Self::NoticeFilled { .. }
                | Self::NoticeDelivered { .. }
        );
        !quiet
    }

    /// The stable word of the kind, as the log keeps it beside the body.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RequestReceived { .. } => "request_received",
            Self::RequestUpdated { .. } => "request_updated",
            Self::ClockStarted { .. } => "clock_started",
            Self::ClockTolled { .. } => "clock_tolled",
            Self::ClockResumed { .. } => "clock_resumed",
            Self::ClockExtended { .. } => "clock_extended",
            Self::ClockSatisfied { .. } => "clock_satisfied",
            Self::ClockEnded { .. } => "clock_ended",
            Self::ClockWarned { .. } => "clock_warned",
            Self::ClockLapsed { .. } => "clock_lapsed",
            Self::RequirementJudged { .. } => "requirement_judged",
            Self::CriteriaEvaluated { .. } => "criteria_evaluated",
            Self::NoCriteriaBind { .. } => "no_criteria_bind",
            Self::Queued { .. } => "queued",
            Self::AdministrativeCleared { .. } => "administrative_cleared",
            Self::Taken { .. } => "taken",
            Self::Released { .. } => "released",
            Self::EvidenceOpened { .. } => "evidence_opened",
            Self::FactsStated { .. } => "facts_stated",
            Self::Noted { .. } => "noted",
            Self::InformationRequested { .. } => "information_requested",
            Self::OutreachLogged { .. } => "outreach_logged",
            Self::InformationReceived { .. } => "information_received",
            Self::Referred { .. } => "referred",
            Self::Returned { .. } => "returned",
            Self::LineDetermined { .. } => "line_determined",
            Self::CaseDetermined => "case_determined",
            Self::Expedited { .. } => "expedited",
            Self::ExpediteDeclined { .. } => "expedite_declined",
            Self::PeerToPeerScheduled { .. } => "peer_to_peer_scheduled",
            Self::PeerToPeerRecorded { .. } => "peer_to_peer_recorded",
            Self::CutProposed { .. } => "cut_proposed",
            Self::CutPostponed { .. } => "cut_postponed",
            Self::ContinuationAsked { .. } => "continuation_asked",
            Self::EligibilityConfirmed { .. } => "eligibility_confirmed",
            Self::NoticeRequired { .. } => "notice_required",
            Self::NoticeComposed { .. } => "notice_composed",
            Self::NoticeHeld { .. } => "notice_held",
            Self::NoticeFilled { .. } => "notice_filled",
            Self::NoticeDelivered { .. } => "notice_delivered",
        }
    }
}
