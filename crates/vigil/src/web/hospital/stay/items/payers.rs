//! Payers of a stay, what was exchanged with each, and disputes.

use vigil_domain::{
    stay::{
        Stay,
        payer::{Held, PayerState},
    },
    time::Moment,
};

use super::{super::actions::Action, Act, Item};
use crate::web::{
    case::story::{Names, name_of},
    words,
};

/// What was told, sent, asked and answered, in that order.
fn exchanged(state: &PayerState, names: &Names, zone: &vigil_domain::time::Zone, now: Moment) -> Vec<String> {
    let mut list = Vec::new();
    match &state.notified {
        Some((at, who, channel, reference)) => list.push(format!(
            "told {} by {}, {}{}",
            words::near(*at, zone, now),
            name_of(names, who),
            words::plain(channel.word()),
            reference.as_ref().map(|r| format!(", reference {r}")).unwrap_or_default()
        )),
        None => list.push("not told yet".to_owned()),
    }
    list.extend(state.clinicals.last().map(|(at, _, channel, confirmation)| {
        format!(
            "clinicals {} by {}, confirmation {confirmation}",
            words::near(*at, zone, now),
            words::plain(channel.word())
        )
    }));
    list.extend(state.asked.iter().map(|(at, ask, days, ..)| {
        let days = days.map(|d| format!(", {d} days")).unwrap_or_default();
        format!("asked for {}{days} {}", words::plain(ask.word()), words::near(*at, zone, now))
    }));
    list.extend(state.answers.iter().map(|(_, answer, source, who)| {
        let number = answer.authorization.as_ref().map(|n| format!(" {n}")).unwrap_or_default();
        let through = answer.through.map(|d| format!(" through {}", words::day(d))).unwrap_or_default();
        format!(
            "{}{number}{through}: {} by {} {}, recorded by {}{}",
            words::plain(answer.kind.word()),
            source.said_by,
            words::plain(source.channel.word()),
            words::near(source.said_at, zone, now),
            name_of(names, who),
            answer.reason.as_ref().map(|r| format!(". {r}")).unwrap_or_default()
        )
    }));
    if let Some((number, approver, at)) = &state.locked {
        list.push(format!(
            "approved admission {number} by {approver} {}: evidence locked",
            words::near(*at, zone, now)
        ));
    }
    list.extend(state.late.clone().map(|late| format!("told late: {late}")));
    list
}

/// One payer.
pub(in super::super) fn payer(stay: &Stay, held: &Held, place: usize, names: &Names, now: Moment) -> Item {
    let order = if place == 0 { "first" } else { "next" };
    let empty = PayerState::default();
    let state = stay.payer(&held.payer_id).unwrap_or(&empty);
    let list = exchanged(state, names, stay.zone(), now);
    let terms = held.terms.as_ref().map_or_else(
        || "no contract terms loaded: no notification clock runs".to_owned(),
        |t| format!("{} ({})", t.cite, words::plain(&t.confidence)),
    );
    let id = held.payer_id.as_str();
    Item {
        title: format!("{} ({order})", held.name),
        says: format!(
            "{} · member {} · {}",
            held.line_of_business.title(),
            held.member_id,
            state
                .through()
                .map_or_else(|| "no day authorized".to_owned(), |d| format!("authorized through {}", words::day(d)))
        ),
        detail: terms,
        class: if state.late.is_some() { "late" } else { "" },
        acts: [
            (Action::Notify, "Tell"),
            (Action::Clinicals, "Send clinicals"),
            (Action::Ask, "Ask"),
            (Action::Answer, "Record answer"),
            (Action::Dispute, "Dispute"),
        ]
        .iter()
        .map(|(action, title)| Act::of(stay, *action, id, title))
        .collect(),
        list,
    }
}

/// Disputes, the newest first.
pub(in super::super) fn disputes(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |d: &vigil_domain::stay::payer::Dispute| Item {
        title: words::capital(&words::plain(d.kind.word())),
        says: match &d.ended {
            Some((at, end, said)) => format!("{} {}: {said}", words::plain(end.word()), words::near(*at, zone, now)),
            None => d
                .agreed_for
                .map_or_else(|| "open".to_owned(), |at| format!("agreed for {}", words::near(at, zone, now))),
        },
        detail: format!("asked by {}: {}", words::plain(&d.asker), d.grounds),
        acts: if d.ended.is_none() {
            vec![Act::of(stay, Action::DisputeEnd, &d.id.to_string(), "Record outcome")]
        } else {
            Vec::new()
        },
        ..Item::default()
    };
    stay.disputes.iter().rev().map(item).collect()
}
