//! The columns whose spelling matters: SQL of the source may compare what SQLite has as text and PostgreSQL as a moment, a
//! UUID or a truth value.

use super::TableMapping;
use crate::catalog::{Catalog, OtherObjectKind, Table};
use crate::dialect::expression::kind::ValueKind;

/// The places in the mapping of the columns whose spelling may decide whether an expression or a view is carried over: those
/// that a CHECK, a generated column, an index or a view may compare.
#[must_use]
pub fn spelled(catalog: &Catalog, mapping: &TableMapping) -> Vec<usize> {
    let Some(table) = catalog.table(&mapping.source) else { return Vec::new() };
    let expressions = expressions(table).map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let is_view = |other: &&crate::catalog::OtherObject| other.kind == OtherObjectKind::View;
    let views = catalog.others.iter().filter(is_view).filter_map(|view| view.sql.as_deref());
    let name = table.name.to_ascii_lowercase();
    let is_in_view = views.map(str::to_ascii_lowercase).any(|view| view.contains(&name));
    let columns = mapping.columns.iter().enumerate().filter(|(_, column)| {
        let name = column.source.to_ascii_lowercase();
        let kind = ValueKind::read(&column.column_type, column.reading);
        (kind.is_spelled() || kind == ValueKind::Truth)
            && (is_in_view || expressions.iter().any(|expression| expression.contains(&name)))
    });
    columns.map(|(position, _)| position).collect()
}

fn expressions(table: &Table) -> impl Iterator<Item = &str> {
    let checks = table.checks.iter().map(|check| check.expression.as_str());
    let generated = table.columns.iter().filter_map(|column| column.generated.as_ref()?.expression.as_deref());
    let predicates = table.indexes.iter().filter_map(|index| index.predicate.as_deref());
    let keys = table.indexes.iter().flat_map(|index| &index.columns).filter_map(|key| key.expression.as_deref());
    checks.chain(generated).chain(predicates).chain(keys)
}
