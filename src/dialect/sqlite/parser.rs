//! SQLite's own parser, in a database without tables.

use crate::dialect::SqlRefusal;
use rusqlite::{Connection, Error};

/// Beginnings or ends of SQLite's messages that do not depend on tables; all others may be about a name that only the
/// source knows.
const OF_THE_TEXT: [&str; 8] = [
    "syntax error",
    "unrecognized token",
    "incomplete input",
    "no such function",
    "wrong number of arguments to function",
    "too many arguments on function",
    "Expression tree is too large",
    "parser stack overflow",
];

/// SQLite's refusal of the text itself of `statement`, in which the spec's SQL begins at byte `from` and has `length`.
pub(super) fn refusal(statement: &str, from: usize, length: usize) -> Option<SqlRefusal> {
    let connection = connection()?;
    let error = connection.prepare(statement).err()?;
    let (message, offset) = match error {
        Error::SqlInputError { msg, offset, .. } => (msg, usize::try_from(offset).ok()),
        Error::SqliteFailure(_, Some(message)) => (message, None),
        Error::MultipleStatement => ("more than one statement".to_owned(), None),
        _ => return None,
    };
    if !OF_THE_TEXT.iter().any(|words| message.contains(words)) && message != "more than one statement" {
        return None;
    }
    let place = match offset.and_then(|offset| offset.checked_sub(from)) {
        Some(start) if start < length => {
            let sql = statement.get(from..from + length).unwrap_or_default();
            let token = super::token::tokens(sql).into_iter().find(|token| token.place.end > start);
            token.map_or(start..length, |token| token.place)
        }
        _ => 0..length,
    };
    Some(SqlRefusal::new(
        place,
        format!("is no SQL of SQLite: {message}"),
        "correct the SQL; `sqlite3 FILE` tries it out",
    ))
}

/// A database in memory; `None` if memory is exhausted, which other code will report.
pub(super) fn connection() -> Option<Connection> {
    let connection = Connection::open_in_memory().ok()?;
    connection.collation_needed(|connection, name| connection.create_collation(name, str::cmp)).ok()?;
    Some(connection)
}
