//! Runs that die, stop or are overtaken at named places. A program of its own, for it needs the feature.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

#[path = "../support/mod.rs"]
mod support;

mod failures;
mod kill;
mod merge;
mod overtaken;
mod server_state;
mod standstill;
mod still;
