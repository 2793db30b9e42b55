//! From a posted form to a command on a stay. What the form lacks is said as refusals, all at once, before the stay is asked.

use vigil_domain::{
    case::refusal::Refused,
    library::Library,
    party::LineOfBusiness,
    stay::{
        Stay,
        command::{Actor, Command, EnteredDelay, EnteredReview, OnDuty},
        delay::{Grouping, QueryKind, QueryOutcome},
        documented::Stated,
        notice::{NoticeDelivery, NoticeKind, Receipt},
        payer::{
            AnswerKind, AnswerSource, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, Held, PayerAnswer,
            PostAcuteKind, PostAcuteStep,
        },
        procedure::ProcedureKind,
        review::{Advice, AttendingView, CriteriaUse, ReviewKind, ReviewResult},
    },
    time::{Moment, Zone},
};

use super::{actions::Action, known::Known, panels::LOOKED_AT};
use crate::web::{case::commands::Problems, form::Form, words};

/// What a command needs beside the form.
pub struct Around<'a> {
    /// The stay and the library, as forms know them.
    pub known: Known<'a>,
    /// Who acts.
    pub by: Actor,
    /// The advisor on duty.
    pub advisor: Option<OnDuty>,
    /// The chief medical officer.
    pub officer: Option<OnDuty>,
    /// The grouping asked for, with its expected days.
    pub grouping: Option<Grouping>,
    /// The digest under which a drawn signature is kept.
    pub signature: Option<String>,
}

/// A stated fact in words.
pub fn stated(fact: &Stated, zone: &Zone) -> String {
    let at = |at: &Moment| words::moment(*at, zone);
    match fact {
        Stated::Expectation { further_midnights, documented_at, by, because } => {
            format!(
                "{further_midnights} further midnights, written {} by {by}: {}",
                at(documented_at),
                because.join("; ")
            )
        }
        Stated::HospitalNeed(yes) => if *yes { "documented" } else { "not documented" }.to_owned(),
        Stated::Exception { factors, documented_at, by, .. } => {
            format!("{}, written {} by {by}", factors.join("; "), at(documented_at))
        }
        Stated::Transfer { care_began_at, from } => format!("care began {} at {from}", at(care_began_at)),
        Stated::FirstCare(when) | Stated::Certified(when) | Stated::ExpectedDischarge(when) => at(when),
        Stated::Departure { how, rapid_improvement } => {
            format!("{}{}", words::plain(how), if *rapid_improvement { ", rapid improvement" } else { "" })
        }
        Stated::Product { product, version, subset, met, .. } => {
            format!(
                "{product} {version} {subset}: {}",
                if *met { "supports inpatient" } else { "does not support inpatient" }
            )
        }
        Stated::Delay { from, until, why } => {
            format!("{} to {}: {why}", at(from), until.as_ref().map_or_else(|| "now".to_owned(), at))
        }
        Stated::Answer { yes, .. } => (if *yes { "yes" } else { "no" }).to_owned(),
    }
}

struct Reader<'a> {
    form: &'a Form,
    stay: &'a Stay,
    now: Moment,
    problems: Problems,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> String {
        self.form.get(name).to_owned()
    }

    fn at(&mut self, name: &str, what: &str) -> Moment {
        self.maybe_at(name, what).unwrap_or(self.now)
    }

    /// A field shows minutes: the present minute is now, so that nothing done now is dated back or ahead.
    fn maybe_at(&mut self, name: &str, what: &str) -> Option<Moment> {
        let read = self.problems.moment(self.form, name, what, self.stay.zone())?;
        let apart = self.now.as_second() - read.as_second();
        Some(if (-59..60).contains(&apart) { self.now } else { read })
    }

    fn day(&mut self, name: &str, what: &str) -> Option<vigil_domain::time::Day> {
        self.problems.day(self.form, name, what)
    }

    fn whole(&mut self, name: &str, what: &str) -> Option<u32> {
        let number = self.problems.number(self.form, name, what)?;
        if (0.0..=100_000.0).contains(&number) && number.fract() == 0.0 {
            return Some(number as u32);
        }
        self.problems.add("form.whole", format!("{what}: a whole number is needed."), "Write it in digits.");
        None
    }

    fn about(&mut self) -> u32 {
        match self.form.get("about").parse() {
            Ok(number) => number,
            Err(_) => {
                self.problems.add("form.about", "It was not said which one this is about.", "Choose it from the list.");
                0
            }
        }
    }

    /// A word of a closed set, as radio buttons send it.
    /// A question that may stay unanswered.
    fn yes_or_no(&self, name: &str) -> Option<bool> {
        Some(self.form.get(name)).filter(|said| !said.is_empty()).map(|said| said == "yes")
    }

    fn chosen(&mut self, name: &str, what: &str) -> String {
        if self.form.get(name).is_empty() {
            self.problems.add("form.choice", format!("{what}: nothing was chosen."), "Choose one.");
        }
        self.text(name)
    }
}

