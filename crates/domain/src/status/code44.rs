//! Condition code 44: from inpatient to outpatient before discharge, by ordered tests. Any failed test, and it is not
//! condition code 44.

use serde::{Deserialize, Serialize};

use super::{
    answer::{Basis, StatusAnswer},
    book::StatusBook,
    change_notice::{ChangeFacts, change_of_status_notice},
    committee::{AttendingView, Determination, View, WrittenNotice, consulted, made, may_act, notice_due, told},
    decide::decide_status,
    facts::{FacilityKind, StatusFacts},
    hours::{ObservationFacts, observation_hours},
    procedure::{BillFlag, BillPlace, Met, Procedure, Step},
    rulebook::{Answered, Rules},
    span::{Because, Span},
    window::{Delivered, NoticeState},
    words::at_words,
};
use crate::time::Moment;

/// What condition code 44 is judged by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cc44Facts {
    /// The stay, its observation after the change included.
    pub stay: StatusFacts,
    /// The UR committee's determination.
    #[serde(default)]
    pub determination: Option<Determination>,
    /// What the practitioner responsible for the care says.
    #[serde(default)]
    pub attending: Option<AttendingView>,
    /// When the status was changed by order; none: it would be changed now.
    #[serde(default)]
    pub changed_at: Option<Moment>,
    /// Whether an inpatient bill was submitted; none until somebody looked.
    #[serde(default)]
    pub bill_submitted: Option<bool>,
    /// Written notice of the determination.
    #[serde(default)]
    pub told: WrittenNotice,
    /// The change-of-status notice, once delivered.
    #[serde(default)]
    pub change_notice: Option<Delivered>,
    /// Procedures with active monitoring of their own: not observation.
    #[serde(default)]
    pub monitored: Vec<Because>,
}

/// Tests 0 to 8 in order, under the rules of the day of the change. The letters are owed once tests 0 to 4 hold; the bill
/// flags once all do.
pub fn condition_code_44(facts: &Cc44Facts, book: &StatusBook, now: Moment) -> Procedure {
    let at = facts.changed_at.unwrap_or(now);
    // Judged as it stood: a change already on record is the very one that is tested.
    let facts = &Cc44Facts { stay: StatusFacts { changed_at: None, ..facts.stay.clone() }, ..facts.clone() };
    let rules = Rules::on(&facts.stay, book, at);
    // The basis is judged as of the change: what is written afterwards cannot undo it, nor can the discharge.
    let answer = decide_status(&facts.stay, book, before_discharge(&facts.stay, at));
    let due = before_leaving(&facts.stay, notice_due(&rules, facts.determination.as_ref()));
    let notice = change_of_status_notice(&change(facts, at), book, now);
    let mut steps = vec![
        rules.step("0-no-basis", "cc44.no-basis", "Does no basis for inpatient status hold?", no_basis(&answer)),
        rules.step(
            "1-committee",
            "cc44.committee",
            "Did a member of the UR committee determine that inpatient criteria are not met?",
            committee(&rules, facts),
        ),
        rules.step(
            "2-concurs",
            "cc44.concurrence",
            "Does the responsible practitioner concur, in writing?",
            concurs(facts),
        ),
        rules.step(
            "3-before-discharge",
            "cc44.before-discharge",
            "Is the change made while the patient is still here?",
            still_here(&rules, facts, now),
        ),
        rules.step("4-no-bill", "cc44.no-bill", "Has no inpatient bill been submitted?", no_bill(facts)),
        rules.step(
            "5-told",
            "cc44.notice",
            "Were hospital, patient and practitioner told in writing, within the days and before discharge?",
            told(&rules, &facts.told, due, now),
        ),
        rules.step(
            "6-change-notice",
            "cc44.change-notice",
            "Is the Medicare Change of Status Notice given, where it is owed?",
            change_notice(&notice),
        ),
        rules.step(
            "7-observation",
            "cc44.observation",
            "Do observation hours count only from their own order?",
            hours_forward(&rules, facts, at),
        ),
    ];
    let passed = steps.iter().all(|step| step.met == Met::Met);
    let bill = if passed {
        Answered::met("The whole episode is billed as outpatient with condition code 44.")
    } else {
        Answered::unknown("Decided by the tests before.", "Meet every test before this one.")
    };
    steps.push(rules.step("8-bill", "cc44.bill", "Is the whole episode billed as outpatient?", bill));
    let mut procedure = Procedure::of("condition-code-44", "Condition code 44", steps);
    produce(&mut procedure, &rules, facts, &notice, due, now);
    procedure
}

