//! The hospital's side, walked: from the emergency department over observation and inpatient to condition code 44, with what
//! is refused on the way.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::{
    driver::Session,
    house::{House, enter},
};

const VISIT: &str = "V7788";

fn message(kind: &str, control: &str, at: &str, class: &str, rest: &str) -> String {
    let patient_type = if class == "O" { "OBS" } else { "" };
    format!(
        "MSH|^~\\&|REG|RIVERSIDE|VIGIL|VIGIL|20261122{at}00-0500||{kind}|{control}|P|2.5.1\r\
         EVN||20261122{at}||||20261122{at}\r\
         PID|1||P7788^^^RIVERSIDE^MR||Marlowe^Edith||19440612|F||||||||||A7788^^^RIVERSIDE^AN\r\
         PV1|1|{class}|5 East^11^A||||1234567893^House^Greta|||||||||||{patient_type}|{VISIT}^^^RIVERSIDE^VN\r\
         {rest}"
    )
}

/// What a hospital's registration and order entry send of one patient.
fn messages() -> Vec<String> {
    let medicare = &format!("IN1|1|A|MEDICARE-A|Original Medicare{}1EG4-TE5-MK99\r", "|".repeat(32));
    let order = |number: &str, at: &str, code: &str, words: &str| {
        format!(
            "ORC|NW|{number}^CPOE|||||||20261122{at}|||1234567893^House^Greta|||20261122{at}\r\
             OBR|1|{number}^CPOE||{code}^{words}^L\r"
        )
    };
    vec![
        message("ADT^A04", "W1", "0600", "E", medicare),
        message("ORM^O01", "W2", "0800", "E", &order("O1", "0800", "PLACEOBS", "Place in observation")),
        message("ADT^A06", "W3", "0805", "O", medicare),
        message("ORM^O01", "W4", "0930", "O", &order("O2", "0930", "ADMITIP", "Admit to inpatient")),
        message("ADT^A06", "W5", "0935", "I", medicare),
    ]
}

pub fn feed(house: &House, messages: &[String]) {
    for answer in answers(house, messages) {
        assert!(answer.contains("MSA|AA|"), "{answer}");
    }
}

/// Sends messages one after the other; what the feed's door answers to each.
pub fn answers(house: &House, messages: &[String]) -> Vec<String> {
    let mut answers = Vec::new();
    let mut line = TcpStream::connect(("127.0.0.1", house.mllp)).expect("the feed's door is open");
    for message in messages {
        line.write_all(format!("\u{b}{message}\u{1c}\r").as_bytes()).expect("a message can be sent");
        let mut answer = Vec::new();
        let mut one = [0];
        while one[0] != 0x1c {
            line.read_exact(&mut one).expect("every message is answered");
            answer.push(one[0]);
        }
        answers.push(String::from_utf8_lossy(&answer).into_owned());
    }
    answers
}

/// Opens an action's form on the stay's page.
pub fn form(page: &Session<'_>, stay: &str, action: &str) {
    // An open stay's page takes news by itself: what it fetches then may overtake the way to the form.
    page.go(&format!("{stay}/do/{action}"));
    if page.run("return !document.querySelector('form.panel');").as_bool() == Some(true) {
        page.go(&format!("{stay}/do/{action}"));
    }
    page.one("form.panel");
}

pub fn pick(page: &Session<'_>, name: &str, value: &str) {
    page.click(&format!("form.panel input[name={name}][value={value}]"));
}

pub fn submit(page: &Session<'_>) {
    page.click("form.panel button.first");
}

