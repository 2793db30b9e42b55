//! A case: one request and all that follows. The reader's entry point of this folder.
//!
//! [`command`] is what may be asked, [`event`] is what happened (the stored form), [`evolve`] applies one event,
//! [`decide`] answers a command with events or with refusals. A case has a *stage* (the work), *clocks* (the law), and
//! *awaiting* (whom we wait for).

pub mod command;
pub mod decide;
pub mod event;
pub mod evolve;
pub mod reach;
pub mod refusal;
pub mod renewal;
pub mod standing;

use std::collections::BTreeMap;

use crate::{
    criteria::Trace,
    determination::{Opened, Outcome},
    evidence::Fact,
    law::{BreachEffect, ConditionTaken},
    library::Digest,
    notice::{Audience, Purpose},
    party::{Contract, Coverage, Member},
    request::{Receipt, Request, ServiceLine, Urgency},
    time::{Day, Moment},
};
use command::{Delivery, Overlap};
use event::{Queue, RulePin, Watches};

/// Evidence that is always there: the clinical statements of the request itself.
pub const STATEMENTS: &str = "statements";

/// The stage of the work.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Being judged by automation, or waiting for information that automation asked for.
    Screening,
    /// Waiting for people: an administrative check, a nurse or a physician.
    Review {
        /// At which queue.
        queue: Queue,
        /// Why, for the worklist.
        why: String,
        /// Since when.
        since: Moment,
    },
    /// Every line is final.
    Determined {
        /// When.
        at: Moment,
    },
}

impl Stage {
    /// The stable word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Screening => "screening",
            Self::Review { queue: Queue::Administrative, .. } => "administrative_review",
            Self::Review { queue: Queue::Nurse, .. } => "initial_clinical_review",
            Self::Review { queue: Queue::Physician, .. } => "peer_clinical_review",
            Self::Determined { .. } => "determined",
        }
    }
}

/// What is known of one line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineState {
    /// The line as asked.
    pub line: ServiceLine,
    /// Whether review is required, with its citation; none until judged.
    pub requirement: Option<Requirement>,
    /// The latest evaluation of criteria.
    pub evaluation: Option<Evaluation>,
    /// Why no criteria bind, when none do.
    pub unbound: Vec<String>,
    /// Administrative questions still open.
    pub administrative: Vec<String>,
    /// The answer, once final.
    pub outcome: Option<Outcome>,
    /// When it was answered.
    pub decided_at: Option<Moment>,
    /// The answer that stood before the sender changed the line; the log has it whole.
    pub before: Option<Outcome>,
}

/// The answer to "is review required?" for a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// `review`, `no_review`, `unlisted`.
    pub answer: String,
    /// Citation.
    pub cite: String,
    /// In words.
    pub says: String,
}

/// One evaluation of a criteria pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Service id.
    pub service: String,
    /// Pack version.
    pub version: String,
    /// Pack digest.
    pub pack: Digest,
    /// When.
    pub at: Moment,
    /// The trace.
    pub trace: Trace,
}

/// One legal time limit running on this case.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// Number inside the case.
    pub id: u32,
    /// What it watches.
    pub watches: Watches,
    /// The pinned rule.
    pub pin: RulePin,
    /// The law's word for the start event.
    pub from: String,
    /// Start.
    pub started_at: Moment,
    /// Due.
    pub due_at: Moment,
    /// Due before any stop or extension.
    pub first_due_at: Moment,
    /// Warning.
    pub warn_at: Moment,
    /// Ends with a local day.
    pub day_clock: bool,
    /// Stops: from, until.
    pub stops: Vec<(Moment, Option<Moment>)>,
    /// Extension taken: days, when, reason.
    pub extension: Option<(i64, Moment, String)>,
    /// The condition of the rule under which it was taken.
    pub extended_under: Option<ConditionTaken>,
    /// Warned.
    pub warned_at: Option<Moment>,
    /// Met.
    pub satisfied_at: Option<Moment>,
    /// Lapsed, with its effect and citation.
    pub lapsed: Option<(Moment, BreachEffect, String)>,
    /// No longer applies.
    pub ended: Option<(Moment, String)>,
}

impl Clock {
    /// Still to be met: neither met nor ended. A lapsed clock stays open until the act is done.
    pub fn is_open(&self) -> bool {
        self.satisfied_at.is_none() && self.ended.is_none()
    }

    /// Stopped now.
    pub fn is_tolled(&self) -> bool {
        self.stops.last().is_some_and(|(_, until)| until.is_none())
    }

    /// Whether an act at this moment is too late: a day clock is met until its local day ends, an hour clock until its
    /// instant.
    pub fn is_past(&self, at: Moment) -> bool {
        if self.day_clock { at.as_second() > self.due_at.as_second() } else { at > self.due_at }
    }
}

/// Whom we wait for.
#[derive(Debug, Clone, PartialEq)]
pub struct Awaiting {
    /// From whom.
    pub from: String,
    /// What is wanted.
    pub wanted: Vec<String>,
    /// Fact ids wanted.
    pub facts: Vec<String>,
    /// Since when.
    pub since: Moment,
    /// Who asked: `automation` or an account.
    pub by: String,
}

