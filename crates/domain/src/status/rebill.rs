//! After discharge: Part A, Part B inpatient rebilling (condition code W2), or no bill.

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::{
    after::outpatient_span,
    book::StatusBook,
    committee::{AttendingView, Determination, WrittenNotice, consulted, enough, made, may_act, notice_due, told},
    facts::{FacilityKind, StatusFacts},
    ground::grounds,
    lens::Lens,
    procedure::{BillFlag, BillPlace, Met, Procedure, Step},
    rulebook::{Answered, Rules},
    words::{at_words, day_words},
};
use crate::time::{Day, Moment};

/// What post-discharge review is judged by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RebillFacts {
    /// The stay, discharged.
    pub stay: StatusFacts,
    /// The UR committee's determination after discharge.
    #[serde(default)]
    pub determination: Option<Determination>,
    /// What the responsible practitioner says.
    #[serde(default)]
    pub attending: Option<AttendingView>,
    /// When the contractor denied Part A, if it did: the other trigger.
    #[serde(default)]
    pub contractor_denied_at: Option<Moment>,
    /// Outpatient care would have been reasonable and necessary.
    #[serde(default)]
    pub outpatient_reasonable: Option<bool>,
    /// An appeal of the Part A denial is pending.
    #[serde(default)]
    pub appeal_pending: Option<bool>,
    /// The day on which the rebill is, or will be, submitted; none: today.
    #[serde(default)]
    pub submitted_on: Option<Day>,
    /// Written notice of the determination.
    #[serde(default)]
    pub told: WrittenNotice,
    /// Outpatient services were given before the inpatient order.
    #[serde(default)]
    pub services_before_order: Option<bool>,
}

/// Post-discharge UR review, tests in order. `outcome` says which way it comes out once it is known: `part-a`, `w2`,
/// `no-bill`, or `by-contract`.
pub fn rebill_w2(facts: &RebillFacts, book: &StatusBook, now: Moment) -> Procedure {
    let at = facts.determination.as_ref().map_or(now, |d| d.at);
    let rules = Rules::on(&facts.stay, book, at);
    let lens = Lens::new(&facts.stay, book, now);
    let ground = grounds(&lens);
    let holds = lens.order().is_some() && ground.basis.holds();
    let due = notice_due(&rules, facts.determination.as_ref());
    let denied = facts.contractor_denied_at.is_some();
    let mut steps = vec![
        rules.step("payer", "w2.original-medicare", "Is Original Medicare the payer?", original_medicare(&facts.stay)),
        rules.step("inpatient", "w2.after-discharge", "Was the patient a formal inpatient who has left?", left(&lens)),
        rules.step(
            "no-basis",
            "w2.no-basis",
            "Does no documented basis for Part A hold?",
            no_basis(holds, denied, &ground.says),
        ),
        rules.step(
            "found",
            "w2.trigger",
            "Did the UR committee, or the contractor, find inpatient care not necessary?",
            trigger(&rules, facts),
        ),
    ];
    steps.extend(after_the_finding(&rules, facts));
    let notice = if denied {
        Answered::met("The contractor's denial gives the notice.")
    } else {
        told(&rules, &facts.told, due, now).instead(&again(&rules))
    };
    steps.extend([
        rules.step("time-limit", "w2.time-limit", "Is the rebill inside its time limit?", in_time(&rules, facts, now)),
        rules.step("told", "w2.notice", "Were hospital, patient and practitioner told in writing in time?", notice),
    ]);
    let mut procedure = Procedure::of("rebill-w2", "Post-discharge review and Part B rebilling", steps);
    procedure.outcome = outcome(&procedure, holds && !denied, facts).map(str::to_owned);
    if procedure.steps[..8].iter().all(|step| step.met == Met::Met) && !denied {
        let owed = facts.told.each().into_iter().filter(|(_, at)| at.is_none());
        procedure.produces.letters =
            owed.map(|(to, _)| rules.letter("committee.not-necessary", to, "w2.notice", due)).collect();
    }
    match procedure.outcome.as_deref() {
        Some("w2") => rebill(&mut procedure, &rules, facts),
        Some("part-a") => procedure.produces.bill.extend(outpatient_span(&lens, 1)),
        _ => {}
    }
    procedure
}

