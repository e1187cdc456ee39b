//! Foreign keys followed in the source's rows, and the storage classes that its columns hold.

use crate::catalog::{
    Catalog, ForeignKey, KeyRange, RowFilter, RowIdentity, SelectedColumn, Selection, StoredNumber, Table, TableProfile,
};
use crate::dialect::declared::StoredClasses;
use crate::plan::mapping::referenced_columns;
use crate::plan::{Orphans, TableMapping, mapping};
use crate::run::ExecuteError;
use crate::source::{ForeignKeyEnd, ReadFailure, Reader};
use crate::spec::Spec;
use crate::survey::references::converted;
use crate::survey::references::converted::differs_by_conversion;
use crate::survey::side_by_side::side_by_side;
use crate::survey::surveyor::Surveyor;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A foreign key between migrated tables, and its place: its table and its position in it.
struct FollowedForeignKey<'a> {
    place: (String, usize),
    key: &'a ForeignKey,
    child: ForeignKeyEnd<'a>,
    parent: ForeignKeyEnd<'a>,
    /// Both ends in the mapping, where all their columns are copied.
    converted: Option<(converted::ConvertedEnd<'a>, converted::ConvertedEnd<'a>)>,
}

/// Follows every foreign key between migrated tables, each with one of the readers.
pub(crate) fn find_orphans(
    surveyor: &Surveyor<'_>,
    mappings: &[TableMapping],
    profiles: &[TableProfile],
    readers: &mut [Reader],
) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
    let ways = ways(surveyor, mappings).into_iter().filter(|way| !is_whole(way, profiles)).collect();
    let found = side_by_side(readers, ways, |reader, way: FollowedForeignKey<'_>| {
        Ok((follow(surveyor, reader, &way)?, way.place))
    })?;
    let found = found.into_iter().filter(|(orphans, _)| orphans.count > 0);
    Ok(found.map(|(orphans, place)| (place, orphans)).collect())
}

fn ways<'a>(surveyor: &Surveyor<'a>, mappings: &'a [TableMapping]) -> Vec<FollowedForeignKey<'a>> {
    let filter = |table: &Table| mapping::filter(surveyor.spec, &table.name);
    let way = |followed: Followed<'a>| FollowedForeignKey {
        converted: followed.converted(mappings),
        place: (followed.table.name.clone(), followed.position),
        key: followed.key,
        child: ForeignKeyEnd {
            table: followed.table,
            columns: followed.key.columns.clone(),
            filter: filter(followed.table),
        },
        parent: ForeignKeyEnd { table: followed.parent, columns: followed.columns, filter: filter(followed.parent) },
    };
    followed(surveyor.spec, surveyor.catalog).into_iter().map(way).collect()
}

/// A foreign key between two tables that are migrated.
pub(crate) struct Followed<'a> {
    pub(crate) table: &'a Table,
    /// The key's position in it.
    pub(crate) position: usize,
    pub(crate) key: &'a ForeignKey,
    pub(crate) parent: &'a Table,
    /// The columns of the parent.
    pub(crate) columns: Vec<String>,
}

/// The foreign keys that can be followed.
pub(crate) fn followed<'a>(spec: &'a Spec, catalog: &'a Catalog) -> Vec<Followed<'a>> {
    let selected = mapping::selected(spec, catalog).map(|table| (table.name.as_str(), table));
    let selected = selected.collect::<BTreeMap<_, _>>();
    let mut found = Vec::new();
    for table in selected.values() {
        for (position, key) in table.foreign_keys.iter().enumerate() {
            let parent = catalog.table(&key.referenced_table);
            let columns = referenced_columns(catalog, key);
            let exists = |parent: &Table| columns.iter().all(|column| parent.column(column).is_some());
            let is_whole = |parent: &&Table| {
                selected.contains_key(parent.name.as_str()) && columns.len() == key.columns.len() && exists(parent)
            };
            if let Some(parent) = parent.filter(is_whole) {
                found.push(Followed { table, position, key, parent, columns });
            }
        }
    }
    found
}

