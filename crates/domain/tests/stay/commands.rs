//! From a script's words to the commands of a stay.

use std::{collections::BTreeMap, sync::Arc};

use vigil_domain::{
    code::{Code, CodeSystem},
    party::{LineOfBusiness, PersonName},
    status::Duty,
    stay::{
        Stay,
        command::{Actor, Command, EnteredDelay, EnteredReview, OnDuty},
        delay::{QueryKind, QueryOutcome},
        documented::{Documented, Stated},
        news::ClassNews,
        news::{
            DiagnosisNews, DischargeNews, Identifier, NewsKind, NewsSource, OrderState, PatientStatus, PayerNews,
            Place, Practitioner, Road, StatusOrder, StayNews, Told,
        },
        notice::{NoticeDelivery, NoticeKind, Receipt},
        payer::{
            AnswerKind, AnswerSource, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, Held, PayerAnswer,
            PostAcuteKind, PostAcuteStep,
        },
        procedure::ProcedureKind,
        review::{Advice, AttendingView, CriteriaUse, ReviewKind, ReviewResult},
    },
    time::{Day, Moment},
};

use super::people::{date, duty, hospital, terms};

/// `name=value` pairs; an underscore is a blank.
pub struct Words(BTreeMap<String, String>);

impl Words {
    pub fn of<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let pair = |w: &str| match w.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.replace('_', " "))),
            None => Err(format!("{w}: want name=value")),
        };
        words.map(pair).collect::<Result<_, _>>().map(Self)
    }

    fn get(&self, name: &str, default: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| default.to_owned())
    }

    fn but(&self, name: &str) -> BTreeMap<String, String> {
        self.0.iter().filter(|(n, _)| *n != name).map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    fn maybe(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// A word of a closed set: scripts write blanks for underscores, codes do not.
    fn word(&self, name: &str, default: &str) -> String {
        self.get(name, default).replace(' ', "_")
    }

    fn moment(&self, name: &str) -> Result<Option<Moment>, String> {
        self.0.get(name).map(|t| t.parse().map_err(|e| format!("{name}: {e}"))).transpose()
    }

    fn day(&self, name: &str) -> Option<Day> {
        self.0.get(name).map(|t| date(t))
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.0.get(name).and_then(|n| n.parse().ok())
    }

    fn yes(&self, name: &str, default: bool) -> bool {
        self.0.get(name).map_or(default, |w| w == "yes")
    }
}

/// What a feed says.
pub fn feed(kind: &str, words: &Words, at: Moment, number: u32) -> Result<Command, String> {
    let source = NewsSource { road: Road::Simulated, sender: "script".into(), message: format!("m{number}") };
    let effective = words.moment("when")?.unwrap_or(at);
    let mut news = StayNews::new(source, kind, NewsKind::read(kind), effective);
    news.recorded_at = words.moment("recorded")?.unwrap_or(at);
    let id = |value: &str, kind: &str| Identifier { value: value.into(), authority: "MERCY".into(), kind: kind.into() };
    news.patient.identifiers = vec![id("MR1", "MR")];
    news.patient.name = Some(Told::Is(PersonName { family: "Doe".into(), given: "Jane".into() }));
    news.visit.number = Some(id(&words.get("visit", "V1"), "VN"));
    news.visit.care_started_at = words.moment("care")?.map(Told::Is);
    if let Some(status) = words.maybe("status") {
        let status = PatientStatus::read(&status.replace(' ', "-"));
        let class = match status {
            PatientStatus::Inpatient => "I",
            PatientStatus::Emergency => "E",
            PatientStatus::Observation => "OBS",
            _ => "O",
        };
        news.class = Some(ClassNews { class: class.into(), status: Some(status), ..ClassNews::default() });
    }
    let unit = words.maybe("unit").map(|unit| Place { unit, bed: "1".into(), ..Place::default() });
    news.place = unit.map(Told::Is);
    let doctor = |name: String| Practitioner { id: name.clone(), npi: None, name };
    news.attending = words.maybe("attending").map(|name| Told::Is(doctor(name)));
    if let Some(order) = words.maybe("order") {
        news.order = Some(StatusOrder {
            number: words.get("number", &format!("O{number}")),
            code: Code::new(CodeSystem::read("site"), order.as_str()),
            status: Some(PatientStatus::read(&order.replace(' ', "-"))),
            state: match (words.moment("ended")?, words.yes("signed", true)) {
                (Some(_), _) => OrderState::Discontinued,
                (None, true) => OrderState::Placed,
                (None, false) => OrderState::Unsigned,
            },
            at: effective,
            ended_at: words.moment("ended")?,
            by: Some(doctor("Dr. Roe".into())),
        });
    }
    news.discharge = (kind == "discharge").then(|| {
        Told::Is(DischargeNews { at: Some(effective), disposition: words.get("disposition", "01"), to: String::new() })
    });
    news.expected_discharge = words.moment("expected")?.map(Told::Is);
    news.diagnoses = words.maybe("diagnosis").map(|code| {
        vec![DiagnosisNews { code: Code::new(CodeSystem::Icd10Cm, code.as_str()), kind: String::new(), rank: 1 }]
    });
    let payer = words.maybe("payer");
    let line = words.get("line", "medicare-advantage").replace(' ', "-");
    let covers = |order: u8, payer: &str, line: &str| PayerNews {
        order,
        payer_id: payer.to_owned(),
        plan_id: "1".into(),
        name: payer.to_owned(),
        line_of_business: Some(LineOfBusiness::read(line)),
        member_id: "M1".into(),
        ..PayerNews::default()
    };
    // `behind=LINE`: a second coverage, which pays after the first.
    let behind = words.maybe("behind").map(|line| covers(2, "BEHIND", &line.replace(' ', "-")));
    news.payers = payer.as_ref().map(|payer| [covers(1, payer, &line)].into_iter().chain(behind).collect());
    let known = payer.and_then(|payer| terms(&payer, &line));
    Ok(Command::TakeNews {
        stay: "0000-0000-0001".into(),
        hospital: Arc::new(hospital(&words.get("state", "NY"))),
        news: Arc::new(news),
        terms: known.into_iter().collect(),
        scenario: None,
    })
}

/// What a person does.
pub fn person(stay: &Stay, by: Actor, verb: &str, words: &Words, now: Moment) -> Result<Command, String> {
    let escalation = words.number("escalation").or(stay.escalations.last().map(|e| e.id)).unwrap_or(0);
    Ok(match verb {
        "review" => review(stay, by, words, now),
        "escalate" => Command::Escalate {
            by,
            why: words.get("why", "nurse and attending disagree"),
            advisor: words.yes("advisor", true).then(|| duty("advisor")),
            officer: words.yes("officer", true).then(|| duty("officer")),
        },
        "advise" => Command::Advise {
            by,
            escalation,
            advice: Advice::read(&words.word("advice", "observation")),
            rationale: words.get("why", "the record shows one expected midnight"),
        },
        "attending" => Command::RecordAttending {
            by,
            escalation,
            attending: words.get("name", "Dr. Roe"),
            view: AttendingView::read(&words.word("view", "concurs")),
            documented: words.get("documented", "progress note, 11:05"),
            at: words.moment("time")?.unwrap_or(now),
            members: members(words),
        },
        "determine" => Command::Determine {
            by,
            escalation,
            necessary: words.yes("necessary", false),
            rationale: words.get("why", "no hospital need beyond one midnight is documented"),
            attests_no_involvement: words.yes("attests", true),
            members: members(words),
        },
        "cc44" => Command::ChangeToOutpatient {
            by,
            observation_order_at: words.moment("observation")?,
            bill_submitted: Some(words.get("submitted", "no")).filter(|w| w != "unasked").map(|w| w == "yes"),
        },
        "route" => Command::RouteBill {
            by,
            route: ProcedureKind::read(&words.word("to", "part_a")),
            rationale: words.get("why", "reviewed by the committee"),
            services_before_order: words.maybe("before-order").map(|w| w == "yes"),
            outpatient_reasonable: words.maybe("outpatient-care").map(|w| w == "yes"),
            appeal_pending: Some(words.get("appeal", "no")).filter(|w| w != "unasked").map(|w| w == "yes"),
        },
        "billed" => Command::BillSubmitted { by, at: words.moment("time")?.unwrap_or(now) },
        "document" => Command::Document { by, facts: facts(words, now)? },
        "coverage" => coverage(by, words)?,
        "dismiss" => Command::DismissReviews { by, why: words.get("why", "discharged tomorrow") },
        other => return money(stay, by, other, words, now),
    })
}

/// `members=advisor,second`: who is appointed to the committee.
fn members(words: &Words) -> Vec<OnDuty> {
    let named = words.maybe("members").unwrap_or_default();
    named.split(',').filter(|person| !person.is_empty()).map(duty).collect()
}

fn coverage(by: Actor, words: &Words) -> Result<Command, String> {
    let line = words.get("line", "original-medicare").replace(' ', "-");
    let payer = words.get("payer", "CMS");
    let held = Held {
        payer_id: payer.clone(),
        plan_id: String::new(),
        name: payer.clone(),
        member_id: "M1".into(),
        line_of_business: LineOfBusiness::read(&line),
        part_b: words.maybe("part-b").map(|w| w == "yes"),
        terms: terms(&payer, &line).map(Box::new),
    };
    Ok(Command::StateCoverage {
        by,
        held: vec![held],
        change: CoverageChange::read(&words.word("change", "corrected")),
        from: words.day("from"),
        basis: words.get("basis", "eligibility answer of the payer"),
    })
}

fn review(stay: &Stay, by: Actor, words: &Words, now: Moment) -> Command {
    let result = ReviewResult::read(&words.word("result", "met"));
    let not_met = result != ReviewResult::Met;
    let criteria = match words.get("criteria", "two-midnight").as_str() {
        "licensed" => CriteriaUse::Licensed {
            product: "Product".into(),
            version: words.get("version", "2026"),
            subset: "General Medical".into(),
            result: words.get("product-result", "met"),
        },
        "judgement" => CriteriaUse::Judgement { why: "no criteria for this condition".into() },
        _ => CriteriaUse::TwoMidnight,
    };
    let entered = EnteredReview {
        kind: ReviewKind::read(&words.word("kind", "initial")),
        day: words.day("day").unwrap_or_else(|| stay.day(now)),
        criteria,
        result,
        level: words.get("level", "acute"),
        recommended: not_met.then(|| words.get("recommended", "observation")),
        reason: if not_met { words.maybe("reason").or(Some("STAT-OBS".into())) } else { None },
        comments: if not_met { words.get("comments", "stable, one midnight expected") } else { String::new() },
        next_review_on: words.day("next"),
        no_further: words.maybe("no-further"),
        looked_at: Vec::new(),
    };
    Command::RecordReview {
        by,
        review: Box::new(entered),
        advisor: words.yes("advisor", true).then(|| duty("advisor")),
        officer: words.yes("officer", true).then(|| duty("officer")),
    }
}

fn facts(words: &Words, now: Moment) -> Result<Vec<Documented>, String> {
    let mut facts = Vec::new();
    if let Some(n) = words.number("expects") {
        facts.push(Stated::Expectation {
            further_midnights: n,
            documented_at: words.moment("written")?.unwrap_or(now),
            by: "Dr. Roe".into(),
            because: vec!["severity of illness".into(), "risk of an adverse event".into()],
        });
    }
    if let Some(need) = words.maybe("need") {
        facts.push(Stated::HospitalNeed(need == "yes"));
    }
    if let Some(factor) = words.maybe("exception") {
        facts.push(Stated::Exception {
            factors: vec![factor],
            documented_at: words.moment("written")?.unwrap_or(now),
            by: "Dr. Roe".into(),
            minor_procedure: false,
        });
    }
    if words.yes("improved", false) {
        facts.push(Stated::Departure { how: "home".into(), rapid_improvement: true });
    }
    if let Some(at) = words.moment("leaves")? {
        facts.push(Stated::ExpectedDischarge(at));
    }
    if let Some(duty) = words.maybe("duty") {
        facts.push(Stated::PlanDuty {
            duty: Duty::read(&duty),
            assigned_on: words.day("assigned"),
            learned_on: words.day("learned"),
            done_on: words.day("done"),
            void: words.yes("void", false),
        });
    }
    for (name, value) in &words.0 {
        if let Some(id) = name.strip_prefix("answer:") {
            facts.push(Stated::Answer { id: id.to_owned(), yes: value == "yes" });
        }
    }
    Ok(facts.into_iter().map(|fact| Documented { fact, found_in: words.get("place", "admission note") }).collect())
}

fn money(stay: &Stay, by: Actor, verb: &str, words: &Words, now: Moment) -> Result<Command, String> {
    let payer = words.maybe("payer").or(stay.primary().map(|h| h.payer_id.clone())).unwrap_or_default();
    let at = words.moment("time")?.unwrap_or(now);
    let channel = Channel::read(&words.word("by", "portal"));
    Ok(match verb {
        "notify" => Command::NotifyPayer { by, payer, channel, at, reference: Some("N1".into()) },
        "clinicals" => Command::SendClinicals {
            by,
            payer,
            channel,
            at,
            confirmation: words.get("confirmation", "C1"),
            what: "review and notes".into(),
        },
        "ask" => Command::AskPayer {
            by,
            payer,
            ask: AskKind::read(&words.word("for", "admission")),
            days: words.number("days"),
            channel,
            at,
            reference: Some("R1".into()),
        },
        "payer-reviews" => Command::RecordPayerReview { by, payer, what: words.get("what", "concurrent review") },
        "answer" => answer(by, payer, words, at)?,
        "dispute" => Command::OpenDispute {
            by,
            payer,
            kind: DisputeKind::read(&words.word("kind", "peer_to_peer")),
            asker: words.word("asker", "treating_physician"),
            grounds: words.get("grounds", "the benchmark is met"),
            agreed_for: words.moment("agreed")?,
        },
        "end-dispute" => Command::EndDispute {
            by,
            dispute: words.number("dispute").or(stay.disputes.last().map(|d| d.id)).unwrap_or(0),
            end: DisputeEnd::read(&words.word("end", "overturned")),
            words: words.get("words", "the payer agreed"),
        },
        other => return notices(stay, by, other, words, now),
    })
}

fn answer(by: Actor, payer: String, words: &Words, at: Moment) -> Result<Command, String> {
    let answer = PayerAnswer {
        kind: AnswerKind::read(&words.word("kind", "approved")),
        authorization: words.maybe("number"),
        from: words.day("from"),
        through: words.day("through"),
        days: words.number("days"),
        level: words.maybe("level"),
        next_review_on: words.day("next"),
        reason: words.maybe("reason"),
        criteria: None,
        peer_to_peer_until: words.moment("talk-until")?,
    };
    let source = AnswerSource {
        channel: Channel::read(&words.word("by", "telephone")),
        said_by: words.get("said-by", "Pat of utilization management"),
        said_at: at,
        reference: Some("call 17".into()),
        message: None,
    };
    Ok(Command::RecordPayerAnswer { by, payer, answer: Box::new(answer), source })
}

fn notices(stay: &Stay, by: Actor, verb: &str, words: &Words, now: Moment) -> Result<Command, String> {
    let at = words.moment("time")?.unwrap_or(now);
    let kind = NoticeKind::read(&words.word("kind", "im"));
    let notice = stay.notices.iter().rev().find(|n| n.kind == kind).map_or(0, |n| n.id);
    Ok(match verb {
        "require" => {
            let why = words.get("why", "the care is custodial");
            Command::RequireNotice { by, kind, why, before: words.moment("before")? }
        }
        "prepare" => Command::PrepareNotice { by, notice, fields: words.but("kind") },
        "deliver" => {
            let delivery = NoticeDelivery {
                at,
                to: words.get("to", "patient"),
                receipt: Receipt::read(&words.word("receipt", "signed")),
                signer: words.get("signer", "Jane Doe"),
                explained: words.yes("explained", true),
                paper_copy: words.yes("paper", true),
                language: "en".into(),
                document: None,
                signature: None,
            };
            Command::DeliverNotice { by, notice, delivery: Box::new(delivery) }
        }
        "end-notice" => Command::EndNotice { by, notice, why: words.get("why", "the family took it back") },
        "qio-call" => Command::RecordQioCall { by, called_at: at, told_at: words.moment("told")?.unwrap_or(now) },
        "qio-records" => Command::SendQioRecords { by, at },
        "qio-reconsider" => Command::RecordQioReconsideration { by, at },
        "qio-decision" => {
            Command::RecordQioDecision { by, at, discharge_upheld: words.yes("upheld", true), words: "decided".into() }
        }
        other => return leaving(stay, by, other, words, now),
    })
}

fn leaving(stay: &Stay, by: Actor, verb: &str, words: &Words, now: Moment) -> Result<Command, String> {
    let at = words.moment("time")?.unwrap_or(now);
    Ok(match verb {
        "post-acute" => Command::AskPostAcute {
            by,
            kind: PostAcuteKind::read(&words.word("kind", "skilled_nursing")),
            payer: stay.primary().map(|h| h.payer_id.clone()),
            facility: words.maybe("facility"),
            at,
        },
        "move" => Command::MovePostAcute {
            by,
            request: stay.post_acute.last().map_or(0, |p| p.id),
            step: PostAcuteStep::read(&words.word("step", "approved")),
            said_by: words.get("said-by", "Pat"),
            authorization: words.maybe("number"),
            words: String::new(),
            at,
        },
        "choice" => Command::GiveChoice {
            by,
            offered: words.get("offered", "Elm House,Oak House").split(',').map(str::to_owned).collect(),
            chosen: words.maybe("chosen"),
            disclosed: "none".into(),
        },
        "avoidable" => {
            let from = words.day("from").unwrap_or_else(|| stay.day(now));
            let delay = EnteredDelay {
                code: words.get("code", "PAC-BED"),
                from,
                through: words.day("through").unwrap_or(from),
                hours: words.number("hours"),
                department: None,
                note: words.get("note", ""),
            };
            Command::RecordAvoidableDays { by, delay: Box::new(delay) }
        }
        "query" => Command::AskPhysician {
            by,
            kind: QueryKind::read(&words.word("kind", "clarification")),
            to: "Dr. Roe".into(),
            question: "Please clarify the type of heart failure.".into(),
            because: "BNP and diuresis in the record".into(),
        },
        "answered" => Command::AnswerQuery {
            by,
            query: stay.queries.iter().rev().find(|q| q.answered.is_none()).map_or(0, |q| q.id),
            outcome: QueryOutcome::read(&words.word("outcome", "documented")),
            words: String::new(),
        },
        other => return Err(format!("unknown verb {other}")),
    })
}
