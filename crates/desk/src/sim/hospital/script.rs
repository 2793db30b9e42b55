//! A stay as it is being written: its patient, its cover, and its beats, each at its moment.

use std::sync::Arc;

use vigil_domain::{
    code::{Code, CodeSystem},
    party::{Contract, LineOfBusiness, PersonName, Sex},
    stay::{
        command::{Command, EnteredReview},
        documented::{Documented, Stated},
        news::{
            ClassNews, DiagnosisNews, DischargeNews, Identifier, NewsKind, NewsSource, OrderState, PatientStatus,
            PayerNews, Place, Practitioner, Road, StatusOrder, StayNews, Told,
        },
        notice::{NoticeKind, Receipt},
        review::{CriteriaUse, ReviewKind, ReviewResult},
    },
    time::{Day, Moment},
};

use super::{Beat, HOSPITALS, people};
use crate::sim::demo::eastern;

/// A payer of a script.
#[derive(Debug, Clone)]
pub(super) struct Cover {
    pub(super) payer: String,
    pub(super) plan: String,
    pub(super) name: String,
    pub(super) line: LineOfBusiness,
    pub(super) member: String,
}

/// A stay as it is being written.
pub(super) struct Script {
    pub(super) stay: String,
    pub(super) visit: String,
    pub(super) hospital: usize,
    pub(super) scenario: Option<String>,
    pub(super) name: PersonName,
    pub(super) born: Day,
    pub(super) sex: Sex,
    pub(super) attending: &'static str,
    pub(super) unit: &'static str,
    pub(super) bed: String,
    pub(super) cover: Cover,
    pub(super) diagnosis: &'static str,
    pub(super) heard: u32,
    pub(super) beats: Vec<(Moment, Beat)>,
}

impl Script {
    pub(super) fn news(&mut self, at: Moment, kind: NewsKind) -> StayNews {
        self.heard += 1;
        let message = format!("{}-{}", self.visit, self.heard);
        let source = NewsSource { road: Road::Simulated, sender: HOSPITALS[self.hospital].0.to_owned(), message };
        let trigger = trigger(&kind);
        let mut news = StayNews::new(source, trigger, kind, at);
        let number = |value: &str, kind: &str| Identifier {
            value: value.to_owned(),
            authority: HOSPITALS[self.hospital].0.to_uppercase(),
            kind: kind.to_owned(),
        };
        news.patient.identifiers = vec![number(&format!("MR{}", self.visit), "MR")];
        news.visit.number = Some(number(&self.visit, "VN"));
        if self.heard == 1 {
            news.patient.name = Some(Told::Is(self.name.clone()));
            news.patient.birth_day = Some(Told::Is(self.born));
            news.patient.sex = Some(Told::Is(self.sex.clone()));
            news.visit.started_at = Some(Told::Is(at));
            let doctor = practitioner(self.attending);
            news.attending = Some(Told::Is(doctor));
            news.payers = Some(vec![self.cover.news()]);
            let code = Code::new(CodeSystem::Icd10Cm, self.diagnosis);
            news.diagnoses = Some(vec![DiagnosisNews { code, kind: "A".into(), rank: 1 }]);
        }
        let place = Place { unit: self.unit.into(), bed: self.bed.clone(), ..Place::default() };
        news.place = Some(Told::Is(place));
        news
    }

    pub(super) fn hear(&mut self, at: Moment, news: StayNews) {
        self.beats.push((at, Beat::Hear(Arc::new(news))));
    }

    /// In the emergency department.
    pub(super) fn arrives(&mut self, at: Moment) {
        let unit = std::mem::replace(&mut self.unit, "ED");
        let mut news = self.news(at, NewsKind::Register);
        self.unit = unit;
        news.class = Some(class("E", PatientStatus::Emergency));
        self.hear(at, news);
    }

    /// An order, and registration's echo of it.
    pub(super) fn ordered(&mut self, at: Moment, status: PatientStatus) {
        let mut order = self.news(at, NewsKind::Order);
        order.order = Some(StatusOrder {
            number: format!("{}-{}", self.visit, self.heard),
            code: Code::new(CodeSystem::read("site"), status.word()),
            status: Some(status.clone()),
            state: OrderState::Placed,
            at,
            ended_at: None,
            by: Some(practitioner(self.attending)),
        });
        self.hear(at, order);
        let inpatient = status == PatientStatus::Inpatient;
        let bedded = self.beats.iter().any(|(_, beat)| matches!(beat, Beat::Hear(n) if n.kind == NewsKind::Admit));
        let echo = match (inpatient, bedded) {
            (true, _) => NewsKind::Admit,
            (false, true) => NewsKind::ClassDown,
            (false, false) => NewsKind::ClassUp,
        };
        let mut echo = self.news(at, echo);
        echo.class = Some(class(if inpatient { "I" } else { "O" }, status));
        self.hear(at, echo);
    }

