//! Words of people in a letter, and which of two wordings its language wants.

use vigil_domain::{
    case::NoticeState,
    determination::is_stock,
    notice::{Audience, tongue},
};

/// What a person wrote about this case for the letter: nothing where it is a sentence for everybody, or not in the letter's
/// language. The letter is held without it, and says so.
pub(super) fn said_of_the_case(text: &str, language: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !is_stock(text) && tongue::fits(text, language)).then(|| text.to_owned())
}

/// Whether what a person wrote may stand in a letter: in another language than the member's it may not, and the letter waits for
/// the words.
pub(super) fn readable(notice: &NoticeState, text: &str, language: &str) -> bool {
    notice.to != Audience::Member || tongue::fits(text, language)
}

/// One of two wordings, by the language of the letter.
pub(super) fn said<'w>(language: &str, english: &'w str, spanish: &'w str) -> &'w str {
    if language.starts_with("es") { spanish } else { english }
}
