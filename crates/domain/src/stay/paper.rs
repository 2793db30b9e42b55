//! What stands on a notice's form: what the record gives, what a person wrote, what happened at delivery. Never more.

use std::collections::BTreeMap;

use super::{
    Stay,
    facility::QualityOrganization,
    notice::{NoticeKind, NoticeState, Receipt},
    review::Escalation,
};
use crate::time::Moment;

/// Identifier types that are no patient number of the hospital: Medicare, Medicaid and social security numbers.
const NOT_OURS: [&str; 4] = ["MC", "MA", "SS", "MB"];

/// Values by field of the form. A field without a value is not in it.
pub fn values(
    stay: &Stay,
    notice: &NoticeState,
    organization: Option<&QualityOrganization>,
) -> BTreeMap<String, String> {
    let mut values = Values { stay, all: BTreeMap::new() };
    values.record(notice, organization);
    if let Some((_, _, written)) = &notice.prepared {
        for (field, value) in written {
            values.put(field, value.clone());
        }
    }
    values.delivery(notice);
    values.all
}

struct Values<'a> {
    stay: &'a Stay,
    all: BTreeMap<String, String>,
}

impl Values<'_> {
    fn put(&mut self, field: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.trim().is_empty() {
            self.all.insert(field.to_owned(), value);
        }
    }

    fn time(&self, at: Moment) -> String {
        self.stay.zone().at(at).strftime("%b %-d, %Y, %-I:%M %p %Z").to_string()
    }

    fn day(&self, at: Moment) -> String {
        self.stay.day(at).strftime("%b %-d, %Y").to_string()
    }

    fn record(&mut self, notice: &NoticeState, organization: Option<&QualityOrganization>) {
        let stay = self.stay;
        self.put("patient_name", stay.track.patient.name.listed());
        if let Some(number) = patient_number(stay) {
            self.put("patient_number", number);
        }
        if let Some(at) = stay.admitted_at() {
            self.put("admitted_on", self.day(at));
        }
        if let Some(at) = stay.observed_at() {
            self.put("assigned_at", self.time(at));
        }
        if let Some(at) = stay.changed_at() {
            self.put("status_changed_at", self.time(at));
        }
        if let Some(part_b) = stay.primary().and_then(|held| held.part_b) {
            self.put("part_b", if part_b { "yes" } else { "no" });
        }
        if let Some(organization) = organization {
            self.put("qio_name", organization.name.clone());
            self.put("qio_phone", organization.phone.clone());
        }
        if let Some(before) = notice.before {
            let field = match notice.kind {
                NoticeKind::Hinn1 => "charges_from",
                NoticeKind::Hinn10 => "referred_on",
                NoticeKind::Hinn12 => "from",
                _ => "",
            };
            if !field.is_empty() {
                self.put(field, self.day(before));
            }
        }
        if matches!(notice.kind, NoticeKind::CommitteeDetermination | NoticeKind::CommitteeToAttending) {
            self.determination(notice);
        }
        for (kind, field) in
            [(NoticeKind::ImportantMessage, "first_copy_at"), (NoticeKind::ImportantMessageFollowUp, "follow_up_at")]
        {
            let given = stay.notice(&kind).and_then(|n| n.delivered.as_ref());
            if let (NoticeKind::ImportantMessage | NoticeKind::ImportantMessageFollowUp, Some((_, delivery))) =
                (&notice.kind, given)
            {
                self.put(field, self.time(delivery.at));
            }
        }
    }

    fn determination(&mut self, notice: &NoticeState) {
        let Some((escalation, at)) = determination(self.stay, notice) else { return };
        self.put("determined_at", self.time(at));
        let members: Vec<&str> = escalation.committee.iter().map(|(_, _, name, _)| name.as_str()).collect();
        self.put("determined_by", members.join(", "));
        let needed = escalation.committee.iter().any(|(.., necessary)| *necessary);
        self.put(
            "determination",
            if needed { "Inpatient care is necessary" } else { "Inpatient care is not necessary" },
        );
        if let Some((_, view, name)) = &escalation.attending {
            self.put("attending_view", format!("{name}: {}", view.word().replace('_', " ")));
        }
        let attending = self.stay.attending_at(at);
        self.put("attending", attending);
    }

    fn delivery(&mut self, notice: &NoticeState) {
        let Some((_, delivery)) = &notice.delivered else { return };
        let at = self.time(delivery.at);
        if delivery.explained {
            self.put("oral_explanation_at", at.clone());
            self.put("oral_at", at.clone());
        }
        match delivery.receipt {
            Receipt::Signed => {
                self.put("signature", delivery.signer.clone());
                self.put("signed_at", at.clone());
            }
            Receipt::Refused => {
                self.put("refusal_staff_name", delivery.signer.clone());
                self.put("refusal_at", at.clone());
                self.put("signature", format!("Refused to sign; certified by {}", delivery.signer));
                self.put("signed_at", at.clone());
            }
            Receipt::Telephone => {
                self.put("signature", format!("{} told by telephone by {}; mailed", delivery.to, delivery.signer));
                self.put("signed_at", at.clone());
            }
            Receipt::CertifiedMail => {
                self.put("signature", format!("Certified mail to {}, sent by {}", delivery.to, delivery.signer));
                self.put("signed_at", at.clone());
            }
            _ => {}
        }
        match notice.kind {
            NoticeKind::ImportantMessage => self.put("first_copy_at", at),
            NoticeKind::ImportantMessageFollowUp => self.put("follow_up_at", at),
            _ => {}
        }
    }
}

/// The committee's determination that a notice tells of, and when it was made: the last one before the notice became owed.
pub(super) fn determination<'s>(stay: &'s Stay, notice: &NoticeState) -> Option<(&'s Escalation, Moment)> {
    let told = |e: &&Escalation| e.committee.iter().any(|(at, ..)| *at <= notice.owed_at);
    let escalation = stay.escalations.iter().rev().find(told)?;
    Some((escalation, escalation.committee.iter().map(|(at, ..)| *at).max()?))
}

/// The patient's number at the hospital; never a Medicare, Medicaid or social security number.
fn patient_number(stay: &Stay) -> Option<String> {
    let insured = |value: &str| stay.held.iter().any(|held| held.member_id == value);
    let ours = |id: &&super::news::Identifier| !NOT_OURS.contains(&id.kind.as_str()) && !insured(&id.value);
    let patient = stay.track.patient.id.iter().chain(&stay.track.patient.identifiers).find(ours);
    patient.or_else(|| stay.track.visit.number.iter().find(ours)).map(|id| id.value.clone())
}
