//! The ledger: all news of a stay replayed in the order in which things happened. Nothing is changed in place, so late, early,
//! doubled and corrected news give what the right order would have given.

use std::borrow::Borrow;

use super::{
    alias::Joined,
    cancel::{Standing, happened_at},
    facility::SiteMap,
    news::{Identifier, NewsKind, PatientStatus, Place, Practitioner, StayNews, Told},
    present,
    standing::{self, Change},
    track::{Flag, FlagKind, Since, Track},
};
use crate::time::{Moment, Zone};

impl Track {
    /// Derives the track from all news of a stay, in whatever order they are given.
    pub fn derive<N: Borrow<StayNews>>(news: &[N], site: &SiteMap, _zone: &Zone) -> Self {
        let told: Vec<&StayNews> = news.iter().map(Borrow::borrow).collect();
        let corrected = copied_starts(&told);
        let news = told.iter().zip(&corrected).map(|(one, corrected)| corrected.as_deref().unwrap_or(one));
        let standing = Standing::of(news, site);
        let joined = Joined::of(&standing.recorded);
        let mut replay = Replay::new(site, standing.flags);
        for one in &standing.happened {
            replay.take(one);
        }
        replay.cancelled_whole(&standing.happened, &standing.cancelled);
        let Replay { mut track, changes, .. } = replay;
        track.orders = standing::orders(&standing.recorded, site, &mut track.flags);
        standing::periods(&mut track, &changes);
        present::fill(&mut track, &standing.spoken, &joined);
        let first_here = track.periods.iter().find(|p| p.status.in_house()).map(|p| p.from);
        track.arrival_at = track.arrival_at.or(first_here);
        track.first_care_at = track.first_care_at.or(track.arrival_at);
        track.flags.sort();
        track.flags.dedup();
        track
    }
}

/// An admission often carries the visit's own start, which was the registration's: it happened when it was recorded. In the
/// order of the news, what is corrected.
fn copied_starts(news: &[&StayNews]) -> Vec<Option<Box<StayNews>>> {
    let starts = |n: &StayNews| {
        let start = n.visit.started_at.as_ref().and_then(|s| s.value().copied());
        start == Some(n.effective_at)
    };
    let registered =
        |n: &StayNews| news.iter().any(|r| r.kind == NewsKind::Register && r.effective_at == n.effective_at);
    let copies =
        |n: &StayNews| n.kind == NewsKind::Admit && starts(n) && n.recorded_at > n.effective_at && registered(n);
    let corrected = |n: &StayNews| Box::new(StayNews { effective_at: n.recorded_at, ..n.clone() });
    news.iter().map(|n| copies(n).then(|| corrected(n))).collect()
}

/// How fresh a group of fields is: when its source recorded what stands.
type Stamp = Option<(Moment, Option<Moment>)>;

/// The replay as it stands after some of the news.
struct Replay<'s> {
    site: &'s SiteMap,
    track: Track,
    changes: Vec<Change>,
    before_leave: Option<PatientStatus>,
    /// The visit number of the last opening.
    visit: Option<Identifier>,
    class_stamp: Stamp,
    place_stamp: Stamp,
    attending_stamp: Stamp,
}

impl<'s> Replay<'s> {
    fn new(site: &'s SiteMap, flags: Vec<Flag>) -> Self {
        Self {
            site,
            track: Track { flags, ..Track::default() },
            changes: Vec::new(),
            before_leave: None,
            visit: None,
            class_stamp: None,
            place_stamp: None,
            attending_stamp: None,
        }
    }

    fn status(&self) -> Option<&PatientStatus> {
        self.changes.last().map(|c| &c.status)
    }

    fn gone(&self) -> bool {
        matches!(self.status(), Some(PatientStatus::Discharged | PatientStatus::Cancelled))
    }

    fn flag(&mut self, at: Moment, kind: FlagKind, says: String) {
        self.track.flags.push(Flag { at, kind, says });
    }

    fn change(&mut self, at: Moment, status: PatientStatus, news: &StayNews) {
        if self.status() != Some(&status) {
            self.changes.push(Change { at, status, trigger: news.trigger.clone() });
        }
    }

    fn take(&mut self, news: &StayNews) {
        match news.kind {
            NewsKind::PreAdmit => self.pre_admit(news),
            NewsKind::Register | NewsKind::Admit => self.open(news),
            NewsKind::ClassUp => self.reclass(news, PatientStatus::Inpatient),
            NewsKind::ClassDown => self.reclass(news, PatientStatus::Outpatient),
            NewsKind::Discharge => self.discharge(news),
            NewsKind::LeaveOut => self.leave(news),
            NewsKind::LeaveReturn => self.back(news),
            NewsKind::Snapshot => self.snapshot(news),
            NewsKind::SourceDeleted => {
                self.flag(
                    news.effective_at,
                    FlagKind::SourceDeleted,
                    format!("{}: the source deleted this visit", news.trigger),
                );
            }
            NewsKind::Transfer
            | NewsKind::Update
            | NewsKind::Attending
            | NewsKind::CancelTransfer
            | NewsKind::CancelDischarge
            | NewsKind::CancelAttending => self.update(news),
            _ => {}
        }
        self.whereabouts(news);
    }

