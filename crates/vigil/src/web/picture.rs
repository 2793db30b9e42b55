//! Pictures made on the server: a sparkline, a control chart, a clock's time line. Colours come from the stylesheet by
//! class; every picture has a title that says what it shows, and the page puts a table behind it.

use std::fmt::Write as _;

use vigil_domain::time::{Day, Moment, Zone};

use vigil_domain::control_chart::Chart;

use super::words;

/// Text as it may stand inside a picture.
fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A small line of values, oldest first.
pub fn sparkline(values: &[f64], says: &str) -> String {
    let (width, height, edge) = (96.0, 20.0, 2.0);
    let top = values.iter().copied().fold(0.0_f64, f64::max);
    let mut svg = format!(
        r#"<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{}">"#,
        safe(says)
    );
    if values.len() > 1 && top > 0.0 {
        let step = (width - 2.0 * edge) / (values.len() - 1) as f64;
        let y = |v: f64| height - edge - v / top * (height - 2.0 * edge);
        let points: Vec<String> =
            values.iter().enumerate().map(|(i, v)| format!("{:.1},{:.1}", edge + step * i as f64, y(*v))).collect();
        let last = values.last().copied().unwrap_or(0.0);
        let _ = write!(
            svg,
            r#"<polyline class="line" points="{}"/><circle class="last" cx="{:.1}" cy="{:.1}" r="2"/>"#,
            points.join(" "),
            width - edge,
            y(last)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A control chart: centre line, limits, values, signals marked with a ring and a word in the table behind it.
pub fn control(chart: &Chart, title: &str, as_percent: bool) -> String {
    let (width, height, left, bottom, top) = (720.0, 200.0, 48.0, 28.0, 12.0);
    let most = chart.points.iter().flat_map(|p| [p.value, p.high]).fold(f64::MIN_POSITIVE, f64::max) * 1.08;
    let least = if as_percent { 0.0 } else { chart.points.iter().flat_map(|p| [p.value, p.low]).fold(most, f64::min) };
    let count = chart.points.len().max(1) as f64;
    let x = |i: usize| left + (width - left - 12.0) * (i as f64 + 0.5) / count;
    let y = |v: f64| height - bottom - (v - least) / (most - least).max(1e-9) * (height - bottom - top);
    let shown = |v: f64| if as_percent { format!("{:.1} %", v * 100.0) } else { format!("{v:.1}") };
    let mut svg =
        format!(r#"<svg class="control" viewBox="0 0 {width} {height}" role="img" aria-label="{}">"#, safe(title));
    let _ = write!(
        svg,
        r#"<line class="centre" x1="{left}" x2="{:.1}" y1="{cy:.1}" y2="{cy:.1}"/><text class="axis" x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
        width - 12.0,
        left - 6.0,
        y(chart.centre) + 4.0,
        shown(chart.centre),
        cy = y(chart.centre),
    );
    for (class, pick) in [("limit high", 0), ("limit low", 1)] {
        let path: Vec<String> = chart
            .points
            .iter()
            .enumerate()
            .map(|(i, p)| format!("{:.1},{:.1}", x(i), y(if pick == 0 { p.high } else { p.low })))
            .collect();
        let _ = write!(svg, r#"<polyline class="{class}" points="{}"/>"#, path.join(" "));
    }
    let line: Vec<String> =
        chart.points.iter().enumerate().map(|(i, p)| format!("{:.1},{:.1}", x(i), y(p.value))).collect();
    let _ = write!(svg, r#"<polyline class="line" points="{}"/>"#, line.join(" "));
    let every = (chart.points.len() / 8).max(1);
    for (i, point) in chart.points.iter().enumerate() {
        let signal = !point.signals.is_empty();
        let says: Vec<&str> = point.signals.iter().map(|s| s.says()).collect();
        let _ = write!(
            svg,
            r#"<circle class="point{}" cx="{:.1}" cy="{:.1}" r="{}"><title>{}: {}{}{}</title></circle>"#,
            if signal { " signal" } else { "" },
            x(i),
            y(point.value),
            if signal { 5 } else { 3 },
            safe(&point.label),
            shown(point.value),
            if signal { ", " } else { "" },
            says.join(", "),
        );
        if i % every == 0 {
            let _ = write!(
                svg,
                r#"<text class="axis" x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                x(i),
                height - 8.0,
                safe(&point.label)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// What a clock's time line shows.
#[derive(Debug, Clone)]
pub struct ClockLine<'a> {
    /// The zone of its days.
    pub zone: &'a Zone,
    /// Start.
    pub from: Moment,
    /// Due.
    pub due: Moment,
    /// Now, when it lies inside.
    pub now: Option<Moment>,
    /// Stops: from, until.
    pub stops: Vec<(Moment, Option<Moment>)>,
    /// Holidays by day, with their names.
    pub holidays: Vec<(Day, String)>,
    /// Other due times: words and moment.
    pub also: Vec<(String, Moment)>,
}

/// The time line of a clock: days as columns, weekends and holidays shaded, stops hatched, start and due marked.
pub fn clock_line(line: &ClockLine<'_>) -> String {
    let (width, height, edge) = (760.0, 112.0, 16.0);
    let zone = line.zone;
    let end = line.also.iter().map(|(_, at)| *at).chain([line.due]).max().unwrap_or(line.due);
    let first = zone.day(line.from);
    let last = zone.day(end);
    let start = zone.start_of(first).unwrap_or(line.from);
    let stop = last.tomorrow().ok().and_then(|day| zone.start_of(day)).unwrap_or(end);
    let whole = (stop.as_second() - start.as_second()).max(1) as f64;
    let x = |at: Moment| {
        edge + (width - 2.0 * edge) * ((at.as_second() - start.as_second()) as f64 / whole).clamp(0.0, 1.0)
    };
    let says = format!("From {} to {}", words::moment(line.from, zone), words::moment(line.due, zone));
    let mut svg =
        format!(r#"<svg class="clockline" viewBox="0 0 {width} {height}" role="img" aria-label="{}">"#, safe(&says));
    days(&mut svg, line, first, last, &x);
    let axis = 70.0;
    let _ = write!(
        svg,
        r#"<line class="axisline" x1="{edge}" x2="{:.1}" y1="{axis}" y2="{axis}"/><line class="runs" x1="{:.1}" x2="{:.1}" y1="{axis}" y2="{axis}"/>"#,
        width - edge,
        x(line.from),
        x(line.due)
    );
    for (from, until) in &line.stops {
        let until = until.unwrap_or(line.due);
        let _ = write!(
            svg,
            r#"<rect class="stop" x="{:.1}" y="64" width="{:.1}" height="12"><title>stopped from {} to {}</title></rect>"#,
            x(*from),
            (x(until) - x(*from)).max(1.0),
            safe(&words::moment(*from, zone)),
            safe(&words::moment(until, zone))
        );
    }
    for (name, at) in &line.also {
        let _ = write!(
            svg,
            r#"<circle class="also" cx="{:.1}" cy="{axis}" r="4"><title>{}: {}</title></circle>"#,
            x(*at),
            safe(name),
            safe(&words::moment(*at, zone))
        );
    }
    if let Some(now) = line.now.filter(|now| *now >= start && *now <= stop) {
        let at = x(now);
        let _ = write!(
            svg,
            r#"<line class="now" x1="{at:.1}" x2="{at:.1}" y1="30" y2="84"/><text class="axis" x="{at:.1}" y="96" text-anchor="middle">now</text>"#,
        );
    }
    ends(&mut svg, line, &x, width);
    svg.push_str("</svg>");
    svg
}

/// Start and due marks with their words, kept inside the picture.
fn ends(svg: &mut String, line: &ClockLine<'_>, x: &impl Fn(Moment) -> f64, width: f64) {
    for (class, at, name) in [("start", line.from, "starts"), ("due", line.due, "due")] {
        let place = x(at);
        let anchor = match place {
            p if p < 110.0 => "start",
            p if p > width - 110.0 => "end",
            _ => "middle",
        };
        let _ = write!(
            svg,
            r#"<circle class="{class}" cx="{place:.1}" cy="70" r="6"/><text class="mark" x="{place:.1}" y="{}" text-anchor="{anchor}">{name} {} {}</text>"#,
            if class == "start" { 54 } else { 108 },
            words::time_of_day(at, line.zone),
            words::zone_name(at, line.zone),
        );
    }
}

/// One column a day, weekends and holidays shaded; names of days where there is room.
fn days(svg: &mut String, line: &ClockLine<'_>, first: Day, last: Day, x: &impl Fn(Moment) -> f64) {
    let zone = line.zone;
    let mut day = first;
    let total = first.until(last).map_or(1, |span| span.get_days().max(0) + 1);
    let every = total / 16 + 1;
    let mut place = 0;
    while day <= last && place < 400 {
        let (Some(from), Ok(next)) = (zone.start_of(day), day.tomorrow()) else { break };
        let until = zone.start_of(next).unwrap_or(from);
        let holiday = line.holidays.iter().find(|(on, _)| *on == day);
        let weekend = matches!(words::weekday(day), "Sat" | "Sun");
        let class = match (holiday, weekend) {
            (Some(_), _) => "day holiday",
            (None, true) => "day weekend",
            _ => "day",
        };
        let title = holiday.map(|(_, name)| format!("{}: {name}", words::day(day))).unwrap_or_else(|| words::day(day));
        let _ = write!(
            svg,
            r#"<rect class="{class}" x="{:.1}" y="20" width="{:.1}" height="64"><title>{}</title></rect>"#,
            x(from),
            x(until) - x(from),
            safe(&title)
        );
        if place % every == 0 {
            let _ = write!(
                svg,
                r#"<text class="axis" x="{:.1}" y="14" text-anchor="middle">{} {}</text>"#,
                (x(from) + x(until)) / 2.0,
                words::weekday(day),
                day.day()
            );
        }
        day = next;
        place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigil_domain::control_chart::p_chart;

    #[test]
    fn pictures_escape_what_they_are_given() {
        let svg = sparkline(&[1.0, 2.0], "a <b> & \"c\"");
        assert!(svg.contains("a &lt;b&gt; &amp; &quot;c&quot;"), "{svg}");
        assert!(svg.contains("polyline"));
        assert!(!sparkline(&[], "none").contains("polyline"));
    }

    #[test]
    fn a_signal_is_marked_by_more_than_colour() {
        let mut weeks: Vec<(String, i64, i64)> = (0..11).map(|w| (format!("w{w}"), 1, 100)).collect();
        weeks.push(("w11".into(), 8, 100));
        let svg = control(&p_chart(&weeks), "late notices", true);
        assert!(svg.contains("point signal") && svg.contains(r#"r="5""#) && svg.contains("outside the limits"));
    }

    #[test]
    fn a_clock_line_marks_start_due_weekend_and_holiday() {
        let zone = Zone::named("America/New_York").unwrap();
        let svg = clock_line(&ClockLine {
            zone: &zone,
            from: "2026-11-20T18:10:00-05:00".parse().unwrap(),
            due: "2026-11-27T23:59:59-05:00".parse().unwrap(),
            now: None,
            stops: vec![("2026-11-21T00:00:00Z".parse().unwrap(), None)],
            holidays: vec![(jiff::civil::date(2026, 11, 26), "Thanksgiving Day".into())],
            also: Vec::new(),
        });
        assert_eq!(svg.matches("day weekend").count(), 2);
        assert!(
            svg.contains("Thanksgiving Day") && svg.contains("starts 6:10 PM EST") && svg.contains("class=\"stop\"")
        );
    }
}
