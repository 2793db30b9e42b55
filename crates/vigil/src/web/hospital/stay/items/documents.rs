//! What the record shows: documents that a person may open, and the last vital signs.

use vigil_domain::{
    stay::{
        Stay,
        evidence::{DocumentNews, Measured},
    },
    time::{Moment, Zone},
};

use super::{Act, Item};
use crate::web::words;

/// Documents, the newest first.
pub(in super::super) fn items(stay: &Stay, now: Moment) -> Vec<Item> {
    let item = |document: &DocumentNews| Item {
        title: document.title.clone(),
        says: document.at.map_or_else(|| "no date".to_owned(), |at| words::near(at, stay.zone(), now)),
        detail: match (document.author.as_str(), document.digest.is_some()) {
            ("", true) => String::new(),
            ("", false) => "kept at its source".to_owned(),
            (author, true) => author.to_owned(),
            (author, false) => format!("{author}; kept at its source"),
        },
        class: if document.state == "superseded" { "quiet" } else { "" },
        acts: paper(stay, document).into_iter().collect(),
        list: (document.state == "superseded").then(|| "superseded".to_owned()).into_iter().collect(),
    };
    stay.track.documents.iter().rev().map(item).collect()
}

fn paper(stay: &Stay, document: &DocumentNews) -> Option<Act> {
    let digest = document.digest.as_ref()?;
    Some(Act::paper(format!("/stay/{}/document/{digest}", stay.id), "Open"))
}

/// `Heart rate 96 /min, Today 9:10 AM EST`, one line each.
pub(in super::super) fn signs(measured: &[Measured], zone: &Zone, now: Moment) -> Vec<String> {
    let line = |m: &Measured| {
        let name = m.code.label.clone().unwrap_or_else(|| m.code.to_string());
        format!("{name} {} {}, {}", m.value, m.unit, words::near(m.at, zone, now))
    };
    measured.iter().map(line).collect()
}
