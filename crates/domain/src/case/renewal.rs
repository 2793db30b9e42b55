//! From when the plan must take a request to renew an approval before it ends, where the law says so (Texas in the packs).

use std::sync::Arc;

use super::Case;
use crate::{
    clock::{self, Given},
    determination::Outcome,
    law::{Flags, Rule, Scope},
    library::Library,
    request::{Review, Urgency},
    time::Day,
};

/// The window in which a request to renew is taken.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// The first day of the window.
    pub from: Day,
    /// The last day of the approval.
    pub expires_on: Day,
    /// The rule.
    pub rule: Arc<Rule>,
}

/// The window of this case's approval, by the rules in force on the day of receipt; none where nothing was approved for a
/// time, or no rule speaks of renewals.
pub fn renewal(books: &Library, case: &Case) -> Option<Renewal> {
    let approved = case.lines.iter().filter_map(|l| l.outcome.as_ref().and_then(Outcome::grant));
    let expires_on = approved.filter_map(|grant| grant.through).max()?;
    let scope = Scope {
        line_of_business: case.contract.line_of_business.word().to_owned(),
        jurisdiction: case.contract.jurisdiction(),
        review: Review::Prospective.word().to_owned(),
        urgency: Urgency::Standard.word().to_owned(),
        subject: Some("renewal".to_owned()),
        flags: Flags {
            rating_period_start: case.contract.rating_period_start.or_else(|| Some(case.received_on())),
            ..Flags::default()
        },
    };
    let rule = books.law.in_force(&scope, case.received_on()).rules.into_iter().next()?;
    let zone = &case.contract.zone;
    let last = zone.start_of(expires_on)?;
    let events = [("authorization_expiry", last)];
    let opens = clock::compute_pinned(&rule, books.law.calendars(), &Given::new(&events, zone)).due_at?;
    Some(Renewal { from: zone.day(opens), expires_on, rule })
}
