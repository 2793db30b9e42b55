//! What is known of one service's facts: gathered from a request's statements, the roster and reviewers, each value with
//! its source. A stale value is unknown; two current values that disagree are unknown and shown (DECISIONS 8).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    codes,
    evidence::{Bound, ClinicalItem, Doubt, Fact, ItemKind, Source, Value, When},
    party::Sex,
    time::{Day, Zone},
};

use super::{
    definition::{FactDef, FactKind, RosterField},
    plan::{Datum, Service},
    unit,
};

/// One current value of a fact, in the pack's unit, and who says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The fact.
    pub fact: Arc<str>,
    /// Its value.
    pub value: Value,
    /// The value is not the number itself but lies on this side of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// The day it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
    /// Who says so.
    pub source: Source,
}

codes! {
    /// Why a statement was not used.
    SetAsideWhy {
        /// Older than the pack allows.
        Stale = "stale",
        /// Dated after the day of judgement.
        Future = "future",
        /// A machine value without a date.
        Undated = "undated",
        /// No unit, or one that does not convert.
        UnitUnfit = "unit",
        /// Not the kind of value the fact has.
        WrongType = "type",
        /// The code fits several facts and another of them was answered by hand with this value.
        Ambiguous = "ambiguous",
        /// Below zero, where nothing can be.
        Impossible = "impossible",
        /// It speaks of somebody other than the patient.
        OtherPerson = "other-person",
        /// It does not say of whom it speaks.
        NoPerson = "no-person",
        /// Preliminary, in progress or not confirmed.
        NotFinal = "not-final",
    }
}

impl SetAsideWhy {
    /// The same in words for people, to stand after what was set aside.
    pub fn says(&self) -> &str {
        match self {
            Self::Stale => "too old to count",
            Self::Future => "dated after the day of judgement",
            Self::Undated => "has no date",
            Self::UnitUnfit => "its unit does not fit",
            Self::WrongType => "not the kind of value asked for",
            Self::Ambiguous => "fits several questions",
            Self::Impossible => "a value that cannot be",
            Self::OtherPerson => "speaks of somebody other than the patient",
            Self::NoPerson => "does not say of whom it speaks",
            Self::NotFinal => "preliminary, in progress or not confirmed",
            Self::Other(word) => word,
        }
    }

    fn of(doubt: &Doubt) -> Self {
        match doubt {
            Doubt::OtherPerson => Self::OtherPerson,
            Doubt::NoPerson => Self::NoPerson,
            Doubt::NotFinal => Self::NotFinal,
            Doubt::Other(word) => Self::Other(word.clone()),
        }
    }
}

/// A statement that was seen and not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The fact it would have answered.
    pub fact: Arc<str>,
    /// Where it stands.
    pub source: Source,
    /// Why it was not used.
    pub why: SetAsideWhy,
}

/// Everything facts may be gathered from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Statements of the message.
    pub items: &'a [ClinicalItem],
    /// Facts set by reviewers; those of other services are passed over. Later ones replace earlier ones.
    pub reviewed: &'a [Fact],
    /// Age in whole years, from the roster.
    pub age: Option<i16>,
    /// Administrative sex, from the roster.
    pub sex: Option<&'a Sex>,
    /// The day of judgement, from which ages of values count.
    pub on: Day,
    /// The last day a statement may speak of: later ones were still to come when it was judged.
    pub until: Day,
    /// The zone in which an instant's day is taken; coordinated universal time without it.
    pub zone: Option<&'a Zone>,
}

impl<'a> Evidence<'a> {
    /// Only a message's statements.
    pub fn of_items(items: &'a [ClinicalItem], on: Day) -> Self {
        Self { items, reviewed: &[], age: None, sex: None, on, until: on, zone: None }
    }
}

/// The facts of one service, ready to be judged.
#[derive(Debug, Clone)]
pub struct Facts {
    pub(super) data: Vec<Datum>,
    pub(super) readings: Arc<Vec<Reading>>,
    pub(super) conflicts: Vec<Arc<str>>,
    pub(super) set_aside: Vec<SetAside>,
}

impl Facts {
    /// Nothing known.
    pub fn none(service: &Service) -> Self {
        Self::settle(service, Vec::new(), Vec::new())
    }

    /// Facts from a message's statements alone.
    pub fn from_items(service: &Service, items: &[ClinicalItem], on: Day) -> Self {
        Self::gather(service, &Evidence::of_items(items, on))
    }

    /// Facts from everything there is.
    pub fn gather(service: &Service, evidence: &Evidence<'_>) -> Self {
        let mut gather = Gather { service, evidence, readings: Vec::new(), set_aside: Vec::new() };
        let defs = &service.definition.facts;
        for (place, def) in defs.iter().enumerate() {
            gather.answers(place, def);
            gather.reviewed(place, def);
            gather.roster(place, def);
        }
        // After the answers: an ambiguous code is read only where no sibling was answered by hand.
        for (place, def) in defs.iter().enumerate() {
            gather.resources(place, def);
        }
        Self::settle(service, gather.readings, gather.set_aside)
    }

