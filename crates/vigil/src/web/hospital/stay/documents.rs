//! The form that states a fact of the record for the status rules: which fact, its values, and where the record has it.

use vigil_domain::{
    stay::documented::{Documented, Stated},
    time::{Day, Moment, Zone},
};

use super::known::Known;
use crate::web::{
    case::commands::Problems,
    form::Form,
    panel::{Choice, Field, Kind, Panel},
    words,
};

/// The facts a person may state: word, title.
const FACTS: &[(&str, &str)] = &[
    ("expectation", "Expected midnights"),
    ("hospital_need", "Hospital-level need documented"),
    ("exception", "Case-by-case exception"),
    ("first_care", "Hospital care began"),
    ("transfer", "Care in a sending hospital"),
    ("delay", "Time that does not count (delay, convenience)"),
    ("departure", "How the stay ended"),
    ("product", "Licensed product’s result"),
    ("expected_discharge", "Expected discharge"),
    ("certified", "Certification signed"),
    ("answer", "Yes or no to a condition"),
];

const DEPARTURES: &[(&str, &str)] = &[
    ("home", "Home"),
    ("post-acute", "Post-acute care"),
    ("transfer", "Transfer to another hospital"),
    ("death", "Death"),
    ("against-advice", "Against medical advice"),
    ("hospice", "Hospice election"),
];

