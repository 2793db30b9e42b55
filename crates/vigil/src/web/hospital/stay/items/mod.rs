//! The sections of a stay's page, each a list of items: what is said, and what may be done about it.

pub mod documents;
pub mod leaving;
pub mod notices;
pub mod payers;
pub mod physicians;

use vigil_domain::{
    stay::{Stay, clock::Clock},
    time::Moment,
};

use super::actions::{Action, Reader};
use crate::web::words::{Due, Press};

/// A link to what may be done about an item, or to its paper.
#[derive(Debug, Clone)]
pub struct Act {
    /// What it takes the permission of; none for what every reader of the stay may open.
    pub action: Option<Action>,
    /// Address.
    pub href: String,
    /// Button.
    pub title: String,
}

impl Act {
    /// The form of an action about one thing.
    pub fn of(stay: &Stay, action: Action, about: &str, title: &str) -> Self {
        Self::on(&stay.id, action, about, title)
    }

    /// The same, of a stay by its number.
    pub fn on(stay: &str, action: Action, about: &str, title: &str) -> Self {
        let about =
            if about.is_empty() { String::new() } else { format!("?about={}", crate::web::form::encode(about)) };
        let href = format!("/stay/{stay}/do/{}{about}", action.row().word);
        Self { action: Some(action), href, title: title.to_owned() }
    }

    /// A paper of the stay.
    pub fn paper(href: String, title: impl Into<String>) -> Self {
        Self { action: None, href, title: title.into() }
    }
}

/// A section of facts with what may be done to each.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// The bold word.
    pub title: String,
    /// What is said.
    pub says: String,
    /// Quiet detail.
    pub detail: String,
    /// Class of the title: `late`, `soon`, `good` or nothing.
    pub class: &'static str,
    /// What may be done about it.
    pub acts: Vec<Act>,
    /// What it lists under it.
    pub list: Vec<String>,
}

/// Items with only what this reader may do about them.
pub fn for_reader(mut items: Vec<Item>, reader: &Reader<'_>) -> Vec<Item> {
    for item in &mut items {
        item.acts.retain(|act| act.action.is_none_or(|action| (reader.may)(action)));
    }
    items
}

/// When a clock of the stay is due, in words.
pub(super) fn clock_due(clock: &Clock, stay: &Stay, now: Moment) -> Due {
    let mut due = Due::new(Some(clock.due_at), stay.zone(), now, clock.warned_at.is_some());
    if clock.lapsed_at.is_some() {
        due.press = Press::Late;
    }
    due
}
