//! Types that values decide, of tables that an earlier run has made: they stay as they were made, whatever rows have come since.

use crate::catalog::{Column, ColumnType, DeclaredType};
use crate::dialect;
use crate::plan::mapping::type_said;
use crate::plan::{Contents, Plan, PlanError, StepKind, TableMapping};
use crate::survey::facts::Basis;
use std::collections::BTreeMap;
use std::mem::discriminant;

/// The plan with the types of the target where these alone tell a table from the one that was made; the contents then have them.
///
/// # Errors
/// No plan can be made.
pub(crate) fn keeping(basis: &Basis<'_>, plan: Plan, contents: &mut Contents) -> Result<Plan, PlanError> {
    let changed = plan.tables.iter().filter(|mapping| is_otherwise(basis, &plan, mapping));
    let made = changed.map(|mapping| (mapping.source.clone(), made(basis, mapping)));
    contents.kept = made.filter(|(_, types)| !types.is_empty()).collect();
    if contents.kept.is_empty() {
        return Ok(plan);
    }
    let kept = basis.plan(contents)?;
    let others = kept.tables.iter().filter(|mapping| is_otherwise(basis, &kept, mapping));
    let others = others.filter(|mapping| contents.kept.contains_key(&mapping.source)).map(|mapping| &mapping.source);
    let others = others.cloned().collect::<Vec<_>>();
    if others.is_empty() {
        return Ok(kept);
    }
    contents.kept.retain(|table, _| !others.contains(table));
    basis.plan(contents)
}

/// Whether an earlier run has made the table otherwise than the plan has it.
fn is_otherwise(basis: &Basis<'_>, plan: &Plan, mapping: &TableMapping) -> bool {
    let id = StepKind::Table.id(&mapping.target);
    let Some(done) = basis.state.done.get(&id) else { return false };
    plan.steps.iter().any(|step| step.id == id && !step.is_as_done(done))
}

/// The types of the target that the columns of a table would have by other values, by column.
fn made(basis: &Basis<'_>, mapping: &TableMapping) -> BTreeMap<String, ColumnType> {
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
