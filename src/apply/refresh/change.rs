//! Changes by others to rows that a refresh would copy again, in words.

use super::copied::{CopiedChunks, RowsInPlace};
use crate::plan::{Finding, FindingCode, Severity};
use crate::value::{count, counted_rows as rows};

/// Code of the finding that only an explicit option of the user settles.
pub(super) const ROWS_CHANGED: FindingCode = FindingCode::TargetRowsChanged;

/// Code of the finding about rows that a step of the spec has written.
const ROWS_OF_STEPS: FindingCode = FindingCode::TargetRowsOfSteps;

/// Difference between the copied rows and the rows that the target has in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowChange {
    source: String,
    /// Difference in words.
    message: String,
    /// Rows that others have written or deleted.
    count: u64,
    keys: Vec<String>,
    /// Whether the difference blocks the replacement; otherwise it is only reported.
    pub(super) blocks: bool,
    /// Whether an option of the user permits the replacement.
    pub(super) may_overwrite: bool,
}

impl RowChange {
    /// Compares the target's rows with the copied ones; `None` if they are the same.
    pub(super) fn of(copied: &CopiedChunks<'_>, standing: RowsInPlace) -> Option<Self> {
        let RowsInPlace { loaded, by_steps, others, since, keys } = standing;
        let (table, source) = (&copied.table, copied.mapping.source.clone());
        if let Some(reason) = copied.unknown {
            let count = loaded + by_steps + others;
            let message = format!("copied rows of {table} cannot be told from changed ones: {reason}");
            let may_overwrite = !copied.keeps;
            return (count > 0 || copied.rows > 0).then_some(Self {
                source,
                message,
                count,
                keys,
                blocks: true,
                may_overwrite,
            });
        }
        let (ours, copied_rows) = (loaded + by_steps, rows(copied.rows));
        let (missing, added) = (copied.rows.saturating_sub(ours), ours.saturating_sub(copied.rows));
        // If the table holds the application's own rows, a row written by others may be one of these.
        let written = if copied.keeps { since.min(missing) } else { others };
        let mut parts = Vec::new();
        if written > 0 {
            parts.push(format!("others have written {} since", rows(written)));
        }
        if missing > 0 {
            parts.push(format!(
                "{} of the {copied_rows} to be copied again {} gone or changed",
                count(missing),
                is_are(missing)
            ));
        }
        if added > 0 {
            parts.push(format!("steps of the spec have added {}", rows(added)));
        }
        if parts.is_empty() {
            let message = format!(
                "{table}: steps of the spec have written {} to be copied again, and do not run again",
                rows(by_steps)
            );
            let change = Self { source, message, count: by_steps, keys, blocks: false, may_overwrite: true };
            return (by_steps > 0).then_some(change);
        }
        Some(Self {
            source,
            message: format!("{table}: {}", parts.join(", and ")),
            count: written.max(missing).max(added),
            keys,
            blocks: true,
            // Changed rows cannot be distinguished from the application's own; rows that were only deleted can be
            // restored.
            may_overwrite: !copied.keeps || since == 0,
        })
    }

    /// The same change with the columns that others have added.
    pub(super) fn with_columns(change: Option<Self>, copied: &CopiedChunks<'_>, columns: &[String]) -> Option<Self> {
        if columns.is_empty() || copied.rows == 0 {
            return change;
        }
        let said = format!("others have added columns, which would be reset to their defaults: {}", columns.join(", "));
        let Some(mut change) = change else {
            return Some(Self {
                source: copied.mapping.source.clone(),
                message: format!("{}: {said}", copied.table),
                count: copied.rows,
                keys: Vec::new(),
                blocks: true,
                may_overwrite: true,
            });
        };
        change.message = format!("{}; {said}", change.message);
        change.blocks = true;
        Some(change)
    }

    /// Message of an error that occurs after the plan.
    pub(super) fn words(&self) -> String {
        if self.keys.is_empty() { self.message.clone() } else { format!("{} ({})", self.message, self.keys.join("; ")) }
    }

    /// Finding about the change; `overwrites` if the user permits it.
    pub(super) fn finding(self, overwrites: bool) -> Finding {
        let has_leave = !self.blocks || overwrites && self.may_overwrite;
        let (code, severity) = (
            if self.blocks { ROWS_CHANGED } else { ROWS_OF_STEPS },
            if has_leave { Severity::Warns } else { Severity::Blocks },
        );
        let suggestion = match (self.blocks, has_leave, self.may_overwrite) {
            (false, ..) => "run the steps again yourself, or start over: `transship rollback`",
            (true, true, _) => {
                "leave out --overwrite-changes to keep them: with it they are replaced by the \
                 source's present rows"
            }
            (true, false, true) => {
                "restore the rows as they were copied (`transship verify` names the differences), or run `transship \
                 apply --refresh --overwrite-changes`, which copies the source's present rows; nothing is touched"
            }
            (true, false, false) => {
                "restore the rows as they were copied (`transship verify` names the differences): with `existing_rows \
                 = \"keep\"` they cannot be told from rows of the table's own; nothing is touched"
            }
        };
        let finding = Finding::about(code, severity, &self.source, self.message).suggesting(suggestion);
        Finding { count: self.count, examples: self.keys, ..finding }
    }
}

fn is_are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
