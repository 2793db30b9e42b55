//! Sorting what memory should not hold: runs sorted in memory, kept in a file without a name, and merged.
//!
//! A rebuild writes its search words and keys in their tables' order, so that each page of those tables is written once.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{BufWriter, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::StoreFault;

/// Bytes sorted in memory at a time.
const RUN: usize = 16 << 20;
/// Bytes read ahead of each run while merging.
const AHEAD: usize = 64 << 10;

/// Byte strings to be sorted.
pub(crate) struct Sorted {
    folder: PathBuf,
    bytes: Vec<u8>,
    /// Where each waiting byte string begins and ends.
    places: Vec<(u32, u32)>,
    file: Option<BufWriter<File>>,
    /// Where the runs in the file end.
    ends: Vec<u64>,
    run: usize,
}

impl Sorted {
    /// Sorts with the help of a file in a folder, should it come to that.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder, bytes: Vec::new(), places: Vec::new(), file: None, ends: Vec::new(), run: RUN }
    }

    /// Takes one more.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), StoreFault> {
        if self.bytes.len() + bytes.len() > self.run {
            self.keep_run()?;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        // A run is far below four gigabytes.
        self.places.push((start as u32, self.bytes.len() as u32));
        Ok(())
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        let slice = |(start, end): &(u32, u32)| &bytes[*start as usize..*end as usize];
        self.places.sort_unstable_by(|a, b| slice(a).cmp(slice(b)));
    }

    fn keep_run(&mut self) -> Result<(), StoreFault> {
        self.sort();
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::with_capacity(1 << 20, unnamed(&self.folder)?)),
        };
        let mut end = self.ends.last().copied().unwrap_or(0);
        for (start, stop) in self.places.drain(..) {
            let bytes = &self.bytes[start as usize..stop as usize];
            let length = (bytes.len() as u32).to_le_bytes();
            let written = file.write_all(&length).and_then(|()| file.write_all(bytes));
            written.map_err(StoreFault::io("sort rows in", &self.folder))?;
            end += (length.len() + bytes.len()) as u64;
        }
        self.ends.push(end);
        self.bytes.clear();
        Ok(())
    }

    /// All of them in order, each once.
    pub(crate) fn each(mut self, mut told: impl FnMut(&[u8]) -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        if self.ends.is_empty() {
            self.sort();
            let mut last: &[u8] = &[];
            for (start, end) in &self.places {
                let bytes = &self.bytes[*start as usize..*end as usize];
                if bytes != last {
                    told(bytes)?;
                }
                last = bytes;
            }
            return Ok(());
        }
        self.keep_run()?;
        self.bytes = Vec::new();
        self.places = Vec::new();
        let Some(file) = self.file.take() else { return Ok(()) };
        let file =
            file.into_inner().map_err(|error| StoreFault::io("sort rows in", &self.folder)(error.into_error()))?;
        merge(&file, &self.ends, &mut told).map_err(|error| match error {
            Broken::Fault(fault) => fault,
            Broken::Read(error) => StoreFault::io("sort rows in", &self.folder)(error),
        })
    }
}

/// A file that is gone when it is closed, readable by its owner alone meanwhile.
fn unnamed(folder: &Path) -> Result<File, StoreFault> {
    let chance = RandomState::new().build_hasher().finish();
    let path = folder.join(format!("vigil-sort-{}-{chance:016x}", std::process::id()));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
    let file = file.map_err(StoreFault::io("make", &path))?;
    fs::remove_file(&path).map_err(StoreFault::io("remove", &path))?;
    Ok(file)
}

enum Broken {
    Fault(StoreFault),
    Read(std::io::Error),
}

/// A run under the reader's hand.
struct Run<'a> {
    file: &'a File,
    at: u64,
    end: u64,
    ahead: Vec<u8>,
    place: usize,
}

impl Run<'_> {
    /// Makes sure that so many bytes lie ahead; false at the end.
    fn have(&mut self, bytes: usize) -> std::io::Result<bool> {
        if self.ahead.len() - self.place >= bytes {
            return Ok(true);
        }
        self.ahead.drain(..self.place);
        self.place = 0;
        let held = self.ahead.len();
        let more = (AHEAD.max(bytes) - held).min(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
        self.ahead.resize(held + more, 0);
        self.file.read_exact_at(&mut self.ahead[held..], self.at)?;
        self.at += more as u64;
        Ok(self.ahead.len() >= bytes)
    }

    fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if !self.have(4)? {
            return Ok(None);
        }
        let mut length = [0; 4];
        length.copy_from_slice(&self.ahead[self.place..self.place + 4]);
        let whole = 4 + u32::from_le_bytes(length) as usize;
        if !self.have(whole)? {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let bytes = self.ahead[self.place + 4..self.place + whole].to_vec();
        self.place += whole;
        Ok(Some(bytes))
    }
}

fn merge(file: &File, ends: &[u64], told: &mut impl FnMut(&[u8]) -> Result<(), StoreFault>) -> Result<(), Broken> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let mut runs: Vec<Run<'_>> =
        starts.zip(ends).map(|(at, end)| Run { file, at, end: *end, ahead: Vec::new(), place: 0 }).collect();
    let mut heads = BinaryHeap::with_capacity(runs.len());
    for (number, run) in runs.iter_mut().enumerate() {
        heads.extend(run.next().map_err(Broken::Read)?.map(|bytes| Reverse((bytes, number))));
    }
    let mut last = Vec::new();
    while let Some(Reverse((bytes, number))) = heads.pop() {
        heads.extend(runs[number].next().map_err(Broken::Read)?.map(|bytes| Reverse((bytes, number))));
        if bytes != last {
            told(&bytes).map_err(Broken::Fault)?;
            last = bytes;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(run: usize, count: u32) -> Vec<Vec<u8>> {
        let mut sorted = Sorted::in_folder(std::env::temp_dir());
        sorted.run = run;
        for n in 0..count {
            let scattered = n.wrapping_mul(2_654_435_761) % count;
            sorted
                .push(format!("{:05}{}", scattered / 3, "x".repeat((scattered / 3) as usize % 40)).as_bytes())
                .unwrap();
        }
        let mut told = Vec::new();
        sorted
            .each(|bytes| {
                told.push(bytes.to_vec());
                Ok(())
            })
            .unwrap();
        told
    }

    #[test]
    fn what_does_not_fit_comes_out_in_order_and_once_as_what_does() {
        let within = sorted(RUN, 30_000);
        assert_eq!(within.len(), 10_000, "threes are one");
        assert!(within.is_sorted());
        assert_eq!(sorted(5_000, 30_000), within, "a hundred runs");
        assert_eq!(sorted(5_000, 0), Vec::<Vec<u8>>::new());
    }
}
