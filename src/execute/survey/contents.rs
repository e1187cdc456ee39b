//! What has to be looked up in the rows before the mapping can be made.

use super::look::Looker;
use super::references::{self, differs_by_conversion};
use crate::catalog::{KeyRange, RowIdentity, SelectedColumn, Selection, Table};
use crate::execute::ExecuteError;
use crate::plan::steps::referenced_columns;
use crate::plan::types::StoredClasses;
use crate::plan::{Orphans, TableMapping, mapping};
use crate::source::sqlite::{End, ReadFailure, Reader, orphans};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Follows every foreign key between migrated tables.
pub(super) fn find_orphans(
    look: &Looker<'_>,
    mappings: &[TableMapping],
    reader: &Reader,
) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
    let (spec, catalog) = (look.spec, look.catalog);
    let tables = mapping::selected(spec, catalog).map(|table| (table.name.as_str(), table)).collect::<BTreeMap<_, _>>();
    let mut found = BTreeMap::new();
    for (name, table) in &tables {
        for (position, key) in table.foreign_keys.iter().enumerate() {
            let parent =
                catalog.table(&key.referenced_table).filter(|parent| tables.contains_key(parent.name.as_str()));
            let columns = referenced_columns(catalog, key);
            let exists = |parent: &Table| columns.iter().all(|column| parent.column(column).is_some());
            let Some(parent) = parent.filter(|parent| columns.len() == key.columns.len() && exists(parent)) else {
                continue;
            };
            let end = |source: &str, columns: &[String]| {
                references::End::new(mappings.iter().find(|mapping| mapping.source == source)?, columns)
            };
            let ends = end(name, &key.columns).zip(end(&parent.name, &columns));
            let child = End { table, columns: &key.columns, filter: mapping::filter(spec, name) };
            let parent = End { table: parent, columns: &columns, filter: mapping::filter(spec, &parent.name) };
            let (count, examples) = orphans(reader, key, child, parent)?;
            let mut orphans = Orphans { count, examples, staying: None };
            // What is equal in the source stays equal in one conversion; what differs there may become equal.
            if let Some((child, parent)) =
                ends.filter(|(child, parent)| differs_by_conversion(child, parent, count > 0))
                && let Some(converted) = references::orphans(look, reader, &child, &parent)?
            {
                orphans = converted;
            }
            if orphans.count > 0 {
                found.insert(((*name).to_owned(), position), orphans);
            }
        }
    }
    Ok(found)
}

/// Counts the storage classes of some columns in one pass over the rows that pass the filter.
pub(super) fn stored_classes(
    reader: &Reader,
    table: &str,
    filter: Option<&str>,
    columns: Vec<(String, SelectedColumn)>,
) -> Result<BTreeMap<String, StoredClasses>, ExecuteError> {
    let mut classes = vec![BTreeMap::new(); columns.len()];
    let selection = Selection {
        table: table.to_owned(),
        columns: columns.iter().map(|(_, selected)| selected.clone()).collect(),
        filter: filter.map(str::to_owned),
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
