//! Who may answer a case: one question to the authority table, put by the decision and by every page, so that nobody is
//! told that she may sign what is then refused.

use super::{Case, Stage, event::Queue};
use crate::{
    authority::{Act, AuthorityRule, PeerReviewer, ReviewQuestion, Unqualified},
    library::Library,
    party::Credential,
    time::Moment,
};

/// What a reviewer says of herself about one case.
#[derive(Debug, Clone, Copy, Default)]
pub struct Saying<'a> {
    /// That there is no conflict of interest.
    pub no_conflict: bool,
    /// Why her field fits, where it is not a listed one.
    pub expertise: Option<&'a str>,
}

/// Everything the authority books are asked about one act, owned, so that a question can borrow it.
struct Asked {
    jurisdiction: String,
    specialties: Vec<String>,
}

impl Asked {
    fn about(books: &Library, case: &Case, lines: &[u32]) -> Self {
        let services: Vec<String> = case
            .lines
            .iter()
            .filter(|l| lines.contains(&l.line.sequence))
            .filter_map(|l| l.evaluation.as_ref().map(|e| e.service.clone()))
            .collect();
        Self { jurisdiction: case.contract.jurisdiction(), specialties: books.criteria.specialties(&services) }
    }

    fn question<'a>(&'a self, case: &'a Case, act: Act, saying: Saying<'a>, now: Moment) -> ReviewQuestion<'a> {
        let codes = || case.open_lines().flat_map(|l| l.line.codes());
        ReviewQuestion {
            line_of_business: &case.contract.line_of_business,
            jurisdiction: &self.jurisdiction,
            accreditation: case.contract.accreditation.as_deref(),
            act,
            specialties: &self.specialties,
            behavioral_health: codes().any(|c| c.is_behavioral_health()),
            substance_use: codes().any(|c| c.is_substance_use()),
            day: case.contract.zone.day(now),
            earlier: &[],
            supervisors: &[],
            attests_no_conflict: saying.no_conflict,
            expertise_statement: saying.expertise,
        }
    }
}

/// The peer who may decide less than asked on these lines.
///
/// # Errors
/// Every reason why this person may not, with what would do.
pub fn peer(
    books: &Library,
    case: &Case,
    credential: &Credential,
    lines: &[u32],
    saying: Saying<'_>,
    now: Moment,
) -> Result<PeerReviewer, Vec<Unqualified>> {
    let asked = Asked::about(books, case, lines);
    books.authority.peer_reviewer(credential, &asked.question(case, Act::Deny, saying, now))
}

/// Whether a person may approve here.
///
/// # Errors
/// Every reason why not.
pub fn may_approve(books: &Library, case: &Case, credential: &Credential, now: Moment) -> Result<(), Vec<Unqualified>> {
    let asked = Asked::about(books, case, &[]);
    let saying = Saying { no_conflict: true, expertise: None };
    books.authority.may_approve(credential, &asked.question(case, Act::Approve, saying, now)).map(drop)
}

/// Where a person stands to a case that waits for a physician, before she opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// She may sign less than asked; that she has no conflict of interest is hers to state then.
    May,
    /// She may, when she states why her field fits.
    WithStatement,
    /// She may not: every reason, with what would do.
    MayNot(Vec<Unqualified>),
}

/// Where a person stands to the open lines of a case; none where no physician is waited for. What she can still say when
/// she signs is not held against her.
pub fn of(books: &Library, case: &Case, credential: &Credential, now: Moment) -> Option<Standing> {
    if !matches!(&case.stage, Stage::Review { queue: Queue::Physician, .. }) {
        return None;
    }
    let lines: Vec<u32> = case.open_lines().map(|l| l.line.sequence).collect();
    let asked = |expertise| peer(books, case, credential, &lines, Saying { no_conflict: true, expertise }, now);
    Some(match (asked(None), asked(Some(STATED))) {
        (Ok(_), _) => Standing::May,
        (Err(_), Ok(_)) => Standing::WithStatement,
        (Err(_), Err(why)) => Standing::MayNot(why),
    })
}

/// Stands for the sentence that she would write.
const STATED: &str = "a statement that comes with the signature";

/// The rules that say who denies here, federal and state together.
pub fn who_denies<'b>(books: &'b Library, case: &Case, now: Moment) -> Vec<&'b AuthorityRule> {
    let asked = Asked::about(books, case, &[]);
    books.authority.matching(&asked.question(case, Act::Deny, Saying::default(), now))
}
