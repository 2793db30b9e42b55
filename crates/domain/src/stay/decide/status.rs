//! The status room is asked about a stay: which facts it is given, and what its answer makes of alerts, notices and bills.

use super::{
    Draft,
    finished::{self, AskedChange},
    window::{self, Window},
};
use crate::{
    case::event::RulePin,
    library::Library,
    status::{
        self, ChangeFacts, Delivered, DischargeAppealFacts, ImportantMessageFacts, NoncoverageFacts, NoticeDue,
        NoticeState as Stands, StatusAnswer, StatusFacts,
    },
    stay::{
        Stay,
        judged::Judged,
        news::NewsKind,
        notice::{NoticeKind, NoticeState},
        track::{Flag, FlagKind},
    },
    time::Moment,
};

/// What the status room was asked and answered, once for everything that follows from it.
pub(super) struct Asked {
    facts: StatusFacts,
    answer: StatusAnswer,
    due: Vec<(NoticeKind, NoticeDue)>,
    /// Kinds whose copy was given before its window opened, as the stay stands now: it does not count any more.
    spent: Vec<NoticeKind>,
    /// Until when a stay may go without a word from anybody before somebody asks whether the patient is still here.
    unheard_until: Option<Moment>,
}

/// Asks the rules about the stay as it is known now.
pub(super) fn ask(stay: &Stay, books: &Library, now: Moment) -> Asked {
    let facts = stay.status_facts();
    let answer = status::decide_status(&facts, &books.status, now);
    let mut given = Given::of(stay);
    let mut due = due_notices(stay, &facts, &given, books, now);
    // A copy that the window has moved away from (discharge was put off, the status was changed again) is given again.
    let spent: Vec<NoticeKind> =
        due.iter().filter(|(_, d)| d.state == Stands::DeliveredEarly).map(|(k, _)| k.clone()).collect();
    if !spent.is_empty() {
        given.0.retain(|(kind, _)| !spent.contains(kind));
        due = due_notices(stay, &facts, &given, books, now);
    }
    Asked { facts, answer, due, spent, unheard_until: unheard_until(stay, books) }
}

/// The last delivery of each kind of notice.
struct Given(Vec<(NoticeKind, Delivered)>);

impl Given {
    fn of(stay: &Stay) -> Self {
        let standing = stay.notices.iter().rev().filter(|n| n.ended.is_none());
        let mut given: Vec<(NoticeKind, Delivered)> = Vec::new();
        for (kind, delivery) in standing.filter_map(|n| Some((&n.kind, &n.delivered.as_ref()?.1))) {
            if !given.iter().any(|(known, _)| known == kind) {
                given.push((kind.clone(), stay.as_given(kind, delivery)));
            }
        }
        Self(given)
    }

    fn get(&self, kind: &NoticeKind) -> Option<&Delivered> {
        self.0.iter().find(|(known, _)| known == kind).map(|(_, delivered)| delivered)
    }
}

/// The answer in stored words.
pub(super) fn judge(draft: &Draft<'_>, asked: &Asked) -> Judged {
    let answer = &asked.answer;
    Judged {
        status: answer.status.word().to_owned(),
        basis: answer.basis.word().to_owned(),
        confidence: word(answer.facts),
        cite: answer.cite.clone(),
        used: answer.used.iter().map(|used| used.fact.clone()).collect(),
        would_change: answer.would_change.iter().map(|change| change.when.clone()).collect(),
        document: answer.document.iter().map(|need| need.what.clone()).collect(),
        look_again_at: look(draft.stay(), asked, draft.now),
    }
}

fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The same answer: facts that only say how much time went by do not make another one.
pub(super) fn is_same(a: &Judged, b: &Judged) -> bool {
    (&a.status, &a.basis, &a.confidence, &a.cite, &a.document, a.look_again_at)
        == (&b.status, &b.basis, &b.confidence, &b.cite, &b.document, b.look_again_at)
}

/// When the stay is to be looked at again: the rules' own moment, a trigger point to come, a notice that opens.
fn look(stay: &Stay, asked: &Asked, now: Moment) -> Option<Moment> {
    if stay.is_cancelled() || (!stay.in_house() && stay.discharged_at().is_some()) {
        return None;
    }
    let alerts = asked.answer.alerts.iter().filter(|a| !a.raised).map(|a| a.at);
    let notices = asked.due.iter().filter(|(_, due)| due.state == Stands::NotYet);
    let opens = notices.flat_map(|(_, due)| [due.opens_at, due.due_at]).flatten();
    let unheard = asked.unheard_until.filter(|_| stay.in_house());
    asked.answer.look_again_at.into_iter().chain(alerts).chain(opens).chain(unheard).filter(|at| *at > now).min()
}

