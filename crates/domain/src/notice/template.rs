//! A notice as data: who gets it, why, by when, what it must say with which citation, and the words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{markup::Body, words::primary};
use crate::{library::Digest, time::Day};

/// Why a notice is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Everything asked for is approved.
    Approval,
    /// We need more information before we decide.
    RequestForInformation,
    /// We take more time, and say why.
    Extension,
    /// Not approved, reduced or stopped.
    AdverseDetermination,
    /// Some lines or units approved, others not.
    PartialApproval,
    /// A fast decision was asked for and the standard time applies.
    ExpediteDeclined,
    /// The legal time passed without a decision.
    Untimely,
    /// The request cannot be taken up at all.
    Dismissal,
    /// The request was taken back.
    Withdrawal,
    /// An appeal arrived.
    AppealReceived,
    /// An appeal lacks information.
    AppealInformation,
    /// The answer to an appeal.
    AppealDetermination,
    /// The case went to an independent reviewer.
    ForwardedForReview,
    /// A form that a hospital or provider delivers.
    HospitalForm,
    /// Naming someone to act for the member.
    Representative,
}

/// Whom a notice speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The member, enrollee, insured or patient, or who acts for that person.
    #[default]
    Member,
    /// The requesting or treating provider.
    Provider,
}

impl Audience {
    /// The word of a delivery's recipient (`member`, `provider`).
    pub fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Provider => "provider",
        }
    }

    /// The reader that every notice has unless it says otherwise.
    pub fn is_member(&self) -> bool {
        *self == Self::Member
    }
}

/// Whose denials this notice is owed for, whatever a rule with a clock says of telling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owed {
    /// Lines of business in the law packs' words.
    pub lines_of_business: Vec<String>,
    /// Only for requests received from this day on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Requests for nothing but drugs are left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub but_drugs: bool,
    /// Citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
}

/// How sure the library is of a statement of law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confidence {
    /// The text or a faithful copy was read.
    #[serde(rename = "source seen")]
    SourceSeen,
    /// Known to the trade, not yet read: a compliance officer should look.
    #[serde(rename = "from knowledge, verify")]
    FromKnowledge,
}

/// By when the notice must be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// One plain sentence.
    pub says: String,
    /// The rule of the law packs that computes it, where one exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One thing the law makes the notice say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Name within the template.
    pub id: String,
    /// The question an auditor asks, in plain words.
    pub asks: String,
    /// Citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Fields that must all be filled; `lines.reason_plain` means: in every entry of `lines`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Fields of which at least one must be filled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
    /// Required only when this field is filled (or this flag is set).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Required only when this field is not filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
    /// A last day that the element's law counts from the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<LastDay>,
}

/// A last day counted from the day of the letter, under the citation of its element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastDay {
    /// The field of kind day that takes it.
    pub field: String,
    /// Calendar months; a month without that day ends on its last one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub months: u32,
    /// Calendar days.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl LastDay {
    /// The last day for a letter of this day; none beyond the calendar's end.
    pub fn from(&self, letter: Day) -> Option<Day> {
        let span = jiff::Span::new().try_months(self.months).and_then(|s| s.try_days(self.days)).ok()?;
        letter.checked_add(span).ok()
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Words.
    Text,
    /// A calendar day.
    Day,
    /// A list: of named values when the field has parts, of plain words otherwise.
    List,
    /// Yes or no.
    Flag,
}

/// Where a field is stated once for all letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatedIn {
    /// The payer's contract: its own column, or `field=value` in its correspondence.
    Contract,
}

/// What the caller must know about a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// What it holds.
    pub kind: FieldKind,
    /// Meaning and format, one sentence.
    pub says: String,
    /// The parts of each entry of a list; empty for a list of plain words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Where a site states it once for all letters, when it is not of one case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_in: Option<StatedIn>,
    /// Sample by language, for previews and tests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub example: BTreeMap<String, String>,
}

