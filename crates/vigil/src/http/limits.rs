//! How much may go on at once: requests, requests of one sender, memory for bodies. What is over the limit is told so at once
//! and when to come back, so that what is being answered stays quick.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{observe::metrics::Limit, settings::Settings};

/// Memory is counted in pieces of so many bytes.
const PIECE: usize = 1024;

/// The limits in force.
#[derive(Debug)]
pub struct Limits {
    requests: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    pieces: usize,
    senders: Arc<Mutex<HashMap<String, usize>>>,
    per_sender: usize,
    /// How long reading and answering one request may take.
    pub answer: Duration,
}

/// Places taken until it is dropped.
#[derive(Debug)]
pub struct Place {
    _request: OwnedSemaphorePermit,
    _memory: Option<OwnedSemaphorePermit>,
}

/// A sender's place taken until it is dropped.
#[derive(Debug)]
pub struct SenderPlace {
    senders: Arc<Mutex<HashMap<String, usize>>>,
    name: String,
}

impl Limits {
    /// The limits that the settings say.
    pub fn of(settings: &Settings) -> Self {
        let pieces = (settings.memory_for_bodies.0 / PIECE).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            requests: Arc::new(Semaphore::new(settings.requests.min(Semaphore::MAX_PERMITS))),
            memory: Arc::new(Semaphore::new(pieces)),
            pieces,
            senders: Arc::default(),
            per_sender: settings.requests_per_sender,
            answer: Duration::from_secs(settings.answer_seconds),
        }
    }

    /// A place for a request with a body of so many bytes.
    ///
    /// # Errors
    /// Which limit it would break.
    pub fn enter(&self, body: usize) -> Result<Place, Limit> {
        let request = Arc::clone(&self.requests).try_acquire_owned().map_err(|_| Limit::Requests)?;
        if body < PIECE {
            return Ok(Place { _request: request, _memory: None });
        }
        // A body as large as all of it is read alone rather than never.
        let pieces = body.div_ceil(PIECE).min(self.pieces);
        let memory = Arc::clone(&self.memory).try_acquire_many_owned(u32::try_from(pieces).unwrap_or(u32::MAX));
        Ok(Place { _request: request, _memory: Some(memory.map_err(|_| Limit::Memory)?) })
    }

    /// A place for one more request of a sender.
    ///
    /// # Errors
    /// When the sender has all it may have.
    pub fn enter_of(&self, sender: &str) -> Result<SenderPlace, Limit> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        let count = senders.entry(sender.to_owned()).or_default();
        if *count >= self.per_sender {
            return Err(Limit::Sender);
        }
        *count += 1;
        Ok(SenderPlace { senders: Arc::clone(&self.senders), name: sender.to_owned() })
    }
}

impl Drop for SenderPlace {
    fn drop(&mut self) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        match senders.get_mut(&self.name) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(senders.remove(&self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(requests: usize, pieces: usize, per_sender: usize) -> Limits {
        Limits {
            requests: Arc::new(Semaphore::new(requests)),
            memory: Arc::new(Semaphore::new(pieces)),
            pieces,
            senders: Arc::default(),
            per_sender,
            answer: Duration::from_secs(1),
        }
    }

    #[test]
    fn what_is_over_a_limit_is_told_and_a_place_comes_back() {
        let limits = limits(2, 10, 1);
        let first = limits.enter(6 * PIECE).unwrap();
        assert_eq!(limits.enter(5 * PIECE).err(), Some(Limit::Memory));
        let second = limits.enter(0).unwrap();
        assert_eq!(limits.enter(0).err(), Some(Limit::Requests));
        drop((first, second));
        drop(limits.enter(1_000 * PIECE).expect("a body larger than all is read alone"));
        let place = limits.enter_of("clearinghouse").unwrap();
        assert_eq!(limits.enter_of("clearinghouse").err(), Some(Limit::Sender));
        drop(limits.enter_of("another").unwrap());
        drop(place);
        assert!(limits.enter_of("clearinghouse").is_ok());
        assert!(limits.senders.lock().unwrap().is_empty(), "nobody is remembered without a reason");
    }
}
