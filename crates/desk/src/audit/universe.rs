//! The regulator's universe: one row a case that ended in the span, columns as the organization-determination table of the
//! Medicare Advantage programme audit asks for them. Column names and order are ours, from knowledge: align them with the
//! protocol of the audit's year before use (CMS-10717).

use std::{collections::BTreeMap, fmt::Write as _};

use vigil_domain::{
    case::{Case, NoticeState},
    determination::Outcome,
    notice::Purpose,
    party::LineOfBusiness,
    request::Urgency,
    time::{Moment, Zone},
};
use vigil_store::StoreFault;

use crate::{Desk, act::ActError};

/// Which cases.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Ended from this moment …
    pub from: Moment,
    /// … up to, not including, this one.
    pub until: Moment,
    /// Only this line of business.
    pub line_of_business: LineOfBusiness,
    /// The zone of all times in it; the contracts' own when they all have the same.
    pub zone: Option<Zone>,
}

/// A universe.
#[derive(Debug, Clone)]
pub struct Universe {
    /// The zone of its times.
    pub zone: Option<Zone>,
    /// The cases in order of their end.
    pub cases: Vec<String>,
    /// The table with its header, as CSV.
    pub csv: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum UniverseError {
    /// Contracts of several zones, and none named.
    #[error("the contracts of this selection lie in several zones ({0}); name one: a universe has a single zone")]
    Zones(String),
    /// A case could not be read.
    #[error(transparent)]
    Act(#[from] ActError),
}

impl From<StoreFault> for UniverseError {
    fn from(fault: StoreFault) -> Self {
        Self::Act(fault.into())
    }
}

/// The columns, in order, with what each holds.
pub const COLUMNS: &[(&str, &str)] = &[
    ("enrollee_first_name", "given name"),
    ("enrollee_last_name", "family name"),
    ("enrollee_id", "member number"),
    ("contract_id", "contract"),
    ("plan_id", "plan"),
    ("delegated_entity", "first tier or downstream entity that decided; NA: none is recorded"),
    ("case_number", "case"),
    ("authorization_number", "authorization number reserved for the case"),
    ("date_received", "YYYY-MM-DD, first contact"),
    ("time_received", "HH:MM:SS"),
    ("part_b_drug", "Y where a line is a drug under the medical benefit"),
    ("aor_receipt_date", "appointment of representative received; NA: not recorded apart"),
    ("aor_receipt_time", "HH:MM:SS"),
    (
        "determination",
        "approved, partially_approved, modified, not_approved, administrative_adverse, dismissed, withdrawn, …",
    ),
    ("processed_as", "standard or expedited"),
    ("extension_taken", "Y where more time was taken"),
    ("expedite_declined", "Y where a request to expedite was declined"),
    ("issue_description", "the services asked for, in words"),
    ("service_codes", "their codes"),
    ("diagnosis_codes", "ICD-10-CM codes"),
    ("date_determined", "YYYY-MM-DD"),
    ("time_determined", "HH:MM:SS"),
    ("denied_for_medical_necessity", "Y where a line is less than asked on clinical grounds"),
    ("reviewed_by_physician", "Y where a peer reviewer's record stands behind it"),
    ("date_oral_notice_enrollee", "first successful notice by telephone"),
    ("time_oral_notice_enrollee", "HH:MM:SS"),
    ("date_written_notice_enrollee", "first successful written notice"),
    ("time_written_notice_enrollee", "HH:MM:SS"),
    ("date_notice_provider", "first successful notice to the provider"),
    ("time_notice_provider", "HH:MM:SS"),
    ("date_authorization_entered", "when the approval was recorded"),
    ("time_authorization_entered", "HH:MM:SS"),
];

impl Desk {
    /// The universe of a selection. A case that stays open is not in it.
    ///
    /// # Errors
    /// Contracts of several zones with none named; a damaged log; faults.
    pub fn universe(
        &self,
        tenant: &str,
        selection: &Selection,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Universe, UniverseError> {
        let rows = self.store.decided(tenant, selection.from, selection.until)?;
        let wanted: Vec<_> =
            rows.into_iter().filter(|row| row.line_of_business == selection.line_of_business.word()).collect();
        let mut found = Vec::with_capacity(wanted.len());
        let of = wanted.len() as u64;
        for (done, row) in wanted.iter().enumerate() {
            found.extend(self.load(tenant, &row.case_id)?);
            progress(done as u64 + 1, of);
        }
        let zone = match &selection.zone {
            Some(zone) => Some(zone.clone()),
            None => one_zone(&found)?,
        };
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let mut csv = format!("{}\n", names.join(","));
        for case in &found {
            let Some(zone) = &zone else { break };
            let cells: Vec<String> = row(case, zone).iter().map(|text| cell(text)).collect();
            let _ = writeln!(csv, "{}", cells.join(","));
        }
        Ok(Universe { zone, cases: found.into_iter().map(|case| case.id).collect(), csv })
    }
}

/// The zone that all contracts share.
fn one_zone(cases: &[Case]) -> Result<Option<Zone>, UniverseError> {
    let zones: BTreeMap<&str, &Zone> =
        cases.iter().map(|case| (case.contract.zone.name(), &case.contract.zone)).collect();
    if zones.len() > 1 {
        return Err(UniverseError::Zones(zones.keys().copied().collect::<Vec<_>>().join(", ")));
    }
    Ok(zones.into_values().next().cloned())
}

/// The cells of one case, as many as there are columns. What is not known is NA, never blank.
fn row(case: &Case, zone: &Zone) -> Vec<String> {
    let yes = |is: bool| if is { "Y" } else { "N" }.to_owned();
    let stamp = |at: Option<Moment>| match at.map(|at| at.to_zoned(zone.tz().clone())) {
        Some(at) => [at.strftime("%Y-%m-%d").to_string(), at.strftime("%H:%M:%S").to_string()],
        None => [String::new(), String::new()],
    };
    let told = |recipient: &str, oral: Option<bool>| {
        let notices = case.notices.iter().filter(|notice| speaks_of_decision(notice));
        let given = notices.flat_map(|notice| &notice.deliveries).filter(|(_, d)| {
            d.succeeded && d.recipient == recipient && oral.is_none_or(|oral| oral == (d.channel == "telephone"))
        });
        given.map(|(at, _)| *at).min()
    };
    let outcomes = || case.lines.iter().filter_map(|line| line.outcome.as_ref());
    let approved = case.lines.iter().filter(|l| l.outcome.as_ref().and_then(Outcome::grant).is_some());
    let joined = |words: Vec<&str>| words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("; ");
    let titles: Vec<String> = case.lines.iter().map(|line| line.line.title()).collect();
    let adverse = outcomes().any(|outcome| outcome.adverse().is_some());
    let mut cells = vec![
        case.member.name.given.clone(),
        case.member.name.family.clone(),
        case.member.member_id.clone(),
        case.contract.id.clone(),
        case.contract.plan_id.clone(),
        String::new(),
        case.id.clone(),
        case.authorization.clone(),
    ];
    cells.extend(stamp(Some(case.request.receipt.received_at)));
    cells.push(yes(case.lines.iter().any(|line| line.line.drug)));
    cells.extend([String::new(), String::new()]);
    cells.push(case.outcome_word().unwrap_or_default().to_owned());
    cells.push(if case.urgency == Urgency::Expedited { "expedited" } else { "standard" }.to_owned());
    cells.push(yes(case.clocks.iter().any(|clock| clock.extension.is_some())));
    cells.push(yes(case.expedite_declined.is_some()));
    cells.push(joined(titles.iter().map(String::as_str).collect()));
    cells.push(joined(case.lines.iter().map(|line| line.line.service.value.as_str()).collect()));
    cells.push(joined(case.request.diagnoses.iter().map(|d| d.code.value.as_str()).collect()));
    cells.extend(stamp(case.decided_at()));
    cells.push(yes(adverse));
    cells.push(yes(adverse));
    cells.extend(stamp(told("member", Some(true))));
    cells.extend(stamp(told("member", Some(false))));
    cells.extend(stamp(told("provider", None)));
    cells.extend(stamp(approved.filter_map(|line| line.decided_at).min()));
    for cell in &mut cells {
        if cell.trim().is_empty() {
            *cell = "NA".to_owned();
        }
    }
    cells
}

/// Whether a notice tells a decision, and not a question or an extension.
fn speaks_of_decision(notice: &NoticeState) -> bool {
    !matches!(
        notice.purpose,
        Purpose::RequestForInformation | Purpose::Extension | Purpose::ExpediteDeclined | Purpose::Untimely
    )
}

/// A cell of a table, quoted where it must be; a cell that a spreadsheet would run as a formula gets an apostrophe.
pub(super) fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_run_nothing() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }

    #[test]
    fn column_names_are_words_and_each_stands_once() {
        let mut names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COLUMNS.len());
        assert!(
            COLUMNS
                .iter()
                .all(|(name, says)| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !says.is_empty())
        );
    }
}
