//! Trying two rules on many days: the proof behind "this one is never later than that one".

use vigil_domain::{
    calendar::{Calendars, day_of, number_of},
    clock::{Branch, Computed, Given, Status, compute_pinned, print_moment},
    law::{Combine, Rule},
    time::{Day, Moment, Zone},
};

/// Every name that can start a limit of the rule.
pub(crate) fn events(rule: &Rule) -> Vec<&str> {
    let mut names = vec!["request_received"];
    for deadline in &rule.deadlines {
        match deadline.events() {
            [] => names.push(&deadline.from),
            aliases => names.extend(aliases),
        }
    }
    names
}

/// The zone in which a jurisdiction's examples are worked.
pub(crate) fn zone_of(jurisdiction: &str) -> Zone {
    let name = match jurisdiction {
        "US-CA" => "America/Los_Angeles",
        "US-TX" | "US-IL" => "America/Chicago",
        _ => "America/New_York",
    };
    Zone::named(name).expect("the bundled zone database has the zones of the United States")
}

/// The branches to try: by place, or none.
fn branches(rule: &Rule) -> Vec<Option<Branch>> {
    if rule.combine.needs_branch() {
        (0..rule.deadlines.len()).map(|at| Some(Branch::Index(at))).collect()
    } else {
        vec![None]
    }
}

fn due(
    rule: &Rule,
    calendars: &Calendars,
    zone: &Zone,
    at: Moment,
    branch: Option<&Branch>,
    urgency: &str,
) -> Computed {
    let events: Vec<(&str, Moment)> = events(rule).into_iter().map(|name| (name, at)).collect();
    compute_pinned(rule, calendars, &Given { branch, urgency, ..Given::new(&events, zone) })
}

/// The same branch of the other rule: by key, else the only one.
fn matching(branch: Option<&Branch>, new: &Rule, old: &Rule) -> Option<Branch> {
    if !old.combine.needs_branch() {
        return None;
    }
    let key = match branch {
        Some(Branch::Index(at)) => new.deadlines.get(*at).and_then(|d| d.key.clone()),
        _ => None,
    };
    let by_key = key.and_then(|key| old.deadlines.iter().position(|d| d.key.as_ref() == Some(&key)));
    Some(Branch::Index(by_key.unwrap_or(match branch {
        Some(Branch::Index(at)) if *at < old.deadlines.len() => *at,
        _ => 0,
    })))
}

/// A day on which `new` is due later than `old` when every event of both falls on the same moment, in words; none when
/// it never is, on every day of three years.
pub fn later(new: &Rule, old: &Rule, calendars: &Calendars) -> Option<String> {
    if old.combine == Combine::MinimumNotice || new.combine == Combine::MinimumNotice {
        return None;
    }
    let zone = zone_of(&new.jurisdiction);
    let first = number_of(Day::new(2026, 1, 1).ok()?);
    for branch in branches(new) {
        let other = matching(branch.as_ref(), new, old);
        for day in first..first + 1096 {
            let at = zone.tz().to_timestamp(day_of(day)?.at(15, 30, 0, 0)).ok()?;
            for urgency in ["standard", "expedited"] {
                let mine = due(new, calendars, &zone, at, branch.as_ref(), urgency);
                let theirs = due(old, calendars, &zone, at, other.as_ref(), urgency);
                if theirs.status != Status::Due {
                    continue;
                }
                let worse = mine.due_at.is_none_or(|mine| theirs.due_at.is_some_and(|theirs| mine > theirs));
                if worse {
                    let show = |c: &Computed| c.due_at.map_or_else(|| "never".to_owned(), |at| print_moment(at, &zone));
                    return Some(format!(
                        "received {}: {} against {}",
                        print_moment(at, &zone),
                        show(&mine),
                        show(&theirs)
                    ));
                }
            }
        }
    }
    None
}
