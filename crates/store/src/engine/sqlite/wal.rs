//! The write-ahead log's tide: a second thread copies the log back into the file while the writer goes on; the writer
//! then copies the few pages that came meanwhile, so that the log can begin again at its start.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

use crate::{StoreFault, fault::Doing};

/// Pages in the log after which the copier is asked (32 MiB).
const HIGH: i32 = 8_000;
/// Pages after which the writer itself stops to copy (512 MiB): readers or the copier did not keep up.
const FLOOD: i32 = 128_000;

const COPY: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Watches the log from the writer's side.
pub(crate) struct Tide {
    pages: Arc<AtomicI32>,
    copied: Arc<AtomicBool>,
    copying: bool,
    ask: Option<SyncSender<()>>,
    copier: Option<JoinHandle<()>>,
}

impl Tide {
    /// Starts the copier beside the writer's connection.
    pub(crate) fn start(conn: &mut Connection, path: &Path) -> Result<Self, StoreFault> {
        let pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&pages);
        let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
            seen.store(pages, Ordering::Relaxed);
            Ok(())
        };
        conn.wal_hook(Some(hook)).doing("watch the log")?;
        let copy = copier(path)?;
        let (ask, asked) = sync_channel::<()>(1);
        let copied = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&copied);
        let copier = std::thread::Builder::new()
            .name("vigil-copier".to_owned())
            .spawn(move || {
                while asked.recv().is_ok() {
                    // The second pass copies what came during the first, and leaves the writer little.
                    run(&copy);
                    run(&copy);
                    done.store(true, Ordering::Release);
                }
            })
            .map_err(StoreFault::io("start the copier", path))?;
        Ok(Self { pages, copied, copying: false, ask: Some(ask), copier: Some(copier) })
    }

    /// Called by the writer after each batch.
    pub(crate) fn tend(&mut self, conn: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if self.copying && self.copied.swap(false, Ordering::Acquire) {
            self.copying = false;
            run(conn);
        } else if pages > FLOOD {
            run(conn);
        } else if pages > HIGH && !self.copying {
            self.copying = self.ask.as_ref().is_some_and(|ask| ask.try_send(()).is_ok());
        }
    }
}

impl Drop for Tide {
    fn drop(&mut self) {
        self.ask.take();
        if let Some(copier) = self.copier.take() {
            drop(copier.join());
        }
    }
}

/// A connection that copies the log back into the file.
pub(crate) fn copier(path: &Path) -> Result<Connection, StoreFault> {
    let copy = Connection::open(path).doing("open the copier")?;
    copy.execute_batch("PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 0;")
        .doing("open the copier")?;
    Ok(copy)
}

/// How much of the log lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copied {
    All,
    Part,
}

/// Copies what no reader still needs as it was. A copy that fails loses nothing: the log stays as it is, and a later one tries
/// again.
pub(crate) fn run(conn: &Connection) -> Copied {
    let pages = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    match conn.query_row(COPY, [], pages) {
        Ok((0, log, copied)) if log == copied => Copied::All,
        _ => Copied::Part,
    }
}
