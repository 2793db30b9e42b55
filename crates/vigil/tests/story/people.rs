//! What people of a plan meet when they doubt: who may do it and why not, what a pile holds, where a form went.

use super::{
    client::{Answer, form, get, send},
    house::House,
    interface::{REQUEST, request_of, submit},
};

async fn enter(house: &House, name: &str, role: &str) -> String {
    house.account(name, role).await;
    let fields = [("name", name), ("password", "correct horse battery"), ("next", "/")];
    form(house.at, "/sign-in", "", &fields).await.cookie()
}

fn cases(house: &House) -> Vec<String> {
    let found = house.app.desk.store.subjects("main", "case", "", 100).unwrap();
    found.into_iter().map(|subject| subject.id).collect()
}

/// The sample with one criterion unanswered: it is pended.
fn pended(body: &str) -> String {
    let at = body.find("\"linkId\": \"test_ordered_evaluated\"").unwrap();
    let (before, after) = body.split_at(at);
    let answer = before.rfind("\"valueBoolean\": true").unwrap();
    format!("{}{}{after}", &before[..answer], before[answer..].replacen("true", "false", 1))
        .replace("2026-11-", "2026-05-")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nurse_who_opens_the_physicians_page_is_told_who_may_and_by_which_rule() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    assert_eq!(submit(&house, &token, pended(REQUEST).as_bytes()).await.status, 200);
    let nurse = enter(&house, "nina", "nurse").await;
    let id = cases(&house).remove(0);
    let page = get(house.at, &format!("/case/{id}/determine"), &nurse).await;
    let text = page.text();
    assert_eq!(page.status, 403);
    for words in [
        "takes the role Physician",
        "42 CFR 422.566(d)",
        "A physician or other health professional with expertise",
        "House rule: a licensed peer signs every clinical denial",
        "Refer it to the medical director",
        &format!("href=\"/case/{id}\""),
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("house.deny") && !text.contains("us.ma.deny"), "no rule by an id of the code: {text}");
    assert_eq!(get(house.at, "/case/C-NOBODY/determine", &nurse).await.status, 404);
    let administrator = enter(&house, "ada", "administrator").await;
    let shut = get(house.at, &format!("/case/{id}/determine"), &administrator).await;
    assert!(shut.status == 403 && !shut.text().contains("422.566"), "who sees no cases learns nothing of one");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_time_is_taken_only_under_a_condition_of_the_rule() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    submit(&house, &token, pended(REQUEST).as_bytes()).await;
    let nurse = enter(&house, "nina", "nurse").await;
    let id = cases(&house).remove(0);
    let path = format!("/case/{id}/do/extend");
    let page = get(house.at, &path, &nurse).await;
    let text = page.text();
    for words in
        ["value=\"member-asked\"", "The enrollee asks for more time. (42 CFR 422.568(b)(2)(i)(A))", "value=\"14\""]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let csrf = page.csrf();
    let ask = |condition: &'static str, reason: &'static str| {
        let fields = [("csrf", csrf.clone()), ("condition", condition.into()), ("reason", reason.into())];
        let (path, nurse, at) = (path.clone(), nurse.clone(), house.at);
        async move {
            let mut pairs: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            pairs.push(("days", "14"));
            form(at, &path, &nurse, &pairs).await
        }
    };
    for (condition, reason, says) in [
        ("we-are-busy", "because we are busy", "is none of the conditions on which this rule allows more time"),
        ("", "because we are busy", "None of the rule&#x27;s conditions for more time was chosen"),
        ("member-asked", "", "Nothing says why the condition holds"),
    ] {
        let refused = ask(condition, reason).await;
        let text = refused.text().replace("&#39;", "&#x27;");
        assert_eq!(refused.status, 409, "{condition}");
        assert!(text.contains(says), "{says}: {text}");
    }
    assert!(ask("we-are-busy", "x").await.text().contains("42 CFR 422.568(b)(1)(ii)"), "the rule is named");
    let taken = ask("member-asked", "You want to send us the report of your specialist first.").await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let page = get(house.at, &format!("/case/{id}"), &nurse).await.text();
    assert!(page.contains("The enrollee asks for more time. (42 CFR 422.568(b)(2)(i)(A)) You want to send"), "{page}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_expedites_without_saying_who_asked_and_the_case_shows_what_its_criteria_warn_of() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    submit(&house, &token, pended(REQUEST).as_bytes()).await;
    let nurse = enter(&house, "nina", "nurse").await;
    let id = cases(&house).remove(0);
    let page = get(house.at, &format!("/case/{id}"), &nurse).await;
    assert!(page.text().contains("skin pigmentation"), "{}", page.text());
    let path = format!("/case/{id}/do/expedite");
    let csrf = get(house.at, &path, &nurse).await.csrf();
    for asker in ["", "neighbour"] {
        let refused = form(house.at, &path, &nurse, &[("csrf", &csrf), ("asker", asker)]).await;
        assert_eq!(refused.status, 409, "{asker:?}");
        assert!(refused.text().contains("Who asked to expedite is not said."), "{}", refused.text());
    }
    assert_eq!(form(house.at, &path, &nurse, &[("csrf", &csrf), ("asker", "member")]).await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eligibility_check_is_on_its_pile_while_the_case_waits_for_others() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    submit(&house, &token, pended(REQUEST).as_bytes()).await;
    let intake = enter(&house, "ines", "intake").await;
    let id = cases(&house).remove(0);
    let row = house.app.desk.store.work("main", &id).unwrap().unwrap();
    assert_ne!(row.queue, "eligibility", "the case lies on another pile");
    let pile = get(house.at, "/worklist?tab=eligibility", &intake).await.text();
    assert!(pile.contains(&id) && pile.contains("check eligibility; also:"), "{pile}");
    let page = get(house.at, &format!("/case/{id}/do/eligibility"), &intake).await;
    let csrf = page.csrf();
    let fields = [("csrf", csrf.as_str()), ("eligible", "yes"), ("basis", "Enrollment system, member found active.")];
    let done = form(house.at, &format!("/case/{id}/do/eligibility"), &intake, &fields).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(!get(house.at, "/worklist?tab=eligibility", &intake).await.text().contains(&id), "checked");
    assert!(get(house.at, "/worklist?tab=all", &intake).await.text().contains(&id), "and still to be decided");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_held_as_a_duplicate_says_so_and_leads_to_the_other() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    let first = pended(REQUEST);
    submit(&house, &token, first.as_bytes()).await;
    let one = cases(&house).remove(0);
    house.later(60);
    submit(&house, &token, first.replace("R-2026-0001", "R-2026-0002").as_bytes()).await;
    let other = cases(&house).into_iter().find(|id| *id != one).expect("a second case");
    let nurse = enter(&house, "nina", "nurse").await;
    let text = get(house.at, &format!("/case/{other}"), &nurse).await.text();
    assert!(text.contains("The criteria were not reached."), "{text}");
    assert!(text.contains(&format!("possible duplicate of case <a class=\"fixed\" href=\"/case/{one}\"")), "{text}");
    assert!(!text.contains("No criteria bind"), "{text}");
    house.close().await;
}

/// A form with a file of so many bytes, sent as a browser does.
async fn upload(house: &House, cookie: &str, csrf: &str, bytes: usize) -> Answer {
    let field = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
    };
    let mut body = [field("csrf", csrf), field("family", "Quillfeather")].concat();
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"scan.pdf\"\r\n\r\n%PDF-1.7\n");
    body.resize(body.len() + bytes, b'x');
    body.extend(b"\r\n--b--\r\n");
    let headers =
        [("Content-Type", "multipart/form-data; boundary=b"), ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin")];
    send(house.at, "POST", "/request/new", &headers, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_is_told_and_the_form_comes_back_as_it_was_typed() {
    let house = House::open(&[]).await;
    let intake = enter(&house, "ines", "intake").await;
    let csrf = get(house.at, "/request/new", &intake).await.csrf();
    let nine = upload(&house, &intake, &csrf, 9 << 20).await;
    let text = nine.text();
    assert_eq!(nine.status, 422);
    assert!(text.contains("the files are more than 8 MB together") && text.contains("Quillfeather"), "{text}");
    let forty = upload(&house, &intake, &csrf, 40 << 20).await;
    let text = forty.text();
    assert_eq!(forty.status, 413, "answered, not cut off");
    assert!(text.contains("A page takes 17 MB at once, and 8 MB of attachments"), "{text}");
    assert!(text.contains("Go back: what you typed is still in the form"), "{text}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worklist_turns_its_pages_both_ways() {
    let house = House::open(&[]).await;
    let token = house.token("clearinghouse", &["pas"]).await;
    for n in 1..=45 {
        assert_eq!(submit(&house, &token, pended(&request_of(n)).as_bytes()).await.status, 200);
    }
    let nurse = enter(&house, "nina", "nurse").await;
    let rows = |text: &str| -> Vec<String> {
        text.split("data-id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let turn = |text: &str, key: &str| -> Option<String> {
        let (before, _) = text.split_once(&format!("data-key=\"{key}\">"))?;
        let href = before.rsplit("href=\"").next()?.split('"').next()?;
        Some(href.replace("&amp;", "&").replace("&#38;", "&"))
    };
    let first = get(house.at, "/worklist?tab=all", &nurse).await.text();
    assert_eq!((rows(&first).len(), turn(&first, "h")), (40, None), "the first page has none before it");
    let second = get(house.at, &turn(&first, "l").expect("a next page"), &nurse).await.text();
    assert_eq!((rows(&second).len(), turn(&second, "l")), (5, None));
    let back = get(house.at, &turn(&second, "h").expect("a page before"), &nurse).await.text();
    assert_eq!(rows(&back), rows(&first));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clocks_are_asked_with_a_line_of_business_and_a_state() {
    let house = House::open(&[]).await;
    let nurse = enter(&house, "nina", "nurse").await;
    let library = get(house.at, "/library", &nurse).await.text();
    assert!(library.contains("Ask the clocks") && library.contains("action=\"/library/what-if\""), "{library}");
    let asks = get(house.at, "/library/what-if", &nurse).await.text().replace("&amp;", "&").replace("&#38;", "&");
    let new_york = "/library/what-if?line_of_business=medicaid-managed-care&jurisdiction=US-NY";
    assert!(asks.contains(&format!("href=\"{new_york}\"")), "{asks}");
    let answer = get(house.at, new_york, &nurse).await.text();
    assert!(answer.contains("NY-MMC-PRE") && answer.contains("Due <time"), "{answer}");
    assert!(answer.contains("taken to begin on 2026-04-01"), "what was not stated is said: {answer}");
    house.close().await;
}
