//! Carrying a file to another place: read once, written once, its digest taken on the way, on the disk at the end.

use std::{
    fs::File,
    io::{Read, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::{StoreFault, chain, engine::sqlite::open::make_file};

/// Bytes read and written at a time.
const PIECE: usize = 1 << 20;
/// Bytes after which the disk is waited for: what the system still has to write then never keeps a commit's sync waiting for long.
const AHEAD: u64 = 16 << 20;

/// Carries the first bytes of an open file, at most `most`, to a new file; gives how many there were and their SHA-256 in
/// lower-case hex. `told` hears how many are there. A file that ends before `most` is an error unless all of it was asked for
/// (`u64::MAX`).
pub(crate) fn carry(
    from: &mut File,
    source: &Path,
    target: &Path,
    most: u64,
    told: &mut dyn FnMut(u64),
) -> Result<(u64, String), StoreFault> {
    from.seek(SeekFrom::Start(0)).map_err(StoreFault::io("read", source))?;
    let mut into = make_file(target)?;
    let (mut hash, mut done, mut synced, mut piece) = (Sha256::new(), 0, 0, vec![0; PIECE]);
    while done < most {
        let wanted = usize::try_from(most - done).unwrap_or(PIECE).min(PIECE);
        let read = from.read(&mut piece[..wanted]).map_err(StoreFault::io("read", source))?;
        if read == 0 {
            break;
        }
        into.write_all(&piece[..read]).map_err(StoreFault::io("write", target))?;
        hash.update(&piece[..read]);
        done += read as u64;
        if done - synced >= AHEAD {
            into.sync_data().map_err(StoreFault::io("sync", target))?;
            forget(&into, synced, done - synced);
            synced = done;
        }
        told(done);
    }
    if most != u64::MAX && done < most {
        let short = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        return Err(StoreFault::io("read all of", source)(short));
    }
    into.sync_all().map_err(StoreFault::io("sync", target))?;
    forget(&into, synced, done - synced);
    Ok((done, chain::hex(&hash.finalize())))
}

/// Tells the system that nobody reads these bytes soon, so that a copy does not take the cache from those who are served.
fn forget(file: &File, from: u64, length: u64) {
    #[cfg(target_os = "linux")]
    if let Some(length) = std::num::NonZeroU64::new(length) {
        let _advice = rustix::fs::fadvise(file, from, Some(length), rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, from, length);
}

/// Waits until a file or a folder's names are on the disk.
pub(crate) fn sync(path: &Path) -> Result<(), StoreFault> {
    let file = File::open(path).map_err(StoreFault::io("open", path))?;
    file.sync_all().map_err(StoreFault::io("sync", path))
}
