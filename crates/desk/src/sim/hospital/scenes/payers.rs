//! What is asked of payers: scenarios 3, 4 and 8, and the hospital that asks the plan that runs here.

use vigil_domain::{
    code::{Code, CodeSystem},
    party::Sex,
    request::Quantity,
    stay::{
        command::Command,
        documented::Stated,
        news::PatientStatus,
        notice::{NoticeKind, Receipt},
        payer::{AnswerKind, AskKind, Channel, DisputeEnd, DisputeKind, PostAcuteKind},
        review::{ReviewKind, ReviewResult},
    },
    time::Day,
};

use super::{
    super::{Beat, Cover, Hospitals, Script, people::actor},
    REHAB_STAY, TWO_MIDNIGHT_STAY, answer, back, born, clinicals, lady, less, notify, script, told,
};
use crate::{
    hospital::handover::Asked,
    sim::{demo::eastern, run::Sim},
};

/// Scenario 3: stroke, 71. The hospital asks for inpatient rehabilitation Friday 10:05; the plan is here.
pub(super) fn both_sides(sim: &Sim, today: Day, hospitals: &Hospitals) -> Script {
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
        7,
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
    goes_on(&mut s, today);
    s.reviewed_daily(back(today, 1), today, hospitals);
    s
}

/// Until rehabilitation is decided the acute days go on: asked for and answered apart.
fn goes_on(s: &mut Script, today: Day) {
    let (friday, saturday) = (back(today, 2), back(today, 1));
    s.act(
        eastern(friday, 15, 0),
        "casemanager",
        Command::AskPayer {
            by: actor("casemanager"),
            payer: s.cover.payer.clone(),
            ask: AskKind::MoreDays,
            days: Some(3),
            channel: Channel::Portal,
            at: eastern(friday, 15, 0),
            reference: Some("R-LK-70311".into()),
        },
    );
    let more = answer(s, "A-LK-70311", saturday, back(today, -1), eastern(saturday, 9, 20));
    s.act(eastern(saturday, 9, 25), "casemanager", more);
}

/// Scenario 4, hospital part: the payer leans to observation, the benchmark is shown, inpatient approved; a later downgrade
/// is refused.
pub(super) fn two_midnight(sim: &Sim, today: Day, hospitals: &Hospitals) -> Script {
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

/// Scenario 8: New York inpatient substance-use treatment, day 9; the plan was told in time: no concurrent review.
pub(super) fn behavioral_health(sim: &Sim, today: Day, hospitals: &Hospitals) -> Script {
    let (saturday, sunday) = (back(today, 8), back(today, 7));
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
        14,
        "F10.230",
    );
    let mut s = script(sim, who, Cover::of(commercial, "C8000001"));
    s.ordered(eastern(saturday, 10, 0), PatientStatus::Inpatient);
    s.act(eastern(back(today, 6), 9, 0), "casemanager", told(&s, eastern(back(today, 6), 9, 0)));
    let facts = ["ny.oasas-program", "ny.first-plan-sent"].map(|id| Stated::Answer { id: id.into(), yes: true });
    s.documented(eastern(back(today, 6), 9, 10), facts.to_vec(), "licence of the unit; fax confirmation of the plan");
    s.review(eastern(sunday, 9, 30), sunday, ReviewKind::Initial, ReviewResult::Met, hospitals);
    s.reviewed_daily(back(sunday, -1), today, hospitals);
    let review = Command::RecordPayerReview {
        by: actor("casemanager"),
        payer: s.cover.payer.clone(),
        what: "The plan asks for a concurrent review of day 9.".into(),
    };
    s.refused(eastern(today, 10, 0), "casemanager", review, "NY-SUD-28");
    s
}

/// A patient of the plan that runs here: the request goes out as a message of the guide, and becomes a case of its own.
pub(super) fn asks_here(sim: &Sim, today: Day, hospitals: &Hospitals) -> Option<Script> {
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
    s.act(eastern(saturday, 8, 50), "casemanager", clinicals(&s, eastern(saturday, 8, 50)));
    s.beats.push((eastern(saturday, 9, 0), Beat::AskPlan("casemanager", Box::new(asked))));
    s.review(eastern(saturday, 9, 30), saturday, ReviewKind::Initial, ReviewResult::Met, hospitals);
    s.deliver(eastern(saturday, 10, 0), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    Some(s)
}
