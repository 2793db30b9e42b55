//! The time line of a stay as a picture: midnights as rules, lanes for place, status, orders, reviews, authorization and
//! notices. Made on the server; the page puts the same words in its time line of events.

use std::fmt::Write as _;

use vigil_domain::{
    stay::{Stay, payer::AnswerKind},
    time::{Moment, Zone},
};

use crate::web::{
    hospital::{census::short_notice, status_title},
    words,
};

const WIDTH: f64 = 1160.0;
const LEFT: f64 = 104.0;
const RIGHT: f64 = 14.0;
const LANE: f64 = 24.0;
const TOP: f64 = 26.0;

/// What fills a band on paper, where the palette has no colours: stripes, dots and lines tell them apart in black and white.
const PATTERNS: &str = concat!(
    r#"<defs><pattern id="paper-stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"#,
    r#"<line x1="0" x2="0" y1="0" y2="5"/></pattern>"#,
    r#"<pattern id="paper-dots" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="0.9"/></pattern>"#,
    r#"<pattern id="paper-lines" width="5" height="4" patternUnits="userSpaceOnUse">"#,
    r#"<line x1="0" x2="5" y1="2" y2="2"/></pattern></defs>"#,
);

fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

struct Scale<'a> {
    zone: &'a Zone,
    from: Moment,
    until: Moment,
}

impl Scale<'_> {
    fn x(&self, at: Moment) -> f64 {
        let whole = (self.until.as_second() - self.from.as_second()).max(1) as f64;
        let part = (at.as_second() - self.from.as_second()) as f64;
        LEFT + (WIDTH - LEFT - RIGHT) * (part / whole).clamp(0.0, 1.0)
    }

    fn says(&self, at: Moment) -> String {
        words::moment(at, self.zone)
    }
}

