//! What a case asks of the law library: its scopes, and the branch of a rule that the request itself settles.

use super::{Case, Clock, event::Watches};
use crate::{
    clock::Branch,
    law::{Basis, Flags, LawBook, Rule, Scope},
    party::LineOfBusiness,
    request::{Certification, Channel, Circumstance, Review, Urgency},
};

impl Case {
    /// The scopes of the open lines at an urgency: one for the lines of service, one for the drug lines, where both are
    /// there; and those that the place of a stay under way adds to them.
    pub fn law_scopes(&self, urgency: &Urgency) -> Vec<Scope> {
        let mut subjects: Vec<Option<String>> = Vec::new();
        for line in self.open_lines() {
            // The drug rules speak of requests before the drug is given; what was given already is a service like any other.
            let drug = line.line.drug && self.request.review == Review::Prospective;
            let subject = drug.then(|| drug_subject(&self.contract.line_of_business)).flatten();
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        let besides = self.stay_subjects().chain(self.circumstance_subjects()).chain(self.payment_subject());
        subjects.extend(besides.map(|subject| Some(subject.to_owned())));
        let flags = self.flags();
        // What was done already cannot be hurried: no rule speaks of an expedited retrospective review.
        let urgency = if self.request.review == Review::Retrospective { &Urgency::Standard } else { urgency };
        let scope = |subject| Scope {
            line_of_business: self.contract.line_of_business.word().to_owned(),
            jurisdiction: self.contract.jurisdiction(),
            review: self.request.review.word().to_owned(),
            urgency: urgency.word().to_owned(),
            subject,
            flags: flags.clone(),
        };
        subjects.into_iter().map(scope).collect()
    }

    /// The scope of what the law says about one subject of this case.
    pub fn scope_about(&self, review: &str, subject: &str) -> Scope {
        Scope {
            line_of_business: self.contract.line_of_business.word().to_owned(),
            jurisdiction: self.contract.jurisdiction(),
            review: review.to_owned(),
            urgency: Urgency::Standard.word().to_owned(),
            subject: Some(subject.to_owned()),
            flags: self.flags(),
        }
    }

    fn flags(&self) -> Flags {
        Flags {
            pa_required: Some(self.request.review == Review::Prospective),
            // A contract that does not say when its rating period began is held to the law of the day of receipt: the
            // newer limit is the earlier one, and no case is left without a clock.
            rating_period_start: self.contract.rating_period_start.or_else(|| Some(self.received_on())),
            accreditation: self.contract.accreditation.clone(),
            grandfathered: Some(self.contract.grandfathered),
            uniform_form: Some(self.request.circumstances.contains(&Circumstance::UniformForm)),
        }
    }

    /// Whether the member is in hospital: the review is of a stay under way.
    pub fn in_hospital(&self) -> bool {
        let place = |l: &super::LineState| l.line.place.as_ref().is_some_and(|p| INPATIENT.contains(&p.value.as_str()));
        self.request.review == Review::Concurrent && self.lines.iter().any(place)
    }

    /// What the law of some states asks besides of a stay in hospital that is under way.
    fn stay_subjects(&self) -> impl Iterator<Item = &'static str> + use<> {
        let place =
            |line: &super::LineState| line.line.place.as_ref().is_some_and(|p| INPATIENT.contains(&p.value.as_str()));
        let inpatient = self.request.review == Review::Concurrent && self.open_lines().any(place);
        let substance = self.request.diagnoses.iter().any(|d| is_substance_use(&d.code.value));
        let kinds =
            [("inpatient", inpatient), ("inpatient-or-ed", inpatient), ("inpatient-sud", inpatient && substance)];
        kinds.into_iter().filter(|(_, holds)| *holds).map(|(kind, _)| kind)
    }