/// What is left once the notice came too late, with how sure that reading is.
fn again(rules: &Rules<'_>) -> String {
    let says = "This determination carries no rebill.";
    match rules.get("w2.again") {
        Some(rule) => format!("{says} {} ({}; {}) Or no bill.", rule.says, rule.cite, rule.confidence.word()),
        None => format!("{says} What is left is no bill."),
    }
}

/// The committee's finding with its conditions, or the contractor's denial.
fn trigger(rules: &Rules<'_>, facts: &RebillFacts) -> Answered {
    if facts.contractor_denied_at.is_some() {
        return Answered::met("The contractor denied the inpatient stay as not reasonable and necessary.");
    }
    let determination = facts.determination.as_ref();
    Answered::worst([
        made(determination),
        consulted(determination),
        may_act(rules, determination),
        enough(determination, facts.attending.as_ref()),
    ])
}

/// What must hold once inpatient care was found not necessary.
fn after_the_finding(rules: &Rules<'_>, facts: &RebillFacts) -> [Step; 3] {
    [
        rules.step(
            "outpatient",
            "w2.outpatient-reasonable",
            "Would outpatient care have been reasonable and necessary?",
            plain(
                facts.outpatient_reasonable,
                "Outpatient care would have been reasonable and necessary.",
                "Outpatient care would not have been reasonable and necessary either.",
                "The review says whether outpatient care would have been.",
            ),
        ),
        rules.step(
            "part-b",
            "w2.part-b",
            "Did the patient have Part B?",
            plain(
                facts.stay.payer.part_b,
                "The patient had Part B.",
                "The patient had no Part B: nothing can be rebilled.",
                "Look up Part B.",
            ),
        ),
        rules.step(
            "no-appeal",
            "w2.no-appeal",
            "Is no appeal of Part A pending?",
            plain(
                facts.appeal_pending.map(|pending| !pending),
                "No appeal is pending.",
                "An appeal of the Part A denial is pending.",
                "Decide the appeal or withdraw it; condition code W2 attests that none is pending.",
            ),
        ),
    ]
}

fn original_medicare(stay: &StatusFacts) -> Answered {
    if stay.payer.is_original_medicare() {
        return Answered::met("Original Medicare pays first.");
    }
    Answered::not_met(
        format!("{} pays first; condition code W2 is for Original Medicare only.", stay.payer.line_of_business.title()),
        "Follow the UR process and the payer's contract.",
    )
}

fn left(lens: &Lens<'_>) -> Answered {
    if lens.facts.order.is_some() && lens.facts.changed_at.is_some() {
        return Answered::not_met(
            "The status was changed to outpatient before the patient left.",
            "Bill the whole episode as outpatient.",
        );
    }
    match (&lens.facts.discharge, lens.order()) {
        (_, None) => Answered::not_met(
            "There was no order to admit before the patient left: the stay is outpatient.",
            "Bill it as outpatient.",
        ),
        (Some(d), Some(_)) if d.at <= lens.now => Answered::met(format!("Left {}.", at_words(d.at, &lens.facts.zone))),
        _ => Answered::not_met("The patient is still here.", "Condition code 44 is judged before discharge."),
    }
}

fn no_basis(holds: bool, denied: bool, says: &str) -> Answered {
    if denied {
        return Answered::met("The contractor's denial decides, unless it is appealed.");
    }
    if holds {
        return Answered::not_met(format!("A documented basis holds: {says}"), "The stay is billed to Part A.");
    }
    Answered::met(says.to_owned())
}

fn plain(known: Option<bool>, yes: &str, no: &str, instead: &str) -> Answered {
    match known {
        Some(true) => Answered::met(yes),
        Some(false) => Answered::not_met(no, instead),
        None => Answered::unknown("Not answered.", instead),
    }
}

