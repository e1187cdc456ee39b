//! What is written for people and programs: help, README, reports, pages, the shape of the code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

#[path = "../support/mod.rs"]
mod support;

mod architecture;
mod command_line;
mod continuous_integration;
mod evidence;
mod evidence_rows;
mod pages;
mod plan_formats;
mod readme;
mod schema;
mod status;
