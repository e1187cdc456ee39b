//! A table, its rows, and what waits for its rows alone: keys, indexes, CHECKs.

use super::Maker;
use crate::catalog::{Column, ColumnType, Index, SortOrder, Table, UniqueConstraint};
use crate::name::{quote_identifier, quote_toml_key};
use crate::plan::error::PlanError;
use crate::plan::expression::{condition, index_key};
use crate::plan::finding::{Finding, Severity};
use crate::plan::mapping::{ColumnMapping, TableMapping, is_nullable_key};
use crate::plan::names::Namespace;
use crate::plan::step::StepKind;
use crate::spec::{IndexMethod, OnBadValue};
use crate::value::StorageClass;
use serde_json::json;

impl Maker<'_> {
    /// A table, its rows, and what waits for its rows alone.
    pub(super) fn table(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let before = self.ids(&[StepKind::Schema, StepKind::Extension, StepKind::Drop]);
        let columns = &mapping.columns;
        self.render(StepKind::Table, name, before, &json!({ "table": name, "columns": columns }))?.table =
            Some(mapping.source.clone());

        self.copy(mapping, vec![StepKind::Table.id(name)])?;

        let copied = || vec![StepKind::Copy.id(name)];
        for column in columns.iter().filter(|column| column.identity) {
            let context = json!({ "table": name, "column": column.target, "sequence": null, "last_key": true });
            self.render(StepKind::Sequence, name, copied(), &context)?.table = Some(mapping.source.clone());
        }
        let mut constraints = Namespace::default();
        if let Some(key) = &table.primary_key {
            match key_columns(mapping, &key.columns) {
                Ok(columns) => {
                    let wished = self.wished(key.name.as_deref(), || format!("{name}_pkey"));
                    let constraint = self.relations.take_free(&wished);
                    constraints.take(&constraint);
                    let context = json!({ "table": name, "name": constraint, "columns": columns });
                    if self.holds_null(mapping, table) {
                        self.render(StepKind::Unique, &format!("{name}.{constraint}"), copied(), &context)?;
                    } else {
                        self.render(StepKind::PrimaryKey, name, copied(), &context)?;
                    }
                }
                Err(reason) => self.omit("primary key", table.name.clone(), reason),
            }
        }
        for unique in &table.unique_constraints {
            self.unique(mapping, table, unique, &mut constraints)?;
        }
        for index in &table.indexes {
            self.index(mapping, table, index)?;
        }
        self.indexes_of_the_spec(mapping)?;
        for check in &table.checks {
            let place =
                check.name.as_ref().map_or_else(|| table.name.clone(), |check| format!("{}.{check}", table.name));
            match condition(&check.expression, columns) {
                Ok(condition) => {
                    let wished = self.wished(check.name.as_deref(), || format!("{name}_check"));
                    let constraint = constraints.take_free(&wished);
                    let step = format!("{name}.{constraint}");
                    self.render(
                        StepKind::Constraint,
                        &step,
                        copied(),
                        &json!({ "table": name, "name": constraint, "condition": condition }),
                    )?;
                }
                Err(reason) => self.omit("check", place, format!("{}: {}", reason.0, check.expression)),
            }
        }
        Ok(())
    }

    /// The copy of a table's rows, after some steps and the copies that the spec wants before it.
    pub(super) fn copy(&mut self, mapping: &TableMapping, mut after: Vec<String>) -> Result<(), PlanError> {
        after.extend(self.hints(&mapping.source).iter().map(|hint| StepKind::Copy.id(hint)));
        let context = json!({ "table": mapping.target, "columns": mapping.columns });
        let copy = self.render(StepKind::Copy, &mapping.target, after, &context)?;
        copy.rows = Some(mapping.size.rows);
        copy.bytes = Some(mapping.size.bytes);
        copy.binding = mapping.binding();
        copy.table = Some(mapping.source.clone());
        Ok(())
    }

    /// Whether a primary key holds NULL, which only SQLite allows. It becomes a unique constraint, which means the same:
    /// two NULLs are not equal.
    fn holds_null(&mut self, mapping: &TableMapping, table: &Table) -> bool {
        let nulls = |column: &&Column| {
            let stored = self.inputs.contents.classes_of(&table.name, &column.name);
            let mapped = mapping.columns.iter().find(|mapped| mapped.source == column.name);
            is_nullable_key(table, column)
                && mapped.is_none_or(|mapped| mapped.treatment() != OnBadValue::Reject)
                && stored.is_some_and(|stored| stored.contains_key(&StorageClass::Null))
        };
        let columns = table.columns.iter().filter(nulls).map(|column| column.name.clone()).collect::<Vec<_>>();
        if columns.is_empty() {
            return false;
        }
        let message = format!("the primary key holds NULL in {}; it becomes a unique constraint", columns.join(", "));
        self.made.findings.push(
            Finding::about("null_in_primary_key", Severity::Warns, &table.name, message)
                .suggesting("`where` leaves such rows behind, and the key stays a primary key"),
        );
        true
    }

    /// The tables in the target that the spec wants copied before this one.
    fn hints(&self, source: &str) -> Vec<String> {
        let by_spec = self.inputs.spec.tables.iter().find(|(name, _)| name.eq_ignore_ascii_case(source));
        let wanted = by_spec.map(|(_, table)| table.after.as_slice()).unwrap_or_default();
        // A name that no table has is a finding of the mapping.
        let found =
            wanted.iter().filter_map(|name| self.tables.iter().find(|table| table.source.eq_ignore_ascii_case(name)));
        found.map(|table| table.target.clone()).collect()
    }

    fn unique(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        unique: &UniqueConstraint,
        constraints: &mut Namespace,
    ) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let columns = match key_columns(mapping, &unique.columns) {
            Ok(columns) => columns,
            Err(reason) => {
                self.omit("unique", format!("{} ({})", table.name, unique.columns.join(", ")), reason);
                return Ok(());
            }
        };
        let wished = self.wished(unique.name.as_deref(), || format!("{name}_{}_key", columns.join("_")));
        let chosen = self.relations.take_free(&wished);
        let collations =
            unique.columns.iter().map(|column| table.column(column).and_then(|column| column.collation.as_deref()));
        let keys = columns
            .iter()
            .zip(collations)
            .map(|(column, collation)| key_sql(mapping, column, collation))
            .collect::<Vec<_>>();
        let step = format!("{name}.{chosen}");
        let after = vec![StepKind::Copy.id(name)];
        // A constraint is over plain columns; what ignores case has to be an index over an expression.
        if keys.iter().zip(&columns).any(|(key, column)| *key != quote_identifier(column)) {
            let predicate: Option<String> = None;
            let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": true, "method": "btree", "predicate": predicate });
            self.render(StepKind::Index, &step, after, &context)?;
        } else {
            constraints.take(&chosen);
            self.render(StepKind::Unique, &step, after, &json!({ "table": name, "name": chosen, "columns": columns }))?;
        }
        Ok(())
    }

    fn index(&mut self, mapping: &TableMapping, table: &Table, index: &Index) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let place = format!("{}.{}", table.name, index.name);
        let translated = index_keys(mapping, index).and_then(|keys| {
            let predicate = index.predicate.as_deref().map(|predicate| condition(predicate, &mapping.columns));
            Ok((keys, predicate.transpose().map_err(|reason| reason.0)?))
        });
        match translated {
            Ok((keys, predicate)) => {
                let chosen = self.relations.take_free(&self.inputs.spec.target.names.apply(&index.name));
                let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": index.unique, "method": "btree", "predicate": predicate });
                self.render(StepKind::Index, &format!("{name}.{chosen}"), vec![StepKind::Copy.id(name)], &context)?;
            }
            Err(reason) => {
                if index.unique {
                    let message = format!("the unique index {} is not carried over: {reason}", index.name);
                    self.made.findings.push(
                        Finding::about("unique_index_omitted", Severity::Warns, &table.name, message)
                            .suggesting("write it as a step of the spec"),
                    );
                }
                let sql = index.sql.as_deref().unwrap_or_default();
                self.omit("index", place, format!("{reason}: {sql}"));
            }
        }
        Ok(())
    }

    /// The extension that an index of this method needs for a column of this type, where the spec does not ask for it.
    fn lacking_extension(&self, method: IndexMethod, column_type: &ColumnType) -> Option<&'static str> {
        let extension = match method {
            IndexMethod::Gin if *column_type != ColumnType::Jsonb => "btree_gin",
            IndexMethod::Gist => "btree_gist",
            _ => return None,
        };
        let asked = self.inputs.spec.target.extensions.iter().any(|asked| asked == extension);
        (!asked).then_some(extension)
    }

    /// `columns.NAME.index`
    fn indexes_of_the_spec(&mut self, mapping: &TableMapping) -> Result<(), PlanError> {
        let by_spec = self.inputs.spec.tables.iter().find(|(name, _)| name.eq_ignore_ascii_case(&mapping.source));
        let wanted = by_spec
            .into_iter()
            .flat_map(|(_, table)| &table.columns)
            .filter_map(|(column, by_spec)| Some((column, by_spec.index?)));
        let name = mapping.target.as_str();
        for (column, method) in wanted.collect::<Vec<_>>() {
            let Some(mapped) = mapping.columns.iter().find(|mapped| mapped.source.eq_ignore_ascii_case(column)) else {
                continue;
            };
            if let Some(extension) = self.lacking_extension(method, &mapped.column_type) {
                let message = format!("{} has no operators for {} by itself", method.sql(), mapped.column_type);
                let finding = Finding::about("index_without_operators", Severity::Blocks, &mapping.source, message);
                let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(column));
                let suggestion = format!(
                    "# or keep the method and add \"{extension}\" to target.extensions\n[tables.{table}.columns.{key}]\nindex = \"btree\""
                );
                self.made.findings.push(finding.in_column(column).suggesting(suggestion));
            }
            let column = mapped.target.as_str();
            let chosen = self.relations.take_free(&format!("{name}_{column}_idx"));
            let (keys, predicate) = ([quote_identifier(column)], None::<String>);
            let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": false, "method": method.sql(), "predicate": predicate });
            self.render(StepKind::Index, &format!("{name}.{chosen}"), vec![StepKind::Copy.id(name)], &context)?;
        }
        Ok(())
    }
}

