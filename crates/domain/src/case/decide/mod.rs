//! One match: which room answers which command. A decision is drafted event by event, each applied as it is drafted, so
//! that `decide` can never yield what `evolve` refuses.

mod begin;
mod clocks;
pub mod cut;
mod determine;
mod dispute;
mod expedite;
pub mod extend;
pub mod incomplete;
mod information;
mod intake;
mod judge;
mod review;
mod standing;
pub mod telling;
mod tick;
pub mod told;

use super::{
    Case,
    command::Command,
    event::Event,
    evolve::evolve,
    refusal::{Refusal, Refused},
};
use crate::{library::Library, time::Moment};

/// Answers a command with the events it makes, or with every reason why not.
///
/// `case` is none only for [`Command::Receive`]. The moment and every id are given; nothing is read from the world.
pub fn decide(case: Option<&Case>, command: Command, books: &Library, now: Moment) -> Result<Decided, Refused> {
    let mut draft = Draft { case: case.cloned(), events: Vec::new(), books, now };
    if case.is_none() != matches!(command, Command::Receive { .. }) {
        return refuse(Refusal::house(
            "case.unknown",
            "There is no such case.",
            "Check the case number, or enter a new request.",
        ));
    }
    match command {
        Command::Receive { case, authorization, request, resolved, scenario } => {
            intake::receive(&mut draft, case, authorization, *request, *resolved, scenario)?
        }
        Command::Update { request } => intake::update(&mut draft, *request)?,
        Command::ConfirmEligibility { by, eligible, basis } => {
            intake::confirm_eligibility(&mut draft, &by, eligible, basis)?
        }
        Command::Take { by } => review::take(&mut draft, &by)?,
        Command::Release { by } => review::release(&mut draft, &by)?,
        Command::OpenEvidence { by, evidence } => review::open_evidence(&mut draft, &by, evidence)?,
        Command::StateFacts { by, facts } => review::state_facts(&mut draft, &by, facts)?,
        Command::Note { by, kind, text } => review::note(&mut draft, &by, kind, text)?,
        Command::Approve { by, lines, grant, why } => review::approve(&mut draft, &by, &lines, grant, why)?,
        Command::Refer { by, why } => review::refer(&mut draft, &by, why)?,
        Command::Return { by, why } => review::hand_back(&mut draft, &by, why)?,
        Command::ClearAdministrative { by, line, finding } => {
            review::clear_administrative(&mut draft, &by, line, finding)?
        }
        Command::AskInformation { by, from, wanted, via } => information::ask(&mut draft, &by, from, wanted, via)?,
        Command::LogOutreach { by, contact, result } => information::outreach(&mut draft, &by, contact, result)?,
        Command::ReceiveInformation { request, complete } => information::receive(&mut draft, *request, complete)?,
        Command::Determine { by, decisions, attests_no_conflict, expertise } => {
            determine::determine(&mut draft, &by, decisions, attests_no_conflict, expertise)?
        }
        Command::DetermineAdministrative { by, line, reason, basis, plain_reason } => {
            determine::administrative(&mut draft, &by, line, reason, basis, plain_reason)?
        }
        Command::Withdraw { by, lines, asked_by, why } => determine::withdraw(&mut draft, &by, &lines, asked_by, why)?,
        Command::Dismiss { by, why, cite } => determine::dismiss(&mut draft, &by, why, cite)?,
        Command::Void { by, why } => determine::void(&mut draft, &by, why)?,
        Command::ReduceApproved { .. }
        | Command::ProposeCut { .. }
        | Command::PostponeCut { .. }
        | Command::AskContinuation { .. } => cut::answer(&mut draft, command)?,
        Command::ConfirmDeemedApproval { by, basis } => determine::deemed_approval(&mut draft, &by, basis)?,
        Command::Extend { by, days, condition, reason } => extend::extend(&mut draft, &by, days, &condition, reason)?,
        Command::Expedite { by, asker } => expedite::ask(&mut draft, &by, asker)?,
        Command::DeclineExpedite { by, why } => expedite::decline(&mut draft, &by, why)?,
        Command::SchedulePeerToPeer { by, at, with } => dispute::schedule(&mut draft, &by, at, with)?,
        Command::RecordPeerToPeer { by, outcome, summary } => dispute::record(&mut draft, &by, outcome, summary)?,
        Command::RecordNotice { .. } | Command::DeliverNotice { .. } | Command::NoticeIncomplete { .. } => {
            tick::notice(&mut draft, command)?
        }
        Command::FillNotice { by, notice, fields } => tick::fill_notice(&mut draft, &by, notice, fields)?,
        Command::Tick => tick::tick(&mut draft)?,
    }
    let case = draft.case.ok_or_else(|| vec![Refusal::house("case.unknown", "No case was made.", "Try again.")])?;
    Ok(Decided { events: draft.events, case })
}

/// What a command came to: the events, and the case with them applied.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The events, in order; none when the command changes nothing.
    pub events: Vec<Event>,
    /// The case after them.
    pub case: Case,
}

pub(super) fn refuse<T>(refusal: Refusal) -> Result<T, Refused> {
    Err(vec![refusal])
}

/// A decision being drafted.
pub(super) struct Draft<'a> {
    case: Option<Case>,
    events: Vec<Event>,
    /// The library.
    pub(super) books: &'a Library,
    /// The present moment, as given.
    pub(super) now: Moment,
}

impl Draft<'_> {
    /// Drafts an event and applies it.
    pub(super) fn emit(&mut self, event: Event) -> Result<(), Refused> {
        match evolve(self.case.take(), &event, self.now) {
            Ok(case) => {
                self.case = Some(case);
                self.events.push(event);
                Ok(())
            }
            Err(illegal) => refuse(Refusal::house(
                "case.illegal-event",
                format!("This step does not fit the case: {}.", illegal.why),
                "Reload the case and look at what changed.",
            )),
        }
    }

    /// The case so far.
    ///
    /// # Panics
    /// Never: `decide` checks that there is a case before any room is entered, and `receive` makes one first.
    pub(super) fn case(&self) -> &Case {
        self.case.as_ref().expect("a draft has a case once decide has let it in")
    }

    /// Refuses when every line is final already.
    pub(super) fn must_be_open(&self) -> Result<(), Refused> {
        if self.case().is_determined() {
            return refuse(Refusal::house(
                "case.determined",
                "Every line of this case has its answer.",
                "A changed need is a new request; a disagreement is an appeal.",
            ));
        }
        Ok(())
    }
}
