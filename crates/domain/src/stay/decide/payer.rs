//! Payers: told, sent clinicals, asked, and what they answered, as facts with their source. Telling a payer is not an
//! authorization; an approved admission locks its evidence.

use super::{Draft, must_be_listed, must_say, refuse, window};
use crate::{
    calendar::number_of,
    party::LineOfBusiness,
    stay::{
        command::Command,
        event::Event,
        payer::{AnswerKind, AnswerSource, AskKind, Channel, Held, PayerAnswer, PayerState},
        refusal::{Refusal, Refused},
    },
    time::{Day, Moment},
};

/// Answered by a person: the program is certified by the state's office for substance-use services.
pub(super) const OASAS: &str = "ny.oasas-program";
/// Answered by a person: the first treatment plan went with the notice of admission.
pub(super) const FIRST_PLAN: &str = "ny.first-plan-sent";

pub(super) fn act(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::NotifyPayer { by, payer, channel, at, reference } => {
            notify(draft, by.person, payer, channel, at, reference)
        }
        Command::SendClinicals { by, payer, channel, at, confirmation, what } => {
            held(draft, &payer)?;
            must_be_listed("payer.channel", channel.is_known(), channel.word(), "way to reach a payer")?;
            draft.must_not_be_ahead(at)?;
            must_say("clinicals.confirmation", &confirmation, "The confirmation of receipt")?;
            draft.emit(Event::ClinicalsSent { payer, channel, at, confirmation, what, person: by.person })
        }
        Command::AskPayer { by, payer, ask, days, channel, at, reference } => {
            let held = held(draft, &payer)?;
            must_be_listed("payer.ask", ask.is_known(), ask.word(), "question to a payer")?;
            must_be_listed("payer.channel", channel.is_known(), channel.word(), "way to reach a payer")?;
            draft.must_not_be_ahead(at)?;
            if matches!(ask, AskKind::Admission | AskKind::MoreDays) {
                no_review_needed(draft, &held, "asking for days")?;
            }
            draft.emit(Event::PayerAsked { payer, ask, days, channel, at, reference, person: by.person })
        }
        Command::RecordPayerReview { by, payer, what } => {
            let held = held(draft, &payer)?;
            must_say("payer.what", &what, "What the payer asks")?;
            no_review_needed(draft, &held, "the payer's concurrent review")?;
            draft.emit(Event::PayerReviewAsked { payer, what, person: by.person })
        }
        Command::RecordPayerAnswer { by, payer, answer, source } => answered(draft, by.person, payer, *answer, source),
        _ => Ok(()),
    }
}

/// The coverage of a payer on this stay.
pub(super) fn held(draft: &Draft<'_>, payer: &str) -> Result<Held, Refused> {
    match draft.stay().held.iter().find(|h| h.payer_id == payer) {
        Some(held) => Ok(held.clone()),
        None => refuse(Refusal::house(
            "payer.not-on-stay",
            "This payer is no coverage of the stay.",
            "State the coverage first, with its ground.",
        )),
    }
}

fn notify(
    draft: &mut Draft<'_>,
    person: String,
    payer: String,
    channel: Channel,
    at: Moment,
    reference: Option<String>,
) -> Result<(), Refused> {
    let held = held(draft, &payer)?;
    must_be_listed("payer.channel", channel.is_known(), channel.word(), "way to reach a payer")?;
    draft.must_not_be_ahead(at)?;
    let late = told_late(draft, &held, at);
    draft.emit(Event::PayerNotified { payer, channel, at, reference, late, person })
}

/// What telling a payer late puts at risk, by its contract.
fn told_late(draft: &Draft<'_>, held: &Held, at: Moment) -> Option<String> {
    let terms = held.terms.as_ref()?;
    let stay = draft.stay();
    let from = stay.admitted_at().or_else(|| terms.observation_too.then(|| stay.observed_at()).flatten())?;
    let due = window::notification(draft, terms, from)?.due_at;
    if at.as_second() <= due.as_second() {
        return None;
    }
    let hours = (at.as_second() - due.as_second()).div_euclid(3_600);
    if terms.late_hours_whole_stay.is_some_and(|most| hours >= i64::from(most)) {
        return Some(format!("told {hours} hours late: the whole stay is at risk ({})", terms.cite));
    }
    let days = number_of(stay.day(at)) - number_of(stay.day(from));
    Some(format!("told {hours} hours late: {} day(s) before the notice are at risk ({})", days.max(1), terms.cite))
}

/// New York substance-use admissions: no concurrent review for the window of the law, when the plan was told in time.
pub(super) fn no_review_until(draft: &Draft<'_>, held: &Held) -> Option<(Day, String, u32)> {
    let stay = draft.stay();
    let reached = matches!(
        held.line_of_business,
        LineOfBusiness::CommercialInsured | LineOfBusiness::ExchangeState | LineOfBusiness::MedicaidManagedCare
    );
    let network = held.terms.as_ref().is_some_and(|t| t.in_network);
    let certified = stay.answered(OASAS) == Some(true) && stay.answered(FIRST_PLAN) == Some(true);
    if stay.hospital.state != "NY" || !reached || !network || !certified {
        return None;
    }
    let admitted_at = stay.admitted_at()?;
    window::in_force(draft, "NY-SUD-28", stay.day(admitted_at))?;
    let window = window::law(draft, "NY-SUD-28", ("", None), &[("admission_date", admitted_at)])?;
    let admitted = number_of(stay.day(admitted_at));
    let told = number_of(stay.day(stay.payer(&held.payer_id)?.notified.as_ref()?.0));
    // Notice and first plan within two business days of admission (the rule's own condition).
    if told > window::calendar(draft)?.business_day_after(admitted, 2) || draft.now > window.due_at {
        return None;
    }
    let day_of_stay = number_of(stay.day(draft.now)) - admitted + 1;
    Some((stay.day(window.due_at), window.pin.cite, u32::try_from(day_of_stay).unwrap_or(1)))
}

