//! Who may approve, deny and hear an appeal: one decision table as data, applied federal and state together.
//!
//! [`PeerReviewer`] has private fields, cannot be deserialized, and [`AuthorityBook::peer_reviewer`] is its only maker, so
//! an adverse determination cannot be built without a checked credential:
//!
//! ```compile_fail
//! let forged = vigil_domain::authority::PeerReviewer { person: "machine".into() };
//! ```
//!
//! ```compile_fail
//! fn read(text: &str) -> vigil_domain::authority::PeerReviewer {
//!     serde_json::from_str(text).unwrap()
//! }
//! ```

use serde::{Deserialize, Serialize};

use crate::{
    codes,
    party::{Credential, Licence, LineOfBusiness},
    time::Day,
};

codes! {
    /// What somebody is about to do.
    Act {
        /// Approve as asked.
        Approve = "approve",
        /// Deny or grant less than asked, on clinical grounds.
        Deny = "deny",
        /// Decide an appeal of a clinical denial.
        Appeal = "appeal",
    }
}

codes! {
    /// How the reviewer's field must fit the service.
    Fit {
        /// No rule.
        NoFit = "none",
        /// Expertise appropriate to the service: a listed field, or a statement of why another one fits.
        Expertise = "expertise",
        /// Same or similar specialty as typically treats the condition: a listed field.
        SameOrSimilar = "same-or-similar",
    }
}

codes! {
    /// What automation may do with a request.
    Automated { Approve = "approve", Pend = "pend", Refer = "refer" }
}

/// One row of the table: one act, in one jurisdiction, for some lines of business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityRule {
    /// The rule's id.
    pub id: String,
    /// `US`, or `US-NY`.
    pub jurisdiction: String,
    /// Lines of business; empty for all.
    #[serde(default)]
    pub lines_of_business: Vec<LineOfBusiness>,
    /// Only for plans with this accreditation (`ncqa`).
    #[serde(default)]
    pub accreditation: Option<String>,
    /// The act.
    pub act: Act,
    /// Licence kinds that may act; empty when no licence is needed.
    #[serde(default)]
    pub licences: Vec<String>,
    /// The licence must be of the jurisdiction's own state.
    #[serde(default)]
    pub own_state_licence: bool,
    /// How the field must fit the service.
    #[serde(default = "no_fit")]
    pub fit: Fit,
    /// Licence kinds for which `fit` is not asked.
    #[serde(default)]
    pub fit_not_asked_of: Vec<String>,
    /// Fields one of which is needed when the service is for behavioral health or substance use; empty for no rule.
    #[serde(default)]
    pub behavioral_fields: Vec<String>,
    /// Not anybody who took part in the earlier decision.
    #[serde(default)]
    pub not_involved_before: bool,
    /// Not a subordinate of anybody who took part in the earlier decision.
    #[serde(default)]
    pub not_subordinate: bool,
    /// A statement that there is no conflict of interest in this case.
    #[serde(default)]
    pub attest_no_conflict: bool,
    /// The yearly no-incentive attestation must not be older than this many days.
    #[serde(default)]
    pub yearly_attestation_days: Option<i32>,
    /// What automation may do; empty when the rule says nothing of it.
    #[serde(default)]
    pub automation: Vec<Automated>,
    /// No machine verdict on the criteria is shown until the physician has marked her own.
    #[serde(default)]
    pub machine_verdict_hidden: bool,
    /// First day.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day.
    #[serde(default)]
    pub through: Option<Day>,
    /// The paragraph.
    pub cite: String,
    /// One plain sentence.
    pub says: String,
    /// Where it was seen.
    pub source: String,
    /// `source seen`, `from knowledge, verify` or `own work`.
    pub confidence: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
}

fn no_fit() -> Fit {
    Fit::NoFit
}

/// What is asked of the table for one review.
#[derive(Debug, Clone)]
pub struct ReviewQuestion<'a> {
    /// Line of business of the contract.
    pub line_of_business: &'a LineOfBusiness,
    /// Jurisdiction of the contract: `US-NY`.
    pub jurisdiction: &'a str,
    /// Accreditation of the contract, if any.
    pub accreditation: Option<&'a str>,
    /// The act.
    pub act: Act,
    /// Fields of expertise that fit the service, from the criteria pack; empty when no pack names them.
    pub specialties: &'a [String],
    /// The service is for behavioral health.
    pub behavioral_health: bool,
    /// The service is for substance use.
    pub substance_use: bool,
    /// The day of the act.
    pub day: Day,
    /// Account names of everybody who took part in earlier decisions on the case.
    pub earlier: &'a [String],
    /// Account names above the reviewer, nearest first; [`Credential::reports_to`] is added.
    pub supervisors: &'a [String],
    /// The reviewer states that there is no conflict of interest.
    pub attests_no_conflict: bool,
    /// The reviewer's own words on why their field fits, where it is not a listed one.
    pub expertise_statement: Option<&'a str>,
}

