//! From a case to the fields of a notice: what the words of the notice packs ask for, and nothing that was not decided.

use vigil_domain::{
    case::{
        Case, Clock, LineState, NoticeState,
        decide::cut::{continuation, lateness},
    },
    determination::{Outcome, RuleOwner, is_stock},
    law::{Rule, Scope, Unit},
    library::Library,
    notice::{Audience, FieldValue, Fields, MissingElement, NoticeTemplate, Purpose, compose, day_in_words, tongue},
    party::{Address, LineOfBusiness, Provider},
    request::Quantity,
    time::{Day, Moment, Zone},
};

/// The notice that fits a purpose and a reader on this case, if the library has words for it.
pub fn template<'l>(library: &'l Library, case: &Case, purpose: Purpose, to: Audience) -> Option<&'l NoticeTemplate> {
    let line = case.contract.line_of_business.word();
    let jurisdiction = case.contract.jurisdiction();
    let choose = |purpose| library.notices.choose(purpose, line, &jurisdiction, to);
    choose(purpose).or_else(|| match purpose {
        Purpose::PartialApproval => choose(Purpose::AdverseDetermination),
        _ => None,
    })
}

/// The language of the member's letters; see [`Case::letter_language`].
pub fn language(case: &Case) -> String {
    case.letter_language().to_owned()
}

/// The language of one notice: the member's, and English for a provider.
pub fn language_of(case: &Case, notice: &NoticeState) -> String {
    if notice.to == Audience::Provider { "en".to_owned() } else { language(case) }
}

/// What a person wrote about this case for the letter: nothing where it is a sentence for everybody, or not in the letter's
/// language. The letter is held without it, and says so.
fn said_of_the_case(text: &str, language: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !is_stock(text) && tongue::fits(text, language)).then(|| text.to_owned())
}

/// Whether what a person wrote may stand in a letter: in another language than the member's it may not, and the letter waits for
/// the words.
fn readable(notice: &NoticeState, text: &str, language: &str) -> bool {
    notice.to != Audience::Member || tongue::fits(text, language)
}

/// The head of the plan's letters.
pub fn letterhead(case: &Case, language: &str, now: Moment) -> vigil_print::Letterhead {
    let contract = &case.contract;
    let address_lines = contract.address.as_ref().map(address_lines).unwrap_or_default();
    vigil_print::Letterhead {
        plan_name: contract.name.clone(),
        return_address_lines: address_lines.clone(),
        address_lines,
        phone: contract.phone.clone().unwrap_or_default(),
        tty: contract.tty.clone().unwrap_or_default(),
        printed_on: day_in_words(contract.zone.day(now), language),
        large_print: false,
        // A state that approves its notices wants their number on each page.
        foot_note: match contract.correspondence.get("notice_number") {
            Some(number) => format!("{} · {} · {number}", contract.name, case.id),
            None => format!("{} · {}", contract.name, case.id),
        },
    }
}

