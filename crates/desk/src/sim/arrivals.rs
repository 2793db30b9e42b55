//! What arrives when: the hours of a year, and each request with its evidence, its channel and what will befall it.

use vigil_domain::{
    code::{Code, CodeSystem},
    evidence::{Document, Value},
    party::Contract,
    request::{
        Certification, Channel, Diagnosis, ExpediteAsker, Identifier, Quantity, Receipt, Request, Review, ServiceLine,
        StatedMember, Urgency,
    },
    time::{Day, Moment},
};
use vigil_wire::fhir::pas::{Attachment, Base};

use super::{
    rng::Rng,
    services::{SERVICES, Service},
    world::World,
};
use crate::enter::Attached;

/// How many of a day's requests come in each local hour, beside the others.
pub(crate) const HOURS: [u32; 24] = [1, 1, 1, 1, 1, 2, 4, 10, 24, 34, 38, 36, 26, 30, 36, 34, 28, 18, 9, 5, 4, 3, 2, 1];

/// Monday to Sunday.
const WEEKDAYS: [u32; 7] = [26, 24, 22, 21, 20, 5, 4];

/// What is true of a line, whatever the request says.
#[derive(Debug, Clone)]
pub struct Truth {
    /// The line.
    pub line: u32,
    /// The service.
    pub service: &'static Service,
    /// Whether the evidence, once all is seen, meets the criteria.
    pub met: bool,
    /// Facts that the request left out.
    pub hidden: Vec<(&'static str, Value)>,
}

/// What befalls a request later, drawn when it is made so that nothing depends on the order of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The same bytes again.
    SameBytes,
    /// The same message number with other content.
    SameNumber,
    /// The sender adds a line.
    AddLine,
    /// The sender changes the amount of a line.
    ChangeLine,
    /// The sender cancels a line.
    CancelLine,
    /// The requester takes it back.
    Withdraw,
    /// Entered in error.
    Void,
    /// It is dismissed.
    Dismiss,
    /// The member asks to expedite; the plan may decline.
    MemberExpedites,
    /// A physician asks to expedite.
    PhysicianExpedites,
    /// The plan takes more time.
    Extend,
    /// The provider asks how it stands.
    Inquire,
    /// Two people act on it at the same moment.
    Race,
    /// A later attempt to give less than was approved.
    Reduce,
}

const FATES: &[(Fate, u32)] = &[
    (Fate::SameBytes, 30),
    (Fate::SameNumber, 12),
    (Fate::AddLine, 15),
    (Fate::ChangeLine, 12),
    (Fate::CancelLine, 15),
    (Fate::Withdraw, 15),
    (Fate::Void, 8),
    (Fate::Dismiss, 6),
    (Fate::MemberExpedites, 18),
    (Fate::PhysicianExpedites, 10),
    (Fate::Extend, 35),
    (Fate::Inquire, 50),
    (Fate::Race, 30),
    (Fate::Reduce, 10),
];

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request; its receipt holds the door and the moment.
    pub request: Request,
    /// Bytes of its documents, in their order.
    pub files: Vec<Attached>,
    /// What is true.
    pub truth: Vec<Truth>,
    /// What befalls it, with how many minutes after receipt.
    pub fates: Vec<(Fate, i64)>,
    /// The base an interface speaks.
    pub base: Base,
    /// The name of the sending system.
    pub sender: &'static str,
    /// Minutes between receipt and entry, for a typed request.
    pub typed_after: i64,
}

impl Asked {
    /// Whether it comes as a message.
    pub fn is_message(&self) -> bool {
        self.request.receipt.channel == Channel::Fhir
    }

    /// Its bytes as the sending system writes them.
    pub fn bytes(&self) -> Vec<u8> {
        bytes(self.base, &self.request, &self.files)
    }
}

/// A request as a message's bytes.
pub fn bytes(base: Base, request: &Request, files: &[Attached]) -> Vec<u8> {
    let attachments: Vec<Attachment> =
        files.iter().enumerate().map(|(document, file)| Attachment { document, bytes: file.bytes.clone() }).collect();
    vigil_wire::fhir::pas::compose::bundle_with(base, request, &attachments)
}

/// How many requests come on a day, beside the others: by weekday and season.
pub(crate) fn weight(day: Day) -> u32 {
    let weekday = WEEKDAYS[usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)];
    let season = if matches!(day.month(), 1..=3 | 10..=12) { 11 } else { 9 };
    weekday * season
}

