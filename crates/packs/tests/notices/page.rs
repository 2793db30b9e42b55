//! `docs/conform/notices.md`: every notice with its windows, its elements and their citations.

use std::fmt::Write as _;

use vigil_domain::notice::{Confidence, NoticeBook, NoticeTemplate, compose, reading_level};

use crate::sample::fields;

/// What a reader who goes through the law element by element must know is not here.
const NOT_CARRIED: &str = "## Not carried, or carried elsewhere\n\n\
- A case writes the provider's letter of a denial, in whole or in part, and of an approval where a rule names the provider (docs/conform/law.md, \
what else\n  is told) or the notice itself says whose denials it is owed for. What automation approves in the very answer to a FHIR or X12 request was \
told to\n  the provider by that answer. Requests for information, extensions and dismissals go to the member; a person records what was sent to \
the provider.\n\
- Letters of appeals and grievances load and can be filled; no case owes them (docs/conform/law.md, what becomes of an appeal). Of the \
New York\n  model notices the complaint is not modelled.\n\
- New York Medicaid plans must send the Department's approved texts. They are not shipped; a contract without its notice number holds \
the letter.\n\
- The sheet of languages of 45 CFR 92.11, the forms of external and independent reviews and their instructions are the plan's own: the \
contract\n  names them, the mail room encloses them, and a letter without the name of its form is held.\n\
- Telephone duties beside the letter have clocks in New York, Massachusetts, California and Texas (docs/conform/law.md). New York's notice \
to the\n  court of a court-ordered service, and its letter within three business days of the request, are words of the rule.\n\
- CMS's sixty days to change to a new form edition are not counted: which edition is filled is what the site has loaded. Printed expiry \
stops nothing.\n\
- Signatures, refusals, absent representatives and windows of the hospital notices are rules of the stay (docs/conform/status.md).\n";

/// The page for auditors: every notice with its windows, its elements and their citations, and how hard it reads.
pub fn page(book: &NoticeBook) -> String {
    let mut out = String::from(
        "# Notices: what each must say, and on whose word\n\n\
         Generated from `packs/notices` by the tests of `vigil-packs`; do not edit. A notice without the words of any one\n\
         element does not load, and a letter without the facts of any one element is held; both are tested element by element.\n\
         \"from knowledge, verify\" means that nobody of ours has read the text yet.\n\n",
    );
    for template in book.all() {
        let short = template.short.as_ref().map(|short| format!(" ({short})")).unwrap_or_default();
        let _ = writeln!(out, "## {}{short}\n\n{} To: {}\n", template.id, template.trigger, template.to_whom);
        let lines = match template.lines_of_business.is_empty() {
            true => "every line of business".to_owned(),
            false => template.lines_of_business.join(", "),
        };
        let _ = writeln!(out, "For {lines}; {}. {}\n", template.jurisdiction, kind(template));
        for window in &template.window {
            let rule = window.rule.as_ref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
            let _ = writeln!(out, "- When: {} ({}{rule}; {})", window.says, window.cite, sure(window.confidence));
        }
        for owed in &template.owed {
            let from = owed.from.map(|day| format!(", requests from {day} on")).unwrap_or_default();
            let drugs = if owed.but_drugs { ", drugs left out" } else { "" };
            let lines = owed.lines_of_business.join(", ");
            let _ = writeln!(out, "- Owed to {lines}{from}{drugs}. ({}; {})", owed.cite, sure(owed.confidence));
        }
        let _ = writeln!(out, "\n| element | asks | citation | confidence |\n|---|---|---|---|");
        for element in &template.elements {
            let when = element.when.as_ref().map(|when| format!(" (when {when})")).unwrap_or_default();
            let cells =
                [&element.id, &format!("{}{when}", element.asks), &element.cite].map(|cell| cell.replace('|', "/"));
            let _ = writeln!(out, "| {} | {} |", cells.join(" | "), sure(element.confidence));
        }
        out.push('\n');
    }
    out.push_str(NOT_CARRIED);
    out
}

/// An official form, or words with how hard they read.
fn kind(template: &NoticeTemplate) -> String {
    if let Some(form) = &template.form {
        return format!("Official form {}: filled, never retyped.", form.number);
    }
    let level = |language| match compose(template, language, &fields(template, language)) {
        Ok(letter) => reading_level(&letter.prose(), language).max(0.0),
        Err(_) => 0.0,
    };
    let form =
        template.standard_form.as_ref().map(|form| format!(" In production use {}.", form.number)).unwrap_or_default();
    format!("Words in English (grade {:.1}) and Spanish (grade {:.1}).{form}", level("en"), level("es"))
}

fn sure(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::SourceSeen => "source seen",
        Confidence::FromKnowledge => "from knowledge, verify",
    }
}
