//! The front: the door to everything else. Transport, pages, sign-in and commands; no judgement.

pub mod access;
pub mod app;
pub mod http;
pub mod observe;
pub mod settings;
pub mod web;
