//! Settings with which every session of the server's begins, also that of a program that writes a dump, which knows no way to
//! change them.

use super::tool::Tool;
use crate::connection::MysqlSource;
use crate::source::SourceError;
use crate::source::mysql::client::{Client, ClientError};
use crate::source::mysql::columns::text;
use crate::source::mysql::snapshot::failure;

/// Settings by which rows would be missing from a dump, and the value with which none is. Sources: MySQL manual and MariaDB
/// documentation, "Server System Variables".
const WHOLE: [(&str, &str); 2] = [
    // The number of rows after which every answer ends.
    ("sql_select_limit", "18446744073709551615"),
    // MariaDB's moment whose rows a table with a history gives.
    ("system_versioning_asof", "DEFAULT"),
];

/// Error of a variable that the server does not have.
const UNKNOWN_VARIABLE: u16 = 1193;

/// Makes sure that a session that sets nothing sees all rows.
///
/// # Errors
/// It does not, or cannot be asked.
pub(super) fn must_see_all_rows(server: &MysqlSource, tool: &Tool) -> Result<(), SourceError> {
    let limits = limits(server).map_err(|error| failure(server, "asking for the settings of a session", &error))?;
    if limits.is_empty() {
        return Ok(());
    }
    Err(SourceError::Tool {
        program: tool.name().to_owned(),
        message: format!("would leave rows out: the server begins sessions with {}", limits.join(" and ")),
        hint: "set it back (SET GLOBAL … = DEFAULT, and out of init_connect and the server's configuration), then run the same command \
               again",
    })
}

/// The settings by which rows would be missing, in words.
fn limits(server: &MysqlSource) -> Result<Vec<String>, ClientError> {
    let mut client = Client::connect(server)?;
    let mut limits = Vec::new();
    for (variable, whole) in WHOLE {
        let rows = match client.query(&format!("SELECT CAST(@@SESSION.{variable} AS CHAR)")) {
            Err(ClientError::Server { code: UNKNOWN_VARIABLE, .. }) => continue,
            answer => answer?,
        };
        let value = rows.first().and_then(|row| text(row, 0)).unwrap_or_else(|| "NULL".to_owned());
        if value != whole {
            limits.push(format!("{variable} = {value}"));
        }
    }
    Ok(limits)
}
