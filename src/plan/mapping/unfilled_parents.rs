//! Foreign keys of copied tables that lead to what the migration does not bring: to rows of tables that it does not fill, and by
//! columns that it does not copy. A value of the source names whichever row has it there.

use super::merging::copied;
use super::{EmptiedReference, MappingDraft, StrayReference, TableMapping, referenced_columns};
use crate::catalog::TargetForeignKey;
use crate::name::quote_toml_key;
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::spec::ExistingRows;
use std::collections::BTreeSet;

impl MappingDraft {
    /// Finds the references that lead beyond the copied rows, by the foreign keys of either side.
    pub(super) fn beyond(&mut self, inputs: Inputs<'_>) {
        let (mut stray, mut emptied, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        for mapping in &self.tables {
            stray.push(strays(inputs, &self.tables, mapping));
            emptied.push(emptied_references(inputs, &self.tables, mapping));
            findings.extend(severed(inputs, &self.tables, mapping));
        }
        for ((mapping, stray), emptied) in self.tables.iter_mut().zip(stray).zip(emptied) {
            mapping.stray_references = stray;
            mapping.emptied_references = emptied;
        }
        self.findings.extend(findings);
    }
}

/// The foreign keys that the target has, or that a run has detached.
fn known<'a>(inputs: Inputs<'a>, mapping: &TableMapping) -> impl Iterator<Item = &'a TargetForeignKey> {
    let found = inputs.target.tables.as_ref().and_then(|tables| tables.get(&mapping.target));
    let detached = inputs.target.detached.get(&mapping.target).into_iter().flat_map(|off| &off.foreign_keys);
    found.into_iter().flat_map(|found| &found.foreign_keys).chain(detached)
}

/// The same of columns that are all copied.
fn standing<'a>(inputs: Inputs<'a>, mapping: &'a TableMapping) -> impl Iterator<Item = &'a TargetForeignKey> {
    known(inputs, mapping).filter(move |key| key.columns.iter().all(|column| copied(mapping, column).is_some()))
}

/// The references of a table that keeps its rows to tables that lose theirs, by the foreign keys of either side.
fn emptied_references(inputs: Inputs<'_>, tables: &[TableMapping], mapping: &TableMapping) -> Vec<EmptiedReference> {
    let mut emptied = Vec::new();
    if !mapping.keeps_rows {
        return emptied;
    }
    let mut add = |parent: &TableMapping, columns: Vec<String>| {
        let reference = EmptiedReference { table: parent.source.clone(), columns };
        if inputs.spec.existing_rows(&parent.source) == ExistingRows::Truncate && !emptied.contains(&reference) {
            emptied.push(reference);
        }
    };
    for key in known(inputs, mapping) {
        if let Some(parent) = filled(inputs, tables, key) {
            add(parent, key.columns.clone());
        }
    }
    let of_source = inputs.catalog.table(&mapping.source).into_iter().flat_map(|table| &table.foreign_keys);
    for key in of_source {
        let parent = tables.iter().find(|table| table.source.eq_ignore_ascii_case(&key.referenced_table));
        if let Some((parent, columns)) = parent.zip(mapping.target_columns(&key.columns)) {
            add(parent, columns);
        }
    }
    emptied
}

/// The table that a foreign key references, if the migration fills it.
fn filled<'m>(inputs: Inputs<'_>, tables: &'m [TableMapping], key: &TargetForeignKey) -> Option<&'m TableMapping> {
    let schemas = &inputs.spec.target.schemas;
    tables.iter().find(|table| schemas.place(&table.target) == key.referenced())
}

fn strays(inputs: Inputs<'_>, tables: &[TableMapping], mapping: &TableMapping) -> Vec<StrayReference> {
    let mut strays = Vec::new();
    for key in standing(inputs, mapping) {
        if filled(inputs, tables, key).is_some() {
            continue;
        }
        let (schema, table) = (key.referenced_schema.clone(), key.referenced_table.clone());
        let stray = StrayReference { schema, table, columns: key.columns.clone() };
        if !strays.contains(&stray) {
            strays.push(stray);
        }
    }
    strays
}

/// The findings about references by columns that the referenced table does not get from the source.
fn severed(inputs: Inputs<'_>, tables: &[TableMapping], mapping: &TableMapping) -> Vec<Finding> {
    let mut severed = BTreeSet::new();
    for key in standing(inputs, mapping) {
        let Some(parent) = filled(inputs, tables, key) else { continue };
        // A column that both sides compute has the same value, where no other row can have it.
        let is_brought = |name: &String| {
            let column = parent.columns.iter().find(|column| column.target == *name);
            column.is_some_and(|column| column.generated.is_none() || !parent.keeps_rows)
        };
        if let Some(missing) = key.referenced_columns.iter().find(|name| !is_brought(name)) {
            severed.insert((key.columns.clone(), parent.source.clone(), missing.clone()));
        }
    }
    let of_source = inputs.catalog.table(&mapping.source).into_iter().flat_map(|table| &table.foreign_keys);
    for key in of_source {
        let parent = tables.iter().find(|table| table.source.eq_ignore_ascii_case(&key.referenced_table));
        let Some((parent, columns)) = parent.zip(mapping.target_columns(&key.columns)) else { continue };
        let is_known = severed.iter().any(|(known, source, _)| (known, source) == (&columns, &parent.source));
        if is_known || !columns.iter().all(|column| copied(mapping, column).is_some()) {
            continue;
        }
        let referenced = referenced_columns(inputs.catalog, key);
        if let Some(missing) = referenced.iter().find(|name| parent.column_of(name).is_none()) {
            severed.insert((columns, parent.source.clone(), missing.clone()));
        }
    }
    let finding = |(columns, parent, missing): (Vec<String>, String, String)| {
        let message = format!(
            "it references {parent} by ({}), and {parent}.{missing} is not copied: its rows get other values there, and the \
             references would lead to whichever rows have these",
            columns.join(", ")
        );
        let sources = mapping.columns.iter().filter(|column| columns.contains(&column.target));
        let lines = sources.map(|column| {
            let (table, column) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
            format!("[tables.{table}.columns.{column}]\nskip = true")
        });
        let lines = lines.collect::<Vec<_>>().join("\n");
        Finding::about(FindingCode::ForeignKeyToOtherRows, Severity::Blocks, &mapping.source, message).suggesting(
            format!("# leaves the reference out; to keep it, copy {parent}.{missing}: remove its `skip`\n{lines}"),
        )
    };
    severed.into_iter().map(finding).collect()
}
