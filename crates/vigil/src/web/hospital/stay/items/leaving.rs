//! The part of a stay's page about leaving: post-acute requests, choice, barriers, delays, the appeal of discharge.

use vigil_domain::{stay::Stay, time::Moment};

use super::{super::actions::Action, Act, Item};
use crate::web::{
    case::story::{Names, name_of},
    words,
};

fn act(stay: &Stay, action: Action, about: u32, title: &str) -> Act {
    Act::of(stay, action, &about.to_string(), title)
}

/// Its items, what waits first.
pub fn items(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let mut items: Vec<Item> = appeal(stay, now).into_iter().collect();
    items.extend(post_acute(stay, names, now));
    items.extend(barriers(stay, names, now));
    items.extend(delays(stay));
    items
}

fn appeal(stay: &Stay, now: Moment) -> Option<Item> {
    let zone = stay.zone();
    let qio = stay.qio.as_ref()?;
    let mut list = vec![format!("the organization told us {}", words::near(qio.told_at, zone, now))];
    list.extend(qio.records_at.map(|at| format!("records sent {}", words::near(at, zone, now))));
    list.extend(qio.liable_from.map(|at| format!("the patient may be charged from {}", words::moment(at, zone))));
    Some(Item {
        title: "Appeal of discharge to the quality improvement organization".to_owned(),
        says: match &qio.decided {
            Some((at, upheld, said)) => format!(
                "{} {}: {said}",
                if *upheld { "discharge upheld" } else { "discharge not upheld" },
                words::near(*at, zone, now)
            ),
            None if stay.liability_held() => "runs; the patient may not be charged while it decides".to_owned(),
            None => "runs".to_owned(),
        },
        detail: format!(
            "called {}{}",
            words::near(qio.called_at, zone, now),
            if qio.timely { ", in time" } else { ", not in time" }
        ),
        class: if qio.decided.is_none() { "soon" } else { "" },
        list,
        ..Item::default()
    })
}

fn post_acute(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let asked = stay.post_acute.iter().rev().map(|request| Item {
        title: words::capital(&words::plain(request.kind.word())),
        says: words::plain(request.step().word()),
        detail: request.facility.clone().unwrap_or_default(),
        class: if request.is_open() { "soon" } else { "" },
        acts: vec![act(stay, Action::PostAcuteMove, request.id, "Record a step")],
        list: request
            .steps
            .iter()
            .map(|(at, step, by, number, said)| {
                let number = number.as_ref().map(|n| format!(" {n}")).unwrap_or_default();
                format!("{} {}{number}, {by}. {said}", words::near(*at, zone, now), words::plain(step.word()))
            })
            .collect(),
    });
    let choices = stay.choices.iter().rev().map(|(at, offered, chosen, who)| Item {
        title: "Choice list".to_owned(),
        says: format!("given {} by {}", words::near(*at, zone, now), name_of(names, who)),
        detail: chosen.as_ref().map(|c| format!("chosen: {c}")).unwrap_or_default(),
        list: offered.clone(),
        ..Item::default()
    });
    asked.chain(choices).collect()
}

fn barriers(stay: &Stay, names: &Names, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |barrier: &vigil_domain::stay::delay::Barrier| Item {
        title: format!("Barrier {}", barrier.code),
        says: barrier.cleared.as_ref().map_or_else(
            || "open".to_owned(),
            |(at, who)| format!("cleared {} by {}", words::near(*at, zone, now), name_of(names, who)),
        ),
        detail: format!(
            "{} (found {} by {})",
            barrier.note,
            words::near(barrier.found.0, zone, now),
            name_of(names, &barrier.found.1)
        ),
        class: if barrier.cleared.is_none() { "soon" } else { "" },
        acts: if barrier.cleared.is_none() {
            vec![act(stay, Action::ClearBarrier, barrier.id, "Clear")]
        } else {
            Vec::new()
        },
        list: Vec::new(),
    };
    stay.barriers.iter().rev().map(item).collect()
}

fn delays(stay: &Stay) -> Vec<Item> {
    let item = |delay: &vigil_domain::stay::delay::AvoidableDays| Item {
        title: format!("{} {}", delay.code, delay.says),
        says: format!(
            "{:.1} days, {} to {}{}",
            delay.days(),
            words::day(delay.from),
            words::day(delay.through),
            if delay.counts { "" } else { ", not counted as avoidable" }
        ),
        detail: format!("{} · {} {}", delay.group, delay.department, delay.note),
        acts: vec![act(stay, Action::WithdrawDelay, delay.id, "Take back")],
        ..Item::default()
    };
    stay.delays.iter().rev().map(item).collect()
}