/// A band: from, until, its class, its word.
type Band = (Moment, Moment, &'static str, String);
/// A mark: when, its class, its word.
type Mark = (Moment, &'static str, String);

struct Lane {
    name: &'static str,
    bands: Vec<Band>,
    marks: Vec<Mark>,
}

/// The picture of a stay as it stands.
pub fn picture(stay: &Stay, now: Moment) -> String {
    let zone = stay.zone();
    let track = &stay.track;
    let first = [track.first_care_at, track.arrival_at, track.periods.first().map(|p| p.from)];
    let first = first.into_iter().flatten().min().unwrap_or(stay.opened_at);
    let end = stay.discharged_at().unwrap_or(now).max(first);
    let due = stay.clocks.iter().filter(|c| c.is_open()).map(|c| c.due_at).filter(|at| *at > end).min();
    let last = end.max(due.unwrap_or(end));
    let scale = Scale {
        zone,
        from: zone.start_of(zone.day(first)).unwrap_or(first),
        until: zone.day(last).tomorrow().ok().and_then(|d| zone.start_of(d)).unwrap_or(last),
    };
    let lanes = lanes(stay, end);
    let height = TOP + LANE * lanes.len() as f64 + 18.0;
    let says = format!("{} from {} to {}", status_title(stay.status().word()), scale.says(first), scale.says(end));
    let mut svg =
        format!(r#"<svg class="stayline" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{}">"#, safe(&says));
    svg.push_str(PATTERNS);
    midnights(&mut svg, &scale, height);
    for (place, lane) in lanes.iter().enumerate() {
        draw(&mut svg, &scale, lane, TOP + LANE * place as f64);
    }
    if now >= scale.from && now <= scale.until {
        let at = scale.x(now);
        let _ = write!(
            svg,
            r#"<line class="now" x1="{at:.1}" x2="{at:.1}" y1="{TOP}" y2="{:.1}"/><text class="axis" x="{at:.1}" y="{:.1}" text-anchor="middle">now</text>"#,
            height - 16.0,
            height - 3.0
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Each local midnight as a rule, with the day's name in the middle of its column.
fn midnights(svg: &mut String, scale: &Scale<'_>, height: f64) {
    let (first, last) = (scale.zone.day(scale.from), scale.zone.day(scale.until));
    let days = first.until(last).map_or(1, |span| span.get_days().max(1));
    let every = days / 14 + 1;
    let mut day = first;
    for place in 0..=days.min(400) {
        let Some(at) = scale.zone.start_of(day) else { break };
        let x = scale.x(at);
        let _ = write!(
            svg,
            r#"<line class="midnight" x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{:.1}"><title>midnight, {}</title></line>"#,
            TOP - 4.0,
            height - 16.0,
            safe(&words::day(day))
        );
        if place % every == 0 && place < days {
            let _ = write!(
                svg,
                r#"<text class="axis" x="{:.1}" y="14">{} {}</text>"#,
                x + 4.0,
                words::weekday(day),
                safe(&day.strftime("%b %-d").to_string())
            );
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
}

fn draw(svg: &mut String, scale: &Scale<'_>, lane: &Lane, y: f64) {
    let _ = write!(svg, r#"<text class="lane" x="0" y="{:.1}">{}</text>"#, y + 15.0, lane.name);
    for (from, until, class, word) in &lane.bands {
        let (left, right) = (scale.x(*from), scale.x(*until));
        let width = (right - left).max(2.0);
        let _ = write!(
            svg,
            r#"<rect class="stretch {class}" x="{left:.1}" y="{:.1}" width="{width:.1}" height="16"><title>{} from {} to {}</title></rect>"#,
            y + 3.0,
            safe(word),
            safe(&scale.says(*from)),
            safe(&scale.says(*until)),
        );
        // A word that does not fit its band stays in the title: about six units a letter.
        if width > 8.0 + 6.2 * word.chars().count() as f64 {
            let _ =
                write!(svg, r#"<text class="word" x="{:.1}" y="{:.1}">{}</text>"#, left + 4.0, y + 15.0, safe(word));
        }
    }
    for (at, class, word) in &lane.marks {
        let x = scale.x(*at);
        let _ = write!(
            svg,
            r#"<path class="point {class}" d="M{x:.1} {:.1} l5 6 l-5 6 l-5 -6 z"><title>{}, {}</title></path>"#,
            y + 5.0,
            safe(word),
            safe(&scale.says(*at)),
        );
    }
}

fn lanes(stay: &Stay, end: Moment) -> Vec<Lane> {
    let track = &stay.track;
    let places = track.places.iter().enumerate().map(|(i, place)| {
        let until = track.places.get(i + 1).map_or(end, |next| next.from).min(end).max(place.from);
        (place.from, until, if i % 2 == 0 { "place" } else { "place other" }, place.is.listed())
    });
    let statuses = track.periods.iter().filter(|p| p.from <= end).map(|p| {
        let class = match p.status.word() {
            "inpatient" => "inpatient",
            "observation" => "observation",
            "emergency" => "emergency",
            _ => "outpatient",
        };
        (p.from, p.until.unwrap_or(end).min(end).max(p.from), class, status_title(p.status.word()))
    });
    let orders = track.orders.iter().map(|o| {
        let words = o.code.label.clone().unwrap_or_else(|| o.code.value.clone());
        (
            o.at,
            if o.ended_at.is_some() { "ended" } else { "order" },
            format!("order {}: {words}, {}", o.number, o.state),
        )
    });
    let changed = stay.procedures.iter().map(|(at, kind, ..)| (*at, "late", kind.word().to_uppercase()));
    let reviews = stay.reviews.iter().map(|(at, who, r)| {
        let class = if r.result.word() == "met" { "good" } else { "soon" };
        (*at, class, format!("{} review {}, {who}", r.kind, words::plain(r.result.word())))
    });
    let advised = stay.escalations.iter().flat_map(|e| {
        e.advice
            .iter()
            .map(|(at, _, name, advice, _)| (*at, "advice", format!("{name}: {}", words::plain(advice.word()))))
    });
    vec![
        Lane { name: "Place", bands: places.collect(), marks: Vec::new() },
        Lane { name: "Status", bands: statuses.collect(), marks: changed.collect() },
        Lane { name: "Orders", bands: Vec::new(), marks: orders.collect() },
        Lane { name: "Reviews", bands: Vec::new(), marks: reviews.chain(advised).collect() },
        Lane { name: "Authorized", bands: authorized(stay), marks: answers(stay) },
        Lane { name: "Notices", bands: Vec::new(), marks: notices(stay) },
        Lane { name: "Clocks", bands: Vec::new(), marks: clocks(stay) },
    ]
}

fn authorized(stay: &Stay) -> Vec<Band> {
    let zone = stay.zone();
    let approved = stay
        .payers
        .iter()
        .flat_map(|p| p.answers.iter())
        .filter(|(_, a, ..)| matches!(a.kind, AnswerKind::Approved | AnswerKind::Partial));
    let band = |(_, a, ..): &(Moment, vigil_domain::stay::payer::PayerAnswer, _, _)| {
        let from = a.from.or_else(|| stay.bedded_at().map(|at| zone.day(at)))?;
        let from = zone.start_of(from)?;
        let until = zone.start_of(a.through?.tomorrow().ok()?)?;
        Some((from, until, "authorized", a.authorization.clone().unwrap_or_else(|| "authorized".to_owned())))
    };
    approved.filter_map(band).collect()
}

fn answers(stay: &Stay) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for payer in &stay.payers {
        if let Some((at, _, channel, _)) = &payer.notified {
            marks.push((*at, "good", format!("payer told by {}", words::plain(channel.word()))));
        }
        marks.extend(payer.answers.iter().map(|(_, answer, source, _)| {
            let class = match answer.kind {
                AnswerKind::Approved | AnswerKind::NotRequired => "good",
                AnswerKind::Denied | AnswerKind::Downgraded => "late",
                _ => "soon",
            };
            (source.said_at, class, format!("{}, said by {}", words::plain(answer.kind.word()), source.said_by))
        }));
    }
    marks
}

fn notices(stay: &Stay) -> Vec<Mark> {
    let mark = |n: &vigil_domain::stay::notice::NoticeState| {
        let name = short_notice(n.kind.word());
        match &n.delivered {
            Some((_, delivery)) => {
                Some((delivery.at, "good", format!("{name} {}", words::plain(delivery.receipt.word()))))
            }
            None if n.is_open() => Some((n.owed_at, "soon", format!("{name} owed"))),
            None => None,
        }
    };
    stay.notices.iter().filter_map(mark).collect()
}

fn clocks(stay: &Stay) -> Vec<Mark> {
    let mark = |c: &vigil_domain::stay::clock::Clock| {
        let class = if c.lapsed_at.is_some() { "late" } else { "order" };
        (c.due_at, class, format!("{} due", words::plain(c.watch.word())))
    };
    stay.clocks.iter().filter(|c| c.is_open()).map(mark).collect()
}
