//! The way to a MySQL or MariaDB server: sockets, TLS, ways of authentication, option files, and refusals.

use crate::support::mariadb::mariadb;
use crate::support::mysql::mysql;

#[test]
fn servers_are_there() {
    assert!(mariadb().ask("", "SELECT version()").contains("MariaDB"));
    if let Some(mysql) = mysql() {
        assert!(!mysql.ask("", "SELECT version()").contains("MariaDB"));
    }
}
