//! What news stand: doubles taken out, movements in their last version, cancellations matched to what they cancel. Goes by
//! the order in which the source recorded things, never by arrival.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    facility::SiteMap,
    news::{MovementAction, NewsKind, PatientStatus, StayNews},
    track::{Flag, FlagKind},
};
use crate::time::Moment;

/// Kinds at one instant come in this order: a visit opens before anything in it, and ends last.
fn rank(kind: &NewsKind) -> u8 {
    match kind {
        NewsKind::PreAdmit => 0,
        NewsKind::Register => 1,
        NewsKind::Admit => 2,
        NewsKind::ClassUp | NewsKind::ClassDown => 3,
        NewsKind::Transfer | NewsKind::LeaveOut => 4,
        NewsKind::LeaveReturn | NewsKind::Attending => 5,
        NewsKind::Order => 6,
        NewsKind::Update | NewsKind::Snapshot | NewsKind::Person | NewsKind::Record | NewsKind::ExpectDischarge => 7,
        NewsKind::Discharge => 8,
        NewsKind::CancelVisit
        | NewsKind::CancelPreAdmit
        | NewsKind::CancelTransfer
        | NewsKind::CancelDischarge
        | NewsKind::CancelLeaveOut
        | NewsKind::CancelLeaveReturn
        | NewsKind::CancelAttending
        | NewsKind::CancelExpectDischarge => 9,
        _ => 10,
    }
}

type RecordedKey<'n> = (Moment, Option<Moment>, u8, &'n str);

fn recorded_key(news: &StayNews) -> RecordedKey<'_> {
    (news.recorded_at, news.sent_at, rank(&news.kind), &news.id)
}

/// When it happened: a discharge happened when it says it did.
pub(super) fn happened_at(news: &StayNews) -> Moment {
    let told = news.discharge.as_ref().and_then(|d| d.value()).and_then(|d| d.at);
    match news.kind {
        NewsKind::Discharge => told.unwrap_or(news.effective_at),
        _ => news.effective_at,
    }
}

/// The news that stand.
pub(super) struct Standing<'n> {
    /// In the order in which the source recorded them, cancelled ones left out.
    pub(super) recorded: Vec<&'n StayNews>,
    /// In the order in which things happened, cancelled ones left out.
    pub(super) happened: Vec<&'n StayNews>,
    /// As recorded, with the earlier versions of snapshots: what the last one does not speak of still stands in them.
    pub(super) spoken: Vec<&'n StayNews>,
    /// What was cancelled, with what cancelled it.
    pub(super) cancelled: Vec<(&'n StayNews, &'n StayNews)>,
    /// Cancellations and changes to look at.
    pub(super) flags: Vec<Flag>,
}

impl<'n> Standing<'n> {
    /// Sorts out news of any order.
    pub(super) fn of(news: impl Iterator<Item = &'n StayNews>, site: &SiteMap) -> Self {
        let mut recorded: Vec<&StayNews> = news.collect();
        recorded.sort_by(|a, b| recorded_key(a).cmp(&recorded_key(b)));
        recorded.dedup_by(|a, b| a.id == b.id);
        let every = recorded.clone();
        let recorded = last_versions(recorded);
        let (cancelled, mut flags) = cancellations(&recorded);
        let disguised = disguised(&recorded, &cancelled, site, &mut flags);
        let gone = |n: &StayNews| {
            cancelled.iter().any(|(target, _)| target.id == n.id) && !disguised.iter().any(|d| d.id == n.id)
        };
        let recorded: Vec<&StayNews> = recorded.into_iter().filter(|n| !gone(n)).collect();
        let mut happened = recorded.clone();
        happened.sort_by_key(|n| (happened_at(n), rank(&n.kind), recorded_key(n)));
        let kept: BTreeSet<_> = recorded.iter().map(|n| &n.id).collect();
        let stands = |n: &StayNews| n.kind == NewsKind::Snapshot || kept.contains(&n.id);
        let spoken = every.into_iter().filter(|n| stands(n)).collect();
        Self { recorded, happened, spoken, cancelled, flags }
    }
}

/// One version of each movement and of each snapshot: the last recorded. A cancelled movement is none.
fn last_versions(recorded: Vec<&StayNews>) -> Vec<&StayNews> {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let name = |n: &StayNews| match (&n.movement, &n.kind) {
        (Some(movement), _) => Some(format!("movement {}", movement.id)),
        (None, NewsKind::Snapshot) => n.visit.number.as_ref().map(|v| format!("visit {}", v.key())),
        _ => None,
    };
    for (index, one) in recorded.iter().enumerate() {
        if let Some(name) = name(one) {
            last.insert(name, index);
        }
    }
    let stands = |(index, one): (usize, &'_ StayNews)| match name(one) {
        None => true,
        Some(name) => {
            let cancel = one.movement.as_ref().is_some_and(|m| m.action == MovementAction::Cancel);
            last.get(&name) == Some(&index) && !cancel
        }
    };
    recorded.iter().enumerate().filter(|(i, n)| stands((*i, n))).map(|(_, n)| *n).collect()
}

