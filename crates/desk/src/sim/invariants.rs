//! What must hold, after every step and at the end. Each check has a name, and a failure says seed, case, moment and what
//! was found instead.
//!
//! After each step the case it touched is looked at whole, and the answered case is held against the case that the log makes:
//! what the log made of it before and the events since. Each hour every open case is looked at for a lapse. At the end each
//! case is made anew from its first event, which also checks what the desk kept of it between its commands.

use std::collections::BTreeMap;

use serde::Serialize;
use vigil_domain::{
    case::{
        Case, Clock, STATEMENTS, Stage,
        event::{Event, Queue, Watches},
        refusal::Refusal,
    },
    determination::{Approver, Outcome},
    time::Moment,
};
use vigil_store::{DueDeadline, TrailNote, WorkRow};

use crate::{project, receive::Answered};

/// How many failures are kept; the rest is counted.
const MOST: usize = 60;

/// Where the law library has no rule that starts a decision clock at a request: line of business, state (`*` for any),
/// review. A gap that is not named here fails; one that is named is open in `packs/law`.
const GAPS: &[(&str, &str, &str)] =
    &[("medicaid-managed-care", "MA", "concurrent"), ("medicaid-managed-care", "MA", "retrospective")];

/// A check that did not hold.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// The check's name.
    pub check: String,
    /// The seed that shows it.
    pub seed: u64,
    /// The case, if one is concerned.
    pub case: String,
    /// The simulated moment.
    pub at: String,
    /// What was found.
    pub found: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { check, seed, case, at, found } = self;
        write!(f, "{check}: seed {seed}, case {case}, at {at}: {found}")
    }
}

/// The checks of one run.
#[derive(Debug, Clone)]
pub struct Checks {
    seed: u64,
    /// Checks made.
    pub made: u64,
    /// What did not hold, at most a screenful.
    pub failures: Vec<Failure>,
    /// Failures by check, all of them.
    pub counted: BTreeMap<&'static str, u64>,
}

impl Checks {
    /// No check made yet.
    pub fn new(seed: u64) -> Self {
        Self { seed, made: 0, failures: Vec::new(), counted: BTreeMap::new() }
    }

    /// One check: counts, and keeps a failure.
    pub fn hold(&mut self, check: &'static str, holds: bool, case: &str, at: Moment, found: impl FnOnce() -> String) {
        self.made += 1;
        if holds {
            return;
        }
        let so_far = self.counted.entry(check).or_default();
        *so_far += 1;
        // A few of each kind say more than many of one.
        if *so_far <= 5 && self.failures.len() < MOST {
            let (case, at) = (case.to_owned(), at.to_string());
            self.failures.push(Failure { check: check.into(), seed: self.seed, case, at, found: found() });
        }
    }

    /// Everything that must hold of a case at any moment. `again` is the case as the log makes it.
    pub fn after_step(&mut self, case: &Case, again: Option<&Case>, now: Moment) {
        if let Some(again) = again {
            self.hold("replay equals live", case == again, &case.id, now, || first_difference(case, again));
        }
        self.lines(case, now);
        for clock in &case.clocks {
            self.clock(case, clock, now);
        }
        self.work(case, now);
    }

    fn lines(&mut self, case: &Case, now: Moment) {
        for state in &case.lines {
            let Some(outcome) = &state.outcome else { continue };
            let line = state.line.sequence;
            // What stays after a cut goes on under the number that approved it.
            let counts = case.request.cut.as_ref().map_or(&case.authorization, |cut| &cut.authorization);
            let number = outcome.grant().is_none_or(|g| g.authorization == *counts);
            self.hold("one authorization number per case", number, &case.id, now, || format!("line {line}"));
            if let Some(adverse) = outcome.adverse() {
                let by = adverse.reviewer();
                let whole = !by.person.is_empty() && !by.licence.is_empty() && adverse.line() == line;
                let whole = whole && adverse.opened().iter().any(|o| o.evidence == STATEMENTS);
                self.hold("no adverse without a peer reviewer", whole, &case.id, now, || format!("{adverse:?}"));
            }
            let by_machine = matches!(outcome, Outcome::Approved { by: Approver::Automation { .. }, .. });
            let met = state.evaluation.as_ref().is_some_and(|e| e.trace.approvable);
            self.hold("automation approves only what is met", !by_machine || met, &case.id, now, || {
                format!("line {line}")
            });
        }
        let word = case.outcome_word().unwrap_or("open");
        let plain = !word.contains("deemed");
        self.hold("deemed denied is never an outcome", plain, &case.id, now, || word.to_owned());
    }

