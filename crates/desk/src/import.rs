//! Rosters, coverages, provider directories, contracts and requests, from CSV and FHIR files, in batches, each row accounted for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use vigil_store::{StoreFault, Write, WriteItem, digest_of};
use vigil_wire::{
    csv,
    fhir::{
        directory::read_piece,
        outcome::words_of_outcome,
        pas::Base,
        references::{BodyKind, References, kind_of},
    },
    issue::Issue,
};

use crate::{Desk, hospital::records, receive::Answered};

/// How many rows share one transaction.
const BATCH: usize = 2_000;

/// What an import came to. Every row of every file is in one of the three.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Taken, by kind: `members`, `coverages`, `providers`, `contracts`, `requests`.
    pub taken: BTreeMap<String, usize>,
    /// Files that hold nothing this import knows, with why.
    pub ignored: Vec<Ignored>,
    /// Files, lines and requests that were refused, with every issue.
    pub refused: Vec<Refused>,
    /// Remarks on files that were taken.
    pub warnings: Vec<String>,
    /// Files, or pieces of large ones, whose very bytes were taken before and were passed over.
    pub before: usize,
}

/// Remarks and refusals kept of one kind; a report of a million is no report.
const KEPT: usize = 10_000;

impl Report {
    /// Adds what another piece came to. Refusals of one file stand together.
    pub fn add(&mut self, other: Self) {
        for (kind, n) in other.taken {
            *self.taken.entry(kind).or_default() += n;
        }
        self.before += other.before;
        self.ignored.extend(other.ignored);
        self.warnings.extend(other.warnings);
        self.warnings.truncate(KEPT);
        for refused in other.refused {
            match self.refused.last_mut() {
                Some(last) if last.file == refused.file => {
                    last.issues.extend(refused.issues);
                    last.issues.truncate(KEPT);
                }
                _ => self.refused.push(refused),
            }
        }
    }
}

/// A file that was not looked into.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ignored {
    /// Its name.
    pub file: String,
    /// Why.
    pub why: String,
}

/// A file of which something was refused: a table or a Bundle whole, NDJSON line by line.
#[derive(Debug, Serialize, Deserialize)]
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

/// A file, or a piece of one, to import.
#[derive(Debug, Clone)]
pub struct Piece<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The file's name: its ending says what it is.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The line it begins at, from 1.
    pub first_line: usize,
    /// The payer that FHIR resources are about, where they do not say.
    pub payer_id: &'a str,
    /// What other files say about its references.
    pub known: &'a References,
    /// The version of the guide that requests speak.
    pub base: Base,
    /// Take it although the same bytes were taken before.
    pub again: bool,
}

/// Who requests of an import come from: the sender of their messages.
pub const SENDER: &str = "import";

impl Desk {
    /// Imports a file or a piece of one. The same bytes are not taken twice, so an import that was cut short goes on where it was
    /// when the same command is given again.
    ///
    /// # Errors
    /// Faults of the store; what is wrong with the file is in the report.
    pub async fn import_piece(&self, piece: &Piece<'_>, report: &mut Report) -> Result<(), StoreFault> {
        let mark = mark(piece);
        if !piece.again && self.store.setting(piece.tenant, &mark)?.is_some() {
            report.before += 1;
            return Ok(());
        }
        let refused = report.refused.len();
        let lower = piece.name.to_lowercase();
        let read = if lower.ends_with(".csv") {
            read_table(piece.name, piece.bytes)
        } else if lower.ends_with(".ndjson") {
            self.read_lines(piece, report).await?
        } else if lower.ends_with(".json") {
            match kind_of(piece.bytes) {
                BodyKind::Request => {
                    self.requests(piece, vec![(None, piece.bytes.to_vec())], report).await?;
                    Ok(Items::default())
                }
                BodyKind::Resources | BodyKind::Other => read_fhir(piece, piece.bytes, report),
            }
        } else {
            Err(Outcome::Ignored("neither CSV, JSON nor NDJSON by its name".into()))
        };
        match read {
            Ok((kinds, items)) => self.keep(piece, kinds, items, report).await?,
            Err(Outcome::Ignored(why)) => report.ignored.push(Ignored { file: piece.name.to_owned(), why }),
            Err(Outcome::Refused(issues)) => {
                let issues = issues.iter().map(ToString::to_string).collect();
                report.refused.push(Refused { file: piece.name.to_owned(), issues });
            }
        }
        // What was refused is looked at again the next time; what was taken whole is not.
        if report.refused.len() == refused {
            let value = self.time.now().to_string();
            self.store.write(Write::of(piece.tenant, vec![WriteItem::Setting { name: mark, value }])).await?;
        }
        Ok(())
    }

