//! Virtual tables: an index over other rows has a counterpart, rows of their own are the user's data.

use super::MappingDraft;
use super::full_text::{finds, full_text_words, search_line};
use super::selection::table_spec;
use crate::catalog::{Content, OtherObject, VirtualTable};
use crate::dialect;
use crate::name::quote_toml_key;
use crate::plan::Inputs;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};

impl MappingDraft {
    /// Reports the treatment of a virtual table; false if the spec has decided it.
    pub(super) fn virtual_table(&mut self, inputs: Inputs<'_>, other: &OtherObject) -> bool {
        if table_spec(inputs.spec, &other.name).is_some_and(|table| table.skip) {
            self.omit(
                OmittedObject::VirtualTable,
                OmittedPlace::table(&other.name),
                OmissionReason::known("left out by `skip`"),
            );
            return false;
        }
        let system = dialect::of(inputs.catalog.engine).system();
        let Some(table) = other.virtual_table.as_ref().filter(|table| table.rows.is_some()) else {
            let message = format!(
                "the virtual table {} is of a module that transship's {system} does not have: what stands in it cannot \
                 be read, and may stand nowhere else",
                other.name
            );
            self.findings.push(
                Finding::about(FindingCode::VirtualTableUnreadable, Severity::Blocks, &other.name, message).suggesting(format!(
                    "# copy its rows into an ordinary table with the application's {system}; or leave it behind knowingly:\n\
                     [tables.{}]\nskip = true",
                    quote_toml_key(&other.name)
                )),
            );
            let reason =
                OmissionReason::from("its rows cannot be read").reported_by(FindingCode::VirtualTableUnreadable);
            self.omit(OmittedObject::VirtualTable, OmittedPlace::table(&other.name), reason);
            return true;
        };
        match &table.content {
            Content::Of(content) => self.index_over(inputs, other, table, content),
            Content::None => {
                let reason =
                    OmissionReason::from(format!("it is an index without the text, which {system} does not keep"));
                self.omit(
                    OmittedObject::VirtualTable,
                    OmittedPlace::table(&other.name),
                    reason.settled_by(skipped(other)),
                );
                true
            }
            Content::Shown => {
                let reason = OmissionReason::from("it only shows what stands elsewhere in the source");
                self.omit(
                    OmittedObject::VirtualTable,
                    OmittedPlace::table(&other.name),
                    reason.settled_by(skipped(other)),
                );
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
        let given = table_spec(inputs.spec, content).and_then(|table| table.search.as_ref());
        if finds(given, &other.columns) {
            return false;
        }
        let reason = format!("it is a full-text index over {content}; `search` gives that table one in PostgreSQL");
        let is_advised = inputs.catalog.table(content).is_some();
        let reason = OmissionReason::from(reason).settled_by(skipped(other));
        let reason = if is_advised { reason.reported_by(FindingCode::FullTextIndex) } else { reason };
        self.omit(OmittedObject::VirtualTable, OmittedPlace::table(&other.name), reason);
        // A table has one `search`, for all of the indexes over it.
        let is_alike = |one: &&OtherObject| {
            let is_over = one.virtual_table.as_ref().is_some_and(|table| {
                matches!(&table.content, Content::Of(other) if other == content) && table.rows.is_some()
            });
            let is_left = table_spec(inputs.spec, &one.name).is_some_and(|table| table.skip);
            is_over && !is_left && inputs.spec.source.tables.selects(&one.name) && !finds(given, &one.columns)
        };
        let alike = inputs.catalog.others.iter().filter(is_alike).collect::<Vec<_>>();
        if is_advised && alike.first().is_none_or(|first| first.name == other.name) {
            let names = alike.iter().map(|one| one.name.as_str()).collect::<Vec<_>>();
            let columns = alike.iter().flat_map(|one| one.columns.clone()).collect();
            let line = search_line(given, columns, config(table));
            let suggestion = format!("[tables.{}]\n{line}", quote_toml_key(content));
            let finding = Finding::about(FindingCode::FullTextIndex, Severity::Warns, content, full_text_words(&names));
            self.findings.push(finding.suggesting(suggestion));
        }
        true
    }

    /// A virtual table that holds the only copy of its rows.
    fn own_rows(&mut self, inputs: Inputs<'_>, other: &OtherObject, table: &VirtualTable) {
        let rows = inputs.sizes.get(&other.name).map_or(0, |size| size.rows);
        let system = dialect::of(inputs.catalog.engine).system();
        let reason = OmissionReason::from(format!("its rows are kept by the {system} module {}", table.module));
        let reason = if rows > 0 {
            reason.reported_by(FindingCode::VirtualTableRows)
        } else {
            reason.settled_by(skipped(other))
        };
        self.omit(OmittedObject::VirtualTable, OmittedPlace::table(&other.name), reason);
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
        let finding =
            Finding::about(FindingCode::VirtualTableRows, Severity::Blocks, &other.name, message).suggesting(lines);
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
    search_line(None, other.columns.clone(), config(table))
}

/// The text search configuration that finds words as the table does.
fn config(table: &VirtualTable) -> &'static str {
    if table.stems { "english" } else { "simple" }
}
