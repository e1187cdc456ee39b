//! The spec's checks: the question, and the severity of a wrong answer.

use serde::Serialize;

/// `[checks.NAME]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Severity of a wrong answer.
    pub severity: CheckSeverity,
    /// Question of the check.
    pub question: CheckQuestion,
}

/// `severity`: the consequence of a wrong answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckSeverity {
    /// The data is wrong: `apply` and `verify` end with exit code 3.
    #[default]
    Error,
    /// A warning without consequence.
    Warn,
}

/// The value that a check expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A number or a boolean of TOML, as PostgreSQL prints it: compared by its value.
    Plain(String),
    /// A string of TOML: compared with what PostgreSQL prints, character by character.
    Quoted(String),
}

impl std::fmt::Display for Expected {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Plain(text) | Expected::Quoted(text) => formatter.write_str(text),
        }
    }
}

/// Question of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckQuestion {
    /// The target's answer must equal this value.
    Expect {
        /// A PostgreSQL query for one value.
        sql: String,
        /// The value.
        expected: Expected,
    },
    /// Source and target must give the same rows.
    Same {
        /// A query in the source's SQL.
        source: String,
        /// A query in PostgreSQL's SQL.
        target: String,
    },
    /// The query must give no rows.
    NoRows {
        /// A PostgreSQL query for the rows that are wrong.
        sql: String,
    },
    /// A ready-made question about a table.
    OfTable {
        /// The table's name in the source.
        table: String,
        /// Question about the table.
        asks: TableQuestion,
    },
}

/// A ready-made question about one table. Columns and tables have their names in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableQuestion {
    /// None of these columns holds NULL.
    NotNull {
        /// The columns.
        columns: Vec<String>,
    },
    /// No two rows have the same values in these columns; rows with a NULL in one of them are never the same.
    Unique {
        /// The columns.
        columns: Vec<String>,
    },
    /// Values of these columns exist in the referenced ones; a row with a NULL in one of them references nothing.
    ForeignKey {
        /// The referencing columns.
        columns: Vec<String>,
        /// The referenced table.
        references: String,
        /// The referenced columns; empty for its primary key.
        referenced_columns: Vec<String>,
    },
    /// The column holds nothing but these values, or NULL.
    AcceptedValues {
        /// The column.
        column: String,
        /// The values as text.
        values: Vec<String>,
    },
    /// The table's number of rows is within the bounds; without bounds, it is the number of rows copied from the
    /// source.
    RowCount {
        /// Smallest number of rows.
        min: Option<u64>,
        /// Largest number of rows.
        max: Option<u64>,
    },
    /// The numbers of the column add up to the same on both sides.
    Sum {
        /// The column.
        column: String,
    },
}

impl Check {
    /// Whether the answer depends on both sides having the same rows.
    #[must_use]
    pub fn compares_rows(&self) -> bool {
        match &self.question {
            CheckQuestion::Same { .. } => true,
            CheckQuestion::Expect { .. } | CheckQuestion::NoRows { .. } => false,
            CheckQuestion::OfTable { asks, .. } => {
                matches!(asks, TableQuestion::Sum { .. } | TableQuestion::RowCount { min: None, max: None })
            }
        }
    }
}

impl CheckSeverity {
    /// Every severity with the spec's word for it.
    pub const ALL: [(&'static str, CheckSeverity); 2] =
        [("error", CheckSeverity::Error), ("warn", CheckSeverity::Warn)];
}