/// As of the change, and never after the patient left.
fn before_discharge(stay: &StatusFacts, at: Moment) -> Moment {
    match &stay.discharge {
        Some(discharge) if discharge.at <= at => discharge.at - jiff::SignedDuration::from_secs(1),
        _ => at,
    }
}

/// Notices are due before the patient leaves, if that comes first.
fn before_leaving(stay: &StatusFacts, due: Option<Moment>) -> Option<Moment> {
    let leaves = stay.discharge.as_ref().map(|d| d.at).or(stay.expected_discharge_at);
    let before = leaves.map(|leaves| leaves - jiff::SignedDuration::from_secs(1));
    [due, before].into_iter().flatten().min()
}

fn change(facts: &Cc44Facts, at: Moment) -> ChangeFacts {
    ChangeFacts {
        stay: facts.stay.clone(),
        changed_at: Some(at),
        by_hospital: true,
        delivered: facts.change_notice.clone(),
    }
}

fn no_basis(answer: &StatusAnswer) -> Answered {
    if answer.basis == Basis::NoOrder {
        return Answered::not_met(
            "There is no order to admit: the patient is an outpatient and nothing is changed.",
            "Nothing is needed.",
        );
    }
    if let Some(basis) = &answer.would_hold {
        let says = format!("A basis for inpatient status holds: {}. {}", basis.word().replace('-', " "), answer.says);
        return Answered::not_met(says, "The stay remains inpatient.");
    }
    match answer.basis {
        Basis::Contract | Basis::Rehabilitation => {
            Answered::unknown(answer.says.clone(), "Ask the payer, or have the rules that apply judged by a person.")
        }
        Basis::NotShown if answer.midnights.expected >= 2 => {
            Answered::unknown(answer.says.clone(), "Find out first whether the need for a hospital can be documented.")
        }
        _ => Answered::met(answer.says.clone()),
    }
}

/// The determination with its conditions; the first that fails answers.
fn committee(rules: &Rules<'_>, facts: &Cc44Facts) -> Answered {
    let determination = facts.determination.as_ref();
    Answered::worst([made(determination), consulted(determination), may_act(rules, determination)])
}

fn concurs(facts: &Cc44Facts) -> Answered {
    let Some(attending) = &facts.attending else {
        return Answered::unknown(
            "The practitioner's answer is not on record.",
            "Ask the practitioner and record the answer.",
        );
    };
    let w2 = "Condition code 44 is unavailable: the stay remains inpatient; two committee members may find it not necessary, and it goes to rebilling after discharge.";
    match (&attending.view, attending.documented) {
        (View::Concurs, Some(true)) => Answered::met("The practitioner concurs, and it is written in the record."),
        (View::Concurs, Some(false)) => Answered::not_met(
            "The practitioner concurs, but it is not written in the record.",
            "Document the concurrence.",
        ),
        (View::Concurs, None) => {
            Answered::unknown("Nobody has said whether the concurrence is in the record.", "Document the concurrence.")
        }
        (View::Silent, _) => {
            Answered::not_met("The practitioner presents no view; condition code 44 needs concurrence.", w2)
        }
        _ => Answered::not_met("The practitioner does not concur.", w2),
    }
}

fn still_here(rules: &Rules<'_>, facts: &Cc44Facts, now: Moment) -> Answered {
    let left = facts.stay.discharge.as_ref().map(|d| d.at);
    let changed = facts.changed_at.unwrap_or(now);
    match left {
        Some(left) if changed >= left => Answered::not_met(
            format!(
                "The patient left {}; after that there is no condition code 44.",
                at_words(left, &rules.facts.zone)
            ),
            "Post-discharge UR review decides between Part A, rebilling and no bill.",
        ),
        Some(_) => Answered::met("The change was made before the patient left."),
        None => Answered::met("The patient is still here.").by(facts.stay.expected_discharge_at),
    }
}

fn no_bill(facts: &Cc44Facts) -> Answered {
    match facts.bill_submitted {
        Some(false) => Answered::met("No inpatient bill was submitted."),
        Some(true) => Answered::not_met("An inpatient bill was submitted.", "Post-discharge UR review decides."),
        None => Answered::unknown("Nobody has said whether an inpatient bill was submitted.", "Ask billing."),
    }
}