/// One reason why somebody may not act, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unqualified {
    /// The rule.
    pub rule: String,
    /// Its paragraph.
    pub citation: String,
    /// What is missing, in one sentence.
    pub says: String,
    /// What would do.
    pub remedy: String,
}

/// A rule that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The rule.
    pub rule: String,
    /// Its paragraph.
    pub citation: String,
}

/// A reviewer whose credential was checked against every rule for one act on one case, on one day.
///
/// There is no way to make one but [`AuthorityBook::peer_reviewer`]. It can be written into an event and not read back:
/// an old determination needs no authority to be told again, and a new one needs a new check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeerReviewer {
    person: String,
    name: String,
    act: Act,
    day: Day,
    licence: Licence,
    specialty: Option<String>,
    expertise_statement: Option<String>,
    rules: Vec<Applied>,
}

impl PeerReviewer {
    /// The account name.
    pub fn person(&self) -> &str {
        &self.person
    }

    /// The name as letters show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The act the check was made for.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// The day the check was made for.
    pub fn day(&self) -> Day {
        self.day
    }

    /// The licence relied on.
    pub fn licence(&self) -> &Licence {
        &self.licence
    }

    /// The listed field relied on; absent when a statement of expertise was.
    pub fn specialty(&self) -> Option<&str> {
        self.specialty.as_deref()
    }

    /// The reviewer's own words on why their field fits.
    pub fn expertise_statement(&self) -> Option<&str> {
        self.expertise_statement.as_deref()
    }

    /// Every rule that was applied.
    pub fn rules(&self) -> &[Applied] {
        &self.rules
    }
}

/// What automation may do, and what may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    /// Automation may approve.
    pub may_approve: bool,
    /// No machine verdict is shown until the physician has marked her own.
    pub verdict_hidden: bool,
    /// The rules that say so.
    pub rules: Vec<Applied>,
}

/// Authority packs in memory.
#[derive(Debug, Default)]
pub struct AuthorityBook {
    rules: Vec<AuthorityRule>,
}

impl AuthorityBook {
    /// The book of these rules; the packs room has checked them.
    pub fn new(rules: Vec<AuthorityRule>) -> Self {
        Self { rules }
    }

    /// Every rule.
    pub fn rules(&self) -> &[AuthorityRule] {
        &self.rules
    }

    /// Checks a credential for a clinical denial or an appeal against every rule that applies, federal and state together.
    ///
    /// Errors: every reason at once. Approving needs no peer reviewer: ask [`Self::may_approve`].
    pub fn peer_reviewer(
        &self,
        credential: &Credential,
        question: &ReviewQuestion<'_>,
    ) -> Result<PeerReviewer, Vec<Unqualified>> {
        let rules = self.matching(question);
        let mut reasons = Vec::new();
        if !matches!(question.act, Act::Deny | Act::Appeal) || rules.is_empty() {
            reasons.push(Unqualified {
                rule: "authority".into(),
                citation: "authority packs".into(),
                says: format!("No rule lets anybody {} here.", question.act),
                remedy: "Load an authority pack that has a rule for this act.".into(),
            });
        }
        let (licence, specialty) = check(credential, question, &rules, &mut reasons);
        match licence {
            Some(licence) if reasons.is_empty() => Ok(PeerReviewer {
                person: credential.person.clone(),
                name: credential.name.clone(),
                act: question.act.clone(),
                day: question.day,
                licence: licence.clone(),
                specialty,
                expertise_statement: question.expertise_statement.map(str::to_owned),
                rules: applied(&rules),
            }),
            None if reasons.is_empty() => Err(vec![Unqualified {
                rule: "authority".into(),
                citation: "authority packs".into(),
                says: "A peer reviewer needs a licence, and no rule here named one.".into(),
                remedy: "Load the house rules of the authority packs.".into(),
            }]),
            _ => Err(reasons),
        }
    }

    /// Whether a person may approve. Errors: every reason at once.
    pub fn may_approve(
        &self,
        credential: &Credential,
        question: &ReviewQuestion<'_>,
    ) -> Result<Vec<Applied>, Vec<Unqualified>> {
        let question = ReviewQuestion { act: Act::Approve, ..question.clone() };
        let rules = self.matching(&question);
        let mut reasons = Vec::new();
        check(credential, &question, &rules, &mut reasons);
        if reasons.is_empty() { Ok(applied(&rules)) } else { Err(reasons) }
    }

