//! The grounds of inpatient status, looked for in the order of the rules: list, rehabilitation, benchmark, what cut the
//! stay short, exception; for other payers the contract's guideline.

use super::{
    answer::{Basis, FactsConfidence},
    binding::{by_contract, medicare_without_rules},
    book::StatusRule,
    count::written_expectation,
    facts::{Departure, FacilityKind},
    lens::{Ground, Lens, asked},
    words::{listed, midnights},
};
use crate::calendar::number_of;

/// The first ground that holds, whether an order is there or not.
pub(super) fn grounds(lens: &Lens<'_>) -> Ground {
    if !lens.two_midnight_binds() {
        return by_contract(lens);
    }
    let Some(benchmark) = lens.rule("benchmark") else { return medicare_without_rules(lens) };
    let follows = lens.rule("medicare-advantage-follows");
    let found = on_the_list(lens)
        .or_else(|| rehabilitation(lens))
        .or_else(|| by_benchmark(lens, benchmark))
        .or_else(|| cut_short(lens, benchmark))
        .or_else(|| by_exception(lens));
    found.unwrap_or_else(|| nothing(lens, benchmark)).with(follows)
}

/// A procedure on the list on its date of service, done no longer before the order than the payment window reaches.
fn on_the_list(lens: &Lens<'_>) -> Option<Ground> {
    let window = |rule: &StatusRule| i32::try_from(rule.figure("payment_window_days").unwrap_or(0)).unwrap_or(0);
    lens.list.iter().filter(|answer| answer.listed).find_map(|answer| {
        let rule = lens.rule_on("inpatient-only-list", answer.on)?;
        let late = lens.order().is_some() && number_of(lens.day) - number_of(answer.on) > window(rule);
        if late {
            return None;
        }
        let version = answer.version.as_deref().unwrap_or_default();
        let made_up = if answer.demonstration { " (demonstration list)" } else { "" };
        let says = format!(
            "Procedure {} is on the inpatient-only list on {} ({version}{made_up}): inpatient whatever the length of the stay.",
            answer.code, answer.on
        );
        let ground = Ground::of(Basis::InpatientOnly, FactsConfidence::High, rule, says).with(lens.rule_on("inpatient-only-phase-out", answer.on));
        Some(if lens.day > answer.on && lens.order().is_some() {
            Ground { facts: FactsConfidence::Medium, ..ground }
                .document(rule, "The order follows the procedure: show that the payment window bundles it into this admission.")
        } else {
            ground
        })
    })
}

fn rehabilitation(lens: &Lens<'_>) -> Option<Ground> {
    let rule = lens.rule("rehabilitation-excluded").filter(|_| lens.facts.facility == FacilityKind::Rehabilitation)?;
    let says = "Inpatient rehabilitation: its own coverage rules decide, not the two-midnight rule.";
    Some(Ground::of(Basis::Rehabilitation, FactsConfidence::High, rule, says))
}

/// Expected while the patient is here; spent once the patient has left. The hospital-level need must be in the record.
fn by_benchmark(lens: &Lens<'_>, rule: &StatusRule) -> Option<Ground> {
    let counted = &lens.counted;
    let left = lens.facts.has_left(lens.now);
    let reached = if left { counted.so_far } else { counted.expected };
    if reached < asked(rule) || lens.facts.hospital_need != Some(true) {
        return None;
    }
    let spent = counted.so_far >= asked(rule);
    let says = if spent {
        format!(
            "{} of hospital care with a documented need: the two-midnight benchmark is met.",
            midnights(counted.so_far)
        )
    } else {
        format!(
            "{} of hospital care expected and documented: the two-midnight benchmark is met.",
            midnights(counted.expected)
        )
    };
    let expectation = written_expectation(lens.facts, lens.now);
    let bare = expectation.is_none_or(|e| e.because.is_empty());
    let facts = match (bare, lens.facts.care_began_at().is_some()) {
        (false, true) => FactsConfidence::High,
        _ => FactsConfidence::Medium,
    };
    let mut ground = Ground::of(Basis::Benchmark, facts, rule, says).with(lens.rule("benchmark-clock"));
    if bare {
        ground = ground.document(
            rule,
            "Write what the expectation rests on: history, comorbidities, severity, current needs, risk of an adverse event.",
        );
    }
    if !spent {
        ground = ground.change(
            rule,
            Basis::NotShown,
            "The patient leaves before the second midnight and nothing unforeseen explains it.",
        );
    }
    Some(ground)
}

