//! The parser of the JSON room: bytes in, flat nodes out. Safe code, eight bytes at a time where it pays.

use super::{Json, JsonError, Kind, Limits, Node, Trouble, line_column};

/// Objects with more members than this are checked for doubles by sorting.
const WIDE: u32 = 64;
const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// A member name: offset, length, whether it has escapes.
#[derive(Clone, Copy, Default)]
struct Name {
    at: u32,
    len: u32,
    escaped: bool,
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: u32,
    nodes: Vec<Node>,
    twice: Vec<u32>,
}

pub(super) fn parse(body: &[u8], limits: Limits) -> Result<Json<'_>, JsonError> {
    let place = |trouble, offset| {
        let (line, column) = line_column(body, offset);
        JsonError { trouble, offset, line, column }
    };
    if body.len() > limits.bytes || u32::try_from(body.len()).is_err() {
        return Err(place(Trouble::TooLarge, limits.bytes));
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => return Err(place(Trouble::Truncated, body.len())),
        Err(error) => return Err(place(Trouble::NotUtf8, error.valid_up_to())),
    };
    let start = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut parser = Parser {
        text,
        bytes: body,
        at: start,
        depth: limits.depth,
        nodes: Vec::with_capacity(body.len() / 24 + 8),
        twice: Vec::new(),
    };
    parser.document().map_err(|trouble| {
        let cut = parser.at >= body.len() && matches!(trouble, Trouble::Syntax(_));
        place(if cut { Trouble::Truncated } else { trouble }, parser.at)
    })?;
    Ok(Json { text, nodes: parser.nodes, twice: parser.twice })
}

