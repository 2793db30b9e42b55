//! What a hospital's feed says: each message kept as received, its stay found or begun, its news taken, all in one transaction
//! and before it is acknowledged. What nobody can read is parked, shown, and can be replayed.

use std::sync::Arc;

use vigil_domain::{
    stay::{
        Stay, command::Command, decide::decide_on, event::Hospital, facility::Facility, news::StayNews,
        payer::PayerTerms,
    },
    time::Moment,
};
use vigil_store::{Commit, CommitError, Document, NewMessage, StoreFault, StoredMessage, message_key};
use vigil_wire::{
    hl7::{Ack, Header, Message, Reading, acknowledge, read},
    issue::{Issue, IssueCode, Severity},
};

use super::{
    books::FeedBooks,
    joins,
    route::{self, Route},
    warm::{Warm, Written},
};
use crate::{Desk, ids, subject::ActError};

/// How often a lost race is tried again.
pub(super) const ATTEMPTS: u32 = 3;

/// The channel under which messages of feeds are kept.
pub const CHANNEL: &str = "hl7";
const BASE: &str = "hl7v2";
const RECEIVE: &str = "receive";
const REPLAY: &str = "replay";
/// Why a message was not kept, when no store is at fault.
const LOST: &str = "others wrote to the stay again and again";
/// The answer's status as messages keep it: taken, data at fault, not supported.
const TAKEN: u16 = 200;
const AT_FAULT: u16 = 422;
const UNSUPPORTED: u16 = 415;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its news were taken into these stays.
    Taken(Vec<String>),
    /// Understood, and nothing to do with a stay that is watched.
    Nothing,
    /// It came before: the answer is the one it got then.
    Again,
    /// Kept, and parked for a person: the data are at fault, or it is not supported.
    Parked,
    /// Not kept: the store could not take it now, and why.
    Busy(String),
}

/// The acknowledgement, and what became of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fed {
    /// What goes back to the sender.
    pub ack: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// A message on its way.
struct Arrival<'a> {
    tenant: &'a str,
    header: &'a Header,
    received_at: Moment,
    /// What the key was made of: all of it is kept, so that the key can be made again.
    operation: String,
    key: [u8; 32],
    body: Vec<u8>,
    /// The parked message this one is sent again for.
    replays: Option<[u8; 32]>,
}

impl Arrival<'_> {
    fn message(&self, ack: &str, status: u16) -> NewMessage {
        let business = match &self.replays {
            Some(parked) => replay_id(parked),
            None => self.header.control.clone(),
        };
        NewMessage {
            key: self.key,
            channel: CHANNEL.into(),
            base: BASE.into(),
            operation: self.operation.clone(),
            sender: self.header.sender(),
            received_at: self.received_at,
            request: self.body.clone(),
            response: ack.as_bytes().to_vec(),
            status,
            business_id: Some(business),
        }
    }
}

pub(super) fn replay_id(parked: &[u8; 32]) -> String {
    format!("replay {}", ids::hex(parked))
}

impl Desk {
    /// Takes one message of a feed. The acknowledgement says what is durable.
    pub async fn feed(&self, tenant: &str, books: &FeedBooks, received_at: Moment, body: Vec<u8>) -> Fed {
        self.feed_message(tenant, books, received_at, body, None).await
    }

    pub(super) async fn feed_message(
        &self,
        tenant: &str,
        books: &FeedBooks,
        received_at: Moment,
        body: Vec<u8>,
        replays: Option<[u8; 32]>,
    ) -> Fed {
        let message = Message::parse(&body);
        let header = message.as_ref().map(Message::header).unwrap_or_default();
        let operation = match &replays {
            // A replay is a message of its own each time it is tried: the site map may have changed meanwhile.
            Some(parked) => format!("{REPLAY} {} {received_at}", ids::hex(&parked[..12])),
            None => RECEIVE.to_owned(),
        };
        let key = message_key(tenant, BASE, &operation, &header.sender(), &body);
        let arrival = Arrival { tenant, header: &header, received_at, operation, key, body, replays };
        match self.try_feed(&arrival, message, books).await {
            Ok(fed) => fed,
            Err(fault) => busy(&header, received_at, fault.to_string()),
        }
    }

