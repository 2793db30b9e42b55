//! Numbers that people read aloud: case numbers and authorization numbers.

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A case number out of 60 bits of a seed: `7K2M-9QX4-T1BD`.
pub fn case_number(seed: &[u8]) -> String {
    let mut bits = [0u8; 8];
    for (slot, byte) in bits.iter_mut().zip(seed) {
        *slot = *byte;
    }
    let mut n = u64::from_be_bytes(bits) >> 4;
    let mut letters = [0u8; 12];
    for slot in letters.iter_mut().rev() {
        *slot = ALPHABET[(n & 31) as usize];
        n >>= 5;
    }
    let text: String = letters.iter().map(|b| char::from(*b)).collect();
    format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..])
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A case number from the system's randomness.
///
/// # Errors
/// The system has no randomness to give.
pub fn random_case_number() -> Result<String, getrandom::Error> {
    let mut seed = [0u8; 8];
    getrandom::fill(&mut seed)?;
    Ok(case_number(&seed))
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
        let a = case_number(&[0xff; 8]);
        let b = case_number(&[0x00; 8]);
        assert_eq!(a, "ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(b, "0000-0000-0000");
        assert_eq!(authorization_number(&a), "AZZZZZZZZZZZZ");
    }
}
