//! The stage on which scripts are played: real library, made-up people, moments from the script.

use std::collections::BTreeMap;

use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command, ContinuationAsker, Delivery, LineDecision, PeerTalk, Resolved},
        decide::decide,
        event::{Event, Watches},
        evolve::evolve,
        refusal::Refusal,
        renewal::renewal,
    },
    code::{Code, CodeSystem},
    determination::{Finding, Grant, RuleOwner},
    evidence::{ClinicalItem, Document, Fact, ItemKind, Source, Value, When},
    party::{Contract, Coverage, LineOfBusiness, Member, PersonName, Provider, Sex},
    reason::Reason,
    request::{
        Certification, Channel, Circumstance, CutException, Diagnosis, ExpediteAsker, Identifier, ProposedCut,
        Quantity, Receipt, Request, Review, ServiceLine, Standing, StatedMember, Urgency,
    },
    time::{Day, Moment, Zone},
};

use crate::{
    people::actor,
    script::{Line, each, library, replays},
};

/// Names and values of a script's line.
pub type Words = BTreeMap<String, String>;

struct Stage {
    case: Option<Case>,
    log: Vec<(Event, Moment)>,
    last: Vec<Event>,
    refused: Vec<Refusal>,
}

/// Plays one script; the first thing that does not hold is the answer.
pub fn play(script: &str) -> Result<(), String> {
    case_of(script).map(drop)
}

/// The case that a script ends with.
pub fn case_of(script: &str) -> Result<Option<Case>, String> {
    let mut stage = Stage { case: None, log: Vec::new(), last: Vec::new(), refused: Vec::new() };
    each(script, |line| stage.step(line))?;
    replays(&stage.log, &stage.case, Event::kind, evolve)?;
    Ok(stage.case)
}

impl Stage {
    fn step(&mut self, line: Line<'_>) -> Result<(), String> {
        let (at, act) = match line {
            Line::At(at, act) => (at, act),
            Line::Expect(what) => return self.expect(what),
        };
        let command = self.command(act)?;
        self.refused.clear();
        self.last.clear();
        match decide(self.case.as_ref(), command, library(), at) {
            Ok(decided) => {
                self.log.extend(decided.events.iter().cloned().map(|e| (e, at)));
                self.last = decided.events;
                self.case = Some(decided.case);
            }
            Err(refused) => self.refused = refused,
        }
        Ok(())
    }

    fn command(&self, act: &str) -> Result<Command, String> {
        let mut words = act.split_whitespace();
        let who = words.next().ok_or("nothing to do")?;
        match who {
            "receive" => Ok(receive(&pairs(words)?)),
            "update" => Ok(Command::Update { request: Box::new(request(&pairs(words)?)) }),
            "tick" => Ok(Command::Tick),
            "info" => Ok(Command::ReceiveInformation { request: Box::new(request(&pairs(words)?)), complete: true }),
            "deliver" => self.deliver(),
            "call" => self.call(&pairs(words)?),
            person => {
                let verb = words.next().ok_or("what does the person do?")?;
                self.person(actor(person)?, verb, &pairs(words)?)
            }
        }
    }

    fn deliver(&self) -> Result<Command, String> {
        let case = self.case.as_ref().ok_or("no case")?;
        let next = case.notices.iter().find(|n| n.given().is_none()).ok_or("no notice is owed")?;
        if next.composed.is_none() {
            return Ok(Command::RecordNotice {
                notice: next.id,
                template: "t".into(),
                template_digest: "d".into(),
                document: "doc".into(),
                language: "en".into(),
                reading_level: 6.0,
            });
        }
        let delivery = Delivery {
            channel: "mail".into(),
            recipient: next.to.word().into(),
            proof: format!("tracking {}", next.id),
            succeeded: true,
        };
        Ok(Command::DeliverNotice { by: "mail room".into(), notice: next.id, delivery })
    }