    fn clock(&mut self, case: &Case, clock: &Clock, now: Moment) {
        let say = || format!("clock {} {} of {}", clock.id, clock.pin.rule, clock.due_at);
        // The notice of a cut is counted back from the day of the cut.
        let counted_back = case.request.cut.is_some() && clock.watches == Watches::Notice;
        let forward = (counted_back || clock.due_at >= clock.started_at) && clock.due_at >= clock.first_due_at;
        self.hold("due never before start, never moved back", forward, &case.id, now, say);
        self.hold("warned before due", clock.warn_at <= clock.due_at, &case.id, now, say);
        let early = clock.lapsed.as_ref().is_some_and(|(at, _, _)| !clock.is_past(*at));
        self.hold("no lapse before the due time", !early, &case.id, now, say);
        let late = clock.satisfied_at.is_some_and(|at| clock.is_past(at));
        self.hold("late is recorded as a lapse", !late || clock.lapsed.is_some(), &case.id, now, say);
        let open = clock.watches == Watches::Decision && clock.is_open() && case.is_determined();
        self.hold("a decided case has no decision clock open", !open, &case.id, now, say);
    }

    fn work(&mut self, case: &Case, now: Moment) {
        let mut places: Vec<&str> = case.request.documents.iter().map(|d| d.place.as_str()).collect();
        places.sort_unstable();
        let twice = places.windows(2).any(|pair| pair[0] == pair[1]);
        self.hold("each document has a place of its own", !twice, &case.id, now, || places.join(", "));
        if case.is_determined() {
            return;
        }
        let idle = matches!(case.stage, Stage::Screening) && case.awaiting.is_none();
        self.hold("an open case waits for somebody", !idle, &case.id, now, || "in screening, nothing awaited".into());
        let watched = case.clocks.iter().any(|c| c.watches == Watches::Decision && c.is_open());
        let gap = GAPS.iter().any(|(line, state, review)| {
            case.contract.line_of_business.word() == *line
                && (*state == "*" || case.contract.state == *state)
                && case.request.review.word() == *review
        });
        self.hold(
            "an open case has a decision clock",
            // Nobody asked for a cut: only its notice has a clock.
            watched || gap || case.awaiting.is_some() || case.request.cut.is_some(),
            &case.id,
            now,
            || {
                let contract = &case.contract;
                format!("{} {} {} {}", contract.line_of_business, contract.state, case.request.review, case.urgency)
            },
        );
        let administrative = matches!(case.stage, Stage::Review { queue: Queue::Administrative, .. });
        let asked = case.open_lines().any(|l| !l.administrative.is_empty());
        self.hold("the administrative queue has a question", !administrative || asked, &case.id, now, || "none".into());
    }

    /// After ticks ran, no open clock is past its due time without its lapse.
    pub fn no_silent_lapse(&mut self, open: &[&Case], now: Moment) {
        for case in open {
            let silent =
                case.clocks.iter().find(|c| c.is_open() && !c.is_tolled() && c.lapsed.is_none() && c.is_past(now));
            self.hold("no silent lapse", silent.is_none(), &case.id, now, || format!("{silent:?}"));
        }
    }

    /// After ticks ran, no deadline row is left that is due.
    pub fn nothing_left_due(&mut self, left: &[DueDeadline], now: Moment) {
        let case = left.first().map(|d| d.deadline.subject.id.clone()).unwrap_or_default();
        self.hold("every due deadline is acted on", left.is_empty(), &case, now, || format!("{left:?}"));
    }

    /// The log never lets a command draft an event that does not fit.
    pub fn refusal_is_the_businesss_own(&mut self, refusal: &Refusal) {
        let own = refusal.rule != "case.illegal-event";
        self.hold("no illegal event is drafted", own, "", Moment::UNIX_EPOCH, || refusal.says.clone());
    }

