//! What must hold for every rule, zone and receipt: counting, combining, choosing, determinism.

mod common;

use common::*;
use jiff::SignedDuration;
use proptest::prelude::*;
use vigil_domain::{
    calendar::{Calendar, Falls, Holiday, Moves},
    clock::{Asked, Branch, Given, Question, Status, answer, print_moment, read_moment},
    law::{Basis, Combine, Flags, Rule, Unit},
    time::{Day, Moment},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // Properties 1 to 4: elapsed clocks.
    #[test]
    fn an_hour_clock_is_elapsed_time_in_every_zone((zone, at) in receipts(), other in zones(), a in 0_u32..2000, b in 0_u32..2000, shift in 0_i64..100_000) {
        let hours = |n| rule(n, Unit::Hours, "US");
        let first = due(&hours(a), at, &zone);
        prop_assert_eq!(first.duration_since(at), SignedDuration::from_hours(i64::from(a)));
        prop_assert_eq!(due(&hours(a), at, &other), first);
        prop_assert_eq!(due(&hours(b), first, &zone), due(&hours(a + b), at, &zone));
        prop_assert_eq!(due(&rule(a * 60, Unit::Minutes, "US"), at, &zone), first);
        let later = at + SignedDuration::from_secs(shift);
        prop_assert_eq!(due(&hours(a), later, &zone).duration_since(first), SignedDuration::from_secs(shift));
    }

    // Properties 5 to 7: day clocks.
    #[test]
    fn a_day_clock_ends_at_the_end_of_its_last_day((zone, at) in receipts(), n in 0_u32..800) {
        let days = rule(n, Unit::CalendarDays, "US");
        let end = due(&days, at, &zone);
        prop_assert_eq!(zone.at(end).time().to_string(), "23:59:59");
        prop_assert_eq!(day_number(end, &zone) - day_number(at, &zone), n as i32);
        let day = zone.day(at);
        let first = zone.tz().to_timestamp(day.at(0, 0, 0, 0)).unwrap();
        let last = zone.tz().to_timestamp(day.at(23, 59, 59, 0)).unwrap();
        prop_assert_eq!(due(&days, first, &zone), end);
        prop_assert_eq!(due(&days, last, &zone), end);
        let next = due(&days, last + SignedDuration::from_secs(1), &zone);
        prop_assert_eq!(day_number(next, &zone), day_number(end, &zone) + 1);
    }

    #[test]
    fn every_spelling_of_an_instant_gives_the_same_answer((zone, at) in receipts(), offset in -840_i32..840) {
        let at = Moment::from_second(at.as_second()).unwrap();
        let foreign = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(offset * 60).unwrap()));
        let spelled = foreign.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        prop_assert_eq!(read_moment(&spelled), Ok(at));
        prop_assert_eq!(read_moment(&at.to_string()), Ok(at));
        // Property 35: round trip, offset kept.
        let printed = print_moment(at, &zone);
        prop_assert_eq!(read_moment(&printed), Ok(at));
        prop_assert_eq!(print_moment(read_moment(&printed).unwrap(), &zone), printed);
    }

    // Properties 8, 10, 13: business days.
    #[test]
    fn a_business_clock_counts_exactly_its_business_days((zone, at) in receipts(), place in places(), n in 1_u32..300) {
        let end = due(&rule(n, Unit::BusinessDays, place), at, &zone);
        let (from, to) = (day_number(at, &zone), day_number(end, &zone));
        let calendar = calendar(place);
        prop_assert!(calendar.is_business_day(to));
        let counted = (from + 1..=to).filter(|day| calendar.is_business_day(*day)).count();
        prop_assert_eq!(counted, n as usize);
        prop_assert_eq!(due(&rule(n, Unit::WorkingDays, place), at, &zone), end);
        prop_assert!(end >= due(&rule(n, Unit::CalendarDays, place), at, &zone));
        prop_assert!(due(&rule(n + 1, Unit::BusinessDays, place), at, &zone) > end);
        let calendar_days = due(&rule(n, Unit::CalendarDays, place), at, &zone);
        prop_assert_eq!(calendar_days, due(&rule(n, Unit::CalendarDays, "US"), at, &zone));
        let months = due(&rule(n, Unit::Months, place), at, &zone);
        prop_assert_eq!(months, due(&rule(n, Unit::Months, "US"), at, &zone));
    }

    // Property 11.
    #[test]
    fn a_weekend_without_a_holiday_monday_is_one_day_to_business_clocks(week in 0_i32..1000, place in places(), n in 1_u32..60) {
        let friday = 18_264 + 7 * week;
        let calendar = calendar(place);
        prop_assume!(calendar.is_business_day(friday) && calendar.is_business_day(friday + 3));
        let ends: Vec<i32> = (friday..friday + 3).map(|day| calendar.business_day_after(day, n)).collect();
        prop_assert_eq!(ends[0], ends[1]);
        prop_assert_eq!(ends[1], ends[2]);
    }

    // Property 12.
    #[test]
    fn one_more_holiday_never_makes_a_due_day_earlier(day in 18_262_i32..25_000, month in 1_i8..13, on in 1_i8..28, n in 0_u32..300, place in places()) {
        let had = calendar(place);
        let mut more = Calendar { holidays: had.holidays.clone(), ..Calendar::default() };
        more.holidays.push(Holiday {
            name: "one more".to_owned(),
            falls: Falls::Fixed { month, day: on },
            moves: Moves::default(),
            from_year: None,
        });
        prop_assert!(more.new().business_day_after(day, n) >= had.business_day_after(day, n));
    }

    // Property 9, and dues never precede starts.
    #[test]
    fn a_later_receipt_is_never_due_earlier_under_one_rule((zone, at) in receipts(), later in 0_i64..400_000, which in 0_usize..1000, branch in 0_usize..8) {
        let rules: Vec<_> = LIBRARY.law.rules().iter().filter(|r| r.has_clock() && r.combine != Combine::Conditional).collect();
        let rule = rules[which % rules.len()];
        let branch = Branch::Index(branch % rule.deadlines.len());
        let run = |at: Moment| {
            let events = all_events(rule, at);
            pinned(rule, &Given { branch: Some(&branch), urgency: "expedited", ..Given::new(&events, &zone) }).due_at
        };
        if let (Some(first), Some(second)) = (run(at), run(at + SignedDuration::from_secs(later))) {
            prop_assert!(second >= first, "{}", rule.id);
            let back = rule.combine == Combine::MinimumNotice || rule.id == "TX-GOLDCARD";
            prop_assert!(back || first >= at, "{}", rule.id);
        }
    }

    // Property 14.
    #[test]
    fn a_month_clock_keeps_the_day_number_or_takes_the_last((zone, at) in receipts(), n in 0_u32..120) {
        let end = zone.day(due(&rule(n, Unit::Months, "US"), at, &zone));
        let start = zone.day(at);
        let months = |d: Day| i32::from(d.year()) * 12 + i32::from(d.month());
        prop_assert_eq!(months(end) - months(start), n as i32);
        prop_assert_eq!(end.day(), start.day().min(end.days_in_month()));
    }

    // Properties 15 to 17.
    #[test]
    fn a_set_is_due_at_the_earliest_of_its_rules((zone, at) in receipts(), picks in prop::collection::vec(0_usize..1000, 1..6)) {
        let simple: Vec<&str> = LIBRARY.law.rules().iter().filter(|r| !r.combine.needs_branch()).map(|r| r.id.as_str()).collect();
        let ids: Vec<String> = picks.iter().map(|i| simple[i % simple.len()].to_owned()).collect();
        let flags = Flags { rating_period_start: Some(zone.day(at)), ..Flags::default() };
        let run = |asked: Asked| {
            let mut events: Vec<(String, Moment)> = LIBRARY.law.vocabulary().events.into_iter().map(|e| (e, at)).collect();
            events.sort();
            let question = Question { flags: flags.clone(), ..Question::new(asked, events, zone.clone()) };
            answer(&LIBRARY.law, &question)
        };
        let set = run(Asked::Set(ids.clone()));
        let singles: Vec<_> = ids.iter().map(|id| run(Asked::One(id.clone()))).collect();
        prop_assert_eq!(set.due_at, singles.iter().filter_map(|a| a.due_at).min());
        for id in &set.controlling {
            prop_assert_eq!(run(Asked::One(id.clone())).due_at, set.due_at);
        }
        let mut turned = ids.clone();
        turned.reverse();
        turned.push(ids[0].clone());
        prop_assert_eq!(run(Asked::Set(turned)).due_at, set.due_at);
        let mut more = ids.clone();
        more.push("PROP-0062".to_owned());
        prop_assert_eq!(run(Asked::Set(more)).due_at, set.due_at);
    }

    // Property 18.
    #[test]
    fn the_late_event_never_makes_an_earliest_of_two_later((zone, at) in receipts(), wait in 0_i64..900_000) {
        let rule = LIBRARY.law.rule("NY-MMC-CONC-EXP").unwrap();
        let without = [("request_received", at)];
        let with = [("request_received", at), ("necessary_information_received", at + SignedDuration::from_secs(wait))];
        let (a, b) = (pinned(rule, &Given::new(&without, &zone)), pinned(rule, &Given::new(&with, &zone)));
        prop_assert!(b.due_at <= a.due_at);
    }

    // Property 30.
    #[test]
    fn a_rating_period_rule_is_chosen_without_the_receipt((zone, at) in receipts(), days in 0_i64..3000) {
        let start = Day::new(2023, 1, 1).unwrap() + SignedDuration::from_hours(24 * days);
        let flags = Flags { rating_period_start: Some(start), ..Flags::default() };
        for rule in LIBRARY.law.rules().iter().filter(|r| r.effective.basis == Basis::RatingPeriodStart) {
            let fixed = rule.standing(&flags, Some(Day::new(2000, 1, 1).unwrap()));
            prop_assert_eq!(rule.standing(&flags, Some(zone.day(at))), fixed);
        }
    }

    // Property 31.
    #[test]
    fn a_stamp_without_an_offset_is_refused((zone, at) in receipts()) {
        let full = print_moment(at, &zone);
        prop_assert!(read_moment(&full[..19]).is_err());
        prop_assert!(read_moment(&full[..10]).is_err());
        let refused = |text: String| read_moment(&text).is_err();
        let sixtieth = format!("{}60{}", &full[..17], &full[19..]);
        let no_seconds = format!("{}{}", &full[..16], &full[full.len() - 6..]);
        let far_offset = format!("{}+24:00", &full[..19]);
        prop_assert!(refused(sixtieth) && refused(far_offset) && !refused(no_seconds));
        let bracketed = format!("{}[America/New_York]", full);
        prop_assert!(read_moment(&bracketed).is_err());
    }

    // Property 37.
    #[test]
    fn no_date_and_no_amount_breaks_the_count(second in 0_i64..4_102_444_800, n in 0_u32..3651, unit in 0_usize..7, zone in zones(), place in places()) {
        let unit = Unit::WORDS[unit].1;
        let at = Moment::from_second(second).unwrap();
        prop_assert_eq!(ask(&rule(n, unit, place), at, &zone, &[], None).status, Status::Due);
    }
}

