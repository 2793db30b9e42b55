//! What may be done on a stay's page: one row an action, with its key and its form, filled with what the stay already knows.

use vigil_domain::{
    library::Library,
    stay::{
        Stay,
        clock::Watch,
        delay::{QueryKind, QueryOutcome},
        notice::{NoticeKind, Receipt},
        payer::{AnswerKind, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, PostAcuteKind, PostAcuteStep},
        review::{Advice, AttendingView, ReviewKind},
    },
    time::Moment,
};

use super::view::Reader;
use crate::{
    access::Permission,
    web::{
        panel::{Choice, Field, Kind, Panel},
        words,
    },
};

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
    /// Done at once, without a form.
    pub at_once: bool,
    /// What the page says when it was done.
    pub done: &'static str,
}

macro_rules! actions {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $title:literal, $key:literal, $main:literal, $needs:ident, $once:literal, $done:literal;)+) => {
        /// Everything a person may do on the page of a stay.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action { $($(#[$meta])* $variant,)+ }

        impl Action {
            /// In the order of the bar.
            pub const ALL: &'static [Action] = &[$(Self::$variant),+];

            /// The fixed part.
            pub fn row(self) -> Row {
                match self { $(Self::$variant => Row {
                    word: $word, title: $title, key: $key, main: $main, needs: Permission::$needs, at_once: $once, done: $done,
                },)+ }
            }
        }
    };
}

actions! {
    /// Take the stay.
    Take = "take", "Take", "t", true, WorkStays, true, "The stay is yours.";
    /// Review.
    Review = "review", "Review", "r", true, WorkStays, false, "The review is saved and locked.";
    /// State facts of the record.
    Document = "document", "Document a fact", "f", true, WorkStays, false, "The fact is kept and the status rules were asked again.";
    /// Send it up.
    Escalate = "escalate", "Escalate", "u", true, WorkStays, false, "The stay was sent up.";
    /// Advise.
    Advise = "advise", "Advise", "a", true, Advise, false, "Your advice is kept.";
    /// What the attending said.
    Attending = "attending", "Attending’s answer", "", false, WorkStays, false, "The attending’s answer is kept.";
    /// UR committee.
    Determine = "determine", "UR committee determination", "", true, Advise, false, "The determination is kept; written notice is owed within two days.";
    /// Condition code 44.
    Code44 = "condition-code-44", "Condition code 44", "", true, WorkStays, false, "Condition code 44 passed. Letters and bill flags follow.";
    /// Deliver a notice.
    Deliver = "deliver", "Deliver a notice", "d", true, WorkStays, false, "The delivery is recorded.";
    /// Tell a payer.
    Notify = "notify", "Tell a payer", "p", true, WorkStays, false, "The notification is recorded. It is not an authorization.";
    /// Clinicals.
    Clinicals = "clinicals", "Send clinicals", "", false, WorkStays, false, "The clinicals are recorded.";
    /// Ask a payer.
    Ask = "ask", "Ask a payer", "", false, WorkStays, false, "The request is recorded.";
    /// Record the answer.
    Answer = "answer", "Record a payer’s answer", "", false, WorkStays, false, "The answer is recorded with its source.";
    /// A payer asks for a review.
    PayerReview = "payer-review", "Payer asks for a review", "", false, WorkStays, false, "The payer’s request is recorded.";
    /// Dispute.
    Dispute = "dispute", "Open a dispute", "", false, WorkStays, false, "The dispute is open.";
    /// Its outcome.
    DisputeEnd = "dispute-end", "Record a dispute’s outcome", "", false, WorkStays, false, "The outcome is recorded.";
    /// Note.
    Note = "note", "Note", "n", true, WorkStays, false, "The note is kept.";
    /// Give it back.
    Release = "release", "Put back", "", false, WorkStays, true, "The stay is back on its list.";
    /// Coverage.
    Coverage = "coverage", "State coverage", "", false, WorkStays, false, "The coverage is stated.";
    /// Write what stands on a notice's form.
    Prepare = "notice-prepare", "Write a notice’s form", "", false, WorkStays, false, "What stands on the form is kept. Open it from the notice.";
    /// Require a notice.
    RequireNotice = "notice-require", "Require a notice (HINN)", "", false, WorkStays, false, "The notice is owed.";
    /// End a notice.
    EndNotice = "notice-end", "Notice no longer owed", "", false, WorkStays, false, "The notice is no longer owed.";
    /// QIO call.
    QioCall = "qio-call", "Appeal of discharge: call", "", false, WorkStays, false, "The call is recorded; liability is held where it was in time.";
    /// QIO records.
    QioRecords = "qio-records", "Appeal of discharge: records sent", "", false, WorkStays, false, "The records are recorded as sent.";
    /// QIO decision.
    QioDecision = "qio-decision", "Appeal of discharge: decision", "", false, WorkStays, false, "The organization’s decision is recorded.";
    /// Post-acute.
    PostAcute = "post-acute", "Ask for post-acute care", "", false, WorkStays, false, "The request is recorded.";
    /// A step of it.
    PostAcuteMove = "post-acute-move", "Post-acute: record a step", "", false, WorkStays, false, "The step is recorded.";
    /// Choice.
    Choice = "choice", "Choice list given", "", false, WorkStays, false, "The choice list is recorded.";
    /// Barrier.
    Barrier = "barrier", "Barrier to discharge", "", false, WorkStays, false, "The barrier is recorded.";
    /// Cleared.
    ClearBarrier = "barrier-clear", "Clear a barrier", "", false, WorkStays, false, "The barrier is cleared.";
    /// Avoidable days.
    Delay = "delay", "Avoidable days", "", false, WorkStays, false, "The delay is recorded.";
    /// Taken back.
    WithdrawDelay = "delay-withdraw", "Take back avoidable days", "", false, WorkStays, false, "The delay is taken back.";
    /// MS-DRG.
    Group = "group", "Working MS-DRG", "", false, WorkStays, false, "The stay is grouped.";
    /// Query.
    Query = "query", "Query a physician", "q", false, WorkStays, false, "The query is asked.";
    /// Its answer.
    AnswerQuery = "query-answer", "Answer a query", "", false, WorkStays, false, "The query’s outcome is recorded.";
    /// An alert dealt with.
    ClearAlert = "clear-alert", "Clear an alert", "", false, WorkStays, false, "The alert is cleared.";
    /// Bill route.
    Bill = "bill", "Post-discharge review: route the bill", "", false, Advise, false, "The bill is routed.";
    /// Bill out.
    BillOut = "bill-submitted", "Bill submitted", "", false, WorkStays, false, "The bill is recorded as submitted.";
    /// No further reviews.
    NoFurther = "no-further", "No further reviews", "", false, WorkStays, false, "No further reviews are due.";
}

