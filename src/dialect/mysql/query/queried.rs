//! A translated query.

use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::scope::Visible;
use crate::name::quote_identifier;

/// A query in PostgreSQL's SQL.
#[derive(Debug)]
pub(super) struct Queried {
    pub(super) sql: String,
    pub(super) columns: Vec<Visible>,
}

impl Queried {
    /// The query with other names for its columns; no names leave them as they are.
    pub(super) fn named(mut self, names: &[&str]) -> Result<Self, Untranslatable> {
        if !names.is_empty() && names.len() != self.columns.len() {
            return Err(Untranslatable("a table in it has other columns than its query".to_owned()));
        }
        for (column, name) in self.columns.iter_mut().zip(names) {
            (*name).clone_into(&mut column.name);
        }
        Ok(self)
    }
}

/// Names of columns in a list, quoted.
pub(super) fn column_list(columns: &[Visible]) -> String {
    columns.iter().map(|column| quote_identifier(&column.name).into_owned()).collect::<Vec<_>>().join(", ")
}

/// Names for the columns of a query by their places.
pub(super) fn places(columns: &[Visible]) -> String {
    (1..=columns.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(", ")
}
