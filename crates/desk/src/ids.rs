//! Numbers that people read aloud: case numbers and authorization numbers.

use vigil_domain::time::Moment;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Where the seconds of a case number begin: 2020-01-01T00:00:00Z. They last until 2054 and then begin again.
const FIRST_SECOND: i64 = 1_577_836_800;

/// A case number out of a moment and a seed: `7K2M-9QX4-T1BD`. The first 30 bits are the second, the other 30 the seed, so
/// that numbers made together stand together: in the indexes of the store, and in a person's list.
pub fn case_number(at: Moment, seed: &[u8]) -> String {
    let mut bits = [0u8; 4];
    for (slot, byte) in bits.iter_mut().zip(seed) {
        *slot = *byte;
    }
    let second = (at.as_second() - FIRST_SECOND).rem_euclid(1 << 30).unsigned_abs();
    let mut n = second << 30 | u64::from(u32::from_be_bytes(bits) >> 2);
    let mut letters = [0u8; 12];
    for slot in letters.iter_mut().rev() {
        *slot = ALPHABET[(n & 31) as usize];
        n >>= 5;
    }
    let text: String = letters.iter().map(|b| char::from(*b)).collect();
    format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..])
}

/// A stay's number out of a digest in hex: of one visit always the same. `S-7K2M-9QX4-T1BD`.
pub fn stay_number(digest: &str) -> String {
    let n = u64::from_str_radix(digest.get(..15).unwrap_or_default(), 16).unwrap_or_default();
    let letters: String = (0..12).rev().map(|place| char::from(ALPHABET[(n >> (5 * place) & 31) as usize])).collect();
    format!("S-{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..])
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A case number of a moment from the system's randomness.
///
/// # Errors
/// The system has no randomness to give.
pub fn random_case_number(at: Moment) -> Result<String, getrandom::Error> {
    let mut seed = [0u8; 4];
    getrandom::fill(&mut seed)?;
    Ok(case_number(at, &seed))
}

/// The authorization number of a case: one per case, `A` and the case number without dashes.
pub fn authorization_number(case: &str) -> String {
    format!("A{}", case.replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable_and_differ() {
        let first = Moment::from_second(FIRST_SECOND).unwrap();
        let a = case_number(Moment::from_second(FIRST_SECOND - 1).unwrap(), &[0xff; 32]);
        let b = case_number(first, &[0x00; 4]);
        assert_eq!(a, "ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(b, "0000-0000-0000");
        assert_eq!(authorization_number(&a), "AZZZZZZZZZZZZ");
    }

    #[test]
    fn later_numbers_sort_after_earlier_ones() {
        let at = |second| Moment::from_second(second).unwrap();
        let earlier = case_number(at(1_780_000_000), &[0xff; 4]);
        assert!(earlier < case_number(at(1_780_000_001), &[0; 4]));
        assert_ne!(earlier, case_number(at(1_780_000_000), &[0xfe, 0, 0, 0]));
    }
}
