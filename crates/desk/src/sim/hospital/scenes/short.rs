//! Scenario 6: short stays, one with its basis documented and one without.

use vigil_domain::{
    stay::{
        command::Command,
        documented::Stated,
        news::PatientStatus,
        notice::{NoticeKind, Receipt},
        procedure::ProcedureKind,
        review::{Advice, AttendingView, ReviewKind, ReviewResult},
    },
    time::Day,
};

use super::{
    super::{Cover, Hospitals, Script, people::actor},
    back, born, change, determine, lady, part_b, script,
};
use crate::sim::{demo::eastern, run::Sim};

/// Scenario 6: one midnight, two expected and documented, rapid recovery: stays inpatient, condition code 44 refused. Its
/// twin without a basis goes to W2 before the bill.
pub(super) fn short_stays(sim: &Sim, today: Day, hospitals: &Hospitals) -> Vec<Script> {
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
            members: Vec::new(),
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
        services_before_order: Some(true),
        outpatient_reasonable: None,
        appeal_pending: Some(false),
    };
    twin.refused(eastern(friday, 15, 30), "urnurse", route(ProcedureKind::BillPartA), "bill.outcome");
    twin.act(eastern(friday, 15, 40), "urnurse", route(ProcedureKind::RebillW2));
    vec![rescued, twin]
}
