//! From a message to news of stays: read fully, then judged. All issues, each with its segment and field.

use vigil_domain::{
    stay::{
        facility::SiteMap,
        news::{Identifier, Joins, Kept, Movement, MovementAction, NewsKind, NewsSource, Road, StayNews, Told},
    },
    time::{Moment, Zone},
};

use super::{
    fields::{self, Desk},
    insurance,
    lexer::{Header, Message, Segment},
    order,
    people::{self, Segments},
    trigger::{Join, Meaning, meaning},
};
use crate::issue::{Issue, IssueCode, Notes, Severity};

/// What reading needs beside the message.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// How the site codes things.
    pub site: &'a SiteMap,
    /// The zone of times that name none.
    pub zone: &'a Zone,
    /// What makes these bytes one message: sender, control id and hash. News ids begin with it.
    pub mark: &'a str,
    /// First contact.
    pub received_at: Moment,
}

/// A message that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Its news, one for each visit or person it speaks of; none when it has nothing to do with stays.
    pub news: Vec<StayNews>,
    /// Warnings.
    pub issues: Vec<Issue>,
}

/// A message that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The kind of message or trigger is not one we support; otherwise the data are at fault.
    pub unsupported: bool,
    /// Every issue.
    pub issues: Vec<Issue>,
}

/// Reads a message.
///
/// # Errors
/// Not supported, or data at fault: every issue with its place.
pub fn read(message: &Message, reading: Reading<'_>) -> Result<Received, Unread> {
    let header = message.header();
    let meaning = match header.kind.as_str() {
        "ADT" => meaning(&header.trigger),
        "ORM" | "OMG" => Some(Meaning::Visit(NewsKind::Order)),
        _ => None,
    };
    let Some(meaning) = meaning else { return Err(unsupported(&header)) };
    let mut desk = Desk { zone: reading.zone, notes: Notes::default() };
    headers(&mut desk, &header, message);
    let news = match meaning {
        Meaning::Nothing(why) => {
            desk.notes.note(Severity::Information, IssueCode::Informational, "MSH-9", why, "Nothing is to be done.");
            Vec::new()
        }
        Meaning::Visit(NewsKind::Order) => orders(&mut desk, message, reading, &header),
        Meaning::Visit(kind) => visit(&mut desk, message, reading, &header, kind).into_iter().collect(),
        Meaning::Person => person(&mut desk, message, reading, &header).into_iter().collect(),
        Meaning::Swap => swap(&mut desk, message, reading, &header),
        Meaning::Join(kind, join) => joins(&mut desk, message, reading, &header, &kind, join),
    };
    match desk.notes.finish(Some(news)) {
        Ok((news, issues)) => Ok(Received { news: numbered(news, reading.mark), issues }),
        Err(issues) => Err(Unread { unsupported: false, issues }),
    }
}

fn unsupported(header: &Header) -> Unread {
    let named = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).take(5).collect::<String>();
    let issue = Issue {
        severity: Severity::Error,
        code: IssueCode::NotSupported,
        expression: "MSH-9".into(),
        details: format!("{}^{} is not supported.", named(&header.kind), named(&header.trigger)),
        diagnostics: "Send ADT and status orders (ORM^O01, OMG^O19); see docs/operate/hospital-feeds.md.".into(),
    };
    Unread { unsupported: true, issues: vec![issue] }
}

/// News of one message are told apart by their number.
fn numbered(mut news: Vec<StayNews>, mark: &str) -> Vec<StayNews> {
    for (index, one) in news.iter_mut().enumerate() {
        one.id = format!("{mark}/{index}");
    }
    news
}

