//! The law book: every family and version, indexed so that the rules of a new case are found in microseconds.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

use super::{
    rule::Rule,
    scope::{NotBecause, Scope, Standing},
    unit::Unit,
};
use crate::{calendar::Calendars, library::Digest, time::Day};

/// A stretch of time that a family does not cover, and why: declared, so that a forgotten one fails the linter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// First day not covered; open when absent.
    pub from: Option<Day>,
    /// Last day not covered; open when absent.
    pub to: Option<Day>,
    /// Why.
    pub reason: String,
}

/// Two rules that cannot both be right for the same request: both are kept, and people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The other rule's id.
    pub with: String,
    /// What conflicts, and which one wins meanwhile.
    pub says: String,
}

/// One legal duty over time.
#[derive(Debug, Clone, Default)]
pub struct Family {
    /// The family's name in the packs.
    pub id: String,
    /// What it is about, for people.
    pub title: String,
    /// Pack file.
    pub file: String,
    /// Versions, oldest first.
    pub versions: Vec<Arc<Rule>>,
    /// Declared gaps.
    pub gaps: Vec<Gap>,
    /// Conflicts shown.
    pub conflicts: Vec<Conflict>,
}

/// The rules that apply, and those that nearly did.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Rules in force for the question, in the order of the library.
    pub rules: Vec<Arc<Rule>>,
    /// Rules whose reach fits but that do not apply: id and why.
    pub passed_over: Vec<(String, &'static str)>,
    /// Rules that cannot be settled without the contract's rating period start.
    pub unsettled: Vec<String>,
}

/// The words that questions may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Lines of business.
    pub lines_of_business: BTreeSet<String>,
    /// Jurisdictions.
    pub jurisdictions: BTreeSet<String>,
    /// Kinds of review.
    pub reviews: BTreeSet<String>,
    /// standard, expedited.
    pub urgencies: BTreeSet<String>,
    /// Subjects.
    pub subjects: BTreeSet<String>,
    /// Event names.
    pub events: BTreeSet<String>,
    /// Branch names.
    pub branches: BTreeSet<String>,
}

/// Every rule of the library.
#[derive(Debug, Default)]
pub struct LawBook {
    families: Vec<Family>,
    rules: Vec<Arc<Rule>>,
    by_id: HashMap<String, usize>,
    by_digest: HashMap<Digest, usize>,
    by_reach: HashMap<String, HashMap<String, Vec<usize>>>,
    calendars: Calendars,
    kept: HashMap<Digest, Arc<Rule>>,
    /// The canonical text of each rule, written when it is first asked for.
    texts: Vec<OnceLock<String>>,
}

impl LawBook {
    /// Indexes families over calendars. Ids are unique (the reader has checked).
    pub fn new(families: Vec<Family>, calendars: Calendars) -> Self {
        let mut book = Self { calendars, ..Self::default() };
        for rule in families.iter().flat_map(|f| f.versions.iter()) {
            let at = book.rules.len();
            book.by_id.insert(rule.id.clone(), at);
            book.by_digest.insert(rule.digest.clone(), at);
            for line in &rule.scope.lines_of_business {
                let reviews = book.by_reach.entry(line.clone()).or_default();
                for review in &rule.scope.reviews {
                    reviews.entry(review.clone()).or_default().push(at);
                }
            }
            book.rules.push(rule.clone());
            book.texts.push(OnceLock::new());
        }
        book.families = families;
        book
    }

    /// The rules that apply to a request of this scope received on this local day, with the near misses.
    pub fn in_force(&self, scope: &Scope, received_on: Day) -> Selection {
        let mut selection = Selection::default();
        let within = self.by_reach.get(&scope.line_of_business).and_then(|reviews| reviews.get(&scope.review));
        for rule in within.into_iter().flatten().map(|at| &self.rules[*at]).filter(|rule| rule.reaches(scope)) {
            let why = match (rule.facts_hold(&scope.flags), rule.standing(&scope.flags, Some(received_on))) {
                (_, Standing::Not(why)) | (Err(why), _) => why,
                (Ok(()), Standing::NeedsRatingPeriod) => {
                    selection.unsettled.push(rule.id.clone());
                    continue;
                }
                (Ok(()), Standing::InForce) => {
                    selection.rules.push(rule.clone());
                    continue;
                }
            };
            selection.passed_over.push((rule.id.clone(), NotBecause::says(why)));
        }
        selection
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.by_id.get(id).map(|at| &self.rules[*at])
    }

    /// A rule by the digest of its canonical text.
    pub fn by_digest(&self, digest: &str) -> Option<&Arc<Rule>> {
        self.by_digest.get(digest).map(|at| &self.rules[*at]).or_else(|| self.kept.get(digest))
    }

    /// The canonical text behind a digest.
    pub fn text_by_digest(&self, digest: &str) -> Option<Cow<'_, str>> {
        match self.by_digest.get(digest) {
            Some(at) => Some(self.texts[*at].get_or_init(|| self.rules[*at].canonical()).as_str().into()),
            None => self.kept.get(digest).map(|rule| rule.canonical().into()),
        }
    }

    /// Keeps a version that a running clock pinned and that is no longer on the shelf: found by digest, never chosen.
    pub fn keep(&mut self, rule: Rule) {
        self.kept.insert(rule.digest.clone(), Arc::new(rule));
    }

    /// Every rule version, in library order.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// Every family, in library order.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The family of a rule.
    pub fn family(&self, id: &str) -> Option<&Family> {
        self.families.iter().find(|f| f.id == id)
    }

    /// The holiday calendars.
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// The words that questions may use, collected from the rules.
    pub fn vocabulary(&self) -> Vocabulary {
        let mut words = Vocabulary::default();
        for rule in &self.rules {
            words.lines_of_business.extend(rule.scope.lines_of_business.iter().cloned());
            words.reviews.extend(rule.scope.reviews.iter().cloned());
            words.jurisdictions.insert(rule.jurisdiction.clone());
            words.subjects.extend(rule.scope.subject.clone());
            for deadline in &rule.deadlines {
                words.branches.extend(deadline.key.clone());
                match deadline.events() {
                    [] if matches!(deadline.unit, Unit::Event | Unit::None) => {}
                    [] => {
                        words.events.insert(deadline.from.clone());
                    }
                    names => words.events.extend(names.iter().map(|n| (*n).to_owned())),
                }
            }
        }
        words.urgencies = ["standard", "expedited"].map(str::to_owned).into();
        words
    }

    /// Rules counted by jurisdiction, for the coverage page.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for rule in &self.rules {
            *counts.entry(rule.jurisdiction.as_str()).or_default() += 1;
        }
        counts
    }
}
