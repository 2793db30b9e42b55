//! Back-up: one consistent state of the database, copied while the store serves, then the large bodies it names. Each file is
//! read once and written once; its digest is taken on the way.
//!
//! Once the whole write-ahead log is in the file, a reader that begins there sees the file alone, and nothing may be copied into the
//! file while that reader stays: its bytes stand still and can be taken in one go, while commits go on into the log.

use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{
    open::{self, BODIES, Base, DATABASE, Place},
    schema,
    wal::{self, Copied as LogCopied},
    writer::Queue,
};
use crate::{
    StoreFault,
    carry::{carry, sync},
    engine::{seals, seam::BackedUp},
    fault::Doing,
    manifest::{Copied, measure},
};

/// Pages copied before progress is told.
const STEP: i32 = 2_000;
/// How often the log is tried to be brought into the file; each time a reader of before was in the way.
const TRIES: u32 = 40;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(50);

/// Copies the store into a directory that holds none yet.
pub(crate) fn backup(
    base: &Base,
    queue: &Queue,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BackedUp, StoreFault> {
    open::make_folder(to)?;
    let path = to.join(DATABASE);
    if path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StoreFault::Io { doing: "back up over", path, source });
    }
    let mut copied = match &base.place {
        Place::Memory(_) => base.raw(|conn| by_page(conn, &path, progress))?,
        Place::Disk(source) => match standing_still(queue, source)? {
            Some(reader) => whole(base, &reader, source, &path, progress)?,
            None => {
                let reader = open::open_reader(source)?;
                // An open read keeps one state in view, so that writers do not make the copy start again.
                begin(&reader)?;
                by_page(&reader, &path, progress)?
            }
        },
    };
    if let Some(bodies) = base.bodies.folder() {
        copy_folder(bodies, to, BODIES, &mut copied.files)?;
    }
    sync(to)?;
    copied.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(copied)
}

fn begin(reader: &Connection) -> Result<(), StoreFault> {
    reader.execute_batch("BEGIN; SELECT COUNT(*) FROM schema_version;").doing("begin a back-up")
}

/// A reader that sees the database file alone, which stands still as long as it stays; none when other readers were
/// in the way all the time.
fn standing_still(queue: &Queue, source: &Path) -> Result<Option<Connection>, StoreFault> {
    let copier = wal::copier(source)?;
    for _ in 0..TRIES {
        // Most of it beside the writer, which then has little left to copy.
        wal::run(&copier);
        let mut reader = Some(open::open_reader(source)?);
        let found = queue.run_between(move |cx| match wal::run(cx.conn) {
            // Nobody writes here but this thread, and it is between two transactions.
            LogCopied::All => reader.take().map(|reader| begin(&reader).map(|()| reader)).transpose(),
            LogCopied::Part => Ok(None),
        })?;
        if found.is_some() {
            return Ok(found);
        }
        std::thread::sleep(PAUSE);
    }
    Ok(None)
}

/// Copies the file that stands still, from its beginning to its end.
fn whole(
    base: &Base,
    reader: &Connection,
    source: &Path,
    path: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BackedUp, StoreFault> {
    let number = |sql: &str| reader.query_row(sql, [], |row| row.get::<_, i64>(0)).doing("measure its file");
    let (pages, size) = (number("PRAGMA page_count")? as u64, number("PRAGMA page_size")? as u64);
    let mut told_pages = |done| progress(done / size, pages);
    let (bytes, sha256) = base.with_file(source, |file| carry(file, source, path, pages * size, &mut told_pages))?;
    let files = vec![Copied { path: DATABASE.to_owned(), bytes, sha256 }];
    Ok(BackedUp { files, ..told(reader)? })
}

/// What a state of the store says of itself.
fn told(conn: &Connection) -> Result<BackedUp, StoreFault> {
    Ok(BackedUp {
        schema: schema::look(conn)?.found,
        events: seals::end(conn)?,
        checkpoint: seals::last(conn)?,
        files: Vec::new(),
    })
}

/// Copies page by page through the engine: from memory, or when the file would not stand still.
fn by_page(source: &Connection, path: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, StoreFault> {
    drop(open::make_file(path)?);
    let mut target = Connection::open(path).doing("open the copy")?;
    copy(source, &mut target, progress)?;
    let copied = told(&target)?;
    target.close().map_err(|(_, error)| error).doing("close the copy")?;
    sync(path)?;
    let (bytes, sha256) = measure(path)?;
    Ok(BackedUp { files: vec![Copied { path: DATABASE.to_owned(), bytes, sha256 }], ..copied })
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
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Copies the files of a folder; `inside` is its path in the back-up.
fn copy_folder(from: &Path, to: &Path, inside: &str, files: &mut Vec<Copied>) -> Result<(), StoreFault> {
    let here = to.join(inside);
    open::make_folder(&here)?;
    for entry in fs::read_dir(from).map_err(StoreFault::io("list", from))? {
        let entry = entry.map_err(StoreFault::io("list", from))?;
        let (source, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let path = format!("{inside}/{name}");
        if source.is_dir() {
            copy_folder(&source, to, &path, files)?;
        } else if !name.starts_with('.') {
            let mut file = File::open(&source).map_err(StoreFault::io("open", &source))?;
            let (bytes, sha256) = carry(&mut file, &source, &to.join(&path), u64::MAX, &mut |_| ())?;
            files.push(Copied { path, bytes, sha256 });
        }
    }
    sync(&here)
}
