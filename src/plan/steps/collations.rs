//! Collations of the target that compare texts as the source does.

use super::StepMaker;
use crate::catalog::{Index, LetterRule, Table};
use crate::dialect::postgresql::equality::{collation_locale, collation_name};
use crate::plan::error::PlanError;
use crate::plan::mapping::{ColumnMapping, TableMapping};
use crate::plan::step::{StepId, StepKind};
use serde_json::json;
use std::collections::BTreeSet;

impl StepMaker<'_> {
    /// The collations of columns and of unique keys, each once in a schema.
    pub(super) fn collations(&mut self) -> Result<(), PlanError> {
        let tables = self.tables.iter().filter_map(|mapping| {
            let (table, schemas) = (self.inputs.catalog.table(&mapping.source)?, self.schemas());
            let known = |rule| (rule, schemas.beside(&mapping.target, &collation_name(rule)));
            Some(letters(mapping, table).into_iter().map(known))
        });
        let rules = tables.flatten().collect::<BTreeSet<_>>();
        self.collations_of(rules).map(drop)
    }

    /// The collations of these rules, under the names by which they are known, as steps; an existing collation is not made
    /// again.
    pub(super) fn collations_of(&mut self, rules: BTreeSet<(LetterRule, String)>) -> Result<Vec<StepId>, PlanError> {
        let mut steps = Vec::with_capacity(rules.len());
        for (rule, name) in rules {
            let id = StepKind::Collation.id(&name);
            if !self.made.steps.iter().any(|step| step.id == id) {
                let context = json!({ "collation": name, "locale": collation_locale(rule) });
                self.render(StepKind::Collation, &name, self.ids(&[StepKind::Schema]), &context)?;
            }
            steps.push(id);
        }
        Ok(steps)
    }
}

/// The rules for letters that a table's columns and unique keys compare by.
fn letters(mapping: &TableMapping, table: &Table) -> Vec<LetterRule> {
    let in_key = |column: &str| {
        let names = |columns: &[String]| columns.iter().any(|name| name.eq_ignore_ascii_case(column));
        let of_index = |index: &Index| {
            let is_column = |name: &String| name.eq_ignore_ascii_case(column);
            index.unique && index.columns.iter().any(|key| key.column.as_ref().is_some_and(is_column))
        };
        table.primary_key.as_ref().is_some_and(|key| names(&key.columns))
            || table.unique_constraints.iter().any(|unique| names(&unique.columns))
            || table.indexes.iter().any(of_index)
    };
    let is_compared = |column: &&ColumnMapping| column.compared_by.is_some() || in_key(&column.source);
    let of_columns = mapping.columns.iter().filter(is_compared).filter_map(ColumnMapping::letters);
    let unique = table.indexes.iter().filter(|index| index.unique).flat_map(|index| &index.columns);
    let expressions = unique.filter(|key| key.expression.is_some());
    of_columns.chain(expressions.filter_map(|key| key.equality.rule()?.letters)).collect()
}