    /// Somebody is told on the telephone what the first letter that is owed says.
    fn call(&self, words: &Words) -> Result<Command, String> {
        let case = self.case.as_ref().ok_or("no case")?;
        let next = case.notices.iter().find(|n| n.given().is_none()).or(case.notices.last());
        let delivery = Delivery {
            channel: words.get("by").cloned().unwrap_or("telephone".into()),
            recipient: words.get("to").cloned().unwrap_or("member".into()),
            proof: "call record".into(),
            succeeded: words.get("reached").is_none_or(|reached| reached == "yes"),
        };
        Ok(Command::DeliverNotice { by: "nurse".into(), notice: next.ok_or("no notice is owed")?.id, delivery })
    }

    fn person(&self, by: Actor, verb: &str, words: &Words) -> Result<Command, String> {
        let get = |name: &str, default: &str| {
            words.get(name).cloned().unwrap_or_else(|| default.to_owned()).replace('_', " ")
        };
        let line = words.get("line").map_or(Ok(1), |l| l.parse()).map_err(|_| "bad line")?;
        Ok(match verb {
            "take" => Command::Take { by },
            "release" => Command::Release { by },
            "open" => Command::OpenEvidence { by, evidence: words.get("what").cloned().unwrap_or("statements".into()) },
            "approve" => Command::Approve {
                by,
                lines: Vec::new(),
                grant: limits(words),
                why: if words.contains_key("no-reason") { String::new() } else { get("why", "the call cleared it up") },
            },
            "refer" => Command::Refer { by, why: get("why", "criteria not met") },
            "return" => Command::Return { by, why: get("why", "more to find") },
            "ask" => Command::AskInformation {
                by,
                from: "requester".into(),
                wanted: vec![get("what", "the blood gas report")],
                via: "fax".into(),
            },
            "note" => Command::Note { by, kind: "note".into(), text: get("text", "a note") },
            "deny" | "partial" | "modify" | "allow" => self.determine(by, verb, line, words),
            "administrative" => Command::DetermineAdministrative {
                by,
                line,
                reason: Reason::read(&words.get("reason").cloned().unwrap_or("benefit_excluded".into())),
                basis: get("basis", "evidence of coverage, section 4"),
                plain_reason: get("plain", "Your plan does not cover this."),
            },
            "clear" => Command::ClearAdministrative { by, line, finding: get("finding", "checked") },
            "withdraw" => {
                Command::Withdraw { by, lines: Vec::new(), asked_by: get("asked", "Dr. Roe"), why: get("why", "") }
            }
            "dismiss" => Command::Dismiss { by, why: get("why", "no standing"), cite: get("cite", "plan rule") },
            "void" => Command::Void { by, why: get("why", "entered twice") },
            "extend" => Command::Extend {
                by,
                days: words.get("days").map_or(Ok(14), |d| d.parse()).map_err(|_| "bad days")?,
                condition: get("condition", "member-asked"),
                reason: get("reason", "her doctor is back next week"),
            },
            "expedite" => Command::Expedite { by, asker: ExpediteAsker::read(&get("asker", "physician")) },
            "decline" => Command::DeclineExpedite { by, why: get("why", "standard time does no harm") },
            "reduce" => Command::ReduceApproved { by, line, why: get("why", "payer leans to observation") },
            "propose" => Command::ProposeCut {
                by,
                line,
                keeps: grant(words.get("keeps").map_or("", String::as_str)).quantity,
                effective_on: words.get("on").ok_or("on=")?.parse().map_err(|e| format!("{e}"))?,
                why: get("why", "the goals of the plan of care are reached"),
                case: words.get("case").cloned().unwrap_or("C-2".into()),
                exception: words.get("exception").map(|key| CutException { key: key.clone(), basis: get("basis", "") }),
                over: words.get("over").cloned().into_iter().collect(),
            },
            "postpone" => Command::PostponeCut {
                by,
                effective_on: words.get("on").ok_or("on=")?.parse().map_err(|e| format!("{e}"))?,
                why: get("why", "the letter needs more time"),
            },
            "continue" => Command::AskContinuation {
                by,
                asker: match words.get("asker").map(String::as_str) {
                    Some("provider") => ContinuationAsker::Provider,
                    _ => ContinuationAsker::Member,
                },
                asked_by: get("asked", "the member, by telephone"),
                asked_at: words.get("time").ok_or("time=")?.parse().map_err(|e| format!("{e}"))?,
            },
            "deemed" => Command::ConfirmDeemedApproval { by, basis: get("basis", "uniform form was used") },
            "eligibility" => Command::ConfirmEligibility {
                by,
                eligible: get("eligible", "yes") == "yes",
                basis: get("basis", "state file"),
            },
            "fact" => Command::StateFacts { facts: stated(&by, words), by },
            "peer-schedule" => Command::SchedulePeerToPeer {
                by,
                at: words.get("time").ok_or("time=")?.parse().map_err(|e| format!("{e}"))?,
                with: get("with", "Dr. Roe 555-0100"),
            },
            "peer-record" => Command::RecordPeerToPeer {
                by,
                outcome: match words.get("outcome").map_or("held", String::as_str) {
                    "declined" => PeerTalk::Declined,
                    "not-reached" => PeerTalk::NotReached,
                    _ => PeerTalk::HeldNewInformation,
                },
                summary: get("summary", "concurrence confirmed"),
            },
            other => return Err(format!("unknown verb {other}")),
        })
    }

