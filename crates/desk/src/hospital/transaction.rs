//! A hospital's transaction Bundle over the network: kept, judged whole, its news taken; the same bytes get the stored answer.

use vigil_domain::{
    stay::{facility::Facility, news::StayNews},
    time::Moment,
};
use vigil_store::{Commit, CommitError, NewMessage, StoreFault, message_key};
use vigil_wire::{
    fhir::{
        hospital::{FhirReading, transaction},
        outcome::operation_outcome,
    },
    issue::{Issue, IssueCode, Severity},
};

use super::{
    route::{self, Route},
    warm::Warm,
};
use crate::{Desk, subject::ActError};

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

impl Arrival<'_> {
    fn message(&self, status: u16, answer: &[u8], identifier: Option<String>) -> NewMessage {
        NewMessage {
            key: self.key,
            channel: CHANNEL.into(),
            base: BASE.into(),
            operation: "transaction".into(),
            sender: format!("{}|{}", self.sender, self.facility.id),
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
        let key = message_key(tenant, BASE, &format!("transaction {}", facility.id), sender, body);
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
        match self.take_transaction(&arrival, gathered.news, message).await? {
            Taken::Done(stays) => Ok(Answered { status: TAKEN, body: answer, stays }),
            Taken::Refused(issues) => self.refuse_transaction(&arrival, AT_FAULT, &issues, read.identifier).await,
            // The same bytes may have come over another connection; if not, the sender comes again.
            Taken::Raced => self.stored(&arrival)?.ok_or(StoreFault::Busy),
        }
    }

    /// Brings the news to their stays; the message is kept with the last of them, so that a crash between them is healed by
    /// the sender's repeat: the same news twice is one.
    async fn take_transaction(
        &self,
        arrival: &Arrival<'_>,
        news: Vec<StayNews>,
        message: NewMessage,
    ) -> Result<Taken, StoreFault> {
        let (tenant, facility) = (arrival.tenant, arrival.facility);
        let (terms, warm) = (self.payer_terms(tenant)?, Warm::default());
        let (mut stays, mut kept) = (Vec::new(), false);
        let last = news.len().saturating_sub(1);
        for (index, one) in news.into_iter().enumerate() {
            let stay = match route::route(self, tenant, facility, &one)? {
                Route::Stays(found) => found.into_iter().next(),
                Route::Opens(stay) => Some(stay),
                Route::Nothing => None,
            };
            let Some(stay) = stay else { continue };
            let along = (index == last).then(|| message.clone());
            kept |= along.is_some();
            match self.take_news((tenant, &stay), facility, &terms, one, along, &warm).await {
                Ok(()) => stays.push(stay),
                Err(ActError::Refused(refused)) => {
                    return Ok(Taken::Refused(refused.iter().map(|r| issue(&r.says, &r.instead)).collect()));
                }
                Err(ActError::Fault(fault)) => return Err(fault),
                Err(ActError::Raced) => return Ok(Taken::Raced),
                Err(other) => return Ok(Taken::Refused(vec![issue(&other.to_string(), "Tell the operator.")])),
            }
        }
        if !kept {
            match self.store.commit(Commit::message_only(tenant, message)).await {
                Ok(_) => {}
                Err(CommitError::Fault(fault)) => return Err(fault),
                Err(_) => return Ok(Taken::Raced),
            }
        }
        stays.sort();
        stays.dedup();
        Ok(Taken::Done(stays))
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
