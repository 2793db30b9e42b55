//! What may be done on a case's page: one row an action, with its key, its form, and when it is offered. The forms come
//! filled with what the case already knows.

use vigil_domain::{
    case::{
        Case, Stage,
        decide::cut::{exceptions, may_be_cut},
        event::Queue,
    },
    criteria::{FactDef, FactKind},
    law::{BreachEffect, NoticeException},
    library::Library,
    reason::Reason,
    request::Urgency,
    time::Moment,
};

use super::criteria::CriteriaView;
use crate::{
    access::Permission,
    web::{
        panel::{Choice, Field, Kind, Panel},
        words,
    },
};

/// Everything a person may do on the page of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Take,
    Release,
    Approve,
    Ask,
    Refer,
    Note,
    Return,
    Facts,
    Mark,
    Outreach,
    Received,
    Clear,
    Administrative,
    Extend,
    Expedite,
    DeclineExpedite,
    Schedule,
    Record,
    Eligibility,
    DeemedApproval,
    Reduce,
    Postpone,
    Continuation,
    Withdraw,
    Dismiss,
    Void,
    Deliver,
    Complete,
}

/// The fixed part of an action.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its word in addresses.
    pub word: &'static str,
    /// The button.
    pub title: &'static str,
    /// Its key, if it has one.
    pub key: &'static str,
    /// On the bar, or under "More".
    pub main: bool,
    /// What it takes.
    pub needs: Permission,
}

const fn row(word: &'static str, title: &'static str, key: &'static str, main: bool, needs: Permission) -> Row {
    Row { word, title, key, main, needs }
}

impl Action {
    /// In the order of the bar.
    pub const ALL: &'static [Action] = &[
        Self::Take,
        Self::Approve,
        Self::Ask,
        Self::Refer,
        Self::Note,
        Self::Return,
        Self::Release,
        Self::Received,
        Self::Outreach,
        Self::Clear,
        Self::Administrative,
        Self::Eligibility,
        Self::Schedule,
        Self::Record,
        Self::Complete,
        Self::Deliver,
        Self::Extend,
        Self::Expedite,
        Self::DeclineExpedite,
        Self::DeemedApproval,
        Self::Mark,
        Self::Reduce,
        Self::Postpone,
        Self::Continuation,
        Self::Withdraw,
        Self::Dismiss,
        Self::Void,
        Self::Facts,
    ];

    /// The fixed part.
    pub fn row(self) -> Row {
        use Permission as P;
        match self {
            Self::Take => row("take", "Take", "t", true, P::Work),
            Self::Release => row("release", "Release", "", false, P::Work),
            Self::Approve => row("approve", "Approve", "a", true, P::Review),
            Self::Ask => row("ask", "Ask for information", "i", true, P::Review),
            Self::Refer => row("refer", "Refer to medical director", "r", true, P::Review),
            Self::Note => row("note", "Note", "n", true, P::Work),
            Self::Return => row("return", "Return to nurse", "b", true, P::Determine),
            Self::Facts => row("facts", "Answer a criterion", "", false, P::Review),
            Self::Mark => row("mark", "Mark your own finding", "", false, P::Determine),
            Self::Outreach => row("outreach", "Log outreach", "o", false, P::Work),
            Self::Received => row("received", "Information received", "", false, P::EnterRequest),
            Self::Clear => row("clear", "Clear administrative check", "", false, P::Administrative),
            Self::Administrative => row("administrative", "Sign administrative denial", "", false, P::Administrative),
            Self::Extend => row("extend", "Extend", "", false, P::Review),
            Self::Expedite => row("expedite", "Expedite", "", false, P::Review),
            Self::DeclineExpedite => row("decline-expedite", "Decline to expedite", "", false, P::Review),
            Self::Schedule => row("peer-schedule", "Schedule peer-to-peer", "p", false, P::Work),
            Self::Record => row("peer-record", "Record peer-to-peer", "", false, P::Work),
            Self::Eligibility => row("eligibility", "Confirm eligibility", "", false, P::Administrative),
            Self::DeemedApproval => row("deemed-approval", "Confirm deemed approval", "", false, P::Supervise),
            Self::Reduce => row("reduce", "Reduce an approval", "", false, P::Review),
            Self::Postpone => row("postpone-cut", "Postpone the cut", "", false, P::Review),
            Self::Continuation => row("continuation", "Member asks to keep the service", "", false, P::Work),
            Self::Withdraw => row("withdraw", "Record withdrawal", "", false, P::Supervise),
            Self::Dismiss => row("dismiss", "Dismiss", "", false, P::Supervise),
            Self::Void => row("void", "Void", "", false, P::Supervise),
            Self::Complete => row("complete", "Complete the held notice", "c", true, P::DeliverNotices),
            Self::Deliver => row("deliver", "Record delivery", "", false, P::DeliverNotices),
        }
    }

    /// The action of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.row().word == word)
    }

    /// Done at once, without a form.
    pub fn at_once(self) -> bool {
        matches!(self, Self::Take | Self::Release)
    }

    /// Whether it is offered on this case, to this person.
    pub fn offered(self, case: &Case, person: &str, hidden: bool) -> bool {
        let open = !case.is_determined();
        let mine = case.owner.as_ref().is_some_and(|(owner, _)| owner == person);
        let at = |queue: Queue| matches!(&case.stage, Stage::Review { queue: here, .. } if *here == queue);
        match self {
            Self::Take => open && case.owner.is_none(),
            Self::Release => open && mine,
            Self::Approve | Self::Ask | Self::Withdraw | Self::Dismiss | Self::Received | Self::Void => open,
            Self::Refer => open && !at(Queue::Physician),
            Self::Return => open && at(Queue::Physician),
            Self::Note | Self::Outreach => true,
            Self::Schedule => case.peer_to_peer.as_ref().is_none_or(|p| p.held.is_some()),
            Self::Record => case.peer_to_peer.as_ref().is_some_and(|p| p.held.is_none()),
            Self::Mark => open && hidden,
            Self::Clear => case.lines.iter().any(|l| !l.administrative.is_empty()),
            Self::Administrative => open,
            Self::Extend => open && case.clocks.iter().any(|c| c.is_open() && c.extension.is_none()),
            Self::Expedite => open && case.urgency != Urgency::Expedited,
            Self::DeclineExpedite => open && case.urgency == Urgency::Expedited,
            Self::Eligibility => case.eligibility_open,
            Self::DeemedApproval => open && lapsed_into_approval(case),
            Self::Reduce => {
                case.request.cut.is_none()
                    && case.lines.iter().any(|l| l.outcome.as_ref().and_then(|o| o.grant()).is_some())
            }
            Self::Postpone => {
                case.request.cut.is_some()
                    && case.notices.iter().all(|n| n.given_to("member").is_none())
                    && !case.is_closed()
            }
            Self::Continuation => {
                case.request.cut.is_some()
                    && case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(|o| o.is_adverse()))
                    && case.continuation.as_ref().is_none_or(|c| !c.timely)
            }
            Self::Complete => case.notices.iter().any(|n| !n.held.is_empty()),
            Self::Deliver => case.notices.iter().any(|n| n.composed.is_some()),
            Self::Facts => false,
        }
    }
}

