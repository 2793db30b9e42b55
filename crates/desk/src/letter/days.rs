//! The days of a letter: until when somebody decides, may ask, must send; out of the clocks, the law packs and the contract.

use vigil_domain::{
    case::{Case, Clock, NoticeState},
    law::{Rule, Scope, Unit},
    library::Library,
    notice::{FieldValue, Fields, NoticeTemplate, Purpose, day_in_words},
    party::LineOfBusiness,
    time::{Day, Moment, Zone},
};

use super::words::said_of_the_case;

/// The last day that belongs to a limit: one that ends at midnight ends with the day before.
pub(super) fn last_day(zone: &Zone, due_at: Moment) -> Day {
    zone.day(due_at.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(due_at))
}

/// A time of day as the letter's language writes it.
fn time_of_day(zone: &Zone, at: Moment, language: &str) -> String {
    let local = zone.at(at);
    let half = match (local.hour() < 12, language.starts_with("es")) {
        (true, true) => "a.\u{a0}m.",
        (false, true) => "p.\u{a0}m.",
        (true, false) => "a.m.",
        (false, false) => "p.m.",
    };
    format!("{}\u{a0}{half} {}", local.strftime("%-I:%M"), local.strftime("%Z"))
}

/// The days of the controlling clock, the same that the case's page shows: after its stops and its extension. Only a letter about an
/// extension names the day before it, too.
pub(super) fn clocks(
    fields: &mut Fields,
    library: &Library,
    case: &Case,
    notice: &NoticeState,
    language: &str,
    today: Day,
) {
    let Some(clock) = case.decision_clock() else { return };
    let zone = &case.contract.zone;
    let due_at = if notice.purpose == Purpose::Extension { clock.first_due_at } else { clock.due_at };
    fields.set("due_on", last_day(zone, due_at));
    if !clock.day_clock {
        fields.set("due_time", time_of_day(zone, due_at, language));
    }
    if let Some((days, ..)) = &clock.extension {
        fields.set("extended_due_on", last_day(zone, clock.due_at)).set("extension_days", days.to_string());
        fields.set_some("extension_reason", why_more_time(library, clock, language));
    }
    fields.set("standard_days", standard_days(clock, zone.day(clock.started_at), zone.day(clock.due_at)));
    fields.set("info_due_on", last_day(zone, clock.due_at).max(today));
}

/// Why more time was taken: the rule's condition in the member's words, then what a person wrote of this case. Where the
/// condition alone is no reason and nobody wrote one in the letter's language, the letter waits for it.
fn why_more_time(library: &Library, clock: &Clock, language: &str) -> Option<String> {
    let (_, _, reason) = clock.extension.as_ref()?;
    let own = said_of_the_case(reason, language);
    let allowed = library.law.by_digest(&clock.pin.digest).and_then(|rule| rule.extension.as_ref());
    let condition = clock.extended_under.as_ref().and_then(|taken| allowed?.choice(&taken.key));
    let Some(condition) = condition else { return own };
    let letter = library.notices.say(&condition.letter, language).filter(|says| !says.is_empty());
    match (letter, own) {
        (Some(letter), Some(own)) => Some(format!("{letter} {own}")),
        (Some(letter), None) if condition.whole_reason => Some(letter.to_owned()),
        (None, own) => own,
        (Some(_), None) => None,
    }
}

fn standard_days(clock: &Clock, started: Day, due: Day) -> String {
    let days = (due - started).get_days();
    if clock.day_clock { days.to_string() } else { format!("{}", days.max(1)) }
}

