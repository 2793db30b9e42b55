//! Determinations: the plan's answer to a line. Less than asked on clinical grounds is an [`AdverseDetermination`], and
//! the only way to one is a [`PeerReviewer`] with a rationale and the evidence that reviewer opened.
//!
//! ```compile_fail
//! // A machine cannot deny: the fields are private and the only constructor wants a PeerReviewer.
//! use vigil_domain::determination::AdverseDetermination;
//! let machine_made = AdverseDetermination { line: 1 };
//! ```

use serde::{Deserialize, Serialize};

use crate::{
    authority::PeerReviewer,
    code::Code,
    library::Digest,
    reason::Reason,
    request::Quantity,
    time::{Day, Moment},
};

/// What of a line is granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The authorization number; one per case.
    pub authorization: String,
    /// How much; as asked when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// First authorized day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last authorized day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Day>,
    /// Another service than asked, for a modified line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Code>,
}

/// Who approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Automation, on a criterion met by leaves that were read.
    Automation {
        /// The service of the criteria pack.
        service: String,
        /// The pack version's digest.
        pack: Digest,
    },
    /// A person.
    Person {
        /// Account name.
        person: String,
        /// Name and title as shown.
        name: String,
    },
    /// The law itself, after a person confirmed the facts (deemed approval).
    OperationOfLaw {
        /// The rule that was breached.
        rule: String,
        /// Its citation.
        cite: String,
        /// The account of the person who confirmed.
        confirmed_by: String,
    },
}

/// One piece of evidence a person opened before deciding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// `statements` for the clinical statements of the request, or a document's place.
    pub evidence: String,
    /// When it was opened.
    pub at: Moment,
}

/// The credential a decision was made on, as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewerRecord {
    /// Account name.
    pub person: String,
    /// The name as letters show it.
    pub name: String,
    /// Licence used: kind, state, number.
    pub licence: String,
    /// Specialty used.
    pub specialty: String,
    /// Authority rules satisfied, with their citations.
    pub rules: Vec<String>,
}

/// What the log keeps of an adverse determination. Built only from an [`AdverseDetermination`]; reading one back from the
/// log is the only other way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdverseRecord {
    line: u32,
    reason: Reason,
    rationale: String,
    plain_reason: String,
    criterion: Option<String>,
    opened: Vec<Opened>,
    reviewer: ReviewerRecord,
}

impl AdverseRecord {
    /// The line.
    pub fn line(&self) -> u32 {
        self.line
    }
    /// The taxonomy's reason.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
    /// The reviewer's clinical rationale.
    pub fn rationale(&self) -> &str {
        &self.rationale
    }
    /// The reason as the member reads it.
    pub fn plain_reason(&self) -> &str {
        &self.plain_reason
    }
    /// The criterion relied on, with its citation.
    pub fn criterion(&self) -> Option<&str> {
        self.criterion.as_deref()
    }
    /// The evidence the reviewer opened.
    pub fn opened(&self) -> &[Opened] {
        &self.opened
    }
    /// Who decided, and on what credential.
    pub fn reviewer(&self) -> &ReviewerRecord {
        &self.reviewer
    }
}

/// Why an adverse determination could not be built. All reasons at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// The rationale is empty or too short to explain anything.
    #[error("the rationale is missing: say what was looked at and why the criterion is not met")]
    Rationale,
    /// The plain-language reason is empty.
    #[error("the plain-language reason for the member is missing")]
    PlainReason,
    /// Evidence was not opened by this reviewer.
    #[error("evidence not opened by the reviewer: {0}")]
    NotOpened(String),
    /// The reason is an administrative one.
    #[error("{0} is an administrative reason: sign it as an administrative determination")]
    NotClinical(String),
    /// The reason needs a criterion.
    #[error("this reason needs the criterion it rests on")]
    Criterion,
}

/// What a reviewer finds about one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The line.
    pub line: u32,
    /// The reason, from the taxonomy.
    pub reason: Reason,
    /// The clinical rationale.
    pub rationale: String,
    /// The reason in the member's words.
    pub plain_reason: String,
    /// The criterion relied on, with citation.
    pub criterion: Option<String>,
}

/// An adverse medical-necessity determination of one line. Private fields; see [`AdverseDetermination::new`].
#[derive(Debug, Clone, PartialEq)]
pub struct AdverseDetermination {
    record: AdverseRecord,
}

