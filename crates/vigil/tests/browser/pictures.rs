//! Pictures for the README, and for whoever changes a page and wants to look at it: `VIGIL_PICTURES=folder cargo test
//! --test browser pictures` writes them; without the variable the test only says so.

use std::path::Path;

use base64::Engine as _;

use crate::{driver::Session, house::enter};

fn keep(page: &Session<'_>, folder: &Path, name: &str) {
    let bytes = base64::engine::general_purpose::STANDARD.decode(page.picture()).expect("a picture is base 64");
    std::fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture can be written");
}

/// The first case of a tab that criteria speak of, or else its first one, if there is one.
fn first_case(page: &Session<'_>, base: &str, tab: &str) -> Option<String> {
    page.go(&format!("{base}/worklist?tab={tab}"));
    let id = page.run(
        "var all = Array.from(document.querySelectorAll('tr[data-id]')); var said = r => r.querySelector('.c-why').textContent;
         var r = all.find(r => said(r).startsWith('not met')) || all.find(r => !said(r).startsWith('no criteria')) || all[0];
         return r ? r.dataset.id : '';",
    );
    id.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

#[test]
fn pictures() {
    let Ok(folder) = std::env::var("VIGIL_PICTURES") else {
        eprintln!("skipped: VIGIL_PICTURES names no folder");
        return;
    };
    let Some((house, _turn)) = enter() else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let every = std::env::var("VIGIL_PICTURES_ALL").is_ok();
    {
        let page = house.signed_in("nurse");
        if first_case(&page, &house.base, "all").is_none() {
            house.request(&page, "Hale", "W800", "E1390", "1", "Progress note. Saturation 87 percent at rest.");
            let case =
                house.request(&page, "Ives", "W801", "E1390", "3", "Progress note. Saturation 92 percent at rest.");
            page.go(&format!("{}/case/{case}/do/refer", house.base));
            page.fill("form.panel textarea[name=why]", "Saturation above the limit; no blood gas.");
            page.click("form.panel button.first");
        }
    }
    let shapes: &[(&str, u32, u32, bool)] = if every {
        &[
            ("", 1280, 800, false),
            ("-dark", 1280, 800, true),
            ("-narrow", 390, 844, false),
            ("-narrow-dark", 390, 844, true),
        ]
    } else {
        &[("", 1280, 800, false)]
    };
    for (shape, width, height, dark) in shapes {
        let page = house.signed_in_with("nurse", *width, *height, *dark);
        let nurse = first_case(&page, &house.base, "nurse").or_else(|| first_case(&page, &house.base, "all"));
        keep(&page, folder, &format!("worklist{shape}"));
        if let Some(case) = &nurse {
            page.go(&format!("{}/case/{case}", house.base));
            keep(&page, folder, &format!("case{shape}"));
            page.run("document.querySelector('details.why').open = true;");
            keep(&page, folder, &format!("clock{shape}"));
            page.go(&format!("{}/case/{case}/do/ask", house.base));
            keep(&page, folder, &format!("ask{shape}"));
        }
        page.go(&format!(
            "{}/library/what-if?line_of_business=medicare-advantage&jurisdiction=US-NY&review=prospective&urgency=standard&pa_required=true&event=request_received&zone=America/New_York&at=2026-11-20T18:10",
            house.base
        ));
        keep(&page, folder, &format!("library{shape}"));
        if every {
            for (name, path) in [
                ("start", "/"),
                ("all", "/worklist?tab=all"),
                ("empty", "/worklist?tab=late"),
                ("cases", "/cases"),
                ("request", "/request/new"),
                ("measures", "/measures"),
                ("improvement", "/improvement"),
                ("rules", "/library"),
                ("rule", "/library/rule/MADV-APPROVED-LOCK"),
                ("criteria", "/library/criteria/home_oxygen"),
                ("requirements", "/library/requirements"),
                ("notices", "/library/notices"),
                ("public", "/public/criteria"),
                ("help", "/help"),
            ] {
                page.go(&format!("{}{path}", house.base));
                keep(&page, folder, &format!("{name}{shape}"));
            }
            if let Some(case) = &nurse {
                page.go(&format!("{}/case/{case}", house.base));
                page.click(".opened-list li:nth-child(2) button, .opened-list li:nth-child(1) button");
                page.one("#evidence");
                keep(&page, folder, &format!("evidence{shape}"));
            }
        }
        let page = house.signed_in_with("physician", *width, *height, *dark);
        let physician = first_case(&page, &house.base, "physician").or(nurse);
        if let Some(case) = physician {
            page.go(&format!("{}/case/{case}/determine?d1=deny&r1=not_medically_necessary", house.base));
            keep(&page, folder, &format!("determine{shape}"));
        }
    }
}