/// Appeal rights out of the law packs: filing limit, time to answer, fair hearing.
pub(super) fn appeal(fields: &mut Fields, library: &Library, case: &Case, today: Day) {
    let ask = |review: &str, urgency: &str, subject: Option<&str>| -> Vec<std::sync::Arc<Rule>> {
        let scope = Scope {
            line_of_business: case.contract.line_of_business.word().to_owned(),
            jurisdiction: case.contract.jurisdiction(),
            review: review.to_owned(),
            urgency: urgency.to_owned(),
            subject: subject.map(str::to_owned),
            ..Scope::default()
        };
        library.law.in_force(&scope, today).rules
    };
    let part_b = case.contract.line_of_business == LineOfBusiness::MedicareAdvantage;
    let drug = (part_b && case.lines.iter().any(|l| l.line.drug)).then_some("part-b-drug");
    if let Some((days, Unit::CalendarDays)) = first_limit(&ask("filing-limit", "standard", Some("appeal-l1")), None) {
        fields.set("appeal_days", days.to_string());
        fields.set_some("appeal_by", today.checked_add(jiff::Span::new().days(i64::from(days))).ok());
    }
    if let Some(days) = limit_in(&ask("appeal-l1", "standard", drug), Unit::CalendarDays, &["pre-service", "standard"])
    {
        fields.set("appeal_decision_days", days.to_string());
    }
    if let Some(hours) = limit_in(&ask("appeal-l1", "expedited", drug), Unit::Hours, &["expedited", "urgent"]) {
        fields.set("expedited_appeal_hours", hours.to_string());
    }
    // The state picks these days within the federal limits: what the contract states of its state goes first.
    if let Some((days, _)) = first_limit(&ask("filing-limit", "standard", Some("state-fair-hearing")), None)
        && !fields.is_filled("fair_hearing_days")
    {
        fields.set("fair_hearing_days", days.to_string());
    }
    if let Some((months, Unit::Months)) = first_limit(&ask("filing-limit", "standard", Some("external")), None) {
        fields.set("external_review_months", months.to_string());
    }
}

/// Windows that no rule of the library sets and the contract states in days, as those of a state's own programme: the last
/// day is counted from the letter.
pub(super) fn windows_of_the_contract(fields: &mut Fields, today: Day) {
    for (days, by) in [
        ("appeal_days", "appeal_by"),
        ("fair_hearing_days", "fair_hearing_by"),
        ("peer_to_peer_days", "peer_to_peer_by"),
    ] {
        let stated = match fields.get(days) {
            Some(FieldValue::Text(days)) if !fields.is_filled(by) => days.parse().ok(),
            _ => None,
        };
        let last = stated.and_then(|days: i64| today.checked_add(jiff::Span::new().days(days)).ok());
        fields.set_some(by, last);
    }
}

/// Last days that the law of a notice's own elements counts from the letter.
pub(super) fn windows_of_the_notice(fields: &mut Fields, template: Option<&NoticeTemplate>, today: Day) {
    for last in template.iter().flat_map(|t| &t.elements).filter_map(|e| e.last_day.as_ref()) {
        if !fields.is_filled(&last.field) {
            fields.set_some(&last.field, last.from(today));
        }
    }
}

/// By when an answer was due that did not come.
pub(super) fn late(case: &Case, language: &str) -> Option<String> {
    let due = last_day(&case.contract.zone, case.decision_clock()?.due_at);
    let day = day_in_words(due, language);
    Some(if language.starts_with("es") {
        format!("Teníamos que decidir a más tardar el {day}. No decidimos a tiempo.")
    } else {
        format!("We had to decide by {day}. We did not decide in time.")
    })
}

/// The limit that a notice names: of the first rule that has one, on the branch asked for where there are several.
fn first_limit(rules: &[std::sync::Arc<Rule>], branch: Option<&str>) -> Option<(u32, Unit)> {
    rules.iter().find_map(|rule| {
        let of_branch = rule.deadlines.iter().find(|d| branch.is_some() && d.key.as_deref() == branch);
        let any = rule.deadlines.first().filter(|_| branch.is_none() || rule.deadlines.len() == 1);
        of_branch.or(any).and_then(vigil_domain::law::Deadline::numeric)
    })
}

/// The shortest limit in one unit, on the branches named first where a rule has branches.
fn limit_in(rules: &[std::sync::Arc<Rule>], unit: Unit, branches: &[&str]) -> Option<u32> {
    let fits = |named: bool| {
        rules
            .iter()
            .flat_map(|rule| &rule.deadlines)
            .filter(|d| !named || d.key.as_deref().is_none_or(|key| branches.contains(&key)))
            .filter_map(vigil_domain::law::Deadline::numeric)
            .filter(|(_, of)| *of == unit)
            .map(|(n, _)| n)
            .min()
    };
    fits(true).or_else(|| fits(false))
}
