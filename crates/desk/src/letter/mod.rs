//! From a case to the fields of a notice: what the words of the notice packs ask for, and nothing that was not decided.

mod answer;
mod days;
mod words;

pub use self::answer::{
    amount, as_requested, evidence_words, profession, service, specialty, the_rest, the_rule, would_change,
    would_change_at_all,
};

use vigil_domain::{
    case::{
        Case, LineState, NoticeState,
        decide::cut::{continuation, lateness},
    },
    determination::{Outcome, is_stock},
    library::Library,
    notice::{Audience, Fields, MissingElement, NoticeTemplate, Purpose, compose, day_in_words, tongue},
    party::{Address, Provider},
    time::{Day, Moment},
};

use self::{
    answer::{line, one_reason_each, reasons},
    days::{appeal, clocks, late, windows_of_the_contract, windows_of_the_notice},
    words::{readable, said},
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
