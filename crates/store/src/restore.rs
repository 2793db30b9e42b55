//! Restore: a back-up becomes a data directory, after every file was compared with the list and the log was walked.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use vigil_domain::time::Moment;

use crate::{
    Options, Store, StoreFault, VerifyError, Write, WriteItem,
    carry::{carry, sync},
    engine::sqlite::open::{self, DATABASE},
    maintain::Verified,
    manifest::{MANIFEST, Manifest},
};

/// Where the copy stands inside the data directory until it is proven.
const STAGING: &str = "restoring";

/// Why nothing was restored. The data directory is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is a store already.
    #[error("{} holds a store already; move it away first, a restore never writes over one", .0.display())]
    Occupied(PathBuf),
    /// There is no whole back-up.
    #[error("{} is not a whole back-up: it has no {MANIFEST}, which is written last", .0.display())]
    NotWhole(PathBuf),
    /// A file is not what was backed up.
    #[error("{path} is not what was backed up: {what}")]
    Changed {
        /// The file inside the back-up.
        path: String,
        /// What is different.
        what: String,
    },
    /// The log in the back-up does not verify.
    #[error("the back-up does not verify: {0}")]
    Unsound(#[source] VerifyError),
    /// The world broke.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What the back-up said of itself.
    pub manifest: Manifest,
    /// What the walk over the restored log found.
    pub verified: Verified,
}

/// Makes a data directory out of a back-up. `progress` is told how many of how many bytes are copied. Sign-ins that the
/// back-up remembers are ended. Blocking.
///
/// # Errors
/// Why nothing was restored.
pub fn restore(from: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Restored, RestoreError> {
    let manifest = Manifest::read(from)?.ok_or_else(|| RestoreError::NotWhole(from.to_owned()))?;
    open::make_folder(to)?;
    let _held = open::lock(to)?;
    clear_of_a_store(to)?;
    let staging = to.join(STAGING);
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(StoreFault::io("remove", &staging))?;
    }
    let proven = copy(from, &staging, &manifest, progress).and_then(|()| prove(&staging));
    let verified = match proven {
        Ok(proven) => proven,
        Err(error) => {
            drop(fs::remove_dir_all(&staging));
            return Err(error);
        }
    };
    take_over(&staging, to)?;
    Ok(Restored { manifest, verified })
}

/// Refuses a directory with a store. A write-ahead log without its database is part of one too: it would be taken up into
/// the restored database. What an ordered end leaves beside a database that was moved away is empty, and goes.
fn clear_of_a_store(to: &Path) -> Result<(), RestoreError> {
    let beside = |ending: &str| to.join(format!("{DATABASE}{ending}"));
    let has_bytes = |path: &Path| fs::metadata(path).is_ok_and(|file| file.len() > 0);
    if beside("").exists() || has_bytes(&beside("-wal")) || has_bytes(&beside("-journal")) {
        return Err(RestoreError::Occupied(to.to_owned()));
    }
    for leftover in ["-wal", "-shm", "-journal"].map(beside) {
        if leftover.exists() {
            fs::remove_file(&leftover).map_err(StoreFault::io("remove", &leftover))?;
        }
    }
    Ok(())
}

/// Copies and compares. The copy is on the disk when this returns.
fn copy(from: &Path, to: &Path, manifest: &Manifest, progress: &mut dyn FnMut(u64, u64)) -> Result<(), RestoreError> {
    open::make_folder(to)?;
    let all = manifest.files.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    for file in &manifest.files {
        let (source, target) = (from.join(&file.path), to.join(&file.path));
        let changed = |what: &str| RestoreError::Changed { path: file.path.clone(), what: what.to_owned() };
        if !source.is_file() {
            return Err(changed("it is missing"));
        }
        if let Some(parent) = target.parent() {
            open::make_folder(parent)?;
        }
        let mut open = File::open(&source).map_err(StoreFault::io("open", &source))?;
        let mut told = |bytes: u64| progress(done + bytes.min(file.bytes), all);
        if carry(&mut open, &source, &target, u64::MAX, &mut told)? != (file.bytes, file.sha256.clone()) {
            return Err(changed("its bytes do not match the list"));
        }
        done += file.bytes;
        progress(done, all);
    }
    Ok(())
}

/// Opens the copy, walks its log, ends its sign-ins and closes it in one tidy file.
fn prove(staging: &Path) -> Result<Verified, RestoreError> {
    let store = Store::open(staging, &Options::default())?;
    let findings = store.check_file()?;
    if !findings.is_empty() {
        return Err(RestoreError::Unsound(VerifyError::Damaged(findings)));
    }
    let verified = store.verify(&mut |_, _| ()).map_err(RestoreError::Unsound)?;
    // A sign-in of then is not a sign-in of now.
    store.write_blocking(Write::of("", vec![WriteItem::SweepSessions(Moment::MAX)]))?;
    store.close();
    Ok(verified)
}

/// Moves the proven copy to where it is served from; the database file comes last, so that a cut leaves no half store.
fn take_over(staging: &Path, to: &Path) -> Result<(), StoreFault> {
    let mut inside: Vec<PathBuf> = fs::read_dir(staging)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(StoreFault::io("list", staging))?;
    let database = staging.join(DATABASE);
    inside.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with(DATABASE)));
    for path in inside.into_iter().filter(|path| path.is_dir()) {
        let target = to.join(path.file_name().unwrap_or_default());
        if target.exists() {
            fs::remove_dir_all(&target).map_err(StoreFault::io("replace", &target))?;
        }
        fs::rename(&path, &target).map_err(StoreFault::io("move", &path))?;
    }
    let target = to.join(DATABASE);
    fs::rename(&database, &target).map_err(StoreFault::io("move", &database))?;
    fs::remove_dir_all(staging).map_err(StoreFault::io("remove", staging))?;
    sync(to)
}