fn no_review_needed(draft: &Draft<'_>, held: &Held, what: &str) -> Result<(), Refused> {
    let Some((last, cite, day)) = no_review_until(draft, held) else { return Ok(()) };
    refuse(Refusal::law(
        "NY-SUD-28",
        cite,
        format!("Day {day}: {what} is barred through {last}; the plan was told in time with the first treatment plan."),
        "Keep the daily review, consult the plan about day 14, and answer the plan with this rule.",
    ))
}

fn answered(
    draft: &mut Draft<'_>,
    person: String,
    payer: String,
    answer: PayerAnswer,
    source: AnswerSource,
) -> Result<(), Refused> {
    let held = held(draft, &payer)?;
    must_be_listed("payer.answer", answer.kind.is_known(), answer.kind.word(), "answer of a payer")?;
    must_be_listed("payer.channel", source.channel.is_known(), source.channel.word(), "way to reach a payer")?;
    draft.must_not_be_ahead(source.said_at)?;
    let refusals = faults(draft, &held, &answer, &source);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let admission = held.line_of_business == LineOfBusiness::MedicareAdvantage
        && matches!(answer.kind, AnswerKind::Approved | AnswerKind::Partial)
        && draft.stay().payer(&payer).is_none_or(|p| p.locked.is_none());
    let said_on = draft.stay().day(source.said_at);
    let rule = admission.then(|| window::in_force(draft, "MADV-APPROVED-LOCK", said_on)).flatten();
    let lock = rule.map(|rule| Event::EvidenceLocked {
        payer: payer.clone(),
        authorization: answer.authorization.clone().unwrap_or_default(),
        approver: source.said_by.clone(),
        approved_at: source.said_at,
        cite: rule.cite.clone(),
    });
    draft.emit(Event::PayerAnswered { payer, answer: Box::new(answer), source, person })?;
    match lock {
        Some(event) => draft.emit(event),
        None => Ok(()),
    }
}

fn faults(draft: &Draft<'_>, held: &Held, answer: &PayerAnswer, source: &AnswerSource) -> Refused {
    let mut refusals = Vec::new();
    let mut no = |refusal: Refusal| refusals.push(refusal);
    if source.said_by.trim().is_empty() {
        no(Refusal::house(
            "payer.said-by",
            "Who at the payer said so is missing.",
            "Enter the name or role; an answer is worth its source.",
        ));
    }
    let granted = matches!(answer.kind, AnswerKind::Approved | AnswerKind::Partial);
    if granted && answer.authorization.as_ref().is_none_or(|a| a.trim().is_empty()) {
        no(Refusal::house(
            "payer.number",
            "An approval has its authorization number.",
            "Ask the payer for it; until then record the answer as pended.",
        ));
    }
    if granted && (answer.from.is_none() || answer.through.is_none()) {
        no(Refusal::house(
            "payer.days",
            "An approval says its first and its last covered day.",
            "Ask the payer for both; an open-ended approval covers no day that can be counted.",
        ));
    }
    if let (Some(from), Some(through)) = (answer.from, answer.through) {
        let days = number_of(through) - number_of(from) + 1;
        if days < 1 || answer.days.is_some_and(|told| i64::from(told) != i64::from(days)) {
            no(Refusal::house(
                "payer.days-disagree",
                "The days told and the dates told disagree.",
                "Ask the payer which of them holds, and record that.",
            ));
        }
    }
    let state = draft.stay().payer(&held.payer_id);
    let locked = state.and_then(|p| p.locked.clone());
    if let Some((authorization, approver, at)) = locked.filter(|_| state.is_some_and(|p| takes_back(p, answer))) {
        let rule = draft.books.law.rule("MADV-APPROVED-LOCK");
        let cite = rule.map_or_else(|| "42 CFR 422.138(c)".to_owned(), |r| r.cite.clone());
        let on = draft.stay().day(at);
        no(Refusal::law(
            "MADV-APPROVED-LOCK",
            cite,
            format!("The admission was approved on {on} by {approver} under {authorization}; it cannot be taken back."),
            "Send the payer the locked approval; it may reopen only for obvious error, fraud or similar fault. A denial of later \
             days, which were never approved, names its first day.",
        ));
    }
    refusals
}

/// Whether an answer reaches what was approved, under whatever number it comes: a downgrade or a cancellation is about the
/// admission itself; a denial reaches the days it names, and all of them when it names none.
fn takes_back(state: &PayerState, answer: &PayerAnswer) -> bool {
    match answer.kind {
        AnswerKind::Downgraded | AnswerKind::Cancelled => true,
        AnswerKind::Denied => {
            let approved = state.answers.iter().map(|(_, a, ..)| a).filter(|a| a.grants());
            let mut spans = approved.filter_map(|a| Some((a.from?, a.through?)));
            let (from, through) = (answer.from, answer.through);
            from.is_none() || spans.any(|(a, b)| from.is_none_or(|from| from <= b) && through.is_none_or(|t| a <= t))
        }
        _ => false,
    }
}
