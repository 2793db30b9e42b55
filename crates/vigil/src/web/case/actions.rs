//! What may be done on a case's page: one row an action, with its key, and when it is offered.

use vigil_domain::{
    case::{Case, Stage, event::Queue},
    law::BreachEffect,
    request::Urgency,
};

use crate::access::Permission;

/// Everything a person may do on the page of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Take,
    Release,
    Approve,
    Ask,
    Refer,
    Note,
    Return,
    Facts,
    Mark,
    Outreach,
    Received,
    Clear,
    Administrative,
    Extend,
    Expedite,
    DeclineExpedite,
    Schedule,
    Record,
    Eligibility,
    DeemedApproval,
    Reduce,
    Postpone,
    Continuation,
    Withdraw,
    Dismiss,
    Void,
    Deliver,
    Complete,
}

/// The fixed part of an action.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its word in addresses.
    pub word: &'static str,
    /// The button.
    pub title: &'static str,
    /// Its key, if it has one.
    pub key: &'static str,
    /// On the bar, or under "More".
    pub main: bool,
    /// What it takes.
    pub needs: Permission,
}

const fn row(word: &'static str, title: &'static str, key: &'static str, main: bool, needs: Permission) -> Row {
    Row { word, title, key, main, needs }
}

impl Action {
    /// In the order of the bar.
    pub const ALL: &'static [Action] = &[
        Self::Take,
        Self::Approve,
        Self::Ask,
        Self::Refer,
        Self::Note,
        Self::Return,
        Self::Release,
        Self::Received,
        Self::Outreach,
        Self::Clear,
        Self::Administrative,
        Self::Eligibility,
        Self::Schedule,
        Self::Record,
        Self::Complete,
        Self::Deliver,
        Self::Extend,
        Self::Expedite,
        Self::DeclineExpedite,
        Self::DeemedApproval,
        Self::Mark,
        Self::Reduce,
        Self::Postpone,
        Self::Continuation,
        Self::Withdraw,
        Self::Dismiss,
        Self::Void,
        Self::Facts,
    ];

    /// The fixed part.
    pub fn row(self) -> Row {
        use Permission as P;
        match self {
            Self::Take => row("take", "Take", "t", true, P::Work),
            Self::Release => row("release", "Release", "", false, P::Work),
            Self::Approve => row("approve", "Approve", "a", true, P::Review),
            Self::Ask => row("ask", "Ask for information", "i", true, P::Review),
            Self::Refer => row("refer", "Refer to medical director", "r", true, P::Review),
            Self::Note => row("note", "Note", "n", true, P::Work),
            Self::Return => row("return", "Return to nurse", "b", true, P::Determine),
            Self::Facts => row("facts", "Answer a criterion", "", false, P::Review),
            Self::Mark => row("mark", "Mark your own finding", "", false, P::Determine),
            Self::Outreach => row("outreach", "Log outreach", "o", false, P::Work),
            Self::Received => row("received", "Information received", "", false, P::EnterRequest),
            Self::Clear => row("clear", "Clear administrative check", "", false, P::Administrative),
            Self::Administrative => row("administrative", "Sign administrative denial", "", false, P::Administrative),
            Self::Extend => row("extend", "Extend", "", false, P::Review),
            Self::Expedite => row("expedite", "Expedite", "", false, P::Review),
            Self::DeclineExpedite => row("decline-expedite", "Decline to expedite", "", false, P::Review),
            Self::Schedule => row("peer-schedule", "Schedule peer-to-peer", "p", false, P::Work),
            Self::Record => row("peer-record", "Record peer-to-peer", "", false, P::Work),
            Self::Eligibility => row("eligibility", "Confirm eligibility", "", false, P::EnterRequest),
            Self::DeemedApproval => row("deemed-approval", "Confirm deemed approval", "", false, P::Supervise),
            Self::Reduce => row("reduce", "Reduce an approval", "", false, P::Review),
            Self::Postpone => row("postpone-cut", "Postpone the cut", "", false, P::Review),
            Self::Continuation => row("continuation", "Member asks to keep the service", "", false, P::Work),
            Self::Withdraw => row("withdraw", "Record withdrawal", "", false, P::Supervise),
            Self::Dismiss => row("dismiss", "Dismiss", "", false, P::Supervise),
            Self::Void => row("void", "Void", "", false, P::Supervise),
            Self::Complete => row("complete", "Complete the held notice", "c", true, P::DeliverNotices),
            Self::Deliver => row("deliver", "Record delivery", "", false, P::DeliverNotices),
        }
    }

    /// The action of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.row().word == word)
    }

    /// Done at once, without a form.
    pub fn at_once(self) -> bool {
        matches!(self, Self::Take | Self::Release)
    }

    /// It rests on how the case stood when the page was made. What only adds to the record does not.
    pub fn decides(self) -> bool {
        let adds = [Self::Take, Self::Release, Self::Note, Self::Outreach, Self::Received, Self::Facts, Self::Deliver];
        !adds.contains(&self)
    }

    /// Whether it is offered on this case, to this person.
    pub fn offered(self, case: &Case, person: &str, hidden: bool) -> bool {
        let open = !case.is_determined();
        let mine = case.owner.as_ref().is_some_and(|(owner, _)| owner == person);
        let at = |queue: Queue| matches!(&case.stage, Stage::Review { queue: here, .. } if *here == queue);
        match self {
            Self::Take => open && case.owner.is_none(),
            Self::Release => open && mine,
            Self::Approve | Self::Ask | Self::Withdraw | Self::Dismiss | Self::Received | Self::Void => open,
            Self::Refer => open && !at(Queue::Physician),
            Self::Return => open && at(Queue::Physician),
            Self::Note | Self::Outreach => true,
            Self::Schedule => case.peer_to_peer.as_ref().is_none_or(|p| p.held.is_some()),
            Self::Record => case.peer_to_peer.as_ref().is_some_and(|p| p.held.is_none()),
            Self::Mark => open && hidden,
            Self::Clear => case.lines.iter().any(|l| !l.administrative.is_empty()),
            Self::Administrative => open,
            Self::Extend => open && case.clocks.iter().any(|c| c.is_open() && c.extension.is_none()),
            Self::Expedite => open && case.urgency != Urgency::Expedited,
            Self::DeclineExpedite => open && case.urgency == Urgency::Expedited,
            Self::Eligibility => case.eligibility_open,
            Self::DeemedApproval => open && lapsed_into_approval(case),
            Self::Reduce => {
                case.request.cut.is_none()
                    && case.lines.iter().any(|l| l.outcome.as_ref().and_then(|o| o.grant()).is_some())
            }
            Self::Postpone => {
                case.request.cut.is_some()
                    && case.notices.iter().all(|n| n.given_to("member").is_none())
                    && !case.is_closed()
            }
            Self::Continuation => {
                case.request.cut.is_some()
                    && case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(|o| o.is_adverse()))
                    && case.continuation.as_ref().is_none_or(|c| !c.timely)
            }
            Self::Complete => case.notices.iter().any(|n| !n.held.is_empty()),
            Self::Deliver => !case.notices.is_empty(),
            Self::Facts => false,
        }
    }
}

fn lapsed_into_approval(case: &Case) -> bool {
    case.clocks.iter().any(|c| {
        matches!(c.lapsed, Some((_, BreachEffect::DeemedApproved | BreachEffect::DeemedApprovedIfUniformForm, _)))
    })
}
