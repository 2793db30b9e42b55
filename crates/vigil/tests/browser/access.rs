//! Accessibility: axe-core over every page, light and dark, wide and narrow. One violation is a failure.

use crate::{driver::Session, house::enter};

const AXE: &str = include_str!("vendor/axe.min.js");

/// What axe finds: one line a violation, with where.
fn violations(page: &Session<'_>) -> Vec<String> {
    page.run(AXE);
    let found = page.run_later(
        "var done = arguments[arguments.length - 1];
         axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(function (r) {
           done(r.violations.map(function (v) {
             return v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map(function (n) {
               return n.target.join(' ') + ' [' + n.any.concat(n.all).map(function (c) { return c.message; }).join('; ') + ']';
             }).join(', ');
           }));
         }, function (e) { done(['axe: ' + e]); });",
    );
    let list = found.as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

#[test]
fn every_page_is_accessible_light_and_dark_wide_and_narrow() {
    let Some((house, _turn)) = enter() else { return };
    let case = {
        let nurse = house.signed_in("nurse");
        let case = house.request(&nurse, "Gray", "W700", "E1390", "1", "A note.");
        nurse.go(&format!("{}/case/{case}/do/refer", house.base));
        nurse.fill("form.panel textarea[name=why]", "For the medical director.");
        nurse.click("form.panel button.first");
        nurse.says("Referred");
        case
    };
    let of_nurse = [
        "/".to_owned(),
        "/worklist?tab=all".to_owned(),
        "/worklist?tab=late".to_owned(),
        "/cases".to_owned(),
        format!("/case/{case}"),
        format!("/case/{case}/do/ask"),
        format!("/case/{case}/do/received"),
        "/request/new".to_owned(),
        "/measures".to_owned(),
        "/improvement".to_owned(),
        "/library".to_owned(),
        "/library/rule/MADV-APPROVED-LOCK".to_owned(),
        "/library/what-if?line_of_business=medicare-advantage&jurisdiction=US&review=prospective&urgency=standard&zone=America/New_York&at=2026-11-20T18:10".to_owned(),
        "/library/criteria".to_owned(),
        "/library/criteria/home_oxygen".to_owned(),
        "/library/requirements".to_owned(),
        "/library/notices".to_owned(),
        "/public/criteria".to_owned(),
        "/help".to_owned(),
        "/account".to_owned(),
        "/no-such-page".to_owned(),
    ];
    let of_manager = {
        let page = house.signed_in("manager");
        page.go(&format!("{}/improvement", house.base));
        let links = page.run("return [...document.querySelectorAll('main table a')].map(a => a.getAttribute('href'));");
        let links = links.as_array().cloned().unwrap_or_default();
        let mut paths: Vec<String> = links.iter().filter_map(|l| l.as_str().map(str::to_owned)).collect();
        assert!(paths.len() >= 2, "the demonstration has an A3 and a motion: {paths:?}");
        paths.push("/audit".to_owned());
        paths.push("/motion/new?code=E0601&from=2026-10-01&to=2026-11-22".to_owned());
        paths
    };
    let of_review_nurse = {
        let page = house.signed_in("urnurse");
        page.go(&format!("{}/census", house.base));
        let link = page.run("return document.querySelector('table.census tbody a').getAttribute('href');");
        let stay = link.as_str().expect("somebody is in the house").to_owned();
        [
            "/".to_owned(),
            "/census".to_owned(),
            "/census?tab=left".to_owned(),
            stay.clone(),
            format!("{stay}/do/review"),
            format!("{stay}/do/answer"),
            "/board/advisor".to_owned(),
            "/board/notices".to_owned(),
            "/board/payers".to_owned(),
            "/board/queries".to_owned(),
            "/board/avoidable".to_owned(),
            "/enquiry".to_owned(),
            "/feed/parked".to_owned(),
            "/hospital/measures".to_owned(),
        ]
    };
    let of_administrator = ["/".to_owned(), "/accounts".to_owned(), "/accounts/physician".to_owned()];
    let of_physician = [format!("/case/{case}/determine?d1=deny&r1=not_medically_necessary")];
    let mut wrong = Vec::new();
    for (width, height, dark) in [(1280, 800, false), (1280, 800, true), (390, 844, false), (390, 844, true)] {
        for (who, pages) in [
            ("nurse", &of_nurse[..]),
            ("manager", &of_manager[..]),
            ("physician", &of_physician[..]),
            ("urnurse", &of_review_nurse[..]),
            ("administrator", &of_administrator[..]),
        ] {
            let page = house.signed_in_with(who, width, height, dark);
            for path in pages {
                page.go(&format!("{}{path}", house.base));
                page.run("document.querySelectorAll('details').forEach(function (d) { if (!d.classList.contains('more')) d.open = true; });");
                let scheme = if dark { "dark" } else { "light" };
                wrong.extend(violations(&page).into_iter().map(|v| format!("{width} {scheme} {path}: {v}")));
                let wide = page.run("return document.documentElement.scrollWidth - window.innerWidth;");
                if wide.as_i64().unwrap_or(0) > 1 {
                    wrong.push(format!("{width} {path}: the page is {wide} px wider than the window"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} violations:\n{}", wrong.len(), wrong.join("\n"));
}
