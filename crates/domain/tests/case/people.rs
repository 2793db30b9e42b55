//! The people of the scripts and their credentials.

use vigil_domain::{
    case::command::Actor,
    party::{Credential, Licence},
    time::Day,
};

fn date(text: &str) -> Day {
    text.parse().expect("a day")
}

pub fn actor(person: &str) -> Result<Actor, String> {
    let (kind, specialties): (&str, &[&str]) = match person {
        "nurse" => ("RN", &[]),
        "clerk" => ("", &[]),
        "physician" => ("MD", &["internal-medicine", "pulmonology", "physical-medicine-and-rehabilitation"]),
        "dentist" => ("DDS", &["dentistry"]),
        other => return Err(format!("who is {other}?")),
    };
    let licences = ["NY", "MA", "TX", "CA"]
        .iter()
        .filter(|_| !kind.is_empty())
        .map(|state| Licence {
            kind: kind.into(),
            state: (*state).into(),
            number: format!("{state}-1001"),
            from: date("2020-01-01"),
            through: date("2027-12-31"),
        })
        .collect();
    let credential = Credential {
        person: person.into(),
        name: format!("A. {person}"),
        licences,
        specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
        npi: None,
        reports_to: None,
        attested_on: Some(date("2026-01-15")),
    };
    Ok(Actor { person: person.into(), name: format!("A. {person}"), credential })
}
