//! The part of a stay's page about leaving: post-acute requests, choice, barriers, delays, the appeal of discharge.

use vigil_domain::{
    stay::{
        Stay,
        notice::{AppealOf, QioAppeal},
    },
    time::Moment,
};

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
    let mut items: Vec<Item> = change_appeal(stay, now).into_iter().chain(appeal(stay, now)).collect();
    items.extend(stay.earlier_appeals.iter().rev().map(|(about, appeal)| earlier(about, appeal, stay, now)));
    items.extend(post_acute(stay, names, now));
    items.extend(barriers(stay, names, now));
    items.extend(delays(stay));
    items
}

fn appeal(stay: &Stay, now: Moment) -> Option<Item> {
    let qio = stay.qio.as_ref()?;
    let runs = if stay.liability_held() { "runs; the patient may not be charged while it decides" } else { "runs" };
    Some(appealed(qio, "discharge", runs, stay, now))
}

fn change_appeal(stay: &Stay, now: Moment) -> Option<Item> {
    let appeal = stay.change_appeal.as_ref()?;
    let runs = if appeal.timely { "runs; the patient is not billed while it decides" } else { "runs; no bill is held" };
    Some(appealed(appeal, "change of status", runs, stay, now))
}

/// One before: of a change that a new order has ended, or of an earlier day of discharge.
fn earlier(about: &AppealOf, appeal: &QioAppeal, stay: &Stay, now: Moment) -> Item {
    let item = appealed(appeal, &words::plain(about.word()), "was not decided", stay, now);
    Item {
        title: format!("Earlier appeal of {} to the quality improvement organization", words::plain(about.word())),
        ..item
    }
}

fn appealed(appeal: &QioAppeal, of: &str, runs: &str, stay: &Stay, now: Moment) -> Item {
    let zone = stay.zone();
    let upheld = |upheld: bool| if upheld { format!("{of} upheld") } else { format!("{of} not upheld") };
    let mut list = vec![format!("the organization told us {}", words::near(appeal.told_at, zone, now))];
    list.extend(appeal.records_at.map(|at| format!("records sent {}", words::near(at, zone, now))));
    list.extend(appeal.liable_from.map(|at| format!("the patient may be charged from {}", words::moment(at, zone))));
    if let Some(again) = &appeal.reconsidered {
        list.extend(
            appeal.decided.as_ref().map(|(at, was, _)| format!("{} {}", upheld(*was), words::near(*at, zone, now))),
        );
        let late = if again.timely { "in time" } else { "not in time" };
        list.push(format!("reconsideration asked {}, {late}", words::near(again.asked_at, zone, now)));
    }
    Item {
        title: format!("Appeal of {of} to the quality improvement organization"),
        says: match appeal.last_decision().filter(|_| !appeal.runs()) {
            Some((at, was, said)) => format!("{} {}: {said}", upheld(*was), words::near(*at, zone, now)),
            None => runs.to_owned(),
        },
        detail: format!(
            "called {}{}",
            words::near(appeal.called_at, zone, now),
            if appeal.timely { ", in time" } else { ", not in time" }
        ),
        class: if appeal.runs() { "soon" } else { "" },
        list,
        ..Item::default()
    }
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
