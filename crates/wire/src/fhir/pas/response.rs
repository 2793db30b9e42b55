//! The response Bundle: first the ClaimResponse, then what is asked for, then the parties as the sender gave them.

use sha2::{Digest, Sha256};

use super::{
    Action, Answer, Base, DECISION_REASON, DEFINITIONS, Echo, FOLLOW_UP, LineAnswer, Outcome, REJECT_REASON,
    REVIEW_ACTION, echo::EchoedItem, request_more,
};
use crate::fhir::{systems, write::Writer};

/// What a response is written for; the profiles have different names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Submit,
    Inquiry,
}

/// Writes the response to a `$submit`.
pub fn respond(base: Base, echo: &Echo, answer: &Answer) -> Vec<u8> {
    let size = 3072 + answer.lines.len() * 1024 + echo.resources.iter().map(|one| one.json.len() + 128).sum::<usize>();
    let mut w = Writer::with_capacity(size);
    w.item(|w| bundle(w, base, Kind::Submit, echo, std::slice::from_ref(answer)));
    w.finish()
}

/// The members of the response Bundle. More than one answer only where an inquiry is answered in one Bundle.
pub(super) fn bundle(w: &mut Writer, base: Base, kind: Kind, echo: &Echo, answers: &[Answer]) {
    w.text("resourceType", "Bundle");
    let Some(first) = answers.first() else {
        w.text("type", "collection");
        return;
    };
    w.text("id", &first.response_id);
    profile(
        w,
        match kind {
            Kind::Submit => "profile-pas-response-bundle",
            Kind::Inquiry => "profile-pas-inquiry-response-bundle",
        },
    );
    w.object("identifier", |w| match first.bundle_identifier.as_ref().or(echo.bundle_identifier.as_ref()) {
        Some(identifier) => {
            if !identifier.system.is_empty() {
                w.text("system", &identifier.system);
            }
            w.text("value", &identifier.value);
        }
        None => {
            w.text("system", RESPONSE_SYSTEM);
            w.text("value", &first.response_id);
        }
    });
    w.text("type", "collection");
    let at: Vec<jiff::Zoned> = answers.iter().map(|answer| answer.zone.at(answer.answered_at)).collect();
    w.instant("timestamp", &at[0]);
    w.array("entry", |w| {
        for (answer, at) in answers.iter().zip(&at) {
            w.item(|w| {
                w.text("fullUrl", &full_url(echo, "ClaimResponse", &answer.response_id));
                w.object("resource", |w| claim_response(w, base, kind, echo, answer, at));
            });
        }
        for (answer, at) in answers.iter().zip(&at) {
            request_more::entries(w, base, echo, answer, at);
        }
        for resource in &echo.resources {
            w.item(|w| {
                w.text("fullUrl", &resource.url);
                w.raw("resource", &resource.json);
            });
        }
    });
}

/// The namespace of our response ids, used only when the request had no Bundle identifier.
const RESPONSE_SYSTEM: &str = "urn:vigil:response";
/// The namespace of case numbers.
pub(super) const CASE_SYSTEM: &str = "urn:vigil:case";

/// The fullUrl of a resource of ours: beside the sender's Claim, or a UUID of its own when the sender used UUIDs.
pub(super) fn full_url(echo: &Echo, kind: &str, id: &str) -> String {
    match &echo.base {
        Some(base) => format!("{base}{kind}/{id}"),
        None => format!("urn:uuid:{}", uuid(kind, id)),
    }
}

/// How a resource of ours is referred to inside the Bundle.
pub(super) fn reference_to(echo: &Echo, kind: &str, id: &str) -> String {
    if echo.base.is_some() { format!("{kind}/{id}") } else { full_url(echo, kind, id) }
}

