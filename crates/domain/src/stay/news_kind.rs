//! Who said a piece of news, by which road, what it says happened; and what a patient can be.

use serde::{Deserialize, Serialize};

use crate::codes;

/// A field of a message that was said: a value, or the word that there is none any more (HL7 `""`). A field that was left
/// empty is `None` around this and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told<T> {
    /// The value now.
    Is(T),
    /// There is none any more.
    Removed,
}

impl<T> Told<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Removed => None,
        }
    }
}

codes! {
    /// Which road news came by.
    Road {
        /// HL7 version 2 over MLLP.
        Hl7 = "hl7",
        /// FHIR resources: a Bundle or a folder of NDJSON.
        Fhir = "fhir",
        /// A person typed it.
        Person = "person",
        /// Demonstration or simulation.
        Simulated = "simulated",
    }
}

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NewsSource {
    /// The road.
    pub road: Road,
    /// The sending system (`EPIC/MERCY`), the import's name, or the account.
    pub sender: String,
    /// The sender's own identifier of the message (MSH-10, a resource id).
    pub message: String,
}

codes! {
    /// What the feed says happened. The word is how events and pages name it; the trigger stands beside it.
    NewsKind {
        /// A visit of a patient who has no bed: emergency department, outpatient.
        Register = "register",
        /// A visit of a patient with a bed; not proof of inpatient status.
        Admit = "admit",
        /// A visit to come.
        PreAdmit = "pre-admit",
        /// Another place; status unchanged by definition.
        Transfer = "transfer",
        /// The end of the visit.
        Discharge = "discharge",
        /// Outpatient becomes bedded (A06).
        ClassUp = "class-up",
        /// Bedded becomes outpatient while still treated (A07).
        ClassDown = "class-down",
        /// More is known; nothing happened. Often carries a status change all the same.
        Update = "update",
        /// The admission or registration was wrong.
        CancelVisit = "cancel-visit",
        /// The pre-admission was called off.
        CancelPreAdmit = "cancel-pre-admit",
        /// The last transfer was wrong.
        CancelTransfer = "cancel-transfer",
        /// The patient is still here.
        CancelDischarge = "cancel-discharge",
        /// Goes on leave.
        LeaveOut = "leave-out",
        /// Is back from leave.
        LeaveReturn = "leave-return",
        /// The leave was wrong.
        CancelLeaveOut = "cancel-leave-out",
        /// The return was wrong.
        CancelLeaveReturn = "cancel-leave-return",
        /// Discharge is planned.
        ExpectDischarge = "expect-discharge",
        /// Discharge is no longer planned.
        CancelExpectDischarge = "cancel-expect-discharge",
        /// Another attending.
        Attending = "attending",
        /// The change of attending was wrong.
        CancelAttending = "cancel-attending",
        /// The person's data outside of any visit.
        Person = "person",
        /// The source deleted its visit. We never delete ours.
        SourceDeleted = "source-deleted",
        /// Two identities are one: `joins` says which.
        Merge = "merge",
        /// The visit or account belongs to another patient or account now: `joins` says which.
        Move = "move",
        /// An identifier was changed: `joins` says which.
        Renumber = "renumber",
        /// A status order of a practitioner: `order` says which.
        Order = "order",
        /// Documents and measurements of the record: nothing happened to the visit.
        Record = "record",
        /// The whole visit as it stands (FHIR Encounter): periods stand in `class_history`.
        Snapshot = "snapshot",
    }
}

codes! {
    /// What the patient is, to the hospital. Observation is outpatient care with its own rules.
    PatientStatus {
        /// Expected, not here yet.
        PreAdmit = "pre-admit",
        /// In the emergency department.
        Emergency = "emergency",
        /// Outpatient, bedded or not.
        Outpatient = "outpatient",
        /// Outpatient with observation services.
        Observation = "observation",
        /// Inpatient.
        Inpatient = "inpatient",
        /// On leave of absence.
        LeaveOfAbsence = "leave-of-absence",
        /// Gone.
        Discharged = "discharged",
        /// Never was.
        Cancelled = "cancelled",
    }
}

impl PatientStatus {
    /// In the house and being treated.
    pub fn in_house(&self) -> bool {
        matches!(self, Self::Emergency | Self::Outpatient | Self::Observation | Self::Inpatient)
    }
}
