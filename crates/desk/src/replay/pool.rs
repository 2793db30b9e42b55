//! The distinct requests of a replay, with their parties resolved, and the calendar over which they are laid.

use std::sync::Arc;

use vigil_domain::{
    case::command::Resolved,
    evidence::Document,
    library::Library,
    party::{Contract, Coverage, Member, Provider},
    request::{Channel, Receipt, Request},
    time::{Day, Moment, Zone},
};
use vigil_store::{Store, Write};
use vigil_wire::fhir::pas::{Base, read_submit};

use crate::{
    Desk, MAIN_TENANT, Settings,
    act::ActError,
    party::Eligibility,
    receive::documents_of,
    sim::{
        arrivals::{self, Bent, Truth},
        rng::Rng,
        world::World,
    },
    time::Time,
};

/// A plan's year: everything follows from it.
#[derive(Debug, Clone)]
pub struct Year {
    /// The seed.
    pub seed: u64,
    /// First day.
    pub from: Day,
    /// Days.
    pub days: i64,
    /// Members.
    pub members: u64,
    /// Distinct requests in the pool.
    pub distinct: usize,
}

impl Year {
    /// The year 2026 of a seed: half a million members, 4,096 distinct requests.
    pub fn of(seed: u64) -> Self {
        Self { seed, from: jiff::civil::date(2026, 1, 1), days: 365, members: 500_000, distinct: 4_096 }
    }
}

/// One distinct request.
pub struct Entry {
    /// As read.
    pub request: Request,
    /// Its parties; none for a request that eligibility turns away.
    pub resolved: Option<Box<Resolved>>,
    /// What is true of its lines.
    pub truth: Vec<Truth>,
    /// Its bytes on the line.
    pub bytes: Vec<u8>,
    /// The base it speaks.
    pub base: Base,
    /// The day it was drawn for.
    pub on: Day,
    /// The person of the world who is its member; none for a member nobody knows.
    person: Option<usize>,
    /// Where its bytes differ from message to message, in order.
    slots: Vec<(usize, usize, Slot)>,
}

/// What differs from message to message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Member,
    Number,
    Message,
}

/// The pool.
pub struct Pool {
    world: World,
    entries: Vec<Entry>,
    calendar: Calendar,
    members: u64,
    distinct_step: u64,
}

impl Pool {
    /// Draws the distinct requests of a year and resolves their parties as the desk does.
    ///
    /// # Errors
    /// Faults of the store in memory that holds roster and directory meanwhile.
    pub fn draw(library: &Arc<Library>, year: &Year) -> Result<Self, ActError> {
        let mut rng = Rng::new(year.seed);
        let people = (year.distinct / 2).clamp(50, 2_000).min(usize::try_from(year.members).unwrap_or(2_000)).max(1);
        let world = World::new(&mut rng.fork(1), year.from, people);
        let zone = Zone::named("America/New_York").expect("New York is in the bundled zone database");
        let calendar = Calendar::new(&zone, year.from, year.days);
        let desk = Desk::new(
            Store::in_memory()?,
            Arc::clone(library),
            Time::simulated(Moment::UNIX_EPOCH),
            Settings::default(),
        );
        desk.store.write_blocking(Write::of(MAIN_TENANT, world.items()))?;
        let middle = calendar.middle();
        let mut dice = rng.fork(2);
        let mut entries = Vec::with_capacity(year.distinct);
        while entries.len() < year.distinct.max(1) {
            entries.extend(entry(&desk, &world, &mut dice, entries.len(), middle)?);
        }
        let distinct_step = step(entries.len() as u64);
        Ok(Self { world, entries, calendar, members: year.members.max(1), distinct_step })
    }

    /// The distinct request of number n: each comes once before any comes again, in an order of its own.
    pub fn entry(&self, n: u64) -> &Entry {
        let count = self.entries.len() as u64;
        let place = n.wrapping_mul(self.distinct_step) % count;
        &self.entries[usize::try_from(place).unwrap_or(0)]
    }

    /// Every distinct request.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A moment of the year, as busy as its hour, weekday and season are.
    pub fn moment(&self, rng: &mut Rng) -> Moment {
        self.calendar.moment(rng)
    }

