//! What may be asked of a case. Ids and the moment come in with the command; a command is never stored.

use std::collections::BTreeMap;

use crate::{
    determination::{Finding, Grant},
    evidence::Fact,
    party::{Contract, Coverage, Credential, Member},
    reason::Reason,
    request::{CutException, ExpediteAsker, Quantity, Request},
    time::{Day, Moment},
};

/// The parties as the roster and the directory resolved them before the case was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The member, from the roster or enrolled provisionally.
    pub member: Member,
    /// The coverage in force on the day that matters.
    pub coverage: Coverage,
    /// The contract the coverage resolves to.
    pub contract: Contract,
    /// Whether the servicing provider is in the plan's network; none when the directory does not know the provider.
    pub in_network: Option<bool>,
    /// Another coverage that pays first, in words.
    pub other_coverage: Option<String>,
    /// Open or approved cases of the same member that ask for the same service on overlapping days: (case, line, why).
    pub overlaps: Vec<Overlap>,
}

/// Another case that asks for the same thing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Overlap {
    /// The line of this request.
    pub line: u32,
    /// The other case.
    pub case: String,
    /// In words: same service, same days; same message number, other content.
    pub why: String,
}

/// A person who acts, as signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// Account name.
    pub person: String,
    /// Name and title as shown.
    pub name: String,
    /// The credential on file.
    pub credential: Credential,
}

/// What a physician decides about one line.
#[derive(Debug, Clone, PartialEq)]
pub enum LineDecision {
    /// Approve as asked or with the limits given.
    Approve {
        /// The line.
        line: u32,
        /// Limits; the authorization number is filled by the case.
        grant: Grant,
    },
    /// Approve a part; the rest is adverse.
    Partial {
        /// What is granted.
        grant: Grant,
        /// Why not all.
        finding: Finding,
    },
    /// Approve another service than asked.
    Modify {
        /// What is granted; `service` is set.
        grant: Grant,
        /// Why not as asked.
        finding: Finding,
    },
    /// Not approved.
    Deny {
        /// Why.
        finding: Finding,
    },
}

impl LineDecision {
    /// The finding of a decision that gives less than was asked.
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Approve { .. } => None,
            Self::Partial { finding, .. } | Self::Modify { finding, .. } | Self::Deny { finding } => Some(finding),
        }
    }

    /// The line it is about.
    pub fn line(&self) -> u32 {
        match self {
            Self::Approve { line, .. } => *line,
            Self::Partial { finding, .. } | Self::Modify { finding, .. } | Self::Deny { finding } => finding.line,
        }
    }
}

/// How a notice went out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Delivery {
    /// `mail`, `fax`, `portal`, `telephone`, `fhir`.
    pub channel: String,
    /// Who received it: `member`, `provider`.
    pub recipient: String,
    /// Proof: tracking number, call record, message key.
    pub proof: String,
    /// Whether it reached: a failed attempt is recorded too.
    pub succeeded: bool,
}

impl Delivery {
    /// Said on the telephone, with nothing in writing.
    pub fn is_oral(&self) -> bool {
        self.channel == "telephone"
    }

    /// By telephone or electronically: there when it is sent, unlike mail.
    pub fn is_quick(&self) -> bool {
        self.channel != "mail"
    }
}

/// The result of a peer-to-peer talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerTalk {
    /// Held; new information was given.
    HeldNewInformation,
    /// Held; nothing new.
    HeldNothingNew,
    /// The requester did not come.
    NotReached,
    /// The requester declined the offer.
    Declined,
}

/// Who asks that a service goes on while an appeal is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContinuationAsker {
    /// The member.
    Member,
    /// Someone appointed to act for the member.
    Representative,
    /// A provider, who may not ask for it everywhere.
    Provider,
}

