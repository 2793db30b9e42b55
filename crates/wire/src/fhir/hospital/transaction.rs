//! A hospital's transaction Bundle: each entry asks for one resource to be kept, all of them or none; the answer says what
//! became of each.

use vigil_domain::time::Zone;

use super::{
    account::Account,
    gather::{Gathering, READ, at_fault, target, word},
};
use crate::{
    fhir::write::Writer,
    issue::{Issue, IssueCode},
    json::{Json, Kind, Limits, Value},
};

/// What an entry asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryAsked {
    /// Type of its resource.
    pub kind: String,
    /// Its id: its own, or that of its full URL.
    pub id: String,
}

/// A transaction that can be taken.
#[derive(Debug)]
pub struct Transaction {
    /// Its resources.
    pub gathering: Gathering,
    /// Its entries, in order.
    pub entries: Vec<EntryAsked>,
    /// The Bundle's own identifier.
    pub identifier: Option<String>,
}

/// Reads a transaction Bundle whole.
///
/// # Errors
/// Every issue of the Bundle itself; those of its resources stand in the gathering's account.
pub fn read(body: &[u8], zone: Zone) -> Result<Transaction, Vec<Issue>> {
    let json = Json::parse(body, Limits::default()).map_err(|error| vec![Issue::from(error)])?;
    let root = json.root();
    let mut issues = Vec::new();
    if word(root, "resourceType") != "Bundle" {
        let todo = "Send one Bundle of type transaction.";
        return Err(vec![at_fault("resourceType", IssueCode::Structure, "The body is no Bundle.", todo)]);
    }
    if word(root, "type") != "transaction" {
        let todo = "Set Bundle.type to transaction.";
        issues.push(at_fault("Bundle.type", IssueCode::NotSupported, "Only a transaction is taken here.", todo));
    }
    let mut entries = Vec::new();
    for (index, entry) in root.get("entry").into_iter().flat_map(Value::items).enumerate() {
        match asked(entry, &format!("Bundle.entry[{index}]")) {
            Ok(asked) => entries.push(asked),
            Err(issue) => issues.push(issue),
        }
    }
    if entries.is_empty() && issues.is_empty() {
        let todo = "Send at least one entry.";
        issues.push(at_fault("Bundle.entry", IssueCode::Required, "The transaction has no entry.", todo));
    }
    if !issues.is_empty() {
        return Err(issues);
    }
    let identifier = root.get("identifier").map(|i| word(i, "value")).filter(|value| !value.is_empty());
    let mut gathering = Gathering::new(zone);
    gathering.read("Bundle", body);
    Ok(Transaction { gathering, entries, identifier })
}

fn asked(entry: Value<'_>, place: &str) -> Result<EntryAsked, Issue> {
    let Some(resource) = entry.get("resource").filter(|r| r.kind() == Kind::Object) else {
        let todo = "Send the resource with each entry.";
        return Err(at_fault(&format!("{place}.resource"), IssueCode::Required, "The entry has no resource.", todo));
    };
    let method = entry.get("request").map(|request| word(request, "method")).unwrap_or_default();
    if !matches!(method.as_str(), "POST" | "PUT") {
        let todo = "Send POST or PUT; what is wrong is sent again with status entered-in-error.";
        let says = format!("The entry asks for {}.", if method.is_empty() { "no method" } else { &method });
        return Err(at_fault(&format!("{place}.request.method"), IssueCode::NotSupported, &says, todo));
    }
    let own = word(resource, "id");
    let id = if own.is_empty() { target(&word(entry, "fullUrl")) } else { own };
    Ok(EntryAsked { kind: word(resource, "resourceType"), id })
}

/// The issues of what an account refused.
pub fn issues(account: &Account) -> Vec<Issue> {
    let place = |place: &str, issue: &Issue| {
        // `Bundle entry 3` and `Encounter.period` are `Bundle.entry[3].resource.period`.
        let entry = place.strip_prefix("Bundle entry ").and_then(|n| n.split(' ').next());
        let within = issue.expression.split_once('.').map_or(String::new(), |(_, rest)| format!(".{rest}"));
        entry.map_or_else(|| issue.expression.clone(), |n| format!("Bundle.entry[{n}].resource{within}"))
    };
    let refused = account.refused.iter();
    refused.flat_map(|r| r.issues.iter().map(|i| Issue { expression: place(&r.place, i), ..i.clone() })).collect()
}

/// The answer to a transaction that was taken: one entry each, and what was not used says why.
pub fn response(entries: &[EntryAsked], account: &Account) -> Vec<u8> {
    let mut w = Writer::with_capacity(64 + entries.len() * 96);
    w.open('{');
    w.text("resourceType", "Bundle");
    w.text("type", "transaction-response");
    w.array("entry", |w| {
        for entry in entries {
            w.item(|w| {
                w.object("response", |w| {
                    w.text("status", "200 OK");
                    w.text("location", &format!("{}/{}", entry.kind, entry.id));
                    let said = said(entry, account);
                    if !said.is_empty() {
                        outcome(w, &said);
                    }
                });
            });
        }
    });
    w.close('}');
    w.finish()
}

fn said(entry: &EntryAsked, account: &Account) -> Vec<String> {
    if !READ.contains(&entry.kind.as_str()) {
        return vec!["Nothing about a stay is read from this type; it was kept with the message.".to_owned()];
    }
    let reasons = account.ignored.get(&entry.kind).into_iter().flatten();
    reasons.map(|(why, count)| format!("{count} of the {} records not used: {why}.", entry.kind)).collect()
}

fn outcome(w: &mut Writer, said: &[String]) {
    w.object("outcome", |w| {
        w.text("resourceType", "OperationOutcome");
        w.array("issue", |w| {
            for text in said {
                w.item(|w| {
                    w.text("severity", "information");
                    w.text("code", "informational");
                    w.object("details", |w| w.text("text", text));
                });
            }
        });
    });
}
