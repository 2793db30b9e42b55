//! Where `now` comes from: the only place of the house that reads the wall clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use vigil_domain::time::Moment;

/// The wall clock, or a clock that a simulation or a test moves.
#[derive(Debug, Clone)]
pub enum Time {
    /// The machine's clock.
    Wall,
    /// A clock moved by hand, in milliseconds since 1970.
    Simulated(Arc<AtomicI64>),
    /// The machine's clock, so many milliseconds ahead or behind: a demonstration that stands on its own day.
    Shifted(i64),
}

impl Time {
    /// A simulated clock standing at a moment.
    pub fn simulated(at: Moment) -> Self {
        Self::Simulated(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// A clock that runs as the wall clock does and stands at a moment now.
    pub fn shifted(at: Moment) -> Self {
        Self::Shifted(at.as_millisecond() - wall())
    }

    /// Now, in whole milliseconds.
    pub fn now(&self) -> Moment {
        let millis = match self {
            Self::Wall => wall(),
            Self::Shifted(by) => wall().saturating_add(*by),
            Self::Simulated(at) => at.load(Ordering::SeqCst),
        };
        Moment::from_millisecond(millis).unwrap_or(Moment::UNIX_EPOCH)
    }

    /// Moves a simulated clock; the wall clock cannot be moved.
    pub fn set(&self, at: Moment) {
        if let Self::Simulated(clock) = self {
            clock.store(at.as_millisecond(), Ordering::SeqCst);
        }
    }
}

fn wall() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    let now = Moment::now();
    now.as_millisecond()
}
