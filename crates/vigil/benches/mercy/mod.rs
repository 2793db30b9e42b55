//! The hospital whose feed the benches are: its record, and the settings of the Vigil that hears it.

use std::collections::HashMap;

use vigil::settings::{Settings, flags, settings};
use vigil_domain::stay::facility::Facility;

/// A Vigil on a folder, serving pages on any port.
pub fn settings_in(folder: &str) -> Settings {
    let command = clap::Command::new("bench").args(flags());
    let matches = command.try_get_matches_from(["bench", "--data-dir", folder, "--listen", "127.0.0.1:0"]).unwrap();
    let nothing: HashMap<String, String> = HashMap::new();
    settings(&matches, &|name| nothing.get(name).cloned()).unwrap()
}

/// Mercy of New York.
pub fn facility() -> Facility {
    let rules = r#"{"classes": [{"class": "O", "patient_type": "OBS", "status": "observation"}]}"#;
    let text = format!(
        r#"{{"id": "mercy", "name": "Mercy", "zone": "America/New_York", "state": "NY", "senders": ["REG"], "site": {rules}}}"#
    );
    serde_json::from_str(&text).unwrap()
}
