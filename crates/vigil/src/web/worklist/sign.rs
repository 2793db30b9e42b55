//! The cases that a physician may sign: the physicians' pile in its order, each case put to the authority table. That reads
//! the case itself, so a page looks at so many and says how many it looked at.

use std::collections::BTreeMap;

use vigil_domain::{
    case::standing::{self, Standing},
    time::Moment,
};
use vigil_store::{WorkCursor, WorkFilter, WorkPage};

use super::ROWS;
use crate::{access::SignedIn, app::App, web::error::PageError};

/// Cases looked at for one page.
const LOOKED: usize = 60;

/// A page of what a physician may sign.
pub(super) struct Signable {
    /// The rows, and where the next page begins.
    pub(super) page: WorkPage,
    /// How many cases were looked at for it.
    pub(super) looked: usize,
    /// What must be said with the signature, by case number.
    pub(super) notes: BTreeMap<String, &'static str>,
}

/// The next page of what this person may sign, not taken by anybody else.
pub(super) fn page(
    app: &App,
    who: &SignedIn,
    filter: &WorkFilter,
    after: Option<&WorkCursor>,
    now: Moment,
) -> Result<Signable, PageError> {
    let waiting = app.desk.store.worklist(&who.tenant, filter, after, LOOKED)?;
    let mut found = Signable {
        page: WorkPage { rows: Vec::new(), next: waiting.next, previous: None },
        looked: 0,
        notes: BTreeMap::new(),
    };
    let all = waiting.rows.len();
    for row in waiting.rows {
        found.looked += 1;
        let last = WorkCursor::of(&row);
        let free = row.owner.as_ref().is_none_or(|owner| *owner == who.account.name);
        let case = if free { app.desk.load(&who.tenant, &row.case_id)? } else { None };
        let standing = case.and_then(|case| standing::of(&app.desk.library, &case, &who.actor.credential, now));
        match standing {
            Some(Standing::May) => found.page.rows.push(row),
            Some(Standing::WithStatement) => {
                found.notes.insert(row.case_id.clone(), "state your expertise");
                found.page.rows.push(row);
            }
            _ => {}
        }
        if found.page.rows.len() == ROWS {
            if found.looked < all {
                found.page.next = Some(last);
            }
            break;
        }
    }
    Ok(found)
}

impl Signable {
    /// What the page says of itself.
    pub(super) fn says(&self) -> String {
        let (shown, looked) = (self.page.rows.len(), self.looked);
        let more = if self.page.next.is_some() { " More wait behind them." } else { "" };
        let cases = if looked == 1 { "1 case that waits".to_owned() } else { format!("{looked} cases that wait") };
        format!(
            "You may sign {shown} of the {cases} for a physician, looked at in the order in which they are due.{more} By your \
             licences, your fields and this year's attestation; that you have no conflict of interest you state with each denial."
        )
    }
}
