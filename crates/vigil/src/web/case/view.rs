//! The case page's view: what is asked, what we know, how long we have. Built from the case and its history, nothing else.

use std::collections::BTreeMap;

use vigil_desk::act::History;
use vigil_domain::{
    authority::Unqualified,
    case::{
        Case, NoticeState, Stage,
        command::Delivery,
        decide::cut::continuation,
        renewal::{Renewal, renewal},
        standing::{self, Standing},
    },
    library::Library,
    party::{Credential, Provider},
    request::{ProposedCut, ServiceLine, Urgency},
    time::Moment,
};

use super::{
    actions::Action,
    clocks::{self, ClockView, Unclocked},
    criteria::{self, CriteriaView},
    evidence::{self, EvidenceItem},
    hide,
    panels::{self, Known},
    story::{self, ToldDay},
};
use crate::web::{
    house,
    panel::Panel,
    words::{self, Due},
};

/// The head of a case: always in sight.
#[derive(Debug, Clone)]
pub struct Head {
    /// Case number.
    pub id: String,
    /// `Doe, Jane · 71 F`.
    pub patient: String,
    /// Line of business.
    pub line_of_business: String,
    /// The plan.
    pub plan: String,
    /// Member number.
    pub member_id: String,
    /// The service in one line.
    pub service: String,
    /// `STANDARD`.
    pub urgency: &'static str,
    /// Expedited.
    pub expedited: bool,
    /// Due.
    pub due: Due,
    /// Nothing is due any more.
    pub finished: bool,
    /// Where the work stands.
    pub stage: String,
    /// Whom we wait for and for what.
    pub awaiting: Option<String>,
    /// Who has it.
    pub owner: Option<String>,
    /// The answer, once there is one.
    pub outcome: Option<String>,
    /// Every clock, explained.
    pub clocks: Vec<ClockView>,
    /// Where no clock of an answer ever ran: why, and the rules that were looked at.
    pub unclocked: Option<Unclocked>,
    /// The what-if form with this case's scope.
    pub what_if: String,
    /// Demonstration scenario.
    pub scenario: Option<String>,
    /// From when a request to renew the approval is taken, where the law says so.
    pub renewal: Option<String>,
    /// The cut that this case decides.
    pub cut: Option<CutView>,
    /// Why this reader may not deny what waits for a physician, and who may.
    pub unfit: Vec<String>,
}

/// A cut of what another case approved.
#[derive(Debug, Clone)]
pub struct CutView {
    /// The case that approved.
    pub of: String,
    /// What would stay, from when.
    pub says: String,
    /// Whether the service goes on meanwhile.
    pub goes_on: String,
}

/// The request as it came.
#[derive(Debug, Clone)]
pub struct RequestView {
    /// Label and value, in order.
    pub parties: Vec<(&'static str, String)>,
    /// Label and value of the receipt.
    pub receipt: Vec<(&'static str, String)>,
    /// Diagnoses.
    pub diagnoses: Vec<String>,
    /// Lines.
    pub lines: Vec<LineRow>,
    /// The requester's own words.
    pub note: Option<String>,
    /// Administrative questions, duplicates, network, other coverage.
    pub flags: Vec<String>,
}

/// One service line.
#[derive(Debug, Clone)]
pub struct LineRow {
    /// Its number.
    pub number: u32,
    /// The service.
    pub service: String,
    /// How much.
    pub quantity: String,
    /// When.
    pub days: String,
    /// Its answer: title, and what was granted.
    pub outcome: Option<(String, String)>,
    /// Marked adverse.
    pub adverse: bool,
}

/// Another case of the same member.
#[derive(Debug, Clone)]
pub struct Sibling {
    /// Case number.
    pub id: String,
    /// Service.
    pub service: String,
    /// When it came.
    pub received: String,
    /// Its state or outcome.
    pub state: String,
}

/// A notice.
#[derive(Debug, Clone)]
pub struct NoticeView {
    /// Its number.
    pub id: u32,
    /// What it is.
    pub title: String,
    /// Where its PDF is.
    pub href: Option<String>,
    /// Language and reading level.
    pub level: String,
    /// Missing elements.
    pub held: Vec<String>,
    /// Deliveries in words.
    pub deliveries: Vec<String>,
}

/// A button on the bar.
#[derive(Debug, Clone)]
pub struct ActionLink {
    /// Its word.
    pub word: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its key.
    pub key: &'static str,
    /// On the bar, or under "More".
    pub main: bool,
    /// Done at once.
    pub at_once: bool,
    /// Its form is open.
    pub open: bool,
}

/// The whole page but its frame and the shown document.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// Head.
    pub head: Head,
    /// Request.
    pub request: RequestView,
    /// Criteria by line.
    pub criteria: Vec<CriteriaView>,
    /// Evidence.
    pub evidence: Vec<EvidenceItem>,
    /// Time line.
    pub days: Vec<ToldDay>,
    /// Notices.
    pub notices: Vec<NoticeView>,
    /// Peer-to-peer.
    pub peer: Option<String>,
    /// Buttons.
    pub actions: Vec<ActionLink>,
    /// How many events the case had when the page was made.
    pub seen: u64,
    /// The open form.
    pub panel: Option<Panel>,
    /// May determine here.
    pub may_determine: bool,
}

/// What the reader asked to see.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Evidence to show.
    pub show: Option<String>,
    /// Form to open.
    pub action: Option<Action>,
    /// Criterion to answer.
    pub fact: String,
    /// How many events the case had when the page was made that this goes on from.
    pub seen: Option<u64>,
}

