//! Selections of rows and columns of a source table, as plain data.

use super::{Key, RowIdentity};
use serde::Serialize;

/// A reading of one source table: these columns of the rows that pass the filter and whose key lies in the range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The table as the source spells it.
    pub table: String,
    /// The values to read, in this order.
    pub columns: Vec<SelectedColumn>,
    /// The rows of the range to read.
    pub filter: RowFilter,
    /// The key that names a row, and that the range is about.
    pub row_identity: RowIdentity,
    /// The range of keys to read.
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

/// Rows by the spec's condition on them, which is in the source's own SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFilter {
    /// Every row.
    All,
    /// The rows for which a condition is true.
    Passing(String),
    /// The rows for which it is false or NULL.
    LeftBehind(String),
}

impl RowFilter {
    /// The rows that pass a condition, if there is one.
    #[must_use]
    pub fn of(condition: Option<&str>) -> Self {
        condition.map_or(Self::All, |condition| Self::Passing(condition.to_owned()))
    }
}

impl Selection {
    /// The rows that the filter leaves behind, without the columns; `None` if there is no filter.
    #[must_use]
    pub fn left_behind(&self) -> Option<Self> {
        match &self.filter {
            RowFilter::All => None,
            RowFilter::Passing(filter) => Some(self.without_columns(RowFilter::LeftBehind(filter.clone()))),
            RowFilter::LeftBehind(filter) => Some(self.without_columns(RowFilter::Passing(filter.clone()))),
        }
    }

    /// All rows of the range, without the columns.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        self.without_columns(RowFilter::All)
    }

    fn without_columns(&self, filter: RowFilter) -> Self {
        Self { columns: Vec::new(), filter, ..self.clone() }
    }
}

/// Whether a condition of the spec may end in a comment, which would swallow what is written behind it.
#[must_use]
pub fn may_end_in_comment(condition: &str) -> bool {
    ["--", "#"].iter().any(|start| condition.contains(start))
}

/// A line break, if the condition may end in a comment.
#[must_use]
pub fn end_of_comment(condition: &str) -> &'static str {
    if may_end_in_comment(condition) { "\n" } else { "" }
}

/// The spec's SQL as an operand of a larger expression. The line break ends a comment at the end of it.
#[must_use]
pub fn enclosed(sql: &str) -> String {
    format!("({sql}\n)")
}

/// A half-open range of keys, in the source's order; open ends include rows inserted later.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct KeyRange {
    /// The first key of the range; from the beginning if absent.
    pub from: Option<Key>,
    /// The first key after the range; to the end if absent.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_condition_is_on_a_line_of_its_own_behind_a_comment_of_either_engine() {
        for (condition, end) in [("a = 1", ""), ("a = 1 -- as said", "\n"), ("a = 1 # as said", "\n"), ("a - -1", "")] {
            assert_eq!(end_of_comment(condition), end, "{condition}");
        }
    }
}
