//! The keys and indexes that the target will have over plain columns of a table.

use crate::catalog::{ColumnType, Index, Table, TargetKey, TargetTable};
use crate::plan::TableMapping;
use crate::plan::mapping::table_spec;
use crate::spec::{Given, IndexMethod, Spec};

/// A key or index over copied columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// For messages: `the primary key`.
    pub(super) name: String,
    /// The source's index that it is, which the spec can leave behind by its name; nothing for a key of the table.
    pub(super) index: Option<String>,
    /// Its columns.
    pub(super) parts: Vec<Part>,
    /// PostgreSQL refuses two equal keys.
    pub(super) unique: bool,
    /// The WHERE of a partial index, in the source's own SQL.
    pub(super) predicate: Option<String>,
    /// The source keeps its values unique as well: only those that the conversion makes equal can meet.
    pub(super) kept_by_source: bool,
    /// NULLs are equal (NULLS NOT DISTINCT).
    pub(super) nulls_equal: bool,
}

/// One column of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Its position in the mapping.
    pub(super) position: usize,
    /// The key is lower() of the column: SQLite's NOCASE.
    pub(super) folded: bool,
}

/// The keys and indexes of a table that become B-trees in the target. An index over an expression is left out: what
/// PostgreSQL computes cannot be computed here.
pub(super) fn keys(mapping: &TableMapping, table: &Table, spec: &Spec) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut add = |name: String, columns: Option<Vec<(&str, Option<&str>)>>, unique: bool, index: Option<&Index>| {
        let predicate = index.and_then(|index| index.predicate.as_deref());
        let parts = columns.and_then(|columns| {
            columns.into_iter().map(|(column, collation)| part(mapping, column, collation)).collect::<Option<Vec<_>>>()
        });
        // What PostgreSQL's words cannot be found for is not carried over.
        let carried = predicate.is_none_or(|predicate| mapping.carries_predicate(table, predicate));
        if let Some(parts) = parts
            && carried
        {
            let (predicate, index) = (predicate.map(str::to_owned), index.map(|index| index.name.clone()));
            keys.push(Key { name, index, parts, unique, predicate, kept_by_source: true, nulls_equal: false });
        }
    };
    if let Some(key) = &table.primary_key {
        let columns = key.columns.iter().map(|column| (column.as_str(), None)).collect();
        add("the primary key".to_owned(), Some(columns), true, None);
    }
    for unique in &table.unique_constraints {
        let collation = |column: &str| table.column(column).and_then(|column| column.collation.as_deref());
        let columns = unique.columns.iter().map(|column| (column.as_str(), collation(column))).collect();
        add(format!("the unique constraint ({})", unique.columns.join(", ")), Some(columns), true, None);
    }
    let given = table_spec(spec, &table.name).map(|table| &table.indexes);
    let stays_behind = |index: &&Index| {
        let is_it = |name: &String| name.eq_ignore_ascii_case(&index.name);
        given.is_some_and(|given| given.iter().any(|(name, given)| is_it(name) && *given == Given::LeftBehind))
    };
    for index in table.indexes.iter().filter(|index| !stays_behind(index)) {
        let column = |key: &'_ crate::catalog::IndexColumn| key.column.is_some();
        let plain = index.columns.iter().all(column).then(|| {
            let parts = index.columns.iter();
            parts.filter_map(|key| Some((key.column.as_deref()?, key.collation.as_deref()))).collect()
        });
        let word = if index.unique { "the unique index" } else { "the index" };
        add(format!("{word} {}", index.name), plain, index.unique, Some(index));
    }
    for (column, by_spec) in table_spec(spec, &table.name).into_iter().flat_map(|table| &table.columns) {
        if by_spec.index == Some(IndexMethod::Btree) {
            add(format!("the index on {column}"), Some(vec![(column, None)]), false, None);
        }
    }
    keys
}

/// The unique keys that a table of the application has, over columns that are copied into it. One that has a column of
/// the target alone is left out: what PostgreSQL puts there cannot be known here.
pub(super) fn keys_of_target(mapping: &TableMapping, table: &Table, target: &TargetTable) -> Vec<Key> {
    let of = |key: &TargetKey| {
        let position = |name: &String| mapping.columns.iter().position(|mapped| mapped.target == *name);
        let positions = key.columns.iter().map(position).collect::<Option<Vec<_>>>()?;
        // SQLite takes NULLs for different.
        let kept_by_source = !key.nulls_equal
            && source_keys(table).any(|columns| {
                columns.iter().all(|column| {
                    positions.iter().any(|position| mapping.columns[*position].source.eq_ignore_ascii_case(column))
                })
            });
        let parts = positions.into_iter().map(|position| Part { position, folded: false }).collect();
        let name = format!("the unique key {}", key.name);
        let (index, predicate) = (None, None);
        Some(Key { name, index, parts, unique: true, predicate, kept_by_source, nulls_equal: key.nulls_equal })
    };
    target.unique_keys.iter().filter_map(of).collect()
}

/// The columns of each key that the source keeps unique in all rows.
fn source_keys(table: &Table) -> impl Iterator<Item = Vec<&str>> {
    let primary = table.primary_key.iter().map(|key| key.columns.iter().map(String::as_str).collect());
    let constraints = table.unique_constraints.iter().map(|key| key.columns.iter().map(String::as_str).collect());
    let is_whole = |index: &&Index| index.unique && index.predicate.is_none();
    let indexes =
        table.indexes.iter().filter(is_whole).filter_map(|index| {
            index.columns.iter().map(|column| column.column.as_deref()).collect::<Option<Vec<_>>>()
        });
    primary.chain(constraints).chain(indexes)
}

fn part(mapping: &TableMapping, column: &str, collation: Option<&str>) -> Option<Part> {
    let position = mapping.columns.iter().position(|mapped| mapped.source.eq_ignore_ascii_case(column))?;
    let is_text = matches!(
        mapping.columns[position].column_type,
        ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_)
    );
    let folded = is_text && collation.is_some_and(|collation| collation.eq_ignore_ascii_case("NOCASE"));
    Some(Part { position, folded })
}
