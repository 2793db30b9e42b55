//! A message from an interface: kept, read fully, then judged, and answered with the same transaction that records it.

use vigil_domain::{
    case::{
        command::{Command, Resolved},
        decide::{Decided, decide},
    },
    request::{Channel, Receipt, Request},
    time::Moment,
};
use vigil_store::{
    Commit, CommitError, Document, NewMessage, StoreFault, StoredMessage, Write, WriteItem, digest_of, message_key,
};
use vigil_wire::{
    fhir::{
        outcome::operation_outcome,
        pas::{AaaError, Attachment, Base, Echo, Submission, read_submit, respond},
    },
    issue::Issue,
};

use crate::{Desk, answer, ids, party::Eligibility};

/// What goes back to the sender.
#[derive(Debug, Clone)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The body: a response Bundle, Parameters or an OperationOutcome.
    pub body: Vec<u8>,
    /// The case it made or changed.
    pub case: Option<String>,
}

/// A message on its way through the desk.
struct Arrival<'a> {
    tenant: &'a str,
    base: Base,
    sender: &'a str,
    received_at: Moment,
    key: [u8; 32],
    body: Vec<u8>,
}

impl Arrival<'_> {
    fn message(&self, business_id: Option<String>, status: u16, response: Vec<u8>) -> NewMessage {
        NewMessage {
            key: self.key,
            channel: "fhir".into(),
            base: self.base.version().into(),
            operation: "submit".into(),
            sender: self.sender.into(),
            received_at: self.received_at,
            request: self.body.clone(),
            response,
            status,
            business_id,
        }
    }
}

impl Desk {
    /// `Claim/$submit`: the same bytes from the same sender get the stored answer; anything else is judged.
    ///
    /// # Errors
    /// Only faults of the store: everything about the message is an answer.
    pub async fn submit(
        &self,
        tenant: &str,
        base: Base,
        sender: &str,
        received_at: Moment,
        body: Vec<u8>,
    ) -> Result<Answered, StoreFault> {
        let key = message_key(tenant, base.version(), "submit", sender, &body);
        if let Some(stored) = self.store.message(tenant, &key)? {
            return Ok(answered_before(stored));
        }
        let arrival = Arrival { tenant, base, sender, received_at, key, body };
        let receipt = Receipt {
            channel: Channel::Fhir,
            received_at,
            proof: format!("message {}", ids::hex(&key[..12])),
            entered_at: received_at,
            entered_by: sender.to_owned(),
            caller: None,
            authority: None,
            expedite_asked_by: None,
            form_note: None,
        };
        // A number that another case has, or a case that moved on meanwhile: judged again, under the next number of the key.
        for seed in arrival.key.chunks(4) {
            let submission = match read_submit(base, &arrival.body, receipt.clone()) {
                Ok(submission) => submission,
                Err(issues) => return self.keep_refused(&arrival, &issues).await,
            };
            if let Some(answered) = self.judge(&arrival, submission, seed).await? {
                return Ok(answered);
            }
        }
        Err(StoreFault::Busy)
    }

    /// A message nobody can judge is kept with its OperationOutcome.
    async fn keep_refused(&self, arrival: &Arrival<'_>, issues: &[Issue]) -> Result<Answered, StoreFault> {
        let outcome = operation_outcome(issues);
        let tenant = arrival.tenant.to_owned();
        let message = arrival.message(None, 400, outcome.clone());
        self.keep_alone(&tenant, message, Answered { status: 400, body: outcome, case: None }).await
    }

    async fn keep_alone(&self, tenant: &str, message: NewMessage, answer: Answered) -> Result<Answered, StoreFault> {
        match self.store.commit(Commit::message_only(tenant, message)).await {
            Ok(_) => Ok(answer),
            Err(CommitError::Duplicate { message }) => Ok(answered_before(*message)),
            Err(CommitError::Fault(fault)) => Err(fault),
            Err(CommitError::Conflict { .. } | CommitError::ErrandGone) => Ok(answer),
        }
    }

    /// The answer, or none when somebody else wrote first.
    async fn judge(
        &self,
        arrival: &Arrival<'_>,
        submission: Submission,
        seed: &[u8],
    ) -> Result<Option<Answered>, StoreFault> {
        let Submission { mut request, bundle_identifier, echo, attachments, .. } = submission;
        let business_id = bundle_identifier.map(|i| format!("{}|{}", i.system, i.value));
        let documents = documents_of(&mut request, attachments);
        if let Some(earlier) = self.updated_case(arrival.tenant, &request)? {
            return self.update(arrival, &echo, business_id, request, documents, earlier).await;
        }
        let mut resolved = match self.eligibility(arrival.tenant, &request)? {
            Eligibility::Rejected(errors) => {
                return self.reject(arrival, &echo, business_id, errors).await.map(Some);
            }
            Eligibility::Known(resolved) => resolved,
            Eligibility::Provisional(resolved) => {
                self.enrol(arrival.tenant, &resolved).await?;
                resolved
            }
        };
        self.flag_same_number(arrival.tenant, business_id.as_deref(), &request, &mut resolved)?;
        let now = self.time.now().max(arrival.received_at);
        let case = ids::case_number(arrival.received_at, seed);
        let command = Command::Receive {
            authorization: ids::authorization_number(&case),
            case,
            request: Box::new(request),
            resolved,
            scenario: None,
        };
        let decided = match decide(None, command, &self.library, now) {
            Ok(decided) => decided,
            Err(refused) => {
                let issues: Vec<Issue> = refused.iter().map(answer::issue_of_refusal).collect();
                return self.keep_refused(arrival, &issues).await.map(Some);
            }
        };
        self.answer_and_commit(arrival, &echo, business_id, documents, 0, &decided, now).await
    }

