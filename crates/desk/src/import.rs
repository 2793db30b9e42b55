//! Rosters, coverages, provider directories and contracts, from CSV and FHIR files, in batches, each row accounted for.

use std::collections::BTreeMap;

use serde::Serialize;
use vigil_store::{StoreFault, Write, WriteItem};
use vigil_wire::{csv, fhir::directory::read_directory, issue::Issue};

use crate::{Desk, hospital::records};

/// How many rows share one transaction.
const BATCH: usize = 2_000;

/// What an import came to. Every row of every file is in one of the three.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Taken, by kind: `members`, `coverages`, `providers`, `contracts`.
    pub taken: BTreeMap<String, usize>,
    /// Files that hold nothing this import knows, with why.
    pub ignored: Vec<Ignored>,
    /// Files that were refused whole, with every issue.
    pub refused: Vec<Refused>,
    /// Remarks on files that were taken.
    pub warnings: Vec<String>,
}

/// A file that was not looked into.
#[derive(Debug, Serialize)]
pub struct Ignored {
    /// Its name.
    pub file: String,
    /// Why.
    pub why: String,
}

/// A file that was refused: nothing of it was taken.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// Its name.
    pub file: String,
    /// Every issue, with its place and what to do.
    pub issues: Vec<String>,
}

/// What a CSV file holds, by its name or its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Members.
    Members,
    /// Coverages.
    Coverages,
    /// Providers.
    Providers,
    /// Contracts.
    Contracts,
    /// What payers' contracts with the hospital say of admissions.
    PayerTerms,
    /// Expected lengths of stay.
    ExpectedStays,
}

impl Table {
    /// Tells a table by its file name (`members.csv`), else by the columns only it has.
    pub fn of(name: &str, header: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let columns: Vec<&str> = header.split(',').map(str::trim).collect();
        let has = |column: &str| columns.contains(&column);
        if name.contains("payer-terms") || has("payer_name") {
            Some(Self::PayerTerms)
        } else if name.contains("expected-stays") || has("gmlos") {
            Some(Self::ExpectedStays)
        } else if name.contains("contract") || (has("line_of_business") && has("zone")) {
            Some(Self::Contracts)
        } else if name.contains("coverage") || (has("plan_id") && has("member_id")) {
            Some(Self::Coverages)
        } else if name.contains("provider") || has("npi") {
            Some(Self::Providers)
        } else if name.contains("member") || name.contains("roster") || has("member_id") {
            Some(Self::Members)
        } else {
            None
        }
    }
}

impl Desk {
    /// Imports one file. FHIR files name their payer by `payer_id`.
    ///
    /// # Errors
    /// Faults of the store; what is wrong with the file is in the report.
    pub async fn import_file(
        &self,
        tenant: &str,
        name: &str,
        bytes: &[u8],
        payer_id: &str,
        report: &mut Report,
    ) -> Result<(), StoreFault> {
        let lower = name.to_lowercase();
        let read = if lower.ends_with(".csv") {
            read_table(name, bytes)
        } else if lower.ends_with(".json") || lower.ends_with(".ndjson") {
            read_fhir(bytes, payer_id, name, report)
        } else {
            Err(Outcome::Ignored("neither CSV, JSON nor NDJSON by its name".into()))
        };
        match read {
            Ok((kinds, items)) => {
                for batch in items.chunks(BATCH) {
                    self.store.write(Write::of(tenant, batch.to_vec())).await?;
                }
                for (kind, n) in kinds {
                    *report.taken.entry(kind.to_owned()).or_default() += n;
                }
            }
            Err(Outcome::Ignored(why)) => report.ignored.push(Ignored { file: name.to_owned(), why }),
            Err(Outcome::Refused(issues)) => {
                let issues = issues.iter().map(ToString::to_string).collect();
                report.refused.push(Refused { file: name.to_owned(), issues });
            }
        }
        Ok(())
    }
}

enum Outcome {
    Ignored(String),
    Refused(Vec<Issue>),
}

type Items = (Vec<(&'static str, usize)>, Vec<WriteItem>);

fn read_table(name: &str, bytes: &[u8]) -> Result<Items, Outcome> {
    let header = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(header);
    let header = header.trim_start_matches('\u{feff}').trim();
    match Table::of(name, header) {
        None => Err(Outcome::Ignored("its columns are of no table this import knows".into())),
        Some(Table::Members) => rows("members", csv::read_members(bytes), WriteItem::Member),
        Some(Table::Coverages) => rows("coverages", csv::read_coverages(bytes), WriteItem::Coverage),
        Some(Table::Providers) => rows("providers", csv::read_providers(bytes), WriteItem::Provider),
        Some(Table::Contracts) => rows("contracts", csv::read_contracts(bytes), WriteItem::Contract),
        Some(Table::PayerTerms) => kept("payer terms", csv::read_payer_terms(bytes), records::terms_record),
        Some(Table::ExpectedStays) => kept("expected stays", csv::read_expected_stays(bytes), records::expected_record),
    }
}

fn rows<T>(
    kind: &'static str,
    read: Result<Vec<T>, Vec<Issue>>,
    item: impl Fn(T) -> WriteItem,
) -> Result<Items, Outcome> {
    let rows = read.map_err(Outcome::Refused)?;
    Ok((vec![(kind, rows.len())], rows.into_iter().map(item).collect()))
}

/// Rows that are kept as records.
fn kept<T>(
    kind: &'static str,
    read: Result<Vec<T>, Vec<Issue>>,
    item: impl Fn(&T) -> Result<WriteItem, StoreFault>,
) -> Result<Items, Outcome> {
    let rows = read.map_err(Outcome::Refused)?;
    let items: Result<Vec<WriteItem>, StoreFault> = rows.iter().map(item).collect();
    match items {
        Ok(items) => Ok((vec![(kind, rows.len())], items)),
        Err(fault) => Err(Outcome::Ignored(fault.to_string())),
    }
}

fn read_fhir(bytes: &[u8], payer_id: &str, name: &str, report: &mut Report) -> Result<Items, Outcome> {
    let read = read_directory(bytes, payer_id).map_err(Outcome::Refused)?;
    report.warnings.extend(read.warnings.iter().map(|issue| format!("{name}: {issue}")));
    let kinds =
        vec![("members", read.members.len()), ("coverages", read.coverages.len()), ("providers", read.providers.len())];
    let items = read
        .members
        .into_iter()
        .map(WriteItem::Member)
        .chain(read.coverages.into_iter().map(WriteItem::Coverage))
        .chain(read.providers.into_iter().map(WriteItem::Provider))
        .collect();
    Ok((kinds, items))
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_table_is_told_by_its_name_or_its_columns() {
        for (name, header, table) in [
            ("members.csv", "member_id,family", Some(Table::Members)),
            ("june.csv", "payer_id,member_id,plan_id,from", Some(Table::Coverages)),
            ("x.csv", "npi,name", Some(Table::Providers)),
            ("x.csv", "id,payer_id,plan_id,name,line_of_business,state,zone", Some(Table::Contracts)),
            ("x.csv", "payer_id,payer_name,line_of_business,cite", Some(Table::PayerTerms)),
            ("x.csv", "ms_drg,from,through,gmlos,table", Some(Table::ExpectedStays)),
            ("x.csv", "a,b", None),
        ] {
            assert_eq!(Table::of(name, header), table, "{name} {header}");
        }
    }
}
