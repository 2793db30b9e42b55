//! Values onto the form: into a field with an appearance of its own, or onto a spot of a page.

use lopdf::{Object, ObjectId, Stream, dictionary, text_string};
use vigil_domain::notice::Spot;

use super::{
    Mark, Pen,
    fields::{Field, FieldKind, rectangle, states},
    letters,
};

/// Sizes that are tried where the form does not say one, largest first.
const SIZES: [f32; 7] = [11.0, 10.0, 9.0, 8.0, 7.0, 6.5, 6.0];
/// Room between a rectangle's edge and what stands in it.
const EDGE: f32 = 2.0;
/// The measure in which signatures are drawn.
const DRAWN: (f32, f32) = (480.0, 140.0);

type Done = Result<(), String>;

fn said(error: lopdf::Error) -> String {
    error.to_string()
}

/// Writes into a field.
pub(super) fn field(pen: &mut Pen, field: &Field, mark: Mark<'_>) -> Done {
    match (field.kind, mark) {
        (FieldKind::Text | FieldKind::Choice, Mark::Words(words)) => words_into(pen, field, words),
        (FieldKind::Text | FieldKind::Signature, Mark::Drawn(path)) => {
            looks(pen, field, |_, wide, high| drawing(path, wide, high))
        }
        (FieldKind::Signature, Mark::Words(words)) => {
            looks(pen, field, |field, wide, high| setting(words, field, wide, high))
        }
        (FieldKind::Tick, Mark::Words(words)) => tick(pen, field, words),
        (FieldKind::Tick | FieldKind::Choice, Mark::Drawn(_)) | (FieldKind::Other, _) => {
            Err(format!("the form's field {:?} cannot take it", field.name))
        }
    }
}

fn words_into(pen: &mut Pen, field: &Field, words: &str) -> Done {
    // The look first: what cannot be shown is not written at all.
    looks(pen, field, |field, wide, high| setting(words, field, wide, high))?;
    pen.change(field.id).map_err(said)?.set("V", text_string(words));
    Ok(())
}

/// Gives every rectangle of a field the appearance that is made for its size.
fn looks(pen: &mut Pen, field: &Field, make: impl Fn(&Field, f32, f32) -> Result<Vec<u8>, String>) -> Done {
    let mut made = Vec::new();
    for widget in &field.widgets {
        let [_, _, wide, high] = rectangle(pen.pdf.get_prev_documents(), *widget)
            .ok_or_else(|| format!("the form's field {:?} has no rectangle", field.name))?;
        made.push((*widget, wide, high, make(field, wide, high)?));
    }
    if made.is_empty() {
        return Err(format!("the form shows its field {:?} nowhere", field.name));
    }
    for (widget, wide, high, content) in made {
        let look = picture(pen, wide, high, content);
        let widget = pen.change(widget).map_err(said)?;
        widget.set("AP", dictionary! { "N" => look });
        widget.remove(b"AS");
    }
    Ok(())
}

/// A picture of a size, with the type it may use.
fn picture(pen: &mut Pen, wide: f32, high: f32, content: Vec<u8>) -> ObjectId {
    let font = pen.font();
    let about = dictionary! {
        "Type" => "XObject", "Subtype" => "Form",
        "BBox" => vec![0.into(), 0.into(), Object::Real(wide), Object::Real(high)],
        "Resources" => dictionary! { "Font" => dictionary! { "Vigil" => font } },
    };
    pen.add(Stream::new(about, content))
}

/// Words set into a rectangle: at the form's own size where it says one, else as large as fits.
fn setting(words: &str, field: &Field, wide: f32, high: f32) -> Result<Vec<u8>, String> {
    let own = size_of(&field.look).filter(|size| *size > 0.0);
    set(words, (field.is_multiline(), field.align), own, wide, high)
}

