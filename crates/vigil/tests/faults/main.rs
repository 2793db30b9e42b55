//! Faults: what is left, and what people see, when the process is killed, the disk fills, the sync fails, a page rots.
//!
//! `VIGIL_KILLS` says how many kills (6 without it; the gate takes 100, the soak 1,000), `VIGIL_BINARY` which binary is killed
//! (the one beside the tests without it), `VIGIL_SEED` which dice.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]

mod disk;
mod kill;
mod rot;
mod server;
