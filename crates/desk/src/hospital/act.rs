//! The write path of stays: the same loop as the case's ([`crate::subject`]), with the stay's own rows and pins.

use vigil_domain::{
    case::{evolve::IllegalEvent, refusal::Refused},
    library::Library,
    party::Credential,
    stay::{
        Stay,
        command::{Actor, Command, OnDuty},
        decide::decide,
        event::{Event, FORM},
        evolve::{evolve, evolve_ahead},
        facility::Facility,
        payer::{Held, PayerTerms},
        review::Seat,
    },
    time::Moment,
};
use vigil_store::Commit;

use super::project;
use crate::{
    Desk,
    subject::{ActError, Recorded, Subject},
};

impl Subject for Stay {
    type Event = Event;
    type Command = Command;
    const KIND: &'static str = "stay";
    const FORM: u16 = FORM;

    fn evolve(state: Option<Self>, event: &Event, at: Moment) -> Result<Self, IllegalEvent> {
        evolve(state, event, at)
    }

    fn evolve_ahead(state: Option<Self>, event: &Event, at: Moment) -> Result<Self, IllegalEvent> {
        evolve_ahead(state, event, at)
    }

    fn replayed(mut self) -> Self {
        self.derive_track();
        self
    }

    fn decide(
        state: Option<&Self>,
        command: Command,
        books: &Library,
        now: Moment,
    ) -> Result<(Vec<Event>, Self), Refused> {
        decide(state, command, books, now).map(|decided| (decided.events, decided.stay))
    }

    fn is_done(&self) -> bool {
        !self.has_work()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn kind(event: &Event) -> &'static str {
        event.kind()
    }

    /// Rows, and the pins of clocks that a law set.
    fn along(&self, desk: &Desk, events: &[Event], now: Moment, commit: &mut Commit) {
        commit.rows = project::rows(self, events, now);
        for event in events {
            if let Event::ClockStarted { clock } = event
                && !clock.pin.digest.is_empty()
            {
                commit.pins.extend(desk.pin(&clock.pin.digest));
            }
        }
        commit.pins.dedup_by(|a, b| a.digest == b.digest);
    }
}

/// One event of a stay as recorded.
pub type StayRecorded = Recorded<Event>;

impl Desk {
    /// Does a command on a stay and answers with the stay after it.
    ///
    /// # Errors
    /// A refusal, an unknown stay (only news begins one), a race lost three times, or a fault.
    pub async fn act_stay(&self, tenant: &str, stay: &str, actor: &str, command: Command) -> Result<Stay, ActError> {
        self.act_stay_along(tenant, stay, actor, command, None).await
    }

    /// Does a command on a stay with more to keep in the same transaction: the message it came by, documents, errands.
    pub async fn act_stay_along(
        &self,
        tenant: &str,
        stay: &str,
        actor: &str,
        command: Command,
        along: Option<Commit>,
    ) -> Result<Stay, ActError> {
        let begins = matches!(command, Command::TakeNews { .. });
        let command = self.with_members(tenant, stay, self.with_terms(tenant, command)?)?;
        self.act_subject::<Stay>((tenant, stay), actor, command, along, begins, None).await.map(|(stay, _)| stay)
    }

    /// A rung of the UR committee goes to physicians who may act for it today, as the hospital's record says.
    fn with_members(&self, tenant: &str, stay: &str, mut command: Command) -> Result<Command, ActError> {
        if let Command::RecordAttending { members, .. } | Command::Determine { members, .. } = &mut command
            && members.is_empty()
            && let Some(row) = self.store.stay(tenant, stay)?
            && let Some(facility) = self.facility(tenant, &row.hospital)?
        {
            let today = facility.zone.day(self.time.now());
            let may = facility.members_on(today);
            *members = may.map(|m| OnDuty { person: m.person.clone(), name: m.name.clone() }).collect();
        }
        Ok(command)
    }

