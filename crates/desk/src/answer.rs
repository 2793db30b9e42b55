//! From a case to the answer the sender reads: line by line, never more than was decided by someone with authority.

use vigil_domain::{
    case::{Case, LineState, refusal::Refusal},
    determination::Outcome as LineOutcome,
    time::{Day, Moment, Zone},
};
use vigil_wire::{
    fhir::pas::{AaaError, Action, Answer, Granted, InformationRequest, LineAnswer, Outcome, Reason, Reviewer, Wanted},
    issue::{Issue, IssueCode, Severity},
};

use crate::{Settings, ids};

/// The answer about a case as it stands.
pub fn of_case(case: &Case, response: &[u8; 32], now: Moment, settings: &Settings) -> Answer {
    let zone = case.contract.zone.clone();
    let lines: Vec<LineAnswer> = case.lines.iter().map(|l| line(l, &zone)).collect();
    let authorization = lines.iter().any(|l| l.action.certifies()).then(|| case.authorization.clone());
    let by_person = case.lines.iter().filter_map(|l| l.outcome.as_ref()).any(|o| o.adverse().is_some());
    Answer {
        case_id: case.id.clone(),
        response_id: ids::hex(&response[..16]),
        answered_at: now,
        zone,
        bundle_identifier: None,
        outcome: Outcome::Complete,
        administrative_reference: authorization.is_none().then(|| case.id.clone()),
        authorization,
        period: period(&lines),
        requests: requests(case, settings),
        lines,
        reviewer: by_person.then_some(Reviewer { human: true, npi: None, specialty: None }),
    }
}

/// The answer when the request could not be judged: the guide's business errors.
pub fn of_errors(errors: Vec<AaaError>, response: &[u8; 32], now: Moment) -> Answer {
    Answer {
        case_id: ids::hex(&response[..8]),
        response_id: ids::hex(&response[..16]),
        answered_at: now,
        zone: crate::party::demonstration_contract().zone,
        bundle_identifier: None,
        outcome: Outcome::Error(errors),
        authorization: None,
        administrative_reference: None,
        period: None,
        lines: Vec::new(),
        requests: Vec::new(),
        reviewer: None,
    }
}

/// A refusal as an issue of an OperationOutcome.
pub fn issue_of_refusal(refusal: &Refusal) -> Issue {
    Issue {
        severity: Severity::Error,
        code: IssueCode::BusinessRule,
        expression: "Bundle".into(),
        details: refusal.says.clone(),
        diagnostics: refusal.instead.clone(),
    }
}

fn line(state: &LineState, zone: &Zone) -> LineAnswer {
    let sequence = state.line.sequence;
    let Some(outcome) = &state.outcome else { return LineAnswer::new(sequence, Action::Pended) };
    let action = match outcome {
        LineOutcome::Approved { .. } => Action::CertifiedTotal,
        LineOutcome::PartiallyApproved { .. } => Action::CertifiedPartial,
        LineOutcome::Modified { .. } => Action::Modified,
        LineOutcome::NotApproved { .. } | LineOutcome::AdministrativeAdverse { .. } => Action::NotCertified,
        LineOutcome::NoReviewRequired { .. } => Action::NoActionRequired,
        LineOutcome::Dismissed { .. } => Action::ContactPayer,
        LineOutcome::Withdrawn { .. } | LineOutcome::Void { .. } | LineOutcome::Cancelled { .. } => Action::Cancelled,
    };
    let mut answer = LineAnswer::new(sequence, action);
    answer.issued_on = state.decided_at.map(|at| zone.day(at));
    if let Some(grant) = outcome.grant() {
        answer.number = Some(grant.authorization.clone());
        answer.period = grant.from.map(|from| (from, grant.through.unwrap_or(from)));
        let whole = matches!(outcome, LineOutcome::Approved { .. });
        answer.granted = (!whole).then(|| Granted {
            service: grant.service.clone(),
            quantity: grant.quantity.clone(),
            from: grant.from,
            through: grant.through,
        });
    }
    let (reason, note) = words(outcome);
    answer.reason = reason.map(|text| Reason { code: None, text });
    answer.note = note;
    answer
}

/// The specific reason (42 CFR 422.122(a) and its twins), and the note.
fn words(outcome: &LineOutcome) -> (Option<String>, Option<String>) {
    if let Some(adverse) = outcome.adverse() {
        let criterion = adverse.criterion().map(|c| format!(" Criterion: {c}.")).unwrap_or_default();
        let title = adverse.reason().row().map(|r| r.title.to_owned());
        return (title, Some(format!("{}{criterion}", adverse.rationale())));
    }
    match outcome {
        LineOutcome::AdministrativeAdverse { reason, basis, plain_reason, .. } => {
            (reason.row().map(|r| r.title.to_owned()), Some(format!("{plain_reason} Basis: {basis}.")))
        }
        LineOutcome::NoReviewRequired { says, cite } => (None, Some(format!("{says} ({cite})"))),
        LineOutcome::Dismissed { why, cite, .. } => (None, Some(format!("Dismissed: {why} ({cite})"))),
        _ => (None, None),
    }
}

fn period(lines: &[LineAnswer]) -> Option<(Day, Day)> {
    let from = lines.iter().filter_map(|l| l.period).map(|(from, _)| from).min()?;
    let through = lines.iter().filter_map(|l| l.period).map(|(_, through)| through).max()?;
    Some((from, through))
}

/// What is still needed, named exactly.
fn requests(case: &Case, settings: &Settings) -> Vec<InformationRequest> {
    let Some(wait) = &case.awaiting else { return Vec::new() };
    let Some(first) = case.open_lines().next() else { return Vec::new() };
    vec![InformationRequest {
        line: first.line.sequence,
        wanted: wait.wanted.iter().map(|text| Wanted { text: text.clone(), loinc: None }).collect(),
        questionnaire_url: None,
        payer_url: Some(settings.base_url.clone()),
        due: case.decision_clock().map(|c| c.due_at),
    }]
}
