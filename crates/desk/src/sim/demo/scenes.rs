//! The scenarios of the tour, each a case of its own with the dates, persons and due times of the script.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::date};
use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command, LineDecision, PeerTalk},
    },
    code::{Code, CodeSystem},
    determination::Grant,
    evidence::{Fact, Source, Value},
    party::{Address, Coverage, Member, PersonName, Sex},
    request::{Channel, Diagnosis, ExpediteAsker, Identifier, Receipt, Request, Review, StatedMember, Urgency},
    time::{Day, Moment},
};
use vigil_store::{Write, WriteItem};

use super::{cut::COURSE, eastern};
use crate::{
    MAIN_TENANT,
    act::ActError,
    enter::Attached,
    hospital::handover::STAY,
    sim::{
        arrivals,
        hospital::{REHAB_STAY, TWO_MIDNIGHT_STAY},
        people::Role,
        run::{Sim, Step},
        services,
    },
};

/// One step of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Scene {
    /// Scenario 1: Friday evening, on the wrong form.
    Intake,
    /// Scenario 2: arterial oxygen pressure 54.
    OxygenMet,
    /// Scenario 2's twin: saturation 89, no blood gas, darker skin.
    OxygenOximetry,
    /// Scenario 3: the request, Friday 10:05.
    Rehab,
    /// A nurse refers it; the talk is agreed.
    RehabAgreed,
    /// Saturday 11:00, before the decision.
    RehabTalk,
    /// Scenario 4: hospital day 2.
    TwoMidnight,
    /// The nurse leans to observation and refers.
    TwoMidnightLeans,
    /// The physician approves inpatient.
    TwoMidnightApproved,
    /// A later attempt to downgrade.
    TwoMidnightDowngrade,
    /// Scenario 10: eight requests of one site.
    LateLetters,
    /// Decided in time, with the mail room closed.
    LateLettersDecided,
    /// One of them is held: no address.
    LateLetterHeld,
    /// It is filled in too late.
    LateLetterFilled,
    /// The manager takes up the signal.
    Improvement,
    /// Those who sign in to the demonstration have taken some of the work.
    Taken,
    /// And puts a motion.
    Motion,
    /// The committee votes.
    MotionVoted,
    /// A surgery is approved.
    Surgery,
    /// Its nurse approves.
    SurgeryApproved,
    /// Its date is amended.
    SurgeryAmended,
    /// A request without standing.
    Dismissed,
    /// It is dismissed.
    DismissedDone,
    /// A course of heart rehabilitation is asked for under Medicaid.
    Course,
    /// It is approved.
    CourseApproved,
    /// The plan proposes to cut it.
    CutProposed,
    /// The physician signs.
    CutSigned,
    /// Somebody proposes a second cut of the same course.
    CutAgain,
    /// The member asks that it goes on.
    CutContinued,
}

/// The people of the scenarios: member number, family, given, born, sex.
const MEMBERS: &[(&str, &str, &str, Day, Sex)] = &[
    ("D1000001", "Harrowgate", "Edwin", date(1951, 4, 9), Sex::Male),
    ("D2000001", "Tidewater", "Marian", date(1949, 2, 17), Sex::Female),
    ("D2000002", "Okonjo-Field", "Grace", date(1950, 8, 3), Sex::Female),
    ("D3000001", "Lindenbaum", "Arthur", date(1955, 6, 30), Sex::Male),
    ("D4000001", "Castleford", "Ruth", date(1947, 12, 1), Sex::Female),
    ("D5000001", "Verrazan", "Paulo", date(1953, 9, 21), Sex::Male),
    ("D6000001", "Stillwater", "June", date(1952, 1, 14), Sex::Female),
    ("D7000001", "Fernandell", "Tomas", date(1984, 5, 8), Sex::Male),
];

