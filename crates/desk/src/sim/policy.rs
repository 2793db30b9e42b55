//! How the people of the simulation decide: a nurse approves what is met, asks for what is open, refers what is not met; a
//! physician opens the evidence, decides and signs.

use jiff::SignedDuration;
use vigil_domain::{
    case::{
        Case, LineState, Stage,
        command::{Actor, Command, LineDecision},
        event::Queue,
    },
    criteria::Outcome as Met,
    determination::{Finding, Grant, RuleOwner},
    evidence::{Fact, Source},
    law::BreachEffect,
    library::Library,
    reason::Reason,
    request::Quantity,
};

use super::{
    later::Later,
    report::Report,
    run::{Sim, Step},
};
use crate::act::ActError;

impl Sim {
    /// A nurse's initial clinical review.
    pub(super) async fn nurse(&mut self, by: Actor, case: Case) -> Result<(), ActError> {
        let (id, actor) = (case.id.clone(), by.person.clone());
        if self.act(&id, &actor, Command::Take { by: by.clone() }).await?.is_none() {
            return Ok(());
        }
        self.open_all(&by, &case).await?;
        if !case.request.documents.is_empty() {
            self.state_what_the_documents_say(&by, &case).await?;
        }
        let Some(case) = self.reload(&id)? else { return Ok(()) };
        if case.is_determined() {
            return Ok(());
        }
        let found: Vec<Option<Met>> =
            case.open_lines().map(|l| l.evaluation.as_ref().map(|e| e.trace.result)).collect();
        let not_met = found.contains(&Some(Met::NotMet));
        let unknown = found.contains(&Some(Met::Unknown));
        let unbound = found.contains(&None);
        if unknown && !not_met && case.awaiting.is_none() && !self.presses(&case) {
            return self.ask(&by, &case).await;
        }
        let refer = not_met
            || (unknown && (case.awaiting.is_none() || self.presses(&case)))
            || (unbound && self.dice.per_mille(450));
        if unknown && case.awaiting.is_some() && !refer {
            self.rest_for(&id, 6);
            return self.act(&id, &actor, Command::Release { by }).await.map(drop);
        }
        if !refer {
            let command = Command::Approve {
                by: by.clone(),
                lines: Vec::new(),
                grant: None,
                why: "the documents show the need".into(),
            };
            if self.act(&id, &actor, command).await?.is_some() {
                return Ok(());
            }
        }
        let why = "a criterion is not met or open: please decide".into();
        self.act(&id, &actor, Command::Refer { by, why }).await.map(drop)
    }

    /// Whether a case must be decided within a day.
    fn presses(&self, case: &Case) -> bool {
        case.decision_clock()
            .is_none_or(|c| c.is_open() && !c.is_tolled() && c.due_at < self.now + SignedDuration::from_hours(26))
            || case.awaiting.as_ref().is_some_and(|w| w.since + SignedDuration::from_hours(24 * 9) < self.now)
    }

    pub(super) async fn open_all(&mut self, by: &Actor, case: &Case) -> Result<(), ActError> {
        for evidence in case.evidence() {
            self.act(&case.id, &by.person, Command::OpenEvidence { by: by.clone(), evidence }).await?;
        }
        Ok(())
    }

    /// The documents hold what the request left out.
    async fn state_what_the_documents_say(&mut self, by: &Actor, case: &Case) -> Result<(), ActError> {
        let truth = self.truth.get(&case.id).cloned().unwrap_or_default();
        let open: Vec<&str> =
            case.open_lines().filter_map(|l| l.evaluation.as_ref()).map(|e| e.service.as_str()).collect();
        let facts: Vec<Fact> = truth
            .iter()
            .filter(|line| open.contains(&line.service.id))
            .flat_map(|line| line.hidden.iter().map(|(id, value)| (line.service.id, *id, value.clone())))
            .map(|(service, id, value)| Fact {
                service: service.into(),
                id: id.into(),
                value,
                on: None,
                source: Source::Reviewer { person: by.person.clone(), found_in: "clinical note, page 1".into() },
            })
            .collect();
        if facts.is_empty() {
            return Ok(());
        }
        self.act(&case.id, &by.person, Command::StateFacts { by: by.clone(), facts }).await.map(drop)
    }

    async fn ask(&mut self, by: &Actor, case: &Case) -> Result<(), ActError> {
        let (id, actor) = (case.id.clone(), by.person.clone());
        let wanted = vec!["the facts that the criteria leave open".to_owned()];
        let command = Command::AskInformation { by: by.clone(), from: "requester".into(), wanted, via: "fax".into() };
        self.act(&id, &actor, command).await?;
        self.information_may_come(&id);
        self.rest_for(&id, 20);
        self.act(&id, &actor, Command::Release { by: by.clone() }).await.map(drop)
    }

