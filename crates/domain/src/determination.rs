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
    codes,
    library::Digest,
    notice::tongue,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whose: Option<RuleOwner>,
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
    /// Whose rule it is, where no criteria of the library bound.
    pub fn whose(&self) -> Option<&RuleOwner> {
        self.whose.as_ref()
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

codes! {
    /// Whose rule a determination rests on where no criteria of the library bind.
    RuleOwner {
        /// The plan's own published policy.
        PlanPolicy = "plan-policy",
        /// The member's contract or evidence of coverage.
        Contract = "contract",
        /// A statute, regulation or Medicare determination.
        Federal = "federal",
        /// A state's law, regulation or manual.
        State = "state",
        /// A published clinical guideline.
        ClinicalStandard = "clinical-standard",
    }
}

impl RuleOwner {
    /// What pages call it; none for a word this release does not know.
    pub fn title(&self) -> Option<&'static str> {
        Some(match self {
            Self::PlanPolicy => "The plan's policy",
            Self::Contract => "The member's contract",
            Self::Federal => "Federal law or Medicare",
            Self::State => "State law or manual",
            Self::ClinicalStandard => "A published clinical guideline",
            Self::Other(_) => return None,
        })
    }
}

/// Why an adverse determination could not be built. All reasons at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// No reason of the taxonomy.
    #[error("no reason is chosen")]
    Reason,
    /// The rationale is empty or too short to explain anything.
    #[error("the rationale is missing: say what was looked at and why the criterion is not met")]
    Rationale,
    /// The plain-language reason is empty or too short to say anything of this case.
    #[error("the reason in the member's words is missing: say in plain words what is not shown in this case")]
    PlainReason,
    /// The plain-language reason is the taxonomy's sentence for everybody.
    #[error("the reason in the member's words is the sentence for everybody: say what is not shown in this case")]
    StockReason,
    /// The plain-language reason is not in the language of the letter.
    #[error("the letter goes out in {0}, and the reason in the member's words is not in {0}")]
    Language(&'static str),
    /// Evidence was not opened by this reviewer.
    #[error("you have not opened: {}", .0.join("; "))]
    NotOpened(Vec<String>),
    /// The reason is an administrative one.
    #[error("{0} is an administrative reason: sign it as an administrative determination")]
    NotClinical(String),
    /// The reason needs a criterion.
    #[error("the criterion it rests on is not chosen")]
    Criterion,
    /// The criterion named is not one that this case leaves open or not met.
    #[error("it cannot rest on \u{201c}{0}\u{201d}, which is met or is none of the criteria that are open here")]
    CriterionMet(String),
    /// Nothing of the criteria is open.
    #[error("every criterion that binds here is met, so a denial has none to rest on")]
    NoGround,
    /// No criteria bind, and no real citation is given.
    #[error("the rule it rests on is not cited: name document and section, page or number")]
    Citation,
    /// No criteria bind, and it is not said whose rule it is.
    #[error("it is not said whose rule it rests on")]
    Whose,
}

impl Incomplete {
    /// What would do.
    pub fn instead(&self) -> &'static str {
        match self {
            Self::CriterionMet(_) | Self::NoGround => {
                "Where you disagree with a criterion that is shown as met, answer it yourself first (Answer a criterion), naming where you found it."
            }
            Self::NotOpened(_) => "Open it under \u{201c}On what\u{201d}.",
            Self::Language(_) => "Write it in the letter's language; a translation counts.",
            Self::Citation => "For example: Evidence of Coverage 2026, chapter 4, section 2.1.",
            Self::NotClinical(_) => "Use the administrative denial on the case page.",
            _ => "Complete it.",
        }
    }
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
    /// The reason in the member's words, of this case and in the letter's language.
    pub plain_reason: String,
    /// The criterion relied on, with citation.
    pub criterion: Option<String>,
    /// Whose rule it is, where no criteria of the library bind.
    pub whose: Option<RuleOwner>,
}

