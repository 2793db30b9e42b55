//! Opening: the directory, its lock, the connections and their pragmas.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    StoreFault,
    body::Bodies,
    engine::{
        seam::Reader,
        sql::{self, Row, Sql, Value},
    },
    fault::Doing,
};

/// The database file inside the data directory.
pub(crate) const DATABASE: &str = "vigil.db";
const LOCK: &str = "vigil.lock";
/// The folder of large bodies inside the data directory.
pub(crate) const BODIES: &str = "blobs";
/// Read connections kept for reuse.
const KEPT_READERS: usize = 16;

/// Where the rows are.
#[derive(Clone)]
pub(crate) enum Place {
    /// One connection that all share.
    Memory(Arc<Mutex<Connection>>),
    /// A database file.
    Disk(PathBuf),
}

/// The opened store under its writer: where reads come from.
pub(crate) struct Base {
    pub(crate) place: Place,
    pub(crate) bodies: Bodies,
    readers: Mutex<Vec<Connection>>,
    // The database file, opened beside the engine when a back-up first reads it. It stays open: to close a file lets go of every
    // lock that this process has on it, those of the engine's connections too.
    file: Mutex<Option<File>>,
    // Held for as long as the store is open; the system lets go of it when the process dies.
    _lock: Option<File>,
}

/// A pooled connection, given back when dropped.
struct Lent<'a>(Option<Connection>, &'a Mutex<Vec<Connection>>);

impl Lent<'_> {
    fn conn(&self) -> &Connection {
        self.0.as_ref().expect("a pooled reader holds its connection until it is dropped")
    }
}

impl Sql for Lent<'_> {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> sql::Result<usize> {
        self.conn().change(sql, values)
    }

    fn tell(
        &self,
        sql: &str,
        values: &[Value<'_>],
        told: &mut dyn FnMut(&Row<'_>) -> sql::Result<bool>,
    ) -> sql::Result<()> {
        self.conn().tell(sql, values, told)
    }

    fn floor(&self) -> &'static str {
        self.conn().floor()
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.0.take() {
            let mut pool = self.1.lock().unwrap_or_else(PoisonError::into_inner);
            if pool.len() < KEPT_READERS {
                pool.push(conn);
            }
        }
    }
}

impl Base {
    /// Opens or makes a data directory; gives the connection of the writer beside it.
    pub(crate) fn on_disk(dir: &Path, cache_mib: u32) -> Result<(Self, Connection), StoreFault> {
        make_folder(dir)?;
        let lock = lock(dir)?;
        let path = dir.join(DATABASE);
        drop(make_file(&path)?);
        let bodies = dir.join(BODIES);
        make_folder(&bodies)?;
        let mut conn = Connection::open(&path).doing("open its file")?;
        conn.busy_timeout(Duration::from_secs(10)).doing("set its patience")?;
        let kib = i64::from(cache_mib) * 1024;
        // No mmap: a page that cannot be read must be an error here and not a signal that ends the process.
        let pragmas = format!(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;
             PRAGMA cache_size = -{kib}; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = 268435456; PRAGMA foreign_keys = OFF;"
        );
        conn.execute_batch(&pragmas).doing("open its file")?;
        super::schema::migrate(&mut conn)?;
        keep_plans(&conn, 256)?;
        let bodies = Bodies::in_folder(bodies);
        bodies.set_packs(super::schema::packs(&conn)?);
        let base = Self {
            place: Place::Disk(path),
            bodies,
            readers: Mutex::default(),
            file: Mutex::default(),
            _lock: Some(lock),
        };
        Ok((base, conn))
    }

    /// A store in memory. Its bodies are not packed: it is gone before it is large.
    pub(crate) fn in_memory() -> Result<Self, StoreFault> {
        let mut conn = Connection::open_in_memory().doing("open in memory")?;
        conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;").doing("open in memory")?;
        super::schema::migrate(&mut conn)?;
        keep_plans(&conn, 256)?;
        let place = Place::Memory(Arc::new(Mutex::new(conn)));
        Ok(Self { place, bodies: Bodies::in_rows(), readers: Mutex::default(), file: Mutex::default(), _lock: None })
    }

    /// Reads with the engine's own connection.
    pub(crate) fn raw<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        match &self.place {
            Place::Memory(conn) => read(&conn.lock().unwrap_or_else(PoisonError::into_inner)),
            Place::Disk(path) => read(&open_reader(path)?),
        }
    }

    /// Works with the bytes of the database file, one caller at a time.
    pub(crate) fn with_file<T>(
        &self,
        path: &Path,
        work: impl FnOnce(&mut File) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let mut kept = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *kept {
            Some(file) => file,
            none => none.insert(File::open(path).map_err(StoreFault::io("open", path))?),
        };
        work(file)
    }

    /// A connection to read from.
    pub(crate) fn reader(&self) -> Result<Reader<'_>, StoreFault> {
        let path = match &self.place {
            Place::Memory(conn) => return Ok(Reader::Shared(conn.lock().unwrap_or_else(PoisonError::into_inner))),
            Place::Disk(path) => path,
        };
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match kept {
            Some(conn) => conn,
            None => open_reader(path)?,
        };
        Ok(Reader::Pooled(Box::new(Lent(Some(conn), &self.readers))))
    }
}

/// A connection that can only read.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).doing("open a reader")?;
    conn.busy_timeout(Duration::from_secs(10)).doing("open a reader")?;
    conn.execute_batch("PRAGMA mmap_size = 0; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;")
        .doing("open a reader")?;
    keep_plans(&conn, 128)?;
    Ok(conn)
}

/// Keeps so many statements with their plans. Without the stability guarantee a statement is planned anew for each value
/// that is bound where a partial index was weighed, which costs more than most of our reads.
fn keep_plans(conn: &Connection, statements: usize) -> Result<(), StoreFault> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).doing("keep its plans")?;
    conn.set_prepared_statement_cache_capacity(statements);
    Ok(())
}

/// Takes the lock of a data directory.
pub(crate) fn lock(dir: &Path) -> Result<File, StoreFault> {
    let path = dir.join(LOCK);
    let file = make_file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreFault::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StoreFault::Io { doing: "lock", path, source }),
    }
}

/// Makes a folder that only its owner may enter.
pub(crate) fn make_folder(path: &Path) -> Result<(), StoreFault> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(StoreFault::io("make the folder", path))
}

/// Opens a file for writing, made readable by its owner alone when it is new.
pub(crate) fn make_file(path: &Path) -> Result<File, StoreFault> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreFault::io("open", path))
}

/// The engine's own check of its file.
pub(crate) fn check_file(conn: &Connection) -> Result<Vec<String>, StoreFault> {
    let mut select = conn.prepare("PRAGMA integrity_check(20)").doing("check the file")?;
    let rows = select.query_map([], |row| row.get(0));
    let mut said: Vec<String> = rows.and_then(Iterator::collect).doing("check the file")?;
    said.retain(|line| line != "ok");
    Ok(said)
}
