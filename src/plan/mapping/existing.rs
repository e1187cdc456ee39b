//! A table of the source and the application's table for it: the pairs of columns, and the form in which values are
//! written.

use super::generated::computed_by_target;
use super::judged::{read_instead, settled};
use super::selection::{column_spec, said_of};
use super::{ColumnMapping, MappingDraft};
use crate::catalog::{RelationKind, Right, Table, TargetColumn, TargetTable, WITHOUT_ROW_SECURITY, remedy};
use crate::name::{Schemas, nearest, quote_toml_key};
use crate::plan::Inputs;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::spec::TablesMode;
use std::collections::BTreeMap;

impl MappingDraft {
    /// Fits a mapping to the application's table, if `tables = "existing"`: names as the target spells them, its types
    /// in place of those that transship would choose. Returns the table's name.
    pub(super) fn fit(
        &mut self,
        inputs: Inputs<'_>,
        table: &Table,
        wished: String,
        columns: &mut Vec<ColumnMapping>,
    ) -> String {
        let Some(tables) = inputs.target.tables.as_ref().filter(|_| inputs.spec.target.tables == TablesMode::Existing)
        else {
            return wished;
        };
        let Some(found) = find(&inputs.spec.target.schemas, tables, &wished) else {
            self.findings.push(missing_table(inputs, table, &wished, tables));
            return wished;
        };
        if let Some(reason) = refusal(found) {
            let message = format!("{} is {reason}", inputs.spec.target.schemas.shown(&found.name));
            self.findings.push(
                Finding::about(FindingCode::TargetNotATable, Severity::Blocks, &table.name, message).suggesting(
                    format!("# or rename it to a table\n[tables.{}]\nskip = true", quote_toml_key(&table.name)),
                ),
            );
            return found.name.clone();
        }
        if found.row_security {
            let message = format!("row security of {} applies to the role of `target.url`", found.name);
            self.findings.push(
                Finding::about(FindingCode::RowSecurity, Severity::Blocks, &table.name, message)
                    .suggesting(format!("PostgreSQL refuses COPY then: {}", past_row_security(found))),
            );
        }
        let mut fitted = Vec::new();
        for column in columns.drain(..) {
            fitted.extend(self.fit_column(inputs, table, found, column));
        }
        self.met_twice(table, found, &fitted);
        *columns = fitted;
        self.without_source(table, found, columns);
        found.name.clone()
    }

    /// Reports two names of the source that differ in case alone and match one name of the target.
    fn met_twice(&mut self, table: &Table, found: &TargetTable, columns: &[ColumnMapping]) {
        let suggestion = |place: String| format!("{place}\nrename = \"…\"");
        if self.tables.iter().any(|mapping| mapping.target == found.name) {
            let message = format!("two tables would fill {}", found.name);
            let place = format!("[tables.{}]", quote_toml_key(&table.name));
            self.findings.push(
                Finding::about(FindingCode::NameCollision, Severity::Blocks, &table.name, message)
                    .suggesting(suggestion(place)),
            );
        }
        for (at, column) in columns.iter().enumerate() {
            if columns[..at].iter().any(|other| other.target == column.target) {
                let message = format!("two columns would fill {}.{}", found.name, column.target);
                let place =
                    format!("[tables.{}.columns.{}]", quote_toml_key(&table.name), quote_toml_key(&column.source));
                self.findings.push(
                    Finding::about(FindingCode::NameCollision, Severity::Blocks, &table.name, message)
                        .in_column(&column.source)
                        .suggesting(suggestion(place)),
                );
            }
        }
    }

