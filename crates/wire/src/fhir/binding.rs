//! Codes of the data types that any resource may hold, where FHIR binds them as required: names, contact points, identifiers,
//! addresses, quantities, narratives. One walk, every fault at its place.

use super::bundle::Entries;
use crate::{
    issue::{IssueCode, Notes},
    json::{Kind, Value},
};

/// A member of a data type and the codes it may have (FHIR R4 4.0.1, value set in the comment).
type Bound = (&'static str, &'static [&'static str]);

const NAME: &[Bound] = &[("use", &["usual", "official", "temp", "nickname", "anonymous", "old", "maiden"])];
const TELECOM: &[Bound] = &[
    ("system", &["phone", "fax", "email", "pager", "url", "sms", "other"]),
    ("use", &["home", "work", "temp", "old", "mobile"]),
];
const IDENTIFIER: &[Bound] = &[("use", &["usual", "official", "temp", "secondary", "old"])];
const ADDRESS: &[Bound] =
    &[("use", &["home", "work", "temp", "old", "billing"]), ("type", &["postal", "physical", "both"])];
const QUANTITY: &[Bound] = &[("comparator", &["<", "<=", ">=", ">"])];
const NARRATIVE: &[Bound] = &[("status", &["generated", "extensions", "additional", "empty"])];

/// The data type that stands under a member name.
fn bound_under(name: &str) -> &'static [Bound] {
    match name {
        "name" => NAME,
        "telecom" => TELECOM,
        "identifier" => IDENTIFIER,
        "address" => ADDRESS,
        "text" => NARRATIVE,
        "quantity" | "valueQuantity" => QUANTITY,
        _ => &[],
    }
}

/// Notes every code of a data type that FHIR does not allow.
pub(super) fn check(entries: &Entries<'_>, notes: &mut Notes) {
    for value in entries.list.iter().flat_map(|entry| entry.resource.within()) {
        if !matches!(value.kind(), Kind::Array | Kind::Object) {
            continue;
        }
        let bound = bound_under(&value.name());
        if bound.is_empty() {
            continue;
        }
        let alone = (value.kind() == Kind::Object).then_some(value);
        for at in alone.into_iter().chain(value.items()) {
            for (name, table) in bound {
                code(at, name, table, notes);
            }
        }
    }
}

/// Notes a code that is not in the table; what is not a string is noted where it is read.
pub(super) fn code(at: Value<'_>, name: &str, table: &[&str], notes: &mut Notes) {
    let Some(found) = at.get(name) else { return };
    let Some(code) = found.text().filter(|code| !table.contains(&code.as_ref())) else { return };
    notes.error(
        IssueCode::CodeInvalid,
        found,
        format!("{name} {code:?} is not a code that FHIR allows here."),
        format!("Send one of {}.", table.join(", ")),
    );
}