    /// Facts by name, as the command line gives them.
    ///
    /// Errors: every unknown name and every value of the wrong type.
    pub fn from_values<'v>(
        service: &Service,
        values: impl IntoIterator<Item = (&'v str, Value)>,
        source: &Source,
    ) -> Result<Self, Vec<String>> {
        let mut readings = Vec::new();
        let mut set_aside = Vec::new();
        let mut problems = Vec::new();
        for (name, value) in values {
            match service.place(name) {
                None => problems.push(format!("{name}: {} has no such fact", service.id)),
                Some(place) => match service.datum(place, &value) {
                    Err(says) => problems.push(says),
                    Ok(datum) => {
                        let (fact, source) = (service.facts[place].id.clone(), source.clone());
                        if possible(&service.definition.facts[place], &value) {
                            readings.push((place, datum, Reading { fact, value, bound: None, on: None, source }));
                        } else {
                            set_aside.push(SetAside { fact, source, why: SetAsideWhy::Impossible });
                        }
                    }
                },
            }
        }
        if problems.is_empty() { Ok(Self::settle(service, readings, set_aside)) } else { Err(problems) }
    }

    /// Facts of which two current sources disagree.
    pub fn conflicts(&self) -> &[Arc<str>] {
        &self.conflicts
    }

    /// Every current value with its source.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Statements seen and not used, with the reason.
    pub fn set_aside(&self) -> &[SetAside] {
        &self.set_aside
    }

    fn settle(service: &Service, mut found: Vec<(usize, Datum, Reading)>, set_aside: Vec<SetAside>) -> Self {
        let mut data = vec![Datum::Unknown; service.facts.len()];
        let mut conflicts: Vec<Arc<str>> = Vec::new();
        found.sort_by_key(|(place, ..)| *place);
        for (place, datum, reading) in &found {
            match data[*place] {
                Datum::Unknown => data[*place] = *datum,
                held if held == *datum => {}
                _ if conflicts.last() != Some(&reading.fact) => conflicts.push(reading.fact.clone()),
                _ => {}
            }
        }
        for fact in &conflicts {
            if let Some(place) = service.place(fact) {
                data[place] = Datum::Unknown;
            }
        }
        let readings = Arc::new(found.into_iter().map(|(_, _, reading)| reading).collect());
        Self { data, readings, conflicts, set_aside }
    }
}

struct Gather<'a> {
    service: &'a Service,
    evidence: &'a Evidence<'a>,
    readings: Vec<(usize, Datum, Reading)>,
    set_aside: Vec<SetAside>,
}

