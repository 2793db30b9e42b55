//! The fillable fields of a form: names, kinds, and the rectangles that show them.

use lopdf::{Dictionary, Document, Object, ObjectId, decode_text_string};

/// How deep fields may lie in each other.
const DEPTH: usize = 16;

/// What kind of field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Words.
    Text,
    /// A tick box or radio buttons.
    Tick,
    /// One of a list.
    Choice,
    /// A signature.
    Signature,
    /// A push button, or nothing we know.
    Other,
}

impl FieldKind {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Tick => "tick",
            Self::Choice => "choice",
            Self::Signature => "signature",
            Self::Other => "other",
        }
    }
}

/// A field as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its full name.
    pub name: String,
    /// What a reader shows when it is pointed at; empty when the form says nothing.
    pub says: String,
    /// Its kind.
    pub kind: FieldKind,
    /// The states of a tick box.
    pub states: Vec<String>,
}

/// A field as the file has it.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub name: String,
    pub kind: FieldKind,
    pub flags: i64,
    /// Default appearance: type, size, colour.
    pub look: String,
    /// 0 left, 1 centred, 2 right.
    pub align: i64,
    pub id: ObjectId,
    pub widgets: Vec<ObjectId>,
}

impl Field {
    /// Several lines.
    pub fn is_multiline(&self) -> bool {
        self.flags & 0x1000 != 0
    }

    pub fn told(&self, document: &Document) -> FormField {
        let says = document.get_dictionary(self.id).ok().and_then(|field| text(field, b"TU")).unwrap_or_default();
        let states = match self.kind {
            FieldKind::Tick => self.widgets.iter().flat_map(|widget| states(document, *widget)).collect(),
            _ => Vec::new(),
        };
        FormField { name: self.name.clone(), says, kind: self.kind, states }
    }
}

/// What children take over from their parents.
#[derive(Clone, Default)]
struct Above {
    name: String,
    kind: Option<Vec<u8>>,
    flags: i64,
    look: String,
    align: i64,
}

/// All fields of a form; none when it has no fillable part.
pub(super) fn all(document: &Document) -> Vec<Field> {
    let mut found = Vec::new();
    let Some(form) = acro_form(document) else { return found };
    let above = Above { look: text(form, b"DA").unwrap_or_default(), ..Above::default() };
    for id in references(document, form, b"Fields") {
        walk(document, id, &above, DEPTH, &mut found);
    }
    found
}

fn acro_form(document: &Document) -> Option<&Dictionary> {
    document.catalog().ok()?.get_deref(b"AcroForm", document).ok()?.as_dict().ok()
}

fn references(document: &Document, at: &Dictionary, key: &[u8]) -> Vec<ObjectId> {
    let array = at.get_deref(key, document).and_then(Object::as_array);
    array.map(|items| items.iter().filter_map(|item| item.as_reference().ok()).collect()).unwrap_or_default()
}

fn text(at: &Dictionary, key: &[u8]) -> Option<String> {
    decode_text_string(at.get(key).ok()?).ok()
}

fn walk(document: &Document, id: ObjectId, above: &Above, depth: usize, found: &mut Vec<Field>) {
    let Ok(field) = document.get_dictionary(id) else { return };
    let Some(depth) = depth.checked_sub(1) else { return };
    let own = text(field, b"T");
    let mut here = above.clone();
    if let Some(own) = &own {
        here.name = if above.name.is_empty() { own.clone() } else { format!("{}.{own}", above.name) };
    }
    if let Ok(kind) = field.get(b"FT").and_then(Object::as_name) {
        here.kind = Some(kind.to_vec());
    }
    here.flags = field.get(b"Ff").and_then(Object::as_i64).unwrap_or(here.flags);
    here.look = text(field, b"DA").unwrap_or(here.look);
    here.align = field.get(b"Q").and_then(Object::as_i64).unwrap_or(here.align);
    let children = references(document, field, b"Kids");
    let named = |child: &ObjectId| document.get_dictionary(*child).is_ok_and(|child| child.has(b"T"));
    let (below, mut widgets): (Vec<_>, Vec<_>) = children.into_iter().partition(named);
    for child in &below {
        walk(document, *child, &here, depth, found);
    }
    if !below.is_empty() || here.name.is_empty() {
        return;
    }
    if widgets.is_empty() && field.has(b"Rect") {
        widgets.push(id);
    }
    let kind = match here.kind.as_deref() {
        Some(b"Tx") => FieldKind::Text,
        Some(b"Btn") if here.flags & 0x1_0000 == 0 => FieldKind::Tick,
        Some(b"Ch") => FieldKind::Choice,
        Some(b"Sig") => FieldKind::Signature,
        _ => FieldKind::Other,
    };
    let (name, flags, look, align) = (here.name, here.flags, here.look, here.align);
    found.push(Field { name, kind, flags, look, align, id, widgets });
}

/// The states of a tick box other than off.
pub(super) fn states(document: &Document, widget: ObjectId) -> Vec<String> {
    let looks = || {
        let looks = document.get_dictionary(widget).ok()?.get_deref(b"AP", document).ok()?.as_dict().ok()?;
        looks.get_deref(b"N", document).ok()?.as_dict().ok()
    };
    let names = looks().into_iter().flat_map(Dictionary::iter).map(|(name, _)| String::from_utf8_lossy(name));
    names.filter(|name| name != "Off").map(std::borrow::Cow::into_owned).collect()
}

/// A rectangle as left, bottom, width, height.
pub(super) fn rectangle(document: &Document, widget: ObjectId) -> Option<[f32; 4]> {
    let rect = document.get_dictionary(widget).ok()?.get_deref(b"Rect", document).ok()?.as_array().ok()?;
    let numbers: Vec<f32> = rect.iter().filter_map(|n| n.as_float().ok()).collect();
    let [a, b, c, d] = numbers[..] else { return None };
    Some([a.min(c), b.min(d), (a - c).abs(), (b - d).abs()])
}
