//! The rest of the house: some dozens of stays with every kind of due work, and six weeks of finished ones behind them for
//! the measures. Drawn with the run's dice: the same seed gives the same house.

use vigil_domain::{
    party::{PersonName, Sex},
    stay::{
        command::{Command, EnteredDelay},
        delay::Grouping,
        documented::Stated,
        facility::Facility,
        news::PatientStatus,
        notice::{NoticeKind, Receipt},
        payer::{AnswerKind, AskKind, Channel, PostAcuteKind},
        review::{Advice, ReviewKind, ReviewResult},
    },
    time::{Day, Moment},
};

use super::{
    Cover, Script,
    people::{actor, expected_stays},
    scenes::{answer, back, clinicals, less, told},
};
use crate::sim::{demo::eastern, rng::Rng, run::Sim};

/// Patients in the house at the demonstration's moment.
const IN_HOUSE: u64 = 44;
/// Finished stays behind them.
const FINISHED: u64 = 130;

const FAMILIES: [&str; 20] = [
    "Abernathy",
    "Bellweather",
    "Cavendish",
    "Dellarosa",
    "Everhart",
    "Fontaine",
    "Gristwood",
    "Hollowell",
    "Iverson",
    "Jankowski",
    "Kilbride",
    "Lockhart",
    "Mandeville",
    "Nightingale",
    "Osterman",
    "Pemberton",
    "Quarles",
    "Redfern",
    "Sommerset",
    "Tillinghast",
];
/// Women's and men's names by turns: a patient's sex goes with the name.
const GIVEN: [&str; 12] = [
    "Agnes", "Bernard", "Clara", "Dorian", "Estelle", "Franklin", "Georgia", "Howard", "Irene", "Julian", "Kathleen",
    "Leopold",
];
const DOCTORS: [&str; 6] = [
    "Hana Whitlow, MD",
    "Noa Testerman, MD",
    "Cyrus Beaumont, MD",
    "Delia Farrow, MD",
    "Emmett Crane, MD",
    "Fiona Ashdown, MD",
];
const UNITS: [&str; 6] = ["5 East", "4 West", "3 North", "6 South", "Medical ICU", "2 Surgical"];
/// Diagnosis and MS-DRG.
const CONDITIONS: [(&str, &str); 6] =
    [("I50.33", "291"), ("J18.9", "193"), ("I63.512", "065"), ("N39.0", "690"), ("R07.9", "313"), ("A41.9", "871")];

pub(super) fn scripts(sim: &mut Sim, today: Day, hospitals: &[Facility]) -> Vec<Script> {
    let hospitals = hospitals.to_vec();
    let mut dice = sim.dice.fork(90);
    let mut scripts = Vec::new();
    for n in 0..IN_HOUSE {
        scripts.push(in_house(sim, &mut dice, n, today, &hospitals));
    }
    for n in 0..FINISHED {
        scripts.push(finished(sim, &mut dice, n, today, &hospitals));
    }
    scripts
}

fn place(n: u64, of: usize) -> usize {
    usize::try_from(n).unwrap_or(0) % of
}

fn person(sim: &Sim, dice: &mut Rng, number: u64, cover: Cover) -> Script {
    let n = place(number, 10_000);
    let (diagnosis, _) = CONDITIONS[n % CONDITIONS.len()];
    let year = i16::try_from(dice.between(1936, 1958)).unwrap_or(1950);
    let given = (n / 2) % GIVEN.len();
    Script {
        stay: sim.stay_number(1_000 + number),
        visit: format!("V26{:06}", 1_000 + number),
        hospital: n % 2,
        scenario: None,
        name: PersonName { family: (*dice.pick(&FAMILIES)).to_owned(), given: GIVEN[given].to_owned() },
        born: jiff::civil::date(year, 1 + i8::try_from(n % 12).unwrap_or(0), 1 + i8::try_from(n % 27).unwrap_or(0)),
        sex: if given.is_multiple_of(2) { Sex::Female } else { Sex::Male },
        attending: DOCTORS[(n / 3) % DOCTORS.len()],
        unit: UNITS[(n / 2) % UNITS.len()],
        // Apart from the beds of the scenes, and from each other within a unit: 23 shares no factor with the turns of the units.
        bed: format!("{}", 10 + n % 23),
        cover,
        diagnosis,
        heard: 0,
        beats: Vec::new(),
    }
}