impl AdverseDetermination {
    /// The only door: a finding, the evidence that must be opened, what the reviewer opened, and the reviewer.
    ///
    /// # Errors
    /// Everything that is missing, at once.
    pub fn new(
        finding: Finding,
        must_open: &[String],
        opened: Vec<Opened>,
        by: &PeerReviewer,
    ) -> Result<Self, Vec<Incomplete>> {
        let mut missing = Vec::new();
        if finding.rationale.trim().chars().count() < 20 {
            missing.push(Incomplete::Rationale);
        }
        if finding.plain_reason.trim().is_empty() {
            missing.push(Incomplete::PlainReason);
        }
        for evidence in must_open {
            if !opened.iter().any(|o| &o.evidence == evidence) {
                missing.push(Incomplete::NotOpened(evidence.clone()));
            }
        }
        if !finding.reason.is_clinical() {
            missing.push(Incomplete::NotClinical(finding.reason.word().to_owned()));
        }
        let needs_criterion = finding.reason.row().is_some_and(|row| row.needs_criterion);
        if needs_criterion && finding.criterion.as_deref().is_none_or(|c| c.trim().is_empty()) {
            missing.push(Incomplete::Criterion);
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        Ok(Self {
            record: AdverseRecord {
                line: finding.line,
                reason: finding.reason,
                rationale: finding.rationale,
                plain_reason: finding.plain_reason,
                criterion: finding.criterion,
                opened,
                reviewer: ReviewerRecord {
                    person: by.person().to_owned(),
                    name: by.name().to_owned(),
                    licence: format!("{} {} {}", by.licence().kind, by.licence().state, by.licence().number),
                    specialty: by.specialty().or(by.expertise_statement()).unwrap_or_default().to_owned(),
                    rules: by.rules().iter().map(|r| format!("{} ({})", r.rule, r.citation)).collect(),
                },
            },
        })
    }

    /// The record for the log.
    pub fn into_record(self) -> AdverseRecord {
        self.record
    }

    /// The line it answers.
    pub fn line(&self) -> u32 {
        self.record.line
    }
}

/// The answer to one line (DECISIONS 3). Final once made; only a reopening may follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Approved as asked.
    Approved {
        /// What is authorized.
        grant: Grant,
        /// Who approved.
        by: Approver,
    },
    /// Less than asked is approved; the rest is adverse.
    PartiallyApproved {
        /// What is authorized.
        grant: Grant,
        /// Why not all.
        adverse: AdverseRecord,
    },
    /// Another service than asked is approved, on clinical grounds.
    Modified {
        /// What is authorized.
        grant: Grant,
        /// Why not as asked.
        adverse: AdverseRecord,
    },
    /// Not approved on clinical grounds; peer reviewer only.
    NotApproved {
        /// The record.
        adverse: AdverseRecord,
    },
    /// Not approved on administrative grounds; signed by a trained person.
    AdministrativeAdverse {
        /// An administrative reason.
        reason: Reason,
        /// What it rests on.
        basis: String,
        /// The reason in the member's words.
        plain_reason: String,
        /// Account name of who signed.
        person: String,
        /// Name and title.
        name: String,
    },
    /// The plan asks for no review of this service.
    NoReviewRequired {
        /// On whose authority.
        cite: String,
        /// One sentence.
        says: String,
    },
    /// The requester took the line back.
    Withdrawn {
        /// Who said so, when and how.
        by: String,
        /// Why.
        why: String,
    },
    /// Not a valid request (no standing, wrong plan), with notice.
    Dismissed {
        /// Why.
        why: String,
        /// On what rule.
        cite: String,
        /// Account name.
        person: String,
    },
    /// Entered in error.
    Void {
        /// Why.
        why: String,
        /// Account name.
        person: String,
    },
    /// Cancelled by the sender through an update.
    Cancelled {
        /// The update's message.
        by: String,
    },
}

impl Outcome {
    /// The stable word: rows, measures, exports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Approved { .. } => "approved",
            Self::PartiallyApproved { .. } => "partially_approved",
            Self::Modified { .. } => "modified",
            Self::NotApproved { .. } => "not_approved",
            Self::AdministrativeAdverse { .. } => "administrative_adverse",
            Self::NoReviewRequired { .. } => "no_review_required",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Dismissed { .. } => "dismissed",
            Self::Void { .. } => "void",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// What pages call it.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Approved { .. } => "Approved",
            Self::PartiallyApproved { .. } => "Partially approved",
            Self::Modified { .. } => "Modified",
            Self::NotApproved { .. } => "Denied (medical necessity)",
            Self::AdministrativeAdverse { .. } => "Denied (administrative)",
            Self::NoReviewRequired { .. } => "No review required",
            Self::Withdrawn { .. } => "Withdrawn",
            Self::Dismissed { .. } => "Dismissed",
            Self::Void { .. } => "Void",
            Self::Cancelled { .. } => "Cancelled",
        }
    }

    /// What is authorized, if anything.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Approved { grant, .. } | Self::PartiallyApproved { grant, .. } | Self::Modified { grant, .. } => {
                Some(grant)
            }
            _ => None,
        }
    }

    /// The clinical adverse part, if any.
    pub fn adverse(&self) -> Option<&AdverseRecord> {
        match self {
            Self::PartiallyApproved { adverse, .. }
            | Self::Modified { adverse, .. }
            | Self::NotApproved { adverse } => Some(adverse),
            _ => None,
        }
    }

    /// Whether less than asked was given, for any reason: the member has appeal rights.
    pub fn is_adverse(&self) -> bool {
        self.adverse().is_some() || matches!(self, Self::AdministrativeAdverse { .. })
    }

    /// Whether it counts as a decision in the measures (approvals and denials; the rest is excluded with its reason).
    pub fn is_decision(&self) -> bool {
        self.grant().is_some() || self.is_adverse()
    }
}
