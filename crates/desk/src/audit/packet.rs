//! The audit packet: one case with its events and their hashes, the messages, documents and notices, the texts it pinned, and
//! who looked at it, in one archive that says how to check itself.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};
use vigil_domain::{
    case::{Case, Clock, LineState},
    determination::{Approver, Outcome},
    time::{Moment, Zone},
};
use vigil_store::{StoredEvent, SubjectKey, digest_of};

use super::zip::Zip;
use crate::{
    Desk,
    act::{ActError, History},
    ids::hex,
};

/// Rows of the trail in a packet.
const TRAIL: usize = 100_000;

/// A finished packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The name of the archive.
    pub name: String,
    /// The archive.
    pub bytes: Vec<u8>,
    /// Files in it.
    pub files: usize,
}

/// The files gathered so far, with their digests.
#[derive(Default)]
struct Files {
    zip: Zip,
    list: Vec<(String, String)>,
}

impl Files {
    fn add(&mut self, name: impl Into<String>, content: &[u8]) {
        let name = name.into();
        self.zip.add(&name, content);
        self.list.push((name, digest_of(content)));
    }

    fn add_json(&mut self, name: &str, content: &Value) {
        self.add(name, serde_json::to_string_pretty(content).unwrap_or_default().as_bytes());
    }
}

impl Desk {
    /// Everything behind one case, in one archive.
    ///
    /// # Errors
    /// No such case, a damaged log, faults.
    pub fn audit_packet(&self, tenant: &str, case: &str) -> Result<Packet, ActError> {
        let subject = SubjectKey::case(case);
        let history = self.history(tenant, case)?.ok_or_else(|| ActError::Unknown(case.to_owned()))?;
        let stored = self.store.load(tenant, &subject)?;
        let mut files = Files::default();
        files.add("summary.txt", summary(&history).as_bytes());
        files.add("events.jsonl", events(&stored).as_bytes());
        files.add_json("case.json", &record(&history.case));
        self.messages(tenant, &subject, &mut files)?;
        self.documents(tenant, &history.case, &mut files)?;
        self.pinned(tenant, &history.case, &mut files)?;
        let trail = self.store.trail(tenant, &subject, None, TRAIL)?;
        let mut rows = String::from("number,at,actor,action,detail\n");
        for note in trail.iter().rev() {
            let _ = writeln!(rows, "{},{},{},{},{}", note.number, note.at, note.actor, note.action, cell(&note.detail));
        }
        files.add("trail.csv", rows.as_bytes());
        let head = stored.last().map(|event| hex(&event.hash)).unwrap_or_default();
        files.add("README.txt", readme(case, tenant, &head, self.time.now()).as_bytes());
        let list: String = files.list.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
        files.zip.add("SHA256SUMS", list.as_bytes());
        Ok(Packet { name: format!("{case}-packet.zip"), files: files.list.len() + 1, bytes: files.zip.finish() })
    }

    /// The messages that wrote to the case, as received and as answered.
    fn messages(&self, tenant: &str, subject: &SubjectKey, files: &mut Files) -> Result<(), ActError> {
        for (place, note) in self.store.messages_of(tenant, subject)?.into_iter().enumerate() {
            let Some(kept) = self.store.message(tenant, &note.key)? else { continue };
            let operation = note.operation.split(' ').next().unwrap_or_default();
            let name = format!("messages/{:02}-{operation}", place + 1);
            files.add(format!("{name}-request.json"), &kept.message.request);
            files.add(format!("{name}-response.json"), &kept.message.response);
            files.add_json(
                &format!("{name}.json"),
                &json!({"received_at": note.received_at.to_string(), "sender": note.sender, "base": note.base,
                        "operation": note.operation, "status": note.status, "key": hex(&note.key)}),
            );
        }
        Ok(())
    }

    /// Evidence and notices, by digest.
    fn documents(&self, tenant: &str, case: &Case, files: &mut Files) -> Result<(), ActError> {
        let evidence = case.request.documents.iter().filter_map(|d| d.digest.clone()).map(|d| ("evidence", d));
        let notices = case.notices.iter().filter_map(|n| n.composed.as_ref()).map(|c| ("notices", c.document.clone()));
        for (folder, digest) in evidence.chain(notices).collect::<BTreeSet<_>>() {
            let Some(document) = self.store.document(tenant, &digest)? else { continue };
            let ending = match document.media_type.split(';').next().unwrap_or("").trim() {
                "application/pdf" => "pdf",
                "image/png" => "png",
                "image/jpeg" => "jpg",
                "text/plain" => "txt",
                _ => "bin",
            };
            files.add(format!("{folder}/{digest}.{ending}"), &document.bytes);
        }
        Ok(())
    }