/// A link on the bar.
#[derive(Debug, Clone)]
pub struct Link {
    /// Word.
    pub word: &'static str,
    /// Button.
    pub title: &'static str,
    /// Key.
    pub key: &'static str,
    /// On the bar.
    pub main: bool,
    /// Posts at once.
    pub at_once: bool,
    /// Its form is open.
    pub open: bool,
}

impl Action {
    /// The action of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.row().word == word)
    }

    /// Whether it is offered on this stay, to this person. What is not offered may still be asked and is then refused with
    /// its reason; only what makes no sense is left out.
    pub fn offered(self, stay: &Stay, person: &str) -> bool {
        let mine = stay.owner.as_ref().is_some_and(|(owner, _)| owner == person);
        match self {
            Self::Take => stay.owner.is_none() && stay.has_work(),
            Self::Release => mine,
            Self::Advise | Self::Attending | Self::Determine => stay.open_escalation().is_some(),
            Self::Code44 => stay.admitted_at().is_some() && stay.changed_at().is_none(),
            Self::Deliver | Self::EndNotice | Self::Prepare => stay.open_notices().next().is_some(),
            Self::Notify | Self::Clinicals | Self::Ask | Self::Answer | Self::Dispute | Self::PayerReview => {
                !stay.held.is_empty()
            }
            Self::DisputeEnd => stay.disputes.iter().any(|d| d.ended.is_none()),
            Self::QioCall => stay.qio.is_none() && stay.is_medicare(),
            Self::QioRecords => stay.qio.as_ref().is_some_and(|q| q.records_at.is_none()),
            Self::QioDecision => stay.qio.as_ref().is_some_and(|q| q.decided.is_none()),
            Self::PostAcuteMove => !stay.post_acute.is_empty(),
            Self::ClearBarrier => stay.barriers.iter().any(|b| b.cleared.is_none()),
            Self::WithdrawDelay => !stay.delays.is_empty(),
            Self::AnswerQuery => stay.queries.iter().any(|q| q.answered.is_none()),
            Self::ClearAlert => stay.alerts.iter().any(|a| a.cleared.is_none()),
            Self::Bill => !stay.in_house() && stay.bill.released.is_none(),
            Self::BillOut => !stay.in_house() && stay.bill.released.is_none(),
            Self::NoFurther => stay.dismissed.is_none() && stay.in_house(),
            _ => true,
        }
    }
}

