//! Payers that the two-midnight rules do not bind: the contract's guideline, a licensed product, or a person who asks.

use super::{
    answer::{Basis, Change, DocumentNeed, FactsConfidence, Supported},
    guideline::{AdmissionGuideline, Condition, GuidelineAnswer, Needs},
    lens::{Ground, Lens},
    procedure::Met,
    words::listed,
};

/// Medicare on a day for which the library carries no two-midnight rule: a person decides.
pub(super) fn medicare_without_rules(lens: &Lens<'_>) -> Ground {
    bare(Basis::Contract, format!("The library carries no two-midnight rule for {}: a person decides.", lens.day))
}

/// The contract's guideline; without one, what a licensed product said; without that, ask.
pub(super) fn by_contract(lens: &Lens<'_>) -> Ground {
    let facts = lens.facts;
    if let Some(guideline) = lens.book.guideline(&facts.payer, &facts.jurisdiction, lens.day) {
        return by_guideline(lens, guideline);
    }
    let Some(rule) = lens.rule("contract") else {
        let says = match facts.payer.is_medicare_advantage() {
            true => format!(
                "On {} the two-midnight rules did not bind Medicare Advantage plans: the contract decides.",
                lens.day
            ),
            false => "No rule of the library decides for this payer: ask it.".to_owned(),
        };
        return bare(Basis::Contract, says);
    };
    match &facts.product {
        Some(product) => {
            let (basis, found) = if product.met { (Basis::Product, "met") } else { (Basis::NotSupported, "not met") };
            let says = format!(
                "{} {} ({}) found it {found}; this payer's contract decides.",
                product.product, product.version, product.subset
            );
            Ground::of(basis, FactsConfidence::Medium, rule, says)
        }
        None => {
            let says =
                "No admission guideline of this payer is on file and no licensed review is entered: ask the payer.";
            let mut ground = Ground::of(Basis::Contract, FactsConfidence::Low, rule, says);
            ground.document.push(DocumentNeed {
                what: "Enter the licensed review, or load the payer's admission guideline.".to_owned(),
                rule: rule.id.clone(),
                cite: rule.cite.clone(),
            });
            ground
        }
    }
}

fn bare(basis: Basis, says: String) -> Ground {
    Ground {
        basis,
        says,
        cite: String::new(),
        rules: Vec::new(),
        facts: FactsConfidence::Low,
        document: Vec::new(),
        changes: Vec::new(),
        guideline: None,
    }
}

fn by_guideline(lens: &Lens<'_>, guideline: &AdmissionGuideline) -> Ground {
    let answer = ask(lens, guideline);
    let (basis, facts) = match answer.met {
        Met::Met => (Basis::Guideline, FactsConfidence::High),
        Met::NotMet => (Basis::NotSupported, FactsConfidence::High),
        Met::Unknown => (Basis::NotShown, FactsConfidence::Low),
    };
    let made_up = if guideline.demonstration { " (demonstration guideline)" } else { "" };
    let says = match answer.met {
        Met::Met => format!("{}{made_up}: every condition holds.", guideline.title),
        Met::NotMet => format!("{}{made_up}: not met: {}.", guideline.title, listed(&answer.unmet)),
        Met::Unknown => format!("{}{made_up}: not answered: {}.", guideline.title, listed(&answer.unanswered)),
    };
    let need =
        |what: &String| DocumentNeed { what: what.clone(), rule: guideline.id.clone(), cite: guideline.cite.clone() };
    let change = |unmet: &String| Change {
        when: format!("It is shown that: {unmet}"),
        then: Supported::Inpatient,
        basis: Basis::Guideline,
        rule: guideline.id.clone(),
    };
    Ground {
        basis,
        says,
        cite: guideline.cite.clone(),
        rules: lens.rule("contract").map(|rule| rule.id.clone()).into_iter().collect(),
        facts,
        document: answer.unanswered.iter().map(need).collect(),
        changes: answer.unmet.iter().chain(&answer.unanswered).map(change).collect(),
        guideline: Some(answer),
    }
}

fn ask(lens: &Lens<'_>, guideline: &AdmissionGuideline) -> GuidelineAnswer {
    let answered = |conditions: &[Condition]| -> Vec<(String, Met)> {
        conditions.iter().map(|condition| (condition.asks.clone(), one(lens, condition))).collect()
    };
    let (all, any) = (answered(&guideline.all), answered(&guideline.any));
    let of = |list: &[(String, Met)], met: Met| list.iter().any(|(_, have)| *have == met);
    let every = if of(&all, Met::NotMet) {
        Met::NotMet
    } else if of(&all, Met::Unknown) {
        Met::Unknown
    } else {
        Met::Met
    };
    let some = if any.is_empty() || of(&any, Met::Met) {
        Met::Met
    } else if of(&any, Met::Unknown) {
        Met::Unknown
    } else {
        Met::NotMet
    };
    let met = match (every, some) {
        (Met::NotMet, _) | (_, Met::NotMet) => Met::NotMet,
        (Met::Met, Met::Met) => Met::Met,
        _ => Met::Unknown,
    };
    let shown = if some == Met::Met { Vec::new() } else { any };
    let pick = |wanted: Met| -> Vec<String> {
        all.iter().chain(&shown).filter(|(_, have)| *have == wanted).map(|(asks, _)| asks.clone()).collect()
    };
    GuidelineAnswer {
        id: guideline.id.clone(),
        title: guideline.title.clone(),
        met,
        unmet: pick(Met::NotMet),
        unanswered: pick(Met::Unknown),
        demonstration: guideline.demonstration,
    }
}

fn one(lens: &Lens<'_>, condition: &Condition) -> Met {
    let facts = lens.facts;
    let figure = condition.figure.unwrap_or(0);
    match &condition.needs {
        Needs::Order => Met::of(Some(lens.order().is_some())),
        Needs::ExpectedMidnights if lens.counted.expected >= figure => Met::Met,
        Needs::ExpectedMidnights => Met::of(facts.expectation.as_ref().map(|_| false)),
        Needs::HoursOfCare => Met::of(facts.care_began_at().map(|from| {
            let hours = (facts.counted_to(lens.now).as_second() - from.as_second()) / 3600;
            hours >= i64::from(figure)
        })),
        Needs::Product => {
            let named = |product: &&super::facts::ProductResult| {
                condition.product.as_ref().is_none_or(|wanted| *wanted == product.product)
            };
            Met::of(facts.product.as_ref().filter(named).map(|product| product.met))
        }
        Needs::Answered | Needs::Other(_) => Met::of(facts.answers.get(&condition.id).copied()),
    }
}
