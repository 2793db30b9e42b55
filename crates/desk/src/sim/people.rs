//! The people of the simulated department: who they are, what they may do, when they work.

use jiff::civil::date;
use vigil_domain::{
    case::command::Actor,
    party::{Credential, Licence},
    time::{Day, Moment, Zone},
};

use super::{rng::Rng, world::npi};

/// What somebody does all day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Initial clinical review.
    Nurse,
    /// Peer clinical review.
    Physician,
    /// Administrative checks, held notices, eligibility.
    Manager,
}

/// One person.
#[derive(Debug, Clone)]
pub struct Person {
    /// As signed in.
    pub actor: Actor,
    /// What they do.
    pub role: Role,
    /// On call on weekends and holidays.
    pub on_call: bool,
    /// Days of leave: from, through.
    pub leave: Vec<(Day, Day)>,
}

fn licence(kind: &str, state: &str, through: Day) -> Licence {
    Licence {
        kind: kind.into(),
        state: state.into(),
        number: format!("{state}-{kind}-0001"),
        from: date(2015, 1, 1),
        through,
    }
}

fn person(
    account: &str,
    name: &str,
    role: Role,
    on_call: bool,
    licences: Vec<Licence>,
    specialties: &[&str],
) -> Person {
    let number = account.bytes().fold(7_u32, |n, b| n.wrapping_mul(31).wrapping_add(b.into()));
    let credential = Credential {
        person: account.into(),
        name: name.into(),
        licences,
        specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
        npi: (role == Role::Physician).then(|| npi(number % 90_000_000)),
        reports_to: None,
        attested_on: Some(date(2026, 1, 2)),
    };
    Person { actor: Actor { person: account.into(), name: name.into(), credential }, role, on_call, leave: Vec::new() }
}

/// The staff of the simulation: some credentials fit everywhere, some run out, some never fit.
pub fn staff(rng: &mut Rng, year: i16) -> Vec<Person> {
    let far = date(2030, 12, 31);
    let everywhere = |kind: &str| ["NY", "MA", "TX", "CA"].iter().map(|s| licence(kind, s, far)).collect::<Vec<_>>();
    let mut staff = vec![
        person("nora.vale", "Nora Vale, RN", Role::Nurse, true, everywhere("RN"), &[]),
        person(
            "tomas.brook",
            "Tomas Brook, RN",
            Role::Nurse,
            false,
            vec![licence("RN", "NY", far), licence("RN", "MA", far)],
            &[],
        ),
        person("ilse.marsh", "Ilse Marsh, LPN", Role::Nurse, false, vec![licence("LPN", "NY", far)], &[]),
        person(
            "h.sterling",
            "Helen Sterling, MD",
            Role::Physician,
            true,
            everywhere("MD"),
            &["internal-medicine", "physical-medicine-and-rehabilitation", "hospital-medicine", "family-medicine"],
        ),
        person(
            "o.castellan",
            "Oren Castellan, MD",
            Role::Physician,
            false,
            everywhere("MD"),
            &[
                "pulmonology",
                "sleep-medicine",
                "neurology",
                "general-surgery",
                "orthopedic-surgery",
                "medical-genetics",
            ],
        ),
        // The licence runs out in the middle of the year: what he signs before stands, afterwards he is refused.
        person(
            "p.lapsed",
            "Piet Lapsed, MD",
            Role::Physician,
            false,
            vec![licence("MD", "NY", date(year, 6, 30))],
            &["internal-medicine"],
        ),
        // Never qualified for what comes here.
        person("d.podia", "Dana Podia, DPM", Role::Physician, false, vec![licence("DPM", "NY", far)], &["podiatry"]),
        person("m.keeper", "Miriam Keeper", Role::Manager, true, Vec::new(), &[]),
    ];
    for person in &mut staff {
        let from = date(year, 7, 1).checked_add(jiff::Span::new().days(rng.between(0, 50))).unwrap_or(far);
        person.leave.push((from, from.checked_add(jiff::Span::new().days(rng.between(5, 13))).unwrap_or(from)));
    }
    staff
}

/// Days on which the department is closed, besides weekends.
pub fn is_holiday(day: Day) -> bool {
    let fixed = matches!((day.month(), day.day()), (1, 1) | (6, 19) | (7, 4) | (11, 11) | (12, 25));
    let monday = day.weekday() == jiff::civil::Weekday::Monday;
    let moving = match (day.month(), day.weekday()) {
        (11, jiff::civil::Weekday::Thursday) => (22..=28).contains(&day.day()),
        (1 | 2, _) => monday && (15..=21).contains(&day.day()),
        (5, _) => monday && day.day() > 24,
        (9, _) => monday && day.day() < 8,
        _ => false,
    };
    fixed || moving
}

impl Person {
    /// Attests anew that no interest is in the way, as everybody here does each January.
    pub(super) fn attests_by(&mut self, day: Day) {
        let credential = &mut self.actor.credential;
        credential.attested_on = credential.attested_on.map(|on| on.max(date(day.year(), 1, 2).min(day)));
    }

    /// Whether this person works at a moment, by the department's wall clock.
    pub fn works(&self, at: Moment, zone: &Zone) -> bool {
        let local = zone.at(at);
        let day = local.date();
        if self.leave.iter().any(|(from, through)| *from <= day && day <= *through) {
            return false;
        }
        let weekend = matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        if weekend || is_holiday(day) {
            return self.on_call && (9..13).contains(&local.hour());
        }
        (8..18).contains(&local.hour()) || (self.on_call && local.hour() == 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_department_keeps_its_hours() {
        let zone = Zone::named("America/New_York").expect("bundled");
        let staff = staff(&mut Rng::new(1), 2026);
        let at = |text: &str| text.parse::<Moment>().expect("a moment");
        let at_work = |text: &str| staff.iter().filter(|p| p.works(at(text), &zone)).count();
        assert_eq!(at_work("2026-03-10T14:00:00Z"), staff.len(), "a Tuesday morning");
        assert_eq!(at_work("2026-03-10T06:00:00Z"), 0, "a Tuesday night");
        assert_eq!(at_work("2026-03-14T15:00:00Z"), 3, "a Saturday: those on call");
        assert_eq!(at_work("2026-11-26T15:00:00Z"), 3, "Thanksgiving");
        assert!(is_holiday(date(2026, 5, 25)) && is_holiday(date(2026, 9, 7)) && !is_holiday(date(2026, 9, 14)));
    }
}