    /// The first criterion of the line that is not met.
    fn ground(&self, line: u32) -> Option<String> {
        let state = self.case.as_ref()?.line(line)?;
        match state.grounds(&library().criteria) {
            Some(open) => open.into_iter().next(),
            None => Some("medical policy 7, section 2".into()),
        }
    }

    fn determine(&self, by: Actor, verb: &str, line: u32, words: &Words) -> Command {
        let finding = Finding {
            line,
            reason: Reason::read(words.get("reason").map_or("not_medically_necessary", String::as_str)),
            rationale: words
                .get("rationale")
                .cloned()
                .unwrap_or("The_blood_gas_of_Nov_18_shows_a_value_above_the_limit.".into())
                .replace('_', " "),
            plain_reason: words
                .get("plain")
                .cloned()
                .unwrap_or("Your_test_result_is_above_the_limit_of_the_rule.".into())
                .replace('_', " "),
            criterion: match words.get("criterion").map(String::as_str) {
                Some("none") => None,
                Some(named) => Some(named.replace('_', " ")),
                None => self.ground(line),
            },
            whose: Some(RuleOwner::PlanPolicy),
        };
        let given = grant(words.get("amount").map_or("1", String::as_str));
        let decision = match verb {
            "deny" => LineDecision::Deny { finding },
            "partial" => LineDecision::Partial { grant: given, finding },
            "modify" => LineDecision::Modify {
                grant: Grant { service: Some(Code::new(CodeSystem::Hcpcs, "E0431")), ..given },
                finding,
            },
            _ => LineDecision::Approve { line, grant: grant("") },
        };
        let attests_no_conflict = words.get("attest").map(String::as_str) != Some("no");
        let expertise = words.get("expertise").map(|w| w.replace('_', " "));
        Command::Determine { by, decisions: vec![decision], attests_no_conflict, expertise }
    }