    pub(super) fn leaves(&mut self, at: Moment, disposition: &str) {
        let mut news = self.news(at, NewsKind::Discharge);
        let discharge = DischargeNews { at: Some(at), disposition: disposition.into(), to: String::new() };
        news.discharge = Some(Told::Is(discharge));
        self.hear(at, news);
    }

    pub(super) fn act(&mut self, at: Moment, by: &'static str, command: Command) {
        self.beats.push((at, Beat::Act(by, Box::new(command))));
    }

    pub(super) fn refused(&mut self, at: Moment, by: &'static str, command: Command, rule: &'static str) {
        self.beats.push((at, Beat::Refused(by, Box::new(command), rule)));
    }

    pub(super) fn deliver(&mut self, at: Moment, by: &'static str, kind: NoticeKind, receipt: Receipt) {
        self.beats.push((at, Beat::Deliver(by, kind, receipt)));
    }

    pub(super) fn documented(&mut self, at: Moment, facts: Vec<Stated>, found_in: &str) {
        let facts = facts.into_iter().map(|fact| Documented { fact, found_in: found_in.to_owned() }).collect();
        self.act(at, "urnurse", Command::Document { by: people::actor("urnurse"), facts });
    }

    /// Two midnights expected and documented, with hospital need.
    pub(super) fn expects(&mut self, at: Moment, midnights: u32) {
        let expectation = Stated::Expectation {
            further_midnights: midnights,
            documented_at: at,
            by: self.attending.to_owned(),
            because: vec!["severity of the signs".into(), "risk of an adverse event".into()],
        };
        self.documented(at, vec![expectation, Stated::HospitalNeed(true)], "admission note");
    }

    pub(super) fn review(
        &mut self,
        at: Moment,
        day: Day,
        kind: ReviewKind,
        result: ReviewResult,
        hospitals: &Hospitals,
    ) {
        let not_met = result == ReviewResult::NotMet;
        let review = EnteredReview {
            kind,
            day,
            criteria: CriteriaUse::TwoMidnight,
            result,
            level: "acute".into(),
            recommended: not_met.then(|| "observation".into()),
            reason: not_met.then(|| "STAT-OBS".into()),
            comments: if not_met { "Stable; one midnight of care is documented.".into() } else { String::new() },
            next_review_on: None,
            no_further: None,
            looked_at: Vec::new(),
        };
        let (advisor, officer) = crate::hospital::act::on_duty(&hospitals[self.hospital], at);
        let by = people::actor("urnurse");
        self.act(at, "urnurse", Command::RecordReview { by, review: Box::new(review), advisor, officer });
    }
}

impl Script {
    /// A continued review on each of these mornings, met.
    pub(super) fn reviewed_daily(&mut self, from: Day, through: Day, hospitals: &Hospitals) {
        let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= through);
        for day in days {
            self.review(eastern(day, 9, 15), day, ReviewKind::Continued, ReviewResult::Met, hospitals);
        }
    }
}

pub(super) type Hospitals = Vec<vigil_domain::stay::facility::Facility>;

/// The message in which a feed would say it.
fn trigger(kind: &NewsKind) -> &'static str {
    match kind {
        NewsKind::Register => "A04",
        NewsKind::Admit => "A01",
        NewsKind::ClassUp => "A06",
        NewsKind::ClassDown => "A07",
        NewsKind::Discharge => "A03",
        NewsKind::Order => "O01",
        _ => "A08",
    }
}

/// As the hospitals' site map codes it: class O is observation by its patient type.
fn class(class: &str, status: PatientStatus) -> ClassNews {
    let observed = status == PatientStatus::Observation;
    let patient_type = if observed { "OBS".to_owned() } else { String::new() };
    ClassNews { class: class.into(), patient_type, status: Some(status), ..ClassNews::default() }
}

fn practitioner(name: &str) -> Practitioner {
    Practitioner { id: name.to_lowercase().replace([' ', '.', ','], ""), npi: None, name: name.to_owned() }
}

impl Cover {
    pub(super) fn original_medicare(member: &str) -> Self {
        Self {
            payer: people::MEDICARE.into(),
            plan: String::new(),
            name: "Original Medicare".into(),
            line: LineOfBusiness::OriginalMedicare,
            member: member.into(),
        }
    }

    pub(super) fn of(contract: &Contract, member: &str) -> Self {
        Self {
            payer: contract.payer_id.clone(),
            plan: contract.plan_id.clone(),
            name: contract.name.clone(),
            line: contract.line_of_business.clone(),
            member: member.into(),
        }
    }

    pub(super) fn news(&self) -> PayerNews {
        PayerNews {
            order: 1,
            plan_id: self.plan.clone(),
            payer_id: self.payer.clone(),
            name: self.name.clone(),
            line_of_business: Some(self.line.clone()),
            member_id: self.member.clone(),
            ..PayerNews::default()
        }
    }
}