    /// The answer on the wire never denies what nobody denied, nor certifies what nobody granted.
    pub fn answer_says_no_more_than_was_decided(&mut self, answer: &Answered, case: Option<&Case>, now: Moment) {
        let id = answer.case.as_deref().unwrap_or_default();
        let says = |code: &str| contains(&answer.body, format!("\"{code}\"").as_bytes());
        let denied = case.is_some_and(|c| c.lines.iter().any(|l| l.outcome.as_ref().is_some_and(Outcome::is_adverse)));
        self.hold("A3 only where a person denied", !says("A3") || denied, id, now, || "A3 in the answer".into());
        let granted =
            case.is_some_and(|c| c.lines.iter().any(|l| l.outcome.as_ref().is_some_and(|o| o.grant().is_some())));
        self.hold("A1 only where something is granted", !says("A1") || granted, id, now, || "A1 in the answer".into());
        let well = answer.status == 200 || answer.status == 400;
        self.hold("a message is answered, never a fault", well, id, now, || answer.status.to_string());
    }

    /// A cut-off message is refused whole.
    pub fn garbled_is_refused(&mut self, answer: &Answered, now: Moment) {
        let refused = answer.status == 400 && answer.case.is_none();
        self.hold("a garbled message makes no case", refused, "", now, || format!("status {}", answer.status));
    }

    /// The same bytes get the stored answer and make no second case.
    pub fn same_bytes_same_answer(&mut self, id: &str, first: &Answered, again: &Answered, now: Moment) {
        let same = first.body == again.body && first.status == again.status && first.case == again.case;
        self.hold("same bytes, same answer", same, id, now, || "the second answer differs".into());
        let one = first.case.as_deref() == Some(id);
        self.hold("same bytes, one case", one, id, now, || format!("{:?}", first.case));
    }

    /// The same number with other bytes is a new case, and says whose double it may be.
    pub fn same_number_is_flagged(&mut self, id: &str, answer: &Answered, other: Option<&Case>, now: Moment) {
        let Some(other) = other else { return };
        self.hold("same number, other bytes: a new case", other.id != id, id, now, || "no new case".into());
        let flagged = other.overlaps.iter().any(|o| o.case == id) || other.id == id;
        self.hold("same number is flagged", flagged, id, now, || format!("{:?} {:?}", answer.case, other.overlaps));
    }

    /// An update changes what is asked, never when it was received.
    pub fn update_keeps_the_receipt(&mut self, before: &Case, after: Option<&Case>, answer: &Answered, now: Moment) {
        let Some(after) = after else { return };
        let kept = before.request.receipt.received_at == after.request.receipt.received_at;
        self.hold("an update keeps the receipt", kept, &before.id, now, || {
            format!("{} became {}", before.request.receipt.received_at, after.request.receipt.received_at)
        });
        let evidence =
            before.request.documents.iter().all(|d| after.request.documents.iter().any(|a| a.digest == d.digest));
        self.hold("an update loses no document", evidence, &before.id, now, || format!("{:?}", answer.case));
        let known = before.request.identifiers.iter().all(|i| after.request.identifiers.contains(i));
        self.hold("an update loses no number", known, &before.id, now, || format!("{:?}", before.request.identifiers));
    }

    /// Evidence that came after somebody looked has not been seen by them.
    pub fn new_evidence_is_unread(&mut self, before: &Case, after: &Case, now: Moment) {
        let new = after.request.documents.len() > before.request.documents.len();
        let unread = after.has_unread() || after.is_determined();
        self.hold("new evidence is unread", !new || unread, &after.id, now, || format!("{:?}", after.opened));
    }

    /// An approval stands.
    pub fn approved_is_never_reduced(&mut self, id: &str, done: bool, now: Moment) {
        self.hold("an approval is never reduced", !done, id, now, || "the reduction was let through".into());
    }

    /// Nobody signs less than asked with evidence unopened.
    pub fn nobody_denies_unread(&mut self, id: &str, unread: bool, done: bool, now: Moment) {
        self.hold("no denial with unopened evidence", !(unread && done), id, now, || "it was signed".into());
    }

    /// Of two who take a case at once, one has it; a note is never lost.
    pub fn a_race_has_one_winner(
        &mut self,
        before: &Case,
        after: Option<&Case>,
        owners: usize,
        noted: bool,
        now: Moment,
    ) {
        let Some(after) = after else { return };
        let free = before.owner.is_none();
        self.hold("a race has one winner", !free || owners == 1, &after.id, now, || format!("{owners} winners"));
        let grew = after.version >= before.version + u64::from(noted);
        self.hold("a race loses nothing", noted && grew, &after.id, now, || format!("version {}", after.version));
    }

