//! The ledger of a stay: what the news mean together, and that the order of their arrival never matters.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

#[path = "ledger/made.rs"]
mod made;

use made::{News, shuffled, site, zone};
use vigil_domain::stay::{
    news::StayNews,
    track::{FlagKind, Track},
};

fn derive(news: &[StayNews]) -> Track {
    Track::derive(news, &site(), &zone())
}

/// `2026-03-01T10:00 inpatient low`, one line a period.
fn periods(track: &Track) -> Vec<String> {
    let zone = zone();
    let line = |p: &vigil_domain::stay::track::StatusPeriod| {
        format!("{} {} {}", zone.at(p.from).strftime("%m-%dT%H:%M"), p.status, p.confidence)
    };
    track.periods.iter().map(line).collect()
}

#[track_caller]
fn expect(news: &[StayNews], wanted: &[&str], flags: &[FlagKind]) -> Track {
    let track = derive(news);
    assert_eq!(periods(&track), wanted, "{:#?}", track.flags);
    for flag in flags {
        assert!(track.has(flag), "{flag} is missing in {:#?}", track.flags);
    }
    for (turn, other) in shuffled(news, 40).into_iter().enumerate() {
        assert_eq!(derive(&other), track, "shuffle {turn}");
    }
    track
}

#[test]
fn emergency_to_observation_to_inpatient_to_home() {
    let news = [
        News::of("A04", "03-01T10:00").class("E").start("03-01T10:00").place("ED", "12").news(),
        News::of("A06", "03-01T15:00").class("O/OBS").start("03-01T15:00").place("5E", "03").news(),
        News::order("o1", "03-01T14:30", "OBS").news(),
        News::order("o2", "03-02T16:00", "IP").news(),
        News::of("A08", "03-02T18:00").class("I").start("03-01T15:00").news(),
        News::of("A03", "03-04T12:00").class("I").end("03-04T12:00").news(),
    ];
    let track = expect(
        &news,
        &[
            "03-01T10:00 emergency high",
            "03-01T14:30 observation high",
            "03-02T16:00 inpatient high",
            "03-04T12:00 discharged high",
        ],
        &[FlagKind::StartOverwritten],
    );
    assert_eq!(track.arrival_at, Some(made::at("03-01T10:00")), "the first start told stands");
    assert_eq!(track.inpatient_order_at, Some(made::at("03-02T16:00")));
    assert!(!track.has(&FlagKind::OrderMissing));
    assert_eq!(track.midnights(&zone(), made::at("03-01T10:00"), made::at("03-09T00:00")), 3);
}

#[test]
fn an_order_that_follows_registration_counts_from_itself() {
    let news = [News::of("A01", "03-01T10:00").class("I").news(), News::order("o1", "03-01T13:00", "IP").news()];
    let track = expect(&news, &["03-01T10:00 inpatient low", "03-01T13:00 inpatient high"], &[]);
    assert!(!track.has(&FlagKind::OrderMissing), "the order came");
    expect(&news[..1], &["03-01T10:00 inpatient low"], &[FlagKind::OrderMissing]);
}

#[test]
fn an_order_that_registration_has_not_followed_is_a_lag() {
    let news = [News::of("A04", "03-01T10:00").class("E").news(), News::order("o1", "03-01T12:00", "IP").news()];
    expect(&news, &["03-01T10:00 emergency high", "03-01T12:00 inpatient medium"], &[FlagKind::RegistrationLag]);
}

#[test]
fn inpatient_to_outpatient_goes_through_the_gate() {
    let news = [
        News::of("A01", "03-01T21:40").class("I").news(),
        News::order("o1", "03-01T21:40", "IP").news(),
        News::of("A07", "03-02T11:10").class("O/OBS").news(),
        News::order("o2", "03-02T11:10", "OBS").news(),
        News::of("A03", "03-02T18:00").end("03-02T18:00").news(),
    ];
    expect(
        &news,
        &["03-01T21:40 inpatient high", "03-02T11:10 observation high", "03-02T18:00 discharged high"],
        &[FlagKind::InpatientToOutpatient],
    );
}

#[test]
fn a_class_change_after_discharge_is_never_one() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").news(),
        News::of("A03", "03-02T10:00").end("03-02T10:00").news(),
        News::of("A07", "03-02T15:00").class("O").news(),
    ];
    let track = expect(
        &news,
        &["03-01T10:00 inpatient low", "03-02T10:00 discharged high"],
        &[FlagKind::ChangedAfterDischarge],
    );
    assert!(!track.has(&FlagKind::InpatientToOutpatient));
    let mere_update = [news[0].clone(), news[1].clone(), News::of("A08", "03-03T09:00").class("O").news()];
    expect(
        &mere_update,
        &["03-01T10:00 inpatient low", "03-02T10:00 discharged high"],
        &[FlagKind::ChangedAfterDischarge],
    );
}

