//! Scenario 7: the patient appeals the discharge to the quality improvement organization.

use vigil_domain::{
    stay::{
        command::{Command, EnteredDelay},
        documented::Stated,
        news::PatientStatus,
        notice::{NoticeKind, Receipt},
        review::{ReviewKind, ReviewResult},
    },
    time::Day,
};

use super::{
    super::{Cover, Hospitals, Script, people::actor},
    back, born, lady, part_b, script,
};
use crate::sim::{demo::eastern, run::Sim};

/// Scenario 7: discharge Tuesday; the patient calls the QIO at 17:00; detailed notice due Wednesday noon.
pub(super) fn discharge_appeal(sim: &Sim, today: Day, hospitals: &Hospitals) -> Script {
    let (friday, monday, tuesday, wednesday) = (back(today, 9), back(today, 6), back(today, 5), back(today, 4));
    let cover = Cover::original_medicare("1EG4-TE5-MK70");
    let mut s = script(sim, lady(71, "7-qio-appeal", "Kensington", "Adelaide", born(1941, 5, 23), "I50.33"), cover);
    s.arrives(eastern(friday, 13, 0));
    s.ordered(eastern(friday, 15, 30), PatientStatus::Inpatient);
    s.act(eastern(friday, 15, 45), "casemanager", part_b(&s, true));
    s.expects(eastern(friday, 16, 0), 3);
    s.deliver(eastern(friday, 17, 30), "casemanager", NoticeKind::ImportantMessage, Receipt::Signed);
    s.review(eastern(back(today, 8), 10, 0), back(today, 8), ReviewKind::Initial, ReviewResult::Met, hospitals);
    s.reviewed_daily(back(today, 7), back(today, 1), hospitals);
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
