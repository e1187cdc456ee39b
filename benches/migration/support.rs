//! The private servers of the tests.

#![allow(dead_code, reason = "the tests use more of it")]

#[path = "../../tests/support/mariadb.rs"]
pub(crate) mod mariadb;
#[path = "../../tests/support/mysql_server.rs"]
pub(crate) mod mysql_server;
#[path = "../../tests/support/port.rs"]
pub(crate) mod port;
#[path = "../../tests/support/server.rs"]
pub(crate) mod server;