/// Original Medicare, Medicare Advantage, commercial and Medicaid, by turns.
fn cover(sim: &Sim, n: u64) -> Cover {
    let member = format!("H{:07}", 3_000_000 + n);
    let of = |id: &str| sim.world.contracts.iter().find(|c| c.id == id);
    match n % 5 {
        0 | 3 => Cover::original_medicare(&member),
        1 => Cover::of(&sim.world.contracts[0], &member),
        2 => of("C9201").map_or_else(|| Cover::original_medicare(&member), |c| Cover::of(c, &member)),
        _ => of("M9101").map_or_else(|| Cover::original_medicare(&member), |c| Cover::of(c, &member)),
    }
}

fn is_medicare(s: &Script) -> bool {
    matches!(s.cover.line.word(), "original-medicare" | "medicare-advantage")
}

fn is_managed(s: &Script) -> bool {
    s.cover.line.word() != "original-medicare"
}

/// A patient whose work somebody forgot: the board shows a few late items, and no more.
fn forgotten(n: u64) -> bool {
    matches!(n, 0 | 1 | 9 | 28 | 39)
}

/// An observation patient: told of it, reviewed every morning, and given the outpatient notice once it is owed.
fn observed(s: &mut Script, n: u64, began: Moment, today: Day, hospitals: &super::Hospitals) {
    s.arrives(began - jiff::SignedDuration::from_hours(3));
    s.ordered(began, PatientStatus::Observation);
    let told = began + jiff::SignedDuration::from_mins(50);
    s.deliver(told, "casemanager", NoticeKind::NewYorkObservation, Receipt::Signed);
    let yesterday = back(today, 1);
    if began < eastern(yesterday, 9, 0) {
        s.review(eastern(yesterday, 9, 15), yesterday, ReviewKind::Initial, ReviewResult::Met, hospitals);
        s.review(eastern(today, 9, 15), today, ReviewKind::Continued, ReviewResult::Met, hospitals);
        if is_medicare(s) && !forgotten(n) {
            s.deliver(eastern(today, 8, 40), "casemanager", NoticeKind::Moon, Receipt::Signed);
        }
    } else {
        s.review(eastern(today, 9, 15), today, ReviewKind::Initial, ReviewResult::Met, hospitals);
    }
}

