//! From a stay to a plan that runs here, and back. The hospital's request is composed as a message of the guide and walks
//! the ordinary road; the plan's answer comes back as a fact with its source. A stay never reads a case, nor a case a stay:
//! the desk carries what was said from one to the other, and both keep the same number.

use vigil_domain::{
    case::Case,
    code::Code,
    determination::{Grant, Outcome},
    party::Provider,
    party::Sex,
    request::{
        Certification, Channel as Road, Diagnosis, ExpediteAsker, Identifier, Quantity, Receipt, Request, Review,
        ServiceLine, StatedMember, Urgency,
    },
    stay::{
        Stay,
        command::{Actor, Command},
        news::DiagnosisNews,
        payer::{AnswerKind, AnswerSource, AskKind, Channel, Held, PayerAnswer, PostAcuteStep},
    },
    time::{Day, Moment},
};
use vigil_store::{NewErrand, SubjectKey};
use vigil_wire::fhir::pas::{Base, compose};

use crate::{Desk, receive::Answered, subject::ActError};

/// The identifier system by which a request names the stay it comes from.
pub const STAY: &str = "urn:vigil:stay";
/// Kind of the errand that brings a plan's answer to the stay.
pub const BRING_ANSWER: &str = "bring-answer";

/// What a hospital asks a plan for, for a patient in the house.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The payer.
    pub payer: String,
    /// For what.
    pub ask: AskKind,
    /// The service.
    pub service: Code,
    /// In words.
    pub words: String,
    /// Days or units.
    pub quantity: Quantity,
    /// First day.
    pub from: Day,
    /// Last day.
    pub through: Option<Day>,
    /// A physician asks to expedite.
    pub expedited: bool,
    /// Clinical words for the reviewer.
    pub note: Option<String>,
}

impl Desk {
    /// Sends a stay's request to a plan that runs here, and records on the stay that it was asked, with the proof.
    ///
    /// # Errors
    /// Unknown stay, a refusal of the stay, faults. What the plan says about the message comes back as its answer.
    pub async fn ask_plan_here(
        &self,
        tenant: &str,
        stay_id: &str,
        by: Actor,
        asked: Asked,
    ) -> Result<(Stay, Answered), ActError> {
        let stay = self.load_stay(tenant, stay_id)?.ok_or_else(|| ActError::Unknown(stay_id.to_owned()))?;
        let now = self.time.now();
        let Some(held) = stay.held.iter().find(|h| h.payer_id == asked.payer) else {
            return Err(ActError::Unknown(format!("payer {} on stay {stay_id}", asked.payer)));
        };
        let request = request_of(&stay, held, &asked, &by, now);
        let body = compose::bundle(Base::V22, &request);
        let sender = format!("hospital {}", stay.hospital.id);
        let answered = self.submit(tenant, Base::V22, &sender, now, body).await?;
        let reference = answered.case.as_ref().map(|case| format!("case {case}"));
        let days = match asked.ask {
            AskKind::Admission | AskKind::MoreDays => whole(asked.quantity.amount),
            _ => None,
        };
        let person = by.person.clone();
        let command = Command::AskPayer {
            by,
            payer: asked.payer.clone(),
            ask: asked.ask.clone(),
            days,
            channel: Channel::Interface,
            at: now,
            reference,
        };
        self.act_stay(tenant, stay_id, &person, command).await?;
        if let Some(case) = &answered.case {
            self.bring_answer(tenant, case).await?;
        }
        let stay = self.load_stay(tenant, stay_id)?.ok_or_else(|| ActError::Unknown(stay_id.to_owned()))?;
        Ok((stay, answered))
    }

