//! Bodies of messages and documents: compressed in the row, or in a file of their own when they are large.

use std::{
    cell::RefCell,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

use crate::{StoreFault, chain, packing};

/// Bodies above this many bytes go to a file (DECISIONS 15).
const IN_ROW: usize = 1 << 20;

const PLAIN: u8 = 0;
const LZ4: u8 = 1;
const FILE: u8 = 2;
/// A dictionary's number and what was packed with it follow.
const PACKED: u8 = 3;
/// A dictionary's number, the request's length and the request with its answer behind it, packed together: an answer says much
/// of its request again.
const PAIR: u8 = 4;
/// The whole column of an answer that lies behind its request.
const BEHIND: u8 = 5;

/// Where large bodies are kept; none in memory, where every body stays in its row.
#[derive(Debug, Clone)]
pub(crate) struct Bodies {
    folder: Option<PathBuf>,
    packs: Arc<AtomicBool>,
}

impl Bodies {
    pub(crate) fn in_rows() -> Self {
        Self { folder: None, packs: Arc::default() }
    }

    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder: Some(folder), packs: Arc::default() }
    }

    /// Says whether new bodies are packed with a dictionary: an older Vigil could not read them.
    pub(crate) fn set_packs(&self, packs: bool) {
        self.packs.store(packs, Ordering::Relaxed);
    }

    /// Whether new bodies are packed with a dictionary.
    pub(crate) fn packs(&self) -> bool {
        self.packs.load(Ordering::Relaxed)
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The column value for a body. A large body is in its file, and the file is on the disk, when this returns.
    pub(crate) fn pack(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreFault> {
        match &self.folder {
            Some(folder) if bytes.len() > IN_ROW => {
                let digest = chain::sha256(bytes);
                keep_file(folder, &digest, &compressed(bytes))?;
                Ok([&[FILE][..], &digest].concat())
            }
            _ if self.packs() && bytes.len() <= IN_ROW => {
                Ok(packing::pack(packing::MESSAGES, bytes, &[PACKED, packing::MESSAGES])
                    .unwrap_or_else(|| compressed(bytes)))
            }
            _ => Ok(compressed(bytes)),
        }
    }

    /// The column values of a request and its answer.
    pub(crate) fn pack_pair(&self, request: &[u8], response: &[u8]) -> Result<(Vec<u8>, Vec<u8>), StoreFault> {
        if self.packs() && request.len() + response.len() <= IN_ROW {
            let length = (request.len() as u32).to_le_bytes();
            let head = [&[PAIR, packing::MESSAGES][..], &length].concat();
            if let Some(packed) = packing::pack(packing::MESSAGES, &[request, response].concat(), &head) {
                return Ok((packed, vec![BEHIND]));
            }
        }
        Ok((self.pack(request)?, self.pack(response)?))
    }

    /// The request and the answer of their column values.
    pub(crate) fn unpack_pair(&self, request: &[u8], response: &[u8]) -> Result<(Vec<u8>, Vec<u8>), StoreFault> {
        if response != [BEHIND] {
            return Ok((self.unpack(request)?, self.unpack(response)?));
        }
        let cut = || spoiled("it is cut short");
        let [PAIR, dictionary, rest @ ..] = request else {
            return Err(spoiled("the request has no answer behind it"));
        };
        let (length, packed) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let mut request = packing::unpack(*dictionary, packed).map_err(|why| spoiled(&why))?;
        let length = u32::from_le_bytes(*length) as usize;
        let response = request.get(length..).ok_or_else(cut)?.to_vec();
        request.truncate(length);
        Ok((request, response))
    }

    /// A column value whose body does not lie in a file of this data directory.
    pub(crate) fn in_row(&self, packed: Vec<u8>) -> Result<Vec<u8>, StoreFault> {
        match packed.first() {
            Some(&FILE) => Ok(compressed(&self.unpack(&packed)?)),
            _ => Ok(packed),
        }
    }

    /// The body of a column value.
    pub(crate) fn unpack(&self, packed: &[u8]) -> Result<Vec<u8>, StoreFault> {
        match packed.split_first() {
            Some((&FILE, digest)) => {
                let Some(folder) = &self.folder else {
                    return Err(spoiled("a file is named where there is no folder"));
                };
                let path = place(folder, digest);
                let stored = fs::read(&path).map_err(StoreFault::io("read", &path))?;
                let body = plain(&stored)?;
                match chain::sha256(&body)[..] == *digest {
                    true => Ok(body),
                    false => Err(spoiled("the file does not match its digest")),
                }
            }
            _ => plain(packed),
        }
    }
}

fn spoiled(why: &str) -> StoreFault {
    StoreFault::Spoiled { what: "body", why: why.to_owned() }
}

thread_local! {
    /// Room to compress in, and the table of the compressor: both would be cleared memory anew for each body.
    static ROOM: RefCell<(Vec<u8>, CompressTable)> = RefCell::new((Vec::new(), CompressTable::default()));
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    if (128..=IN_ROW).contains(&bytes.len()) {
        return ROOM.with_borrow_mut(|(room, table)| packed(bytes, room, table));
    }
    packed(bytes, &mut Vec::new(), &mut CompressTable::default())
}

fn packed(bytes: &[u8], room: &mut Vec<u8>, table: &mut CompressTable) -> Vec<u8> {
    if bytes.len() > 128 {
        let most = get_maximum_output_size(bytes.len());
        if room.len() < most {
            room.resize(most, 0);
        }
        if let Ok(size) = compress_into_with_table(bytes, room, table)
            && size < bytes.len()
        {
            return [&[LZ4][..], &(bytes.len() as u32).to_le_bytes(), &room[..size]].concat();
        }
    }
    [&[PLAIN][..], bytes].concat()
}

fn plain(packed: &[u8]) -> Result<Vec<u8>, StoreFault> {
    match packed.split_first() {
        Some((&PLAIN, bytes)) => Ok(bytes.to_vec()),
        Some((&LZ4, bytes)) => {
            lz4_flex::decompress_size_prepended(bytes).map_err(|error| spoiled(&format!("its compression: {error}")))
        }
        Some((&PACKED, rest)) => {
            let (dictionary, bytes) = rest.split_first().ok_or_else(|| spoiled("it is cut short"))?;
            packing::unpack(*dictionary, bytes).map_err(|why| spoiled(&why))
        }
        _ => Err(spoiled("unknown form")),
    }
}

fn place(folder: &Path, digest: &[u8]) -> PathBuf {
    let name = chain::hex(digest);
    folder.join(name.get(..2).unwrap_or("00")).join(&name)
}

/// Writes, syncs, renames, and syncs the folder, so that after a power cut the file is whole or absent.
fn keep_file(folder: &Path, digest: &[u8], stored: &[u8]) -> Result<(), StoreFault> {
    let path = place(folder, digest);
    let parent = path.parent().unwrap_or(folder);
    if path.exists() {
        return Ok(());
    }
    if !parent.exists() {
        crate::engine::sqlite::open::make_folder(parent)?;
        sync_folder(folder)?;
    }
    let part = parent.join(format!(".{}-{:?}", chain::hex(digest), std::thread::current().id()));
    let mut file = crate::engine::sqlite::open::make_file(&part)?;
    file.write_all(stored).map_err(StoreFault::io("write", &part))?;
    file.sync_all().map_err(StoreFault::io("sync", &part))?;
    drop(file);
    fs::rename(&part, &path).map_err(StoreFault::io("name", &path))?;
    sync_folder(parent)
}

fn sync_folder(folder: &Path) -> Result<(), StoreFault> {
    let open = File::open(folder).map_err(StoreFault::io("open", folder))?;
    open.sync_all().map_err(StoreFault::io("sync", folder))
}