fn lapsed_into_approval(case: &Case) -> bool {
    case.clocks.iter().any(|c| {
        matches!(c.lapsed, Some((_, BreachEffect::DeemedApproved | BreachEffect::DeemedApprovedIfUniformForm, _)))
    })
}

/// What a form may be filled with.
pub struct Known<'a> {
    /// The case.
    pub case: &'a Case,
    /// The library.
    pub library: &'a Library,
    /// The criteria as shown to this reader.
    pub criteria: &'a [CriteriaView],
    /// `service/fact` of the criterion to answer.
    pub fact: &'a str,
    /// The present moment.
    pub now: Moment,
}

/// The form of an action, filled with what is known.
pub fn panel(action: Action, known: &Known<'_>) -> Panel {
    let row = action.row();
    let new = |submit: &str| Panel::new(row.word, row.title, submit);
    match action {
        Action::Take => new("Take").says("The case becomes yours. Others see that you have it."),
        Action::Release => new("Release").says("The case goes back on its queue."),
        Action::Approve => approve(new("Approve"), known.case),
        Action::Ask => ask(new("Ask"), known),
        Action::Refer => new("Refer")
            .says("A nurse does not deny. The medical director reads your reason first.")
            .field(Field::area("why", "Why, for the medical director", 4).value(refer_reason(known))),
        Action::Note => new("Keep note")
            .field(Field::select(
                "kind",
                "Kind",
                choices(&[
                    ("note", "Note"),
                    ("intervention", "Intervention"),
                    ("contact", "Contact with member or family"),
                ]),
            ))
            .field(Field::area("text", "What you saw, did or heard", 4)),
        Action::Return => new("Return").field(Field::area("why", "What the nurse should do", 3)),
        Action::Facts => facts(new("State"), known),
        Action::Mark => mark(new("Keep finding"), known),
        Action::Outreach => new("Log")
            .field(Field::text("contact", "Whom, and at what number"))
            .field(Field::text("result", "What came of it").hint("Reached, left a message, no answer, wrong number")),
        Action::Received => received(new("Record"), known.case),
        Action::Clear | Action::Administrative | Action::Dismiss | Action::Eligibility => {
            administrative(action, new, known.case)
        }
        Action::Schedule | Action::Record => peer(action, new, known.case),
        Action::Reduce | Action::Postpone | Action::Continuation => cut(action, new, known),
        Action::Deliver => deliver(new("Record delivery"), known.case),
        Action::Complete => complete(new("Fill and write again"), known),
        _ => ending(action, new, known.case),
    }
}

