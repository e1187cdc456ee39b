//! Values and answers of both sides, compared by transship and by PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod checks;
mod clock;
mod meaning;
mod mysql_clock;
mod mysql_databases;
mod mysql_databases_there;
mod mysql_declarations;
mod mysql_differences;
mod mysql_forms;
mod mysql_keys;
mod mysql_limits;
mod mysql_partitions;
mod mysql_schemas;
mod mysql_sequences;
mod mysql_structure;
mod private;
mod random_mysql;
mod random_mysql_views;
mod random_schemas;
mod random_views;
mod role;
mod spellings;
mod tampering;
mod values;
mod views;