/// The size in a default appearance: `/Helv 9 Tf`.
fn size_of(look: &str) -> Option<f32> {
    let words: Vec<&str> = look.split_ascii_whitespace().collect();
    let at = words.iter().position(|word| *word == "Tf")?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

fn set(words: &str, (many, align): (bool, i64), own: Option<f32>, wide: f32, high: f32) -> Result<Vec<u8>, String> {
    let flat = if many { words.to_owned() } else { words.split_whitespace().collect::<Vec<_>>().join(" ") };
    let mut bytes = Vec::new();
    for (number, line) in flat.lines().enumerate() {
        if number > 0 {
            bytes.push(b'\n');
        }
        let line = letters::encode(line).map_err(|c| format!("the form's type has no letter {c:?}"))?;
        bytes.extend(line);
    }
    let (room, tall) = (wide - 2.0 * EDGE, high - EDGE);
    let sizes = own.into_iter().chain(SIZES.into_iter().filter(|size| own.is_none_or(|own| *size < own)));
    let fits = |size: f32| {
        let lines = if many {
            letters::lines(&bytes, size, room)?
        } else {
            (letters::wide(&bytes, size) <= room).then(|| vec![bytes.clone()])?
        };
        let needs = if many { size * 1.15 * lines.len() as f32 } else { size * 0.95 };
        (needs <= tall.max(size * 0.95)).then_some((size, lines))
    };
    let (size, lines) = sizes.filter_map(fits).next().ok_or("it is too long for its place on the form")?;
    let mut first = if many { high - EDGE - size * 0.85 } else { (high - size * 0.72) / 2.0 };
    let mut content = b"/Tx BMC q BT 0 g ".to_vec();
    content.extend(format!("/Vigil {size} Tf ").bytes());
    for line in lines {
        let spare = (room - letters::wide(&line, size)).max(0.0);
        let left = EDGE + spare * [0.0, 0.5, 1.0][usize::try_from(align).unwrap_or(0).min(2)];
        content.extend(format!("1 0 0 1 {left:.2} {first:.2} Tm ").bytes());
        content.push(b'<');
        content.extend(line.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
        content.extend(b"> Tj ");
        first -= size * 1.15;
    }
    content.extend(b"ET Q EMC");
    Ok(content)
}

/// A drawn signature, as large as its rectangle allows.
fn drawing(path: &str, wide: f32, high: f32) -> Result<Vec<u8>, String> {
    let scale = (wide / DRAWN.0).min(high / DRAWN.1);
    let mut content = format!("q 1.2 w 1 J 1 j 0 G {scale:.4} 0 0 {scale:.4} 0 0 cm ").into_bytes();
    let spaced = path.replace('M', " M ").replace('L', " L ");
    let mut words = spaced.split_ascii_whitespace();
    let mut begun = false;
    while let Some(word) = words.next() {
        let operator = match word {
            "M" => "m",
            "L" if begun => "l",
            _ => return Err("the drawn signature is no path".to_owned()),
        };
        begun = true;
        let mut number = || words.next().and_then(|n| n.parse::<f32>().ok()).ok_or("the drawn signature is no path");
        let (x, y) = (number()?, DRAWN.1 - number()?);
        content.extend(format!("{x:.1} {y:.1} {operator} ").bytes());
    }
    content.extend(b"S Q");
    Ok(content)
}

/// Ticks a box: `yes` ticks the only state there is, `no` none, and a state's own name ticks that one.
fn tick(pen: &mut Pen, field: &Field, words: &str) -> Done {
    let known: Vec<(ObjectId, Vec<String>)> =
        field.widgets.iter().map(|w| (*w, states(pen.pdf.get_prev_documents(), *w))).collect();
    let wanted = known.iter().flat_map(|(_, states)| states).find(|state| state.eq_ignore_ascii_case(words)).cloned();
    let only = || known.iter().flat_map(|(_, states)| states).next().filter(|_| known.len() == 1).cloned();
    let state = match (wanted, words.to_ascii_lowercase().as_str()) {
        (Some(state), _) => state,
        (None, "yes") => only().ok_or_else(|| format!("the form's field {:?} has no such state", field.name))?,
        (None, "no") => "Off".to_owned(),
        (None, _) => return Err(format!("the form's field {:?} has no state {words:?}", field.name)),
    };
    pen.change(field.id).map_err(said)?.set("V", Object::Name(state.clone().into_bytes()));
    for (widget, states) in known {
        let shown = if states.contains(&state) { state.clone() } else { "Off".to_owned() };
        pen.change(widget).map_err(said)?.set("AS", Object::Name(shown.into_bytes()));
    }
    Ok(())
}

/// Writes onto a spot of a page.
pub(super) fn spot(pen: &mut Pen, spot: Spot, mark: Mark<'_>) -> Done {
    let pages = pen.pdf.get_prev_documents().get_pages();
    let page = *pages.get(&spot.page).ok_or_else(|| format!("the form has no page {}", spot.page))?;
    let many = spot.height >= 2.0 * spot.size * 1.15;
    let content = match mark {
        Mark::Words(words) => set(words, (many, 0), Some(spot.size), spot.width, spot.height)?,
        Mark::Drawn(path) => drawing(path, spot.width, spot.height)?,
    };
    let look = picture(pen, spot.width, spot.height, content);
    let name = format!("Vigil{}", look.0);
    pen.pdf.add_xobject(page, name.clone(), look).map_err(said)?;
    // What the page itself draws is closed off first, whatever state it leaves behind.
    let before = pen.add(Stream::new(dictionary! {}, b"q ".to_vec()));
    let after = format!(" Q q 1 0 0 1 {:.2} {:.2} cm /{name} Do Q", spot.left, spot.bottom);
    let after = pen.add(Stream::new(dictionary! {}, after.into_bytes()));
    let drawn = match pen.change(page).map_err(said)?.get(b"Contents").ok().cloned() {
        Some(Object::Reference(id)) => match pen.object(id).map_err(said)? {
            Object::Array(items) => items.clone(),
            _ => vec![Object::Reference(id)],
        },
        Some(Object::Array(items)) => items,
        _ => Vec::new(),
    };
    let contents: Vec<Object> = std::iter::once(Object::Reference(before)).chain(drawn).chain([after.into()]).collect();
    pen.change(page).map_err(said)?.set("Contents", contents);
    Ok(())
}
