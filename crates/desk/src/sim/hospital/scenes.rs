//! The hospital parts of the tour, with the dates, persons and due times of the script: scenarios 3 to 8.

use vigil_domain::{
    code::{Code, CodeSystem},
    party::Sex,
    request::Quantity,
    stay::{
        command::{Command, EnteredDelay},
        documented::Stated,
        facility::Facility,
        news::PatientStatus,
        notice::{NoticeKind, Receipt},
        payer::{
            AnswerKind, AnswerSource, AskKind, Channel, CoverageChange, DisputeEnd, DisputeKind, Held, PayerAnswer,
            PostAcuteKind,
        },
        procedure::ProcedureKind,
        review::{Advice, AttendingView, ReviewKind, ReviewResult},
    },
    time::{Day, Moment},
};

use super::{
    Cover, Script,
    people::{MEDICARE, actor},
};
use crate::hospital::handover::Asked;
use crate::sim::{demo::eastern, run::Sim};

/// The day so many days before the demonstration's (negative: after it).
pub(super) fn back(today: Day, days: i64) -> Day {
    today.checked_sub(jiff::Span::new().days(days)).unwrap_or(today)
}

/// Number, scenario, hospital, family, given, born, sex, attending, unit, bed, diagnosis.
type Who = (
    u64,
    &'static str,
    usize,
    &'static str,
    &'static str,
    Day,
    Sex,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn script(sim: &Sim, who: Who, cover: Cover) -> Script {
    let (number, scenario, hospital, family, given, born, sex, attending, unit, bed, diagnosis) = who;
    Script {
        stay: sim.stay_number(number),
        visit: format!("V26{number:06}"),
        hospital,
        scenario: Some(scenario.to_owned()),
        name: vigil_domain::party::PersonName { family: family.into(), given: given.into() },
        born,
        sex,
        attending,
        unit,
        bed: bed.into(),
        cover,
        diagnosis,
        heard: 0,
        beats: Vec::new(),
    }
}

/// Every scenario's stays.
pub(super) fn scripts(sim: &Sim, today: Day, hospitals: &[Facility]) -> Vec<Script> {
    let hospitals = hospitals.to_vec();
    let mut scripts = vec![both_sides(sim, today, &hospitals), two_midnight(sim, today, &hospitals)];
    scripts.extend(condition_code_44(sim, today, &hospitals));
    scripts.extend(short_stays(sim, today, &hospitals));
    scripts.push(discharge_appeal(sim, today, &hospitals));
    scripts.push(behavioral_health(sim, today));
    scripts.extend(asks_here(sim, today, &hospitals));
    scripts
}

fn lady(
    n: u64,
    scenario: &'static str,
    family: &'static str,
    given: &'static str,
    born: Day,
    diagnosis: &'static str,
) -> Who {
    let bed = ["01", "02", "03", "04"][usize::try_from(n % 4).unwrap_or(0)];
    (n, scenario, 0, family, given, born, Sex::Female, "Hana Whitlow, MD", "5 East", bed, diagnosis)
}

/// The plan's cases of scenarios 3 and 4 name the stays they come from.
pub(in crate::sim) const REHAB_STAY: u64 = 31;
/// See [`REHAB_STAY`].
pub(in crate::sim) const TWO_MIDNIGHT_STAY: u64 = 41;

fn born(year: i16, month: i8, day: i8) -> Day {
    jiff::civil::date(year, month, day)
}

/// Scenario 3: stroke, 71. The hospital asks for inpatient rehabilitation Friday 10:05; the plan is here.
fn both_sides(sim: &Sim, today: Day, hospitals: &super::Hospitals) -> Script {
    let (friday, monday) = (back(today, 2), back(today, 6));
    let cover = Cover::of(&sim.world.contracts[0], "D3000001");
    let who = (
        REHAB_STAY,
        "3-rehab-peer-to-peer",
        0,
        "Lindenbaum",
        "Arthur",
        born(1955, 6, 30),
        Sex::Male,
        "Noa Testerman, MD",
        "4 West Stroke",
        "07",
        "I63.512",
    );
    let mut s = script(sim, who, cover);
    s.arrives(eastern(monday, 7, 20));
    s.ordered(eastern(monday, 9, 5), PatientStatus::Inpatient);
    s.expects(eastern(monday, 9, 20), 4);
    s.act(eastern(monday, 11, 0), "casemanager", notify(&s));
    s.review(eastern(monday, 13, 10), monday, ReviewKind::Initial, ReviewResult::Met, hospitals);
    s.act(eastern(monday, 14, 0), "casemanager", clinicals(&s, eastern(monday, 14, 0)));
    s.deliver(eastern(monday, 15, 30), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    let approved = answer(&s, "A-LK-70311", monday, friday, eastern(back(today, 5), 10, 30));
    s.act(eastern(back(today, 5), 10, 45), "casemanager", approved);
    s.act(
        eastern(friday, 10, 4),
        "casemanager",
        Command::AskPostAcute {
            by: actor("casemanager"),
            kind: PostAcuteKind::InpatientRehabilitation,
            payer: Some(s.cover.payer.clone()),
            facility: Some("Larkfield Rehabilitation Institute".into()),
            at: eastern(friday, 10, 4),
        },
    );
    // The request itself is the plan's case of this scenario; its answer comes back over the interface.
    s.act(
        eastern(friday, 10, 6),
        "casemanager",
        Command::AskPayer {
            by: actor("casemanager"),
            payer: s.cover.payer.clone(),
            ask: AskKind::PostAcute,
            days: None,
            channel: Channel::Interface,
            at: eastern(friday, 10, 5),
            reference: Some("request of Friday 10:05".into()),
        },
    );
    s.act(
        eastern(friday, 10, 15),
        "casemanager",
        Command::GiveChoice {
            by: actor("casemanager"),
            offered: vec!["Larkfield Rehabilitation Institute".into(), "Mohawk Valley Rehabilitation".into()],
            chosen: Some("Larkfield Rehabilitation Institute".into()),
            disclosed: "The institute belongs to the same health system; told to the patient.".into(),
        },
    );
    s.review(eastern(friday, 12, 0), friday, ReviewKind::Continued, ReviewResult::Met, hospitals);
    s
}

fn notify(s: &Script) -> Command {
    let at = s.beats.last().map_or(Moment::UNIX_EPOCH, |(at, _)| *at);
    Command::NotifyPayer {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        channel: Channel::Portal,
        at,
        reference: Some(format!("N-{}", s.visit)),
    }
}

fn clinicals(s: &Script, at: Moment) -> Command {
    Command::SendClinicals {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        channel: Channel::Portal,
        at,
        confirmation: format!("CF-{}", s.visit),
        what: "first review, notes of day 1, results".into(),
    }
}

/// An approval of days by telephone.
pub(super) fn answer(s: &Script, number: &str, from: Day, through: Day, said_at: Moment) -> Command {
    let answer = PayerAnswer {
        kind: AnswerKind::Approved,
        authorization: Some(number.to_owned()),
        from: Some(from),
        through: Some(through),
        days: None,
        level: Some("acute inpatient".into()),
        next_review_on: Some(through),
        reason: None,
        criteria: None,
        peer_to_peer_until: None,
    };
    said(s, answer, said_at)
}

fn said(s: &Script, answer: PayerAnswer, said_at: Moment) -> Command {
    let source = AnswerSource {
        channel: Channel::Telephone,
        said_by: "R. Delacroix, utilization management".into(),
        said_at,
        reference: Some(format!("call {}", s.visit)),
        message: None,
    };
    Command::RecordPayerAnswer {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        answer: Box::new(answer),
        source,
    }
}

/// An answer of less than asked.
pub(super) fn less(s: &Script, kind: AnswerKind, reason: &str, said_at: Moment) -> Command {
    let answer = PayerAnswer {
        kind,
        authorization: None,
        from: None,
        through: None,
        days: None,
        level: Some("observation".into()),
        next_review_on: None,
        reason: Some(reason.to_owned()),
        criteria: Some("internal guideline of the plan".into()),
        peer_to_peer_until: None,
    };
    said(s, answer, said_at)
}

/// Scenario 4, hospital part: the payer leans to observation, the benchmark is shown, inpatient approved; a later downgrade
/// is refused.
fn two_midnight(sim: &Sim, today: Day, hospitals: &super::Hospitals) -> Script {
    let (thursday, friday, saturday) = (back(today, 3), back(today, 2), back(today, 1));
    let cover = Cover::of(&sim.world.contracts[0], "D4000001");
    let mut s = script(
        sim,
        lady(TWO_MIDNIGHT_STAY, "4-two-midnight", "Castleford", "Ruth", born(1947, 12, 1), "I50.33"),
        cover,
    );
    s.arrives(eastern(thursday, 16, 40));
    s.ordered(eastern(thursday, 20, 15), PatientStatus::Inpatient);
    s.expects(eastern(thursday, 20, 30), 2);
    s.act(eastern(friday, 8, 30), "casemanager", told(&s, eastern(friday, 8, 30)));
    s.act(
        eastern(friday, 13, 50),
        "casemanager",
        Command::AskPayer {
            by: actor("casemanager"),
            payer: s.cover.payer.clone(),
            ask: AskKind::Admission,
            days: None,
            channel: Channel::Interface,
            at: eastern(friday, 13, 50),
            reference: Some("request of Friday 13:50".into()),
        },
    );
    s.review(eastern(friday, 9, 40), friday, ReviewKind::Initial, ReviewResult::Met, hospitals);
    s.act(eastern(friday, 10, 10), "casemanager", clinicals(&s, eastern(friday, 10, 10)));
    s.deliver(eastern(friday, 11, 0), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    let leans = less(&s, AnswerKind::Pended, "leans to observation", eastern(friday, 15, 20));
    s.act(eastern(friday, 15, 25), "casemanager", leans);
    s.act(
        eastern(friday, 16, 0),
        "advisor",
        Command::OpenDispute {
            by: actor("advisor"),
            payer: s.cover.payer.clone(),
            kind: DisputeKind::PeerToPeer,
            asker: "treating physician".into(),
            grounds: "Two midnights were expected and documented at the order (42 CFR 412.3(d)(1)(i)).".into(),
            agreed_for: Some(eastern(saturday, 9, 30)),
        },
    );
    s.act(
        eastern(saturday, 9, 45),
        "advisor",
        Command::EndDispute {
            by: actor("advisor"),
            dispute: 0,
            end: DisputeEnd::Overturned,
            words: "The plan's physician accepted the two-midnight benchmark.".into(),
        },
    );
    let downgrade = less(&s, AnswerKind::Downgraded, "pay as observation", eastern(saturday, 15, 0));
    s.refused(eastern(saturday, 15, 5), "casemanager", downgrade, "MADV-APPROVED-LOCK");
    s.review(eastern(saturday, 16, 0), saturday, ReviewKind::Continued, ReviewResult::Met, hospitals);
    s
}

fn told(s: &Script, at: Moment) -> Command {
    Command::NotifyPayer {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        channel: Channel::Portal,
        at,
        reference: Some(format!("N-{}", s.visit)),
    }
}

/// Original Medicare with or without Part B, as the eligibility answer said.
fn part_b(s: &Script, has: bool) -> Command {
    Command::StateCoverage {
        by: actor("casemanager"),
        held: vec![Held {
            payer_id: MEDICARE.into(),
            plan_id: String::new(),
            name: "Original Medicare".into(),
            member_id: s.cover.member.clone(),
            line_of_business: s.cover.line.clone(),
            part_b: Some(has),
            terms: None,
        }],
        change: CoverageChange::Corrected,
        from: None,
        basis: "eligibility answer: Part A, and Part B as shown".into(),
    }
}

/// From the first review not met to the attending's concurrence, Friday.
fn up_to_concurrence(s: &mut Script, friday: Day, view: AttendingView, hospitals: &super::Hospitals) {
    s.review(eastern(friday, 8, 10), friday, ReviewKind::Initial, ReviewResult::NotMet, hospitals);
    s.act(
        eastern(friday, 9, 35),
        "advisor",
        Command::Advise {
            by: actor("advisor"),
            escalation: 0,
            advice: Advice::Observation,
            rationale: "One midnight of care is documented; the work-up is finished today.".into(),
        },
    );
    s.act(
        eastern(friday, 11, 5),
        "urnurse",
        Command::RecordAttending {
            by: actor("urnurse"),
            escalation: 0,
            attending: s.attending.into(),
            documented: if view == AttendingView::Concurs {
                "progress note, Friday 11:05".into()
            } else {
                String::new()
            },
            view,
            at: eastern(friday, 11, 5),
        },
    );
}

fn determine(by: &'static str) -> Command {
    Command::Determine {
        by: actor(by),
        escalation: 0,
        necessary: false,
        rationale: "No need that only inpatient care meets is documented beyond one midnight.".into(),
        attests_no_involvement: true,
    }
}

fn change(by: &'static str, observation_order_at: Option<Moment>) -> Command {
    Command::ChangeToOutpatient { by: actor(by), observation_order_at }
}

/// Scenario 5: condition code 44, and its refused variants.
fn condition_code_44(sim: &Sim, today: Day, hospitals: &super::Hospitals) -> Vec<Script> {
    let (thursday, friday) = (back(today, 3), back(today, 2));
    let base = |n: u64, scenario, family, given, has_part_b: bool| {
        let cover = Cover::original_medicare(&format!("1EG4-TE5-MK{n}"));
        let mut s = script(sim, lady(n, scenario, family, given, born(1944, 3, 17), "R55"), cover);
        s.arrives(eastern(thursday, 18, 50));
        s.ordered(eastern(thursday, 21, 40), PatientStatus::Inpatient);
        s.act(eastern(thursday, 22, 30), "casemanager", part_b(&s, has_part_b));
        s.deliver(eastern(friday, 7, 45), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
        s.documented(eastern(friday, 8, 0), vec![Stated::ExpectedDischarge(eastern(friday, 17, 0))], "plan of the day");
        s.documented(eastern(friday, 8, 5), vec![Stated::HospitalNeed(false)], "review of the record");
        s
    };
    let finished = |n, scenario, family, given, has_part_b| {
        let mut s = base(n, scenario, family, given, has_part_b);
        up_to_concurrence(&mut s, friday, AttendingView::Concurs, hospitals);
        s.act(eastern(friday, 11, 30), "advisor", determine("advisor"));
        s.act(eastern(friday, 11, 40), "urnurse", change("urnurse", Some(eastern(friday, 11, 38))));
        s.ordered(eastern(friday, 11, 41), PatientStatus::Observation);
        s.deliver(eastern(friday, 12, 10), "urnurse", NoticeKind::CommitteeDetermination, Receipt::Handed);
        s.deliver(eastern(friday, 12, 15), "urnurse", NoticeKind::CommitteeToAttending, Receipt::Handed);
        if !has_part_b {
            s.deliver(eastern(friday, 12, 40), "casemanager", NoticeKind::ChangeOfStatus, Receipt::Signed);
        }
        s.deliver(eastern(friday, 12, 50), "casemanager", NoticeKind::NewYorkObservation, Receipt::Signed);
        s.leaves(eastern(friday, 17, 0), "01");
        s
    };
    let with_part_b = finished(51, "5-cc44", "Amberley", "Constance", true);
    let without = finished(52, "5-cc44-no-part-b", "Dunwoody", "Ernestine", false);
    let mut unappointed = base(53, "5-cc44-not-appointed", "Fairbairn", "Lucille", true);
    up_to_concurrence(&mut unappointed, friday, AttendingView::Concurs, hospitals);
    unappointed.refused(eastern(friday, 11, 30), "advisor2", determine("advisor2"), "ur.not-appointed");
    unappointed.refused(eastern(friday, 11, 45), "urnurse", change("urnurse", None), "condition-code-44.1");
    let mut gone = base(54, "5-cc44-discharged", "Gallowglass", "Winifred", true);
    up_to_concurrence(&mut gone, friday, AttendingView::Concurs, hospitals);
    gone.leaves(eastern(friday, 11, 20), "01");
    gone.act(eastern(friday, 11, 50), "advisor", determine("advisor"));
    gone.refused(eastern(friday, 12, 0), "urnurse", change("urnurse", None), "condition-code-44.3");
    let mut disagrees = base(55, "5-cc44-disagrees", "Harcourt", "Beatrix", true);
    up_to_concurrence(&mut disagrees, friday, AttendingView::Disagrees, hospitals);
    disagrees.act(eastern(friday, 11, 30), "advisor", determine("advisor"));
    disagrees.act(eastern(friday, 12, 30), "committee", determine("committee"));
    disagrees.refused(eastern(friday, 12, 40), "urnurse", change("urnurse", None), "condition-code-44.2");
    vec![with_part_b, without, unappointed, gone, disagrees]
}

/// Scenario 6: one midnight, two expected and documented, rapid recovery: stays inpatient, condition code 44 refused. Its
/// twin without a basis goes to W2 before the bill.
fn short_stays(sim: &Sim, today: Day, hospitals: &super::Hospitals) -> Vec<Script> {
    let (wednesday, thursday, friday) = (back(today, 4), back(today, 3), back(today, 2));
    let base = |n: u64, scenario, family, given| {
        let cover = Cover::original_medicare(&format!("1EG4-TE5-MK{n}"));
        let mut s = script(sim, lady(n, scenario, family, given, born(1948, 9, 2), "J18.9"), cover);
        s.arrives(eastern(wednesday, 15, 10));
        s.ordered(eastern(wednesday, 18, 20), PatientStatus::Inpatient);
        s.act(eastern(wednesday, 18, 40), "casemanager", part_b(&s, true));
        s
    };
    let mut rescued = base(61, "6-short-stay", "Inglenook", "Marjorie");
    rescued.expects(eastern(wednesday, 18, 45), 2);
    rescued.deliver(eastern(thursday, 9, 0), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    rescued.review(eastern(thursday, 9, 30), thursday, ReviewKind::Initial, ReviewResult::Met, hospitals);
    rescued.refused(eastern(thursday, 14, 0), "urnurse", change("urnurse", None), "condition-code-44.0");
    rescued.leaves(eastern(thursday, 16, 30), "01");
    let improved = Stated::Departure { how: "home".into(), rapid_improvement: true };
    rescued.documented(eastern(thursday, 17, 0), vec![improved], "discharge summary: unexpected rapid improvement");
    let mut twin = base(62, "6-w2", "Jessamine", "Odette");
    twin.deliver(eastern(thursday, 9, 0), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    twin.leaves(eastern(thursday, 16, 30), "01");
    twin.documented(eastern(friday, 9, 0), vec![Stated::HospitalNeed(false)], "review of the record");
    twin.review(eastern(friday, 9, 10), friday, ReviewKind::PostDischarge, ReviewResult::NotMet, hospitals);
    twin.act(
        eastern(friday, 10, 0),
        "advisor",
        Command::Advise {
            by: actor("advisor"),
            escalation: 0,
            advice: Advice::Outpatient,
            rationale: "No expectation of two midnights is documented, and no factor for an exception.".into(),
        },
    );
    twin.act(
        eastern(friday, 13, 0),
        "urnurse",
        Command::RecordAttending {
            by: actor("urnurse"),
            escalation: 0,
            attending: twin.attending.into(),
            view: AttendingView::NoViews,
            documented: String::new(),
            at: eastern(friday, 13, 0),
        },
    );
    twin.act(eastern(friday, 14, 0), "advisor", determine("advisor"));
    twin.deliver(eastern(friday, 15, 0), "urnurse", NoticeKind::CommitteeDetermination, Receipt::Telephone);
    twin.deliver(eastern(friday, 15, 5), "urnurse", NoticeKind::CommitteeToAttending, Receipt::Handed);
    let outpatient = Stated::Answer { id: "w2.outpatient-reasonable".into(), yes: true };
    twin.documented(eastern(friday, 15, 20), vec![outpatient], "committee's record");
    let route = |route| Command::RouteBill {
        by: actor("urnurse"),
        route,
        rationale: "post-discharge review of the UR committee".into(),
    };
    twin.refused(eastern(friday, 15, 30), "urnurse", route(ProcedureKind::BillPartA), "bill.outcome");
    twin.act(eastern(friday, 15, 40), "urnurse", route(ProcedureKind::RebillW2));
    vec![rescued, twin]
}

/// Scenario 7: discharge Tuesday; the patient calls the QIO at 17:00; detailed notice due Wednesday noon.
fn discharge_appeal(sim: &Sim, today: Day, hospitals: &super::Hospitals) -> Script {
    let (friday, monday, tuesday, wednesday) = (back(today, 9), back(today, 6), back(today, 5), back(today, 4));
    let cover = Cover::original_medicare("1EG4-TE5-MK70");
    let mut s = script(sim, lady(71, "7-qio-appeal", "Kensington", "Adelaide", born(1941, 5, 23), "I50.33"), cover);
    s.arrives(eastern(friday, 13, 0));
    s.ordered(eastern(friday, 15, 30), PatientStatus::Inpatient);
    s.act(eastern(friday, 15, 45), "casemanager", part_b(&s, true));
    s.expects(eastern(friday, 16, 0), 3);
    s.deliver(eastern(friday, 17, 30), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    s.review(eastern(back(today, 8), 10, 0), back(today, 8), ReviewKind::Initial, ReviewResult::Met, hospitals);
    let leaves = Stated::ExpectedDischarge(eastern(tuesday, 18, 0));
    s.documented(eastern(monday, 9, 0), vec![leaves], "discharge order for Tuesday");
    s.deliver(eastern(monday, 10, 0), "casemanager", NoticeKind::ImportantMessageFollowUp, Receipt::Signed);
    let call = Command::RecordQioCall {
        by: actor("casemanager"),
        called_at: eastern(tuesday, 17, 0),
        told_at: eastern(tuesday, 17, 20),
    };
    s.act(eastern(tuesday, 17, 25), "casemanager", call);
    let hinn = Command::RequireNotice {
        by: actor("casemanager"),
        kind: NoticeKind::Hinn12,
        why: "The stay goes on at the patient's wish.".into(),
        before: Some(eastern(wednesday, 12, 0)),
    };
    s.refused(eastern(tuesday, 17, 40), "casemanager", hinn, "notice.liability-held");
    s.deliver(eastern(wednesday, 10, 30), "casemanager", NoticeKind::DetailedDischarge, Receipt::Handed);
    let records = Command::SendQioRecords { by: actor("casemanager"), at: eastern(wednesday, 10, 45) };
    s.act(eastern(wednesday, 10, 50), "casemanager", records);
    let days = |code: &str| Command::RecordAvoidableDays {
        by: actor("casemanager"),
        delay: Box::new(EnteredDelay {
            code: code.into(),
            from: wednesday,
            through: wednesday,
            hours: None,
            department: None,
            note: "waits for the review".into(),
        }),
    };
    s.refused(eastern(wednesday, 15, 0), "casemanager", days("PT-REFUSE"), "avoidable.qio");
    s.act(eastern(wednesday, 15, 5), "casemanager", days("PT-QIO"));
    s
}

/// Scenario 8: New York inpatient substance-use treatment, day 9; the plan was told in time: no concurrent review.
fn behavioral_health(sim: &Sim, today: Day) -> Script {
    let saturday = back(today, 8);
    let commercial = sim.world.contracts.iter().find(|c| c.id == "C9201").unwrap_or(&sim.world.contracts[0]);
    let who = (
        81,
        "8-behavioral-health",
        1,
        "Marchetti",
        "Dominic",
        born(1991, 2, 8),
        Sex::Male,
        "Priya Vantongeren, MD",
        "Behavioral Health 2",
        "14",
        "F10.230",
    );
    let mut s = script(sim, who, Cover::of(commercial, "C8000001"));
    s.ordered(eastern(saturday, 10, 0), PatientStatus::Inpatient);
    s.act(eastern(back(today, 6), 9, 0), "casemanager", told(&s, eastern(back(today, 6), 9, 0)));
    let facts = ["ny.oasas-program", "ny.first-plan-sent"].map(|id| Stated::Answer { id: id.into(), yes: true });
    s.documented(eastern(back(today, 6), 9, 10), facts.to_vec(), "licence of the unit; fax confirmation of the plan");
    let review = Command::RecordPayerReview {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        what: "The plan asks for a concurrent review of day 9.".into(),
    };
    s.refused(eastern(today, 10, 0), "casemanager", review, "NY-SUD-28");
    s
}

/// A patient of the plan that runs here: the request goes out as a message of the guide, and becomes a case of its own.
fn asks_here(sim: &Sim, today: Day, hospitals: &super::Hospitals) -> Option<Script> {
    let contract = &sim.world.contracts[0];
    let (member, _) = sim.world.members.iter().find(|(m, c)| *c == 0 && m.birth_day.is_some())?;
    let (friday, saturday) = (back(today, 2), back(today, 1));
    let mut who = lady(91, "also-hospital-asks-here", "", "", member.birth_day?, "I50.33");
    who.6 = member.sex.clone();
    let mut s = script(sim, who, Cover::of(contract, &member.member_id));
    s.name = member.name.clone();
    s.arrives(eastern(friday, 14, 0));
    s.ordered(eastern(friday, 18, 30), PatientStatus::Inpatient);
    s.expects(eastern(friday, 18, 45), 2);
    s.act(eastern(saturday, 8, 40), "casemanager", told(&s, eastern(saturday, 8, 40)));
    let asked = Asked {
        payer: s.cover.payer.clone(),
        ask: AskKind::Admission,
        service: Code::new(CodeSystem::Revenue, "0120"),
        words: "Inpatient hospital admission".into(),
        quantity: Quantity { amount: 3.0, unit: "day".into() },
        from: friday,
        through: Some(today),
        expedited: true,
        note: Some("Acute on chronic heart failure, intravenous diuretics; two midnights expected.".into()),
    };
    s.beats.push((eastern(saturday, 9, 0), super::Beat::AskPlan("casemanager", Box::new(asked))));
    s.review(eastern(saturday, 9, 30), saturday, ReviewKind::Initial, ReviewResult::Met, hospitals);
    s.deliver(eastern(saturday, 10, 0), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    Some(s)
}
