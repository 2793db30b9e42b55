//! The ladder of second-level review and the UR committee (42 CFR 482.30): who may speak, in which order, and how many.

use super::{Draft, must_be_physician, must_say, notice, refuse};
use crate::{
    stay::{
        command::{Actor, OnDuty},
        event::Event,
        notice::NoticeKind,
        refusal::{Refusal, Refused},
        review::{Advice, AttendingView, Escalation, Rung},
    },
    time::Moment,
};

const MEMBERS: &str = "42 CFR 482.30(b)(1)";
const CONFLICT: &str = "42 CFR 482.30(b)(3)";
const CONSULT: &str = "42 CFR 482.30(d)(2)";
const ONE_OR_TWO: &str = "42 CFR 482.30(d)(1) (from knowledge, verify)";
const TOLD: &str = "42 CFR 482.30(d)(3)";

/// Sends the stay up: to the advisor on duty, else to the chief medical officer.
pub(super) fn escalate(
    draft: &mut Draft<'_>,
    by: &Actor,
    review: Option<u32>,
    why: String,
    advisor: Option<OnDuty>,
    officer: Option<OnDuty>,
) -> Result<(), Refused> {
    must_say("escalation.why", &why, "Why it goes up")?;
    let late = draft.stay().advisor_is_late();
    let (rung, to, chosen) = match (advisor, officer) {
        (Some(advisor), _) => (Rung::Advisor, advisor, "on duty by the rota"),
        (None, Some(officer)) if late => {
            (Rung::ChiefMedicalOfficer, officer, "the physician advisor did not answer in time")
        }
        (None, Some(officer)) => (Rung::ChiefMedicalOfficer, officer, "no physician advisor is on duty"),
        (None, None) => {
            return refuse(Refusal::house(
                "escalation.nobody",
                "Nobody is on duty for second-level review at this hospital.",
                "Enter the rota or the cover of the chief medical officer, then send it up again.",
            ));
        }
    };
    let open = draft.stay().open_escalation().map(|e| e.id);
    let escalation = open.unwrap_or_else(|| next_id(draft));
    up(draft, escalation, review, &why, (rung, to.person, to.name), chosen, &by.person)
}

fn next_id(draft: &Draft<'_>) -> u32 {
    draft.stay().escalations.iter().map(|e| e.id).max().unwrap_or(0) + 1
}

fn up(
    draft: &mut Draft<'_>,
    escalation: u32,
    review: Option<u32>,
    why: &str,
    (rung, to, name): (Rung, String, String),
    chosen: &str,
    person: &str,
) -> Result<(), Refused> {
    draft.emit(Event::Escalated {
        escalation,
        review,
        why: why.to_owned(),
        rung,
        to,
        name,
        chosen: chosen.to_owned(),
        person: person.to_owned(),
    })
}

/// The escalation, if it is open.
fn open(draft: &Draft<'_>, escalation: u32) -> Result<Escalation, Refused> {
    let found = draft.stay().escalations.iter().find(|e| e.id == escalation && e.is_open());
    match found {
        Some(found) => Ok(found.clone()),
        None => refuse(Refusal::house(
            "escalation.closed",
            "This escalation is not open.",
            "Reload the stay; send it up again where there is new reason.",
        )),
    }
}

/// A physician advises. Supported: the escalation ends. Otherwise the attending hears the advice.
pub(super) fn advise(
    draft: &mut Draft<'_>,
    by: &Actor,
    escalation: u32,
    advice: Advice,
    rationale: String,
) -> Result<(), Refused> {
    must_be_physician(draft, by, "Second-level review")?;
    let known = open(draft, escalation)?;
    must_say("advice.rationale", &rationale, "The reasons of the advice")?;
    if treats(draft, by) {
        return refuse(Refusal::law(
            "ur.involved",
            CONFLICT,
            "The physician is professionally involved in the care of this patient.",
            "Another physician advises.",
        ));
    }
    let supports = advice == Advice::Inpatient;
    draft.emit(Event::Advised {
        escalation,
        person: by.person.clone(),
        name: by.name.clone(),
        advice: advice.clone(),
        rationale,
    })?;
    if supports {
        let outcome = "inpatient care is indicated; the status stays".to_owned();
        return draft.emit(Event::EscalationClosed { escalation, outcome });
    }
    let attending = draft.stay().attending_at(draft.now);
    let chosen = "the practitioner responsible for the care";
    up(draft, escalation, known.review, &known.why, (Rung::Attending, String::new(), attending), chosen, &by.person)
}

