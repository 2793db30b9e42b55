//! The decision: what these facts support under the rules in force on the day of admission.

use super::{
    after::review_tier,
    alert::Alert,
    answer::{Basis, Change, DocumentNeed, FactsConfidence, Standing, StatusAnswer, Supported, Used},
    book::StatusBook,
    facts::{FacilityKind, InpatientOrder, StatusFacts},
    ground::grounds,
    lens::{Draft, Ground, Lens},
    trigger::alerts,
    words::{at_words, midnights},
};
use crate::{law::Confidence, time::Moment};

/// What these facts support, on what basis, what would change it, and when to look again. Every rule is the version in
/// force on its own day: of the admission, of the procedure, or today.
pub fn decide_status(facts: &StatusFacts, book: &StatusBook, now: Moment) -> StatusAnswer {
    let lens = Lens::new(facts, book, now);
    let ground = grounds(&lens);
    let standing = standing(&lens);
    let draft = draft(&lens, &ground);
    let tier = review_tier(&lens, &ground);
    let alerts = alerts(&lens, &draft, &standing);
    let law = draft.rules.iter().filter_map(|id| book.by_id(id, lens.day)).map(|rule| rule.confidence);
    let law = if law.clone().any(|c| c == Confidence::FromKnowledgeVerify) || draft.rules.is_empty() {
        Confidence::FromKnowledgeVerify
    } else {
        Confidence::SourceSeen
    };
    StatusAnswer {
        would_hold: ground.basis.holds().then(|| ground.basis.clone()),
        look_again_at: look_again(&lens, &alerts),
        used: used(&lens, &draft),
        would_change: changes(&lens, &draft, &ground),
        document: needs(&lens, &draft, &ground),
        reviewed_by: lens.rule_on("short-stay-review", facts.zone.day(now)).map(|rule| rule.id.clone()),
        standing,
        tier,
        law,
        alerts,
        guideline: ground.guideline,
        status: draft.status,
        basis: draft.basis,
        to_physician_advisor: draft.to_physician_advisor,
        facts: draft.facts,
        rules: draft.rules,
        says: draft.says,
        cite: draft.cite,
        midnights: lens.counted,
        list: lens.list,
    }
}

fn standing(lens: &Lens<'_>) -> Standing {
    if lens.order().is_some() {
        Standing::Inpatient
    } else if lens.facts.running_observation(lens.facts.counted_to(lens.now)).is_some() {
        Standing::Observation
    } else {
        Standing::Outpatient
    }
}

/// Outpatient, with observation where it was ordered.
fn outpatient(lens: &Lens<'_>) -> Supported {
    if lens.facts.observation.iter().any(|o| o.begins() <= lens.now) {
        Supported::Observation
    } else {
        Supported::Outpatient
    }
}

fn draft(lens: &Lens<'_>, ground: &Ground) -> Draft {
    let Some(order) = lens.order() else { return without_order(lens) };
    if let Some(says) = defect(lens, order) {
        return held(lens, says);
    }
    let status = match ground.basis {
        Basis::Rehabilitation => Supported::OtherRules,
        Basis::Contract => Supported::AskThePayer,
        _ if ground.basis.holds() => Supported::Inpatient,
        _ => outpatient(lens),
    };
    Draft {
        status,
        basis: ground.basis.clone(),
        says: ground.says.clone(),
        cite: ground.cite.clone(),
        rules: ground.rules.clone(),
        facts: ground.facts,
        to_physician_advisor: matches!(ground.basis, Basis::Exception | Basis::NotSupported | Basis::NotShown),
    }
}

fn without_order(lens: &Lens<'_>) -> Draft {
    let rule = lens.rule("order").or_else(|| lens.rule("contract"));
    let left = lens.facts.discharge.as_ref().map(|d| d.at);
    let changed =
        lens.facts.order.is_some() && lens.facts.changed_at.is_some_and(|at| at <= lens.facts.counted_to(lens.now));
    let says = match (&lens.facts.order, left) {
        _ if changed => "The status was changed to outpatient: the whole episode is outpatient.".to_owned(),
        (Some(order), Some(left)) if order.effective_at() > left => format!(
            "The order to admit was written {}, after the patient left: no order is ever back-dated, so the stay is outpatient.",
            at_words(order.effective_at(), &lens.facts.zone)
        ),
        _ => "There is no order to admit, so the patient is an outpatient; no order is ever back-dated.".to_owned(),
    };
    Draft {
        status: outpatient(lens),
        basis: if changed { Basis::Changed } else { Basis::NoOrder },
        says,
        cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
        rules: rule.map(|rule| rule.id.clone()).into_iter().collect(),
        facts: FactsConfidence::High,
        to_physician_advisor: false,
    }
}

/// What is wrong with the order, where Medicare's order rules bind.
fn defect(lens: &Lens<'_>, order: &InpatientOrder) -> Option<String> {
    lens.rule("order-defect")?;
    if order.privileges == Some(false) {
        return Some("was given by somebody without admitting privileges".to_owned());
    }
    if order.knows_case == Some(false) {
        return Some("was given by somebody who does not know the case".to_owned());
    }
    if let Some(defect) = &order.defect {
        return Some(format!("has a defect: {defect}"));
    }
    let left = lens.facts.discharge.as_ref().filter(|d| d.at <= lens.now)?;
    match order.signed_at {
        Some(signed) if signed <= left.at => None,
        Some(signed) => Some(format!("was signed {}, after the patient left", at_words(signed, &lens.facts.zone))),
        None => Some("was not signed before the patient left".to_owned()),
    }
}