    fn told(&mut self, news: &StayNews) -> Option<PatientStatus> {
        let told = self.site.status_told(news);
        if let (None, Some(class)) = (&told, &news.class) {
            let says =
                format!("class {} {} {} fits no rule of the site map", class.class, class.patient_type, class.service);
            self.flag(news.effective_at, FlagKind::ClassUnmapped, says.trim().to_owned());
        }
        told
    }

    /// A planned stay's class is a plan: it is not here, whatever the class says.
    fn pre_admit(&mut self, news: &StayNews) {
        if self.status().is_none() {
            self.change(news.effective_at, PatientStatus::PreAdmit, news);
        }
    }

    fn open(&mut self, news: &StayNews) {
        let told = self.told(news).filter(|s| *s != PatientStatus::PreAdmit);
        let status = told.unwrap_or(PatientStatus::Outpatient);
        // Another number of the same episode goes on; the same number after its end was used again.
        let same = self.visit == news.visit.number;
        if self.gone() && same {
            self.flag(news.effective_at, FlagKind::VisitReused, format!("{} after the end of the visit", news.trigger));
        }
        self.change(news.effective_at, status, news);
        self.visit.clone_from(&news.visit.number);
        self.class_stamp = self.class_stamp.max(stamp(news));
    }

    fn reclass(&mut self, news: &StayNews, expected: PatientStatus) {
        let told = self.told(news).filter(|s| s.in_house());
        // The class still says what it said before: the trigger is the newer word.
        let status = told.filter(|s| Some(s) != self.status()).unwrap_or(expected);
        if self.gone() {
            let says = format!("{} to {status} after the patient had left", news.trigger);
            return self.flag(news.effective_at, FlagKind::ChangedAfterDischarge, says);
        }
        if self.status().is_none() {
            self.flag(news.effective_at, FlagKind::OpeningMissing, format!("the first news is {}", news.trigger));
        }
        self.change(news.effective_at, status, news);
        if news.visit.number.is_some() {
            self.visit.clone_from(&news.visit.number);
        }
        self.class_stamp = self.class_stamp.max(stamp(news));
    }

    fn discharge(&mut self, news: &StayNews) {
        // The emergency visit's own end, when the stay went on under another number, is not the end of the stay.
        let other = matches!((&self.visit, &news.visit.number), (Some(a), Some(b)) if a.value != b.value);
        if other {
            return;
        }
        let at = happened_at(news);
        if self.status().is_none() {
            if let Some(before) = self.told(news).filter(PatientStatus::in_house) {
                let began = news.visit.started_at.as_ref().and_then(|s| s.value().copied()).unwrap_or(at).min(at);
                self.change(began, before, news);
            }
            self.flag(at, FlagKind::OpeningMissing, format!("the first news is {}", news.trigger));
        }
        self.change(at, PatientStatus::Discharged, news);
        self.track.discharge = news.discharge.as_ref().and_then(|d| d.value()).cloned();
    }

    fn leave(&mut self, news: &StayNews) {
        if let Some(status) = self.status().filter(|s| s.in_house()).cloned() {
            self.before_leave = Some(status);
            self.change(news.effective_at, PatientStatus::LeaveOfAbsence, news);
        }
    }

    fn back(&mut self, news: &StayNews) {
        if self.status() == Some(&PatientStatus::LeaveOfAbsence) {
            let status = self.before_leave.take().unwrap_or(PatientStatus::Inpatient);
            self.change(news.effective_at, status, news);
        }
    }

    /// A whole visit told at once: its periods, and its end.
    fn snapshot(&mut self, news: &StayNews) {
        for period in &news.class_history {
            let status =
                self.site.status_of(&period.class, period.place.as_ref(), &news.kept).or(period.class.status.clone());
            // Planned, cancelled and on leave are said by the visit's own status, not by its class.
            let own = |s: &PatientStatus| {
                matches!(s, PatientStatus::PreAdmit | PatientStatus::Cancelled | PatientStatus::LeaveOfAbsence)
            };
            match status {
                _ if period.class.status.as_ref().is_some_and(own) => {
                    let status = period.class.status.clone().unwrap_or(PatientStatus::PreAdmit);
                    self.change(period.from, status, news);
                }
                Some(status) => self.change(period.from, status, news),
                None => {
                    let says = format!("class {} fits no rule of the site map", period.class.class);
                    self.flag(period.from, FlagKind::ClassUnmapped, says);
                }
            }
            if let Some(place) = &period.place {
                since(&mut self.track.places, period.from, place.clone());
            }
        }
        self.visit.clone_from(&news.visit.number);
        if let Some(Told::Is(end)) = &news.discharge {
            self.change(end.at.unwrap_or(news.effective_at), PatientStatus::Discharged, news);
            self.track.discharge = Some(end.clone());
        }
        self.class_stamp = self.class_stamp.max(stamp(news));
    }