    async fn try_feed(
        &self,
        arrival: &Arrival<'_>,
        message: Result<Message, Issue>,
        books: &FeedBooks,
    ) -> Result<Fed, StoreFault> {
        let message = match message {
            Ok(message) => message,
            Err(issue) => return self.park(arrival, Ack::Reject, &[issue]).await,
        };
        let Some(facility) = books.facility_of(arrival.header) else {
            return self.park(arrival, Ack::Error, &[no_facility()]).await;
        };
        let (sender, control) = (arrival.header.sender(), &arrival.header.control);
        // The same bytes replayed are the same news, whenever they come.
        let hash = message_key("", BASE, "news", &sender, &arrival.body);
        let mark = format!("hl7/{sender}/{control}/{}", ids::hex(&hash[..8]));
        let reading =
            Reading { site: &facility.site, zone: &facility.zone, mark: &mark, received_at: arrival.received_at };
        match read(&message, reading) {
            Ok(received) => {
                let fed = self.take(arrival, facility, books, received.news, &received.issues).await?;
                self.heard(arrival.tenant, &facility.id, arrival.received_at).await?;
                Ok(fed)
            }
            Err(unread) => {
                let ack = if unread.unsupported { Ack::Reject } else { Ack::Error };
                self.park(arrival, ack, &unread.issues).await
            }
        }
    }

    /// Takes the news of a message into their stays; the message is kept with the last of them, so that a crash between them
    /// is healed by the sender's repeat: the same news twice is one.
    async fn take(
        &self,
        arrival: &Arrival<'_>,
        facility: &Facility,
        books: &FeedBooks,
        news: Vec<StayNews>,
        issues: &[Issue],
    ) -> Result<Fed, StoreFault> {
        let (mut steps, mut unwatched): (Vec<(String, StayNews)>, Vec<StayNews>) = (Vec::new(), Vec::new());
        for one in news {
            match route::route(self, arrival.tenant, facility, &one)? {
                Route::Stays(mut stays) => {
                    let last = stays.pop();
                    steps.extend(stays.into_iter().map(|stay| (stay, one.clone())));
                    steps.extend(last.map(|stay| (stay, one)));
                }
                Route::Opens(stay) => {
                    for before in joins::waiting(self, arrival.tenant, facility, &one)? {
                        steps.push((stay.clone(), before));
                    }
                    steps.push((stay, one));
                }
                Route::Nothing => unwatched.push(one),
            }
        }
        // One commit finds out by itself that its message came before; with more than one, nothing may be written twice.
        if (steps.len() != 1 || !unwatched.is_empty())
            && let Some(stored) = self.store.message(arrival.tenant, &arrival.key)?
        {
            return Ok(again(&stored));
        }
        for one in &unwatched {
            joins::keep(self, arrival.tenant, facility, one).await?;
        }
        let hospital = books.hospital(facility);
        let ack = acknowledge(arrival.header, Ack::Accept, issues, arrival.received_at);
        let mut taken: Vec<String> = Vec::new();
        let last = steps.len().saturating_sub(1);
        for (index, (stay, one)) in steps.into_iter().enumerate() {
            let along = Commit { message: (index == last).then(|| arrival.message(&ack, TAKEN)), ..Commit::default() };
            match self.take_news((arrival.tenant, &stay), &hospital, &books.terms, one, along, &books.warm).await {
                Ok(()) => taken.push(stay),
                Err(ActError::Refused(refused)) => {
                    let issues: Vec<Issue> = refused.iter().map(|r| refusal(&r.says, &r.instead)).collect();
                    return self.park(arrival, Ack::Error, &issues).await;
                }
                Err(ActError::Fault(fault)) => return Err(fault),
                Err(ActError::Raced) => {
                    let stored = self.store.message(arrival.tenant, &arrival.key)?;
                    return Ok(
                        stored.map_or_else(|| busy(arrival.header, arrival.received_at, LOST.into()), |s| again(&s))
                    );
                }
                Err(other) => {
                    return self.park(arrival, Ack::Error, &[refusal(&other.to_string(), "Tell the operator.")]).await;
                }
            }
        }
        if taken.is_empty() {
            return self.keep_fed(arrival, ack, TAKEN, Outcome::Nothing).await;
        }
        taken.dedup();
        Ok(Fed { ack, outcome: Outcome::Taken(taken) })
    }

    /// Brings one piece of news to its stay.
    pub(crate) async fn take_news(
        &self,
        (tenant, stay): (&str, &str),
        hospital: &Arc<Hospital>,
        terms: &[PayerTerms],
        news: StayNews,
        along: Commit,
        warm: &Warm,
    ) -> Result<(), ActError> {
        let command = news_command(stay, hospital, terms, news);
        self.take_command((tenant, stay), command, along, warm).await
    }