impl Followed<'_> {
    /// Both ends as they are converted, where all their columns are copied.
    pub(crate) fn converted<'m>(
        &self,
        mappings: &'m [TableMapping],
    ) -> Option<(converted::ConvertedEnd<'m>, converted::ConvertedEnd<'m>)> {
        let end = |source: &str, columns: &[String]| {
            converted::ConvertedEnd::new(mappings.iter().find(|mapping| mapping.source == source)?, columns)
        };
        let ends = end(&self.table.name, &self.key.columns).zip(end(&self.parent.name, &self.columns));
        ends.map(|(child, parent)| child.with_parent(parent))
    }
}

fn follow(surveyor: &Surveyor<'_>, reader: &Reader, way: &FollowedForeignKey<'_>) -> Result<Orphans, ExecuteError> {
    let (count, examples) = reader.orphans(way.key, &way.child, &way.parent)?;
    as_converted(surveyor, reader, way.converted.as_ref(), Orphans { count, examples, staying: None })
}

/// Rows that reference nothing in the target, given those of the source: equal values of the source stay equal in one conversion;
/// different ones may become equal.
pub(crate) fn as_converted(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    ends: Option<&(converted::ConvertedEnd<'_>, converted::ConvertedEnd<'_>)>,
    stored: Orphans,
) -> Result<Orphans, ExecuteError> {
    let ends = ends.filter(|(child, parent)| differs_by_conversion(child, parent, stored.count > 0));
    let Some((child, parent)) = ends else { return Ok(stored) };
    Ok(converted::orphans(surveyor, reader, child, parent)?.unwrap_or(stored))
}

/// Whether no row can be an orphan, which spares the search: the key references integers that name rows, without a gap between the first
/// and the last, and all that references them is whole numbers between these.
fn is_whole(way: &FollowedForeignKey<'_>, profiles: &[TableProfile]) -> bool {
    let (Some((child, parent)), [column], None) = (&way.converted, way.parent.columns.as_slice(), way.parent.filter)
    else {
        return false;
    };
    let mapping = parent.mapping();
    let is_exact = mapping.exact_key().is_some_and(|key| key.source.eq_ignore_ascii_case(column));
    let Some((low, high)) = mapping.size.keys.filter(|_| is_exact && !differs_by_conversion(child, parent, false))
    else {
        return false;
    };
    let has_no_gap = i128::from(high) - i128::from(low) + 1 == i128::from(mapping.size.rows);
    let mut profiles = profiles.iter().filter(|profile| profile.table == way.child.table.name);
    let column = profiles.next().and_then(|profile| profile.columns.get(child.parts().first()?.position));
    has_no_gap
        && column.is_some_and(|column| {
            let stored = &column.stored;
            let are_whole_numbers = stored.real + stored.text + stored.blob == 0;
            let lies_between = |number: Option<StoredNumber>| match number {
                Some(StoredNumber::Integer(integer)) => (low..=high).contains(&integer),
                Some(StoredNumber::Real(_)) => false,
                None => true,
            };
            are_whole_numbers && lies_between(column.minimum) && lies_between(column.maximum)
        })
}

/// Counts the storage classes of some columns in one pass over the rows that pass the filter.
pub(crate) fn stored_classes(
    reader: &Reader,
    table: &str,
    filter: Option<&str>,
    columns: Vec<(String, SelectedColumn)>,
) -> Result<BTreeMap<String, StoredClasses>, ExecuteError> {
    let mut classes = vec![BTreeMap::new(); columns.len()];
    let selection = Selection {
        table: table.to_owned(),
        columns: columns.iter().map(|(_, selected)| selected.clone()).collect(),
        filter: RowFilter::of(filter),
        row_identity: RowIdentity::None,
        range: KeyRange::ALL,
    };
    let outcome = reader.for_each_row(&selection, |row| {
        for (position, classes) in classes.iter_mut().enumerate() {
            *classes.entry(row.cell(position).storage_class()).or_insert(0) += 1;
        }
        Ok::<(), Infallible>(())
    });
    match outcome {
        Ok(_) => Ok(columns.into_iter().map(|(name, _)| name).zip(classes).collect()),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(never)) => match never {},
    }
}
