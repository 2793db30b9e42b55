//! The same news in other orders: the stay is the same, and owes the same.

use std::sync::Arc;

use vigil_domain::{
    party::LineOfBusiness,
    stay::{
        Stay,
        command::Command,
        decide::decide,
        news::{PayerNews, StayNews},
    },
    time::Moment,
};

use super::{
    commands::{Words, feed},
    made,
    people::hospital,
};
use crate::script::library;

/// The same six messages in every order: the stay is and owes the same. The first difference is the answer.
pub fn every_order() -> Result<(), String> {
    let at: Moment = "2026-11-20T09:00:00-05:00".parse().map_err(|e| format!("{e}"))?;
    let feeds = [
        "register status=emergency payer=CMS line=original-medicare attending=Dr._Roe diagnosis=I50.33 when=2026-11-16T08:00:00-05:00 recorded=2026-11-16T08:01:00-05:00",
        "order order=observation number=A when=2026-11-16T11:00:00-05:00 recorded=2026-11-16T11:01:00-05:00",
        "class-up status=observation when=2026-11-16T11:05:00-05:00 recorded=2026-11-16T11:06:00-05:00",
        "order order=inpatient number=B when=2026-11-17T09:00:00-05:00 recorded=2026-11-17T09:01:00-05:00",
        "admit status=inpatient when=2026-11-17T09:20:00-05:00 recorded=2026-11-17T09:21:00-05:00",
        "discharge when=2026-11-18T14:00:00-05:00 recorded=2026-11-18T14:01:00-05:00",
    ];
    let mut order: Vec<usize> = (0..feeds.len()).collect();
    let mut first: Option<Vec<String>> = None;
    let mut seen = 0;
    loop {
        let mut stay: Option<Stay> = None;
        for place in &order {
            let mut words = feeds[*place].split_whitespace();
            let kind = words.next().unwrap_or_default();
            let number = u32::try_from(*place).unwrap_or(0) + 1;
            let command = feed(kind, &Words::of(words)?, at, number)?;
            let decided = decide(stay.as_ref(), command, library(), at).map_err(|r| format!("{order:?}: {r:?}"))?;
            stay = Some(decided.stay);
        }
        let is = stay.as_ref().map(told).unwrap_or_default();
        match &first {
            None => first = Some(is),
            Some(known) if *known != is => return Err(format!("{order:?}:\n{known:#?}\n{is:#?}")),
            Some(_) => {}
        }
        seen += 1;
        if !next_order(&mut order) {
            return if seen == 720 { Ok(()) } else { Err(format!("{seen} orders")) };
        }
    }
}

/// What a stay is and owes, in words that no order of arrival can change.
fn told(stay: &Stay) -> Vec<String> {
    let mut all = vec![
        format!("status {}", stay.status()),
        format!("bill held {}", stay.bill.held.is_some()),
        format!("judged {:?}", stay.judged.as_ref().map(|(_, j)| (&j.status, &j.basis))),
    ];
    all.extend(stay.notices.iter().filter(|n| n.ended.is_none()).map(|n| format!("notice {}", n.kind)));
    all.extend(stay.clocks.iter().filter(|c| c.is_open()).map(|c| {
        let kind = stay.notices.iter().find(|n| c.watch.word() == "notice" && n.id.to_string() == c.about);
        let asked = stay.queries.iter().find(|q| c.watch.word() == "query" && q.id.to_string() == c.about);
        let named = kind.map(|n| n.kind.to_string()).or_else(|| asked.map(|q| q.kind.to_string()));
        let about = named.unwrap_or_else(|| c.about.clone());
        format!("clock {} {about} {} {} {}", c.watch, c.started_at, c.due_at, c.lapsed_at.is_some())
    }));
    all.extend(stay.alerts.iter().filter(|a| a.cleared.is_none()).map(|a| format!("alert {}", a.id)));
    all.sort();
    all
}

/// The next order of places; false after the last one.
fn next_order(order: &mut [usize]) -> bool {
    let Some(pivot) = (1..order.len()).rev().find(|i| order[i - 1] < order[*i]) else { return false };
    let swap = (pivot..order.len()).rev().find(|i| order[*i] > order[pivot - 1]).unwrap_or(pivot);
    order.swap(pivot - 1, swap);
    order[pivot..].reverse();
    true
}

/// Arrivals of each stay.
const TURNS: u64 = 20;

/// Whole stays from seeds, each with everything that feeds do wrong, taken in other orders and with repeats: as many arrivals
/// as are asked for, on every core. The first difference is the answer; else how many of how many stays owed something.
pub fn shuffles(arrivals: u64) -> Result<(u64, u64), String> {
    let stays = arrivals.div_ceil(TURNS);
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share =
        |core: u64| (1..=stays).filter(|seed| seed % cores == core).map(one).collect::<Result<Vec<bool>, String>>();
    let parts: Vec<Result<Vec<bool>, String>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|core| scope.spawn(move || share(core))).collect();
        running.into_iter().map(|part| part.join().unwrap()).collect()
    });
    let mut owing = 0;
    for part in parts {
        owing += part?.into_iter().filter(|owes| *owes).count() as u64;
    }
    Ok((owing, stays))
}

/// One stay in all of its arrivals; whether it owes a notice or has a clock.
fn one(seed: u64) -> Result<bool, String> {
    let now = made::at("03-20T12:00");
    let mut news = made::stay(seed);
    let payer = PayerNews {
        order: 1,
        payer_id: "CMS".into(),
        name: "Original Medicare".into(),
        line_of_business: Some(LineOfBusiness::OriginalMedicare),
        member_id: "M1".into(),
        ..PayerNews::default()
    };
    for one in &mut news {
        one.payers = Some(vec![payer.clone()]);
        one.recorded_at = one.recorded_at.min(now);
    }
    let is = told(&taken(&news, now)?);
    let doubled: Vec<StayNews> = news.iter().chain(news.iter().step_by(3)).cloned().collect();
    for (turn, other) in made::shuffled(&doubled, TURNS).into_iter().enumerate() {
        let other = told(&taken(&other, now)?);
        if other != is {
            return Err(format!("seed {seed}, shuffle {turn}:\n{is:#?}\n{other:#?}"));
        }
    }
    Ok(is.iter().any(|line| line.starts_with("notice") || line.starts_with("clock")))
}

/// A stay after this news, in this order, all of it heard at one moment.
fn taken(news: &[StayNews], now: Moment) -> Result<Stay, String> {
    let mut stay: Option<Stay> = None;
    for one in news {
        let mut hospital = hospital("NY");
        hospital.site = made::site();
        let command = Command::TakeNews {
            stay: "S1".into(),
            hospital: Arc::new(hospital),
            news: Arc::new(one.clone()),
            terms: Vec::new(),
            scenario: None,
        };
        let decided = decide(stay.as_ref(), command, library(), now);
        stay = Some(decided.map_err(|refused| format!("{}: {refused:?}", one.id))?.stay);
    }
    stay.ok_or_else(|| "no news".into())
}
