//! Errands: what follows a commit, done at least once under a lease and once in effect. A notice is composed, printed and
//! kept; then it is handed to delivery. Each result goes back through [`Desk::act`].

use std::path::PathBuf;

use vigil_domain::{
    case::{
        NoticeState,
        command::{Command, Delivery},
    },
    notice::{Letter, compose, reading_level},
    time::Moment,
};
use vigil_store::{Document, Errand, NewErrand, StoreFault, SubjectKey, Write, WriteItem, digest_of};

use crate::{Desk, act::ActError, hospital::handover::BRING_ANSWER, letter};

/// Kind of the errand that composes a notice.
pub const COMPOSE: &str = "compose-notice";
/// Kind of the errand that hands a notice to delivery.
pub const DELIVER: &str = "deliver-notice";

/// How long a leased errand belongs to its worker.
const LEASE_SECONDS: i64 = 60;

/// How letters become documents.
#[derive(Clone)]
pub enum Printer {
    /// Tagged PDF.
    Pdf,
    /// Plain text: for simulations, where a year of letters passes in seconds.
    Text,
}

/// Where finished letters go.
#[derive(Clone)]
pub struct MailRoom {
    /// How letters become documents.
    pub printer: Printer,
    /// The folder that the mail vendor collects; none keeps letters in the store only.
    pub outbox: Option<PathBuf>,
}

/// What came of one round of errands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Round {
    /// Done.
    pub done: usize,
    /// Failed, to be tried again.
    pub failed: usize,
    /// Which failed and why, by kind and case, without patient data.
    pub why: Vec<String>,
}

impl Desk {
    /// Leases and does up to `limit` errands. The owner's name marks the lease.
    ///
    /// # Errors
    /// Only when the store cannot be reached; a failing errand is put back with its reason.
    pub async fn run_errands(&self, owner: &str, mail: &MailRoom, limit: usize) -> Result<Round, StoreFault> {
        let now = self.time.now();
        let until = now + jiff::SignedDuration::from_secs(LEASE_SECONDS);
        let leased = self.store.lease_errands(owner, now, until, &[COMPOSE, DELIVER, BRING_ANSWER], limit).await?;
        let mut round = Round::default();
        for errand in leased {
            match self.do_errand(&errand, mail).await {
                Ok(()) | Err(ActError::ErrandGone) => round.done += 1,
                Err(error) => {
                    round.failed += 1;
                    round.why.push(format!("{} of {}: {error}", errand.kind, errand.subject));
                    self.put_back(&errand, &error).await?;
                }
            }
        }
        Ok(round)
    }

    async fn put_back(&self, errand: &Errand, error: &ActError) -> Result<(), StoreFault> {
        let wait = 2_i64.saturating_pow(errand.attempt.min(10)).min(900);
        let retry_at = self.time.now() + jiff::SignedDuration::from_secs(wait);
        let failed = WriteItem::ErrandFailed { id: errand.id, error: error.to_string(), retry_at };
        self.store.write(Write::of(errand.tenant.clone(), vec![failed])).await
    }

    async fn do_errand(&self, errand: &Errand, mail: &MailRoom) -> Result<(), ActError> {
        let notice: u32 = String::from_utf8_lossy(&errand.body).parse().unwrap_or(0);
        match errand.kind.as_str() {
            COMPOSE => self.compose(errand, notice, mail).await,
            BRING_ANSWER => {
                self.bring_answer(&errand.tenant, &errand.subject.id).await?;
                self.finish(errand).await
            }
            _ => self.deliver(errand, notice, mail).await,
        }
    }