/// What may be asked of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A request arrived and its parties are known: make the case.
    Receive {
        /// The case id, made outside.
        case: String,
        /// The authorization number to use if anything is approved.
        authorization: String,
        /// The request.
        request: Box<Request>,
        /// The parties.
        resolved: Box<Resolved>,
        /// A word of the demonstration's scenario, if it is one.
        scenario: Option<String>,
    },
    /// The sender changes a request: lines changed, added or cancelled.
    Update {
        /// The whole new request, with marks.
        request: Box<Request>,
    },
    /// Take the case into one's own work.
    Take {
        /// Who.
        by: Actor,
    },
    /// Put it back on the queue.
    Release {
        /// Who.
        by: Actor,
    },
    /// A person opened a piece of evidence (`statements`, or a document's place).
    OpenEvidence {
        /// Who.
        by: Actor,
        /// What.
        evidence: String,
    },
    /// A reviewer states facts found in the evidence.
    StateFacts {
        /// Who.
        by: Actor,
        /// What was found, each with its place.
        facts: Vec<Fact>,
    },
    /// Write a note or an intervention.
    Note {
        /// Who.
        by: Actor,
        /// `note`, `intervention`, `contact`.
        kind: String,
        /// The words.
        text: String,
    },
    /// Ask for information, naming exactly what.
    AskInformation {
        /// Who.
        by: Actor,
        /// From whom: `requester`, `member`, `non-contract provider`.
        from: String,
        /// What is wanted, one thing a line.
        wanted: Vec<String>,
        /// How: fax, telephone, portal, FHIR.
        via: String,
    },
    /// Record an outreach attempt.
    LogOutreach {
        /// Who.
        by: Actor,
        /// Whom and at what number.
        contact: String,
        /// What came of it.
        result: String,
    },
    /// Information came in: statements, documents.
    ReceiveInformation {
        /// Its facts of receipt and content, as a request that carries only evidence.
        request: Box<Request>,
        /// Whether it is all that was asked for, in the view of who entered it.
        complete: bool,
    },
    /// A nurse approves lines.
    Approve {
        /// Who.
        by: Actor,
        /// Which lines; all open ones when empty.
        lines: Vec<u32>,
        /// Limits for them.
        grant: Option<Grant>,
        /// On what it rests, where criteria do not say it by themselves.
        why: String,
    },
    /// Refer the case to a physician.
    Refer {
        /// Who.
        by: Actor,
        /// Why, for the physician.
        why: String,
    },
    /// Hand the case back from the physician to the nurse.
    Return {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
    },
    /// A physician determines lines and signs.
    Determine {
        /// Who.
        by: Actor,
        /// The decisions.
        decisions: Vec<LineDecision>,
        /// The reviewer attests to have no conflict of interest.
        attests_no_conflict: bool,
        /// Why the reviewer's field fits the service, where it is not one of those listed for it.
        expertise: Option<String>,
    },
    /// A trained person signs an administrative adverse outcome.
    DetermineAdministrative {
        /// Who.
        by: Actor,
        /// The line.
        line: u32,
        /// An administrative reason.
        reason: Reason,
        /// What it rests on (contract section, benefit, roster).
        basis: String,
        /// The reason in the member's words.
        plain_reason: String,
    },
    /// A person who checked the administrative question lets the line go on to review.
    ClearAdministrative {
        /// Who.
        by: Actor,
        /// The line.
        line: u32,
        /// What was found.
        finding: String,
    },
    /// The requester takes lines back.
    Withdraw {
        /// Who recorded it.
        by: Actor,
        /// Lines; all open ones when empty.
        lines: Vec<u32>,
        /// Who asked, how.
        asked_by: String,
        /// Why.
        why: String,
    },
    /// Dismiss the request.
    Dismiss {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
        /// On what rule.
        cite: String,
    },
    /// Entered in error.
    Void {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
    },
    /// Take more time, where the rule allows it.
    Extend {
        /// Who.
        by: Actor,
        /// Days taken.
        days: i64,
        /// The word of the rule's condition that holds.
        condition: String,
        /// Why it holds in this case, as the member may read it.
        reason: String,
    },
    /// Ask that the case be expedited.
    Expedite {
        /// Who recorded it.
        by: Actor,
        /// Who asked.
        asker: ExpediteAsker,
    },
    /// Decline to expedite (never for a physician's request in Medicare Advantage).
    DeclineExpedite {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
    },
    /// Agree a time for a peer-to-peer talk.
    SchedulePeerToPeer {
        /// Who.
        by: Actor,
        /// When.
        at: Moment,
        /// The requester's side: name and telephone.
        with: String,
    },
    /// Record what came of it.
    RecordPeerToPeer {
        /// Who.
        by: Actor,
        /// What happened.
        outcome: PeerTalk,
        /// Summary.
        summary: String,
    },
    /// Ask to change an approval to less (refused while the law locks it).
    ReduceApproved {
        /// Who.
        by: Actor,
        /// The line.
        line: u32,
        /// Why.
        why: String,
    },
    /// The plan proposes to cut an approved line in time to come: another case will decide it.
    ProposeCut {
        /// Who.
        by: Actor,
        /// The line.
        line: u32,
        /// What would stay; none when the service would stop.
        keeps: Option<Quantity>,
        /// The first day on which less would be given.
        effective_on: Day,
        /// Why.
        why: String,
        /// The case that decides it.
        case: String,
        /// The exception of the law under which the member is told later.
        exception: Option<CutException>,
        /// The cases that decided earlier proposals and left the course as it was, or came to nothing.
        over: Vec<String>,
    },
    /// A proposed cut would begin later than first meant.
    PostponeCut {
        /// Who.
        by: Actor,
        /// The new first day.
        effective_on: Day,
        /// Why.
        why: String,
    },
    /// Someone asks that the service goes on while an appeal against a cut is decided.
    AskContinuation {
        /// Who recorded it.
        by: Actor,
        /// Who asked.
        asker: ContinuationAsker,
        /// Name, and how it was asked.
        asked_by: String,
        /// When it reached us.
        asked_at: Moment,
    },
    /// Eligibility of a provisional member was checked.
    ConfirmEligibility {
        /// Who.
        by: Actor,
        /// Eligible or not.
        eligible: bool,
        /// What was checked.
        basis: String,
    },
    /// A person confirms the facts of a deemed approval.
    ConfirmDeemedApproval {
        /// Who.
        by: Actor,
        /// What was checked.
        basis: String,
    },
    /// A notice was composed and printed (an errand's work).
    RecordNotice {
        /// Notice number inside the case.
        notice: u32,
        /// Template id.
        template: String,
        /// Template digest.
        template_digest: String,
        /// Digest of the document.
        document: String,
        /// Language.
        language: String,
        /// Reading level of the text.
        reading_level: f64,
    },
    /// A delivery of a notice was attempted.
    DeliverNotice {
        /// Who or which errand.
        by: String,
        /// Notice number.
        notice: u32,
        /// How.
        delivery: Delivery,
    },
    /// A notice could not be composed: what is missing goes to a person.
    NoticeIncomplete {
        /// Notice number.
        notice: u32,
        /// The missing elements, in words.
        missing: Vec<String>,
    },
    /// A person fills what a held notice lacks; it is composed anew.
    FillNotice {
        /// Who.
        by: Actor,
        /// Notice number.
        notice: u32,
        /// Words by field name of the notice packs; a field of several entries has one a line.
        fields: BTreeMap<String, String>,
    },
    /// Time passed.
    Tick,
}