    /// Four times in five what was asked for comes within days.
    fn information_may_come(&mut self, id: &str) {
        if self.dice.per_mille(800) {
            let (hours, complete) = (self.dice.between(3, 120), self.dice.per_mille(800));
            let at = self.now + SignedDuration::from_hours(hours);
            self.at(at, Step::Later(id.to_owned(), Later::Information { complete }));
        }
    }

    /// The queue of cases that wait for information: an outreach call, and a referral when it will not come.
    pub(super) async fn follow_up(&mut self, by: Actor, case: Case) -> Result<(), ActError> {
        let (id, actor) = (case.id.clone(), by.person.clone());
        if self.presses(&case) {
            let why = "what was asked for has not come: decide on what is here".into();
            return self.act(&id, &actor, Command::Refer { by, why }).await.map(drop);
        }
        let contact = "office of the requester, 1-518-555-0142".into();
        self.act(&id, &actor, Command::LogOutreach { by, contact, result: "left a message".into() }).await?;
        self.information_may_come(&id);
        self.rest_for(&id, 20);
        Ok(())
    }

    /// A physician's peer clinical review.
    pub(super) async fn physician(&mut self, by: Actor, case: Case) -> Result<(), ActError> {
        let (id, actor) = (case.id.clone(), by.person.clone());
        if self.confirm_deemed(&by, &case).await? {
            return Ok(());
        }
        if self.act(&id, &actor, Command::Take { by: by.clone() }).await?.is_none() {
            return Ok(());
        }
        let decisions = self.decisions(&case);
        let adverse = decisions.iter().any(|d| !matches!(d, LineDecision::Approve { .. }));
        if adverse && case.peer_to_peer.is_none() && !self.presses(&case) && self.dice.per_mille(150) {
            let at = self.now + SignedDuration::from_hours(self.dice.between(2, 20));
            let with = "Dr. Ravi Sampleson, 1-518-555-0177".into();
            let agreed = self.act(&id, &actor, Command::SchedulePeerToPeer { by: by.clone(), at, with }).await?;
            if agreed.is_some() {
                self.at(at, Step::Later(id.clone(), Later::Talk));
                self.rest_for(&id, 21);
            }
            return self.act(&id, &actor, Command::Release { by }).await.map(drop);
        }
        if adverse && self.dice.per_mille(60) {
            // In a hurry: signs before opening the evidence. Must be refused.
            let hasty = Command::Determine {
                by: by.clone(),
                decisions: decisions.clone(),
                attests_no_conflict: true,
                expertise: self.expertise(&actor),
            };
            let unread = case.opened_by(&actor).len() < case.evidence().len();
            let done = self.act(&id, &actor, hasty).await?;
            self.checks.nobody_denies_unread(&id, unread, done.is_some(), self.now);
            if done.is_some() {
                return Ok(());
            }
        }
        self.open_all(&by, &case).await?;
        let command = Command::Determine {
            by: by.clone(),
            decisions,
            attests_no_conflict: true,
            expertise: self.expertise(&actor),
        };
        if self.act(&id, &actor, command).await?.is_none() {
            // Not qualified, or an administrative question is open: somebody else takes it.
            Report::count(&mut self.report.faults, "determination refused, handed on");
            let back = case.lines.iter().any(|l| !l.administrative.is_empty()) || self.dice.per_mille(30);
            self.act(&id, &actor, Command::Release { by: by.clone() }).await?;
            if back {
                let why = "an administrative question is open".into();
                self.act(&id, &actor, Command::Return { by, why }).await?;
            }
        }
        Ok(())
    }

    /// Where the law has approved what was not answered in time, a person confirms the facts.
    async fn confirm_deemed(&mut self, by: &Actor, case: &Case) -> Result<bool, ActError> {
        let deemed = case.clocks.iter().any(|c| {
            matches!(&c.lapsed, Some((_, BreachEffect::DeemedApproved | BreachEffect::DeemedApprovedIfUniformForm, _)))
        });
        if !deemed {
            return Ok(false);
        }
        let basis = "receipt, due time and the missing answer were checked".into();
        let done =
            self.act(&case.id, &by.person.clone(), Command::ConfirmDeemedApproval { by: by.clone(), basis }).await?;
        Ok(done.is_some())
    }