/// Every field this case can fill for a notice.
pub fn fields(library: &Library, case: &Case, notice: &NoticeState, language: &str, now: Moment) -> Fields {
    let mut fields = Fields::new();
    let zone = &case.contract.zone;
    plan(&mut fields, case, language);
    member(&mut fields, case);
    fields
        .set("case_number", case.id.as_str())
        .set("received_on", case.received_on())
        .set("notice_on", zone.day(now))
        .set("expedited", case.urgency == vigil_domain::request::Urgency::Expedited)
        .set("provider_name", provider(case));
    if let Some(address) = provider_address(case) {
        fields.set_items("provider_address_lines", address_lines(address));
    }
    fields.set_some("decided_on", case.decided_at().map(|at| zone.day(at)));
    fields.set("network_status", network(case, language));
    fields.set_some("facility_name", case.request.facility.as_ref().map(|f| f.name.clone()));
    let about: Vec<&LineState> = case.lines.iter().filter(|l| notice.lines.contains(&l.line.sequence)).collect();
    if about.iter().any(|l| l.outcome.as_ref().and_then(Outcome::grant).is_some()) {
        fields.set("authorization_number", case.authorization.as_str());
    }
    fields.set("lines", about.iter().map(|l| line(library, l, language)).collect::<Vec<Fields>>());
    one_reason_each(&mut fields, &about, language);
    reasons(&mut fields, library, case, &about, language);
    let readable = |text: &String| readable(notice, text, language);
    match notice.purpose {
        Purpose::ExpediteDeclined => {
            fields.set_some("reason_plain", case.expedite_declined.clone().filter(|why| readable(why)));
        }
        Purpose::Dismissal => {
            let why = about.iter().find_map(|l| match &l.outcome {
                Some(Outcome::Dismissed { why, .. }) => Some(why.clone()),
                _ => None,
            });
            fields.set_some("dismissal_reason", why.filter(|why| readable(why)));
        }
        // When the file went is a person's to say: the letter waits for it.
        Purpose::ForwardedForReview => {
            fields.set_some("reason_plain", late(case, language));
        }
        _ => {}
    }
    clocks(&mut fields, library, case, notice, language, zone.day(now));
    appeal(&mut fields, library, case, zone.day(now));
    cut(&mut fields, library, case, now);
    windows_of_the_contract(&mut fields, zone.day(now));
    windows_of_the_notice(&mut fields, template(library, case, notice.purpose, notice.to), zone.day(now));
    waiting(&mut fields, library, case, language);
    if notice.to == Audience::Provider {
        as_signed(&mut fields, &about);
    }
    filled(&mut fields, case, notice);
    fields
}

/// A provider reads the reasons as they were signed, in whichever language: nobody puts them into other words.
fn as_signed(fields: &mut Fields, about: &[&LineState]) {
    let adverse = || about.iter().filter_map(|l| l.outcome.as_ref()).filter_map(Outcome::adverse);
    let mut reasons: Vec<&str> = adverse().map(|a| a.plain_reason().trim()).filter(|r| !is_stock(r)).collect();
    reasons.dedup();
    let mut rationales: Vec<&str> = adverse().map(|a| a.rationale().trim()).collect();
    rationales.dedup();
    for (name, words) in [("reason_plain", reasons.join(" ")), ("rationale", rationales.join(" "))] {
        if !fields.is_filled(name) && !words.is_empty() {
            fields.set(name, words);
        }
    }
}

/// A cut of approved care: from which day, and until when the member may ask that it goes on. A letter that would come too
/// late for its day does not name it, and is held until the cut is postponed.
fn cut(fields: &mut Fields, library: &Library, case: &Case, now: Moment) {
    let Some(cut) = &case.request.cut else { return };
    let zone = &case.contract.zone;
    fields.set("stopping", true);
    if lateness(library, case, now).is_empty() {
        fields.set("effective_on", cut.effective_on);
    }
    let until = continuation(library, case, Some(now)).and_then(|(_, until)| until);
    fields.set_some("continue_by", until.map(|until| zone.day(until)));
}

/// What a notice of a case lacks now, element by element.
pub fn lacking(library: &Library, case: &Case, notice: &NoticeState, now: Moment) -> Vec<MissingElement> {
    let Some(template) = template(library, case, notice.purpose, notice.to) else { return Vec::new() };
    let language = language_of(case, notice);
    compose(template, &language, &fields(library, case, notice, &language, now)).err().unwrap_or_default()
}

/// A missing element as the case shows it: question, citation where there is one, what to do.
pub fn in_words(missing: &MissingElement) -> String {
    let cite = if missing.cite.is_empty() { String::new() } else { format!(" ({})", missing.cite) };
    format!("{}{cite} {}", missing.asks, missing.what_to_do)
}

