//! As a person meets the pages: sign-in, sessions, forms, static files.

use vigil_store::{Account, WriteItem};

use super::{
    client::{Answer, form, get, send},
    house::House,
};

const PASSWORD: &str = "correct horse battery";

async fn enter(house: &House, name: &str, password: &str) -> Answer {
    form(house.at, "/sign-in", "", &[("name", name), ("password", password), ("next", "/account")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_looks_and_signs_out() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let closed = get(house.at, "/account", "").await;
    assert_eq!((closed.status, closed.header("location")), (303, Some("/sign-in?next=/account")));
    let entered = enter(&house, "Dana", PASSWORD).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/account")));
    let set = entered.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Secure"), "{set}");
    let cookie = entered.cookie();
    let page = get(house.at, "/account", &cookie).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Nurse: dana of the story"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(form(house.at, "/sign-out", &cookie, &[("csrf", &page.csrf())]).await.status, 303);
    assert_eq!(get(house.at, "/account", &cookie).await.status, 303, "the session has ended on the server too");
    let trail = house.app.desk.store.trail_of_actor("main", "dana", None, 10).unwrap();
    assert_eq!(trail.iter().map(|t| t.action.as_str()).collect::<Vec<_>>(), ["sign-out", "sign-in"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_names_and_wrong_passwords_look_the_same_and_have_to_wait() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let strip = |a: &Answer, name: &str| a.text().replace(name, "");
    let (wrong, nobody) = (enter(&house, "dana", "guess").await, enter(&house, "nobody", "guess").await);
    assert_eq!((wrong.status, nobody.status), (401, 401));
    assert_eq!(strip(&wrong, "dana"), strip(&nobody, "nobody"));
    for _ in 0..4 {
        enter(&house, "dana", "guess").await;
    }
    let locked = enter(&house, "dana", PASSWORD).await;
    assert_eq!((locked.status, locked.header("retry-after")), (429, Some("30")), "even with the right password");
    house.later(31);
    assert_eq!(enter(&house, "dana", PASSWORD).await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_idle_and_when_the_account_is_disabled() {
    let house = House::open(&["--session-idle-minutes", "10", "--session-hours", "1"]).await;
    house.account("dana", "nurse").await;
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    for _ in 0..5 {
        house.later(540);
        assert_eq!(get(house.at, "/account", &cookie).await.status, 200, "each click moves the end");
    }
    house.later(601);
    assert_eq!(get(house.at, "/account", &cookie).await.status, 303, "idle for longer than ten minutes");
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    for _ in 0..6 {
        house.later(590);
        get(house.at, "/account", &cookie).await;
    }
    house.later(100);
    assert_eq!(get(house.at, "/account", &cookie).await.status, 303, "an hour is the end whatever happens");
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    let account = house.app.desk.store.account("main", "dana").unwrap().unwrap();
    house.write(WriteItem::Account(Account { active: false, ..account })).await;
    assert_eq!(get(house.at, "/account", &cookie).await.status, 303);
    assert_eq!(enter(&house, "dana", PASSWORD).await.status, 401);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_ours_changes_nothing() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    let csrf = get(house.at, "/account", &cookie).await.csrf();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let with = format!("csrf={csrf}");
    let rows: &[(&str, &[(&str, &str)], &str)] = &[
        ("no token", &[kind, ("Cookie", &cookie), ("Sec-Fetch-Site", "same-origin")], ""),
        ("a guess", &[kind, ("Cookie", &cookie)], "csrf=0000000000000000000000000000000000000000"),
        ("from another site", &[kind, ("Cookie", &cookie), ("Sec-Fetch-Site", "cross-site")], &with),
        ("from another origin", &[kind, ("Cookie", &cookie), ("Origin", "https://evil.example")], &with),
    ];
    for (name, headers, body) in rows {
        let answer = send(house.at, "POST", "/sign-out", headers, body.as_bytes()).await;
        assert_eq!(answer.status, 403, "{name}");
        assert!(answer.text().contains("This form cannot be accepted"), "{name}");
        assert_eq!(get(house.at, "/account", &cookie).await.status, 200, "{name}: still signed in");
    }
    let foreign = [kind, ("Sec-Fetch-Site", "cross-site")];
    let body = format!("name=dana&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(send(house.at, "POST", "/sign-in", &foreign, body.as_bytes()).await.status, 403, "nor sign-in");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_every_other_session() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let here = enter(&house, "dana", PASSWORD).await.cookie();
    let there = enter(&house, "dana", PASSWORD).await.cookie();
    let csrf = get(house.at, "/account", &here).await.csrf();
    let change = |current: &'static str, new: &'static str, again: &'static str| {
        let (csrf, here) = (csrf.clone(), here.clone());
        let at = house.at;
        async move {
            let fields = [("csrf", csrf.as_str()), ("current", current), ("new", new), ("again", again)];
            form(at, "/account/password", &here, &fields).await
        }
    };
    for (current, new, again, says) in [
        ("guess", "another good phrase", "another good phrase", "current password is not right"),
        (PASSWORD, "another good phrase", "a different phrase", "two new passwords differ"),
        (PASSWORD, "short", "short", "at least 12 characters"),
    ] {
        let answer = change(current, new, again).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(says), "{says}");
    }
    let changed = change(PASSWORD, "another good phrase", "another good phrase").await;
    assert_eq!(changed.status, 303);
    assert_eq!(get(house.at, "/account", &changed.cookie()).await.status, 200);
    for old in [&here, &there] {
        assert_eq!(get(house.at, "/account", old).await.status, 303);
    }
    assert_eq!(enter(&house, "dana", PASSWORD).await.status, 401);
    assert_eq!(enter(&house, "dana", "another good phrase").await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn static_files_are_kept_for_good_under_their_hash() {
    let house = House::open(&[]).await;
    let page = get(house.at, "/sign-in", "").await.text();
    let at = page.find("/static/vigil-").expect("the page names its stylesheet");
    let href = page[at..].split('"').next().unwrap().to_owned();
    let first = get(house.at, &href, "").await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let tag = first.header("etag").unwrap().to_owned();
    let again = send(house.at, "GET", &href, &[("If-None-Match", &tag)], b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(get(house.at, "/static/vigil.css", "").await.header("cache-control"), Some("no-cache"));
    assert_eq!(get(house.at, "/static/vigil-000000000000.css", "").await.status, 404);
    assert_eq!(get(house.at, "/static/..%2fpages.rs", "").await.status, 404);
    for line in page.lines() {
        assert!(!line.contains("<style") && !line.contains(" style=") && !line.contains(" onclick="), "{line}");
        assert!(!line.contains("<script>"), "no inline script: {line}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let house = House::open(&["--secure-cookies", "on"]).await;
    house.account("dana", "nurse").await;
    let entered = enter(&house, "dana", PASSWORD).await;
    let set = entered.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-vigil=") && set.contains("; Secure") && set.contains("Path=/;"), "{set}");
    assert_eq!(get(house.at, "/account", &entered.cookie()).await.status, 200);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_nobody_has_says_so_in_the_frame() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    let lost = get(house.at, "/no-such-page", &cookie).await;
    assert_eq!(lost.status, 404);
    assert!(lost.text().contains("There is nothing at this address") && lost.text().contains("Nurse: dana"));
    let fragment = [("Cookie", cookie.as_str()), ("HX-Request", "true")];
    let lost = send(house.at, "GET", "/no-such-page", &fragment, b"").await;
    assert!(!lost.text().contains("<html"), "htmx gets a fragment");
    let signed_out = send(house.at, "GET", "/account", &[("HX-Request", "true")], b"").await;
    assert_eq!((signed_out.status, signed_out.header("hx-redirect")), (401, Some("/sign-in")));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_every_rule_and_of_every_notice_opens() {
    let house = House::open(&[]).await;
    house.account("dana", "nurse").await;
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    for rule in house.app.desk.library.law.rules() {
        let page = get(house.at, &format!("/library/rule/{}", rule.id), &cookie).await;
        assert_eq!(page.status, 200, "{}", rule.id);
        let text = page.text();
        assert!(text.contains(&rule.id) && text.contains("Versions") && text.contains("Source"), "{}", rule.id);
        let asks = text.contains("Ask when it would be due");
        assert_eq!(asks, !rule.scope.lines_of_business.is_empty(), "{}", rule.id);
        assert_eq!(
            text.contains("never applied"),
            rule.effective.basis == vigil_domain::law::Basis::Proposed,
            "{}",
            rule.id
        );
    }
    for notice in house.app.desk.library.notices.all() {
        let page = get(house.at, &format!("/library/notice/{}", notice.id), &cookie).await;
        assert_eq!(page.status, 200, "{}", notice.id);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_changes_and_disables_accounts_and_the_trail_has_it() {
    let house = House::open(&[]).await;
    house.account("jordan", "administrator").await;
    house.account("dana", "nurse").await;
    let jordan = enter(&house, "jordan", PASSWORD).await.cookie();
    let dana = enter(&house, "dana", PASSWORD).await.cookie();
    assert_eq!(get(house.at, "/accounts", &dana).await.status, 403);
    let list = get(house.at, "/accounts", &jordan).await;
    assert!(list.status == 200 && list.text().contains("/accounts/dana"));
    let csrf = list.csrf();
    let made = [("csrf", csrf.as_str()), ("name", "lee"), ("display", "Lee Chen"), ("role", "intake")];
    let forged = form(house.at, "/accounts", &jordan, &made[1..]).await;
    assert_eq!(forged.status, 403, "a form of another page makes nobody");
    let made = form(house.at, "/accounts", &jordan, &made).await;
    let text = made.text();
    let secret = text.split("shown only now: <strong class=\"fixed\">").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(enter(&house, "lee", secret).await.status, 303, "the password that was shown opens the door");
    let then = |what: &'static str, rest: &[(&'static str, &'static str)]| {
        let mut fields = vec![("csrf", csrf.clone()), ("then", what.to_owned())];
        fields.extend(rest.iter().map(|(k, v)| (*k, (*v).to_owned())));
        fields
    };
    for (name, fields, status) in [
        ("dana", then("roles", &[("role", "boss")]), 422),
        ("dana", then("roles", &[]), 422),
        ("dana", then("password", &[("password", "short")]), 422),
        ("dana", then("credential", &[("licences", "RN:NY")]), 422),
        ("dana", then("credential", &[("licences", "RN:NY:7:2020-01-01:2030-01-01")]), 200),
        ("dana", then("roles", &[("role", "intake")]), 200),
        ("jordan", then("disable", &[]), 422),
        ("jordan", then("roles", &[("role", "nurse")]), 422),
        ("nobody", then("disable", &[]), 404),
        ("lee", then("disable", &[]), 200),
    ] {
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let answer = form(house.at, &format!("/accounts/{name}"), &jordan, &pairs).await;
        assert_eq!(answer.status, status, "{name} {fields:?}\n{}", answer.text());
    }
    assert_eq!(get(house.at, "/account", &dana).await.status, 303, "a session ends with the roles it was opened for");
    assert_eq!(enter(&house, "lee", secret).await.status, 401);
    let kept = house.app.desk.store.account("main", "dana").unwrap().unwrap();
    assert_eq!((kept.roles, kept.credential.unwrap().licences.len()), (vec!["intake".to_owned()], 1));
    let trail = house.app.desk.store.trail_of_actor("main", "jordan", None, 10).unwrap();
    let actions: Vec<&str> = trail.iter().map(|t| t.action.as_str()).collect();
    assert_eq!(actions, ["account-disabled", "account-roles", "account-credential", "account-made", "sign-in"]);
    house.close().await;
}

/// A request of the wire's samples for care already given, under a plan for which no rule sets a limit.
fn already_given(contract: &vigil_domain::party::Contract) -> vigil_domain::request::Request {
    let receipt = vigil_domain::request::Receipt {
        channel: vigil_domain::request::Channel::Phone,
        received_at: super::house::start(),
        proof: "telephone note 17".into(),
        entered_at: super::house::start(),
        entered_by: "dana".into(),
        caller: None,
        authority: None,
        expedite_asked_by: None,
        form_note: None,
    };
    let base = vigil_wire::fhir::pas::Base::V22;
    let read = vigil_wire::fhir::pas::read_submit(base, super::interface::REQUEST.as_bytes(), receipt);
    let mut request = read.expect("the sample reads").request;
    request.documents.clear();
    request.review = vigil_domain::request::Review::Retrospective;
    (request.payer_id, request.plan_id) = (contract.payer_id.clone(), Some(contract.plan_id.clone()));
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_no_rule_gives_a_clock_says_so_and_its_files_keep_their_names() {
    let folder = super::house::Folder::new();
    let mut contract = vigil_desk::party::demonstration_contract();
    contract.line_of_business = vigil_domain::party::LineOfBusiness::MedicaidManagedCare;
    contract.state = "MA".into();
    let file = folder.path().join("contract.json");
    std::fs::write(&file, serde_json::to_string(&contract).unwrap()).unwrap();
    let house = House::open(&["--provisional-contract", &file.display().to_string()]).await;
    house.account("dana", "nurse").await;
    let note = vigil_desk::enter::Attached {
        title: "Evaluación de Núñez.txt".into(),
        media_type: "text/plain".into(),
        bytes: b"Synthetic note.".to_vec(),
    };
    let case = house.app.desk.enter("main", "dana", already_given(&contract), vec![note], None).await.unwrap();
    let cookie = enter(&house, "dana", PASSWORD).await.cookie();
    let page = get(house.at, &format!("/case/{}", case.id), &cookie).await.text();
    assert!(page.contains("no rule starts a clock here"), "the head says so: {page}");
    assert!(page.contains("No rule of the library has started a clock") && page.contains("MCD-MC-PAYDENY"), "{page}");
    let digest = case.request.documents[0].digest.clone().unwrap();
    let kept = get(house.at, &format!("/case/{}/document/{digest}", case.id), &cookie).await;
    let named = kept.header("content-disposition").unwrap();
    assert!(named.contains("filename=\"Evaluacion de Nunez.txt\""), "{named}");
    assert!(named.contains("filename*=UTF-8''Evaluaci%C3%B3n%20de%20N%C3%BA%C3%B1ez.txt"), "{named}");
    house.close().await;
}
