//! The keys and indexes that the target will have over columns of a table and over expressions.

pub(crate) mod duplicates;
pub(crate) mod key_hash;

use crate::catalog::{Equality, Folding, Index, IndexColumn, Table, TableProfile, TargetKey, TargetTable};
use crate::dialect::postgresql::equality::{KeyFolding, key_folding};
use crate::name::quote_toml_key;
use crate::plan::TableMapping;
use crate::plan::mapping::{is_unaltered, leaves_key, table_spec};
use crate::spec::{IndexMethod, Spec, SqlOrOmitted, TextComparison};
use crate::survey::rows::limits::{SURE_KEY, longest};

/// A key or index over copied columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConvertedKey {
    /// For messages: `the primary key`.
    pub(crate) name: String,
    /// The line under the table's heading that leaves it behind; nothing for a key of the application's table.
    pub(crate) left_by: Option<String>,
    /// Its columns.
    pub(crate) parts: Vec<KeyPart>,
    /// PostgreSQL refuses two equal keys.
    pub(crate) unique: bool,
    /// The WHERE of a partial index, in the source's own SQL.
    pub(crate) predicate: Option<String>,
    /// The source keeps its values unique as well: only those that the conversion makes equal can meet.
    pub(crate) kept_by_source: bool,
    /// NULLs are equal (NULLS NOT DISTINCT).
    pub(crate) nulls_equal: bool,
}

/// One column of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyPart {
    /// Its position in the mapping.
    pub(crate) position: usize,
    /// The number of characters that the key takes of it, of bytea bytes; `None` for all.
    pub(crate) prefix: Option<usize>,
    /// The part of the column's text that the key leaves out.
    pub(crate) folding: Option<KeyFolding>,
}

/// A B-tree of the target, by what its entries are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    /// For messages: `the index by_name`.
    pub(crate) name: String,
    /// The line under the table's heading that leaves it behind; nothing for a key of the application's table.
    pub(crate) left_by: Option<String>,
    pub(crate) terms: Vec<Term>,
    /// The WHERE of a partial index, in the source's own SQL.
    pub(crate) predicate: Option<String>,
}

/// One value of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    Column(KeyPart),
    /// The value of an expression, which means the same in the source.
    Computed {
        /// The expression, in the source's own SQL.
        sql: String,
        /// It may be of any length.
        varying: bool,
        /// The difference in its text that the key leaves out.
        folding: Option<Folding>,
    },
}

impl Tree {
    /// Whether an entry may be longer than what always fits. What an expression makes of its columns may have any length.
    pub(crate) fn may_be_long(&self, profile: &TableProfile) -> bool {
        let of_column = |term: &Term| match term {
            Term::Column(part) => longest(profile, part.position),
            Term::Computed { .. } => 0,
        };
        self.is_computed() || self.terms.iter().map(of_column).sum::<u64>() > SURE_KEY
    }

    /// Whether an expression gives a value of any length.
    pub(crate) fn is_computed(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Computed { varying: true, .. }))
    }
}

/// The B-trees that the target will have on a table: those of keys and indexes over its columns, and of indexes with an
/// expression among their keys.
pub(crate) fn trees(mapping: &TableMapping, table: &Table, spec: &Spec) -> Vec<Tree> {
    let mut trees = keys(mapping, table, spec).into_iter().map(Tree::from).collect::<Vec<_>>();
    // The keys of an index that the spec's own SQL makes are not known here.
    let indexes = table.indexes.iter().filter(|index| given(index, table, spec).is_none());
    trees.extend(indexes.filter_map(|index| computed(mapping, table, index, spec)));
    trees
}

impl From<ConvertedKey> for Tree {
    fn from(ConvertedKey { name, left_by, parts, predicate, .. }: ConvertedKey) -> Self {
        Self { name, left_by, terms: parts.into_iter().map(Term::Column).collect(), predicate }
    }
}

