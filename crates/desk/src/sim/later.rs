//! What comes through the doors: requests, and whatever befalls them afterwards.

use jiff::SignedDuration;
use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command, PeerTalk},
        decide::extend::conditions,
    },
    law::LawBook,
    request::{ExpediteAsker, Identifier, Request},
    time::Moment,
};

use super::{
    arrivals::{self, Asked, Fate},
    people::Role,
    report::Report,
    rng::Rng,
    run::{Sim, Step},
};
use crate::{MAIN_TENANT, act::ActError, receive::Answered};

/// Something that befalls a case at its moment.
#[derive(Debug, Clone)]
pub(super) enum Later {
    /// Drawn with the request.
    Fate(Fate, Box<Asked>),
    /// What was asked for comes in.
    Information { complete: bool },
    /// The talk that was agreed.
    Talk,
    /// The plan looks at a request to expedite.
    Decline,
}

impl Sim {
    /// A request reaches us: a message is answered at once, anything else waits to be typed in.
    pub(super) async fn arrive(&mut self, number: usize, at: Moment) -> Result<(), ActError> {
        let mut own = Rng::new(self.plan.seed.wrapping_mul(0x0100_0000_01B3) ^ number as u64);
        let asked = arrivals::draw(&self.world, &mut own, number, at, self.bent);
        self.report.asked += 1;
        if asked.is_message() {
            if self.plan.faults && own.per_mille(6) {
                self.garbled(&asked).await?;
            }
            let bytes = asked.bytes();
            return self.message(&asked, bytes).await.map(drop);
        }
        let at = at + SignedDuration::from_mins(asked.typed_after);
        self.at(at, Step::Enter(Box::new(asked)));
        Ok(())
    }

    /// Sends a message and looks at the answer.
    pub(super) async fn message(&mut self, asked: &Asked, bytes: Vec<u8>) -> Result<Answered, ActError> {
        let answer = self.desk.submit(MAIN_TENANT, asked.base, asked.sender, self.now, bytes.clone()).await?;
        match &answer.case {
            Some(case) => self.born(case, asked)?,
            None => self.report.turned_away += 1,
        }
        let case = answer.case.as_ref().and_then(|id| self.live.get(id));
        self.checks.answer_says_no_more_than_was_decided(&answer, case, self.now);
        Ok(answer)
    }

    /// A message cut off on its way: refused with a reason, and no half-made case.
    async fn garbled(&mut self, asked: &Asked) -> Result<(), ActError> {
        let mut bytes = asked.bytes();
        bytes.truncate(bytes.len() * 2 / 3);
        let answer = self.desk.submit(MAIN_TENANT, asked.base, asked.sender, self.now, bytes).await?;
        Report::count(&mut self.report.faults, "message cut off");
        self.checks.garbled_is_refused(&answer, self.now);
        Ok(())
    }

    /// A typed request is entered, later than it was received.
    pub(super) async fn enter(&mut self, mut asked: Asked) -> Result<(), ActError> {
        asked.request.receipt.entered_at = self.now;
        let files = asked.files.clone();
        let answer = self.desk.enter(MAIN_TENANT, "intake", asked.request.clone(), files, None).await;
        match self.answered(answer)? {
            Some(case) => self.born(&case.id, &asked),
            None => {
                self.report.turned_away += 1;
                Ok(())
            }
        }
    }

    pub(super) async fn later(&mut self, id: String, later: Later) -> Result<(), ActError> {
        let Some(case) = self.reload(&id)? else { return Ok(()) };
        match later {
            Later::Fate(fate, asked) => self.fate(&case, fate, *asked).await,
            Later::Information { complete } => self.information(&case, complete).await,
            Later::Talk => self.talk(&case).await,
            Later::Decline => {
                let by = self.someone(Role::Nurse);
                let why = match case.letter_language() {
                    language if language.starts_with("es") => {
                        "el plazo normal no pone en peligro la salud del miembro".into()
                    }
                    _ => "the standard time does not endanger the member's health".into(),
                };
                self.act(&id, &by.person.clone(), Command::DeclineExpedite { by, why }).await.map(drop)
            }
        }
    }

