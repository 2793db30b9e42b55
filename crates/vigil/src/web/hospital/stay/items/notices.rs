//! Notices of a stay: what is owed and until when, what was given, and the papers.

use vigil_domain::{
    stay::{
        Stay,
        clock::{Clock, Watch},
        notice::NoticeState,
    },
    time::Moment,
};

use super::{super::actions::Action, Act, Item, clock_due};
use crate::web::{
    case::story::{Names, name_of},
    words,
};

/// Notices, the newest first.
pub(in super::super) fn notices(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |n: &NoticeState| {
        let about = n.id.to_string();
        let of_notices = |c: &&Clock| matches!(c.watch, Watch::Notice | Watch::CommitteeNotice);
        let clock = stay.clocks.iter().find(|c| c.is_open() && of_notices(c) && c.about == about);
        let due = clock.map(|c| clock_due(c, stay, now));
        let mut list = Vec::new();
        if let Some((who, d)) = &n.delivered {
            let how = format!(
                "{} {} to {}, signer {}, by {}",
                words::plain(d.receipt.word()),
                words::near(d.at, zone, now),
                d.to,
                d.signer,
                name_of(names, who)
            );
            let explained = if d.explained { "; explained aloud" } else { "" };
            let paper = if d.paper_copy { "; paper copy given" } else { "" };
            list.push(format!("{how}{explained}{paper}"));
        }
        Item {
            title: n.kind.title().to_owned(),
            says: match (&n.delivered, &n.ended, &due) {
                (Some(_), ..) => "given".to_owned(),
                (_, Some((_, why)), _) => format!("no longer owed: {why}"),
                (_, _, Some(due)) => format!("due {} · {}", due.words, due.left),
                _ => "owed".to_owned(),
            },
            detail: format!("{} {}", n.why, n.cite),
            class: due.as_ref().filter(|_| n.is_open()).map_or("", |d| d.press.class()),
            acts: notice_acts(stay, n, &about),
            list,
        }
    };
    stay.notices.iter().rev().map(item).collect()
}

/// What may be done with a notice: its paper always, where it has a form.
fn notice_acts(stay: &Stay, notice: &NoticeState, about: &str) -> Vec<Act> {
    let mut acts = Vec::new();
    if notice.is_open() {
        acts.push(Act::of(stay, Action::Deliver, about, "Deliver"));
    }
    if notice.kind.template().is_some() && notice.ended.is_none() {
        acts.push(Act::paper(format!("/stay/{}/notice/{about}", stay.id), "Form (PDF)"));
        if notice.is_open() {
            acts.push(Act::of(stay, Action::Prepare, about, "Write form"));
        }
    }
    if notice.is_open() && !notice.kind.follows() {
        acts.push(Act::of(stay, Action::EndNotice, about, "No longer owed"));
    }
    let drawn = notice.delivered.iter().filter_map(|(_, d)| d.signature.as_ref());
    acts.extend(drawn.map(|s| Act::paper(format!("/stay/{}/document/{s}", stay.id), "Signature")));
    acts
}