/// The target's names of a key's columns, or why there is no key.
fn key_columns(mapping: &TableMapping, sources: &[String]) -> Result<Vec<String>, String> {
    let columns = mapping.target_columns(sources).ok_or("a column of it is skipped")?;
    columns.iter().try_for_each(|column| has_order(mapping, column))?;
    Ok(columns)
}

/// Refuses a column whose type PostgreSQL cannot sort.
fn has_order(mapping: &TableMapping, column: &str) -> Result<(), String> {
    let is_json = |mapped: &ColumnMapping| mapped.target == column && mapped.column_type == ColumnType::Json;
    if mapping.columns.iter().any(is_json) {
        return Err(format!("{column} is json, which PostgreSQL cannot compare; jsonb can be"));
    }
    Ok(())
}

/// The keys of an index in PostgreSQL's SQL, or why there are none.
fn index_keys(mapping: &TableMapping, index: &Index) -> Result<Vec<String>, String> {
    let key = |key: &crate::catalog::IndexColumn| {
        let sql = match (&key.column, &key.expression) {
            (Some(column), _) => {
                let column = mapping.target_column(column).ok_or_else(|| format!("its column {column} is skipped"))?;
                has_order(mapping, column)?;
                key_sql(mapping, column, key.collation.as_deref())
            }
            (None, Some(expression)) => {
                format!("({})", index_key(expression, &mapping.columns).map_err(|reason| reason.0)?)
            }
            (None, None) => return Err("one of its keys cannot be read".to_owned()),
        };
        Ok(if key.order == SortOrder::Descending { format!("{sql} DESC") } else { sql })
    };
    index.columns.iter().map(key).collect()
}

/// A key over a plain column. SQLite's NOCASE folds the 26 letters of ASCII and no others, as lower() does in the
/// collation "C" (<https://www.sqlite.org/datatype3.html#collation>).
fn key_sql(mapping: &TableMapping, column: &str, collation: Option<&str>) -> String {
    let is_text = mapping.columns.iter().any(|mapped| {
        mapped.target == column
            && matches!(mapped.column_type, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_))
    });
    let column = quote_identifier(column);
    if is_text && collation.is_some_and(|collation| collation.eq_ignore_ascii_case("NOCASE")) {
        format!("lower({column} COLLATE \"C\")")
    } else {
        column.into_owned()
    }
}