/// What people filled in for held notices of this case, this one's first. Nothing that is known already is replaced.
fn filled(fields: &mut Fields, case: &Case, notice: &NoticeState) {
    for (name, words) in notice.filled.iter().chain(case.notices.iter().flat_map(|n| &n.filled)) {
        if fields.is_filled(name) {
            continue;
        }
        if name.ends_with("_lines") {
            fields.set_items(name, words.lines().map(str::trim).filter(|line| !line.is_empty()));
        } else if let Ok(day) = words.trim().parse::<Day>() {
            fields.set(name, day);
        } else {
            fields.set(name, words.trim());
        }
    }
}

fn plan(fields: &mut Fields, case: &Case, language: &str) {
    let contract = &case.contract;
    fields.set("plan_name", contract.name.as_str());
    fields.set_some("plan_phone", contract.phone.clone());
    fields.set_some("plan_tty", contract.tty.clone());
    if let Some(address) = &contract.address {
        fields.set_items("plan_address_lines", address_lines(address));
    }
    fields.set_some("peer_to_peer_phone", contract.phone.clone());
    for (name, value) in &contract.correspondence {
        // A field of one language is named `field.es`; without a language it serves every one.
        let (name, said_in) = name.split_once('.').map_or((name.as_str(), None), |(n, l)| (n, Some(l)));
        if said_in.is_some_and(|said| !language.starts_with(said)) {
            continue;
        }
        if name.ends_with("_lines") {
            fields.set_items(name, value.lines());
        } else {
            fields.set(name, value.as_str());
        }
    }
}

fn member(fields: &mut Fields, case: &Case) {
    fields.set("member_name", case.member.name.spoken()).set("member_id", case.member.member_id.as_str());
    let address = case.member.address.as_ref().or(case.request.member.address.as_ref());
    if let Some(address) = address {
        fields.set_items("member_address_lines", address_lines(address));
    }
}

fn address_lines(address: &Address) -> Vec<String> {
    let mut lines = address.lines.clone();
    let last = format!("{}, {} {}", address.city, address.state, address.zip);
    if last.trim() != "," {
        lines.push(last.trim().to_owned());
    }
    lines
}

/// One of two wordings, by the language of the letter.
fn said<'w>(language: &str, english: &'w str, spanish: &'w str) -> &'w str {
    if language.starts_with("es") { spanish } else { english }
}

fn network(case: &Case, language: &str) -> &'static str {
    match case.in_network {
        Some(true) => {
            said(language, "The provider is in your plan's network.", "El proveedor está en la red de su plan.")
        }
        Some(false) => said(
            language,
            "The provider is not in your plan's network. Call us to learn what your plan pays.",
            "El proveedor no está en la red de su plan. Llámenos para saber cuánto paga su plan.",
        ),
        None => said(
            language,
            "Call us to learn whether the provider is in your plan's network and what your plan pays.",
            "Llámenos para saber si el proveedor está en la red de su plan y cuánto paga su plan.",
        ),
    }
}

fn provider(case: &Case) -> String {
    match &case.request.practitioner {
        Some(person) if !person.name.is_empty() => person.name.clone(),
        _ => case.request.requester.name.clone(),
    }
}

