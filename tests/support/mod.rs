//! What the integration tests share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]
#![allow(dead_code, reason = "each file of tests is a crate of its own, and none uses all of this")]

pub(crate) mod application;
pub(crate) mod browser;
pub(crate) mod certificates;
pub(crate) mod database;
pub(crate) mod mariadb;
pub(crate) mod migration;
pub(crate) mod mysql;
pub(crate) mod mysql_server;
pub(crate) mod oracle;
pub(crate) mod pooler;
pub(crate) mod port;
pub(crate) mod proxy;
pub(crate) mod server;
pub(crate) mod sqlite_file;
pub(crate) mod suggestions;
pub(crate) mod terminal;
pub(crate) mod waiting;