    fn expect(&self, what: &str) -> Result<(), String> {
        let words: Vec<&str> = what.split_whitespace().collect();
        if words[0] == "refused" {
            let rules: Vec<&str> = self.refused.iter().map(|r| r.rule.as_str()).collect();
            return same(rules.contains(&words[1]), format!("refusals: {rules:?}, events: {:?}", self.kinds()));
        }
        if let Some(words) = what.strip_prefix("says ") {
            let said: Vec<&str> = self.refused.iter().map(|r| r.says.as_str()).collect();
            return same(said.iter().any(|s| s.contains(words)), format!("refusals: {said:?}"));
        }
        if !self.refused.is_empty() {
            return Err(format!("the act was refused: {:?}", self.refused));
        }
        let case = self.case.as_ref().ok_or("no case")?;
        match words.as_slice() {
            ["stage", word] => same(case.stage.word() == *word, format!("stage {}", case.stage.word())),
            ["outcome", line, word] => {
                let sequence: u32 = line.parse().map_err(|_| "line")?;
                let state = case.line(sequence).ok_or("no such line")?;
                let found = state.outcome.as_ref().map_or("open", |o| o.word());
                same(found == *word, format!("line {line} is {found}; {:?}", case.stage))
            }
            ["event", kind] => same(self.kinds().contains(kind), format!("events {:?}", self.kinds())),
            ["no-event", kind] => same(!self.kinds().contains(kind), format!("events {:?}", self.kinds())),
            ["due", at] => {
                let due = case.next_clock().map(|c| c.due_at);
                same(due == at.parse().ok(), format!("due {}", shown(case, due)))
            }
            ["clock", rule, "due", at] => {
                let found = case.clocks.iter().find(|c| c.pin.rule == *rule && c.ended.is_none()).map(|c| c.due_at);
                let all: Vec<&str> = case.clocks.iter().map(|c| c.pin.rule.as_str()).collect();
                same(found == at.parse().ok(), format!("due {} of {all:?}", shown(case, found)))
            }
            ["information-clock", rule, "due", at] => {
                let told = |c: &&vigil_domain::case::Clock| c.pin.rule == *rule && c.watches == Watches::Information;
                let found = case.clocks.iter().find(told).map(|c| c.due_at);
                same(found == at.parse().ok(), format!("due {}", shown(case, found)))
            }
            ["telling", rule, watches, state] => {
                let word = |c: &&vigil_domain::case::Clock| c.watches.word().replace(' ', "-");
                let of = |c: &vigil_domain::case::Clock| match (c.satisfied_at, c.lapsed.is_some()) {
                    (None, _) => shown(case, Some(c.due_at)),
                    (Some(_), late) => {
                        if late {
                            "late".to_owned()
                        } else {
                            "met".to_owned()
                        }
                    }
                };
                let found = case.clocks.iter().filter(|c| c.pin.rule == *rule && word(c) == *watches).map(of);
                let found: Vec<String> = found.collect();
                let wanted = state.parse().ok().map_or((*state).to_owned(), |at| shown(case, Some(at)));
                same(found.contains(&wanted), format!("{found:?}"))
            }
            ["decision", rule, "due", at] => {
                let runs = |c: &&vigil_domain::case::Clock| {
                    c.pin.rule == *rule && c.watches == Watches::Decision && c.is_open()
                };
                let found: Vec<String> = case.clocks.iter().filter(runs).map(|c| shown(case, Some(c.due_at))).collect();
                let wanted = at.parse().ok().map(|at| shown(case, Some(at)));
                same(found.len() == 1 && found.first() == wanted.as_ref(), format!("{found:?}"))
            }
            ["renewal", from] => {
                let found = renewal(library(), case).map_or("none".to_owned(), |r| r.from.to_string());
                same(found == *from, found)
            }
            ["no-clock", rule] => {
                let all: Vec<&str> = case.clocks.iter().map(|c| c.pin.rule.as_str()).collect();
                same(!all.contains(rule), format!("clocks {all:?}"))
            }
            ["why", ..] => {
                let wanted = words[1..].join(" ");
                same(format!("{:?}", case.stage).contains(&wanted), format!("{:?}", case.stage))
            }
            ["awaiting", yes] => same(case.awaiting.is_some() == (*yes == "yes"), format!("{:?}", case.awaiting)),
            ["closed", yes] => same(case.is_closed() == (*yes == "yes"), format!("{:?} {:?}", case.stage, case.clocks)),
            ["continues", yes] => {
                let timely = case.continuation.as_ref().map(|c| c.timely);
                same(timely == Some(*yes == "yes"), format!("{:?}", case.continuation))
            }
            ["owed", purpose] => {
                let owed: Vec<String> = case.notices.iter().map(|n| format!("{:?}", n.purpose)).collect();
                same(owed.iter().any(|o| o == purpose), format!("owed {owed:?}"))
            }
            ["not-owed", purpose] => {
                let owed: Vec<String> = case.notices.iter().map(|n| format!("{:?}", n.purpose)).collect();
                same(owed.iter().all(|o| o != purpose), format!("owed {owed:?}"))
            }
            [word @ ("owed-to" | "not-owed-to"), reader, purpose] => {
                let owed = || case.notices.iter().map(|n| (n.to.word(), format!("{:?}", n.purpose)));
                let found = owed().any(|(to, what)| to == *reader && what == *purpose);
                same(found == (*word == "owed-to"), format!("owed {:?}", owed().collect::<Vec<_>>()))
            }
            ["lapsed", rule, effect] => {
                let lapsed: Vec<String> = case
                    .clocks
                    .iter()
                    .filter_map(|c| c.lapsed.as_ref().map(|(_, e, _)| format!("{} {e:?}", c.pin.rule)))
                    .collect();
                same(lapsed.contains(&format!("{rule} {effect}")), format!("lapsed {lapsed:?}"))
            }
            _ => Err("unknown check".into()),
        }
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.last.iter().map(Event::kind).collect()
    }
}

