//! Spans for a collector of traces: one for each answer, one for each round of the clock and of the errands that did something.
//! A span knows a route template, a method, a status and times. It never knows a path, a person or a number of anybody.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use vigil_domain::time::Moment;

use crate::access::secret;

/// Spans that wait to be told; more are dropped and counted, nobody waits for them.
const WAITING: usize = 4096;

/// What a span says beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A text of a closed set.
    Text(String),
    /// A number.
    Number(i64),
}

/// Which end of a call a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Work of our own.
    Internal,
    /// An answer given.
    Server,
}

/// A span that has ended.
#[derive(Debug)]
pub struct Span {
    /// The trace it belongs to.
    pub trace: [u8; 16],
    /// Its own id.
    pub id: [u8; 8],
    /// The span of the caller.
    pub parent: Option<[u8; 8]>,
    /// What was done.
    pub name: String,
    /// Which end of a call it is.
    pub kind: Kind,
    /// When it began.
    pub began: Moment,
    /// How long it took.
    pub took: Duration,
    /// What else is said.
    pub words: Vec<(&'static str, Word)>,
    /// Whether it failed by our fault.
    pub failed: bool,
}

/// A span that goes on.
#[derive(Debug)]
pub struct Begun {
    trace: [u8; 16],
    parent: Option<[u8; 8]>,
    at: Moment,
    since: Instant,
}

/// Where spans are laid; nothing happens where no collector is named.
pub struct Traces {
    laid: Option<Sender<Span>>,
    taken: Mutex<Option<Receiver<Span>>>,
    /// Of callers that say nothing themselves, so many are followed: 0 to 1.
    share: f64,
    /// Spans that a collector took.
    pub told: AtomicU64,
    /// Spans that no collector took, or that did not fit in the queue.
    pub dropped: AtomicU64,
}

impl Traces {
    /// Spans are laid when `on`; of callers that say nothing themselves a share of 0 to 1 is followed.
    pub fn new(on: bool, share: f64) -> Self {
        let (laid, taken) = channel(if on { WAITING } else { 1 });
        let none = AtomicU64::default;
        Self { laid: on.then_some(laid), taken: Mutex::new(Some(taken)), share, told: none(), dropped: none() }
    }

    /// Whether a collector is named.
    pub fn are_on(&self) -> bool {
        self.laid.is_some()
    }

    /// The spans to tell; once.
    pub fn take(&self) -> Option<Receiver<Span>> {
        self.laid.as_ref()?;
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Begins an answer: in the caller's trace when its `traceparent` says that it is followed, in one of its own otherwise.
    pub fn begin(&self, headers: &HeaderMap, at: Moment) -> Option<Begun> {
        self.laid.as_ref()?;
        let since = Instant::now();
        match headers.get("traceparent").and_then(|said| caller(said.to_str().ok()?)) {
            Some((_, _, false)) => None,
            Some((trace, parent, true)) => Some(Begun { trace, parent: Some(parent), at, since }),
            None => self.chosen().then(|| Begun { trace: secret::random(), parent: None, at, since }),
        }
    }

    /// Begins work of our own.
    pub fn begin_own(&self, at: Moment) -> Option<Begun> {
        self.laid.as_ref()?;
        self.chosen().then(|| Begun { trace: secret::random(), parent: None, at, since: Instant::now() })
    }

    fn chosen(&self) -> bool {
        self.share >= 1.0 || f64::from(u32::from_le_bytes(secret::random())) < self.share * f64::from(u32::MAX)
    }

    /// Ends an answer.
    pub fn answered(&self, begun: Option<Begun>, method: &str, route: &str, status: u16) {
        let Some(begun) = begun else { return };
        let words = vec![
            ("http.request.method", Word::Text(method.to_owned())),
            ("http.route", Word::Text(route.to_owned())),
            ("http.response.status_code", Word::Number(i64::from(status))),
        ];
        self.lay(begun, format!("{method} {route}"), Kind::Server, words, status >= 500);
    }

    /// Ends a round of a task; one that did nothing is not told.
    pub fn went(&self, begun: Option<Begun>, task: &'static str, done: usize, failed: usize) {
        let Some(begun) = begun.filter(|_| done + failed > 0) else { return };
        let number = |n: usize| Word::Number(i64::try_from(n).unwrap_or(i64::MAX));
        let words = vec![("vigil.done", number(done)), ("vigil.failed", number(failed))];
        self.lay(begun, task.to_owned(), Kind::Internal, words, failed > 0);
    }

    fn lay(&self, begun: Begun, name: String, kind: Kind, words: Vec<(&'static str, Word)>, failed: bool) {
        let Begun { trace, parent, at, since } = begun;
        let id = secret::random();
        let span = Span { trace, id, parent, name, kind, began: at, took: since.elapsed(), words, failed };
        if self.laid.as_ref().is_some_and(|laid| laid.try_send(span).is_err()) {
            self.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// Trace, span and whether it is followed, out of a W3C `traceparent`; none when it is not well formed.
fn caller(said: &str) -> Option<([u8; 16], [u8; 8], bool)> {
    let mut parts = said.split('-');
    let version = bytes::<1>(parts.next()?)?[0];
    let (trace, span, flags) = (bytes(parts.next()?)?, bytes(parts.next()?)?, bytes::<1>(parts.next()?)?[0]);
    let more = parts.next().is_some();
    let sound = version != 0xff && (version > 0 || !more) && trace != [0; 16] && span != [0; 8];
    sound.then_some((trace, span, flags & 1 == 1))
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let lower = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if hex.len() != 2 * N || !lower {
        return None;
    }
    let mut out = [0; N];
    for (place, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_read_as_the_standard_says() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        let rows = [
            (format!("00-{trace}-{span}-01"), Some(true)),
            (format!("00-{trace}-{span}-00"), Some(false)),
            (format!("cc-{trace}-{span}-01-what-comes"), Some(true)),
            (format!("00-{trace}-{span}-01-more"), None),
            (format!("ff-{trace}-{span}-01"), None),
            (format!("00-{}-{span}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{}-{span}-01", trace.to_uppercase()), None),
            (format!("00-{trace}-{span}"), None),
            ("".to_owned(), None),
        ];
        for (said, followed) in rows {
            assert_eq!(caller(&said).map(|(_, _, followed)| followed), followed, "{said}");
        }
        assert_eq!(
            caller(&format!("00-{trace}-{span}-01")).unwrap().1,
            [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31]
        );
    }

    #[test]
    fn a_share_of_those_who_say_nothing_is_followed_and_what_does_not_fit_is_dropped() {
        let now = Moment::UNIX_EPOCH;
        assert!(Traces::new(false, 1.0).begin(&HeaderMap::new(), now).is_none());
        let none = Traces::new(true, 0.0);
        assert!((0..100).all(|_| none.begin_own(now).is_none()));
        let half = Traces::new(true, 0.5);
        let followed = (0..1_000).filter(|_| half.begin_own(now).is_some()).count();
        assert!((350..650).contains(&followed), "{followed}");
        let all = Traces::new(true, 1.0);
        for _ in 0..WAITING + 3 {
            all.answered(all.begin(&HeaderMap::new(), now), "GET", "/", 200);
        }
        assert_eq!(all.dropped.load(Relaxed), 3);
    }
}
