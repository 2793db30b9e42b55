//! What must hold of hospital status whatever the facts: counts agree with a walk minute by minute, nothing counts twice,
//! and no answer turns better by waiting for a paper.

use jiff::SignedDuration;
use proptest::prelude::*;
use vigil_domain::{
    party::LineOfBusiness,
    status::{
        Basis, Because, Departure, Discharge, Expectation, InpatientOrder, ObservationFacts, ObservationOrder,
        PayerFacts, Span, StatusFacts, Supported, decide_status, midnights_between, observation_hours,
    },
    time::{Day, Moment},
};

mod common;

use common::{LIBRARY, receipts, zone};

/// Minutes from a start, as a span.
fn spans(start: Moment) -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((0_i64..6000, 1_i64..3000), 0..4).prop_map(move |all| {
        let at = |minutes| start + SignedDuration::from_mins(minutes);
        all.into_iter().map(|(from, long)| Span::closed(at(from), at(from + long))).collect()
    })
}

/// Midnights counted the slow way: every instant at which the local date changes.
fn by_hand(from: Moment, to: Moment, zone: &vigil_domain::time::Zone, less: &[Span]) -> u32 {
    let mut count = 0;
    let mut day: Day = zone.day(from);
    while day < zone.day(to) {
        day = day.tomorrow().expect("a date");
        let midnight = day.to_zoned(zone.tz().clone()).expect("a midnight").timestamp();
        let away = less.iter().any(|s| s.from < midnight && s.to.is_none_or(|to| midnight <= to));
        count += u32::from(!away);
    }
    count
}

fn stay(from: Moment, payer: LineOfBusiness) -> StatusFacts {
    let mut facts = StatusFacts::new(zone("America/New_York"), PayerFacts::of(payer));
    facts.first_care_at = Some(from);
    facts
}

proptest! {
    #[test]
    fn midnights_are_changes_of_the_local_date(
        ((zone, from), minutes) in (receipts(), 0_i64..14_400),
        seed in any::<u32>(),
    ) {
        let to = from + SignedDuration::from_mins(minutes);
        let shift = i64::from(seed % 5000);
        let less = [Span::closed(from + SignedDuration::from_mins(shift), from + SignedDuration::from_mins(shift + 900))];
        prop_assert_eq!(midnights_between(from, to, &zone, &[]), by_hand(from, to, &zone, &[]));
        prop_assert_eq!(midnights_between(from, to, &zone, &less), by_hand(from, to, &zone, &less));
    }

    #[test]
    fn observation_minutes_and_deductions_add_up(
        (orders, monitored) in (0_i64..1_000_000).prop_flat_map(|minutes| {
            let start = Moment::from_second(1_760_000_000 + minutes * 60).unwrap();
            (spans(start), spans(start))
        }),
    ) {
        let orders: Vec<_> = orders.iter().map(|s| ObservationOrder { ordered_at: s.from, began_at: None, ended_at: s.to }).collect();
        let monitored: Vec<_> = monitored.into_iter().map(|span| Because { span, why: "monitored".to_owned() }).collect();
        let now = Moment::from_second(1_900_000_000).unwrap();
        let ask = |monitored: Vec<Because>| {
            let zone = zone("America/New_York");
            observation_hours(&ObservationFacts { zone, orders: orders.clone(), monitored, care_ended_at: None }, now)
        };
        let (whole, less) = (ask(Vec::new()), ask(monitored));
        let taken: i64 = less.deductions.iter().map(|d| d.minutes).sum();
        prop_assert_eq!(whole.minutes, less.minutes + taken);
        for pair in less.counted.windows(2) {
            prop_assert!(pair[0].end(now) <= pair[1].from, "what counts does not overlap");
        }
    }

    #[test]
    fn without_an_order_nobody_is_inpatient(
        minutes in 0_i64..20_000, need in any::<Option<bool>>(), further in prop::option::of(0_u32..5), line in 0_usize..4,
    ) {
        let from: Moment = "2026-03-06T20:00:00Z".parse().unwrap();
        let lines = [LineOfBusiness::OriginalMedicare, LineOfBusiness::MedicareAdvantage, LineOfBusiness::CommercialInsured, LineOfBusiness::MedicaidFfs];
        let mut facts = stay(from, lines[line].clone());
        facts.hospital_need = need;
        facts.expectation = further.map(|further_midnights| Expectation {
            further_midnights, documented_at: from, by: String::new(), because: Vec::new(),
        });
        let answer = decide_status(&facts, &LIBRARY.status, from + SignedDuration::from_mins(minutes));
        prop_assert!(answer.status != Supported::Inpatient && answer.basis == Basis::NoOrder);
        prop_assert!(answer.tier.is_none());
    }

    #[test]
    fn an_order_dated_back_changes_nothing(back in 1_i64..5_000, minutes in 0_i64..10_000, further in 0_u32..4) {
        let from: Moment = "2026-10-30T20:00:00Z".parse().unwrap();
        let written = from + SignedDuration::from_mins(300);
        let now = written + SignedDuration::from_mins(minutes);
        let mut plain = stay(from, LineOfBusiness::OriginalMedicare);
        plain.hospital_need = Some(true);
        plain.expectation = Some(Expectation { further_midnights: further, documented_at: written, by: String::new(), because: Vec::new() });
        plain.order = Some(InpatientOrder::signed(written, "attending"));
        let mut back_dated = plain.clone();
        if let Some(order) = &mut back_dated.order {
            order.at = written - SignedDuration::from_mins(back);
        }
        let (a, b) = (decide_status(&plain, &LIBRARY.status, now), decide_status(&back_dated, &LIBRARY.status, now));
        prop_assert_eq!((&a.status, &a.basis, &a.midnights, &a.rules), (&b.status, &b.basis, &b.midnights, &b.rules));
    }

    #[test]
    fn paper_written_after_the_patient_left_changes_no_basis(late in 1_i64..10_000, further in 0_u32..4, died in any::<bool>()) {
        let from: Moment = "2026-10-30T20:00:00Z".parse().unwrap();
        let left = from + SignedDuration::from_hours(20);
        let mut facts = stay(from, LineOfBusiness::OriginalMedicare);
        facts.hospital_need = Some(true);
        facts.order = Some(InpatientOrder::signed(from, "attending"));
        let how = if died { Departure::Death } else { Departure::Home };
        facts.discharge = Some(Discharge { at: left, how, rapid_improvement: false });
        let now = left + SignedDuration::from_hours(24 * 30);
        let before = decide_status(&facts, &LIBRARY.status, now);
        facts.expectation = Some(Expectation {
            further_midnights: further, documented_at: left + SignedDuration::from_mins(late), by: String::new(), because: Vec::new(),
        });
        let after = decide_status(&facts, &LIBRARY.status, now);
        prop_assert_eq!((before.status, before.basis, before.tier), (after.status, after.basis, after.tier));
    }
}