/// The B-tree of an index that has an expression among its keys; nothing where it has none, or is not carried over.
fn computed(mapping: &TableMapping, table: &Table, index: &Index, spec: &Spec) -> Option<Tree> {
    if index.columns.iter().all(|key| key.column.is_some()) {
        return None;
    }
    let scope = mapping.scope_of_index(table, index);
    let term = |key: &IndexColumn| match (&key.column, &key.expression) {
        (Some(column), _) => {
            is_unaltered(&scope, index, column).ok()?;
            part(mapping, column, &key.equality).map(Term::Column)
        }
        (None, Some(sql)) => {
            let varying = mapping.key_is_varying(table, index, sql)?;
            let folding = if varying { folding_of_text(index, key, spec)? } else { None };
            // A character of a prefix has four bytes at most.
            let longest = mapping.dialect().prefix(sql).map(|(_, characters)| 4 * characters as u64);
            let varying = varying && longest.is_none_or(|longest| longest > SURE_KEY);
            Some(Term::Computed { sql: sql.clone(), varying, folding })
        }
        (None, None) => None,
    };
    let terms = index.columns.iter().map(term).collect::<Option<Vec<_>>>()?;
    mapping.carries_predicate(table, index).then(|| Tree {
        name: index_name(index),
        left_by: Some(without_index(index)),
        terms,
        predicate: index.predicate.clone(),
    })
}

/// The difference that a key over a text leaves out of it; `None` for an index that is not carried over. A collation
/// compares the text and leaves it whole.
fn folding_of_text(index: &Index, key: &IndexColumn, spec: &Spec) -> Option<Option<Folding>> {
    let is_kept = index.unique && spec.target.comparison.unwrap_or_default() != TextComparison::Bytes;
    Some(match key_folding(&key.equality).ok()? {
        Some(KeyFolding::Plain(folding)) => Some(folding),
        Some(KeyFolding::Collated(rule)) if is_kept && rule.ignores_trailing_spaces => Some(Folding::TrailingSpaces),
        Some(KeyFolding::Collated(_)) | None => None,
    })
}

/// The spec's word on an index.
fn given<'s>(index: &Index, table: &Table, spec: &'s Spec) -> Option<&'s SqlOrOmitted> {
    let given = &table_spec(spec, &table.name)?.indexes;
    given.iter().find(|(name, _)| name.eq_ignore_ascii_case(&index.name)).map(|(_, given)| given)
}

/// The line of spec that leaves an index behind.
fn without_index(index: &Index) -> String {
    format!("indexes.{} = false", quote_toml_key(&index.name))
}

/// The line of spec that leaves a primary key or unique constraint behind.
fn without_key(columns: &[String]) -> String {
    format!("keys.{} = false", quote_toml_key(&columns.join(", ")))
}

fn index_name(index: &Index) -> String {
    format!("{} {}", if index.unique { "the unique index" } else { "the index" }, index.name)
}

