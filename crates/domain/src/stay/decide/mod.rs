//! One match: which room answers which command. A decision is drafted event by event, each applied as it is drafted; at the
//! end [`settle`] brings clocks and notices in line with what is now known.

mod appeal;
mod bill;
mod dispute;
mod duties;
mod facts;
mod finished;
mod ladder;
mod leaving;
mod news;
mod notice;
mod payer;
mod review;
mod settle;
mod status;
mod tick;
mod wanted;
mod window;

use super::{
    Stay,
    command::{Actor, Command},
    event::Event,
    evolve::evolve_in_place,
    refusal::{Refusal, Refused},
};
use crate::{library::Library, time::Moment};

/// Answers a command with the events it makes, or with every reason why not.
///
/// `stay` is none only for [`Command::TakeNews`]. The moment and every id are given; nothing is read from the world.
pub fn decide(stay: Option<&Stay>, command: Command, books: &Library, now: Moment) -> Result<Decided, Refused> {
    decide_on(stay.cloned(), command, books, now)
}

/// The same on a stay that the caller gives away: nothing of it is copied, and a refusal leaves nothing of it behind.
pub fn decide_on(stay: Option<Stay>, command: Command, books: &Library, now: Moment) -> Result<Decided, Refused> {
    let begins = stay.is_none();
    let mut draft = Draft { stay, events: Vec::new(), books, now };
    if begins && !matches!(command, Command::TakeNews { .. }) {
        return refuse(Refusal::house("stay.unknown", "There is no such stay.", "Check the stay number."));
    }
    if let Command::Tick = command {
        tick::tick(&mut draft)?;
    } else {
        answer(&mut draft, command)?;
    }
    settle::settle(&mut draft)?;
    let stay = draft.stay.ok_or_else(|| vec![Refusal::house("stay.unknown", "No stay was made.", "Try again.")])?;
    Ok(Decided { events: draft.events, stay })
}

fn answer(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::TakeNews { stay, hospital, news, terms, scenario } => {
            news::take(draft, stay, hospital, news, &terms, scenario)
        }
        Command::StateCoverage { by, held, change, from, basis } => {
            news::state_coverage(draft, &by, held, change, from, basis)
        }
        Command::Document { by, facts } => facts::document(draft, &by, facts),
        Command::Take { by } => facts::take(draft, &by),
        Command::Release { by } => draft.emit(Event::Released { person: by.person }),
        Command::Note { by, text } => facts::note(draft, &by, text),
        Command::ClearAlert { by, alert, why } => facts::clear_alert(draft, &by, alert, why),
        Command::RecordReview { by, review, advisor, officer } => review::record(draft, &by, *review, advisor, officer),
        Command::DismissReviews { by, why } => review::dismiss(draft, &by, why),
        Command::Escalate { by, why, advisor, officer } => ladder::escalate(draft, &by, None, why, advisor, officer),
        Command::Advise { by, escalation, advice, rationale } => {
            ladder::advise(draft, &by, escalation, advice, rationale)
        }
        Command::RecordAttending { by, escalation, attending, view, documented, at, members } => {
            ladder::attending(draft, &by, escalation, (attending, view, documented, at), &members)
        }
        Command::Determine { by, escalation, necessary, rationale, attests_no_involvement, members } => {
            ladder::determine(draft, &by, escalation, (necessary, rationale, attests_no_involvement), &members)
        }
        Command::ChangeToOutpatient { by, observation_order_at, bill_submitted } => {
            bill::change_to_outpatient(draft, &by, finished::AskedChange { observation_order_at, bill_submitted })
        }
        Command::RouteBill { by, route, rationale, services_before_order, outpatient_reasonable, appeal_pending } => {
            let asked = finished::AskedReview { services_before_order, outpatient_reasonable, appeal_pending };
            bill::route(draft, &by, route, rationale, asked)
        }
        Command::BillSubmitted { by, at } => bill::submitted(draft, &by, at),
        Command::OpenDispute { by, payer, kind, asker, grounds, agreed_for } => {
            dispute::open(draft, &by, payer, kind, asker, grounds, agreed_for)
        }
        Command::EndDispute { by, dispute, end, words } => dispute::end(draft, &by, dispute, end, words),
        Command::NotifyPayer { .. }
        | Command::SendClinicals { .. }
        | Command::AskPayer { .. }
        | Command::RecordPayerReview { .. }
        | Command::RecordPayerAnswer { .. } => payer::act(draft, command),
        Command::RequireNotice { .. }
        | Command::PrepareNotice { .. }
        | Command::DeliverNotice { .. }
        | Command::EndNotice { .. } => notice::act(draft, command),
        Command::RecordQioCall { .. }
        | Command::SendQioRecords { .. }
        | Command::RecordQioReconsideration { .. }
        | Command::RecordQioDecision { .. } => appeal::act(draft, command),
        _ => leaving::act(draft, command),
    }
}

