//! One end of a foreign key, as a reader follows it.

use crate::catalog::Table;

/// One end of a foreign key: a table, its columns, and the condition on its migrated rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyEnd<'a> {
    /// The table.
    pub table: &'a Table,
    /// The columns of the key.
    pub columns: Vec<String>,
    /// The spec's condition on the rows.
    pub filter: Option<&'a str>,
}
