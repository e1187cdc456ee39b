//! Virtual tables: an index over other rows has a counterpart, rows of their own are the user's data.

use super::Mapped;
use super::selected::table_spec;
use crate::catalog::{Content, OtherObject, VirtualTable};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::Inputs;
use crate::plan::finding::{Cause, Finding, Severity};
use crate::plan::omitted::{OmissionReason, OmittedPlace, SpecLines};

impl Mapped {
    /// Reports the treatment of a virtual table; false if the spec has decided it.
    pub(super) fn virtual_table(&mut self, inputs: Inputs<'_>, other: &OtherObject) -> bool {
        if table_spec(inputs.spec, &other.name).is_some_and(|table| table.skip) {
            self.omit("virtual table", OmittedPlace::table(&other.name), OmissionReason::known("left out by `skip`"));
            return false;
        }
        let Some(table) = other.virtual_table.as_ref().filter(|table| table.rows.is_some()) else {
            let message = format!(
                "the virtual table {} is of a module that transship's SQLite does not have: what stands in it cannot be \
                 read, and may stand nowhere else",
                other.name
            );
            self.findings.push(
                Finding::about("virtual_table_unreadable", Severity::Blocks, &other.name, message).suggesting(format!(
                    "# copy its rows into an ordinary table with the application's SQLite; or leave it behind knowingly:\n\
                     [tables.{}]\nskip = true",
                    quote_toml_key(&other.name)
                )),
            );
            let reason = OmissionReason::from("its rows cannot be read").reported_by("virtual_table_unreadable");
            self.omit("virtual table", OmittedPlace::table(&other.name), reason);
            return true;
        };
        match &table.content {
            Content::Of(content) => self.index_over(inputs, other, table, content),
            Content::None => {
                let reason = OmissionReason::from("it is an index without the text, which SQLite does not keep");
                self.omit("virtual table", OmittedPlace::table(&other.name), reason.settled_by(skipped(other)));
                true
            }
            Content::Shown => {
                let reason = OmissionReason::from("it only shows what stands elsewhere in the source");
                self.omit("virtual table", OmittedPlace::table(&other.name), reason.settled_by(skipped(other)));
                true
            }
            Content::Own => {
                self.own_rows(inputs, other, table);
                true
            }
        }
    }

    /// A full-text index over the rows of an ordinary table.
    fn index_over(&mut self, inputs: Inputs<'_>, other: &OtherObject, table: &VirtualTable, content: &str) -> bool {
        if table_spec(inputs.spec, content).is_some_and(|table| table.search.is_some()) {
            return false;
        }
        let reason = format!("it is a full-text index over {content}; `search` gives that table one in PostgreSQL");
        let is_advised = inputs.catalog.table(content).is_some();
        let reason = OmissionReason::from(reason).settled_by(skipped(other));
        let reason = if is_advised { reason.reported_by("full_text_index") } else { reason };
        self.omit("virtual table", OmittedPlace::table(&other.name), reason);
        if is_advised {
            let message = format!(
                "{} is a full-text index over it; PostgreSQL has a tsvector column with a GIN index",
                other.name
            );
            let suggestion = format!("[tables.{}]\n{}", quote_toml_key(content), search(other, table));
            self.findings
                .push(Finding::about("full_text_index", Severity::Warns, content, message).suggesting(suggestion));
        }
        true
    }

    /// A virtual table that holds the only copy of its rows.
    fn own_rows(&mut self, inputs: Inputs<'_>, other: &OtherObject, table: &VirtualTable) {
        let rows = inputs.sizes.get(&other.name).map_or(0, |size| size.rows);
        let reason = OmissionReason::from(format!("its rows are kept by the SQLite module {}", table.module));
        let reason =
            if rows > 0 { reason.reported_by("virtual_table_rows") } else { reason.settled_by(skipped(other)) };
        self.omit("virtual table", OmittedPlace::table(&other.name), reason);
        if rows == 0 {
            return;
        }
        let counted = crate::value::counted(rows, "row stands", "rows stand");
        let message =
            format!("{counted} in this virtual table ({}) and nowhere else, and would stay behind", table.module);
        let key = quote_toml_key(&other.name);
        let is_kept = |column: &String| table.rows.as_ref().is_some_and(|rows| rows.column(column).is_some());
        let lines = if table.module.starts_with("fts") && other.columns.iter().all(is_kept) {
            format!(
                "# migrates it as an ordinary table; skip = true leaves it behind\n[tables.{key}]\n{}",
                search(other, table)
            )
        } else {
            format!("# migrates it as an ordinary table; skip = true leaves it behind\n[tables.{key}]\nskip = false")
        };
        let finding = Finding::about("virtual_table_rows", Severity::Blocks, &other.name, message).suggesting(lines);
        let cause = Cause {
            detail: Some(format!(" ({})", table.module)),
            ..Cause::new(["row stands", "rows stand"], "in a virtual table and nowhere else, and would stay behind")
        };
        self.findings.push(Finding { count: rows, ..finding.because(cause) });
    }
}

/// The lines of spec that leave a virtual table behind.
fn skipped(other: &OtherObject) -> SpecLines {
    SpecLines::new(format!("tables.{}", quote_toml_key(&other.name)), "skip = true")
}

/// The line of spec that asks for a tsvector column.
fn search(other: &OtherObject, table: &VirtualTable) -> String {
    let columns = other.columns.iter().map(|column| quote_toml_text(column)).collect::<Vec<_>>().join(", ");
    let config = if table.stems { "english" } else { "simple" };
    format!("search = {{ columns = [{columns}], config = \"{config}\" }}")
}