/// The reader.
pub struct Reader<'a> {
    /// Account.
    pub person: &'a str,
    /// Licences and fields, as checked.
    pub credential: &'a Credential,
    /// What the reader may do.
    pub may: &'a dyn Fn(Action) -> bool,
    /// May determine.
    pub determines: bool,
    /// The machine's verdict is hidden from this reader.
    pub hidden: bool,
    /// Names of accounts that the events themselves do not tell.
    pub people: BTreeMap<String, String>,
}

/// Builds the page.
pub fn build(history: &History, library: &Library, reader: &Reader<'_>, asked: &Asked, now: Moment) -> CaseView {
    let case = &history.case;
    let mut names = reader.people.clone();
    names.extend(story::names(&history.events));
    let criteria = criteria::views(case, library, &names, reader.hidden);
    let known = Known { case, library, criteria: &criteria, fact: &asked.fact, now };
    let panel = asked
        .action
        .filter(|a| (reader.may)(*a) && (*a == Action::Facts || a.offered(case, reader.person, reader.hidden)))
        .map(|action| panels::panel(action, &known));
    CaseView {
        head: Head { unfit: unfit(case, library, reader, now), ..head(case, library, now) },
        request: request(case),
        evidence: evidence::items(case, reader.person, asked.show.as_deref(), now),
        days: story::told(case, hide::shown(&history.events, reader.hidden), &names, now),
        notices: case.notices.iter().map(|n| notice(case, n, now)).collect(),
        peer: case.peer_to_peer.as_ref().map(|p| match &p.held {
            Some((outcome, summary)) => format!("{}. {summary}", words::capital(story::peer_talk(*outcome))),
            None => format!("Agreed for {} with {}", words::near(p.at, &case.contract.zone, now), p.with),
        }),
        actions: links(case, reader, asked),
        seen: asked.seen.unwrap_or(case.version),
        may_determine: reader.determines && !case.is_determined(),
        panel,
        criteria,
    }
}

/// Why a reader who determines may not deny what waits for a physician here: the decision asks the same table.
fn unfit(case: &Case, library: &Library, reader: &Reader<'_>, now: Moment) -> Vec<String> {
    let Some(Standing::MayNot(refused)) =
        standing::of(library, case, reader.credential, now).filter(|_| reader.determines)
    else {
        return Vec::new();
    };
    let said = |why: Unqualified| {
        words::dated(&format!("{} {} ({})", why.says, why.remedy, house::said_by(&why.rule, &why.citation)))
    };
    refused.into_iter().map(said).collect()
}

fn links(case: &Case, reader: &Reader<'_>, asked: &Asked) -> Vec<ActionLink> {
    let offered = Action::ALL.iter().filter(|a| (reader.may)(**a) && a.offered(case, reader.person, reader.hidden));
    offered
        .map(|action| {
            let row = action.row();
            ActionLink {
                word: row.word,
                title: row.title,
                key: row.key,
                main: row.main,
                at_once: action.at_once(),
                open: asked.action == Some(*action),
            }
        })
        .collect()
}

