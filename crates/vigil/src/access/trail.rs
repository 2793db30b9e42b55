//! Who looked at what: every page that shows patients writes one row before it is shown, a list page one that names all its subjects.

use vigil_store::{SubjectKey, TrailEntry, Write, WriteItem};

use super::session::SignedIn;
use crate::{app::App, web::error::PageError};

/// Records a look. `action` is `read`, `list`, `search`, `print`; `detail` names the page, never the patient.
///
/// # Errors
/// When it cannot be recorded the page is not shown.
pub async fn looked(
    app: &App,
    who: &SignedIn,
    action: &str,
    subjects: Vec<SubjectKey>,
    detail: &str,
) -> Result<(), PageError> {
    let entry = entry(app, &who.account.name, action, subjects, detail);
    app.desk.store.write(Write::of(&*who.tenant, vec![WriteItem::Trail(entry)])).await?;
    Ok(())
}

/// A row of the trail, to be written along with something else.
pub fn entry(app: &App, actor: &str, action: &str, subjects: Vec<SubjectKey>, detail: &str) -> TrailEntry {
    TrailEntry {
        at: app.desk.time.now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subjects,
        detail: detail.to_owned(),
    }
}
