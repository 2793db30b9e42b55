//! What the page of a stay shows, put together from the stay as it stands: plain text and moments in the facility's zone.

use vigil_desk::hospital::act::StayRecorded;
use vigil_domain::{
    stay::{
        Stay,
        clock::{Clock, Watch},
        notice::NoticeState,
        payer::{Held, PayerState},
    },
    time::Moment,
};

use super::{
    actions::{Action, Link},
    line, story,
};
use crate::web::{
    case::story::ToldDay,
    hospital::status_title,
    panel::Panel,
    words::{self, Due, Press},
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
    /// Rule.
    pub rule: String,
    /// Citation.
    pub cite: String,
    /// Confidence.
    pub confidence: String,
    /// What started it and when.
    pub from: String,
    /// Due.
    pub due: Due,
}

/// A section of facts with what may be done to each.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// The bold word.
    pub title: String,
    /// What is said.
    pub says: String,
    /// Quiet detail.
    pub detail: String,
    /// Class of the title: `late`, `soon`, `good` or nothing.
    pub class: &'static str,
    /// What may be done about it: address and button.
    pub acts: Vec<(String, String)>,
    /// What it lists under it.
    pub list: Vec<String>,
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
    /// Time line.
    pub days: Vec<ToldDay>,
    /// What may be done.
    pub actions: Vec<Link>,
    /// An open form.
    pub panel: Option<Panel>,
}

/// Who looks, and what they may do.
pub struct Reader<'a> {
    /// Account.
    pub person: &'a str,
    /// Permissions.
    pub may: &'a dyn Fn(Action) -> bool,
}

/// Puts the page together.
pub fn build(stay: &Stay, events: &[StayRecorded], reader: &Reader<'_>, open: Option<Action>, now: Moment) -> StayView {
    StayView {
        version: stay.version,
        head: head(stay, now),
        picture: line::picture(stay, now),
        status: status(stay, now),
        clocks: clocks(stay, now),
        facts: facts(stay),
        payers: stay.held.iter().enumerate().map(|(place, held)| payer(stay, held, place, now)).collect(),
        disputes: disputes(stay, now),
        notices: notices(stay, now),
        reviews: reviews(stay, now),
        ladder: ladder(stay, now),
        procedures: procedures(stay, now),
        leaving: super::leaving::items(stay, now),
        queries: queries(stay, now),
        documented: documented(stay, now),
        days: story::told(stay, events, now),
        actions: super::actions::links(stay, reader, open),
        panel: None,
    }
}

