//! Criteria in words, for everybody: the public criteria page that 42 CFR 422.101(b)(6) asks for, printable, reachable
//! without sign-in; and the same inside the library.

use std::fmt::Write as _;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use vigil_domain::criteria::{
    Definition,
    definition::{Node, Test, Want},
};

use crate::{
    access::{Permission, SignedIn, cookie},
    app::App,
    web::{
        case::criteria::{doubt, group, ucum},
        error::PageError,
        frame::{Frame, Tab, render},
        words,
    },
};

/// One service in the list.
#[derive(Debug, Clone)]
struct ServiceRow {
    id: String,
    name: String,
    version: String,
    authorities: String,
    lines: String,
    use_word: &'static str,
}

#[derive(Template)]
#[template(path = "library/criteria_list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<ServiceRow>,
    base: &'static str,
    public: bool,
}

#[derive(Template)]
#[template(path = "library/criteria.html")]
struct ServicePage {
    frame: Frame,
    definition: Definition,
    digest: String,
    tree: String,
    codes: Vec<String>,
    in_force: String,
    base: &'static str,
    public: bool,
}

fn rows(app: &App) -> Vec<ServiceRow> {
    let row = |service: &std::sync::Arc<vigil_domain::criteria::Service>| {
        let definition = service.definition();
        ServiceRow {
            id: definition.id.clone(),
            name: definition.name.clone(),
            version: definition.version.clone(),
            authorities: definition.authority.iter().map(|a| a.cite.clone()).collect::<Vec<_>>().join(", "),
            lines: definition.applies_to.lines_of_business.join(", "),
            use_word: match (definition.disabled, definition.illustrative) {
                (true, _) => "not for use",
                (_, true) => "illustration only",
                _ => "",
            },
        }
    };
    app.desk.library.criteria.iter().map(row).collect()
}

/// `GET /library/criteria`.
///
/// # Errors
/// No permission.
pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let rows = rows(&app);
    Ok(render(&ListPage { frame: who.frame("Criteria", Tab::Library), rows, base: "/library/criteria", public: false }))
}

/// `GET /library/criteria/{service}`.
///
/// # Errors
/// No permission, or no such service.
pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<String>) -> Result<Response, PageError> {
    who.require(Permission::ReadLibrary)?;
    let frame = who.frame("Criteria", Tab::Library);
    page(&app, frame, &id, "/library/criteria", false)
}

/// `GET /public/criteria`: anybody.
///
/// # Errors
/// None but faults.
pub async fn public_list(State(app): State<App>, headers: axum::http::HeaderMap) -> Result<Response, PageError> {
    let rows = rows(&app);
    let frame = public_frame(&headers, "Coverage criteria");
    Ok(render(&ListPage { frame, rows, base: "/public/criteria", public: true }))
}

/// `GET /public/criteria/{service}`: anybody.
///
/// # Errors
/// No such service.
pub async fn public_show(
    State(app): State<App>,
    headers: axum::http::HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    page(&app, public_frame(&headers, "Coverage criteria"), &id, "/public/criteria", true)
}

fn public_frame(headers: &axum::http::HeaderMap, title: &str) -> Frame {
    Frame { title: title.to_owned(), theme: cookie::theme(headers), ..Frame::default() }
}

fn page(app: &App, mut frame: Frame, id: &str, base: &'static str, public: bool) -> Result<Response, PageError> {
    let service = app.desk.library.criteria.latest(id).ok_or(PageError::NotFound)?;
    let definition = service.definition().clone();
    frame.title.clone_from(&definition.name);
    let mut tree = String::from("<ul class=\"tree\">");
    node(&definition.tree, &definition, None, &mut tree);
    tree.push_str("</ul>");
    let codes =
        definition.codes.binding().map(|(system, value)| format!("{} {value}", system.word().to_uppercase())).collect();
    let in_force =
        format!("{} to {}", words::day_or(definition.from, "open"), words::day_or(definition.through, "open"));
    let digest = service.digest().clone();
    Ok(render(&ServicePage { frame, definition, digest, tree, codes, in_force, base, public }))
}

fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The tree as nested lists; every word is escaped here.
fn node(node_here: &Node, definition: &Definition, points: Option<f64>, out: &mut String) {
    let points = points.map(|p| format!("{} points: ", words::number(p))).unwrap_or_default();
    match node_here {
        Node::Group(inside) => {
            let said = group(&inside.rule.to_string());
            let label = inside.label.as_deref().map(|l| format!("{l}: ")).unwrap_or_default();
            let _ = write!(out, "<li><span class=\"group\">{}</span><ul>", safe(&format!("{points}{label}{said}")));
            for (place, child) in inside.children.iter().enumerate() {
                node(child, definition, inside.points.get(place).copied(), out);
            }
            out.push_str("</ul></li>");
        }
        Node::Leaf(leaf) => {
            let fact = definition.facts.iter().find(|f| f.id == leaf.fact);
            let question = fact.map_or_else(|| words::plain(&leaf.fact), |f| f.question.clone());
            let unit = fact.and_then(|f| f.unit.as_deref()).map(ucum).unwrap_or_default();
            let doubt = doubt(&leaf.basis);
            let doubt =
                if doubt.is_empty() { String::new() } else { format!(" <span class=\"soon small\">{doubt}</span>") };
            let _ = write!(
                out,
                "<li>{} <span class=\"quiet small\">{}</span>{doubt}<br><span class=\"quiet small\">Asked as: {} {}</span></li>",
                safe(&format!("{points}{}", leaf.says)),
                safe(&leaf.cite),
                safe(&question),
                safe(&test(&leaf.test, &unit)),
            );
        }
    }
}

/// A comparison in words.
fn test(test: &Test, unit: &str) -> String {
    let one = |want: &Want| match want {
        Want::Bool(true) => "yes".to_owned(),
        Want::Bool(false) => "no".to_owned(),
        Want::Number(n) => format!("{} {unit}", words::number(*n)).trim().to_owned(),
        Want::Word(word) => words::plain(word),
    };
    let many = |wants: &[Want]| wants.iter().map(one).collect::<Vec<_>>().join(" or ");
    let number = |n: &f64| format!("{} {unit}", words::number(*n)).trim().to_owned();
    match test {
        Test::Eq(want) => format!("Must be: {}.", one(want)),
        Test::Ne(want) => format!("Must not be: {}.", one(want)),
        Test::Lt(n) => format!("Must be below {}.", number(n)),
        Test::Le(n) => format!("Must be {} or less.", number(n)),
        Test::Gt(n) => format!("Must be above {}.", number(n)),
        Test::Ge(n) => format!("Must be {} or more.", number(n)),
        Test::Between(low, high) => format!("Must be {} to {}.", words::number(*low), number(high)),
        Test::In(wants) => format!("Must be one of: {}.", many(wants)),
        Test::NotIn(wants) => format!("Must be none of: {}.", many(wants)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_read_as_sentences() {
        for (given, unit, words) in [
            (Test::Le(55.0), "mmHg", "Must be 55 mmHg or less."),
            (Test::Between(56.0, 59.0), "mmHg", "Must be 56 to 59 mmHg."),
            (Test::Eq(Want::Bool(false)), "", "Must be: no."),
            (
                Test::In(vec![Want::Word("at_rest".into()), Want::Word("asleep".into())]),
                "",
                "Must be one of: at rest or asleep.",
            ),
        ] {
            assert_eq!(test(&given, unit), words);
        }
    }
}
