//! The UR committee of 42 CFR 482.30: who may act for it, when one physician is enough, and who is told by when.

use serde::{Deserialize, Serialize};

use super::{
    book::StatusBook,
    facts::StatusFacts,
    procedure::{Met, Procedure},
    rulebook::{Answered, Rules},
    words::at_words,
};
use crate::{
    codes,
    time::{Day, Moment},
};

/// A member of one hospital's UR committee, or somebody who would like to act as one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitteeMember {
    /// Account name.
    pub person: String,
    /// Name for letters.
    #[serde(default)]
    pub name: String,
    /// `MD`, `DO`, or another licence.
    #[serde(default)]
    pub licence: String,
    /// Title ("physician advisor", "chief medical officer"). A title alone appoints nobody.
    #[serde(default)]
    pub title: String,
    /// First day of the appointment to this hospital's committee; none: not appointed.
    #[serde(default)]
    pub appointed_from: Option<Day>,
    /// Last day of the appointment.
    #[serde(default)]
    pub appointed_through: Option<Day>,
    /// A direct financial interest in the hospital; none until stated.
    #[serde(default)]
    pub financial_interest: Option<bool>,
    /// Professionally involved in the care of this patient; none until stated.
    #[serde(default)]
    pub involved_in_care: Option<bool>,
}

impl CommitteeMember {
    /// Appointed on that day.
    pub fn appointed_on(&self, day: Day) -> bool {
        self.appointed_from.is_some_and(|from| from <= day)
            && self.appointed_through.is_none_or(|through| day <= through)
    }

    /// A doctor of medicine or osteopathy.
    pub fn is_physician(&self) -> bool {
        matches!(self.licence.as_str(), "MD" | "DO")
    }

    fn called(&self) -> &str {
        if self.name.is_empty() { &self.person } else { &self.name }
    }
}

codes! {
    /// What the practitioner responsible for the care says to the committee.
    View {
        Concurs = "concurs",
        Disagrees = "disagrees",
        /// Was asked and presents no view.
        Silent = "presents-no-view",
    }
}

/// The responsible practitioner's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendingView {
    /// What was said.
    pub view: View,
    /// When.
    pub at: Moment,
    /// By whom.
    #[serde(default)]
    pub by: String,
    /// Whether it is written in the record.
    #[serde(default)]
    pub documented: Option<bool>,
}

/// A determination of the committee on whether the admission or stay is medically necessary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determination {
    /// Inpatient care was not necessary.
    pub not_necessary: bool,
    /// When it was made.
    pub at: Moment,
    /// The member, or both.
    pub members: Vec<CommitteeMember>,
    /// When the responsible practitioner was consulted and could present a view.
    #[serde(default)]
    pub consulted_at: Option<Moment>,
}

/// Written notice of a determination, to each of the three.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenNotice {
    /// To the hospital.
    #[serde(default)]
    pub hospital_at: Option<Moment>,
    /// To the patient.
    #[serde(default)]
    pub patient_at: Option<Moment>,
    /// To the practitioner responsible for the care.
    #[serde(default)]
    pub attending_at: Option<Moment>,
}

impl WrittenNotice {
    /// The three, with when each was told.
    pub fn each(&self) -> [(&'static str, Option<Moment>); 3] {
        [("hospital", self.hospital_at), ("patient", self.patient_at), ("attending", self.attending_at)]
    }
}

/// A determination and what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitteeFacts {
    /// The stay.
    pub stay: StatusFacts,
    /// The determination.
    #[serde(default)]
    pub determination: Option<Determination>,
    /// The practitioner's view.
    #[serde(default)]
    pub attending: Option<AttendingView>,
    /// Who was told.
    #[serde(default)]
    pub told: WrittenNotice,
}

