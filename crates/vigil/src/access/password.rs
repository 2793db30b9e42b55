//! Passwords: argon2id, a salt each, never more than two hashed at once, and the same work for a name nobody has.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// The shortest password a person may choose, in characters.
pub const SHORTEST: usize = 12;
/// The longest; longer ones are not hashed.
const LONGEST: usize = 256;

/// Hashes passwords, a few at a time: each takes 19 MiB and tens of milliseconds.
#[derive(Debug, Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(2)) }
    }
}

/// What a password is checked against when the name is unknown: the hash of something nobody knows.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&super::secret::password()).unwrap_or_default());

/// Why a chosen password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too short.
    #[error("A password has at least {SHORTEST} characters.")]
    Short,
    /// Too long.
    #[error("A password has at most {LONGEST} characters.")]
    Long,
    /// The sign-in name is in it.
    #[error("A password does not contain the sign-in name.")]
    Name,
    /// One character over and over.
    #[error("A password has more than three different characters.")]
    Plain,
}

/// Whether a person may choose this password.
///
/// # Errors
/// Why not.
pub fn acceptable(name: &str, password: &str) -> Result<(), Weak> {
    let count = password.chars().count();
    let mut letters: Vec<char> = password.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    match () {
        () if count < SHORTEST => Err(Weak::Short),
        () if count > LONGEST => Err(Weak::Long),
        () if letters.len() < 4 => Err(Weak::Plain),
        () if name.len() > 2 && password.to_lowercase().contains(&name.to_lowercase()) => Err(Weak::Name),
        () => Ok(()),
    }
}

/// Hashes on this thread; for commands.
///
/// # Errors
/// When the hash function refuses its input.
pub fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn verify_now(password: &str, kept: &str) -> bool {
    let Ok(hash) = PasswordHash::new(kept) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

impl Passwords {
    /// Hashes a new password.
    pub async fn hash(&self, password: String) -> Option<String> {
        self.work(move || hash_now(&password).ok()).await.flatten()
    }

    /// Whether the password is the one kept; without one kept, as much work and always no.
    pub async fn verify(&self, password: String, kept: Option<String>) -> bool {
        if password.len() > LONGEST * 4 {
            return false;
        }
        let known = kept.is_some();
        let right = self.work(move || verify_now(&password, &kept.unwrap_or_else(|| NOBODY.clone()))).await;
        known & right.unwrap_or(false)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _place = self.places.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_passwords() {
        for (name, password, taken) in [
            ("dana", "correct horse battery", Ok(())),
            ("dana", "short", Err(Weak::Short)),
            ("dana", "aaaaaaaaaaaaaaaa", Err(Weak::Plain)),
            ("dana", "i am Dana and this is mine", Err(Weak::Name)),
        ] {
            assert_eq!(acceptable(name, password), taken, "{password}");
        }
        assert_eq!(acceptable("dana", &"abcde".repeat(60)), Err(Weak::Long));
    }

    #[tokio::test]
    async fn a_hash_is_salted_argon2id_and_verifies() {
        let passwords = Passwords::default();
        let one = passwords.hash("correct horse battery".into()).await.unwrap();
        let two = passwords.hash("correct horse battery".into()).await.unwrap();
        assert!(one.starts_with("$argon2id$"));
        assert_ne!(one, two);
        assert!(passwords.verify("correct horse battery".into(), Some(one.clone())).await);
        assert!(!passwords.verify("correct horse batterY".into(), Some(one)).await);
        assert!(!passwords.verify("correct horse battery".into(), None).await);
        assert!(!passwords.verify("x".into(), Some("not a hash".into())).await);
    }
}