/// A patient in the house, in one of twelve situations.
fn in_house(sim: &Sim, dice: &mut Rng, n: u64, today: Day, hospitals: &super::Hospitals) -> Script {
    let mut s = person(sim, dice, n, cover(sim, n));
    let situation = n % 12;
    let days = match situation {
        4 | 5 => 1,
        6 => 0,
        // Not met this morning: it waits for a physician.
        7 if n < 12 => 1,
        _ => dice.between(1, 6),
    };
    let day = back(today, days);
    let hour = i8::try_from(dice.between(6, 19)).unwrap_or(9);
    match situation {
        // More than 24 hours of observation, and just begun.
        4 | 5 => {
            let began = if situation == 4 { eastern(back(today, 2), 22, 30) } else { eastern(back(today, 1), 17, 15) };
            observed(&mut s, n, began, today, hospitals);
            return s;
        }
        // In the emergency department without an order: since the night before, or since this morning.
        6 => {
            s.arrives(if n < 12 { eastern(back(today, 1), 22, 50) } else { eastern(today, 6, 35) });
            return s;
        }
        _ => {}
    }
    let ordered = eastern(day, hour, 40);
    s.arrives(eastern(day, hour - 3, 5));
    s.ordered(ordered, PatientStatus::Inpatient);
    if situation != 7 && situation != 10 {
        s.expects(ordered + jiff::SignedDuration::from_mins(20), 2);
    }
    let next = back(today, days - 1);
    // Situation 3: a weekend admission nobody told the payer of.
    let neglected = forgotten(n);
    if is_managed(&s) && !(situation == 3 && neglected) {
        s.act(eastern(next, 8, 30), "casemanager", told(&s, eastern(next, 8, 30)));
    }
    if !(situation == 1 && neglected) && days > 0 {
        let result = if situation == 7 { ReviewResult::NotMet } else { ReviewResult::Met };
        s.review(eastern(next, 9, 15), next, ReviewKind::Initial, result, hospitals);
    }
    if situation == 7 && n >= 12 {
        let by = if s.hospital == 0 { "advisor" } else { "advisor2" };
        let rationale = "The second midnight was expected; the expectation is to be written.".into();
        let advise = Command::Advise { by: actor(by), escalation: 0, advice: Advice::Inpatient, rationale };
        s.act(eastern(next, 11, 20), by, advise);
    }
    if is_managed(&s) && days > 0 && !(situation == 3 && neglected) {
        let sent = eastern(next, 9, 50);
        s.act(sent, "casemanager", clinicals(&s, sent));
    }
    if is_medicare(&s) && !(situation == 0 && neglected) && days > 0 {
        let receipt = if n % 7 == 2 { Receipt::Refused } else { Receipt::Signed };
        s.deliver(eastern(next, 10, 20), "casemanager", NoticeKind::ImportantMessage, receipt);
    }
    work(&mut s, (n, situation), today, day, next);
    if !(situation == 1 && neglected) && (situation != 7 || n >= 12) {
        // By noon the nurse has seen half of today's.
        let through = if n.is_multiple_of(2) { today } else { back(today, 1) };
        s.reviewed_daily(back(next, -1), through, hospitals);
    }
    s
}

/// What is due on a patient, by situation.
fn work(s: &mut Script, (n, situation): (u64, u64), today: Day, day: Day, next: Day) {
    let at = |hour, minute| eastern(back(today, 1), hour, minute);
    let ahead = s.beats.last().is_none_or(|(last, _)| *last < at(13, 0));
    if !ahead {
        return;
    }
    if is_managed(s) {
        let number = format!("A-{}", s.visit);
        match situation {
            2 => {
                let denied = less(s, AnswerKind::Denied, "observation level of care", at(13, 5));
                s.act(at(13, 10), "casemanager", denied);
            }
            9 | 11 if situation == 11 || forgotten(n) => {
                let answer = answer(s, &number, day, back(today, 1), eastern(next, 12, 40));
                s.act(at(13, 15), "casemanager", answer);
            }
            3 => {}
            _ => {
                let answer = answer(s, &number, day, back(today, -1), eastern(next, 12, 40));
                s.act(at(13, 15), "casemanager", answer);
            }
        }
    }
    if situation == 8 || situation == 9 {
        let leaves = Stated::ExpectedDischarge(eastern(back(today, -1), 15, 0));
        s.documented(at(14, 0), vec![leaves], "discharge planned");
        let payer = is_managed(s).then(|| s.cover.payer.clone());
        let ask = Command::AskPostAcute {
            by: actor("casemanager"),
            kind: PostAcuteKind::SkilledNursing,
            payer: payer.clone(),
            facility: Some("Elm Terrace Nursing Center".into()),
            at: at(14, 10),
        };
        s.act(at(14, 10), "casemanager", ask);
    }
    if situation == 11 {
        let barrier =
            Command::AddBarrier { by: actor("casemanager"), code: "PAC-BED".into(), note: "accepted, no bed".into() };
        s.act(at(14, 30), "casemanager", barrier);
        let delay = EnteredDelay {
            code: "PAC-BED".into(),
            from: back(today, 1),
            through: back(today, 1),
            hours: None,
            department: None,
            note: String::new(),
        };
        let delay = Command::RecordAvoidableDays { by: actor("casemanager"), delay: Box::new(delay) };
        s.act(at(15, 0), "casemanager", delay);
        if is_managed(s) {
            let more = Command::AskPayer {
                by: actor("casemanager"),
                payer: s.cover.payer.clone(),
                ask: AskKind::MoreDays,
                days: Some(2),
                channel: Channel::Portal,
                at: at(15, 10),
                reference: Some(format!("R-{}", s.visit)),
            };
            s.act(at(15, 10), "casemanager", more);
        }
    }
}

