//! One sentence a walk.

use crate::house::enter;

const NOTE: &str = "Progress note. Resting oxygen saturation 92 percent on room air. No arterial blood gas was drawn.";

#[test]
fn whoever_is_not_signed_in_is_asked_to_sign_in_and_sees_no_patient() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.window(1280, 800, false);
    page.go(&format!("{}/worklist", house.base));
    page.one("input[name=password]");
    assert!(page.url().contains("/sign-in"), "{}", page.url());
    page.go(&format!("{}/public/criteria", house.base));
    page.says("Coverage criteria");
}

#[test]
fn intake_enters_a_request_and_sees_every_problem_at_its_place_first() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("intake");
    page.go(&format!("{}/request/new", house.base));
    page.fill("#note", "typed words stay");
    page.fill("#npi", "1234567890");
    page.click("form[action='/request/new'] button.first");
    page.says("The request was not entered yet");
    page.says("is no NPI");
    page.says("Enter at least one service line");
    let kept = page.run("return document.querySelector('#note').value;");
    assert_eq!(kept.as_str(), Some("typed words stay"));
    let case = house.request(&page, "Ames", "W100", "E1390", "1", NOTE);
    page.says("Ames, Jane");
    page.go(&format!("{}/case/{case}/determine", house.base));
    page.says("Your role does not allow this");
}

#[test]
fn a_nurse_walks_the_worklist_with_the_keyboard_and_takes_a_case() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("nurse");
    let case = house.request(&page, "Baker", "W200", "E1390", "1", NOTE);
    page.go(&format!("{}/worklist?tab=all", house.base));
    page.one("table.work tbody tr");
    page.keys("j");
    page.one("tr.here");
    page.keys("jk");
    let row = page.run("return document.querySelector('tr.here').dataset.id;");
    page.keys("\u{E007}");
    page.one(".case-head");
    assert!(page.url().ends_with(row.as_str().unwrap_or("no row")), "{}", page.url());
    page.go(&format!("{}/case/{case}", house.base));
    page.keys("t");
    page.says("The case is yours");
    page.keys("gw");
    page.one(".tabs");
    page.says("Baker, Jane");
}

#[test]
fn a_nurse_opens_the_evidence_answers_asks_notes_and_refers() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("nurse");
    let case = house.request(&page, "Cole", "W300", "E1390", "1", NOTE);
    page.says("not opened by you");
    page.click(".opened-list li:nth-child(2) button");
    page.says("No arterial blood gas was drawn");
    page.go(&format!("{}/case/{case}", house.base));
    page.keys("n");
    page.one("form.panel textarea[name=text]");
    page.fill("form.panel textarea[name=text]", "Called the clinic.");
    page.click("form.panel button.first");
    page.says("The note is kept");
    page.says("Called the clinic.");
    page.keys("i");
    page.one("form.panel textarea[name=wanted]");
    page.fill("form.panel textarea[name=wanted]", "The arterial blood gas report");
    page.click("form.panel button.first");
    page.says("Information asked from requester");
    page.keys("r");
    page.one("form.panel textarea[name=why]");
    page.fill("form.panel textarea[name=why]", "No blood gas; saturation above the limit.");
    page.click("form.panel button.first");
    page.says("Referred to a medical director");
}

#[test]
fn a_nurse_approves_and_the_approval_cannot_be_reduced() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("nurse");
    let case = house.request(&page, "Dean", "W400", "E1390", "1", NOTE);
    page.keys("a");
    page.one("form.panel input[name=line]");
    page.click("form.panel button.first");
    page.says("Approved. The notice is being written");
    page.go(&format!("{}/case/{case}/do/reduce", house.base));
    page.fill("form.panel textarea[name=why]", "costs too much");
    page.click("form.panel button.first");
    page.says("This was not done. Nothing was changed.");
    page.says("MADV-APPROVED-LOCK");
    page.says("422.138(c)");
    let kept = page.run("return document.querySelector('form.panel textarea[name=why]').value;");
    assert_eq!(kept.as_str(), Some("costs too much"), "a refused form comes back filled");
}

#[test]
fn a_clock_explains_itself_and_what_if_answers() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("nurse");
    let _case = house.request(&page, "Evans", "W500", "E1390", "1", NOTE);
    page.keys("w");
    page.says("This one counts");
    page.says("Nothing stops this clock");
    assert!(page.all("svg.clockline").len() == 1, "the counting clock is drawn");
    let href = page.run("return document.querySelector('a[href^=\"/library/what-if\"]').getAttribute('href');");
    page.go(&format!("{}{}", house.base, href.as_str().unwrap_or_default()));
    page.one("#h-answer");
    page.one("svg.clockline");
    // The scenario of the demonstration: a form on Friday evening, 20 November 2026, New York.
    page.go(&format!(
        "{}/library/what-if?line_of_business=medicare-advantage&jurisdiction=US-NY&review=prospective&urgency=standard&pa_required=true&event=request_received&zone=America/New_York&at=2026-11-20T18:10",
        house.base
    ));
    page.says("Due Nov 27, 2026, 11:59 PM EST");
    page.go(&format!("{}/library/what-if?at=2026-11-20T18:10&zone=America/New_York", house.base));
    page.says("No line of business was chosen");
}

#[test]
fn a_physician_opens_the_evidence_previews_denies_in_part_and_signs() {
    let Some((house, _turn)) = enter() else { return };
    let nurse = house.signed_in("nurse");
    let case = house.request(&nurse, "Frost", "W600", "E1390", "6", NOTE);
    nurse.go(&format!("{}/case/{case}/do/refer", house.base));
    nurse.fill("form.panel textarea[name=why]", "No blood gas; saturation above the limit.");
    nurse.click("form.panel button.first");
    nurse.says("Referred to a medical director");
    let page = house.signed_in("physician");
    page.go(&format!("{}/case/{case}/determine", house.base));
    // Signed too early: every reason at once, with what would do, and nothing is lost.
    page.click("input[name=d1][value=partial]");
    page.fill("#w1", "Read the note.");
    page.click(".sign button.first");
    page.says("Not signed. Nothing was changed.");
    page.says("Choose a reason from the list");
    let kept = page.run("return document.querySelector('#w1').value;");
    assert_eq!(kept.as_str(), Some("Read the note."));
    for place in 1..=2 {
        page.click(&format!(".opened-list li:nth-child({place}) button"));
        page.one("#evidence");
    }
    page.says("No arterial blood gas was drawn");
    page.choose("#r1", "quantity");
    let plain = page.run("return document.querySelector('#p1').value;");
    assert!(
        plain.as_str().is_some_and(|p| p.contains("full amount")),
        "the reason's own sentence is filled in: {plain}"
    );
    page.run("document.querySelector('#c1').selectedIndex = 1;");
    page.fill("#q1", "3");
    page.fill(
        "#w1",
        "The note shows a saturation of 92 percent at rest and no blood gas; three months suffice to repeat the test.",
    );
    page.set("#q1", "3");
    page.says("Grade ");
    page.says("The records do not show a need for the full amount");
    page.click("input[name=attest]");
    page.click(".sign button.first");
    page.one("[data-done]");
    page.says("Partially approved");
    // A member known only from the request has no address: the letter is held and says what it lacks.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        page.go(&format!("{}/case/{case}", house.base));
        let story = page.text(".story");
        if story.contains("held, missing") && story.contains("name and address lines") {
            break;
        }
        assert!(std::time::Instant::now() < until, "the letter is not held:\n{story}");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
}