/// The patient left early: a reasonable expectation stands when something unforeseen cut the stay short.
fn cut_short(lens: &Lens<'_>, benchmark: &StatusRule) -> Option<Ground> {
    let discharge = lens.facts.discharge.as_ref().filter(|d| d.at <= lens.now)?;
    if lens.counted.expected < asked(benchmark) || lens.facts.hospital_need != Some(true) {
        return None;
    }
    let regulation = lens.rule("unforeseen-circumstance")?;
    let guidance = lens.rule("unforeseen-circumstance-guidance");
    let named = |rule: &StatusRule| {
        let by_departure = rule.covers.iter().find(|word| *word == discharge.how.word());
        let improved =
            discharge.rapid_improvement.then(|| rule.covers.iter().find(|word| *word == "rapid-improvement"));
        by_departure.or(improved.flatten()).cloned()
    };
    let found =
        [Some(regulation), guidance].into_iter().flatten().find_map(|rule| named(rule).map(|word| (rule, word)));
    let Some((rule, word)) = found else {
        let says =
            "Two midnights were expected, the patient left before the second, and the record names nothing unforeseen.";
        let ground = Ground::of(Basis::NotShown, FactsConfidence::Low, regulation, says)
            .with(Some(benchmark))
            .document(regulation, "Write what cut the stay short: death, transfer, departure against advice, hospice, unexpected rapid improvement.")
            .change(regulation, Basis::Unforeseen, "The record shows what cut the stay short and that nobody could expect it.");
        return Some(ground);
    };
    let says = format!("Two midnights were expected with reason; {} cut the stay short.", word.replace('-', " "));
    let ground = Ground::of(Basis::Unforeseen, FactsConfidence::High, rule, says).with(Some(benchmark));
    let improvement = word == "rapid-improvement" || discharge.how == Departure::Home;
    Some(if improvement {
        Ground { facts: FactsConfidence::Medium, ..ground }
            .document(rule, "Write why the improvement could not be expected at admission.")
    } else {
        ground
    })
}

fn by_exception(lens: &Lens<'_>) -> Option<Ground> {
    let rule = lens.rule("case-by-case-exception")?;
    let end = lens.facts.counted_to(lens.now);
    let exception = lens.facts.exception.as_ref().filter(|e| !e.factors.is_empty() && e.documented_at <= end)?;
    let says = format!(
        "Fewer than two midnights expected; the record supports inpatient care case by case: {}.",
        listed(&exception.factors)
    );
    let facts = if exception.minor_procedure { FactsConfidence::Low } else { FactsConfidence::Medium };
    let ground = Ground::of(Basis::Exception, facts, rule, says)
        .document(rule, "The record itself carries the exception: the physician's opinion has no presumptive weight.");
    Some(if exception.minor_procedure {
        ground.document(rule, "A minor procedure of less than 24 hours is unlikely to qualify: say why this one does.")
    } else {
        ground
    })
}

/// Nothing holds: the record says no, or does not say enough.
fn nothing(lens: &Lens<'_>, rule: &StatusRule) -> Ground {
    let counted = &lens.counted;
    let enough = if lens.facts.has_left(lens.now) { counted.so_far } else { counted.expected } >= asked(rule);
    let written = written_expectation(lens.facts, lens.now).is_some();
    let need = lens.facts.hospital_need;
    let (basis, facts, says) = match (enough, need, written) {
        (_, Some(false), _) => (
            Basis::NotSupported,
            FactsConfidence::High,
            "The record shows no need that only a hospital can meet.".to_owned(),
        ),
        (true, None, _) => (
            Basis::NotShown,
            FactsConfidence::Low,
            format!(
                "{} expected or spent, and the record does not show that a hospital was needed.",
                midnights(counted.expected)
            ),
        ),
        (false, _, true) => (
            Basis::NotSupported,
            FactsConfidence::High,
            format!(
                "{} of hospital care expected in all, and no exception is documented.",
                midnights(counted.expected)
            ),
        ),
        _ => (
            Basis::NotShown,
            FactsConfidence::Low,
            format!(
                "No expectation of two midnights is written; {} so far, and no exception is documented.",
                midnights(counted.so_far)
            ),
        ),
    };
    let mut ground = Ground::of(basis, facts, rule, says);
    if !written && !enough {
        ground =
            ground.document(rule, "Write how many midnights of hospital care are expected, and on what that rests.");
    }
    if need.is_none() {
        ground = ground.document(rule, "Write the need that only a hospital can meet.");
    }
    ground = ground.change(
        rule,
        Basis::Benchmark,
        "The practitioner documents hospital care expected to cross two midnights in all, and the need for it.",
    );
    if let Some(exception) = lens.rule("case-by-case-exception") {
        ground = ground.with(Some(exception)).change(
            exception,
            Basis::Exception,
            "The record documents factors that support inpatient care for a shorter stay.",
        );
    }
    ground
}
