//! The clock that explains itself: rule, citation, start, stops, calendar, extension, effect of a breach, confidence, and
//! the arithmetic step by step, for every clock of a case.

use vigil_domain::{
    calendar::{day_of, number_of},
    case::{
        Case, Clock,
        decide::{cut, incomplete, telling, told},
        event::Watches,
    },
    clock::{self, Extend, Given, Step, Stop},
    law::{Basis, Confidence, Rule, Stops, Unit},
    library::Library,
    request::Review,
    time::{Day, Moment},
};

use crate::web::{
    picture::{self, ClockLine},
    words::{self, Due},
};

/// One clock of the case, explained.
#[derive(Debug, Clone)]
pub struct ClockView {
    /// Rule id.
    pub rule: String,
    /// `decision`, `notice` or `information`.
    pub watches: &'static str,
    /// The one the due time of the case comes from.
    pub controlling: bool,
    /// Its due time.
    pub due: Due,
    /// Due before stops and extension, where that differs.
    pub first_due: Option<String>,
    /// `runs`, `stopped`, `met`, `met late`, `passed unmet`, `ended: …`.
    pub state: String,
    /// Citation.
    pub cite: String,
    /// What the rule says in one sentence.
    pub says: String,
    /// Start event in words.
    pub from: String,
    /// Start in words.
    pub started: String,
    /// Stops, in words.
    pub stops: Vec<String>,
    /// Whether and when the rule lets the clock stop.
    pub tolling: String,
    /// Extension taken, or what the rule allows.
    pub extension: String,
    /// Calendar in words.
    pub calendar: String,
    /// What follows when it is missed.
    pub breach: String,
    /// Confidence.
    pub confidence: &'static str,
    /// The rule is from knowledge: verify.
    pub verify: bool,
    /// Arithmetic in words.
    pub steps: Vec<Step>,
    /// Time line.
    pub picture: String,
}

/// Every clock, the controlling one first.
pub fn views(case: &Case, library: &Library, now: Moment) -> Vec<ClockView> {
    let controlling = case.next_clock().map(|c| c.id);
    let mut clocks: Vec<&Clock> = case.clocks.iter().collect();
    clocks.sort_by_key(|c| (Some(c.id) != controlling, !c.is_open(), c.due_at, c.id));
    clocks.into_iter().map(|c| view(case, c, Some(c.id) == controlling, library, now)).collect()
}