    /// Fits one column; `None` if PostgreSQL computes it.
    fn fit_column(
        &mut self,
        inputs: Inputs<'_>,
        table: &Table,
        found: &TargetTable,
        column: ColumnMapping,
    ) -> Option<ColumnMapping> {
        let place = format!("[tables.{}.columns.{}]", quote_toml_key(&table.name), quote_toml_key(&column.source));
        let about = |code, severity, message: String| {
            Finding::about(code, severity, &table.name, message).in_column(&column.source)
        };
        let Some(target) = find_column(found, &column.target) else {
            let message = format!("{} has no column {}", found.name, column.target);
            let names = found.columns.iter().map(|column| column.name.as_str());
            let rename = nearest(&column.target, names)
                .map(|name| format!("# or, if that is the one: rename = \"{name}\"\n"))
                .unwrap_or_default();
            let suggestion = format!("{rename}{place}\nskip = true");
            self.findings
                .push(about(FindingCode::TargetColumnMissing, Severity::Blocks, message).suggesting(suggestion));
            return Some(column);
        };
        if let Some(expression) = &target.generated {
            return self.fit_computed(table, (&found.name, target), expression, column);
        }
        let Some(written_as) = target.written_as.clone() else {
            let message = format!("the target's type {} is not one that transship can write", target.type_name);
            let suggestion = if target.may_stay_out() {
                format!("{place}\nskip = true")
            } else {
                format!("{} takes no row without it: give it a default, or another type", found.name)
            };
            self.findings
                .push(about(FindingCode::UnsupportedTargetType, Severity::Blocks, message).suggesting(suggestion));
            return Some(column);
        };
        let by_spec = column_spec(inputs.spec, &table.name, &column.source);
        if let Some(wanted) = by_spec.and_then(|column| column.column_type.as_ref())
            && !written_as.is_meant_by(wanted)
        {
            let message = format!("the spec says {wanted}, and the target's column is {}", target.type_name);
            let suggestion = format!("{place}\ntype = \"{written_as}\"");
            self.findings
                .push(about(FindingCode::ContradictsTargetType, Severity::Blocks, message).suggesting(suggestion));
        }
        let said = said_of(inputs.spec, &table.name, &column.source, &column.declared_type);
        if said.index.is_some() {
            let message = "no index is made on a table of the application".to_owned();
            self.findings.push(
                about(FindingCode::IndexNotMade, Severity::Warns, message)
                    .suggesting("remove `index`; an index of your own can be made by a step of the spec"),
            );
        }
        // The type that the mapping has given the column so far goes, and with it what was settled about its reading.
        let reading = said.from.unwrap_or(column.reading);
        let (column_type, reading) = settled(inputs, &column.declared_type, written_as, reading);
        Some(ColumnMapping {
            target: target.name.clone(),
            source_sql: read_instead(inputs, &table.name, (&column.source, &column.declared_type), &column_type),
            column_type,
            reading,
            identity: false,
            not_null: target.not_null,
            target_type: Some(target.type_name.clone()),
            labels: target.labels.clone(),
            enum_type: None,
            members: Vec::new(),
            ..column
        })
    }

    /// A column that the target computes: its stored values are not written, and what PostgreSQL makes of the others
    /// need not be the same. They are compared once all rows are loaded.
    fn fit_computed(
        &mut self,
        table: &Table,
        (relation, target): (&str, &TargetColumn),
        expression: &str,
        column: ColumnMapping,
    ) -> Option<ColumnMapping> {
        let Some(written_as) = target.written_as.clone() else {
            let place = OmittedPlace::column(&table.name, &column.source);
            let words = format!("PostgreSQL computes {relation}.{} itself, as {}", target.name, target.type_name);
            let (table, column) = (quote_toml_key(&table.name), quote_toml_key(&column.source));
            let lines = SpecLines::new(format!("tables.{table}.columns.{column}"), "skip = true");
            self.omit(OmittedObject::Column, place, OmissionReason::from(words).settled_by(lines));
            return None;
        };
        let shown = format!("{relation}.{}", target.name);
        let place = format!("[tables.{}.columns.{}]", quote_toml_key(&table.name), quote_toml_key(&column.source));
        let suggestion = format!("# to leave them uncompared as well\n{place}\nskip = true");
        self.findings.extend(computed_by_target(table, &column.source, &shown, expression, suggestion));
        Some(ColumnMapping {
            target: target.name.clone(),
            column_type: written_as,
            identity: false,
            generated: Some(expression.to_owned()),
            target_type: Some(target.type_name.clone()),
            labels: target.labels.clone(),
            enum_type: None,
            members: Vec::new(),
            ..column
        })
    }

