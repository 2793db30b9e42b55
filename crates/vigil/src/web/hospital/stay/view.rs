//! What the page of a stay shows, put together from the stay as it stands: plain text and moments in the facility's zone.

use vigil_desk::hospital::act::StayRecorded;
use vigil_domain::{
    library::Library,
    stay::{Stay, clock::Clock},
    time::Moment,
};

use super::{
    actions::{Action, Link, Reader, links},
    duties,
    items::{Item, clock_due, documents, for_reader, leaving, notices, payers, physicians},
    line, story,
};
use crate::web::{
    case::story::ToldDay,
    hospital::{basis_title, status_title, watch_title},
    house,
    panel::Panel,
    words::{self, Due},
};

/// The head of the page.
#[derive(Debug, Clone)]
pub struct Head {
    /// Stay number.
    pub id: String,
    /// `Doe, Jane · 71 F`.
    pub patient: String,
    /// Hospital, bed, visit.
    pub place: String,
    /// Payer and line of business.
    pub payer: String,
    /// What the patient is.
    pub status: String,
    /// What it rests on and how sure.
    pub rests_on: String,
    /// `2 midnights`.
    pub midnights: String,
    /// Attending.
    pub attending: String,
    /// The earliest clock.
    pub due: Due,
    /// What it watches.
    pub watch: String,
    /// The patient has left.
    pub left: Option<String>,
    /// Who has it.
    pub owner: Option<String>,
}

/// What the rules say of the status.
#[derive(Debug, Clone, Default)]
pub struct StatusView {
    /// Nothing was judged yet.
    pub judged: bool,
    /// What they support.
    pub supports: String,
    /// Basis.
    pub basis: String,
    /// How well the facts carry it.
    pub confidence: String,
    /// Citation.
    pub cite: String,
    /// Facts used.
    pub used: Vec<String>,
    /// What would change it.
    pub would_change: Vec<String>,
    /// What to document.
    pub document: Vec<String>,
    /// When to look again.
    pub look_again: Option<String>,
    /// Alerts that stand: id, words, since.
    pub alerts: Vec<(String, String, String)>,
    /// What registration and orders left open.
    pub flags: Vec<String>,
}

/// A clock.
#[derive(Debug, Clone)]
pub struct ClockView {
    /// What it watches.
    pub watch: String,
    /// Who says so: the paragraph, with its rule where people know it by name.
    pub by: String,
    /// Confidence.
    pub confidence: String,
    /// What started it and when.
    pub from: String,
    /// Due.
    pub due: Due,
}

/// The page.
#[derive(Debug, Clone)]
pub struct StayView {
    /// Events of the stay as shown.
    pub version: u64,
    /// Head.
    pub head: Head,
    /// Picture.
    pub picture: String,
    /// Status.
    pub status: StatusView,
    /// Clocks, the earliest first.
    pub clocks: Vec<ClockView>,
    /// Label and value: patient, visit, orders, diagnoses.
    pub facts: Vec<(String, String)>,
    /// Payers.
    pub payers: Vec<Item>,
    /// Disputes.
    pub disputes: Vec<Item>,
    /// Notices.
    pub notices: Vec<Item>,
    /// Reviews.
    pub reviews: Vec<Item>,
    /// Reviews that the UR plan owes by a day.
    pub duties: Vec<Item>,
    /// Escalations.
    pub ladder: Vec<Item>,
    /// Procedures passed, and the bill.
    pub procedures: Vec<Item>,
    /// Leaving: post-acute, barriers, delays, choice, appeal.
    pub leaving: Vec<Item>,
    /// Queries.
    pub queries: Vec<Item>,
    /// Documented facts.
    pub documented: Vec<Item>,
    /// Documents of the record that feeds told of.
    pub papers: Vec<Item>,
    /// The last vital signs, one line each.
    pub signs: Vec<String>,
    /// Time line.
    pub days: Vec<ToldDay>,
    /// What may be done.
    pub actions: Vec<Link>,
    /// The reader may clear an alert.
    pub may_clear: bool,
    /// The reader may state coverage.
    pub may_state: bool,
    /// An open form.
    pub panel: Option<Panel>,
}

/// Puts the page together.
pub fn build(
    stay: &Stay,
    events: &[StayRecorded],
    reader: &Reader<'_>,
    open: Option<Action>,
    library: &Library,
    now: Moment,
) -> StayView {
    let names = reader.names;
    let mine = |items: Vec<Item>| for_reader(items, reader);
    StayView {
        version: stay.version,
        head: head(stay, now),
        picture: line::picture(stay, now),
        status: status(stay, now),
        clocks: clocks(stay, now),
        facts: facts(stay),
        payers: mine(
            stay.held.iter().enumerate().map(|(place, held)| payers::payer(stay, held, place, names, now)).collect(),
        ),
        disputes: mine(payers::disputes(stay, now)),
        notices: mine(notices::notices(stay, names, now)),
        reviews: physicians::reviews(stay, names, now),
        duties: mine(duties::items(stay, library, now)),
        ladder: mine(physicians::ladder(stay, now)),
        procedures: physicians::procedures(stay, names, now),
        leaving: mine(leaving::items(stay, names, now)),
        queries: mine(physicians::queries(stay, names, now)),
        documented: physicians::documented(stay, names, now),
        papers: documents::items(stay, now),
        signs: documents::signs(&stay.track.measured, stay.zone(), now),
        days: story::told(stay, events, names, now),
        actions: links(stay, reader, open),
        may_clear: (reader.may)(Action::ClearAlert),
        may_state: (reader.may)(Action::Coverage),
        panel: None,
    }
}

