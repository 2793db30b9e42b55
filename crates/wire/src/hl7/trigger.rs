//! What each trigger means, one line each.

use vigil_domain::stay::news::NewsKind;

/// How the identities of a trigger are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// Patient numbers: MRG-1 into PID-3.
    Patient,
    /// Accounts: MRG-3 into PID-18.
    Account,
    /// Both.
    PatientAndAccount,
    /// Visits: MRG-5 into PV1-19.
    Visit,
    /// Alternate visit numbers: MRG-6 into PV1-50.
    Alternate,
}

/// What a trigger asks of its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// News of one visit.
    Visit(NewsKind),
    /// The person's data, outside of any visit.
    Person,
    /// Two patients change places; two groups.
    Swap,
    /// Identities are joined.
    Join(NewsKind, Join),
    /// Understood, and nothing to do with a stay's status, place or people.
    Nothing(&'static str),
}

/// The meaning of an ADT trigger; none when it is not supported.
pub(super) fn meaning(trigger: &str) -> Option<Meaning> {
    use Meaning::{Join as Joined, Nothing, Visit};
    Some(match trigger {
        "A01" => Visit(NewsKind::Admit),
        "A02" => Visit(NewsKind::Transfer),
        "A03" => Visit(NewsKind::Discharge),
        "A04" => Visit(NewsKind::Register),
        "A05" => Visit(NewsKind::PreAdmit),
        "A06" => Visit(NewsKind::ClassUp),
        "A07" => Visit(NewsKind::ClassDown),
        "A08" => Visit(NewsKind::Update),
        "A11" => Visit(NewsKind::CancelVisit),
        "A12" => Visit(NewsKind::CancelTransfer),
        "A13" => Visit(NewsKind::CancelDischarge),
        "A14" | "A15" | "A26" | "A27" => Nothing("a plan without effect on the stay"),
        "A16" => Visit(NewsKind::ExpectDischarge),
        "A17" => Meaning::Swap,
        "A18" | "A30" | "A34" | "A40" => Joined(NewsKind::Merge, Join::Patient),
        "A21" => Visit(NewsKind::LeaveOut),
        "A22" => Visit(NewsKind::LeaveReturn),
        "A23" => Visit(NewsKind::SourceDeleted),
        "A25" => Visit(NewsKind::CancelExpectDischarge),
        "A28" | "A31" => Meaning::Person,
        "A35" | "A41" => Joined(NewsKind::Merge, Join::Account),
        "A36" => Joined(NewsKind::Merge, Join::PatientAndAccount),
        "A38" => Visit(NewsKind::CancelPreAdmit),
        "A42" => Joined(NewsKind::Merge, Join::Visit),
        "A44" => Joined(NewsKind::Move, Join::Patient),
        "A45" => Joined(NewsKind::Move, Join::Account),
        "A46" | "A47" => Joined(NewsKind::Renumber, Join::Patient),
        "A49" => Joined(NewsKind::Renumber, Join::Account),
        "A50" => Joined(NewsKind::Renumber, Join::Visit),
        "A51" => Joined(NewsKind::Renumber, Join::Alternate),
        "A52" => Visit(NewsKind::CancelLeaveOut),
        "A53" => Visit(NewsKind::CancelLeaveReturn),
        "A54" => Visit(NewsKind::Attending),
        "A55" => Visit(NewsKind::CancelAttending),
        "A20" | "A24" | "A37" | "A60" | "A61" | "A62" => Nothing("not about status, place or people of a stay"),
        _ => return None,
    })
}