fn held(lens: &Lens<'_>, says: String) -> Draft {
    let rule = lens.rule("order-defect");
    Draft {
        status: Supported::Hold,
        basis: Basis::DefectiveOrder,
        says: format!("The order to admit {says}: it is held for UR review. Nothing is denied by that alone."),
        cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
        rules: rule.map(|rule| rule.id.clone()).into_iter().collect(),
        facts: FactsConfidence::Low,
        to_physician_advisor: true,
    }
}

fn look_again(lens: &Lens<'_>, alerts: &[Alert]) -> Option<Moment> {
    if lens.facts.has_left(lens.now) {
        return None;
    }
    let midnight = super::span::next_midnight(lens.now, &lens.facts.zone);
    let coming = alerts.iter().map(|alert| alert.at).filter(|at| *at > lens.now);
    coming.chain(midnight).min()
}

fn used(lens: &Lens<'_>, draft: &Draft) -> Vec<Used> {
    let facts = lens.facts;
    let zone = &facts.zone;
    let rule = draft.rules.first().cloned().unwrap_or_default();
    let clock = lens.rule("benchmark-clock").map_or_else(|| rule.clone(), |rule| rule.id.clone());
    let mut used = vec![Used { fact: format!("Payer: {}", facts.payer.line_of_business.title()), rule: rule.clone() }];
    let mut add = |fact: String, rule: &str| used.push(Used { fact, rule: rule.to_owned() });
    if let Some(transfer) = &facts.transfer {
        add(format!("Care began at the sending hospital {}", at_words(transfer.care_began_at, zone)), &clock);
    } else if let Some(first) = facts.first_care_at {
        add(format!("Hospital care began {}", at_words(first, zone)), &clock);
    }
    add(
        format!(
            "{} of hospital care so far, {} after the order",
            midnights(lens.counted.so_far),
            lens.counted.after_order
        ),
        &clock,
    );
    for left_out in &lens.counted.not_counted {
        add(format!("{} not counted: {}", midnights(left_out.midnights), left_out.because.why), &clock);
    }
    if let Some(order) = &facts.order {
        let order_rule = lens.rule("order").map_or("", |rule| rule.id.as_str());
        add(format!("Order to admit effective {}", at_words(order.effective_at(), zone)), order_rule);
        if order.effective_at() != order.at {
            add(
                format!(
                    "The order names {}, before it was written: it counts from its writing",
                    at_words(order.at, zone)
                ),
                order_rule,
            );
        }
    }
    if let Some(expectation) = &facts.expectation {
        let words = midnights(expectation.further_midnights);
        add(format!("{words} more expected, written {}", at_words(expectation.documented_at, zone)), &rule);
    }
    if let Some(need) = facts.hospital_need {
        add(format!("Hospital-level need in the record: {}", if need { "yes" } else { "no" }), &rule);
    }
    if let Some(discharge) = &facts.discharge {
        add(format!("Left {} ({})", at_words(discharge.at, zone), discharge.how), &rule);
    }
    for answer in &lens.list {
        let version = answer.version.as_deref().unwrap_or("no list");
        let listed = if answer.listed { "listed" } else { "not listed" };
        add(format!("Procedure {} on {}: {listed} ({version})", answer.code, answer.on), "ST-05");
    }
    used
}

fn changes(lens: &Lens<'_>, draft: &Draft, ground: &Ground) -> Vec<Change> {
    let mut changes = Vec::new();
    if lens.facts.has_left(lens.now) {
        return ground.changes.clone();
    }
    if matches!(draft.basis, Basis::NoOrder | Basis::Changed) {
        if ground.basis.holds() {
            changes.push(Change {
                when: "An order to admit is written now.".to_owned(),
                then: Supported::Inpatient,
                basis: ground.basis.clone(),
                rule: ground.rules.first().cloned().unwrap_or_default(),
            });
        } else {
            let and = |change: &Change| Change {
                when: format!("An order to admit is written, and: {}", change.when),
                ..change.clone()
            };
            changes.extend(ground.changes.iter().map(and));
        }
        return changes;
    }
    if draft.basis == Basis::DefectiveOrder && ground.basis.holds() {
        changes.push(Change {
            when: "The UR committee finds that the admission was intended and documented.".to_owned(),
            then: Supported::Inpatient,
            basis: ground.basis.clone(),
            rule: draft.rules.first().cloned().unwrap_or_default(),
        });
    }
    changes.extend(ground.changes.iter().cloned());
    changes
}

fn needs(lens: &Lens<'_>, draft: &Draft, ground: &Ground) -> Vec<DocumentNeed> {
    let mut needs = ground.document.clone();
    if lens.order().is_some_and(|order| order.signed_at.is_none())
        && !lens.facts.has_left(lens.now)
        && let Some(rule) = lens.rule("order-defect")
    {
        needs.push(DocumentNeed {
            what: "Sign the order to admit before the patient leaves.".to_owned(),
            rule: rule.id.clone(),
            cite: rule.cite.clone(),
        });
    }
    if draft.basis == Basis::DefectiveOrder
        && let Some(rule) = lens.rule("order-defect")
    {
        needs.push(DocumentNeed {
            what:
                "Show that the admission was intended: the plan of care, progress notes, the practitioner's statement."
                    .to_owned(),
            rule: rule.id.clone(),
            cite: rule.cite.clone(),
        });
    }
    if lens.facts.facility == FacilityKind::CriticalAccess
        && draft.status == Supported::Inpatient
        && lens.facts.certified_at.is_none()
        && let Some(rule) = lens.rule("critical-access-certification")
    {
        needs.push(DocumentNeed {
            what: "Certify that the patient may be expected to leave within 96 hours, no later than one day before the bill is submitted.".to_owned(),
            rule: rule.id.clone(),
            cite: rule.cite.clone(),
        });
    }
    needs
}
