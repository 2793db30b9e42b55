//! What the measures add up: avoidable days, and the figures of each stay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vigil_domain::time::Day;

use super::model::{StayModel, StayRow, body, columns};

/// A stretch of avoidable days, or of delay that does not count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DelayRow {
    /// The stay.
    pub stay_id: String,
    /// Number inside the stay.
    pub stretch: u32,
    /// The hospital.
    pub hospital: String,
    /// Unit.
    pub unit: String,
    /// Patient as listed.
    pub patient: String,
    /// The stay is confidential: lists do not name it.
    pub confidential: bool,
    /// Attending.
    pub attending: String,
    /// Primary payer's name.
    pub payer: String,
    /// Code of the taxonomy.
    pub code: String,
    /// Its group.
    pub group: String,
    /// In words.
    pub says: String,
    /// Counts as avoidable.
    pub counts: bool,
    /// First day.
    pub from: Day,
    /// Last day.
    pub through: Day,
    /// Days, parts included.
    pub days: f64,
    /// Department.
    pub department: String,
    /// More words.
    pub note: String,
    /// Taken back: the row goes.
    pub withdrawn: bool,
}

impl StayModel for DelayRow {
    const KIND: &'static str = "delay";

    fn columns(&self) -> StayRow {
        let id = format!("{}/{}", self.stay_id, self.stretch);
        StayRow { day: Some(self.from), ..columns(id, &self.hospital, i64::from(self.counts)) }
    }

    fn row(&self) -> StayRow {
        let body = if self.withdrawn { String::new() } else { body(self) };
        StayRow { kind: Self::KIND, body, ..self.columns() }
    }
}

/// The figures of one stay for the hospital's measures. A row per stay, not increments: late and corrected messages change
/// what a stay counts for, and the sum over the rows follows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FiguresRow {
    /// The stay.
    pub stay_id: String,
    /// The hospital.
    pub hospital: String,
    /// Unit of discharge, or the present one.
    pub unit: String,
    /// Primary payer's name.
    pub payer: String,
    /// Line of business, its word.
    pub line_of_business: String,
    /// Attending at discharge, or the present one.
    pub attending: String,
    /// The day it counts on: discharge, else first bedded.
    pub day: Day,
    /// The figures by name: see `docs/hospital-measures.md`.
    pub figures: BTreeMap<String, f64>,
}

impl StayModel for FiguresRow {
    const KIND: &'static str = "figures";

    fn columns(&self) -> StayRow {
        StayRow { day: Some(self.day), ..columns(self.stay_id.clone(), &self.hospital, 0) }
    }
}
