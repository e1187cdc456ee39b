//! Facts about a table's place in its source that an ordinary table of PostgreSQL does not have.

use super::Maker;
use super::foreign_keys::foreign_key_mode;
use crate::catalog::Table;
use crate::name::quote_toml_key;
use crate::plan::finding::{Finding, Severity};
use crate::plan::omitted::{OmissionReason, OmittedPlace, SpecLines};
use crate::spec::ForeignKeyMode;

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

    /// Foreign keys to a database that is not read.
    pub(super) fn foreign_keys_elsewhere(&mut self, table: &Table) {
        for key in &table.foreign_keys_elsewhere {
            let columns = key.columns.join(", ");
            let place = OmittedPlace::of_table(&table.name, format!("{} ({columns})", table.name));
            let reason = if foreign_key_mode(self.inputs.spec, &table.name, &key.columns) == ForeignKeyMode::Skip {
                OmissionReason::known("left out by `foreign_keys`")
            } else {
                let line = format!("foreign_keys.{} = \"skip\"", quote_toml_key(&columns));
                let lines = SpecLines::new(format!("tables.{}", quote_toml_key(&table.name)), line);
                let reason = format!("it references {} in the database {}", key.table, key.database);
                OmissionReason::from(reason).settled_by(lines)
            };
            self.omit("foreign key", place, reason);
        }
    }
}
