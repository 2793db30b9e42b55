//! A short Medicare stay after discharge, walked to the rebilling under Part B (W2), with what is refused on the way.

use crate::{
    hospital::{feed, form, pick, submit},
    house::enter,
};

fn message(kind: &str, control: &str, at: &str, class: &str, rest: &str) -> String {
    format!(
        "MSH|^~\\&|REG|RIVERSIDE|VIGIL|VIGIL|202611{at}00-0500||{kind}|{control}|P|2.5.1\r\
         EVN||202611{at}||||202611{at}\r\
         PID|1||P7791^^^RIVERSIDE^MR||Umberfield^Sorrel||19490402|F||||||||||A7791^^^RIVERSIDE^AN\r\
         PV1|1|{class}|5 East^13^A||||1234567893^House^Greta||||||||||||V7791^^^RIVERSIDE^VN{}\r\
         {rest}",
        if kind == "ADT^A03" { format!("{}01{}202611{at}", "|".repeat(17), "|".repeat(9)) } else { String::new() },
    )
}

/// One midnight as an inpatient, no expectation written, home in the morning.
fn messages() -> Vec<String> {
    let medicare = &format!("IN1|1|A|MEDICARE-A|Original Medicare{}1EG4-TE5-MK91\r", "|".repeat(32));
    let order = "ORC|NW|U10^CPOE|||||||202611211820|||1234567893^House^Greta|||202611211820\r\
                 OBR|1|U10^CPOE||ADMITIP^Admit to inpatient^L\r";
    vec![
        message("ADT^A04", "U1", "211500", "E", medicare),
        message("ORM^O01", "U2", "211820", "E", order),
        message("ADT^A06", "U3", "211825", "I", medicare),
        message("ADT^A03", "U4", "220800", "I", medicare),
    ]
}

#[test]
fn a_short_medicare_stay_goes_to_w2_after_discharge_and_no_other_way() {
    let Some((house, _turn)) = enter() else { return };
    feed(house, &messages());
    let nurse = house.signed_in("urnurse");
    nurse.go(&format!("{}/enquiry", house.base));
    nurse.fill("main input[name=asked]", "Umberfield");
    nurse.click("main form button");
    nurse.click("article.card h2 a");
    nurse.one("svg.stayline");
    let stay = nurse.url();
    let refused = |why: &str| {
        nurse.says("This was not done. Nothing was changed.");
        nurse.says(why);
    };

    // The patient has left: condition code 44 has gone with her, and the bill waits.
    form(&nurse, &stay, "condition-code-44");
    submit(&nurse);
    refused("discharge");
    form(&nurse, &stay, "bill-submitted");
    submit(&nurse);
    refused("The bill is held for review");

    let officer = house.signed_in("cmo");
    let route = |way: &str| {
        form(&officer, &stay, "bill");
        pick(&officer, "route", way);
        officer.fill("form.panel textarea[name=rationale]", "One midnight; no expectation of two is documented.");
        submit(&officer);
    };
    // Nobody has determined anything yet.
    route("w2");
    officer.says("This was not done. Nothing was changed.");

    form(&nurse, &stay, "document");
    nurse.choose("form.panel select[name=fact]", "hospital_need");
    nurse.fill("form.panel input[name=found_in]", "review of the record");
    submit(&nurse);
    nurse.says("The fact is kept");
    form(&nurse, &stay, "review");
    nurse.choose("form.panel select[name=kind]", "post_discharge");
    pick(&nurse, "result", "not_met");
    nurse.fill("form.panel input[name=recommended]", "outpatient");
    nurse.choose("form.panel select[name=reason]", "STAT-NOHOSP");
    nurse.fill("form.panel textarea[name=comments]", "No expectation of two midnights is documented.");
    submit(&nurse);
    nurse.says("The review is saved and locked");

    form(&officer, &stay, "advise");
    pick(&officer, "advice", "outpatient");
    officer.fill("form.panel textarea[name=rationale]", "No expectation, and no factor for an exception.");
    submit(&officer);
    officer.says("Your advice is kept");
    form(&nurse, &stay, "attending");
    pick(&nurse, "view", "no_views");
    submit(&nurse);
    nurse.says("answer is kept");
    let member = house.signed_in("committee");
    form(&member, &stay, "determine");
    pick(&member, "necessary", "no");
    member.fill("form.panel textarea[name=rationale]", "Inpatient care was not necessary.");
    submit(&member);
    member.says("This was not done. Nothing was changed.");
    member.click("form.panel input[name=attests]");
    submit(&member);
    member.says("The determination is kept");

    // Part A is not the way it comes out; W2 wants the outpatient care answered for, and the notice given.
    route("part_a");
    officer.says("This was not done. Nothing was changed.");
    route("w2");
    officer.says("This was not done. Nothing was changed.");
    form(&nurse, &stay, "document");
    nurse.choose("form.panel select[name=fact]", "answer");
    nurse.fill("form.panel input[name=name]", "w2.outpatient-reasonable");
    nurse.click("form.panel input[name=yes]");
    nurse.fill("form.panel input[name=found_in]", "review of the record");
    submit(&nurse);
    nurse.says("The fact is kept");
    for begins in [
        "Notice of the UR committee’s determination, to the patient",
        "Notice of the UR committee’s determination, to the attending",
    ] {
        form(&nurse, &stay, "deliver");
        let begins = begins.replace('’', "'");
        let number = nurse.run(&format!(
            "var o = [...document.querySelectorAll('form.panel select[name=about] option')].find(o => o.textContent.startsWith({begins:?})); return o ? o.value : '';"
        ));
        form(&nurse, &stay, &format!("deliver?about={}", number.as_str().unwrap_or_default()));
        pick(&nurse, "receipt", "handed");
        nurse.fill("form.panel input[name=signer]", "Ursula Nurse, RN");
        nurse.click("form.panel input[name=paper]");
        submit(&nurse);
        nurse.says("The delivery is recorded.");
    }
    // Without Part B there is nothing to bill under it.
    route("w2");
    officer.says("Look up Part B.");
    form(&nurse, &stay, "coverage");
    nurse.choose("form.panel select[name=part_b]", "yes");
    nurse.fill("form.panel input[name=basis]", "eligibility answer of Nov 22");
    submit(&nurse);
    nurse.says("The coverage is stated.");
    // And nobody has said yet whether services came before the order: they have a bill of their own.
    route("w2");
    officer.says("This was not done. Nothing was changed.");
    pick(&officer, "before_order", "no");
    pick(&officer, "appeal_pending", "no");
    submit(&officer);
    officer.says("The bill is routed.");
    officer.says("Part B rebilling (W2)");
}
