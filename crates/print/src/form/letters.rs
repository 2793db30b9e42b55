//! Words in the standard type that every PDF reader has: their bytes, their widths, and how they break into lines.

/// Widths of the printable ASCII characters of Helvetica, in thousandths of the size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
/// Wide enough for every other character of the encoding.
const OTHER: u16 = 1000;
/// Characters between 0x80 and 0x9F of the encoding; a space where there is none.
const HIGH: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// The byte of a character, if the encoding has it.
fn byte(character: char) -> Option<u8> {
    match character {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(character)).ok(),
        '\u{2011}' => Some(b'-'),
        '\u{202f}' => Some(b' '),
        _ => {
            let place = HIGH.chars().position(|known| known == character && known != ' ')?;
            u8::try_from(0x80 + place).ok()
        }
    }
}

/// The bytes of a text, or the first character that the type lacks.
pub(super) fn encode(text: &str) -> Result<Vec<u8>, char> {
    text.chars().map(|c| byte(c).ok_or(c)).collect()
}

fn width(bytes: &[u8], size: f32) -> f32 {
    let of = |byte: &u8| byte.checked_sub(b' ').and_then(|at| WIDTHS.get(usize::from(at))).copied().unwrap_or(OTHER);
    bytes.iter().map(|byte| f32::from(of(byte))).sum::<f32>() * size / 1000.0
}

/// How wide a line is at a size.
pub(super) fn wide(line: &[u8], size: f32) -> f32 {
    width(line, size)
}

/// Breaks a text into lines of at most a width; a word that is wider than a line makes it None.
pub(super) fn lines(text: &[u8], size: f32, wide: f32) -> Option<Vec<Vec<u8>>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for paragraph in text.split(|byte| *byte == b'\n') {
        let mut line: Vec<u8> = Vec::new();
        for word in paragraph.split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
            if width(word, size) > wide {
                return None;
            }
            let longer = if line.is_empty() { word.to_vec() } else { [&line[..], b" ", word].concat() };
            if width(&longer, size) > wide {
                lines.push(std::mem::replace(&mut line, word.to_vec()));
            } else {
                line = longer;
            }
        }
        lines.push(line);
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_western_languages_are_written_and_others_are_named() {
        assert_eq!(encode("José “5”–"), Ok(vec![b'J', b'o', b's', 0xe9, b' ', 0x93, b'5', 0x94, 0x96]));
        assert_eq!(encode("Łukasz"), Err('Ł'));
        assert_eq!(encode("Š€Ÿ"), Ok(vec![0x8a, 0x80, 0x9f]));
    }

    #[test]
    fn words_break_between_words() {
        let broken = lines(b"one two three", 10.0, 40.0).unwrap();
        assert_eq!(broken, [b"one two".to_vec(), b"three".to_vec()]);
        assert!(lines(b"incomprehensibilities", 10.0, 40.0).is_none());
    }
}
