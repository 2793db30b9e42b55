//! The office: people at work take what the worklist shows them, the most pressing first.

use jiff::SignedDuration;
use vigil_domain::{
    case::{Case, command::Actor, command::Command},
    time::Moment,
};
use vigil_store::WorkRow;

use super::{
    people::{Person, Role},
    report::Report,
    run::Sim,
};
use crate::{MAIN_TENANT, act::ActError};

/// Calls that a nurse makes in an hour beside her cases.
const CALLS: usize = 3;

/// Whether a notice of this case is still to be written or sent.
pub(super) fn owes_notice(case: &Case) -> bool {
    case.notices.iter().any(|n| n.held.is_empty() && n.given().is_none())
}

impl Sim {
    /// One hour of work of everybody who is there.
    pub(super) async fn office_hour(&mut self, end: Moment) -> Result<(), ActError> {
        if self.weather.nobody_at_work(self.now) {
            return Ok(());
        }
        let today = self.zone.day(self.now);
        self.staff.iter_mut().for_each(|person| person.attests_by(today));
        let working: Vec<Person> = self.staff.iter().filter(|p| p.works(self.now, &self.zone)).cloned().collect();
        for person in working {
            let queues: &[&str] = match person.role {
                Role::Nurse => &["nurse", "information"],
                Role::Physician => &["physician"],
                Role::Manager => &["administrative", "eligibility", "notice"],
            };
            let mut left = if person.role == Role::Nurse { 4 } else { 3 };
            for queue in queues {
                // Who has no time left does not look.
                if left == 0 || self.now >= end - SignedDuration::from_mins(2) {
                    break;
                }
                for row in self.worklist(queue)? {
                    let mine = person.role == Role::Manager
                        || row.owner.as_ref().is_none_or(|owner| *owner == person.actor.person);
                    if left == 0 || self.now >= end - SignedDuration::from_mins(2) {
                        break;
                    }
                    if !mine || self.rests(&row.case_id) || self.can_wait(&row) {
                        continue;
                    }
                    left -= 1;
                    let minutes = self.dice.between(1, 4);
                    self.clock((self.now + SignedDuration::from_mins(minutes)).min(end));
                    self.visit(&person, &row).await?;
                }
            }
            if person.role == Role::Nurse {
                self.calls(&person, end).await?;
            }
        }
        Ok(())
    }

    /// Between their cases nurses call whoever must be told by telephone, about scripted cases too: no script is about a call.
    async fn calls(&mut self, nurse: &Person, end: Moment) -> Result<(), ActError> {
        let mut left = CALLS;
        for row in self.worklist("notice")?.into_iter().filter(|row| row.next == "Call") {
            if left == 0 || self.now >= end - SignedDuration::from_mins(2) {
                break;
            }
            if self.rests(&row.case_id) && row.scenario.is_none() {
                continue;
            }
            left -= 1;
            let minutes = self.dice.between(1, 4);
            self.clock((self.now + SignedDuration::from_mins(minutes)).min(end));
            if let Some(case) = self.reload(&row.case_id)?
                && (row.scenario.is_none() || case.notices.iter().any(|n| n.composed.is_some()))
            {
                self.call(nurse.actor.clone(), case).await?;
            }
        }
        Ok(())
    }

    fn worklist(&self, queue: &str) -> Result<Vec<WorkRow>, ActError> {
        let filter = vigil_store::WorkFilter { queue: Some(queue.to_owned()), ..vigil_store::WorkFilter::default() };
        Ok(self.desk.store.worklist(MAIN_TENANT, &filter, None, 60)?.rows)
    }

    fn rests(&self, case: &str) -> bool {
        self.rest.get(case).is_some_and(|until| *until > self.now)
    }

    /// Whether the office is behind and this is neither expedited nor due within thirty hours.
    fn can_wait(&self, row: &WorkRow) -> bool {
        let presses =
            row.urgency == "expedited" || row.due_at.is_some_and(|due| due < self.now + SignedDuration::from_hours(30));
        self.bent.behind_from.is_some_and(|from| self.now >= from) && !presses
    }

