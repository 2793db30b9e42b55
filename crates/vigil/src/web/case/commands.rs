//! From a posted form to a command. What the form lacks is said as refusals, all at once, before the case is asked.

use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command, ContinuationAsker, Delivery, PeerTalk},
        refusal::{Refusal, Refused},
    },
    criteria::FactKind,
    determination::Grant,
    evidence::{Fact, Source, Value},
    library::Library,
    reason::Reason,
    request::ExpediteAsker,
    time::{Day, Moment, Zone},
};

use super::actions::Action;
use crate::web::form::Form;

/// Problems found while a form is read.
#[derive(Default)]
pub struct Problems(Vec<Refusal>);

impl Problems {
    /// Adds one.
    pub fn add(&mut self, rule: &str, says: impl Into<String>, instead: impl Into<String>) {
        self.0.push(Refusal::house(rule, says, instead));
    }

    /// The value, when nothing was wrong.
    pub fn or<T>(self, value: T) -> Result<T, Refused> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }

    /// A day, when one stands in the field.
    pub fn day(&mut self, form: &Form, name: &str, what: &str) -> Option<Day> {
        let text = form.some(name)?;
        match text.parse() {
            Ok(day) => Some(day),
            Err(_) => {
                self.add(
                    "form.day",
                    format!("{what}: {text:?} is not a date."),
                    "Write it as 2026-03-13, or choose it.",
                );
                None
            }
        }
    }

    /// A moment, when a day and time stand in the field, in a zone.
    pub fn moment(&mut self, form: &Form, name: &str, what: &str, zone: &Zone) -> Option<Moment> {
        let text = form.some(name)?;
        match local_moment(&text, zone) {
            Some(at) => Some(at),
            None => {
                self.add(
                    "form.time",
                    format!("{what}: {text:?} is not a date and time."),
                    "Write it as 2026-03-13T16:10, or choose it.",
                );
                None
            }
        }
    }

    /// A number, when one stands in the field.
    pub fn number(&mut self, form: &Form, name: &str, what: &str) -> Option<f64> {
        let text = form.some(name)?;
        match text.replace(',', "").parse::<f64>().ok().filter(|n| n.is_finite()) {
            Some(number) => Some(number),
            None => {
                self.add("form.number", format!("{what}: {text:?} is not a number."), "Write it in digits.");
                None
            }
        }
    }

    /// A line number.
    pub fn line(&mut self, form: &Form) -> u32 {
        match form.get("line").parse() {
            Ok(line) => line,
            Err(_) => {
                self.add("form.line", "No line was chosen.", "Choose the line it is about.");
                0
            }
        }
    }
}

/// A date and time as a browser's field sends it, in a zone. A time that a clock change skips or repeats is taken the
/// way calendars do: after a gap, before a fold.
pub fn local_moment(text: &str, zone: &Zone) -> Option<Moment> {
    let at: jiff::civil::DateTime = text.replace(' ', "T").parse().ok()?;
    at.to_zoned(zone.tz().clone()).ok().map(|z| z.timestamp())
}

/// The command of an action that needs no upload.
///
/// # Errors
/// Everything the form lacks, at once.
pub fn command(action: Action, form: &Form, case: &Case, library: &Library, by: Actor) -> Result<Command, Refused> {
    let text = |name: &str| form.get(name).to_owned();
    Ok(match action {
        Action::Take => Command::Take { by },
        Action::Release => Command::Release { by },
        Action::Approve => approve(form, by)?,
        Action::Ask => {
            Command::AskInformation { by, from: text("from"), wanted: form.lines("wanted"), via: text("via") }
        }
        Action::Refer => Command::Refer { by, why: text("why") },
        Action::Return => Command::Return { by, why: text("why") },
        Action::Note => Command::Note { by, kind: kind(form), text: text("text") },
        Action::Mark => mark(form, by)?,
        Action::Facts => facts(form, case, library, by)?,
        Action::Outreach => Command::LogOutreach { by, contact: text("contact"), result: text("result") },
        Action::Clear => {
            let mut problems = Problems::default();
            let line = problems.line(form);
            if form.get("finding").is_empty() {
                problems.add("form.finding", "The check needs what you found.", "Write one sentence.");
            }
            problems.or(Command::ClearAdministrative { by, line, finding: text("finding") })?
        }
        Action::Administrative => {
            let mut problems = Problems::default();
            let line = problems.line(form);
            let reason = Reason::read(form.get("reason"));
            let (basis, plain_reason) = (text("basis"), text("plain"));
            problems.or(Command::DetermineAdministrative { by, line, reason, basis, plain_reason })?
        }
        Action::Schedule | Action::Record => peer(action, form, case, by)?,
        Action::Postpone | Action::Continuation => cut(action, form, case, by)?,
        Action::Eligibility => eligibility(form, by)?,
        Action::Deliver => deliver(form, &by)?,
        Action::Complete => complete(form, by)?,
        _ => ending(action, form, by)?,
    })
}