impl Sim {
    /// Puts the scenarios on the agenda; `today` is the Sunday of the demonstration.
    pub(in crate::sim) fn scenes(&mut self, today: Day) -> Result<(), ActError> {
        let day = |back: i64| today.checked_sub(jiff::Span::new().days(back)).unwrap_or(today);
        let (saturday, friday, tuesday) = (day(1), day(2), day(12));
        for (at, scene) in [
            (eastern(day(15), 9, 0), Scene::LateLetters),
            (eastern(day(13), 15, 0), Scene::LateLetterHeld),
            (eastern(tuesday, 8, 30), Scene::LateLettersDecided),
            (eastern(tuesday, 16, 0), Scene::LateLetterFilled),
            (eastern(day(6), 9, 30), Scene::Improvement),
            (eastern(day(6), 10, 40), Scene::Motion),
            (eastern(day(3), 17, 30), Scene::MotionVoted),
            (eastern(day(13), 10, 15), Scene::Surgery),
            (eastern(day(11), 11, 40), Scene::SurgeryApproved),
            (eastern(day(5), 9, 20), Scene::SurgeryAmended),
            (eastern(day(6), 13, 5), Scene::Dismissed),
            (eastern(day(5), 15, 30), Scene::DismissedDone),
            (eastern(day(33), 9, 15), Scene::Course),
            (eastern(day(32), 11, 0), Scene::CourseApproved),
            (eastern(day(5), 10, 10), Scene::CutProposed),
            (eastern(day(3), 14, 20), Scene::CutSigned),
            (eastern(friday, 9, 45), Scene::CutAgain),
            (eastern(saturday, 10, 30), Scene::CutContinued),
            (eastern(friday, 10, 5), Scene::Rehab),
            (eastern(friday, 10, 20), Scene::OxygenMet),
            (eastern(friday, 10, 25), Scene::OxygenOximetry),
            (eastern(friday, 13, 50), Scene::TwoMidnight),
            (eastern(friday, 15, 10), Scene::RehabAgreed),
            (eastern(friday, 16, 30), Scene::TwoMidnightLeans),
            (eastern(friday, 18, 10), Scene::Intake),
            (eastern(saturday, 9, 40), Scene::TwoMidnightApproved),
            (eastern(saturday, 11, 0), Scene::RehabTalk),
            (eastern(saturday, 15, 0), Scene::TwoMidnightDowngrade),
            (eastern(saturday, 17, 0), Scene::Taken),
        ] {
            self.at(at, Step::Scene(scene));
        }
        self.weather.close_mail(eastern(tuesday, 8, 0), eastern(tuesday, 19, 0));
        Ok(())
    }

    /// Plays one step.
    pub(in crate::sim) async fn scene(&mut self, scene: Scene) -> Result<(), ActError> {
        match scene {
            Scene::Intake => self.intake().await,
            Scene::OxygenMet => self.oxygen_met().await,
            Scene::OxygenOximetry => self.oxygen_oximetry().await,
            Scene::Rehab => self.rehab().await,
            Scene::RehabAgreed => self.rehab_agreed().await,
            Scene::RehabTalk => self.rehab_talk().await,
            Scene::TwoMidnight => self.two_midnight().await,
            Scene::TwoMidnightLeans => self.two_midnight_leans().await,
            Scene::TwoMidnightApproved => self.two_midnight_approved().await,
            Scene::TwoMidnightDowngrade => self.two_midnight_downgrade().await,
            Scene::LateLetters => self.late_letters().await,
            Scene::LateLetterHeld => self.late_letter_held().await,
            Scene::LateLetterFilled => self.late_letter_filled().await,
            Scene::LateLettersDecided => self.late_letters_decided().await,
            Scene::Improvement => self.improvement().await,
            Scene::Taken => self.taken().await,
            Scene::Motion => self.motion().await,
            Scene::MotionVoted => self.motion_voted().await,
            Scene::Surgery => self.surgery().await,
            Scene::SurgeryApproved => self.nurse_approves("also-surgery-date").await,
            Scene::SurgeryAmended => self.surgery_amended().await,
            Scene::Dismissed => self.dismissed().await,
            Scene::DismissedDone => self.dismissed_done().await,
            Scene::Course => Box::pin(self.course()).await,
            Scene::CourseApproved => Box::pin(self.nurse_approves(COURSE)).await,
            Scene::CutProposed => Box::pin(self.cut_proposed()).await,
            Scene::CutSigned => Box::pin(self.cut_signed()).await,
            Scene::CutAgain => Box::pin(self.cut_again()).await,
            Scene::CutContinued => Box::pin(self.cut_continued()).await,
        }
    }

