//! A hospital's transaction Bundle over the network: kept, judged whole, its news taken; the same bytes get the stored answer.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use vigil_domain::{
    stay::{
        Stay,
        event::Event,
        facility::Facility,
        news::{Identifier, StayNews},
        payer::PayerTerms,
    },
    time::Moment,
};
use vigil_store::{Commit, CommitError, Document, NewMessage, StoreFault, message_key};
use vigil_wire::{
    fhir::{
        hospital::{FhirReading, Gathered, transaction},
        outcome::operation_outcome,
    },
    issue::{Issue, IssueCode, Severity},
};

use super::{
    books::hospital_of,
    feed::{ATTEMPTS, document, news_command},
    route::{self, Route},
};
use crate::{
    Desk,
    subject::{ActError, Subject},
};

/// The channel under which these messages are kept.
pub const CHANNEL: &str = "fhir-hospital";
const BASE: &str = "fhir-r4";
const TAKEN: u16 = 200;
const UNREADABLE: u16 = 400;
const AT_FAULT: u16 = 422;

/// The answer to a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Status of the answer.
    pub status: u16,
    /// A transaction-response Bundle, or an OperationOutcome with every issue.
    pub body: Vec<u8>,
    /// Stays that were begun or changed.
    pub stays: Vec<String>,
}

/// A message on its way.
struct Arrival<'a> {
    tenant: &'a str,
    sender: &'a str,
    facility: &'a Facility,
    received_at: Moment,
    key: [u8; 32],
    body: &'a [u8],
}

/// A transaction to two facilities is two messages: the facility is a word of the message's key.
fn operation(facility: &Facility) -> String {
    format!("transaction {}", facility.id)
}

impl Arrival<'_> {
    fn message(&self, status: u16, answer: &[u8], identifier: Option<String>) -> NewMessage {
        NewMessage {
            key: self.key,
            channel: CHANNEL.into(),
            base: BASE.into(),
            operation: operation(self.facility),
            sender: self.sender.to_owned(),
            received_at: self.received_at,
            request: self.body.to_vec(),
            response: answer.to_vec(),
            status,
            business_id: identifier,
        }
    }
}

impl Desk {
    /// Takes a transaction of a facility: all of its resources are read before any is taken.
    ///
    /// # Errors
    /// The store. What is wrong with the message is in the answer.
    pub async fn hospital_transaction(
        &self,
        tenant: &str,
        facility: &Facility,
        sender: &str,
        received_at: Moment,
        body: &[u8],
    ) -> Result<Answered, StoreFault> {
        let key = message_key(tenant, BASE, &operation(facility), sender, body);
        let arrival = Arrival { tenant, sender, facility, received_at, key, body };
        if let Some(stored) = self.stored(&arrival)? {
            return Ok(stored);
        }
        let read = match transaction::read(body, facility.zone.clone()) {
            Ok(read) => read,
            Err(issues) => return self.refuse_transaction(&arrival, UNREADABLE, &issues, None).await,
        };
        let name = format!("{sender}/{}", facility.id);
        let reading =
            FhirReading { site: &facility.site, zone: &facility.zone, sender: &name, recorded_at: received_at };
        let gathered = read.gathering.finish(reading);
        let issues = transaction::issues(&gathered.account);
        if !issues.is_empty() {
            return self.refuse_transaction(&arrival, AT_FAULT, &issues, read.identifier).await;
        }
        let answer = transaction::response(&read.entries, &gathered.account);
        let message = arrival.message(TAKEN, &answer, read.identifier.clone());
        match self.take_transaction(&arrival, gathered, message).await? {
            Taken::Done(stays) => Ok(Answered { status: TAKEN, body: answer, stays }),
            Taken::Refused(issues) => self.refuse_transaction(&arrival, AT_FAULT, &issues, read.identifier).await,
            // The same bytes may have come over another connection; if not, the sender comes again.
            Taken::Raced => self.stored(&arrival)?.ok_or(StoreFault::Busy),
        }
    }

    /// Brings the news to their stays: every stay decides first, and only when none refuses is anything written. All stays and
    /// the message are one transaction of the store, so that a Bundle is taken as a whole or not at all, whatever happens. A
    /// stay that another writer changed meanwhile is decided again, with all the others.
    async fn take_transaction(
        &self,
        arrival: &Arrival<'_>,
        gathered: Gathered,
        message: NewMessage,
    ) -> Result<Taken, StoreFault> {
        let terms = self.payer_terms(arrival.tenant)?;
        let documents: Vec<Document> = gathered.files.iter().map(document).collect();
        for _ in 0..ATTEMPTS {
            let staged = match self.stage(arrival, &terms, &gathered.news)? {
                Ok(staged) => staged,
                Err(issues) => return Ok(Taken::Refused(issues)),
            };
            match self.write_staged(arrival, staged, &documents, &message).await? {
                Some(stays) => return Ok(Taken::Done(stays)),
                None if self.store.message(arrival.tenant, &arrival.key)?.is_some() => return Ok(Taken::Raced),
                None => {}
            }
        }
        Ok(Taken::Raced)
    }