    /// What automation may do where a contract is. It may approve when every rule that speaks of automation lets it, and at
    /// least one does; it may never deny, whatever a pack says.
    pub fn automation(
        &self,
        line_of_business: &LineOfBusiness,
        jurisdiction: &str,
        accreditation: Option<&str>,
        day: Day,
    ) -> Automation {
        let here: Vec<&AuthorityRule> = self
            .rules
            .iter()
            .filter(|rule| rule.applies(line_of_business, jurisdiction, accreditation, day))
            .filter(|rule| !rule.automation.is_empty() || rule.machine_verdict_hidden)
            .collect();
        let mut speaking =
            here.iter().filter(|rule| rule.act == Act::Approve && !rule.automation.is_empty()).peekable();
        Automation {
            may_approve: speaking.peek().is_some()
                && speaking.all(|rule| rule.automation.contains(&Automated::Approve)),
            verdict_hidden: here.iter().any(|rule| rule.machine_verdict_hidden),
            rules: applied(&here),
        }
    }

    /// The rules of an act where a question is put: who may do it, in each rule's own sentence.
    pub fn matching(&self, question: &ReviewQuestion<'_>) -> Vec<&AuthorityRule> {
        let (lob, place) = (question.line_of_business, question.jurisdiction);
        let fits = |rule: &&AuthorityRule| {
            rule.act == question.act && rule.applies(lob, place, question.accreditation, question.day)
        };
        self.rules.iter().filter(fits).collect()
    }
}

impl AuthorityRule {
    fn applies(&self, lob: &LineOfBusiness, jurisdiction: &str, accreditation: Option<&str>, day: Day) -> bool {
        (self.jurisdiction == "US" || self.jurisdiction == jurisdiction)
            && (self.lines_of_business.is_empty() || self.lines_of_business.contains(lob))
            && self.accreditation.as_deref().is_none_or(|needed| accreditation == Some(needed))
            && self.from.is_none_or(|from| from <= day)
            && self.through.is_none_or(|through| day <= through)
    }

    fn refuse(&self, says: impl Into<String>, remedy: impl Into<String>) -> Unqualified {
        Unqualified { rule: self.id.clone(), citation: self.cite.clone(), says: says.into(), remedy: remedy.into() }
    }

    fn state(&self) -> Option<&str> {
        self.own_state_licence.then(|| self.jurisdiction.trim_start_matches("US-"))
    }

    fn takes(&self, licence: &Licence) -> bool {
        (self.licences.is_empty() || self.licences.contains(&licence.kind))
            && self.state().is_none_or(|state| licence.state == state)
    }
}

fn applied(rules: &[&AuthorityRule]) -> Vec<Applied> {
    rules.iter().map(|rule| Applied { rule: rule.id.clone(), citation: rule.cite.clone() }).collect()
}

/// Applies every rule; gives the licence and the listed field relied on.
fn check<'c>(
    credential: &'c Credential,
    question: &ReviewQuestion<'_>,
    rules: &[&AuthorityRule],
    reasons: &mut Vec<Unqualified>,
) -> (Option<&'c Licence>, Option<String>) {
    let live = |licence: &&Licence| licence.from <= question.day && question.day <= licence.through;
    let licence = credential.licences.iter().filter(live).find(|licence| rules.iter().all(|rule| rule.takes(licence)));
    let listed = credential.specialties.iter().find(|field| question.specialties.contains(field));
    for rule in rules {
        check_licence(rule, credential, question.day, licence.is_some(), reasons);
        check_fit(rule, licence, listed.is_some(), question, reasons);
        check_behavioral(rule, credential, question, reasons);
        check_independence(rule, credential, question, reasons);
        check_attestations(rule, credential, question, reasons);
    }
    let asked = rules.iter().any(|rule| !rule.licences.is_empty() || rule.own_state_licence);
    if asked && licence.is_none() && reasons.is_empty() {
        // Each rule is met by some licence, none of them by the same one.
        if let Some(rule) = rules.iter().max_by_key(|rule| (rule.own_state_licence, !rule.licences.is_empty())) {
            reasons.push(rule.refuse(
                "No single licence meets every rule that applies.",
                "One licence whose kind and state every rule allows.",
            ));
        }
    }
    (licence, listed.cloned())
}

fn check_licence(rule: &AuthorityRule, credential: &Credential, day: Day, found: bool, reasons: &mut Vec<Unqualified>) {
    if found || rule.licences.is_empty() && !rule.own_state_licence {
        return;
    }
    let fitting: Vec<&Licence> = credential.licences.iter().filter(|licence| rule.takes(licence)).collect();
    if fitting.iter().any(|licence| licence.from <= day && day <= licence.through) {
        return;
    }
    let place = rule.state().map_or_else(String::new, |state| format!(" of {state}"));
    let kinds = if rule.licences.is_empty() { "any kind".to_owned() } else { rule.licences.join(", ") };
    let remedy = format!("A licence{place} valid on {day}, of kind {kinds}.");
    let says = match fitting.first() {
        Some(licence) if licence.through < day => {
            format!("The {} licence of {} ended on {}.", licence.kind, licence.state, licence.through)
        }
        Some(licence) => format!("The {} licence of {} begins on {}.", licence.kind, licence.state, licence.from),
        None if credential.licences.is_empty() => "No licence is on file.".to_owned(),
        None => {
            let held: Vec<String> = credential.licences.iter().map(|l| format!("{} of {}", l.kind, l.state)).collect();
            format!("The licence held ({}) does not fit.", held.join(", "))
        }
    };
    reasons.push(rule.refuse(says, remedy));
}

