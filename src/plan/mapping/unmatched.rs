//! What has no counterpart: names in the spec that the source does not have, objects of the source that are no tables.

use super::Mapped;
use crate::catalog::{Catalog, OtherObjectKind};
use crate::plan::Inputs;
use crate::plan::finding::{Finding, Severity};
use crate::plan::names::nearest;
use crate::spec::Spec;

impl Mapped {
    /// What the spec names and the source does not have: most often a slip of the pen.
    pub(super) fn unknown_names(&mut self, spec: &Spec, catalog: &Catalog) {
        for (name, table_spec) in &spec.tables {
            let Some(table) = catalog.table(name) else {
                let known = catalog.tables.iter().map(|table| table.name.as_str());
                let finding = Finding::about(
                    "unknown_table",
                    Severity::Blocks,
                    name,
                    "the spec names a table that the source does not have",
                );
                self.findings.push(with_nearest(finding, name, known));
                continue;
            };
            for column in table_spec.columns.keys().filter(|column| table.column(column).is_none()) {
                let known = table.columns.iter().map(|column| column.name.as_str());
                let finding = Finding::about(
                    "unknown_column",
                    Severity::Blocks,
                    name,
                    "the spec names a column that the source does not have",
                );
                self.findings.push(with_nearest(finding.in_column(column), column, known));
            }
            for columns in table_spec.foreign_keys.keys() {
                let keys = table.foreign_keys.iter().map(|key| key.columns.join(", ")).collect::<Vec<_>>();
                if !keys.iter().any(|key| key.eq_ignore_ascii_case(columns)) {
                    let message = format!("the spec names a foreign key ({columns}) that the source does not have");
                    let finding = Finding::about("unknown_foreign_key", Severity::Blocks, name, message);
                    self.findings.push(with_nearest(finding, columns, keys.iter().map(String::as_str)));
                }
            }
            for other in table_spec.after.iter().filter(|other| catalog.table(other).is_none()) {
                let message = format!("`after` names the table {other}, which the source does not have");
                let known = catalog.tables.iter().map(|table| table.name.as_str());
                self.findings.push(with_nearest(
                    Finding::about("unknown_table", Severity::Blocks, name, message),
                    other,
                    known,
                ));
            }
        }
    }

    /// What is neither table nor index.
    pub(super) fn others(&mut self, inputs: Inputs<'_>) {
        for other in &inputs.catalog.others {
            if !inputs.spec.source.tables.selects(&other.name) {
                continue;
            }
            let (kind, reason) = match other.kind {
                OtherObjectKind::View => ("view", "views are not translated; write it as a step of the spec"),
                OtherObjectKind::Trigger => {
                    ("trigger", "a trigger's body has to be written anew for PostgreSQL; add it as a step of the spec")
                }
                OtherObjectKind::VirtualTable => {
                    ("virtual table", "its content is computed by a SQLite module that PostgreSQL does not have")
                }
                OtherObjectKind::ShadowTable => ("shadow table", "it holds the inner data of a virtual table"),
            };
            self.omit(kind, &other.name, reason);
        }
    }
}

fn with_nearest<'a>(finding: Finding, word: &str, known: impl Iterator<Item = &'a str>) -> Finding {
    match nearest(word, known) {
        Some(nearest) => finding.suggesting(format!("did you mean {nearest}?")),
        None => finding,
    }
}