fn headers(desk: &mut Desk<'_>, header: &Header, message: &Message) {
    if header.control.is_empty() {
        desk.missing("MSH-10", "the control id");
    }
    if let Some(other) = &header.other_trigger {
        let details = format!("EVN-1 says {other}, MSH-9 says {}; MSH-9 was taken.", header.trigger);
        desk.notes.note(Severity::Warning, IssueCode::Value, "EVN-1", details, "Send the same trigger in both.");
    }
    if message.foreign {
        let details = "The code page is not one we know; letters beyond ASCII were read as ISO 8859-1.";
        desk.notes.note(Severity::Warning, IssueCode::Value, "MSH-18", details, "Send UNICODE UTF-8 or 8859/1.");
    }
}

/// The three times of a message.
struct Times {
    sent: Option<Moment>,
    recorded: Moment,
    happened: Option<Moment>,
}

fn times(desk: &mut Desk<'_>, message: &Message, reading: Reading<'_>) -> Times {
    let evn = message.segment("EVN");
    let sent = desk.at(message.segment("MSH"), 7);
    let recorded = desk.at(evn, 2).or(sent).unwrap_or(reading.received_at);
    // A movement that is numbered says itself when it began.
    let happened = desk.at(message.segment("ZBE"), 2).or_else(|| desk.at(evn, 6));
    Times { sent, recorded, happened }
}

fn blank(header: &Header, kind: &NewsKind, times: &Times) -> StayNews {
    let source = NewsSource { road: Road::Hl7, sender: header.sender(), message: header.control.clone() };
    let mut news = StayNews::new(source, &header.trigger, kind.clone(), times.happened.unwrap_or(times.recorded));
    news.recorded_at = times.recorded;
    news.sent_at = times.sent;
    news
}

/// News of the visit that PID and PV1 name.
fn visit(
    desk: &mut Desk<'_>,
    message: &Message,
    reading: Reading<'_>,
    header: &Header,
    kind: NewsKind,
) -> Option<StayNews> {
    let times = times(desk, message, reading);
    let mut news = blank(header, &kind, &times);
    news.kept = kept(message);
    let group = Segments { pv1: message.segment("PV1"), pv2: message.segment("PV2") };
    group_of(desk, &mut news, message.segment("PID"), group, reading);
    if kind != NewsKind::Order && group.pv1.is_none() {
        desk.missing("PV1", "the visit");
    }
    news.payers = insurance::payers(desk, message, reading.site);
    news.diagnoses = people::diagnoses(message);
    news.procedures = people::procedures(desk, message);
    news.movement = movement(message);
    if let Some(mrg) =
        message.segment("MRG").filter(|_| matches!(kind, NewsKind::ClassUp | NewsKind::ClassDown | NewsKind::Admit))
    {
        // A class change may come with the number the visit had before; that is no merge.
        news.visit.prior = mrg.field(5).or_else(|| mrg.field(3)).and_then(fields::identifier);
    }
    let start = news.visit.started_at.as_ref().and_then(|s| s.value().copied());
    let end = news.discharge.as_ref().and_then(|d| d.value()).and_then(|d| d.at);
    news.effective_at = times.happened.unwrap_or(match kind {
        NewsKind::Register | NewsKind::Admit => start.unwrap_or(times.recorded),
        NewsKind::Discharge => end.unwrap_or(times.recorded),
        _ => times.recorded,
    });
    Some(news)
}

/// Patient, visit, class and place of one PID and PV1.
fn group_of(
    desk: &mut Desk<'_>,
    news: &mut StayNews,
    pid: Option<Segment<'_>>,
    group: Segments<'_>,
    reading: Reading<'_>,
) {
    let Some(pid) = pid else { return desk.missing("PID", "the patient") };
    news.patient = people::patient(desk, pid);
    people::visit(desk, news, pid, group);
    if news.patient.identifiers.is_empty() {
        desk.missing("PID-3", "a patient number");
    }
    if news.visit.number.is_none() && news.visit.account.is_none() && news.visit.alternate.is_none() {
        desk.missing("PV1-19", "a visit number or an account number");
    }
    let place = news.place.as_ref().and_then(|p| p.value());
    if let Some(class) = &mut news.class {
        class.status = reading.site.status_of(class, place, &news.kept);
    }
    let told = reading.site.care_start.iter().find_map(|name| {
        let text = news.kept.iter().find_map(|k| k.field(name)).filter(|text| !text.is_empty())?;
        Some((name, super::time::moment(text, reading.zone)))
    });
    match told {
        Some((_, Some(read))) => news.visit.care_started_at = Some(Told::Is(read.at)),
        Some((name, None)) => {
            let todo = "Send YYYYMMDDHHMM, or take the field out of the site map.";
            desk.notes.note(Severity::Warning, IssueCode::Value, name, "The start of care cannot be read.", todo);
        }
        None => {}
    }
}

