//! Is review required at all? A plan's own list by code and service type, each entry with its authority; "no review
//! needed" is an answer with its citation, and what is on no list is answered by the plan's stated default.

use serde::{Deserialize, Serialize};

use crate::{
    code::{Code, CodeSystem},
    codes,
    party::LineOfBusiness,
    request::ServiceLine,
    time::Day,
};

codes! {
    /// The answer.
    Needed {
        /// Review is required before an answer.
        Required = "required",
        /// No review is required.
        NotRequired = "not-required",
        /// On no list; [`Requirement::review`] says what the plan does then.
        Unlisted = "unlisted",
    }
}

codes! {
    /// What a plan does with a service that is on no list.
    UnlistedDefault { Review = "review", NoReview = "none" }
}

/// Codes an entry speaks of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryCodes {
    /// HCPCS Level II.
    #[serde(default)]
    pub hcpcs: Vec<String>,
    /// CPT: never shipped; a licensed site's overlay may fill it.
    #[serde(default)]
    pub cpt: Vec<String>,
    /// ICD-10-PCS.
    #[serde(default)]
    pub icd10pcs: Vec<String>,
    /// MS-DRG.
    #[serde(default)]
    pub drg: Vec<String>,
    /// Revenue codes.
    #[serde(default)]
    pub revenue: Vec<String>,
    /// X12 1365 service types.
    #[serde(default)]
    pub service_type: Vec<String>,
    /// Places of service: the line's place, whatever the service is.
    #[serde(default)]
    pub place: Vec<String>,
}

impl EntryCodes {
    fn list(&self, system: &CodeSystem) -> &[String] {
        match system {
            CodeSystem::Hcpcs => &self.hcpcs,
            CodeSystem::Cpt => &self.cpt,
            CodeSystem::Icd10Pcs => &self.icd10pcs,
            CodeSystem::Drg => &self.drg,
            CodeSystem::Revenue => &self.revenue,
            CodeSystem::ServiceType => &self.service_type,
            CodeSystem::PlaceOfService => &self.place,
            _ => &[],
        }
    }

    fn names(&self, code: &Code) -> bool {
        self.list(&code.system).contains(&code.value)
    }

    /// Whether a service of this value is named, in whichever of the systems of services.
    pub fn names_value(&self, value: &str) -> bool {
        let services = [&self.hcpcs, &self.cpt, &self.icd10pcs, &self.drg, &self.revenue];
        services.iter().any(|list| list.iter().any(|known| known == value))
    }

    fn match_line(&self, line: &ServiceLine) -> bool {
        line.codes().chain(&line.place).any(|code| self.names(code))
    }

    /// Whether no code is named at all.
    pub fn is_empty(&self) -> bool {
        let Self { hcpcs, cpt, icd10pcs, drg, revenue, service_type, place } = self;
        [hcpcs, cpt, icd10pcs, drg, revenue, service_type, place].iter().all(|list| list.is_empty())
    }
}

/// One entry of a plan's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The entry's id, unique in the pack.
    pub id: String,
    /// Required or not required.
    pub needed: Needed,
    /// What it is about, for people.
    pub name: String,
    /// The codes.
    #[serde(default)]
    pub codes: EntryCodes,
    /// Lines of business; empty for all of the pack's.
    #[serde(default)]
    pub lines_of_business: Vec<LineOfBusiness>,
    /// First day.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day.
    #[serde(default)]
    pub through: Option<Day>,
    /// The paragraph or list it rests on.
    pub cite: String,
    /// On whose authority: `federal law`, `CMS list, adopted by the plan`, `plan policy`.
    pub authority: String,
    /// One plain sentence.
    pub says: String,
    /// Where the list or rule was seen.
    pub source: String,
    /// `source seen` or `from knowledge, verify`.
    pub confidence: String,
    /// The law forbids review here: no other entry can ask for it.
    #[serde(default)]
    pub review_forbidden: bool,
    /// The criteria pack that judges it. Without own `codes` the entry takes that pack's, and its documentation.
    #[serde(default)]
    pub criteria: Option<String>,
    /// What the requester must send.
    #[serde(default)]
    pub documents: Vec<String>,
    /// A remark.
    #[serde(default)]
    pub note: String,
}