/// Trigger points that are reached: id and words.
pub(super) fn alerts(draft: &Draft<'_>, asked: &Asked) -> Vec<(String, String)> {
    let stay = draft.stay();
    if stay.is_cancelled() {
        return withdraw(stay).into_iter().collect();
    }
    let reached = asked.answer.alerts.iter().filter(|alert| alert.raised);
    let mut raised: Vec<(String, String)> =
        reached.map(|alert| (alert.kind.word().to_owned(), alert.says.clone())).collect();
    if admission_cancelled(stay) {
        raised.extend(withdraw(stay));
    }
    // Registration that follows a change the hospital itself completed asks nobody anything.
    let followed = |flag: &Flag| {
        let down = matches!(flag.kind, FlagKind::InpatientToOutpatient | FlagKind::DisguisedChange);
        let before_anew = |anew: Moment| flag.at < anew;
        down && (stay.changed_at().is_some() || stay.readmitted_at().is_some_and(before_anew))
    };
    let flags = stay.track.flags.iter().filter(|f| asks_a_person(&f.kind) && !followed(f));
    raised.extend(flags.map(|flag| (format!("{}/{}", flag.kind, flag.at), flag.says.clone())));
    let unknown = asked.due.iter().filter(|(_, due)| due.state == Stands::Unknown);
    raised.extend(unknown.map(|(kind, due)| (format!("notice-unknown/{kind}"), due.says.clone())));
    raised.extend(ghost(stay, asked, draft.now));
    raised.dedup_by(|a, b| a.0 == b.0);
    raised
}

/// The admission alone was cancelled: the visit before it goes on, and no order or class makes an inpatient any more.
fn admission_cancelled(stay: &Stay) -> bool {
    stay.admitted_at().is_none() && stay.news.iter().any(|n| n.kind == NewsKind::CancelVisit)
}

/// The admission was cancelled after notices were given, reviews were done or payers were told: somebody takes them back.
fn withdraw(stay: &Stay) -> Option<(String, String)> {
    let day = |at: Moment| stay.day(at).strftime("%b %-d, %Y");
    let given = stay.notices.iter().filter_map(|n| n.delivered.as_ref().map(|(_, d)| (n, d.at)));
    let mut done: Vec<String> = given.map(|(n, at)| format!("the {} given {}", n.kind.title(), day(at))).collect();
    if let Some((at, ..)) = stay.reviews.last() {
        done.push(format!("the review of {}", day(*at)));
    }
    let told = stay.payers.iter().filter_map(|p| p.notified.as_ref().map(|(at, ..)| (&p.payer_id, *at)));
    done.extend(told.map(|(payer, at)| format!("what {payer} was told {}", day(at))));
    let says = format!("The admission was cancelled: withdraw {}, and tell whoever relied on it.", done.join(", "));
    (!done.is_empty()).then(|| ("withdraw".to_owned(), says))
}

/// The id under which a stay is asked about that nobody has said anything of.
pub(super) const GHOST: &str = "ghost";

/// From the last word of a feed, a reviewer or a payer. A discharge that was never sent leaves such a stay behind.
fn unheard_until(stay: &Stay, books: &Library) -> Option<Moment> {
    let timing = books.status.timing("stay.unheard")?;
    let heard = stay.last_heard_at()?;
    window::after_in(stay, None, heard, timing.amount, &timing.unit)
}

/// A stay that is open on paper only, perhaps: the alert names the last word, so that a new silence is a new question.
fn ghost(stay: &Stay, asked: &Asked, now: Moment) -> Option<(String, String)> {
    let until = asked.unheard_until.filter(|until| stay.in_house() && *until < now)?;
    let heard = stay.last_heard_at()?;
    let day = stay.day(heard).strftime("%b %-d, %Y");
    let says = format!(
        "Is the patient still here? Nobody has said anything of this stay since {day}; a discharge may have been missed."
    );
    Some((format!("{GHOST}/{}", until.as_second()), says))
}

/// Flags of the track that are somebody's work; the others only tell how the stay was put together.
fn asks_a_person(kind: &FlagKind) -> bool {
    matches!(
        kind,
        FlagKind::OrderMissing
            | FlagKind::RegistrationLag
            | FlagKind::OrderUnsigned
            | FlagKind::OrderUnmapped
            | FlagKind::ClassUnmapped
            | FlagKind::ImplicitChange
            | FlagKind::InpatientToOutpatient
            | FlagKind::ChangedAfterDischarge
            | FlagKind::DisguisedChange
            | FlagKind::Moved
            | FlagKind::SourceDeleted
    )
}