fn shown(case: &Case, due: Option<Moment>) -> String {
    due.map_or("none".into(), |d| case.contract.zone.at(d).to_string())
}

fn same(holds: bool, found: String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("found: {found}")) }
}

/// Words of a script as pairs.
pub fn pairs<'a>(words: impl Iterator<Item = &'a str>) -> Result<Words, String> {
    words
        .map(|w| match w.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(format!("{w}: want name=value")),
        })
        .collect()
}

/// What an approval gives: `amount=6`, `from=` and `through=`; all as asked without them.
fn limits(words: &Words) -> Option<Grant> {
    let day = |name: &str| words.get(name).and_then(|d| d.parse().ok());
    let (from, through) = (day("from"), day("through"));
    let amount = words.get("amount").map_or("", String::as_str);
    let given = !amount.is_empty() || from.is_some() || through.is_some();
    given.then(|| Grant { from, through, ..grant(amount) })
}

fn grant(amount: &str) -> Grant {
    Grant {
        authorization: String::new(),
        quantity: amount.parse().ok().map(|amount| Quantity { amount, unit: "month".into() }),
        from: None,
        through: None,
        service: None,
    }
}

fn stated(by: &Actor, words: &Words) -> Vec<Fact> {
    let service = words.get("service").cloned().unwrap_or("home-oxygen".into());
    facts(words)
        .into_iter()
        .map(|(id, value)| Fact {
            service: service.clone(),
            id,
            value,
            on: None,
            source: Source::Reviewer { person: by.person.clone(), found_in: "fax, page 2".into() },
        })
        .collect()
}

/// Home oxygen in one word: met, not met at 56, or only the pressure missing.
fn oxygen(word: &str) -> Words {
    let common = "test_ordered_evaluated=true test_by_dme_supplier=false inpatient_origin=false \
                  time_of_need_documented=true sole_reason=none abg_same_session=false";
    let rest = match word {
        "met" => "pao2_rest=54",
        "not-met" => {
            "pao2_rest=56 sao2_rest=91 dependent_edema_chf=false pulm_htn_or_cor_pulmonale=false hematocrit=50 \
             pao2_sleep=70 sao2_sleep=92 sao2_sleep_fall=2 pao2_sleep_fall=3 pao2_exercise=70 sao2_exercise=92 \
             literature_supported_condition=false"
        }
        _ => "",
    };
    let all = format!("{common} {rest}");
    let words = all.split_whitespace().filter_map(|w| w.split_once('='));
    words.map(|(name, value)| (format!("fact:{name}"), value.to_owned())).collect()
}