    /// The texts of rules, criteria and templates as the case pinned them.
    fn pinned(&self, tenant: &str, case: &Case, files: &mut Files) -> Result<(), ActError> {
        let rules = case.clocks.iter().map(|clock| clock.pin.digest.clone());
        let packs = case.lines.iter().filter_map(|line| line.evaluation.as_ref()).map(|found| found.pack.clone());
        let templates = case.notices.iter().filter_map(|n| n.composed.as_ref()).map(|c| c.template_digest.clone());
        for digest in rules.chain(packs).chain(templates).collect::<BTreeSet<_>>() {
            let text =
                self.store.pin(tenant, &digest)?.or_else(|| self.library.text_of(&digest).map(|t| t.to_string()));
            if let Some(text) = text {
                files.add(format!("pinned/{digest}.json"), text.as_bytes());
            }
        }
        Ok(())
    }
}

/// One line an event: its header, its exact body, its hash and the hash before it.
fn events(stored: &[StoredEvent]) -> String {
    let mut previous = hex(&[0; 32]);
    let mut lines = String::new();
    for event in stored {
        let hash = hex(&event.hash);
        let line = json!({
            "version": event.version, "kind": event.kind, "form": event.form,
            "occurred_at": event.occurred_at.to_string(), "recorded_at": event.recorded_at.to_string(),
            "actor": event.actor, "previous_hash": previous, "hash": hash,
            "body": String::from_utf8_lossy(&event.body),
        });
        let _ = writeln!(lines, "{line}");
        previous = hash;
    }
    lines
}

/// The case as data: what was asked, judged and decided, by whom, under which clock.
fn record(case: &Case) -> Value {
    let zone = &case.contract.zone;
    let clock = |c: &Clock| {
        json!({"watches": c.watches.word(), "rule": c.pin.rule, "cite": c.pin.cite, "digest": c.pin.digest,
               "started_at": local(c.started_at, zone), "due_at": local(c.due_at, zone),
               "satisfied_at": c.satisfied_at.map(|at| local(at, zone)), "lapsed": c.lapsed.is_some(),
               "extension_days": c.extension.as_ref().map(|e| e.0)})
    };
    let line = |l: &LineState| {
        json!({"sequence": l.line.sequence, "service": l.line.service.value, "title": l.line.title(),
               "requirement": l.requirement.as_ref().map(|r| json!({"answer": r.answer, "cite": r.cite})),
               "criteria": l.evaluation.as_ref().map(|e| json!({"service": e.service, "version": e.version,
                           "digest": e.pack, "at": local(e.at, zone), "trace": e.trace})),
               "outcome": l.outcome, "decided_at": l.decided_at.map(|at| local(at, zone))})
    };
    let notice = |n: &vigil_domain::case::NoticeState| {
        let deliveries: Vec<Value> = n
            .deliveries
            .iter()
            .map(|(at, d)| {
                json!({"at": local(*at, zone), "channel": d.channel, "recipient": d.recipient, "proof": d.proof,
                       "succeeded": d.succeeded})
            })
            .collect();
        json!({"notice": n.id, "to": n.to.word(), "required_at": local(n.required_at, zone),
               "template": n.composed.as_ref().map(|c| c.template.clone()),
               "document": n.composed.as_ref().map(|c| c.document.clone()), "deliveries": deliveries})
    };
    json!({
        "case": case.id, "authorization": case.authorization, "contract": case.contract.id, "zone": zone.name(),
        "line_of_business": case.contract.line_of_business.word(), "urgency": case.urgency.word(),
        "member": case.member.member_id, "library": case.library,
        "receipt": case.request.receipt, "outcome": case.outcome_word(),
        "lines": case.lines.iter().map(line).collect::<Vec<_>>(),
        "clocks": case.clocks.iter().map(clock).collect::<Vec<_>>(),
        "notices": case.notices.iter().map(notice).collect::<Vec<_>>(),
        "evidence_opened": case.opened.iter().map(|(who, o)| json!({"person": who, "evidence": o.evidence,
                           "at": local(o.at, zone)})).collect::<Vec<_>>(),
    })
}