    /// The target's columns that no source column fills.
    fn without_source(&mut self, table: &Table, found: &TargetTable, columns: &[ColumnMapping]) {
        let is_filled = |column: &TargetColumn| columns.iter().any(|mapped| mapped.target == column.name);
        for column in found.columns.iter().filter(|column| column.generated.is_none() && !is_filled(column)) {
            let name = format!("{}.{}", found.name, column.name);
            let about =
                |code, severity, message| Finding::about(code, severity, &table.name, message).in_column(&column.name);
            self.findings.push(if !column.may_stay_out() {
                let message = format!("{name} is NOT NULL without a default, and no source column fills it");
                about(FindingCode::TargetColumnRequired, Severity::Blocks, message)
                    .suggesting("rename a source column to it, or give it a default in the target")
            } else {
                let gets = match column {
                    column if column.identity.is_some() => "a number of its own",
                    column if column.has_default => "its default",
                    _ => "NULL",
                };
                let message = format!("no source column fills {name}; it gets {gets}");
                let words = format!("filled by no source column, and gets {gets}");
                about(FindingCode::TargetColumnUnfilled, Severity::Notes, message)
                    .because(Cause::new(["column of the target is", "columns of the target are"], words))
            });
        }
    }
}

/// Advice for a role of `target.url` to which the policies of a table apply.
pub(super) fn past_row_security(found: &TargetTable) -> String {
    let lacking = found.lacks(&[Right::BypassRowSecurity]);
    let grants = lacking.filter_map(|lacking| lacking.grant.as_deref()).collect::<Vec<_>>();
    if grants.is_empty() {
        return WITHOUT_ROW_SECURITY.to_owned();
    }
    format!("{}, or use the table's owner, unless its policies are forced", remedy(grants))
}

/// The table of this name; if there is none, the only one of its schema whose name differs in case alone.
fn find<'a>(schemas: &Schemas, tables: &'a BTreeMap<String, TargetTable>, name: &str) -> Option<&'a TargetTable> {
    let (schema, folded) = (schemas.schema_of(name), schemas.bare(name).to_lowercase());
    let is_meant = |table: &&TargetTable| {
        let place = schemas.place(&table.name);
        place.schema == schema && place.name.to_lowercase() == folded
    };
    tables.get(name).or_else(|| only(tables.values().filter(is_meant)))
}

fn find_column<'a>(table: &'a TargetTable, name: &str) -> Option<&'a TargetColumn> {
    let folded = name.to_lowercase();
    table.column(name).or_else(|| only(table.columns.iter().filter(|column| column.name.to_lowercase() == folded)))
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn missing_table(inputs: Inputs<'_>, table: &Table, wished: &str, tables: &BTreeMap<String, TargetTable>) -> Finding {
    let schemas = &inputs.spec.target.schemas;
    let message = format!("the target has no table {}", schemas.shown(wished));
    let beside = |table: &&TargetTable| {
        table.kind == RelationKind::Table && schemas.schema_of(&table.name) == schemas.schema_of(wished)
    };
    let names = tables.values().filter(beside).map(|table| schemas.bare(&table.name));
    let rename = nearest(schemas.bare(wished), names)
        .map(|name| format!("# or, if that is the one: rename = \"{name}\"\n"))
        .unwrap_or_default();
    Finding::about(FindingCode::TargetTableMissing, Severity::Blocks, &table.name, message)
        .suggesting(format!("{rename}[tables.{}]\nskip = true", quote_toml_key(&table.name)))
}

/// Why rows cannot be copied into a relation and found there again.
fn refusal(found: &TargetTable) -> Option<&'static str> {
    match found.kind {
        RelationKind::Table => None,
        RelationKind::Partitioned => Some("partitioned or a partition, which transship does not fill"),
        RelationKind::Inheriting => Some("part of an inheritance tree, which transship does not fill"),
        RelationKind::Foreign => Some("a foreign table, which transship does not fill"),
        RelationKind::View => Some("a view"),
        RelationKind::Other => Some("no table"),
    }
}
