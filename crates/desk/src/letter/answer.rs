//! The answer in a letter: each service, the reason, the criterion, what was looked at, and what would change it.

use vigil_domain::{
    case::{Case, LineState},
    determination::{Outcome, RuleOwner},
    library::Library,
    notice::{FieldValue, Fields, tongue},
    request::Quantity,
};

use super::words::{said, said_of_the_case};

/// An amount in the words of the letter.
pub fn amount(library: &Library, quantity: &Quantity, language: &str) -> String {
    let many = (quantity.amount - 1.0).abs() >= f64::EPSILON;
    format!("{} {}", quantity.amount, library.notices.unit(&quantity.unit, many, language))
}

/// What stands for an amount that the request does not name.
pub fn as_requested(language: &str) -> &'static str {
    said(language, "as requested", "lo que se pidió")
}

/// What stands for what is left when no amount can be told.
pub fn the_rest(language: &str) -> &'static str {
    said(language, "the rest of the request", "el resto de la solicitud")
}

/// A service by its name; its code stands beside it in the letter.
pub fn service(library: &Library, state: &LineState, language: &str) -> String {
    let line = &state.line;
    let name = line.description.as_ref().or(line.service.label.as_ref()).filter(|words| **words != line.service.value);
    match name {
        Some(name) => library.notices.name(name, language),
        None => said(language, "Service", "Servicio").to_owned(),
    }
}

/// The reason of a line in the member's words, where one was written that may stand in the letter.
fn member_words(state: &LineState, language: &str) -> Option<String> {
    match state.outcome.as_ref()? {
        Outcome::AdministrativeAdverse { plain_reason, .. } => {
            // An administrative reason is the same for everybody whom the rule meets.
            let text = plain_reason.trim();
            (!text.is_empty() && tongue::fits(text, language)).then(|| text.to_owned())
        }
        outcome => said_of_the_case(outcome.adverse()?.plain_reason(), language),
    }
}

/// Each reason stands in the letter once: the first on top, those of other lines beside their services.
pub(super) fn one_reason_each(fields: &mut Fields, about: &[&LineState], language: &str) {
    let Some(FieldValue::List(rows)) = fields.get("lines").cloned() else { return };
    let reasons: Vec<Option<String>> = about.iter().map(|state| member_words(state, language)).collect();
    let first = reasons.iter().flatten().next().cloned();
    let differ = reasons.iter().flatten().any(|reason| Some(reason) != first.as_ref());
    let rows = rows.into_iter().zip(&reasons).map(|(mut row, reason)| {
        if differ {
            row.set_some("reason_plain", reason.clone().filter(|reason| Some(reason) != first.as_ref()));
        }
        row
    });
    fields.set("lines", rows.collect::<Vec<Fields>>());
}

pub(super) fn line(library: &Library, state: &LineState, language: &str) -> Fields {
    let mut fields = Fields::new();
    let whole = || as_requested(language).to_owned();
    let amount = |quantity: &Quantity| amount(library, quantity, language);
    let asked = state.line.quantity.as_ref().map_or_else(whole, amount);
    fields
        .set("service", service(library, state, language))
        .set("code", state.line.service.value.as_str())
        .set("asked", asked.as_str());
    let Some(outcome) = &state.outcome else { return fields };
    if let Some(grant) = outcome.grant() {
        fields.set("approved", grant.quantity.as_ref().map_or(asked, amount));
        fields.set_some("from", grant.from);
        fields.set_some("through", grant.through.or(grant.from));
    }
    if outcome.is_adverse() {
        fields.set("not_approved", not_approved(library, state, outcome, language));
    }
    fields
}

fn not_approved(library: &Library, state: &LineState, outcome: &Outcome, language: &str) -> String {
    let asked = state.line.quantity.as_ref();
    let given = outcome.grant().and_then(|g| g.quantity.as_ref());
    match (asked, given) {
        (Some(asked), Some(given)) if asked.unit == given.unit && asked.amount > given.amount => {
            amount(library, &Quantity { amount: asked.amount - given.amount, unit: asked.unit.clone() }, language)
        }
        (Some(asked), None) => amount(library, asked, language),
        _ => the_rest(language).into(),
    }
}