/// The id itself where it is a UUID, else one made of kind and id by SHA-256. It says version 4 although it is
/// name-based (8 by RFC 9562), because the guide's public test kit takes no other.
pub(super) fn uuid(kind: &str, id: &str) -> String {
    let shape = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    if kind == "ClaimResponse" && id.len() == 36 && id.bytes().enumerate().all(shape) {
        return id.to_owned();
    }
    let mut hash = Sha256::digest(format!("{kind}/{id}"));
    hash[6] = hash[6] & 0x0f | 0x40;
    hash[8] = hash[8] & 0x3f | 0x80;
    let hex = crate::fhir::document::hex(&hash[..16]);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

pub(super) fn profile(w: &mut Writer, name: &str) {
    w.object("meta", |w| w.array("profile", |w| w.element(&format!("{DEFINITIONS}{name}"))));
}

/// One extension of the guide.
pub(super) fn extension(w: &mut Writer, tail: &str, value: impl FnOnce(&mut Writer)) {
    w.item(|w| {
        w.text("url", &format!("{DEFINITIONS}{tail}"));
        value(w);
    });
}

fn claim_response(w: &mut Writer, base: Base, kind: Kind, echo: &Echo, answer: &Answer, at: &jiff::Zoned) {
    w.text("resourceType", "ClaimResponse");
    w.text("id", &answer.response_id);
    profile(
        w,
        match kind {
            Kind::Submit => "profile-claimresponse",
            Kind::Inquiry => "profile-claiminquiryresponse",
        },
    );
    w.array_if_any("contained", |w| echo.contained.iter().for_each(|json| w.raw_element(json)));
    if base.says_who_reviewed() {
        w.array_if_any("extension", |w| reviewer(w, answer));
    }
    w.array("identifier", |w| {
        echo.identifiers.iter().for_each(|json| w.raw_element(json));
        w.item(|w| {
            w.text("system", CASE_SYSTEM);
            w.text("value", &answer.case_id);
        });
    });
    w.text("status", "active");
    w.raw("type", &echo.claim_type);
    w.text("use", "preauthorization");
    w.raw("patient", &echo.patient);
    w.instant("created", at);
    w.raw("insurer", &echo.insurer);
    if let Some(requestor) = &echo.requestor {
        w.raw("requestor", requestor);
    }
    w.raw("request", &echo.claim);
    w.text("outcome", if matches!(answer.outcome, Outcome::Complete) { "complete" } else { "error" });
    if let Some(number) = &answer.authorization {
        w.text("preAuthRef", number);
    }
    if let Some((from, through)) = answer.period {
        w.period("preAuthPeriod", Some(from), Some(through));
    }
    let notes = Noted::of(answer);
    w.array_if_any("item", |w| {
        for line in &answer.lines {
            w.item(|w| item(w, echo.item(line.sequence), answer, line, &notes));
        }
    });
    w.array_if_any("addItem", |w| {
        for line in answer.lines.iter().filter(|line| line.action == Action::Modified) {
            w.item(|w| add_item(w, echo.item(line.sequence), answer, line));
        }
    });
    w.array_if_any("processNote", |w| {
        for (number, text) in notes.texts.iter().enumerate() {
            w.item(|w| {
                w.number("number", number as u64 + 1);
                w.text("type", "display");
                w.text("text", text);
            });
        }
    });
    request_more::references(w, base, echo, answer);
    if let Outcome::Error(errors) = &answer.outcome {
        w.array_if_any("error", |w| {
            errors
                .iter()
                .enumerate()
                .for_each(|(index, error)| aaa(w, base, error, notes.errors.get(index).copied().flatten()))
        });
    }
}

fn reviewer(w: &mut Writer, answer: &Answer) {
    let Some(reviewer) = &answer.reviewer else { return };
    w.item(|w| {
        w.array("extension", |w| {
            w.item(|w| {
                w.text("url", "wasHumanReviewedFlag");
                w.flag("valueBoolean", reviewer.human);
            });
            if let Some(npi) = &reviewer.npi {
                w.item(|w| {
                    w.text("url", "reviewerNPI");
                    w.object("valueIdentifier", |w| {
                        w.text("system", systems::NPI);
                        w.text("value", npi);
                    });
                });
            }
            if let Some(specialty) = &reviewer.specialty {
                w.item(|w| {
                    w.text("url", "reviewerSpecialty");
                    w.concept("valueCodeableConcept", "http://nucc.org/provider-taxonomy", specialty, None);
                });
            }
        });
        w.text("url", &format!("{DEFINITIONS}extension-claimResponseReviewer"));
    });
}

/// The process notes of a response: one for each line's words, what is wanted in words, and each error's message.
struct Noted<'a> {
    texts: Vec<std::borrow::Cow<'a, str>>,
    lines: Vec<(u32, u64)>,
    errors: Vec<Option<u64>>,
}