    #[expect(clippy::too_many_arguments, reason = "everything one transaction keeps")]
    async fn answer_and_commit(
        &self,
        arrival: &Arrival<'_>,
        echo: &Echo,
        business_id: Option<String>,
        documents: Vec<Document>,
        before: u64,
        decided: &Decided,
        now: Moment,
    ) -> Result<Option<Answered>, StoreFault> {
        let body = respond(arrival.base, echo, &answer::of_case(&decided.case, &arrival.key, now, &self.settings));
        let (tenant, sender) = (arrival.tenant.to_owned(), arrival.sender.to_owned());
        let message = arrival.message(business_id, 200, body.clone());
        let along = Commit { message: Some(message), documents, ..Commit::default() };
        let commit = self.commit_of(&tenant, before, decided, &sender, now, along);
        match self.store.commit(commit).await {
            Ok(_) => Ok(Some(Answered { status: 200, body, case: Some(decided.case.id.clone()) })),
            Err(CommitError::Duplicate { message }) => Ok(Some(answered_before(*message))),
            Err(CommitError::Fault(fault)) => Err(fault),
            Err(CommitError::Conflict { .. } | CommitError::ErrandGone) => Ok(None),
        }
    }

    /// The earlier case that an update names, if it is ours.
    fn updated_case(&self, tenant: &str, request: &Request) -> Result<Option<String>, StoreFault> {
        for identifier in &request.updates {
            let key = format!("{}|{}", identifier.system, identifier.value);
            let member = &request.member.member_id;
            for id in self.store.cases_by_key(tenant, "identifier", &key, 5)? {
                if let Ok(Some(case)) = self.load(tenant, &id)
                    && case.member.member_id == *member
                {
                    return Ok(Some(id));
                }
            }
        }
        Ok(None)
    }

    async fn update(
        &self,
        arrival: &Arrival<'_>,
        echo: &Echo,
        business_id: Option<String>,
        request: Request,
        documents: Vec<Document>,
        earlier: String,
    ) -> Result<Option<Answered>, StoreFault> {
        let now = self.time.now().max(arrival.received_at);
        let Ok(Some(before)) = self.load(arrival.tenant, &earlier) else { return Err(StoreFault::Busy) };
        let command = Command::Update { request: Box::new(request) };
        match decide(Some(&before), command, &self.library, now) {
            Ok(decided) => {
                self.answer_and_commit(arrival, echo, business_id, documents, before.version, &decided, now).await
            }
            Err(refused) => {
                let issues: Vec<Issue> = refused.iter().map(answer::issue_of_refusal).collect();
                self.keep_refused(arrival, &issues).await.map(Some)
            }
        }
    }

    async fn reject(
        &self,
        arrival: &Arrival<'_>,
        echo: &Echo,
        business_id: Option<String>,
        errors: Vec<AaaError>,
    ) -> Result<Answered, StoreFault> {
        let body = respond(arrival.base, echo, &answer::of_errors(errors, &arrival.key, arrival.received_at));
        let tenant = arrival.tenant.to_owned();
        let message = arrival.message(business_id, 200, body.clone());
        self.keep_alone(&tenant, message, Answered { status: 200, body, case: None }).await
    }

    /// Enrols a provisional member so that later requests find the same person.
    pub(crate) async fn enrol(&self, tenant: &str, resolved: &Resolved) -> Result<(), StoreFault> {
        let mut member = resolved.member.clone();
        member.payer_id.clone_from(&resolved.contract.payer_id);
        let items = vec![
            WriteItem::Contract(resolved.contract.clone()),
            WriteItem::Member(member),
            WriteItem::Coverage(resolved.coverage.clone()),
        ];
        self.store.write(Write::of(tenant, items)).await
    }

    /// The same Bundle.identifier with other bytes is a new request, flagged as a possible duplicate (DECISIONS 14).
    fn flag_same_number(
        &self,
        tenant: &str,
        business_id: Option<&str>,
        request: &Request,
        resolved: &mut Resolved,
    ) -> Result<(), StoreFault> {
        let Some(number) = business_id else { return Ok(()) };
        for earlier in self.store.messages_by_business_id(tenant, number, 3)? {
            let Some(subject) = earlier.subject else { continue };
            let Some(line) = request.lines.first() else { continue };
            let known = resolved.overlaps.iter().any(|o| o.case == subject.id);
            let same_member = matches!(self.load(tenant, &subject.id), Ok(Some(c)) if c.member.member_id == resolved.member.member_id);
            if !known && same_member {
                resolved.overlaps.push(vigil_domain::case::command::Overlap {
                    line: line.sequence,
                    case: subject.id,
                    why: "same message number, other content".into(),
                });
            }
        }
        Ok(())
    }
}

fn answered_before(stored: StoredMessage) -> Answered {
    Answered { status: stored.message.status, body: stored.message.response, case: stored.subject.map(|s| s.id) }
}

/// Names each attachment by its digest in the request and hands the bytes to the store.
pub(crate) fn documents_of(request: &mut Request, attachments: Vec<Attachment>) -> Vec<Document> {
    attachments
        .into_iter()
        .filter_map(|attachment| {
            let document = request.documents.get_mut(attachment.document)?;
            let digest = digest_of(&attachment.bytes);
            document.digest = Some(digest.clone());
            document.size = attachment.bytes.len() as u64;
            Some(Document {
                digest,
                media_type: document.media_type.clone(),
                name: document.title.clone(),
                bytes: attachment.bytes,
            })
        })
        .collect()
}
