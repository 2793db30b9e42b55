//! The plan's part of scenario 10: the manager takes up the signal that eight late letters made, writes the A3, and puts the
//! motion to retire a rule that is met nearly always before the committee.

use jiff::Span;
use vigil_domain::{
    case::command::{Actor, Command},
    improvement::{self, Part},
    motion::{self, Vote},
    time::Day,
};
use vigil_store::WorkFilter;

use super::NEARLY_ALWAYS_MET;
use crate::{
    MAIN_TENANT,
    act::ActError,
    improve::{monday, week_span},
    sim::{people::Role, run::Sim, services},
};

/// What the manager writes, part by part; the root cause is what the case events show.
const SHEET: &[(Part, &str)] = &[
    (
        Part::Background,
        "Members wait for these letters: an expedited approval is of no use until the hospital and the member know of it, and each late notice is a finding in the program audit.",
    ),
    (
        Part::Condition,
        "Eight of eight letters of one hospital went out after their due time on one day; in the weeks before nearly none did. All eight were decided in time; one of them lacked the member's address.",
    ),
    (Part::Goal, "No letter given after its due time in any week, from the first of December."),
    (
        Part::RootCause,
        "The letters were not late because anybody decided late. Nothing left the mail room between 8 in the morning and 7 in the evening: it was closed that day, and nobody was told that letters were due.",
    ),
    (
        Part::Countermeasures,
        "The mail room's closing days stand in the calendar that the department sees. On such a day expedited notices are given by telephone and fax first.",
    ),
    (Part::Plan, "Mail room: calendar by November 25. Manager: telephone list for closing days by November 27."),
];

impl Sim {
    /// The manager looks at the chart on Monday and begins the A3.
    pub(super) async fn improvement(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Manager).person;
        let today = self.zone.day(self.now);
        let week = monday(back(today, 7));
        let from = back(today, 42);
        let Some(signal) = self.desk.late_signal(MAIN_TENANT, from, today, week)? else { return Ok(()) };
        let (begin, end) = week_span(week, &self.zone);
        let causes = self.desk.causes_of_late_notices(MAIN_TENANT, begin, end)?.by_step;
        let id = self.desk.new_subject_id('I')?;
        let title = "Letters of one hospital went out late".to_owned();
        let open = improvement::Command::Open { improvement: id.clone(), title, signal, causes };
        self.desk.improve(MAIN_TENANT, &id, &by, open).await?;
        let parts = SHEET.iter().map(|(part, text)| (*part, (*text).to_owned())).collect();
        self.desk.improve(MAIN_TENANT, &id, &by, improvement::Command::Write { parts }).await.map(drop)
    }

    /// The motion is put on Monday, on the figures of the rule-value board.
    pub(super) async fn motion(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Manager).person;
        let today = self.zone.day(self.now);
        let service = services::by_id(NEARLY_ALWAYS_MET);
        let span = (back(today, 42), back(today, 1));
        let figures = self.desk.figures_of(MAIN_TENANT, service.code, span, &self.zone)?;
        let id = self.desk.new_subject_id('M')?;
        let put = motion::Command::Put {
            motion: id.clone(),
            code: service.code.to_owned(),
            service: service.words.to_owned(),
            figures,
            why: "Review finds almost nothing here: the sleep study that the rule asks for is there each time. Each review costs a nurse's minutes and a member's nights.".to_owned(),
        };
        self.desk.move_motion(MAIN_TENANT, &id, &by, put, today).await.map(drop)
    }

    /// The committee meets on Thursday.
    pub(super) async fn motion_voted(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Manager).person;
        let today = self.zone.day(self.now);
        let Some(motion) = self.desk.motions(MAIN_TENANT)?.into_iter().find(|m| m.word() == "open") else {
            return Ok(());
        };
        let vote = Vote {
            on: today,
            members: 9,
            physicians: 6,
            present: 7,
            in_favour: 6,
            against: 0,
            abstained: 1,
            effective_on: today.checked_add(Span::new().days(42)).ok(),
            minutes: "Figures shown. Asked: does anybody then order without a sleep study? Answer: claims are watched for it, and the figures come back to the committee in six months.".to_owned(),
        };
        self.desk.move_motion(MAIN_TENANT, &motion.id, &by, motion::Command::Decide { vote }, today).await.map(drop)
    }
}

impl Sim {
    /// The nurse and the physician of the demonstration find work of their own in the morning.
    pub(super) async fn taken(&mut self) -> Result<(), ActError> {
        self.referred().await?;
        for (account, queue, many) in [("nurse", "nurse", 14), ("physician", "physician", 4)] {
            let Some((person, name, _, credential)) = super::people().into_iter().find(|(name, ..)| name == account)
            else {
                continue;
            };
            let by = Actor { person, name, credential };
            let filter = WorkFilter { queue: Some(queue.to_owned()), unassigned: true, ..WorkFilter::default() };
            let rows = self.desk.store.worklist(MAIN_TENANT, &filter, None, many * 2)?.rows;
            for row in rows.iter().filter(|row| row.scenario.is_none()).take(many) {
                self.act(&row.case_id, account, Command::Take { by: by.clone() }).await?;
            }
        }
        Ok(())
    }
}

impl Sim {
    /// What is not met goes to the physicians before the weekend ends.
    async fn referred(&mut self) -> Result<(), ActError> {
        let by = self.someone(Role::Nurse);
        let filter = WorkFilter { queue: Some("nurse".to_owned()), unassigned: true, ..WorkFilter::default() };
        let rows = self.desk.store.worklist(MAIN_TENANT, &filter, None, 200)?.rows;
        for row in rows.iter().filter(|row| row.scenario.is_none() && row.why.starts_with("not met")).take(9) {
            let Some(case) = self.reload(&row.case_id)? else { continue };
            self.open_all(&by, &case).await?;
            let why = format!("{}; please decide", row.why);
            self.act(&case.id, &by.person, Command::Refer { by: by.clone(), why }).await?;
        }
        Ok(())
    }
}

fn back(day: Day, days: i64) -> Day {
    day.checked_sub(Span::new().days(days)).unwrap_or(day)
}