/// The links of the bar.
pub fn links(stay: &Stay, reader: &Reader<'_>, open: Option<Action>) -> Vec<Link> {
    let offered = |a: &&Action| (reader.may)(**a) && a.offered(stay, reader.person);
    let link = |a: &Action| {
        let row = a.row();
        Link {
            word: row.word,
            title: row.title,
            key: row.key,
            main: row.main,
            at_once: row.at_once,
            open: open == Some(*a),
        }
    };
    Action::ALL.iter().filter(offered).map(link).collect()
}

/// What a form may be filled with.
pub struct Known<'a> {
    /// The stay.
    pub stay: &'a Stay,
    /// The library.
    pub library: &'a Library,
    /// The thing it is about: a payer, a notice's number, …
    pub about: &'a str,
    /// The present moment.
    pub now: Moment,
}

/// The choices of a set of words.
macro_rules! words_of {
    ($set:ty) => {
        <$set>::ALL.iter().map(|w| Choice::new(w.word(), words::capital(&words::plain(w.word())))).collect::<Vec<_>>()
    };
}

fn first_chosen(mut choices: Vec<Choice>) -> Vec<Choice> {
    if let Some(first) = choices.first_mut() {
        first.chosen = true;
    }
    choices
}

impl Known<'_> {
    /// A day and time as a field shows it, in the facility's zone.
    fn field_time(&self, at: Moment) -> String {
        self.stay.zone().at(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    fn today(&self) -> String {
        self.stay.day(self.now).to_string()
    }

    fn when(&self, name: &str, label: &str) -> Field {
        Field::new(name, label, Kind::DayTime)
            .value(self.field_time(self.now))
            .hint(words::zone_name(self.now, self.stay.zone()))
    }

    fn day(&self, name: &str, label: &str) -> Field {
        Field::new(name, label, Kind::Day).value(self.today())
    }

    fn payer(&self) -> Field {
        let choices = self.stay.held.iter().map(|h| Choice::new(h.payer_id.clone(), h.name.clone())).collect();
        let first = self.stay.held.first().map_or("", |h| &h.payer_id);
        Field::select("payer", "Payer", choices).value(if self.about.is_empty() { first } else { self.about })
    }

    fn numbered(&self, label: &str, choices: Vec<Choice>) -> Field {
        let first = choices.first().map_or(String::new(), |c| c.value.clone());
        Field::select("about", label, choices).value(if self.about.is_empty() { first } else { self.about.to_owned() })
    }
}

/// The form of an action.
pub fn panel(action: Action, known: &Known<'_>) -> Panel {
    let row = action.row();
    let new = |submit: &str| Panel::new(row.word, row.title, submit);
    match action {
        Action::Take => new("Take").says("The stay becomes yours. Others see that you have it."),
        Action::Release => new("Put back"),
        Action::Review => review(new("Save and lock"), known),
        Action::Document => super::documents::panel(new("State"), known),
        Action::Escalate => new("Send up")
            .says("The physician advisor on duty answers; with none on duty, the chief medical officer.")
            .field(Field::area("why", "Why", 3)),
        Action::Advise => advise(new("Advise"), known),
        Action::Attending => attending(new("Record"), known),
        Action::Determine => determine(new("Sign"), known),
        Action::Code44 => code_44(new("Check and complete"), known),
        Action::Deliver | Action::EndNotice | Action::RequireNotice => notice(action, new, known),
        Action::Prepare => super::form::panel(new("Keep"), known),
        Action::QioCall | Action::QioRecords | Action::QioDecision => qio(action, new, known),
        Action::Notify
        | Action::Clinicals
        | Action::Ask
        | Action::Answer
        | Action::PayerReview
        | Action::Dispute
        | Action::DisputeEnd => payer(action, new, known),
        Action::Note => new("Keep note").field(Field::area("text", "What you saw, did or heard", 4)),
        Action::Coverage => coverage(new("State"), known),
        Action::Query | Action::AnswerQuery | Action::ClearAlert => query(action, new, known),
        Action::Bill | Action::BillOut | Action::NoFurther => bill(action, new, known),
        _ => leaving(action, new, known),
    }
}

fn review(panel: Panel, known: &Known<'_>) -> Panel {
    let kinds = words_of!(ReviewKind);
    let kind = if known.stay.reviews.is_empty() { "initial" } else { "continued" };
    let criteria = [
        ("two_midnight", "Two-midnight rule"),
        ("licensed", "A licensed product, by reference"),
        ("pack", "A criteria pack of the library"),
        ("judgement", "Judgement"),
    ];
    let results = [
        ("met", "Met"),
        ("not_met", "Not met: to the physician advisor"),
        ("not_met_exempt", "Not met, exempt by written policy"),
    ];
    panel
        .says("A review is saved and locked; a later one stands beside it. Not met is a finding, not a decision.")
        .field(Field::select("kind", "Review", kinds).value(kind))
        .field(known.day("day", "Day reviewed"))
        .field(
            Field::select("criteria", "Criteria", criteria.iter().map(|(v, l)| Choice::new(*v, *l)).collect())
                .value("two_midnight"),
        )
        .field(Field::text("product", "Product or pack").hint("Name, or the pack’s service id"))
        .field(Field::text("version", "Version"))
        .field(Field::text("subset", "Subset or guideline"))
        .field(Field::text("found", "Its result").hint("As the product words it"))
        .field(Field::new("result", "Result", Kind::Radio(results.iter().map(|(v, l)| Choice::new(*v, *l)).collect())))
        .field(Field::text("level", "Level of care").value("acute"))
        .field(Field::text("recommended", "Recommended level").hint("When not met"))
        .field(Field::select("reason", "Reason", reasons(known.library)).hint("When not met"))
        .field(Field::new("next", "Next review", Kind::Day).hint("Empty: by policy"))
        .field(Field::area("comments", "Comments", 3))
}

fn reasons(library: &Library) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "–")];
    choices
        .extend(library.status.delays().iter().map(|d| Choice::new(d.code.clone(), format!("{} {}", d.code, d.label))));
    choices
}

