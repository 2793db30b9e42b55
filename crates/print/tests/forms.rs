//! Official forms as a site loads them: filled by update, their own bytes untouched, and nothing written that cannot be read.

#![allow(clippy::unwrap_used)]

use lopdf::{Document, Object, ObjectId, Stream, decode_text_string, dictionary};
use vigil_domain::notice::Spot;
use vigil_print::form::{Entry, FieldKind, FormFault, Mark, Target, attach, fields, fill, pages};

/// A form of our own making: a page of words, with a name, a box of several lines, a tick, two radio buttons and a place to
/// sign. `fillable` without: the same page with no fields.
fn form(fillable: bool) -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let root = pdf.new_object_id();
    let content = pdf.add_object(Stream::new(dictionary! {}, b"q 0.5 0 0 0.5 0 0 cm 0 0 100 100 re f".to_vec()));
    let page = pdf.add_object(dictionary! {
        "Type" => "Page", "Parent" => root, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
    });
    pdf.objects.insert(root, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into());
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => root };
    if fillable {
        let all = add_fields(&mut pdf, page);
        let refs: Vec<Object> = all.iter().map(|id| (*id).into()).collect();
        pdf.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Annots", refs.clone());
        let acro = pdf.add_object(dictionary! {
            "Fields" => refs, "DA" => Object::string_literal("/Helv 0 Tf 0 g"), "XFA" => Object::string_literal("<xdp/>"),
        });
        catalog.set("AcroForm", acro);
    }
    let catalog = pdf.add_object(catalog);
    pdf.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).unwrap();
    bytes
}

fn add_fields(pdf: &mut Document, page: ObjectId) -> Vec<ObjectId> {
    let rect = |a: i64, b: i64, c: i64, d: i64| vec![a.into(), b.into(), c.into(), d.into()];
    let mut widget = |name: &str, kind: &str, flags: i64, rect: Vec<Object>| {
        pdf.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "P" => page, "FT" => kind, "Ff" => flags, "Rect" => rect,
            "T" => Object::string_literal(name),
        })
    };
    let name = widget("Patient Name", "Tx", 0, rect(72, 700, 300, 716));
    let reason = widget("Reason", "Tx", 0x1000, rect(72, 600, 540, 660));
    let sign = widget("Sign here", "Sig", 0, rect(72, 500, 240, 540));
    let tick = widget("Part B", "Btn", 0, rect(72, 560, 84, 572));
    let state = pdf.add_object(Stream::new(dictionary! { "Type" => "XObject", "Subtype" => "Form" }, Vec::new()));
    let looks = dictionary! { "N" => dictionary! { "On" => state, "Off" => state } };
    pdf.get_object_mut(tick).unwrap().as_dict_mut().unwrap().set("AP", looks);
    vec![name, reason, sign, tick]
}

fn field<'a>(field: &'a str, pdf: &'a str, mark: Mark<'a>) -> Entry<'a> {
    Entry { field, target: Target::Field(pdf), mark }
}

fn value(pdf: &Document, name: &str) -> Option<Object> {
    let named = |o: &&Object| {
        o.as_dict().is_ok_and(|d| d.get(b"T").ok().and_then(|t| decode_text_string(t).ok()).as_deref() == Some(name))
    };
    pdf.objects.values().find(named)?.as_dict().ok()?.get(b"V").ok().cloned()
}

