//! `GET metadata`: what a base speaks, as a CapabilityStatement.

use super::{
    hospital::READ,
    pas::{Base, DEFINITIONS},
    write::Writer,
};

/// The day from which this statement holds as written; changes with what the statement says, not with the clock.
const STATED_ON: &str = "2026-11-22";
const HOSPITAL_STATED_ON: &str = "2026-11-26";

/// The CapabilityStatement of one base. `url` is the address of the base, `version` the version of the server.
pub fn metadata(base: Base, url: &str, version: &str) -> Vec<u8> {
    let guide =
        format!("http://hl7.org/fhir/us/davinci-pas/ImplementationGuide/hl7.fhir.us.davinci-pas|{}", base.version());
    let mut w = Writer::with_capacity(2048);
    w.item(|w| {
        head(w, STATED_ON);
        // No `instantiates`: the guide's IntermediaryCapabilities ask for Subscription, which this server has not.
        server(w, "Vigil prior authorization", url, version);
        w.array("implementationGuide", |w| w.element(&guide));
        w.array("rest", |w| w.item(rest));
    });
    w.finish()
}

/// The CapabilityStatement of a hospital's door: one interaction, a transaction, and the types of which it reads something.
pub fn hospital(url: &str, version: &str) -> Vec<u8> {
    let mut w = Writer::with_capacity(2048);
    w.item(|w| {
        head(w, HOSPITAL_STATED_ON);
        server(w, "Vigil, stays of a hospital", url, version);
        w.array("rest", |w| {
            w.item(|w| {
                w.text("mode", "server");
                w.text("documentation", "Entries of a transaction ask for POST or PUT; all of them are taken or none.");
                w.object("security", |w| {
                    w.text("description", "Every call but this one needs a bearer token with the scope hospital.");
                });
                w.array("resource", |w| {
                    for kind in READ.iter().filter(|kind| **kind != "Bundle") {
                        w.item(|w| w.text("type", kind));
                    }
                });
                w.array("interaction", |w| w.item(|w| w.text("code", "transaction")));
            });
        });
    });
    w.finish()
}

fn head(w: &mut Writer, stated_on: &str) {
    w.text("resourceType", "CapabilityStatement");
    w.text("status", "active");
    w.text("date", stated_on);
    w.text("kind", "instance");
}

fn server(w: &mut Writer, description: &str, url: &str, version: &str) {
    w.object("software", |w| {
        w.text("name", "Vigil");
        w.text("version", version);
    });
    w.object("implementation", |w| {
        w.text("description", description);
        w.text("url", url);
    });
    w.text("fhirVersion", "4.0.1");
    w.array("format", |w| {
        w.element("json");
        w.element("application/fhir+json");
    });
}

fn rest(w: &mut Writer) {
    w.text("mode", "server");
    w.object("security", |w| {
        w.text("description", "Every call but this one needs a bearer token (SMART Backend Services).");
    });
    w.array("resource", |w| {
        w.item(|w| {
            w.text("type", "Claim");
            w.array("supportedProfile", |w| {
                for name in ["profile-claim", "profile-claim-update", "profile-claim-inquiry"] {
                    w.element(&format!("{DEFINITIONS}{name}"));
                }
            });
            w.array("operation", |w| {
                for (name, definition) in [("submit", "Claim-submit"), ("inquire", "Claim-inquiry")] {
                    w.item(|w| {
                        w.text("name", name);
                        w.text(
                            "definition",
                            &format!("http://hl7.org/fhir/us/davinci-pas/OperationDefinition/{definition}"),
                        );
                    });
                }
            });
        });
    });
}
