//! Notices at the bedside, walked: a signature drawn on the tablet, a refusal certified, a representative told by telephone; each
//! wrong way is refused with its reason, and each notice has its paper.

use crate::{
    driver::Session,
    hospital::{feed, form, pick, submit},
    house::enter,
};

fn message(kind: &str, control: &str, at: &str, class: &str, rest: &str) -> String {
    let patient_type = if class == "O" { "OBS" } else { "" };
    format!(
        "MSH|^~\\&|REG|RIVERSIDE|VIGIL|VIGIL|202611{at}00-0500||{kind}|{control}|P|2.5.1\r\
         EVN||202611{at}||||202611{at}\r\
         PID|1||P7790^^^RIVERSIDE^MR||Thistlewood^Wren||19430109|F||||||||||A7790^^^RIVERSIDE^AN\r\
         PV1|1|{class}|5 East^12^A||||1234567893^House^Greta|||||||||||{patient_type}|V7790^^^RIVERSIDE^VN\r\
         {rest}"
    )
}

/// Observation for two nights, then inpatient: three notices are owed.
fn messages() -> Vec<String> {
    let medicare = &format!("IN1|1|A|MEDICARE-A|Original Medicare{}1EG4-TE5-MK90\r", "|".repeat(32));
    let order = |number: &str, at: &str, code: &str, words: &str| {
        format!(
            "ORC|NW|{number}^CPOE|||||||202611{at}|||1234567893^House^Greta|||202611{at}\r\
             OBR|1|{number}^CPOE||{code}^{words}^L\r"
        )
    };
    vec![
        message("ADT^A04", "N1", "200800", "E", medicare),
        message("ORM^O01", "N2", "200900", "E", &order("N10", "200900", "PLACEOBS", "Place in observation")),
        message("ADT^A06", "N3", "200905", "O", medicare),
        message("ORM^O01", "N4", "220830", "O", &order("N11", "220830", "ADMITIP", "Admit to inpatient")),
        message("ADT^A06", "N5", "220835", "I", medicare),
    ]
}

/// The number of the notice whose title begins so, from its form's list.
fn number(page: &Session<'_>, begins: &str) -> String {
    let found = page.run(&format!(
        "var o = [...document.querySelectorAll('form.panel select[name=about] option')].find(o => o.textContent.startsWith({begins:?})); return o ? o.value : '';"
    ));
    found.as_str().filter(|n| !n.is_empty()).unwrap_or_else(|| panic!("{begins} is not owed")).to_owned()
}

/// What a page's script is told of an address: status, type, and whether it is a form or a data sheet.
fn paper(page: &Session<'_>, address: &str) -> String {
    let script = format!(
        "var done = arguments[arguments.length - 1]; fetch({address:?}).then(r => done(r.status + ' ' + r.headers.get('content-type') + ' ' + r.headers.get('x-vigil-form')));"
    );
    page.run_later(&script).as_str().unwrap_or_default().to_owned()
}

#[test]
fn notices_are_signed_refused_and_told_by_telephone_and_each_has_its_paper() {
    let Some((house, _turn)) = enter() else { return };
    feed(house, &messages());
    let nurse = house.signed_in("urnurse");
    nurse.go(&format!("{}/enquiry", house.base));
    nurse.fill("main input[name=asked]", "Thistlewood");
    nurse.click("main form button");
    nurse.click("article.card h2 a");
    nurse.one("svg.stayline");
    let stay = nurse.url();
    form(&nurse, &stay, "deliver");
    let moon = number(&nurse, "Medicare Outpatient Observation Notice");
    let state = number(&nurse, "New York observation notice");
    let message = number(&nurse, "Important Message");

    // What stands on the form is written first, and the form is there to print.
    form(&nurse, &stay, &format!("notice-prepare?about={moon}"));
    nurse.fill("form.panel [name='form.outpatient_reason']", "Chest pain under observation; two troponins pending.");
    submit(&nurse);
    nurse.says("What stands on the form is kept");
    assert_eq!(paper(&nurse, &format!("{stay}/notice/{moon}")), "200 application/pdf data-sheet");

    // Signed on the tablet. Without the explanation it is refused, and what was typed stays.
    form(&nurse, &stay, &format!("deliver?about={moon}"));
    pick(&nurse, "receipt", "signed");
    nurse.fill("form.panel input[name=signer]", "Wren Thistlewood");
    nurse.click("form.panel input[name=paper]");
    nurse.draw("form.panel canvas");
    submit(&nurse);
    nurse.says("This was not done. Nothing was changed.");
    nurse.says("This notice is explained aloud.");
    nurse.click("form.panel input[name=explained]");
    nurse.draw("form.panel canvas");
    let drawn = nurse.run("return document.querySelector('form.panel input[name=drawn]').value;");
    assert!(drawn.as_str().is_some_and(|path| path.starts_with('M') && path.contains('L')), "{drawn}");
    submit(&nurse);
    nurse.says("The delivery is recorded.");
    nurse.says("signer Wren Thistlewood");
    nurse.one(&format!("a.do[href$='/notice/{moon}']"));
    let signature =
        nurse.run("return [...document.querySelectorAll('a.do')].find(a => a.textContent === 'Signature').href;");
    assert_eq!(paper(&nurse, signature.as_str().unwrap()).split(' ').nth(1), Some("image/svg+xml"));
    assert_eq!(paper(&nurse, &format!("{stay}/notice/{moon}")), "200 application/pdf null", "as it was delivered");

    // Refused: the staff member certifies it by name.
    form(&nurse, &stay, &format!("deliver?about={state}"));
    pick(&nurse, "receipt", "refused");
    nurse.click("form.panel input[name=explained]");
    nurse.click("form.panel input[name=paper]");
    submit(&nurse);
    nurse.says("Who signed, or who certifies the refusal or the call, is missing.");
    nurse.fill("form.panel input[name=signer]", "Ursula Nurse, RN");
    submit(&nurse);
    nurse.says("The delivery is recorded.");

    // By telephone it reaches the representative, who is named; a signed notice is not just handed over.
    form(&nurse, &stay, &format!("deliver?about={message}"));
    pick(&nurse, "receipt", "handed");
    nurse.fill("form.panel input[name=signer]", "Ursula Nurse, RN");
    nurse.click("form.panel input[name=paper]");
    submit(&nurse);
    nurse.says("This notice is signed, or its refusal is annotated.");
    pick(&nurse, "receipt", "telephone");
    submit(&nurse);
    nurse.says("A call or certified mail reaches the representative");
    nurse.fill("form.panel input[name=to]", "Linden Thistlewood, son, health care proxy");
    submit(&nurse);
    nurse.says("The delivery is recorded.");
    nurse.says("Linden Thistlewood");

    // A notice of noncoverage runs to the event that ends it.
    form(&nurse, &stay, "notice-require");
    nurse.choose("form.panel select[name=kind]", "hinn_11");
    nurse.fill("form.panel textarea[name=why]", "A private nurse was asked for.");
    nurse.set("form.panel input[name=before]", "");
    submit(&nurse);
    nurse.says("Its window ends with an event, and nobody said when that is.");
    nurse.set("form.panel input[name=before]", "2026-11-23T10:00");
    submit(&nurse);
    nurse.says("The notice is owed.");
    nurse.says("HINN 11, noncovered service");
}