/// What a command came to: the events, and the stay with them applied.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The events, in order; none when the command changes nothing.
    pub events: Vec<Event>,
    /// The stay after them.
    pub stay: Stay,
}

pub(super) fn refuse<T>(refusal: Refusal) -> Result<T, Refused> {
    Err(vec![refusal])
}

/// A decision being drafted.
pub(super) struct Draft<'a> {
    stay: Option<Stay>,
    events: Vec<Event>,
    /// The library.
    pub(super) books: &'a Library,
    /// The present moment, as given.
    pub(super) now: Moment,
}

impl Draft<'_> {
    /// Drafts an event and applies it.
    pub(super) fn emit(&mut self, event: Event) -> Result<(), Refused> {
        match evolve_in_place(&mut self.stay, &event, self.now) {
            Ok(()) => {
                self.events.push(event);
                Ok(())
            }
            Err(illegal) => refuse(Refusal::house(
                "stay.illegal-event",
                format!("This step does not fit the stay: {}.", illegal.why),
                "Reload the stay and look at what changed.",
            )),
        }
    }

    /// Whether there is a stay yet.
    pub(super) fn has_stay(&self) -> bool {
        self.stay.is_some()
    }

    /// The stay so far.
    ///
    /// # Panics
    /// Never: `decide` checks that there is a stay before any room is entered, and `take` makes one first.
    pub(super) fn stay(&self) -> &Stay {
        self.stay.as_ref().expect("a draft has a stay once decide has let it in")
    }

    /// Refuses an act said to have happened in the future: nothing is recorded before it is done.
    pub(super) fn must_not_be_ahead(&self, at: Moment) -> Result<(), Refused> {
        if at > self.now {
            return refuse(Refusal::house(
                "stay.ahead",
                "The time given lies in the future.",
                "Record it once it has happened, with its own time.",
            ));
        }
        Ok(())
    }
}

/// Words that must be there.
pub(super) fn must_say(rule: &str, words: &str, what: &str) -> Result<(), Refused> {
    if words.trim().is_empty() {
        return refuse(Refusal::house(rule, format!("{what} is missing."), "Enter it in a sentence."));
    }
    Ok(())
}

/// A word of a closed list. What feeds send is kept as received; what a person chooses is one of the list.
pub(super) fn must_be_listed(rule: &str, known: bool, word: &str, what: &str) -> Result<(), Refused> {
    if known {
        return Ok(());
    }
    refuse(Refusal::house(rule, format!("\u{201c}{word}\u{201d} is no {what}."), "Choose one of the list."))
}

/// Only a physician does this.
pub(super) fn must_be_physician(draft: &Draft<'_>, by: &Actor, what: &str) -> Result<(), Refused> {
    if !by.is_physician(draft.stay().day(draft.now)) {
        return refuse(Refusal::house(
            "stay.physician",
            format!("{what} needs a physician with a licence in force."),
            "Hand it to the physician on duty.",
        ));
    }
    Ok(())
}
