//! The index of a key, by which a range of its rows is read.
//!
//! A server decides by its statistics whether it reads a range by the key's index or walks over the whole table. They may be of a
//! time when the table was small (`STATS_AUTO_RECALC = 0`, a count in the middle of a load): then each chunk would walk over all
//! rows. A hint writes nothing. It keeps the server from the table, but not from the whole of an index that holds all columns
//! asked for; the index's own order does, which costs nothing.

use super::client::ClientError;
use super::columns::text;
use super::selection::key_expressions;
use super::snapshot::Reader;
use crate::catalog::{KeyRange, RowFilter, RowIdentity};
use crate::dialect::mysql::{literal, quote};
use crate::name::split_database;

/// A unique index that the server may use for ranges, and its columns in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyIndex {
    name: String,
    columns: Vec<String>,
}

/// A table of which rows are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RangedTable {
    /// The table in SQL.
    pub(super) sql: String,
    /// The order of the key's index behind the conditions; empty where the server decides how rows are read.
    pub(super) order: String,
}

impl Reader {
    /// The table of which the rows of a range are read, by the index of the key. A range without ends is the whole table. A filter
    /// may have an index of its own, by which far fewer rows are walked over: the server decides.
    ///
    /// # Errors
    /// The server's failure.
    pub(super) fn read_table(
        &self,
        table: &str,
        identity: &RowIdentity,
        range: &KeyRange,
        filter: &RowFilter,
    ) -> Result<RangedTable, ClientError> {
        let (quoted, columns) = (self.quoted(table), identity.columns());
        if columns.is_empty() || *range == KeyRange::ALL || *filter != RowFilter::All {
            return Ok(RangedTable { sql: quoted, order: String::new() });
        }
        let known = self.known_indexes().get(table).cloned();
        let indexes = match known {
            Some(indexes) => indexes,
            None => {
                let indexes = self.unique_indexes(table)?;
                self.known_indexes().insert(table.to_owned(), indexes.clone());
                indexes
            }
        };
        let index = indexes.iter().find(|index| index.columns == columns);
        Ok(match index {
            Some(index) => RangedTable {
                sql: format!("{quoted} FORCE INDEX ({})", quote(&index.name)),
                order: format!(" ORDER BY {}", key_expressions(identity).join(", ")),
            },
            None => RangedTable { sql: quoted, order: String::new() },
        })
    }

    /// The unique indexes of a table that have the order of their columns, the primary key first. A hint that names an invisible one
    /// is refused; one by hashes has no ranges, and one of prefixes or with DESC another order.
    fn unique_indexes(&self, table: &str) -> Result<Vec<KeyIndex>, ClientError> {
        let server = self.server();
        let split = split_database(table).filter(|_| !server.databases.is_empty());
        let (database, own_name) = split.unwrap_or_else(|| (server.database.clone(), table));
        let is_used = if self.client().is_mariadb() { "ignored = 'NO'" } else { "is_visible = 'YES'" };
        let asked = format!(
            "SELECT index_name, column_name, coalesce(sub_part IS NULL AND collation = 'A', FALSE) FROM information_schema.statistics \
             WHERE table_schema = {} AND table_name = {} AND non_unique = 0 AND index_type <> 'HASH' AND {is_used} \
             ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index",
            literal(&database),
            literal(own_name)
        );
        let (mut indexes, mut unordered) = (Vec::<KeyIndex>::new(), Vec::new());
        for row in self.client().query(&asked)? {
            let name = text(&row, 0).unwrap_or_default();
            if indexes.last().is_none_or(|last| last.name != name) {
                indexes.push(KeyIndex { name, columns: Vec::new() });
            }
            if text(&row, 2).as_deref() != Some("1") {
                unordered.extend(indexes.last().map(|last| last.name.clone()));
            }
            if let Some(last) = indexes.last_mut() {
                // An expression has no name, and is no column of a key.
                last.columns.push(text(&row, 1).unwrap_or_default());
            }
        }
        indexes.retain(|index| !unordered.contains(&index.name));
        Ok(indexes)
    }
}