/// Cutting what was approved: where the law locks the approval the rule answers; elsewhere a case of its own decides.
fn cut(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let case = known.case;
    match action {
        Action::Reduce => {
            let granted = case.lines.iter().filter(|l| l.outcome.as_ref().and_then(|o| o.grant()).is_some());
            let granted = granted
                .map(|l| Choice::new(l.line.sequence.to_string(), format!("{}. {}", l.line.sequence, l.line.title())));
            let lines = Field::select("line", "Line", granted.collect());
            if !may_be_cut(known.library, case, known.now) {
                return new("Reduce")
                    .says("An approval is protected by law in most places. Try it, and the rule will answer.")
                    .field(lines)
                    .field(Field::area("why", "Why", 2));
            }
            let proposal = new("Propose the cut")
                .says("Nothing changes now. A case of its own goes to a medical director; the member is told in advance and may ask to keep the service.")
                .field(lines)
                .field(Field::new("keeps", "What would stay", Kind::Number).hint("In the unit of the approval. Empty: the service would stop"))
                .field(Field::new("effective_on", "First day on which less is given", Kind::Day))
                .field(Field::area("why", "What changed since the approval", 3));
            let allowed = exceptions(known.library, case, known.now);
            if allowed.is_empty() {
                return proposal.says("No rule in force makes an exception to the advance notice here.");
            }
            let told = |e: &NoticeException| {
                let ahead = match e.amount {
                    0 => "by the first day".to_owned(),
                    amount => format!("{} ahead", e.unit.spoken(amount)),
                };
                Choice::new(e.key.clone(), format!("Told {ahead}: {} {} ({})", e.says, e.cite, e.confidence.word()))
            };
            let none = Choice::new("", "None: the full advance notice");
            let choices = std::iter::once(none).chain(allowed.iter().map(told)).collect();
            proposal
                .field(Field::select("exception", "Exception to the advance notice", choices))
                .field(Field::text("exception_basis", "How it is known that the exception holds"))
        }
        Action::Postpone => new("Postpone")
            .says("A cut is only put off, never brought forward. The letter is written again.")
            .field(Field::new("effective_on", "New first day", Kind::Day))
            .field(Field::area("why", "Why", 2)),
        _ => new("Record")
            .says("Asked in time, the service goes on while the appeal is decided.")
            .field(Field::select(
                "asker",
                "Who asks",
                choices(&[
                    ("member", "Member"),
                    ("representative", "Appointed representative"),
                    ("provider", "Provider"),
                ]),
            ))
            .field(Field::text("asked_by", "Name, and how it was asked"))
            .field(Field::new("asked_at", "Reached us", Kind::DayTime).hint(case.contract.zone.name())),
    }
}

