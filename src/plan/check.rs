//! The spec's checks as they are asked: with the target's names in their SQL.

use crate::spec::{CheckSeverity, Expected};
use std::fmt;

/// One check, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCheck {
    /// The weight of a wrong answer.
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
    /// The source's answer to this query of the spec.
    SourceAnswer(String),
    /// There must be no rows. What names one stands in this many columns, what is wrong in it in the others; without a
    /// number all columns name it.
    NoRows(Option<usize>),
    /// A number of rows that is not less and not more.
    Bounds {
        /// Not less.
        min: Option<u64>,
        /// Not more.
        max: Option<u64>,
    },
    /// The number of rows that this source table hands over.
    SourceRows(String),
    /// The sum of what a source table hands over.
    SourceSum {
        /// The table's name in the source.
        table: String,
        /// The column's name in the source.
        column: String,
    },
}

impl fmt::Display for Asks {
    /// The expectation in words; the source's answer is known only when it was asked.
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
            Asks::SourceAnswer(_) => formatter.write_str("the source's answer"),
            Asks::SourceRows(_) => formatter.write_str("the source's number of rows"),
            Asks::SourceSum { .. } => formatter.write_str("the source's sum"),
        }
    }
}
