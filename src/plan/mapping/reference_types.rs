//! Both ends of a foreign key need types that PostgreSQL can compare.
//!
//! SQLite compares across types, so that a TEXT column may reference an INTEGER one. PostgreSQL wants an equality
//! operator for the two types (documentation of CREATE TABLE, REFERENCES). The referencing column takes the type of the
//! referenced one, unless the spec gives it a type or it is an identity; whether its values fit is checked with all
//! other values. If the two are not comparable even then, the foreign key is omitted (see `steps::foreign_keys`).

use super::{ColumnMapping, TableMapping};
use crate::catalog::{Catalog, ColumnType, ForeignKey};
use crate::dialect::Dialect;
use crate::dialect::expression::coercion::Coercion;
use crate::name::named;

/// A column, by the positions of its table and of itself.
type ColumnPosition = (usize, usize);

/// Gives referencing columns a comparable type; `is_fixed` says which columns the spec has given theirs.
pub(super) fn align(catalog: &Catalog, tables: &mut [TableMapping], is_fixed: impl Fn(&str, &str) -> bool) {
    // A reference may lead to a column that is itself a reference: once around for each table is enough for any chain.
    for _ in 0..tables.len() {
        let changes = changes(catalog, tables, &is_fixed);
        if changes.is_empty() {
            return;
        }
        for ((table, column), (parent_table, parent)) in changes {
            let parent = &tables[parent_table].columns[parent];
            let (column_type, enum_type) = (parent.column_type.clone(), parent.enum_type.clone());
            let labels = if parent.has_own_enum() { parent.labels.clone() } else { Vec::new() };
            let column = &mut tables[table].columns[column];
            (column.column_type, column.enum_type, column.labels) = (column_type, enum_type, labels);
        }
    }
}

fn changes(
    catalog: &Catalog,
    tables: &[TableMapping],
    is_fixed: &impl Fn(&str, &str) -> bool,
) -> Vec<(ColumnPosition, ColumnPosition)> {
    let mut changes = Vec::new();
    for (at, mapping) in tables.iter().enumerate() {
        for foreign_key in catalog.table(&mapping.source).iter().flat_map(|table| &table.foreign_keys) {
            let parents = tables.iter().enumerate();
            let parent = named(parents, |(_, parent)| &parent.source, &foreign_key.referenced_table);
            let Some((parent_at, parent)) = parent else { continue };
            for (child, referenced) in foreign_key.columns.iter().zip(referenced_columns(catalog, foreign_key)) {
                let (Some(child), Some(referenced)) = (position(mapping, child), position(parent, &referenced)) else {
                    continue;
                };
                let (column, wanted) = (&mapping.columns[child], &parent.columns[referenced]);
                // An identity has to be a whole number, whatever it references.
                let is_fixed = column.identity || is_fixed(&mapping.source, &column.source);
                if !are_comparable(column, wanted) && !is_fixed {
                    changes.push(((at, child), (parent_at, referenced)));
                }
            }
        }
    }
    changes
}

fn position(mapping: &TableMapping, column: &str) -> Option<usize> {
    mapping.columns.iter().position(|mapped| mapped.source.eq_ignore_ascii_case(column))
}

/// The columns that a foreign key references in the source: if it names none, those of the primary key.
#[must_use]
pub fn referenced_columns(catalog: &Catalog, foreign_key: &ForeignKey) -> Vec<String> {
    if !foreign_key.referenced_columns.is_empty() {
        return foreign_key.referenced_columns.clone();
    }
    let table = catalog.table(&foreign_key.referenced_table);
    table.and_then(|table| table.primary_key.as_ref()).map(|key| key.columns.clone()).unwrap_or_default()
}

/// Whether PostgreSQL takes a foreign key from the one column to the other. An enum is comparable with itself alone.
pub(in crate::plan) fn are_comparable(child: &ColumnMapping, parent: &ColumnMapping) -> bool {
    fn labels(column: &ColumnMapping) -> Option<&[String]> {
        column.has_own_enum().then_some(&column.labels)
    }
    is_comparable(&child.column_type, &parent.column_type) && labels(child) == labels(parent)
}

/// Whether the source may find values equal that are different texts in the target: 1 and '1.0', where one of the columns is
/// declared as numbers and the other as text, or one of them as nothing.
pub(crate) fn equates_other_texts(dialect: &dyn Dialect, child: &ColumnMapping, parent: &ColumnMapping) -> bool {
    use ColumnType::{Char, Citext, Text, Varchar};
    let is_text = |column: &ColumnMapping| matches!(column.column_type, Text | Varchar(_) | Char(_) | Citext);
    let [of_child, of_parent] = [child, parent].map(|column| dialect.coercion(column.converting_type()));
    is_text(child) && is_text(parent) && (of_child != of_parent || of_child == Coercion::Nothing)
}

/// Whether the source may find values different that are one number in the target: '01' and '1', where both columns are declared
/// as text.
pub(crate) fn tells_numbers_apart(dialect: &dyn Dialect, child: &ColumnMapping, parent: &ColumnMapping) -> bool {
    let is_number = |column: &ColumnMapping| dialect.coercion(column.converting_type()).makes_numbers();
    child.column_type.is_integer() && !is_number(child) && !is_number(parent)
}

/// Whether PostgreSQL takes a foreign key from a column of the one type to a column of the other.
pub(in crate::plan) fn is_comparable(child: &ColumnType, parent: &ColumnType) -> bool {
    use ColumnType::{Char, Citext, DoublePrecision, Numeric, Real, Text, Timestamp, Timestamptz, Varchar};
    let is_text = |column_type: &ColumnType| matches!(column_type, Text | Varchar(_));
    match (child, parent) {
        // `json` has no equality operator.
        (ColumnType::Json, _) | (_, ColumnType::Json) => false,
        _ if child == parent => true,
        _ if child.is_integer() && parent.is_integer() => true,
        _ if is_text(child) && is_text(parent) => true,
        (Numeric(_), Numeric(_))
        | (Char(_), Char(_))
        | (Citext, Citext)
        | (Real | DoublePrecision, Real | DoublePrecision)
        | (Timestamp(_) | Timestamptz(_), Timestamp(_) | Timestamptz(_)) => true,
        (child, Numeric(None)) => child.is_integer(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparable_types() {
        let comparable = |child: &str, parent: &str| is_comparable(&child.parse().unwrap(), &parent.parse().unwrap());
        assert!(comparable("integer", "bigint"));
        assert!(comparable("varchar(9)", "text"));
        assert!(comparable("bigint", "numeric"));
        assert!(!comparable("numeric", "bigint"));
        assert!(!comparable("text", "bigint"));
        assert!(!comparable("text", "uuid"));
        assert!(!comparable("json", "json"));
    }
}
