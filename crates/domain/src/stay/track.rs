//! The track of a stay: what all its news together say, in the order in which things happened. Derived, never stored: any
//! arrival order of the same news gives the same track (the ledger replays it).

use serde::{Deserialize, Serialize};

use super::evidence::{DocumentNews, Measured};
use super::news::{
    DiagnosisNews, DischargeNews, Identifier, PatientStatus, PayerNews, Place, Practitioner, ProcedureNews, StatusOrder,
};
use crate::{
    codes,
    party::{Address, PersonName, Sex},
    time::{Day, Moment, Zone},
};

codes! {
    /// How sure the track is of a status.
    Confidence {
        /// Order and registration agree, or no order is needed.
        High = "high",
        /// A signed order that registration has not followed yet.
        Medium = "medium",
        /// Registration without the order that the status needs.
        Low = "low",
    }
}

codes! {
    /// What a status rests on.
    Basis {
        /// A signed order.
        Order = "order",
        /// Registration's class alone.
        Registration = "registration",
        /// Both, in agreement.
        Both = "order-and-registration",
    }
}

/// One status over a time. Periods follow each other without gap or overlap; the last one is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPeriod {
    /// The status.
    pub status: PatientStatus,
    /// Since.
    pub from: Moment,
    /// Until; none for the last.
    pub until: Option<Moment>,
    /// What it rests on.
    pub basis: Basis,
    /// How sure.
    pub confidence: Confidence,
    /// Trigger of the news that began it.
    pub trigger: String,
    /// The order it rests on, by number.
    pub order: Option<String>,
    /// What registration or a later order says beside it, where the law makes the patient something else.
    #[serde(default)]
    pub beside: Option<PatientStatus>,
}

/// Something that held from a moment until the next of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since<T> {
    /// Since.
    pub from: Moment,
    /// What.
    pub is: T,
}

/// A stretch of time; open at its end when `until` is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Since.
    pub from: Moment,
    /// Until.
    pub until: Option<Moment>,
}

impl Span {
    /// Whether a moment lies inside.
    pub fn holds(&self, at: Moment) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

codes! {
    /// What the track wants a person to look at.
    FlagKind {
        /// Status needs an order and none is known.
        OrderMissing = "order-missing",
        /// A signed order that registration has not followed.
        RegistrationLag = "registration-lag",
        /// An order that nobody has signed yet.
        OrderUnsigned = "order-unsigned",
        /// A status order was cancelled.
        OrderCancelled = "order-cancelled",
        /// An order whose words the site map does not know.
        OrderUnmapped = "order-unmapped",
        /// The class or its site codes fit no rule of the site map.
        ClassUnmapped = "class-unmapped",
        /// A payer fits no rule of the site map.
        PayerUnmapped = "payer-unmapped",
        /// A mere update changed the status.
        ImplicitChange = "implicit-change",
        /// Inpatient became outpatient while in the house: the condition code 44 gate.
        InpatientToOutpatient = "inpatient-to-outpatient",
        /// The class was changed after discharge: never condition code 44.
        ChangedAfterDischarge = "changed-after-discharge",
        /// An admission was cancelled and the patient registered as outpatient: a status change in disguise.
        DisguisedChange = "disguised-change",
        /// A discharge was cancelled.
        DischargeCancelled = "discharge-cancelled",
        /// A cancellation found nothing to cancel.
        CancelsNothing = "cancels-nothing",
        /// The visit's start was overwritten; the first one told stands as arrival.
        StartOverwritten = "start-overwritten",
        /// News older than what was known already changed nothing.
        StaleUpdate = "stale-update",
        /// Identities were merged.
        Merged = "merged",
        /// Merges that go round in a circle: the smallest identifier is kept.
        MergeCircle = "merge-circle",
        /// The stay was moved to another patient or account: what went out may have gone to the wrong person.
        Moved = "moved",
        /// The source deleted its visit.
        SourceDeleted = "source-deleted",
        /// The visit was opened again after its end, or its number was used again.
        VisitReused = "visit-reused",
        /// Nothing tells how the stay began.
        OpeningMissing = "opening-missing",
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Flag {
    /// When, in the stay's time.
    pub at: Moment,
    /// What.
    pub kind: FlagKind,
    /// In words, with the trigger.
    pub says: String,
}

/// The patient as the track has put together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PatientTrack {
    /// The identifier in force, after all merges.
    pub id: Option<Identifier>,
    /// Every identifier ever told, sorted.
    pub identifiers: Vec<Identifier>,
    /// Name.
    pub name: PersonName,
    /// Birth day.
    pub birth_day: Option<Day>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Address.
    pub address: Option<Address>,
    /// Telephone.
    pub phone: Option<String>,
    /// Language as coded.
    pub language: Option<String>,
    /// When the patient died.
    pub died_at: Option<Moment>,
}

/// The visit as the track has put together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VisitTrack {
    /// The visit number in force.
    pub number: Option<Identifier>,
    /// Every visit number ever told, alternates too, sorted.
    pub numbers: Vec<Identifier>,
    /// The account in force.
    pub account: Option<Identifier>,
    /// Every account ever told, sorted.
    pub accounts: Vec<Identifier>,
    /// The visit this one goes on from.
    pub prior: Option<Identifier>,
    /// Admission type as coded.
    pub admission_type: Option<String>,
    /// Admit source as coded.
    pub admit_source: Option<String>,
    /// Reason in words.
    pub reason: Option<String>,
    /// Hospital service as coded.
    pub service: Option<String>,
    /// When admission is or was expected.
    pub expected_at: Option<Moment>,
    /// Hidden from lists.
    pub confidential: bool,
}

/// What the ledger says today.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Track {
    /// The patient.
    pub patient: PatientTrack,
    /// The visit.
    pub visit: VisitTrack,
    /// Status over time.
    pub periods: Vec<StatusPeriod>,
    /// Place over time: a track of its own.
    pub places: Vec<Since<Place>>,
    /// Attending over time.
    pub attending: Vec<Since<Practitioner>>,
    /// Admitting practitioner.
    pub admitting: Option<Practitioner>,
    /// Payers over time, in order of benefits.
    pub payers: Vec<Since<Vec<PayerNews>>>,
    /// Diagnoses as last told.
    pub diagnoses: Vec<DiagnosisNews>,
    /// Procedures as last told.
    pub procedures: Vec<ProcedureNews>,
    /// Documents of the record, oldest first; what was entered in error is not among them.
    pub documents: Vec<DocumentNews>,
    /// The last measurement of each kind.
    pub measured: Vec<Measured>,
    /// Status orders, oldest first, cancelled ones too.
    pub orders: Vec<StatusOrder>,
    /// The first start of the visit ever told.
    pub arrival_at: Option<Moment>,
    /// When hospital care began: told by the feed, else arrival. Triage and waiting are not known to registration.
    pub first_care_at: Option<Moment>,
    /// Whether the feed itself told when care began.
    pub care_start_told: bool,
    /// The first standing signed inpatient order.
    pub inpatient_order_at: Option<Moment>,
    /// Times under observation.
    pub observation: Vec<Span>,
    /// Times on leave.
    pub leave: Vec<Span>,
    /// The end, if it came.
    pub discharge: Option<DischargeNews>,
    /// When discharge is expected.
    pub expected_discharge: Option<Moment>,
    /// What a person should look at, in order of time.
    pub flags: Vec<Flag>,
}