fn kind(form: &Form) -> String {
    let kind = form.get("kind");
    if matches!(kind, "intervention" | "contact") { kind.to_owned() } else { "note".to_owned() }
}

fn approve(form: &Form, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let from = problems.day(form, "from", "First authorized day");
    let through = problems.day(form, "through", "Last authorized day");
    let lines: Vec<u32> = form.all("line").iter().filter_map(|l| l.parse().ok()).collect();
    if lines.is_empty() {
        problems.add("form.lines", "No line was chosen.", "Tick at least one line.");
    }
    let limits = (from.is_some() || through.is_some()).then(|| Grant {
        authorization: String::new(),
        quantity: None,
        from,
        through,
        service: None,
    });
    problems.or(Command::Approve { by, lines, grant: limits, why: form.get("why").to_owned() })
}

/// The word under which a reviewer's own finding is kept among the notes.
pub const OWN_FINDING: &str = "own_finding";

fn mark(form: &Form, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let line = problems.line(form);
    let finding = form.get("finding");
    if finding.is_empty() {
        problems.add("form.finding", "No finding was marked.", "Choose met, not met, or cannot be told yet.");
    }
    if form.get("text").is_empty() {
        problems.add("form.text", "The finding does not say on what it rests.", "Name what you read.");
    }
    let text = format!("line {line}: {finding}. {}", form.get("text"));
    problems.or(Command::Note { by, kind: OWN_FINDING.to_owned(), text })
}

