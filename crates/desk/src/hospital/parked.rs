//! Messages of feeds that nobody could take: listed with what is at fault, looked at one by one, and taken again.

use vigil_domain::time::Moment;
use vigil_store::{MessageNote, StoreFault};
use vigil_wire::hl7::{Message, Told, faults};

use super::{
    books::FeedBooks,
    feed::{CHANNEL, Fed, replay_id},
};
use crate::Desk;

/// Replays of one message that are looked at.
const REPLAYS: usize = 100;

/// A parked message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Its key.
    pub key: [u8; 32],
    /// When it came.
    pub received_at: Moment,
    /// Application and facility that sent it.
    pub sender: String,
    /// Message code and trigger, where they can be read: `ADT^A01`.
    pub kind: String,
    /// The sender's number of it.
    pub control: String,
    /// Understood, and not supported; else its data are at fault.
    pub unsupported: bool,
    /// What is at fault, as the last try found it.
    pub faults: Vec<Told>,
    /// When it was taken again, or tried: the last time, and whether it was taken then.
    pub tried: Option<(Moment, bool)>,
}

impl Desk {
    /// Messages that nobody could take and that no replay has taken since, oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn parked(&self, tenant: &str, limit: usize) -> Result<Vec<MessageNote>, StoreFault> {
        self.store.messages_unread(tenant, CHANNEL, limit)
    }

    /// One message with what is at fault, and its text as it came. None when no feed sent a message of this key, or it was
    /// taken at once.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn parked_message(&self, tenant: &str, key: &[u8; 32]) -> Result<Option<(Parked, Vec<u8>)>, StoreFault> {
        let stored = self.store.message(tenant, key)?;
        let Some(message) = stored.map(|s| s.message).filter(|m| m.channel == CHANNEL && m.status >= 400) else {
            return Ok(None);
        };
        let replays = self.store.messages_by_business_id(tenant, &replay_id(key), REPLAYS)?;
        let last = replays.iter().max_by_key(|replay| replay.received_at);
        let answer = match last {
            Some(replay) => self.store.message(tenant, &replay.key)?.map(|s| s.message.response),
            None => None,
        };
        let header = Message::parse(&message.request).map(|m| m.header()).unwrap_or_default();
        let parked = Parked {
            key: *key,
            received_at: message.received_at,
            sender: message.sender.trim_matches('|').replace('|', ", "),
            kind: [header.kind, header.trigger].iter().filter(|w| !w.is_empty()).cloned().collect::<Vec<_>>().join(" "),
            control: header.control,
            unsupported: message.status == 415,
            faults: faults(answer.as_deref().unwrap_or(&message.response)),
            tried: last.map(|replay| (replay.received_at, replay.status < 400)),
        };
        Ok(Some((parked, message.request)))
    }

    /// Takes a parked message again, as it came, by the records as they stand now. None when there is no such message.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn replay_parked(
        &self,
        tenant: &str,
        books: &FeedBooks,
        key: &[u8; 32],
    ) -> Result<Option<Fed>, StoreFault> {
        let Some(stored) = self.store.message(tenant, key)? else { return Ok(None) };
        let body = stored.message.request;
        Ok(Some(self.feed_message(tenant, books, self.time.now(), body, Some(*key)).await))
    }
}