fn change_notice(notice: &super::window::NoticeDue) -> Answered {
    let says = notice.says.clone();
    let due = notice.due_at;
    match notice.state {
        NoticeState::NotOwed | NoticeState::Delivered => Answered::met(says),
        NoticeState::Overdue | NoticeState::DeliveredLate | NoticeState::DeliveredEarly => {
            Answered::not_met(says, "The notice is given in its window, before release.").by(due)
        }
        NoticeState::NotYet => Answered::met(says).by(due),
        _ => Answered::unknown(says, "Deliver the Medicare Change of Status Notice.").by(due),
    }
}

/// No observation order may reach back into inpatient time.
fn hours_forward(rules: &Rules<'_>, facts: &Cc44Facts, at: Moment) -> Answered {
    let Some(order) = facts.stay.order.as_ref().map(|o| o.effective_at()) else {
        return Answered::met("There is no inpatient time.");
    };
    // The order for observation may come just before the change is recorded, never before the finding behind it.
    let bound = facts.determination.as_ref().map_or(at, |d| d.at.min(at));
    let back = facts
        .stay
        .observation
        .iter()
        .find(|o| o.begins() < bound && o.ended_at.is_none_or(|ended| ended > order) && o.begins() >= order);
    match back {
        Some(o) => Answered::not_met(
            format!("Observation is entered from {}, inside inpatient time.", at_words(o.begins(), &rules.facts.zone)),
            "Observation begins with its own order, after the finding that changes the status.",
        ),
        None => {
            Answered::met("Observation counts from its own order; inpatient hours are not turned into observation.")
        }
    }
}

fn produce(
    procedure: &mut Procedure,
    rules: &Rules<'_>,
    facts: &Cc44Facts,
    notice: &super::window::NoticeDue,
    due: Option<Moment>,
    now: Moment,
) {
    if !procedure.steps[..5].iter().all(|step: &Step| step.met == Met::Met) || procedure.refusal.is_some() {
        return;
    }
    let owed = facts.told.each().into_iter().filter(|(_, at)| at.is_none());
    procedure.produces.letters =
        owed.map(|(to, _)| rules.letter("committee.condition-code-44", to, "cc44.notice", due)).collect();
    if matches!(notice.state, NoticeState::Owed) {
        let letter = rules.letter(&notice.notice, "patient", "cc44.change-notice", notice.due_at);
        procedure.produces.letters.push(super::procedure::Letter { not_before: notice.opens_at, ..letter });
    }
    if procedure.passes() {
        procedure.produces.bill = bill(rules, facts, now);
        procedure
            .produces
            .notes
            .push("No inpatient day remains: days of this stay qualify nobody for skilled nursing.".to_owned());
        if !facts.stay.payer.is_original_medicare() {
            procedure.produces.notes.push("This payer's contract says whether condition code 44 is used.".to_owned());
        }
    }
}

fn bill(rules: &Rules<'_>, facts: &Cc44Facts, now: Moment) -> Vec<BillFlag> {
    let kind = if facts.stay.facility == FacilityKind::CriticalAccess { "85x" } else { "13x" };
    let mut flags = vec![
        rules.flag(1, BillPlace::TypeOfBill, kind, "cc44.bill", "Outpatient bill for the whole episode."),
        rules.flag(1, BillPlace::ConditionCode, "44", "cc44.bill", "Inpatient changed to outpatient."),
    ];
    let inpatient = facts.stay.order.as_ref().zip(facts.changed_at).map(|(order, changed)| Because {
        span: Span::closed(order.effective_at(), changed),
        why: "inpatient time before the change".to_owned(),
    });
    let asked = ObservationFacts {
        zone: rules.facts.zone.clone(),
        orders: facts.stay.observation.clone(),
        monitored: facts.monitored.iter().cloned().chain(inpatient).collect(),
        care_ended_at: facts.stay.discharge.as_ref().map(|d| d.at),
    };
    let hours = observation_hours(&asked, now);
    if hours.hours > 0 {
        let flag = rules.flag(1, BillPlace::Service, "G0378", "observation-codes", "Observation, by the hour.");
        flags.push(BillFlag { units: Some(hours.hours), ..flag });
    }
    flags
}