    /// Coverage that a person states gets the contract's terms as they are loaded, so that the payer's clocks start for it as
    /// they do for coverage that registration tells of. Terms it carries already stay as they stood.
    fn with_terms(&self, tenant: &str, mut command: Command) -> Result<Command, ActError> {
        if let Command::StateCoverage { held, .. } = &mut command
            && held.iter().any(|one| one.terms.is_none())
        {
            let loaded = self.payer_terms(tenant)?;
            for one in held.iter_mut().filter(|one| one.terms.is_none()) {
                let fit = PayerTerms::that_fit(&loaded, &one.payer_id, &one.plan_id);
                one.terms = fit.or_else(|| only_plan(&loaded, one)).cloned().map(Box::new);
            }
        }
        Ok(command)
    }

    /// Loads a stay; none when there is no such stay.
    pub fn load_stay(&self, tenant: &str, stay: &str) -> Result<Option<Stay>, ActError> {
        self.load_subject(tenant, stay)
    }

    /// Loads a stay with everything that happened to it, for its page.
    pub fn stay_history(&self, tenant: &str, stay: &str) -> Result<Option<(Stay, Vec<StayRecorded>)>, ActError> {
        self.told(tenant, stay)
    }
}

impl Desk {
    /// An advisor who does not answer in time is covered by the chief medical officer. Nobody to cover: the breach stands.
    pub(crate) async fn cover_for_advisor(&self, tenant: &str, stay: &Stay) -> Result<(), ActError> {
        if !stay.advisor_is_late() {
            return Ok(());
        }
        let Some(facility) = self.facility(tenant, &stay.hospital.id)? else { return Ok(()) };
        let (_, officer) = on_duty(&facility, self.time.now());
        if officer.is_none() {
            return Ok(());
        }
        let by = actor(&[], "clock", "clock", Credential::default());
        let why = stay.open_escalation().map(|e| e.why.clone()).unwrap_or_default();
        let command = Command::Escalate { by, why, advisor: None, officer };
        self.act_stay(tenant, &stay.id, "clock", command).await.map(drop)
    }
}

/// Where nobody said which plan it is: the terms of the payer's one plan in that line of business. Of several, none is chosen.
fn only_plan<'a>(loaded: &'a [PayerTerms], held: &Held) -> Option<&'a PayerTerms> {
    let of = |t: &&PayerTerms| t.payer_id == held.payer_id && t.line_of_business == held.line_of_business;
    let mut fitting = loaded.iter().filter(of);
    let first = fitting.next().filter(|_| held.plan_id.is_empty())?;
    fitting.next().is_none().then_some(first)
}

/// A person as a stay's command wants one: with the seats the facility's record gives.
pub fn actor(facilities: &[Facility], person: &str, name: &str, credential: Credential) -> Actor {
    let seats = facilities.iter().flat_map(|f| {
        f.committee.iter().filter(|m| m.person == person).map(|m| Seat {
            facility: f.id.clone(),
            from: m.from,
            through: m.through,
            physician: m.physician,
            financial_interest: m.financial_interest,
        })
    });
    Actor { person: person.to_owned(), name: name.to_owned(), credential, seats: seats.collect() }
}

/// Who is on duty for second-level review at a moment: the advisor by the rota, and the chief medical officer or the cover.
pub fn on_duty(facility: &Facility, at: Moment) -> (Option<OnDuty>, Option<OnDuty>) {
    let advisor = facility.advisor_on_duty(at);
    let advisor = advisor.map(|duty| OnDuty { person: duty.person.clone(), name: duty.name.clone() });
    let officer = facility.officer_on_duty(at).map(|person| {
        let chief = facility.chief_medical_officer.as_deref() == Some(person);
        let title = if chief { "chief medical officer" } else { "cover of the chief medical officer" };
        OnDuty { person: person.to_owned(), name: facility.name_of(person).unwrap_or(title).to_owned() }
    });
    (advisor, officer)
}
