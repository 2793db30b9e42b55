//! How hard a letter is to read, as a school grade.
//!
//! English: the Flesch-Kincaid grade (Kincaid, Fishburne, Rogers, Chissom 1975, Research Branch Report 8-75):
//! `0.39 · words/sentence + 11.8 · syllables/word − 15.59`.
//! Spanish: Crawford's grade (Crawford 1984, Lectura y Vida 5(4)):
//! `0.049 · syllables per 100 words − 0.205 · sentences per 100 words − 3.407`, made for primary school texts; above
//! grade 6 read it as "too hard", not as an exact grade.
//! Syllables are counted by rule with a table of exceptions in English, and by the rules of hiatus in Spanish.

use super::words::primary;

/// A reading level with what it was computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadingLevel {
    /// School grade by the formula of the language.
    pub grade: f64,
    /// Name of the formula.
    pub formula: &'static str,
    /// Words.
    pub words: usize,
    /// Sentences.
    pub sentences: usize,
    /// Syllables.
    pub syllables: usize,
}

/// The school grade of a text; 0 for a text without words. `es` by Crawford, every other language by Flesch-Kincaid.
pub fn reading_level(text: &str, language: &str) -> f64 {
    reading_level_of(text, language).grade
}

/// The school grade of a text with its counts.
pub fn reading_level_of(text: &str, language: &str) -> ReadingLevel {
    let spanish = primary(language) == "es";
    let count = if spanish { spanish_syllables } else { english_syllables };
    let (mut words, mut syllables, mut sentences) = (0, 0, 0);
    for line in text.lines() {
        let mut open = false;
        for token in line.split_whitespace() {
            let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
            for part in bare.split(['-', '/', '–', '—']).filter(|part| part.chars().any(char::is_alphanumeric)) {
                words += 1;
                syllables += count(part).max(1);
                open = true;
            }
            if open && ends_sentence(token) {
                sentences += 1;
                open = false;
            }
        }
        sentences += usize::from(open);
    }
    let formula = if spanish { "Crawford" } else { "Flesch-Kincaid" };
    let grade = grade(spanish, words, sentences, syllables);
    ReadingLevel { grade, formula, words, sentences, syllables }
}

/// Counts of a letter stay far below 2^52, so the conversion is exact.
#[allow(clippy::cast_precision_loss)]
fn grade(spanish: bool, words: usize, sentences: usize, syllables: usize) -> f64 {
    if words == 0 {
        return 0.0;
    }
    let (words, sentences, syllables) = (words as f64, sentences.max(1) as f64, syllables as f64);
    if spanish {
        0.049 * (100.0 * syllables / words) - 0.205 * (100.0 * sentences / words) - 3.407
    } else {
        0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59
    }
}

fn ends_sentence(token: &str) -> bool {
    let bare = token.trim_end_matches(['"', '\'', ')', '”', '’', '*']);
    if bare.ends_with(['!', '?']) {
        return true;
    }
    let Some(before) = bare.strip_suffix('.') else { return false };
    let abbreviation = before.contains('.') || ABBREVIATIONS.contains(&before.to_lowercase().as_str());
    let initial = before.chars().count() == 1 && before.chars().all(char::is_uppercase);
    !abbreviation && !initial
}

const ABBREVIATIONS: [&str; 14] = ["dr", "dra", "mr", "mrs", "ms", "sr", "sra", "no", "núm", "st", "p", "a", "m", "ej"];

/// Words that the rules below miscount, with their syllables.
const EXCEPTIONS: [(&str, usize); 27] = [
    ("being", 2),
    ("business", 2),
    ("created", 3),
    ("evidence", 3),
    ("experience", 4),
    ("every", 2),
    ("fire", 1),
    ("hour", 1),
    ("hours", 1),
    ("idea", 3),
    ("medicine", 3),
    ("medicines", 3),
    ("people", 2),
    ("prior", 2),
    ("quiet", 2),
    ("diet", 2),
    ("science", 2),
    ("someone", 2),
    ("something", 2),
    ("sometimes", 2),
    ("therefore", 2),
    ("doing", 2),
    ("going", 2),
    ("area", 3),
    ("usual", 3),
    ("actual", 3),
    ("manual", 3),
];

