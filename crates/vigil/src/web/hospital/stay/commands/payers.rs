//! From posted forms to commands about payers: what they are told and asked, what they answer, and the coverage itself.

use vigil_domain::{
    party::LineOfBusiness,
    stay::{
        command::{Actor, Command},
        payer::{
            AnswerKind, AnswerSource, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, Held, PayerAnswer,
        },
    },
};

use super::{super::actions::Action, Reader};

/// What payers are told and asked, and disputes with them.
pub(super) fn payer(action: Action, read: &mut Reader<'_>, by: Actor) -> Command {
    let payer = read.text("payer");
    let channel = Channel::read(read.form.get("channel"));
    match action {
        Action::Notify => Command::NotifyPayer {
            by,
            payer,
            channel,
            at: read.at("at", "Told"),
            reference: read.form.some("reference"),
        },
        Action::Clinicals => Command::SendClinicals {
            by,
            payer,
            channel,
            at: read.at("at", "Sent"),
            confirmation: read.text("confirmation"),
            what: read.text("what"),
        },
        Action::Ask => Command::AskPayer {
            by,
            payer,
            ask: AskKind::read(read.form.get("ask")),
            days: read.whole("days", "Days"),
            channel,
            at: read.at("at", "Asked"),
            reference: read.form.some("reference"),
        },
        Action::PayerReview => Command::RecordPayerReview { by, payer, what: read.text("what") },
        Action::Dispute => Command::OpenDispute {
            by,
            payer,
            kind: DisputeKind::read(read.form.get("kind")),
            asker: read.text("asker"),
            grounds: read.text("grounds"),
            agreed_for: read.maybe_at("agreed", "Talk agreed for"),
        },
        _ => Command::EndDispute {
            by,
            dispute: read.about(),
            end: DisputeEnd::read(read.form.get("end")),
            words: read.text("words"),
        },
    }
}

/// What a payer answered, with its source.
pub(super) fn answer(read: &mut Reader<'_>, by: Actor) -> Command {
    let answer = PayerAnswer {
        kind: AnswerKind::read(read.form.get("answer")),
        authorization: read.form.some("authorization"),
        from: read.day("from", "First day it is about"),
        through: read.day("through", "Last day it is about"),
        days: read.whole("days", "Days"),
        level: read.form.some("level"),
        next_review_on: read.day("next", "Payer’s next review"),
        reason: read.form.some("reason"),
        criteria: read.form.some("criteria"),
        peer_to_peer_until: read.maybe_at("talk_until", "Peer-to-peer until"),
    };
    let source = AnswerSource {
        channel: Channel::read(read.form.get("channel")),
        said_by: read.text("said_by"),
        said_at: read.at("said_at", "Said"),
        reference: read.form.some("reference"),
        message: None,
    };
    Command::RecordPayerAnswer { by, payer: read.text("payer"), answer: Box::new(answer), source }
}

/// Coverage as a person states it, in order of benefits.
pub(super) fn coverage(read: &mut Reader<'_>, by: Actor) -> Command {
    let payer_id = read.text("payer_id");
    let plan_id = read.text("plan_id");
    let before = read.stay.held.iter().find(|h| h.payer_id == payer_id);
    let first = Held {
        // Without terms of its own the coverage gets the contract's as they are loaded.
        terms: before.filter(|h| h.plan_id == plan_id).and_then(|h| h.terms.clone()),
        plan_id,
        name: read.text("name"),
        member_id: read.text("member_id"),
        line_of_business: LineOfBusiness::read(read.form.get("line")),
        part_b: match read.form.get("part_b") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        payer_id,
    };
    if first.payer_id.is_empty() || first.name.is_empty() {
        read.problems.add(
            "form.payer",
            "The coverage needs the payer’s number and name.",
            "Enter both as the card shows them.",
        );
    }
    let rest = read.stay.held.iter().filter(|h| h.payer_id != first.payer_id).cloned();
    let held = std::iter::once(first.clone()).chain(rest).collect();
    Command::StateCoverage {
        by,
        held,
        change: CoverageChange::read(read.form.get("change")),
        from: read.day("from", "From which day"),
        basis: read.text("basis"),
    }
}