/// The notices the status room knows of, with where each stands.
fn due_notices(
    stay: &Stay,
    facts: &StatusFacts,
    given: &Given,
    books: &Library,
    now: Moment,
) -> Vec<(NoticeKind, NoticeDue)> {
    let book = &books.status;
    let moon = status::outpatient_observation_notice(facts, given.get(&NoticeKind::Moon), book, now);
    let new_york = status::new_york_observation_notice(facts, given.get(&NoticeKind::NewYorkObservation), book, now);
    let change = ChangeFacts {
        stay: facts.clone(),
        changed_at: stay.changed_at(),
        by_hospital: true,
        delivered: given.get(&NoticeKind::ChangeOfStatus).cloned(),
    };
    let mut due = vec![
        (NoticeKind::Moon, moon),
        (NoticeKind::NewYorkObservation, new_york),
        (NoticeKind::ChangeOfStatus, status::change_of_status_notice(&change, book, now)),
    ];
    // Whoever was made an outpatient before discharge has no discharge rights as an inpatient.
    if stay.changed_at().is_none() && facts.order.is_some() {
        let facts = ImportantMessageFacts {
            stay: facts.clone(),
            first: given.get(&NoticeKind::ImportantMessage).cloned(),
            follow_up: given.get(&NoticeKind::ImportantMessageFollowUp).cloned(),
        };
        let copies = status::important_message(&facts, book, now).into_iter();
        due.extend(copies.map(|copy| match copy.copy.as_deref() {
            Some("follow-up") => (NoticeKind::ImportantMessageFollowUp, copy),
            _ => (NoticeKind::ImportantMessage, copy),
        }));
    }
    due
}

impl Asked {
    /// The stay's facts, as the rules were asked.
    pub(super) fn facts(&self) -> &StatusFacts {
        &self.facts
    }

    /// The copy that was given counts no more: the window has moved away from it.
    pub(super) fn is_spent(&self, kind: &NoticeKind) -> bool {
        self.spent.contains(kind)
    }

    /// A copy that was given counts: another one that waits is not needed.
    pub(super) fn is_given(&self, kind: &NoticeKind) -> bool {
        let given = |due: &NoticeDue| matches!(due.state, Stands::Delivered | Stands::DeliveredLate);
        self.due.iter().any(|(known, due)| known == kind && given(due))
    }
}

/// Notices that are owed: which, why, citation. One that was given stays owed in this sense.
pub(super) fn notices(draft: &Draft<'_>, asked: &Asked) -> Vec<(NoticeKind, String, String)> {
    if draft.stay().is_cancelled() {
        return Vec::new();
    }
    let owed =
        asked.due.iter().filter(|(_, due)| !matches!(due.state, Stands::NotOwed | Stands::NotYet | Stands::Unknown));
    owed.map(|(kind, due)| (kind.clone(), due.says.clone(), due.cite.clone())).collect()
}

/// The window of a notice: when it began, and when it ends.
pub(super) fn notice_window(draft: &Draft<'_>, asked: &Asked, notice: &NoticeState) -> Option<(Moment, Window)> {
    match notice.kind {
        NoticeKind::CommitteeDetermination | NoticeKind::CommitteeToAttending => {
            Some((notice.owed_at, committee_notice(draft, asked, notice.owed_at)?))
        }
        NoticeKind::DetailedDischarge => {
            let told = draft.stay().qio.as_ref()?.told_at;
            Some((told, records_window(draft, asked)?))
        }
        _ if notice.kind.noncoverage().is_some() => Some((notice.owed_at, noncoverage(draft, asked, notice)?)),
        _ => {
            let (_, due) = asked.due.iter().find(|(kind, _)| *kind == notice.kind)?;
            let started = due.opens_at.unwrap_or(notice.owed_at).min(notice.owed_at);
            Some((started, window_of(due.clone())?))
        }
    }
}

/// From when a delivery of a notice counts, where its rule says so.
pub(super) fn opens_at(draft: &Draft<'_>, asked: &Asked, notice: &NoticeState) -> Option<Moment> {
    if notice.kind == NoticeKind::DetailedDischarge {
        return draft.stay().qio.as_ref().map(|appeal| appeal.told_at);
    }
    asked.due.iter().find(|(kind, _)| *kind == notice.kind).and_then(|(_, due)| due.opens_at)
}

