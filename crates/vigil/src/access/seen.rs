//! Interface tokens seen in the last seconds, so that a busy sender costs no look-up for each message.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use vigil_domain::time::Moment;
use vigil_store::Token;

/// A token made invalid by another process is let in for at most this long.
const KEPT_SECONDS: i64 = 5;
const MOST: usize = 1_000;

/// Tokens by their SHA-256, each with the second until which it is believed.
#[derive(Debug, Default)]
pub struct Seen {
    kept: RwLock<Kept>,
}

type Kept = HashMap<[u8; 32], (Arc<Token>, i64)>;

impl Seen {
    /// A token seen lately.
    pub fn find(&self, hash: &[u8; 32], now: Moment) -> Option<Arc<Token>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(hash).filter(|(_, until)| *until > now.as_second()).map(|(token, _)| Arc::clone(token))
    }

    /// Keeps a token just looked up.
    pub fn keep(&self, token: Token, now: Moment) -> Arc<Token> {
        let token = Arc::new(token);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(token.hash, (Arc::clone(&token), now.as_second() + KEPT_SECONDS));
        token
    }

    /// Forgets all, after a token was revoked.
    pub fn forget(&self) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