/// The moments of a span's requests, in order.
pub fn moments(
    rng: &mut Rng,
    contract_zone: &vigil_domain::time::Zone,
    from: Day,
    days: i64,
    requests: usize,
) -> Vec<Moment> {
    let span: Vec<Day> = (0..days).filter_map(|n| from.checked_add(jiff::Span::new().days(n)).ok()).collect();
    let weights: Vec<u32> = span.iter().map(|day| weight(*day)).collect();
    let mut moments: Vec<Moment> = (0..requests)
        .filter_map(|_| {
            let day = span.get(rng.weighted(&weights))?;
            let hour = i8::try_from(rng.weighted(&HOURS)).ok()?;
            let (minute, second) = (rng.between(0, 59), rng.between(0, 59));
            let local = day.at(hour, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0);
            Some(local.to_zoned(contract_zone.tz().clone()).ok()?.timestamp())
        })
        .collect();
    moments.sort_unstable();
    moments
}

/// How the draw of a request is bent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bent {
    /// A service whose criteria are met in nearly every request.
    pub nearly_always_met: Option<&'static str>,
    /// Requests from this number up to, not including, that one ask for that service and nothing else.
    pub only_that: (usize, usize),
    /// From here on the office is behind: only what presses is looked at.
    pub behind_from: Option<Moment>,
    /// Whether misfortunes (duplicates, updates, races, …) befall requests.
    pub fates: bool,
}

/// Draws the request with this number, received at a moment.
pub fn draw(world: &World, rng: &mut Rng, number: usize, at: Moment, bent: Bent) -> Asked {
    let (mut member, mut at_contract) = {
        let (member, at) = rng.pick(&world.members);
        (member, *at)
    };
    let weights: Vec<u32> = SERVICES.iter().map(|s| s.weight).collect();
    let mut service = &SERVICES[rng.weighted(&weights)];
    let second = rng.per_mille(90).then(|| &SERVICES[rng.weighted(&weights)]).filter(|s| s.code != service.code);
    if let Some(favoured) = bent.nearly_always_met
        && (bent.only_that.0..bent.only_that.1).contains(&number)
    {
        service = super::services::by_id(favoured);
    }
    let favoured = bent.nearly_always_met == Some(service.id);
    let second = second.filter(|_| !favoured);
    if favoured {
        // Everybody asks for it once: a second request of one member would be looked at as a duplicate.
        let (one, at) = &world.members[number.wrapping_mul(7_919) % world.members.len()];
        (member, at_contract) = (one, *at);
    }
    let contract = &world.contracts[at_contract];
    let on = contract.zone.day(at);
    let mut request = blank(world, rng, number, at, contract);
    request.member = StatedMember {
        standing: Default::default(),
        member_id: if !favoured && rng.per_mille(12) { "L9999999".into() } else { member.member_id.clone() },
        subscriber_id: None,
        name: member.name.clone(),
        birth_day: member.birth_day,
        sex: member.sex.clone(),
        address: member.address.clone(),
        phone: None,
        language: member.language.clone(),
    };
    let mut truth = Vec::new();
    for (place, service) in std::iter::once(service).chain(second).enumerate() {
        let line = u32::try_from(place).unwrap_or(0) + 1;
        truth.push(ask(&mut request, rng, line, service, on, bent));
    }
    urgency(&mut request, rng, service);
    if service.concurrent {
        request.review = Review::Concurrent;
    } else if rng.per_mille(15) {
        request.review = Review::Retrospective;
    }
    let files = files(&mut request, rng, number, on);
    let typed_after = if request.receipt.channel == Channel::Fhir { 0 } else { rng.between(2, 240) };
    let fates = if bent.fates { fates(rng) } else { Vec::new() };
    let base = if rng.per_mille(500) { Base::V22 } else { Base::V20 };
    let sender = *rng.pick(&["lakeside-his", "sample-clearinghouse", "example-dme"]);
    Asked { request, files, truth, fates, base, sender, typed_after }
}

fn blank(world: &World, rng: &mut Rng, number: usize, at: Moment, contract: &Contract) -> Request {
    let channel =
        [Channel::Fhir, Channel::Phone, Channel::Fax, Channel::Portal][rng.weighted(&[62, 8, 20, 10])].clone();
    let requester = rng.pick(&world.providers).clone();
    let facility = rng.per_mille(300).then(|| world.providers[number % 5].clone());
    Request {
        receipt: Receipt {
            proof: format!("{}-{number:06}", channel.word()),
            received_at: at,
            entered_at: at,
            entered_by: "intake".into(),
            caller: None,
            authority: Some("treating provider".into()),
            expedite_asked_by: None,
            form_note: None,
            channel,
        },
        review: Review::Prospective,
        urgency: Urgency::Standard,
        payer_id: contract.payer_id.clone(),
        payer_name: Some("Larchmere".into()),
        plan_id: Some(contract.plan_id.clone()),
        member: StatedMember {
            standing: Default::default(),
            member_id: String::new(),
            subscriber_id: None,
            name: vigil_domain::party::PersonName::default(),
            birth_day: None,
            sex: vigil_domain::party::Sex::Unknown,
            address: None,
            phone: None,
            language: None,
        },
        requester,
        practitioner: None,
        facility,
        diagnoses: Vec::new(),
        lines: Vec::new(),
        items: Vec::new(),
        documents: Vec::new(),
        identifiers: vec![Identifier { system: "urn:sim:request".into(), value: format!("R{number:06}") }],
        updates: Vec::new(),
        circumstances: Vec::new(),
        cut: None,
        note: None,
    }
}