#[test]
fn a_medicare_patient_walks_from_the_emergency_department_to_condition_code_44() {
    let Some((house, _turn)) = enter() else { return };
    let nurse = house.signed_in("urnurse");
    nurse.go(&format!("{}/census?hospital=riverside", house.base));
    nurse.one("table.census tbody tr");
    feed(house, &messages());
    // The open page follows the feed by itself.
    nurse.says("Marlowe, Edith");
    nurse.go(&format!("{}/enquiry", house.base));
    nurse.fill("main input[name=asked]", "Marlowe");
    nurse.click("main form button");
    nurse.says("Inpatient");
    nurse.click("article.card h2 a");
    nurse.one("svg.stayline");
    let stay = nurse.url();
    nurse.says("Original Medicare");

    form(&nurse, &stay, "condition-code-44");
    submit(&nurse);
    nurse.says("This was not done. Nothing was changed.");

    form(&nurse, &stay, "document");
    nurse.choose("form.panel select[name=fact]", "hospital_need");
    nurse.fill("form.panel input[name=found_in]", "review of the record");
    submit(&nurse);
    nurse.says("The fact is kept");

    form(&nurse, &stay, "review");
    pick(&nurse, "result", "not_met");
    nurse.fill("form.panel input[name=recommended]", "observation");
    nurse.choose("form.panel select[name=reason]", "STAT-NOHOSP");
    nurse.fill("form.panel textarea[name=comments]", "No hospital-level need is documented.");
    submit(&nurse);
    nurse.says("The review is saved and locked");
    nurse.says("waits for chief medical officer");

    let officer = house.signed_in("cmo");
    officer.go(&format!("{}/board/advisor", house.base));
    officer.says("Marlowe, Edith");
    form(&officer, &stay, "advise");
    pick(&officer, "advice", "observation");
    officer
        .fill("form.panel textarea[name=rationale]", "Observation serves; no expectation of two midnights is written.");
    submit(&officer);
    officer.says("Your advice is kept");

    form(&nurse, &stay, "attending");
    pick(&nurse, "view", "concurs");
    nurse.fill("form.panel input[name=documented]", "progress note of Nov 22");
    submit(&nurse);
    nurse.says("answer is kept");

    form(&officer, &stay, "determine");
    pick(&officer, "necessary", "no");
    officer.fill("form.panel textarea[name=rationale]", "Inpatient care is not necessary.");
    officer.click("form.panel input[name=attests]");
    submit(&officer);
    officer.says("This was not done. Nothing was changed.");
    officer.says("482.30");

    let member = house.signed_in("committee");
    form(&member, &stay, "determine");
    pick(&member, "necessary", "no");
    member.fill("form.panel textarea[name=rationale]", "Inpatient care is not necessary; the attending concurs.");
    member.click("form.panel input[name=attests]");
    submit(&member);
    member.says("The determination is kept");

    form(&nurse, &stay, "condition-code-44");
    submit(&nurse);
    nurse.says("Nobody has said whether an inpatient bill was submitted.");
    pick(&nurse, "bill_submitted", "no");
    submit(&nurse);
    nurse.says("The status is changed");
    nurse.says("Condition code 44");
    nurse.go(&format!("{}/board/notices", house.base));
    nurse.says("Marlowe, Edith");

    // What the UR plan owes by a day is stated, and waits among the notices with its last day.
    form(&nurse, &stay, "plan-review");
    submit(&nurse);
    nurse.says("Neither a day nor an answer was entered.");
    nurse.set("form.panel input[name=assigned_on]", "2026-11-22");
    pick(&nurse, "prospective", "no");
    nurse.fill("form.panel input[name=found_in]", "UR plan, section 4");
    submit(&nurse);
    nurse.says("where it has a last day, its clock runs");
    nurse.says("Extended stay: review");
    nurse.go(&format!("{}/board/notices", house.base));
    nurse.says("Extended stay: review");
    nurse.says("42 CFR 482.30(e)");

    // A query keeps its outcome on the board.
    form(&nurse, &stay, "query");
    nurse.fill("form.panel textarea[name=question]", "Which type of heart failure is treated?");
    nurse.fill("form.panel textarea[name=because]", "Furosemide and a natriuretic peptide in the record.");
    submit(&nurse);
    nurse.says("The query is asked");
    form(&nurse, &stay, "query-answer");
    let number = "[...document.querySelectorAll('form.panel select[name=about] option')].find(o => o.textContent.startsWith('Which type')).value";
    let number = nurse.run(&format!("return {number};")).as_str().unwrap_or_default().to_owned();
    nurse.choose("form.panel select[name=about]", &number);
    nurse.choose("form.panel select[name=outcome]", "documented");
    submit(&nurse);
    nurse.says("outcome is recorded");
    nurse.go(&format!("{}/board/queries?hospital=riverside", house.base));
    let row = "[...document.querySelectorAll('table.board tbody tr')].find(r => r.textContent.includes('Which type of heart failure'))";
    let told = nurse.run(&format!("return ({row} || {{}}).innerText || '';")).as_str().unwrap_or_default().to_owned();
    assert!(told.contains("Documented"), "the board tells no outcome: {told}");
}

