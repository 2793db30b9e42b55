//! The time line: what happened to a case, one sentence an event, in the words of the people who read it.

use std::collections::BTreeMap;

use vigil_desk::act::Recorded;
use vigil_domain::{
    case::{
        Case, NoticeState,
        command::PeerTalk,
        event::{Event, Queue, Watches},
    },
    criteria::Outcome as Met,
    determination::{Approver, Outcome},
    notice::Purpose,
    request::Receipt,
    time::Moment,
};

use crate::web::words;

/// One line of the time line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `9:02 AM`.
    pub time: String,
    /// For `<time datetime>`.
    pub machine: String,
    /// Who did it, as people know them.
    pub who: String,
    /// What happened.
    pub says: String,
    /// What was written with it: note, reason, summary.
    pub detail: String,
    /// A weight for the eye: `strong`, `warn`, `plain` or `faint`.
    pub weight: &'static str,
}

/// The events of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldDay {
    /// `Fri Mar 13`.
    pub day: String,
    /// Its events, newest first.
    pub events: Vec<Told>,
}

/// Names by account.
pub type Names = BTreeMap<String, String>;

/// The names of accounts as they appear in the case's own events; an account without one is shown as it is.
pub fn names(events: &[Recorded]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut learn = |account: &str, name: &str| {
        if !name.is_empty() {
            names.insert(account.to_owned(), name.to_owned());
        }
    };
    for recorded in events {
        match &recorded.event {
            Event::Taken { person, name } => learn(person, name),
            Event::LineDetermined { outcome, .. } => match outcome.as_ref() {
                Outcome::Approved { by: Approver::Person { person, name }, .. }
                | Outcome::AdministrativeAdverse { person, name, .. } => learn(person, name),
                other => {
                    if let Some(adverse) = other.adverse() {
                        learn(&adverse.reviewer().person, &adverse.reviewer().name);
                    }
                }
            },
            _ => {}
        }
    }
    names
}

/// The whole time line, newest day first.
pub fn told<'e>(
    case: &Case,
    events: impl DoubleEndedIterator<Item = &'e Recorded>,
    names: &BTreeMap<String, String>,
    now: Moment,
) -> Vec<ToldDay> {
    let zone = &case.contract.zone;
    let today = zone.day(now);
    let mut days: Vec<ToldDay> = Vec::new();
    for recorded in events.rev() {
        let (says, detail, weight) = sentence(case, &recorded.event, names, now);
        let told = Told {
            time: words::time_of_day(recorded.at, zone),
            machine: words::machine(recorded.at),
            who: name_of(names, if by_itself(&recorded.event) { "automation" } else { &recorded.actor }),
            says,
            detail,
            weight,
        };
        let day = words::short_day(zone.day(recorded.at), today);
        match days.last_mut().filter(|last| last.day == day) {
            Some(last) => last.events.push(told),
            None => days.push(ToldDay { day, events: vec![told] }),
        }
    }
    days
}

/// What Vigil does by itself while somebody's message or click is worked on: it is not theirs.
fn by_itself(event: &Event) -> bool {
    let automated = |outcome: &Outcome| {
        matches!(outcome, Outcome::Approved { by: Approver::Automation { .. }, .. } | Outcome::NoReviewRequired { .. })
    };
    match event {
        Event::LineDetermined { outcome, .. } => automated(outcome),
        Event::RequirementJudged { .. }
        | Event::CriteriaEvaluated { .. }
        | Event::NoCriteriaBind { .. }
        | Event::Queued { .. }
        | Event::ClockStarted { .. }
        | Event::ClockTolled { .. }
        | Event::ClockResumed { .. }
        | Event::ClockSatisfied { .. }
        | Event::ClockEnded { .. }
        | Event::ClockWarned { .. }
        | Event::ClockLapsed { .. }
        | Event::CaseDetermined
        | Event::NoticeRequired { .. } => true,
        _ => false,
    }
}

/// An account as people know it.
pub fn name_of(names: &Names, account: &str) -> String {
    match account {
        "automation" | "clock" | "vigil" | "errand" | "tick" | "system" => "Vigil".to_owned(),
        "feed" => "Admission feed".to_owned(),
        other => names.get(other).cloned().unwrap_or_else(|| other.to_owned()),
    }
}

/// What pages call a notice's purpose.
pub fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Approval => "approval notice",
        Purpose::RequestForInformation => "request for information",
        Purpose::Extension => "extension notice",
        Purpose::AdverseDetermination => "denial notice",
        Purpose::PartialApproval => "partial denial notice",
        Purpose::ExpediteDeclined => "notice that the standard time applies",
        Purpose::Untimely => "untimely decision notice",
        Purpose::Dismissal => "dismissal notice",
        Purpose::Withdrawal => "withdrawal notice",
        Purpose::AppealReceived => "appeal receipt",
        Purpose::AppealInformation => "appeal information request",
        Purpose::AppealDetermination => "appeal decision",
        Purpose::ForwardedForReview => "notice of independent review",
        Purpose::HospitalForm => "hospital form",
        Purpose::Representative => "representative form",
    }
}