impl<'a> Noted<'a> {
    fn of(answer: &'a Answer) -> Self {
        let mut noted = Self { texts: Vec::new(), lines: Vec::new(), errors: Vec::new() };
        for line in &answer.lines {
            for text in line.reason.iter().map(|reason| reason.text.as_str()).chain(line.note.as_deref()) {
                if !text.is_empty() {
                    noted.texts.push(text.into());
                    noted.lines.push((line.sequence, noted.texts.len() as u64));
                }
            }
        }
        for request in &answer.requests {
            for wanted in request.wanted.iter().filter(|wanted| !wanted.text.is_empty()) {
                noted.texts.push(format!("Information needed: {}", wanted.text).into());
                noted.lines.push((request.line, noted.texts.len() as u64));
            }
        }
        if let Outcome::Error(errors) = &answer.outcome {
            for error in errors {
                let number = error.message.as_deref().map(|message| {
                    noted.texts.push(message.into());
                    noted.texts.len() as u64
                });
                noted.errors.push(number);
            }
        }
        noted
    }
}

fn item(w: &mut Writer, echoed: Option<&EchoedItem>, answer: &Answer, line: &LineAnswer, notes: &Noted<'_>) {
    w.array_if_any("extension", |w| {
        numbers(w, echoed, answer, line);
        if let Some((from, through)) = echoed.map(|item| item.serviced)
            && from.or(through).is_some()
        {
            extension(w, "extension-itemRequestedServiceDate", |w| match (from, through) {
                (Some(day), None) => w.day("valueDate", day),
                (from, through) => w.period("valuePeriod", from, through),
            });
        }
        if line.action.certifies() && line.action != Action::Modified {
            granted_detail(w, echoed, line);
        }
    });
    w.number("itemSequence", line.sequence.into());
    w.array_if_any("noteNumber", |w| {
        notes
            .lines
            .iter()
            .filter(|(sequence, _)| *sequence == line.sequence)
            .for_each(|(_, number)| w.number_element(*number));
    });
    adjudication(w, answer, line, &line.action);
}

/// Trace numbers, dates of the decision, and the numbers that were referred to.
fn numbers(w: &mut Writer, echoed: Option<&EchoedItem>, answer: &Answer, line: &LineAnswer) {
    for trace in echoed.iter().flat_map(|item| &item.traces) {
        extension(w, "extension-itemTraceNumber", |w| w.raw("valueIdentifier", trace));
    }
    if let Some(day) = line.issued_on {
        extension(w, "extension-itemPreAuthIssueDate", |w| w.day("valueDate", day));
    }
    if let Some((from, through)) = line.period {
        extension(w, "extension-itemPreAuthPeriod", |w| w.period("valuePeriod", Some(from), Some(through)));
    }
    if let Some(number) = echoed.and_then(|item| item.earlier_authorization.as_deref()) {
        extension(w, "extension-authorizationNumber", |w| w.text("valueString", number));
    }
    let reference = answer.administrative_reference.as_deref().or_else(|| echoed?.reference_number.as_deref());
    if let Some(number) = reference {
        extension(w, "extension-administrationReferenceNumber", |w| w.text("valueString", number));
    }
}

/// What was authorized, on the item itself.
fn granted_detail(w: &mut Writer, echoed: Option<&EchoedItem>, line: &LineAnswer) {
    let Some(granted) = &line.granted else { return };
    w.item(|w| {
        w.array("extension", |w| {
            w.item(|w| {
                w.text("url", "productOrServiceCode");
                service(w, "valueCodeableConcept", granted.service.as_ref(), echoed);
            });
            if let Some(quantity) = &granted.quantity {
                w.item(|w| {
                    w.text("url", "quantity");
                    self::quantity(w, "valueQuantity", quantity);
                });
            }
        });
        w.text("url", &format!("{DEFINITIONS}extension-itemAuthorizedDetail"));
    });
}

fn service(w: &mut Writer, name: &str, granted: Option<&vigil_domain::code::Code>, echoed: Option<&EchoedItem>) {
    match (granted, echoed) {
        (Some(code), _) => w.concept(name, systems::url(code), &code.value, code.label.as_deref()),
        (None, Some(item)) if !item.service.is_empty() => w.raw(name, &item.service),
        _ => w.concept(name, "http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable", None),
    }
}

/// Value and unit; a unit that is UCUM as it stands gets no system, because senders state units in words.
pub(super) fn quantity(w: &mut Writer, name: &str, quantity: &vigil_domain::request::Quantity) {
    w.object(name, |w| {
        w.decimal("value", quantity.amount);
        w.text("unit", &quantity.unit);
    });
}