/// The command of an action.
///
/// # Errors
/// Everything the form lacks, at once.
pub fn command(action: Action, form: &Form, around: Around<'_>) -> Result<Command, Refused> {
    let stay = around.known.stay;
    let mut read = Reader { form, stay, now: around.known.now, problems: Problems::default() };
    let command = match action {
        Action::Take => Command::Take { by: around.by },
        Action::Release => Command::Release { by: around.by },
        Action::Note => Command::Note { by: around.by, text: read.text("text") },
        Action::Document => {
            let fact = super::documents::read(form, &around.known, &mut read.problems);
            Command::Document { by: around.by, facts: fact.into_iter().collect() }
        }
        Action::Review => review(&mut read, around),
        Action::Escalate => {
            Command::Escalate { by: around.by, why: read.text("why"), advisor: around.advisor, officer: around.officer }
        }
        Action::Advise
        | Action::Attending
        | Action::Determine
        | Action::Code44
        | Action::Bill
        | Action::BillOut
        | Action::NoFurther => ladder(action, &mut read, around.by),
        Action::Deliver
        | Action::EndNotice
        | Action::RequireNotice
        | Action::Prepare
        | Action::QioCall
        | Action::QioRecords
        | Action::QioReconsider
        | Action::QioDecision => notice(action, &mut read, around),
        Action::Notify
        | Action::Clinicals
        | Action::Ask
        | Action::PayerReview
        | Action::Dispute
        | Action::DisputeEnd => payer(action, &mut read, around.by),
        Action::Answer => answer(&mut read, around.by),
        Action::Coverage => coverage(&mut read, around.by),
        Action::Group => match around.grouping {
            Some(grouping) => Command::Group { by: around.by, grouping },
            None => {
                read.problems.add("form.ms-drg", "The MS-DRG has three digits.", "Enter it as 470 or 065.");
                Command::Note { by: around.by, text: String::new() }
            }
        },
        _ => leaving(action, &mut read, around.by),
    };
    read.problems.or(command)
}

fn review(read: &mut Reader<'_>, around: Around<'_>) -> Command {
    let criteria = criteria(read, around.known.library);
    let review = EnteredReview {
        kind: ReviewKind::read(read.form.get("kind")),
        day: read.day("day", "Day reviewed").unwrap_or_else(|| read.stay.day(read.now)),
        criteria,
        result: ReviewResult::read(&read.chosen("result", "Result")),
        level: read.text("level"),
        recommended: read.form.some("recommended"),
        reason: read.form.some("reason"),
        comments: read.text("comments"),
        next_review_on: read.day("next", "Next review"),
        no_further: None,
        looked_at: read.form.named(LOOKED_AT).filter(|(_, on)| !on.is_empty()).map(|(id, _)| id.to_owned()).collect(),
    };
    Command::RecordReview { by: around.by, review: Box::new(review), advisor: around.advisor, officer: around.officer }
}

fn criteria(read: &mut Reader<'_>, library: &Library) -> CriteriaUse {
    match read.form.get("criteria") {
        "licensed" => CriteriaUse::Licensed {
            product: read.text("product"),
            version: read.text("version"),
            subset: read.text("subset"),
            result: read.text("found"),
        },
        "pack" => {
            let service = read.text("product");
            match library.criteria.in_force(&service, read.stay.day(read.now)) {
                Some(pack) => CriteriaUse::Pack {
                    version: pack.definition().version.clone(),
                    digest: pack.digest().clone(),
                    service,
                },
                None => {
                    read.problems.add(
                        "form.pack",
                        format!("There is no criteria pack {service:?}."),
                        "Look it up in the library.",
                    );
                    CriteriaUse::TwoMidnight
                }
            }
        }
        "judgement" => CriteriaUse::Judgement { why: read.text("comments") },
        _ => CriteriaUse::TwoMidnight,
    }
}

fn ladder(action: Action, read: &mut Reader<'_>, by: Actor) -> Command {
    match action {
        Action::Advise => Command::Advise {
            by,
            escalation: read.about(),
            advice: Advice::read(&read.chosen("advice", "Advice")),
            rationale: read.text("rationale"),
        },
        Action::Attending => Command::RecordAttending {
            by,
            escalation: read.about(),
            attending: read.text("attending"),
            view: AttendingView::read(&read.chosen("view", "Answer")),
            documented: read.text("documented"),
            at: read.at("at", "Given"),
        },
        Action::Determine => Command::Determine {
            by,
            escalation: read.about(),
            necessary: read.chosen("necessary", "Determination") == "yes",
            rationale: read.text("rationale"),
            attests_no_involvement: read.form.ticked("attests"),
        },
        Action::Code44 => {
            let ordered = read.form.ticked("observation");
            let at = read.maybe_at("observation_at", "Observation order written");
            if ordered && at.is_none() {
                read.problems.add(
                    "form.observation",
                    "The observation order needs its day and time.",
                    "Enter when it was written.",
                );
            }
            let bill_submitted = read.yes_or_no("bill_submitted");
            Command::ChangeToOutpatient { by, observation_order_at: at.filter(|_| ordered), bill_submitted }
        }
        Action::Bill => Command::RouteBill {
            by,
            route: ProcedureKind::read(&read.chosen("route", "Route")),
            rationale: read.text("rationale"),
            services_before_order: read.yes_or_no("before_order"),
            outpatient_reasonable: read.yes_or_no("outpatient_reasonable"),
            appeal_pending: read.yes_or_no("appeal_pending"),
        },
        Action::BillOut => Command::BillSubmitted { by, at: read.at("at", "Submitted") },
        _ => Command::DismissReviews { by, why: read.text("why") },
    }
}

