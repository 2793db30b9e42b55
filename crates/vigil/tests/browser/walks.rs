//! One sentence a walk.

use base64::Engine as _;

use crate::{
    driver::Session,
    house::{House, enter, words_of},
};

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
    page.says("you have not opened");
    page.says("Write on what the approval rests");
    page.go(&format!("{}/case/{case}", house.base));
    page.click(".opened-list li:nth-child(2) button");
    page.says("92 percent on room air");
    page.go(&format!("{}/case/{case}/do/approve", house.base));
    page.fill("form.panel textarea[name=why]", "The call with the clinic.");
    // Meanwhile somebody else writes a note: it is told before anything is done, and what was typed stays.
    let other = house.signed_in("manager");
    other.go(&format!("{}/case/{case}/do/note", house.base));
    other.fill("form.panel textarea[name=text]", "The member moved to another plan.");
    other.click("form.panel button.first");
    page.click("form.panel button.first");
    page.says("Something happened on this case after you opened the page");
    page.says("The member moved to another plan.");
    let kept = page.run("return document.querySelector('form.panel textarea[name=why]').value;");
    assert_eq!(kept.as_str(), Some("The call with the clinic."));
    page.click("form.panel button.first");
    page.says("Approved. The notice is being written");
    page.says("Why approved");
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
fn an_approved_medicaid_course_is_cut_only_in_advance_and_by_a_case_of_its_own() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("nurse");
    // An approved course of botulinum toxin under Medicaid, whoever has one in the made-up department: page by page.
    page.go(&format!("{}/cases", house.base));
    let approved = loop {
        let rows = page.run(
            "return [...document.querySelectorAll('tr[data-href]')].filter(row => ['Medicaid managed care', 'J0585', 'Approved']\
             .every(word => row.textContent.includes(word))).map(row => row.dataset.href.split('?')[0]);",
        );
        let next =
            page.run("const next = document.querySelector('a[rel=next]'); return next && next.getAttribute('href');");
        let paths = rows.as_array().into_iter().flatten().filter_map(|path| path.as_str());
        let found = paths.map(str::to_owned).find(|path| {
            page.go(&format!("{}{path}/do/reduce", house.base));
            page.run("return !!document.querySelector('form.panel input[name=effective_on]');").as_bool() == Some(true)
        });
        match (found, next.as_str()) {
            (Some(found), _) => break found,
            (None, Some(next)) => page.go(&format!("{}{next}", house.base)),
            (None, None) => panic!("no approved Medicaid course on any page of the cases"),
        }
    };
    let propose = |day: &str| {
        page.go(&format!("{}{approved}/do/reduce", house.base));
        page.set("form.panel input[name=effective_on]", day);
        page.fill("form.panel textarea[name=why]", "The goals of care are reached.");
        page.click("form.panel button.first");
    };
    propose("2026-11-28");
    page.says("had to go out by Nov 18, 2026");
    page.says("MCD-MC-REDUCE");
    propose("2026-12-20");
    page.says("Proposed. This case decides it");
    page.says("The plan proposes to cut what case");
    page.keys("w");
    page.says("counted back from that date");
    page.go(&format!("{}{approved}", house.base));
    page.says("Proposed to cut line 1 to nothing from Dec 20, 2026");
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
    page.says("no reason is chosen");
    let kept = page.run("return document.querySelector('#w1').value;");
    assert_eq!(kept.as_str(), Some("Read the note."));
    for place in 1..=2 {
        page.click(&format!(".opened-list li:nth-child({place}) button"));
        page.one("#evidence");
    }
    page.says("No arterial blood gas was drawn");
    page.choose("#r1", "quantity");
    page.run("document.querySelector('#c1').selectedIndex = 1;");
    page.fill("#q1", "3");
    page.fill(
        "#w1",
        "The note shows a saturation of 92 percent at rest and no blood gas; three months suffice to repeat the test.",
    );
    page.fill("#p1", "Three months are enough to repeat your test. Your notes show no reason for more.");
    page.set("#q1", "3");
    page.says("Grade ");
    page.says("Three months are enough to repeat your test");
    page.click("input[name=attest]");
    page.click(".sign button.first");
    page.one("[data-done]");
    page.says("Partially approved");
    // The letter is written, handed over, and says what was signed.
    let pdf = letter(house, &page, &case, "partial approval");
    if let Some(words) = words_of(&pdf) {
        for said in ["Jane Frost", "14 Sample Street", "Albany, NY 12207", "Your notes show no reason for more"] {
            assert!(words.contains(said), "the letter does not say {said:?}: {words}");
        }
        assert!(words.to_lowercase().contains("appeal"), "{words}");
    }
    // And whoever asked hears it through the interface.
    let heard = house.inquire("W600");
    assert!(heard.contains("\"A2\"") || heard.contains("\"A6\""), "partly certified: {heard}");
    assert!(heard.contains(&format!("A{}", case.replace('-', ""))), "the authorization number: {heard}");
}

