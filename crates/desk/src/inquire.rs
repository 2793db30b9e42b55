//! `Claim/$inquire`: query by example. Whoever asks must name the member and be a provider of the case.

use vigil_domain::{case::Case, time::Moment};
use vigil_store::{StoreFault, SubjectKey, TrailEntry, Write, WriteItem};
use vigil_wire::fhir::{
    outcome::operation_outcome,
    pas::{AaaError, Base, Inquiry, read_inquiry, respond_inquiry},
};

use crate::{Desk, answer, receive::Answered};

/// So many of a member's cases, the newest, are looked at.
const LOOKED_AT: usize = 200;

impl Desk {
    /// Answers an inquiry with the current results of every case that matches among
    /// the member's newest 200. Never deduplicated (DECISIONS 14).
    ///
    /// # Errors
    /// Only faults of the store.
    pub async fn inquire(
        &self,
        tenant: &str,
        base: Base,
        sender: &str,
        received_at: Moment,
        body: &[u8],
    ) -> Result<Answered, StoreFault> {
        let inquiry = match read_inquiry(base, body) {
            Ok(inquiry) => inquiry,
            Err(issues) => return Ok(Answered { status: 400, body: operation_outcome(&issues), case: None }),
        };
        let now = self.time.now();
        let found = self.matching(tenant, &inquiry)?;
        let seed: [u8; 32] =
            vigil_store::message_key(tenant, base.version(), "inquire", sender, &now.as_nanosecond().to_be_bytes());
        let mut answers: Vec<_> = found.iter().map(|case| answer::of_case(case, &seed, now, &self.settings)).collect();
        if answers.is_empty() && base == Base::V20 {
            let none = AaaError {
                code: "75".into(),
                element: Some("2010C-NM109".into()),
                path: Some("Claim.patient".into()),
                follow_up: Some("C".into()),
                message: Some("We have no request that matches this inquiry.".into()),
            };
            answers.push(answer::of_errors(vec![none], &seed, now));
        }
        if !found.is_empty() {
            let subjects = found.iter().map(|c| SubjectKey::case(&c.id)).collect();
            let entry = TrailEntry {
                at: received_at,
                actor: sender.to_owned(),
                action: "inquire".into(),
                subjects,
                detail: format!("PAS {}", base.version()),
            };
            self.store.write(Write::of(tenant, vec![WriteItem::Trail(entry)])).await?;
        }
        let case = found.first().map(|c| c.id.clone());
        Ok(Answered { status: 200, body: respond_inquiry(base, &inquiry.echo, &answers), case })
    }

    /// Cases of the named member that the asking provider has a part in, narrowed by whatever else the example names.
    fn matching(&self, tenant: &str, inquiry: &Inquiry) -> Result<Vec<Case>, StoreFault> {
        let ids = self.store.cases_by_key(tenant, "member", &inquiry.member.member_id, LOOKED_AT)?;
        let mut found = Vec::new();
        for id in ids {
            let Ok(Some(case)) = self.load(tenant, &id) else { continue };
            if has_part(&case, &inquiry.npis) && fits(&case, inquiry) {
                found.push(case);
            }
        }
        Ok(found)
    }
}

/// The asking NPIs name the requester, the practitioner, the facility or a line's provider.
fn has_part(case: &Case, npis: &[String]) -> bool {
    let request = &case.request;
    let lines = request.lines.iter().filter_map(|l| l.provider.as_ref());
    std::iter::once(&request.requester)
        .chain(&request.practitioner)
        .chain(&request.facility)
        .chain(lines)
        .filter_map(|p| p.npi.as_ref())
        .any(|npi| npis.contains(npi))
}

fn fits(case: &Case, inquiry: &Inquiry) -> bool {
    let numbers_given = !(inquiry.authorizations.is_empty() && inquiry.reference_numbers.is_empty());
    let by_number =
        inquiry.authorizations.contains(&case.authorization) || inquiry.reference_numbers.contains(&case.id);
    if numbers_given && by_number {
        return true;
    }
    let identified = inquiry
        .identifiers
        .iter()
        .any(|i| case.request.identifiers.iter().any(|own| own.value == i.value && own.system == i.system));
    if identified {
        return true;
    }
    let service = inquiry.services.is_empty()
        || case.lines.iter().any(|l| l.line.codes().any(|c| inquiry.services.iter().any(|s| s.same(c))));
    let days = case.lines.iter().any(|l| match (l.line.from, inquiry.days) {
        (Some(from), (Some(first), last)) => from <= last.unwrap_or(first) && first <= l.line.through.unwrap_or(from),
        _ => true,
    });
    service && days
}
