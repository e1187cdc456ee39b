//! The columns whose spelling matters: SQL of the source may compare what SQLite has as text and PostgreSQL as a moment, a
//! UUID or a truth value.

use super::TableMapping;
use crate::catalog::{Catalog, OtherObjectKind, Table};
use crate::dialect;
use crate::dialect::expression::kind::ValueKind;
use crate::name::split_database;

/// The places in the mapping of the columns whose spelling may decide whether an expression or a view is carried over: those
/// that a CHECK, a generated column, an index or a view may compare.
#[must_use]
pub fn spelled(catalog: &Catalog, mapping: &TableMapping) -> Vec<usize> {
    let Some(table) = catalog.table(&mapping.source) else { return Vec::new() };
    let columns = mapping.columns.iter().enumerate().filter(|(_, column)| {
        let kind = ValueKind::read(&column.column_type, column.reading);
        kind.is_spelled() || kind == ValueKind::Truth
    });
    let columns = columns.collect::<Vec<_>>();
    if columns.is_empty() {
        return Vec::new();
    }
    let dialect = dialect::of(catalog.engine);
    let is_view = |other: &&crate::catalog::OtherObject| other.kind == OtherObjectKind::View;
    let views = catalog.others.iter().filter(is_view).filter_map(|view| view.sql.as_deref());
    let name =
        split_database(&table.name).filter(|_| catalog.is_of_databases()).map_or(table.name.as_str(), |own| own.1);
    let is_in_view = views.map(|view| dialect.names(view)).any(|names| names.have(name));
    let expressions = expressions(table).map(|expression| dialect.names(expression)).collect::<Vec<_>>();
    let may_be_compared = |column: &str| is_in_view || expressions.iter().any(|names| names.have(column));
    let columns = columns.into_iter().filter(|(_, column)| may_be_compared(&column.source));
    columns.map(|(position, _)| position).collect()
}

fn expressions(table: &Table) -> impl Iterator<Item = &str> {
    let checks = table.checks.iter().map(|check| check.expression.as_str());
    let generated = table.columns.iter().filter_map(|column| column.generated.as_ref()?.expression.as_deref());
    let predicates = table.indexes.iter().filter_map(|index| index.predicate.as_deref());
    let keys = table.indexes.iter().flat_map(|index| &index.columns).filter_map(|key| key.expression.as_deref());
    checks.chain(generated).chain(predicates).chain(keys)
}