    /// A scenario's member, enrolled in a contract.
    async fn enrol_member(&mut self, number: &str, contract: usize) -> Result<Member, ActError> {
        let (id, family, given, born, sex) =
            MEMBERS.iter().find(|m| m.0 == number).expect("the scenarios name members of their table").clone();
        let contract = &self.world.contracts[contract];
        let member = Member {
            payer_id: contract.payer_id.clone(),
            member_id: id.into(),
            name: PersonName { family: family.into(), given: given.into() },
            birth_day: Some(born),
            sex,
            address: Some(Address {
                lines: vec!["14 Sample Street".into()],
                city: "Albany".into(),
                state: "NY".into(),
                zip: "12207".into(),
            }),
            phone: Some("1-518-555-0114".into()),
            language: Some("en".into()),
            provisional: false,
        };
        let coverage = Coverage {
            payer_id: member.payer_id.clone(),
            member_id: member.member_id.clone(),
            subscriber_id: None,
            plan_id: contract.plan_id.clone(),
            from: date(2025, 1, 1),
            through: None,
            order: 1,
        };
        let items = vec![WriteItem::Member(member.clone()), WriteItem::Coverage(coverage)];
        self.desk.store.write(Write::of(MAIN_TENANT, items)).await?;
        Ok(member)
    }

    /// A request of one service for a scenario's member under Medicare Advantage in New York, received now.
    async fn ask_for(&mut self, number: &str, service: &str, scenario: &str) -> Result<Request, ActError> {
        self.ask_under(0, number, service, scenario).await
    }

    /// The same under one of the world's contracts.
    pub(super) async fn ask_under(
        &mut self,
        contract: usize,
        number: &str,
        service: &str,
        scenario: &str,
    ) -> Result<Request, ActError> {
        let member = self.enrol_member(number, contract).await?;
        let service = services::by_id(service);
        let contract = &self.world.contracts[contract];
        let on = contract.zone.day(self.now);
        Ok(Request {
            receipt: Receipt {
                channel: Channel::Portal,
                received_at: self.now,
                proof: format!("portal submission {scenario}"),
                entered_at: self.now,
                entered_by: "intake".into(),
                caller: Some("Dr. Ravi Sampleson's office, 1-518-555-0177".into()),
                authority: Some("treating physician".into()),
                expedite_asked_by: None,
                form_note: None,
            },
            review: Review::Prospective,
            urgency: Urgency::Standard,
            payer_id: contract.payer_id.clone(),
            payer_name: Some(contract.name.clone()),
            plan_id: Some(contract.plan_id.clone()),
            member: StatedMember {
                standing: Default::default(),
                member_id: member.member_id.clone(),
                subscriber_id: None,
                name: member.name.clone(),
                birth_day: member.birth_day,
                sex: member.sex.clone(),
                address: member.address.clone(),
                phone: member.phone.clone(),
                language: member.language.clone(),
            },
            requester: self.world.providers[6].clone(),
            practitioner: None,
            facility: None,
            diagnoses: vec![Diagnosis {
                sequence: 1,
                code: Code::new(CodeSystem::Icd10Cm, service.diagnosis),
                role: Some("principal".into()),
                recorded_on: None,
            }],
            lines: vec![arrivals::line(service, 1, self.zone.day(self.now), 5)],
            items: service.facts(true).into_iter().map(|(id, value)| service.answer(id, value, on)).collect(),
            documents: Vec::new(),
            identifiers: vec![Identifier { system: "urn:demo:scenario".into(), value: format!("{scenario}-{number}") }],
            updates: Vec::new(),
            circumstances: Vec::new(),
            cut: None,
            note: None,
        })
    }

