//! A cut of what was approved: refused where the law locks the approval; elsewhere proposed by the plan as a case of its own,
//! told in advance, signed by a physician, and the service goes on where the law says so.

use std::sync::Arc;

use super::{Draft, clocks, judge, refuse};
use crate::{
    case::{
        Case,
        command::{Actor, Command, ContinuationAsker, Resolved},
        event::{Event, Queue},
        refusal::{Refusal, Refused},
    },
    clock::{self, Given, Step},
    determination::Outcome,
    law::{BreachEffect, Flags, NoticeException, Rule, Scope},
    library::Library,
    party::{Contract, LineOfBusiness},
    request::{Certification, Channel, CutException, ProposedCut, Quantity, Receipt, Request, Review, Urgency},
    time::{Day, Moment, Zone},
};

/// Where the law packs speak of cuts: review, subject, and whether only of drugs.
const SUBJECTS: [(&str, &str, bool); 3] = [
    ("concurrent", "termination-suspension-reduction", false),
    ("concurrent", "reduction-of-approved-course", false),
    ("notice", "drug-or-infusion-discontinuation", true),
];

/// Answers the commands that are about a cut.
pub(super) fn answer(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::ReduceApproved { line, .. } => reduce_in_place(draft, line),
        Command::ProposeCut { by, line, keeps, effective_on, why, case, exception, over } => {
            one_at_a_time(draft.case(), line, &over)?;
            let exception = exception.map(|e| stated(draft, line, e)).transpose()?;
            let asked = Asked { line, keeps: keeps.as_ref(), effective_on, why: &why, exception: exception.as_ref() };
            may_be_proposed(draft.books, draft.case(), &asked, draft.now)?;
            draft.emit(Event::CutProposed { line, case, keeps, effective_on, person: by.person, why, exception })
        }
        Command::PostponeCut { by, effective_on, why } => postpone(draft, &by, effective_on, why),
        Command::AskContinuation { by, asker, asked_by, asked_at } => {
            ask_continuation(draft, &by, asker, asked_by, asked_at)
        }
        _ => Ok(()),
    }
}

/// The rule that keeps an approval as it is, whatever is done in advance.
fn lock(case: &Case) -> Option<&'static str> {
    match case.contract.line_of_business {
        LineOfBusiness::MedicareAdvantage | LineOfBusiness::DsnpIntegrated => Some("MADV-APPROVED-LOCK"),
        _ => None,
    }
}

/// Whether the law of this contract lets an approval be cut at all, told in advance. Where it does not, a proposal is refused.
pub fn may_be_cut(books: &Library, case: &Case, now: Moment) -> bool {
    lock(case).is_none() && !rules(books, &case.contract, true, case.contract.zone.day(now)).is_empty()
}

/// The rules in force that ask for a notice in advance of a cut.
fn rules(books: &Library, contract: &Contract, drug: bool, on: Day) -> Vec<Arc<Rule>> {
    let flags = Flags {
        rating_period_start: contract.rating_period_start.or(Some(on)),
        accreditation: contract.accreditation.clone(),
        grandfathered: Some(contract.grandfathered),
        ..Flags::default()
    };
    let spoken = SUBJECTS.iter().filter(|(.., only_drugs)| drug || !only_drugs);
    let scopes = spoken.map(|(review, subject, _)| Scope {
        line_of_business: contract.line_of_business.word().to_owned(),
        jurisdiction: contract.jurisdiction(),
        review: (*review).to_owned(),
        urgency: Urgency::Standard.word().to_owned(),
        subject: Some((*subject).to_owned()),
        flags: flags.clone(),
    });
    scopes.flat_map(|scope| books.law.in_force(&scope, on).rules).collect()
}

/// A day as pages write it.
fn in_words(day: Day) -> String {
    day.strftime("%b %-d, %Y").to_string()
}

/// What is proposed of an approved line.
struct Asked<'a> {
    line: u32,
    keeps: Option<&'a Quantity>,
    effective_on: Day,
    why: &'a str,
    exception: Option<&'a CutException>,
}

/// The exceptions that the rules in force make to the advance notice of a cut of this case's approvals.
pub fn exceptions(books: &Library, case: &Case, now: Moment) -> Vec<NoticeException> {
    let rules = rules(books, &case.contract, true, case.contract.zone.day(now));
    rules.iter().flat_map(|rule| rule.exceptions.clone()).collect()
}

