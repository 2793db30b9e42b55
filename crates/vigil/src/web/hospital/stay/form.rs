//! What a person writes for a notice's form, and the form itself as a PDF: the site's own copy of the official form, filled,
//! the hospital's own letter when it is whole, or the data sheet that says it is none.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use vigil_desk::hospital::paper::PaperKind;
use vigil_domain::stay::{Stay, notice::NoticeState, paper};

use super::known::Known;
use crate::{
    access::SignedIn,
    app::App,
    web::{
        error::PageError,
        form::Form,
        panel::{Choice, Field, Panel},
    },
};

/// Fields of the record that nobody writes by hand here: the hospital's own record gives them.
const FROM_FACILITY: [&str; 2] = ["qio_name", "qio_phone"];
const PREFIX: &str = "form.";

/// The notice a form is about: the one named, else the first that is open.
fn about<'a>(stay: &'a Stay, about: &str) -> Option<&'a NoticeState> {
    let open = || stay.open_notices().filter(|n| n.kind.template().is_some());
    open().find(|n| n.id.to_string() == about).or_else(|| open().next())
}

/// The form: one line for each field that is written before delivery, filled with what the record gives.
pub fn panel(panel: Panel, known: &Known<'_>) -> Panel {
    let Some(notice) = about(known.stay, known.about) else {
        return panel.says("No open notice has a form.");
    };
    let template = notice.kind.template().and_then(|id| known.library.notices.get(id));
    let written = paper::values(known.stay, notice, None);
    let fields = template.iter().filter_map(|t| t.form.as_ref()).flat_map(|form| &form.fields);
    let choice = vec![Choice::new(notice.id.to_string(), notice.kind.title())];
    let mut panel = panel
        .says("What stands here goes onto the form. What the record gives is filled in; leave it unless it is wrong.")
        .field(Field::select("about", "Notice", choice).value(notice.id.to_string()));
    for field in fields.filter(|field| !field.at_delivery) {
        let value = written.get(&field.id).cloned().unwrap_or_default();
        let name = format!("{PREFIX}{}", field.id);
        let long = value.is_empty() && !FROM_FACILITY.contains(&field.id.as_str());
        let asked = if long { Field::area(&name, &field.says, 2) } else { Field::text(&name, &field.says) };
        let hint = match (FROM_FACILITY.contains(&field.id.as_str()), field.required) {
            (true, _) => "Empty: as the hospital’s record names it",
            (false, true) => "",
            (false, false) => "Only where it applies",
        };
        panel = panel.field(asked.value(value).hint(hint));
    }
    panel
}

/// What was written that the record does not say already.
pub fn read(form: &Form, stay: &Stay) -> BTreeMap<String, String> {
    let record = about(stay, form.get("about")).map(|notice| {
        let bare = NoticeState { prepared: None, ..notice.clone() };
        paper::values(stay, &bare, None)
    });
    let written = form.named(PREFIX).filter_map(|(field, value)| {
        let said = record.as_ref().and_then(|record| record.get(field)).is_some_and(|known| known == value);
        (!value.is_empty() && !said).then(|| (field.to_owned(), value.to_owned()))
    });
    written.collect()
}

/// `GET /stay/{id}/notice/{notice}`: the notice as a PDF, as delivered where it was, else as it stands now.
///
/// # Errors
/// No permission, no such stay or notice, a notice without a form, or a fault.
pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path((id, notice)): Path<(String, u32)>,
) -> Result<Response, PageError> {
    let (stay, _) = super::read(&app, &who, &id, "stay, a notice's form").await?;
    let known = stay.notices.iter().find(|n| n.id == notice).ok_or(PageError::NotFound)?;
    let given = known.delivered.as_ref().and_then(|(_, delivery)| delivery.document.as_ref());
    let kept = match given {
        Some(digest) => app.desk.store.document(&who.tenant, digest)?,
        None => None,
    };
    let (bytes, kind) = match kept {
        Some(kept) => (kept.bytes, None),
        None => {
            let paper = app.desk.notice_paper(&who.tenant, &stay, notice, None)?.ok_or(PageError::NotFound)?;
            (paper.document.bytes, Some(paper.kind))
        }
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(kind) = kind {
        let word = match kind {
            PaperKind::Form => "official",
            PaperKind::Letter => "letter",
            PaperKind::Sheet => "data-sheet",
        };
        headers.insert("x-vigil-form", HeaderValue::from_static(word));
    }
    Ok(response)
}
