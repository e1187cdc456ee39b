//! A table, its rows, and the steps that depend on its rows alone: keys, indexes, CHECKs.

use super::StepMaker;
use super::types::types_of;
use crate::catalog::Table;
use crate::plan::error::PlanError;
use crate::plan::judged_copy::CopyThroughText;
use crate::plan::mapping::{TableMapping, table_spec};
use crate::plan::merge_sql::{MERGED_IDS, MergeSql};
use crate::plan::names::{Namespace, sequence_name};
use crate::plan::step::{NameSearch, StepId, StepKind, Work};
use crate::spec::{ColumnSpec, SqlOrOmitted};
use serde_json::json;

impl StepMaker<'_> {
    /// Makes the steps of a table, of its rows, and those that depend on its rows alone.
    pub(super) fn table(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let made_before =
            [StepKind::Schema, StepKind::Extension, StepKind::Collation, StepKind::SetAside, StepKind::Generator];
        let mut before = self.ids(&made_before);
        before.extend(types_of(mapping));
        let parts = mapping.partitions.iter().flat_map(|partitions| &partitions.parts);
        let parts = parts.map(|part| part.name.as_str()).collect::<Vec<_>>();
        before.extend(self.apart(StepKind::Table, name, &parts));
        let columns = &mapping.columns;
        let is_given = |column: &ColumnSpec| {
            [&column.default, &column.generated].into_iter().any(|given| matches!(given, Some(SqlOrOmitted::Sql(_))))
        };
        let by_spec = table_spec(self.inputs.spec, &table.name);
        let identity = columns.iter().find(|column| column.identity);
        let sequence = identity.and_then(|column| self.sequence(name, &column.target));
        let mut context = json!({ "table": name, "columns": columns, "search": mapping.search, "sequence": sequence });
        if let Some(comment) = &table.comment {
            context["comment"] = json!(comment);
        }
        if let Some(partitions) = &mapping.partitions {
            context["partitions"] = json!(partitions);
        }
        let step = self.render_of(mapping, StepKind::Table, None, before, &context)?;
        let finds_extensions =
            columns.iter().any(|column| column.column_type.extension().is_some() || column.is_judged())
                || by_spec.is_some_and(|table| table.search.is_some() || table.columns.values().any(is_given));
        if finds_extensions {
            step.search = NameSearch::Tables;
        }

        self.copy(mapping, vec![StepKind::Table.id(name)])?;

        let after_copy = || vec![StepKind::Copy.id(name)];
        for column in columns.iter().filter(|column| column.identity) {
            let context = json!({ "table": name, "column": column.target, "sequence": null, "last_key": true });
            self.render_of(mapping, StepKind::Sequence, None, after_copy(), &context)?;
            self.counter(mapping, column);
        }
        let mut constraints = Namespace::default();
        if let Some(key) = &table.primary_key {
            self.primary_key(mapping, table, key, &mut constraints)?;
        }
        for unique in &table.unique_constraints {
            self.unique(mapping, table, unique, &mut constraints)?;
        }
        for index in &table.indexes {
            self.index(mapping, table, index)?;
        }
        self.indexes_of_the_spec(mapping)?;
        self.search_index(mapping)?;
        self.checks_of(mapping, table, &mut constraints)?;
        self.updates(mapping, table)?;
        self.storage(mapping, table);
        self.foreign_keys_elsewhere(table);
        Ok(())
    }

    /// The name of an identity column's sequence, if another relation has, or will have, the name that PostgreSQL would
    /// choose.
    fn sequence(&mut self, table: &str, column: &str) -> Option<String> {
        let schemas = self.schemas();
        let bare = schemas.bare(table);
        let mut names = (0..).map(|tries| sequence_name(bare, column, tries));
        let is_free =
            |name: &String| !self.wished.contains(name) && !self.relations.holds(&schemas.beside(table, name));
        let usual = names.next().filter(is_free);
        let chosen = if usual.is_none() { names.find(is_free) } else { None };
        for name in usual.iter().chain(&chosen) {
            self.relations.take(&schemas.beside(table, name));
        }
        chosen.map(|name| schemas.beside(table, &name))
    }

    /// The copy of a table's rows, after some steps and the copies that the spec wants before it.
    pub(super) fn copy(&mut self, mapping: &TableMapping, mut after: Vec<StepId>) -> Result<(), PlanError> {
        after.extend(self.hints(&mapping.source).iter().map(|hint| StepKind::Copy.id(hint)));
        let (inputs, copied) = (self.inputs, mapping.copied());
        let context = json!({ "table": mapping.target, "columns": copied.columns });
        let staged = copied.is_staged().then(|| self.merge_sql(&copied).script());
        let through = CopyThroughText::of(&copied, self.schemas());
        let copy = self.render_of(mapping, StepKind::Copy, None, after, &context)?;
        copy.sql = staged.unwrap_or_else(|| std::mem::take(&mut copy.sql));
        if let Some(through) = &through {
            copy.sql = through.sql();
            copy.search = NameSearch::Tables;
        }
        let (rows, bytes) = (mapping.size.rows, mapping.size.bytes);
        let is_through = through.is_some();
        copy.work = Work::Copy { rows, bytes, binding: copied.binding(), through };
        let done = inputs.target.done.get(&copy.id).filter(|done| **done != copy.fingerprint());
        let schemas = &inputs.spec.target.schemas;
        copy.former = done.cloned().filter(|done| {
            copied.stricter().any(|stricter| {
                let mut earlier = copy.clone();
                if stricter.is_staged() && !is_through {
                    earlier.sql = MergeSql::of(&stricter, schemas, &inputs.spec.name, MERGED_IDS).script();
                }
                if let Work::Copy { binding, .. } = &mut earlier.work {
                    *binding = stricter.binding();
                }
                earlier.fingerprint() == *done
            })
        });
        Ok(())
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
}
