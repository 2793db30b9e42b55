//! The demonstration's department: weeks of work behind it, open cases in every queue, and the scenarios of the tour.
//!
//! [`fill`] lives the six weeks before a moment through the ordinary desk, under a simulated clock, and stops at that
//! moment. The server then goes on with [`Time::shifted`](crate::time::Time::shifted): a clock that runs as the wall clock
//! does and stands at the demonstration's moment when it starts, so that due times mean the same on every day of showing.

mod cut;
mod scenes;
mod tenth;
pub use scenes::promised;

use jiff::civil::date;
use vigil_domain::{
    party::{Credential, Licence},
    time::{Day, Moment, Zone},
};

pub(super) use scenes::Scene;

use super::{
    Failure,
    arrivals::Bent,
    faults::Weather,
    run::{Plan, Sim},
};
use crate::{Desk, act::ActError, errand::MailRoom};

/// The seed of the demonstration.
const SEED: u64 = 20_261_122;
/// Days before the moment of the demonstration.
const DAYS: i64 = 42;
/// Requests in these days: first the ordinary ones …
const ORDINARY: usize = 460;
/// … then those for the service that is met nearly every time, over the first five weeks …
const NEARLY_ALWAYS: usize = 80;
/// … then those of the last days, when more came than the office could look at.
const RUSH: usize = 110;
/// Days of the rush.
const RUSH_DAYS: i64 = 6;

/// The service that is approved nearly every time: the committee may ask why it is reviewed at all.
pub const NEARLY_ALWAYS_MET: &str = "pap-osa-initial";

/// A demonstration account: name, name shown, roles, credential.
pub type DemoPerson = (String, String, Vec<String>, Credential);

/// The moment of the demonstration: Sunday 22 November 2026, noon in New York.
pub fn moment() -> Moment {
    eastern(date(2026, 11, 22), 12, 0)
}

/// A wall-clock time in New York.
pub(super) fn eastern(day: Day, hour: i8, minute: i8) -> Moment {
    let zone = Zone::named("America/New_York").expect("New York is in the bundled zone database");
    day.at(hour, minute, 0, 0).to_zoned(zone.tz().clone()).map_or(Moment::UNIX_EPOCH, |z| z.timestamp())
}

/// Who signs in to the demonstration. The passwords are the front's; the credentials hold in New York.
pub fn people() -> Vec<DemoPerson> {
    let licence = |kind: &str| Licence {
        kind: kind.into(),
        state: "NY".into(),
        number: format!("NY-{kind}-0042"),
        from: date(2012, 7, 1),
        through: date(2029, 6, 30),
    };
    let person = |account: &str, name: &str, role: &str, licences: Vec<Licence>, specialties: &[&str]| {
        let credential = Credential {
            person: account.into(),
            name: name.into(),
            licences,
            specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
            npi: (role == "physician").then(|| super::world::npi(42_424_242)),
            reports_to: (role == "nurse").then(|| "manager".to_owned()),
            attested_on: Some(date(2026, 1, 5)),
        };
        (account.to_owned(), name.to_owned(), vec![role.to_owned()], credential)
    };
    let expertise = [
        "internal-medicine",
        "physical-medicine-and-rehabilitation",
        "pulmonology",
        "sleep-medicine",
        "hospital-medicine",
        "family-medicine",
        "neurology",
        "orthopedic-surgery",
    ];
    let mut people = vec![
        person("nurse", "Nora Vale, RN", "nurse", vec![licence("RN")], &[]),
        person("physician", "Helen Sterling, MD", "physician", vec![licence("MD")], &expertise),
        person("manager", "Miriam Keeper", "manager", Vec::new(), &[]),
        person("intake", "Theo Marchand", "intake", Vec::new(), &[]),
        person("auditor", "Astrid Lindqvist", "auditor", Vec::new(), &[]),
    ];
    people.extend(super::hospital::people().into_iter().map(|(account, name, credential)| {
        let role = if credential.licences.iter().any(|l| l.kind == "MD") { "advisor" } else { "ur-nurse" };
        (account, name, vec![role.to_owned()], credential)
    }));
    people
}

/// What the demonstration holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// Cases made.
    pub cases: usize,
    /// Of these, still open.
    pub open: usize,
    /// Patients in the house.
    pub stays: usize,
}

/// Fills a store with a living department around a moment: see [`moment`].
///
/// # Errors
/// Faults of the store; a scenario that does not come out as it is told.
pub async fn fill(desk: &Desk, now: Moment, mail: MailRoom) -> Result<Filled, ActError> {
    filled(desk, now, mail, (ORDINARY, NEARLY_ALWAYS, RUSH)).await.map(|(filled, _)| filled)
}

/// The scenarios and the hospitals without the rest of the plan's requests, and what did not come out as its script says.
///
/// # Errors
/// Faults of the store.
pub async fn fill_hospitals(desk: &Desk, now: Moment, mail: MailRoom) -> Result<(Filled, Vec<Failure>), ActError> {
    filled(desk, now, mail, (6, 0, 0)).await
}

/// `shares`: ordinary requests, those met nearly always, those of the rush.
async fn filled(
    desk: &Desk,
    now: Moment,
    mail: MailRoom,
    shares: (usize, usize, usize),
) -> Result<(Filled, Vec<Failure>), ActError> {
    let zone = Zone::named("America/New_York").expect("New York is in the bundled zone database");
    let today = zone.day(now);
    let from = today.checked_sub(jiff::Span::new().days(DAYS)).unwrap_or(today);
    let (ordinary, nearly_always, rushed) = shares;
    let (favoured, all) = (ordinary + nearly_always, ordinary + nearly_always + rushed);
    let plan = Plan { seed: SEED, from, days: DAYS, requests: all, dir: None, address: None, drain: 0, faults: false };
    let mut sim = Sim::new(desk.store.clone(), desk.library.clone(), plan).await?;
    let rush = today.checked_sub(jiff::Span::new().days(RUSH_DAYS)).unwrap_or(today);
    sim.bent = Bent {
        nearly_always_met: Some(NEARLY_ALWAYS_MET),
        only_that: (ordinary, favoured),
        behind_from: Some(eastern(rush, 12, 0)),
        fates: false,
    };
    sim.mail = mail;
    sim.weather = Weather::fair();
    sim.weather.begins(sim.now);
    sim.arrivals_of(4, (from, DAYS), 0..ordinary);
    sim.arrivals_of(5, (from, DAYS - RUSH_DAYS - 1), ordinary..favoured);
    sim.arrivals_of(6, (rush, RUSH_DAYS), favoured..all);
    sim.scenes(today)?;
    sim.hospitals(today).await?;
    sim.until(now).await?;
    let open = sim.live.values().filter(|c| !c.is_closed()).count();
    let stays = desk.store.census(crate::MAIN_TENANT, None)?.len();
    Ok((Filled { cases: sim.live.len(), open, stays }, sim.checks.failures))
}
