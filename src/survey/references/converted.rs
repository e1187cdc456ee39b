//! Foreign keys as PostgreSQL will follow them: over converted values, where a uuid in another spelling is the same one.

use crate::catalog::{CollationRule, ColumnType};
use crate::dialect::postgresql::equality::KeyFolding;
use crate::plan::mapping::{equates_other_texts, tells_numbers_apart};
use crate::plan::{ColumnMapping, Orphans, TableMapping};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::keys::KeyPart;
use crate::survey::keys::key_hash::{HashScratch, Hashed, KeyHasher};
use crate::survey::rows::{FoundRows, RowCondition, for_each, leaving_out, selection};
use crate::survey::surveyor::Surveyor;
use crate::value::{Dropping, Forgetting, Reading};

/// One end of a foreign key: a table and the positions of the key's columns in its mapping.
pub(crate) struct ConvertedEnd<'a> {
    mapping: &'a TableMapping,
    parts: Vec<KeyPart>,
}

impl<'a> ConvertedEnd<'a> {
    /// The end of this table, where all the columns are copied.
    pub(crate) fn new(mapping: &'a TableMapping, columns: &[String]) -> Option<Self> {
        let part = |name: &String| {
            let position = mapping.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name))?;
            Some(KeyPart { position, prefix: None, folding: None })
        };
        Some(Self { mapping, parts: columns.iter().map(part).collect::<Option<_>>()? })
    }

    /// The end and that which it references, compared by the collations of the referenced columns: PostgreSQL uses these.
    pub(crate) fn with_parent(mut self, mut parent: Self) -> (Self, Self) {
        for (own, referenced) in self.parts.iter_mut().zip(&mut parent.parts) {
            let column = &parent.mapping.columns[referenced.position];
            let letters = column.letters().filter(|_| column.compared_by.is_some());
            let rule = letters.map(|letters| CollationRule { letters: Some(letters), ignores_trailing_spaces: false });
            referenced.folding = rule.map(KeyFolding::Collated);
            own.folding = referenced.folding;
        }
        (self, parent)
    }

    /// The table.
    pub(crate) fn mapping(&self) -> &'a TableMapping {
        self.mapping
    }

    /// The key's columns.
    pub(crate) fn parts(&self) -> &[KeyPart] {
        &self.parts
    }
}

/// Whether the rows that reference nothing can be others in the target than in the source: the ends are read
/// differently, the source takes different texts for equal, or there are orphans and the type has several spellings of one value.
/// Ends of different types, but for two texts, are left to PostgreSQL, which compares them in its own way.
pub(crate) fn differs_by_conversion(child: &ConvertedEnd<'_>, parent: &ConvertedEnd<'_>, has_orphans: bool) -> bool {
    let mut pairs = child
        .parts
        .iter()
        .zip(&parent.parts)
        .map(|(one, two)| (&child.mapping.columns[one.position], &parent.mapping.columns[two.position]));
    let dialect = child.mapping.dialect();
    let is_text = |column: &ColumnMapping| matches!(column.column_type, ColumnType::Text | ColumnType::Varchar(_));
    let have_one_type = |child: &ColumnMapping, parent: &ColumnMapping| {
        child.column_type == parent.column_type || is_text(child) && is_text(parent)
    };
    let has_one_spelling = |child: &ColumnMapping, parent: &ColumnMapping| {
        let is_number = child.column_type.is_integer() && !tells_numbers_apart(dialect, child, parent);
        is_text(child) || child.column_type == ColumnType::Bytea || is_number
    };
    // Whether a column keeps the storage classes apart changes no value.
    let forgets = |column: &ColumnMapping| Forgetting { storage_class: Dropping::Refused, ..column.forgetting };
    let in_other_zones = |child: &ColumnMapping, parent: &ColumnMapping| {
        child.column_type.is_dated() && (&child.timezone, child.is_utc) != (&parent.timezone, parent.is_utc)
    };
    pairs.clone().all(|(child, parent)| have_one_type(child, parent))
        && pairs.any(|(child, parent)| {
            // Of texts that were encoded twice and once, one may become the other.
            child.reading != parent.reading
                || forgets(child) != forgets(parent)
                || in_other_zones(child, parent)
                || (has_orphans && child.reading == Reading::MixedUtf8)
                || child.source_sql.is_some()
                || parent.source_sql.is_some()
                || equates_other_texts(dialect, child, parent)
                || (has_orphans && (parent.compared_by.is_some() || !has_one_spelling(child, parent)))
        })
}

/// The rows of `child` whose converted key no row of `parent` has.
pub(crate) fn orphans(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    child: &ConvertedEnd<'_>,
    parent: &ConvertedEnd<'_>,
) -> Result<Option<Orphans>, ExecuteError> {
    let hasher = |end: &ConvertedEnd<'_>| KeyHasher::new(end.mapping, &end.parts, surveyor.zone);
    let (Some(of_child), Some(of_parent)) = (hasher(child), hasher(parent)) else { return Ok(None) };
    let of_rows = |end: &ConvertedEnd<'_>, hasher: &KeyHasher| selection(end.mapping, &hasher.columns(), None);
    let (children, parents) = (of_rows(child, &of_child), of_rows(parent, &of_parent));
    let parts = u128::from(parent.mapping.size.rows.div_ceil(surveyor.keys_in_memory as u64).max(1));
    let (mut found, mut keys, mut scratch) = (FoundRows::default(), Vec::new(), HashScratch::default());
    for part in 0..parts {
        keys.clear();
        for_each(surveyor, reader, &parents, |row| match of_parent.hash(row, &mut scratch) {
            Hashed::Key(key) if key % parts == part => keys.push(key),
            _ => {}
        })?;
        keys.sort_unstable();
        for_each(surveyor, reader, &children, |row| {
            // A value that does not fit its type is a finding of its own.
            if let Hashed::Key(key) = of_child.hash(row, &mut scratch)
                && key % parts == part
                && keys.binary_search(&key).is_err()
            {
                found.add(child.mapping, row);
            }
        })?;
    }
    let staying = leaving_out(child.mapping, &found).map(RowCondition::sql);
    Ok(Some(Orphans { count: found.count, examples: found.examples, staying }))
}