#[test]
fn a_cancelled_admission_returns_to_the_emergency_visit_or_never_was() {
    let register = News::of("A04", "03-01T10:00").class("E").news();
    let admit = News::of("A01", "03-01T14:00").class("I").news();
    let cancel = News::of("A11", "03-01T15:00").news();
    expect(&[register, admit.clone(), cancel.clone()], &["03-01T10:00 emergency high"], &[]);
    expect(&[admit, cancel], &["03-01T14:00 cancelled high"], &[]);
}

#[test]
fn a_cancelled_admission_followed_by_a_registration_is_a_change_in_disguise() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").news(),
        News::of("A11", "03-02T09:00").news(),
        News::of("A04", "03-02T09:05").class("O").news(),
    ];
    expect(
        &news,
        &["03-01T10:00 inpatient low", "03-02T09:05 outpatient high"],
        &[FlagKind::DisguisedChange, FlagKind::InpatientToOutpatient],
    );
}

#[test]
fn a_discharge_taken_back_over_the_night_the_clocks_change() {
    // In New York the clocks go forward on Mar 8, 2026 at 2:00.
    let news = [
        News::of("A01", "03-06T10:00").class("I").news(),
        News::of("A03", "03-07T23:55").end("03-07T23:55").news(),
        News::of("A13", "03-08T00:10").class("I").news(),
        News::of("A03", "03-08T11:00").end("03-08T11:00").news(),
    ];
    let track =
        expect(&news, &["03-06T10:00 inpatient low", "03-08T11:00 discharged high"], &[FlagKind::DischargeCancelled]);
    assert_eq!(track.midnights(&zone(), made::at("03-06T10:00"), made::at("03-09T00:00")), 2);
}

#[test]
fn a_planned_stay_that_comes_or_is_called_off() {
    let plan = News::of("A05", "03-01T10:00").class("I").news();
    let come = News::of("A01", "03-05T06:00").class("I").visit("V2").news();
    expect(&[plan.clone(), come], &["03-01T10:00 pre-admit high", "03-05T06:00 inpatient low"], &[]);
    let off = News::of("A38", "03-02T10:00").news();
    expect(&[plan, off], &["03-01T10:00 cancelled high"], &[]);
}

#[test]
fn transfers_storm_in_and_one_is_taken_back() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").place("5E", "03").news(),
        News::of("A02", "03-01T12:00").from("5E", "03").place("ICU", "01").news(),
        News::of("A02", "03-02T09:00").from("ICU", "01").place("6W", "10").news(),
        News::of("A12", "03-02T09:20").from("6W", "10").place("ICU", "01").news(),
        News::of("A02", "03-03T09:00").from("ICU", "01").place("7W", "02").news(),
    ];
    let track = expect(&news, &["03-01T10:00 inpatient low"], &[]);
    let places: Vec<String> = track.places.iter().map(|p| p.is.listed()).collect();
    assert_eq!(places, ["5E 03", "ICU 01", "7W 02"]);
    let nothing = [news[0].clone(), News::of("A12", "03-02T09:20").from("8N", "10").place("5E", "03").news()];
    expect(&nothing, &["03-01T10:00 inpatient low"], &[FlagKind::CancelsNothing]);
}

#[test]
fn a_flood_of_old_updates_changes_nothing_newer() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").place("5E", "03").attending("Newer").recorded("03-01T10:00").news(),
        News::of("A06", "03-01T12:00").class("I").place("6W", "01").attending("Newest").recorded("03-03T12:00").news(),
        News::of("A08", "03-02T08:00").class("O").place("5E", "03").attending("Old").recorded("03-02T08:00").news(),
    ];
    let track = expect(&news, &["03-01T10:00 inpatient low"], &[FlagKind::StaleUpdate]);
    assert_eq!(track.place_at(made::at("03-04T00:00")).unwrap().listed(), "6W 01");
    assert_eq!(track.attending_at(made::at("03-04T00:00")).unwrap().name, "Newest");
}

#[test]
fn merges_are_followed_by_late_news_with_the_old_number() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").patient("WRONG").news(),
        News::of("A40", "03-01T11:00").patient("RIGHT").merged("WRONG", "RIGHT").news(),
        News::of("A08", "03-01T12:00").class("I").patient("WRONG").news(),
        News::of("A40", "03-01T13:00").patient("RIGHT").merged("WRONG", "RIGHT").news(),
    ];
    let track = expect(&news, &["03-01T10:00 inpatient low"], &[FlagKind::Merged]);
    assert_eq!(track.patient.id.unwrap().value, "RIGHT");
    assert!(track.patient.identifiers.iter().any(|i| i.value == "WRONG"), "the old number stays in the record");
}

