//! The census board: one row a stay.

use serde::{Deserialize, Serialize};
use vigil_domain::{
    calendar::number_of,
    status::{Span, midnights_between},
    time::{Day, Moment, Zone},
};

use super::model::{StayModel, StayRow, columns};

/// One stay on the census board.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CensusRow {
    /// The stay.
    pub stay_id: String,
    /// The hospital's id.
    pub hospital: String,
    /// Its name.
    pub hospital_name: String,
    /// IANA zone of its days.
    pub zone: String,
    /// In the house.
    pub in_house: bool,
    /// Work is left.
    pub has_work: bool,
    /// Unit.
    pub unit: String,
    /// Unit, room, bed as shown.
    pub bed: String,
    /// Patient as listed.
    pub patient: String,
    /// Birth day.
    pub birth_day: Option<Day>,
    /// Sex, its word.
    pub sex: String,
    /// Visit number.
    pub visit: String,
    /// Patient number.
    pub patient_number: String,
    /// Hidden from lists.
    pub confidential: bool,
    /// Attending.
    pub attending: String,
    /// Primary payer's id.
    pub payer: String,
    /// Primary payer's name.
    pub payer_name: String,
    /// Line of business, its word; empty when nothing is known.
    pub line_of_business: String,
    /// What the patient is: `inpatient`, `observation`, …
    pub status: String,
    /// What the rules support.
    pub supported: String,
    /// On what basis.
    pub basis: String,
    /// How well the facts carry it.
    pub confidence: String,
    /// Alerts that stand, in words.
    pub alerts: Vec<String>,
    /// First care, for the midnight counter.
    pub first_care_at: Option<Moment>,
    /// Midnights of hospital care expected in all, as documented.
    pub expected_midnights: Option<u32>,
    /// Observation began.
    pub observed_at: Option<Moment>,
    /// Inpatient status began.
    pub admitted_at: Option<Moment>,
    /// Left.
    pub discharged_at: Option<Moment>,
    /// Expected to leave.
    pub expected_discharge_at: Option<Moment>,
    /// Leaves of absence: from, until.
    pub leave: Vec<(Moment, Option<Moment>)>,
    /// Authorization number of the primary payer.
    pub authorization: Option<String>,
    /// Last covered day.
    pub authorized_through: Option<Day>,
    /// What the payer answered last; empty when nothing.
    pub payer_answer: String,
    /// Used days that no approval covers and that lie behind.
    pub days_at_risk_behind: u32,
    /// From this day on every further day is at risk too.
    pub at_risk_from: Option<Day>,
    /// Next review.
    pub next_review_on: Option<Day>,
    /// Result of the last review.
    pub last_review: String,
    /// Notices due: kind and due moment.
    pub notices: Vec<(String, Option<Moment>)>,
    /// Rung on which an escalation waits, and whom for.
    pub escalation: Option<(String, String)>,
    /// The earliest open clock: what it watches, and due.
    pub clock: Option<(String, Moment)>,
    /// A due moment passed unmet.
    pub late: bool,
    /// The patient may not be charged while the appeal runs.
    pub liability_held: bool,
    /// The bill is held.
    pub bill_held: bool,
    /// Open physician queries.
    pub queries: u32,
    /// Open barriers to discharge.
    pub barriers: u32,
    /// MS-DRG and its expected days.
    pub ms_drg: Option<String>,
    /// Geometric mean length of stay.
    pub gmlos: Option<f64>,
    /// Who has it.
    pub owner: Option<String>,
    /// Demonstration scenario.
    pub scenario: Option<String>,
}

impl CensusRow {
    fn zone(&self) -> Option<Zone> {
        Zone::named(&self.zone).ok()
    }

    /// Midnights in the house since hospital care began, at a moment.
    pub fn midnights(&self, now: Moment) -> u32 {
        let (Some(from), Some(zone)) = (self.first_care_at, self.zone()) else { return 0 };
        let leave: Vec<Span> = self.leave.iter().map(|(from, to)| Span { from: *from, to: *to }).collect();
        let until = self.discharged_at.map_or(now, |left| left.min(now)).max(from);
        midnights_between(from, until, &zone, &leave)
    }

    /// Days at risk at a moment: used, and covered by no approval.
    pub fn days_at_risk(&self, now: Moment) -> u32 {
        let ahead = self.at_risk_from.filter(|_| self.in_house).and_then(|from| {
            let today = self.zone()?.day(now);
            Some((number_of(today) - number_of(from) + 1).max(0))
        });
        let ahead = ahead.unwrap_or(0);
        self.days_at_risk_behind + u32::try_from(ahead).unwrap_or(0)
    }
}

impl StayModel for CensusRow {
    const KIND: &'static str = "census";

    fn columns(&self) -> StayRow {
        let state = match (self.in_house, self.has_work) {
            (true, _) => 1,
            (false, true) => 2,
            _ => 0,
        };
        let zone = self.zone();
        let day = self.discharged_at.or(self.admitted_at).or(self.first_care_at);
        StayRow {
            due_at: self.clock.as_ref().map(|(_, at)| *at),
            day: zone.and_then(|zone| day.map(|at| zone.day(at))),
            scenario: self.scenario.clone(),
            ..columns(self.stay_id.clone(), &self.hospital, state)
        }
    }
}