    pub(super) async fn begin(
        &mut self,
        request: Request,
        files: Vec<Attached>,
        scenario: &str,
    ) -> Result<Option<Case>, ActError> {
        let entered = self.desk.enter(MAIN_TENANT, "intake", request, files, Some(scenario.to_owned())).await;
        let case = self.answered(entered)?;
        if let Some(case) = &case {
            self.made.push(case.id.clone());
            self.truth.insert(case.id.clone(), Vec::new());
            // Only the script moves it.
            self.rest_for(&case.id, 24 * 365);
        }
        Ok(case)
    }

    pub(super) fn cases_of(&self, scenario: &str) -> Vec<Case> {
        let by_id: BTreeMap<_, _> =
            self.live.values().filter(|c| c.scenario.as_deref() == Some(scenario)).map(|c| (&c.id, c)).collect();
        by_id.into_values().cloned().collect()
    }

    async fn nurse_approves(&mut self, scenario: &str) -> Result<(), ActError> {
        let by = self.someone(Role::Nurse);
        for case in self.cases_of(scenario) {
            self.open_all(&by, &case).await?;
            let command = Command::Approve {
                by: by.clone(),
                lines: Vec::new(),
                grant: None,
                why: "The documents show the need.".into(),
            };
            self.act(&case.id, &by.person, command).await?;
        }
        Ok(())
    }

    /// Friday 18:10 on the wrong form: due Friday 23:59:59 all the same.
    async fn intake(&mut self) -> Result<(), ActError> {
        let mut request = self.ask_for("D1000001", "lumbar-fusion", "1-intake").await?;
        request.receipt.channel = Channel::Fax;
        request.receipt.proof = "fax banner 2026-11-20 18:10, 4 pages".into();
        request.receipt.entered_at = self.now + SignedDuration::from_mins(35);
        request.receipt.form_note = Some("came on the drug request form; the clock does not care".into());
        let file = Attached {
            title: "Office note".into(),
            media_type: "text/plain".into(),
            bytes: b"Synthetic office note. Low back pain with leg weakness for five months; therapy twelve weeks."
                .to_vec(),
        };
        self.begin(request, vec![file], "1-intake").await.map(drop)
    }

    async fn oxygen_met(&mut self) -> Result<(), ActError> {
        let request = self.ask_for("D2000001", "home-oxygen", "2-oxygen-met").await?;
        self.begin(request, Vec::new(), "2-oxygen-met").await.map(drop)
    }

    async fn oxygen_oximetry(&mut self) -> Result<(), ActError> {
        let mut request = self.ask_for("D2000002", "home-oxygen", "2-oxygen-oximetry").await?;
        let service = services::by_id("home-oxygen");
        request.items.retain(|item| item.link_id.as_deref() != Some("pao2_rest"));
        request.items.push(service.answer("sao2_rest", Value::Number(89.0), self.zone.day(self.now)));
        request.note = Some("Saturation 89 percent by fingertip oximeter; no blood gas was drawn. Darker skin.".into());
        let file = Attached {
            title: "Clinic note".into(),
            media_type: "text/plain".into(),
            bytes: b"Synthetic clinic note. Fingertip oximeter 89 percent at rest on room air. No arterial blood gas. Darker skin: an oximeter may read too high.".to_vec(),
        };
        self.begin(request, vec![file], "2-oxygen-oximetry").await.map(drop)
    }