/// Until the moment that ends it; a notice that was required without one has no clock.
fn noncoverage(draft: &Draft<'_>, asked: &Asked, notice: &NoticeState) -> Option<Window> {
    let facts = NoncoverageFacts {
        kind: notice.kind.noncoverage()?,
        zone: asked.facts.zone.clone(),
        payer: asked.facts.payer.clone(),
        before: notice.before,
        delivered: notice.delivered.as_ref().map(|(_, d)| d.as_status()),
    };
    window_of(status::noncoverage_notice(&facts, &draft.books.status, draft.now))
}

fn window_of(due: NoticeDue) -> Option<Window> {
    let pin = RulePin { rule: due.rule, digest: String::new(), cite: due.cite };
    let confidence = due.confidence.word().to_owned();
    Some(Window { pin, confidence, due_at: due.due_at? })
}

/// Written notice of a committee's determination: in so many days, and before the patient leaves where status was changed.
fn committee_notice(draft: &Draft<'_>, asked: &Asked, from: Moment) -> Option<Window> {
    let stay = draft.stay();
    let facts = &asked.facts;
    let book = &draft.books.status;
    let rule = book.rule("committee-notice", &facts.payer, &facts.jurisdiction, stay.day(from))?;
    let days = u32::try_from(rule.figure("days")?).ok()?;
    let mut due_at = window::after(draft, from, days, "days")?;
    if stay.changed_at().is_some()
        && let Some(leaves) = stay.discharged_at().or(stay.expected_discharge())
        && leaves > from
    {
        due_at = due_at.min(leaves);
    }
    Some(Window {
        pin: RulePin { rule: rule.id.clone(), digest: String::new(), cite: rule.cite.clone() },
        confidence: rule.confidence.word().to_owned(),
        due_at,
    })
}

/// Detailed notice and records: noon of the day after the organization told the hospital.
pub(super) fn records_window(draft: &Draft<'_>, asked: &Asked) -> Option<Window> {
    let stay = draft.stay();
    let appeal = stay.qio.as_ref()?;
    let facts = DischargeAppealFacts {
        stay: asked.facts.clone(),
        called_at: Some(appeal.called_at),
        hospital_told_at: Some(appeal.told_at),
        detailed_notice: stay
            .notice(&NoticeKind::DetailedDischarge)
            .and_then(|n| n.delivered.as_ref())
            .map(|(_, d)| d.as_status()),
        records_sent_at: appeal.records_at,
        decision_told_at: appeal.decided.as_ref().map(|(at, ..)| *at),
        discharge_upheld: appeal.decided.as_ref().map(|(_, upheld, _)| *upheld),
    };
    window_of(status::discharge_appeal(&facts, &draft.books.status, draft.now).detailed_notice)
}

/// The expectation of two midnights is what the rules ask for and the record does not show: because, and the question.
pub(super) fn undocumented_expectation(asked: &Asked) -> Option<(String, String)> {
    let facts = &asked.facts;
    if facts.expectation.is_some() || !facts.payer.is_medicare() || facts.order.is_none() || facts.changed_at.is_some()
    {
        return None;
    }
    let lacks = asked.answer.document.first()?;
    let ask = "What length of hospital care did you expect at the time of the order, and on which facts?";
    Some((format!("{} ({})", lacks.what, lacks.cite), ask.to_owned()))
}

/// Why the bill of a finished stay waits for review: why, citation.
pub(super) fn bill_hold(draft: &Draft<'_>, asked: &Asked) -> Option<(String, String)> {
    let stay = draft.stay();
    if stay.in_house() || stay.discharged_at().is_none() {
        return None;
    }
    if let Some(step) = finished::held_by_appeal(draft) {
        return Some((step.why, step.cite));
    }
    if finished::reversed(draft).is_some() {
        return None;
    }
    if stay.changed_at().is_some() {
        let procedure = finished::condition_code_44(draft, AskedChange::default());
        let open = procedure.next()?;
        return Some((format!("Condition code 44 is not complete: {}", open.why), open.cite.clone()));
    }
    asked.facts.order.as_ref()?;
    let answer = &asked.answer;
    let short = answer.tier == Some(status::ReviewTier::SecondLevel) && stay.is_original_medicare();
    let held = answer.status == status::Supported::Hold || short;
    held.then(|| (answer.says.clone(), answer.cite.clone()))
}