/// Waits until the notice of a case was written and given, and takes its PDF as the reader would.
fn letter(house: &House, page: &Session<'_>, case: &str, name: &str) -> Vec<u8> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(90);
    loop {
        page.go(&format!("{}/case/{case}", house.base));
        let story = page.text(".story");
        if story.contains("was given to the member") {
            break;
        }
        assert!(std::time::Instant::now() < until, "the {name} was not given:\n{story}");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    let bytes = page.run_later(
        "var done = arguments[arguments.length - 1];
         var all = document.querySelectorAll('.notices a[href*=\"/document/\"], a[href*=\"/document/\"]');
         fetch(all[all.length - 1].href).then(function (r) { return r.arrayBuffer(); }).then(function (b) {
           var text = ''; new Uint8Array(b).forEach(function (c) { text += String.fromCharCode(c); }); done(btoa(text));
         }, function (e) { done('' + e); });",
    );
    let bytes = base64::engine::general_purpose::STANDARD.decode(bytes.as_str().unwrap_or_default());
    let bytes = bytes.expect("the letter comes as bytes");
    assert!(bytes.starts_with(b"%PDF-"), "a PDF comes");
    bytes
}

#[test]
fn a_letter_without_an_address_is_held_until_somebody_fills_it_in() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("nurse");
    let case = house.enter_request(&page, ("Hughes", "W650"), ("E1390", "1"), NOTE, false);
    page.click(".opened-list li:nth-child(2) button");
    page.says("92 percent on room air");
    page.go(&format!("{}/case/{case}/do/approve", house.base));
    page.fill("form.panel textarea[name=why]", "The call with the clinic.");
    page.click("form.panel button.first");
    page.says("Approved. The notice is being written");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        page.go(&format!("{}/case/{case}", house.base));
        if page.text(".story").contains("is held: something is missing") {
            break;
        }
        assert!(std::time::Instant::now() < until, "the letter is not held:\n{}", page.text(".story"));
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    page.keys("c");
    page.one("form.panel textarea");
    page.click("form.panel button.first");
    page.says("Nothing was filled in");
    page.fill("form.panel textarea", "22 Sample Avenue\nTroy, NY 12180");
    page.click("form.panel button.first");
    page.says("Filled in. The notice is being written again");
    if let Some(words) = words_of(&letter(house, &page, &case, "approval notice")) {
        assert!(words.contains("22 Sample Avenue") && words.contains("Troy, NY 12180"), "{words}");
    }
}

#[test]
fn a_manager_goes_from_a_signal_to_its_causes_the_sheet_and_the_motion() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("manager");
    page.go(&format!("{}/measures", house.base));
    page.says("A signal:");
    page.click("a[href^='/improvement/causes']");
    page.says("By the step that took the time");
    page.one("svg.pareto");
    page.fill("#title", "Letters of the walk");
    page.click("main form button.first");
    page.says("Current condition");
    page.click("button[value=close]");
    page.says("It was not closed.");
    page.says("Nobody has written: Background");
    page.fill("#background", "Members wait for these letters.");
    page.click("button[value=keep]");
    page.says("Kept.");
    page.go(&format!("{}/improvement", house.base));
    page.says("Letters of the walk");
    page.says("6 of 7 parts to write");
    page.says("Retire from review: E0601");
    page.click("a[href^='/motion/']");
    page.says("What the committee decided");
    // The story rests on the figures: over a hundred decisions, ninety-nine of a hundred approved, and the vote carried.
    page.says("carried, from");
    let cells = page.run("return [...document.querySelectorAll('main table tbody td')].map(c => c.textContent);");
    let cells: Vec<f64> = cells
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|cell| cell.as_str()?.replace([',', '%', ' ', '\u{a0}'], "").parse().ok())
        .collect();
    assert!(cells[0] >= 100.0 && cells[1] >= 99.0 && cells[2] < cells[1], "decided, approved, automated: {cells:?}");
    page.go(&format!("{}/measures", house.base));
    let row =
        page.run("return [...document.querySelectorAll('tr')].find(r => r.textContent.includes('E0601')).textContent;");
    assert!(row.as_str().is_some_and(|row| row.contains("motion carried")), "the board knows of the vote: {row:?}");
}

#[test]
fn an_auditor_pulls_files_and_sees_a_flipped_bit_found() {
    let Some((house, _turn)) = enter() else { return };
    let page = house.signed_in("auditor");
    page.go(&format!("{}/audit", house.base));
    page.says("The file pull");
    page.says("every hash fits");
    page.says("the chain breaks at event");
    let case =
        page.run("return document.querySelector('a[href$=\"/packet.zip\"]').getAttribute('href').split('/')[2];");
    let case = case.as_str().unwrap_or_default();
    let packet = house.vigil(&["audit", "packet", case]);
    assert!(packet.starts_with(b"PK\x03\x04"), "a ZIP archive comes");
    for name in ["summary.txt", "events.jsonl", "SHA256SUMS", "trail.csv"] {
        assert!(packet.windows(name.len()).any(|part| part == name.as_bytes()), "{name} is in the packet");
    }
    let universe =
        house.vigil(&["audit", "universe", "--from", "2026-10-15", "--to", "2026-11-22", "--zone", "America/New_York"]);
    let universe = String::from_utf8(universe).expect("a table is text");
    assert!(universe.starts_with("enrollee_first_name,") && universe.contains(case), "the pulled file is in it");
    let columns = universe.lines().next().map(|line| line.split(',').count());
    assert_eq!(columns, Some(32));
    page.go(&format!("{}/case/{case}/do/note", house.base));
    page.says("Your role does not allow this");
}
