//! News made for tests: short words for single ones, and whole stays from a seed.

use vigil_domain::{
    code::{Code, CodeSystem},
    stay::{
        facility::{ClassRule, OrderRule, SiteMap},
        news::{
            ClassNews, DischargeNews, Identifier, Joins, Movement, MovementAction, NewsKind, NewsSource, OrderState,
            PatientStatus, Place, Practitioner, Road, StatusOrder, StayNews, Told,
        },
    },
    time::{Moment, Zone},
};

pub fn zone() -> Zone {
    Zone::named("America/New_York").unwrap()
}

/// A site that sends observation as class O with type OBS, and orders by short codes.
pub fn site() -> SiteMap {
    let observation = ClassRule {
        class: Some("O".into()),
        patient_type: Some("OBS".into()),
        service: None,
        accommodation: None,
        unit: None,
        field: None,
        status: PatientStatus::Observation,
    };
    let order = |code: &str, status| OrderRule { code: Some(code.into()), words: None, status };
    SiteMap {
        classes: vec![observation],
        orders: vec![order("IP", PatientStatus::Inpatient), order("OBS", PatientStatus::Observation)],
        ..SiteMap::default()
    }
}

/// A local time of 2026 in New York, `03-01T10:00`.
pub fn at(text: &str) -> Moment {
    let local: jiff::civil::DateTime = format!("2026-{text}:00").parse().unwrap();
    local.to_zoned(zone().tz().clone()).unwrap().timestamp()
}

pub struct News(StayNews);

impl News {
    pub fn of(trigger: &str, when: &str) -> Self {
        let source = NewsSource { road: Road::Hl7, sender: "TEST".into(), message: format!("{trigger}-{when}") };
        Self(StayNews::new(source, trigger, kind(trigger), at(when)))
    }

    pub fn order(number: &str, when: &str, code: &str) -> Self {
        let mut news = Self::of("O01", when);
        let code = Code::new(CodeSystem::Other("test".into()), code);
        let state = OrderState::Placed;
        news.0.order = Some(StatusOrder {
            number: number.into(),
            code,
            status: None,
            state,
            at: at(when),
            ended_at: None,
            by: None,
        });
        news
    }

    pub fn state(mut self, state: &str) -> Self {
        let order = self.0.order.as_mut().unwrap();
        order.state = OrderState::read(state);
        order.ended_at = Some(order.at);
        self
    }

    pub fn class(mut self, text: &str) -> Self {
        let (class, patient_type) = text.split_once('/').unwrap_or((text, ""));
        self.0.class =
            Some(ClassNews { class: class.into(), patient_type: patient_type.into(), ..ClassNews::default() });
        self
    }

    pub fn place(mut self, unit: &str, bed: &str) -> Self {
        self.0.place = Some(Told::Is(place(unit, bed)));
        self
    }

    pub fn from(mut self, unit: &str, bed: &str) -> Self {
        self.0.prior_place = Some(place(unit, bed));
        self
    }

    pub fn attending(mut self, name: &str) -> Self {
        self.0.attending = Some(Told::Is(Practitioner { name: name.into(), ..Practitioner::default() }));
        self
    }

    pub fn start(mut self, when: &str) -> Self {
        self.0.visit.started_at = Some(Told::Is(at(when)));
        self
    }

    pub fn end(mut self, when: &str) -> Self {
        self.0.discharge = Some(Told::Is(DischargeNews { at: Some(at(when)), ..DischargeNews::default() }));
        self
    }

    pub fn recorded(mut self, when: &str) -> Self {
        self.0.recorded_at = at(when);
        self
    }

    pub fn visit(mut self, number: &str) -> Self {
        self.0.visit.number = Some(id(number));
        self
    }

    pub fn patient(mut self, number: &str) -> Self {
        self.0.patient.identifiers = vec![id(number)];
        self
    }

    pub fn merged(mut self, from: &str, into: &str) -> Self {
        self.0.joins = Some(Joins { patient: Some((id(from), id(into))), ..Joins::default() });
        self
    }

    pub fn movement(mut self, number: &str, action: &str) -> Self {
        self.0.movement = Some(Movement { id: number.into(), action: MovementAction::read(action) });
        self.0.id.push_str(action);
        self
    }

    pub fn news(self) -> StayNews {
        self.0
    }
}

