//! Whole runs on real servers: apply, resume, refresh, rollback, other ways in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod detached;
mod dryad;
mod embedded;
mod existing;
mod existing_rollback;
mod interruption;
mod kit;
mod migrate;
mod mysql_connection;
mod mysql_odd_keys;
mod mysql_spatial;
mod mysql_surroundings;
mod refresh;
mod rejected;
mod rights;
mod rollback;
mod rollback_of_changes;
mod spec_sql;
mod taskflow;
mod transaction;
mod unfinished;
