//! One run: the agenda of a span, hour by hour, under a simulated clock.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
};

use jiff::SignedDuration;
use vigil_domain::{
    case::{Case, command::Command},
    library::Library,
    time::{Day, Moment, Zone},
};
use vigil_store::{Address, Store, Write};

use super::{
    arrivals::{self, Asked, Bent, Truth},
    demo::Scene,
    faults::Weather,
    hospital::StayBeat,
    invariants::Checks,
    later::Later,
    people::{self, Person},
    report::Report,
    rng::Rng,
    world::World,
};
use crate::{
    Desk, MAIN_TENANT, Settings,
    act::ActError,
    errand::{MailRoom, Printer},
    time::Time,
};

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// First day.
    pub from: Day,
    /// Days with arrivals.
    pub days: i64,
    /// Requests in that span.
    pub requests: usize,
    /// Where the store lies; none for memory.
    pub dir: Option<PathBuf>,
    /// Where the store is in PostgreSQL; goes before `dir`.
    pub address: Option<Address>,
    /// Days after the last arrival in which everything must come to its end.
    pub drain: i64,
    /// Misfortunes: duplicates, crashes, shortage, late ticks.
    pub faults: bool,
}

impl Plan {
    /// A year of 2026 with so many requests.
    pub fn year(seed: u64, requests: usize) -> Self {
        Self {
            seed,
            from: jiff::civil::date(2026, 1, 1),
            days: 365,
            requests,
            dir: None,
            address: None,
            drain: 75,
            faults: true,
        }
    }
}

/// Something that will happen at its moment.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A request reaches us.
    Arrive(usize),
    /// A typed request is entered.
    Enter(Box<Asked>),
    /// Something befalls a case.
    Later(String, Later),
    /// A step of a demonstration scenario.
    Scene(Scene),
    /// Something that happens to a stay.
    Hospital(Box<StayBeat>),
}

/// A running simulation.
pub struct Sim {
    pub(super) desk: Desk,
    pub(super) plan: Plan,
    pub(super) world: World,
    pub(super) staff: Vec<Person>,
    pub(super) weather: Weather,
    pub(super) dice: Rng,
    pub(super) bent: Bent,
    pub(super) mail: MailRoom,
    pub(super) zone: Zone,
    pub(super) now: Moment,
    agenda: BinaryHeap<Reverse<(Moment, u64)>>,
    steps: BTreeMap<u64, Step>,
    numbered: u64,
    /// Cases in order of making.
    pub(super) made: Vec<String>,
    /// The state of each case as last answered.
    pub(super) live: BTreeMap<String, Case>,
    /// Those of them that are not closed.
    open: BTreeSet<String>,
    /// Those of them with a notice to write or to send.
    owing: BTreeSet<String>,
    /// What is true of each case.
    pub(super) truth: BTreeMap<String, Vec<Truth>>,
    /// Cases not to be looked at before a moment.
    pub(super) rest: BTreeMap<String, Moment>,
    pub(super) report: Report,
    pub(super) checks: Checks,
}

/// Runs a plan with a library and answers with its figures.
///
/// # Errors
/// Only when the store cannot be opened, written or read.
pub async fn run(library: Arc<Library>, plan: Plan) -> Result<Report, ActError> {
    let store = open(&plan)?;
    let mut sim = Sim::new(store, library, plan).await?;
    sim.arrivals();
    let arrivals_end = sim.day_start(sim.plan.days);
    sim.until(arrivals_end).await?;
    let end = sim.day_start(sim.plan.days + sim.plan.drain);
    sim.until(end).await?;
    sim.end().await?;
    Ok(sim.report)
}

pub(super) fn open(plan: &Plan) -> Result<Store, ActError> {
    let options = vigil_store::Options::default();
    Ok(match (&plan.address, &plan.dir) {
        (Some(address), _) => Store::connect(address.clone(), &options)?,
        (None, Some(dir)) => Store::open(dir, &options)?,
        (None, None) => Store::in_memory()?,
    })
}

/// The wall clock the department lives by.
fn department_zone() -> Zone {
    Zone::named("America/New_York").expect("New York is in the bundled zone database")
}

