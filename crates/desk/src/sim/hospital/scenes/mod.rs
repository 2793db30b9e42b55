//! The hospital parts of the tour, with the dates, persons and due times of the script: scenarios 3 to 8. Here is what
//! several of them say; each file tells the scenarios of one subject.

mod appeal;
mod code_44;
mod payers;
mod short;

use vigil_domain::{
    party::Sex,
    stay::{
        command::Command,
        facility::Facility,
        payer::{AnswerKind, AnswerSource, Channel, CoverageChange, Held, PayerAnswer},
    },
    time::{Day, Moment},
};

use super::{
    Cover, Script,
    people::{MEDICARE, actor},
};
use crate::sim::run::Sim;

/// The day so many days before the demonstration's (negative: after it).
pub(in crate::sim::hospital) fn back(today: Day, days: i64) -> Day {
    today.checked_sub(jiff::Span::new().days(days)).unwrap_or(today)
}

/// Number, scenario, hospital, family, given, born, sex, attending, unit, bed, diagnosis.
type Who =
    (u64, &'static str, usize, &'static str, &'static str, Day, Sex, &'static str, &'static str, u64, &'static str);

fn script(sim: &Sim, who: Who, cover: Cover) -> Script {
    let (number, scenario, hospital, family, given, born, sex, attending, unit, bed, diagnosis) = who;
    Script {
        stay: sim.stay_number(number),
        visit: format!("V26{number:06}"),
        hospital,
        scenario: Some(scenario.to_owned()),
        name: vigil_domain::party::PersonName { family: family.into(), given: given.into() },
        born,
        sex,
        attending,
        unit,
        bed: format!("{bed:02}"),
        cover,
        diagnosis,
        heard: 0,
        beats: Vec::new(),
    }
}

/// Every scenario's stays.
pub(in crate::sim::hospital) fn scripts(sim: &Sim, today: Day, hospitals: &[Facility]) -> Vec<Script> {
    let hospitals = hospitals.to_vec();
    let mut scripts = vec![payers::both_sides(sim, today, &hospitals), payers::two_midnight(sim, today, &hospitals)];
    scripts.extend(code_44::condition_code_44(sim, today, &hospitals));
    scripts.extend(short::short_stays(sim, today, &hospitals));
    scripts.push(appeal::discharge_appeal(sim, today, &hospitals));
    scripts.push(payers::behavioral_health(sim, today, &hospitals));
    scripts.extend(payers::asks_here(sim, today, &hospitals));
    scripts
}

fn lady(
    n: u64,
    scenario: &'static str,
    family: &'static str,
    given: &'static str,
    born: Day,
    diagnosis: &'static str,
) -> Who {
    // A bed of her own, apart from those of the others in the house (10 to 32).
    let bed = 33 + n % 26;
    (n, scenario, 0, family, given, born, Sex::Female, "Hana Whitlow, MD", "5 East", bed, diagnosis)
}

/// The plan's cases of scenarios 3 and 4 name the stays they come from.
pub(in crate::sim) const REHAB_STAY: u64 = 31;

/// See [`REHAB_STAY`].
pub(in crate::sim) const TWO_MIDNIGHT_STAY: u64 = 41;

fn born(year: i16, month: i8, day: i8) -> Day {
    jiff::civil::date(year, month, day)
}

fn notify(s: &Script) -> Command {
    told(s, s.beats.last().map_or(Moment::UNIX_EPOCH, |(at, _)| *at))
}

/// The first review and the notes, over the payer's portal.
pub(in crate::sim::hospital) fn clinicals(s: &Script, at: Moment) -> Command {
    Command::SendClinicals {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        channel: Channel::Portal,
        at,
        confirmation: format!("CF-{}", s.visit),
        what: "first review, notes of day 1, results".into(),
    }
}

/// An approval of days by telephone.
pub(in crate::sim::hospital) fn answer(s: &Script, number: &str, from: Day, through: Day, said_at: Moment) -> Command {
    let answer = PayerAnswer {
        kind: AnswerKind::Approved,
        authorization: Some(number.to_owned()),
        from: Some(from),
        through: Some(through),
        days: None,
        level: Some("acute inpatient".into()),
        next_review_on: Some(through),
        reason: None,
        criteria: None,
        peer_to_peer_until: None,
    };
    said(s, answer, said_at)
}

fn said(s: &Script, answer: PayerAnswer, said_at: Moment) -> Command {
    let source = AnswerSource {
        channel: Channel::Telephone,
        said_by: "R. Delacroix, utilization management".into(),
        said_at,
        reference: Some(format!("call {}", s.visit)),
        message: None,
    };
    Command::RecordPayerAnswer {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        answer: Box::new(answer),
        source,
    }
}

/// An answer of less than asked.
pub(in crate::sim::hospital) fn less(s: &Script, kind: AnswerKind, reason: &str, said_at: Moment) -> Command {
    let answer = PayerAnswer {
        kind,
        authorization: None,
        from: None,
        through: None,
        days: None,
        level: Some("observation".into()),
        next_review_on: None,
        reason: Some(reason.to_owned()),
        criteria: Some("internal guideline of the plan".into()),
        peer_to_peer_until: None,
    };
    said(s, answer, said_at)
}

/// The payer is told of the admission.
pub(super) fn told(s: &Script, at: Moment) -> Command {
    Command::NotifyPayer {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        channel: Channel::Portal,
        at,
        reference: Some(format!("N-{}", s.visit)),
    }
}

/// Original Medicare with or without Part B, as the eligibility answer said.
fn part_b(s: &Script, has: bool) -> Command {
    Command::StateCoverage {
        by: actor("casemanager"),
        held: vec![Held {
            payer_id: MEDICARE.into(),
            plan_id: String::new(),
            name: "Original Medicare".into(),
            member_id: s.cover.member.clone(),
            line_of_business: s.cover.line.clone(),
            part_b: Some(has),
            terms: None,
        }],
        change: CoverageChange::Corrected,
        from: None,
        basis: "eligibility answer: Part A, and Part B as shown".into(),
    }
}

fn determine(by: &'static str) -> Command {
    Command::Determine {
        by: actor(by),
        escalation: 0,
        necessary: false,
        rationale: "No need that only inpatient care meets is documented beyond one midnight.".into(),
        attests_no_involvement: true,
        members: Vec::new(),
    }
}

fn change(by: &'static str, observation_order_at: Option<Moment>) -> Command {
    Command::ChangeToOutpatient { by: actor(by), observation_order_at, bill_submitted: Some(false) }
}
