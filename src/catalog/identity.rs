//! Identity of rows in a source, and the columns that generate keys.

use serde::{Deserialize, Serialize};

/// The columns whose values name a single row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RowIdentity {
    /// One 64-bit integer, different in every row and never NULL.
    Integer {
        /// The column's name, or the word that selects a hidden one.
        column: String,
        /// Whether the column is one of the table's own.
        visibility: Visibility,
    },
    /// The columns of the primary key.
    Key {
        /// The columns in the key's order.
        columns: Vec<String>,
    },
    /// No column names a row.
    None,
}

/// Presence of a column in the definition of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The definition names it, so that its values are copied.
    Declared,
    /// The engine keeps it outside of the definition: it can be selected, and is not copied.
    Hidden,
}

impl RowIdentity {
    /// The names of the columns that name a row, in the key's order; empty if none does.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            RowIdentity::Integer { column, .. } => std::slice::from_ref(column),
            RowIdentity::Key { columns } => columns,
            RowIdentity::None => &[],
        }
    }

    /// The columns that name a row; `None` if they are not columns of the table itself.
    #[must_use]
    pub fn declared_columns(&self) -> Option<&[String]> {
        match self {
            RowIdentity::Integer { visibility: Visibility::Hidden, .. } | RowIdentity::None => None,
            RowIdentity::Integer { .. } | RowIdentity::Key { .. } => Some(self.columns()),
        }
    }

    /// The column of the table whose integer names a row.
    #[must_use]
    pub fn declared_integer(&self) -> Option<&str> {
        match self {
            RowIdentity::Integer { column, visibility: Visibility::Declared } => Some(column),
            _ => None,
        }
    }
}

/// The rule by which a column generates the key of a row inserted without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyGeneration {
    /// Above the largest key in the table: the key of a deleted row may be reused.
    AboveLargest,
    /// Above the largest key ever generated: no key is reused.
    NeverTwice,
}