    /// Lays a request on its day: number, member, moment of receipt, days of service.
    pub fn lay(&self, request: &mut Request, entry: &Entry, n: u64, at: Moment) {
        let contract = entry.resolved.as_ref().map(|r| &r.contract);
        let day = contract.map_or(entry.on, |c| c.zone.day(at));
        let ahead = i64::from((day - entry.on).get_days());
        let moved = |day: Option<Day>| day.map(|d| d.checked_add(jiff::Span::new().days(ahead)).unwrap_or(d));
        for line in &mut request.lines {
            (line.from, line.through) = (moved(line.from), moved(line.through));
        }
        for document in &mut request.documents {
            document.on = moved(document.on);
        }
        request.receipt.received_at = at;
        request.receipt.entered_at = at;
        request.member.member_id = self.member_number(entry, n);
        for identifier in &mut request.identifiers {
            identifier.value = number(n);
        }
    }

    /// Writes the bytes of request n, as its sender would, and gives the base it speaks.
    pub fn body(&self, n: u64, into: &mut Vec<u8>) -> Base {
        let entry = self.entry(n);
        into.clear();
        let mut from = 0;
        for (start, end, slot) in &entry.slots {
            into.extend_from_slice(&entry.bytes[from..*start]);
            let text = match slot {
                Slot::Member => self.member_number(entry, n),
                Slot::Number => number(n),
                Slot::Message => format!("{n:032x}"),
            };
            into.extend_from_slice(text.as_bytes());
            from = *end;
        }
        into.extend_from_slice(&entry.bytes[from..]);
        entry.base
    }

    /// The member number of request n. Members take the traits of the world's people in turn.
    pub fn member_number(&self, entry: &Entry, n: u64) -> String {
        let Some(person) = entry.person else { return entry.request.member.member_id.clone() };
        let people = self.world.members.len() as u64;
        let rounds = (self.members / people).max(1);
        member_number(person as u64 + people * ((n / self.entries.len() as u64) % rounds))
    }

    /// The contracts of the plan.
    pub fn contracts(&self) -> &[Contract] {
        &self.world.contracts
    }

    /// The providers of the plan.
    pub fn providers(&self) -> &[Provider] {
        &self.world.providers
    }

    /// The roster: every member with their coverages.
    pub fn roster(&self) -> impl Iterator<Item = (Member, Vec<Coverage>)> + '_ {
        let of = |member: &Member| {
            self.world.coverages.iter().filter(|c| c.member_id == member.member_id).cloned().collect::<Vec<_>>()
        };
        let traits: Vec<(&Member, Vec<Coverage>)> = self.world.members.iter().map(|(m, _)| (m, of(m))).collect();
        let people = traits.len() as u64;
        (0..self.members.max(people)).map(move |n| {
            let (person, coverages) = &traits[usize::try_from(n % people).unwrap_or(0)];
            let number = member_number(n);
            let coverages = coverages.iter().map(|c| Coverage { member_id: number.clone(), ..c.clone() }).collect();
            (Member { member_id: number, ..Member::clone(person) }, coverages)
        })
    }
}

/// The sender's number of request n.
fn number(n: u64) -> String {
    format!("R{n:010}")
}

/// A member number of the plan.
fn member_number(n: u64) -> String {
    format!("V{n:07}")
}

/// A stride that visits every one of `count` places: near the golden section, and prime to it.
fn step(count: u64) -> u64 {
    let gcd = |mut a: u64, mut b: u64| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    (count * 618 / 1_000..).find(|s| *s > 0 && gcd(*s, count) == 1).unwrap_or(1)
}

