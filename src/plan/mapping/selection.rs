//! The spec's decisions on a source table or column.

use crate::catalog::{Catalog, Column, ColumnType, DeclaredType, Engine, SelectedColumn, Table};
use crate::dialect;
use crate::dialect::declared::Declared;
use crate::name::named;
use crate::spec::{ColumnSpec, Spec, TableSpec, TypeRule};
use crate::value::Zone;

/// The source tables that the spec selects.
pub fn selected<'a>(spec: &'a Spec, catalog: &'a Catalog) -> impl Iterator<Item = &'a Table> {
    catalog.tables.iter().filter(|table| is_selected(spec, &table.name))
}

/// Whether the spec selects a table of the source.
#[must_use]
pub fn is_selected(spec: &Spec, table: &str) -> bool {
    spec.source.tables.selects(table) && !table_spec(spec, table).is_some_and(|table| table.skip)
}

/// The condition that no row of any source fulfils.
pub const NO_ROW: &str = "1 = 0";

/// The spec's condition on a table's rows.
#[must_use]
pub fn filter<'a>(spec: &'a Spec, table: &str) -> Option<&'a str> {
    if !spec.target.data.is_all() {
        return Some(NO_ROW);
    }
    table_spec(spec, table)?.filter.as_deref()
}

/// The expression that the spec reads in place of a column (`source_sql`).
#[must_use]
pub fn source_sql<'a>(spec: &'a Spec, table: &str, column: &str) -> Option<&'a str> {
    column_spec(spec, table, column)?.source_sql.as_deref()
}

/// Whether the spec leaves the primary key or unique constraint over these columns behind (`keys."a, b" = false`).
#[must_use]
pub fn leaves_key(spec: &Spec, table: &str, columns: &[String]) -> bool {
    let columns = columns.join(", ");
    let left = table_spec(spec, table).into_iter().flat_map(|table| &table.left_keys);
    left.into_iter().any(|left| left.eq_ignore_ascii_case(&columns))
}

/// The columns of a table whose stored values decide the type, if neither the spec nor the declared type says, or
/// whether a primary key can be one. Each is returned with the value that is read of it.
pub fn undecided<'a>(
    spec: &'a Spec,
    engine: Engine,
    table: &'a Table,
) -> impl Iterator<Item = (String, SelectedColumn)> {
    let decides = move |column: &&Column| {
        if is_nullable_key(table, column) {
            return true;
        }
        let declared_type = DeclaredType::parse(&column.declared_type);
        let by_spec = column_spec(spec, &table.name, &column.name);
        by_spec.is_none_or(|column| column.column_type.is_none() && !column.skip)
            && type_by_rule(spec, &declared_type).is_none()
            && matches!(dialect::of(engine).declared(&declared_type), Declared::Undecided(_))
    };
    let read = |column: &'a Column| {
        let source_sql = column_spec(spec, &table.name, &column.name).and_then(|column| column.source_sql.clone());
        let selected = source_sql.map_or_else(|| SelectedColumn::Named(column.name.clone()), SelectedColumn::Computed);
        (column.name.clone(), selected)
    };
    table.columns.iter().filter(decides).map(read)
}

/// The columns of a table whose declared type prefers a type that may not hold all their values, each with the value that is
/// read of it, and that type; not those whose type the spec gives.
pub fn preferred<'a>(
    spec: &'a Spec,
    engine: Engine,
    table: &'a Table,
) -> impl Iterator<Item = (&'a Column, SelectedColumn, ColumnType)> {
    table.columns.iter().filter_map(move |column| {
        let declared_type = DeclaredType::parse(&column.declared_type);
        let by_spec = column_spec(spec, &table.name, &column.name);
        let is_given = by_spec.is_some_and(|column| column.column_type.is_some() || column.skip)
            || type_by_rule(spec, &declared_type).is_some();
        match dialect::of(engine).declared(&declared_type) {
            Declared::Preferred(first, _) if !is_given && column.generates_keys.is_none() => {
                let source_sql = by_spec.and_then(|column| column.source_sql.clone());
                let named = || SelectedColumn::Named(column.name.clone());
                Some((column, source_sql.map_or_else(named, SelectedColumn::Computed), first))
            }
            _ => None,
        }
    })
}

/// Whether the type that a declared type prefers holds the column's DEFAULT, which says what values are still to come. A default
/// that the other type does not hold either has no say.
#[must_use]
pub fn holds_default(engine: Engine, column: &Column) -> bool {
    let dialect = dialect::of(engine);
    let (Declared::Preferred(first, otherwise), Some(default)) =
        (dialect.declared(&DeclaredType::parse(&column.declared_type)), &column.default)
    else {
        return true;
    };
    let is_held = |by: &ColumnType| dialect.default_value(default, &column.declared_type, by, &Zone::UTC).is_ok();
    is_held(&first) || !is_held(&otherwise)
}

/// Whether a column belongs to a primary key and may still hold NULL: SQLite lets it, but for INTEGER PRIMARY KEY and
/// tables whose rows that key alone names (<https://www.sqlite.org/lang_createtable.html#the_primary_key>).
pub(crate) fn is_nullable_key(table: &Table, column: &Column) -> bool {
    let in_key = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
    in_key && !column.not_null && table.row_identity.declared_columns().is_none()
}

/// The spec's part about a table.
#[must_use]
pub fn table_spec<'a>(spec: &'a Spec, table: &str) -> Option<&'a TableSpec> {
    spec.tables.get(table).or_else(|| named(&spec.tables, |(name, _)| name, table).map(|(_, table)| table))
}

pub(crate) fn column_spec<'a>(spec: &'a Spec, table: &str, column: &str) -> Option<&'a ColumnSpec> {
    let columns = &table_spec(spec, table)?.columns;
    columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, column)| column)
}

/// The type that `[types]` gives columns of a declared type.
fn type_by_rule<'a>(spec: &'a Spec, declared_type: &DeclaredType) -> Option<&'a ColumnType> {
    rule_for(spec, declared_type)?.says.column_type.as_ref()
}

/// The type that the spec gives a column: by its own section, or by a line of `[types]` for its declared type.
pub(crate) fn type_said<'a>(spec: &'a Spec, table: &str, column: &Column) -> Option<&'a ColumnType> {
    let own = column_spec(spec, table, &column.name).and_then(|column| column.column_type.as_ref());
    own.or_else(|| type_by_rule(spec, &DeclaredType::parse(&column.declared_type)))
}

/// The spec's words on a column: its own, and behind them those of the line of `[types]` for its declared type.
pub(in crate::plan) fn said_of(spec: &Spec, table: &str, column: &str, declared_type: &str) -> ColumnSpec {
    let own = column_spec(spec, table, column).cloned().unwrap_or_default();
    own.or(rule_for(spec, &DeclaredType::parse(declared_type)))
}

/// The most specific line of `[types]` about a declared type.
pub(in crate::plan) fn rule_for<'a>(spec: &'a Spec, declared_type: &DeclaredType) -> Option<&'a TypeRule> {
    spec.types.iter().find(|rule| rule.declared.matches(declared_type).is_some())
}
