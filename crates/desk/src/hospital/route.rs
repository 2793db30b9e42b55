//! Which stays a piece of news is about: by visit number, by the number it had before, by an account within the episode; for
//! merges, every stay of the numbers joined. By number and authority, never by patient and day.

use vigil_domain::{
    stay::{
        Stay,
        facility::Facility,
        news::{Identifier, NewsKind, PatientStatus, StayNews},
    },
    time::Moment,
};
use vigil_store::StoreFault;

use super::project::key;
use crate::{Desk, ids, subject::ActError};

/// How long before the start of a stay, as far as it is known, late news of it may have happened.
const EARLY_HOURS: i64 = 72;

/// Where news go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// Stays that exist.
    Stays(Vec<String>),
    /// A stay that begins with it.
    Opens(String),
    /// No stay is watched for it.
    Nothing,
}

/// Most stays of one patient that a merge is brought to.
const OF_ONE_PATIENT: usize = 1_000;
/// Most stays looked at for one visit or account number.
const CANDIDATES: usize = 50;

/// Finds where news go.
///
/// # Errors
/// The store cannot be read.
pub(super) fn route(desk: &Desk, tenant: &str, facility: &Facility, news: &StayNews) -> Result<Route, StoreFault> {
    let finder = Finder { desk, tenant, facility };
    match news.kind {
        NewsKind::Merge | NewsKind::Renumber => finder.joined(news),
        NewsKind::Move => finder.moved(news),
        NewsKind::Person => finder.person(news),
        _ => finder.visit(news),
    }
}

struct Finder<'a> {
    desk: &'a Desk,
    tenant: &'a str,
    facility: &'a Facility,
}

