//! A message that nobody can take: answered with its place, listed with it, shown as it came, taken again only when a person
//! confirms, and taken for good once the facility knows its sender; and for nobody who does not work on stays.

use crate::{
    driver::Session,
    hospital::{answers, submit},
    house::{House, enter},
};

/// A sender that no facility names, a patient that no page may put in its address.
const MESSAGE: &str = "MSH|^~\\&|REG|ELSEWHERE|VIGIL|VIGIL|20261122060000-0500||ADT^A04|PARK1|P|2.5.1\r\
    EVN||202611220600||||202611220600\r\
    PID|1||P9911^^^ELSEWHERE^MR||Quillfeather^Odette||19440612|F\r\
    PV1|1|E|||||||||||||||||V9911^^^ELSEWHERE^VN\r";

fn address(page: &Session<'_>) -> String {
    page.run("return location.href;").as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_parked_message_is_listed_shown_and_taken_again_only_when_confirmed() {
    let Some((house, _turn)) = enter() else { return };
    let answered = answers(house, &[MESSAGE.to_owned()]);
    assert!(answered[0].contains("MSA|AE|PARK1") && answered[0].contains("ERR||MSH^1^4"), "{answered:?}");
    let nurse = house.signed_in("urnurse");
    nurse.go(&format!("{}/census", house.base));
    nurse.click("nav.boards a[href='/feed/parked']");
    nurse.says("Parked messages");
    for words in ["MSH-4", "No facility takes messages of this sender.", "Add the sender to a facility record"] {
        nurse.says(words);
    }
    nurse.run("[...document.querySelectorAll('table tbody tr')].find(r => r.textContent.includes('PARK1')).querySelector('a').click();");
    nurse.says("As it came");
    nurse.says("Quillfeather^Odette");
    let here = address(&nurse);
    assert!(!here.contains("9911") && !here.contains("Quill"), "{here}");
    nurse.run("document.querySelector('form.panel input[name=sure]').removeAttribute('required');");
    submit(&nurse);
    nurse.says("Nothing was done: tick that the message may be taken.");
    nurse.click("form.panel input[name=sure]");
    submit(&nurse);
    nurse.says("The message could still not be taken");
    nurse.says("Tried again");
    let plan = house.signed_in("nurse");
    plan.go(&here);
    plan.says("Your role does not allow this");
    the_facility_learns_the_sender_and_the_message_is_taken(house, &nurse, &here);
}

/// The facility of the sender, loaded afterwards: the same message is taken, its stay is there, and no list shows it again.
const FACILITY: &str = "[[facility]]\nid = \"elsewhere\"\nname = \"Elsewhere General\"\nzone = \"America/New_York\"\n\
    state = \"NY\"\nkind = \"acute\"\nsenders = [\"REG|ELSEWHERE\"]\ndemonstration = true\n";

fn the_facility_learns_the_sender_and_the_message_is_taken(house: &House, nurse: &Session<'_>, message: &str) {
    let file = house.dir.join("elsewhere.toml");
    std::fs::write(&file, FACILITY).expect("the facility's record can be written");
    house.vigil(&["import", &file.to_string_lossy()]);
    nurse.go(message);
    nurse.click("form.panel input[name=sure]");
    submit(nurse);
    nurse.says("The message was taken; its stay is brought up to date.");
    assert!(!nurse.text("main").contains("PARK1"), "a message that was taken is listed no more");
    nurse.go(message);
    nurse.says("a later try has taken the message");
    assert!(nurse.all("form.panel").is_empty(), "what was taken cannot be taken again");
    nurse.go(&format!("{}/census?hospital=elsewhere", house.base));
    nurse.says("Quillfeather, Odette");
    let plan = house.signed_in("nurse");
    plan.go(message);
    plan.says("Your role does not allow this");
}