    async fn keep(
        &self,
        piece: &Piece<'_>,
        kinds: Vec<(&'static str, usize)>,
        items: Vec<WriteItem>,
        report: &mut Report,
    ) -> Result<(), StoreFault> {
        for batch in items.chunks(BATCH) {
            self.store.write(Write::of(piece.tenant, batch.to_vec())).await?;
        }
        for (kind, n) in kinds.into_iter().filter(|(_, n)| *n > 0) {
            *report.taken.entry(kind.to_owned()).or_default() += n;
        }
        Ok(())
    }

    /// Lines that are requests are judged; the others are rows of a roster or a directory.
    async fn read_lines(&self, piece: &Piece<'_>, report: &mut Report) -> Result<Result<Items, Outcome>, StoreFault> {
        let mut requests = Vec::new();
        for (at, line) in piece.bytes.split(|byte| *byte == b'\n').enumerate() {
            if kind_of(line) == BodyKind::Request {
                requests.push((Some(piece.first_line + at), line.to_vec()));
            }
        }
        if requests.is_empty() {
            return Ok(read_fhir(piece, piece.bytes, report));
        }
        let taken: Vec<usize> = requests.iter().filter_map(|(line, _)| *line).collect();
        self.requests(piece, requests, report).await?;
        let mut rest = Vec::with_capacity(1024);
        for (at, line) in piece.bytes.split(|byte| *byte == b'\n').enumerate() {
            if taken.binary_search(&(piece.first_line + at)).is_err() {
                rest.extend_from_slice(line);
            }
            rest.push(b'\n');
        }
        if rest.iter().all(u8::is_ascii_whitespace) {
            return Ok(Ok(Items::default()));
        }
        Ok(read_fhir(piece, &rest, report))
    }

    /// Judges requests, some at a time, so that they share the disk's transactions.
    async fn requests(
        &self,
        piece: &Piece<'_>,
        requests: Vec<(Option<usize>, Vec<u8>)>,
        report: &mut Report,
    ) -> Result<(), StoreFault> {
        let mut rest = requests.into_iter();
        loop {
            let mut judging = JoinSet::new();
            for (line, body) in rest.by_ref().take(TOGETHER) {
                let (desk, tenant, base) = (self.clone(), piece.tenant.to_owned(), piece.base);
                judging.spawn(async move {
                    let at = desk.time.now();
                    (line, desk.submit(&tenant, base, SENDER, at, body).await)
                });
            }
            if judging.is_empty() {
                return Ok(());
            }
            let mut answers = judging.join_all().await;
            answers.sort_by_key(|(line, _)| *line);
            for (line, answered) in answers {
                self.account_for(piece, line, &answered?, report);
            }
        }
    }

    /// Each request is taken, or refused with why.
    fn account_for(&self, piece: &Piece<'_>, line: Option<usize>, answered: &Answered, report: &mut Report) {
        if answered.status < 400 && answered.case.is_some() {
            *report.taken.entry("requests".to_owned()).or_default() += 1;
            return;
        }
        let at = line.map_or(String::new(), |line| format!("line {line}: "));
        let mut why = words_of_outcome(&answered.body);
        if why.is_empty() {
            why.push("it was answered with a business error: member, coverage or plan are not known here".to_owned());
        }
        let issues = why.into_iter().map(|why| format!("{at}{why}")).collect();
        report.refused.push(Refused { file: piece.name.to_owned(), issues });
    }
}

/// Requests judged at the same time.
const TOGETHER: usize = 64;

/// The setting that says that these bytes were taken as this.
fn mark(piece: &Piece<'_>) -> String {
    let what = [piece.payer_id, piece.base.version(), piece.name.rsplit('.').next().unwrap_or_default()].join("|");
    format!("imported/{}", digest_of(&[digest_of(piece.bytes).as_bytes(), what.as_bytes()].concat()))
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

fn read_fhir(piece: &Piece<'_>, bytes: &[u8], report: &mut Report) -> Result<Items, Outcome> {
    let read = read_piece(bytes, piece.payer_id, piece.first_line, piece.known).map_err(Outcome::Refused)?;
    report.warnings.extend(read.warnings.iter().map(|issue| format!("{}: {issue}", piece.name)));
    if !read.refused.is_empty() {
        let issues = read.refused.iter().map(ToString::to_string).collect();
        report.refused.push(Refused { file: piece.name.to_owned(), issues });
    }
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