fn choices(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

fn open_lines(case: &Case) -> Vec<Choice> {
    case.open_lines()
        .map(|state| {
            let asked = state.line.quantity.as_ref().map(|q| format!(", {}", words::quantity(q.amount, &q.unit)));
            let days = match (state.line.from, state.line.through) {
                (Some(from), Some(through)) => format!(", {} to {}", words::day(from), words::day(through)),
                (Some(from), None) => format!(", from {}", words::day(from)),
                _ => String::new(),
            };
            let label = format!("{}. {}{}{days}", state.line.sequence, state.line.title(), asked.unwrap_or_default());
            Choice { chosen: true, ..Choice::new(state.line.sequence.to_string(), label) }
        })
        .collect()
}

fn one_line(case: &Case) -> Vec<Choice> {
    let mut lines = open_lines(case);
    for (place, choice) in lines.iter_mut().enumerate() {
        choice.chosen = place == 0;
    }
    lines
}

fn approve(panel: Panel, case: &Case) -> Panel {
    panel
        .says(format!("Approves as asked. Authorization number {}. The notice goes out by itself.", case.authorization))
        .field(Field::new("line", "Lines", Kind::Checks(open_lines(case))))
        .field(Field::new("from", "First authorized day", Kind::Day).hint("Empty: as asked"))
        .field(Field::new("through", "Last authorized day", Kind::Day).hint("Empty: as asked"))
}

fn ask(panel: Panel, known: &Known<'_>) -> Panel {
    let mut asks: Vec<&str> = known.criteria.iter().flat_map(|c| c.asks.iter().map(|(_, q)| q.as_str())).collect();
    asks.dedup();
    panel
        .says("Name exactly what is needed, one thing a line. Whether the clock stops meanwhile is the law's to say, and the time line will tell.")
        .field(Field::area("wanted", "What is needed", 4).value(asks.join("\n")))
        .field(Field::select("from", "From", choices(&[("requester", "Requester"), ("member", "Member"), ("non-contract provider", "Non-contract provider")])))
        .field(Field::select("via", "By", choices(&[("fax", "Fax"), ("telephone", "Telephone"), ("portal", "Portal"), ("FHIR", "FHIR response"), ("mail", "Mail")])))
}

/// The open and unmet criteria in their own sentences. Where the law wants each reviewer's own finding first, a reason made
/// from the machine's verdicts would show them to the next one: there the nurse writes hers.
fn refer_reason(known: &Known<'_>) -> String {
    let mut lines = Vec::new();
    if super::hide::own_finding_first(known.case, known.library) {
        return String::new();
    }
    for criteria in known.criteria.iter().filter(|c| !c.hidden && c.outcome.is_none()) {
        for row in &criteria.rows {
            let Some(leaf) = &row.leaf else { continue };
            match row.mark.class {
                "unmet" => lines.push(format!("Not met: {} ({})", leaf.says, leaf.cite)),
                "open" if leaf.could_change => lines.push(format!("Open: {} ({})", leaf.says, leaf.cite)),
                _ => {}
            }
        }
        if criteria.pack.is_empty() {
            lines.push(format!("No criteria bind for {}.", criteria.service));
        }
    }
    lines.dedup();
    lines.truncate(6);
    lines.join("\n")
}

fn facts(panel: Panel, known: &Known<'_>) -> Panel {
    let found = known.fact.split_once('/').and_then(|(service, id)| {
        let pack = known.criteria.iter().find(|c| c.pack == service);
        let digest = known.case.lines.iter().filter_map(|l| l.evaluation.as_ref()).find(|e| e.service == service);
        let service = digest.and_then(|e| known.library.criteria.by_digest(&e.pack))?;
        pack.and_then(|_| service.fact(id).cloned())
    });
    let Some(fact) = found else { return panel.says("Choose a criterion in the checklist first.") };
    let documents = known.case.request.documents.iter().map(|d| Choice::new(d.title.clone(), d.title.clone()));
    let mut places: Vec<Choice> = documents.collect();
    places.push(Choice::new("clinical statements of the request", "Clinical statements of the request"));
    places.push(Choice::new("", "Somewhere else: say where below"));
    panel
        .says(fact.question.clone())
        .field(Field::hidden("fact", known.fact))
        .field(fact_field(&fact))
        .field(Field::new("on", "The day it speaks of", Kind::Day).hint(format!("How old it may be: {}", fact.window)))
        .field(Field::select("found", "Found in", places))
        .field(Field::text("where", "Page, or where else").hint(format!("Usually in: {}", fact.from)))
}

fn fact_field(fact: &FactDef) -> Field {
    match &fact.kind {
        FactKind::Boolean => Field::new("value", "Answer", Kind::Radio(choices(&[("true", "Yes"), ("false", "No")]))),
        FactKind::Quantity => {
            let unit = fact.unit.as_deref().map(super::criteria::ucum).unwrap_or_default();
            Field::new("value", "Value", Kind::Number).hint(unit)
        }
        _ => {
            let words = fact.choices.iter().map(|c| Choice::new(c.clone(), words::capital(&words::plain(c))));
            Field::select("value", "Answer", words.collect())
        }
    }
}

fn mark(panel: Panel, known: &Known<'_>) -> Panel {
    panel
        .says("In this state no machine verdict is shown before you have marked your own. Your finding is kept in the record; then the checklist shows its verdicts.")
        .field(Field::select("line", "Line", one_line(known.case)))
        .field(Field::new("finding", "Your finding", Kind::Radio(choices(&[("met", "The criteria are met"), ("not met", "They are not met"), ("open", "It cannot be told yet")]))))
        .field(Field::area("text", "On what", 3))
}

fn received(panel: Panel, case: &Case) -> Panel {
    let mut panel = panel
        .says("Records what came in, with the time it reached us. The criteria are checked again.")
        .field(
            Field::new("received_at", "Reached us", Kind::DayTime)
                .hint(format!("{}; empty: now", case.contract.zone.name())),
        )
        .field(Field::select(
            "channel",
            "By",
            choices(&[("fax", "Fax"), ("phone", "Telephone"), ("portal", "Portal"), ("mail", "Mail")]),
        ))
        .field(Field::text("proof", "Proof of that time").hint("Fax banner, call recording number, message number"))
        .field(Field::text("caller", "From whom"))
        .field(Field::new("files", "Documents", Kind::File).hint("PDF, picture or text, up to 8 MB together"))
        .field(Field::area("typed", "Or type what was said", 3).hint("Kept as a text document"))
        .field(Field::new("complete", "This is all that was asked for", Kind::Tick));
    panel.multipart = true;
    panel
}

fn administrative(action: Action, new: impl Fn(&str) -> Panel, case: &Case) -> Panel {
    match action {
        Action::Clear => {
            let open = case.lines.iter().filter(|l| !l.administrative.is_empty());
            let lines = open.map(|l| {
                Choice::new(
                    l.line.sequence.to_string(),
                    format!("{}. {}", l.line.sequence, l.administrative.join("; ")),
                )
            });
            new("Clear")
                .says("The line goes on to review.")
                .field(Field::select("line", "Check", lines.collect()))
                .field(Field::area("finding", "What you found", 2))
        }
        Action::Administrative => {
            let reasons = Reason::ALL.iter().filter(|r| !r.is_clinical());
            let reasons = reasons.filter_map(|r| Some(Choice::new(r.word(), r.row()?.title)));
            new("Sign denial")
                .says("For benefit, eligibility, network and the like only. As soon as it is a clinical question, refer to the medical director.")
                .field(Field::select("line", "Line", one_line(case)))
                .field(Field::select("reason", "Reason", reasons.collect()))
                .field(Field::area("basis", "On what it rests", 2).hint("Contract section, benefit, roster entry"))
                .field(Field::area("plain", "The reason as the member will read it", 2))
        }
        Action::Eligibility => new("Confirm")
            .field(Field::new(
                "eligible",
                "Covered on the day of service",
                Kind::Radio(choices(&[("true", "Yes"), ("false", "No")])),
            ))
            .field(Field::area("basis", "What you checked", 2)),
        _ => new("Dismiss")
            .says("Ends the request without a decision, with a notice. The reason and its rule go into the notice.")
            .field(Field::area("why", "Why it is not a valid request", 2))
            .field(Field::text("cite", "On what rule").hint("42 CFR 422.568(g), contract section, …")),
    }
}

fn peer(action: Action, new: impl Fn(&str) -> Panel, case: &Case) -> Panel {
    if action == Action::Schedule {
        return new("Agree")
            .says("A talk does not stop the clock, so it must come before the decision is due.")
            .field(Field::new("at", "When", Kind::DayTime).hint(case.contract.zone.name()))
            .field(Field::text("with", "Whom to call, and at what number").value(requester(case)));
    }
    let outcomes = [
        ("held-new", "Held, with new information"),
        ("held", "Held, nothing new"),
        ("not-reached", "The requester was not reached"),
        ("declined", "The requester declined"),
    ];
    let agreed = case
        .peer_to_peer
        .as_ref()
        .map(|p| format!("Agreed for {} with {}.", words::moment(p.at, &case.contract.zone), p.with));
    new("Record")
        .says(agreed.unwrap_or_default())
        .field(Field::select("outcome", "What happened", choices(&outcomes)))
        .field(Field::area("summary", "Summary", 4))
}

fn requester(case: &Case) -> String {
    let who = case.request.practitioner.as_ref().unwrap_or(&case.request.requester);
    [Some(who.name.clone()), who.phone.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn deliver(panel: Panel, case: &Case) -> Panel {
    let notices = case.notices.iter().filter(|n| n.composed.is_some());
    let notices =
        notices.map(|n| Choice::new(n.id.to_string(), format!("{}. {}", n.id, super::story::purpose(n.purpose))));
    panel
        .says("A delivery that failed is recorded too.")
        .field(Field::select("notice", "Notice", notices.collect()))
        .field(Field::select("recipient", "To", choices(&[("member", "Member"), ("provider", "Provider")])))
        .field(Field::select(
            "channel",
            "By",
            choices(&[("mail", "Mail"), ("fax", "Fax"), ("portal", "Portal"), ("telephone", "Telephone")]),
        ))
        .field(Field::text("proof", "Proof").hint("Tracking number, fax confirmation, call record"))
        .field(Field::new(
            "succeeded",
            "It reached them",
            Kind::Radio(vec![Choice { chosen: true, ..Choice::new("true", "Yes") }, Choice::new("false", "No")]),
        ))
}

/// One field for each thing the first held notice lacks and a person may fill. What belongs to the decision itself is said
/// with what to do, and has no field here.
fn complete(mut panel: Panel, known: &Known<'_>) -> Panel {
    let Some(notice) = known.case.notices.iter().find(|n| !n.held.is_empty()) else {
        return panel.says("No notice of this case is held.");
    };
    panel = panel
        .says(format!(
            "The {} is held until every element that the law asks for is in it. What you fill in goes into the letter as it stands.",
            super::story::purpose(notice.purpose)
        ))
        .field(Field::hidden("notice", notice.id.to_string()));
    let mut asked: Vec<String> = Vec::new();
    for missing in vigil_desk::letter::lacking(known.library, known.case, notice, known.now) {
        let (own, others): (Vec<&String>, Vec<&String>) = missing.fields.iter().partition(|f| !f.contains('.'));
        if own.is_empty() || !others.is_empty() {
            panel = panel.field(Field::says(vigil_desk::letter::in_words(&missing)));
        }
        for name in own {
            if asked.contains(name) {
                continue;
            }
            asked.push(name.clone());
            let label = words::capital(&words::plain(name));
            let cite = Some(missing.cite.as_str()).filter(|c| !c.is_empty()).map(|c| format!(" {c}"));
            let hint = format!("{}{}", missing.asks, cite.unwrap_or_default());
            let field = format!("fill.{name}");
            panel = panel.field(match name.ends_with("_lines") {
                true => Field::area(&field, &label, 3).hint(format!("{hint} One a line.")),
                false => Field::text(&field, &label).hint(hint),
            });
        }
    }
    panel
}

/// Time, urgency, and the ways a case ends without a clinical decision.
fn ending(action: Action, new: impl Fn(&str) -> Panel, case: &Case) -> Panel {
    match action {
        Action::Extend => new("Extend")
            .says("Where the rule allows it, and only before the due time. A notice tells the member why.")
            .field(Field::new("days", "Days more", Kind::Number).value("14"))
            .field(Field::area("reason", "Which of the rule's conditions holds", 2))
            .field(Field::new("member_asked", "The member asked for it", Kind::Tick)),
        Action::Expedite => {
            new("Expedite").says("Expedited clocks start now; the earlier due time counts.").field(Field::select(
                "asker",
                "Who asked",
                choices(&[
                    ("physician", "Physician"),
                    ("member", "Member"),
                    ("representative", "Representative"),
                    ("staff", "Staff"),
                ]),
            ))
        }
        Action::DeclineExpedite => new("Decline")
            .says("The standard time then runs from the original receipt, and a notice says so.")
            .field(Field::area("why", "Why the standard time does no harm", 2)),
        Action::DeemedApproval => new("Confirm")
            .says("The limit passed and the law approves what was not answered. Confirm the facts that trigger it.")
            .field(Field::area("basis", "What you checked", 3)),
        Action::Withdraw => new("Record withdrawal")
            .field(Field::new("line", "Lines", Kind::Checks(open_lines(case))))
            .field(Field::text("asked_by", "Who took it back, when and how"))
            .field(Field::area("why", "Why", 2)),
        _ => {
            let mut panel = new("Void the case")
                .says("Only for a case entered in error. It ends without a decision and without a notice; the record stays.")
                .field(Field::area("why", "What was entered in error", 2))
                .field(Field::new("sure", "I have checked that nobody is waiting for an answer on this case", Kind::Tick));
            panel.grave = true;
            panel
        }
    }
}