    /// More is known. A status change inside is taken, and a person is told: no trigger said so.
    fn update(&mut self, news: &StayNews) {
        let Some(told) = self.told(news) else { return };
        if self.class_stamp > stamp(news) {
            if self.status().is_some_and(|now| now.in_house() && *now != told) {
                let says = format!("{} tells {told}, but newer news say otherwise", news.trigger);
                self.flag(news.effective_at, FlagKind::StaleUpdate, says);
            }
            return;
        }
        self.class_stamp = stamp(news);
        match self.status().cloned() {
            None if told.in_house() => {
                self.flag(news.effective_at, FlagKind::OpeningMissing, format!("the first news is {}", news.trigger));
                self.change(news.effective_at, told, news);
            }
            Some(now) if now.in_house() && told.in_house() && now != told => {
                let says = format!("{} changes {now} to {told}", news.trigger);
                self.flag(news.effective_at, FlagKind::ImplicitChange, says);
                self.change(news.effective_at, told, news);
            }
            Some(PatientStatus::LeaveOfAbsence) if told.in_house() => self.before_leave = Some(told),
            Some(PatientStatus::Discharged) if told.in_house() => self.after_discharge(news, &told),
            _ => {}
        }
        if let (Some(Told::Is(end)), true) = (&news.discharge, self.status().is_some_and(PatientStatus::in_house))
            && let Some(at) = end.at.filter(|at| *at <= news.recorded_at)
        {
            self.flag(at, FlagKind::ImplicitChange, format!("{} tells the end of the visit", news.trigger));
            self.change(at, PatientStatus::Discharged, news);
            self.track.discharge = Some(end.clone());
        }
    }

    fn after_discharge(&mut self, news: &StayNews, told: &PatientStatus) {
        let before = self.changes.iter().rev().map(|c| &c.status).find(|s| s.in_house());
        if before != Some(told) {
            let says = format!("{} to {told} after the patient had left", news.trigger);
            self.flag(news.effective_at, FlagKind::ChangedAfterDischarge, says);
        }
    }

    /// Place and attending: movements tell them for their own time, mere updates only when they are fresh.
    fn whereabouts(&mut self, news: &StayNews) {
        let moves = match news.kind {
            NewsKind::Register
            | NewsKind::Admit
            | NewsKind::ClassUp
            | NewsKind::ClassDown
            | NewsKind::Transfer
            | NewsKind::Attending
            | NewsKind::Snapshot => true,
            NewsKind::Update | NewsKind::CancelTransfer | NewsKind::CancelDischarge | NewsKind::CancelAttending => {
                false
            }
            _ => return,
        };
        if self.gone() && news.kind != NewsKind::Snapshot {
            return;
        }
        if let Some(place) = news.place.as_ref().and_then(|p| p.value())
            && (moves || self.place_stamp <= stamp(news))
        {
            since::<Place>(&mut self.track.places, news.effective_at, place.clone());
            self.place_stamp = self.place_stamp.max(stamp(news));
        }
        if let Some(attending) = news.attending.as_ref().and_then(|p| p.value())
            && (moves || self.attending_stamp <= stamp(news))
        {
            since::<Practitioner>(&mut self.track.attending, news.effective_at, attending.clone());
            self.attending_stamp = self.attending_stamp.max(stamp(news));
        }
    }

    /// When every opening was cancelled, the visit never was. Orders and updates alone do not make one.
    fn cancelled_whole(&mut self, happened: &[&StayNews], cancelled: &[(&StayNews, &StayNews)]) {
        let opens = |n: &StayNews| {
            matches!(
                n.kind,
                NewsKind::PreAdmit | NewsKind::Register | NewsKind::Admit | NewsKind::ClassUp | NewsKind::Snapshot
            )
        };
        let ends = |n: &StayNews| matches!(n.kind, NewsKind::CancelVisit | NewsKind::CancelPreAdmit);
        if happened.iter().any(|n| opens(n)) {
            return;
        }
        let first = cancelled
            .iter()
            .filter(|(target, _)| opens(target))
            .map(|(t, c)| (t.effective_at, *c))
            .min_by_key(|(at, _)| *at);
        let lone = happened.iter().find(|n| ends(n)).map(|n| (n.effective_at, *n));
        if let Some((at, cancel)) = first.or(lone) {
            self.changes.clear();
            self.changes.push(Change { at, status: PatientStatus::Cancelled, trigger: cancel.trigger.clone() });
        }
    }
}

fn stamp(news: &StayNews) -> Stamp {
    Some((news.recorded_at, news.sent_at))
}

/// Adds what holds from a moment, unless it held before. A second word for one moment replaces the first.
fn since<T: PartialEq>(all: &mut Vec<Since<T>>, from: Moment, is: T) {
    if all.last().is_some_and(|last| last.from == from) {
        all.pop();
    }
    if all.last().is_none_or(|last| last.is != is) {
        all.push(Since { from, is });
    }
}