fn escalations(known: &Known<'_>) -> Field {
    let open = known.stay.escalations.iter().filter(|e| e.is_open());
    known.numbered("Second-level review", open.map(|e| Choice::new(e.id.to_string(), e.why.clone())).collect())
}

fn advise(panel: Panel, known: &Known<'_>) -> Panel {
    panel
        .says("Advice moves no order. The attending answers it; then the UR committee, where it is needed.")
        .field(escalations(known))
        .field(Field::new("advice", "Advice", Kind::Radio(words_of!(Advice))))
        .field(Field::area("rationale", "Reasons, on this patient’s record", 4))
}

fn attending(panel: Panel, known: &Known<'_>) -> Panel {
    panel
        .field(escalations(known))
        .field(Field::text("attending", "Attending").value(known.stay.attending_at(known.now)))
        .field(Field::new("view", "Answer", Kind::Radio(words_of!(AttendingView))))
        .field(
            Field::text("documented", "Where the record has it")
                .hint("Progress note of …; a concurrence counts only when documented"),
        )
        .field(known.when("at", "Given"))
}

fn determine(panel: Panel, known: &Known<'_>) -> Panel {
    let found =
        vec![Choice::new("no", "Inpatient care is not necessary"), Choice::new("yes", "Inpatient care is necessary")];
    let mut panel = panel
        .says("As a member of this hospital’s UR committee (42 CFR 482.30). One physician where the attending concurs or presents no views, two where the attending disagrees.")
        .field(escalations(known))
        .field(Field::new("necessary", "Determination", Kind::Radio(found)))
        .field(Field::area("rationale", "Reasons", 4))
        .field(Field::new("attests", "I was not professionally involved in this patient’s care and have no financial interest in this hospital", Kind::Tick));
    panel.grave = true;
    panel
}