/// What pages call a queue.
pub fn queue(queue: Queue) -> &'static str {
    match queue {
        Queue::Administrative => "administrative check",
        Queue::Nurse => "nurse's initial clinical review",
        Queue::Physician => "medical director's review",
    }
}

/// What pages call what a clock watches, at the head of a sentence.
fn watched(watches: Watches) -> &'static str {
    match watches {
        Watches::Decision => "Decision",
        Watches::Notice => "Notice",
        Watches::Information => "Missing-information",
        Watches::ProviderTold => "Provider-call",
        Watches::ExpediteLetter => "Expedite-letter",
        Watches::ProviderLetter => "Provider-letter",
        Watches::MemberTold => "Member-call",
    }
}

fn clock_name(case: &Case, id: u32) -> String {
    case.clocks
        .iter()
        .find(|c| c.id == id)
        .map_or_else(|| "A clock".to_owned(), |c| format!("{} clock {}", watched(c.watches), c.pin.rule))
}

fn notice_name(case: &Case, id: u32) -> String {
    case.notices.iter().find(|n| n.id == id).map_or("notice".to_owned(), notice_title)
}

/// A notice by what it tells, and to whom where that is not the member.
pub fn notice_title(notice: &NoticeState) -> String {
    let reader = if notice.to.is_member() { "" } else { " to the provider" };
    format!("{}{reader}", purpose(notice.purpose))
}

fn receipt(receipt: &Receipt) -> String {
    let caller = receipt.caller.as_deref().map(|c| format!(", from {c}")).unwrap_or_default();
    format!("by {}{caller}; proof: {}", words::channel(&receipt.channel), receipt.proof)
}

fn list(lines: &[u32]) -> String {
    let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
    match numbers.len() {
        0 => String::new(),
        1 => format!("line {}", numbers[0]),
        _ => format!("lines {}", numbers.join(", ")),
    }
}