impl Entry {
    fn in_force(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.through.is_none_or(|through| day <= through)
    }
}

/// A plan's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementPack {
    /// The pack's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Plan ids it is the list of; `*` for every plan that has none of its own.
    pub plans: Vec<String>,
    /// What happens with a service that is on no list.
    pub default: UnlistedDefault,
    /// Why, in one plain sentence.
    pub default_says: String,
    /// Entries.
    #[serde(default, rename = "entry")]
    pub entries: Vec<Entry>,
}

/// The answer for one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// Required, not required, or on no list.
    pub needed: Needed,
    /// Whether the plan reviews the line: always when required, by the plan's default when on no list.
    pub review: bool,
    /// The pack and the entry, `pack/entry`; the pack alone when unlisted.
    pub entry: String,
    /// The paragraph or list it rests on.
    pub citation: String,
    /// On whose authority.
    pub authority: String,
    /// One plain sentence.
    pub says: String,
    /// In force since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// How well the source is known.
    pub confidence: String,
    /// What the requester must send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
    /// The criteria service that judges it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criteria: Option<String>,
    /// A remark.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Requirement packs in memory.
#[derive(Debug, Default)]
pub struct RequirementBook {
    packs: Vec<RequirementPack>,
}

impl RequirementBook {
    /// The book of these packs; the packs room has checked them.
    pub fn new(packs: Vec<RequirementPack>) -> Self {
        Self { packs }
    }

    /// The packs.
    pub fn packs(&self) -> &[RequirementPack] {
        &self.packs
    }

    /// The list of a plan: its own, else the list of all plans without one.
    pub fn pack_of(&self, plan: &str) -> Option<&RequirementPack> {
        let of = |id: &str| self.packs.iter().rev().find(|pack| pack.plans.iter().any(|own| own == id));
        of(plan).or_else(|| of("*"))
    }

    /// Whether a line needs review on a day. Law that forbids review wins, then an entry that requires it, then one that
    /// says it is not required; several codes on one line count together.
    pub fn needed(&self, line: &ServiceLine, line_of_business: &LineOfBusiness, plan: &str, on: Day) -> Requirement {
        let Some(pack) = self.pack_of(plan) else { return no_list(plan) };
        let rank = |entry: &&Entry| match (entry.review_forbidden, &entry.needed) {
            (true, _) => 0,
            (_, Needed::Required) => 1,
            _ => 2,
        };
        let applies = |entry: &&Entry| {
            entry.in_force(on)
                && (entry.lines_of_business.is_empty() || entry.lines_of_business.contains(line_of_business))
                && entry.codes.match_line(line)
        };
        match pack.entries.iter().filter(applies).min_by_key(rank) {
            Some(entry) => answer(pack, entry),
            None => unlisted(pack),
        }
    }
}

fn answer(pack: &RequirementPack, entry: &Entry) -> Requirement {
    Requirement {
        needed: entry.needed.clone(),
        review: entry.needed == Needed::Required,
        entry: format!("{}/{}", pack.id, entry.id),
        citation: entry.cite.clone(),
        authority: entry.authority.clone(),
        says: entry.says.clone(),
        from: entry.from,
        confidence: entry.confidence.clone(),
        documents: entry.documents.clone(),
        criteria: entry.criteria.clone(),
        note: entry.note.clone(),
    }
}

fn unlisted(pack: &RequirementPack) -> Requirement {
    Requirement {
        needed: Needed::Unlisted,
        review: pack.default != UnlistedDefault::NoReview,
        entry: pack.id.clone(),
        citation: format!("{}, default", pack.name),
        authority: "plan policy".into(),
        says: pack.default_says.clone(),
        from: None,
        confidence: "own work".into(),
        documents: Vec::new(),
        criteria: None,
        note: String::new(),
    }
}

/// No list at all: never silently "no review needed"; a person decides.
fn no_list(plan: &str) -> Requirement {
    Requirement {
        needed: Needed::Unlisted,
        review: true,
        entry: String::new(),
        citation: "no requirement list is loaded".into(),
        authority: "none".into(),
        says: format!("No list says whether plan {plan} reviews this service, so a person decides."),
        from: None,
        confidence: "own work".into(),
        documents: Vec::new(),
        criteria: None,
        note: String::new(),
    }
}