fn facts(words: &Words) -> Vec<(String, Value)> {
    let mut words = words.clone();
    if let Some(word) = words.get("oxygen").cloned() {
        words.extend(oxygen(&word));
    }
    words
        .iter()
        .filter_map(|(name, value)| {
            let id = name.strip_prefix("fact:")?.to_owned();
            let value = match value.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                text => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Number),
            };
            Some((id, value))
        })
        .collect()
}

fn date(text: &str) -> Day {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The command of a request in words.
pub fn receive(words: &Words) -> Command {
    let request = request(words);
    let state = words.get("state").map_or("NY", String::as_str);
    let zone = match state {
        "TX" => "America/Chicago",
        "CA" => "America/Los_Angeles",
        _ => "America/New_York",
    };
    let line_of_business =
        LineOfBusiness::read(words.get("line-of-business").map_or("medicare-advantage", String::as_str));
    let contract = Contract {
        id: "H0001".into(),
        payer_id: "P".into(),
        plan_id: "1".into(),
        name: "Harbor Health".into(),
        line_of_business,
        state: state.into(),
        zone: Zone::named(zone).expect("a zone"),
        rating_period_start: words.get("rating-period").map(|d| date(d)),
        grandfathered: false,
        accreditation: words.get("accreditation").cloned(),
        contractors: vec!["Noridian DME MAC".into()],
        phone: None,
        tty: None,
        address: None,
        correspondence: BTreeMap::new(),
        demonstration: false,
        excluded_services: words
            .get("excluded")
            .map(|c| Code::new(CodeSystem::Hcpcs, c.as_str()))
            .into_iter()
            .collect(),
        network_only: words.get("network-only").is_some(),
    };
    let resolved = Resolved {
        member: Member {
            payer_id: "P".into(),
            member_id: "M1".into(),
            name: PersonName { family: "Doe".into(), given: "Jane".into() },
            birth_day: Some(date(words.get("born").map_or("1955-03-02", String::as_str))),
            sex: Sex::Female,
            address: None,
            phone: None,
            language: None,
            provisional: words.get("provisional").is_some(),
        },
        coverage: Coverage {
            payer_id: "P".into(),
            member_id: "M1".into(),
            subscriber_id: None,
            plan_id: "1".into(),
            from: date("2020-01-01"),
            through: words.get("covered-through").map(|d| date(d)),
            order: 1,
        },
        contract,
        in_network: words.get("in-network").map(|w| w == "yes"),
        other_coverage: words.get("other").map(|w| w.replace('_', " ")),
        overlaps: Vec::new(),
    };
    Command::Receive {
        case: "0000-0000-0001".into(),
        authorization: "A000000000001".into(),
        request: Box::new(request),
        resolved: Box::new(resolved),
        scenario: None,
    }
}

fn request(words: &Words) -> Request {
    let received_at = words
        .get("received")
        .map_or_else(|| "2026-11-20T18:10:00-05:00".to_owned(), Clone::clone)
        .parse()
        .expect("a moment with its offset");
    let service = words.get("service").cloned();
    let items = facts(words)
        .into_iter()
        .map(|(id, value)| ClinicalItem {
            bound: None,
            doubt: None,
            kind: ItemKind::Answer,
            codes: Vec::new(),
            link_id: Some(id.clone()),
            questionnaire: service.clone(),
            value: Some(value),
            unit: None,
            when: Some(When::Moment(received_at)),
            place: format!("QuestionnaireResponse/1#{id}"),
        })
        .collect();
    let documents = words
        .get("doc")
        .map(|title| Document {
            digest: Some(format!("digest-{title}")),
            title: title.clone(),
            media_type: "application/pdf".into(),
            size: 100,
            on: None,
            place: title.clone(),
        })
        .into_iter()
        .collect();
    Request {
        receipt: Receipt {
            channel: Channel::read(words.get("channel").map_or("fhir", String::as_str)),
            received_at,
            proof: "message 1".into(),
            entered_at: received_at,
            entered_by: "sender".into(),
            caller: None,
            authority: None,
            expedite_asked_by: words.get("asker").map(|w| ExpediteAsker::read(w)),
            form_note: None,
        },
        review: Review::read(words.get("review").map_or("prospective", String::as_str)),
        urgency: Urgency::read(words.get("urgency").map_or("standard", String::as_str)),
        payer_id: "P".into(),
        payer_name: None,
        plan_id: None,
        member: StatedMember {
            standing: Standing {
                deceased: words.get("died").is_some(),
                died_on: words.get("died").filter(|d| *d != "yes").map(|d| date(d)),
                inactive: words.get("stated-coverage").cloned(),
                covered_from: None,
                covered_through: words.get("stated-through").map(|d| date(d)),
            },
            member_id: "M1".into(),
            subscriber_id: None,
            name: PersonName {
                family: words.get("family").map_or("Doe", String::as_str).replace('_', " "),
                given: "Jane".into(),
            },
            birth_day: words.get("stated-born").map(|d| date(d)),
            sex: Sex::read(words.get("sex").map_or("female", String::as_str)),
            address: None,
            phone: None,
            language: None,
        },
        requester: Provider { npi: Some("1234567893".into()), name: "Dr. Roe".into(), ..Provider::default() },
        practitioner: None,
        facility: None,
        diagnoses: words
            .get("diagnosis")
            .map(|code| Diagnosis {
                sequence: 1,
                code: Code::new(CodeSystem::Icd10Cm, code.as_str()),
                role: None,
                recorded_on: None,
            })
            .into_iter()
            .collect(),
        lines: lines(words),
        items,
        documents,
        identifiers: Vec::new(),
        updates: words
            .get("earlier")
            .map(|value| Identifier { system: "reference".into(), value: value.clone() })
            .into_iter()
            .collect(),
        cut: words.get("cut").map(|day| ProposedCut {
            case: "C-0".into(),
            line: 1,
            authorization: "A-0".into(),
            keeps: None,
            effective_on: day.parse().expect("a day"),
            why: "the goals of the plan of care are reached".into(),
            exception: words
                .get("exception")
                .map(|key| CutException { key: key.clone(), basis: "a returned letter".into() }),
        }),
        circumstances: words
            .get("circumstance")
            .into_iter()
            .flat_map(|c| c.split(','))
            .map(Circumstance::read)
            .collect(),
        note: None,
    }
}

fn lines(words: &Words) -> Vec<ServiceLine> {
    let codes = words.get("code").map_or("E1390", String::as_str);
    codes
        .split(',')
        .enumerate()
        .map(|(index, code)| {
            let (code, cancelled) = code.strip_prefix('-').map_or((code, false), |c| (c, true));
            ServiceLine {
                sequence: u32::try_from(index + 1).expect("few lines"),
                service: Code::new(CodeSystem::Hcpcs, code),
                also: Vec::new(),
                modifiers: Vec::new(),
                description: None,
                quantity: Some(Quantity {
                    amount: words.get("amount").map_or(12.0, |a| a.parse().expect("an amount")),
                    unit: words.get("unit").map_or("month", String::as_str).into(),
                }),
                from: Some(date(words.get("from").map_or("2026-12-01", String::as_str))),
                through: Some(date(words.get("through").map_or("2027-11-30", String::as_str))),
                place: words.get("place").map(|place| Code::new(CodeSystem::PlaceOfService, place.as_str())),
                provider: None,
                certification: words
                    .get("certification")
                    .map_or(Certification::Initial, |word| Certification::read(word)),
                drug: words.get("drug").is_some(),
                diagnoses: Vec::new(),
                earlier_authorization: None,
                cancelled,
                changed: words.get("changed").cloned(),
            }
        })
        .collect()
}
