//! A translated query.

use crate::dialect::expression::scope::Visible;
use crate::name::quote_identifier;

/// A query in PostgreSQL's SQL.
#[derive(Debug)]
pub(super) struct Queried {
    pub(super) sql: String,
    pub(super) columns: Vec<Visible>,
    /// It gives one row for any content of the tables.
    pub(super) is_single: bool,
}

/// Names of columns in a list, quoted.
pub(super) fn column_list(columns: &[Visible]) -> String {
    columns.iter().map(|column| quote_identifier(&column.name).into_owned()).collect::<Vec<_>>().join(", ")
}
