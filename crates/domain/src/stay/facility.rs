//! A facility: one hospital with its zone, its senders, its site map and its people. A record that `vigil import` loads.

use serde::{Deserialize, Serialize};

use super::news::{ClassNews, Kept, PatientStatus, PayerNews, Place, StayNews};
use crate::{
    code::Code,
    party::LineOfBusiness,
    time::{Day, Moment, Zone},
};

/// One hospital. Its zone is the zone of every legal day of its stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facility {
    /// Its short name in Vigil (`mercy`).
    pub id: String,
    /// Its name, as letters show it.
    pub name: String,
    /// The zone of its days, and of feed times that name none.
    pub zone: Zone,
    /// Two-letter state.
    pub state: String,
    /// CMS certification number.
    #[serde(default)]
    pub ccn: Option<String>,
    /// Kind of hospital as the status rules ask (`acute`, `critical-access`, `irf`, `ltch`, `psychiatric`).
    #[serde(default = "acute")]
    pub kind: String,
    /// The senders whose feeds are about this hospital: `APPLICATION` or `APPLICATION|FACILITY` as messages name them.
    #[serde(default)]
    pub senders: Vec<String>,
    /// How this site codes status, orders and payers.
    #[serde(default)]
    pub site: SiteMap,
    /// The UR committee (42 CFR 482.30).
    #[serde(default)]
    pub committee: Vec<CommitteeMember>,
    /// Physician advisors with their hours.
    #[serde(default)]
    pub advisors: Vec<AdvisorDuty>,
    /// Account name of the chief medical officer.
    #[serde(default)]
    pub chief_medical_officer: Option<String>,
    /// Account names of those who cover for the chief medical officer, the first who is there before the next.
    #[serde(default)]
    pub officer_cover: Vec<String>,
    /// Days on which somebody is away: rota and cover pass over them.
    #[serde(default)]
    pub away: Vec<Away>,
    /// The quality improvement organization that hears appeals of its patients, as notices name it.
    #[serde(default)]
    pub quality_organization: Option<QualityOrganization>,
    /// Paid prospectively, so that outliers are reviewed and no day is assigned to every stay; none: nobody has said.
    #[serde(default)]
    pub prospective_payment: Option<bool>,
    /// Medicaid's UR rules (42 CFR part 456) apply here, as the state plan says; none: nobody has said.
    #[serde(default)]
    pub part_456: Option<bool>,
    /// When its feed counts as silent; without it there is no alarm.
    #[serde(default)]
    pub feed_watch: Option<FeedWatch>,
    /// Made for demonstration or tests; pages say so.
    #[serde(default)]
    pub demonstration: bool,
}

/// The organization that hears appeals of discharge and of changed status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityOrganization {
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub phone: String,
}

/// How long a feed may say nothing, at which hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedWatch {
    /// Minutes without any message.
    pub silent_after_minutes: u32,
    /// First hour of the day, local, at which it should speak.
    #[serde(default)]
    pub from_hour: i8,
    /// Hour, local, from which it need not, 1 to 24.
    #[serde(default = "end_of_day")]
    pub until_hour: i8,
}

impl Facility {
    /// Since when its feed has been silent although it should speak; none while it speaks, may rest, or is not watched.
    pub fn silent_since(&self, heard_at: Option<Moment>, now: Moment) -> Option<Moment> {
        let watch = self.feed_watch.as_ref()?;
        let local = self.zone.at(now);
        if local.hour() < watch.from_hour || local.hour() >= watch.until_hour {
            return None;
        }
        let begins = local.date().at(watch.from_hour, 0, 0, 0).to_zoned(self.zone.tz().clone()).ok()?.timestamp();
        // Round the clock there is no morning at which silence begins to count anew.
        let since = match heard_at {
            Some(heard) if watch.from_hour == 0 && watch.until_hour == 24 => heard,
            Some(heard) => heard.max(begins),
            None => begins,
        };
        let silent = now.as_second() - since.as_second() >= i64::from(watch.silent_after_minutes) * 60;
        silent.then(|| heard_at.unwrap_or(since))
    }
}

/// Days on which a physician is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// Account name.
    pub person: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub through: Day,
}

impl Facility {
    /// The advisor on duty at a moment by the rota: the first entry that holds and whose physician is there.
    pub fn advisor_on_duty(&self, at: Moment) -> Option<&AdvisorDuty> {
        let local = self.zone.at(at);
        let (weekday, hour) = (local.weekday().to_monday_one_offset(), local.hour());
        self.advisors.iter().find(|duty| {
            (duty.weekdays.is_empty() || duty.weekdays.contains(&weekday))
                && duty.from_hour <= hour
                && hour < duty.until_hour
                && self.is_there(&duty.person, local.date())
        })
    }