fn code_44(panel: Panel, known: &Known<'_>) -> Panel {
    let _ = known;
    let mut panel = panel
        .says("Every condition is checked in order; the first unmet one is shown with its citation, and nothing changes. Observation counts from an order written now, never from before.")
        .field(Field::new("observation", "Observation services are ordered", Kind::Tick))
        .field(Field::new("observation_at", "Observation order written", Kind::DayTime).hint(words::zone_name(known.now, known.stay.zone())));
    panel.grave = true;
    panel
}

fn notice(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let open: Vec<Choice> = known.stay.open_notices().map(|n| Choice::new(n.id.to_string(), n.kind.title())).collect();
    match action {
        Action::RequireNotice => new("Require")
            .says("For a notice that only a person can see is owed.")
            .field(Field::select("kind", "Notice", NoticeKind::ALL.iter().filter(|k| k.noncoverage().is_some()).map(|k| Choice::new(k.word(), k.title())).collect()).value("hinn_1"))
            .field(known.when("before", "Its window ends with").hint("HINN 1: the admission. HINN 10: the request to the organization. HINN 11: the service. HINN 12: the start of liability"))
            .field(Field::area("why", "Why", 2)),
        Action::EndNotice => new("End").field(known.numbered("Notice", open)).field(Field::area("why", "Why", 2)),
        _ => new("Record delivery")
            .says("Explain it aloud, answer questions, give a paper copy. A refusal is certified by the staff member; a representative who is away is told by telephone and mailed the same day.")
            .field(known.numbered("Notice", open))
            .field(Field::new("receipt", "Received", Kind::Radio(first_chosen(words_of!(Receipt)))))
            .field(known.when("at", "Delivered"))
            .field(Field::text("to", "To").value("patient").hint("patient, or the representative’s name and standing"))
            .field(Field::text("signer", "Signed by").hint("On refusal: staff member’s name and title"))
            .field(Field::new("explained", "Explained aloud, questions answered", Kind::Tick))
            .field(Field::new("paper", "A paper copy was given", Kind::Tick))
            .field(Field::select("language", "Language", vec![Choice::new("en", "English"), Choice::new("es", "Spanish"), Choice::new("other", "Another")]).value("en"))
            .field(Field::new("drawn", "Signature", Kind::Signature).hint("Draw with finger, pen or mouse; empty when signed on paper")),
    }
}

fn qio(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    match action {
        Action::QioCall => new("Record")
            .says("In time (by midnight of the planned day of discharge, still in the hospital), the patient may not be charged while the organization decides, and the Detailed Notice is owed by noon of the day after it tells the hospital.")
            .field(known.when("called_at", "The patient called"))
            .field(known.when("told_at", "The organization told us")),
        Action::QioRecords => new("Record").field(known.when("at", "Records sent")),
        _ => new("Record")
            .field(known.when("at", "The organization told us"))
            .field(Field::new("upheld", "Decision", Kind::Radio(vec![Choice::new("yes", "The discharge is upheld"), Choice::new("no", "The discharge is not upheld")])))
            .field(Field::area("words", "In its words", 2)),
    }
}

