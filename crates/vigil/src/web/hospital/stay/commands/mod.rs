//! From a posted form to a command on a stay. What the form lacks is said as refusals, all at once, before the stay is asked.

mod leaving;
mod payers;

use vigil_domain::{
    case::refusal::Refused,
    library::Library,
    stay::{
        Stay,
        command::{Actor, Command, EnteredReview, OnDuty},
        delay::Grouping,
        notice::{NoticeDelivery, NoticeKind, Receipt},
        procedure::ProcedureKind,
        review::{Advice, AttendingView, CriteriaUse, ReviewKind, ReviewResult},
    },
    time::Moment,
};

use super::{actions::Action, known::Known, panels::LOOKED_AT};
use crate::web::{case::commands::Problems, form::Form};

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

    /// A question that may stay unanswered.
    fn yes_or_no(&self, name: &str) -> Option<bool> {
        Some(self.form.get(name)).filter(|said| !said.is_empty()).map(|said| said == "yes")
    }

    /// A word of a closed set, as radio buttons send it.
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
        Action::PlanReview => Command::Document { by: around.by, facts: super::duties::read(form, &mut read.problems) },
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
        | Action::DisputeEnd => payers::payer(action, &mut read, around.by),
        Action::Answer => payers::answer(&mut read, around.by),
        Action::Coverage => payers::coverage(&mut read, around.by),
        Action::Group => match around.grouping {
            Some(grouping) => Command::Group { by: around.by, grouping },
            None => {
                read.problems.add("form.ms-drg", "The MS-DRG has three digits.", "Enter it as 470 or 065.");
                Command::Note { by: around.by, text: String::new() }
            }
        },
        _ => leaving::leaving(action, &mut read, around.by),
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
            members: Vec::new(),
        },
        Action::Determine => Command::Determine {
            by,
            escalation: read.about(),
            necessary: read.chosen("necessary", "Determination") == "yes",
            rationale: read.text("rationale"),
            attests_no_involvement: read.form.ticked("attests"),
            members: Vec::new(),
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
