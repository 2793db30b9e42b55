//! Bearer tokens of interfaces: looked up by SHA-256, remembered for a few seconds so that a busy sender costs no look-up each.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::http::{HeaderMap, header};
use vigil_store::{StoreFault, Token};

use super::secret;
use crate::app::App;

/// The word tokens begin with, so that scanners for leaked secrets can know them.
pub const WORD: &str = "vigil";
/// The scope of the prior authorization interface.
pub const PAS: &str = "pas";

const KEPT_SECONDS: i64 = 5;
const KEPT: usize = 1_000;

/// Tokens seen in the last seconds.
#[derive(Debug, Default)]
pub struct Seen {
    kept: RwLock<HashMap<[u8; 32], (Arc<Token>, i64)>>,
}

impl Seen {
    /// Forgets all, after a token was revoked.
    pub fn forget(&self) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Why an interface is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// No bearer token came.
    Missing,
    /// It is not known, has ended or was revoked.
    Invalid,
    /// It is not for this interface.
    Scope,
}

/// The token of a request, if it opens the scope.
///
/// # Errors
/// Faults of the store; inside, why it does not open.
pub fn bearer(app: &App, headers: &HeaderMap, scope: &str) -> Result<Result<Arc<Token>, Closed>, StoreFault> {
    let Some(sent) = sent(headers) else { return Ok(Err(Closed::Missing)) };
    let hash = secret::hash(sent);
    let now = app.desk.time.now();
    let seen = &app.access.tokens;
    let kept = seen.kept.read().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
    let token = match kept {
        Some((token, until)) if until > now.as_second() => token,
        _ => {
            let Some(token) = app.desk.store.token(&hash)? else { return Ok(Err(Closed::Invalid)) };
            let token = Arc::new(token);
            let mut kept = seen.kept.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(hash, (Arc::clone(&token), now.as_second() + KEPT_SECONDS));
            token
        }
    };
    let ended = token.revoked_at.is_some() || token.expires_at.is_some_and(|end| end <= now);
    Ok(match () {
        () if ended => Err(Closed::Invalid),
        () if !token.scopes.iter().any(|s| s == scope) => Err(Closed::Scope),
        () => Ok(token),
    })
}

fn sent(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
