//! What the plan answers, in values: the writer turns it into ClaimResponses and judges nothing.

use vigil_domain::{
    code::Code,
    codes,
    request::{Identifier, Quantity},
    time::{Day, Moment, Zone},
};

codes! {
    /// What was decided about a line: X12 data element 306 (HCR01), in the meaning of the 278.
    ///
    /// Public code mis-maps these. A2 is *partial*, A3 is *not certified*, A6 is *modified*.
    Action {
        CertifiedTotal = "A1",
        CertifiedPartial = "A2",
        NotCertified = "A3",
        Pended = "A4",
        Modified = "A6",
        Cancelled = "C",
        ContactPayer = "CT",
        NoActionRequired = "NA",
    }
}

impl Action {
    /// A label of our own.
    pub fn label(&self) -> Option<&'static str> {
        Some(match self {
            Self::CertifiedTotal => "Certified in total",
            Self::CertifiedPartial => "Certified - partial",
            Self::NotCertified => "Not certified",
            Self::Pended => "Pended",
            Self::Modified => "Modified",
            Self::Cancelled => "Cancelled",
            Self::ContactPayer => "Contact payer",
            Self::NoActionRequired => "No action required",
            Self::Other(_) => return None,
        })
    }

    /// Whether an authorization number stands with it.
    pub fn certifies(&self) -> bool {
        matches!(self, Self::CertifiedTotal | Self::CertifiedPartial | Self::Modified)
    }
}

/// One answer about one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The case's number, said as the payer's identifier of the response.
    pub case_id: String,
    /// Id of this response; unique among responses.
    pub response_id: String,
    /// When it was answered.
    pub answered_at: Moment,
    /// The zone in which the answer's time is written.
    pub zone: Zone,
    /// The identifier of the response Bundle; the request's is echoed when absent.
    pub bundle_identifier: Option<Identifier>,
    /// Complete, or the business errors.
    pub outcome: Outcome,
    /// The authorization number of the case.
    pub authorization: Option<String>,
    /// The administrative reference number of the case (for what is not authorized yet).
    pub administrative_reference: Option<String>,
    /// First and last authorized day over all lines.
    pub period: Option<(Day, Day)>,
    /// The lines, in the order of the request.
    pub lines: Vec<LineAnswer>,
    /// What is still needed.
    pub requests: Vec<InformationRequest>,
    /// Who reviewed it; written where the version has a place for it.
    pub reviewer: Option<Reviewer>,
}

/// Whether the request could be judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Judged or pended: the decision of each line stands in its review action.
    Complete,
    /// Not judged for these reasons.
    Error(Vec<AaaError>),
}

/// A business error (X12 AAA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AaaError {
    /// X12 901 reject reason, e.g. `75`.
    pub code: String,
    /// The X12 element it stands at, e.g. `2010C-NM109`.
    pub element: Option<String>,
    /// FHIRPath of the place in the request.
    pub path: Option<String>,
    /// X12 889 follow-up action, e.g. `C`.
    pub follow_up: Option<String>,
    /// Words for people.
    pub message: Option<String>,
}

/// The answer to one line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineAnswer {
    /// Sequence of the request.
    pub sequence: u32,
    /// What was decided.
    pub action: Action,
    /// Authorization number of the line; the case's is written for certified lines when absent.
    pub number: Option<String>,
    /// When the line was decided.
    pub issued_on: Option<Day>,
    /// Authorized days.
    pub period: Option<(Day, Day)>,
    /// Why.
    pub reason: Option<Reason>,
    /// Words for people.
    pub note: Option<String>,
    /// What was granted, where it is not what was asked.
    pub granted: Option<Granted>,
}

impl LineAnswer {
    /// A line with an action and nothing else.
    pub fn new(sequence: u32, action: Action) -> Self {
        Self { sequence, action, number: None, issued_on: None, period: None, reason: None, note: None, granted: None }
    }
}

/// Why a line was decided so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Code of X12 external list 886; only when the caller holds the licensed table.
    pub code: Option<String>,
    /// Words.
    pub text: String,
}

/// What was granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Granted {
    /// The service; the asked one when absent.
    pub service: Option<Code>,
    /// How much.
    pub quantity: Option<Quantity>,
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub through: Option<Day>,
}

/// A request for information.
#[derive(Debug, Clone, PartialEq)]
pub struct InformationRequest {
    /// The line it is about.
    pub line: u32,
    /// What is wanted.
    pub wanted: Vec<Wanted>,
    /// A questionnaire to answer, as canonical URL.
    pub questionnaire_url: Option<String>,
    /// Where the answer is to be sent; a Task is written only with it.
    pub payer_url: Option<String>,
    /// By when.
    pub due: Option<Moment>,
}

/// One thing that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// In words.
    pub text: String,
    /// LOINC document code.
    pub loinc: Option<String>,
}

/// Who reviewed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// A person reviewed it.
    pub human: bool,
    /// NPI of the reviewer.
    pub npi: Option<String>,
    /// NUCC taxonomy code.
    pub specialty: Option<String>,
}
