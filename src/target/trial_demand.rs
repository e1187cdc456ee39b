//! Demands of a table on its rows, as `queries/trial_demands.sql` reads them: which columns each reads is PostgreSQL's word
//! (`pg_depend`), not that of a name in its SQL.

use super::{Private, TargetError};
use crate::name::quote_identifier;
use tokio_postgres::Row;

/// A demand of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    /// The demand in words: `CHECK positive`.
    pub(super) words: String,
    /// The values that it is about, in PostgreSQL's SQL.
    pub(super) expressions: Vec<String>,
    /// The columns that it reads.
    reads: Vec<String>,
    /// Its kind, with the other parts of it.
    pub(super) kind: DemandKind,
}

/// Kind of a demand. Predicates and operators are PostgreSQL's SQL, names are quoted but for a domain's column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DemandKind {
    /// The expression is not false.
    Check,
    /// The expression over `value`, which is this column, is not false.
    Domain { column: String },
    /// The expressions can be computed for every row that meets the predicate.
    Computed { predicate: Option<String> },
    /// No two rows that meet the predicate have the same values.
    Unique { predicate: Option<String>, nulls_equal: bool },
    /// A row of another table has the values in these columns.
    Reference { parent: String, columns: Vec<String> },
    /// No two rows that meet the predicate have values of which all operators are true.
    Exclusion { operators: Vec<String>, predicate: Option<String> },
}

impl Demand {
    /// Whether it reads a column.
    pub(super) fn reads(&self, column: &str) -> bool {
        self.reads.iter().any(|read| read == column)
    }

    /// A unique key over these columns of a table that is not there yet.
    pub(super) fn of_key(words: &str, columns: &[String]) -> Self {
        Self {
            words: words.to_owned(),
            expressions: columns.iter().map(|column| quote_identifier(column).into_owned()).collect(),
            reads: columns.to_vec(),
            kind: DemandKind::Unique { predicate: None, nulls_equal: false },
        }
    }

    /// A row of the query.
    pub(super) fn read(row: &Row, doing: &str) -> Result<Self, TargetError> {
        let (word, mut others, condition): (&str, Vec<String>, Option<String>) = (row.get(0), row.get(3), row.get(4));
        let kind = match (word, condition) {
            ("check", _) => DemandKind::Check,
            ("domain", _) if others.len() == 1 => DemandKind::Domain { column: others.remove(0) },
            ("computed", predicate) => DemandKind::Computed { predicate },
            ("unique", predicate) => DemandKind::Unique { predicate, nulls_equal: row.get(5) },
            ("reference", Some(parent)) => DemandKind::Reference { parent, columns: others },
            ("exclusion", predicate) => DemandKind::Exclusion { operators: others, predicate },
            (word, _) => {
                return Err(TargetError::Statement {
                    doing: doing.to_owned(),
                    message: format!("a demand of the kind `{word}` is unknown"),
                    private: Private::default(),
                    code: None,
                    transient: false,
                    context: None,
                });
            }
        };
        Ok(Self { words: row.get(1), expressions: row.get(2), reads: row.get(6), kind })
    }
}