/// Where the provider's letters go: the address of who asked, else of who would provide the service.
fn provider_address(case: &Case) -> Option<&Address> {
    let request = &case.request;
    let stated = |provider: &Provider| provider.address.as_ref().filter(|a| !a.lines.is_empty()).is_some();
    let who = [Some(&request.requester), request.practitioner.as_ref(), request.facility.as_ref()];
    who.into_iter().flatten().find(|provider| stated(provider))?.address.as_ref()
}

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
fn one_reason_each(fields: &mut Fields, about: &[&LineState], language: &str) {
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

fn line(library: &Library, state: &LineState, language: &str) -> Fields {
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
fn reasons(fields: &mut Fields, library: &Library, case: &Case, about: &[&LineState], language: &str) {
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

/// The last day that belongs to a limit: one that ends at midnight ends with the day before.
fn last_day(zone: &Zone, due_at: Moment) -> Day {
    zone.day(due_at.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(due_at))
}

/// A time of day as the letter's language writes it.
fn time_of_day(zone: &Zone, at: Moment, language: &str) -> String {
    let local = zone.at(at);
    let half = match (local.hour() < 12, language.starts_with("es")) {
        (true, true) => "a.\u{a0}m.",
        (false, true) => "p.\u{a0}m.",
        (true, false) => "a.m.",
        (false, false) => "p.m.",
    };
    format!("{}\u{a0}{half} {}", local.strftime("%-I:%M"), local.strftime("%Z"))
}

/// The days of the controlling clock, the same that the case's page shows: after its stops and its extension. Only a letter about an
/// extension names the day before it, too.
fn clocks(fields: &mut Fields, library: &Library, case: &Case, notice: &NoticeState, language: &str, today: Day) {
    let Some(clock) = case.decision_clock() else { return };
    let zone = &case.contract.zone;
    let due_at = if notice.purpose == Purpose::Extension { clock.first_due_at } else { clock.due_at };
    fields.set("due_on", last_day(zone, due_at));
    if !clock.day_clock {
        fields.set("due_time", time_of_day(zone, due_at, language));
    }
    if let Some((days, ..)) = &clock.extension {
        fields.set("extended_due_on", last_day(zone, clock.due_at)).set("extension_days", days.to_string());
        fields.set_some("extension_reason", why_more_time(library, clock, language));
    }
    fields.set("standard_days", standard_days(clock, zone.day(clock.started_at), zone.day(clock.due_at)));
    fields.set("info_due_on", last_day(zone, clock.due_at).max(today));
}

/// Why more time was taken: the rule's condition in the member's words, then what a person wrote of this case. Where the
/// condition alone is no reason and nobody wrote one in the letter's language, the letter waits for it.
fn why_more_time(library: &Library, clock: &Clock, language: &str) -> Option<String> {
    let (_, _, reason) = clock.extension.as_ref()?;
    let own = said_of_the_case(reason, language);
    let allowed = library.law.by_digest(&clock.pin.digest).and_then(|rule| rule.extension.as_ref());
    let condition = clock.extended_under.as_ref().and_then(|taken| allowed?.choice(&taken.key));
    let Some(condition) = condition else { return own };
    let letter = library.notices.say(&condition.letter, language).filter(|says| !says.is_empty());
    match (letter, own) {
        (Some(letter), Some(own)) => Some(format!("{letter} {own}")),
        (Some(letter), None) if condition.whole_reason => Some(letter.to_owned()),
        (None, own) => own,
        (Some(_), None) => None,
    }
}

fn standard_days(clock: &Clock, started: Day, due: Day) -> String {
    let days = (due - started).get_days();
    if clock.day_clock { days.to_string() } else { format!("{}", days.max(1)) }
}

fn waiting(fields: &mut Fields, library: &Library, case: &Case, language: &str) {
    // What came while the letter was being written was still asked for.
    let wanted = case.awaiting.as_ref().map_or(&case.asked_for, |wait| &wait.wanted);
    if !wanted.is_empty() {
        // The name of a paper in another language stands as a name.
        let named = |item: &String| match tongue::fits(item, language) {
            true => library.notices.say(item, language).map_or_else(|| item.clone(), str::to_owned),
            false => library.notices.name(item, language),
        };
        fields.set_items("information_missing", wanted.iter().map(named));
    }
}

/// Appeal rights out of the law packs: filing limit, time to answer, fair hearing.
fn appeal(fields: &mut Fields, library: &Library, case: &Case, today: Day) {
    let ask = |review: &str, urgency: &str, subject: Option<&str>| -> Vec<std::sync::Arc<Rule>> {
        let scope = Scope {
            line_of_business: case.contract.line_of_business.word().to_owned(),
            jurisdiction: case.contract.jurisdiction(),
            review: review.to_owned(),
            urgency: urgency.to_owned(),
            subject: subject.map(str::to_owned),
            ..Scope::default()
        };
        library.law.in_force(&scope, today).rules
    };
    let part_b = case.contract.line_of_business == LineOfBusiness::MedicareAdvantage;
    let drug = (part_b && case.lines.iter().any(|l| l.line.drug)).then_some("part-b-drug");
    if let Some((days, Unit::CalendarDays)) = first_limit(&ask("filing-limit", "standard", Some("appeal-l1")), None) {
        fields.set("appeal_days", days.to_string());
        fields.set_some("appeal_by", today.checked_add(jiff::Span::new().days(i64::from(days))).ok());
    }
    if let Some(days) = limit_in(&ask("appeal-l1", "standard", drug), Unit::CalendarDays, &["pre-service", "standard"])
    {
        fields.set("appeal_decision_days", days.to_string());
    }
    if let Some(hours) = limit_in(&ask("appeal-l1", "expedited", drug), Unit::Hours, &["expedited", "urgent"]) {
        fields.set("expedited_appeal_hours", hours.to_string());
    }
    // The state picks these days within the federal limits: what the contract states of its state goes first.
    if let Some((days, _)) = first_limit(&ask("filing-limit", "standard", Some("state-fair-hearing")), None)
        && !fields.is_filled("fair_hearing_days")
    {
        fields.set("fair_hearing_days", days.to_string());
    }
    if let Some((months, Unit::Months)) = first_limit(&ask("filing-limit", "standard", Some("external")), None) {
        fields.set("external_review_months", months.to_string());
    }
}

/// Windows that no rule of the library sets and the contract states in days, as those of a state's own programme: the last
/// day is counted from the letter.
fn windows_of_the_contract(fields: &mut Fields, today: Day) {
    for (days, by) in [
        ("appeal_days", "appeal_by"),
        ("fair_hearing_days", "fair_hearing_by"),
        ("peer_to_peer_days", "peer_to_peer_by"),
    ] {
        let stated = match fields.get(days) {
            Some(FieldValue::Text(days)) if !fields.is_filled(by) => days.parse().ok(),
            _ => None,
        };
        let last = stated.and_then(|days: i64| today.checked_add(jiff::Span::new().days(days)).ok());
        fields.set_some(by, last);
    }
}

/// Last days that the law of a notice's own elements counts from the letter.
fn windows_of_the_notice(fields: &mut Fields, template: Option<&NoticeTemplate>, today: Day) {
    for last in template.iter().flat_map(|t| &t.elements).filter_map(|e| e.last_day.as_ref()) {
        if !fields.is_filled(&last.field) {
            fields.set_some(&last.field, last.from(today));
        }
    }
}

/// By when an answer was due that did not come.
fn late(case: &Case, language: &str) -> Option<String> {
    let due = last_day(&case.contract.zone, case.decision_clock()?.due_at);
    let day = day_in_words(due, language);
    Some(if language.starts_with("es") {
        format!("Teníamos que decidir a más tardar el {day}. No decidimos a tiempo.")
    } else {
        format!("We had to decide by {day}. We did not decide in time.")
    })
}

/// The limit that a notice names: of the first rule that has one, on the branch asked for where there are several.
fn first_limit(rules: &[std::sync::Arc<Rule>], branch: Option<&str>) -> Option<(u32, Unit)> {
    rules.iter().find_map(|rule| {
        let of_branch = rule.deadlines.iter().find(|d| branch.is_some() && d.key.as_deref() == branch);
        let any = rule.deadlines.first().filter(|_| branch.is_none() || rule.deadlines.len() == 1);
        of_branch.or(any).and_then(vigil_domain::law::Deadline::numeric)
    })
}

/// The shortest limit in one unit, on the branches named first where a rule has branches.
fn limit_in(rules: &[std::sync::Arc<Rule>], unit: Unit, branches: &[&str]) -> Option<u32> {
    let fits = |named: bool| {
        rules
            .iter()
            .flat_map(|rule| &rule.deadlines)
            .filter(|d| !named || d.key.as_deref().is_none_or(|key| branches.contains(&key)))
            .filter_map(vigil_domain::law::Deadline::numeric)
            .filter(|(_, of)| *of == unit)
            .map(|(n, _)| n)
            .min()
    };
    fits(true).or_else(|| fits(false))
}
