//! The simulated health system: two hospitals in New York, their people, their payers, and stays with every kind of due
//! work. Each stay is a script of beats; a beat is news or a command like any other, at its moment.

mod census;
mod people;
mod scenes;
mod script;

pub use people::{HOSPITALS, facilities, people, terms};
pub(in crate::sim) use scenes::{REHAB_STAY, TWO_MIDNIGHT_STAY};

use std::sync::Arc;

use vigil_domain::{
    stay::{
        Stay,
        command::Command,
        news::StayNews,
        notice::{NoticeDelivery, NoticeKind, Receipt},
        payer::PayerTerms,
    },
    time::Day,
};
use vigil_store::{Write, WriteItem};

use self::script::{Cover, Hospitals, Script};
use super::run::{Sim, Step};
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