    /// The case is left alone for some hours.
    pub(super) fn rest_for(&mut self, case: &str, hours: i64) {
        self.rest.insert(case.to_owned(), self.now + SignedDuration::from_hours(hours));
    }

    async fn visit(&mut self, person: &Person, row: &WorkRow) -> Result<(), ActError> {
        let Some(case) = self.reload(&row.case_id)? else { return Ok(()) };
        self.checks.worklist_shows_the_case(row, &case, self.now);
        let by = person.actor.clone();
        match (row.queue.as_str(), person.role) {
            ("nurse", _) => self.nurse(by, case).await,
            ("information", _) => self.follow_up(by, case).await,
            ("physician", _) => self.physician(by, case).await,
            ("administrative", _) => self.administrative(by, case).await,
            ("eligibility", _) => {
                let command = Command::ConfirmEligibility { by, eligible: true, basis: "state file looked up".into() };
                self.act(&case.id, &person.actor.person, command).await.map(drop)
            }
            _ => self.held_notice(by, case).await,
        }
    }

    /// Anybody of a role who is qualified everywhere: the first of the list.
    pub(super) fn someone(&self, role: Role) -> Actor {
        self.staff
            .iter()
            .find(|p| p.role == role)
            .map(|p| p.actor.clone())
            .expect("the department has somebody in every role")
    }

    /// Whoever must be told by telephone is called; nine in ten are reached.
    async fn call(&mut self, by: Actor, case: Case) -> Result<(), ActError> {
        let whom = case.owed_call();
        let written = || case.notices.iter().rev().filter(|n| n.composed.is_some());
        let told = written().find(|n| Some(n.to) == whom).or_else(|| written().next());
        let (Some(whom), Some(notice)) = (whom, told) else {
            self.rest_for(&case.id, 12);
            return Ok(());
        };
        let succeeded = self.dice.between(1, 10) > 1;
        let delivery = vigil_domain::case::command::Delivery {
            channel: "telephone".into(),
            recipient: whom.word().into(),
            proof: format!("call record {}-{}", case.id, self.now.as_second()),
            succeeded,
        };
        let deliver = Command::DeliverNotice { by: by.person.clone(), notice: notice.id, delivery };
        self.act(&case.id, &by.person, deliver).await.map(drop)
    }

    /// A notice that lacks an element, or whose words the library does not have, is written by hand.
    async fn held_notice(&mut self, by: Actor, case: Case) -> Result<(), ActError> {
        let Some(notice) = case.notices.iter().find(|n| !n.held.is_empty() && n.given().is_none()) else {
            return self.call(by, case).await;
        };
        for missing in &notice.held {
            Report::count(&mut self.report.held, &format!("{:?}: {missing}", notice.purpose));
        }
        let words = format!("Letter of {} about case {}, notice {}.", by.name, case.id, notice.id);
        let document = vigil_store::Document {
            digest: vigil_store::digest_of(words.as_bytes()),
            media_type: "text/plain".into(),
            name: "Letter written by hand".into(),
            bytes: words.into_bytes(),
        };
        let record = Command::RecordNotice {
            notice: notice.id,
            template: "by-hand".into(),
            template_digest: document.digest.clone(),
            document: document.digest.clone(),
            language: "en".into(),
            reading_level: 6.0,
        };
        let along = vigil_store::Commit { documents: vec![document], ..vigil_store::Commit::default() };
        let answer = self.desk.act_along(MAIN_TENANT, &case.id, &by.person, record, Some(along)).await;
        if self.answered(answer)?.is_none() {
            return Ok(());
        }
        let delivery = vigil_domain::case::command::Delivery {
            channel: "mail".into(),
            recipient: notice.to.word().into(),
            proof: format!("tracking {}-{}", case.id, notice.id),
            succeeded: true,
        };
        let deliver = Command::DeliverNotice { by: by.person.clone(), notice: notice.id, delivery };
        self.act(&case.id, &by.person, deliver).await.map(drop)
    }
}
