//! Settings of a session, by which nothing is reinterpreted and nothing ends while PostgreSQL is slow.

use crate::connection::MysqlSource;
use crate::source::mysql::client::{Client, ClientError};

/// Settings without which values would be read as others: they must be taken.
///
/// Without NO_BACKSLASH_ESCAPES a literal of a condition could mean another text; ANSI_QUOTES and PAD_CHAR_TO_FULL_LENGTH
/// are off because they are not named. The character set is one that holds every other.
/// MariaDB keeps answers of subqueries by the collation of what they were asked about, so that a condition on bytes would get
/// the answer for another spelling; the comment is MariaDB's alone.
const MEANING: [&str; 4] = [
    "SET NAMES utf8mb4",
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
    "SET SESSION time_zone = '+00:00' /*M!, SESSION optimizer_switch = 'subquery_cache=off' */",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
];

/// Settings that let a reader wait for PostgreSQL, in seconds where not said otherwise. A server that has no such variable, or
/// does not let this user set it, goes on with its own.
const PATIENCE: [&str; 10] = [
    "net_write_timeout = 86400",
    "net_read_timeout = 86400",
    "wait_timeout = 86400",
    // MySQL's, in milliseconds, and MariaDB's.
    "max_execution_time = 0",
    "max_statement_time = 0",
    // MariaDB's limits of a transaction that waits for its next statement.
    "idle_transaction_timeout = 0",
    "idle_readonly_transaction_timeout = 0",
    // Statements that alter a table may keep a reader waiting, not for ever.
    "lock_wait_timeout = 60",
    // MySQL keeps what it says of a table's size and next key for a day.
    "information_schema_stats_expiry = 0",
    // GROUP_CONCAT cuts what is longer, where a view's answer is compared with one that is whole.
    "group_concat_max_len = 4294967295",
];

/// Opens a session with its settings.
///
/// # Errors
/// The server cannot be reached, or refuses a setting that decides what a value is.
pub(super) fn open(server: &MysqlSource) -> Result<Client, ClientError> {
    let mut client = Client::connect(server)?;
    for setting in MEANING {
        client.query(setting)?;
    }
    for setting in PATIENCE {
        match client.query(&format!("SET SESSION {setting}")) {
            Err(error) if error.code().is_some() && !error.is_lost() => {
                tracing::debug!(setting, %error, "a setting of the source's session");
            }
            answer => drop(answer?),
        }
    }
    Ok(client)
}