/// One entry as a message; none for a draw that its own reader refuses.
fn entry(desk: &Desk, world: &World, dice: &mut Rng, number: usize, at: Moment) -> Result<Option<Entry>, ActError> {
    let asked = arrivals::draw(world, dice, number, at, Bent::default());
    let (mut request, base) = (asked.request, asked.base);
    let person = world.members.iter().position(|(m, _)| m.member_id == request.member.member_id);
    let on = world.contracts.iter().find(|c| c.payer_id == request.payer_id).map(|c| c.zone.day(at));
    let Some(on) = on else { return Ok(None) };
    if request.receipt.channel != Channel::Fhir {
        request.receipt.channel = Channel::Fhir;
        request.documents = asked
            .files
            .iter()
            .enumerate()
            .map(|(n, file)| Document {
                digest: None,
                title: file.title.clone(),
                media_type: file.media_type.clone(),
                size: file.bytes.len() as u64,
                on: Some(on),
                place: format!("DocumentReference/doc-{}", n + 1),
            })
            .collect();
    }
    let bytes = arrivals::bytes(base, &request, &asked.files);
    let Some(request) = read(base, &bytes, at) else { return Ok(None) };
    let resolved = match desk.eligibility(MAIN_TENANT, &request)? {
        Eligibility::Known(resolved) => Some(resolved),
        Eligibility::Provisional(_) | Eligibility::Rejected(_) => None,
    };
    let slots = slots(&bytes, &request, person.is_some());
    Ok(Some(Entry { request, resolved, truth: asked.truth, bytes, base, on, person, slots }))
}

/// Where a message names its member, its request and itself.
fn slots(bytes: &[u8], request: &Request, known: bool) -> Vec<(usize, usize, Slot)> {
    let text = String::from_utf8_lossy(bytes);
    let mut words: Vec<(&str, Slot)> = request.identifiers.iter().map(|i| (i.value.as_str(), Slot::Number)).collect();
    if known {
        words.push((&request.member.member_id, Slot::Member));
    }
    const MESSAGE: &str = "\"urn:vigil:message\",\"value\":\"";
    if let Some(message) = text.split(MESSAGE).nth(1).and_then(|rest| rest.split('"').next()) {
        words.push((message, Slot::Message));
    }
    let found = |(word, slot): &(&str, Slot)| {
        text.match_indices(*word).map(|(at, w)| (at, at + w.len(), *slot)).collect::<Vec<_>>()
    };
    let mut slots: Vec<_> = words.iter().flat_map(found).collect();
    slots.sort_unstable_by_key(|(start, _, _)| *start);
    slots
}

/// Reads a message as the desk does, the digests of its documents included.
pub fn read(base: Base, bytes: &[u8], at: Moment) -> Option<Request> {
    let receipt = Receipt {
        channel: Channel::Fhir,
        received_at: at,
        proof: "replayed".into(),
        entered_at: at,
        entered_by: "replay".into(),
        caller: None,
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    };
    let submission = read_submit(base, bytes, receipt).ok()?;
    let mut request = submission.request;
    let _kept_elsewhere = documents_of(&mut request, submission.attachments);
    Some(request)
}

/// The hours of the year, each with the share of requests that come before its end.
struct Calendar {
    hours: Vec<(i64, u64)>,
}

impl Calendar {
    fn new(zone: &Zone, from: Day, days: i64) -> Self {
        let (mut hours, mut sum) = (Vec::new(), 0);
        for day in (0..days.max(1)).filter_map(|n| from.checked_add(jiff::Span::new().days(n)).ok()) {
            let of_day = u64::from(arrivals::weight(day));
            for (hour, share) in (0_i8..24).zip(arrivals::HOURS) {
                let Ok(local) = day.at(hour, 0, 0, 0).to_zoned(zone.tz().clone()) else { continue };
                sum += of_day * u64::from(share);
                hours.push((local.timestamp().as_second(), sum));
            }
        }
        Self { hours }
    }

    fn moment(&self, rng: &mut Rng) -> Moment {
        let whole = self.hours.last().map_or(1, |(_, sum)| *sum);
        let drawn = rng.below(usize::try_from(whole).unwrap_or(usize::MAX)) as u64;
        let place = self.hours.partition_point(|(_, sum)| *sum <= drawn);
        let second = self.hours.get(place).map_or(0, |(start, _)| *start) + rng.between(0, 3_599);
        Moment::from_second(second).unwrap_or(Moment::UNIX_EPOCH)
    }

    /// A working hour in the middle of the year, for which the pool is drawn.
    fn middle(&self) -> Moment {
        let second = self.hours.get(self.hours.len() / 2 + 11).or(self.hours.first()).map_or(0, |(start, _)| *start);
        Moment::from_second(second).unwrap_or(Moment::UNIX_EPOCH)
    }
}
