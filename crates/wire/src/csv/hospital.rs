//! The hospital's tables: what payers' contracts say of admissions, and expected lengths of stay.

use vigil_domain::{
    party::LineOfBusiness,
    stay::{delay::ExpectedStay, payer::PayerTerms},
};

use super::{
    row::Row,
    tables::{Column, may, must},
};
use crate::issue::{IssueCode, Notes};

/// Columns of `payer-terms.csv`.
pub const PAYER_TERMS: &[Column] = &[
    must("payer_id", "the payer's identifier, as registration states it"),
    may("plan_id", "the plan inside the payer; empty for all of its plans"),
    must("payer_name", "the payer's name, as people know it"),
    must("line_of_business", "line of business, in the words of the law packs"),
    may("notify_hours", "hours to notify an admission"),
    may("weekend_by_hour", "a weekend or holiday admission is notified by this local hour of the next business day"),
    may("observation_too", "yes when observation is notified too"),
    may("late_hours_whole_stay", "from so many hours late the whole stay is at risk"),
    may("clinicals_hours", "hours to send clinicals once the payer is told or asks"),
    may("peer_to_peer_hours", "hours after a denial in which a peer-to-peer talk may be asked for"),
    may("needs_authorization", "yes when the admission needs an authorization"),
    may("out_of_network", "yes when the facility is not in the plan's network"),
    must("cite", "where the term stands: contract and section"),
    may("plan_is_here", "yes when the plan takes requests over this Vigil"),
];

/// Columns of `expected-stays.csv`.
pub const EXPECTED_STAYS: &[Column] = &[
    must("ms_drg", "MS-DRG, three digits"),
    must("from", "first day of discharge it applies to, YYYY-MM-DD"),
    must("through", "last day of discharge, YYYY-MM-DD"),
    must("gmlos", "geometric mean length of stay, in days"),
    must("table", "the published table it was read from"),
];

fn number(row: &Row<'_>, name: &str, most: u32, notes: &mut Notes) -> Option<u32> {
    let text = row.get(name)?;
    let number = text.parse().ok().filter(|n| *n <= most);
    if number.is_none() {
        let details = format!("{text:?} is not a number up to {most}.");
        row.fault(name, IssueCode::Value, details, "Write a whole number.", notes);
    }
    number
}

pub(super) fn payer_terms(row: &Row<'_>, notes: &mut Notes) -> Option<PayerTerms> {
    let [payer_id, name, cite] = ["payer_id", "payer_name", "cite"].map(|column| row.need(column, notes));
    let line = row.need("line_of_business", notes).map(|word| LineOfBusiness::read(&word));
    if let Some(other) = line.as_ref().filter(|line| !line.is_known()) {
        let details = format!("{:?} is not a line of business.", other.word());
        row.fault("line_of_business", IssueCode::CodeInvalid, details, "Write one of the law packs' words.", notes);
    }
    let weekend = number(row, "weekend_by_hour", 23, notes).and_then(|hour| u8::try_from(hour).ok());
    let [observation_too, needs_authorization, out_of_network, here] =
        ["observation_too", "needs_authorization", "out_of_network", "plan_is_here"].map(|c| row.flag(c, notes));
    Some(PayerTerms {
        payer_id: payer_id?,
        plan_id: row.get("plan_id"),
        name: name?,
        line_of_business: line?,
        notify_hours: number(row, "notify_hours", 8_760, notes),
        weekend_by_hour: weekend,
        observation_too,
        late_hours_whole_stay: number(row, "late_hours_whole_stay", 8_760, notes),
        clinicals_hours: number(row, "clinicals_hours", 8_760, notes),
        peer_to_peer_hours: number(row, "peer_to_peer_hours", 8_760, notes),
        needs_authorization,
        in_network: !out_of_network,
        cite: cite?,
        confidence: "as the site loaded it".into(),
        here,
    })
}

pub(super) fn expected_stay(row: &Row<'_>, notes: &mut Notes) -> Option<ExpectedStay> {
    let [ms_drg, table, gmlos] = ["ms_drg", "table", "gmlos"].map(|column| row.need(column, notes));
    if let Some(drg) = ms_drg.as_deref().filter(|drg| drg.len() != 3 || !drg.bytes().all(|b| b.is_ascii_digit())) {
        row.fault(
            "ms_drg",
            IssueCode::Value,
            format!("{drg:?} is no MS-DRG."),
            "Write three digits, such as 065.",
            notes,
        );
    }
    row.need("from", notes);
    row.need("through", notes);
    let (from, through) = (row.day("from", notes), row.day("through", notes));
    let days = gmlos.as_deref().and_then(|text| text.parse::<f64>().ok()).filter(|days| (0.1..=400.0).contains(days));
    if let (Some(text), None) = (&gmlos, days) {
        row.fault(
            "gmlos",
            IssueCode::Value,
            format!("{text:?} is no length of stay."),
            "Write days, such as 3.6.",
            notes,
        );
    }
    Some(ExpectedStay { ms_drg: ms_drg?, from: from?, through: through?, gmlos: days?, table: table? })
}
