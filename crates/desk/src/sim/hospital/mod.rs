//! The simulated health system: two hospitals in New York, their people, their payers, and stays with every kind of due
//! work. Each stay is a script of beats; a beat is news or a command like any other, at its moment.

mod census;
mod people;
mod scenes;

pub use people::{HOSPITALS, facilities, people, terms};
pub(in crate::sim) use scenes::{REHAB_STAY, TWO_MIDNIGHT_STAY};

use std::sync::Arc;

use vigil_domain::{
    code::{Code, CodeSystem},
    party::{Contract, LineOfBusiness, PersonName, Sex},
    stay::{
        Stay,
        command::{Command, EnteredReview},
        documented::{Documented, Stated},
        news::{
            ClassNews, DiagnosisNews, DischargeNews, Identifier, NewsKind, NewsSource, OrderState, PatientStatus,
            PayerNews, Place, Practitioner, Road, StatusOrder, StayNews, Told,
        },
        notice::{NoticeDelivery, NoticeKind, Receipt},
        payer::PayerTerms,
        review::{CriteriaUse, ReviewKind, ReviewResult},
    },
    time::{Day, Moment},
};
use vigil_store::{Write, WriteItem};

use super::{
    demo::eastern,
    run::{Sim, Step},
};
use crate::{
    MAIN_TENANT,
    act::ActError,
    hospital::{books::hospital_of, handover::Asked, records},
    ids,
};