/// An exception as it is taken: known to a rule in force, and said how it is known to hold.
fn stated(draft: &Draft<'_>, line: u32, taken: CutException) -> Result<CutException, Refused> {
    let case = draft.case();
    let drug = case.line(line).is_some_and(|l| l.line.drug);
    let rules = rules(draft.books, &case.contract, drug, case.contract.zone.day(draft.now));
    let known: Vec<&str> = rules.iter().flat_map(|rule| rule.exceptions.iter().map(|e| e.key.as_str())).collect();
    if !known.contains(&taken.key.as_str()) {
        return refuse(Refusal::house(
            "cut.exception",
            "No rule in force makes this exception to the advance notice.",
            if known.is_empty() { "Propose it with the full notice.".to_owned() } else { known.join(", ") },
        ));
    }
    if taken.basis.trim().is_empty() {
        return refuse(Refusal::house(
            "cut.exception-basis",
            "It is not said how the exception is known to hold.",
            "Name the document, the call or the returned letter, and its day.",
        ));
    }
    Ok(taken)
}

/// One proposal about a line at a time: an earlier one must be over, with the course as it was.
fn one_at_a_time(case: &Case, line: u32, over: &[String]) -> Result<(), Refused> {
    let standing = case.proposed_cuts.iter().find(|(of, by)| *of == line && !over.contains(by));
    match standing {
        Some((_, by)) => refuse(Refusal::house(
            "cut.proposed-already",
            format!("Case {by} decides a cut of this line already, or has cut it."),
            "Decide or void that case; what stays after a cut is cut there.",
        )),
        None => Ok(()),
    }
}

/// The rule as it stands for a cut: under the exception that was taken, where the rule makes it.
fn as_it_stands(rule: &Rule, exception: Option<&CutException>) -> Option<Rule> {
    exception.and_then(|taken| rule.under(&taken.key))
}

/// The last moment at which a rule lets the notice of a cut go out; none for a rule without a number.
fn notice_by(
    books: &Library,
    rule: &Rule,
    zone: &Zone,
    effective_on: Day,
    exception: Option<&CutException>,
) -> Option<Moment> {
    let changed = as_it_stands(rule, exception);
    let rule = changed.as_ref().unwrap_or(rule);
    let at = zone.start_of(effective_on)?;
    let events = [("action_date", at), ("discontinuation_date", at)];
    clock::compute_pinned(rule, books.law.calendars(), &Given::new(&events, zone)).due_at
}

/// What remains where an approval is locked.
const REOPENING: &str =
    "The approval stands. Only a reopening for good cause, or for fraud or similar fault, can change it.";

/// A refusal in a rule's own words.
fn of_rule(rule: &Rule, instead: &str) -> Refusal {
    Refusal::law(rule.id.clone(), rule.cite.clone(), rule.says.clone(), instead)
}

/// An approved service is not reduced in place: refused, with the rule in force.
fn reduce_in_place(draft: &Draft<'_>, line: u32) -> Result<(), Refused> {
    let case = draft.case();
    approved(case, line)?;
    let in_advance = "The approval stands. A cut needs a determination of its own, told in advance; the service goes on meanwhile where the law says so.";
    let on = case.contract.zone.day(draft.now);
    let found = match lock(case) {
        Some(id) => draft.books.law.rule(id).map(|rule| of_rule(rule, REOPENING)),
        None => rules(draft.books, &case.contract, false, on).first().map(|rule| of_rule(rule, in_advance)),
    };
    match found {
        Some(refusal) => refuse(refusal),
        None => refuse(Refusal::house(
            "reduce.reopening",
            "An approval is not reduced in place.",
            "Only a reopening with its own notice can change it.",
        )),
    }
}

fn approved(case: &Case, line: u32) -> Result<&crate::determination::Grant, Refused> {
    match case.line(line).and_then(|l| l.outcome.as_ref()).and_then(Outcome::grant) {
        Some(grant) => Ok(grant),
        None => refuse(Refusal::house("reduce.not-approved", "This line is not approved.", "Nothing to change.")),
    }
}