/// A notice owed or given.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeState {
    /// Number inside the case.
    pub id: u32,
    /// What it tells.
    pub purpose: Purpose,
    /// Whom it speaks to.
    pub to: Audience,
    /// Lines.
    pub lines: Vec<u32>,
    /// When it became owed.
    pub required_at: Moment,
    /// Template id and digest, document digest, language, reading level, once composed.
    pub composed: Option<Composed>,
    /// Missing elements, when it is held.
    pub held: Vec<String>,
    /// What people filled in for it, by field name.
    pub filled: BTreeMap<String, String>,
    /// Attempts, with their moments.
    pub deliveries: Vec<(Moment, Delivery)>,
}

impl NoticeState {
    /// When it was given to a recipient (`member`, `provider`). A call is no letter; only information may be asked for so.
    pub fn given_to(&self, recipient: &str) -> Option<Moment> {
        let written = |d: &Delivery| !d.is_oral() || self.purpose == Purpose::RequestForInformation;
        let given = |d: &Delivery| d.succeeded && d.recipient == recipient && written(d);
        self.deliveries.iter().find(|(_, d)| given(d)).map(|(at, _)| *at)
    }

    /// When its own reader was given it.
    pub fn given(&self) -> Option<Moment> {
        self.given_to(self.to.word())
    }

    /// Whether the member was told by telephone.
    pub fn told_by_telephone(&self) -> bool {
        self.deliveries.iter().any(|(_, d)| d.succeeded && d.recipient == "member" && d.is_oral())
    }
}

/// A composed notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// Template id.
    pub template: String,
    /// Template digest.
    pub template_digest: Digest,
    /// Document digest.
    pub document: Digest,
    /// Language.
    pub language: String,
    /// Reading level.
    pub reading_level: f64,
    /// When.
    pub at: Moment,
}

/// A peer-to-peer talk.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerToPeer {
    /// When agreed for.
    pub at: Moment,
    /// With whom.
    pub with: String,
    /// Result and summary.
    pub held: Option<(command::PeerTalk, String)>,
}

/// The case as its events make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Case number.
    pub id: String,
    /// Events applied.
    pub version: u64,
    /// Authorization number reserved for it.
    pub authorization: String,
    /// The request as it stands.
    pub request: Request,
    /// The member.
    pub member: Member,
    /// The coverage.
    pub coverage: Coverage,
    /// The contract as it stood at receipt.
    pub contract: Contract,
    /// Network standing.
    pub in_network: Option<bool>,
    /// Other coverage.
    pub other_coverage: Option<String>,
    /// Possible duplicates.
    pub overlaps: Vec<Overlap>,
    /// It came as a change of an earlier request that is not known here.
    pub earlier_unknown: bool,
    /// Standard or expedited, as it runs now.
    pub urgency: Urgency,
    /// Stage of the work.
    pub stage: Stage,
    /// Lines.
    pub lines: Vec<LineState>,
    /// Clocks.
    pub clocks: Vec<Clock>,
    /// Whom we wait for.
    pub awaiting: Option<Awaiting>,
    /// Who has it: account, name.
    pub owner: Option<(String, String)>,
    /// Facts stated by reviewers.
    pub stated: Vec<Fact>,
    /// Evidence opened: account, what, when.
    pub opened: Vec<(String, Opened)>,
    /// Accounts that took part in review, in order of first act.
    pub reviewers: Vec<String>,
    /// Notices.
    pub notices: Vec<NoticeState>,
    /// Peer-to-peer talk.
    pub peer_to_peer: Option<PeerToPeer>,
    /// Eligibility still to be checked.
    pub eligibility_open: bool,
    /// What was asked for last, for the letter that says so even when it came meanwhile.
    pub asked_for: Vec<String>,
    /// Why the last request to expedite was declined.
    pub expedite_declined: Option<String>,
    /// Later receipts of information.
    pub received: Vec<Receipt>,
    /// Library digest at receipt.
    pub library: Digest,
    /// Demonstration scenario.
    pub scenario: Option<String>,
    /// Cuts proposed of what this case approved: the line, and the case that decides.
    pub proposed_cuts: Vec<(u32, String)>,
    /// Whether someone asked that the service goes on while an appeal against a cut is decided.
    pub continuation: Option<Continuation>,
}

/// A request that a service goes on while an appeal is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// When it reached us.
    pub asked_at: Moment,
    /// Who asked, and how.
    pub asked_by: String,
    /// In time: the service goes on.
    pub timely: bool,
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub cite: String,
}

impl LineState {
    /// Criteria bind, and they are met.
    pub fn criteria_met(&self) -> bool {
        self.evaluation.as_ref().is_some_and(|e| e.trace.result == crate::criteria::Outcome::Met)
    }

