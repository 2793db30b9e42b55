//! What is kept beside the log under a digest: each message as it was received, each document, each pinned text is hashed anew
//! and held against the digest it is kept under. The trail, answers as they were sent, and what is loaded carry none.

use crate::{
    StoreFault, View, chain,
    commit::{SubjectKey, message_key},
    engine::beside::{self, HeldMessage, Shelf},
    maintain::{FirstFault, Verified, VerifyError},
};

/// Rows read at a time; between reads the store is free. Few in builds for tests, so that they come to several reads.
const MESSAGES: usize = if cfg!(debug_assertions) { 3 } else { 400 };
/// Documents may be as large as a row holds, a megabyte.
const DOCUMENTS: usize = if cfg!(debug_assertions) { 2 } else { 16 };
const PINS: usize = if cfg!(debug_assertions) { 2 } else { 200 };

/// How the stores of before this was looked at wrote two operations: their keys were made of more words than were kept.
const UNPROVABLE: [&str; 2] = ["transaction", "replay"];

impl View {
    /// How many rows [`View::verify_beside`] walks.
    pub(crate) fn rows_beside(&self) -> Result<u64, StoreFault> {
        beside::counts(&*self.engine.reader()?)
    }

    /// Hashes anew what is kept under a digest, one body in memory at a time, and counts it; names the first that is not what
    /// was kept. `done` is told how many rows were walked.
    pub(crate) fn verify_beside(&self, found: &mut Verified, done: &mut dyn FnMut(u64)) -> Result<(), VerifyError> {
        self.verify_messages(found, done)?;
        let before = found.messages;
        found.documents = self.verify_shelf(Shelf::Documents, before, done)?;
        let before = before + found.documents;
        found.pins = self.verify_shelf(Shelf::Pins, before, done)?;
        Ok(())
    }

    fn verify_messages(&self, found: &mut Verified, done: &mut dyn FnMut(u64)) -> Result<(), VerifyError> {
        let mut after = (String::new(), Vec::new());
        loop {
            let (mut next, mut first) = (after.clone(), None);
            let seen = beside::messages(&*self.engine.reader()?, (&after.0, &after.1), MESSAGES, &mut |message| {
                next = (message.tenant.to_owned(), message.key.to_vec());
                found.messages += 1;
                match self.verify_message(&message) {
                    Ok(proven) => found.unproven += u64::from(!proven),
                    Err(what) => first = Some(of_message(&message, what)),
                }
                first.is_none()
            })?;
            if let Some(fault) = first {
                return Err(fault.into());
            }
            done(found.messages);
            if seen < MESSAGES {
                return Ok(());
            }
            after = next;
        }
    }

    /// Whether a message's bytes make its key; false where the key was made of words that were not kept.
    fn verify_message(&self, message: &HeldMessage<'_>) -> Result<bool, String> {
        let unpacked = self.engine.bodies().unpack_pair(message.request, message.response);
        let (request, _) = unpacked.map_err(|fault| fault.to_string())?;
        if UNPROVABLE.contains(&message.operation) {
            return Ok(false);
        }
        let key = message_key(message.tenant, message.base, message.operation, message.sender, &request);
        match key[..] == *message.key {
            true => Ok(true),
            false => Err("it is not what was received: its bytes do not make the digest it is kept under".to_owned()),
        }
    }

    fn verify_shelf(&self, shelf: Shelf, before: u64, done: &mut dyn FnMut(u64)) -> Result<u64, VerifyError> {
        let limit = if shelf == Shelf::Documents { DOCUMENTS } else { PINS };
        let (mut after, mut count) = ((String::new(), String::new()), 0);
        loop {
            let (mut next, mut first) = (after.clone(), None);
            let seen = beside::bodies(&*self.engine.reader()?, shelf, (&after.0, &after.1), limit, &mut |held| {
                next = (held.tenant.to_owned(), held.digest.to_owned());
                count += 1;
                let what = match self.engine.bodies().unpack(held.body) {
                    Ok(bytes) if chain::hex(&chain::sha256(&bytes)) == held.digest => return true,
                    Ok(_) => "it is not what was kept: its bytes do not make its digest".to_owned(),
                    Err(fault) => fault.to_string(),
                };
                let name = if shelf == Shelf::Documents { "document" } else { "pinned text" };
                first = Some(row(held.tenant, format!("{name} {}", held.digest), None, what));
                false
            })?;
            if let Some(fault) = first {
                return Err(fault.into());
            }
            done(before + count);
            if seen < limit {
                return Ok(count);
            }
            after = next;
        }
    }
}

fn of_message(message: &HeldMessage<'_>, what: String) -> FirstFault {
    let name = format!("message {} ({} {})", chain::hex(message.key), message.base, message.operation);
    row(message.tenant, name, message.subject.clone(), what)
}

fn row(tenant: &str, row: String, subject: Option<SubjectKey>, what: String) -> FirstFault {
    FirstFault { checkpoint: None, tenant: Some(tenant.to_owned()), row: Some(row), subject, version: None, what }
}