    /// Brings a plan's answer to the stay that asked, once every line has its answer; safe twice.
    ///
    /// # Errors
    /// Faults. A case that no stay asked for, or that is not answered yet, is left alone.
    pub async fn bring_answer(&self, tenant: &str, case_id: &str) -> Result<(), ActError> {
        let Some(case) = self.load(tenant, case_id)? else { return Ok(()) };
        let (Some(stay_id), Some(answer)) = (stay_of(&case), answer_of(&case)) else { return Ok(()) };
        let Some(stay) = self.load_stay(tenant, stay_id)? else { return Ok(()) };
        let said_at = case.decided_at().unwrap_or_else(|| self.time.now());
        let message = format!("case {case_id}");
        let known = stay.payers.iter().flat_map(|p| &p.answers).any(|(_, a, s, _)| {
            s.message.as_deref() == Some(&message) && s.said_at == said_at && a.kind == answer.kind
        });
        if known {
            return Ok(());
        }
        let by = interface();
        let source = AnswerSource {
            channel: Channel::Interface,
            said_by: decided_by(&case),
            said_at,
            reference: answer.authorization.clone(),
            message: Some(message),
        };
        let payer = case.contract.payer_id.clone();
        let awaited = stay.post_acute.iter().rev().find(|p| p.is_open() && p.payer_id.as_ref() == Some(&payer));
        let command = match awaited.filter(|_| case.request.review == Review::Prospective) {
            Some(request) => Command::MovePostAcute {
                by,
                request: request.id,
                step: step_of(&answer.kind),
                said_by: source.said_by,
                authorization: answer.authorization,
                words: source.message.unwrap_or_default(),
                at: said_at,
            },
            None => Command::RecordPayerAnswer { by, payer, answer: Box::new(answer), source },
        };
        match self.act_stay(tenant, stay_id, "interface", command).await {
            // What the stay will not take (an approval taken back) stays the plan's word; the refusal says why.
            Ok(_) | Err(ActError::Refused(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// The errand that brings the answer of a case to its stay; none when no stay asked.
pub(crate) fn errand(case: &Case, now: Moment) -> Option<NewErrand> {
    stay_of(case)?;
    Some(NewErrand {
        kind: BRING_ANSWER.to_owned(),
        subject: SubjectKey::case(&case.id),
        key: format!("bring/{}/{}", case.id, case.version),
        body: Vec::new(),
        not_before: now,
    })
}

/// The stay a case's request names.
fn stay_of(case: &Case) -> Option<&str> {
    case.request.identifiers.iter().find(|i| i.system == STAY).map(|i| i.value.as_str())
}

/// The plan's answer as a hospital takes it: none while a line is open.
fn answer_of(case: &Case) -> Option<PayerAnswer> {
    let word = case.outcome_word()?;
    let kind = match word {
        "approved" => AnswerKind::Approved,
        "partially_approved" | "modified" => AnswerKind::Partial,
        "no_review_required" => AnswerKind::NotRequired,
        "withdrawn" | "void" | "cancelled" | "dismissed" => AnswerKind::Cancelled,
        _ => AnswerKind::Denied,
    };
    let grants: Vec<(&Grant, &ServiceLine)> =
        case.lines.iter().filter_map(|l| Some((l.outcome.as_ref().and_then(Outcome::grant)?, &l.line))).collect();
    let granted = matches!(kind, AnswerKind::Approved | AnswerKind::Partial);
    // A denial is about the days that were asked for; what was approved before is another matter.
    let (from, through) = match kind {
        AnswerKind::Denied => {
            let asked = || case.lines.iter().map(|l| &l.line);
            (asked().filter_map(|l| l.from).min(), asked().filter_map(|l| l.through).max())
        }
        _ => (
            grants.iter().filter_map(|(g, line)| g.from.or(line.from)).min().filter(|_| granted),
            grants.iter().filter_map(|(g, line)| last_day(g, line)).max().filter(|_| granted),
        ),
    };
    Some(PayerAnswer {
        authorization: grants.first().map(|(g, _)| g.authorization.clone()),
        from,
        through,
        days: None,
        level: case.lines.first().map(|l| l.line.title()),
        next_review_on: None,
        reason: (!granted).then(|| word.replace('_', " ")),
        criteria: case
            .lines
            .first()
            .and_then(|l| l.evaluation.as_ref())
            .map(|e| format!("{} {}", e.service, e.version)),
        peer_to_peer_until: None,
        kind,
    })
}

/// Where an answer puts a post-acute request.
fn step_of(kind: &AnswerKind) -> PostAcuteStep {
    match kind {
        AnswerKind::Approved | AnswerKind::Partial | AnswerKind::NotRequired => PostAcuteStep::Approved,
        AnswerKind::Cancelled => PostAcuteStep::Withdrawn,
        _ => PostAcuteStep::Denied,
    }
}

/// The last granted day of a line: as granted, as asked, or by the days granted.
fn last_day(grant: &Grant, line: &ServiceLine) -> Option<Day> {
    let from = grant.from.or(line.from);
    let by_days = || {
        let quantity = grant.quantity.as_ref().or(line.quantity.as_ref()).filter(|q| q.unit.starts_with("day"))?;
        let days = i64::from(whole(quantity.amount)?) - 1;
        from?.checked_add(jiff::Span::new().days(days.max(0))).ok()
    };
    grant.through.or(line.through).or_else(by_days).or(from)
}

/// Who at the plan decided, as far as the record names a person.
fn decided_by(case: &Case) -> String {
    let person = case.owner.as_ref().map(|(_, name)| name.clone());
    person.unwrap_or_else(|| format!("{}, utilization management", case.contract.name))
}

/// The interface as an actor: it holds no credential and no seat.
fn interface() -> Actor {
    Actor { person: "interface".into(), name: "interface".into(), credential: Default::default(), seats: Vec::new() }
}

fn whole(amount: f64) -> Option<u32> {
    (amount.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&amount))
        .then(|| format!("{amount:.0}").parse().ok())?
}

/// The request as the hospital sends it.
fn request_of(stay: &Stay, held: &Held, asked: &Asked, by: &Actor, now: Moment) -> Request {
    let track = &stay.track;
    let attending = track.attending_at(now);
    let hospital = Provider { name: stay.hospital.name.clone(), organization: true, ..Provider::default() };
    let receipt = Receipt {
        channel: Road::Fhir,
        received_at: now,
        proof: format!("stay {}", stay.id),
        entered_at: now,
        entered_by: by.person.clone(),
        caller: Some(by.name.clone()),
        authority: Some("treating facility".into()),
        expedite_asked_by: asked.expedited.then_some(ExpediteAsker::Physician),
        form_note: None,
    };
    let post_acute = asked.ask == AskKind::PostAcute;
    let diagnoses = diagnoses(stay);
    let line = ServiceLine {
        sequence: 1,
        service: asked.service.clone(),
        also: Vec::new(),
        modifiers: Vec::new(),
        description: Some(asked.words.clone()),
        quantity: Some(asked.quantity.clone()),
        from: Some(asked.from),
        through: asked.through,
        place: None,
        provider: None,
        certification: Certification::Initial,
        drug: false,
        diagnoses: diagnoses.iter().map(|d| d.sequence).take(1).collect(),
        earlier_authorization: None,
        cancelled: false,
        changed: None,
    };
    let identifier = |system: &str, value: String| Identifier { system: system.to_owned(), value };
    Request {
        receipt,
        review: if post_acute { Review::Prospective } else { Review::Concurrent },
        urgency: if asked.expedited { Urgency::Expedited } else { Urgency::Standard },
        payer_id: held.payer_id.clone(),
        payer_name: Some(held.name.clone()),
        plan_id: Some(held.plan_id.clone()).filter(|plan| !plan.is_empty()),
        member: StatedMember {
            standing: Default::default(),
            member_id: held.member_id.clone(),
            subscriber_id: None,
            name: track.patient.name.clone(),
            birth_day: track.patient.birth_day,
            sex: track.patient.sex.clone().unwrap_or(Sex::Unknown),
            address: track.patient.address.clone(),
            phone: track.patient.phone.clone(),
            language: None,
        },
        requester: hospital.clone(),
        practitioner: attending.map(|a| Provider { npi: a.npi.clone(), name: a.name.clone(), ..Provider::default() }),
        facility: Some(hospital),
        diagnoses,
        lines: vec![line],
        items: Vec::new(),
        documents: Vec::new(),
        identifiers: vec![identifier(STAY, stay.id.clone())],
        updates: Vec::new(),
        circumstances: Vec::new(),
        cut: None,
        note: asked.note.clone(),
    }
}

fn diagnoses(stay: &Stay) -> Vec<Diagnosis> {
    let diagnosis = |(place, d): (usize, &DiagnosisNews)| Diagnosis {
        sequence: u32::try_from(place + 1).unwrap_or(1),
        code: d.code.clone(),
        role: None,
        recorded_on: None,
    };
    stay.track.diagnoses.iter().enumerate().map(diagnosis).collect()
}