fn choices(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

/// What pages call a stated fact.
pub fn title(fact: &Stated) -> String {
    let key = fact.key();
    let (word, rest) = key.split_once(' ').unwrap_or((&key, ""));
    let known = FACTS.iter().find(|(known, _)| *known == word).map(|(_, title)| (*title).to_owned());
    match (known, word) {
        (_, "plan_duty") => super::duties::title(rest.split(' ').next().unwrap_or_default()).to_owned(),
        (Some(_), "answer") => words::capital(&words::plain(&rest.replace('.', " "))),
        (Some(title), _) => title,
        (None, _) => words::capital(&words::plain(&key)),
    }
}

/// A stated fact in words.
pub fn stated(fact: &Stated, zone: &Zone) -> String {
    let at = |at: &Moment| words::moment(*at, zone);
    match fact {
        Stated::Expectation { further_midnights, documented_at, by, because } => {
            format!(
                "{further_midnights} further midnights, written {} by {by}: {}",
                at(documented_at),
                because.join("; ")
            )
        }
        Stated::HospitalNeed(yes) => if *yes { "documented" } else { "not documented" }.to_owned(),
        Stated::Exception { factors, documented_at, by, .. } => {
            format!("{}, written {} by {by}", factors.join("; "), at(documented_at))
        }
        Stated::Transfer { care_began_at, from } => format!("care began {} at {from}", at(care_began_at)),
        Stated::FirstCare(when) | Stated::Certified(when) | Stated::ExpectedDischarge(when) => at(when),
        Stated::Departure { how, rapid_improvement } => {
            format!("{}{}", words::plain(how), if *rapid_improvement { ", rapid improvement" } else { "" })
        }
        Stated::Product { product, version, subset, met, .. } => {
            format!(
                "{product} {version} {subset}: {}",
                if *met { "supports inpatient" } else { "does not support inpatient" }
            )
        }
        Stated::Delay { from, until, why } => {
            format!("{} to {}: {why}", at(from), until.as_ref().map_or_else(|| "now".to_owned(), at))
        }
        Stated::Answer { yes, .. } => (if *yes { "yes" } else { "no" }).to_owned(),
        Stated::PlanDuty { assigned_on, learned_on, done_on, void, .. } => {
            let day = |what: &str, day: &Option<Day>| day.map(|day| format!("{what} {}", words::day(day)));
            let parts = [day("assigned", assigned_on), day("learned of", learned_on), day("done", done_on)];
            let void = void.then(|| "assigned in error".to_owned());
            parts.into_iter().flatten().chain(void).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The form.
pub fn panel(panel: Panel, known: &Known<'_>) -> Panel {
    let zone = words::zone_name(known.now, known.stay.zone());
    let fact = if known.about.is_empty() { "expectation" } else { known.about };
    panel
        .says("What the status rules ask and no feed can tell. Fill what belongs to the chosen fact.")
        .field(Field::select("fact", "Fact", choices(FACTS)).value(fact))
        .field(Field::text("found_in", "Where the record has it").hint("H&P of …, progress note of …"))
        .field(Field::text("by", "Written by").value(known.stay.attending_at(known.now)))
        .field(
            Field::new("at", "When", Kind::DayTime)
                .value(known.stay.zone().at(known.now).strftime("%Y-%m-%dT%H:%M").to_string())
                .hint(format!("{zone}: written, began, signed, expected")),
        )
        .field(
            Field::new("until", "Until", Kind::DayTime).hint(format!("{zone}: end of a delay; empty while it lasts")),
        )
        .field(Field::new("midnights", "Further midnights expected", Kind::Number))
        .field(Field::area("because", "Because, one a line", 3).hint(
            "History, comorbidities, severity, needs, risk; the patient’s own factors; why the time does not count",
        ))
        .field(
            Field::new("yes", "Yes", Kind::Tick).hint("Need documented; product supports inpatient; condition holds"),
        )
        .field(Field::new("minor", "A minor procedure of less than 24 hours", Kind::Tick))
        .field(Field::select("how", "How it ended", choices(DEPARTURES)).value("home"))
        .field(Field::new("rapid", "Rapid improvement nobody could expect, documented", Kind::Tick))
        .field(
            Field::text("name", "Hospital, product or condition")
                .hint("Sending hospital; product’s name; condition’s id"),
        )
        .field(Field::text("version", "Version"))
        .field(Field::text("subset", "Subset"))
}

/// Reads it.
pub fn read(form: &Form, known: &Known<'_>, problems: &mut Problems) -> Option<Documented> {
    let zone = known.stay.zone();
    let at = problems.moment(form, "at", "When", zone);
    let until = problems.moment(form, "until", "Until", zone);
    let text = |name: &str| form.get(name).to_owned();
    let when = |problems: &mut Problems| {
        if at.is_none() {
            problems.add(
                "form.when",
                "This fact needs its day and time.",
                "Enter when it was written, began or is expected.",
            );
        }
        at
    };
    let fact = match form.get("fact") {
        "expectation" => {
            let midnights = problems.number(form, "midnights", "Further midnights expected");
            let documented_at = when(problems)?;
            let Some(further) = midnights.filter(|n| (0.0..=365.0).contains(n) && n.fract() == 0.0) else {
                problems.add(
                    "form.midnights",
                    "The expectation needs a whole number of midnights.",
                    "Enter 0, 1, 2, …",
                );
                return None;
            };
            Stated::Expectation {
                further_midnights: further as u32,
                documented_at,
                by: text("by"),
                because: form.lines("because"),
            }
        }
        "hospital_need" => Stated::HospitalNeed(form.ticked("yes")),
        "exception" => {
            let documented_at = when(problems)?;
            let (factors, by) = (form.lines("because"), text("by"));
            Stated::Exception { factors, documented_at, by, minor_procedure: form.ticked("minor") }
        }
        "first_care" => Stated::FirstCare(when(problems)?),
        "transfer" => Stated::Transfer { care_began_at: when(problems)?, from: text("name") },
        "delay" => {
            let why = form.lines("because").join(" ");
            Stated::Delay { from: when(problems)?, until, why }
        }
        "departure" => Stated::Departure { how: text("how"), rapid_improvement: form.ticked("rapid") },
        "product" => Stated::Product {
            product: text("name"),
            version: text("version"),
            subset: text("subset"),
            met: form.ticked("yes"),
            at: when(problems)?,
        },
        "expected_discharge" => Stated::ExpectedDischarge(when(problems)?),
        "certified" => Stated::Certified(when(problems)?),
        "answer" => Stated::Answer { id: text("name"), yes: form.ticked("yes") },
        _ => {
            problems.add("form.fact", "No fact was chosen.", "Choose which fact you state.");
            return None;
        }
    };
    if form.get("found_in").is_empty() {
        problems.add("form.found-in", "The fact needs its place in the record.", "Name the note and its date.");
        return None;
    }
    Some(Documented { fact, found_in: text("found_in") })
}
