//! The words that columns hold: search words, names as they are compared, kinds of deadlines.

use crate::rows::DeadlineKind;

/// The word of a deadline's kind.
pub(crate) fn deadline_word(what: DeadlineKind) -> &'static str {
    match what {
        DeadlineKind::Warn => "warn",
        DeadlineKind::Due => "due",
    }
}

/// A text as search compares it: lower case, single spaces.
pub(crate) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The words of a name as search compares them.
pub(crate) fn name_words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The words by which a case is found.
pub(crate) fn search_words(name: &str, member_id: &str, authorization: Option<&str>) -> Vec<String> {
    let mut words = name_words(name);
    words.extend([Some(member_id), authorization].into_iter().flatten().map(plain));
    words.retain(|word| !word.is_empty());
    words.sort_unstable();
    words.dedup();
    words
}
