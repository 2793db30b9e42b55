//! A request typed in by staff: telephone, fax, portal, mail. The same road as an interface's, through the same door.

use vigil_domain::{
    case::{
        Case,
        command::{Command, Resolved},
        decide::decide,
        refusal::Refusal,
    },
    request::Request,
    time::Moment,
};
use vigil_store::{Commit, CommitError, Document, StoreFault, digest_of};

use crate::{Desk, act::ActError, ids, party::Eligibility};

/// A file that came with a request.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Title as the sender gave it.
    pub title: String,
    /// MIME type, as its content shows.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Desk {
    /// Makes a case of a typed request.
    ///
    /// # Errors
    /// A refusal when the member is unknown or not covered (with what would do), or when the case refuses; faults.
    pub async fn enter(
        &self,
        tenant: &str,
        actor: &str,
        mut request: Request,
        attached: Vec<Attached>,
        scenario: Option<String>,
    ) -> Result<Case, ActError> {
        let documents = self.attach(&mut request, attached);
        let resolved = match self.eligibility(tenant, &request)? {
            Eligibility::Known(resolved) => resolved,
            Eligibility::Provisional(resolved) => {
                self.enrol(tenant, &resolved).await?;
                resolved
            }
            Eligibility::Rejected(errors) => {
                return Err(ActError::Refused(
                    errors
                        .into_iter()
                        .map(|e| {
                            Refusal::house(
                                &format!("eligibility.{}", e.code),
                                e.message.unwrap_or_else(|| "The member is not eligible.".into()),
                                "Check the member number, the birth date and the coverage dates on the roster.",
                            )
                        })
                        .collect(),
                ));
            }
        };
        self.begin_entered(tenant, actor, request, *resolved, documents, scenario).await
    }

    /// Adds files to a request and gives their bytes for the store.
    pub fn attach(&self, request: &mut Request, attached: Vec<Attached>) -> Vec<Document> {
        let on = None;
        attached
            .into_iter()
            .enumerate()
            .map(|(index, file)| {
                let digest = digest_of(&file.bytes);
                let place = format!("attachment/{}-{}", request.documents.len() + 1, index + 1);
                request.documents.push(vigil_domain::evidence::Document {
                    digest: Some(digest.clone()),
                    title: file.title.clone(),
                    media_type: file.media_type.clone(),
                    size: file.bytes.len() as u64,
                    on,
                    place,
                });
                Document { digest, media_type: file.media_type, name: file.title, bytes: file.bytes }
            })
            .collect()
    }

    /// Makes the case of a request whose parties are known, under a number of its own.
    pub(crate) async fn begin_entered(
        &self,
        tenant: &str,
        actor: &str,
        request: Request,
        resolved: Resolved,
        documents: Vec<Document>,
        scenario: Option<String>,
    ) -> Result<Case, ActError> {
        let now = self.time.now();
        for _ in 0..3 {
            let case = self.new_case_number(now)?;
            let command = Command::Receive {
                authorization: ids::authorization_number(&case),
                case,
                request: Box::new(request.clone()),
                resolved: Box::new(resolved.clone()),
                scenario: scenario.clone(),
            };
            let decided = decide(None, command, &self.library, now).map_err(ActError::Refused)?;
            let along = Commit { documents: documents.clone(), ..Commit::default() };
            let commit = self.commit_of(tenant, 0, &decided, actor, now, along);
            match self.store.commit(commit).await {
                Ok(_) => return Ok(decided.case),
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
                Err(CommitError::Duplicate { .. } | CommitError::ErrandGone) => return Err(ActError::Raced),
            }
        }
        Err(ActError::Fault(StoreFault::Busy))
    }

    fn new_case_number(&self, at: Moment) -> Result<String, ActError> {
        match &self.numbers {
            Some(counter) => {
                let n = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Ok(ids::case_number(at, &n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()))
            }
            None => ids::random_case_number(at).map_err(|e| ActError::Print(e.to_string())),
        }
    }
}
