//! Reviews that the UR plan owes by a day (42 CFR 482.30(e), part 456): the form that states them, and how each stands.

use vigil_domain::{
    library::Library,
    status::{Duty, Met},
    stay::{
        Stay,
        clock::Watch,
        documented::{Documented, Stated},
        plan_duty::{OUTLIER, PART_456, PROSPECTIVE, PlanReview},
    },
    time::Moment,
};

use super::{
    actions::Action,
    items::{Act, Item, clock_due},
    known::Known,
};
use crate::web::{
    case::commands::Problems,
    form::Form,
    panel::{Choice, Field, Kind, Panel},
    words,
};

/// Which there are, for people.
const DUTIES: &[(&str, &str)] = &[
    ("extended-stay", "Extended stay: review"),
    ("medicaid-continued-stay", "Medicaid, continued stay: decision and notice"),
    ("medicaid-admission", "Medicaid, admission: decision and notice"),
];

/// What was asked beside the days: field, answer, question, what it means.
const ASKED: &[(&str, &str, &str, &str)] = &[
    ("part_456", PART_456, "Part 456 applies here", "Medicaid: as the state plan says"),
    ("prospective", PROSPECTIVE, "The hospital is paid prospectively", "Extended stay"),
    ("outlier", OUTLIER, "The stay is an outlier", "Extended stay: by cost, or by the days that the UR plan names"),
];

/// What pages call one.
pub fn title(duty: &str) -> &'static str {
    DUTIES.iter().find(|(word, _)| *word == duty).map_or("Review of the UR plan", |(_, title)| title)
}

/// The form, about one that stands already or a new one.
pub fn panel(panel: Panel, known: &Known<'_>) -> Panel {
    let stay = known.stay;
    let known_ones = stay.plan_reviews(&stay.status_facts(), known.library, known.now);
    let about = known_ones.iter().find(|review| review.about == known.about);
    let (duty, assigned) = match about {
        Some(review) => (review.facts.duty.word(), review.facts.assigned_on),
        None => ("extended-stay", None),
    };
    let choices = DUTIES.iter().map(|(word, title)| Choice::new(*word, *title)).collect();
    let day = |name: &str, label: &str, hint: &str| Field::new(name, label, Kind::Day).hint(hint);
    let assigned = assigned.map(|day| day.to_string()).unwrap_or_default();
    let mut panel = panel
        .says("What no feed tells: which day was assigned, what the UR plan and the state plan say, and when it was done. A day assigned starts its clock; unanswered stays unknown.")
        .field(Field::select("duty", "Which", choices).value(duty))
        .field(
            day("assigned_on", "Assigned day", "Extended or continued stay: as the committee or the plan assigned it")
                .value(assigned),
        )
        .field(day("learned_on", "Application learned of", "Medicaid admission: where it was after the admission"))
        .field(day("done_on", "Done", "Reviewed, or decided with written notice; empty while it is owed"));
    for (field, answer, question, hint) in ASKED {
        let record = match *answer {
            PART_456 => stay.hospital.part_456,
            PROSPECTIVE => stay.hospital.prospective_payment,
            _ => None,
        };
        let said = match stay.answered(answer).or(record) {
            Some(true) => "; now: yes",
            Some(false) => "; now: no",
            None => "; nobody has said",
        };
        let choices = vec![Choice::new("yes", "Yes"), Choice::new("no", "No")];
        panel = panel.field(Field::new(field, question, Kind::Radio(choices)).hint(format!("{hint}{said}")));
    }
    panel
        .field(Field::new("void", "Assigned in error: nothing is owed for this day", Kind::Tick))
        .field(Field::text("found_in", "Where it stands").hint("UR plan, committee minutes, state plan, with its date"))
}

/// What it states: the days of one review, and the answers given with it.
pub fn read(form: &Form, problems: &mut Problems) -> Vec<Documented> {
    let assigned_on = problems.day(form, "assigned_on", "Assigned day");
    let learned_on = problems.day(form, "learned_on", "Application learned of");
    let done_on = problems.day(form, "done_on", "Done");
    let void = form.ticked("void");
    let answers = ASKED.iter().filter(|(field, ..)| !form.get(field).is_empty());
    let mut facts: Vec<Stated> = answers
        .map(|(field, answer, ..)| Stated::Answer { id: (*answer).to_owned(), yes: form.get(field) == "yes" })
        .collect();
    if [assigned_on, learned_on, done_on].iter().any(Option::is_some) || void {
        let duty = Duty::read(form.get("duty"));
        facts.push(Stated::PlanDuty { duty, assigned_on, learned_on, done_on, void });
    }
    if facts.is_empty() {
        problems.add("form.duty", "Neither a day nor an answer was entered.", "Enter what is known.");
    }
    let found_in = form.get("found_in").to_owned();
    if found_in.is_empty() {
        problems.add(
            "form.found-in",
            "It needs its place in a record.",
            "Name the plan or the minutes, with the date.",
        );
    }
    facts.into_iter().map(|fact| Documented { fact, found_in: found_in.clone() }).collect()
}

/// How each stands.
pub fn items(stay: &Stay, library: &Library, now: Moment) -> Vec<Item> {
    let reviews = stay.plan_reviews(&stay.status_facts(), library, now);
    reviews.iter().map(|review| item(stay, review, now)).collect()
}

fn item(stay: &Stay, review: &PlanReview, now: Moment) -> Item {
    let step = &review.step;
    let watched = |c: &&vigil_domain::stay::clock::Clock| c.watch == Watch::PlanReview && c.about == review.about;
    let due = stay.clocks.iter().filter(watched).find(|c| c.is_open()).map(|c| clock_due(c, stay, now));
    let says = match &due {
        Some(due) => format!("due {} · {}", due.words, due.left),
        None => step.why.clone(),
    };
    let mut list: Vec<String> = due.is_some().then(|| step.why.clone()).into_iter().collect();
    list.extend((step.met != Met::Met && !step.instead.is_empty()).then(|| step.instead.clone()));
    Item {
        title: title(review.facts.duty.word()).to_owned(),
        says,
        detail: format!("{} ({})", step.cite, words::plain(step.confidence.word())),
        class: match (&due, step.met) {
            (Some(due), _) => due.press.class(),
            (None, Met::Met) => "good",
            (None, _) => "soon",
        },
        acts: vec![Act::of(stay, Action::PlanReview, &review.about, "Record")],
        list,
    }
}
