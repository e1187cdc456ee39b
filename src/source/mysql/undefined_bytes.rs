//! Bytes that the character set of their column does not define. The server stores them and gives `?` in their place, or
//! U+FFFD: the rows that have such bytes are given as they are stored, as a blob, which no type of text takes by default.

use super::client::{Client, ClientError};
use super::columns::text;
use super::database::Database;
use crate::connection::MysqlSource;
use crate::dialect::mysql::quote;
use std::collections::BTreeMap;

/// The columns whose character set does not define every byte, by table: names and character sets.
#[derive(Debug, Default)]
pub(super) struct PartialCharacterSets(BTreeMap<String, BTreeMap<String, String>>);

impl PartialCharacterSets {
    /// Reads the columns of the databases.
    ///
    /// # Errors
    /// The server refuses the question.
    pub(super) fn read(client: &mut Client, server: &MysqlSource) -> Result<Self, ClientError> {
        let mut tables = BTreeMap::<String, BTreeMap<String, String>>::new();
        for database in Database::all_of(server) {
            database.enter(client)?;
            for row in client.query(include_str!("queries/partial_character_sets.sql"))? {
                if let (Some(table), Some(column), Some(set)) = (text(&row, 0), text(&row, 1), text(&row, 2)) {
                    tables.entry(database.known(&table)).or_default().insert(column, set);
                }
            }
        }
        Database::leave(client, server)?;
        Ok(Self(tables))
    }

    /// The stored bytes of a column where its character set does not define them, else NULL; `None` if it defines all.
    pub(super) fn stored_bytes(&self, table: &str, column: &str) -> Option<String> {
        self.0.get(table)?.get(column).map(|set| stored_bytes(&quote(column), set))
    }
}

/// The bytes as stored where the conversion to text has lost some, else NULL. Other bytes after converting back are a loss only
/// with a `?` in the converted text, for some character sets have two codes for one character.
fn stored_bytes(column: &str, set: &str) -> String {
    let converted = format!("convert({column} USING utf8mb4)");
    let bytes = format!("cast({column} AS BINARY)");
    let has = |letter: &str| format!("instr({converted} COLLATE utf8mb4_bin, {letter}) > 0");
    format!(
        "IF({} OR ({} AND cast(convert({converted} USING {set}) AS BINARY) <> {bytes}), {bytes}, NULL)",
        has("_utf8mb4 x'EFBFBD'"),
        has("'?'")
    )
}