impl Track {
    /// The status now: the last period's.
    pub fn status(&self) -> Option<&PatientStatus> {
        self.periods.last().map(|p| &p.status)
    }

    /// The period that holds at a moment.
    pub fn period_at(&self, at: Moment) -> Option<&StatusPeriod> {
        self.periods.iter().rev().find(|p| p.from <= at)
    }

    /// In the house at a moment (leave does not count).
    pub fn in_house_at(&self, at: Moment) -> bool {
        self.period_at(at).is_some_and(|p| p.status.in_house())
    }

    /// The place at a moment.
    pub fn place_at(&self, at: Moment) -> Option<&Place> {
        self.places.iter().rev().find(|p| p.from <= at).map(|p| &p.is)
    }

    /// The attending at a moment.
    pub fn attending_at(&self, at: Moment) -> Option<&Practitioner> {
        self.attending.iter().rev().find(|p| p.from <= at).map(|p| &p.is)
    }

    /// The payers at a moment, in order of benefits; the first known ones for a moment before any was told.
    pub fn payers_at(&self, at: Moment) -> &[PayerNews] {
        let known = self.payers.iter().rev().find(|p| p.from <= at).or_else(|| self.payers.first());
        known.map_or(&[], |p| &p.is)
    }

    /// When the patient left for good.
    pub fn discharged_at(&self) -> Option<Moment> {
        self.periods.last().filter(|p| p.status == PatientStatus::Discharged).map(|p| p.from)
    }

    /// When the first period of a status began.
    pub fn first(&self, status: &PatientStatus) -> Option<Moment> {
        self.periods.iter().find(|p| p.status == *status).map(|p| p.from)
    }

    /// Local midnights crossed in the house from a moment until another, leave left out. A midnight is the start of a
    /// local day; in a zone whose clocks skip it, the first moment of that day.
    pub fn midnights(&self, zone: &Zone, from: Moment, until: Moment) -> u32 {
        let until = self.discharged_at().map_or(until, |end| end.min(until));
        if self.leave.is_empty() {
            return (zone.day(until) - zone.day(from)).get_days().max(0) as u32;
        }
        let mut day = zone.day(from);
        let last = zone.day(until);
        let mut count = 0;
        while day < last {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            let Some(start) = zone.start_of(day) else { break };
            let away = self.leave.iter().any(|l| l.holds(start));
            count += u32::from(!away && start > from && start <= until);
        }
        count
    }

    /// Whether a flag of a kind stands.
    pub fn has(&self, kind: &FlagKind) -> bool {
        self.flags.iter().any(|f| f.kind == *kind)
    }
}