fn notice(action: Action, read: &mut Reader<'_>, around: Around<'_>) -> Command {
    let by = around.by;
    match action {
        Action::EndNotice => Command::EndNotice { by, notice: read.about(), why: read.text("why") },
        Action::RequireNotice => {
            let (kind, why) = (NoticeKind::read(read.form.get("kind")), read.text("why"));
            Command::RequireNotice { by, kind, why, before: read.maybe_at("before", "Its window ends with") }
        }
        Action::Prepare => {
            Command::PrepareNotice { by, notice: read.about(), fields: super::form::read(read.form, around.known.stay) }
        }
        Action::QioCall => Command::RecordQioCall {
            by,
            called_at: read.at("called_at", "The patient called"),
            told_at: read.at("told_at", "The organization told us"),
        },
        Action::QioRecords => Command::SendQioRecords { by, at: read.at("at", "Records sent") },
        Action::QioReconsider => Command::RecordQioReconsideration { by, at: read.at("at", "The patient asked") },
        Action::QioDecision => Command::RecordQioDecision {
            by,
            at: read.at("at", "The organization told us"),
            discharge_upheld: read.chosen("upheld", "Decision") == "yes",
            words: read.text("words"),
        },
        _ => Command::DeliverNotice {
            by,
            notice: read.about(),
            delivery: Box::new(NoticeDelivery {
                at: read.at("at", "Delivered"),
                to: read.text("to"),
                receipt: Receipt::read(&read.chosen("receipt", "Received")),
                signer: read.text("signer"),
                explained: read.form.ticked("explained"),
                paper_copy: read.form.ticked("paper"),
                language: read.text("language"),
                document: None,
                signature: around.signature,
            }),
        },
    }
}

fn payer(action: Action, read: &mut Reader<'_>, by: Actor) -> Command {
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

fn answer(read: &mut Reader<'_>, by: Actor) -> Command {
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

fn coverage(read: &mut Reader<'_>, by: Actor) -> Command {
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

fn leaving(action: Action, read: &mut Reader<'_>, by: Actor) -> Command {
    match action {
        Action::PostAcute => Command::AskPostAcute {
            by,
            kind: PostAcuteKind::read(read.form.get("kind")),
            payer: read.form.some("payer"),
            facility: read.form.some("facility"),
            at: read.at("at", "Asked"),
        },
        Action::PostAcuteMove => Command::MovePostAcute {
            by,
            request: read.about(),
            step: PostAcuteStep::read(read.form.get("step")),
            said_by: read.text("said_by"),
            authorization: read.form.some("authorization"),
            words: read.text("words"),
            at: read.at("at", "When"),
        },
        Action::Choice => Command::GiveChoice {
            by,
            offered: read.form.lines("offered"),
            chosen: read.form.some("chosen"),
            disclosed: read.text("disclosed"),
        },
        Action::Barrier => Command::AddBarrier { by, code: read.text("code"), note: read.text("note") },
        Action::ClearBarrier => Command::ClearBarrier { by, barrier: read.about() },
        Action::Delay => {
            let today = read.stay.day(read.now);
            let delay = EnteredDelay {
                code: read.text("code"),
                from: read.day("from", "First day").unwrap_or(today),
                through: read.day("through", "Last day").unwrap_or(today),
                hours: read.whole("hours", "Hours"),
                department: read.form.some("department"),
                note: read.text("note"),
            };
            Command::RecordAvoidableDays { by, delay: Box::new(delay) }
        }
        Action::WithdrawDelay => Command::WithdrawAvoidableDays { by, stretch: read.about(), why: read.text("why") },
        Action::Query => Command::AskPhysician {
            by,
            kind: QueryKind::read(read.form.get("kind")),
            to: read.text("to"),
            question: read.text("question"),
            because: read.text("because"),
        },
        Action::AnswerQuery => Command::AnswerQuery {
            by,
            query: read.about(),
            outcome: QueryOutcome::read(read.form.get("outcome")),
            words: read.text("words"),
        },
        _ => Command::ClearAlert { by, alert: read.text("about"), why: read.text("why") },
    }
}
