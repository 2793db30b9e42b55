//! The plan cuts a course that it approved: proposed as a case of its own, told in advance, signed by a physician, and the
//! member asks in time that the care goes on. A second proposal about the same line is refused.

use jiff::civil::date;
use vigil_domain::{
    case::{
        Case,
        command::{Command, ContinuationAsker, LineDecision},
    },
    determination::{Finding, Grant},
    reason::Reason,
    request::Quantity,
};

use crate::{
    MAIN_TENANT,
    act::ActError,
    cut::Proposal,
    enter::Attached,
    sim::{people::Role, run::Sim},
};

/// The word of its cases.
pub(super) const COURSE: &str = "also-cut";
/// New York's Medicaid plan in the world's contracts.
const MEDICAID: usize = 2;

impl Sim {
    /// Heart rehabilitation, thirty-six visits in twenty-six weeks.
    pub(super) async fn course(&mut self) -> Result<(), ActError> {
        let mut request = self.ask_under(MEDICAID, "D7000001", "cardiac-rehab", COURSE).await?;
        for line in &mut request.lines {
            line.quantity = Some(Quantity { amount: 36.0, unit: "visit".into() });
            (line.from, line.through) = (Some(date(2026, 10, 26)), Some(date(2027, 4, 25)));
        }
        let file = Attached {
            title: "Plan of care".into(),
            media_type: "text/plain".into(),
            bytes: b"Synthetic plan of care. Thirty-six visits in twenty-six weeks; goals are reviewed every month."
                .to_vec(),
        };
        self.begin(request, vec![file], COURSE).await.map(drop)
    }

    /// The case that approved it.
    fn approved_course(&self) -> Option<Case> {
        self.cases_of(COURSE).into_iter().find(|case| case.request.cut.is_none())
    }

    /// The case that decides the cut.
    fn cut_course(&self) -> Option<Case> {
        self.cases_of(COURSE).into_iter().find(|case| case.request.cut.is_some())
    }

    fn proposal(keeps: f64, why: &str) -> Proposal {
        Proposal { line: 1, keeps: Some(keeps), effective_on: date(2026, 12, 10), why: why.to_owned(), exception: None }
    }

    pub(super) async fn cut_proposed(&mut self) -> Result<(), ActError> {
        let (Some(approved), by) = (self.approved_course(), self.someone(Role::Manager)) else { return Ok(()) };
        let proposal = Self::proposal(20.0, "the monthly review of November 12 shows that most goals are reached");
        let made = Box::pin(self.desk.propose_cut(MAIN_TENANT, &approved.id, by, proposal)).await;
        if let Some(case) = self.answered(made)? {
            self.made.push(case.id.clone());
            self.truth.insert(case.id.clone(), Vec::new());
            // Only the script moves it.
            self.rest_for(&case.id, 24 * 365);
        }
        Ok(())
    }

    pub(super) async fn cut_signed(&mut self) -> Result<(), ActError> {
        let (Some(case), by) = (self.cut_course(), self.someone(Role::Physician)) else { return Ok(()) };
        self.open_all(&by, &case).await?;
        let finding = Finding {
            line: 1,
            reason: Reason::read("not_medically_necessary"),
            rationale: "The review of November 12 shows the goals for walking and heart rate reached; exercise without a monitor is still trained.".into(),
            plain_reason: if case.letter_language().starts_with("es") {
                "Las notas de su programa muestran que alcanzó la mayoría de las metas. Todavía necesita algunas visitas."
            } else {
                "Your program's notes show that you reached most goals. You still need some visits."
            }
            .into(),
            criterion: Some("plan policy 7, heart rehabilitation".into()),
            whose: Some(vigil_domain::determination::RuleOwner::PlanPolicy),
        };
        let quantity = Some(Quantity { amount: 20.0, unit: "visit".into() });
        let grant = Grant { authorization: String::new(), quantity, from: None, through: None, service: None };
        let command = Command::Determine {
            by: by.clone(),
            decisions: vec![LineDecision::Partial { grant, finding }],
            attests_no_conflict: true,
            expertise: self.expertise(&by.person),
        };
        self.act(&case.id, &by.person, command).await.map(drop)
    }

    /// A second proposal about the line is refused; the reason is noted on the case.
    pub(super) async fn cut_again(&mut self) -> Result<(), ActError> {
        let (Some(approved), by) = (self.approved_course(), self.someone(Role::Manager)) else { return Ok(()) };
        let proposal = Self::proposal(12.0, "a second look at the same course");
        let again = Box::pin(self.desk.propose_cut(MAIN_TENANT, &approved.id, by.clone(), proposal)).await;
        let Err(ActError::Refused(refused)) = again else { return Ok(()) };
        let why: Vec<String> = refused.iter().map(|r| r.says.clone()).collect();
        let text = format!("A second cut was proposed and refused: {}", why.join(" "));
        self.act(&approved.id, &by.person, Command::Note { by: by.clone(), kind: "note".into(), text }).await.map(drop)
    }

    pub(super) async fn cut_continued(&mut self) -> Result<(), ActError> {
        let (Some(case), by) = (self.cut_course(), self.someone(Role::Nurse)) else { return Ok(()) };
        let command = Command::AskContinuation {
            by: by.clone(),
            asker: ContinuationAsker::Member,
            asked_by: "Tomas Fernandell, by telephone".into(),
            asked_at: self.now,
        };
        self.act(&case.id, &by.person, command).await.map(drop)
    }
}
