//! A cut of an approved course becomes a case of its own: checked against the case that approved it, made, and noted there.

use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command},
        decide::{cut, decide},
        refusal::Refusal,
    },
    request::{CutException, ProposedCut, Quantity},
    time::Day,
};

use crate::{Desk, act::ActError};

/// What a plan proposes to cut.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The approved line.
    pub line: u32,
    /// What would stay, in the unit of the approval; none when the service would stop.
    pub keeps: Option<f64>,
    /// The first day on which less would be given.
    pub effective_on: Day,
    /// Why.
    pub why: String,
    /// The exception of the law under which the member is told later.
    pub exception: Option<CutException>,
}

impl Desk {
    /// Makes the case that decides a proposed cut, and notes it on the case that approved the course.
    ///
    /// # Errors
    /// Every reason of the law why it may not be proposed so; an unknown case; faults.
    pub async fn propose_cut(&self, tenant: &str, case: &str, by: Actor, proposal: Proposal) -> Result<Case, ActError> {
        let source = self.load(tenant, case)?.ok_or_else(|| {
            ActError::Refused(vec![Refusal::house("case.unknown", "There is no such case.", "Check the case number.")])
        })?;
        let now = self.time.now();
        let grant = source.line(proposal.line).and_then(|l| l.outcome.as_ref()).and_then(|o| o.grant());
        let unit = grant.and_then(|g| g.quantity.as_ref()).map_or("unit".to_owned(), |q| q.unit.clone());
        let authorization = grant.map(|g| g.authorization.clone()).unwrap_or_default();
        let keeps = proposal.keeps.map(|amount| Quantity { amount, unit });
        let over = self.over(tenant, &source, proposal.line)?;
        let noted = |decides: String| Command::ProposeCut {
            by: by.clone(),
            line: proposal.line,
            keeps: keeps.clone(),
            effective_on: proposal.effective_on,
            why: proposal.why.clone(),
            case: decides,
            exception: proposal.exception.clone(),
            over: over.clone(),
        };
        // Nothing is made of what the approving case refuses.
        decide(Some(&source), noted(String::new()), &self.library, now).map_err(ActError::Refused)?;
        let asked = ProposedCut {
            case: source.id.clone(),
            line: proposal.line,
            authorization,
            keeps: keeps.clone(),
            effective_on: proposal.effective_on,
            why: proposal.why.clone(),
            exception: proposal.exception.clone(),
        };
        let request = cut::request_of(&source, asked, &by, now).map_err(ActError::Refused)?;
        let parties = cut::parties_of(&source);
        let made =
            self.begin_entered(tenant, &by.person, request, parties, Vec::new(), source.scenario.clone()).await?;
        if let Err(refused) = self.act(tenant, case, &by.person, noted(made.id.clone())).await {
            // Somebody else proposed a cut of the same line between the two: this one comes to nothing.
            let why = "another cut of the same line was proposed at the same moment".to_owned();
            self.act(tenant, &made.id, &by.person, Command::Void { by: by.clone(), why }).await?;
            return Err(refused);
        }
        Ok(made)
    }

    /// The cases that decided earlier proposals about a line and left the course as it was, or came to nothing.
    fn over(&self, tenant: &str, source: &Case, line: u32) -> Result<Vec<String>, ActError> {
        let mut over = Vec::new();
        for (_, decides) in source.proposed_cuts.iter().filter(|(of, _)| *of == line) {
            let stands = self.load(tenant, decides)?.is_some_and(|case| {
                !case.is_determined() || case.lines.iter().any(|l| l.outcome.as_ref().is_some_and(|o| o.is_adverse()))
            });
            if !stands {
                over.push(decides.clone());
            }
        }
        Ok(over)
    }
}
