//! The plan's letterhead: who writes, from where, on which day, in which size of type.

use serde::{Deserialize, Serialize};

/// What stands at the top and the foot of every page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Letterhead {
    /// The plan's name, as members know it.
    pub plan_name: String,
    /// The plan's address for the reader, one line each.
    #[serde(default)]
    pub address_lines: Vec<String>,
    /// Where undelivered mail goes back to, when it is another address (without the plan's name).
    #[serde(default)]
    pub return_address_lines: Vec<String>,
    /// Telephone.
    #[serde(default)]
    pub phone: String,
    /// TTY number.
    #[serde(default)]
    pub tty: String,
    /// The day of the letter in words of its language; the press knows no clock.
    #[serde(default)]
    pub printed_on: String,
    /// 18-point type for readers who asked for large print; else 12-point.
    #[serde(default)]
    pub large_print: bool,
    /// A note at the foot of every page: a form number, or that the letter is a demonstration.
    #[serde(default)]
    pub foot_note: String,
}