/// A moment as the zone's clocks showed it, with its offset.
fn local(at: Moment, zone: &Zone) -> String {
    at.to_zoned(zone.tz().clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// The first page: what an auditor asks first, in words.
fn summary(history: &History) -> String {
    let case = &history.case;
    let zone = &case.contract.zone;
    let mut out = String::new();
    let mut say = |label: &str, words: &str| {
        let _ = writeln!(out, "{label:<22}{words}");
    };
    say("Case", &case.id);
    say(
        "Contract",
        &format!("{} {}, {}", case.contract.id, case.contract.name, case.contract.line_of_business.title()),
    );
    say("Member", &format!("{}, number {}", case.member.name.listed(), case.member.member_id));
    say("Received", &format!("{} ({})", local(case.request.receipt.received_at, zone), case.request.receipt.proof));
    say("Processed as", case.urgency.word());
    say("Outcome", case.outcome_word().unwrap_or("open"));
    for line in &case.lines {
        say(&format!("Line {}", line.line.sequence), &line.line.title());
        if let Some(found) = &line.evaluation {
            say("  criteria", &format!("{} {} (digest {})", found.service, found.version, found.pack));
        }
        if let Some(outcome) = &line.outcome {
            let at = line.decided_at.map(|at| local(at, zone)).unwrap_or_default();
            say("  answer", &format!("{}, {at}", outcome.title()));
            say("  decided by", &decided_by(outcome));
        }
    }
    for clock in &case.clocks {
        let met = match (clock.satisfied_at, &clock.ended) {
            (Some(at), _) => format!("met {}", local(at, zone)),
            (None, Some((_, why))) => format!("ended: {why}"),
            (None, None) => "open".to_owned(),
        };
        let late = if clock.lapsed.is_some() { ", LAPSED before it was met" } else { "" };
        let due = local(clock.due_at, zone);
        let words = format!("{} ({}), due {due}, {met}{late}", clock.pin.rule, clock.pin.cite);
        say(&format!("Clock, {}", clock.watches.word()), &words);
    }
    for notice in &case.notices {
        for (at, delivery) in &notice.deliveries {
            let result = if delivery.succeeded { "reached" } else { "did not reach" };
            let words = format!(
                "{result} the {} by {}, {}, {}",
                delivery.recipient,
                delivery.channel,
                local(*at, zone),
                delivery.proof
            );
            say(&format!("Notice {}", notice.id), &words);
        }
    }
    let _ = writeln!(out, "\nWhat happened, in order:");
    for event in &history.events {
        let _ = writeln!(
            out,
            "{:>4}  {}  {:<24} {}",
            event.version,
            local(event.at, zone),
            event.event.kind(),
            event.actor
        );
    }
    out
}

/// Who answered a line, and on what credential.
fn decided_by(outcome: &Outcome) -> String {
    if let Some(adverse) = outcome.adverse() {
        let by = adverse.reviewer();
        return format!("{}, {}, {} ({})", by.name, by.licence, by.specialty, by.rules.join("; "));
    }
    match outcome {
        Outcome::Approved { by: Approver::Automation { service, pack }, .. } => {
            format!("automation, criteria {service} (digest {pack})")
        }
        Outcome::Approved { by: Approver::Person { name, .. }, .. } => name.clone(),
        Outcome::Approved { by: Approver::OperationOfLaw { cite, confirmed_by, .. }, .. } => {
            format!("operation of law ({cite}), confirmed by {confirmed_by}")
        }
        Outcome::AdministrativeAdverse { name, basis, .. } => format!("{name}, administrative: {basis}"),
        Outcome::NoReviewRequired { cite, .. } => format!("no review is required ({cite})"),
        Outcome::Dismissed { person, .. } | Outcome::Void { person, .. } => person.clone(),
        Outcome::Withdrawn { by, .. } | Outcome::Cancelled { by } => by.clone(),
        _ => String::new(),
    }
}

/// A cell of a table, quoted where it must be.
fn cell(text: &str) -> String {
    super::universe::cell(text)
}

fn readme(case: &str, tenant: &str, head: &str, now: Moment) -> String {
    format!(
        "Audit packet of case {case}, tenant {tenant}, made {now}.

summary.txt    the case on one page
case.json      the same as data: criteria with their trace, clocks, decisions, reviewer's licence, notices
events.jsonl   every event as the log holds it, with its hash
messages/      what was received and what was answered, byte for byte
evidence/      the documents that came with the request, named by SHA-256
notices/       the letters as sent, named by SHA-256
pinned/        the rules, criteria and letter templates that applied, named by digest
trail.csv      who looked at the case
SHA256SUMS     check with: sha256sum -c SHA256SUMS

The chain: each event's hash is SHA-256 over length-prefixed fields (8 bytes, big-endian length, then the bytes; numbers are
8 bytes big-endian alone): \"vigil-event-1\", the previous hash (32 zero bytes for the first), tenant, \"case\", case number,
version (number), kind, form, occurred_at and recorded_at in microseconds since 1970 (numbers), actor, body. The last hash
must be {head}, and `vigil verify` on the data directory must find the same log sound.
"
    )
}