/// Something that happens to a stay at its moment.
#[derive(Debug, Clone)]
pub(in crate::sim) enum Beat {
    /// A feed says something.
    Hear(Arc<StayNews>),
    /// A person does something.
    Act(&'static str, Box<Command>),
    /// A person tries something that is refused by a rule; the note says so.
    Refused(&'static str, Box<Command>, &'static str),
    /// A notice is delivered, if it is owed then.
    Deliver(&'static str, NoticeKind, Receipt),
    /// The plan that runs here is asked.
    AskPlan(&'static str, Box<Asked>),
}

/// A beat of one stay.
#[derive(Debug, Clone)]
pub(in crate::sim) struct StayBeat {
    stay: String,
    hospital: usize,
    scenario: Option<String>,
    beat: Beat,
}

/// A payer of a script.
#[derive(Debug, Clone)]
struct Cover {
    payer: String,
    plan: String,
    name: String,
    line: LineOfBusiness,
    member: String,
}

/// A stay as it is being written.
struct Script {
    stay: String,
    visit: String,
    hospital: usize,
    scenario: Option<String>,
    name: PersonName,
    born: Day,
    sex: Sex,
    attending: &'static str,
    unit: &'static str,
    bed: String,
    cover: Cover,
    diagnosis: &'static str,
    heard: u32,
    beats: Vec<(Moment, Beat)>,
}

impl Script {
    fn news(&mut self, at: Moment, kind: NewsKind) -> StayNews {
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

    fn hear(&mut self, at: Moment, news: StayNews) {
        self.beats.push((at, Beat::Hear(Arc::new(news))));
    }

    /// In the emergency department.
    fn arrives(&mut self, at: Moment) {
        let unit = std::mem::replace(&mut self.unit, "ED");
        let mut news = self.news(at, NewsKind::Register);
        self.unit = unit;
        news.class = Some(class("E", PatientStatus::Emergency));
        self.hear(at, news);
    }

    /// An order, and registration's echo of it.
    fn ordered(&mut self, at: Moment, status: PatientStatus) {
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

    fn leaves(&mut self, at: Moment, disposition: &str) {
        let mut news = self.news(at, NewsKind::Discharge);
        let discharge = DischargeNews { at: Some(at), disposition: disposition.into(), to: String::new() };
        news.discharge = Some(Told::Is(discharge));
        self.hear(at, news);
    }

    fn act(&mut self, at: Moment, by: &'static str, command: Command) {
        self.beats.push((at, Beat::Act(by, Box::new(command))));
    }

    fn refused(&mut self, at: Moment, by: &'static str, command: Command, rule: &'static str) {
        self.beats.push((at, Beat::Refused(by, Box::new(command), rule)));
    }

    fn deliver(&mut self, at: Moment, by: &'static str, kind: NoticeKind, receipt: Receipt) {
        self.beats.push((at, Beat::Deliver(by, kind, receipt)));
    }

    fn documented(&mut self, at: Moment, facts: Vec<Stated>, found_in: &str) {
        let facts = facts.into_iter().map(|fact| Documented { fact, found_in: found_in.to_owned() }).collect();
        self.act(at, "urnurse", Command::Document { by: people::actor("urnurse"), facts });
    }

    /// Two midnights expected and documented, with hospital need.
    fn expects(&mut self, at: Moment, midnights: u32) {
        let expectation = Stated::Expectation {
            further_midnights: midnights,
            documented_at: at,
            by: self.attending.to_owned(),
            because: vec!["severity of the signs".into(), "risk of an adverse event".into()],
        };
        self.documented(at, vec![expectation, Stated::HospitalNeed(true)], "admission note");
    }

    fn review(&mut self, at: Moment, day: Day, kind: ReviewKind, result: ReviewResult, hospitals: &Hospitals) {
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
    fn reviewed_daily(&mut self, from: Day, through: Day, hospitals: &Hospitals) {
        let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= through);
        for day in days {
            self.review(eastern(day, 9, 15), day, ReviewKind::Continued, ReviewResult::Met, hospitals);
        }
    }
}

type Hospitals = Vec<vigil_domain::stay::facility::Facility>;

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
    fn original_medicare(member: &str) -> Self {
        Self {
            payer: people::MEDICARE.into(),
            plan: String::new(),
            name: "Original Medicare".into(),
            line: LineOfBusiness::OriginalMedicare,
            member: member.into(),
        }
    }

    fn of(contract: &Contract, member: &str) -> Self {
        Self {
            payer: contract.payer_id.clone(),
            plan: contract.plan_id.clone(),
            name: contract.name.clone(),
            line: contract.line_of_business.clone(),
            member: member.into(),
        }
    }

    fn news(&self) -> PayerNews {
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

impl Sim {
    /// Opens the two hospitals, and puts their stays on the agenda. `today` is the day of the demonstration.
    pub(in crate::sim) async fn hospitals(&mut self, today: Day) -> Result<(), ActError> {
        let facilities = people::facilities();
        let mut items: Vec<WriteItem> = Vec::new();
        for facility in &facilities {
            items.push(records::record(records::FACILITY, &facility.id, facility)?);
        }
        for terms in people::terms(&self.world.contracts) {
            items.push(records::terms_record(&terms)?);
        }
        for row in people::expected_stays() {
            items.push(records::expected_record(&row)?);
        }
        self.desk.store.write(Write::of(MAIN_TENANT, items)).await?;
        let mut scripts = scenes::scripts(self, today, &facilities);
        scripts.extend(census::scripts(self, today, &facilities));
        for script in scripts {
            let Script { stay, hospital, scenario, beats, .. } = script;
            for (at, beat) in beats {
                let beat = StayBeat { stay: stay.clone(), hospital, scenario: scenario.clone(), beat };
                self.at(at, Step::Hospital(Box::new(beat)));
            }
        }
        Ok(())
    }

    /// A stay's number: counted, so that the same seed gives the same stays.
    pub(in crate::sim) fn stay_number(&self, n: u64) -> String {
        ids::case_number(
            super::demo::moment(),
            &n.wrapping_add(77).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17).to_be_bytes(),
        )
    }

    /// Plays one beat.
    pub(in crate::sim) async fn beat(&mut self, beat: StayBeat) -> Result<(), ActError> {
        let StayBeat { stay, hospital, scenario, beat } = beat;
        match beat {
            Beat::Hear(news) => {
                let facility = people::facilities().swap_remove(hospital);
                let command = Command::TakeNews {
                    stay: stay.clone(),
                    hospital: Arc::new(hospital_of(&facility)),
                    news,
                    terms: self.terms(),
                    scenario,
                };
                self.stay_does(&stay, "feed", command).await.map(drop)
            }
            Beat::Act(by, command) => self.stay_does(&stay, by, self.numbered(&stay, *command)?).await.map(drop),
            Beat::Refused(by, command, rule) => {
                let command = self.numbered(&stay, *command)?;
                self.stay_refuses(&stay, by, command, rule).await
            }
            Beat::Deliver(by, kind, receipt) => self.stay_delivers(&stay, by, kind, receipt).await,
            Beat::AskPlan(by, asked) => {
                let asked = self.desk.ask_plan_here(MAIN_TENANT, &stay, people::actor(by), *asked).await;
                self.checks.hold("the plan takes the hospital's request", asked.is_ok(), &stay, self.now, || {
                    format!("{:?}", asked.as_ref().err())
                });
                let Some(case) = asked.ok().and_then(|(_, answered)| answered.case) else { return Ok(()) };
                self.truth.entry(case.clone()).or_default();
                self.made.push(case.clone());
                // Only people at the showing move it.
                self.rest_for(&case, 24 * 365);
                self.reload(&case).map(drop)
            }
        }
    }

    fn terms(&self) -> Vec<PayerTerms> {
        people::terms(&self.world.contracts)
    }

    /// Commands written ahead name the newest escalation, dispute or request by 0; here they get its number.
    fn numbered(&self, stay: &str, mut command: Command) -> Result<Command, ActError> {
        let Some(known) = self.desk.load_stay(MAIN_TENANT, stay)? else { return Ok(command) };
        let last = known.escalations.last().map_or(0, |e| e.id);
        match &mut command {
            Command::Advise { escalation, .. }
            | Command::RecordAttending { escalation, .. }
            | Command::Determine { escalation, .. } => *escalation = last,
            Command::EndDispute { dispute, .. } => *dispute = known.disputes.last().map_or(0, |d| d.id),
            Command::MovePostAcute { request, .. } => *request = known.post_acute.last().map_or(0, |p| p.id),
            _ => {}
        }
        Ok(command)
    }

    async fn stay_does(&mut self, stay: &str, by: &str, command: Command) -> Result<Option<Stay>, ActError> {
        let said = format!("{command:?}");
        match self.desk.act_stay(MAIN_TENANT, stay, by, command).await {
            Ok(after) => Ok(Some(after)),
            Err(ActError::Refused(refused)) => {
                self.checks.hold("a stay does what its script says", false, stay, self.now, || {
                    format!("{}: {refused:?}", said.chars().take(80).collect::<String>())
                });
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// A step that the law bars: it is tried, and the note on the stay says what refused it.
    async fn stay_refuses(
        &mut self,
        stay: &str,
        by: &str,
        command: Command,
        rule: &'static str,
    ) -> Result<(), ActError> {
        let answer = self.desk.act_stay(MAIN_TENANT, stay, by, command).await;
        let refused = match answer {
            Err(ActError::Refused(refused)) => refused,
            Err(other) => return Err(other),
            Ok(_) => Vec::new(),
        };
        let named = refused.iter().any(|r| r.rule.starts_with(rule));
        self.checks
            .hold("an illegal step is refused by its rule", named, stay, self.now, || format!("{rule}: {refused:?}"));
        let Some(first) = refused.iter().find(|r| r.rule.starts_with(rule)) else { return Ok(()) };
        let cite = first.cite.as_deref().unwrap_or("house rule");
        let text = format!("Tried and refused: {} ({cite}). {}", first.says, first.instead);
        let note = Command::Note { by: people::actor("urnurse"), text };
        self.stay_does(stay, "urnurse", note).await.map(drop)
    }

    async fn stay_delivers(
        &mut self,
        stay: &str,
        by: &'static str,
        kind: NoticeKind,
        receipt: Receipt,
    ) -> Result<(), ActError> {
        let Some(known) = self.desk.load_stay(MAIN_TENANT, stay)? else { return Ok(()) };
        let Some(notice) = known.open_notices().find(|n| n.kind == kind).map(|n| n.id) else {
            self.checks.hold("a notice is owed when it is given", false, stay, self.now, || kind.word().to_owned());
            return Ok(());
        };
        let far = receipt == Receipt::Telephone;
        let who = people::actor(by);
        let signer = match receipt {
            Receipt::Signed => known.track.patient.name.spoken(),
            _ => format!("{}, certifies", who.name),
        };
        let delivery = NoticeDelivery {
            at: self.now,
            to: if far { "daughter, health care proxy".into() } else { "patient".into() },
            receipt,
            signer,
            explained: true,
            paper_copy: true,
            language: "en".into(),
            document: None,
            signature: None,
        };
        let command = Command::DeliverNotice { by: who, notice, delivery: Box::new(delivery) };
        self.stay_does(stay, by, command).await.map(drop)
    }
}
