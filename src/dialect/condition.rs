//! Conditions on rows in the source's own SQL: for a reader's queries, and for the `where` of suggestions.

use crate::catalog::{ColumnType, RowIdentity, SelectedColumn};
use crate::value::Cell;

/// Conditions in an engine's SQL. Values given as text are expressions in the same SQL.
pub(crate) trait ConditionSql: Sync {
    /// The literal of a stored value.
    fn literal(&self, cell: Cell<'_>) -> String;

    /// The value that a selection reads for a column, as an operand.
    fn value(&self, column: &SelectedColumn) -> String;

    /// Holds for the rows of these keys and no others. Each key is its values' [`Self::literal`]s. `None` if rows have no key.
    fn has_key_among(&self, identity: &RowIdentity, keys: &[Vec<String>]) -> Option<String>;

    /// Holds for the rows that none of these integers names; `None` if no integer names a row.
    fn has_no_key_among(&self, identity: &RowIdentity, keys: &[i64]) -> Option<String>;

    /// The total number of bytes of some values; zero for NULL.
    fn byte_length(&self, values: &[String]) -> String;

    /// Holds for text with a character beyond `largest`, a code point.
    fn is_beyond(&self, value: &str, largest: u32, text: StoredText) -> String;

    /// Holds for rows whose value in a generated column is not what PostgreSQL makes of its expression in a column of this
    /// type; `None` where the engine computes as PostgreSQL does, whenever it is asked.
    fn differs_from_expression(&self, column: &str, expression: &str, column_type: &ColumnType) -> Option<String>;

    /// Holds for the rows that reference a row of the parent. Keys are compared as PostgreSQL will, byte by byte.
    fn exists_parent(&self, reference: &Reference<'_>) -> String;
}

/// The values that are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredText {
    /// Whether bytes are read as text.
    pub(crate) in_bytes: bool,
    /// Whether the text is a JSON document, in which an escape stands for a character.
    pub(crate) in_json: bool,
}

/// A foreign key, to find the referenced rows.
#[derive(Debug, Clone)]
pub(crate) struct Reference<'a> {
    /// The table that references.
    pub(crate) child: &'a str,
    /// The table that is referenced.
    pub(crate) parent: &'a str,
    /// Whether the names of both begin with their databases.
    pub(crate) in_databases: bool,
    /// The pairs of columns.
    pub(crate) columns: Vec<ReferenceColumn<'a>>,
    /// The parent's rows to reference.
    pub(crate) rows: ParentRows<'a>,
}

/// A column of a foreign key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReferenceColumn<'a> {
    /// The column that references.
    pub(crate) child: &'a str,
    /// The column that is referenced.
    pub(crate) parent: &'a str,
    /// Whether the engine itself compares both byte by byte.
    pub(crate) is_compared_by_bytes: bool,
    /// Whether the engine may find values equal that are different texts in the target.
    pub(crate) has_other_texts: bool,
}

/// Rows of a referenced table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ParentRows<'a> {
    /// All of them.
    All,
    /// The rows that pass a condition of the spec, which may name no more than the table's columns.
    Passing(&'a str),
    /// The rows of some keys, by [`ConditionSql::has_key_among`].
    Among(&'a str),
}
