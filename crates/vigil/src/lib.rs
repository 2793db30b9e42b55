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
