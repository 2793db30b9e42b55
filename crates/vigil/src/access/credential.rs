//! A credential as somebody states it, on the command line or on the administrator's page: read whole, and everything that is
//! wrong with it said at once, with what to do.

use vigil_domain::{
    party::{Credential, Licence, Npi},
    time::Day,
};

/// States, the district and the territories that license health professionals.
const STATES: [&str; 56] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI",
];

/// What is stated of a person.
#[derive(Debug, Clone, Default)]
pub struct Stated<'a> {
    /// The sign-in name.
    pub person: &'a str,
    /// The name shown.
    pub name: &'a str,
    /// Licences, each KIND:STATE:NUMBER:FROM:THROUGH.
    pub licences: &'a [String],
    /// Fields of expertise.
    pub specialties: Vec<String>,
    /// The NPI.
    pub npi: Option<String>,
    /// Whom the person reports to.
    pub reports_to: Option<String>,
    /// The day of the yearly attestation, as 2026-01-31.
    pub attested_on: Option<String>,
}

/// The credential, or none where nothing is stated that needs one.
///
/// # Errors
/// Everything that is wrong, one sentence each, with what to do.
pub fn read(stated: Stated<'_>) -> Result<Option<Credential>, Vec<String>> {
    let mut wrong = Vec::new();
    let licences: Vec<Licence> =
        stated.licences.iter().filter_map(|text| licence(text).map_err(|faults| wrong.extend(faults)).ok()).collect();
    if let Some(npi) = stated.npi.as_ref().filter(|npi| Npi::checked(npi).is_none()) {
        wrong.push(format!(
            "the NPI {npi:?} is none: it has ten digits whose last one is a check digit; copy it from the registry"
        ));
    }
    let attested_on = stated.attested_on.as_ref().and_then(|text| {
        let day = text.parse::<Day>();
        day.map_err(|_| wrong.push(format!("the attestation's day {text:?} is no date: write it as 2026-01-31"))).ok()
    });
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if licences.is_empty() && stated.specialties.is_empty() && stated.npi.is_none() {
        return Ok(None);
    }
    Ok(Some(Credential {
        person: stated.person.to_owned(),
        name: stated.name.to_owned(),
        licences,
        specialties: stated.specialties,
        npi: stated.npi,
        reports_to: stated.reports_to,
        attested_on,
    }))
}

/// A checked licence, written KIND:STATE:NUMBER:FROM:THROUGH.
fn licence(text: &str) -> Result<Licence, Vec<String>> {
    let parts: Vec<&str> = text.trim().split(':').map(str::trim).collect();
    let [kind, state, number, from, through] = parts[..] else {
        return Err(vec![format!(
            "licence {text:?}: write it as KIND:STATE:NUMBER:FROM:THROUGH, such as MD:NY:123456:2020-01-01:2027-12-31"
        )]);
    };
    let mut wrong = Vec::new();
    let mut no = |says: String| wrong.push(format!("licence {text:?}: {says}"));
    if kind.is_empty() || !kind.chars().all(|c| c.is_ascii_alphabetic()) {
        no(format!("{kind:?} is no kind of licence; write it in letters, such as MD, DO or RN"));
    }
    if !STATES.contains(&state) {
        no(format!("{state:?} is no state; write its two letters, such as NY"));
    }
    if number.is_empty() {
        no("the number is missing; copy it from the licence".to_owned());
    }
    let mut day = |text: &str, what: &str| {
        let day = text.parse::<Day>();
        day.map_err(|_| no(format!("{text:?} is no {what} day; write it as 2026-01-31"))).ok()
    };
    let (from, through) = (day(from, "first"), day(through, "last"));
    if let (Some(from), Some(through)) = (from, through)
        && through < from
    {
        no(format!("it ends on {through}, before it begins on {from}; write the first day first"));
    }
    match (from, through) {
        (Some(from), Some(through)) if wrong.is_empty() => {
            Ok(Licence { kind: kind.into(), state: state.into(), number: number.into(), from, through })
        }
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(licences: &[&str], npi: Option<&str>) -> Vec<String> {
        let licences: Vec<String> = licences.iter().map(|l| (*l).to_owned()).collect();
        let stated = Stated { licences: &licences, npi: npi.map(str::to_owned), ..Stated::default() };
        read(stated).map(drop).err().unwrap_or_default()
    }

    #[test]
    fn a_sound_credential_is_read() {
        let licences = ["MD:NY:123456:2020-01-01:2027-12-31".to_owned()];
        let stated = Stated { person: "lchen", licences: &licences, ..Stated::default() };
        let read = read(stated).unwrap().expect("a credential");
        assert_eq!((read.licences[0].state.as_str(), read.licences[0].through.year()), ("NY", 2027));
        assert!(super::read(Stated::default()).unwrap().is_none(), "nothing is stated");
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let two = wrong(&["MD:ZZ:1:2027-12-31:2020-01-01", "MD:NY"], Some("123"));
        assert_eq!(two.len(), 4, "{two:#?}");
        for (said, words) in two.iter().zip(["\"ZZ\" is no state", "ends on 2020-01-01", "KIND:STATE", "NPI"]) {
            assert!(said.contains(words), "{said}");
        }
        for one in
            ["MD:NY::2020-01-01:2027-12-31", "M D:NY:1:2020-01-01:2027-12-31", "MD:NY:1:2020-13-01:2027-12-31", ""]
        {
            assert_eq!(wrong(&[one], None).len(), 1, "{one}");
        }
    }
}
