//! Facts about a table's place in its source that an ordinary table of PostgreSQL does not have.

use super::Maker;
use crate::catalog::Table;
use crate::plan::finding::{Finding, Severity};
use crate::plan::omitted::{OmissionReason, OmittedPlace};

impl Maker<'_> {
    /// Notes what is not carried over of a table's storage; its rows are. Partitions are the mapping's matter.
    pub(super) fn storage(&mut self, table: &Table) {
        let mut note = |code, message: String| {
            self.made.findings.push(Finding::about(code, Severity::Notes, &table.name, message));
        };
        if table.storage.has_history {
            note(
                "history_left_behind",
                "its former versions of rows stay behind; the present ones are copied".to_owned(),
            );
        }
        for index in table.indexes.iter().filter(|index| index.is_unused) {
            note(
                "index_used",
                format!("the source's planner is told not to use the index {}; PostgreSQL's will use it", index.name),
            );
        }
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