fn payer(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let channel = || Field::select("channel", "How", words_of!(Channel)).value("portal");
    match action {
        Action::Notify => new("Record")
            .says("Telling a payer is not an authorization.")
            .field(known.payer())
            .field(channel())
            .field(known.when("at", "Told"))
            .field(Field::text("reference", "The payer’s reference")),
        Action::Clinicals => new("Record")
            .field(known.payer())
            .field(channel())
            .field(known.when("at", "Sent"))
            .field(Field::text("what", "What was sent"))
            .field(Field::text("confirmation", "Confirmation of receipt")),
        Action::Ask => new("Record")
            .field(known.payer())
            .field(Field::select("ask", "For", words_of!(AskKind)).value("more_days"))
            .field(Field::new("days", "Days", Kind::Number))
            .field(channel())
            .field(known.when("at", "Asked"))
            .field(Field::text("reference", "Reference")),
        Action::PayerReview => new("Record").field(known.payer()).field(Field::area("what", "What the payer asks", 2)),
        Action::Dispute => new("Open")
            .field(known.payer())
            .field(Field::select("kind", "Way", words_of!(DisputeKind)).value("peer_to_peer"))
            .field(
                Field::select(
                    "asker",
                    "Asked by",
                    vec![
                        Choice::new("treating_physician", "Treating physician"),
                        Choice::new("enrollee", "Patient"),
                        Choice::new("hospital", "Hospital"),
                    ],
                )
                .value("treating_physician"),
            )
            .field(
                Field::new("agreed", "Talk agreed for", Kind::DayTime)
                    .hint(words::zone_name(known.now, known.stay.zone())),
            )
            .field(Field::area("grounds", "Grounds", 3)),
        Action::DisputeEnd => {
            let open = known.stay.disputes.iter().filter(|d| d.ended.is_none());
            let open = open.map(|d| Choice::new(d.id.to_string(), words::plain(d.kind.word()))).collect();
            new("Record")
                .field(known.numbered("Dispute", open))
                .field(Field::select("end", "Outcome", words_of!(DisputeEnd)).value("overturned"))
                .field(Field::area("words", "In words", 2))
        }
        _ => new("Record")
            .says("A fact is worth its source: who said so, when, how.")
            .field(known.payer())
            .field(Field::select("answer", "Answer", words_of!(AnswerKind)).value("approved"))
            .field(Field::text("authorization", "Authorization number"))
            .field(Field::new("from", "First authorized day", Kind::Day))
            .field(Field::new("through", "Last covered day", Kind::Day))
            .field(Field::new("days", "Days", Kind::Number))
            .field(Field::text("level", "Level of care"))
            .field(Field::new("next", "Payer’s next review", Kind::Day))
            .field(Field::area("reason", "Reason, in the payer’s words", 2))
            .field(Field::text("criteria", "Criteria the payer named"))
            .field(Field::new("talk_until", "Peer-to-peer until", Kind::DayTime))
            .field(Field::text("said_by", "Said by"))
            .field(channel())
            .field(known.when("said_at", "Said"))
            .field(Field::text("reference", "Call or message reference")),
    }
}

fn coverage(panel: Panel, known: &Known<'_>) -> Panel {
    let lines = vigil_domain::party::LineOfBusiness::ALL.iter().map(|l| Choice::new(l.word(), l.title())).collect();
    let first = known.stay.primary();
    panel
        .says("The payer that pays first, from now on. What payers said before stays on record.")
        .field(Field::text("payer_id", "Payer number").value(first.map(|h| h.payer_id.clone()).unwrap_or_default()))
        .field(Field::text("name", "Payer").value(first.map(|h| h.name.clone()).unwrap_or_default()))
        .field(Field::text("member_id", "Member number").value(first.map(|h| h.member_id.clone()).unwrap_or_default()))
        .field(
            Field::select("line", "Line of business", lines)
                .value(first.map_or("original-medicare", |h| h.line_of_business.word())),
        )
        .field(Field::select(
            "part_b",
            "Medicare Part B",
            vec![Choice::new("", "Not known"), Choice::new("yes", "Has Part B"), Choice::new("no", "No Part B")],
        ))
        .field(Field::select("change", "Why it changed", words_of!(CoverageChange)).value("corrected"))
        .field(Field::new("from", "From which day", Kind::Day))
        .field(Field::text("basis", "On what ground").hint("Eligibility answer of …, card shown, …"))
}

fn query(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    match action {
        Action::Query => new("Ask")
            .says("A question leads to no answer.")
            .field(Field::select("kind", "About", words_of!(QueryKind)).value("expected_midnights"))
            .field(Field::text("to", "To").value(known.stay.attending_at(known.now)))
            .field(Field::area("question", "Question", 3))
            .field(Field::area("because", "What in the record made it", 2)),
        Action::AnswerQuery => {
            let open = known.stay.queries.iter().filter(|q| q.answered.is_none());
            let open = open.map(|q| Choice::new(q.id.to_string(), q.question.clone())).collect();
            new("Record")
                .field(known.numbered("Query", open))
                .field(Field::select("outcome", "Outcome", words_of!(QueryOutcome)).value("documented"))
                .field(Field::area("words", "In words", 2))
        }
        _ => {
            let open = known.stay.alerts.iter().filter(|a| a.cleared.is_none());
            let open = open.map(|a| Choice::new(a.id.clone(), a.says.clone())).collect();
            new("Clear").field(known.numbered("Alert", open)).field(Field::area("why", "How it was dealt with", 2))
        }
    }
}