    /// Care already given is asked about for its payment: Medicare Advantage decides that by the limits of payment requests
    /// (42 CFR 422.566(b), 422.568(c), 422.520; from knowledge, verify). A request for review is no clean claim, so it is one of
    /// the others.
    fn payment_subject(&self) -> Option<&'static str> {
        let given = self.request.review == Review::Retrospective;
        (given && self.contract.line_of_business == LineOfBusiness::MedicareAdvantage).then_some(PAYMENT)
    }

    /// Rules that speak of this kind of review here and start no clock in a case, each with why: what is said of a case for whose
    /// answer no clock runs.
    pub fn unclocked<'l>(&self, law: &'l LawBook) -> Vec<(&'l Rule, &'static str)> {
        let jurisdiction = self.contract.jurisdiction();
        let (line, review) = (self.contract.line_of_business.word(), self.request.review.word());
        let speaks = |rule: &Rule| {
            rule.scope.lines_of_business.iter().any(|l| l == line)
                && rule.scope.reviews.iter().any(|r| r == review)
                && (rule.jurisdiction == "US" || rule.jurisdiction == jurisdiction)
        };
        let rules = law.rules().iter().map(AsRef::as_ref).filter(|rule| speaks(rule));
        rules.filter_map(|rule| Some((rule, not_in_a_case(rule)?))).collect()
    }

    /// What the law of some places asks besides of a request in its circumstances, in the subjects' words of the law packs.
    fn circumstance_subjects(&self) -> impl Iterator<Item = &'static str> + use<> {
        let mut subjects: Vec<&'static str> = Vec::new();
        for circumstance in &self.request.circumstances {
            let asked: &[&str] = match circumstance {
                Circumstance::CourtOrdered => &["court-ordered-mh-sud"],
                Circumstance::PostStabilization => &["post-stabilization", "post-stabilization-or-life-threatening"],
                Circumstance::LifeThreatening => &["post-stabilization-or-life-threatening"],
                Circumstance::StepTherapy => &["step-therapy-exception", "step-therapy-override"],
                Circumstance::RehabilitationAfterHospital => {
                    &["inpatient-rehab-after-hospital", "hospital-to-post-acute-transfer"]
                }
                Circumstance::HomeCareAfterHospital => &["home-health-after-inpatient"],
                Circumstance::PostAcuteTransfer => &["hospital-to-post-acute-transfer"],
                Circumstance::UniformForm => &["uniform-form"],
                Circumstance::Other(_) => &[],
            };
            subjects.extend(asked.iter().filter(|subject| !subjects.contains(*subject)).copied().collect::<Vec<_>>());
        }
        // More of a course that runs, asked for urgently: the sender's own mark on the line says so.
        let extension = |line: &super::LineState| line.line.certification == Certification::Extension;
        if self.request.review == Review::Concurrent
            && self.urgency == Urgency::Expedited
            && self.open_lines().any(extension)
        {
            subjects.push("urgent-extension");
        }
        subjects.into_iter()
    }

    /// The branch of a rule that the request settles: by its urgency, its line of business, or the door it came through.
    pub fn branch_of(&self, rule: &Rule, urgency: &Urgency) -> Option<Branch> {
        let by_scope = rule.branch_from_scope(self.contract.line_of_business.word(), urgency.word());
        let by_door = || rule.branches().find(|key| *key == self.door());
        by_scope.or_else(by_door).map(Branch::read)
    }

    /// The branch of a clock that runs: the request's, or that of whom it tells, by telephone or by letter.
    pub fn branch_of_clock(&self, rule: &Rule, clock: &Clock) -> Option<Branch> {
        let by_telephone = clock.watches == Watches::ProviderTold;
        let told = || rule.branches().find(|key| clock.watches.is_telling() && by_telephone == (*key == BY_TELEPHONE));
        self.branch_of(rule, &self.urgency).or_else(|| told().map(Branch::read))
    }

    /// The door the request came through, in the words of the rules that tell the two apart.
    pub fn door(&self) -> &'static str {
        match self.request.receipt.channel {
            Channel::Mail | Channel::Fax | Channel::Phone => "paper",
            _ => "electronic",
        }
    }
}

/// The branch of a rule that is met by telephone or electronically, to the provider.
pub const BY_TELEPHONE: &str = "phone-electronic-to-provider";

/// Places of service in which a person is an inpatient: hospital, psychiatric facility, rehabilitation facility.
const INPATIENT: [&str; 3] = ["21", "51", "61"];

/// The subject of requests for payment that are not clean claims.
const PAYMENT: &str = "payment-other";