    async fn fate(&mut self, case: &Case, fate: Fate, asked: Asked) -> Result<(), ActError> {
        let id = case.id.clone();
        let by = self.someone(Role::Nurse);
        let actor = by.person.clone();
        let command = match fate {
            Fate::SameBytes if asked.is_message() => return self.same_bytes(&id, &asked).await,
            Fate::SameNumber if asked.is_message() => return self.same_number(&id, asked).await,
            Fate::AddLine | Fate::ChangeLine | Fate::CancelLine if asked.is_message() => {
                return self.sender_updates(case, fate, asked).await;
            }
            Fate::SameBytes | Fate::SameNumber | Fate::AddLine | Fate::ChangeLine | Fate::CancelLine => return Ok(()),
            Fate::Inquire => return self.inquire(case, &asked).await,
            Fate::Race => return self.race(&id).await,
            Fate::Withdraw => Command::Withdraw {
                by,
                lines: Vec::new(),
                asked_by: "Dr. Ravi Sampleson by telephone".into(),
                why: "the member chose another treatment".into(),
            },
            Fate::Void => Command::Void { by, why: "entered under the wrong member".into() },
            Fate::Dismiss => Command::Dismiss {
                by,
                why: match case.letter_language() {
                    language if language.starts_with("es") => {
                        "la persona que lo pidió no puede pedirlo y no nombró un representante".into()
                    }
                    _ => "the person who asked has no standing and did not name a representative".into(),
                },
                cite: "42 CFR 422.568(g) (from knowledge, verify)".into(),
            },
            Fate::MemberExpedites => {
                let declined = self.dice.per_mille(600);
                if declined {
                    let at = self.now + SignedDuration::from_hours(4);
                    self.at(at, Step::Later(id.clone(), Later::Decline));
                }
                Command::Expedite { by, asker: ExpediteAsker::Member }
            }
            Fate::PhysicianExpedites => Command::Expedite { by, asker: ExpediteAsker::Physician },
            Fate::Extend => more_time(case, &self.desk.library.law, by),
            Fate::Reduce => Command::ReduceApproved { by, line: 1, why: "cheaper alternative".into() },
        };
        let reduces = matches!(command, Command::ReduceApproved { .. });
        let done = self.act(&id, &actor, command).await?;
        if reduces {
            self.checks.approved_is_never_reduced(&id, done.is_some(), self.now);
        }
        Ok(())
    }

    /// The same bytes: the same answer, byte for byte, and no second case.
    async fn same_bytes(&mut self, id: &str, asked: &Asked) -> Result<(), ActError> {
        Report::count(&mut self.report.faults, "same bytes again");
        let first = self.desk.submit(MAIN_TENANT, asked.base, asked.sender, self.now, asked.bytes()).await?;
        let again = self.desk.submit(MAIN_TENANT, asked.base, asked.sender, self.now, asked.bytes()).await?;
        self.checks.same_bytes_same_answer(id, &first, &again, self.now);
        Ok(())
    }

    /// The same message number with other content: a new case, flagged.
    async fn same_number(&mut self, id: &str, mut asked: Asked) -> Result<(), ActError> {
        Report::count(&mut self.report.faults, "same number, other bytes");
        asked.request.note = Some("resent with a note".into());
        asked.fates = Vec::new();
        self.report.asked += 1;
        let answer = self.message(&asked, asked.bytes()).await?;
        let other = answer.case.as_ref().and_then(|other| self.live.get(other)).cloned();
        self.checks.same_number_is_flagged(id, &answer, other.as_ref(), self.now);
        Ok(())
    }

    async fn sender_updates(&mut self, case: &Case, fate: Fate, mut asked: Asked) -> Result<(), ActError> {
        Report::count(&mut self.report.faults, "update by the sender");
        let request = &mut asked.request;
        request.updates = request.identifiers.clone();
        let own = request.identifiers.first().map(|i| i.value.clone()).unwrap_or_default();
        request.identifiers =
            vec![Identifier { system: "urn:sim:request".into(), value: format!("{own}-U{}", case.version) }];
        match fate {
            Fate::AddLine => {
                let service = super::services::by_id("genetic-test");
                let sequence = request.lines.iter().map(|l| l.sequence).max().unwrap_or(0) + 1;
                let mut line = arrivals::line(service, sequence, self.zone.day(self.now), 5);
                line.diagnoses = vec![1];
                line.changed = Some("added".into());
                request.lines.push(line);
            }
            Fate::ChangeLine => {
                if let Some(quantity) = request.lines.first_mut().and_then(|l| l.quantity.as_mut()) {
                    quantity.amount += 2.0;
                }
            }
            _ => {
                if let Some(last) = request.lines.last_mut() {
                    last.cancelled = true;
                }
            }
        }
        let before = case.clone();
        let answer = self.desk.submit(MAIN_TENANT, asked.base, asked.sender, self.now, asked.bytes()).await?;
        // Where two cases bear the number, the update goes to one of them, which need not be this one.
        if let Some(other) = answer.case.as_ref().filter(|other| **other != case.id) {
            self.reload(other)?;
        }
        let after = self.reload(&case.id)?;
        self.checks.update_keeps_the_receipt(&before, after.as_ref(), &answer, self.now);
        Ok(())
    }

