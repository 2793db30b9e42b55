//! The ladder of second-level review: who is asked next, and by when.

use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    committee::{AttendingView, View},
};
use crate::{codes, time::Moment};

codes! {
    /// Who is asked.
    Role {
        Nurse = "nurse",
        PhysicianAdvisor = "physician-advisor",
        ChiefMedicalOfficer = "chief-medical-officer",
        Attending = "attending",
        /// A member of the UR committee: the practitioner concurs or presents no view.
        CommitteeMember = "committee-member",
        /// A second physician appointed to the UR committee of this hospital.
        SecondPhysician = "second-committee-physician",
        /// Nobody: the ladder is at its end.
        Nobody = "nobody",
    }
}

/// Where a review stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationFacts {
    /// When first-level review was not met, or nurse and attending disagreed.
    pub raised_at: Moment,
    /// A physician advisor is on duty.
    pub advisor_on_duty: bool,
    /// The chief medical officer can be reached.
    #[serde(default)]
    pub officer_on_duty: bool,
    /// The chief medical officer is appointed to the UR committee of this hospital today.
    #[serde(default)]
    pub officer_appointed: bool,
    /// When the advisor, or the officer in the advisor's place, advised.
    #[serde(default)]
    pub advised_at: Option<Moment>,
    /// The advice: inpatient status is supported.
    #[serde(default)]
    pub advice_supports: Option<bool>,
    /// What the attending then said.
    #[serde(default)]
    pub attending: Option<AttendingView>,
    /// When the committee determined: one member, or the second where two are needed.
    #[serde(default)]
    pub determined_at: Option<Moment>,
}

/// One rung: who, why, by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Who is asked now.
    pub role: Role,
    /// The chief medical officer may stand on this rung.
    pub officer_may_act: bool,
    /// When this rung was reached.
    pub since: Moment,
    /// By when policy wants an answer.
    pub due_at: Option<Moment>,
    /// Why.
    pub says: String,
    /// Timing behind it.
    pub rule: String,
    /// Its basis.
    pub cite: String,
}

/// The rung a review stands on.
pub fn escalation(facts: &EscalationFacts, book: &StatusBook) -> Rung {
    let Some((advised, supports)) = facts.advised_at.zip(facts.advice_supports) else { return advisor(facts, book) };
    if supports {
        return rung(
            book,
            Role::Nobody,
            advised,
            None,
            "The advice supports inpatient status: the stay remains inpatient.",
        );
    }
    let Some(attending) = &facts.attending else {
        let says = "The advice does not support inpatient status: the attending is asked.";
        return rung(book, Role::Attending, advised, Some("attending.answer"), says);
    };
    if let Some(determined) = facts.determined_at {
        return rung(book, Role::Nobody, determined, None, "The UR committee has determined.");
    }
    match attending.view {
        View::Concurs => rung(
            book,
            Role::CommitteeMember,
            attending.at,
            Some("committee.answer"),
            "The attending concurs: one member of the UR committee determines.",
        ),
        View::Silent => rung(
            book,
            Role::CommitteeMember,
            attending.at,
            Some("committee.answer"),
            "The attending presents no view: one member of the UR committee determines; condition code 44 is not available.",
        ),
        _ => {
            let says = if facts.officer_appointed {
                "The attending disagrees: a second physician of the UR committee is asked; the chief medical officer is appointed and may act."
            } else {
                "The attending disagrees: a second physician appointed to the UR committee is asked; the chief medical officer is not appointed and may not act."
            };
            let second = rung(book, Role::SecondPhysician, attending.at, Some("second-physician.answer"), says);
            Rung { officer_may_act: facts.officer_appointed, ..second }
        }
    }
}

fn advisor(facts: &EscalationFacts, book: &StatusBook) -> Rung {
    if facts.advisor_on_duty {
        let says = "First-level review is not met, or nurse and attending disagree: the physician advisor is asked.";
        return rung(book, Role::PhysicianAdvisor, facts.raised_at, Some("advisor.answer"), says);
    }
    let says = if facts.officer_on_duty {
        "No physician advisor is on duty: the chief medical officer is asked."
    } else {
        "No physician advisor is on duty and the chief medical officer is not reached: call the chief medical officer."
    };
    let officer = rung(book, Role::ChiefMedicalOfficer, facts.raised_at, Some("officer.answer"), says);
    Rung { officer_may_act: true, ..officer }
}

fn rung(book: &StatusBook, role: Role, since: Moment, timing: Option<&str>, says: &str) -> Rung {
    let timing = timing.and_then(|id| book.timing(id));
    Rung {
        role,
        officer_may_act: false,
        since,
        due_at: timing.map(|timing| since + timing.span()),
        says: says.to_owned(),
        rule: timing.map(|timing| timing.id.clone()).unwrap_or_default(),
        cite: timing.map(|timing| timing.basis.clone()).unwrap_or_default(),
    }
}