fn clock_due(clock: &Clock, stay: &Stay, now: Moment) -> Due {
    let mut due = Due::new(Some(clock.due_at), stay.zone(), now, clock.warned_at.is_some());
    if clock.lapsed_at.is_some() {
        due.press = Press::Late;
    }
    due
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
        payer: stay
            .primary()
            .map_or_else(|| "no payer known".to_owned(), |h| format!("{} · {}", h.name, h.line_of_business.title())),
        status: status_title(stay.status().word()),
        rests_on: period
            .map(|p| {
                format!(
                    "by {}, confidence {}, since {}",
                    words::plain(p.basis.word()),
                    p.confidence,
                    words::near(p.from, zone, now)
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
        watch: clock.map(|c| words::plain(c.watch.word())).unwrap_or_default(),
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
        basis: words::plain(&judged.basis),
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
        watch: words::capital(&words::plain(c.watch.word())),
        rule: c.pin.rule.clone(),
        cite: c.pin.cite.clone(),
        confidence: words::plain(&c.confidence),
        from: format!("{}: {}", c.from, words::moment(c.started_at, stay.zone())),
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

fn do_(stay: &Stay, action: &str, about: &str) -> String {
    format!("/stay/{}/do/{action}?about={}", stay.id, crate::web::form::encode(about))
}

/// What was told, sent, asked and answered, in that order.
fn exchanged(state: &PayerState, zone: &vigil_domain::time::Zone, now: Moment) -> Vec<String> {
    let mut list = Vec::new();
    match &state.notified {
        Some((at, who, channel, reference)) => list.push(format!(
            "told {} by {who}, {}{}",
            words::near(*at, zone, now),
            words::plain(channel.word()),
            reference.as_ref().map(|r| format!(", reference {r}")).unwrap_or_default()
        )),
        None => list.push("not told yet".to_owned()),
    }
    list.extend(state.clinicals.last().map(|(at, _, channel, confirmation)| {
        format!(
            "clinicals {} by {}, confirmation {confirmation}",
            words::near(*at, zone, now),
            words::plain(channel.word())
        )
    }));
    list.extend(state.asked.iter().map(|(at, ask, days, ..)| {
        let days = days.map(|d| format!(", {d} days")).unwrap_or_default();
        format!("asked for {}{days} {}", words::plain(ask.word()), words::near(*at, zone, now))
    }));
    list.extend(state.answers.iter().map(|(_, answer, source, who)| {
        let number = answer.authorization.as_ref().map(|n| format!(" {n}")).unwrap_or_default();
        let through = answer.through.map(|d| format!(" through {}", words::day(d))).unwrap_or_default();
        format!(
            "{}{number}{through}: {} by {} {}, recorded by {who}{}",
            words::plain(answer.kind.word()),
            source.said_by,
            words::plain(source.channel.word()),
            words::near(source.said_at, zone, now),
            answer.reason.as_ref().map(|r| format!(". {r}")).unwrap_or_default()
        )
    }));
    if let Some((number, approver, at)) = &state.locked {
        list.push(format!(
            "approved admission {number} by {approver} {}: evidence locked",
            words::near(*at, zone, now)
        ));
    }
    list.extend(state.late.clone().map(|late| format!("told late: {late}")));
    list
}

fn payer(stay: &Stay, held: &Held, place: usize, now: Moment) -> Item {
    let order = if place == 0 { "first" } else { "next" };
    let empty = PayerState::default();
    let state = stay.payer(&held.payer_id).unwrap_or(&empty);
    let list = exchanged(state, stay.zone(), now);
    let terms = held.terms.as_ref().map_or_else(
        || "no contract terms loaded: no notification clock runs".to_owned(),
        |t| format!("{} ({})", t.cite, words::plain(&t.confidence)),
    );
    let id = held.payer_id.as_str();
    Item {
        title: format!("{} ({order})", held.name),
        says: format!(
            "{} · member {} · {}",
            held.line_of_business.title(),
            held.member_id,
            state
                .through()
                .map_or_else(|| "no day authorized".to_owned(), |d| format!("authorized through {}", words::day(d)))
        ),
        detail: terms,
        class: if state.late.is_some() { "late" } else { "" },
        acts: [
            ("notify", "Tell"),
            ("clinicals", "Send clinicals"),
            ("ask", "Ask"),
            ("answer", "Record answer"),
            ("dispute", "Dispute"),
        ]
        .iter()
        .map(|(action, title)| (do_(stay, action, id), (*title).to_owned()))
        .collect(),
        list,
    }
}

fn disputes(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |d: &vigil_domain::stay::payer::Dispute| Item {
        title: words::capital(&words::plain(d.kind.word())),
        says: match &d.ended {
            Some((at, end, said)) => format!("{} {}: {said}", words::plain(end.word()), words::near(*at, zone, now)),
            None => d
                .agreed_for
                .map_or_else(|| "open".to_owned(), |at| format!("agreed for {}", words::near(at, zone, now))),
        },
        detail: format!("asked by {}: {}", words::plain(&d.asker), d.grounds),
        acts: if d.ended.is_none() {
            vec![(do_(stay, "dispute-end", &d.id.to_string()), "Record outcome".to_owned())]
        } else {
            Vec::new()
        },
        ..Item::default()
    };
    stay.disputes.iter().rev().map(item).collect()
}

fn notices(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |n: &NoticeState| {
        let about = n.id.to_string();
        let of_notices = |c: &&Clock| matches!(c.watch, Watch::Notice | Watch::CommitteeNotice);
        let clock = stay.clocks.iter().find(|c| c.is_open() && of_notices(c) && c.about == about);
        let due = clock.map(|c| clock_due(c, stay, now));
        let mut list = Vec::new();
        if let Some((who, d)) = &n.delivered {
            let how = format!(
                "{} {} to {}, signer {}, by {who}",
                words::plain(d.receipt.word()),
                words::near(d.at, zone, now),
                d.to,
                d.signer
            );
            let explained = if d.explained { "; explained aloud" } else { "" };
            let paper = if d.paper_copy { "; paper copy given" } else { "" };
            list.push(format!("{how}{explained}{paper}"));
        }
        Item {
            title: n.kind.title().to_owned(),
            says: match (&n.delivered, &n.ended, &due) {
                (Some(_), ..) => "given".to_owned(),
                (_, Some((_, why)), _) => format!("no longer owed: {why}"),
                (_, _, Some(due)) => format!("due {} · {}", due.words, due.left),
                _ => "owed".to_owned(),
            },
            detail: format!("{} {}", n.why, n.cite),
            class: due.as_ref().filter(|_| n.is_open()).map_or("", |d| d.press.class()),
            acts: notice_acts(stay, n, &about),
            list,
        }
    };
    stay.notices.iter().rev().map(item).collect()
}

/// What may be done with a notice: its paper always, where it has a form.
fn notice_acts(stay: &Stay, notice: &NoticeState, about: &str) -> Vec<(String, String)> {
    let mut acts = Vec::new();
    if notice.is_open() {
        acts.push((do_(stay, "deliver", about), "Deliver".to_owned()));
    }
    if notice.kind.template().is_some() && notice.ended.is_none() {
        acts.push((format!("/stay/{}/notice/{about}", stay.id), "Form (PDF)".to_owned()));
        if notice.is_open() {
            acts.push((do_(stay, "notice-prepare", about), "Write form".to_owned()));
        }
    }
    if notice.is_open() {
        acts.push((do_(stay, "notice-end", about), "No longer owed".to_owned()));
    }
    let drawn = notice.delivered.iter().filter_map(|(_, d)| d.signature.as_ref());
    acts.extend(drawn.map(|s| (format!("/stay/{}/document/{s}", stay.id), "Signature".to_owned())));
    acts
}

fn reviews(stay: &Stay, now: Moment) -> Vec<Item> {
    use vigil_domain::stay::review::CriteriaUse;
    let criteria = |c: &CriteriaUse| match c {
        CriteriaUse::Pack { service, version, .. } => format!("criteria pack {service}, version {version}"),
        CriteriaUse::Licensed { product, version, subset, result } => {
            format!("{product} {version}, {subset}: {result}")
        }
        CriteriaUse::TwoMidnight => "two-midnight rule".to_owned(),
        CriteriaUse::Judgement { why } => format!("judgement: {why}"),
    };
    let item = |(at, who, r): &(Moment, String, vigil_domain::stay::review::Review)| Item {
        title: format!("{} review of {}", words::capital(&words::plain(r.kind.word())), words::day(r.day)),
        says: format!(
            "{}, level {}{}",
            words::plain(r.result.word()),
            r.level,
            r.recommended.as_ref().map(|l| format!(", recommended {l}")).unwrap_or_default()
        ),
        detail: format!("{who} {}. {}. {}", words::near(*at, stay.zone(), now), criteria(&r.criteria), r.comments),
        class: if r.result.word() == "met" { "good" } else { "soon" },
        list: r.next_review_on.map(|d| format!("next review {}", words::day(d))).into_iter().collect(),
        ..Item::default()
    };
    stay.reviews.iter().rev().map(item).collect()
}

fn ladder(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |e: &vigil_domain::stay::review::Escalation| {
        let (rung, _, name) = &e.at;
        let about = e.id.to_string();
        let mut list: Vec<String> = e
            .steps
            .iter()
            .map(|(at, rung, _, name, why)| {
                format!("{} to {} {name}: {why}", words::near(*at, zone, now), words::plain(rung.word()))
            })
            .collect();
        list.extend(e.advice.iter().map(|(at, _, name, advice, why)| {
            format!("{} {name} advises {}: {why}", words::near(*at, zone, now), words::plain(advice.word()))
        }));
        list.extend(
            e.attending.iter().map(|(at, view, name)| {
                format!("{} {name} {}", words::near(*at, zone, now), words::plain(view.word()))
            }),
        );
        list.extend(e.committee.iter().map(|(at, _, name, necessary)| {
            let found = if *necessary { "inpatient care necessary" } else { "inpatient care not necessary" };
            format!("{} {name} (UR committee): {found}", words::near(*at, zone, now))
        }));
        let act = |action: &str, title: &str| (do_(stay, action, &about), title.to_owned());
        Item {
            title: e.why.clone(),
            says: match &e.closed {
                Some((at, how)) => format!("closed {}: {}", words::near(*at, zone, now), words::plain(how)),
                None => format!("waits for {} {name}", words::plain(rung.word())),
            },
            class: if e.is_open() { "soon" } else { "" },
            acts: if e.is_open() {
                vec![act("advise", "Advise"), act("attending", "Attending’s answer"), act("determine", "UR committee")]
            } else {
                Vec::new()
            },
            list,
            ..Item::default()
        }
    };
    stay.escalations.iter().rev().map(item).collect()
}

fn procedures(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let mut items: Vec<Item> = Vec::new();
    if let Some((at, why, cite)) = &stay.bill.held {
        items.push(Item {
            title: "The bill is held".to_owned(),
            says: format!("since {}: {why}", words::near(*at, zone, now)),
            detail: cite.clone(),
            class: "soon",
            ..Item::default()
        });
    }
    if let Some((at, route, flags)) = &stay.bill.released {
        items.push(Item {
            title: format!("The bill may go out: {}", story::procedure_title(route)),
            says: words::near(*at, zone, now),
            list: flags.clone(),
            ..Item::default()
        });
    }
    items.extend(stay.procedures.iter().rev().map(|(at, kind, passed, who)| {
        let condition =
            |c: &vigil_domain::stay::procedure::Condition| format!("{} {}: {} ({})", c.met, c.question, c.why, c.cite);
        let mut list: Vec<String> = passed.conditions.iter().map(condition).collect();
        list.extend(passed.letters.iter().map(|l| format!("letter: {l}")));
        list.extend(passed.flags.iter().cloned());
        Item {
            title: story::procedure_title(kind.word()).to_owned(),
            says: format!("passed {} by {who}", words::near(*at, zone, now)),
            class: "good",
            list,
            ..Item::default()
        }
    }));
    items
}

fn queries(stay: &Stay, now: Moment) -> Vec<Item> {
    let zone = stay.zone();
    let item = |q: &vigil_domain::stay::delay::Query| Item {
        title: format!("{} · to {}", words::capital(&words::plain(q.kind.word())), q.to),
        says: match &q.answered {
            Some((at, outcome, said)) => {
                format!("{} {}: {said}", words::plain(outcome.word()), words::near(*at, zone, now))
            }
            None => "open".to_owned(),
        },
        detail: format!("{} {} (asked {} by {})", q.question, q.because, words::near(q.asked.0, zone, now), q.asked.1),
        class: if q.answered.is_none() { "soon" } else { "" },
        acts: if q.answered.is_none() {
            vec![(do_(stay, "query-answer", &q.id.to_string()), "Answer".to_owned())]
        } else {
            Vec::new()
        },
        ..Item::default()
    };
    stay.queries.iter().rev().map(item).collect()
}

fn documented(stay: &Stay, now: Moment) -> Vec<Item> {
    let item = |(at, who, d): &(Moment, String, vigil_domain::stay::documented::Documented)| Item {
        title: words::capital(&words::plain(&d.fact.key())),
        says: super::commands::stated(&d.fact, stay.zone()),
        detail: format!("{}, stated by {who} {}", d.found_in, words::near(*at, stay.zone(), now)),
        ..Item::default()
    };
    stay.facts.iter().rev().map(item).collect()
}