/// A field of an official form that is filled and never retyped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Name.
    pub id: String,
    /// What goes into it.
    pub says: String,
    /// Whether delivery is invalid without it.
    pub required: bool,
    /// Filled by hand at delivery (signature, time), not by the system.
    #[serde(default)]
    pub at_delivery: bool,
}

/// An official form: number, version facts and fields. Its words belong to its issuer and are not in the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialForm {
    /// Form number, or the name of the model letter.
    pub number: String,
    /// OMB control number, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omb: Option<String>,
    /// Expiry printed on the form; never a stop-use date by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed_expiry: Option<String>,
    /// The day CMS announced the next version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_on: Option<String>,
    /// The day from which the next version must be used: announcement and 60 calendar days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory_on: Option<String>,
    /// Where the form is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What is known of versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The sender's own letter, for which nobody publishes a form: the pack has words that serve until a site loads its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Fields.
    pub fields: Vec<FormField>,
}

/// An official form that production must use instead of our words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardForm {
    /// Form number.
    pub number: String,
    /// What the author is told.
    pub says: String,
}

/// Who signs, and what happens when a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who signs what.
    pub says: String,
    /// What to record on refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// Citation.
    pub cite: String,
    /// How sure.
    pub confidence: Confidence,
}

/// A notice of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeTemplate {
    /// Id (`us.medicare-advantage.adverse`).
    pub id: String,
    /// The short name the trade uses (`IDN`, `MOON`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<String>,
    /// Why it is sent.
    pub purposes: Vec<Purpose>,
    /// Whom it speaks to.
    pub audience: Vec<Audience>,
    /// Lines of business in the law packs' words; empty means every one.
    #[serde(default)]
    pub lines_of_business: Vec<String>,
    /// `US` or `US-NY`.
    pub jurisdiction: String,
    /// What sets it off.
    pub trigger: String,
    /// Who gets it, in words.
    pub to_whom: String,
    /// Title by language.
    pub title: BTreeMap<String, String>,
    /// By when.
    #[serde(default)]
    pub window: Vec<Window>,
    /// Whose requests it is owed for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<Owed>,
    /// What it must say.
    #[serde(default, rename = "element")]
    pub elements: Vec<Element>,
    /// Rules on language and format, in plain sentences.
    #[serde(default)]
    pub language_rules: Vec<String>,
    /// Signature and refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// The official form it is; then there are no words here, except where it is the sender's own letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<OfficialForm>,
    /// The official form production must use in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_form: Option<StandardForm>,
    /// Remarks for compliance staff.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The fields it uses.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldSpec>,
    /// Words by language.
    #[serde(default)]
    pub bodies: BTreeMap<String, Body>,
    /// SHA-256 of the canonical form; set by the loader, not part of the form.
    #[serde(skip)]
    pub digest: Digest,
    /// The canonical form (JSON of this value): what the log keeps by digest, and what reads back as a template.
    #[serde(skip)]
    pub canonical: String,
}

impl NoticeTemplate {
    /// The language that the template has words in for a wanted one (`es-MX` finds `es`).
    pub fn language_for(&self, wanted: &str) -> Option<&str> {
        let short = primary(wanted);
        let found =
            self.bodies.keys().find(|have| *have == wanted).or_else(|| self.bodies.keys().find(|have| *have == short));
        found.map(String::as_str)
    }

    /// Languages it has words in.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.bodies.keys().map(String::as_str)
    }

    /// Fields without which no letter is released, whatever the conditions: elements that always apply, and words that
    /// always print them.
    pub fn required_fields(&self) -> Vec<&str> {
        let always = self.elements.iter().filter(|e| e.when.is_none() && e.unless.is_none()).flat_map(|e| &e.fields);
        let printed =
            self.bodies.values().flat_map(|body| body.uses()).filter(|used| used.printed && !used.conditional);
        let printed = printed.filter(|used| used.within.is_none()).map(|used| &used.name);
        let mut names: Vec<&str> = always.chain(printed).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