/// The reason, the criterion, what was looked at, and what would change the answer.
pub(super) fn reasons(fields: &mut Fields, library: &Library, case: &Case, about: &[&LineState], language: &str) {
    let Some(state) = about.iter().find(|l| l.outcome.as_ref().is_some_and(Outcome::is_adverse)) else { return };
    let Some(outcome) = &state.outcome else { return };
    if outcome.grant().is_some() {
        // Of a cut nothing was approved in part: it was approved before, and a part of it stays.
        fields.set(if case.request.cut.is_some() { "reducing" } else { "partial" }, true);
    }
    if let Outcome::AdministrativeAdverse { plain_reason, basis, .. } = outcome {
        // A provision in another language is named as what it is: a proper name between quotation marks.
        let basis = if tongue::fits(basis, language) { basis.clone() } else { library.notices.name(basis, language) };
        return administrative(fields, plain_reason, &basis, language);
    }
    let Some(adverse) = outcome.adverse() else { return };
    fields
        .set("clinical", true)
        .set("reviewer_name", adverse.reviewer().name.as_str())
        .set("reviewer_title", profession(&adverse.reviewer().licence, language))
        .set_some("reviewer_specialty", specialty(library, &adverse.reviewer().specialty, language));
    fields.set_some("reason_plain", member_words(state, language));
    fields.set_some("rationale", Some(adverse.rationale()).filter(|text| tongue::fits(text, language)));
    let pack = state.evaluation.as_ref().and_then(|e| library.criteria.by_digest(&e.pack));
    let rule = || the_rule(language).to_owned();
    let owner = adverse.whose().map(|whose| rule_of(whose, language).to_owned());
    let name = pack.map(|p| library.notices.name(&p.definition().name, language)).or(owner);
    fields.set("criteria_name", name.unwrap_or_else(rule));
    let above = said(language, "the rule named above", "la regla que se nombra arriba");
    let named = adverse.criterion().map(|named| criterion(library, state, named, language));
    fields.set("criteria_citation", named.unwrap_or_else(|| above.to_owned()));
    fields.set("what_would_change", would_change(library, state, language));
    let relied: Vec<String> =
        adverse.opened().iter().map(|o| evidence_words(library, case, &o.evidence, language)).collect();
    fields.set_items("information_relied_on", relied);
}

/// Whose rule an answer rests on, where no criteria of the library bound.
fn rule_of<'w>(whose: &RuleOwner, language: &str) -> &'w str {
    match whose {
        RuleOwner::Contract => said(language, "your plan's contract with you", "el contrato de su plan con usted"),
        RuleOwner::Federal => said(language, "a federal or Medicare rule", "una regla federal o de Medicare"),
        RuleOwner::State => said(language, "a rule of your state", "una regla de su estado"),
        RuleOwner::ClinicalStandard => said(language, "a published medical guideline", "una guía médica publicada"),
        _ => said(language, "our medical policy", "nuestra política médica"),
    }
}

/// The criterion an answer rests on. In another language its sentence where there are words for it, and always its citation,
/// which is the same in every language.
fn criterion(library: &Library, state: &LineState, named: &str, language: &str) -> String {
    let pack = state.evaluation.as_ref().and_then(|e| Some((e, library.criteria.by_digest(&e.pack)?)));
    let grounds = pack.map(|(e, pack)| pack.grounds(&e.trace)).unwrap_or_default();
    match grounds.into_iter().find(|ground| ground.text() == named) {
        Some(ground) => match library.notices.say(&ground.says, language) {
            Some(says) => format!("{} ({})", says.trim_end_matches('.'), ground.cite),
            None => ground.cite.to_string(),
        },
        // A citation is of no language; a name that has lower-case words of another stands in quotation marks.
        None if named.split_whitespace().all(|word| !word.starts_with(char::is_lowercase)) => named.to_owned(),
        None => library.notices.name(named, language),
    }
}

