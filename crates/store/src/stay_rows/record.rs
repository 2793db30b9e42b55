//! Records that a site loads beside the log.

/// A record kept beside the log that a site loads: a facility, a payer's terms, a table of expected stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `facility`, `payer-terms`, `gmlos`, …
    pub kind: String,
    /// Its id inside the kind.
    pub id: String,
    /// Its body in JSON.
    pub body: String,
}