impl Sim {
    /// A simulation at the start of its plan, with its world written to the store.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn new(store: Store, library: Arc<Library>, plan: Plan) -> Result<Self, ActError> {
        let mut dice = Rng::new(plan.seed);
        let people = if plan.faults { plan.requests * 2 / 3 } else { plan.requests };
        let world = World::new(&mut dice.fork(1), plan.from, people.clamp(90, 1_500));
        let staff = people::staff(&mut dice.fork(2), plan.from.year());
        let zone = department_zone();
        let now = zone.start_of(plan.from).unwrap_or(Moment::UNIX_EPOCH);
        let mut weather = if plan.faults { Weather::new(&mut dice.fork(3), plan.days) } else { Weather::fair() };
        weather.begins(now);
        let mut desk = Desk::new(store, library, Time::simulated(now), Settings::default());
        desk.numbers = Some(Arc::new(AtomicU64::new(plan.seed.wrapping_mul(1_000_003))));
        desk.store.write(Write::of(MAIN_TENANT, world.items())).await?;
        let report = Report { seed: plan.seed, days: plan.days, ..Report::default() };
        let checks = Checks::new(plan.seed);
        Ok(Self {
            desk,
            world,
            staff,
            weather,
            dice,
            bent: Bent { fates: plan.faults, ..Bent::default() },
            mail: MailRoom { printer: Printer::Text, outbox: None },
            zone,
            now,
            agenda: BinaryHeap::new(),
            steps: BTreeMap::new(),
            numbered: 0,
            made: Vec::new(),
            live: BTreeMap::new(),
            open: BTreeSet::new(),
            owing: BTreeSet::new(),
            truth: BTreeMap::new(),
            rest: BTreeMap::new(),
            report,
            checks,
            plan,
        })
    }

    /// The first moment of the n-th day of the plan.
    pub(super) fn day_start(&self, n: i64) -> Moment {
        let day = self.plan.from.checked_add(jiff::Span::new().days(n)).unwrap_or(self.plan.from);
        self.zone.start_of(day).unwrap_or(Moment::UNIX_EPOCH)
    }

    /// Puts the span's requests on the agenda.
    pub(super) fn arrivals(&mut self) {
        self.arrivals_of(4, (self.plan.from, self.plan.days), 0..self.plan.requests);
    }

    /// Puts requests of these numbers on the agenda, spread over days.
    pub(super) fn arrivals_of(&mut self, fork: u64, (from, days): (Day, i64), numbers: std::ops::Range<usize>) {
        let moments = arrivals::moments(&mut self.dice.fork(fork), &self.zone, from, days, numbers.len());
        for (number, at) in numbers.zip(moments) {
            self.at(at, Step::Arrive(number));
        }
    }

    /// Puts something on the agenda.
    pub(super) fn at(&mut self, at: Moment, step: Step) {
        self.numbered += 1;
        self.steps.insert(self.numbered, step);
        self.agenda.push(Reverse((at, self.numbered)));
    }

    /// The clock moves on; never back.
    pub(super) fn clock(&mut self, at: Moment) {
        self.now = self.now.max(at);
        self.desk.time.set(self.now);
    }

    /// Lives until a moment, hour by hour.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn until(&mut self, end: Moment) -> Result<(), ActError> {
        while self.now < end {
            let next = (self.now + SignedDuration::from_hours(1)).min(end);
            self.agenda_before(next).await?;
            self.office_hour(next).await?;
            self.clock(next);
            self.time_passes().await?;
            self.mail_room().await?;
            self.misfortune().await?;
        }
        Ok(())
    }

    async fn agenda_before(&mut self, end: Moment) -> Result<(), ActError> {
        while let Some(Reverse((at, number))) = self.agenda.peek().copied() {
            if at >= end {
                break;
            }
            self.agenda.pop();
            self.clock(at);
            match self.steps.remove(&number) {
                Some(Step::Arrive(number)) => self.arrive(number, at).await?,
                Some(Step::Enter(asked)) => self.enter(*asked).await?,
                Some(Step::Later(case, later)) => self.later(case, later).await?,
                Some(Step::Scene(scene)) => Box::pin(self.scene(scene)).await?,
                Some(Step::Hospital(beat)) => self.beat(*beat).await?,
                None => {}
            }
        }
        Ok(())
    }

    /// Deadlines that are due become ticks, and afterwards none may be left.
    async fn time_passes(&mut self) -> Result<(), ActError> {
        if self.weather.ticks_stand_still(self.now) {
            return Ok(());
        }
        if self.desk.next_deadline()?.is_none_or(|at| at > self.now) {
            return self.checks_after_ticks();
        }
        let touched: Vec<String> =
            self.desk.store.due_deadlines(self.now, 10_000)?.into_iter().map(|d| d.deadline.subject.id).collect();
        for _ in 0..20 {
            if self.desk.tick(200).await?.cases == 0 {
                break;
            }
            if self.desk.store.due_deadlines(self.now, 1)?.is_empty() {
                break;
            }
        }
        for case in touched {
            self.look(&case)?;
        }
        let left = self.desk.store.due_deadlines(self.now, 5)?;
        self.checks.nothing_left_due(&left, self.now);
        self.checks_after_ticks()
    }

    fn checks_after_ticks(&mut self) -> Result<(), ActError> {
        let open: Vec<&Case> = self.open.iter().filter_map(|id| self.live.get(id)).collect();
        self.checks.no_silent_lapse(&open, self.now);
        Ok(())
    }

    /// The errands of the hour, unless the mail room is closed.
    async fn mail_room(&mut self) -> Result<(), ActError> {
        let owing: Vec<String> = self.owing.iter().cloned().collect();
        if owing.is_empty() || self.weather.mail_stands_still(self.now) {
            return Ok(());
        }
        for _ in 0..50 {
            let round = self.desk.run_errands("mail-room", &self.mail, 100).await?;
            if round.done + round.failed == 0 {
                break;
            }
        }
        for case in owing {
            self.look(&case)?;
        }
        Ok(())
    }

    /// Does a command; a refusal is counted and answered with none.
    pub(super) async fn act(&mut self, case: &str, actor: &str, command: Command) -> Result<Option<Case>, ActError> {
        let answer = self.desk.act(MAIN_TENANT, case, actor, command).await;
        self.answered(answer)
    }

    pub(super) fn answered(&mut self, answer: Result<Case, ActError>) -> Result<Option<Case>, ActError> {
        match answer {
            Ok(case) => {
                self.saw(&case)?;
                Ok(Some(case))
            }
            Err(ActError::Refused(refused)) => {
                for refusal in &refused {
                    Report::count(&mut self.report.refusals, &refusal.rule);
                    self.checks.refusal_is_the_businesss_own(refusal);
                }
                Ok(None)
            }
            Err(ActError::Raced) => {
                Report::count(&mut self.report.refusals, "raced");
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// A case as an answer showed it: held against the log, and kept as the log has it.
    pub(super) fn saw(&mut self, case: &Case) -> Result<(), ActError> {
        let again = self.caught_up(&case.id)?;
        self.checks.after_step(case, again.as_ref(), self.now);
        self.keep(again.unwrap_or_else(|| case.clone()));
        Ok(())
    }

    /// Loads a case that somebody else changed.
    pub(super) fn reload(&mut self, id: &str) -> Result<Option<Case>, ActError> {
        Ok(self.look(id)?.cloned())
    }

    /// Looks at a case that somebody else may have changed.
    fn look(&mut self, id: &str) -> Result<Option<&Case>, ActError> {
        let Some(case) = self.caught_up(id)? else { return Ok(None) };
        self.checks.after_step(&case, None, self.now);
        self.keep(case);
        Ok(self.live.get(id))
    }

    /// The case as the log makes it: what was last seen and the events after it. It is taken out of what was seen, to be kept
    /// again as it is now. The end of the run replays it whole.
    fn caught_up(&mut self, id: &str) -> Result<Option<Case>, ActError> {
        let seen = self.live.remove(id);
        self.desk.load_onto(MAIN_TENANT, id, seen)
    }

    fn keep(&mut self, case: Case) {
        let mark = |set: &mut BTreeSet<String>, belongs: bool| match (belongs, set.contains(&case.id)) {
            (true, false) => drop(set.insert(case.id.clone())),
            (false, true) => drop(set.remove(&case.id)),
            _ => {}
        };
        mark(&mut self.open, !case.is_closed());
        mark(&mut self.owing, super::office::owes_notice(&case));
        self.live.insert(case.id.clone(), case);
    }

    /// A new case: its truth, and what befalls it.
    pub(super) fn born(&mut self, id: &str, asked: &Asked) -> Result<(), ActError> {
        if self.truth.contains_key(id) {
            self.look(id)?;
            return Ok(());
        }
        self.report.received += 1;
        self.made.push(id.to_owned());
        self.truth.insert(id.to_owned(), asked.truth.clone());
        self.look(id)?;
        for (fate, minutes) in &asked.fates {
            let at = self.now + SignedDuration::from_mins(*minutes);
            self.at(at, Step::Later(id.to_owned(), Later::Fate(*fate, Box::new(asked.clone()))));
        }
        Ok(())
    }
}