#[test]
fn a_forms_fields_are_listed_with_their_kinds() {
    let form = form(true);
    let told: Vec<(String, FieldKind)> = fields(&form).unwrap().into_iter().map(|f| (f.name, f.kind)).collect();
    let wanted = [
        ("Patient Name", FieldKind::Text),
        ("Reason", FieldKind::Text),
        ("Sign here", FieldKind::Signature),
        ("Part B", FieldKind::Tick),
    ];
    assert_eq!(told, wanted.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!(fields(&form).unwrap()[3].states, ["On"]);
    assert_eq!(pages(&form).unwrap(), 1);
}

#[test]
fn a_filled_form_begins_with_its_own_bytes_and_carries_the_values() {
    let form = form(true);
    let filled = fill(
        &form,
        &[
            field("patient_name", "Patient Name", Mark::Words("Muñoz, Ana")),
            field(
                "outpatient_reason",
                "Reason",
                Mark::Words("Observed for chest pain; serial troponins.\nStress test tomorrow."),
            ),
            field("part_b", "Part B", Mark::Words("yes")),
            field("signature", "Sign here", Mark::Drawn("M10 100 L200 20 L400 120")),
        ],
    )
    .unwrap();
    assert!(filled.unwritten.is_empty(), "{:?}", filled.unwritten);
    assert!(filled.bytes.starts_with(&form), "the issuer's bytes are untouched");
    let read = Document::load_mem(&filled.bytes).unwrap();
    assert_eq!(decode_text_string(&value(&read, "Patient Name").unwrap()).unwrap(), "Muñoz, Ana");
    assert_eq!(value(&read, "Part B"), Some(Object::Name(b"On".to_vec())));
    let acro = read.catalog().unwrap().get_deref(b"AcroForm", &read).unwrap().as_dict().unwrap();
    assert!(!acro.has(b"XFA"), "a second copy in XML would hide the values");
    // Every rectangle shows what its field holds.
    let shown =
        read.objects.values().filter(|o| o.as_stream().is_ok_and(|s| s.content.starts_with(b"/Tx BMC"))).count();
    assert_eq!(shown, 2);
    assert_eq!(fill(&form, &[]).unwrap().bytes.get(..form.len()), Some(&form[..]));
}

#[test]
fn what_cannot_be_written_is_left_out_and_told() {
    let form = form(true);
    let long = "word ".repeat(900);
    let filled = fill(
        &form,
        &[
            field("patient_name", "Patient Name", Mark::Words("Łukasz Żak")),
            field("outpatient_reason", "Reason", Mark::Words(&long)),
            field("part_b", "Part B", Mark::Words("perhaps")),
            field("qio_name", "No such field", Mark::Words("x")),
        ],
    )
    .unwrap();
    let told: Vec<&str> = filled.unwritten.iter().map(|u| u.field.as_str()).collect();
    assert_eq!(told, ["patient_name", "outpatient_reason", "part_b", "qio_name"]);
    assert!(filled.unwritten[0].why.contains('Ł') && filled.unwritten[1].why.contains("too long"), "{filled:?}");
    let read = Document::load_mem(&filled.bytes).unwrap();
    assert_eq!(value(&read, "Patient Name"), None, "no half of a name");
    assert_eq!(value(&read, "Reason"), None);
}

#[test]
fn a_form_without_fields_is_written_on_its_spots() {
    let form = form(false);
    assert!(fields(&form).unwrap().is_empty());
    let spot = |page| Spot { page, left: 72.0, bottom: 700.0, width: 200.0, height: 14.0, size: 10.0 };
    let on = |page, mark| Entry { field: "patient_name", target: Target::Spot(spot(page)), mark };
    let filled = fill(&form, &[on(1, Mark::Words("Doe, Jane")), on(2, Mark::Words("x"))]).unwrap();
    assert_eq!(filled.unwritten.len(), 1, "there is no page 2");
    let read = Document::load_mem(&filled.bytes).unwrap();
    let page = read.get_pages()[&1];
    assert!(filled.bytes.starts_with(&form));
    let content = String::from_utf8(read.get_page_content(page)).unwrap();
    // The page's own drawing, which leaves its scale behind, is closed off before ours.
    assert!(
        content.contains("re f") && content.find("Q q 1 0 0 1 72.00 700.00 cm") > content.find("re f"),
        "{content}"
    );
}

#[test]
fn a_sheet_of_ours_goes_behind_the_form() {
    let (form, sheet) = (form(true), form(false));
    let whole = attach(&form, &sheet).unwrap();
    assert!(whole.starts_with(&form));
    assert_eq!(pages(&whole).unwrap(), 2);
    // Filled first and then added to: the values stay.
    let filled = fill(&form, &[field("patient_name", "Patient Name", Mark::Words("Doe, Jane"))]).unwrap().bytes;
    let whole = attach(&filled, &sheet).unwrap();
    let read = Document::load_mem(&whole).unwrap();
    assert_eq!(read.get_pages().len(), 2);
    assert_eq!(decode_text_string(&value(&read, "Patient Name").unwrap()).unwrap(), "Doe, Jane");
}

#[test]
fn what_is_no_form_is_refused() {
    assert!(matches!(fields(b"not a pdf"), Err(FormFault::Unreadable(_))));
    assert!(matches!(fill(&form(true)[..200], &[]), Err(FormFault::Unreadable(_) | FormFault::Empty)));
}
