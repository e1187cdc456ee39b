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
mod already_there;
mod as_made;
mod back;
mod back_databases;
mod back_exact;
mod back_findings;
mod back_mysql;
mod backup;
mod bench;
mod bench_limits;
mod bench_merged;
mod connecting;
mod cutover;
mod cutover_again;
mod detached;
mod dryad;
mod embedded;
mod existing;
mod existing_rollback;
mod interruption;
mod judged_types;
mod kit;
mod locked;
mod mem0;
mod merge;
mod migrate;
mod mindgraph;
mod mysql_connection;
mod mysql_odd_keys;
mod mysql_spatial;
mod mysql_surroundings;
mod orphans;
mod own_rows;
mod refresh;
mod rehearse;
mod rejected;
mod rights;
mod rollback;
mod rollback_of_changes;
mod runbook;
mod sequences;
mod spec_sql;
mod taskflow;
mod terminal;
mod transaction;
mod unfinished;
