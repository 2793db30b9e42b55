//! Da Vinci PAS: prior authorization requests, inquiries and responses, in the versions 2.0.1 and 2.2.1.
//!
//! The versions share one reader and one writer; what differs is asked of [`Base`].

pub mod answer;
mod claim;
pub mod compose;
mod doubt;
pub mod echo;
pub mod inquire;
mod request_more;
pub mod response;
pub mod submit;

pub use answer::{
    AaaError, Action, Answer, Granted, InformationRequest, LineAnswer, Outcome, Reason, Reviewer, Wanted,
};
pub use echo::Echo;
pub use inquire::{Inquiry, read_inquiry, respond_inquiry};
pub use response::respond;
pub use submit::{Attachment, Submission, read_submit};

/// Which version of the guide a base URL speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Base {
    /// PAS 2.0.1.
    V20,
    /// PAS 2.2.1.
    V22,
}

impl Base {
    /// Both.
    pub const ALL: [Base; 2] = [Base::V20, Base::V22];

    /// The version of the guide.
    pub fn version(self) -> &'static str {
        match self {
            Self::V20 => "2.0.1",
            Self::V22 => "2.2.1",
        }
    }

    /// 2.2.1 binds Claim.type and asks for place, request type and certification on each item.
    pub(crate) fn asks_more_of_items(self) -> bool {
        self == Self::V22
    }

    /// Where the line number of an information request stands: its extension and the type of its value.
    pub(crate) fn line_number(self) -> (&'static str, &'static str) {
        match self {
            Self::V20 => ("extension-paLineNumber", "valueInteger"),
            Self::V22 => ("extension-serviceLineNumber", "valuePositiveInt"),
        }
    }

    /// 2.2.1 keeps the line number on the CommunicationRequest, 2.0.1 on its payload.
    pub(crate) fn line_number_on_request(self) -> bool {
        self == Self::V22
    }

    /// 2.2.1 binds CommunicationRequest.payload.contentString to attachment codes; 2.0.1 takes free words.
    pub(crate) fn payload_is_code(self) -> bool {
        self == Self::V22
    }

    /// 2.2.1 has the reviewer extension on ClaimResponse.
    pub(crate) fn says_who_reviewed(self) -> bool {
        self == Self::V22
    }
}

/// Where the guide keeps its profiles and extensions.
pub(crate) const DEFINITIONS: &str = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/";
/// The guide's own temporary codes.
pub(crate) const TEMP: &str = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes";
/// X12 306, review action.
pub(crate) const REVIEW_ACTION: &str = "https://codesystem.x12.org/005010/306";
/// X12 901, reject reason.
pub(crate) const REJECT_REASON: &str = "https://codesystem.x12.org/005010/901";
/// X12 889, follow-up action.
pub(crate) const FOLLOW_UP: &str = "https://codesystem.x12.org/005010/889";
/// X12 external list 886, health care services decision reason.
pub(crate) const DECISION_REASON: &str = "https://codesystem.x12.org/external/886";
/// X12 1322, certification type.
pub(crate) const CERTIFICATION: &str = "https://codesystem.x12.org/005010/1322";
/// X12 1525, request category.
pub(crate) const REQUEST_CATEGORY: &str = "https://codesystem.x12.org/005010/1525";
/// X12 1338, level of service.
pub(crate) const LEVEL_OF_SERVICE: &str = "https://codesystem.x12.org/005010/1338";
/// The one modifier extension that PAS defines.
pub(crate) const CANCELLED: &str =
    "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled";
/// The encounter of a claim, from R5.
pub(crate) const ENCOUNTER: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter";
