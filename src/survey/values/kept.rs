//! Types that values decide, of tables that an earlier run has made: they stay as they were made, whatever rows have come since.

use crate::catalog::{Column, ColumnType, DeclaredType};
use crate::dialect;
use crate::plan::mapping::type_said;
use crate::plan::{Plan, RowFacts, StepKind, TableMapping};
use crate::survey::facts::PlanBasis;
use std::collections::BTreeMap;
use std::mem::discriminant;

/// Gives the contents the types of the target for tables that an earlier run has made otherwise than the plan has them; whether
/// there are such.
pub(crate) fn keep(basis: &PlanBasis<'_>, plan: &Plan, contents: &mut RowFacts) -> bool {
    let changed = plan.tables.iter().filter(|mapping| is_otherwise(basis, plan, mapping));
    let made = changed.map(|mapping| (mapping.source.clone(), made(basis, mapping)));
    contents.kept = made.filter(|(_, types)| !types.is_empty()).collect();
    !contents.kept.is_empty()
}

/// Takes the types away again where they do not make the table the one that stands: it is another for another reason. Whether there
/// are such tables.
pub(crate) fn release(basis: &PlanBasis<'_>, plan: &Plan, contents: &mut RowFacts) -> bool {
    let others = plan.tables.iter().filter(|mapping| is_otherwise(basis, plan, mapping));
    let others = others.filter(|mapping| contents.kept.remove(&mapping.source).is_some());
    others.count() > 0
}

/// Whether an earlier run has made the table otherwise than the plan has it.
fn is_otherwise(basis: &PlanBasis<'_>, plan: &Plan, mapping: &TableMapping) -> bool {
    let id = StepKind::Table.id(&mapping.target);
    let Some(done) = basis.state.done.get(&id) else { return false };
    plan.steps.iter().any(|step| step.id == id && !step.is_as_done(done))
}

/// The types of the target that the columns of a table would have by other values, by column.
fn made(basis: &PlanBasis<'_>, mapping: &TableMapping) -> BTreeMap<String, ColumnType> {
    let (table, standing) = (basis.catalog.table(&mapping.source), basis.state.made_types.get(&mapping.target));
    let Some((table, standing)) = table.zip(standing) else { return BTreeMap::new() };
    let is_open = |column: &Column| type_said(basis.spec, &table.name, column).is_none();
    let types = mapping.columns.iter().filter(|column| table.column(&column.source).is_some_and(is_open));
    let types = types.filter_map(|column| {
        let stands = standing.get(&column.target)?;
        let declared = DeclaredType::parse(&column.declared_type);
        let by_values = dialect::of(basis.catalog.engine).declared(&declared).by_values();
        let made = by_values.into_iter().find(|by_values| discriminant(by_values) == discriminant(stands))?;
        (made != column.column_type).then(|| (column.source.clone(), made))
    });
    types.collect()
}
