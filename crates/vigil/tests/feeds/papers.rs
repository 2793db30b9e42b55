//! The paper of a notice, over the pages: a data sheet that says what it is until the site loads its form, then that form,
//! filled; kept as it was delivered, with the signature drawn.

use lopdf::{Document, Object, Stream, decode_text_string, dictionary};
use vigil_desk::{
    MAIN_TENANT,
    hospital::{
        feed::Outcome,
        paper::{LoadFault, NewForm},
    },
};
use vigil_domain::{notice::FormPlace, stay::Stay};

use crate::{
    client::{self, form},
    house::House,
    messages::{adt, facility},
};

/// A nurse's session.
pub async fn sign_in(house: &House) -> String {
    let fields = [("name", "nurse"), ("password", "correct horse battery"), ("next", "/census")];
    form(house.at, "/sign-in", "", &fields).await.cookie()
}

/// A form of our own making with two fields and a place to sign.
fn blank() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let root = pdf.new_object_id();
    let content = pdf.add_object(Stream::new(dictionary! {}, Vec::new()));
    let page = pdf.add_object(dictionary! {
        "Type" => "Page", "Parent" => root, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
    });
    pdf.objects.insert(root, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into());
    let mut fields: Vec<Object> = Vec::new();
    for (place, name) in
        ["Patient Name", "Patient Number", "Admitted", "QIO", "QIO phone", "Sign"].into_iter().enumerate()
    {
        let bottom = 700 - 40 * i64::try_from(place).unwrap();
        let rect: Vec<Object> = vec![72.into(), bottom.into(), 320.into(), (bottom + 24).into()];
        let widget = dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "Rect" => rect, "T" => Object::string_literal(name),
        };
        fields.push(pdf.add_object(widget).into());
    }
    pdf.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Annots", fields.clone());
    let catalog =
        dictionary! { "Type" => "Catalog", "Pages" => root, "AcroForm" => dictionary! { "Fields" => fields } };
    let catalog = pdf.add_object(catalog);
    pdf.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).unwrap();
    bytes
}

fn places() -> Vec<FormPlace> {
    let place = |field: &str, pdf: &str| FormPlace { field: field.into(), pdf: Some(pdf.into()), spot: None };
    vec![
        place("patient_name", "Patient Name"),
        place("patient_number", "Patient Number"),
        place("admitted_on", "Admitted"),
        place("qio_name", "QIO"),
        place("qio_phone", "QIO phone"),
        place("signature", "Sign"),
    ]
}

fn new_form(places: Option<Vec<FormPlace>>) -> NewForm {
    NewForm { notice: "IM".into(), language: "en".into(), file: "im.pdf".into(), bytes: blank(), places }
}

fn value(pdf: &[u8], name: &str) -> Option<String> {
    let read = Document::load_mem(pdf).unwrap();
    let text = |o: &Object, key: &[u8]| decode_text_string(o.as_dict().ok()?.get(key).ok()?).ok();
    read.objects.values().find(|o| text(o, b"T").as_deref() == Some(name)).and_then(|o| text(o, b"V"))
}

