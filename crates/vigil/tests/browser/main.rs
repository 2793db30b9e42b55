//! Walks through the pages with a real browser: keyboard, work, refusals, notices, accessibility. Without Chromium and its
//! driver they are skipped with a message; `VIGIL_BROWSER=required` makes that a failure.
#![allow(clippy::unwrap_used, reason = "tests")]

mod access;
mod driver;
mod hospital;
mod house;
mod notices;
mod parked;
mod pictures;
mod rebill;
mod walks;
