//! What goes on while the process serves: deadlines that come, errands after commits, checkpoints, sessions that end.

use std::{future::Future, sync::atomic::Ordering::Relaxed, time::Duration};

use tokio::{runtime::Handle, sync::watch, time::sleep};
use vigil_desk::errand::{MailRoom, Printer};
use vigil_store::{StoreFault, Write, WriteItem};

use crate::{access::secret, app::App, observe::metrics::Task};

/// Deadlines brought to their cases in one round.
const TICK_ROUND: usize = 200;
/// Errands leased in one round.
const ERRAND_ROUND: usize = 16;
const IDLE: Duration = Duration::from_secs(1);
const AFTER_FAULT: Duration = Duration::from_secs(5);
const CHECKPOINT: Duration = Duration::from_secs(600);
const SWEEP: Duration = Duration::from_secs(300);
/// How far errands stand back for a core (the system's `nice`): on a busy machine they get about a thirtieth of it.
const LAST: i32 = 15;
/// A node that does not renew its hold on a task for so long has it no more.
const HOLD_SECONDS: u32 = 15;

/// The running tasks; they end after their round when told to stop.
pub struct Background {
    stop: watch::Sender<bool>,
    threads: Vec<std::thread::JoinHandle<()>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Background {
    /// Starts them all.
    pub fn start(app: &App) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mail = MailRoom { printer: Printer::Pdf, outbox: Some(app.settings.outbox()) };
        let owner = format!("serve-{}", secret::letters::<6>());
        let (a, b, c, d) = (app.clone(), app.clone(), app.clone(), app.clone());
        // Printing a letter takes tens of milliseconds: a thread of its own, behind all others in the queue for a core, keeps
        // it out of the way of answers. Letters are owed in days, answers in milliseconds.
        let errands = on_thread("errands", LAST, failing(app, Task::Errands), stopped.clone(), move || {
            let (a, mail, owner) = (a.clone(), mail.clone(), owner.clone());
            async move { errands(&a, &owner, &mail).await }
        });
        let ticks = on_thread("clock", 0, failing(app, Task::Clock), stopped.clone(), move || {
            let b = b.clone();
            async move { ticks(&b).await }
        });
        let checkpoints = tokio::spawn(again(
            "write a checkpoint",
            failing(app, Task::Checkpoints),
            CHECKPOINT,
            stopped.clone(),
            move || {
                let c = c.clone();
                async move { checkpoint(&c).await }
            },
        ));
        let sweeps = tokio::spawn(again("sweep sessions", failing(app, Task::Sessions), SWEEP, stopped, move || {
            let d = d.clone();
            async move { sweep(&d).await }
        }));
        Self { stop, threads: errands.into_iter().chain(ticks).collect(), tasks: vec![checkpoints, sweeps] }
    }

    /// Lets each round finish.
    pub async fn stop(self) {
        let _nobody = self.stop.send(true);
        for task in self.tasks {
            let _ended = task.await;
        }
        let threads = self.threads;
        let _joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|t| drop(t.join()))).await;
    }
}

/// One round; says whether there may be more at once.
async fn errands(app: &App, owner: &str, mail: &MailRoom) -> Result<bool, StoreFault> {
    let span = app.traces.begin_own(app.desk.time.now());
    let round = app.desk.run_errands(owner, mail, ERRAND_ROUND).await?;
    app.traces.went(span, "errands", round.done, round.failed);
    app.metrics.task(Task::Errands).went(app.desk.time.now(), round.done, round.failed);
    for why in &round.why {
        tracing::warn!(why, "an errand failed and will be tried again");
    }
    Ok(round.done + round.failed >= ERRAND_ROUND)
}

async fn ticks(app: &App) -> Result<bool, StoreFault> {
    // Of several nodes one ticks; when it falls silent another takes over.
    if !app.desk.store.hold("clock", HOLD_SECONDS)? {
        return Ok(false);
    }
    let span = app.traces.begin_own(app.desk.time.now());
    let ticked = app.desk.tick(TICK_ROUND).await?;
    app.traces.went(span, "clock", ticked.cases, ticked.failed);
    app.metrics.task(Task::Clock).went(app.desk.time.now(), ticked.cases, ticked.failed);
    if ticked.failed > 0 {
        tracing::warn!(failed = ticked.failed, "cases could not be ticked and will be tried again");
    }
    Ok(ticked.cases > 0 && ticked.cases + ticked.failed >= TICK_ROUND)
}

/// Seals the subjects that changed; a large backlog takes several seals.
async fn checkpoint(app: &App) -> Result<(), StoreFault> {
    if !app.desk.store.hold("checkpoint", HOLD_SECONDS)? {
        return Ok(());
    }
    let mut seals = 0;
    while let Some(sealed) = app.desk.store.write_checkpoint(app.desk.time.now()).await? {
        seals += 1;
        tracing::debug!(number = sealed.number, subjects = sealed.subjects, "checkpoint");
    }
    app.metrics.task(Task::Checkpoints).went(app.desk.time.now(), seals, 0);
    Ok(())
}

async fn sweep(app: &App) -> Result<(), StoreFault> {
    let ended = WriteItem::SweepSessions(app.desk.time.now());
    app.desk.store.write(Write::of(vigil_desk::MAIN_TENANT, vec![ended])).await?;
    app.metrics.task(Task::Sessions).went(app.desk.time.now(), 1, 0);
    Ok(())
}

/// What counts a failed round of a task.
fn failing(app: &App, task: Task) -> impl Fn() + Send + 'static {
    let app = app.clone();
    move || {
        app.metrics.task(task).failed.fetch_add(1, Relaxed);
    }
}

fn on_thread<F, R>(
    name: &'static str,
    behind: i32,
    failed: impl Fn() + Send + 'static,
    stopped: watch::Receiver<bool>,
    round: F,
) -> std::io::Result<std::thread::JoinHandle<()>>
where
    F: Fn() -> R + Send + 'static,
    R: Future<Output = Result<bool, StoreFault>>,
{
    let handle = Handle::current();
    std::thread::Builder::new().name(name.into()).spawn(move || {
        // On Linux this is the thread's own; where it cannot be had, the work is done all the same.
        if behind > 0
            && let Err(error) = rustix::process::nice(behind)
        {
            tracing::debug!(%error, name, "its place in the queue for a core stays");
        }
        handle.block_on(rounds(name, failed, stopped, round));
    })
}

async fn rounds<F, R>(name: &'static str, failed: impl Fn(), mut stopped: watch::Receiver<bool>, round: F)
where
    F: Fn() -> R,
    R: Future<Output = Result<bool, StoreFault>>,
{
    while !*stopped.borrow() {
        let wait = match round().await {
            Ok(true) => continue,
            Ok(false) => IDLE,
            Err(fault) => {
                failed();
                tracing::error!(task = name, %fault, "a round failed and will be tried again");
                AFTER_FAULT
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn again<F, R>(
    doing: &'static str,
    failed: impl Fn(),
    every: Duration,
    mut stopped: watch::Receiver<bool>,
    work: F,
) where
    F: Fn() -> R,
    R: Future<Output = Result<(), StoreFault>>,
{
    while !*stopped.borrow() {
        tokio::select! {
            () = sleep(every) => {}
            _ = stopped.changed() => break,
        }
        if let Err(fault) = work().await {
            failed();
            tracing::error!(doing, %fault, "it will be tried again");
        }
    }
}