    /// What each stay makes of its news, with nothing written; or why one of them refuses.
    fn stage(
        &self,
        arrival: &Arrival<'_>,
        terms: &[PayerTerms],
        news: &[StayNews],
    ) -> Result<Result<BTreeMap<String, Staged>, Vec<Issue>>, StoreFault> {
        let (tenant, facility) = (arrival.tenant, arrival.facility);
        let now = self.time.now();
        let hospital = Arc::new(hospital_of(facility));
        let mut staged: BTreeMap<String, Staged> = BTreeMap::new();
        let mut opened: BTreeMap<String, String> = BTreeMap::new();
        for one in news {
            let visit = one.visit.number.as_ref().map(Identifier::key).unwrap_or_default();
            let id = match route::route(self, tenant, facility, one)? {
                Route::Stays(found) => found.into_iter().next(),
                Route::Opens(stay) => Some(opened.entry(visit).or_insert(stay).clone()),
                // It may belong to a visit that begins in this very transaction.
                Route::Nothing => opened.get(&visit).cloned(),
            };
            let Some(id) = id else { continue };
            let stage = match staged.entry(id.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(empty) => {
                    let before = match self.load_stay(tenant, empty.key()) {
                        Ok(before) => before,
                        Err(ActError::Fault(fault)) => return Err(fault),
                        Err(other) => return Ok(Err(vec![issue(&other.to_string(), "Tell the operator.")])),
                    };
                    let version = before.as_ref().map_or(0, |stay| stay.version);
                    empty.insert(Staged { version, events: Vec::new(), stay: before })
                }
            };
            let command = news_command(&id, &hospital, terms, one.clone());
            match <Stay as Subject>::decide(stage.stay.as_ref(), command, &self.library, now) {
                Ok((events, stay)) => {
                    stage.events.extend(events);
                    stage.stay = Some(stay);
                }
                Err(refused) => return Ok(Err(refused.iter().map(|r| issue(&r.says, &r.instead)).collect())),
            }
        }
        Ok(Ok(staged))
    }

    /// Writes what was staged, all of it or nothing; none when another writer was first somewhere.
    async fn write_staged(
        &self,
        arrival: &Arrival<'_>,
        staged: BTreeMap<String, Staged>,
        documents: &[Document],
        message: &NewMessage,
    ) -> Result<Option<Vec<String>>, StoreFault> {
        let (tenant, now) = (arrival.tenant, self.time.now());
        let stays: Vec<String> = staged.keys().cloned().collect();
        let changed: Vec<(String, Staged)> = staged.into_iter().filter(|(_, stage)| !stage.events.is_empty()).collect();
        let mut commits = Vec::new();
        for (id, stage) in &changed {
            let Some(stay) = &stage.stay else { continue };
            let told: Vec<&str> = stay.track.documents.iter().filter_map(|d| d.digest.as_deref()).collect();
            let documents = documents.iter().filter(|d| told.contains(&d.digest.as_str())).cloned().collect();
            let along = Commit { documents, ..Commit::default() };
            let on = (&*stage.events, stay);
            commits.push(self.commit_subject::<Stay>((tenant, id), stage.version, on, ("feed", now), along));
        }
        match commits.last_mut() {
            Some(last) => last.message = Some(message.clone()),
            None => commits.push(Commit::message_only(tenant, message.clone())),
        }
        match self.store.commit_all(commits).await {
            Ok(_) => Ok(Some(stays)),
            Err(CommitError::Fault(fault)) => Err(fault),
            Err(_) => Ok(None),
        }
    }

    fn stored(&self, arrival: &Arrival<'_>) -> Result<Option<Answered>, StoreFault> {
        let stored = self.store.message(arrival.tenant, &arrival.key)?;
        let again = |s: vigil_store::StoredMessage| Answered {
            status: s.message.status,
            body: s.message.response,
            stays: Vec::new(),
        };
        Ok(stored.map(again))
    }

    async fn refuse_transaction(
        &self,
        arrival: &Arrival<'_>,
        status: u16,
        issues: &[Issue],
        identifier: Option<String>,
    ) -> Result<Answered, StoreFault> {
        let body = operation_outcome(issues);
        let message = arrival.message(status, &body, identifier);
        match self.store.commit(Commit::message_only(arrival.tenant, message)).await {
            Ok(_) => Ok(Answered { status, body, stays: Vec::new() }),
            Err(CommitError::Fault(fault)) => Err(fault),
            Err(_) => Ok(self.stored(arrival)?.unwrap_or(Answered { status, body, stays: Vec::new() })),
        }
    }
}

/// A stay with what it makes of its news, before anything is written.
struct Staged {
    /// The version it was read at.
    version: u64,
    events: Vec<Event>,
    stay: Option<Stay>,
}

enum Taken {
    Done(Vec<String>),
    Refused(Vec<Issue>),
    Raced,
}

fn issue(says: &str, todo: &str) -> Issue {
    Issue {
        severity: Severity::Error,
        code: IssueCode::BusinessRule,
        expression: "Bundle".to_owned(),
        details: says.to_owned(),
        diagnostics: todo.to_owned(),
    }
}
