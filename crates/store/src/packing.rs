//! Small bodies made smaller: Zstandard with a dictionary of what our messages, answers and events have in common.
//!
//! A message of 6 kB is much like every other; alone it holds little that repeats, beside a dictionary it is mostly
//! repetition. The dictionaries are part of the binary and numbered; a released one is never changed or taken out, because
//! what was packed with it is read with it. `cargo run --release -p vigil --example dictionary` makes one from the product's own
//! made-up messages (docs/decisions/0022).

use std::{cell::RefCell, sync::LazyLock};

use zstd::{
    bulk::{Compressor, Decompressor},
    dict::{DecoderDictionary, EncoderDictionary},
    zstd_safe::{self, CParameter},
};

/// The dictionary new events are packed with: a number that takes no room in SQLite's rows.
const EVENTS: u8 = 1;
/// The dictionary new messages, answers and documents are packed with.
pub(crate) const MESSAGES: u8 = 2;

/// Every dictionary that was ever released, by its number from 1.
const RELEASED: [&[u8]; 2] = [include_bytes!("dictionary/1.zdict"), include_bytes!("dictionary/2.zdict")];

/// Below this many bytes nothing is won.
const SMALLEST: usize = 24;
/// No body is larger than this; what says it is was damaged.
const LARGEST: usize = 256 << 20;
/// The level at which packing costs about what LZ4 does.
const LEVEL: i32 = 3;

static ENCODERS: LazyLock<[EncoderDictionary<'static>; RELEASED.len()]> =
    LazyLock::new(|| RELEASED.map(|bytes| EncoderDictionary::copy(bytes, LEVEL)));
static DECODERS: LazyLock<[DecoderDictionary<'static>; RELEASED.len()]> =
    LazyLock::new(|| RELEASED.map(DecoderDictionary::copy));

/// A dictionary's place among the released ones.
fn place(dictionary: u8) -> Option<usize> {
    usize::from(dictionary).checked_sub(1).filter(|place| *place < RELEASED.len())
}

thread_local! {
    /// Room to pack in, and the packer of each dictionary that this thread has met.
    static PACKERS: RefCell<(Vec<u8>, [Option<Compressor<'static>>; RELEASED.len()])> =
        const { RefCell::new((Vec::new(), [const { None }; RELEASED.len()])) };
    /// The unpacker of each dictionary that this thread has met.
    static UNPACKERS: RefCell<[Option<Decompressor<'static>>; RELEASED.len()]> =
        const { RefCell::new([const { None }; RELEASED.len()]) };
}

/// A packer that leaves the dictionary's number out of each body: the row has it.
fn packer_of(place: usize) -> Option<Compressor<'static>> {
    let mut packer = Compressor::with_prepared_dictionary(&ENCODERS[place]).ok()?;
    packer.set_parameter(CParameter::DictIdFlag(false)).ok()?;
    Some(packer)
}

/// Packs bytes with a dictionary, after `head`; none when they would not become smaller.
pub(crate) fn pack(dictionary: u8, bytes: &[u8], head: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < SMALLEST {
        return None;
    }
    let place = place(dictionary)?;
    PACKERS.with_borrow_mut(|(room, packers)| {
        let packer = match &mut packers[place] {
            Some(packer) => packer,
            none => none.insert(packer_of(place)?),
        };
        room.clear();
        room.reserve(zstd_safe::compress_bound(bytes.len()));
        let size = packer.compress_to_buffer(bytes, room).ok()?;
        (size + head.len() < bytes.len()).then(|| [head, &room[..size]].concat())
    })
}

/// What was packed with a dictionary.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn unpack(dictionary: u8, packed: &[u8]) -> Result<Vec<u8>, String> {
    let place =
        place(dictionary).ok_or_else(|| format!("it needs dictionary {dictionary}, which this Vigil does not have"))?;
    UNPACKERS.with_borrow_mut(|unpackers| {
        let unpacker = match &mut unpackers[place] {
            Some(unpacker) => unpacker,
            none => {
                let made = Decompressor::with_prepared_dictionary(&DECODERS[place]);
                none.insert(made.map_err(|error| error.to_string())?)
            }
        };
        unpacker.decompress(packed, LARGEST).map_err(|error| format!("its compression: {error}"))
    })
}

/// An event's body as its row keeps it: with the number of its dictionary when it is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventBody {
    packed: Option<Vec<u8>>,
}

impl EventBody {
    /// Packs a body, or leaves it as it is.
    pub(crate) fn of(body: &[u8], packs: bool) -> Self {
        Self { packed: packs.then(|| pack(EVENTS, body, &[])).flatten() }
    }

    /// The columns of the row: the dictionary's number, and the bytes.
    pub(crate) fn columns<'a>(&'a self, body: &'a [u8]) -> (Option<i64>, &'a [u8]) {
        match &self.packed {
            Some(packed) => (Some(i64::from(EVENTS)), packed),
            None => (None, body),
        }
    }
}

/// The body of an event's row.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn event_body(dictionary: Option<i64>, bytes: &[u8]) -> Result<Vec<u8>, String> {
    match dictionary {
        None => Ok(bytes.to_vec()),
        Some(number) => unpack(u8::try_from(number).unwrap_or(0), bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_dictionary_is_never_changed() {
        let digests = RELEASED.map(|dictionary| crate::chain::hex(&crate::chain::sha256(dictionary)));
        assert_eq!(
            digests,
            [
                "c69915c29d1620d9f680a610dc359725af33e4740e190698b4804cfa2b7cd79d",
                "d753654c3fc6c2e25aabb69e9bce85243500462dd0daa5cfbcf6bd7ba0a35f1b"
            ]
        );
    }

    #[test]
    fn what_is_packed_is_read_again_and_what_was_damaged_is_refused() {
        let body = br#"{"clock_started":{"clock":1,"watches":"decision","day_clock":true}}"#;
        let packed = pack(EVENTS, body, &[9]).expect("it becomes smaller");
        assert!(packed.len() < body.len() / 2, "{} of {}", packed.len(), body.len());
        assert_eq!(unpack(EVENTS, &packed[1..]).expect("it is read"), body);
        assert!(unpack(0, &packed[1..]).is_err());
        assert!(unpack(99, &packed[1..]).expect_err("no such dictionary").contains("dictionary 99"));
        assert!(unpack(EVENTS, &packed[1..packed.len() - 3]).is_err(), "it was cut short");
        assert_eq!(pack(EVENTS, b"too little to win", &[]), None);
        let noise: Vec<u8> = (0..2_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(pack(MESSAGES, &noise, &[]).is_none_or(|packed| packed.len() < noise.len()));
    }
}
