//! Settings of a session, by which nothing is reinterpreted and nothing ends while PostgreSQL is slow.

use crate::connection::MysqlSource;
use crate::dialect::mysql::quote;
use crate::source::mysql::client::{Client, ClientError};

/// Settings that decide which rows and values a reader sees. A session begins with the server's own, or with those of
/// `init_connect`, so that each is set, whatever it is. Sources: MySQL manual and MariaDB documentation, "Server System
/// Variables".
///
/// Variables that a view computes with (`div_precision_increment`, `default_week_format`, `lc_time_names`) stay as the server has
/// them: the application's sessions see the view so.
const DECISIVE: [(&str, &str); 13] = [
    // Without any mode: ANSI_QUOTES and PAD_CHAR_TO_FULL_LENGTH change values, and under NO_BACKSLASH_ESCAPES MySQL reads the
    // expressions that it has stored otherwise, for the sessions of others too (`with_escapes` in `dialect/mysql/escaped.rs`).
    ("sql_mode", "''"),
    ("time_zone", "'+00:00'"),
    // The number of rows after which every answer ends.
    ("sql_select_limit", "18446744073709551615"),
    // A SELECT of more rows is refused; setting the limit ends the permission, which therefore follows.
    ("max_join_size", "18446744073709551615"),
    ("sql_big_selects", "1"),
    // `IS NULL` would find the row that was inserted last.
    ("sql_auto_is_null", "0"),
    // The bytes at which the list of a GROUP_CONCAT is cut, and those by which texts are sorted.
    ("group_concat_max_len", "1073741824"),
    ("max_sort_length", "1024"),
    // An answer would be whole before its first row comes.
    ("sql_buffer_result", "0"),
    ("sql_safe_updates", "0"),
    ("sql_quote_show_create", "1"),
    // A statement would begin a transaction, or its end another.
    ("completion_type", "0"),
    ("autocommit", "1"),
];

/// Settings of MariaDB alone.
const DECISIVE_MARIADB: [(&str, &str); 5] = [
    // The moment whose rows a table with a history gives; DEFAULT is the present moment, whatever the server is set to.
    ("system_versioning_asof", "DEFAULT"),
    // Answers of subqueries are kept by the collation of what they were asked about, so that a condition on bytes would get
    // the answer for another spelling.
    ("optimizer_switch", "'subquery_cache=off'"),
    // The meaning of every regular expression.
    ("default_regex_flags", "''"),
    ("query_cache_type", "0"),
    // Old rows of a node that has lost its cluster.
    ("wsrep_dirty_reads", "0"),
];

/// Settings of MySQL alone.
const DECISIVE_MYSQL: [(&str, &str); 1] = [
    // Whether the keys that the server has generated are columns.
    ("show_gipk_in_create_table_and_information_schema", "1"),
];

/// Error of a variable that the server does not have.
const UNKNOWN_VARIABLE: u16 = 1193;

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
    // A statement that the server has for new sessions (`init_connect`) may have gone to another database.
    client.query(&format!("USE {}", quote(&server.database)))?;
    // A character set that holds every other.
    client.query("SET NAMES utf8mb4")?;
    decide(&mut client)?;
    client.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
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

/// Sets what decides about rows and values: in one statement, or one by one where a server does not know all of them. A
/// variable that a server does not have decides nothing there.
fn decide(client: &mut Client) -> Result<(), ClientError> {
    let own: &[_] = if client.is_mariadb() { &DECISIVE_MARIADB } else { &DECISIVE_MYSQL };
    let settings = DECISIVE.iter().chain(own);
    let all = settings.clone().map(|(variable, value)| format!("SESSION {variable} = {value}")).collect::<Vec<_>>();
    match client.query(&format!("SET {}", all.join(", "))) {
        Err(error) if error.code().is_some() && !error.is_lost() => {}
        answer => return answer.map(drop),
    }
    for (variable, value) in settings {
        match client.query(&format!("SET SESSION {variable} = {value}")) {
            Err(ClientError::Server { code: UNKNOWN_VARIABLE, .. }) => {
                tracing::debug!(variable, "the source has no such variable");
            }
            Err(ClientError::Server { code, message }) => {
                let message = format!("`{variable}` cannot be set for a session: {message}");
                return Err(ClientError::Server { code, message });
            }
            answer => drop(answer?),
        }
    }
    Ok(())
}
