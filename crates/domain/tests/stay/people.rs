//! The people and payers of the scripts: made up, with licences, seats and terms that the scripts rely on.

use vigil_domain::{
    party::{Credential, Licence, LineOfBusiness},
    stay::{
        command::{Actor, OnDuty},
        event::Hospital,
        facility::SiteMap,
        payer::PayerTerms,
        review::Seat,
    },
    time::{Day, Zone},
};

pub fn date(text: &str) -> Day {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub fn hospital(state: &str) -> Hospital {
    Hospital {
        id: "mercy".into(),
        name: "Mercy Hospital".into(),
        state: state.into(),
        zone: Zone::named("America/New_York").expect("a zone"),
        kind: "acute".into(),
        site: SiteMap::default(),
        prospective_payment: None,
        part_456: None,
    }
}

/// advisor and second: appointed physicians. officer: a physician with no seat. owner: appointed, with an interest.
pub fn actor(person: &str) -> Result<Actor, String> {
    let (kind, seat): (&str, Option<(bool, bool)>) = match person {
        "nurse" => ("RN", None),
        "advisor" | "second" | "attending" => ("MD", Some((true, false))),
        "officer" => ("MD", None),
        "owner" => ("MD", Some((true, true))),
        "member" => ("RN", Some((false, false))),
        other => return Err(format!("who is {other}?")),
    };
    let name = if person == "attending" { "Dr. Roe".to_owned() } else { format!("A. {person}") };
    let licence = Licence {
        kind: kind.into(),
        state: "NY".into(),
        number: "NY-1001".into(),
        from: date("2020-01-01"),
        through: date("2027-12-31"),
    };
    let credential = Credential {
        person: person.into(),
        name: name.clone(),
        licences: vec![licence],
        specialties: vec!["internal-medicine".into()],
        npi: None,
        reports_to: None,
        attested_on: Some(date("2026-01-15")),
    };
    let seats = seat.into_iter().map(|(physician, financial_interest)| Seat {
        facility: "mercy".into(),
        from: date("2025-01-01"),
        through: None,
        physician,
        financial_interest,
    });
    Ok(Actor { person: person.into(), name, credential, seats: seats.collect() })
}

pub fn duty(person: &str) -> OnDuty {
    OnDuty { person: person.into(), name: format!("A. {person}") }
}

/// The terms of a payer as its contract with the hospital has them.
pub fn terms(payer: &str, line: &str) -> Option<PayerTerms> {
    let line_of_business = LineOfBusiness::read(line);
    let managed = !matches!(line_of_business, LineOfBusiness::OriginalMedicare);
    managed.then(|| PayerTerms {
        payer_id: payer.into(),
        plan_id: None,
        name: payer.into(),
        line_of_business,
        notify_hours: Some(24),
        weekend_by_hour: Some(17),
        observation_too: false,
        late_hours_whole_stay: Some(72),
        clinicals_hours: Some(24),
        peer_to_peer_hours: Some(48),
        needs_authorization: true,
        in_network: payer != "OUTSIDER",
        cite: "Hospital agreement, exhibit C".into(),
        confidence: "made up for scripts".into(),
        here: false,
    })
}