/// The site's own segments, as they came.
fn kept(message: &Message) -> Vec<Kept> {
    let own = message.segments().filter(|s| s.name().starts_with('Z') && s.name() != "ZBE");
    own.map(|s| Kept { name: s.name().to_owned(), text: s.text.to_owned() }).collect()
}

/// The movement's own number (IHE PAM): the one clean way to correct history.
fn movement(message: &Message) -> Option<Movement> {
    let zbe = message.segment("ZBE")?;
    let id = zbe.text(1, 1);
    let action = MovementAction::read(&zbe.text(4, 1).to_ascii_lowercase());
    (!id.is_empty() && action.is_known()).then_some(Movement { id, action })
}

fn person(desk: &mut Desk<'_>, message: &Message, reading: Reading<'_>, header: &Header) -> Option<StayNews> {
    let times = times(desk, message, reading);
    let mut news = blank(header, &NewsKind::Person, &times);
    let Some(pid) = message.segment("PID") else {
        desk.missing("PID", "the patient");
        return None;
    };
    news.patient = people::patient(desk, pid);
    if news.patient.identifiers.is_empty() {
        desk.missing("PID-3", "a patient number");
    }
    news.payers = insurance::payers(desk, message, reading.site);
    Some(news)
}

fn orders(desk: &mut Desk<'_>, message: &Message, reading: Reading<'_>, header: &Header) -> Vec<StayNews> {
    let orders = order::orders(desk, message, reading.site);
    if orders.is_empty() && !desk.notes.refused() {
        let (why, todo) = ("None of the orders is a status order of the site map.", "Nothing is to be done.");
        desk.notes.note(Severity::Information, IssueCode::Informational, "OBR-4", why, todo);
        return Vec::new();
    }
    let Some(base) = visit(desk, message, reading, header, NewsKind::Order) else { return Vec::new() };
    let one = |order: vigil_domain::stay::news::StatusOrder| {
        // What an order's message says of the visit is registration's word of then: only who and which visit are taken.
        let mut news = StayNews::new(base.source.clone(), &base.trigger, NewsKind::Order, order.at);
        news.recorded_at = base.recorded_at;
        news.sent_at = base.sent_at;
        news.patient = base.patient.clone();
        news.visit.number = base.visit.number.clone();
        news.visit.account = base.visit.account.clone();
        news.visit.alternate = base.visit.alternate.clone();
        news.effective_at = order.ended_at.unwrap_or(order.at);
        news.order = Some(order);
        news
    };
    orders.into_iter().map(one).collect()
}

/// Two patients change places: two groups, read apart, never joined.
fn swap(desk: &mut Desk<'_>, message: &Message, reading: Reading<'_>, header: &Header) -> Vec<StayNews> {
    let times = times(desk, message, reading);
    let mut groups: Vec<(Segment<'_>, Segments<'_>)> = Vec::new();
    for segment in message.segments() {
        match (segment.name(), groups.last_mut()) {
            ("PID", _) => groups.push((segment, Segments { pv1: None, pv2: None })),
            ("PV1", Some((_, group))) => group.pv1 = Some(segment),
            ("PV2", Some((_, group))) => group.pv2 = Some(segment),
            _ => {}
        }
    }
    if groups.len() != 2 {
        let details = "A swap names two patients.";
        desk.notes.note(Severity::Error, IssueCode::Structure, "PID", details, "Send two groups of PID and PV1.");
    }
    let one = |(pid, group): (Segment<'_>, Segments<'_>)| {
        let mut news = blank(header, &NewsKind::Transfer, &times);
        group_of(desk, &mut news, Some(pid), group, reading);
        news
    };
    groups.into_iter().map(one).collect()
}