fn head(case: &Case, library: &Library, now: Moment) -> Head {
    let zone = &case.contract.zone;
    let next = case.next_clock();
    let first = case.open_lines().next().or_else(|| case.lines.first());
    let service = first.map(|state| service(&state.line)).unwrap_or_default();
    let more = case.lines.len().saturating_sub(1);
    Head {
        id: case.id.clone(),
        patient: words::patient(&case.member, zone.day(now)),
        line_of_business: case.contract.line_of_business.title().to_owned(),
        plan: case.contract.name.clone(),
        member_id: case.member.member_id.clone(),
        service: if more == 0 {
            service
        } else {
            format!("{service} and {}", words::many(more as i64, "line more", "lines more"))
        },
        urgency: if case.urgency == Urgency::Expedited { "EXPEDITED" } else { "STANDARD" },
        expedited: case.urgency == Urgency::Expedited,
        due: Due::new(next.map(|c| c.due_at), zone, now, next.is_some_and(|c| c.warned_at.is_some())),
        finished: next.is_none(),
        stage: stage(case, now),
        awaiting: case.awaiting.as_ref().map(|a| {
            format!("Waiting for {} since {}: {}", a.from, words::near(a.since, zone, now), a.wanted.join("; "))
        }),
        owner: case.owner.as_ref().map(|(_, name)| name.clone()),
        outcome: case.outcome_word().map(outcome_title),
        clocks: clocks::views(case, library, now),
        unclocked: clocks::unclocked(case, library),
        what_if: clocks::what_if(case),
        scenario: case.scenario.clone(),
        renewal: renewal(library, case).map(|window| renews(&window)),
        cut: case.request.cut.as_ref().map(|asked| cut(case, asked, library)),
        unfit: Vec::new(),
    }
}

fn renews(window: &Renewal) -> String {
    let rule = &window.rule;
    format!(
        "A request to renew this approval, which ends {}, is taken from {} on, and decided before it ends where that can be done. {} · {} ({})",
        words::day(window.expires_on),
        words::day(window.from),
        rule.id,
        rule.cite,
        rule.confidence.word(),
    )
}

fn cut(case: &Case, cut: &ProposedCut, library: &Library) -> CutView {
    let zone = &case.contract.zone;
    let left = cut.keeps.as_ref().map_or("nothing".to_owned(), |q| words::quantity(q.amount, &q.unit));
    let told_at = case.notices.iter().filter_map(|n| n.given_to("member")).min();
    let adverse = case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(|o| o.is_adverse()));
    let goes_on = match (&case.continuation, continuation(library, case, told_at)) {
        _ if case.is_determined() && !adverse => "The approved course goes on as it was.".to_owned(),
        (Some(asked), _) => {
            let when = words::moment(asked.asked_at, zone);
            let what = if asked.timely {
                "the service goes on while the appeal is decided"
            } else {
                "too late; the cut begins on its day"
            };
            format!("{}, {when}: {what} ({}, {}).", asked.asked_by, asked.rule, asked.cite)
        }
        (None, Some((rule, Some(until)))) => {
            format!(
                "The member may ask until {} that it goes on ({}, {}).",
                words::moment(until, zone),
                rule.id,
                rule.cite
            )
        }
        (None, Some((rule, None))) => format!("It goes on while an appeal is decided ({}, {}).", rule.id, rule.cite),
        (None, None) => "The approval stands until the first day of the cut.".to_owned(),
    };
    CutView {
        of: cut.case.clone(),
        says: format!(
            "authorization {}, line {}: {} {left} from {}. The reason: {}",
            cut.authorization,
            cut.line,
            if case.is_determined() && adverse { "leaves" } else { "would leave" },
            words::day(cut.effective_on),
            cut.why
        ),
        goes_on,
    }
}

fn service(line: &ServiceLine) -> String {
    match &line.quantity {
        Some(q) => format!("{}, {}", line.title(), words::quantity(q.amount, &q.unit)),
        None => line.title(),
    }
}

/// What pages call an outcome's word.
pub fn outcome_title(word: &str) -> String {
    match word {
        "approved" => "Approved",
        "partially_approved" => "Partially denied",
        "modified" => "Modified",
        "not_approved" => "Denied",
        "administrative_adverse" => "Denied (administrative)",
        "no_review_required" => "No review required",
        "withdrawn" => "Withdrawn",
        "dismissed" => "Dismissed",
        "void" => "Void",
        "cancelled" => "Cancelled",
        other => other,
    }
    .to_owned()
}

fn stage(case: &Case, now: Moment) -> String {
    let zone = &case.contract.zone;
    match &case.stage {
        Stage::Screening => "Screening".to_owned(),
        Stage::Review { queue, why, .. } => format!("{}: {why}", words::capital(story::queue(*queue))),
        Stage::Determined { at } => format!("Decided {}", words::near(*at, zone, now)),
    }
}

fn provider(provider: &Provider) -> String {
    let npi = provider.npi.as_deref().map(|n| format!(" · NPI {n}")).unwrap_or_default();
    let phone = provider.phone.as_deref().map(|p| format!(" · {p}")).unwrap_or_default();
    format!("{}{npi}{phone}", provider.name)
}

