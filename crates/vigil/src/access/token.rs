//! Bearer tokens of interfaces: looked up by SHA-256, with their end, their revocation and their scope.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use vigil_store::{StoreFault, Token};

use super::secret;
use crate::app::App;

/// The word tokens begin with, so that scanners for leaked secrets can know them.
pub const WORD: &str = "vigil";
/// The scope of the prior authorization interface.
pub const PAS: &str = "pas";

/// The scope of the counters at `/metrics`.
pub const METRICS: &str = "metrics";
/// The scope of hospitals' FHIR transactions.
pub const HOSPITAL: &str = "hospital";
/// Every scope there is.
pub const SCOPES: [&str; 3] = [PAS, METRICS, HOSPITAL];

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
    let token = match app.access.tokens.find(&hash, now) {
        Some(token) => token,
        None => match app.desk.store.token(&hash)? {
            Some(token) => app.access.tokens.keep(token, now),
            None => return Ok(Err(Closed::Invalid)),
        },
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