// Property 29.
#[test]
fn each_pair_of_versions_changes_at_local_midnight_in_every_zone() {
    let pairs = [
        ("MADV-OD-STD-14", "MADV-OD-STD-PA", "2026-01-01"),
        ("MADV-RECON-FILE-OLD", "MADV-RECON-FILE", "2025-01-01"),
        ("NCQA-NONURG-PRE-OLD", "NCQA-NONURG-PRE", "2026-07-01"),
        ("NY-FFS-OLD", "NY-FFS", "2027-01-01"),
    ];
    let flags = Flags { pa_required: Some(true), ..Flags::default() };
    for (old, new, day) in pairs {
        let day: Day = day.parse().unwrap();
        for zone in ZONES.map(zone) {
            let first = zone.tz().to_timestamp(day.at(0, 0, 0, 0)).unwrap();
            let applies = |id: &str, at: Moment| {
                let standing = LIBRARY.law.rule(id).unwrap().standing(&flags, Some(zone.day(at)));
                standing == vigil_domain::law::Standing::InForce
            };
            let before = first - SignedDuration::from_secs(1);
            assert!(applies(old, before) && !applies(new, before), "{old} before {day}");
            assert!(!applies(old, first) && applies(new, first), "{new} from {day}");
        }
    }
}

// Property 32.
#[test]
fn without_a_start_event_no_clock_is_due_and_nothing_is_an_error() {
    let zone = zone("America/New_York");
    for rule in LIBRARY.law.rules().iter().filter(|r| r.has_clock()) {
        for at in 0..rule.deadlines.len() {
            let branch = Branch::Index(at);
            let got = pinned(rule, &Given { branch: Some(&branch), ..Given::new(&[], &zone) });
            let wanted = if rule.combine.needs_branch() && rule.deadlines[at].numeric().is_none() {
                Status::NoClock
            } else {
                Status::NotStarted
            };
            assert_eq!(got.status, wanted, "{}", rule.id);
        }
    }
}