/// One set of criteria that, shown together, would change the answer; where it cannot be told, the rule itself.
pub fn would_change(library: &Library, state: &LineState, language: &str) -> String {
    let pack = state.evaluation.as_ref().and_then(|e| Some((e, library.criteria.by_digest(&e.pack)?)));
    let wanted = pack.map(|(e, pack)| pack.would_change(&e.trace)).unwrap_or_default();
    let words: Option<Vec<&str>> = wanted.iter().map(|ground| library.notices.say(&ground.says, language)).collect();
    match words.filter(|words| !words.is_empty()) {
        Some(words) => {
            let joined: Vec<&str> = words.iter().map(|says| says.trim_end_matches('.')).collect();
            let all = if joined.len() > 1 {
                said(language, "Records that show all of this:", "Registros que muestren todo esto:")
            } else {
                said(language, "Records that show:", "Registros que muestren:")
            };
            format!("{all} {}.", joined.join("; "))
        }
        None => would_change_at_all(language).to_owned(),
    }
}

/// What would change the answer, without a word about single criteria.
pub fn would_change_at_all(language: &str) -> &'static str {
    said(
        language,
        "Records that show you meet the rule named above.",
        "Registros que muestren que usted cumple la regla que se nombra arriba.",
    )
}

/// What stands for the name of a rule where no criteria bind.
pub fn the_rule(language: &str) -> &'static str {
    said(language, "the coverage rule for this service", "la regla de cobertura de este servicio")
}

/// The profession of who decided, as a member says it, of a licence that begins with its kind.
pub fn profession<'l>(licence: &'l str, language: &str) -> &'l str {
    let kind = licence.split_whitespace().next().unwrap_or(licence);
    match kind {
        "MD" | "DO" => said(language, "doctor", "médico"),
        "DDS" | "DMD" => said(language, "dentist", "dentista"),
        "DPM" => said(language, "doctor of podiatry", "podólogo"),
        "OD" => said(language, "doctor of optometry", "optometrista"),
        "DC" => said(language, "chiropractor", "quiropráctico"),
        "PharmD" | "RPh" => said(language, "pharmacist", "farmacéutico"),
        "PhD" | "PsyD" => said(language, "psychologist", "psicólogo"),
        "NP" => said(language, "nurse practitioner", "enfermero especializado"),
        "PA" => said(language, "physician assistant", "asociado médico"),
        "RN" => said(language, "registered nurse", "enfermero registrado"),
        other => other,
    }
}

/// A field of expertise in the letter's language, where there are words for it.
pub fn specialty(library: &Library, field: &str, language: &str) -> Option<String> {
    library.notices.say(&field_in_words(field), language).map(str::to_owned)
}

/// A field of expertise in words: those of the packs are joined by hyphens, a reviewer's own statement is not.
fn field_in_words(field: &str) -> String {
    if field.contains(' ') { field.trim_end_matches('.').to_owned() } else { field.replace('-', " ") }
}

/// The reasons of an answer that rests on a rule of the plan and not on medical need.
fn administrative(fields: &mut Fields, plain_reason: &str, basis: &str, language: &str) {
    let rests = said(
        language,
        "This is not a decision about medical need. It rests on:",
        "Esta no es una decisión sobre necesidad médica. Se basa en:",
    );
    fields.set_some("reason_plain", Some(plain_reason).filter(|text| tongue::fits(text, language)));
    fields
        .set("criteria_name", said(language, "your plan's coverage rules", "las reglas de cobertura de su plan"))
        .set("criteria_citation", basis)
        .set("plan_provision", basis)
        .set("rationale", format!("{rests} {basis}"))
        .set(
            "what_would_change",
            said(
                language,
                "Records that show our facts are wrong.",
                "Registros que muestren que nuestros datos están mal.",
            ),
        );
    let looked_at = said(
        language,
        "The request and our enrollment and contract records",
        "La solicitud y nuestros registros de inscripción y de contrato",
    );
    fields.set_items("information_relied_on", [looked_at.to_owned()]);
}

/// A piece of evidence as the letter names it.
pub fn evidence_words(library: &Library, case: &Case, evidence: &str, language: &str) -> String {
    case.request.documents.iter().find(|d| d.place == evidence).map_or_else(
        || {
            said(language, "What your provider told us in the request", "Lo que su proveedor nos dijo en la solicitud")
                .to_owned()
        },
        |d| library.notices.name(&d.title, language),
    )
}
