//! Which rules of the library start a clock in some case: every line of business, place, kind and door of request is made,
//! told and cut, and what started is compared with what the library page says of each rule.

use std::collections::BTreeSet;

use vigil_domain::{
    case::{Case, command::Command, decide::decide, reach::not_in_a_case},
    party::LineOfBusiness,
    time::Moment,
};

use crate::{script::library, stage};

/// Clocks that only what people say afterwards starts: an answer, a call.
const TOLD: [&str; 3] = [
    "
    at 2026-11-20T10:05:00-05:00 receive code=E1390 oxygen=not-met urgency=expedited asker=member received=2026-11-20T10:05:00-05:00
    at 2026-11-20T11:00:00-05:00 nurse decline
    at 2026-11-20T11:10:00-05:00 call to=member",
    "
    at 2026-11-20T10:05:00-06:00 receive line-of-business=commercial-insured state=TX code=ZZZZZ
    at 2026-11-20T11:00:00-06:00 nurse approve",
    "
    at 2026-11-20T10:05:00-06:00 receive line-of-business=commercial-insured state=TX code=ZZZZZ
    at 2026-11-20T10:30:00-06:00 nurse refer
    at 2026-11-20T10:40:00-06:00 nurse peer-schedule time=2026-11-20T10:50:00-06:00
    at 2026-11-20T11:00:00-06:00 physician open
    at 2026-11-20T11:05:00-06:00 physician deny expertise=I_treat_such_patients",
];
const TOLD_IN_HOSPITAL: &str = "
    at 2026-11-20T10:05:00-06:00 receive line-of-business=commercial-insured state=TX review=concurrent code=ZZZZZ place=21
    at 2026-11-20T10:30:00-06:00 nurse refer
    at 2026-11-20T10:40:00-06:00 nurse peer-schedule time=2026-11-20T10:50:00-06:00
    at 2026-11-20T11:00:00-06:00 physician open
    at 2026-11-20T11:05:00-06:00 physician deny expertise=I_treat_such_patients";

const STATES: [&str; 9] = ["NY", "MA", "CA", "TX", "FL", "IL", "NJ", "OH", "PA"];
const KINDS: [&str; 8] = [
    "review=prospective",
    "review=prospective channel=fax drug=yes",
    "review=prospective circumstance=court-ordered,post-stabilization,life-threatening,step-therapy,uniform-form",
    "review=prospective circumstance=rehabilitation-after-hospital,post-acute-transfer",
    "review=concurrent place=21 diagnosis=F10.20 certification=extension",
    "review=concurrent circumstance=home-care-after-hospital",
    "review=retrospective",
    "review=concurrent drug=yes cut=CUT",
];
const DAYS: [(&str, &str); 4] = [
    ("2024-06-03T10:00:00-05:00", "2024-01-01"),
    ("2026-05-04T10:00:00-05:00", "2025-07-01"),
    ("2026-11-23T10:00:00-05:00", "2026-07-01"),
    ("2027-03-01T10:00:00-05:00", "2027-01-01"),
];

fn begun(case: Result<Case, ()>, started: &mut BTreeSet<String>) {
    started.extend(case.iter().flat_map(|c| c.clocks.iter()).map(|c| c.pin.rule.clone()));
}

fn run(words: &str, at: Moment, started: &mut BTreeSet<String>) {
    let words = stage::pairs(words.split_whitespace()).expect("pairs");
    let made =
        |command: Command, case: Option<&Case>| decide(case, command, library(), at).map(|d| d.case).map_err(|_| ());
    begun(made(stage::receive(&words), None), started);
}

#[test]
fn the_library_says_of_each_rule_whether_a_case_starts_it() {
    let mut started = BTreeSet::new();
    for (at, rating) in DAYS {
        let moment: Moment = at.parse().expect("a moment");
        let cut = &Moment::from_second(moment.as_second() + 60 * 86_400).expect("a moment").to_string()[..10];
        let lines = LineOfBusiness::ALL.iter().map(LineOfBusiness::word);
        for (line, state) in lines.flat_map(|line| STATES.iter().map(move |state| (line, state))) {
            for (kind, urgency) in
                KINDS.iter().flat_map(|kind| ["standard", "expedited"].map(|urgency| (kind, urgency)))
            {
                let kind = kind.replace("CUT", cut);
                let words = format!(
                    "line-of-business={line} state={state} code=ZZZZZ urgency={urgency} received={at} accreditation=ncqa \
                     rating-period={rating} through=2027-11-30 {kind}"
                );
                run(&words, moment, &mut started);
            }
        }
    }
    for script in TOLD.iter().chain([&TOLD_IN_HOSPITAL]) {
        begun(stage::case_of(script).expect("a script").ok_or(()), &mut started);
    }
    let mut wrong = Vec::new();
    for rule in library().law.rules() {
        match (started.contains(&rule.id), not_in_a_case(rule)) {
            (true, Some(why)) => wrong.push(format!("{} starts, yet: {why}", rule.id)),
            (false, None) => {
                wrong.push(format!("{} never starts ({:?} {:?})", rule.id, rule.scope.reviews, rule.scope.subject))
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} started; {} wrong:\n{}", started.len(), wrong.len(), wrong.join("\n"));
}