#[test]
fn what_the_tour_promises_of_status_is_on_its_pages() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("urnurse");
    page.go(&format!("{}/", house.base));
    page.says("Physician advisor.");
    let link = |name: &str| {
        let found = page.run(&format!(
            "var a = [...document.querySelectorAll('.scenarios a')].find(a => a.textContent.includes('{name}')); return a ? a.href : '';"
        ));
        found.as_str().map(str::to_owned).filter(|h| !h.is_empty()).unwrap_or_else(|| panic!("{name} is not linked"))
    };
    let (discharged, rebilled) = (link("Gallowglass"), link("Jessamine"));
    form(&page, &discharged, "condition-code-44");
    submit(&page);
    page.says("This was not done. Nothing was changed.");
    page.go(&rebilled);
    page.says("Part B rebilling (W2)");
    let nurse = house.signed_in("nurse");
    nurse.go(&discharged);
    nurse.says("Your role does not allow this");
}

/// Another patient's messages, made from the same form.
fn quillon(message: &str) -> String {
    message.replace("7788", "9001").replace("Marlowe^Edith", "Quillon^Ada")
}

#[test]
fn a_confidential_stay_is_named_on_no_list_and_a_discharged_one_is_found_by_its_numbers() {
    let Some((house, _turn)) = enter() else { return };
    let medicare = &format!("IN1|1|A|MEDICARE-A|Original Medicare{}1EG4-TE5-MK98\r", "|".repeat(32));
    let protection = |mark: &str| format!("PV2|{}{mark}\r{medicare}", "|".repeat(21));
    let order = "ORC|NW|O91^CPOE|||||||202611220830|||1234567893^House^Greta|||202611220830\r\
                 OBR|1|O91^CPOE||ADMITIP^Admit to inpatient^L\r";
    let come = [message("ADT^A01", "Q1", "0800", "I", medicare), message("ORM^O01", "Q2", "0830", "I", order)];
    feed(house, &come.map(|m| quillon(&m)));
    let nurse = house.signed_in("urnurse");
    let text = |path: &str| {
        nurse.go(&format!("{}{path}", house.base));
        nurse.text("main")
    };
    // In the house, on the tab, on the line above the list and on the start page: one number.
    let counted = || {
        let line = text("/census");
        let tab = nurse.text("nav.tabs a[aria-current=page] .count");
        let house_line = nurse.text("form.filters .quiet");
        assert!(house_line.starts_with(&format!("{tab} in the house")), "{house_line} beside {tab}");
        assert!(text("/").contains(&format!("{tab} in the house")), "the start page counts otherwise than {tab}");
        (tab.parse::<u32>().expect("a number"), line)
    };
    let lists = ["/board/notices?hospital=riverside", "/board/payers?hospital=riverside"];
    let (before, _) = counted();
    assert!(text(lists[0]).contains("Quillon"), "an inpatient of Medicare is on the board of notices");
    let named = lists.map(|path| text(path).contains("Quillon"));
    feed(house, &[quillon(&message("ADT^A08", "Q3", "0900", "I", &protection("Y")))]);
    let (hidden, census) = counted();
    assert_eq!(hidden + 1, before);
    assert!(!census.contains("Quillon"));
    lists.iter().for_each(|path| assert!(!text(path).contains("Quillon"), "{path} names a confidential patient"));
    feed(house, &[quillon(&message("ADT^A08", "Q4", "0930", "I", &protection("N")))]);
    assert_eq!(counted().0, before);
    assert_eq!(lists.map(|path| text(path).contains("Quillon")), named);

    feed(house, &[quillon(&message("ADT^A03", "Q5", "1000", "I", medicare))]);
    for number in ["V9001", "A9001", "P9001"] {
        nurse.go(&format!("{}/enquiry", house.base));
        nurse.fill("main input[name=asked]", number);
        nurse.click("main form button");
        nurse.says("Quillon, Ada");
    }
}
