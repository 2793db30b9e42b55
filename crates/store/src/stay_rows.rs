//! The hospital's read models: what the census, the lists of due work and the measures show. One table keeps them all, a
//! kind per model; the columns are what lists are found and ordered by, the rest is the model's own body.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use vigil_domain::{
    calendar::number_of,
    status::{Span, midnights_between},
    time::{Day, Moment, Zone},
};

/// A row of one of the hospital's read models, as the table keeps it. The same (kind, id) replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayRow {
    /// Which model.
    pub kind: &'static str,
    /// Its key: the stay id, or the stay id, a slash and a number.
    pub id: String,
    /// The hospital.
    pub hospital: String,
    /// 0 done, 1 open, 2 work is left after the patient has left.
    pub state: i64,
    /// What is open is ordered by this moment; what has none comes last.
    pub due_at: Option<Moment>,
    /// The day by which periods find it.
    pub day: Option<Day>,
    /// Demonstration scenario.
    pub scenario: Option<String>,
    /// The model's body in JSON; empty removes the row.
    pub body: String,
}

/// A read model of stays.
pub trait StayModel: Serialize + DeserializeOwned {
    /// The word under which the table keeps it.
    const KIND: &'static str;
    /// Key, state, due moment, day and scenario; the hospital.
    fn columns(&self) -> StayRow;

    /// The row as the table keeps it.
    fn row(&self) -> StayRow {
        StayRow { kind: Self::KIND, body: body(self), ..self.columns() }
    }
}

/// The body without what is empty: every model reads a field that is absent as its default, and a board reads thousands.
fn body(model: &impl Serialize) -> String {
    serde_json::to_string(model).map(|text| without_empty(&text)).unwrap_or_default()
}

/// What the members of an object may be left out for.
const EMPTY: [&str; 7] = ["null", "false", "0", "0.0", "\"\"", "[]", "{}"];

/// An object's text, as `serde_json` writes it, without the members that say nothing.
fn without_empty(object: &str) -> String {
    let mut out = String::with_capacity(object.len());
    out.push('{');
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    let (mut member, mut value) = (1, 1);
    for (at, byte) in object.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b':' if depth == 1 => value = at + 1,
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' => {
                if depth == 1 && at > member && !EMPTY.contains(&&object[value..at]) {
                    if out.len() > 1 {
                        out.push(',');
                    }
                    out.push_str(&object[member..at]);
                }
                if depth == 1 {
                    member = at + 1;
                }
                depth -= u32::from(byte != b',');
            }
            _ => {}
        }
    }
    out.push('}');
    out
}

fn columns(id: String, hospital: &str, state: i64) -> StayRow {
    let hospital = hospital.to_owned();
    StayRow { kind: "", id, hospital, state, due_at: None, day: None, scenario: None, body: String::new() }
}

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
        let ahead = match (self.at_risk_from, self.zone(), self.in_house) {
            (Some(from), Some(zone), true) => (number_of(zone.day(now)) - number_of(from) + 1).max(0),
            _ => 0,
        };
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

/// A notice owed or given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeRow {
    /// The stay.
    pub stay_id: String,
    /// Number inside the stay.
    pub notice: u32,
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

impl StayModel for NoticeRow {
    const KIND: &'static str = "notice";

    fn columns(&self) -> StayRow {
        let open = self.delivered_at.is_none() && !self.ended;
        let zone = Zone::named(&self.zone).ok();
        StayRow {
            due_at: self.due_at,
            day: zone.and_then(|zone| self.due_at.map(|at| zone.day(at))),
            ..columns(format!("{}/{}", self.stay_id, self.notice), &self.hospital, i64::from(open))
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

/// A stretch of avoidable days, or of delay that does not count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DelayRow {
    /// The stay.
    pub stay_id: String,
    /// Number inside the stay.
    pub stretch: u32,
    /// The hospital.
    pub hospital: String,
    /// Unit.
    pub unit: String,
    /// Patient as listed.
    pub patient: String,
    /// Attending.
    pub attending: String,
    /// Primary payer's name.
    pub payer: String,
    /// Code of the taxonomy.
    pub code: String,
    /// Its group.
    pub group: String,
    /// In words.
    pub says: String,
    /// Counts as avoidable.
    pub counts: bool,
    /// First day.
    pub from: Day,
    /// Last day.
    pub through: Day,
    /// Days, parts included.
    pub days: f64,
    /// Department.
    pub department: String,
    /// More words.
    pub note: String,
    /// Taken back: the row goes.
    pub withdrawn: bool,
}

impl StayModel for DelayRow {
    const KIND: &'static str = "delay";

    fn columns(&self) -> StayRow {
        let id = format!("{}/{}", self.stay_id, self.stretch);
        StayRow { day: Some(self.from), ..columns(id, &self.hospital, i64::from(self.counts)) }
    }

    fn row(&self) -> StayRow {
        let body = if self.withdrawn { String::new() } else { body(self) };
        StayRow { kind: Self::KIND, body, ..self.columns() }
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

/// The figures of one stay for the hospital's measures. A row per stay, not increments: late and corrected messages change
/// what a stay counts for, and the sum over the rows follows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FiguresRow {
    /// The stay.
    pub stay_id: String,
    /// The hospital.
    pub hospital: String,
    /// Unit of discharge, or the present one.
    pub unit: String,
    /// Primary payer's name.
    pub payer: String,
    /// Line of business, its word.
    pub line_of_business: String,
    /// Attending at discharge, or the present one.
    pub attending: String,
    /// The day it counts on: discharge, else first bedded.
    pub day: Day,
    /// The figures by name: see `docs/hospital-measures.md`.
    pub figures: BTreeMap<String, f64>,
}

impl StayModel for FiguresRow {
    const KIND: &'static str = "figures";

    fn columns(&self) -> StayRow {
        StayRow { day: Some(self.day), ..columns(self.stay_id.clone(), &self.hospital, 0) }
    }
}

/// A record kept beside the log that a site loads: a facility, a payer's terms, a table of expected stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `facility`, `payer-terms`, `gmlos`, …
    pub kind: String,
    /// Its id inside the kind.
    pub id: String,
    /// Its body in JSON.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use super::without_empty;

    #[test]
    fn a_body_keeps_what_says_something() {
        let all = r#"{"a":null,"b":"","c":"x, \"y\": {[","d":0,"e":0.0,"f":-1,"g":false,"h":true,"i":[],"j":[0,""],"k":{},"l":{"m":0}}"#;
        let kept = r#"{"c":"x, \"y\": {[","f":-1,"h":true,"j":[0,""],"l":{"m":0}}"#;
        assert_eq!(without_empty(all), kept);
        assert_eq!(without_empty("{}"), "{}");
        assert_eq!(without_empty(r#"{"a":0}"#), "{}");
        assert_eq!(without_empty(r#"{"a":"\\","b":[]}"#), r#"{"a":"\\"}"#);
    }
}
