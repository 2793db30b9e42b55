//! The inpatient-only list as CMS publishes it: an addendum as CSV, with a title above its header. The codes are taken and
//! nothing else: the addendum carries descriptors that may not be kept.

use crate::issue::{IssueCode, Notes, Read, Severity};

/// What an addendum holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// The codes, in order, each once.
    pub codes: Vec<String>,
    /// Rows passed over because their status indicator is not that of inpatient procedures.
    pub passed_over: usize,
}

/// Status indicator of inpatient procedures.
const INPATIENT: &str = "C";

/// Reads an addendum. The header is the first row with a column of HCPCS codes; when it has a status indicator, only
/// rows with `C` are taken. Every row that is not a code is said with its line.
pub fn read_inpatient_only(bytes: &[u8]) -> Read<Addendum> {
    let mut notes = Notes::default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        ::csv::ReaderBuilder::new().flexible(true).has_headers(false).trim(::csv::Trim::All).from_reader(bytes);
    let mut columns: Option<(usize, Option<usize>)> = None;
    let mut found = Addendum { codes: Vec::new(), passed_over: 0 };
    for record in reader.byte_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                notes.add(super::unreadable(&error));
                continue;
            }
        };
        let line = record.position().map_or(0, ::csv::Position::line);
        // Descriptors may come in an old code page; the columns that are read are ASCII in every one.
        let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        let Some((code_at, status_at)) = columns else {
            columns = header(&cells);
            continue;
        };
        let code = cells.get(code_at).map_or("", String::as_str);
        if code.is_empty() {
            continue;
        }
        let status = status_at.and_then(|at| cells.get(at)).map_or(INPATIENT, String::as_str);
        if status != INPATIENT {
            found.passed_over += 1;
        } else if code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
            if !found.codes.iter().any(|have| have == code) {
                found.codes.push(code.to_owned());
            }
        } else {
            notes.note(
                Severity::Error,
                IssueCode::Value,
                format!("line {line}"),
                format!("{code:?} is not a HCPCS code."),
                "Leave only rows of codes below the header.",
            );
        }
    }
    if columns.is_none() || found.codes.is_empty() {
        notes.note(
            Severity::Error,
            IssueCode::Required,
            "header".to_owned(),
            "No row names a column of HCPCS codes with inpatient procedures below it.".to_owned(),
            "Give the addendum as CSV with its header row.",
        );
    }
    notes.finish(Some(found)).map(|(found, _)| found)
}

/// Places of the code and of the status indicator.
fn header(cells: &[String]) -> Option<(usize, Option<usize>)> {
    let lower: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
    let code = lower.iter().position(|cell| {
        let words: Vec<&str> = cell.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        matches!(words.as_slice(), ["hcpcs"] | ["hcpcs", "code"] | ["cpt", "hcpcs"] | ["cpt", "code"] | ["code"])
            || matches!(words.as_slice(), ["cpt", "hcpcs", "code"] | ["hcpcs", "cpt", "code"])
    })?;
    let status = lower.iter().position(|cell| matches!(cell.as_str(), "si" | "status indicator" | "status"));
    Some((code, status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_taken_and_nothing_else() {
        let text = "Addendum E (made up),,,\n,,,\nHCPCS Code,Short Descriptor,SI,CI\nX0001,\"Removal, of a thing\",C,\n\
                    X0002,Another,T,CH\nX0001,Said twice,C,\n99X99,Third,C,\n";
        let found = read_inpatient_only(text.as_bytes()).unwrap();
        assert_eq!(found, Addendum { codes: vec!["X0001".into(), "99X99".into()], passed_over: 1 });
    }

    #[test]
    fn an_addendum_without_indicators_is_all_inpatient() {
        let found = read_inpatient_only(b"\xef\xbb\xbfCPT/HCPCS,Long Descriptor\nX0001,Caf\xe9\n").unwrap();
        assert_eq!(found.codes, ["X0001"]);
    }

    #[test]
    fn what_is_no_code_is_said_with_its_line() {
        let issues = read_inpatient_only(b"HCPCS,SI\nX0001,C\nTotal: 1,C\n").unwrap_err();
        assert_eq!(issues.len(), 1);
        assert!(issues[0].expression.contains("line 3"), "{issues:?}");
        assert!(read_inpatient_only(b"Nothing,here\n1,2\n").is_err());
    }
}
