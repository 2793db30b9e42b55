//! Who may do what: one table from role to permitted acts. Pages ask `signed_in.require(Permission::…)`, never for a role.

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $words:literal),+ $(,)?) => {
        /// An act that a role may be permitted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $variant),+ }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Permission] = &[$(Self::$variant),+];

            /// The act in words, after "To …".
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),+ }
            }
        }
    };
}

permissions! {
    /// Worklist, cases, documents, notices.
    ReadCases = "see cases",
    /// Measures without patients.
    ReadMeasures = "see the measures",
    /// Rules, criteria, notice templates.
    ReadLibrary = "see the library",
    /// Type in a request; record information that came in.
    EnterRequest = "enter a request",
    /// Take and release cases; note; log outreach; schedule peer-to-peer.
    Work = "work on a case",
    /// Nurse's review: state facts, approve, ask for information, refer, extend.
    Review = "review a case",
    /// Physician's determination, adverse ones included.
    Determine = "determine a case",
    /// Administrative determinations; clear administrative questions.
    Administrative = "sign an administrative determination",
    /// Withdraw, dismiss, void; confirm deemed approvals; assign others' work.
    Supervise = "close or reassign a case",
    /// Record deliveries of notices.
    DeliverNotices = "record the delivery of a notice",
    /// Census, stays, boards.
    ReadStays = "see stays",
    /// Review stays, tell payers, deliver notices, everything of the hospital's side that needs no physician.
    WorkStays = "work on a stay",
    /// Second-level review, UR committee determinations, the bill's route.
    Advise = "advise on a stay",
    /// Who looked at what.
    ReadTrail = "read the trail of who looked at what",
    /// Accounts, roles, interface tokens.
    ManageAccess = "manage accounts and tokens",
}

/// A role a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Registered nurse reviewer.
    Nurse,
    /// Physician reviewer, medical director.
    Physician,
    /// Runs the department.
    Manager,
    /// Hospital's utilization review nurse, case manager.
    ReviewNurse,
    /// Hospital's physician advisor, member of the UR committee where appointed.
    Advisor,
    /// Receives requests by telephone, fax, portal.
    Intake,
    /// Reads everything, changes nothing.
    Auditor,
    /// Manages accounts; sees no patients.
    Administrator,
}

use Permission::{
    Administrative, Advise, DeliverNotices, Determine, EnterRequest, ManageAccess, ReadCases, ReadLibrary,
    ReadMeasures, ReadStays, ReadTrail, Review, Supervise, Work, WorkStays,
};

/// The table: role, its word, its title on pages, what it may do.
pub const TABLE: &[(Role, &str, &str, &[Permission])] = &[
    (
        Role::Nurse,
        "nurse",
        "Nurse",
        &[ReadCases, ReadMeasures, ReadLibrary, EnterRequest, Work, Review, DeliverNotices],
    ),
    (Role::Physician, "physician", "Physician", &[ReadCases, ReadMeasures, ReadLibrary, Work, Review, Determine]),
    (
        Role::Manager,
        "manager",
        "Manager",
        &[
            ReadCases,
            ReadMeasures,
            ReadLibrary,
            EnterRequest,
            Work,
            Administrative,
            Supervise,
            DeliverNotices,
            ReadStays,
            WorkStays,
            ReadTrail,
        ],
    ),
    (Role::ReviewNurse, "ur-nurse", "UR nurse", &[ReadStays, WorkStays, ReadMeasures, ReadLibrary]),
    (Role::Advisor, "advisor", "Physician advisor", &[ReadStays, WorkStays, Advise, ReadMeasures, ReadLibrary]),
    (Role::Intake, "intake", "Intake", &[ReadCases, ReadLibrary, EnterRequest, Work, DeliverNotices]),
    (Role::Auditor, "auditor", "Auditor", &[ReadCases, ReadStays, ReadMeasures, ReadLibrary, ReadTrail]),
    (Role::Administrator, "administrator", "Administrator", &[ReadMeasures, ReadLibrary, ManageAccess, ReadTrail]),
];

impl Role {
    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == word).map(|row| row.0)
    }

    /// Its word, as accounts keep it.
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// Its title, as pages show it.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    /// What it may do.
    pub fn permits(self, act: Permission) -> bool {
        self.row().3.contains(&act)
    }

    /// The roles that an act is permitted to.
    pub fn permitted(act: Permission) -> impl Iterator<Item = Self> {
        TABLE.iter().filter(move |row| row.3.contains(&act)).map(|row| row.0)
    }

    fn row(self) -> &'static (Role, &'static str, &'static str, &'static [Permission]) {
        TABLE.iter().find(|row| row.0 == self).expect("every role has its row in the table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_one_row_and_every_act_somebody() {
        let roles = [
            Role::Nurse,
            Role::Physician,
            Role::Manager,
            Role::ReviewNurse,
            Role::Advisor,
            Role::Intake,
            Role::Auditor,
            Role::Administrator,
        ];
        for role in roles {
            assert_eq!(Role::of(role.word()), Some(role));
            assert_eq!(TABLE.iter().filter(|row| row.0 == role).count(), 1);
        }
        for act in Permission::ALL {
            assert!(TABLE.iter().any(|row| row.3.contains(act)), "nobody may {}", act.words());
        }
    }

    #[test]
    fn only_a_physician_determines_and_an_auditor_changes_nothing() {
        for (role, ..) in TABLE {
            assert_eq!(role.permits(Permission::Determine), *role == Role::Physician, "{role:?}");
            assert_eq!(role.permits(Permission::Advise), *role == Role::Advisor, "{role:?}");
        }
        for act in
            [EnterRequest, Work, Review, Determine, Administrative, Supervise, DeliverNotices, WorkStays, ManageAccess]
        {
            assert!(!Role::Auditor.permits(act), "{act:?}");
        }
        assert!(!Role::Administrator.permits(ReadCases), "an administrator of accounts sees no patients");
        assert!(!Role::Administrator.permits(ReadStays), "an administrator of accounts sees no patients");
        for role in [Role::Nurse, Role::Physician, Role::Intake] {
            assert!(!role.permits(ReadStays), "the plan's side does not see the hospital's: {role:?}");
        }
        for role in [Role::ReviewNurse, Role::Advisor] {
            assert!(!role.permits(ReadCases), "the hospital's side does not see the plan's: {role:?}");
        }
    }
}
