//! Facts about a table's place in its source that an ordinary table of PostgreSQL does not have.

use super::Maker;
use crate::catalog::Table;
use crate::name::quote_toml_key;
use crate::plan::finding::{Finding, Severity};
use crate::plan::omitted::{OmissionReason, OmittedPlace};

impl Maker<'_> {
    /// Notes what is not carried over of a table's storage; its rows are.
    pub(super) fn storage(&mut self, table: &Table) {
        if table.storage.has_history {
            self.history(table);
        }
        let mut note = |code, message: String| {
            self.made.findings.push(Finding::about(code, Severity::Notes, &table.name, message));
        };
        if let Some(partitioning) = &table.storage.partitioning {
            let partitions = table.storage.partitions;
            note(
                "partitions_merged",
                format!("its {partitions} partitions by {partitioning} become one table; all rows are copied"),
            );
        }
        for index in table.indexes.iter().filter(|index| index.is_unused) {
            note(
                "index_used",
                format!("the source's planner is told not to use the index {}; PostgreSQL's will use it", index.name),
            );
        }
    }

    /// Former versions of rows: an ordinary table has no place for them, and the source alone has a copy.
    fn history(&mut self, table: &Table) {
        let (severity, message) = match self.inputs.spec.leaves_history(&table.name) {
            true => (
                Severity::Notes,
                "its former versions of rows stay behind, as the spec says; the present ones are copied",
            ),
            false => (
                Severity::Blocks,
                "its former versions of rows, and the rows that were deleted, stand in its history and nowhere else, and \
                 would stay behind; the present ones are copied",
            ),
        };
        let finding = Finding::about("history_left_behind", severity, &table.name, message);
        let lines = format!(
            "# leaves them behind knowingly; a query FOR SYSTEM_TIME ALL in the source writes them down\n[tables.{}]\n\
             history = \"leave_behind\"",
            quote_toml_key(&table.name)
        );
        self.made.findings.push(if severity == Severity::Blocks { finding.suggesting(lines) } else { finding });
    }

    /// Foreign keys to another database: one migration has one source.
    pub(super) fn foreign_keys_elsewhere(&mut self, table: &Table) {
        for key in &table.foreign_keys_elsewhere {
            let place = OmittedPlace::of_table(&table.name, format!("{} ({})", table.name, key.columns.join(", ")));
            let reason = format!("it references {} in the database {}", key.table, key.database);
            self.omit("foreign key", place, OmissionReason::from(reason));
        }
    }
}