/// A stay of the last six weeks, finished: grouped, with its notices, and now and then late, denied or held.
fn finished(sim: &Sim, dice: &mut Rng, n: u64, today: Day, hospitals: &super::Hospitals) -> Script {
    let mut s = person(sim, dice, 500 + n, cover(sim, n));
    let nights = [1, 2, 2, 3, 3, 4, 4, 5, 6, 8][dice.below(10)];
    let left = back(today, 2 + dice.between(0, 36));
    let day = back(left, nights);
    let hour = i8::try_from(dice.between(7, 20)).unwrap_or(9);
    let observed = n % 6 == 4;
    // Observation that ends the next morning lasts less than 24 hours: no outpatient notice is owed.
    let hour = if observed { hour.max(11) } else { hour };
    s.arrives(eastern(day, hour - 4, 10));
    if observed {
        s.ordered(eastern(day, hour - 2, 5), PatientStatus::Observation);
        s.deliver(eastern(day, hour, 0), "casemanager", NoticeKind::NewYorkObservation, Receipt::Signed);
        if n % 12 == 4 {
            // Stays an observation patient.
            s.leaves(eastern(back(day, -1), 7, 30), "01");
            return s;
        }
    }
    let ordered = eastern(day, hour, 30);
    s.ordered(ordered, PatientStatus::Inpatient);
    s.expects(ordered + jiff::SignedDuration::from_mins(15), 2);
    let next = back(day, -1);
    let late = n % 9 == 5;
    let review_day = if late { back(day, -2) } else { next };
    if nights > 2 || !late {
        let result = if n % 8 == 3 { ReviewResult::NotMet } else { ReviewResult::Met };
        let not_met = result == ReviewResult::NotMet;
        s.review(eastern(review_day, 9, 5), review_day, ReviewKind::Initial, result, hospitals);
        if not_met {
            let by = if s.hospital == 0 { "advisor" } else { "advisor2" };
            let rationale = "The second midnight was expected and documented.".into();
            let advise = Command::Advise { by: actor(by), escalation: 0, advice: Advice::Inpatient, rationale };
            s.act(eastern(review_day, 11, 20), by, advise);
        }
    }
    if is_managed(&s) {
        s.act(eastern(next, 9, 30), "casemanager", told(&s, eastern(next, 9, 30)));
        let through = back(left, 1);
        let number = format!("A-{}", s.visit);
        let said = if n % 10 == 6 {
            less(&s, AnswerKind::Denied, "level of care", eastern(next, 10, 0))
        } else {
            answer(&s, &number, day, through, eastern(next, 10, 0))
        };
        s.act(eastern(next, 10, 5), "casemanager", said);
    }
    if is_medicare(&s) {
        s.deliver(eastern(next, 6, 40), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    }
    if is_medicare(&s) && nights > 3 {
        let leaves = Stated::ExpectedDischarge(eastern(left, 15, 20));
        s.documented(eastern(back(left, 1), 12, 0), vec![leaves], "discharge planned");
        s.deliver(eastern(back(left, 1), 12, 30), "casemanager", NoticeKind::ImportantMessageFollowUp, Receipt::Signed);
    }
    let (_, ms_drg) = CONDITIONS[place(500 + n, CONDITIONS.len())];
    let gone = eastern(left, 15, 20);
    s.leaves(gone, "01");
    let row = expected_stays().into_iter().find(|row| row.ms_drg == ms_drg);
    let grouping = Grouping {
        ms_drg: ms_drg.into(),
        working: false,
        gmlos: row.as_ref().map(|r| r.gmlos),
        table: row.map(|r| r.table),
    };
    s.act(gone + jiff::SignedDuration::from_hours(20), "urnurse", Command::Group { by: actor("urnurse"), grouping });
    s
}
