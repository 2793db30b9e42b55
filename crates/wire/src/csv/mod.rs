//! CSV files of a roster, coverages, providers, contracts, payers' terms and expected stays: typed rows, or every issue with line and column.
//!
//! The headers are documented in `docs/operate/import.md`; a test holds that page and the tables here together.

mod addendum;
mod hospital;
mod row;
mod tables;

use vigil_domain::{
    party::{Contract, Coverage, Member, Provider},
    stay::{delay::ExpectedStay, payer::PayerTerms},
};

use crate::issue::{IssueCode, Notes, Read, Severity};
pub use addendum::{Addendum, read_inpatient_only};
pub use hospital::{EXPECTED_STAYS, PAYER_TERMS};
use row::Row;
pub use tables::{CONTRACTS, COVERAGES, Column, MEMBERS, PROVIDERS};

/// Reads a roster of members.
pub fn read_members(bytes: &[u8]) -> Read<Vec<Member>> {
    read(bytes, MEMBERS, tables::member, |member| format!("{}|{}", member.payer_id, member.member_id))
}

/// Reads coverages.
pub fn read_coverages(bytes: &[u8]) -> Read<Vec<Coverage>> {
    read(bytes, COVERAGES, tables::coverage, |coverage| {
        let Coverage { payer_id, member_id, plan_id, from, .. } = coverage;
        format!("{payer_id}|{member_id}|{plan_id}|{from}")
    })
}

/// Reads a provider directory; every NPI has passed its check digit.
pub fn read_providers(bytes: &[u8]) -> Read<Vec<Provider>> {
    read(bytes, PROVIDERS, tables::provider, |provider| provider.npi.clone().unwrap_or_default())
}

/// Reads contracts.
pub fn read_contracts(bytes: &[u8]) -> Read<Vec<Contract>> {
    read(bytes, CONTRACTS, tables::contract, |contract| contract.id.clone())
}

/// Reads what payers' contracts with the hospital say of admissions.
pub fn read_payer_terms(bytes: &[u8]) -> Read<Vec<PayerTerms>> {
    let key = |t: &PayerTerms| format!("{}|{}", t.payer_id, t.plan_id.as_deref().unwrap_or_default());
    read(bytes, PAYER_TERMS, hospital::payer_terms, key)
}

/// Reads expected lengths of stay.
pub fn read_expected_stays(bytes: &[u8]) -> Read<Vec<ExpectedStay>> {
    read(bytes, EXPECTED_STAYS, hospital::expected_stay, |row| format!("{}|{}", row.ms_drg, row.from))
}

/// Reads a table: the header first, then each row; a key stands once.
fn read<T>(
    bytes: &[u8],
    columns: &'static [Column],
    make: impl Fn(&Row<'_>, &mut Notes) -> Option<T>,
    key: impl Fn(&T) -> String,
) -> Read<Vec<T>> {
    let mut notes = Notes::default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).trim(::csv::Trim::All).from_reader(bytes);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(vec![unreadable(&error)]),
    };
    check_header(&header, columns, &mut notes);
    if notes.refused() {
        return Err(notes.issues);
    }
    let mut values = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                notes.add(unreadable(&error));
                continue;
            }
        };
        let line = record.position().map_or(0, ::csv::Position::line);
        if record.len() != header.len() {
            notes.note(
                Severity::Error,
                IssueCode::Structure,
                format!("line {line}"),
                format!("The row has {} fields, the header has {}.", record.len(), header.len()),
                "Give every row the fields of the header; put fields with commas in double quotes.",
            );
            continue;
        }
        let Some(value) = make(&Row { header: &header, record: &record, columns, line }, &mut notes) else { continue };
        if let Some(first) = seen.insert(key(&value), line) {
            notes.note(
                Severity::Error,
                IssueCode::Duplicate,
                format!("line {line}"),
                format!("The row says again what line {first} says."),
                "Keep one of the two.",
            );
        }
        values.push(value);
    }
    notes.finish(Some(values)).map(|(values, _)| values)
}

fn check_header(header: &::csv::StringRecord, columns: &[Column], notes: &mut Notes) {
    let known = || columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    for (at, name) in header.iter().enumerate() {
        if !columns.iter().any(|column| column.name == name) {
            notes.note(
                Severity::Error,
                IssueCode::Structure,
                format!("line 1, column {name}"),
                format!("The column {name:?} is not known."),
                format!("Use these columns: {}.", known()),
            );
        }
        if header.iter().take(at).any(|earlier| earlier == name) {
            let details = format!("The column {name:?} stands twice.");
            notes.note(
                Severity::Error,
                IssueCode::Duplicate,
                format!("line 1, column {name}"),
                details,
                "Keep one of them.",
            );
        }
    }
    for column in columns.iter().filter(|column| column.required && !header.iter().any(|name| name == column.name)) {
        notes.note(
            Severity::Error,
            IssueCode::Required,
            format!("line 1, column {}", column.name),
            format!("The column {:?} is missing.", column.name),
            format!("Add it: {}.", column.meaning),
        );
    }
}

fn unreadable(error: &::csv::Error) -> crate::issue::Issue {
    let line = error.position().map_or(0, ::csv::Position::line);
    let utf8 = matches!(error.kind(), ::csv::ErrorKind::Utf8 { .. });
    crate::issue::Issue {
        severity: Severity::Error,
        code: IssueCode::Structure,
        expression: format!("line {line}"),
        details: if utf8 { "The line is not UTF-8 text.".to_owned() } else { "The line is not CSV.".to_owned() },
        diagnostics: "Save the file as CSV in UTF-8.".to_owned(),
    }
}