/// The subject under which a line of business has drug rules of its own for drugs of the medical benefit.
fn drug_subject(line: &LineOfBusiness) -> Option<String> {
    match line {
        LineOfBusiness::MedicareAdvantage => Some("part-b-drug".to_owned()),
        LineOfBusiness::MedicaidManagedCare | LineOfBusiness::MedicaidFfs => Some("drug".to_owned()),
        _ => None,
    }
}

/// ICD-10-CM F10 to F19, less F17 (tobacco).
fn is_substance_use(code: &str) -> bool {
    code.strip_prefix("F1").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() && c != '7'))
}

/// Subjects whose rules start no clock in a case, and why.
const SUBJECTS_ASKED_ONLY: [(&str, &str); 11] = [
    ("renewal", "a window and not a limit: the page of an approved case shows from when a request to renew is taken"),
    ("authorization-validity", "how long an approval must stay valid, and not a limit of the plan's answer"),
    (
        "no-review-window",
        "a window in which nothing is reviewed and not a limit: a hospital's stay refuses a review inside it",
    ),
    (
        "no-review-window-outpatient-sud",
        "a window in which nothing is reviewed and not a limit; no request says when treatment began",
    ),
    ("step-therapy-protocol-limits", "how long a step may be asked for: no request says when the step began"),
    (
        "drug",
        "a rule of the pharmacy benefit or of a formulary, which has no case; a drug line of the medical benefit takes the rules for services",
    ),
    ("hospital-outpatient-list", "a Medicare contractor's programme: no request says that the service is on its list"),
    ("wiser-list", "a Medicare contractor's programme: no request says that the service is on its list"),
    (
        "payment-clean-noncontract",
        "it is for a clean claim, which the claims system pays; a request for review is no claim and has the limit of other payment requests",
    ),
    ("payment-denial", "a bill for payment is not a case"),
    ("reimbursement", "a bill for payment is not a case"),
];

/// Kinds of review whose rules start no clock in a case, and why.
const REVIEWS_ASKED_ONLY: [(&str, &str); 9] = [
    ("appeal-l1", OTHER_REVIEWS),
    ("appeal-all", OTHER_REVIEWS),
    ("fair-hearing", OTHER_REVIEWS),
    ("external", OTHER_REVIEWS),
    ("grievance", OTHER_REVIEWS),
    ("reconsideration", OTHER_REVIEWS),
    (
        "filing-limit",
        "the limit is the member's or the provider's and not the plan's; a letter about a right to appeal names its own",
    ),
    (
        "continuation-of-benefits",
        "it settles whether a request to keep a service came in time; nothing runs out for the plan",
    ),
    ("effectuation", "it follows an appeal, or speaks of no one request"),
];

const OTHER_REVIEWS: &str =
    "appeals, grievances, reconsiderations and reviews outside the plan are not worked as cases";

/// Why no case starts the clock of a rule, which then only answers when it is asked; none for a rule that a case starts.
/// A test makes every kind of case and compares.
pub fn not_in_a_case(rule: &Rule) -> Option<&'static str> {
    if rule.effective.basis == Basis::Proposed {
        return Some("proposed, so never applied");
    }
    if !rule.has_clock() {
        return Some("it sets no numeric limit");
    }
    // Drugs of the medical benefit have rules of their own where the line of business says so.
    let medical_drug = rule.scope.subject.as_deref() == Some("drug")
        && rule
            .scope
            .lines_of_business
            .iter()
            .any(|line| drug_subject(&LineOfBusiness::read(line)).as_deref() == Some("drug"));
    let subject = rule.scope.subject.as_deref().filter(|_| !medical_drug);
    let by_review = REVIEWS_ASKED_ONLY.iter().find(|(review, _)| rule.scope.reviews.iter().any(|r| r == review));
    let by_subject = SUBJECTS_ASKED_ONLY.iter().find(|(asked, _)| subject == Some(asked));
    by_subject.or(by_review).map(|(_, why)| *why).or_else(|| {
        let notice = rule.scope.reviews.iter().any(|r| r == "notice");
        let of_a_case = matches!(subject, Some("drug-or-infusion-discontinuation" | "expedite-request-denied"));
        (notice && !of_a_case).then_some("it is a letter of an appeal or a grievance, which are not worked as cases")
    })
}
