//! Back-up: one consistent state of the database, copied while the store serves, then the large bodies it names.

use std::{fs, path::Path};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{
    open::{self, BODIES, Base, DATABASE, Place},
    schema,
};
use crate::{
    StoreFault,
    engine::{seals, seam::BackedUp},
    fault::Doing,
};

/// Pages copied before progress is told.
const STEP: i32 = 2_000;

/// Copies the store into a directory that holds none yet.
pub(crate) fn backup(base: &Base, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, StoreFault> {
    open::make_folder(to)?;
    let path = to.join(DATABASE);
    if path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StoreFault::Io { doing: "back up over", path, source });
    }
    drop(open::make_file(&path)?);
    let mut target = Connection::open(&path).doing("open the copy")?;
    match &base.place {
        Place::Memory(_) => base.raw(|conn| copy(conn, &mut target, progress))?,
        Place::Disk(source) => {
            let source = open::open_reader(source)?;
            // An open read keeps one state in view, so that writers do not make the copy start again.
            source.execute_batch("BEGIN; SELECT COUNT(*) FROM schema_version;").doing("begin a back-up")?;
            copy(&source, &mut target, progress)?;
        }
    }
    let copied = BackedUp {
        schema: schema::look(&target)?.found,
        events: seals::end(&target)?,
        checkpoint: seals::last(&target)?,
    };
    target.close().map_err(|(_, error)| error).doing("close the copy")?;
    sync(&path)?;
    if let Some(bodies) = base.bodies.folder() {
        copy_folder(bodies, &to.join(BODIES))?;
    }
    sync(to)?;
    Ok(copied)
}

fn copy(source: &Connection, target: &mut Connection, progress: &mut dyn FnMut(u64, u64)) -> Result<(), StoreFault> {
    let backup = Backup::new(source, target).doing("begin a back-up")?;
    loop {
        let step = backup.step(STEP).doing("copy pages")?;
        let state = backup.progress();
        progress((state.pagecount - state.remaining) as u64, state.pagecount as u64);
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), StoreFault> {
    open::make_folder(to)?;
    for entry in fs::read_dir(from).map_err(StoreFault::io("list", from))? {
        let entry = entry.map_err(StoreFault::io("list", from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            fs::copy(&path, &target).map_err(StoreFault::io("copy", &path))?;
            sync(&target)?;
        }
    }
    sync(to)
}

fn sync(path: &Path) -> Result<(), StoreFault> {
    let file = fs::File::open(path).map_err(StoreFault::io("open", path))?;
    file.sync_all().map_err(StoreFault::io("sync", path))
}
