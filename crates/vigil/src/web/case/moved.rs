//! A page that was opened before something happened: what happened is told, and the person decides again.

use std::collections::BTreeMap;

use vigil_desk::act::History;
use vigil_domain::{
    case::refusal::{Refusal, Refused},
    time::Moment,
};

use super::{hide, story};
use crate::web::form::Form;

const RULE: &str = "case.moved";

/// How many events the case had when the page of this form was made.
pub fn seen(form: &Form) -> Option<u64> {
    form.get("seen").parse().ok()
}

/// What happened since, oldest first, as reasons why nothing was done. No machine verdict while it is hidden.
pub fn reasons(history: &History, seen: u64, hidden: bool, people: &BTreeMap<String, String>, now: Moment) -> Refused {
    let mut names = people.clone();
    names.extend(story::names(&history.events));
    let since = hide::shown(&history.events, hidden).filter(|e| e.version > seen && e.event.matters());
    let first = Refusal::house(
        RULE,
        "Something happened on this case after you opened the page. It stands below.",
        "Look at it. If this is still right, send the form again.",
    );
    let days = story::told(&history.case, since, &names, now);
    let told = days.iter().rev().flat_map(|day| {
        day.events.iter().rev().map(move |event| {
            // What happened is no rule of anybody's: it stands without one.
            Refusal::house(
                "",
                format!("{} {}: {} ({}).", day.day, event.time, event.says, event.who),
                event.detail.clone(),
            )
        })
    });
    std::iter::once(first).chain(told).collect()
}
