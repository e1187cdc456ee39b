//! Facts about a table's place in its source that an ordinary table of PostgreSQL does not have.

use super::StepMaker;
use super::foreign_keys::foreign_key_mode;
use crate::catalog::{Column, ConflictClause, Table};
use crate::dialect::expression::coercion::Coercion;
use crate::name::quote_toml_key;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::{ColumnMapping, TableMapping};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::spec::ForeignKeyMode;

impl StepMaker<'_> {
    /// Notes what is not carried over of a table's storage; its rows are. Partitions are the mapping's matter.
    pub(super) fn storage(&mut self, mapping: &TableMapping, table: &Table) {
        if table.storage.has_history {
            self.history(table);
        }
        for clause in &table.storage.conflict_clauses {
            let ConflictClause { constraint, columns, resolution } = clause;
            let name = format!("{} ({}) {constraint} ON CONFLICT {resolution}", table.name, columns.join(", "));
            let reason = if self.inputs.spec.leaves_conflict_clauses(&table.name) {
                OmissionReason::known("left out by `conflict_clauses`")
            } else {
                let heading = format!("tables.{}", quote_toml_key(&table.name));
                let lines = SpecLines::new(heading, "conflict_clauses = \"leave_behind\"");
                let words = "in PostgreSQL a statement has such a clause, and not a constraint: INSERT … ON CONFLICT";
                OmissionReason::from(words).settled_by(lines)
            };
            self.omit(OmittedObject::ConflictClause, OmittedPlace::of_table(&table.name, name), reason);
        }
        for column in table.columns.iter().filter(|column| column.is_invisible) {
            if mapping.column_of(&column.name).is_some() {
                self.made.findings.push(visible(table, column));
            }
        }
        let padded = mapping.columns.iter().filter(|column| is_padded(mapping, column));
        self.made.findings.extend(padded.map(|column| padding(table, column)));
        let mut note = |code, message: String| {
            self.made.findings.push(Finding::about(code, Severity::Notes, &table.name, message));
        };
        for index in table.indexes.iter().filter(|index| index.is_unused) {
            note(
                FindingCode::IndexUsed,
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
                "its former versions of rows, and the rows that were deleted, exist only in its history, and would \
                 stay behind; the present ones are copied",
            ),
        };
        let finding = Finding::about(FindingCode::HistoryLeftBehind, severity, &table.name, message);
        let lines = format!(
            "# leaves them behind knowingly; a query FOR SYSTEM_TIME ALL in the source writes them down\n[tables.{}]\n\
             history = \"leave_behind\"",
            quote_toml_key(&table.name)
        );
        self.made.findings.push(if severity == Severity::Blocks { finding.suggesting(lines) } else { finding });
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
            self.omit(OmittedObject::ForeignKey, place, reason);
        }
    }
}

/// Whether the source shows zeros in front of a column's numbers, which are no part of them.
fn is_padded(mapping: &TableMapping, column: &ColumnMapping) -> bool {
    let is_padded = mapping.dialect().coercion(column.converting_type()) == Coercion::Padded;
    is_padded && column.source_sql.is_none() && column.generated.is_none()
}

/// The note on numbers that the application has seen with zeros in front.
fn padding(table: &Table, column: &ColumnMapping) -> Finding {
    let words = "shown with zeros in front by the source, which are no part of the numbers and do not arrive";
    Finding::about(FindingCode::ZerosNotShown, Severity::Notes, &table.name, format!("the column is {words}"))
        .in_column(&column.source)
        .because(Cause::new(["column is", "columns are"], words))
}

/// A column that only SQL which names it sees: of what the application writes without names, each value would be another
/// column's.
fn visible(table: &Table, column: &Column) -> Finding {
    let words = "invisible in the source: there neither `SELECT *` nor an INSERT without names of columns sees it, and in \
                 PostgreSQL both do";
    Finding::about(FindingCode::ColumnVisible, Severity::Warns, &table.name, format!("the column is {words}"))
        .in_column(&column.name)
        .because(Cause::new(["column is", "columns are"], words))
        .suggesting("name the columns in the application's SQL, or write `skip = true` for one that nobody needs")
}
