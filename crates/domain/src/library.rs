//! The books that `decide` may open: law, requirements, criteria and notices, as plain values handed down from above.

use crate::{
    authority::AuthorityBook, criteria::CriteriaBook, law::LawBook, notice::NoticeBook, requirement::RequirementBook,
    status::StatusBook,
};

/// A SHA-256 digest in lower-case hex of the canonical form of a pack item; what a clock or a trace pins.
pub type Digest = String;

/// The whole library, opened once and shared.
#[derive(Debug, Default)]
pub struct Library {
    /// Clocks, filing limits, prohibitions, and who may decide.
    pub law: LawBook,
    /// Which services need review, for whom, from when.
    pub requirements: RequirementBook,
    /// Who may approve, deny and hear an appeal.
    pub authority: AuthorityBook,
    /// Clinical criteria as trees over facts.
    pub criteria: CriteriaBook,
    /// What notices must say, and the words.
    pub notices: NoticeBook,
    /// Hospital status: admission rules, guided procedures, notice windows, policy timings.
    pub status: StatusBook,
    /// SHA-256 over every pack file that was opened.
    pub digest: Digest,
}

impl Library {
    /// The canonical text behind a digest, of a rule of law or status or a criteria pack: what a first pin stores.
    pub fn text_of(&self, digest: &str) -> Option<std::borrow::Cow<'_, str>> {
        if let Some(text) = self.law.text_by_digest(digest) {
            return Some(text);
        }
        if let Some(rule) = self.status.by_digest(digest) {
            return Some(rule.canonical.as_str().into());
        }
        self.criteria.by_digest(digest).map(|service| service.text().into())
    }
}
