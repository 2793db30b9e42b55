//! Lists of due work: notices, payers, queries, escalations.

use serde::{Deserialize, Serialize};
use vigil_domain::time::{Day, Moment, Zone};

use super::model::{StayModel, StayRow, columns};

/// A notice owed or given, or a review of the UR plan that is owed with its decision and notice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeRow {
    /// The stay.
    pub stay_id: String,
    /// Number inside the stay: of the notice, or of the clock where `about` names a review of the UR plan.
    pub notice: u32,
    /// Which review of the UR plan; empty for a notice.
    pub about: String,
    /// The hospital.
    pub hospital: String,
    /// IANA zone.
    pub zone: String,
    /// Unit.
    pub unit: String,
    /// Bed as shown.
    pub bed: String,
    /// Patient as listed.
    pub patient: String,
    /// The stay is confidential: lists do not name it.
    pub confidential: bool,
    /// Which, its word.
    pub kind: String,
    /// Which, for people.
    pub title: String,
    /// Why.
    pub why: String,
    /// Citation.
    pub cite: String,
    /// Due.
    pub due_at: Option<Moment>,
    /// The window has passed unmet.
    pub late: bool,
    /// Given: when.
    pub delivered_at: Option<Moment>,
    /// How: `signed`, `refused`, …
    pub receipt: String,
    /// No longer owed.
    pub ended: bool,
}

impl NoticeRow {
    /// Notices and reviews are numbered apart.
    fn id(&self) -> String {
        let room = if self.about.is_empty() { "" } else { "plan/" };
        format!("{}/{room}{}", self.stay_id, self.notice)
    }
}

impl StayModel for NoticeRow {
    const KIND: &'static str = "notice";

    fn columns(&self) -> StayRow {
        let open = self.delivered_at.is_none() && !self.ended;
        let zone = Zone::named(&self.zone).ok();
        StayRow {
            due_at: self.due_at,
            day: zone.and_then(|zone| self.due_at.map(|at| zone.day(at))),
            ..columns(self.id(), &self.hospital, i64::from(open))
        }
    }
}

/// Where a stay stands with one payer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PayerRow {
    /// The stay.
    pub stay_id: String,
    /// The hospital.
    pub hospital: String,
    /// IANA zone.
    pub zone: String,
    /// Unit.
    pub unit: String,
    /// Bed as shown.
    pub bed: String,
    /// Patient as listed.
    pub patient: String,
    /// The stay is confidential: lists do not name it.
    pub confidential: bool,
    /// The payer.
    pub payer: String,
    /// Its name.
    pub payer_name: String,
    /// Line of business, its word.
    pub line_of_business: String,
    /// 1 first, 2 second, …; 0 when it is no coverage any more.
    pub order: u8,
    /// Told: when, the payer's reference.
    pub notified: Option<(Moment, Option<String>)>,
    /// What telling it late puts at risk.
    pub late: Option<String>,
    /// Clinicals sent last: when, confirmation.
    pub clinicals: Option<(Moment, String)>,
    /// Asked last: when, what.
    pub asked: Option<(Moment, String)>,
    /// Answered last: when said, what, who said so, how.
    pub answer: Option<(Moment, String, String, String)>,
    /// Authorization number.
    pub authorization: Option<String>,
    /// Last covered day.
    pub through: Option<Day>,
    /// The payer's next review.
    pub next_review_on: Option<Day>,
    /// Disputes that run, their words.
    pub disputes: Vec<String>,
    /// The earliest open clock about this payer: what, due.
    pub clock: Option<(String, Moment)>,
    /// A clock about this payer passed unmet.
    pub overdue: bool,
    /// The approved admission locked its evidence.
    pub locked: bool,
    /// The patient is in the house.
    pub in_house: bool,
}

impl StayModel for PayerRow {
    const KIND: &'static str = "payer";

    fn columns(&self) -> StayRow {
        let open = self.in_house || self.clock.is_some();
        StayRow {
            due_at: self.clock.as_ref().map(|(_, at)| *at),
            day: self.through,
            ..columns(format!("{}/{}", self.stay_id, self.payer), &self.hospital, i64::from(open))
        }
    }
}

/// A physician query.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QueryRow {
    /// The stay.
    pub stay_id: String,
    /// Number inside the stay.
    pub query: u32,
    /// The hospital.
    pub hospital: String,
    /// IANA zone.
    pub zone: String,
    /// Unit.
    pub unit: String,
    /// Patient as listed.
    pub patient: String,
    /// The stay is confidential: lists do not name it.
    pub confidential: bool,
    /// About what, its word.
    pub kind: String,
    /// To whom.
    pub to: String,
    /// The question.
    pub question: String,
    /// What in the record made it.
    pub because: String,
    /// Asked.
    pub asked_at: Moment,
    /// By whom.
    pub asked_by: String,
    /// Due.
    pub due_at: Option<Moment>,
    /// Outcome, its word; empty while open.
    pub outcome: String,
    /// Answered.
    pub answered_at: Option<Moment>,
}

impl StayModel for QueryRow {
    const KIND: &'static str = "query";

    fn columns(&self) -> StayRow {
        let id = format!("{}/{}", self.stay_id, self.query);
        let day = Zone::named(&self.zone).ok().map(|zone| zone.day(self.asked_at));
        StayRow { due_at: self.due_at, day, ..columns(id, &self.hospital, i64::from(self.answered_at.is_none())) }
    }
}

/// An escalation: the physician advisor's queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EscalationRow {
    /// The stay.
    pub stay_id: String,
    /// Number inside the stay.
    pub escalation: u32,
    /// The hospital.
    pub hospital: String,
    /// IANA zone.
    pub zone: String,
    /// Unit.
    pub unit: String,
    /// Bed as shown.
    pub bed: String,
    /// Patient as listed.
    pub patient: String,
    /// The stay is confidential: lists do not name it.
    pub confidential: bool,
    /// Primary payer's name.
    pub payer: String,
    /// What the patient is.
    pub status: String,
    /// Why it went up.
    pub why: String,
    /// The rung, its word.
    pub rung: String,
    /// Account it waits for; empty for the attending and the committee at large.
    pub to: String,
    /// Their name.
    pub name: String,
    /// Since when on this rung.
    pub since: Moment,
    /// By when policy wants an answer.
    pub due_at: Option<Moment>,
    /// Ended: how.
    pub closed: Option<String>,
    /// First raised.
    pub raised_at: Moment,
    /// First advice, its word.
    pub advice: String,
}

impl StayModel for EscalationRow {
    const KIND: &'static str = "escalation";

    fn columns(&self) -> StayRow {
        let id = format!("{}/{}", self.stay_id, self.escalation);
        let day = Zone::named(&self.zone).ok().map(|zone| zone.day(self.raised_at));
        StayRow { due_at: self.due_at, day, ..columns(id, &self.hospital, i64::from(self.closed.is_none())) }
    }
}
