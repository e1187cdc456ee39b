//! The spec's checks, ready to run: their SQL names the target's tables and columns.

use crate::spec::{CheckSeverity, Expected};
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
