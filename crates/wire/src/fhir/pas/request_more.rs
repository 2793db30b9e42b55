//! Asking for more: CommunicationRequests that the ClaimResponse points at, and a Task where the payer says where to answer.

use super::{
    Answer, Base, DEFINITIONS, Echo, InformationRequest, TEMP,
    response::{CASE_SYSTEM, full_url, profile, reference_to},
};
use crate::fhir::write::Writer;

const LOINC: &str = "http://loinc.org";

/// What one CommunicationRequest asks for: in 2.2.1 one attachment code each, in 2.0.1 all words of a request.
struct Message<'a> {
    id: String,
    request: &'a InformationRequest,
    payloads: Vec<&'a str>,
}

fn messages<'a>(base: Base, answer: &'a Answer) -> Vec<Message<'a>> {
    let mut messages = Vec::new();
    for request in &answer.requests {
        let mut add = |payloads: Vec<&'a str>| {
            if !payloads.is_empty() {
                let id = format!("{}-communication-{}", answer.response_id, messages.len() + 1);
                messages.push(Message { id, request, payloads });
            }
        };
        if base.payload_is_code() {
            request.wanted.iter().filter_map(|wanted| wanted.loinc.as_deref()).for_each(|code| add(vec![code]));
        } else {
            add(request.wanted.iter().map(|wanted| wanted.text.as_str()).collect());
        }
    }
    messages
}

/// `ClaimResponse.communicationRequest`.
pub(super) fn references(w: &mut Writer, base: Base, echo: &Echo, answer: &Answer) {
    w.array_if_any("communicationRequest", |w| {
        for message in messages(base, answer) {
            w.item(|w| w.text("reference", &reference_to(echo, "CommunicationRequest", &message.id)));
        }
    });
}

/// The entries of the Bundle that ask for more.
pub(super) fn entries(w: &mut Writer, base: Base, echo: &Echo, answer: &Answer, at: &jiff::Zoned) {
    for message in messages(base, answer) {
        w.item(|w| {
            w.text("fullUrl", &full_url(echo, "CommunicationRequest", &message.id));
            w.object("resource", |w| communication(w, base, echo, &message, at));
        });
    }
    let mut count = 0;
    for request in &answer.requests {
        let Some(url) = &request.payer_url else { continue };
        let coded: Vec<&str> = request.wanted.iter().filter_map(|wanted| wanted.loinc.as_deref()).collect();
        let mut task = |inputs: Inputs<'_>| {
            count += 1;
            let id = format!("{}-task-{count}", answer.response_id);
            w.item(|w| {
                w.text("fullUrl", &full_url(echo, "Task", &id));
                w.object("resource", |w| self::task(w, base, echo, answer, request, &id, url, &inputs, at));
            });
        };
        if !coded.is_empty() {
            task(Inputs::Attachments(coded));
        }
        if let Some(questionnaire) = &request.questionnaire_url {
            task(Inputs::Questionnaire(questionnaire));
        }
    }
}

enum Inputs<'a> {
    Attachments(Vec<&'a str>),
    Questionnaire(&'a str),
}

fn line_number(w: &mut Writer, base: Base, line: u32) {
    let (tail, value) = base.line_number();
    w.item(|w| {
        w.text("url", &format!("{DEFINITIONS}{tail}"));
        w.number(value, line.into());
    });
}

fn communication(w: &mut Writer, base: Base, echo: &Echo, message: &Message<'_>, at: &jiff::Zoned) {
    w.text("resourceType", "CommunicationRequest");
    w.text("id", &message.id);
    profile(w, "profile-communicationrequest");
    // 2.0.1 has the line number of a payload under the later name already; only its Task uses the older one.
    let line = |w: &mut Writer| {
        w.item(|w| {
            w.text("url", &format!("{DEFINITIONS}extension-serviceLineNumber"));
            w.number("valuePositiveInt", message.request.line.into());
        });
    };
    if base.line_number_on_request() {
        w.array("extension", line);
    }
    w.array("identifier", |w| {
        w.item(|w| {
            w.text("system", CASE_SYSTEM);
            w.text("value", &message.id);
        });
    });
    w.text("status", "active");
    w.raw("subject", &echo.patient);
    w.array("payload", |w| {
        for payload in &message.payloads {
            w.item(|w| {
                if !base.line_number_on_request() {
                    w.array("extension", line);
                }
                w.text("contentString", payload);
            });
        }
    });
    if let Some(due) = message.request.due {
        w.object("occurrencePeriod", |w| {
            w.instant("start", at);
            w.instant("end", &due.to_zoned(at.time_zone().clone()));
        });
    }
    w.instant("authoredOn", at);
    w.raw("requester", &echo.insurer);
}

#[allow(clippy::too_many_arguments)] // one place, and each argument is a different thing
fn task(
    w: &mut Writer,
    base: Base,
    echo: &Echo,
    answer: &Answer,
    request: &InformationRequest,
    id: &str,
    url: &str,
    inputs: &Inputs<'_>,
    at: &jiff::Zoned,
) {
    w.text("resourceType", "Task");
    w.text("id", id);
    profile(w, "profile-task");
    w.array("identifier", |w| {
        w.item(|w| {
            w.text("system", CASE_SYSTEM);
            w.text("value", id);
        });
    });
    w.text("status", "requested");
    w.text("intent", "order");
    let code = match inputs {
        Inputs::Attachments(_) => "attachment-request-code",
        Inputs::Questionnaire(_) => "attachment-request-questionnaire",
    };
    w.concept("code", TEMP, code, None);
    w.raw("for", &echo.patient);
    w.instant("authoredOn", at);
    for (name, identifier) in [("requester", &echo.insurer_identifier), ("owner", &echo.requestor_identifier)] {
        if let Some(identifier) = identifier {
            w.object(name, |w| w.raw("identifier", identifier));
        }
    }
    w.concept("reasonCode", TEMP, "priorAuthorization", None);
    w.raw("reasonReference", &echo.claim);
    if let Some(due) = request.due {
        w.object("restriction", |w| {
            w.object("period", |w| w.instant("end", &due.to_zoned(at.time_zone().clone())));
        });
    }
    w.array("input", |w| {
        w.item(|w| {
            w.concept("type", TEMP, "payer-url", None);
            w.text("valueUrl", url);
        });
        match inputs {
            Inputs::Attachments(codes) => {
                for code in codes {
                    w.item(|w| {
                        w.array("extension", |w| line_number(w, base, request.line));
                        w.concept("type", TEMP, "attachments-needed", None);
                        w.concept("valueCodeableConcept", LOINC, code, None);
                    });
                }
            }
            Inputs::Questionnaire(questionnaire) => w.item(|w| {
                w.array("extension", |w| line_number(w, base, request.line));
                match base {
                    // 2.0.1 names the questionnaire; 2.2.1 gives the context under which DTR asks for it.
                    Base::V20 => {
                        w.concept("type", TEMP, "questionnaires-needed", None);
                        w.object("valueIdentifier", |w| {
                            w.text("system", "urn:ietf:rfc:3986");
                            w.text("value", questionnaire);
                        });
                    }
                    Base::V22 => {
                        w.concept("type", TEMP, "questionnaire-context", None);
                        w.text("valueString", answer.administrative_reference.as_deref().unwrap_or(&answer.case_id));
                    }
                }
            }),
        }
    });
}
