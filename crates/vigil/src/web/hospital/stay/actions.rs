//! What may be done on a stay's page: one row an action, with its key, and to whom it is offered. `panels/` has
//! the forms.

use vigil_domain::stay::{Stay, clock::Watch, notice::QioAppeal};

use crate::{access::Permission, web::case::story::Names};

/// Who looks, and what they may do.
pub struct Reader<'a> {
    /// Account.
    pub person: &'a str,
    /// Names of accounts.
    pub names: &'a Names,
    /// Permissions.
    pub may: &'a dyn Fn(Action) -> bool,
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
    Code44 = "condition-code-44", "Condition code 44", "", true, WorkStays, false, "The status is changed. Condition code 44 is complete once its letters are given in time; the bill’s flags follow after discharge.";
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
    QioCall = "qio-call", "Appeal to the QIO: call", "", false, WorkStays, false, "The call is recorded; where it was in time, the patient may not be charged meanwhile.";
    /// QIO records.
    QioRecords = "qio-records", "Appeal to the QIO: records sent", "", false, WorkStays, false, "The records are recorded as sent.";
    /// QIO reconsideration.
    QioReconsider = "qio-reconsider", "Appeal to the QIO: reconsideration asked", "", false, WorkStays, false, "The request to reconsider is recorded.";
    /// QIO decision.
    QioDecision = "qio-decision", "Appeal to the QIO: decision", "", false, WorkStays, false, "The organization’s decision is recorded.";
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
    /// A review that the UR plan owes by a day.
    PlanReview = "plan-review", "UR plan: review by a day", "", false, WorkStays, false, "It is kept; where it has a last day, its clock runs.";
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
            Self::Deliver | Self::Prepare => stay.open_notices().next().is_some(),
            Self::EndNotice => stay.open_notices().any(|notice| !notice.kind.follows()),
            Self::Notify | Self::Clinicals | Self::Ask | Self::Answer | Self::Dispute | Self::PayerReview => {
                !stay.held.is_empty()
            }
            Self::PlanReview => stay.bedded_at().is_some(),
            Self::DisputeEnd => stay.disputes.iter().any(|d| d.ended.is_none()),
            Self::QioCall if stay.changed_at().is_some() => stay.change_appeal_in_force().is_none(),
            Self::QioCall => stay.qio.is_none() && stay.is_medicare(),
            Self::QioRecords => appeals(stay).any(|q| q.records_at.is_none() && q.decided.is_none()),
            Self::QioReconsider => {
                stay.change_appeal_in_force().is_some_and(|q| q.decided.is_some() && q.reconsidered.is_none())
            }
            Self::QioDecision => appeals(stay).any(QioAppeal::runs),
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

/// The appeals to the quality improvement organization: of the change of status, of the discharge.
fn appeals(stay: &Stay) -> impl Iterator<Item = &QioAppeal> {
    stay.change_appeal.iter().chain(&stay.qio)
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
        Watch::PlanReview => Action::PlanReview,
        Watch::PeerToPeer => Action::Dispute,
        Watch::Reconsideration => Action::DisputeEnd,
        Watch::QioRecords => Action::QioRecords,
        Watch::QioAnswer => Action::QioDecision,
        Watch::PostAcute => Action::PostAcuteMove,
        Watch::Query => Action::AnswerQuery,
        Watch::Other(_) => return None,
    })
}
