//! Notices to patients: owed, delivered by whom and how, refused, told by telephone.

use std::collections::BTreeMap;

use super::{Draft, must_be_listed, must_say, refuse, status};
use crate::{
    stay::{
        command::Command,
        event::Event,
        notice::{NoticeDelivery, NoticeKind, NoticeState, Receipt},
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

pub(super) const APPEAL: &str = "42 CFR 405.1206; 42 CFR 422.622";

/// A notice becomes owed.
pub(super) fn owe(draft: &mut Draft<'_>, kind: NoticeKind, why: String, cite: String) -> Result<(), Refused> {
    owe_before(draft, kind, why, cite, None)
}

fn owe_before(
    draft: &mut Draft<'_>,
    kind: NoticeKind,
    why: String,
    cite: String,
    before: Option<Moment>,
) -> Result<(), Refused> {
    let notice = draft.stay().notices.iter().map(|n| n.id).max().unwrap_or(0) + 1;
    draft.emit(Event::NoticeOwed { notice, kind, why, cite, before })
}

pub(super) fn act(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::RequireNotice { kind, why, before, .. } => require(draft, kind, why, before),
        Command::PrepareNotice { by, notice, fields } => prepare(draft, by.person, notice, fields),
        Command::DeliverNotice { by, notice, delivery } => {
            let known = open(draft, notice)?;
            must_be_listed("notice.receipt", delivery.receipt.is_known(), delivery.receipt.word(), "kind of receipt")?;
            draft.must_not_be_ahead(delivery.at)?;
            let mut refusals = faults(&known, &delivery);
            refusals.extend(too_early(draft, &known, delivery.at));
            if !refusals.is_empty() {
                return Err(refusals);
            }
            draft.emit(Event::NoticeDelivered { notice, delivery, person: by.person })
        }
        Command::EndNotice { notice, why, .. } => {
            let known = open(draft, notice)?;
            must_say("notice.why", &why, "Why it is no longer owed")?;
            stays_owed(&known)?;
            draft.emit(Event::NoticeEnded { notice, why })
        }
        _ => Ok(()),
    }
}

fn open(draft: &Draft<'_>, notice: u32) -> Result<NoticeState, Refused> {
    match draft.stay().notices.iter().find(|n| n.id == notice && n.is_open()) {
        Some(known) => Ok(known.clone()),
        None => refuse(Refusal::house("notice.closed", "This notice is not open.", "Reload the stay.")),
    }
}

/// Only notices that a person's judgement makes owed are asked for; the others follow from the stay.
fn require(draft: &mut Draft<'_>, kind: NoticeKind, why: String, before: Option<Moment>) -> Result<(), Refused> {
    must_say("notice.why", &why, "Why it is owed")?;
    if kind.noncoverage().is_none() {
        return refuse(Refusal::house(
            "notice.follows",
            "This notice becomes owed by itself from orders, coverage and time.",
            "Look at the facts it follows from.",
        ));
    }
    if !draft.stay().is_original_medicare() {
        return refuse(Refusal::law(
            "notice.hinn-ffs",
            "Medicare Claims Processing Manual, ch. 30, section 240 (from knowledge, verify)",
            "Hospital-issued notices of noncoverage are for Original Medicare.",
            "For a Medicare Advantage enrollee ask the plan for an organization determination.",
        ));
    }
    if kind == NoticeKind::Hinn12 && draft.stay().liability_held() {
        return refuse(Refusal::law(
            "notice.liability-held",
            APPEAL,
            "A timely appeal of discharge runs; the patient is not liable while it does.",
            "Wait for the decision; liability begins at noon of the day after it.",
        ));
    }
    if before.is_none() {
        return refuse(Refusal::house(
            "notice.before",
            "Its window ends with an event, and nobody said when that is.",
            "Enter the admission, the request to the organization, the service, or the start of liability.",
        ));
    }
    let cite = "Medicare Claims Processing Manual, ch. 30, section 240 (from knowledge, verify)".to_owned();
    owe_before(draft, kind, why, cite, before)
}

/// Only fields that the form has and that are not filled by hand at delivery are written.
fn prepare(
    draft: &mut Draft<'_>,
    person: String,
    notice: u32,
    mut fields: BTreeMap<String, String>,
) -> Result<(), Refused> {
    let known = open(draft, notice)?;
    fields.retain(|_, value| !value.trim().is_empty());
    let template = known.kind.template().and_then(|id| draft.books.notices.get(id));
    let form = template.and_then(|template| template.form.as_ref());
    let written =
        |id: &String| form.is_some_and(|form| form.fields.iter().any(|field| field.id == *id && !field.at_delivery));
    if let Some(unknown) = fields.keys().find(|id| !written(id)) {
        return refuse(Refusal::house(
            "notice.field",
            format!("{unknown} is no field that is written before delivery on the form of this notice."),
            "Write the fields that the form has.",
        ));
    }
    if known.prepared.as_ref().is_some_and(|(.., before)| *before == fields) {
        return Ok(());
    }
    draft.emit(Event::NoticePrepared { notice, fields, person })
}

/// What was handed over before the window opened is not this notice: observation had not begun, discharge was not near.
fn too_early(draft: &Draft<'_>, known: &NoticeState, at: Moment) -> Option<Refusal> {
    let asked = status::ask(draft.stay(), draft.books, draft.now);
    // People write minutes: within the minute in which it opens is not before.
    let before = |opens: &Moment| at.as_second() + 59 < opens.as_second();
    let opens = status::opens_at(draft, &asked, known).filter(before)?;
    let opens = draft.stay().zone().at(opens).strftime("%b %-d, %Y, %-I:%M %p %Z");
    Some(Refusal::law(
        "notice.early",
        known.cite.clone(),
        format!("This notice counts from {opens}; the time given lies before it."),
        "Enter when it was given; one that was given earlier is given again.",
    ))
}

/// A notice that follows from the stay is owed as long as its facts hold: nobody's word ends it.
fn stays_owed(known: &NoticeState) -> Result<(), Refused> {
    if !known.kind.follows() {
        return Ok(());
    }
    refuse(Refusal::law(
        "notice.owed",
        known.cite.clone(),
        "This notice is owed as long as the facts hold that it follows from; it ends by itself when they do not.",
        "Record its delivery, a refusal, or the call or certified mail to the representative; a late one is recorded as late. \
         If a fact is wrong, correct the fact.",
    ))
}

fn faults(known: &NoticeState, delivery: &NoticeDelivery) -> Refused {
    let mut refusals = Vec::new();
    let mut no = |rule: &str, says: &str, instead: &str| {
        refusals.push(Refusal::law(rule, known.cite.clone(), says, instead));
    };
    let aloud = matches!(known.kind, NoticeKind::Moon | NoticeKind::ChangeOfStatus | NoticeKind::NewYorkObservation);
    if aloud && !delivery.explained {
        no(
            "notice.oral",
            "This notice is explained aloud.",
            "Explain it, answer questions, and record that it was done.",
        );
    }
    if !delivery.paper_copy && delivery.receipt != Receipt::Telephone {
        no("notice.paper", "A paper copy is given whatever the method.", "Give the copy and record it.");
    }
    if delivery.signer.trim().is_empty() && delivery.receipt != Receipt::Handed {
        no(
            "notice.signer",
            "Who signed, or who certifies the refusal or the call, is missing.",
            "Enter the name; for a refusal the staff member's name and title.",
        );
    }
    if known.kind.is_signed() && delivery.receipt == Receipt::Handed {
        no(
            "notice.signature",
            "This notice is signed, or its refusal is annotated.",
            "Take the signature, or record the refusal with the staff member who certifies it.",
        );
    }
    let afar = matches!(delivery.receipt, Receipt::Telephone | Receipt::CertifiedMail);
    if afar && delivery.to == "patient" {
        no(
            "notice.representative",
            "A call or certified mail reaches the representative, not the patient in the house.",
            "Name the representative and the standing.",
        );
    }
    refusals
}