// Property 34: a stored text gives the stored due time, whatever the packs say later.
#[test]
fn a_pinned_rule_computes_the_same_from_its_stored_text() {
    let zone = zone("America/Chicago");
    let at: Moment = "2026-03-06T18:10:00-06:00".parse().unwrap();
    for rule in LIBRARY.law.rules().iter().filter(|r| r.has_clock()) {
        let stored = std::sync::Arc::new(Rule::from_canonical(&rule.canonical()).unwrap());
        for index in 0..rule.deadlines.len() {
            let branch = Branch::Index(index);
            let events = all_events(rule, at);
            let given = Given { branch: Some(&branch), ..Given::new(&events, &zone) };
            assert_eq!(pinned(&stored, &given), pinned(rule, &given), "{}", rule.id);
        }
    }
}

// Property 36: how many weekday holidays a year has.
#[test]
fn a_federal_year_has_eleven_weekday_holidays_or_a_neighbour_s() {
    for year in 2020..=2040 {
        let count = calendar("US").holidays_in(year).len();
        let next_is_saturday = Day::new(year + 1, 1, 1).unwrap().weekday() == jiff::civil::Weekday::Saturday;
        let this_is_saturday = Day::new(year, 1, 1).unwrap().weekday() == jiff::civil::Weekday::Saturday;
        let base = if year < 2021 { 10 } else { 11 };
        let wanted = base + usize::from(next_is_saturday) - usize::from(this_is_saturday);
        assert_eq!(count, wanted, "{year}");
    }
}