    /// The criteria a denial of this line may rest on, as a determination names them: those of the binding pack that are
    /// open or not met. None where no pack binds, or where the pack's text is not on the shelf.
    pub fn grounds(&self, criteria: &crate::criteria::CriteriaBook) -> Option<Vec<String>> {
        let evaluation = self.evaluation.as_ref()?;
        let pack = criteria.by_digest(&evaluation.pack)?;
        Some(pack.grounds(&evaluation.trace).iter().map(crate::criteria::Ground::text).collect())
    }
}

impl Case {
    /// The line with this sequence.
    pub fn line(&self, sequence: u32) -> Option<&LineState> {
        self.lines.iter().find(|l| l.line.sequence == sequence)
    }

    /// Lines without a final answer.
    pub fn open_lines(&self) -> impl Iterator<Item = &LineState> {
        self.lines.iter().filter(|l| l.outcome.is_none())
    }

    /// Whether every line is final.
    pub fn is_determined(&self) -> bool {
        self.lines.iter().all(|l| l.outcome.is_some())
    }

    /// The earliest open clock: what the worklist is ordered by.
    pub fn next_clock(&self) -> Option<&Clock> {
        self.clocks.iter().filter(|c| c.is_open()).min_by_key(|c| (c.due_at, c.id))
    }

    /// The controlling decision clock: the earliest due, open or not.
    pub fn decision_clock(&self) -> Option<&Clock> {
        self.clocks
            .iter()
            .filter(|c| c.watches == Watches::Decision && c.ended.is_none())
            .min_by_key(|c| (c.due_at, c.id))
    }

    /// Evidence a decider must have opened: the statements, and every document whose bytes we hold.
    pub fn evidence(&self) -> Vec<String> {
        std::iter::once(STATEMENTS.to_owned())
            .chain(self.request.documents.iter().filter(|d| d.digest.is_some()).map(|d| d.place.clone()))
            .collect()
    }

    /// A piece of evidence as pages and refusals name it.
    pub fn evidence_title(&self, place: &str) -> String {
        self.request.documents.iter().find(|d| d.place == place).map_or_else(
            || if place == STATEMENTS { "Clinical statements of the request".to_owned() } else { place.to_owned() },
            |d| if d.title.is_empty() { "An attached document".to_owned() } else { d.title.clone() },
        )
    }

    /// The language of this member's letters: Spanish where it was asked for, else English with the offer of free help.
    pub fn letter_language(&self) -> &str {
        let asked = self.member.language.as_deref().unwrap_or("en");
        let primary = asked.split(['-', '_']).next().unwrap_or("en");
        if primary.eq_ignore_ascii_case("es") { asked } else { "en" }
    }

    /// What a person has opened.
    pub fn opened_by(&self, person: &str) -> Vec<Opened> {
        self.opened.iter().filter(|(who, _)| who == person).map(|(_, what)| what.clone()).collect()
    }

    /// Whether something attached has not been read by any person.
    pub fn has_unread(&self) -> bool {
        self.request
            .documents
            .iter()
            .any(|d| d.digest.is_some() && !self.opened.iter().any(|(_, o)| o.evidence == d.place))
    }

    /// The day of receipt in the contract's zone.
    pub fn received_on(&self) -> Day {
        self.contract.zone.day(self.request.receipt.received_at)
    }

    /// When every line was final.
    pub fn decided_at(&self) -> Option<Moment> {
        match self.stage {
            Stage::Determined { at } => Some(at),
            _ => self.lines.iter().map(|l| l.decided_at).collect::<Option<Vec<_>>>()?.into_iter().max(),
        }
    }

    /// A call that is still owed: to the provider or to the member.
    pub fn owed_call(&self) -> Option<Audience> {
        self.clocks.iter().filter(|c| c.is_open()).find_map(|c| match c.watches {
            Watches::ProviderTold => Some(Audience::Provider),
            Watches::MemberTold => Some(Audience::Member),
            _ => None,
        })
    }

    /// Nothing is left to do: determined, no clock open, every notice given, eligibility settled.
    pub fn is_closed(&self) -> bool {
        self.is_determined()
            && !self.eligibility_open
            && self.clocks.iter().all(|c| !c.is_open())
            && self.notices.iter().all(|n| n.given_to("member").is_some() || n.given_to("provider").is_some())
    }

    /// The case's outcome in one word, from its lines.
    pub fn outcome_word(&self) -> Option<&'static str> {
        if !self.is_determined() {
            return None;
        }
        let outcomes: Vec<&Outcome> = self.lines.iter().filter_map(|l| l.outcome.as_ref()).collect();
        let decided: Vec<&&Outcome> = outcomes.iter().filter(|o| o.is_decision()).collect();
        if decided.is_empty() {
            return outcomes.first().map(|o| o.word());
        }
        let granted = decided.iter().any(|o| o.grant().is_some());
        let adverse = decided.iter().any(|o| o.is_adverse());
        Some(match (granted, adverse) {
            (true, true) => "partially_approved",
            (true, false) => "approved",
            _ => decided.first().map_or("not_approved", |o| o.word()),
        })
    }
}