    async fn compose(&self, errand: &Errand, notice: u32, mail: &MailRoom) -> Result<(), ActError> {
        let case_id = &errand.subject.id;
        let Some(case) = self.load(&errand.tenant, case_id)? else { return Err(ActError::Unknown(case_id.clone())) };
        let Some(state) = case.notices.iter().find(|n| n.id == notice) else { return self.finish(errand).await };
        let language = letter::language_of(&case, state);
        let letter = match self.write_letter(&case, state, &language) {
            Ok(letter) => letter,
            Err(missing) => {
                let command = Command::NoticeIncomplete { notice, missing };
                self.act_for_errand(&errand.tenant, case_id, command, Some(errand.id), Vec::new(), Vec::new()).await?;
                return Ok(());
            }
        };
        let document = print(mail, &letter, &case, self.time.now())?;
        let command = Command::RecordNotice {
            notice,
            template: letter.template_id.clone(),
            template_digest: letter.template_digest.clone(),
            document: document.digest.clone(),
            language: letter.language.clone(),
            reading_level: reading_level(&letter.prose(), &letter.language),
        };
        let deliver = NewErrand {
            kind: DELIVER.into(),
            subject: SubjectKey::case(case_id),
            key: format!("deliver/{case_id}/{notice}"),
            body: errand.body.clone(),
            not_before: self.time.now(),
        };
        self.act_for_errand(&errand.tenant, case_id, command, Some(errand.id), vec![document], vec![deliver]).await?;
        Ok(())
    }

    /// The letter of a notice, or what is missing in words.
    fn write_letter(
        &self,
        case: &vigil_domain::case::Case,
        state: &NoticeState,
        language: &str,
    ) -> Result<Letter, Vec<String>> {
        let Some(template) = letter::template(&self.library, case, state.purpose, state.to) else {
            return Err(vec![format!(
                "no words in the library for {:?} to the {} under {} in {}",
                state.purpose,
                state.to.word(),
                case.contract.line_of_business.title(),
                case.contract.state
            )]);
        };
        let fields = letter::fields(&self.library, case, state, language, self.time.now());
        compose(template, language, &fields).map_err(|missing| missing.iter().map(letter::in_words).collect())
    }

    /// Hands the printed notice to the outbox. Handing it to the carrier is the moment it counts as sent.
    async fn deliver(&self, errand: &Errand, notice: u32, mail: &MailRoom) -> Result<(), ActError> {
        let case_id = &errand.subject.id;
        let Some(case) = self.load(&errand.tenant, case_id)? else { return Err(ActError::Unknown(case_id.clone())) };
        let state = case.notices.iter().find(|n| n.id == notice);
        let Some((to, composed)) = state.and_then(|n| Some((n.to, n.composed.clone()?))) else {
            return self.finish(errand).await;
        };
        let name = format!("{case_id}-{notice}.pdf");
        if let (Some(outbox), Some(document)) = (&mail.outbox, self.store.document(&errand.tenant, &composed.document)?)
        {
            put_in_outbox(outbox, &name, &document.bytes)?;
        }
        let delivery = Delivery {
            channel: "mail".into(),
            recipient: to.word().into(),
            proof: format!("outbox/{name}"),
            succeeded: true,
        };
        let command = Command::DeliverNotice { by: "mail room".into(), notice, delivery };
        self.act_for_errand(&errand.tenant, case_id, command, Some(errand.id), Vec::new(), Vec::new()).await?;
        Ok(())
    }

    async fn finish(&self, errand: &Errand) -> Result<(), ActError> {
        let done = Write::of(errand.tenant.clone(), vec![WriteItem::ErrandDone(errand.id)]);
        Ok(self.store.write(done).await?)
    }
}

fn print(mail: &MailRoom, letter: &Letter, case: &vigil_domain::case::Case, now: Moment) -> Result<Document, ActError> {
    let (bytes, media_type) = match mail.printer {
        Printer::Text => (letter.plain_text().into_bytes(), "text/plain"),
        Printer::Pdf => {
            let head = letter::letterhead(case, &letter.language, now);
            let pdf = vigil_print::pdf(letter, &head).map_err(|e| ActError::Print(e.to_string()))?;
            (pdf, "application/pdf")
        }
    };
    Ok(Document { digest: digest_of(&bytes), media_type: media_type.into(), name: letter.title.clone(), bytes })
}

/// Writes a file so that the mail vendor never sees half of it.
fn put_in_outbox(folder: &std::path::Path, name: &str, bytes: &[u8]) -> Result<(), ActError> {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let part = folder.join(format!(".{name}.part"));
        std::fs::write(&part, bytes)?;
        std::fs::rename(part, folder.join(name))
    };
    write().map_err(|e| ActError::Outbox(e.to_string()))
}