fn facts(form: &Form, case: &Case, library: &Library, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let definition = form.get("fact").split_once('/').and_then(|(service, id)| {
        let evaluation = case.lines.iter().filter_map(|l| l.evaluation.as_ref()).find(|e| e.service == service)?;
        let pack = library.criteria.by_digest(&evaluation.pack)?;
        Some((service, pack.fact(id)?.clone()))
    });
    let Some((service, fact)) = definition else {
        return Err(vec![Refusal::house("form.fact", "No criterion was chosen.", "Choose one in the checklist.")]);
    };
    let value = match fact.kind {
        FactKind::Boolean => match form.get("value") {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        FactKind::Quantity => problems.number(form, "value", "Value").map(Value::Number),
        _ => form.some("value").map(Value::Text),
    };
    let on = problems.day(form, "on", "The day it speaks of");
    let found_in = [form.get("found"), form.get("where")].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>();
    if found_in.is_empty() {
        problems.add("form.found", "It is not said where this was found.", "Name the document and page, or the call.");
    }
    if value.is_none() && form.get("value").is_empty() {
        problems.add("form.value", "There is no answer yet.", "Answer the question.");
    }
    let source = Source::Reviewer { person: by.person.clone(), found_in: found_in.join(", ") };
    let value = value.unwrap_or(Value::Bool(false));
    let fact = Fact { service: service.to_owned(), id: fact.id, value, on, source };
    problems.or(Command::StateFacts { by, facts: vec![fact] })
}

fn peer(action: Action, form: &Form, case: &Case, by: Actor) -> Result<Command, Refused> {
    if action == Action::Record {
        let outcome = match form.get("outcome") {
            "held-new" => PeerTalk::HeldNewInformation,
            "held" => PeerTalk::HeldNothingNew,
            "not-reached" => PeerTalk::NotReached,
            _ => PeerTalk::Declined,
        };
        return Ok(Command::RecordPeerToPeer { by, outcome, summary: form.get("summary").to_owned() });
    }
    let mut problems = Problems::default();
    let at = problems.moment(form, "at", "When", &case.contract.zone);
    if at.is_none() && form.get("at").is_empty() {
        problems.add("form.time", "No time was agreed.", "Choose a day and time.");
    }
    let at = at.unwrap_or(Moment::UNIX_EPOCH);
    problems.or(Command::SchedulePeerToPeer { by, at, with: form.get("with").to_owned() })
}

/// Putting a cut off, and keeping the service while an appeal is decided.
fn cut(action: Action, form: &Form, case: &Case, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    if action == Action::Postpone {
        let day = problems.day(form, "effective_on", "New first day");
        if day.is_none() {
            problems.add("form.day", "The new first day is missing.", "Choose it.");
        }
        let why = form.get("why").to_owned();
        return problems.or(Command::PostponeCut { by, effective_on: day.unwrap_or_default(), why });
    }
    let asked_at = problems.moment(form, "asked_at", "Reached us", &case.contract.zone);
    if asked_at.is_none() {
        problems.add("form.time", "When it reached us is missing.", "Enter it: the last day to ask is counted.");
    }
    let asker = match form.get("asker") {
        "representative" => ContinuationAsker::Representative,
        "provider" => ContinuationAsker::Provider,
        _ => ContinuationAsker::Member,
    };
    let asked_by = form.get("asked_by").to_owned();
    problems.or(Command::AskContinuation { by, asker, asked_by, asked_at: asked_at.unwrap_or_default() })
}

fn eligibility(form: &Form, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    if form.get("eligible").is_empty() {
        problems.add("form.eligible", "It is not said whether the member was covered.", "Choose yes or no.");
    }
    if form.get("basis").is_empty() {
        problems.add("form.basis", "It is not said what was checked.", "Name the roster, call or file.");
    }
    let eligible = form.get("eligible") == "true";
    problems.or(Command::ConfirmEligibility { by, eligible, basis: form.get("basis").to_owned() })
}

fn deliver(form: &Form, by: &Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let notice = form.get("notice").parse().unwrap_or(0);
    if notice == 0 {
        problems.add("form.notice", "No notice was chosen.", "Choose the notice.");
    }
    if form.get("proof").is_empty() {
        problems.add("form.proof", "A delivery needs its proof.", "Enter the tracking number or call record.");
    }
    let delivery = Delivery {
        channel: form.get("channel").to_owned(),
        recipient: form.get("recipient").to_owned(),
        proof: form.get("proof").to_owned(),
        succeeded: form.get("succeeded") != "false",
    };
    problems.or(Command::DeliverNotice { by: by.person.clone(), notice, delivery })
}

/// The words for what a held notice lacks; only its own fields, each named `fill.FIELD`.
fn complete(form: &Form, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let notice = form.get("notice").parse().unwrap_or(0);
    if notice == 0 {
        problems.add("form.notice", "No notice was chosen.", "Open the form again from the case.");
    }
    let fields = form.named("fill.").map(|(name, words)| (name.to_owned(), words.to_owned())).collect();
    problems.or(Command::FillNotice { by, notice, fields })
}

/// Time, urgency, and the ways a case ends without a clinical decision.
fn ending(action: Action, form: &Form, by: Actor) -> Result<Command, Refused> {
    let mut problems = Problems::default();
    let why = form.get("why").to_owned();
    let command = match action {
        Action::Extend => {
            let days = problems.number(form, "days", "Days more").unwrap_or(0.0);
            if !(1.0..=365.0).contains(&days) || days.fract() != 0.0 {
                let says = match form.some("days") {
                    None => "The number of days is missing.".to_owned(),
                    Some(text) => format!("{text:?} is not a number of days from 1 to 365."),
                };
                problems.add("form.days", says, "Enter a whole number of days.");
            }
            let condition = form.get("condition").to_owned();
            Command::Extend { by, days: days as i64, condition, reason: form.get("reason").to_owned() }
        }
        Action::Expedite => Command::Expedite { by, asker: ExpediteAsker::read(form.get("asker")) },
        Action::DeclineExpedite => {
            if why.is_empty() {
                problems.add("form.why", "Declining needs its reason.", "Say why the standard time does no harm.");
            }
            Command::DeclineExpedite { by, why }
        }
        Action::DeemedApproval => Command::ConfirmDeemedApproval { by, basis: form.get("basis").to_owned() },
        Action::Reduce => Command::ReduceApproved { by, line: problems.line(form), why },
        Action::Withdraw => {
            let lines = form.all("line").iter().filter_map(|l| l.parse().ok()).collect();
            if !form.has("line") {
                problems.add("form.lines", "No line was chosen.", "Tick at least one line.");
            }
            Command::Withdraw { by, lines, asked_by: form.get("asked_by").to_owned(), why }
        }
        Action::Dismiss => Command::Dismiss { by, why, cite: form.get("cite").to_owned() },
        _ => {
            if !form.ticked("sure") {
                problems.add("form.sure", "The check before voiding was not confirmed.", "Tick the box when it is so.");
            }
            Command::Void { by, why }
        }
    };
    problems.or(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigil_domain::party::Credential;

    fn by() -> Actor {
        Actor { person: "nora".into(), name: "Nora Nurse, RN".into(), credential: Credential::default() }
    }

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form::new(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn every_problem_of_a_form_is_said_at_once() {
        let refused = approve(&form(&[("from", "soon"), ("through", "2026-13-40")]), by()).unwrap_err();
        let rules: Vec<&str> = refused.iter().map(|r| r.rule.as_str()).collect();
        assert_eq!(rules, ["form.day", "form.day", "form.lines"]);
        assert!(refused.iter().all(|r| !r.instead.is_empty()));
    }

    #[test]
    fn local_times_are_read_in_the_contracts_zone() {
        let zone = Zone::named("America/New_York").unwrap();
        let at = local_moment("2026-03-13T16:10", &zone).unwrap();
        assert_eq!(at.to_string(), "2026-03-13T20:10:00Z");
        assert_eq!(local_moment("2026-03-08T02:30", &zone).unwrap().to_string(), "2026-03-08T07:30:00Z");
        assert!(local_moment("tomorrow", &zone).is_none());
    }

    #[test]
    fn voiding_asks_for_its_confirmation() {
        let refused = ending(Action::Void, &form(&[("why", "twice")]), by()).unwrap_err();
        assert_eq!(refused[0].rule, "form.sure");
        assert!(ending(Action::Void, &form(&[("why", "twice"), ("sure", "on")]), by()).is_ok());
    }
}