/// Syllables of an English word: vowel groups, silent endings taken off, split vowels added.
fn english_syllables(word: &str) -> usize {
    let word: String = word.to_lowercase().chars().filter(|c| c.is_ascii_lowercase()).collect();
    if let Some((_, count)) = EXCEPTIONS.iter().find(|(exception, _)| *exception == word) {
        return *count;
    }
    let letters: Vec<char> = word.chars().collect();
    let vowel = |at: usize| letters.get(at).is_some_and(|c| "aeiouy".contains(*c));
    let mut count = (0..letters.len()).filter(|at| vowel(*at) && (*at == 0 || !vowel(at - 1))).count();
    let n = letters.len();
    let ends = |tail: &str| word.ends_with(tail);
    let consonant_before = |back: usize| n > back && !vowel(n - back - 1);
    let silent_e = ends("e") && !(ends("le") && consonant_before(2)) && consonant_before(1);
    let silent_es = ends("es")
        && consonant_before(2)
        && !["ses", "ces", "ges", "zes", "xes", "ches", "shes", "les"].iter().any(|t| ends(t));
    let silent_les = ends("les") && n > 3 && vowel(n - 4);
    let silent_ed = ends("ed") && consonant_before(2) && !ends("ted") && !ends("ded");
    if count > 1 && (silent_e || silent_es || silent_les || silent_ed) {
        count -= 1;
    }
    for at in 1..n.saturating_sub(1) {
        let before = letters[at - 1];
        let pair = (letters[at], letters[at + 1]);
        let split = match pair {
            ('i', 'a') => !matches!(before, 'c' | 't'),
            ('i', 'o') => !matches!(before, 'c' | 't' | 's' | 'g' | 'x'),
            ('i', 'e') => letters.get(at + 2) == Some(&'n') && !matches!(before, 'r' | 'c' | 't'),
            ('e', 'o') => before != 'g',
            _ => false,
        };
        count += usize::from(split);
    }
    count.max(1)
}

/// Syllables of a Spanish word: every strong or accented vowel is a nucleus; weak vowels join their neighbours.
fn spanish_syllables(word: &str) -> usize {
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    let (mut count, mut at) = (0, 0);
    while at < letters.len() {
        let start = at;
        while at < letters.len() && is_spanish_vowel(&letters, at) {
            at += 1;
        }
        let strong = letters[start..at].iter().filter(|c| "aeoáéóíú".contains(**c)).count();
        count += if at > start { strong.max(1) } else { 0 };
        at += usize::from(at == start);
    }
    count.max(1)
}

fn is_spanish_vowel(letters: &[char], at: usize) -> bool {
    match letters[at] {
        'a' | 'e' | 'i' | 'o' | 'u' | 'á' | 'é' | 'í' | 'ó' | 'ú' | 'ü' => true,
        'y' => letters.get(at + 1).is_none_or(|next| !next.is_alphabetic()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(left: f64, right: f64) -> bool {
        (left - right).abs() < 0.005
    }

    #[test]
    fn english_grades_worked_by_hand() {
        // words, sentences, syllables by hand; grade = 0.39 w/s + 11.8 y/w - 15.59
        let rows = [
            ("The cat sat on the mat.", 6, 1, 6, -1.45),
            ("We cannot approve this request. You can ask for an appeal.", 11, 2, 15, 2.65),
            ("Call Dr. Gomez at 9 a.m. today.", 7, 1, 9, 2.31),
            ("The medical director looked at the information that your doctor sent", 11, 1, 19, 9.08),
        ];
        for (text, words, sentences, syllables, grade) in rows {
            let level = reading_level_of(text, "en-US");
            assert_eq!((level.words, level.sentences, level.syllables), (words, sentences, syllables), "{text}");
            assert!(near(level.grade, grade), "{text}: {}", level.grade);
        }
    }

    #[test]
    fn spanish_grades_worked_by_hand() {
        // grade = 0.049 · 100 y/w − 0.205 · 100 s/w − 3.407
        let rows = [
            ("La casa es azul. El perro come pan.", 8, 2, 12, -1.18),
            ("Usted puede pedir una apelación dentro de sesenta días.", 9, 1, 20, 5.20),
        ];
        for (text, words, sentences, syllables, grade) in rows {
            let level = reading_level_of(text, "es");
            assert_eq!((level.words, level.sentences, level.syllables), (words, sentences, syllables), "{text}");
            assert!(near(level.grade, grade), "{text}: {}", level.grade);
        }
    }

    #[test]
    fn syllables_of_words_the_letters_use() {
        let english = [
            ("appeal", 2),
            ("denied", 2),
            ("denial", 3),
            ("decision", 3),
            ("medication", 4),
            ("insurance", 3),
            ("asked", 1),
            ("needed", 2),
            ("services", 3),
            ("rules", 1),
            ("table", 2),
            ("experience", 4),
            ("period", 3),
            ("initial", 3),
            ("video", 3),
            ("physician", 3),
            ("notice", 2),
            ("fees", 1),
            ("criteria", 4),
        ];
        for (word, count) in english {
            assert_eq!(english_syllables(word), count, "{word}");
        }
        let spanish = [
            ("día", 2),
            ("médico", 3),
            ("aún", 2),
            ("quien", 1),
            ("muy", 1),
            ("y", 1),
            ("decisión", 3),
            ("leer", 2),
            ("pingüino", 3),
        ];
        for (word, count) in spanish {
            assert_eq!(spanish_syllables(word), count, "{word}");
        }
    }

    #[test]
    fn an_empty_text_has_no_grade() {
        assert!(near(reading_level(" \n … ", "en"), 0.0));
    }
}