/// Every reason why a cut of an approved line may not be proposed so.
fn may_be_proposed(books: &Library, case: &Case, asked: &Asked<'_>, now: Moment) -> Result<(), Refused> {
    let Asked { line, keeps, effective_on, why, exception } = *asked;
    let grant = approved(case, line)?;
    if let Some(rule) = lock(case).and_then(|id| books.law.rule(id)) {
        return refuse(of_rule(rule, REOPENING));
    }
    let today = case.contract.zone.day(now);
    let drug = case.line(line).is_some_and(|l| l.line.drug);
    let rules = rules(books, &case.contract, drug, today);
    let mut refused = Vec::new();
    if rules.is_empty() {
        refused.push(Refusal::house(
            "cut.no-rule",
            "No rule of the library says how an approval under this contract may be cut.",
            "Load the contract's rule as an overlay pack, or leave the approval as it is.",
        ));
    }
    if why.trim().is_empty() {
        refused.push(Refusal::house(
            "cut.why",
            "The physician needs the reason.",
            "Say what changed since the approval.",
        ));
    }
    let more = keeps.zip(grant.quantity.as_ref()).is_some_and(|(k, g)| k.unit == g.unit && k.amount >= g.amount);
    if more || keeps.is_some_and(|k| k.amount <= 0.0) {
        refused.push(Refusal::house(
            "cut.keeps",
            "What would stay is not less than what was approved, or nothing.",
            "Enter a smaller amount, or leave it empty when the service would stop.",
        ));
    }
    if grant.through.is_some_and(|through| effective_on > through) {
        refused.push(Refusal::house(
            "cut.after-the-end",
            "The approval has ended by then.",
            "Choose a day inside the approved span, or let it end.",
        ));
    }
    refused.extend(too_soon(books, &rules, &case.contract.zone, (effective_on, exception), now));
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The rules that a cut from this day would break because its notice cannot go out in time any more.
fn too_soon(
    books: &Library,
    rules: &[Arc<Rule>],
    zone: &Zone,
    (effective_on, exception): (Day, Option<&CutException>),
    now: Moment,
) -> Vec<Refusal> {
    let today = zone.day(now);
    let says = |rule: &Rule, says: String| {
        let instead = "Choose a later first day; the service goes on until then.";
        Refusal::law(rule.id.clone(), rule.cite.clone(), says, instead)
    };
    let mut refused: Vec<Refusal> = rules
        .iter()
        .filter_map(|rule| {
            let last = zone.day(notice_by(books, rule, zone, effective_on, exception)?);
            (today > last).then(|| {
                let (cut, last) = (in_words(effective_on), in_words(last));
                says(rule, format!("The notice of a cut on {cut} had to go out by {last}."))
            })
        })
        .collect();
    let by_the_day = rules.iter().any(|rule| as_it_stands(rule, exception).is_some());
    if refused.is_empty() && today >= effective_on && !by_the_day {
        refused.extend(rules.first().map(|rule| says(rule, "A cut is told before it begins.".to_owned())));
    }
    refused
}

/// The request of the case that decides a cut: the approved course as it stands, with its evidence.
///
/// # Errors
/// The line is not approved.
pub fn request_of(source: &Case, cut: ProposedCut, by: &Actor, now: Moment) -> Result<Request, Refused> {
    let grant = approved(source, cut.line)?.clone();
    let mut request = source.request.clone();
    request.receipt = Receipt {
        channel: Channel::read("plan"),
        received_at: now,
        proof: format!("proposed by {}", by.name),
        entered_at: now,
        entered_by: by.person.clone(),
        caller: None,
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    };
    (request.review, request.urgency) = (Review::Concurrent, Urgency::Standard);
    request.lines.retain(|line| line.sequence == cut.line);
    for line in &mut request.lines {
        line.certification = Certification::Revised;
        line.quantity = grant.quantity.clone().or(line.quantity.take());
        line.service = grant.service.clone().unwrap_or(line.service.clone());
        (line.from, line.through) = (grant.from.or(line.from), grant.through.or(line.through));
        line.earlier_authorization = Some(cut.authorization.clone());
        (line.cancelled, line.changed) = (false, None);
    }
    (request.identifiers, request.updates) = (Vec::new(), Vec::new());
    request.circumstances = Vec::new();
    request.cut = Some(cut);
    Ok(request)
}

/// The parties of that case: those of the case that approved.
pub fn parties_of(source: &Case) -> Resolved {
    Resolved {
        member: source.member.clone(),
        coverage: source.coverage.clone(),
        contract: source.contract.clone(),
        in_network: source.in_network,
        other_coverage: None,
        overlaps: Vec::new(),
    }
}

/// The case of a proposed cut begins: the clocks of its notice run, and it goes to a physician. No machine answers it.
pub(super) fn begin(draft: &mut Draft<'_>) -> Result<(), Refused> {
    start(draft)?;
    let lines: Vec<u32> = draft.case().open_lines().map(|l| l.line.sequence).collect();
    for line in &lines {
        judge::evaluate(draft, *line)?;
    }
    let Some(cut) = &draft.case().request.cut else { return Ok(()) };
    let day = in_words(cut.effective_on);
    let why = format!("the plan proposes to cut what case {} approved, from {day}: {}", cut.case, cut.why);
    draft.emit(Event::Queued { queue: Queue::Physician, lines, why })
}

fn start(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let case = draft.case();
    let Some(cut) = &case.request.cut else { return Ok(()) };
    let Some(at) = case.contract.zone.start_of(cut.effective_on) else { return Ok(()) };
    let drug = case.lines.iter().any(|l| l.line.drug);
    let exception = cut.exception.clone();
    for rule in rules(draft.books, &case.contract, drug, case.received_on()) {
        let changed = as_it_stands(&rule, exception.as_ref());
        let rule = changed.as_ref().unwrap_or(&rule);
        clocks::start_notice(draft, rule, &[("action_date", at), ("discontinuation_date", at)])?;
    }
    Ok(())
}

/// A cut may be signed only while its notice can still go out in time.
pub(super) fn still_in_time(draft: &Draft<'_>) -> Result<(), Refused> {
    let refused = lateness(draft.books, draft.case(), draft.now);
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The rules under which the notice of this case's cut comes too late for its first day; none for other cases.
pub fn lateness(books: &Library, case: &Case, now: Moment) -> Vec<Refusal> {
    let Some(cut) = &case.request.cut else { return Vec::new() };
    let drug = case.lines.iter().any(|l| l.line.drug);
    let rules = rules(books, &case.contract, drug, case.received_on());
    too_soon(books, &rules, &case.contract.zone, (cut.effective_on, cut.exception.as_ref()), now)
}

/// The course stays as it was approved: nobody was told of a cut, so nothing is told now.
pub(super) fn stands(draft: &mut Draft<'_>) -> Result<bool, Refused> {
    let case = draft.case();
    let cut = case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(Outcome::is_adverse));
    if case.request.cut.is_none() || cut {
        return Ok(false);
    }
    let open: Vec<u32> = case.clocks.iter().filter(|c| c.is_open()).map(|c| c.id).collect();
    for clock in open {
        draft.emit(Event::ClockEnded { clock, why: "the approved course goes on as it was".into() })?;
    }
    Ok(true)
}

/// The first day moves away, never nearer: the clocks of the notice are counted anew.
fn postpone(draft: &mut Draft<'_>, by: &Actor, effective_on: Day, why: String) -> Result<(), Refused> {
    let case = draft.case();
    let Some(cut) = &case.request.cut else {
        return refuse(Refusal::house("cut.none", "This case decides no cut.", "Nothing to postpone."));
    };
    let told = case.notices.iter().any(|n| n.given_to("member").is_some());
    let over = case.is_determined() && case.notices.is_empty();
    if told || over {
        return refuse(Refusal::house(
            "cut.told",
            "The member was told already, or the course goes on.",
            "A later day in the member's favor is agreed with the member and noted; another cut is another proposal.",
        ));
    }
    if effective_on <= cut.effective_on {
        return refuse(Refusal::house("cut.nearer", "The new day is not later.", "A cut is only put off."));
    }
    if why.trim().is_empty() {
        return refuse(Refusal::house("cut.why", "Postponing needs its reason.", "Say why."));
    }
    let drug = case.lines.iter().any(|l| l.line.drug);
    let rules = rules(draft.books, &case.contract, drug, case.received_on());
    let day = (effective_on, cut.exception.as_ref());
    let soon = too_soon(draft.books, &rules, &case.contract.zone, day, draft.now);
    if !soon.is_empty() {
        return Err(soon);
    }
    let open: Vec<u32> = case.clocks.iter().filter(|c| c.is_open()).map(|c| c.id).collect();
    draft.emit(Event::CutPostponed { person: by.person.clone(), effective_on, why })?;
    for clock in open {
        draft.emit(Event::ClockEnded { clock, why: format!("the cut was postponed to {}", in_words(effective_on)) })?;
    }
    start(draft)
}

/// The arithmetic of a notice clock that runs under an exception, in words; none for every other clock.
pub fn steps(case: &Case, rule: &Rule) -> Option<Vec<Step>> {
    let taken = case.request.cut.as_ref()?.exception.as_ref()?;
    let exception = rule.exceptions.iter().find(|e| e.key == taken.key)?;
    let ahead = match exception.amount {
        0 => "The notice goes out by the first day of the cut.".to_owned(),
        amount => format!("The notice goes out {} before the first day of the cut.", exception.unit.spoken(amount)),
    };
    let cite = format!("{} ({})", exception.cite, exception.confidence.word());
    let says = [exception.says.clone(), format!("Known by: {}.", taken.basis.trim_end_matches('.')), ahead];
    Some(says.into_iter().map(|says| Step::new(says, Some(&cite))).collect())
}

/// The rule under which a service goes on while an appeal is decided, and the last moment to ask for it, where it sets one.
pub fn continuation(books: &Library, case: &Case, told_at: Option<Moment>) -> Option<(Arc<Rule>, Option<Moment>)> {
    let cut = case.request.cut.as_ref()?;
    let zone = &case.contract.zone;
    let scope = Scope {
        line_of_business: case.contract.line_of_business.word().to_owned(),
        jurisdiction: case.contract.jurisdiction(),
        review: "continuation-of-benefits".to_owned(),
        urgency: Urgency::Standard.word().to_owned(),
        flags: Flags {
            rating_period_start: case.contract.rating_period_start.or_else(|| Some(case.received_on())),
            ..Flags::default()
        },
        ..Scope::default()
    };
    let at = zone.start_of(cut.effective_on)?;
    let mut events = vec![("intended_effective_date", at)];
    events.extend(told_at.map(|told| ("notice_sent", told)));
    let asked = books.law.in_force(&scope, case.received_on()).rules;
    let last = |rule: &Rule| clock::compute_pinned(rule, books.law.calendars(), &Given::new(&events, zone)).due_at;
    // Where several rules speak, the one that leaves the member the longest time is the member's.
    let longest = asked.into_iter().map(|rule| (last(&rule), rule)).max_by_key(|(due, _)| *due);
    longest.map(|(due, rule)| (rule, due)).or_else(|| {
        let drug = case.lines.iter().any(|l| l.line.drug);
        let kept = |rule: &Arc<Rule>| rule.breach.effect == BreachEffect::BenefitsContinue;
        rules(books, &case.contract, drug, case.received_on()).into_iter().find(kept).map(|rule| (rule, None))
    })
}

fn ask_continuation(
    draft: &mut Draft<'_>,
    by: &Actor,
    asker: ContinuationAsker,
    asked_by: String,
    asked_at: Moment,
) -> Result<(), Refused> {
    let case = draft.case();
    let cut = case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(Outcome::is_adverse));
    if case.request.cut.is_none() || !cut {
        return refuse(Refusal::house(
            "continuation.none",
            "No approved service was cut by this case.",
            "A service that was never approved has nothing to go on.",
        ));
    }
    if case.continuation.as_ref().is_some_and(|c| c.timely) {
        return refuse(Refusal::house("continuation.asked", "The service goes on already.", "Nothing to do."));
    }
    let before = asked_at < case.request.receipt.received_at;
    if asked_by.trim().is_empty() || asked_at > draft.now || before {
        return refuse(Refusal::house(
            "continuation.who",
            "It needs who asked, how, and when: after the cut was proposed, and not in time to come.",
            "Enter the name, the channel and the moment it reached us.",
        ));
    }
    let told_at = case.notices.iter().filter_map(|n| n.given_to("member")).min();
    let Some((rule, until)) = continuation(draft.books, case, told_at) else {
        return refuse(Refusal::house(
            "continuation.no-rule",
            "No rule of the library lets the service go on under this contract.",
            "Load the contract's rule as an overlay pack, or decide the appeal before the cut begins.",
        ));
    };
    if asker == ContinuationAsker::Provider && case.contract.line_of_business == LineOfBusiness::MedicaidManagedCare {
        return refuse(Refusal::law(
            rule.id.clone(),
            rule.cite.clone(),
            "A provider cannot ask for the member that the service goes on.",
            "Call the member, or a representative the member has appointed.",
        ));
    }
    let timely = until.is_none_or(|until| asked_at.as_second() <= until.as_second());
    let (rule, cite) = (rule.id.clone(), rule.cite.clone());
    let person = by.person.clone();
    draft.emit(Event::ContinuationAsked { person, asker, asked_by, asked_at, until, timely, rule, cite })
}
