//! Stories: from the outside, as a sender, a nurse or an operator meets Vigil.

mod client;
mod commands;
mod house;
mod interface;
mod pages;
mod settings;