    /// The chief medical officer at a moment, or whoever covers: account name.
    pub fn officer_on_duty(&self, at: Moment) -> Option<&str> {
        let today = self.zone.day(at);
        let line = self.chief_medical_officer.iter().chain(&self.officer_cover);
        line.map(String::as_str).find(|person| self.is_there(person, today))
    }

    /// Physicians of its UR committee who may act on a day: appointed, there, and without a financial interest.
    pub fn members_on(&self, day: Day) -> impl Iterator<Item = &CommitteeMember> {
        let may = move |m: &&CommitteeMember| {
            m.physician && !m.financial_interest && m.appointed_on(day) && self.is_there(&m.person, day)
        };
        self.committee.iter().filter(may)
    }

    fn is_there(&self, person: &str, day: Day) -> bool {
        !self.away.iter().any(|away| away.person == person && away.from <= day && day <= away.through)
    }

    /// The name of one of its physicians.
    pub fn name_of(&self, person: &str) -> Option<&str> {
        let members = self.committee.iter().map(|m| (&m.person, &m.name));
        let advisors = self.advisors.iter().map(|a| (&a.person, &a.name));
        members.chain(advisors).find(|(known, _)| *known == person).map(|(_, name)| name.as_str())
    }
}

fn acute() -> String {
    "acute".to_owned()
}

/// A member of the UR committee, for the days of the appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitteeMember {
    /// Account name.
    pub person: String,
    /// Name as shown.
    pub name: String,
    /// A doctor of medicine or osteopathy.
    pub physician: bool,
    /// Appointed from.
    pub from: Day,
    /// Appointed through; open when absent.
    #[serde(default)]
    pub through: Option<Day>,
    /// Has a direct financial interest in the hospital: may not review.
    #[serde(default)]
    pub financial_interest: bool,
}

impl CommitteeMember {
    /// Whether the appointment holds on a day.
    pub fn appointed_on(&self, day: Day) -> bool {
        self.from <= day && self.through.is_none_or(|through| day <= through)
    }
}

/// When a physician advisor is on duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisorDuty {
    /// Account name.
    pub person: String,
    /// Name as shown.
    pub name: String,
    /// Weekdays, 1 Monday to 7 Sunday; empty for every day.
    #[serde(default)]
    pub weekdays: Vec<i8>,
    /// First hour of the day, local, 0 to 23.
    #[serde(default)]
    pub from_hour: i8,
    /// Hour at which duty ends, local, 1 to 24.
    #[serde(default = "end_of_day")]
    pub until_hour: i8,
}

fn end_of_day() -> i8 {
    24
}

/// How a site codes what the law asks. Data, never code: no standard has a code for observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteMap {
    /// The version, kept with what was read by it.
    pub version: String,
    /// Rules from class to status; the first that fits holds.
    pub classes: Vec<ClassRule>,
    /// Rules from order to status; the first that fits holds.
    pub orders: Vec<OrderRule>,
    /// Rules from payer to line of business; the first that fits holds.
    pub payers: Vec<PayerRule>,
    /// Fields in which the site sends when care began, as `ZPV-3`.
    pub care_start: Vec<String>,
    /// Whether plain outpatient registrations become stays. Off: only when they turn into more.
    pub outpatients: bool,
    /// Hours after a discharge in which a new visit on the same account goes on from it.
    pub episode_hours: u32,
}

impl Default for SiteMap {
    fn default() -> Self {
        Self {
            version: "standard".to_owned(),
            classes: Vec::new(),
            orders: Vec::new(),
            payers: Vec::new(),
            care_start: Vec::new(),
            outpatients: false,
            episode_hours: 24,
        }
    }
}

/// One rule from a site's codes to a status: every part that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRule {
    /// Patient class (PV1-2).
    #[serde(default)]
    pub class: Option<String>,
    /// Patient type (PV1-18).
    #[serde(default)]
    pub patient_type: Option<String>,
    /// Hospital service (PV1-10).
    #[serde(default)]
    pub service: Option<String>,
    /// Accommodation (PV1-20).
    #[serde(default)]
    pub accommodation: Option<String>,
    /// The unit (PV1-3.1).
    #[serde(default)]
    pub unit: Option<String>,
    /// A field of a site's own segment and its value: `ZPV-4=OBS`.
    #[serde(default)]
    pub field: Option<String>,
    /// The status it means.
    pub status: PatientStatus,
}

