//! Outcome of the way back.

use crate::catalog::NAMED_ROWS;
use crate::plan::{Finding, FindingCode, Severity};
use crate::verify::Verification;
use serde::Serialize;
use std::collections::BTreeMap;

/// Result of the way back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WayBack {
    /// The new place, without a password.
    pub place: String,
    /// Whether it is there now: whole, and equal to the target.
    pub is_made: bool,
    /// The basis: what the rows that did not change were taken of.
    pub basis: RewriteBasis,
    /// The tables, by name.
    pub tables: Vec<TableBack>,
    /// Facts that have to be known, the gravest first; one that blocks means that nothing was made.
    pub findings: Vec<Finding>,
    /// The new place compared with the target, if it came to that.
    pub verification: Option<Verification>,
}

impl WayBack {
    /// Whether a finding blocks.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Blocks)
    }
}

/// The copy of the source that rows and structure are taken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RewriteBasis {
    /// The source itself, as it is now.
    Source {
        /// Its address, without a password.
        name: String,
    },
    /// A backup of it.
    Backup {
        /// The backup's name.
        name: String,
        /// The database that was copied, without a password.
        place: String,
    },
}

/// Rows of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableBack {
    /// The table in the source.
    pub table: String,
    /// Rows that are as they were: byte for byte those of the basis.
    pub unchanged: u64,
    /// Rows with other values in the target.
    pub changed: u64,
    /// Rows that the target alone has.
    pub added: u64,
    /// Rows that the target no longer has.
    pub removed: u64,
    /// Rows that were never in the target (rejected, or left behind by `where`), as they were.
    pub kept: u64,
    /// Rows among the changed and added ones that the spec's `where` leaves behind.
    pub filtered: u64,
}

/// Place and reason of a finding about rows.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FindingKey {
    code: FindingCode,
    table: Option<String>,
    column: Option<String>,
    message: String,
}

/// Findings about rows while they are counted, one for each place and reason.
#[derive(Debug, Default)]
pub(super) struct ArrivalDoubts(BTreeMap<FindingKey, Finding>);

impl ArrivalDoubts {
    /// Adds a row to the finding of its place and reason; the row is put into words if the finding names few yet.
    pub(super) fn add(&mut self, finding: Finding, row: impl FnOnce() -> String) {
        let place = FindingKey {
            code: finding.code,
            table: finding.table.clone(),
            column: finding.column.clone(),
            message: finding.message.clone(),
        };
        let known = self.0.entry(place).or_insert(Finding { count: 0, ..finding });
        known.count += 1;
        if known.examples.len() < NAMED_ROWS {
            known.examples.push(row());
        }
    }

    /// The findings.
    pub(super) fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_values()
    }
}