/// Identities that are joined: each PID with the MRG after it.
fn joins(
    desk: &mut Desk<'_>,
    message: &Message,
    reading: Reading<'_>,
    header: &Header,
    kind: &NewsKind,
    join: Join,
) -> Vec<StayNews> {
    let times = times(desk, message, reading);
    let mut found = Vec::new();
    let mut pid: Option<Segment<'_>> = None;
    for (index, segment) in message.segments().enumerate() {
        match (segment.name(), pid) {
            ("PID", _) => pid = Some(segment),
            ("MRG", Some(into)) => {
                let pv1 =
                    message.segments().skip(index + 1).take_while(|s| s.name() != "PID").find(|s| s.name() == "PV1");
                found.extend(one_join(desk, blank(header, kind, &times), into, segment, pv1, join));
            }
            _ => {}
        }
    }
    if found.is_empty() && !desk.notes.refused() {
        desk.missing("MRG", "the number that is joined");
    }
    found
}

fn one_join(
    desk: &mut Desk<'_>,
    mut news: StayNews,
    pid: Segment<'_>,
    mrg: Segment<'_>,
    pv1: Option<Segment<'_>>,
    join: Join,
) -> Option<StayNews> {
    news.patient = people::patient(desk, pid);
    let patient = (mrg.field(1).and_then(fields::identifier), news.patient.identifiers.first().cloned());
    let account = (mrg.field(3).and_then(fields::identifier), pid.field(18).and_then(fields::identifier));
    let number = |field: usize| pv1.and_then(|pv1| pv1.field(field)).and_then(fields::identifier);
    let visit = match join {
        Join::Alternate => (mrg.field(6).and_then(fields::identifier), number(50)),
        _ => (mrg.field(5).and_then(fields::identifier), number(19)),
    };
    let both = |(from, into): (Option<Identifier>, Option<Identifier>)| Some((from?, into?));
    let joins = Joins { patient: both(patient), account: both(account), visit: both(visit) };
    let (told, places) = match join {
        Join::Patient => (joins.patient.is_some(), ["MRG-1", "PID-3"]),
        Join::Account => (joins.account.is_some(), ["MRG-3", "PID-18"]),
        Join::PatientAndAccount => (joins.patient.is_some() && joins.account.is_some(), ["MRG-3", "PID-18"]),
        Join::Visit => (joins.visit.is_some(), ["MRG-5", "PV1-19"]),
        Join::Alternate => (joins.visit.is_some(), ["MRG-6", "PV1-50"]),
    };
    if !told {
        desk.missing(places[0], "the number that is joined, and the one that stays");
        return None;
    }
    if news.kind == NewsKind::Move {
        news.visit.account = mrg.field(3).and_then(fields::identifier);
        news.visit.number = mrg.field(5).and_then(fields::identifier);
    }
    // A merge of accounts says nothing of the patients, and the other way round; a move names the account or visit moved.
    news.joins = Some(match (join, &news.kind) {
        (Join::Patient, NewsKind::Move) => Joins { visit: None, ..joins },
        (Join::Patient, _) => Joins { patient: joins.patient, ..Joins::default() },
        (Join::Account, NewsKind::Move) => Joins { patient: None, ..joins },
        (Join::Account, _) => Joins { account: joins.account, ..Joins::default() },
        (Join::PatientAndAccount, _) => Joins { visit: None, ..joins },
        (Join::Visit | Join::Alternate, _) => Joins { visit: joins.visit, ..Joins::default() },
    });
    Some(news)
}