/// A determination that care was not necessary, under the rules of the day on which it was made: the practitioner was
/// consulted first, the members may act, one is enough or two are needed, and the three are told in time.
pub fn committee_determination(facts: &CommitteeFacts, book: &StatusBook, now: Moment) -> Procedure {
    let at = facts.determination.as_ref().map_or(now, |d| d.at);
    let rules = Rules::on(&facts.stay, book, at);
    let due = notice_due(&rules, facts.determination.as_ref());
    let steps = vec![
        rules.step(
            "committee.made",
            "committee-composition",
            "Has the UR committee determined that care is not necessary?",
            made(facts.determination.as_ref()),
        ),
        rules.step(
            "committee.consulted",
            "committee-consult-first",
            "Was the responsible practitioner consulted before?",
            consulted(facts.determination.as_ref()),
        ),
        rules.step(
            "committee.may-act",
            "committee-conflict",
            "May each of its members act?",
            may_act(&rules, facts.determination.as_ref()),
        ),
        rules.step(
            "committee.enough",
            "committee-one-or-two",
            "Are there enough members for this determination?",
            enough(facts.determination.as_ref(), facts.attending.as_ref()),
        ),
        rules.step(
            "committee.told",
            "committee-notice",
            "Were hospital, patient and practitioner told in writing in time?",
            told(&rules, &facts.told, due, now),
        ),
    ];
    let mut procedure = Procedure::of("committee-determination", "UR committee determination", steps);
    if procedure.steps[..4].iter().all(|step| step.met == Met::Met) {
        let owed = facts.told.each().into_iter().filter(|(_, at)| at.is_none());
        procedure.produces.letters =
            owed.map(|(to, _)| rules.letter("committee.not-necessary", to, "committee-notice", due)).collect();
    }
    procedure
}

pub(super) fn made(determination: Option<&Determination>) -> Answered {
    match determination {
        None => Answered::unknown(
            "No determination of the UR committee is on record; the attending alone cannot make it.",
            "A member of the UR committee reviews and determines.",
        ),
        Some(d) if !d.not_necessary => {
            Answered::not_met("The UR committee found inpatient care necessary.", "The stay remains inpatient.")
        }
        Some(d) if d.members.is_empty() => Answered::not_met(
            "The determination names no member of the UR committee; the attending alone cannot make it.",
            "A member of the UR committee determines.",
        ),
        Some(d) => {
            let names: Vec<String> = d.members.iter().map(|m| m.called().to_owned()).collect();
            Answered::met(format!("Determined by {}.", super::words::listed(&names)))
        }
    }
}

pub(super) fn consulted(determination: Option<&Determination>) -> Answered {
    match determination.map(|d| (d.consulted_at, d.at)) {
        None => Answered::unknown("There is no determination yet.", "Consult the responsible practitioner first."),
        Some((Some(consulted), at)) if consulted <= at => {
            Answered::met("The practitioner was consulted before the determination.")
        }
        Some((Some(_), _)) => Answered::not_met(
            "The practitioner was consulted only after the determination.",
            "Consult the practitioner, then determine anew.",
        ),
        Some((None, _)) => Answered::not_met(
            "Nothing shows that the practitioner was consulted before the determination.",
            "Consult the practitioner and let views be presented, then determine.",
        ),
    }
}

