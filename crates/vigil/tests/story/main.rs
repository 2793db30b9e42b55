//! Stories: from the outside, as a sender, a nurse or an operator meets Vigil.

#![allow(clippy::unwrap_used, reason = "a test that cannot get what it needs fails")]
#![allow(clippy::type_complexity, reason = "rows of a table in a test")]

mod carry;
mod client;
mod commands;
mod finding;
mod house;
mod interface;
mod limits;
mod load;
mod operate;
mod pages;
mod people;
mod settings;
mod sign;
mod traces;