impl Gather<'_> {
    fn take(&mut self, place: usize, value: Value, bound: Option<Bound>, on: Option<Day>, source: Source) {
        let fact = self.service.facts[place].id.clone();
        let def = &self.service.definition.facts[place];
        match self.service.datum(place, &value) {
            Ok(_) if !possible(def, &value) => {
                self.set_aside.push(SetAside { fact, source, why: SetAsideWhy::Impossible });
            }
            Ok(datum) => {
                let datum = datum.on_side(bound.as_ref());
                self.readings.push((place, datum, Reading { fact, value, bound, on, source }));
            }
            Err(_) => self.set_aside.push(SetAside { fact, source, why: SetAsideWhy::WrongType }),
        }
    }

    fn aside(&mut self, place: usize, source: Source, why: SetAsideWhy) {
        self.set_aside.push(SetAside { fact: self.service.facts[place].id.clone(), source, why });
    }

    fn answers(&mut self, place: usize, def: &FactDef) {
        for item in self.evidence.items {
            let fits = item.link_id.as_deref() == Some(def.id.as_str())
                && item.questionnaire.as_deref().is_none_or(|q| speaks_of(q, &self.service.definition));
            let Some(value) = item.value.as_ref().filter(|_| fits) else { continue };
            let source = Source::Questionnaire(item.place.clone());
            let on = self.day(item.when);
            let fit = sound(item).and_then(|()| self.aged(def, on, Some(ANSWER_DAYS)));
            match fit.and_then(|()| in_unit(def, value, item.unit.as_deref(), true)) {
                Ok(value) => self.take(place, value, item.bound.clone(), on, source),
                Err(why) => self.aside(place, source, why),
            }
        }
    }

    fn reviewed(&mut self, place: usize, def: &FactDef) {
        let last =
            self.evidence.reviewed.iter().rev().find(|f| f.id == def.id && f.service == self.service.definition.id);
        let Some(fact) = last else { return };
        // A reviewer answers while the case is open, and need not know a day.
        let fit = fact.on.map_or(Ok(()), |on| self.young(def, on, None));
        match fit {
            Ok(()) => self.take(place, fact.value.clone(), None, fact.on, fact.source.clone()),
            Err(why) => self.aside(place, fact.source.clone(), why),
        }
    }

    fn roster(&mut self, place: usize, def: &FactDef) {
        let value = match (&def.roster, self.evidence.age, self.evidence.sex) {
            (Some(RosterField::Age), Some(age), _) => Value::Number(f64::from(age)),
            (Some(RosterField::Adult), Some(age), _) => Value::Bool(age >= 18),
            (Some(RosterField::SexWord), _, Some(sex)) => Value::Text(sex.word().to_owned()),
            _ => return,
        };
        self.take(place, value, None, Some(self.evidence.on), Source::Roster);
    }

    fn resources(&mut self, place: usize, def: &FactDef) {
        if def.max_age_days.is_none() {
            return;
        }
        for item in self.evidence.items {
            let fits = item.kind != ItemKind::Answer
                && item.codes.iter().any(|code| def.codes.iter().any(|own| own.same(code)));
            if !fits {
                continue;
            }
            let source = Source::Resource(item.place.clone());
            let on = self.day(item.when);
            let value = match (&item.value, &def.kind) {
                // A condition or procedure of this code is itself the answer yes.
                (None, FactKind::Boolean) => Value::Bool(true),
                (Some(value), _) => value.clone(),
                (None, _) => continue,
            };
            let fit = sound(item).and_then(|()| self.aged(def, on, None));
            match fit.and_then(|()| in_unit(def, &value, item.unit.as_deref(), false)) {
                Ok(value) if self.spoken_for(place, &value) => self.aside(place, source, SetAsideWhy::Ambiguous),
                Ok(value) => self.take(place, value, item.bound.clone(), on, source),
                Err(why) => self.aside(place, source, why),
            }
        }
    }

    /// Whether a fact that shares a code with this one was answered by hand with this very value, so that the statement may
    /// be that one's measurement. Where the answer differs, the statement is another measurement and stays this fact's.
    fn spoken_for(&self, place: usize, value: &Value) -> bool {
        let siblings = &self.service.facts[place].siblings;
        let same = |said: &Value| match (said, value) {
            // Answers are rounded where measurements are not.
            (Value::Number(said), Value::Number(measured)) => (said - measured).abs() < 1.0,
            (said, measured) => said == measured,
        };
        self.readings.iter().any(|(other, _, reading)| {
            !matches!(reading.source, Source::Resource(_))
                && siblings.contains(&(*other as u16))
                && same(&reading.value)
        })
    }

    /// Whether a dated statement is neither of a day to come nor too old.
    fn aged(&self, def: &FactDef, on: Option<Day>, without_limit: Option<i32>) -> Result<(), SetAsideWhy> {
        let on = on.ok_or(SetAsideWhy::Undated)?;
        if on > self.evidence.until {
            return Err(SetAsideWhy::Future);
        }
        self.young(def, on, without_limit)
    }

    fn young(&self, def: &FactDef, on: Day, without_limit: Option<i32>) -> Result<(), SetAsideWhy> {
        let days = on.until(self.evidence.on).map_or(i32::MAX, |span| span.get_days());
        let limit = def.max_age_days.or(without_limit);
        if limit.is_some_and(|limit| days > limit) { Err(SetAsideWhy::Stale) } else { Ok(()) }
    }

    fn day(&self, when: Option<When>) -> Option<Day> {
        when.map(|when| match (when, self.evidence.zone) {
            (When::Day(day), _) => day,
            (When::Moment(moment), Some(zone)) => zone.day(moment),
            (When::Moment(moment), None) => moment.to_zoned(jiff::tz::TimeZone::UTC).date(),
        })
    }
}

/// Whether a questionnaire's canonical URL (or service id) speaks of the service: its last segment is the service id,
/// alone or with the pack's version.
fn speaks_of(questionnaire: &str, definition: &super::Definition) -> bool {
    let bare = questionnaire.split('|').next().unwrap_or(questionnaire);
    let last = bare.rsplit(['/', ':', '#']).next().unwrap_or(bare);
    last.strip_prefix(definition.id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with("-20"))
}

/// Days after which an answer of a questionnaire is stale where the pack states the fact's window in words only. Own choice,
/// to be confirmed by a clinical owner: the longest age that any shipped pack states in days.
const ANSWER_DAYS: i32 = 183;

/// Whether nothing keeps the statement from proving what it says.
fn sound(item: &ClinicalItem) -> Result<(), SetAsideWhy> {
    item.doubt.as_ref().map_or(Ok(()), |doubt| Err(SetAsideWhy::of(doubt)))
}

/// Whether a value can be at all: a number below zero only where the pack says that the quantity is signed.
pub(super) fn possible(def: &FactDef, value: &Value) -> bool {
    def.signed || !matches!(value, Value::Number(number) if *number < 0.0)
}

fn in_unit(def: &FactDef, value: &Value, stated: Option<&str>, by_hand: bool) -> Result<Value, SetAsideWhy> {
    let (Value::Number(number), FactKind::Quantity) = (value, &def.kind) else { return Ok(value.clone()) };
    match (stated, def.unit.as_deref()) {
        (None, unit) if by_hand || unit::bare(unit) => Ok(value.clone()),
        (Some(stated), Some(own)) => match unit::convert(*number, stated, own) {
            Some(number) => Ok(Value::Number(number)),
            None if unit::bare(Some(own)) && stated.starts_with('{') => Ok(value.clone()),
            None => Err(SetAsideWhy::UnitUnfit),
        },
        (Some(_), None) | (None, _) => Err(SetAsideWhy::UnitUnfit),
    }
}