/// Every member is appointed to this hospital's committee on that day, a physician, and free of both conflicts.
pub(super) fn may_act(rules: &Rules<'_>, determination: Option<&Determination>) -> Answered {
    let Some(determination) = determination else {
        return Answered::unknown(
            "There is no determination yet.",
            "A member who is appointed and free of conflicts acts.",
        );
    };
    let day = rules.facts.zone.day(determination.at);
    for member in &determination.members {
        let name = member.called();
        if !member.appointed_on(day) {
            let title = if member.title.is_empty() { String::new() } else { format!(" ({})", member.title) };
            return Answered::not_met(
                format!(
                    "{name}{title} is not appointed to the UR committee of this hospital on {day}; a title alone appoints nobody."
                ),
                "Somebody who is appointed on that day determines.",
            );
        }
        if !member.is_physician() {
            return Answered::not_met(
                format!("{name} is not a doctor of medicine or osteopathy."),
                "A physician member determines.",
            );
        }
        if member.financial_interest == Some(true) {
            return Answered::not_met(
                format!("{name} has a direct financial interest in the hospital."),
                "A member without one determines.",
            );
        }
        if member.involved_in_care == Some(true) {
            return Answered::not_met(
                format!("{name} is professionally involved in the care of this patient."),
                "A member who takes no part in the care determines.",
            );
        }
    }
    let unsaid = |m: &&CommitteeMember| m.financial_interest.is_none() || m.involved_in_care.is_none();
    match determination.members.iter().find(unsaid) {
        Some(member) => Answered::unknown(
            format!("{} has not stated that there is no conflict of interest.", member.called()),
            "The member states it for this patient.",
        ),
        None => Answered::met("Appointed, physicians, and free of conflicts."),
    }
}

/// One member when the practitioner concurs or presents no view, two otherwise.
pub(super) fn enough(determination: Option<&Determination>, attending: Option<&AttendingView>) -> Answered {
    let Some(determination) = determination else {
        return Answered::unknown(
            "There is no determination yet.",
            "One member, or two when the practitioner disagrees.",
        );
    };
    let mut people: Vec<&str> = determination.members.iter().map(|member| member.person.as_str()).collect();
    people.sort_unstable();
    people.dedup();
    let view = attending.map(|a| &a.view);
    match (view, people.len()) {
        (None, _) => Answered::unknown(
            "The practitioner's view is not on record.",
            "Record that the practitioner concurs, disagrees or presents no view.",
        ),
        (Some(View::Disagrees | View::Other(_)), 0 | 1) => Answered::not_met(
            "The practitioner disagrees and one member alone determined.",
            "A second physician appointed to the UR committee of this hospital determines as well.",
        ),
        (Some(_), 0) => Answered::not_met("No member determined.", "A member of the UR committee determines."),
        (Some(View::Disagrees), n) => Answered::met(format!("The practitioner disagrees and {n} members determined.")),
        (Some(view), _) => {
            Answered::met(format!("The practitioner {}; one member is enough.", view.word().replace('-', " ")))
        }
    }
}

/// End of the second day after the determination.
pub(super) fn notice_due(rules: &Rules<'_>, determination: Option<&Determination>) -> Option<Moment> {
    let days = rules.get("committee-notice")?.figure("days")?;
    let mut day = rules.facts.zone.day(determination?.at);
    for _ in 0..=days {
        day = day.tomorrow().ok()?;
    }
    rules.facts.zone.start_of(day).map(|next| next - jiff::SignedDuration::from_secs(1))
}

pub(super) fn told(rules: &Rules<'_>, told: &WrittenNotice, due: Option<Moment>, now: Moment) -> Answered {
    let late = |at: Moment| due.is_some_and(|due| at > due);
    if let Some((who, at)) = told.each().into_iter().find_map(|(who, at)| at.filter(|at| late(*at)).map(|at| (who, at)))
    {
        return Answered::not_met(
            format!("The {who} was told {}, too late.", at_words(at, &rules.facts.zone)),
            "Written notice goes to all three in time.",
        )
        .by(due);
    }
    match told.each().into_iter().find(|(_, at)| at.is_none()) {
        None => Answered::met("Hospital, patient and practitioner were told in writing in time.").by(due),
        Some((who, _)) if due.is_some_and(|due| now > due) => Answered::not_met(
            format!("The {who} was not told in writing in time."),
            "Written notice goes to all three in time.",
        )
        .by(due),
        Some((who, _)) => Answered::unknown(
            format!("The {who} has not been told in writing yet."),
            "Give written notice to hospital, patient and practitioner.",
        )
        .by(due),
    }
}