    /// Stroke, 71: the rehabilitation physician's concurrence is missing.
    async fn rehab(&mut self) -> Result<(), ActError> {
        let mut request = self.ask_for("D3000001", "irf-admission", "3-rehab-peer-to-peer").await?;
        request.urgency = Urgency::Expedited;
        request.receipt.expedite_asked_by = Some(ExpediteAsker::Physician);
        request.items.retain(|item| item.link_id.as_deref() != Some("physician_concurrence"));
        request.facility = Some(self.world.providers[1].clone());
        request.identifiers.push(Identifier { system: STAY.into(), value: self.stay_number(REHAB_STAY) });
        let file = Attached {
            title: "Preadmission screening".into(),
            media_type: "text/plain".into(),
            bytes:
                b"Synthetic preadmission screening. Left middle cerebral artery stroke. Concurrence line not signed."
                    .to_vec(),
        };
        self.begin(request, vec![file], "3-rehab-peer-to-peer").await.map(drop)
    }

    async fn rehab_agreed(&mut self) -> Result<(), ActError> {
        let (nurse, physician) = (self.someone(Role::Nurse), self.someone(Role::Physician));
        for case in self.cases_of("3-rehab-peer-to-peer") {
            self.open_all(&nurse, &case).await?;
            let why = "the rehabilitation physician's concurrence is not in the record".into();
            self.act(&case.id, &nurse.person, Command::Refer { by: nurse.clone(), why }).await?;
            let at = eastern(self.zone.day(self.now).tomorrow().unwrap_or_default(), 11, 0);
            let with = "Dr. Noa Testerman, rehabilitation, 1-518-555-0163".into();
            self.act(&case.id, &physician.person, Command::SchedulePeerToPeer { by: physician.clone(), at, with })
                .await?;
        }
        Ok(())
    }

