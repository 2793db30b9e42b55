//! Secrets: made of 256 random bits, kept only as their SHA-256, compared without telling how far they agree.

use sha2::{Digest as _, Sha256};

/// Lower-case base 32 without the letters that look like others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Random bytes of the machine.
///
/// # Panics
/// When the machine has no randomness to give: nothing may then be signed in.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the machine gives random bytes");
    bytes
}

/// Text of random letters, 5 bits each.
pub fn letters<const N: usize>() -> String {
    random::<N>().iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect()
}

/// A new secret: a word that says what it is, and 260 random bits.
pub fn make(word: &str) -> String {
    format!("{word}_{}", letters::<52>())
}

/// A password for a person to type once: 100 random bits in groups.
pub fn password() -> String {
    let all = letters::<20>();
    [&all[..5], &all[5..10], &all[10..15], &all[15..]].join("-")
}

/// How a secret is kept.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Equal or not, in the same time wherever they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && std::hint::black_box(a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_compare() {
        let (a, b) = (make("vigil"), make("vigil"));
        assert_ne!(a, b);
        assert_eq!(a.len(), "vigil_".len() + 52);
        assert!(same(a.as_bytes(), a.as_bytes()));
        assert!(!same(a.as_bytes(), b.as_bytes()));
        assert!(!same(b"a", b"ab"));
        assert_eq!(password().len(), 23);
    }
}