/// What a finding is held against.
#[derive(Debug, Clone, Copy)]
pub struct Footing<'a> {
    /// The criteria that are open or not met, as [`crate::criteria::Ground::text`] writes them; none where none bind.
    pub grounds: Option<&'a [String]>,
    /// The language of the letter.
    pub language: &'a str,
    /// The evidence that must be opened: its place, and the title pages show.
    pub must_open: &'a [(String, String)],
    /// What the reviewer opened.
    pub opened: &'a [Opened],
}

/// Whether a text says anything: some words that differ, not a letter typed often.
fn says_something(text: &str, letters: usize, words: usize) -> bool {
    let mut different: Vec<String> =
        text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).map(str::to_lowercase).collect();
    different.sort_unstable();
    different.dedup();
    text.trim().chars().count() >= letters && different.len() >= words
}

/// Whether a sentence is one of the taxonomy's, which say nothing of a single case.
pub fn is_stock(text: &str) -> bool {
    let bare = |t: &str| t.trim().trim_end_matches('.').to_lowercase();
    Reason::ALL.iter().filter_map(Reason::row).any(|row| bare(row.plain) == bare(text))
}

/// Whether a citation names something that can be looked up: words and a number.
fn is_citation(text: &str) -> bool {
    let count = text.chars().filter(|c| c.is_alphanumeric()).count();
    count >= 6 && text.split_whitespace().count() >= 2 && text.chars().any(|c| c.is_ascii_digit())
}

impl Finding {
    /// Everything an adverse determination of this finding still lacks, at once.
    pub fn lacks(&self, on: &Footing<'_>) -> Vec<Incomplete> {
        let mut missing = Vec::new();
        if self.reason.row().is_none() {
            missing.push(Incomplete::Reason);
        } else if !self.reason.is_clinical() {
            missing.push(Incomplete::NotClinical(self.reason.word().to_owned()));
        }
        self.ground(on, &mut missing);
        if !says_something(&self.rationale, 20, 4) {
            missing.push(Incomplete::Rationale);
        }
        if is_stock(&self.plain_reason) {
            missing.push(Incomplete::StockReason);
        } else if !says_something(&self.plain_reason, 15, 4) {
            missing.push(Incomplete::PlainReason);
        } else if !tongue::fits(&self.plain_reason, on.language) {
            missing.push(Incomplete::Language(tongue::name(on.language)));
        }
        let unopened = on.must_open.iter().filter(|(place, _)| !on.opened.iter().any(|o| &o.evidence == place));
        let unopened: Vec<String> = unopened.map(|(_, title)| title.clone()).collect();
        if !unopened.is_empty() {
            missing.push(Incomplete::NotOpened(unopened));
        }
        missing
    }

    fn ground(&self, on: &Footing<'_>, missing: &mut Vec<Incomplete>) {
        let named = self.criterion.as_deref().map(str::trim).unwrap_or_default();
        match on.grounds {
            Some([]) => missing.push(Incomplete::NoGround),
            Some(_) if named.is_empty() => missing.push(Incomplete::Criterion),
            Some(open) if !open.iter().any(|text| text == named) => {
                missing.push(Incomplete::CriterionMet(named.to_owned()));
            }
            Some(_) => {}
            None => {
                if !is_citation(named) {
                    missing.push(Incomplete::Citation);
                }
                if self.whose.as_ref().and_then(RuleOwner::title).is_none() {
                    missing.push(Incomplete::Whose);
                }
            }
        }
    }
}

/// An adverse medical-necessity determination of one line. Private fields; see [`AdverseDetermination::new`].
#[derive(Debug, Clone, PartialEq)]
pub struct AdverseDetermination {
    record: AdverseRecord,
}

impl AdverseDetermination {
    /// The only door: a finding, what it is held against, and the reviewer.
    ///
    /// # Errors
    /// Everything that is missing, at once.
    pub fn new(finding: Finding, on: &Footing<'_>, by: &PeerReviewer) -> Result<Self, Vec<Incomplete>> {
        let missing = finding.lacks(on);
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
                whose: finding.whose.filter(|_| on.grounds.is_none()),
                opened: on.opened.to_vec(),
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