#[test]
fn what_the_source_deletes_stays() {
    let news = [News::of("A01", "03-01T10:00").class("I").news(), News::of("A23", "03-05T10:00").news()];
    expect(&news, &["03-01T10:00 inpatient low"], &[FlagKind::SourceDeleted]);
}

#[test]
fn an_event_entered_two_days_late_takes_its_place() {
    let news = [
        News::of("A04", "03-01T10:00").class("E").news(),
        News::of("A06", "03-01T16:00").class("I").recorded("03-03T16:00").news(),
        News::of("A03", "03-03T10:00").end("03-03T10:00").news(),
    ];
    expect(&news, &["03-01T10:00 emergency high", "03-01T16:00 inpatient low", "03-03T10:00 discharged high"], &[]);
}

#[test]
fn an_admission_that_copies_the_start_of_the_visit_happened_when_it_was_recorded() {
    let news = [
        News::of("A04", "03-01T10:00").class("E").start("03-01T10:00").news(),
        News::of("A01", "03-01T10:00").class("I").start("03-01T10:00").recorded("03-01T15:00").news(),
    ];
    expect(&news, &["03-01T10:00 emergency high", "03-01T15:00 inpatient low"], &[]);
}

#[test]
fn a_numbered_movement_is_corrected_and_called_off() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").place("5E", "03").news(),
        News::of("A02", "03-01T12:00").place("ICU", "01").movement("m1", "insert").news(),
        News::of("A02", "03-01T14:00").place("ICU", "02").movement("m1", "update").recorded("03-02T14:00").news(),
        News::of("A02", "03-02T12:00").place("6W", "01").movement("m2", "insert").news(),
        News::of("A02", "03-02T12:00").place("6W", "01").movement("m2", "cancel").recorded("03-04T12:00").news(),
    ];
    let track = expect(&news, &["03-01T10:00 inpatient low"], &[]);
    let places: Vec<_> = track.places.iter().map(|p| (p.is.listed(), p.from)).collect();
    assert_eq!(places, [("5E 03".into(), made::at("03-01T10:00")), ("ICU 02".into(), made::at("03-01T14:00"))]);
}

#[test]
fn leave_is_not_a_midnight_in_the_house() {
    let news = [
        News::of("A01", "03-01T10:00").class("I").news(),
        News::of("A21", "03-02T18:00").news(),
        News::of("A22", "03-03T09:00").news(),
        News::of("A03", "03-04T10:00").end("03-04T10:00").news(),
    ];
    let track = expect(
        &news,
        &[
            "03-01T10:00 inpatient low",
            "03-02T18:00 leave-of-absence high",
            "03-03T09:00 inpatient low",
            "03-04T10:00 discharged high",
        ],
        &[],
    );
    assert_eq!(track.midnights(&zone(), made::at("03-01T10:00"), made::at("03-09T00:00")), 2);
}

#[test]
fn an_order_that_is_called_off_never_counted_and_one_that_ended_did() {
    let base = [News::of("A04", "03-01T10:00").class("E").news(), News::order("o1", "03-01T12:00", "IP").news()];
    let off = [base[0].clone(), base[1].clone(), News::order("o1", "03-01T13:00", "IP").state("cancelled").news()];
    expect(&off, &["03-01T10:00 emergency high"], &[FlagKind::OrderCancelled]);
    let ended = [base[0].clone(), base[1].clone(), News::order("o1", "03-02T13:00", "IP").state("discontinued").news()];
    expect(
        &ended,
        &["03-01T10:00 emergency high", "03-01T12:00 inpatient medium", "03-02T13:00 emergency high"],
        &[FlagKind::InpatientToOutpatient],
    );
}

/// The property that everything else rests on: ten thousand arrivals of the same news, one track.
#[test]
fn ten_thousand_arrivals_give_one_track() {
    let mut eventful = 0;
    for seed in 1..=100_u64 {
        let news = made::stay(seed);
        let track = derive(&news);
        eventful += usize::from(track.periods.len() > 1);
        let doubled: Vec<StayNews> = news.iter().chain(news.iter().step_by(3)).cloned().collect();
        for (turn, other) in shuffled(&doubled, 100).into_iter().enumerate() {
            assert_eq!(derive(&other), track, "seed {seed}, shuffle {turn}");
        }
    }
    assert!(eventful > 60, "most stays made have more than one status: {eventful}");
}