/// The keys and indexes of a table that become B-trees in the target and are over columns alone.
pub(crate) fn keys(mapping: &TableMapping, table: &Table, spec: &Spec) -> Vec<ConvertedKey> {
    let mut keys = Vec::new();
    type Columns<'a> = Option<Vec<(&'a str, &'a Equality)>>;
    let mut add = |name: String, columns: Columns<'_>, unique: bool, predicate: Option<&str>, left_by: String| {
        let parts = columns.and_then(|columns| {
            columns.into_iter().map(|(column, equality)| part(mapping, column, equality)).collect::<Option<Vec<_>>>()
        });
        if let Some(parts) = parts {
            let (predicate, left_by) = (predicate.map(str::to_owned), Some(left_by));
            keys.push(ConvertedKey {
                name,
                left_by,
                parts,
                unique,
                predicate,
                kept_by_source: true,
                nulls_equal: false,
            });
        }
    };
    let is_made = |columns: &[String]| !leaves_key(spec, &table.name, columns);
    if let Some(key) = table.primary_key.as_ref().filter(|key| is_made(&key.columns)) {
        // The key itself compares by bytes where the source folds, and by a collation where it collates.
        let equality = |column: &str| match table.column(column).map(|column| &column.equality) {
            Some(equality) if equality.rule().is_some() => equality,
            _ => &Equality::Bytes,
        };
        let columns = key.columns.iter().map(|column| (column.as_str(), equality(column))).collect();
        add("the primary key".to_owned(), Some(columns), true, None, without_key(&key.columns));
    }
    for unique in table.unique_constraints.iter().filter(|unique| is_made(&unique.columns)) {
        let equality = |column: &str| table.column(column).map_or(&Equality::Bytes, |column| &column.equality);
        let columns = unique.columns.iter().map(|column| (column.as_str(), equality(column))).collect();
        let name = format!("the unique constraint ({})", unique.columns.join(", "));
        add(name, Some(columns), true, None, without_key(&unique.columns));
    }
    // An index whose condition cannot be translated is not carried over.
    let is_made = |index: &&Index| {
        given(index, table, spec) != Some(&SqlOrOmitted::LeftBehind) && mapping.carries_predicate(table, index)
    };
    for index in table.indexes.iter().filter(is_made) {
        let column = |key: &IndexColumn| key.column.is_some();
        let plain = index.columns.iter().all(column).then(|| {
            let parts = index.columns.iter();
            parts.filter_map(|key| Some((key.column.as_deref()?, &key.equality))).collect()
        });
        add(index_name(index), plain, index.unique, index.predicate.as_deref(), without_index(index));
    }
    for (column, by_spec) in table_spec(spec, &table.name).into_iter().flat_map(|table| &table.columns) {
        if by_spec.index == Some(IndexMethod::Btree) {
            // An index of hashes takes values of any length.
            let line = format!("columns.{}.index = \"hash\"", quote_toml_key(column));
            add(format!("the index on {column}"), Some(vec![(column, &Equality::Bytes)]), false, None, line);
        }
    }
    keys
}

/// The unique keys that a table of the application has, over columns that are copied into it. A key with a column of the
/// target alone is left out: what PostgreSQL puts there cannot be known here.
pub(crate) fn keys_of_target(mapping: &TableMapping, table: &Table, target: &TargetTable) -> Vec<ConvertedKey> {
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
        let parts = positions.into_iter().map(|position| KeyPart { position, prefix: None, folding: None }).collect();
        let name = format!("the unique key {}", key.name);
        let (left_by, predicate) = (None, None);
        Some(ConvertedKey {
            name,
            left_by,
            parts,
            unique: true,
            predicate,
            kept_by_source,
            nulls_equal: key.nulls_equal,
        })
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

/// A column of a key, by its name in the source; nothing where it is not copied, or PostgreSQL cannot compare it so.
fn part(mapping: &TableMapping, column: &str, equality: &Equality) -> Option<KeyPart> {
    let position = mapping.columns.iter().position(|mapped| mapped.source.eq_ignore_ascii_case(column))?;
    Some(KeyPart { position, prefix: None, folding: mapping.columns[position].key_folding(equality).ok()? })
}

/// The unique keys of a table that are over the beginnings of some columns.
pub(crate) fn keys_of_prefixes(mapping: &TableMapping, table: &Table, spec: &Spec) -> Vec<ConvertedKey> {
    let key = |index: &Index| {
        let of = |key: &IndexColumn| match (&key.column, &key.expression) {
            (Some(column), _) => part(mapping, column, &key.equality),
            (None, expression) => {
                let (column, length) = mapping.dialect().prefix(expression.as_deref()?)?;
                let part = part(mapping, &column, &key.equality)?;
                Some(KeyPart { prefix: Some(length), ..part })
            }
        };
        let parts = index.columns.iter().map(of).collect::<Option<Vec<_>>>()?;
        parts.iter().any(|part| part.prefix.is_some()).then(|| ConvertedKey {
            name: index_name(index),
            left_by: Some(without_index(index)),
            parts,
            unique: true,
            predicate: None,
            kept_by_source: true,
            nulls_equal: false,
        })
    };
    let is_made = |index: &&Index| index.unique && index.predicate.is_none() && given(index, table, spec).is_none();
    table.indexes.iter().filter(is_made).filter_map(key).collect()
}
