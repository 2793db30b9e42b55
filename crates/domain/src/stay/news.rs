//! News of a stay: one typed thing that a feed said, as the feed said it. Kept in the stay's events for ever; what it means
//! is derived by [`super::track::Track`], so a corrected mapping heals old stays.

use serde::{Deserialize, Serialize};

use super::evidence::{DocumentNews, Measured};
use crate::time::Moment;

pub use super::{
    news_kind::{NewsKind, NewsSource, PatientStatus, Road, Told},
    news_part::{
        ClassNews, ClassPeriod, DiagnosisNews, DischargeNews, Identifier, Joins, Kept, Movement, MovementAction,
        OrderState, PatientNews, PayerNews, Place, Practitioner, ProcedureNews, StatusOrder, VisitNews,
    },
};

/// One typed thing a feed said about one stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayNews {
    /// Its identity: sender, message and content. The same news twice is one.
    pub id: String,
    /// Who said it.
    pub source: NewsSource,
    /// The trigger as sent: `A06`, `O01`, `fhir:Encounter`.
    pub trigger: String,
    /// What it says happened.
    pub kind: NewsKind,
    /// When it happened in the world: history is replayed in this order.
    pub effective_at: Moment,
    /// When the source recorded it: freshness and cancellation go by this.
    pub recorded_at: Moment,
    /// When the message was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Moment>,
    /// The patient.
    pub patient: PatientNews,
    /// The visit.
    pub visit: VisitNews,
    /// The class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassNews>,
    /// The place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Told<Place>>,
    /// The place before, as the message tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_place: Option<Place>,
    /// Attending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attending: Option<Told<Practitioner>>,
    /// Admitting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitting: Option<Told<Practitioner>>,
    /// All payers in order of benefits: a snapshot, it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payers: Option<Vec<PayerNews>>,
    /// All diagnoses: a snapshot, it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnoses: Option<Vec<DiagnosisNews>>,
    /// All procedures: a snapshot, it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedures: Option<Vec<ProcedureNews>>,
    /// A status order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<StatusOrder>,
    /// The end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharge: Option<Told<DischargeNews>>,
    /// When discharge is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_discharge: Option<Told<Moment>>,
    /// What a merge, move or renumbering joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joins: Option<Joins>,
    /// The movement it is, for senders that number them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<Movement>,
    /// Status over time, for snapshots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_history: Vec<ClassPeriod>,
    /// Documents of the record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentNews>,
    /// Measurements of the record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Measured>,
    /// What no reader knows, kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

impl StayNews {
    /// News that says nothing yet beyond who, what and when.
    pub fn new(source: NewsSource, trigger: &str, kind: NewsKind, effective_at: Moment) -> Self {
        let id = format!("{}/{}/{}", source.road, source.sender, source.message);
        Self {
            id,
            source,
            trigger: trigger.to_owned(),
            kind,
            effective_at,
            recorded_at: effective_at,
            sent_at: None,
            patient: PatientNews::default(),
            visit: VisitNews::default(),
            class: None,
            place: None,
            prior_place: None,
            attending: None,
            admitting: None,
            payers: None,
            diagnoses: None,
            procedures: None,
            order: None,
            discharge: None,
            expected_discharge: None,
            joins: None,
            movement: None,
            class_history: Vec::new(),
            documents: Vec::new(),
            measured: Vec::new(),
            kept: Vec::new(),
        }
    }
}