impl Parser<'_> {
    fn document(&mut self) -> Result<(), Trouble> {
        self.space();
        self.value(Name::default())?;
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Trouble::Syntax("the end of the document")),
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn word(&self, at: usize) -> Option<u64> {
        let eight = self.bytes.get(at..at + 8)?;
        Some(u64::from_le_bytes(eight.try_into().ok()?))
    }

    #[inline]
    fn space(&mut self) {
        match self.peek() {
            Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
            _ => return,
        }
        loop {
            while self.word(self.at) == Some(0x2020_2020_2020_2020) {
                self.at += 8;
            }
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                _ => return,
            }
        }
    }

    fn push(&mut self, kind: Kind, name: Name, start: usize) -> usize {
        self.nodes.push(Node {
            kind,
            escaped: false,
            key_escaped: name.escaped,
            key: name.at,
            key_len: name.len,
            start: start as u32,
            end: self.at as u32,
            next: self.nodes.len() as u32 + 1,
        });
        self.nodes.len() - 1
    }

    fn value(&mut self, name: Name) -> Result<(), Trouble> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                let at = self.push(Kind::Text, name, start);
                self.nodes[at].escaped = text.escaped;
                Ok(())
            }
            Some(b'{') => self.object(name),
            Some(b'[') => self.array(name),
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.push(Kind::Number, name, start);
                Ok(())
            }
            Some(b't') => self.literal("true", Kind::True, name),
            Some(b'f') => self.literal("false", Kind::False, name),
            Some(b'n') => self.literal("null", Kind::Null, name),
            _ => Err(Trouble::Syntax("a value")),
        }
    }

    fn literal(&mut self, word: &'static str, kind: Kind, name: Name) -> Result<(), Trouble> {
        let start = self.at;
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(Trouble::Syntax("true, false or null"));
            }
            self.at += 1;
        }
        self.push(kind, name, start);
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Trouble> {
        self.depth = self.depth.checked_sub(1).ok_or(Trouble::TooDeep)?;
        self.at += 1;
        Ok(())
    }

    fn leave(&mut self, at: usize) {
        self.at += 1;
        self.depth += 1;
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[at];
        node.end = self.at as u32;
        node.next = next;
    }

    fn array(&mut self, name: Name) -> Result<(), Trouble> {
        let at = self.push(Kind::Array, name, self.at);
        self.enter()?;
        self.space();
        if self.peek() == Some(b']') {
            self.leave(at);
            return Ok(());
        }
        loop {
            self.space();
            self.value(Name::default())?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(Trouble::Syntax("a comma or ]")),
            }
        }
        self.leave(at);
        Ok(())
    }

    fn object(&mut self, name: Name) -> Result<(), Trouble> {
        let at = self.push(Kind::Object, name, self.at);
        self.enter()?;
        self.space();
        if self.peek() == Some(b'}') {
            self.leave(at);
            return Ok(());
        }
        let (mut seen, mut count) = (0u64, 0u32);
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(Trouble::Syntax("a member name in double quotes"));
            }
            let member = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(Trouble::Syntax("a colon"));
            }
            self.at += 1;
            self.space();
            let child = self.nodes.len();
            self.value(member)?;
            count += 1;
            let bit = self.bit(member);
            if seen & bit != 0 && count <= WIDE && self.named_before(at, child) {
                self.twice.push(child as u32);
            }
            seen |= bit;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(Trouble::Syntax("a comma or }")),
            }
        }
        self.leave(at);
        if count > WIDE {
            self.sort_doubles(at);
        }
        Ok(())
    }

    /// One of 64 bits by length and ends of the name; escaped names share all bits.
    #[inline]
    fn bit(&self, name: Name) -> u64 {
        if name.escaped {
            return u64::MAX;
        }
        let (at, len) = (name.at as usize, name.len as usize);
        let first = self.bytes.get(at).copied().unwrap_or(0);
        let middle = self.bytes.get(at + len / 2).copied().unwrap_or(0);
        let last = self.bytes.get((at + len).wrapping_sub(1)).copied().unwrap_or(0);
        let mixed = u32::from(first)
            .wrapping_mul(31)
            .wrapping_add(u32::from(middle))
            .wrapping_mul(31)
            .wrapping_add(u32::from(last))
            .wrapping_add(name.len);
        1 << (mixed.wrapping_mul(0x9E37_79B1) >> 26)
    }

    fn name_of(&self, child: usize) -> std::borrow::Cow<'_, str> {
        let node = &self.nodes[child];
        let raw = &self.text[node.key as usize..(node.key + node.key_len) as usize];
        if node.key_escaped { super::value::unescape(raw) } else { raw.into() }
    }

    fn named_before(&self, object: usize, child: usize) -> bool {
        let mut at = object + 1;
        while at < child {
            if self.name_of(at) == self.name_of(child) {
                return true;
            }
            at = self.nodes[at].next as usize;
        }
        false
    }

    fn sort_doubles(&mut self, object: usize) {
        let mut members = Vec::new();
        let mut at = object + 1;
        while at < self.nodes.len() {
            members.push(at);
            at = self.nodes[at].next as usize;
        }
        let mut doubles: Vec<u32> = {
            let mut named: Vec<_> = members.iter().map(|at| (self.name_of(*at), *at)).collect();
            named.sort();
            named.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1 as u32).collect()
        };
        doubles.sort_unstable();
        doubles.retain(|double| !self.twice.contains(double));
        self.twice.append(&mut doubles);
    }

    /// Reads a text; on return `at` stands behind its closing quote.
    #[inline]
    fn string(&mut self) -> Result<Name, Trouble> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            while let Some(word) = self.word(self.at) {
                let quote = word ^ (ONES * u64::from(b'"'));
                let slash = word ^ (ONES * u64::from(b'\\'));
                let hit = (quote.wrapping_sub(ONES) & !quote)
                    | (slash.wrapping_sub(ONES) & !slash)
                    | (word.wrapping_sub(ONES * 0x20) & !word);
                let hit = hit & TOPS;
                if hit != 0 {
                    self.at += (hit.trailing_zeros() / 8) as usize;
                    break;
                }
                self.at += 8;
            }
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..0x20) => return Err(Trouble::Syntax("an escaped control character")),
                Some(_) => self.at += 1,
                None => return Err(Trouble::Syntax("a closing quote")),
            }
        }
        let len = (self.at - start) as u32;
        self.at += 1;
        Ok(Name { at: start as u32, len, escaped })
    }

    fn escape(&mut self) -> Result<(), Trouble> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let unit = self.hex()?;
                if (0xDC00..0xE000).contains(&unit) {
                    return Err(Trouble::Syntax("a whole surrogate pair"));
                }
                if (0xD800..0xDC00).contains(&unit) {
                    if self.peek() != Some(b'\\') {
                        return Err(Trouble::Syntax("a whole surrogate pair"));
                    }
                    self.at += 1;
                    if self.peek() != Some(b'u') || !(0xDC00..0xE000).contains(&self.hex()?) {
                        return Err(Trouble::Syntax("a whole surrogate pair"));
                    }
                }
                Ok(())
            }
            _ => Err(Trouble::Syntax("a known escape")),
        }
    }

    /// Four hexadecimal digits behind a `u`.
    fn hex(&mut self) -> Result<u32, Trouble> {
        let mut unit = 0;
        for _ in 0..4 {
            self.at += 1;
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or(Trouble::Syntax("four hexadecimal digits"))?;
        }
        self.at += 1;
        Ok(unit)
    }

    fn digits(&mut self) -> Result<(), Trouble> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(Trouble::Syntax("a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), Trouble> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1
        } else {
            self.digits()?
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}
