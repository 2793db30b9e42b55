//! Steps that are refused on sight: an order that reaches back, an approved admission that is taken back.

use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    facts::{InpatientOrder, StatusFacts},
    procedure::{Procedure, Refused},
    rulebook::{Answered, Rules},
    words::at_words,
};
use crate::{codes, law::Confidence, time::Moment};

/// Refuses an order to admit that would take effect before it is written, or after the patient left. `written_at` is the
/// moment at which somebody enters it.
pub fn refuse_order(
    stay: &StatusFacts,
    order: &InpatientOrder,
    written_at: Moment,
    book: &StatusBook,
) -> Option<Refused> {
    let rules = Rules::on(stay, book, written_at);
    let zone = &stay.zone;
    let left = stay.discharge.as_ref().map(|d| d.at).filter(|left| *left <= written_at);
    let (step, says, instead) = if let Some(left) = left {
        let says =
            format!("The patient left {}: an order to admit is given at or before admission.", at_words(left, zone));
        ("order.after-discharge", says, "Post-discharge UR review decides how the stay is billed.")
    } else if order.at < written_at {
        let says = format!(
            "The order names {} and is written {}: an order is never back-dated.",
            at_words(order.at, zone),
            at_words(written_at, zone)
        );
        ("order.back-dated", says, "Write the order to take effect now.")
    } else {
        return None;
    };
    let rule = rules.get("order");
    Some(Refused {
        step: step.to_owned(),
        rule: rule.map_or_else(|| "order".to_owned(), |rule| rule.id.clone()),
        cite: rule.map(|rule| rule.cite.clone()).unwrap_or_default(),
        confidence: rule.map_or(Confidence::FromKnowledgeVerify, |rule| rule.confidence),
        says,
        instead: instead.to_owned(),
    })
}

codes! {
    /// Why a plan would take back an admission that it approved.
    ReopeningGround {
        ObviousError = "obvious-error",
        Fraud = "fraud",
        /// Medical necessity, level of care, or anything else.
        Necessity = "necessity",
    }
}

/// A plan's later downgrade or denial of an admission that it approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopeningFacts {
    /// The stay.
    pub stay: StatusFacts,
    /// When the plan approved the admission.
    #[serde(default)]
    pub approved_at: Option<Moment>,
    /// Its approval number.
    #[serde(default)]
    pub approval_number: Option<String>,
    /// When the plan took it back.
    pub taken_back_at: Moment,
    /// On what ground.
    pub ground: ReopeningGround,
}

/// May a Medicare Advantage plan take back an inpatient admission that it approved?
pub fn reopen_approved_admission(facts: &ReopeningFacts, book: &StatusBook) -> Procedure {
    let rules = Rules::on(&facts.stay, book, facts.taken_back_at);
    let payer = if facts.stay.payer.is_medicare_advantage() {
        Answered::met("A Medicare Advantage plan is the payer.")
    } else {
        Answered::unknown("This payer is not a Medicare Advantage plan: its contract decides.", "Read the contract.")
    };
    let approved = facts.approved_at.filter(|at| *at <= facts.taken_back_at);
    let ground = match (approved, &facts.ground) {
        (None, _) => {
            Answered::met("The plan had not approved the admission: its decision is an organization determination.")
        }
        (Some(_), ReopeningGround::ObviousError | ReopeningGround::Fraud) => {
            Answered::met(format!("The plan claims {}.", facts.ground.word().replace('-', " ")))
        }
        (Some(at), _) => Answered::not_met(
            format!(
                "The plan approved the admission {} ({}): it is not reopened for medical necessity or level of care.",
                at_words(at, &facts.stay.zone),
                facts.approval_number.as_deref().unwrap_or("no number on record")
            ),
            "The approval stands; answer the plan with its date and number.",
        ),
    };
    let steps = vec![
        rules.step("payer", "medicare-advantage-no-reopening", "Is a Medicare Advantage plan the payer?", payer),
        rules.step(
            "ground",
            "medicare-advantage-no-reopening",
            "Is there a ground on which an approved admission is reopened?",
            ground,
        ),
    ];
    Procedure::of("reopen-approved-admission", "Taking back an approved admission", steps)
}