/// A house with one Medicare inpatient, and a nurse.
async fn open() -> (House, String, Stay) {
    let house = House::open(&[]).await;
    let desk = &house.app.desk;
    desk.keep_facility(MAIN_TENANT, &facility()).await.unwrap();
    house.account("nurse", "ur-nurse").await;
    let insured = format!("IN1|1|A|CMS|Original Medicare{}1EG4-TE5-MK99\r", "|".repeat(32));
    let admit = format!("{}{insured}", adt("A01", "1", "06010800", "10", "I", ""));
    let books = desk.feed_books(MAIN_TENANT).unwrap();
    let fed = desk.feed(MAIN_TENANT, &books, desk.time.now(), admit.into_bytes()).await;
    let Outcome::Taken(stays) = fed.outcome else { panic!("{fed:?}") };
    let order = "MSH|^~\\&|CPOE|MERCY|VIGIL|VIGIL|20260601081000-0400||ORM^O01|2|P|2.5.1\rPID|1||P10^^^MERCY^MR||Doe^Jane\r\
        PV1|1|I|5E^503^A||||||||||||||||10^^^MERCY^VN\rORC|NW|O1^CPOE|||||||20260601081000|||1234567893^House^Greta|||20260601081000\r\
        OBR|1|O1^CPOE||IP^Admit to inpatient^L\r";
    let ordered = desk.feed(MAIN_TENANT, &books, desk.time.now(), order.as_bytes().to_vec()).await;
    assert!(matches!(ordered.outcome, Outcome::Taken(_)), "{ordered:?}");
    let stay = desk.load_stay(MAIN_TENANT, &stays[0]).unwrap().unwrap();
    assert_eq!(stay.notices.len(), 1, "the Important Message is owed: {:?}", stay.notices);
    let cookie = sign_in(&house).await;
    (house, cookie, stay)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_a_data_sheet_until_the_form_is_loaded_and_then_the_form_filled() {
    let (house, cookie, stay) = open().await;
    let at = format!("/stay/{}/notice/1", stay.id);
    let sheet = client::get(house.at, &at, &cookie).await;
    assert_eq!((sheet.status, sheet.header("x-vigil-form")), (200, Some("data-sheet")), "{}", sheet.text());
    assert!(sheet.body.starts_with(b"%PDF"));
    let desk = &house.app.desk;
    let unfit = vec![FormPlace { field: "patient_name".into(), pdf: Some("Nobody".into()), spot: None }];
    let refused = desk.load_form(MAIN_TENANT, new_form(Some(unfit))).await.unwrap_err();
    assert!(matches!(refused, LoadFault::Places(ref why) if why.contains("Nobody")), "{refused}");
    assert!(desk.loaded_forms(MAIN_TENANT).unwrap().is_empty());
    // Without a map the fields whose names are ours are taken, and what has no place is told.
    let by_name = desk.load_form(MAIN_TENANT, new_form(None)).await.unwrap();
    assert_eq!(by_name.unplaced, ["admitted_on", "qio_name"]);
    let loaded = desk.load_form(MAIN_TENANT, new_form(Some(places()))).await.unwrap();
    assert!(loaded.unplaced.is_empty());
    let filled = client::get(house.at, &at, &cookie).await;
    assert_eq!(filled.header("x-vigil-form"), Some("official"));
    assert!(filled.body.starts_with(&blank()), "the form's own bytes");
    assert_eq!(value(&filled.body, "Patient Name").as_deref(), Some("Doe, Jane"));
    assert_eq!(value(&filled.body, "Patient Number").as_deref(), Some("P10"), "no Medicare number");
    assert_eq!(value(&filled.body, "QIO").as_deref(), Some("Example Quality Organization"));
    let looks = desk.store.trail(MAIN_TENANT, &vigil_store::SubjectKey::stay(&stay.id), None, 50).unwrap();
    assert!(looks.iter().any(|look| look.detail.contains("form")), "every look is on the trail: {looks:?}");
    assert_eq!(client::get(house.at, &format!("/stay/{}/notice/9", stay.id), &cookie).await.status, 404);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_notice_keeps_its_paper_with_the_signature() {
    let (house, cookie, stay) = open().await;
    let desk = &house.app.desk;
    desk.load_form(MAIN_TENANT, new_form(Some(places()))).await.unwrap();
    let page = client::get(house.at, &format!("/stay/{}/do/deliver?about=1", stay.id), &cookie).await;
    let csrf = page.csrf();
    let deliver = async |signer: &str, receipt: &str| {
        let fields = [
            ("csrf", csrf.as_str()),
            ("about", "1"),
            ("receipt", receipt),
            ("at", "2026-06-01T09:00"),
            ("to", "patient"),
            ("signer", signer),
            ("explained", "on"),
            ("paper", "on"),
            ("language", "en"),
            ("drawn", "M10 100 L200 20 L400 120"),
        ];
        form(house.at, &format!("/stay/{}/do/deliver", stay.id), &cookie, &fields).await
    };
    assert_eq!(deliver("", "signed").await.status, 409, "nobody signed");
    assert_eq!(deliver("Jane Doe", "telephone").await.status, 409, "a call reaches a representative");
    assert_eq!(deliver("Jane Doe", "signed").await.status, 303);
    let given = desk.load_stay(MAIN_TENANT, &stay.id).unwrap().unwrap();
    let (_, delivery) = given.notices[0].delivered.clone().unwrap();
    let digest = delivery.document.expect("the paper is kept");
    let kept = desk.store.document(MAIN_TENANT, &digest).unwrap().unwrap();
    assert!(kept.bytes.starts_with(&blank()));
    let read = Document::load_mem(&kept.bytes).unwrap();
    let drawn = read.objects.values().filter(|o| o.as_stream().is_ok_and(|s| s.content.starts_with(b"q 1.2 w")));
    assert_eq!(drawn.count(), 1, "the signature is on the form");
    // What was delivered stays, whatever form is loaded later.
    desk.load_form(MAIN_TENANT, new_form(None)).await.unwrap();
    let shown = client::get(house.at, &format!("/stay/{}/notice/1", stay.id), &cookie).await;
    assert_eq!(shown.body, kept.bytes);
    house.close().await;
}