    /// The write path of [`Desk::act_stay_along`], with the stay as the feed last saw it.
    async fn take_command(
        &self,
        (tenant, stay): (&str, &str),
        command: Command,
        along: Commit,
        warm: &Warm,
    ) -> Result<(), ActError> {
        for _ in 0..ATTEMPTS {
            let (before, mut written) = match warm.take(tenant, stay) {
                Some((stay, written)) => (Some(stay), written),
                None => (self.load_stay(tenant, stay)?, Written::default()),
            };
            let now = self.time.now();
            let version = before.as_ref().map_or(0, |s| s.version);
            let decided = decide_on(before, command.clone(), &self.library, now).map_err(ActError::Refused)?;
            let (events, state) = (decided.events, decided.stay);
            if events.is_empty() && along.message.is_none() {
                warm.put(tenant, state, written);
                return Ok(());
            }
            let mut commit =
                self.commit_subject::<Stay>((tenant, stay), version, (&events, &state), ("feed", now), along.clone());
            written.leave_out(&mut commit.rows);
            match self.store.commit(commit).await {
                Ok(_) => {
                    warm.put(tenant, state, written);
                    return Ok(());
                }
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::ErrandGone | CommitError::Duplicate { .. }) => return Err(ActError::Raced),
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(ActError::Raced)
    }

    /// Keeps a message that nobody can take, with its answer.
    async fn park(&self, arrival: &Arrival<'_>, ack: Ack, issues: &[Issue]) -> Result<Fed, StoreFault> {
        let status = if ack == Ack::Reject { UNSUPPORTED } else { AT_FAULT };
        let answer = acknowledge(arrival.header, ack, issues, arrival.received_at);
        self.keep_fed(arrival, answer, status, Outcome::Parked).await
    }

    async fn keep_fed(
        &self,
        arrival: &Arrival<'_>,
        ack: String,
        status: u16,
        outcome: Outcome,
    ) -> Result<Fed, StoreFault> {
        let message = arrival.message(&ack, status);
        match self.store.commit(Commit::message_only(arrival.tenant, message)).await {
            Ok(_) => Ok(Fed { ack, outcome }),
            Err(CommitError::Duplicate { message }) => Ok(again(&message)),
            Err(CommitError::Fault(fault)) => Err(fault),
            Err(CommitError::Conflict { .. } | CommitError::ErrandGone) => {
                Ok(busy(arrival.header, arrival.received_at, LOST.into()))
            }
        }
    }
}

fn again(stored: &StoredMessage) -> Fed {
    Fed { ack: String::from_utf8_lossy(&stored.message.response).into_owned(), outcome: Outcome::Again }
}

fn refusal(says: &str, todo: &str) -> Issue {
    issue(IssueCode::BusinessRule, "MSH-9", says, todo)
}

fn no_facility() -> Issue {
    let todo = "Add the sender to a facility record, then replay the message.";
    issue(IssueCode::NotFound, "MSH-4", "No facility takes messages of this sender.", todo)
}

fn issue(code: IssueCode, place: &str, details: &str, todo: &str) -> Issue {
    Issue {
        severity: Severity::Error,
        code,
        expression: place.to_owned(),
        details: details.to_owned(),
        diagnostics: todo.to_owned(),
    }
}

/// Nothing was kept: the sender keeps it and sends it again.
fn busy(header: &Header, now: Moment, why: String) -> Fed {
    let todo = "Send the message again, as it is.";
    let issues = [issue(IssueCode::Throttled, "MSH", "The message could not be kept now.", todo)];
    Fed { ack: acknowledge(header, Ack::Reject, &issues, now), outcome: Outcome::Busy(why) }
}

/// A document of the record as the store keeps it.
pub(super) fn document(file: &vigil_wire::fhir::hospital::File) -> Document {
    Document {
        digest: file.digest.clone(),
        media_type: file.media_type.clone(),
        name: file.title.clone(),
        bytes: file.bytes.clone(),
    }
}

/// The command that brings news to a stay, with the terms of the payers it names.
pub(super) fn news_command(stay: &str, hospital: &Arc<Hospital>, terms: &[PayerTerms], news: StayNews) -> Command {
    let told = |p: &vigil_domain::stay::news::PayerNews, t: &PayerTerms| p.payer_id == t.payer_id;
    let named = news.payers.iter().flatten();
    let terms = terms.iter().filter(|t| named.clone().any(|p| told(p, t))).cloned().collect();
    Command::TakeNews {
        stay: stay.to_owned(),
        hospital: Arc::clone(hospital),
        news: Arc::new(news),
        terms,
        scenario: None,
    }
}
