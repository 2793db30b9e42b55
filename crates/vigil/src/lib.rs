//! The front: the door to everything else. Transport, pages, sign-in and commands; no judgement.

pub mod access;
pub mod app;
pub mod background;
pub mod cli;
pub mod control;
pub mod exit;
pub mod export;
pub mod feed;
pub mod http;
pub mod load;
pub mod observe;
pub mod open;
pub mod perform;
pub mod settings;
pub mod tls;
pub mod web;

/// Requests are read on one thread, judged on another and let go by the writer: the system's allocator spends a fifth of a
/// submission, and two fifths of an ADT message, on memory that changes hands (docs/decisions/0019-an-allocator.md).
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
