//! Which packs bind for a service line: by its codes, the line of business, the contractor's area, the member's age and
//! the day (DECISIONS 5). Where none binds, a person decides.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    party::LineOfBusiness,
    request::{Certification, ServiceLine},
    time::Day,
};

use super::{
    CriteriaBook, Service,
    definition::{AppliesTo, Rank},
    evaluate::Authorities,
};

/// A rule by which members are judged one by one, whatever a pack says (data of the packs).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndividualReview {
    /// The rule's id.
    pub id: String,
    /// Lines of business, in the words of the law packs.
    pub lines_of_business: Vec<LineOfBusiness>,
    /// Members younger than this many years.
    pub age_below: i16,
    /// The authority.
    pub cite: String,
    /// One plain sentence.
    pub says: String,
    /// `source seen` or `from knowledge, verify`.
    pub confidence: String,
}

/// A pack that binds, and which of its authorities do.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The pack.
    pub service: Arc<Service>,
    /// Its authorities that bind here; give them to [`super::evaluate_where`].
    pub authorities: Authorities,
    /// The strongest of them that the tree cites.
    pub rank: Rank,
    /// All of them that the tree cites, strongest first.
    pub cites: Vec<String>,
}

/// A pack that names the service and does not bind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    /// The service of the pack.
    pub service: String,
    /// Why it does not bind, in one sentence.
    pub why: String,
}

/// The answer: what binds, what does not and why.
#[derive(Debug, Clone, Default)]
pub struct Binding {
    /// Packs that bind, strongest authority first.
    pub bound: Vec<Bound>,
    /// Packs that name the service and do not bind.
    pub apart: Vec<Apart>,
    /// The member gets individual review; then nothing binds.
    pub individual: Option<IndividualReview>,
}

impl Binding {
    /// The one pack that binds; `None` when none does, or several do and a person must choose.
    pub fn only(&self) -> Option<&Bound> {
        match self.bound.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

impl CriteriaBook {
    /// Which packs bind for a line on a day. `age` in whole years; `contractors` in the words of the packs.
    pub fn binding(
        &self,
        line: &ServiceLine,
        line_of_business: &LineOfBusiness,
        contractors: &[String],
        age: Option<i16>,
        on: Day,
    ) -> Binding {
        let individual = self.individual.iter().find(|rule| {
            rule.lines_of_business.contains(line_of_business) && age.is_none_or(|age| age < rule.age_below)
        });
        let mut binding = Binding { individual: individual.cloned(), ..Binding::default() };
        for id in self.services_for(line.codes()) {
            let judged = match (individual, self.in_force(id, on)) {
                (_, None) => Err(format!("No version of this pack is in force on {on}.")),
                (Some(rule), _) => Err(format!("{} ({})", rule.says, rule.cite)),
                (None, Some(pack)) => bind(pack, line, line_of_business, contractors, age),
            };
            match judged {
                Ok(bound) => binding.bound.push(bound),
                Err(why) => binding.apart.push(Apart { service: id.to_owned(), why }),
            }
        }
        binding.bound.sort_by(|a, b| a.rank.cmp(&b.rank));
        binding
    }
}

fn bind(
    pack: &Arc<Service>,
    line: &ServiceLine,
    line_of_business: &LineOfBusiness,
    contractors: &[String],
    age: Option<i16>,
) -> Result<Bound, String> {
    let definition = pack.definition();
    if definition.disabled {
        return Err("The pack is disabled: its sources were not verified.".into());
    }
    if definition.illustrative {
        return Err("The pack is illustrative: it is not policy.".into());
    }
    let to = &definition.applies_to;
    if !to.covers(line_of_business) {
        let words = to.lines_of_business.join(", ");
        return Err(format!("It binds for {words}, not for {}.", line_of_business.title()));
    }
    if !to.certifications.is_empty() && !to.certifications.iter().any(|w| Certification::read(w) == line.certification)
    {
        return Err(format!(
            "It speaks of {} requests; this line is {}.",
            to.certifications.join(" or "),
            line.certification
        ));
    }
    match age {
        None if to.age_from.is_some() || to.age_through.is_some() => {
            return Err(format!("It holds for age {}, and the member's age is not known.", to.age));
        }
        Some(age) if to.age_from.is_some_and(|y| age < y) || to.age_through.is_some_and(|y| age > y) => {
            return Err(format!("It holds for age {}; the member is {age}.", to.age));
        }
        _ => {}
    }
    let authorities =
        Authorities::such_that(definition.authority.len(), |place| definition.authority[place].binds_for(contractors));
    let mut cited: Vec<(Rank, String)> = definition
        .authority
        .iter()
        .enumerate()
        .filter(|(place, authority)| authorities.holds(*place) && pack.cites(&authority.cite))
        .map(|(_, authority)| (authority.rank.clone(), authority.cite.clone()))
        .collect();
    cited.sort();
    let Some((rank, _)) = cited.first().cloned() else {
        return Err("It rests on a Local Coverage Determination of another contractor's area.".into());
    };
    let cites = cited.into_iter().map(|(_, cite)| cite).collect();
    Ok(Bound { service: pack.clone(), authorities, rank, cites })
}

impl AppliesTo {
    /// Whether the pack speaks of a line of business. A D-SNP that is integrated is a Medicare Advantage plan.
    pub fn covers(&self, line_of_business: &LineOfBusiness) -> bool {
        self.lines_of_business.iter().any(|word| match word.as_str() {
            "any" => true,
            "Medicare FFS" => *line_of_business == LineOfBusiness::OriginalMedicare,
            "Medicare Advantage" => {
                matches!(line_of_business, LineOfBusiness::MedicareAdvantage | LineOfBusiness::DsnpIntegrated)
            }
            word => line_of_business.word() == word,
        })
    }
}

impl Service {
    /// Whether a leaf of the tree cites this authority.
    pub fn cites(&self, cite: &str) -> bool {
        self.leaves.iter().any(|leaf| &*leaf.cite == cite)
    }
}