/// The person is the attending or the admitting practitioner.
fn treats(draft: &Draft<'_>, by: &Actor) -> bool {
    let track = &draft.stay().track;
    let mut people = track.attending.iter().map(|a| &a.is).chain(&track.admitting);
    people.any(|p| (p.npi.is_some() && p.npi == by.credential.npi) || (!p.name.is_empty() && p.name == by.name))
}

/// What the attending said. Concurs or no views: one member of the committee may act. Disagrees: two.
pub(super) fn attending(
    draft: &mut Draft<'_>,
    by: &Actor,
    escalation: u32,
    (attending, view, documented, at): (String, AttendingView, String, Moment),
    members: &[OnDuty],
) -> Result<(), Refused> {
    let known = open(draft, escalation)?;
    draft.must_not_be_ahead(at)?;
    if known.advice.is_empty() {
        return refuse(Refusal::house(
            "escalation.no-advice",
            "The attending is asked after a physician has advised.",
            "Wait for the advice, or record it first.",
        ));
    }
    if began(draft).is_some_and(|began| at < began) {
        return refuse(Refusal::house(
            "attending.before-stay",
            "The answer is dated before the stay began.",
            "Enter when the attending answered; nobody answers about a stay that is still to come.",
        ));
    }
    must_say("attending.name", &attending, "The attending's name")?;
    if view == AttendingView::Concurs && documented.trim().is_empty() {
        return refuse(Refusal::law(
            "cc44.concurrence-documented",
            "Medicare Claims Processing Manual, ch. 1, section 50.3 (from knowledge, verify)",
            "Concurrence counts when it stands in the medical record.",
            "Name the entry in the record, or record that the attending presents no views.",
        ));
    }
    let advised = known.advice.last().map(|(_, person, name, ..)| (person.clone(), name.clone())).unwrap_or_default();
    draft.emit(Event::AttendingAnswered {
        escalation,
        attending,
        view: view.clone(),
        documented,
        at,
        person: by.person.clone(),
    })?;
    let chosen = if view == AttendingView::Disagrees {
        "the attending disagrees: two members of the UR committee"
    } else {
        "one member of the UR committee"
    };
    // Whoever advised acts for the committee only where appointed to it; else a member who is.
    let may = draft.may_sit(members, &[]);
    let to = may.iter().find(|m| m.person == advised.0).or(may.first()).map(|m| (m.person.clone(), m.name.clone()));
    let (person, name) = to.unwrap_or_else(|| (String::new(), "a physician appointed to the UR committee".to_owned()));
    up(draft, escalation, known.review, &known.why, (Rung::Committee, person, name), chosen, &by.person)
}

impl Draft<'_> {
    /// The members who may act on this stay: neither treating the patient nor among those left out.
    fn may_sit<'m>(&self, members: &'m [OnDuty], but: &[&str]) -> Vec<&'m OnDuty> {
        let track = &self.stay().track;
        let treats = |name: &str| track.attending.iter().map(|a| &a.is).chain(&track.admitting).any(|p| p.name == name);
        members.iter().filter(|m| !but.contains(&m.person.as_str()) && !treats(&m.name)).collect()
    }
}

/// When the stay began: the first the feeds tell of it.
fn began(draft: &Draft<'_>) -> Option<Moment> {
    let track = &draft.stay().track;
    [track.arrival_at, track.first_care_at, track.periods.first().map(|p| p.from)].into_iter().flatten().min()
}

