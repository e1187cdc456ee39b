//! What has to be looked up in the rows before the mapping can be made.

use crate::catalog::{Catalog, KeyRange, RowIdentity, Selection, Table};
use crate::execute::ExecuteError;
use crate::plan::steps::referenced_columns;
use crate::plan::types::StoredClasses;
use crate::plan::{Orphans, mapping};
use crate::source::sqlite::{End, ReadFailure, Reader, orphans};
use crate::spec::Spec;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Follows every foreign key between migrated tables.
pub(super) fn find_orphans(
    spec: &Spec,
    catalog: &Catalog,
    reader: &Reader,
) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
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
            let child = End { table, columns: &key.columns, filter: mapping::filter(spec, name) };
            let parent = End { table: parent, columns: &columns, filter: mapping::filter(spec, &parent.name) };
            let (count, examples) = orphans(reader, key, child, parent)?;
            if count > 0 {
                found.insert(((*name).to_owned(), position), Orphans { count, examples });
            }
        }
    }
    Ok(found)
}

/// Counts the storage classes of some columns in one pass.
pub(super) fn stored_classes(
    reader: &Reader,
    table: &str,
    columns: Vec<String>,
) -> Result<BTreeMap<String, StoredClasses>, ExecuteError> {
    let mut classes = vec![BTreeMap::new(); columns.len()];
    let selection = Selection {
        table: table.to_owned(),
        columns: columns.clone(),
        filter: None,
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
        Ok(_) => Ok(columns.into_iter().zip(classes).collect()),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(never)) => match never {},
    }
}