fn check_fit(
    rule: &AuthorityRule,
    licence: Option<&Licence>,
    listed: bool,
    question: &ReviewQuestion<'_>,
    reasons: &mut Vec<Unqualified>,
) {
    let excused = licence.is_some_and(|licence| rule.fit_not_asked_of.contains(&licence.kind));
    let stated = question.expertise_statement.is_some_and(says_why);
    let fits = match &rule.fit {
        Fit::NoFit => true,
        // A statement does not make a specialty similar, unless nobody has listed any.
        Fit::SameOrSimilar => listed || excused || question.specialties.is_empty() && stated,
        _ => listed || excused || stated,
    };
    if fits {
        return;
    }
    let fields: Vec<String> = question.specialties.iter().map(|field| field.replace('-', " ")).collect();
    let statement = "a sentence on your training or practice with this service";
    let (says, remedy) = match (rule.fit == Fit::SameOrSimilar, fields.is_empty()) {
        (true, false) => (
            "The reviewer's specialty is not the same as or similar to one that treats this condition.",
            format!("Have a reviewer in one of these fields sign: {}.", fields.join(", ")),
        ),
        (true, true) => (
            "No specialty is listed for this condition, and nothing shows that the reviewer's is the same or similar.",
            format!("State it: {statement}."),
        ),
        (false, false) => (
            "Nothing shows expertise appropriate to this service.",
            format!(
                "Have a reviewer in one of these fields sign ({}), or state yours: {statement}.",
                fields.join(", ")
            ),
        ),
        (false, true) => (
            "Nothing shows expertise appropriate to this service, for which no field is listed.",
            format!("State it: {statement}."),
        ),
    };
    reasons.push(rule.refuse(says, remedy));
}

/// Whether a statement of expertise says anything: a sentence, not a word.
fn says_why(statement: &str) -> bool {
    let words = statement.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.dedup();
    words.len() >= 3 && statement.trim().chars().count() >= 20
}

fn check_behavioral(
    rule: &AuthorityRule,
    credential: &Credential,
    question: &ReviewQuestion<'_>,
    reasons: &mut Vec<Unqualified>,
) {
    let asked = (question.behavioral_health || question.substance_use) && !rule.behavioral_fields.is_empty();
    if asked && !credential.specialties.iter().any(|field| rule.behavioral_fields.contains(field)) {
        let remedy = format!("A reviewer in one of: {}.", rule.behavioral_fields.join(", "));
        reasons.push(rule.refuse("Behavioral health and substance use need a reviewer who treats them.", remedy));
    }
}

fn check_independence(
    rule: &AuthorityRule,
    credential: &Credential,
    question: &ReviewQuestion<'_>,
    reasons: &mut Vec<Unqualified>,
) {
    if rule.not_involved_before && question.earlier.contains(&credential.person) {
        reasons
            .push(rule.refuse("The reviewer took part in the earlier decision.", "Somebody who took no part in it."));
    }
    let mut above = question.supervisors.iter().chain(&credential.reports_to);
    if rule.not_subordinate
        && let Some(superior) = above.find(|superior| question.earlier.contains(superior))
    {
        let says = format!("The reviewer reports to {superior}, who took part in the earlier decision.");
        reasons.push(rule.refuse(says, "Somebody who does not report to anybody who took part in it."));
    }
}

fn check_attestations(
    rule: &AuthorityRule,
    credential: &Credential,
    question: &ReviewQuestion<'_>,
    reasons: &mut Vec<Unqualified>,
) {
    if rule.attest_no_conflict && !question.attests_no_conflict {
        reasons.push(rule.refuse(
            "There is no statement that the reviewer has no conflict of interest in this case.",
            "The reviewer states it for this case.",
        ));
    }
    let Some(days) = rule.yearly_attestation_days else { return };
    let fresh = credential
        .attested_on
        .is_some_and(|on| on <= question.day && on.until(question.day).is_ok_and(|span| span.get_days() <= days));
    if !fresh {
        let says = match credential.attested_on {
            Some(on) => format!("The no-incentive attestation of {on} is not of the past year."),
            None => "No no-incentive attestation is on file.".to_owned(),
        };
        reasons.push(rule.refuse(says, "The reviewer signs this year's attestation."));
    }
}