/// What was granted in place of a modified line: the same sequence, certified.
fn add_item(w: &mut Writer, echoed: Option<&EchoedItem>, answer: &Answer, line: &LineAnswer) {
    w.array_if_any("extension", |w| numbers(w, echoed, answer, line));
    w.array("itemSequence", |w| w.number_element(line.sequence.into()));
    let granted = line.granted.as_ref();
    service(w, "productOrService", granted.and_then(|granted| granted.service.as_ref()), echoed);
    match granted.map(|granted| (granted.from, granted.through)) {
        Some((Some(from), through)) => w.period("servicedPeriod", Some(from), through),
        _ => {
            if let Some((from, through)) = line.period {
                w.period("servicedPeriod", Some(from), Some(through));
            }
        }
    }
    if let Some(amount) = granted.and_then(|granted| granted.quantity.as_ref()) {
        quantity(w, "quantity", amount);
    }
    adjudication(w, answer, line, &Action::CertifiedTotal);
}

fn adjudication(w: &mut Writer, answer: &Answer, line: &LineAnswer, action: &Action) {
    w.array("adjudication", |w| {
        w.item(|w| {
            w.array("extension", |w| {
                w.item(|w| {
                    w.array("extension", |w| review_action(w, answer, line, action));
                    w.text("url", &format!("{DEFINITIONS}extension-reviewAction"));
                });
            });
            w.concept("category", "http://terminology.hl7.org/CodeSystem/adjudication", "submitted", None);
        });
    });
}

fn review_action(w: &mut Writer, answer: &Answer, line: &LineAnswer, action: &Action) {
    let number = line.number.as_ref().or(answer.authorization.as_ref()).filter(|_| action.certifies());
    if let Some(number) = number {
        w.item(|w| {
            w.text("url", "number");
            w.text("valueString", number);
        });
    }
    extension(w, "extension-reviewActionCode", |w| {
        w.concept("valueCodeableConcept", REVIEW_ACTION, action.word(), action.label());
    });
    // The reason binds to a licensed list: without a code its words stand in the process note only.
    let reason = line.reason.as_ref().filter(|_| line.action == *action);
    if let Some((reason, code)) = reason.and_then(|reason| Some((reason, reason.code.as_deref()?))) {
        w.item(|w| {
            w.text("url", "reasonCode");
            w.object("valueCodeableConcept", |w| {
                w.array("coding", |w| {
                    w.item(|w| {
                        w.text("system", DECISION_REASON);
                        w.text("code", code);
                    });
                });
                w.text("text", &reason.text);
            });
        });
    }
}

/// The X12 element: a string in 2.0.1; in 2.2.1 a string and the process note that explains it.
fn error_element(w: &mut Writer, base: Base, error: &super::AaaError, note: Option<u64>) {
    match (base, &error.element) {
        (Base::V20, Some(element)) => extension(w, "extension-errorElement", |w| w.text("valueString", element)),
        (Base::V20, None) => {}
        (Base::V22, None) if note.is_none() => {}
        (Base::V22, element) => w.item(|w| {
            w.array("extension", |w| {
                if let Some(element) = element {
                    w.item(|w| {
                        w.text("url", "error");
                        w.text("valueString", element);
                    });
                }
                if let Some(note) = note {
                    w.item(|w| {
                        w.text("url", "processNote");
                        w.number("valuePositiveInt", note);
                    });
                }
            });
            w.text("url", &format!("{DEFINITIONS}extension-errorElement"));
        }),
    }
}

fn aaa(w: &mut Writer, base: Base, error: &super::AaaError, note: Option<u64>) {
    w.item(|w| {
        w.array_if_any("extension", |w| {
            error_element(w, base, error, note);
            if let Some(path) = &error.path {
                extension(w, "extension-errorPath", |w| w.text("valueString", path));
            }
            if let Some(follow_up) = &error.follow_up {
                extension(w, "extension-errorFollowupAction", |w| {
                    w.concept("valueCodeableConcept", FOLLOW_UP, follow_up, None)
                });
            }
        });
        w.object("code", |w| {
            w.array("coding", |w| {
                w.item(|w| {
                    w.text("system", REJECT_REASON);
                    w.text("code", &error.code);
                });
            });
            if let Some(message) = &error.message {
                w.text("text", message);
            }
        });
    });
}
