//! What a plan says and writes, and the sources it reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

#[path = "../support/mod.rs"]
mod support;

mod bound_plan;
mod column_words;
mod conditions;
mod drift;
mod expansion;
mod init;
mod init_target;
mod inspect;
mod judgement;
mod left_behind;
mod migration_tools;
mod never_greener;
mod profile;
mod questions;
mod sample;
mod secrets;
mod size;
mod step_templates;
mod suggestions;
mod unedited;