impl Finder<'_> {
    fn by(&self, kind: &str, number: &Identifier, limit: usize) -> Result<Vec<String>, StoreFault> {
        let value = format!("{}|{}", self.facility.id, number.key());
        self.desk.store.stays_by_key(self.tenant, kind, &value, limit)
    }

    fn all(&self, mut stays: Vec<String>) -> Route {
        stays.sort();
        stays.dedup();
        if stays.is_empty() { Route::Nothing } else { Route::Stays(stays) }
    }

    /// Every stay of a number that is no longer used.
    fn joined(&self, news: &StayNews) -> Result<Route, StoreFault> {
        let mut stays = Vec::new();
        if let Some(joins) = &news.joins {
            for (kind, pair) in
                [(key::PATIENT, &joins.patient), (key::ACCOUNT, &joins.account), (key::VISIT, &joins.visit)]
            {
                if let Some((from, _)) = pair {
                    stays.extend(self.by(kind, from, OF_ONE_PATIENT)?);
                }
            }
        }
        Ok(self.all(stays))
    }

    /// The stay of the visit or account that is moved.
    fn moved(&self, news: &StayNews) -> Result<Route, StoreFault> {
        let mut stays = Vec::new();
        match (&news.visit.number, &news.visit.account) {
            (Some(number), _) => stays.extend(self.by(key::VISIT, number, CANDIDATES)?),
            (None, Some(account)) => stays.extend(self.by(key::ACCOUNT, account, CANDIDATES)?),
            (None, None) => {}
        }
        Ok(self.all(stays))
    }

    /// The person's stays that still matter to somebody.
    fn person(&self, news: &StayNews) -> Result<Route, StoreFault> {
        let mut stays = Vec::new();
        for number in &news.patient.identifiers {
            for stay in self.by(key::PATIENT, number, OF_ONE_PATIENT)? {
                let row = self.desk.store.stay(self.tenant, &stay)?;
                if row.is_some_and(|row| row.in_house || row.has_work) {
                    stays.push(stay);
                }
            }
        }
        Ok(self.all(stays))
    }

    fn visit(&self, news: &StayNews) -> Result<Route, StoreFault> {
        let numbers = news.visit.number.iter().chain(&news.visit.alternate);
        let mut found: Vec<String> = Vec::new();
        for number in numbers {
            found.extend(self.by(key::VISIT, number, CANDIDATES)?);
        }
        found.dedup();
        if let Some(stay) = self.of_time(&found, news)? {
            return Ok(Route::Stays(vec![stay]));
        }
        // A number that the visit had before; a snapshot names another visit that it goes on from, which stays its own.
        if let Some(prior) = news.visit.prior.as_ref().filter(|_| news.kind != NewsKind::Snapshot) {
            let mut before = self.by(key::VISIT, prior, CANDIDATES)?;
            before.extend(self.by(key::ACCOUNT, prior, CANDIDATES)?);
            if let Some(stay) = self.of_time(&before, news)? {
                return Ok(Route::Stays(vec![stay]));
            }
        }
        if let Some(stay) = self.of_episode(news)? {
            return Ok(Route::Stays(vec![stay]));
        }
        if !self.opens(news) {
            return Ok(Route::Nothing);
        }
        Ok(Route::Opens(self.number(news, found.len())))
    }

    fn load(&self, stay: &str) -> Result<Option<Stay>, StoreFault> {
        match self.desk.load_stay(self.tenant, stay) {
            Ok(stay) => Ok(stay),
            Err(ActError::Fault(fault)) => Err(fault),
            // A damaged stay takes no news; `vigil verify` says more.
            Err(_) => Ok(None),
        }
    }

    /// Among stays of one visit number, the one of the news' time: sites use numbers again after a visit has ended or was
    /// cancelled.
    fn of_time(&self, stays: &[String], news: &StayNews) -> Result<Option<String>, StoreFault> {
        let opening = matches!(news.kind, NewsKind::Register | NewsKind::Admit | NewsKind::PreAdmit);
        if stays.len() == 1 && !opening {
            return Ok(stays.first().cloned());
        }
        let hours = i64::from(self.facility.site.episode_hours);
        for id in stays {
            let Some(stay) = self.load(id)? else { continue };
            let (begins, ends) = bounds(&stay);
            let early = begins.is_some_and(|begins| is_early(&stay, begins, news));
            let late = opening && ends.is_some_and(|e| news.effective_at.as_second() > e.as_second() + hours * 3600);
            if !early && !late {
                return Ok(Some(id.clone()));
            }
        }
        // News without an opening belong to the number's last stay, even when their time fits none.
        Ok(if opening { None } else { stays.first().cloned() })
    }

    /// A stay of the same account within the episode: the emergency visit that an admission goes on from, a planned stay that
    /// comes true under a new number, or the other way round when the messages are late.
    fn of_episode(&self, news: &StayNews) -> Result<Option<String>, StoreFault> {
        let Some(account) = &news.visit.account else { return Ok(None) };
        let hours = i64::from(self.facility.site.episode_hours);
        for id in self.by(key::ACCOUNT, account, CANDIDATES)? {
            let Some(stay) = self.load(&id)? else { continue };
            let at = news.effective_at.as_second();
            let (begins, ends) = bounds(&stay);
            let planned = *stay.track.status().unwrap_or(&PatientStatus::Cancelled) == PatientStatus::PreAdmit;
            let after = ends.is_none_or(|end| at <= end.as_second() + hours * 3600);
            let before = begins.is_none_or(|begins| !is_early(&stay, begins, news));
            if planned || (after && before) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Whether a stay begins with it: plain outpatient visits are watched only where the site says so.
    fn opens(&self, news: &StayNews) -> bool {
        let status = self.facility.site.status_told(news);
        match news.kind {
            NewsKind::SourceDeleted | NewsKind::ExpectDischarge | NewsKind::CancelExpectDischarge => false,
            NewsKind::ClassUp | NewsKind::Order | NewsKind::Snapshot => true,
            _ => match status {
                Some(PatientStatus::Outpatient) => self.facility.site.outpatients,
                Some(_) => true,
                None => !matches!(news.kind, NewsKind::Update | NewsKind::Transfer | NewsKind::Attending),
            },
        }
    }

    /// The number of a stay that begins: of the same visit always the same, so that two that race begin one.
    fn number(&self, news: &StayNews, nth: usize) -> String {
        let number = news.visit.number.as_ref().or(news.visit.alternate.as_ref()).or(news.visit.account.as_ref());
        let key = number.map(Identifier::key).unwrap_or_default();
        let seed = vigil_store::digest_of(format!("{}|{}|{key}|{nth}", self.tenant, self.facility.id).as_bytes());
        ids::stay_number(&seed)
    }
}

/// Whether news are too early for a stay. A stay of which no opening is known yet may have begun at any time before: its first
/// messages are late.
fn is_early(stay: &Stay, begins: Moment, news: &StayNews) -> bool {
    let opening = |kind: &NewsKind| {
        matches!(kind, NewsKind::Register | NewsKind::Admit | NewsKind::PreAdmit | NewsKind::Snapshot)
    };
    stay.news.iter().any(|n| opening(&n.kind))
        && news.effective_at.as_second() < begins.as_second() - EARLY_HOURS * 3_600
}

/// From when to when a stay reached, as far as it is known.
fn bounds(stay: &Stay) -> (Option<Moment>, Option<Moment>) {
    let begins = stay.track.periods.first().map(|p| p.from);
    let last = stay.track.periods.last();
    let ends =
        last.filter(|p| matches!(p.status, PatientStatus::Discharged | PatientStatus::Cancelled)).map(|p| p.from);
    (begins, ends)
}