/// A member of the committee determines.
pub(super) fn determine(
    draft: &mut Draft<'_>,
    by: &Actor,
    escalation: u32,
    (necessary, rationale, attests_no_involvement): (bool, String, bool),
    members: &[OnDuty],
) -> Result<(), Refused> {
    let known = open(draft, escalation)?;
    let refusals = may_determine(draft, by, &known, attests_no_involvement);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    must_say("determination.rationale", &rationale, "The reasons of the determination")?;
    let consulted_at = known.attending.as_ref().map_or(draft.now, |(at, ..)| *at);
    let second = !known.committee.is_empty();
    draft.emit(Event::CommitteeDetermined {
        escalation,
        person: by.person.clone(),
        name: by.name.clone(),
        second,
        necessary,
        consulted_at,
        rationale,
    })?;
    let disagrees = known.attending.as_ref().is_some_and(|(_, view, _)| *view == AttendingView::Disagrees);
    if necessary {
        let outcome = "the committee finds inpatient care necessary; the status stays".to_owned();
        return draft.emit(Event::EscalationClosed { escalation, outcome });
    }
    if disagrees && !second {
        let chosen = "the attending disagrees: a second physician of the committee determines";
        let next = draft.may_sit(members, &[&by.person]).first().map(|m| (m.person.clone(), m.name.clone()));
        let (person, name) = next.unwrap_or_else(|| (String::new(), "second physician of the UR committee".to_owned()));
        let to = (Rung::SecondMember, person, name);
        return up(draft, escalation, known.review, &known.why, to, chosen, &by.person);
    }
    let voices = if second { "two members" } else { "one member" };
    let outcome = format!("the UR committee finds inpatient care not necessary ({voices})");
    draft.emit(Event::EscalationClosed { escalation, outcome })?;
    let why = "the UR committee determined that inpatient care is not necessary".to_owned();
    notice::owe(draft, NoticeKind::CommitteeDetermination, why.clone(), TOLD.to_owned())?;
    notice::owe(draft, NoticeKind::CommitteeToAttending, why, TOLD.to_owned())
}

/// Every reason why a person may not determine for the committee.
fn may_determine(draft: &Draft<'_>, by: &Actor, known: &Escalation, attests: bool) -> Refused {
    let stay = draft.stay();
    let today = stay.day(draft.now);
    let mut refusals = Vec::new();
    let mut no = |rule: &str, cite: &str, says: String, instead: &str| {
        refusals.push(Refusal::law(rule, cite, says, instead));
    };
    match by.seats.iter().find(|seat| seat.holds(&stay.hospital.id, today)) {
        None => no(
            "ur.not-appointed",
            MEMBERS,
            format!(
                "{} is not appointed to the UR committee of {} today; a title appoints nobody.",
                by.name, stay.hospital.name
            ),
            "A member appointed to this hospital's committee determines.",
        ),
        Some(seat) => {
            if seat.financial_interest {
                no(
                    "ur.financial-interest",
                    CONFLICT,
                    format!("{} has a direct financial interest in the hospital.", by.name),
                    "A member without one determines.",
                );
            }
            if !seat.physician || !by.is_physician(today) {
                no(
                    "ur.physician",
                    MEMBERS,
                    format!("{} is no doctor of medicine or osteopathy with a licence in force.", by.name),
                    "A physician member determines.",
                );
            }
        }
    }
    if treats(draft, by) || !attests {
        no(
            "ur.involved",
            CONFLICT,
            "The member is professionally involved in the patient's care, or has not attested otherwise.".into(),
            "A member who is not involved determines and attests it.",
        );
    }
    if known.attending.is_none() {
        no(
            "ur.consult",
            CONSULT,
            "The practitioner responsible for the care has not been consulted.".into(),
            "Give the attending the opportunity to present views, and record the answer or that there is none.",
        );
    }
    if known.committee.iter().any(|(_, person, ..)| *person == by.person) {
        no(
            "ur.two-members",
            ONE_OR_TWO,
            "The attending disagrees: the second determination is made by another member.".into(),
            "Another physician of the committee determines.",
        );
    }
    refusals
}