type Sentence = (String, String, &'static str);

fn plain(says: impl Into<String>) -> Sentence {
    (says.into(), String::new(), "plain")
}

fn with(says: impl Into<String>, detail: impl Into<String>, weight: &'static str) -> Sentence {
    (says.into(), detail.into(), weight)
}

/// One event in words: what, what was written with it, and its weight.
fn sentence(case: &Case, event: &Event, names: &BTreeMap<String, String>, now: Moment) -> Sentence {
    let zone = &case.contract.zone;
    let when = |at: Moment| words::near(at, zone, now);
    match event {
        Event::RequestReceived { request, .. } => with("Request received", receipt(&request.receipt), "strong"),
        Event::RequestUpdated { .. } => with("Request changed by the sender", "", "strong"),
        Event::ClockStarted { watches, pin, due_at, .. } => with(
            format!("{} clock started: due {}", watched(*watches), when(*due_at)),
            format!("{} · {}", pin.rule, pin.cite),
            "faint",
        ),
        Event::ClockTolled { clock, why } => with(format!("{} stopped", clock_name(case, *clock)), why, "plain"),
        Event::ClockResumed { clock, due_at, .. } => {
            plain(format!("{} runs again: due {}", clock_name(case, *clock), when(*due_at)))
        }
        Event::ClockExtended { clock, days, condition, reason, due_at, .. } => with(
            format!(
                "{} extended by {}: due {}",
                clock_name(case, *clock),
                words::many(*days, "day", "days"),
                when(*due_at)
            ),
            match condition {
                Some(under) => format!("{} ({}) {reason}", under.says, under.cite),
                None => reason.clone(),
            },
            "strong",
        ),
        Event::ClockSatisfied { clock, late } => {
            let name = clock_name(case, *clock);
            if *late { with(format!("{name} met late"), "", "warn") } else { with(format!("{name} met"), "", "faint") }
        }
        Event::ClockEnded { clock, why } => {
            with(format!("{} no longer applies", clock_name(case, *clock)), why, "faint")
        }
        Event::ClockWarned { clock } => with(format!("{} is due soon", clock_name(case, *clock)), "", "warn"),
        Event::ClockLapsed { clock, detail, cite, .. } => {
            with(format!("{} passed unmet", clock_name(case, *clock)), format!("{detail} ({cite})"), "warn")
        }
        Event::RequirementJudged { .. }
        | Event::CriteriaEvaluated { .. }
        | Event::NoCriteriaBind { .. }
        | Event::Queued { .. }
        | Event::AdministrativeCleared { .. }
        | Event::Taken { .. }
        | Event::Released { .. }
        | Event::EvidenceOpened { .. }
        | Event::FactsStated { .. }
        | Event::Noted { .. }
        | Event::InformationRequested { .. }
        | Event::OutreachLogged { .. }
        | Event::InformationReceived { .. }
        | Event::Referred { .. }
        | Event::Returned { .. }
        | Event::LineDetermined { .. }
        | Event::CaseDetermined
        | Event::Expedited { .. }
        | Event::ExpediteDeclined { .. } => work(case, event, names),
        Event::CutProposed { .. } | Event::CutPostponed { .. } | Event::ContinuationAsked { .. } => cut(case, event),
        Event::PeerToPeerScheduled { .. }
        | Event::PeerToPeerRecorded { .. }
        | Event::EligibilityConfirmed { .. }
        | Event::NoticeRequired { .. }
        | Event::NoticeComposed { .. }
        | Event::NoticeHeld { .. }
        | Event::NoticeFilled { .. }
        | Event::NoticeDelivered { .. } => notices(case, event, names),
    }
}

/// Only for an event that [`sentence`] sent to the wrong room: its own word.
fn bare(event: &Event) -> Sentence {
    plain(words::capital(&words::plain(event.kind())))
}

/// Events of a cut of what was approved.
fn cut(case: &Case, event: &Event) -> Sentence {
    match event {
        Event::CutProposed { line, case: other, keeps, effective_on, why, exception, .. } => {
            let left = keeps.as_ref().map_or("nothing".to_owned(), |q| words::quantity(q.amount, &q.unit));
            let says = format!(
                "Proposed to cut line {line} to {left} from {}: case {other} decides",
                words::day(*effective_on)
            );
            let told =
                exception.as_ref().map(|e| format!(" Told later by exception ({}): {}", words::plain(&e.key), e.basis));
            with(says, format!("{why}{}", told.unwrap_or_default()), "strong")
        }
        Event::CutPostponed { effective_on, why, .. } => {
            with(format!("The cut would begin later: {}", words::day(*effective_on)), why, "strong")
        }
        Event::ContinuationAsked { asked_by, asked_at, timely, rule, cite, .. } => {
            let what = if *timely { "in time: the service goes on" } else { "too late to keep the service going" };
            let at = words::moment(*asked_at, &case.contract.zone);
            with(
                format!("Asked that the service goes on, {what}"),
                format!("{asked_by}, {at} ({rule}, {cite})"),
                "strong",
            )
        }
        other => bare(other),
    }
}

/// Events of the work itself.
fn work(case: &Case, event: &Event, names: &BTreeMap<String, String>) -> Sentence {
    match event {
        Event::RequirementJudged { line, answer, cite, says, .. } => {
            let what = match answer.as_str() {
                "required" => "needs review before an answer",
                "not-required" => "needs no review",
                "unlisted" => "is on no list of the plan",
                other => other,
            };
            with(format!("Line {line} {what}"), format!("{says} ({cite})"), "faint")
        }
        Event::CriteriaEvaluated { line, service, version, trace, .. } => {
            let result = match trace.result {
                Met::Met => "met",
                Met::NotMet => "not met",
                Met::Unknown => "open",
            };
            with(
                format!("Criteria checked for line {line}: {result}"),
                format!("{service}, version {version}"),
                "plain",
            )
        }
        Event::NoCriteriaBind { line, why } => {
            with(format!("No criteria bind for line {line}: a person decides"), why.join("; "), "plain")
        }
        Event::Queued { queue: at, lines, why } => {
            with(format!("Sent to {} ({})", queue(*at), list(lines)), why, "strong")
        }
        Event::AdministrativeCleared { line, finding, .. } => {
            with(format!("Administrative check of line {line} cleared"), finding, "plain")
        }
        Event::Taken { .. } => plain("Case taken"),
        Event::Released { .. } => plain("Case released"),
        Event::EvidenceOpened { evidence, .. } => plain(format!("Opened {}", evidence_name(case, evidence))),
        Event::FactsStated { facts, .. } => {
            let ids: Vec<String> = facts.iter().map(|f| words::plain(&f.id)).collect();
            with("Answered criteria by hand", ids.join(", "), "plain")
        }
        Event::Noted { kind, text, .. } => with(words::capital(&words::plain(kind)), text, "strong"),
        Event::InformationRequested { from, wanted, via, .. } => {
            with(format!("Information asked from {from} by {via}"), wanted.join("; "), "strong")
        }
        Event::OutreachLogged { contact, result, .. } => with(format!("Outreach to {contact}"), result, "plain"),
        Event::InformationReceived { receipt: at, documents, items, complete, .. } => {
            let what = [
                words::many(documents.len() as i64, "document", "documents"),
                words::many(items.len() as i64, "statement", "statements"),
            ];
            let all = if *complete { "all that was asked for" } else { "not yet all that was asked for" };
            with(format!("Information received: {}, {all}", what.join(", ")), receipt(at), "strong")
        }
        Event::Referred { why, .. } => with("Referred to a medical director", why, "strong"),
        Event::Returned { why, .. } => with("Returned to the nurse", why, "strong"),
        Event::LineDetermined { line, outcome, .. } => decided(*line, outcome, names),
        Event::CaseDetermined => with("Every line has its answer", "", "strong"),
        Event::Expedited { asker } => with(format!("Expedited at the request of: {asker}"), "", "strong"),
        Event::ExpediteDeclined { why, .. } => {
            with("Request to expedite declined: the standard time applies", why, "strong")
        }
        other => bare(other),
    }
}

/// Peer-to-peer talks, eligibility and notices.
fn notices(case: &Case, event: &Event, names: &BTreeMap<String, String>) -> Sentence {
    let zone = &case.contract.zone;
    match event {
        Event::PeerToPeerScheduled { at, with: whom, .. } => {
            with(format!("Peer-to-peer agreed for {}", words::moment(*at, zone)), whom, "strong")
        }
        Event::PeerToPeerRecorded { outcome, summary, before_determination, .. } => {
            let when = if *before_determination { "before the decision" } else { "after the decision" };
            with(format!("Peer-to-peer, {when}: {}", peer_talk(*outcome)), summary, "strong")
        }
        Event::EligibilityConfirmed { eligible, basis, .. } => {
            let what = if *eligible { "Eligibility confirmed" } else { "Found not eligible" };
            with(what, basis, "strong")
        }
        Event::NoticeRequired { notice, .. } => {
            with(format!("The {} is owed", notice_name(case, *notice)), "", "faint")
        }
        Event::NoticeComposed { notice, language, reading_level, .. } => with(
            format!("The {} was written", notice_name(case, *notice)),
            format!("language {language}, reading level grade {reading_level:.1}"),
            "plain",
        ),
        Event::NoticeHeld { notice, missing } => with(
            format!("The {} is held: something is missing", notice_name(case, *notice)),
            missing.join("; "),
            "warn",
        ),
        Event::NoticeFilled { notice, fields, .. } => with(
            format!("What the {} lacked was filled in", notice_name(case, *notice)),
            fields.keys().map(|name| words::plain(name)).collect::<Vec<_>>().join("; "),
            "plain",
        ),
        Event::NoticeDelivered { notice, delivery, by } => {
            let what = if delivery.succeeded { "given" } else { "not delivered" };
            with(
                format!(
                    "The {} was {what} to the {} by {}",
                    notice_name(case, *notice),
                    delivery.recipient,
                    delivery.channel
                ),
                format!("{}; proof: {}", name_of(names, by), delivery.proof),
                if delivery.succeeded { "strong" } else { "warn" },
            )
        }
        other => bare(other),
    }
}

/// The result of a talk in words.
pub fn peer_talk(outcome: PeerTalk) -> &'static str {
    match outcome {
        PeerTalk::HeldNewInformation => "held, with new information",
        PeerTalk::HeldNothingNew => "held, nothing new",
        PeerTalk::NotReached => "the requester was not reached",
        PeerTalk::Declined => "the requester declined",
    }
}

