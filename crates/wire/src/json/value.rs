//! A value of a parsed document: borrowed, copied freely, and able to say where it stands.

use std::borrow::Cow;

use super::{Json, Node};

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Null,
    True,
    False,
    Number,
    Text,
    Array,
    Object,
}

impl Kind {
    /// The kind in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::True | Self::False => "a boolean",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Value<'j> {
    pub(super) json: &'j Json<'j>,
    pub(super) at: u32,
}

impl<'j> Value<'j> {
    fn node(self) -> &'j Node {
        &self.json.nodes[self.at as usize]
    }

    fn with(self, at: u32) -> Self {
        Self { json: self.json, at }
    }

    /// What kind of value it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// The member of an object; the first, when a name stands twice.
    #[inline]
    pub fn get(self, name: &str) -> Option<Value<'j>> {
        let node = self.node();
        if node.kind != Kind::Object {
            return None;
        }
        let text = self.json.text.as_bytes();
        let mut at = self.at + 1;
        while at < node.next {
            let child = &self.json.nodes[at as usize];
            if child.key_escaped {
                if self.with(at).name() == name {
                    return Some(self.with(at));
                }
            } else if child.key_len as usize == name.len()
                && &text[child.key as usize..(child.key + child.key_len) as usize] == name.as_bytes()
            {
                return Some(self.with(at));
            }
            at = child.next;
        }
        None
    }

    /// The member name under which this value stands; empty in arrays and for the root.
    pub fn name(self) -> Cow<'j, str> {
        let node = self.node();
        let raw = &self.json.text[node.key as usize..(node.key + node.key_len) as usize];
        if node.key_escaped { unescape(raw) } else { Cow::Borrowed(raw) }
    }

    /// The values of an array; nothing for other kinds.
    pub fn items(self) -> Items<'j> {
        let node = self.node();
        let end = if node.kind == Kind::Array { node.next } else { self.at + 1 };
        Items { json: self.json, at: self.at + 1, end }
    }

    /// The members of an object; nothing for other kinds.
    pub fn members(self) -> Members<'j> {
        let node = self.node();
        let end = if node.kind == Kind::Object { node.next } else { self.at + 1 };
        Members(Items { json: self.json, at: self.at + 1, end })
    }

    /// Every value inside this one, itself first, in document order.
    pub fn within(self) -> impl Iterator<Item = Value<'j>> {
        (self.at..self.node().next).map(move |at| self.with(at))
    }

    /// The text of a string.
    pub fn text(self) -> Option<Cow<'j, str>> {
        let node = self.node();
        if node.kind != Kind::Text {
            return None;
        }
        let raw = &self.json.text[node.start as usize + 1..node.end as usize - 1];
        Some(if node.escaped { unescape(raw) } else { Cow::Borrowed(raw) })
    }

    /// The text of a string that has no escapes (codes, URLs, references, dates); `None` otherwise.
    pub fn plain(self) -> Option<&'j str> {
        let node = self.node();
        (node.kind == Kind::Text && !node.escaped)
            .then(|| &self.json.text[node.start as usize + 1..node.end as usize - 1])
    }

    /// The characters of a number.
    pub fn number(self) -> Option<&'j str> {
        (self.kind() == Kind::Number).then(|| self.raw())
    }

    /// A boolean.
    pub fn boolean(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// The exact characters of the value in the body.
    pub fn raw(self) -> &'j str {
        let node = self.node();
        &self.json.text[node.start as usize..node.end as usize]
    }

    /// Byte offset of the value in the body.
    pub fn offset(self) -> usize {
        self.node().start as usize
    }

    /// Whether both are the same value of the same document.
    pub fn is(self, other: Value<'_>) -> bool {
        self.at == other.at && std::ptr::eq(self.json.text, other.json.text)
    }

    /// FHIRPath from the root: `Bundle.entry[0].resource.item[1].sequence`. Found by walking down; ask only for issues.
    pub fn path(self) -> String {
        let root = self.json.root();
        let mut path = root.get("resourceType").and_then(Value::plain).unwrap_or("$this").to_owned();
        let mut here = root;
        while here.at != self.at {
            let inside = |child: &Value<'j>| child.at <= self.at && self.at < child.node().next;
            let found = match here.kind() {
                Kind::Array => here.items().enumerate().find(|(_, child)| inside(child)).map(|(index, child)| {
                    path.push_str(&format!("[{index}]"));
                    child
                }),
                _ => here.members().find(inside).inspect(|child| {
                    path.push('.');
                    path.push_str(&child.name());
                }),
            };
            match found {
                Some(child) => here = child,
                None => break,
            }
        }
        path
    }
}

/// The values of an array.
#[derive(Debug, Clone)]
pub struct Items<'j> {
    json: &'j Json<'j>,
    at: u32,
    end: u32,
}

impl<'j> Iterator for Items<'j> {
    type Item = Value<'j>;

    fn next(&mut self) -> Option<Value<'j>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value { json: self.json, at: self.at };
        self.at = value.node().next;
        Some(value)
    }
}

/// The members of an object; each knows its [`Value::name`].
#[derive(Debug, Clone)]
pub struct Members<'j>(Items<'j>);

impl<'j> Iterator for Members<'j> {
    type Item = Value<'j>;

    fn next(&mut self) -> Option<Value<'j>> {
        self.0.next()
    }
}

/// Undoes the escapes of a text that the parser has checked.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        let Some(escape) = rest[slash + 1..].chars().next() else { break };
        rest = &rest[slash + 1 + escape.len_utf8()..];
        match escape {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let unit = |text: &str| text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let Some(first) = unit(rest) else { break };
                rest = &rest[4..];
                let mut code = first;
                if (0xD800..0xDC00).contains(&first)
                    && let Some(second) = rest.get(2..).and_then(unit)
                {
                    code = 0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
                    rest = &rest[6..];
                }
                out.push(char::from_u32(code).unwrap_or('\u{FFFD}'));
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}