/// One rule from an order to a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRule {
    /// The order's code.
    #[serde(default)]
    pub code: Option<String>,
    /// Words in the order's text, any case.
    #[serde(default)]
    pub words: Option<String>,
    /// The status ordered; `discharged` for a discharge order.
    pub status: PatientStatus,
}

/// One rule from a payer to its line of business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerRule {
    /// Payer id.
    #[serde(default)]
    pub payer_id: Option<String>,
    /// Plan id.
    #[serde(default)]
    pub plan_id: Option<String>,
    /// Plan type as coded.
    #[serde(default)]
    pub plan_type: Option<String>,
    /// Words in the name or plan type, any case.
    #[serde(default)]
    pub words: Option<String>,
    /// The line of business.
    pub line_of_business: LineOfBusiness,
}

/// A given part fits when it is the value; a part not given always fits.
fn fits(part: Option<&String>, value: &str) -> bool {
    part.is_none_or(|p| p.eq_ignore_ascii_case(value))
}

fn within(part: Option<&String>, text: &str) -> bool {
    part.is_none_or(|p| text.to_lowercase().contains(&p.to_lowercase()))
}

impl ClassRule {
    fn fits(&self, class: &ClassNews, place: Option<&Place>, kept: &[Kept]) -> bool {
        let field = self.field.as_ref().is_none_or(|wanted| {
            wanted.split_once('=').is_some_and(|(name, value)| kept.iter().any(|k| k.field(name) == Some(value)))
        });
        field
            && fits(self.class.as_ref(), &class.class)
            && fits(self.patient_type.as_ref(), &class.patient_type)
            && fits(self.service.as_ref(), &class.service)
            && fits(self.accommodation.as_ref(), &class.accommodation)
            && fits(self.unit.as_ref(), place.map_or("", |p| &p.unit))
    }
}

impl SiteMap {
    /// The status that a site's codes mean: the site's own rules first, then the classes that every site shares.
    pub fn status_of(&self, class: &ClassNews, place: Option<&Place>, kept: &[Kept]) -> Option<PatientStatus> {
        let own = self.classes.iter().find(|r| r.fits(class, place, kept)).map(|r| r.status.clone());
        own.or_else(|| standard_status(&class.class))
    }

    /// The status that news tell by their class; what the map made of it at receipt where it no longer has a rule.
    pub fn status_told(&self, news: &StayNews) -> Option<PatientStatus> {
        let class = news.class.as_ref()?;
        let place = news.place.as_ref().and_then(|p| p.value());
        self.status_of(class, place, &news.kept).or_else(|| class.status.clone())
    }

    /// The status that an order asks for.
    pub fn status_of_order(&self, code: &Code) -> Option<PatientStatus> {
        let text = code.label.as_deref().unwrap_or_default();
        let rule = self.orders.iter().find(|r| {
            (r.code.is_some() || r.words.is_some())
                && fits(r.code.as_ref(), &code.value)
                && within(r.words.as_ref(), text)
        });
        rule.map(|r| r.status.clone())
    }

    /// The line of business of a payer.
    pub fn line_of(&self, payer: &PayerNews) -> Option<LineOfBusiness> {
        let text = format!("{} {}", payer.name, payer.plan_type);
        let rule = self.payers.iter().find(|r| {
            fits(r.payer_id.as_ref(), &payer.payer_id)
                && fits(r.plan_id.as_ref(), &payer.plan_id)
                && fits(r.plan_type.as_ref(), &payer.plan_type)
                && within(r.words.as_ref(), &text)
        });
        rule.map(|r| r.line_of_business.clone())
    }
}

/// HL7 table 0004 and the FHIR act codes, where they say enough. Obstetrics, commercial, recurring and unknown do not.
fn standard_status(class: &str) -> Option<PatientStatus> {
    match class.to_ascii_uppercase().as_str() {
        "E" | "EMER" => Some(PatientStatus::Emergency),
        "I" | "IMP" | "ACUTE" | "NONAC" => Some(PatientStatus::Inpatient),
        "O" | "R" | "AMB" | "SS" => Some(PatientStatus::Outpatient),
        "P" | "PRENC" => Some(PatientStatus::PreAdmit),
        "OBSENC" => Some(PatientStatus::Observation),
        _ => None,
    }
}

impl Kept {
    /// A field of a segment kept as it came, by its name `ZPV-3`; the first field is 1. Fields are set apart by the
    /// sender's own separator, the character after the segment's name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let (segment, number) = name.split_once('-')?;
        let rest = self.text.strip_prefix(self.name.as_str()).filter(|_| segment == self.name)?;
        let separator = rest.chars().next()?;
        rest.split(separator).nth(number.parse().ok()?)
    }
}