    /// The words by which a reviewer says why their field fits, where no list names it.
    pub(super) fn expertise(&self, account: &str) -> Option<String> {
        let fits = matches!(account, "h.sterling" | "o.castellan" | "p.lapsed");
        fits.then(|| "twelve years of practice with patients who need this service".to_owned())
    }

    fn decisions(&mut self, case: &Case) -> Vec<LineDecision> {
        let truth = self.truth.get(&case.id).cloned().unwrap_or_default();
        let talked = case.peer_to_peer.as_ref().is_some_and(|t| t.held.is_some());
        case.open_lines()
            .map(|state| {
                let line = state.line.sequence;
                let met = truth.iter().find(|t| t.line == line).is_none_or(|t| t.met);
                let blank =
                    Grant { authorization: String::new(), quantity: None, from: None, through: None, service: None };
                let ground = ground(state, &self.desk.library);
                if met || ground.is_none() || (talked && self.dice.per_mille(500)) {
                    return LineDecision::Approve { line, grant: blank };
                }
                let finding = Finding {
                    line,
                    reason: [Reason::NotMedicallyNecessary, Reason::InsufficientInformation]
                        [usize::from(self.dice.per_mille(250))]
                    .clone(),
                    rationale: "The record was read in full; the criterion named here is not shown to be met.".into(),
                    plain_reason: in_member_words(case.letter_language()).into(),
                    criterion: ground,
                    whose: Some(RuleOwner::PlanPolicy),
                };
                match (self.dice.weighted(&[76, 18, 6]), &state.line.quantity) {
                    (1, Some(asked)) if asked.amount > 1.0 => {
                        let half = Quantity { amount: (asked.amount / 2.0).floor(), unit: asked.unit.clone() };
                        LineDecision::Partial { grant: Grant { quantity: Some(half), ..blank }, finding }
                    }
                    (2, _) => {
                        let other = vigil_domain::code::Code::new(vigil_domain::code::CodeSystem::Hcpcs, "E0431");
                        LineDecision::Modify { grant: Grant { service: Some(other), ..blank }, finding }
                    }
                    _ => LineDecision::Deny { finding },
                }
            })
            .collect()
    }

    /// Administrative questions: cleared, or signed as an administrative denial.
    pub(super) async fn administrative(&mut self, by: Actor, case: Case) -> Result<(), ActError> {
        let (id, actor) = (case.id.clone(), by.person.clone());
        let open: Vec<(u32, String)> = case
            .lines
            .iter()
            .filter(|l| l.outcome.is_none())
            .filter_map(|l| Some((l.line.sequence, l.administrative.first()?.clone())))
            .collect();
        if open.is_empty() && matches!(case.stage, Stage::Review { queue: Queue::Administrative, .. }) {
            self.checks.stuck(&case, "at the administrative queue without an open question", self.now);
        }
        for (line, question) in open {
            let reason = match question.split(':').next().unwrap_or_default() {
                "benefit" => Reason::BenefitExcluded,
                "network" => Reason::OutOfNetwork,
                "other coverage" => Reason::OtherPayer,
                _ => Reason::Duplicate,
            };
            let deny = reason == Reason::BenefitExcluded || self.dice.per_mille(350);
            let command = if deny {
                Command::DetermineAdministrative {
                    by: by.clone(),
                    line,
                    reason,
                    basis: format!("contract and roster looked up: {question}"),
                    plain_reason: match case.letter_language() {
                        language if language.starts_with("es") => {
                            "Su plan no cubre este servicio de esta manera.".into()
                        }
                        _ => "Your plan does not cover this service in this way.".into(),
                    },
                }
            } else {
                Command::ClearAdministrative { by: by.clone(), line, finding: "checked: it may go on to review".into() }
            };
            self.act(&id, &actor, command).await?;
        }
        Ok(())
    }
}

/// What a denial of a line rests on: the first criterion left open; a plan's policy where none bind; nothing where all is met.
pub(crate) fn ground(state: &LineState, library: &Library) -> Option<String> {
    match state.grounds(&library.criteria) {
        Some(open) => open.into_iter().next(),
        None => Some("medical policy 7, section 2".to_owned()),
    }
}

/// What a reviewer of the demonstration writes to a member, in the letter's language.
pub(crate) fn in_member_words(language: &str) -> &'static str {
    if language.starts_with("es") {
        "Leímos las notas que envió su médico. Todavía no muestran lo que pide la regla que nombramos abajo."
    } else {
        "We read the notes your doctor sent. They do not yet show what the rule named below asks for."
    }
}