/// Why no clock runs for the answer to a request.
#[derive(Debug, Clone)]
pub struct Unclocked {
    /// The sentence.
    pub says: String,
    /// Each rule that speaks of such a review: its id, its citation, why it starts none.
    pub rules: Vec<(String, String, &'static str)>,
}

/// Never silence: a case for whose answer no rule starts a clock says so, and names what was looked at. Nobody asked for a cut, so
/// none is missed there.
pub fn unclocked(case: &Case, library: &Library) -> Option<Unclocked> {
    if case.request.cut.is_some() || case.clocks.iter().any(|clock| clock.watches == Watches::Decision) {
        return None;
    }
    let (line, state) = (words::plain(case.contract.line_of_business.word()), &case.contract.state);
    let review = match case.request.review {
        Review::Prospective => "care still to be given",
        Review::Concurrent => "care under way",
        Review::Retrospective => "care already given",
        Review::Other(_) => "another kind of review",
    };
    let waits = match case.awaiting {
        Some(_) if !case.is_determined() => " Clocks that count from complete information begin when it is here.",
        _ => "",
    };
    let rules = case.unclocked(&library.law);
    let says = format!(
        "No rule of the library has started a clock for the answer to this request ({line}, {state}, {review}): no due time \
         is shown and nobody is warned.{waits} Look at the contract for a limit of its own."
    );
    let rules = rules.into_iter().map(|(rule, why)| (rule.id.clone(), rule.cite.clone(), why)).collect();
    Some(Unclocked { says, rules })
}

fn view(case: &Case, clock: &Clock, controlling: bool, library: &Library, now: Moment) -> ClockView {
    let zone = &case.contract.zone;
    let rule = library.law.by_digest(&clock.pin.digest).or_else(|| library.law.rule(&clock.pin.rule));
    let say = |text: &str| text.to_owned();
    ClockView {
        rule: clock.pin.rule.clone(),
        watches: clock.watches.word(),
        controlling,
        due: Due::new(Some(clock.due_at), zone, now, clock.warned_at.is_some()),
        first_due: (clock.first_due_at != clock.due_at).then(|| words::moment(clock.first_due_at, zone)),
        state: state(clock),
        cite: clock.pin.cite.clone(),
        says: rule.map_or_else(|| say("The pinned text of this rule is not on the shelf."), |r| words::dated(&r.says)),
        from: words::plain(&clock.from),
        started: words::moment(clock.started_at, zone),
        stops: clock
            .stops
            .iter()
            .map(|(from, until)| match until {
                Some(until) => format!("{} to {}", words::moment(*from, zone), words::moment(*until, zone)),
                None => format!("since {}", words::moment(*from, zone)),
            })
            .collect(),
        tolling: rule.map(|r| tolling(r)).unwrap_or_default(),
        extension: extension(clock, rule.map(AsRef::as_ref)),
        calendar: rule.map(|r| r.calendar.clone()).unwrap_or_default(),
        breach: breach(clock, rule.map(AsRef::as_ref)),
        confidence: rule.map_or("", |r| r.confidence.word()),
        verify: rule.is_none_or(|r| r.confidence == Confidence::FromKnowledgeVerify),
        steps: rule.map(|r| steps(case, clock, r, library)).unwrap_or_default(),
        picture: picture(case, clock, rule.map(AsRef::as_ref), library, now),
    }
}

fn state(clock: &Clock) -> String {
    match (&clock.ended, clock.satisfied_at, &clock.lapsed) {
        (Some((_, why)), _, _) => format!("ended: {why}"),
        (None, Some(_), Some(_)) => "met late".to_owned(),
        (None, Some(_), None) => "met".to_owned(),
        (None, None, Some(_)) => "passed unmet".to_owned(),
        (None, None, None) if clock.is_tolled() => "stopped".to_owned(),
        _ => "runs".to_owned(),
    }
}

fn tolling(rule: &Rule) -> String {
    let short = match rule.tolling.stops {
        Stops::Never => "Nothing stops this clock.",
        Stops::Always => "Waiting for information stops this clock.",
        Stops::WithExtension => "Waiting counts only once an extension has been taken.",
    };
    match &rule.tolling.says {
        // The source says "none" first, which the short sentence has said.
        Some(says) => format!("{short} {}", sentence(says.strip_prefix("none: ").unwrap_or(says))),
        None => short.to_owned(),
    }
}

/// Words of a source as a sentence.
fn sentence(says: &str) -> String {
    let mut letters = says.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn extension(clock: &Clock, rule: Option<&Rule>) -> String {
    if let Some((days, _, reason)) = &clock.extension {
        let days = words::many(*days, "day", "days");
        return match &clock.extended_under {
            Some(under) => format!("Taken: {days}. {} ({}) In this case: {reason}", under.says, under.cite),
            None => format!("Taken: {days} ({reason})."),
        };
    }
    let Some(allowed) = rule.and_then(|r| r.extension.as_ref()) else { return "None allowed.".to_owned() };
    if allowed.max_count == Some(0) || allowed.unit == Unit::None {
        return "None allowed.".to_owned();
    }
    let most =
        allowed.amount.map_or_else(|| "no maximum named".to_owned(), |n| format!("up to {}", allowed.unit.spoken(n)));
    let when = allowed.conditions.as_deref().map(|c| format!(": {c}")).unwrap_or_default();
    format!("Not taken; {most}{when}")
}

fn breach(clock: &Clock, rule: Option<&Rule>) -> String {
    match (&clock.lapsed, rule) {
        (Some((_, effect, _)), _) => effect.says().to_owned(),
        (None, Some(rule)) if telling::beside(rule, clock.watches) => {
            "The source names no effect for a word beside the answer; a missed one is recorded.".to_owned()
        }
        (None, Some(rule)) => match &rule.breach.detail {
            Some(detail) => words::dated(&format!("{} {detail}", rule.breach.effect.says())),
            None => rule.breach.effect.says().to_owned(),
        },
        (None, None) => String::new(),
    }
}

fn steps(case: &Case, clock: &Clock, rule: &Rule, library: &Library) -> Vec<Step> {
    let zone = &case.contract.zone;
    let own = incomplete::steps(rule, clock, zone)
        .or_else(|| told::steps(rule, clock, zone))
        .or_else(|| telling::steps(rule, clock, zone))
        .or_else(|| cut::steps(case, rule));
    if let Some(steps) = own {
        return steps;
    }
    let stops: Vec<Stop> = clock.stops.iter().map(|(start, end)| Stop { start: *start, end: *end }).collect();
    let extension = clock.extension.as_ref().map(|(days, at, _)| Extend {
        amount: u32::try_from(*days).unwrap_or(0),
        unit: Unit::CalendarDays,
        notice_at: *at,
    });
    let urgency = case.urgency.word();
    let branch = case.branch_of_clock(rule, clock);
    let events = [(clock.from.as_str(), clock.started_at)];
    let given = Given {
        urgency,
        branch: branch.as_ref(),
        extension,
        stops: &stops,
        ..Given::new(&events, &case.contract.zone)
    };
    let computed = clock::compute_pinned(rule, library.law.calendars(), &given);
    clock::explain(rule, library.law.calendars(), &given, &computed)
}

fn picture(case: &Case, clock: &Clock, rule: Option<&Rule>, library: &Library, now: Moment) -> String {
    let zone = &case.contract.zone;
    let jurisdiction = rule.map_or("US", |r| r.jurisdiction.as_str());
    picture::clock_line(&ClockLine {
        zone,
        // A limit counted back from an act to come is drawn from the day the case began.
        from: if clock.started_at > clock.due_at { case.request.receipt.received_at } else { clock.started_at },
        due: clock.due_at,
        now: clock.is_open().then_some(now),
        stops: clock.stops.clone(),
        holidays: holidays(library, jurisdiction, zone.day(clock.started_at), zone.day(clock.due_at)),
        also: Vec::new(),
    })
}

/// The holidays of a jurisdiction's calendar from one day to another.
pub fn holidays(library: &Library, jurisdiction: &str, from: Day, through: Day) -> Vec<(Day, String)> {
    let Some(calendar) = library.law.calendars().of(jurisdiction) else { return Vec::new() };
    (number_of(from)..=number_of(through))
        .take(400)
        .filter_map(|number| Some((day_of(number)?, calendar.holiday_on(number)?.name.clone())))
        .collect()
}

/// The what-if form of the library, filled with this case's scope.
pub fn what_if(case: &Case) -> String {
    let mut pairs = vec![
        ("line_of_business", case.contract.line_of_business.word().to_owned()),
        ("jurisdiction", case.contract.jurisdiction()),
        ("review", case.request.review.word().to_owned()),
        ("urgency", case.urgency.word().to_owned()),
        ("zone", case.contract.zone.name().to_owned()),
        ("pa_required", (case.request.review == Review::Prospective).to_string()),
        ("event", "request_received".to_owned()),
        ("at", local(case)),
    ];
    if let Some(start) = case.contract.rating_period_start {
        pairs.push(("rating_period_start", start.to_string()));
    }
    if let Some(subject) = case.law_scopes(&case.urgency).into_iter().next().and_then(|scope| scope.subject) {
        pairs.push(("subject", subject));
    }
    let query: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={}", crate::web::form::encode(v))).collect();
    format!("/library/what-if?{}", query.join("&"))
}

fn local(case: &Case) -> String {
    let at = case.contract.zone.at(case.request.receipt.received_at);
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Whether a rule is in force, proposed or no longer applies on a day, in words.
pub fn standing(rule: &Rule, today: Day) -> &'static str {
    if rule.effective.basis == Basis::Proposed {
        return "proposed";
    }
    if rule.effective.from.is_some_and(|from| today < from) {
        return "not yet in force";
    }
    if rule.effective.to.is_some_and(|to| today > to) {
        return "no longer in force";
    }
    "in force"
}
