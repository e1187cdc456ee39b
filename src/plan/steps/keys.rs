//! Primary keys and unique constraints.

use super::indexes::{has_order, key_sql, within_limit};
use super::{StepMaker, part_name};
use crate::catalog::{CollationRule, Column, Equality, PrimaryKey, Table, UniqueConstraint};
use crate::dialect::postgresql::equality::{KeyFolding, folded_key};
use crate::name::{quote_identifier, quote_toml_key};
use crate::plan::error::PlanError;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::mapping::{TableMapping, is_nullable_key, leaves_key};
use crate::plan::names::Namespace;
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::plan::step::{Step, StepKind, Work};
use crate::spec::OnBadValue;
use crate::value::StorageClass;
use serde_json::json;

impl StepMaker<'_> {
    pub(super) fn primary_key(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        key: &PrimaryKey,
        constraints: &mut Namespace,
    ) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        if leaves_key(self.inputs.spec, &table.name, &key.columns) {
            self.omit(
                OmittedObject::PrimaryKey,
                key_place(OmittedObject::PrimaryKey, mapping, &key.columns),
                left_out(),
            );
            return Ok(());
        }
        let columns = match key_columns(mapping, &key.columns) {
            Ok(columns) => columns,
            Err(reason) => {
                self.key_omitted(OmittedObject::PrimaryKey, mapping, &key.columns, reason);
                return Ok(());
            }
        };
        if let Err(reason) = within_limit(columns.len()) {
            self.key_omitted(OmittedObject::PrimaryKey, mapping, &key.columns, reason);
            return Ok(());
        }
        self.key_by_spelling(mapping, table, &key.columns);
        let after = || vec![StepKind::Copy.id(name)];
        let wished = self.wished(key.name.as_deref(), || format!("{}_pkey", self.bare(name)));
        let constraint = self.take_free(mapping, wished);
        self.note_shortened(mapping, key.name.as_deref(), &constraint);
        constraints.take(&constraint);
        let context = json!({ "table": name, "name": constraint, "columns": columns });
        let step = if self.holds_null(mapping, table, &constraint) {
            self.render_of(mapping, StepKind::Unique, Some(&constraint), after(), &context)?
        } else {
            self.render_of(mapping, StepKind::PrimaryKey, None, after(), &context)?
        };
        step.left_out_by = Some(left_out_by(mapping, &key.columns));
        // A primary key is over plain columns: rows that only the source takes for equal are kept apart by an index
        // beside it.
        match self.keys(mapping, table, &key.columns, &columns) {
            Ok(keys) => self.unique_beside(mapping, &columns, &keys),
            Err(reason) => {
                self.key_omitted(OmittedObject::Unique, mapping, &key.columns, reason);
                Ok(())
            }
        }
    }

    pub(super) fn unique(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        unique: &UniqueConstraint,
        constraints: &mut Namespace,
    ) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        if leaves_key(self.inputs.spec, &table.name, &unique.columns) {
            self.omit(OmittedObject::Unique, key_place(OmittedObject::Unique, mapping, &unique.columns), left_out());
            return Ok(());
        }
        let columns = match key_columns(mapping, &unique.columns) {
            Ok(columns) => columns,
            Err(reason) => {
                self.key_omitted(OmittedObject::Unique, mapping, &unique.columns, reason);
                return Ok(());
            }
        };
        let keys = within_limit(columns.len()).and_then(|()| self.keys(mapping, table, &unique.columns, &columns));
        let keys = match keys {
            Ok(keys) => keys,
            Err(reason) => {
                self.key_omitted(OmittedObject::Unique, mapping, &unique.columns, reason);
                return Ok(());
            }
        };
        self.key_by_spelling(mapping, table, &unique.columns);
        let wished = self.wished(unique.name.as_deref(), || format!("{}_{}_key", self.bare(name), columns.join("_")));
        let chosen = self.take_free(mapping, wished);
        self.note_shortened(mapping, unique.name.as_deref(), &chosen);
        // A constraint is over plain columns; a case-insensitive key has to be an index over an expression.
        let is_folded =
            |source: &String| table.column(source).is_some_and(|column| column.equality.folding().is_some());
        if unique.columns.iter().any(is_folded) {
            self.unique_index(mapping, &chosen, &keys)?.left_out_by = Some(left_out_by(mapping, &unique.columns));
            return Ok(());
        }
        constraints.take(&chosen);
        let context = json!({ "table": name, "name": chosen, "columns": columns });
        let step = self.render_of(mapping, StepKind::Unique, Some(&chosen), vec![StepKind::Copy.id(name)], &context)?;
        step.left_out_by = Some(left_out_by(mapping, &unique.columns));
        self.unique_beside(mapping, &columns, &keys)
    }

    /// A unique index beside a key over plain columns, which foreign keys and queries need: it refuses what only the source
    /// takes for equal. None where the key itself refuses that.
    pub(super) fn unique_beside(
        &mut self,
        mapping: &TableMapping,
        columns: &[String],
        keys: &[String],
    ) -> Result<(), PlanError> {
        if keys.iter().zip(columns).all(|(key, column)| *key == quote_identifier(column)) {
            return Ok(());
        }
        let chosen = self.take_free(mapping, format!("{}_{}_key", self.bare(&mapping.target), columns.join("_")));
        self.unique_index(mapping, &chosen, keys)?;
        Ok(())
    }

    /// The keys of a unique constraint, as its columns are compared.
    pub(super) fn keys(
        &self,
        mapping: &TableMapping,
        table: &Table,
        sources: &[String],
        columns: &[String],
    ) -> Result<Vec<String>, String> {
        let equality = |source: &String| table.column(source).map_or(&Equality::Bytes, |column| &column.equality);
        let schema = self.schemas().schema_of(&mapping.target);
        let key = |(source, column): (&String, &String)| {
            let mapped = mapping.columns.iter().find(|mapped| mapped.target == *column);
            match mapped.map(|mapped| (mapped, mapped.key_folding(equality(source)))) {
                Some((mapped, Ok(Some(KeyFolding::Collated(rule))))) => {
                    // The column's own collation applies to what is made of it.
                    let letters = rule.letters.filter(|_| mapped.compared_by.is_none());
                    let rest = KeyFolding::Collated(CollationRule { letters, ..rule });
                    Ok(folded_key(rest, &quote_identifier(column), schema))
                }
                _ => key_sql(mapping, column, equality(source)),
            }
        };
        sources.iter().zip(columns).map(key).collect()
    }

    fn unique_index(&mut self, mapping: &TableMapping, name: &str, keys: &[String]) -> Result<&mut Step, PlanError> {
        let (table, none) = (&mapping.target, None::<String>);
        let context = json!({ "table": table, "name": name, "keys": keys, "unique": true, "method": "btree", "predicate": none, "definition": none });
        let after = vec![StepKind::Copy.id(table)];
        let step = self.render_of(mapping, StepKind::Index, Some(name), after, &context)?;
        step.work = Work::Key;
        Ok(step)
    }

    /// Omits a key that PostgreSQL cannot have. A key over a column that the spec skips goes with the column.
    fn key_omitted(&mut self, kind: OmittedObject, mapping: &TableMapping, columns: &[String], reason: String) {
        let reason = OmissionReason::from(reason).settled_by(left_out_by(mapping, columns));
        self.omit(kind, key_place(kind, mapping, columns), reason.known_if(mapping.target_columns(columns).is_none()));
    }

    /// Whether a primary key holds NULL, which only SQLite allows, or held it when a run made it. It becomes a unique constraint,
    /// which means the same: two NULLs are not equal.
    fn holds_null(&mut self, mapping: &TableMapping, table: &Table, constraint: &str) -> bool {
        let nulls = |column: &&Column| {
            let stored = self.inputs.contents.classes_of(&table.name, &column.name);
            let mapped = mapping.columns.iter().find(|mapped| mapped.source == column.name);
            is_nullable_key(table, column)
                && mapped.is_none_or(|mapped| mapped.treatment() != OnBadValue::Reject)
                && stored.is_some_and(|stored| stored.contains_key(&StorageClass::Null))
        };
        let columns = table.columns.iter().filter(nulls).map(|column| column.name.clone()).collect::<Vec<_>>();
        let done = &self.inputs.target.done;
        let is_made = done.contains_key(&StepKind::PrimaryKey.id(&mapping.target));
        if columns.is_empty() {
            let unique = StepKind::Unique.id(&part_name(&mapping.target, constraint));
            return !is_made && done.contains_key(&unique);
        }
        if is_made {
            let message = format!(
                "the primary key holds NULL in {}, and an earlier run has made it a primary key, which takes none",
                columns.join(", ")
            );
            self.made.findings.push(
                Finding::about(FindingCode::NullInPrimaryKey, Severity::Blocks, &table.name, message).suggesting(
                    "give these rows a key in the source, or start over: `transship rollback` removes what was made",
                ),
            );
            return false;
        }
        let message = format!("the primary key holds NULL in {}; it becomes a unique constraint", columns.join(", "));
        self.made.findings.push(
            Finding::about(FindingCode::NullInPrimaryKey, Severity::Warns, &table.name, message)
                .suggesting("leave such rows behind by `where` to keep the primary key"),
        );
        true
    }
}

/// Place of an omitted key in the plan's list.
fn key_place(kind: OmittedObject, mapping: &TableMapping, columns: &[String]) -> OmittedPlace {
    match kind {
        OmittedObject::PrimaryKey => OmittedPlace::table(&mapping.source),
        _ => OmittedPlace::of_table(&mapping.source, format!("{} ({})", mapping.source, columns.join(", "))),
    }
}

/// The line of spec that leaves a key behind.
fn left_out_by(mapping: &TableMapping, columns: &[String]) -> SpecLines {
    let line = format!("keys.{} = false", quote_toml_key(&columns.join(", ")));
    SpecLines::new(format!("tables.{}", quote_toml_key(&mapping.source)), line)
}

fn left_out() -> OmissionReason {
    OmissionReason::known("left out by `keys`")
}

/// The target's names of a key's columns, or the reason why there is no key.
fn key_columns(mapping: &TableMapping, sources: &[String]) -> Result<Vec<String>, String> {
    let columns = mapping.target_columns(sources).ok_or("a column of it is skipped")?;
    columns.iter().try_for_each(|column| has_order(mapping, column))?;
    Ok(columns)
}
