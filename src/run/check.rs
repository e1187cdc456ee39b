//! The result of a check of the spec.

use crate::spec::CheckSeverity;
use serde::Serialize;
use std::fmt;

/// A check's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The check's name.
    pub name: String,
    /// Whether the answer is the expected one.
    pub passed: bool,
    /// The expected answer.
    pub expected: String,
    /// The actual answer.
    pub actual: String,
    /// Severity of a wrong answer.
    pub severity: CheckSeverity,
    /// Number of wrong rows; `None` if the check is not about single rows.
    pub failing: Option<u64>,
    /// Some of these rows.
    pub rows: Vec<FailingRow>,
}

/// A row that a check found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailingRow {
    /// The row's key in the target; empty if its table has none. For a query of the spec's own, the values that it
    /// selects.
    pub key: String,
    /// The wrong values in it; `None` unless values may be shown.
    pub values: Option<String>,
}

impl CheckResult {
    /// Whether the answer is wrong and the spec does not call that a mere warning.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !self.passed && self.severity == CheckSeverity::Error
    }
}

impl fmt::Display for CheckResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected {}, got {}", self.expected, self.actual)
    }
}
