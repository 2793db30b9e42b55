//! Scenario 5: condition code 44, and the ways in which it is refused.

use vigil_domain::{
    stay::{
        command::Command,
        documented::Stated,
        news::PatientStatus,
        notice::{NoticeKind, Receipt},
        review::{Advice, AttendingView, ReviewKind, ReviewResult},
    },
    time::Day,
};

use super::{
    super::{Cover, Hospitals, Script, people::actor},
    back, born, change, determine, lady, part_b, script,
};
use crate::sim::{demo::eastern, run::Sim};

/// From the first review not met to the attending's concurrence, Friday.
fn up_to_concurrence(s: &mut Script, friday: Day, view: AttendingView, hospitals: &Hospitals) {
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
            members: Vec::new(),
            view,
            at: eastern(friday, 11, 5),
        },
    );
}

/// Scenario 5: condition code 44, and its refused variants.
pub(super) fn condition_code_44(sim: &Sim, today: Day, hospitals: &Hospitals) -> Vec<Script> {
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