fn head(stay: &Stay, now: Moment) -> Head {
    let zone = stay.zone();
    let track = &stay.track;
    let patient = &track.patient;
    let sex = patient.sex.as_ref().map_or("", |s| s.word());
    let age = words::age_and_sex(patient.birth_day, sex, zone.day(now));
    let (_, bed) = stay.place_at(now);
    let visit = track.visit.number.as_ref().map(|n| format!(" · visit {}", n.value)).unwrap_or_default();
    let midnights = stay.midnights(now);
    let clock = stay.next_clock();
    let period = track.periods.last();
    Head {
        id: stay.id.clone(),
        patient: format!("{} · {age}", patient.name.listed()),
        place: format!("{} · {bed}{visit}", stay.hospital.name),
        payer: stay.primary().map_or_else(
            || "no payer known".to_owned(),
            |h| {
                let line = h.line_of_business.title();
                if h.name == line { line.to_owned() } else { format!("{} · {line}", h.name) }
            },
        ),
        status: status_title(stay.status().word()),
        rests_on: period
            .map(|p| {
                let beside = stay.said_beside().map(|said| format!("; the feed says {}", status_title(said.word())));
                format!(
                    "by {}, confidence {}, since {}{}",
                    words::plain(p.basis.word()),
                    p.confidence,
                    words::near(p.from, zone, now),
                    beside.unwrap_or_default().to_lowercase()
                )
            })
            .unwrap_or_default(),
        midnights: format!(
            "{}, {} after the order",
            words::many(i64::from(midnights), "midnight", "midnights"),
            stay.inpatient_midnights(now)
        ),
        attending: stay.attending_at(now),
        due: clock.map_or_else(|| Due::new(None, zone, now, false), |c| clock_due(c, stay, now)),
        watch: clock.map(|c| watch_title(c.watch.word())).unwrap_or_default(),
        left: stay.discharged_at().map(|at| words::moment(at, zone)),
        owner: stay.owner.as_ref().map(|(_, name)| name.clone()),
    }
}

fn status(stay: &Stay, now: Moment) -> StatusView {
    let zone = stay.zone();
    let alerts = stay.alerts.iter().filter(|a| a.cleared.is_none());
    let alerts = alerts.map(|a| (a.id.clone(), a.says.clone(), words::near(a.raised_at, zone, now))).collect();
    let flags = stay
        .track
        .flags
        .iter()
        .rev()
        .take(8)
        .map(|f| format!("{}: {}", words::near(f.at, zone, now), f.says))
        .collect();
    let Some((_, judged)) = &stay.judged else { return StatusView { alerts, flags, ..StatusView::default() } };
    StatusView {
        judged: true,
        supports: status_title(&judged.status.replace('_', "-")),
        basis: basis_title(&judged.basis),
        confidence: words::plain(&judged.confidence),
        cite: judged.cite.clone(),
        used: judged.used.clone(),
        would_change: judged.would_change.clone(),
        document: judged.document.clone(),
        look_again: judged.look_again_at.map(|at| words::near(at, zone, now)),
        alerts,
        flags,
    }
}

fn clocks(stay: &Stay, now: Moment) -> Vec<ClockView> {
    let mut open: Vec<&Clock> = stay.clocks.iter().filter(|c| c.is_open()).collect();
    open.sort_by_key(|c| (c.due_at, c.id));
    let view = |c: &&Clock| ClockView {
        watch: words::capital(&watch_title(c.watch.word())),
        by: house::said_by(&c.pin.rule, &c.pin.cite),
        confidence: words::plain(&c.confidence),
        from: format!("{}: {}", story::started_by(&c.from), words::moment(c.started_at, stay.zone())),
        due: clock_due(c, stay, now),
    };
    open.iter().map(view).collect()
}

fn facts(stay: &Stay) -> Vec<(String, String)> {
    let zone = stay.zone();
    let track = &stay.track;
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        facts.extend(value.filter(|v| !v.is_empty()).map(|v| (label.to_owned(), v)));
    };
    let moment = |at: Option<Moment>| at.map(|at| words::moment(at, zone));
    add("Patient number", track.patient.id.as_ref().map(|i| i.value.clone()));
    add("Born", track.patient.birth_day.map(words::day));
    add("Account", track.visit.account.as_ref().map(|i| i.value.clone()));
    add("Reason", track.visit.reason.clone());
    add("Arrived", moment(track.arrival_at));
    add("Care began", moment(track.first_care_at));
    add("Observation since", moment(stay.observed_at()));
    add("Inpatient order", moment(stay.admitted_at()));
    add("Left", moment(stay.discharged_at()));
    add("Expected discharge", moment(stay.expected_discharge()));
    for order in track.orders.iter().rev().take(6) {
        let by = order.by.as_ref().map(|b| format!(", {}", b.name)).unwrap_or_default();
        let label = order.code.label.clone().unwrap_or_else(|| order.code.value.clone());
        add("Order", Some(format!("{label}, {}{by}, {}", order.state, words::moment(order.at, zone))));
    }
    for diagnosis in track.diagnoses.iter().take(6) {
        add("Diagnosis", Some(diagnosis.code.to_string()));
    }
    for procedure in track.procedures.iter().take(4) {
        add("Procedure", Some(procedure.code.to_string()));
    }
    if let Some(grouping) = &stay.grouping {
        let expected = grouping.gmlos.map(|d| format!(", {d} days expected")).unwrap_or_default();
        add("MS-DRG", Some(format!("{}{expected}", grouping.ms_drg)));
    }
    facts
}