    /// The worklist's row is the case's own.
    pub fn worklist_shows_the_case(&mut self, row: &WorkRow, case: &Case, now: Moment) {
        let own = project::work(case);
        self.hold("the worklist shows the case", *row == own, &case.id, now, || row_difference(row, &own));
    }

    /// An inquiry is answered with what was decided, and leaves its mark on the trail.
    pub fn inquiry_is_answered(
        &mut self,
        case: &Case,
        answer: &Answered,
        adverse: bool,
        trail: &[TrailNote],
        now: Moment,
    ) {
        self.hold("an inquiry is answered", answer.status == 200, &case.id, now, || answer.status.to_string());
        let denied = contains(&answer.body, b"\"A3\"");
        self.hold("A3 in an inquiry only where a person denied", !denied || adverse, &case.id, now, || "A3".into());
        let found = answer.case.is_some();
        let seen = trail.iter().any(|note| note.action == "inquire");
        self.hold("an inquiry is on the trail", !found || seen, &case.id, now, || format!("{} notes", trail.len()));
        self.hold("an inquiry finds its case", found, &case.id, now, || "nothing found".into());
    }

    /// A case that nobody can move on.
    pub fn stuck(&mut self, case: &Case, where_: &str, now: Moment) {
        self.hold("nobody is stuck", false, &case.id, now, || where_.to_owned());
    }

    /// What an event did, seen with the case before it.
    pub fn event(&mut self, before: Option<&Case>, event: &Event, actor: &str, at: Moment) {
        let (Some(case), Event::LineDetermined { line, outcome, by }) = (before, event) else { return };
        let machine = by == "automation" || actor == "clock" || actor == "errand";
        let allowed = !machine || matches!(**outcome, Outcome::Approved { .. } | Outcome::NoReviewRequired { .. });
        self.hold("no machine decides less than asked", allowed, &case.id, at, || {
            format!("line {line}: {}", outcome.word())
        });
        if let Some(adverse) = outcome.adverse() {
            let person = &adverse.reviewer().person;
            let unopened =
                case.evidence().into_iter().find(|e| !case.opened_by(person).iter().any(|o| o.evidence == *e));
            self.hold("the reviewer opened all evidence", unopened.is_none(), &case.id, at, || format!("{unopened:?}"));
        }
    }

    /// A case at the very end: over, with every notice given in time or its lapse recorded.
    pub fn ended(&mut self, case: &Case, now: Moment) {
        self.hold("every case ends", case.is_closed(), &case.id, now, || {
            let open: Vec<&str> = case.clocks.iter().filter(|c| c.is_open()).map(|c| c.pin.rule.as_str()).collect();
            let owed: Vec<String> = case
                .notices
                .iter()
                .filter(|n| n.given().is_none())
                .map(|n| format!("{:?} held {:?}", n.purpose, n.held))
                .collect();
            format!(
                "{} received {}, owner {:?}, open clocks {open:?}, notices owed {owed:?}, awaiting {:?}",
                case.stage.word(),
                case.request.receipt.received_at,
                case.owner,
                case.awaiting
            )
        });
        for clock in case.clocks.iter().filter(|c| c.watches.is_telling()) {
            let given = clock.satisfied_at;
            let well = clock.ended.is_some() || given.is_some_and(|at| !clock.is_past(at)) || clock.lapsed.is_some();
            self.hold("each notice in its window or its lapse recorded", well, &case.id, now, || format!("{clock:?}"));
        }
    }
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window.first() == part.first() && window == part)
}

/// The first member of two cases that differs.
pub(super) fn first_difference(live: &Case, again: &Case) -> String {
    let (a, b) = (format!("{live:#?}"), format!("{again:#?}"));
    let differs = a.lines().zip(b.lines()).find(|(one, other)| one != other);
    differs.map_or_else(|| "one is longer".into(), |(one, other)| format!("live {} log {}", one.trim(), other.trim()))
}

fn row_difference(row: &WorkRow, own: &WorkRow) -> String {
    let (a, b) = (format!("{row:#?}"), format!("{own:#?}"));
    let differs = a.lines().zip(b.lines()).find(|(one, other)| one != other);
    differs.map_or_else(|| "no line differs".into(), |(one, other)| format!("row {} case {}", one.trim(), other.trim()))
}