    async fn rehab_talk(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Physician);
        for case in self.cases_of("3-rehab-peer-to-peer") {
            self.open_all(&by, &case).await?;
            let summary =
                "The rehabilitation physician concurred by telephone and will sign the screening today.".into();
            let talk = Command::RecordPeerToPeer { by: by.clone(), outcome: PeerTalk::HeldNewInformation, summary };
            self.act(&case.id, &by.person, talk).await?;
            self.state(&case, &by, "irf-admission", "physician_concurrence", "peer-to-peer call").await?;
            self.clock(self.now + SignedDuration::from_mins(18));
            self.physician_approves(&case, &by).await?;
        }
        Ok(())
    }

    async fn state(
        &mut self,
        case: &Case,
        by: &Actor,
        service: &str,
        id: &str,
        found_in: &str,
    ) -> Result<(), ActError> {
        let source = Source::Reviewer { person: by.person.clone(), found_in: found_in.into() };
        let fact = Fact { service: service.into(), id: id.into(), value: Value::Bool(true), on: None, source };
        self.act(&case.id, &by.person, Command::StateFacts { by: by.clone(), facts: vec![fact] }).await.map(drop)
    }

    async fn physician_approves(&mut self, case: &Case, by: &Actor) -> Result<(), ActError> {
        let grant = Grant { authorization: String::new(), quantity: None, from: None, through: None, service: None };
        let decisions = vec![LineDecision::Approve { line: 1, grant }];
        let command = Command::Determine {
            by: by.clone(),
            decisions,
            attests_no_conflict: true,
            expertise: self.expertise(&by.person),
        };
        self.act(&case.id, &by.person, command).await.map(drop)
    }

    /// Hospital day 2: the second midnight is expected and documented.
    async fn two_midnight(&mut self) -> Result<(), ActError> {
        let mut request = self.ask_for("D4000001", "inpatient-admission", "4-two-midnight").await?;
        request.review = Review::Concurrent;
        request.identifiers.push(Identifier { system: STAY.into(), value: self.stay_number(TWO_MIDNIGHT_STAY) });
        request.requester = self.world.providers[0].clone();
        request.facility = Some(self.world.providers[0].clone());
        let yesterday = self.zone.day(self.now).yesterday().unwrap_or_default();
        if let Some(line) = request.lines.first_mut() {
            line.from = Some(yesterday);
            line.through = Some(services::by_id("inpatient-admission").last_day(yesterday));
        }
        for item in &mut request.items {
            match item.link_id.as_deref() {
                Some("expected_midnights") => item.value = Some(Value::Number(2.0)),
                _ => continue,
            }
        }
        request.items.retain(|item| item.link_id.as_deref() != Some("factors_documented"));
        let file = Attached {
            title: "Progress note, hospital day 2".into(),
            media_type: "text/plain".into(),
            bytes: b"Synthetic progress note. Acute on chronic heart failure, intravenous diuretics, a second midnight is expected.".to_vec(),
        };
        self.begin(request, vec![file], "4-two-midnight").await.map(drop)
    }

    async fn two_midnight_leans(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Nurse);
        for case in self.cases_of("4-two-midnight") {
            self.open_all(&by, &case).await?;
            let text = "First look leans to observation; the two-midnight benchmark decides.".into();
            self.act(&case.id, &by.person, Command::Note { by: by.clone(), kind: "note".into(), text }).await?;
            let why = "inpatient or observation: the two-midnight benchmark needs a physician".into();
            self.act(&case.id, &by.person, Command::Refer { by: by.clone(), why }).await?;
        }
        Ok(())
    }

    async fn two_midnight_approved(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Physician);
        for case in self.cases_of("4-two-midnight") {
            self.open_all(&by, &case).await?;
            self.state(&case, &by, "inpatient-admission", "factors_documented", "progress note, page 1").await?;
            self.physician_approves(&case, &by).await?;
        }
        Ok(())
    }

    async fn two_midnight_downgrade(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Manager);
        for case in self.cases_of("4-two-midnight") {
            let command = Command::ReduceApproved { by: by.clone(), line: 1, why: "pay as observation".into() };
            let Err(ActError::Refused(refused)) = self.desk.act(MAIN_TENANT, &case.id, &by.person, command).await
            else {
                continue;
            };
            let cites: Vec<String> = refused.iter().filter_map(|r| r.cite.clone()).collect();
            let text = format!("A change to observation was asked for and refused: {}.", cites.join("; "));
            self.act(&case.id, &by.person, Command::Note { by: by.clone(), kind: "note".into(), text }).await?;
        }
        Ok(())
    }

    /// Eight requests of one site whose letters will go out late.
    async fn late_letters(&mut self) -> Result<(), ActError> {
        for number in 0..8_i64 {
            self.clock(self.now + SignedDuration::from_mins(20 + number));
            let mut request = self.ask_for("D5000001", "lumbar-fusion", "10-late-letters").await?;
            let asked_before = |id: &str| self.live.values().any(|case| case.member.member_id == id);
            let (mut member, _) = self
                .world
                .members
                .iter()
                .find(|(member, contract)| *contract == 0 && !asked_before(&member.member_id))
                .cloned()
                .unwrap_or_else(|| self.world.members[0].clone());
            if number == 7 {
                member.address = None;
                let items = vec![WriteItem::Member(member.clone())];
                self.desk.store.write(Write::of(MAIN_TENANT, items)).await?;
            }
            request.member = StatedMember {
                standing: Default::default(),
                member_id: member.member_id,
                subscriber_id: None,
                name: member.name,
                birth_day: member.birth_day,
                sex: member.sex,
                address: member.address,
                phone: member.phone,
                language: member.language,
            };
            request.urgency = Urgency::Expedited;
            request.receipt.expedite_asked_by = Some(ExpediteAsker::Physician);
            request.requester = self.world.providers[0].clone();
            request.facility = Some(self.world.providers[0].clone());
            request.identifiers[0].value = format!("10-late-letters-{number}");
            self.begin(request, Vec::new(), "10-late-letters").await?;
        }
        Ok(())
    }

    async fn late_letters_decided(&mut self) -> Result<(), ActError> {
        self.nurse_approves("10-late-letters").await
    }

    /// One of the eight has no address on the roster: decided on Monday, its letter is held.
    async fn late_letter_held(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Nurse);
        for case in self.cases_of("10-late-letters").into_iter().filter(|case| case.member.address.is_none()) {
            self.open_all(&by, &case).await?;
            let approve = Command::Approve {
                by: by.clone(),
                lines: Vec::new(),
                grant: None,
                why: "The documents show the need.".into(),
            };
            self.act(&case.id, &by.person, approve).await?;
        }
        Ok(())
    }

    /// On Tuesday afternoon somebody fills it in.
    async fn late_letter_filled(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Nurse);
        for case in self.cases_of("10-late-letters") {
            let Some(notice) = case.notices.iter().find(|n| !n.held.is_empty()).map(|n| n.id) else { continue };
            let fields = [("member_address_lines".to_owned(), "14 Sample Street\nAlbany, NY 12207".to_owned())];
            let fill = Command::FillNotice { by: by.clone(), notice, fields: fields.into() };
            self.act(&case.id, &by.person, fill).await?;
        }
        Ok(())
    }

    async fn surgery(&mut self) -> Result<(), ActError> {
        let request = self.ask_for("D6000001", "lumbar-fusion", "also-surgery-date").await?;
        self.begin(request, Vec::new(), "also-surgery-date").await.map(drop)
    }

    /// The surgery moves: the new date is asked as a revised line; the approval stands until it is answered.
    async fn surgery_amended(&mut self) -> Result<(), ActError> {
        for case in self.cases_of("also-surgery-date") {
            let mut request = case.request.clone();
            (request.receipt.received_at, request.receipt.entered_at) = (self.now, self.now);
            request.receipt.proof = "portal amendment also-surgery-date".into();
            let mut moved = request.lines[0].clone();
            moved.sequence = 2;
            moved.certification = vigil_domain::request::Certification::Revised;
            moved.earlier_authorization = Some(case.authorization.clone());
            moved.changed = Some("the surgery was moved by nine days".into());
            moved.from = moved.from.and_then(|d| d.checked_add(jiff::Span::new().days(9)).ok());
            moved.through = moved.through.and_then(|d| d.checked_add(jiff::Span::new().days(9)).ok());
            request.lines.push(moved);
            self.act(&case.id, "intake", Command::Update { request: Box::new(request) }).await?;
        }
        self.clock(self.now + SignedDuration::from_mins(50));
        // The days overlap: a person says that it is one surgery, on its new day.
        let by = self.someone(Role::Nurse);
        for case in self.cases_of("also-surgery-date") {
            let finding = "one surgery, moved by nine days; it is not done on the first day".to_owned();
            let clear = Command::ClearAdministrative { by: by.clone(), line: 2, finding };
            self.act(&case.id, &by.person, clear).await?;
        }
        self.nurse_approves("also-surgery-date").await
    }

    async fn dismissed(&mut self) -> Result<(), ActError> {
        let mut request = self.ask_for("D5000001", "genetic-test", "also-dismissed").await?;
        request.receipt.authority = Some("a neighbour, no appointment of representative on file".into());
        self.begin(request, Vec::new(), "also-dismissed").await.map(drop)
    }

    async fn dismissed_done(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Manager);
        for case in self.cases_of("also-dismissed") {
            let why = "The person who asked is not the member's representative on our records.".into();
            let cite = "42 CFR 422.568(g) (from knowledge, verify)".into();
            self.act(&case.id, &by.person, Command::Dismiss { by: by.clone(), why, cite }).await?;
        }
        Ok(())
    }
}

/// The due times that the script promises, for tests: scenario, due.
pub fn promised(today: Day) -> Vec<(&'static str, Moment)> {
    let day = |ahead: i64| today.checked_add(jiff::Span::new().days(ahead)).unwrap_or(today);
    vec![
        ("1-intake", eastern(day(5), 23, 59) + SignedDuration::from_secs(59)),
        ("3-rehab-peer-to-peer", eastern(day(1), 10, 5)),
    ]
}