    async fn inquire(&mut self, case: &Case, asked: &Asked) -> Result<(), ActError> {
        let mut example = asked.request.clone();
        example.items = Vec::new();
        example.documents = Vec::new();
        let body = arrivals::bytes(asked.base, &example, &[]);
        let answer = self.desk.inquire(MAIN_TENANT, asked.base, asked.sender, self.now, &body).await?;
        let trail = self.desk.store.trail(MAIN_TENANT, &vigil_store::SubjectKey::case(&case.id), None, 5)?;
        let member = &case.member.member_id;
        let adverse = self.live.values().filter(|c| c.member.member_id == *member).any(|c| {
            c.lines.iter().any(|l| l.outcome.as_ref().is_some_and(vigil_domain::determination::Outcome::is_adverse))
        });
        self.checks.inquiry_is_answered(case, &answer, adverse, &trail, self.now);
        Ok(())
    }

    /// What was asked for comes in, all of it or a part.
    async fn information(&mut self, case: &Case, complete: bool) -> Result<(), ActError> {
        if case.is_determined() {
            return Ok(());
        }
        let truth = self.truth.get(&case.id).cloned().unwrap_or_default();
        let mut request = Request { items: Vec::new(), documents: Vec::new(), ..case.request.clone() };
        request.receipt.received_at = self.now;
        request.receipt.entered_at = self.now;
        request.receipt.proof = format!("information-{}-{}", case.id, case.received.len() + 1);
        let on = case.contract.zone.day(self.now);
        for line in &truth {
            let many = if complete { line.hidden.len() } else { line.hidden.len() / 2 };
            let told = line.hidden.iter().take(many);
            request.items.extend(told.map(|(id, value)| line.service.answer(id, value.clone(), on)));
        }
        let files =
            if self.dice.per_mille(400) { vec![arrivals::note(case.received.len() + 90, 1)] } else { Vec::new() };
        let documents = self.desk.attach(&mut request, files);
        let along = vigil_store::Commit { documents, ..vigil_store::Commit::default() };
        let command = Command::ReceiveInformation { request: Box::new(request), complete };
        let before = case.clone();
        let answer = self.desk.act_along(MAIN_TENANT, &case.id, "intake", command, Some(along)).await;
        if let Some(after) = self.answered(answer)? {
            self.checks.new_evidence_is_unread(&before, &after, self.now);
        }
        self.rest.remove(&case.id);
        Ok(())
    }

    async fn talk(&mut self, case: &Case) -> Result<(), ActError> {
        let by = self.someone(Role::Physician);
        let outcome = *self.dice.pick(&[PeerTalk::HeldNewInformation, PeerTalk::HeldNothingNew, PeerTalk::NotReached]);
        let summary = "talked with the requesting physician about the open criterion".into();
        let actor = by.person.clone();
        self.rest.remove(&case.id);
        self.act(&case.id, &actor, Command::RecordPeerToPeer { by, outcome, summary }).await.map(drop)
    }
}

/// More time under the condition that the case's rules put first, and why it holds here, in the letter's language. Where no
/// rule allows any, it is asked for all the same, and declined.
fn more_time(case: &Case, law: &LawBook, by: Actor) -> Command {
    let condition = conditions(case, law).into_iter().next();
    let asked = condition.as_ref().is_some_and(|(condition, _)| condition.whole_reason);
    let reason = match (asked, case.letter_language().starts_with("es")) {
        (true, false) => "You want to send us a report from your specialist first.",
        (true, true) => "Usted quiere enviarnos antes el informe de su especialista.",
        (false, false) => "The hospital's record system is down, and your notes come next week.",
        (false, true) => "El sistema del hospital no funciona, y sus notas llegan la próxima semana.",
    };
    let condition = condition.map(|(condition, _)| condition.key).unwrap_or_default();
    Command::Extend { by, days: 14, condition, reason: reason.to_owned() }
}
