//! Letters: delivered, and filled where something is missing.

use vigil_domain::case::{Case, NoticeState};

use super::known::{Known, choices};
use crate::web::{
    case::story,
    panel::{Choice, Field, Kind, Panel},
    words,
};

pub(super) fn deliver(panel: Panel, case: &Case) -> Panel {
    // A call may come before the letter is written.
    let notices =
        case.notices.iter().map(|n| Choice::new(n.id.to_string(), format!("{}. {}", n.id, story::notice_title(n))));
    panel
        .says("A delivery that failed is recorded too. A call is no letter: the clock of a letter runs on, unless its rule says when the letter follows.")
        .field(Field::select("notice", "Notice", notices.collect()))
        .field(Field::select("recipient", "To", choices(&[("member", "Member"), ("provider", "Provider")])))
        .field(Field::select(
            "channel",
            "By",
            choices(&[("mail", "Mail"), ("fax", "Fax"), ("portal", "Portal"), ("telephone", "Telephone")]),
        ))
        .field(Field::text("proof", "Proof").hint("Tracking number, fax confirmation, call record"))
        .field(Field::new(
            "succeeded",
            "It reached them",
            Kind::Radio(vec![Choice { chosen: true, ..Choice::new("true", "Yes") }, Choice::new("false", "No")]),
        ))
}

/// What a field of a letter holds, in the packs' words.
fn label(known: &Known<'_>, notice: &NoticeState, name: &str) -> String {
    let template = vigil_desk::letter::template(known.library, known.case, notice.purpose, notice.to);
    let says = template.and_then(|t| t.fields.get(name)).map(|spec| spec.says.trim_end_matches('.').to_owned());
    says.unwrap_or_else(|| match name.rsplit_once('_') {
        Some((_, "name")) => "Name on the envelope".to_owned(),
        _ if name.ends_with("_address_lines") => "Postal address".to_owned(),
        _ => words::capital(&words::plain(name)),
    })
}

/// One field for each thing the first held notice lacks and a person may fill. What belongs to the decision itself is said
/// with what to do, and has no field here.
pub(super) fn complete(mut panel: Panel, known: &Known<'_>) -> Panel {
    let Some(notice) = known.case.notices.iter().find(|n| !n.held.is_empty()) else {
        return panel.says("No notice of this case is held.");
    };
    panel = panel
        .says(format!(
            "The {} is held until every element that the law asks for is in it. What you fill in goes into the letter as it stands.",
            story::notice_title(notice)
        ))
        .field(Field::hidden("notice", notice.id.to_string()));
    let mut asked: Vec<String> = Vec::new();
    for missing in vigil_desk::letter::lacking(known.library, known.case, notice, known.now) {
        let (own, others): (Vec<&String>, Vec<&String>) = missing.fields.iter().partition(|f| !f.contains('.'));
        if own.is_empty() || !others.is_empty() {
            panel = panel.field(Field::says(vigil_desk::letter::in_words(&missing)));
        }
        for name in own {
            if asked.contains(name) {
                continue;
            }
            asked.push(name.clone());
            let label = label(known, notice, name);
            let cite = Some(missing.cite.as_str()).filter(|c| !c.is_empty()).map(|c| format!(" {c}"));
            let hint = format!("{}{}", missing.asks, cite.unwrap_or_default());
            let field = format!("fill.{name}");
            panel = panel.field(match name.ends_with("_lines") {
                true => Field::area(&field, &label, 3).hint(format!("{hint} One a line.")),
                false => Field::text(&field, &label).hint(hint),
            });
        }
    }
    panel
}
