//! What a back-up holds: a list of its files with their digests, written last. A back-up without it was cut short.

use std::{
    fs::{self, File},
    io::{Read, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vigil_domain::time::Moment;

use crate::{StoreFault, chain};

/// The manifest's name in the back-up's folder.
pub const MANIFEST: &str = "backup.json";

/// What a back-up holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this list: 1.
    pub form: u32,
    /// The Vigil that made it.
    pub vigil: String,
    /// When it was made.
    pub made_at: Moment,
    /// The newest schema step of the store.
    pub schema: i64,
    /// Events in the log.
    pub events: u64,
    /// The last checkpoint: its number and hash, if there is one.
    pub checkpoint: Option<(u64, String)>,
    /// Every file, by its path inside the folder.
    pub files: Vec<Copied>,
}

/// One file of a back-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Its path inside the folder, with forward slashes.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes in lower-case hex.
    pub sha256: String,
}

impl Manifest {
    /// Reads the manifest of a back-up; none when there is none.
    ///
    /// # Errors
    /// A manifest that is not of our form.
    pub fn read(folder: &Path) -> Result<Option<Self>, StoreFault> {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(StoreFault::io("read", &path))?;
        let spoiled = |why: String| StoreFault::Spoiled { what: "list of a back-up", why };
        let read: Self = serde_json::from_str(&text).map_err(|error| spoiled(error.to_string()))?;
        // What the list names is copied: a path may not lead out of the folder.
        let inside =
            |path: &str| !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        match read.files.iter().find(|file| !inside(&file.path)) {
            Some(file) => Err(spoiled(format!("{:?} leads out of the folder", file.path))),
            None if read.form != 1 => Err(spoiled(format!("form {}, this Vigil reads 1", read.form))),
            None => Ok(read),
        }
        .map(Some)
    }

    /// Writes it into a folder so that after a power cut it is whole or absent.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), StoreFault> {
        let (part, path) = (folder.join(".backup.json.part"), folder.join(MANIFEST));
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| StoreFault::Spoiled { what: "list of a back-up", why: error.to_string() })?;
        let mut file = crate::engine::sqlite::open::make_file(&part)?;
        file.write_all(&text).map_err(StoreFault::io("write", &part))?;
        file.sync_all().map_err(StoreFault::io("sync", &part))?;
        fs::rename(&part, &path).map_err(StoreFault::io("name", &path))?;
        let folder_itself = File::open(folder).map_err(StoreFault::io("open", folder))?;
        folder_itself.sync_all().map_err(StoreFault::io("sync", folder))
    }
}

/// Size and digest of a file.
pub(crate) fn measure(path: &Path) -> Result<(u64, String), StoreFault> {
    let mut file = File::open(path).map_err(StoreFault::io("open", path))?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut piece).map_err(StoreFault::io("read", path))?;
        if read == 0 {
            return Ok((bytes, chain::hex(&hash.finalize())));
        }
        hash.update(&piece[..read]);
        bytes += read as u64;
    }
}