/// What a cancellation may cancel, best first.
fn targets(kind: &NewsKind) -> &'static [&'static [NewsKind]] {
    match kind {
        NewsKind::CancelVisit => &[&[NewsKind::Admit, NewsKind::ClassUp], &[NewsKind::Register]],
        NewsKind::CancelPreAdmit => &[&[NewsKind::PreAdmit]],
        NewsKind::CancelTransfer => &[&[NewsKind::Transfer]],
        NewsKind::CancelDischarge => &[&[NewsKind::Discharge]],
        NewsKind::CancelLeaveOut => &[&[NewsKind::LeaveOut]],
        NewsKind::CancelLeaveReturn => &[&[NewsKind::LeaveReturn]],
        NewsKind::CancelAttending => &[&[NewsKind::Attending]],
        NewsKind::CancelExpectDischarge => &[&[NewsKind::ExpectDischarge]],
        _ => &[],
    }
}

type Pairs<'n> = Vec<(&'n StayNews, &'n StayNews)>;

fn cancellations<'n>(recorded: &[&'n StayNews]) -> (Pairs<'n>, Vec<Flag>) {
    let (mut pairs, mut flags): (Pairs<'n>, Vec<Flag>) = (Vec::new(), Vec::new());
    for (index, cancel) in recorded.iter().enumerate() {
        let wanted = targets(&cancel.kind);
        if wanted.is_empty() {
            continue;
        }
        let open = |n: &&&StayNews| !pairs.iter().any(|(t, _)| t.id == n.id) && may_cancel(cancel, n);
        let found = wanted.iter().find_map(|kinds| {
            let before = recorded[..index].iter().filter(|n| kinds.contains(&n.kind)).filter(open);
            before.max_by_key(|n| (n.effective_at == cancel.effective_at, happened_at(n), recorded_key(n)))
        });
        let (kind, says) = match (found, &cancel.kind) {
            (Some(target), NewsKind::CancelDischarge) => {
                (Some(FlagKind::DischargeCancelled), format!("{} takes back {}", cancel.trigger, target.trigger))
            }
            (Some(_), _) => (None, String::new()),
            (None, _) => (Some(FlagKind::CancelsNothing), format!("{} finds nothing to cancel", cancel.trigger)),
        };
        flags.extend(kind.map(|kind| Flag { at: cancel.effective_at, kind, says }));
        pairs.extend(found.map(|target| (*target, *cancel)));
    }
    (pairs, flags)
}

/// A cancellation must not speak of another visit, nor a cancelled transfer of other places.
fn may_cancel(cancel: &StayNews, target: &StayNews) -> bool {
    let other_visit = match (&cancel.visit.number, &target.visit.number) {
        (Some(a), Some(b)) => a.value != b.value,
        _ => false,
    };
    if other_visit || cancel.kind != NewsKind::CancelTransfer {
        return !other_visit;
    }
    let place = |n: &StayNews| n.place.as_ref().and_then(|p| p.value()).cloned();
    let left_agrees = cancel.prior_place.is_none() || cancel.prior_place == place(target);
    let back_agrees = match (place(cancel), &target.prior_place) {
        (Some(back), Some(before)) => back == *before,
        _ => true,
    };
    left_agrees && back_agrees
}

/// How long after a cancelled admission a registration may come and still mean a change of status, in hours.
const DISGUISE_HOURS: i64 = 24;

/// Inpatient admissions that were cancelled only to register the patient as outpatient: they stand, and the registration is
/// a change of status.
fn disguised<'n>(
    recorded: &[&'n StayNews],
    pairs: &Pairs<'n>,
    site: &SiteMap,
    flags: &mut Vec<Flag>,
) -> Vec<&'n StayNews> {
    let inpatient = |n: &StayNews| site.status_told(n) == Some(PatientStatus::Inpatient);
    let mut found = Vec::new();
    for (target, cancel) in pairs.iter().filter(|(t, c)| c.kind == NewsKind::CancelVisit && inpatient(t)) {
        let limit = cancel.recorded_at.as_second() + DISGUISE_HOURS * 3600;
        let register = recorded.iter().find(|n| {
            n.kind == NewsKind::Register
                && !inpatient(n)
                && n.recorded_at >= cancel.recorded_at
                && n.recorded_at.as_second() <= limit
                && n.effective_at > target.effective_at
        });
        if let Some(register) = register {
            let says = format!("{} and {} change an inpatient to outpatient", cancel.trigger, register.trigger);
            flags.push(Flag { at: register.effective_at, kind: FlagKind::DisguisedChange, says });
            found.push(*target);
        }
    }
    found
}