fn id(value: &str) -> Identifier {
    Identifier { value: value.into(), ..Identifier::default() }
}

fn place(unit: &str, bed: &str) -> Place {
    Place { unit: unit.into(), bed: bed.into(), ..Place::default() }
}

fn kind(trigger: &str) -> NewsKind {
    match trigger {
        "A01" => NewsKind::Admit,
        "A02" => NewsKind::Transfer,
        "A03" => NewsKind::Discharge,
        "A04" => NewsKind::Register,
        "A05" => NewsKind::PreAdmit,
        "A06" => NewsKind::ClassUp,
        "A07" => NewsKind::ClassDown,
        "A11" => NewsKind::CancelVisit,
        "A12" => NewsKind::CancelTransfer,
        "A13" => NewsKind::CancelDischarge,
        "A21" => NewsKind::LeaveOut,
        "A22" => NewsKind::LeaveReturn,
        "A23" => NewsKind::SourceDeleted,
        "A38" => NewsKind::CancelPreAdmit,
        "A40" => NewsKind::Merge,
        "A54" => NewsKind::Attending,
        "O01" => NewsKind::Order,
        _ => NewsKind::Update,
    }
}

/// A small generator of numbers, the same every time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// The news in other orders.
pub fn shuffled(news: &[StayNews], times: u64) -> Vec<Vec<StayNews>> {
    let shuffle = |seed: u64| {
        let (mut dice, mut all) = (Dice::new(seed + 77), news.to_vec());
        for last in (1..all.len()).rev() {
            all.swap(last, dice.below(last + 1));
        }
        all
    };
    (0..times).map(shuffle).collect()
}

/// A stay of up to fourteen news, with everything that feeds do wrong: same minutes, late entries, cancellations, merges
/// there and back, updates that change status, orders that end.
pub fn stay(seed: u64) -> Vec<StayNews> {
    let mut dice = Dice::new(seed);
    let triggers = [
        "A01", "A02", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A08", "A11", "A12", "A13", "A21", "A22", "A23",
        "A38", "A40", "A54", "O01", "O01",
    ];
    let count = 4 + dice.below(11);
    (0..count).map(|n| one(&mut dice, &triggers, n)).collect()
}

fn one(dice: &mut Dice, triggers: &[&str], n: usize) -> StayNews {
    let trigger = triggers[dice.below(triggers.len())];
    let when = |dice: &mut Dice| format!("03-0{}T{:02}:{:02}", 6 + dice.below(3), dice.below(24), 30 * dice.below(2));
    let happened = when(dice);
    let mut news = News::of(trigger, &happened);
    news = news.class(["E", "I", "O", "O/OBS", "B", "P"][dice.below(6)]);
    if dice.below(2) == 0 {
        news = news.place(["ED", "5E", "ICU"][dice.below(3)], ["1", "2"][dice.below(2)]);
    }
    if dice.below(2) == 0 {
        news = news.from(["ED", "5E", "ICU"][dice.below(3)], ["1", "2"][dice.below(2)]);
    }
    if dice.below(2) == 0 {
        news = news.attending(["Adams", "Brown"][dice.below(2)]);
    }
    if dice.below(3) == 0 {
        news = news.recorded(&when(dice));
    }
    if dice.below(3) == 0 {
        news = news.start(&when(dice));
    }
    if dice.below(3) == 0 {
        news = news.visit(["V1", "V2"][dice.below(2)]);
    }
    news = news.patient(["P1", "P2", "P3"][dice.below(3)]);
    match trigger {
        "A03" => news = news.end(&when(dice)),
        "A40" => {
            let pairs = [("P1", "P2"), ("P2", "P1"), ("P2", "P3"), ("P3", "P1")];
            let (from, into) = pairs[dice.below(4)];
            news = news.merged(from, into);
        }
        "A02" if dice.below(2) == 0 => {
            news = news.movement(["m1", "m2"][dice.below(2)], ["insert", "update", "cancel"][dice.below(3)]);
        }
        "O01" => {
            let order = News::order(["o1", "o2"][dice.below(2)], &happened, ["IP", "OBS", "XX"][dice.below(3)]);
            news.0.order = order.0.order;
            if dice.below(3) == 0 {
                news = news.state(["cancelled", "discontinued"][dice.below(2)]);
            }
        }
        _ => {}
    }
    news.0.id = format!("{}-{n}", news.0.id);
    news.0
}
