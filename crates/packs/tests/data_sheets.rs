//! Data sheets of the official forms: marked as such, whole, and printable fields for the hand.

use std::collections::BTreeMap;

use vigil_domain::notice::data_sheet;
use vigil_packs::{notice, shelf::Shelf};

#[test]
fn every_official_form_has_a_data_sheet_that_says_what_it_is() {
    let mut issues = Vec::new();
    let book = notice::load(&Shelf::read(&[]).unwrap(), &mut issues);
    assert!(issues.is_empty(), "{issues:#?}");
    let forms: Vec<_> = book.forms().collect();
    assert!(forms.len() >= 13, "{} forms", forms.len());
    for template in forms {
        let form = template.form.as_ref().unwrap();
        let empty = data_sheet(template, &BTreeMap::new(), Vec::new()).unwrap();
        let needed: Vec<_> =
            form.fields.iter().filter(|f| f.required && !f.at_delivery).map(|f| f.id.clone()).collect();
        assert_eq!(empty.missing, needed, "{}", template.id);
        let values: BTreeMap<_, _> = needed.iter().map(|id| (id.clone(), format!("value of {id}"))).collect();
        let sheet = data_sheet(template, &values, vec!["Ann Example".to_owned()]).unwrap();
        assert!(sheet.missing.is_empty(), "{}", template.id);
        let text = sheet.letter.plain_text();
        assert!(text.contains("Data sheet, not the official form") && text.contains(&form.number), "{text}");
        for field in &form.fields {
            assert!(text.contains(&field.says), "{}: {} is missing in\n{text}", template.id, field.id);
        }
        for element in &template.elements {
            assert!(text.contains(&element.asks), "{}: {} is missing", template.id, element.id);
        }
        for id in &needed {
            assert!(text.contains(&format!("value of {id}")), "{}: {id}", template.id);
        }
    }
}

#[test]
fn a_letter_with_words_of_its_own_has_none() {
    let book = notice::load(&Shelf::read(&[]).unwrap(), &mut Vec::new());
    let letter = book.all().find(|template| template.form.is_none()).unwrap();
    assert!(data_sheet(letter, &BTreeMap::new(), Vec::new()).is_none());
}