/// Everything the library says about one receipt, as one text.
fn everything() -> String {
    let zone = zone("America/Denver");
    let at: Moment = "2026-10-30T23:59:59-06:00".parse().expect("a moment");
    let mut out = String::new();
    for rule in LIBRARY.law.rules() {
        let events: Vec<(String, Moment)> =
            all_events(rule, at).into_iter().map(|(n, at)| (n.to_owned(), at)).collect();
        let mut question = Question::new(Asked::One(rule.id.clone()), events, zone.clone());
        question.branch = Some(Branch::Index(0));
        let got = answer(&LIBRARY.law, &question);
        out += &format!(
            "{} {:?} {:?}\n",
            rule.id,
            got.due_at.map(|at| print_moment(at, &zone)),
            got.steps(&LIBRARY.law, &question)
        );
    }
    out
}

// Property 33: the machine's zone and language do not matter.
#[test]
fn the_same_question_gives_the_same_bytes_on_every_machine() {
    if std::env::var_os("VIGIL_LAW_CHILD").is_some() {
        println!("digest {}", vigil_packs::shelf::digest_of(&everything()));
        return;
    }
    let here = format!("digest {}", vigil_packs::shelf::digest_of(&everything()));
    for machine in ["UTC", "Asia/Kolkata", "America/St_Johns"] {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_same_question_gives_the_same_bytes_on_every_machine", "--nocapture"])
            .env("VIGIL_LAW_CHILD", "1")
            .env("TZ", machine)
            .env("LC_ALL", "de_DE.UTF-8")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(said.contains(&here), "under TZ={machine}: {said}");
    }
}