/// Evidence as people call it.
pub fn evidence_name(case: &Case, evidence: &str) -> String {
    case.evidence_title(evidence)
}

fn decided(line: u32, outcome: &Outcome, names: &BTreeMap<String, String>) -> Sentence {
    let title = outcome.title();
    let detail = match outcome {
        Outcome::Approved { by: Approver::Automation { service, .. }, .. } => {
            format!("by automation, criteria met: {service}")
        }
        Outcome::Approved { by: Approver::OperationOfLaw { rule, cite, .. }, .. } => {
            format!("by operation of law: {rule} ({cite})")
        }
        Outcome::Approved { by: Approver::Person { name, .. }, .. } => name.clone(),
        Outcome::PartiallyApproved { adverse, .. }
        | Outcome::Modified { adverse, .. }
        | Outcome::NotApproved { adverse } => {
            let reason = adverse.reason().row().map_or(adverse.reason().word(), |r| r.title);
            format!("{reason}: {}", adverse.rationale())
        }
        Outcome::AdministrativeAdverse { reason, basis, .. } => {
            format!("{}: {basis}", reason.row().map_or(reason.word(), |r| r.title))
        }
        Outcome::NoReviewRequired { cite, says } => format!("{says} ({cite})"),
        Outcome::Withdrawn { by, why } => format!("{why} ({by})"),
        Outcome::Dismissed { why, cite, .. } => format!("{why} ({cite})"),
        Outcome::Void { why, person } => format!("{why} ({})", name_of(names, person)),
        Outcome::Cancelled { by } => by.clone(),
    };
    with(format!("Line {line}: {}", title.to_lowercase()), detail, "strong")
}