fn request(case: &Case) -> RequestView {
    let request = &case.request;
    let zone = &case.contract.zone;
    let mut parties = vec![("Requester", provider(&request.requester))];
    if let Some(person) = &request.practitioner {
        parties.push(("Practitioner", provider(person)));
    }
    if let Some(facility) = &request.facility {
        parties.push(("Facility", provider(facility)));
    }
    parties.push(("Review", words::capital(request.review.word())));
    let besides: Vec<&str> = request.circumstances.iter().map(words::circumstance).collect();
    if !besides.is_empty() {
        parties.push(("Also", besides.join("; ")));
    }
    parties.push(("Plan", format!("{}, {}", case.contract.name, case.contract.state)));
    let through = case.coverage.through.map(|d| format!(" to {}", words::day(d))).unwrap_or_default();
    parties.push(("Coverage", format!("from {}{through}", words::day(case.coverage.from))));
    let receipt = &request.receipt;
    let mut facts = vec![
        ("Received", format!("{} by {}", words::moment(receipt.received_at, zone), words::channel(&receipt.channel))),
        ("Proof", receipt.proof.clone()),
    ];
    if receipt.entered_at != receipt.received_at {
        facts.push(("Entered", format!("{} by {}", words::moment(receipt.entered_at, zone), receipt.entered_by)));
    }
    for (label, value) in [
        ("Caller", receipt.caller.clone()),
        ("Authority", receipt.authority.clone()),
        ("Expedite asked by", receipt.expedite_asked_by.as_ref().map(|a| a.word().to_owned())),
        ("Form", receipt.form_note.clone()),
    ] {
        if let Some(value) = value {
            facts.push((label, value));
        }
    }
    RequestView {
        parties,
        receipt: facts,
        diagnoses: request.diagnoses.iter().map(|d| d.code.to_string()).collect(),
        lines: case.lines.iter().map(line_row).collect(),
        note: request.note.clone(),
        flags: flags(case),
    }
}

fn flags(case: &Case) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    for state in &case.lines {
        flags.extend(state.administrative.iter().map(|a| format!("Line {}: {a}", state.line.sequence)));
    }
    flags.extend(case.overlaps.iter().map(|o| format!("Line {} may repeat case {}: {}", o.line, o.case, o.why)));
    if case.in_network == Some(false) {
        flags.push("The servicing provider is not in the plan's network.".to_owned());
    }
    if let Some(other) = &case.other_coverage {
        flags.push(format!("Other coverage: {other}"));
    }
    if case.eligibility_open {
        flags.push("The member was enrolled from the request: eligibility is still to be checked.".to_owned());
    }
    flags.dedup();
    flags
}

fn line_row(state: &vigil_domain::case::LineState) -> LineRow {
    let line = &state.line;
    let days = match (line.from, line.through) {
        (Some(from), Some(through)) if from == through => words::day(from),
        (Some(from), Some(through)) => format!("{} to {}", words::day(from), words::day(through)),
        (Some(from), None) => format!("from {}", words::day(from)),
        _ => String::new(),
    };
    let outcome = state.outcome.as_ref().map(|outcome| {
        let granted = outcome.grant().map(|grant| {
            let how_much = grant.quantity.as_ref().map(|q| words::quantity(q.amount, &q.unit)).unwrap_or_default();
            let instead = grant.service.as_ref().map(|s| format!("{s} ")).unwrap_or_default();
            let until = grant.through.map(|d| format!(" through {}", words::day(d))).unwrap_or_default();
            format!("{instead}{how_much}{until} · {}", grant.authorization)
        });
        (outcome.title().to_owned(), granted.unwrap_or_default())
    });
    LineRow {
        number: line.sequence,
        service: line.title(),
        quantity: line.quantity.as_ref().map(|q| words::quantity(q.amount, &q.unit)).unwrap_or_default(),
        days,
        adverse: state.outcome.as_ref().is_some_and(vigil_domain::determination::Outcome::is_adverse),
        outcome,
    }
}

fn notice(case: &Case, state: &NoticeState, now: Moment) -> NoticeView {
    let zone = &case.contract.zone;
    let delivery = |(at, delivery): &(Moment, Delivery)| {
        let what = if delivery.succeeded { "given to" } else { "did not reach" };
        format!(
            "{what} the {} by {}, {} ({})",
            delivery.recipient,
            delivery.channel,
            words::near(*at, zone, now),
            delivery.proof
        )
    };
    NoticeView {
        id: state.id,
        title: words::capital(&story::notice_title(state)),
        href: state.composed.as_ref().map(|c| format!("/case/{}/document/{}", case.id, c.document)),
        level: state
            .composed
            .as_ref()
            .map(|c| format!("{}, grade {:.1}", language(&c.language), c.reading_level))
            .unwrap_or_default(),
        held: state.held.clone(),
        deliveries: state.deliveries.iter().map(delivery).collect(),
    }
}

fn language(tag: &str) -> &str {
    match tag.split('-').next().unwrap_or(tag) {
        "en" => "English",
        "es" => "Spanish",
        _ => tag,
    }
}