/// One calendar year after the date of service; for a stay, its last day.
fn in_time(rules: &Rules<'_>, facts: &RebillFacts, now: Moment) -> Answered {
    let Some(left) = facts.stay.discharge.as_ref().map(|d| d.at) else {
        return Answered::unknown("The patient is still here.", "The limit runs from the date of service.");
    };
    let years = rules.get("w2.time-limit").and_then(|rule| rule.figure("years")).unwrap_or(1);
    let zone = &facts.stay.zone;
    let Ok(last) = zone.day(left).checked_add(years.years()) else {
        return Answered::unknown("The last day cannot be computed.", "Ask billing.");
    };
    let on = facts.submitted_on.unwrap_or_else(|| zone.day(now));
    let due = super::notices::end_of(last, zone);
    if on <= last {
        Answered::met(format!("The last day is {}.", day_words(last))).by(due)
    } else {
        Answered::not_met(format!("The last day was {}.", day_words(last)), "Nothing can be rebilled.").by(due)
    }
}

fn outcome(procedure: &Procedure, holds: bool, facts: &RebillFacts) -> Option<&'static str> {
    let step = |id: &str| procedure.steps.iter().find(|step| step.id == id).map(|step| step.met);
    if step("inpatient") == Some(Met::NotMet) {
        return None;
    }
    if step("payer") == Some(Met::NotMet) {
        return Some("by-contract");
    }
    let necessary =
        facts.contractor_denied_at.is_none() && facts.determination.as_ref().is_some_and(|d| !d.not_necessary);
    if holds || necessary {
        return Some("part-a");
    }
    if step("found") != Some(Met::Met) {
        return None;
    }
    if [step("outpatient"), step("part-b"), step("time-limit")].contains(&Some(Met::NotMet)) {
        return Some("no-bill");
    }
    procedure.passes().then_some("w2")
}

fn rebill(procedure: &mut Procedure, rules: &Rules<'_>, facts: &RebillFacts) {
    let zone = &facts.stay.zone;
    let day = |at: Option<Moment>| at.map(|at| zone.day(at));
    let admitted = day(facts.stay.order.as_ref().map(|order| order.effective_at()));
    let left = day(facts.stay.discharge.as_ref().map(|d| d.at));
    let flag = |bill, place, code: &str, says: &str| rules.flag(bill, place, code, "w2.bill", says);
    let mut bill = vec![
        flag(1, BillPlace::TypeOfBill, "110", "No-pay Part A bill, provider liable."),
        BillFlag {
            from: admitted,
            through: left,
            ..flag(1, BillPlace::OccurrenceSpan, "M1", "Provider liability, no utilization.")
        },
        flag(2, BillPlace::TypeOfBill, "12x", "Part B inpatient bill."),
        flag(
            2,
            BillPlace::ConditionCode,
            "W2",
            "Rebilling of a Part A stay to Part B; attests that no appeal is pending.",
        ),
        flag(2, BillPlace::Authorization, "A/B REBILLING", "Marks the rebill."),
        flag(2, BillPlace::Remark, "Document control number of the no-pay Part A bill", "Joins the two bills."),
    ];
    let off = rules.flag(
        2,
        BillPlace::LeaveOff,
        "observation, emergency and clinic visits, outpatient diabetes training",
        "w2.leave-off",
        "Services that by definition need outpatient status are not on this bill.",
    );
    bill.push(off);
    if facts.services_before_order != Some(false) {
        let kind = if facts.stay.facility == FacilityKind::CriticalAccess { "85x" } else { "13x" };
        bill.push(flag(
            3,
            BillPlace::TypeOfBill,
            kind,
            "Outpatient services before the order, inside the payment window.",
        ));
    }
    procedure.produces.bill = bill;
    procedure.produces.notes = vec![
        "Refund what the patient paid for Part A (deductible, coinsurance); Part B cost sharing replaces it."
            .to_owned(),
        "The patient is told of the determination and of what changes in cost.".to_owned(),
    ];
}
