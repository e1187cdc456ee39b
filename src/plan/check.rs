//! The spec's checks, ready to run: their SQL names the target's tables and columns.

use super::finding::{Finding, FindingCode, Severity};
use crate::name::quote_toml_key;
use crate::spec::{CheckSeverity, Expected};
use crate::value::counted;
use std::fmt;

/// One check, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCheck {
    /// Severity of a wrong answer.
    pub severity: CheckSeverity,
    /// The query for the target.
    pub sql: String,
    /// The expected answer.
    pub asks: Asks,
}

/// The answer that is expected of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// This value.
    Value(Expected),
    /// The source's answer to a query of the spec.
    SourceAnswer {
        /// The query.
        sql: String,
        /// Whether both queries order their rows.
        in_order: bool,
    },
    /// No rows. The first columns, as many as this number, name a wrong row and the others say what is wrong in it; if
    /// `None`, all columns name it.
    NoRows(Option<usize>),
    /// A number of rows within bounds.
    Bounds {
        /// Smallest number of rows.
        min: Option<u64>,
        /// Largest number of rows.
        max: Option<u64>,
    },
    /// The number of rows that are copied from this source table.
    SourceRows(String),
    /// The sum of a column over the rows that are copied from a source table.
    SourceSum {
        /// The table's name in the source.
        table: String,
        /// The column's name in the source.
        column: String,
    },
}

impl PlannedCheck {
    /// The finding about a sum over a table that keeps so many rows beside the source's, which are no part of the source's sum. A
    /// check that only warns is left to its answer.
    #[must_use]
    pub fn beside_own_rows(&self, name: &str, rows: u64) -> Option<Finding> {
        let Asks::SourceSum { table, column } = &self.asks else { return None };
        if rows == 0 || self.severity == CheckSeverity::Warn {
            return None;
        }
        let counted = counted(rows, "row that the target keeps", "rows that the target keeps");
        let message = format!("the check \"{name}\" adds up {counted}, too: it would not have the source's sum");
        let finding = Finding::about(FindingCode::SumWithRowsKept, Severity::Blocks, table, message).in_column(column);
        Some(Finding { count: rows, ..finding }.suggesting(format!(
            "# another sum is a warning then; or ask with `source` and `target` in its place, and leave these rows out\n\
             [checks.{}]\nseverity = \"warn\"",
            quote_toml_key(name)
        )))
    }
}

impl Asks {
    /// Whether it is the sum of a column of this source table.
    #[must_use]
    pub fn is_sum_of(&self, source: &str) -> bool {
        matches!(self, Asks::SourceSum { table, .. } if table == source)
    }
}

impl fmt::Display for Asks {
    /// The expectation in words; the source's answer is known only after its query has run.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |number: u64| if number == 1 { "row" } else { "rows" };
        match self {
            Asks::Value(expected) => write!(formatter, "{expected}"),
            Asks::NoRows(_) => formatter.write_str("no rows"),
            Asks::Bounds { min: Some(min), max: Some(max) } if min == max => write!(formatter, "{min} {}", rows(*min)),
            Asks::Bounds { min: Some(min), max: Some(max) } => write!(formatter, "{min} to {max} rows"),
            Asks::Bounds { min: Some(min), max: None } => write!(formatter, "at least {min} {}", rows(*min)),
            Asks::Bounds { min: None, max: Some(max) } => write!(formatter, "at most {max} {}", rows(*max)),
            Asks::Bounds { min: None, max: None } => formatter.write_str("any number of rows"),
            Asks::SourceAnswer { .. } => formatter.write_str("the source's answer"),
            Asks::SourceRows(_) => formatter.write_str("the source's number of rows"),
            Asks::SourceSum { .. } => formatter.write_str("the source's sum"),
        }
    }
}
