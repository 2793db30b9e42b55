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

/// A page of what a physician may sign.
pub(super) struct Signable {
    /// The rows, and where the next page begins.
    pub(super) page: WorkPage,
    /// How many cases were looked at for it.
    looked: usize,
    /// How many of them somebody else has.
    taken: usize,
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
    let waiting = app.desk.store.worklist(&who.tenant, filter, after, ROWS)?;
    let mut found = Signable {
        looked: waiting.rows.len(),
        taken: 0,
        page: WorkPage { rows: Vec::new(), next: waiting.next, previous: None },
        notes: BTreeMap::new(),
    };
    for row in waiting.rows {
        if row.owner.as_ref().is_some_and(|owner| *owner != who.account.name) {
            found.taken += 1;
            continue;
        }
        let Some(case) = app.desk.load(&who.tenant, &row.case_id)? else { continue };
        match standing::of(&app.desk.library, &case, &who.actor.credential, now) {
            Some(Standing::May) => found.page.rows.push(row),
            Some(Standing::WithStatement) => {
                found.notes.insert(row.case_id.clone(), "State why your field fits when you sign.");
                found.page.rows.push(row);
            }
            _ => {}
        }
    }
    Ok(found)
}

impl Signable {
    /// What the page says of itself.
    pub(super) fn says(&self) -> String {
        let (shown, looked, taken) = (self.page.rows.len(), self.looked, self.taken);
        let of = match looked {
            1 => "Of 1 case that waits for a physician".to_owned(),
            _ => format!("Of {looked} cases that wait for a physician, first due first,"),
        };
        let not = looked - taken - shown;
        let more = if self.page.next.is_some() { " More wait behind them." } else { "" };
        let stated = if self.notes.is_empty() { "" } else { " Where it says expertise, state why your field fits." };
        format!(
            "{of} you may sign {shown}, others have taken {taken}, and {not} are not yours by your licences, your fields or this \
             year's attestation: their pages say by which rule.{more}{stated} That you have no conflict of interest you state with each \
             denial."
        )
    }
}
