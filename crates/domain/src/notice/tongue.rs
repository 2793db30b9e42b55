//! Whether words are written in the language of the letter they go into, told by the small words every sentence has.

use super::words::primary;

const ENGLISH: [&str; 34] = [
    "the", "of", "and", "to", "that", "is", "are", "was", "were", "for", "with", "you", "your", "this", "not", "do",
    "does", "have", "has", "had", "we", "from", "which", "who", "at", "by", "on", "it", "its", "an", "under", "did",
    "must", "because",
];
const SPANISH: [&str; 38] = [
    "el", "la", "los", "las", "de", "del", "y", "que", "es", "son", "para", "por", "con", "usted", "su", "sus", "este",
    "esta", "un", "una", "en", "se", "al", "lo", "le", "porque", "como", "sin", "más", "muestran", "muestra", "fue",
    "hay", "tiene", "puede", "debe", "o", "nos",
];

/// Whether a text may stand in a letter of this language. Told only between English and Spanish; a text without any small
/// word of either (a name, a citation) fits both.
pub fn fits(text: &str, language: &str) -> bool {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let of = |list: &[&str]| words.iter().filter(|word| list.contains(&word.as_str())).count();
    let (english, spanish) = (of(&ENGLISH), of(&SPANISH));
    match primary(language) {
        "es" => english == 0 || spanish > english,
        "en" => spanish == 0 || english >= spanish,
        _ => true,
    }
}

/// A language as a page names it.
pub fn name(language: &str) -> &'static str {
    match primary(language) {
        "es" => "Spanish",
        _ => "English",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_by_their_language() {
        let english = "Your oxygen test does not show the low level Medicare asks for.";
        let spanish = "Su prueba de oxígeno no muestra el nivel bajo que pide Medicare.";
        assert!(fits(english, "en") && !fits(english, "es-MX"));
        assert!(fits(spanish, "es") && !fits(spanish, "en"));
        assert!(fits("NCD 280.3", "es") && fits("K0823", "en"), "a citation is of no language");
        assert!(fits("Su notas de la \"Stable Angina Program\" no muestran dolor en el pecho", "es"), "a name inside");
    }
}