/// A line of a service as it is asked for on a day.
pub fn line(service: &'static Service, sequence: u32, on: Day, ahead: i64) -> ServiceLine {
    let from = if service.concurrent { on } else { on.checked_add(jiff::Span::new().days(ahead)).unwrap_or(on) };
    ServiceLine {
        sequence,
        service: service.line_code(),
        also: Vec::new(),
        modifiers: Vec::new(),
        description: Some(service.words.into()),
        quantity: Some(Quantity { amount: service.quantity.0, unit: service.quantity.1.into() }),
        from: Some(from),
        through: Some(service.last_day(from)),
        place: None,
        provider: None,
        certification: Certification::Initial,
        drug: service.drug,
        diagnoses: vec![sequence],
        earlier_authorization: None,
        cancelled: false,
        changed: None,
    }
}

/// Adds a line with its diagnosis and evidence.
fn ask(request: &mut Request, rng: &mut Rng, sequence: u32, service: &'static Service, on: Day, bent: Bent) -> Truth {
    request.diagnoses.push(Diagnosis {
        sequence,
        code: Code::new(CodeSystem::Icd10Cm, service.diagnosis),
        role: (sequence == 1).then(|| "principal".to_owned()),
        recorded_on: None,
    });
    request.lines.push(line(service, sequence, on, rng.between(2, 12)));
    let favoured = bent.nearly_always_met == Some(service.id);
    let met = favoured || rng.per_mille(720);
    let incomplete = !favoured && rng.per_mille(330);
    let mut hidden = Vec::new();
    for (id, value) in service.facts(met) {
        if incomplete && service.may_miss(id) {
            hidden.push((id, value));
        } else {
            request.items.push(service.answer(id, value, on));
        }
    }
    Truth { line: sequence, service, met, hidden }
}

fn urgency(request: &mut Request, rng: &mut Rng, service: &Service) {
    if rng.per_mille(service.expedited) {
        request.urgency = Urgency::Expedited;
        let asker = [ExpediteAsker::Physician, ExpediteAsker::Member][rng.weighted(&[8, 2])].clone();
        request.receipt.expedite_asked_by = Some(asker);
    }
}

/// Now and then something is attached.
fn files(request: &mut Request, rng: &mut Rng, number: usize, on: Day) -> Vec<Attached> {
    let many = rng.weighted(&[60, 30, 10]);
    let message = request.receipt.channel == Channel::Fhir;
    (0..many)
        .map(|n| {
            let file = note(number, n);
            if message {
                request.documents.push(Document {
                    digest: None,
                    title: file.title.clone(),
                    media_type: file.media_type.clone(),
                    size: file.bytes.len() as u64,
                    on: Some(on),
                    place: format!("DocumentReference/doc-{}", n + 1),
                });
            }
            file
        })
        .collect()
}

/// A small clinical note, text or PDF.
pub fn note(number: usize, n: usize) -> Attached {
    let words = format!("Synthetic clinical note {number}-{n}. Nothing here is about a real person.");
    if n == 0 {
        let title = "Clinical note".into();
        return Attached { title, media_type: "text/plain".into(), bytes: words.into_bytes() };
    }
    let bytes = format!("%PDF-1.4\n% {words}\n%%EOF\n").into_bytes();
    Attached { title: "Test report".into(), media_type: "application/pdf".into(), bytes }
}

fn fates(rng: &mut Rng) -> Vec<(Fate, i64)> {
    FATES
        .iter()
        .filter_map(|(fate, of_thousand)| {
            let minutes = match fate {
                Fate::Extend | Fate::Race => rng.between(60, 3_000),
                Fate::Reduce | Fate::Inquire => rng.between(10, 20_000),
                _ => rng.between(5, 9_000),
            };
            rng.per_mille(*of_thousand).then_some((*fate, minutes))
        })
        .collect()
}
