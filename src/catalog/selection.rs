//! Which rows and columns of a source table are meant, as plain data.

use super::{Key, RowIdentity};
use serde::Serialize;

/// A reading of one source table: these columns of the rows that pass the filter and whose key lies in the range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The table as the source spells it.
    pub table: String,
    /// The values to read, in this order.
    pub columns: Vec<SelectedColumn>,
    /// A condition in the source's own SQL.
    pub filter: Option<String>,
    /// The key that names a row; the range is one of it.
    pub row_identity: RowIdentity,
    /// The rows meant.
    pub range: KeyRange,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectedColumn {
    /// The column of this name.
    Named(String),
    /// The value of an expression in the source's own SQL.
    Computed(String),
}

impl Selection {
    /// The rows that pass the filter, asked for without the columns.
    #[must_use]
    pub fn kept(&self) -> Self {
        self.counting(self.filter.as_ref().map(|filter| format!("{} IS TRUE", enclosed(filter))))
    }

    /// The rows that the filter leaves behind: those for which it is false or NULL. None where there is no filter.
    #[must_use]
    pub fn left_behind(&self) -> Self {
        let filter =
            self.filter.as_ref().map_or_else(|| "0".to_owned(), |filter| format!("{} IS NOT TRUE", enclosed(filter)));
        self.counting(Some(filter))
    }

    /// All rows of the range.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        self.counting(None)
    }

    fn counting(&self, filter: Option<String>) -> Self {
        Self { columns: Vec::new(), filter, ..self.clone() }
    }
}

/// The spec's SQL as an operand of a larger expression. The line break ends a comment at the end of it.
#[must_use]
pub fn enclosed(sql: &str) -> String {
    format!("({sql}\n)")
}

/// A half-open range of keys, in the source's order; open ends take in rows that appear later.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct KeyRange {
    /// The first key of the range; from the beginning where absent.
    pub from: Option<Key>,
    /// The first key after the range; to the end where absent.
    pub below: Option<Key>,
}

impl KeyRange {
    /// Every row.
    pub const ALL: KeyRange = KeyRange { from: None, below: None };
}

impl std::fmt::Display for KeyRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.from, &self.below) {
            (None, None) => formatter.write_str("all rows"),
            (None, Some(below)) => write!(formatter, "rows below {below}"),
            (Some(from), None) => write!(formatter, "rows from {from}"),
            (Some(from), Some(below)) => match below.integer() {
                Some(below) => write!(formatter, "rows {from} to {}", below.saturating_sub(1)),
                None => write!(formatter, "rows from {from} up to before {below}"),
            },
        }
    }
}