fn bill(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    match action {
        Action::Bill => {
            let routes = [("part_a", "Part A stands"), ("w2", "Part B rebilling (W2)"), ("no_bill", "No bill")];
            let mut panel = new("Check and route")
                .says("Each route’s conditions are checked in order; an unmet one refuses it with its citation.")
                .field(Field::new(
                    "route",
                    "Route",
                    Kind::Radio(routes.iter().map(|(v, l)| Choice::new(*v, *l)).collect()),
                ))
                .field(Field::area("rationale", "Reasons", 3));
            panel.grave = true;
            panel
        }
        Action::BillOut => new("Record").field(known.when("at", "Submitted")),
        _ => new("End reviews").field(Field::area("why", "Why no further review is needed", 2)),
    }
}

fn leaving(action: Action, new: impl Fn(&str) -> Panel, known: &Known<'_>) -> Panel {
    let codes = || Field::select("code", "Reason", reasons(known.library));
    match action {
        Action::PostAcute => new("Record")
            .field(Field::select("kind", "What", words_of!(PostAcuteKind)).value("skilled_nursing"))
            .field(known.payer())
            .field(Field::text("facility", "Facility or agency"))
            .field(known.when("at", "Asked")),
        Action::PostAcuteMove => {
            let all = known.stay.post_acute.iter();
            let all = all.map(|p| Choice::new(p.id.to_string(), words::plain(p.kind.word()))).collect();
            new("Record")
                .field(known.numbered("Request", all))
                .field(Field::select("step", "Step", words_of!(PostAcuteStep)).value("approved"))
                .field(Field::text("said_by", "Said by"))
                .field(Field::text("authorization", "Authorization number"))
                .field(known.when("at", "When"))
                .field(Field::area("words", "In words", 2))
        }
        Action::Choice => new("Record")
            .field(Field::area("offered", "Offered, one a line", 4))
            .field(Field::text("chosen", "Chosen"))
            .field(Field::text("disclosed", "Financial interests told").value("none")),
        Action::Barrier => new("Record").field(codes()).field(Field::area("note", "In words", 2)),
        Action::ClearBarrier => {
            let open = known.stay.barriers.iter().filter(|b| b.cleared.is_none());
            let open = open.map(|b| Choice::new(b.id.to_string(), format!("{} {}", b.code, b.note))).collect();
            new("Clear").field(known.numbered("Barrier", open))
        }
        Action::Delay => new("Record")
            .says("Recorded apart from criteria: a day may be both met and delayed.")
            .field(codes())
            .field(known.day("from", "First day"))
            .field(known.day("through", "Last day"))
            .field(Field::new("hours", "Hours, where less than a day", Kind::Number))
            .field(Field::text("department", "Department").hint("Empty: the reason’s owner"))
            .field(Field::area("note", "In words", 2)),
        Action::WithdrawDelay => {
            let all = known.stay.delays.iter();
            let all = all.map(|d| Choice::new(d.id.to_string(), format!("{} {}", d.code, d.says))).collect();
            new("Take back").field(known.numbered("Delay", all)).field(Field::area("why", "Why", 2))
        }
        Action::Group => new("Group")
            .says("The expected days come from the loaded table of the discharge day.")
            .field(Field::text("ms_drg", "MS-DRG, three digits"))
            .field(Field::new("final", "Final coding", Kind::Tick)),
        _ => new("Record"),
    }
}

/// Watches of clocks, so that the page and the boards name the same action for each.
pub fn for_watch(watch: &Watch) -> Option<Action> {
    Some(match watch {
        Watch::InitialReview | Watch::ContinuedReview => Action::Review,
        Watch::PayerNotification => Action::Notify,
        Watch::Clinicals => Action::Clinicals,
        Watch::PayerAnswer => Action::Answer,
        Watch::MoreDays => Action::Ask,
        Watch::AdvisorAnswer => Action::Advise,
        Watch::AttendingAnswer => Action::Attending,
        Watch::CommitteeDetermination => Action::Determine,
        Watch::CommitteeNotice | Watch::Notice => Action::Deliver,
        Watch::PeerToPeer => Action::Dispute,
        Watch::Reconsideration => Action::DisputeEnd,
        Watch::QioRecords => Action::QioRecords,
        Watch::QioAnswer => Action::QioDecision,
        Watch::PostAcute => Action::PostAcuteMove,
        Watch::Query => Action::AnswerQuery,
        Watch::Other(_) => return None,
    })
}
