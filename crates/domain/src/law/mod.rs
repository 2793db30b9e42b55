//! The law library in memory: rules by family and version, chosen by scope and day, never changed once started.
//!
//! A *family* is one legal duty over time ("a standard Medicare Advantage organization determination"); a [`Rule`] is one
//! version of it, with its citation, its dates and its deadlines. [`LawBook::in_force`] chooses; [`crate::clock`] counts.

mod book;
mod extension;
mod rule;
mod scope;
mod telling;
mod unit;

pub use book::{Conflict, Family, Gap, LawBook, Selection, Vocabulary};
pub use extension::{ConditionTaken, Extension, ExtensionCondition};
pub use rule::{
    Basis, Breach, BreachEffect, Combine, Confidence, Deadline, Direction, Effective, Incomplete, InfoRequest,
    NoticeException, Rule, RuleUnreadable, Source, Stops, Tolling, Verification,
};
pub use scope::{Flags, GivesWay, NotBecause, Requires, RuleScope, Scope, Standing, StatedScope};
pub use telling::{After, Answers, Listener, Means, NoticeDuty, Span, Telling};
pub use unit::Unit;
