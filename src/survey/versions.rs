//! Applied migrations, as the records of migration tools in the source have them.

use crate::catalog::{AppliedMigrations, Catalog, KeyRange, RowFilter, SelectedColumn, Selection, ToolRecord};
use crate::plan::mapping;
use crate::run::ExecuteError;
use crate::source::{ReadFailure, Reader, Row, SourceError};
use crate::spec::Spec;
use crate::value::Cell;
use std::collections::BTreeMap;

/// The applied migrations of each record, by its table; `None` for one that the spec leaves out and that cannot be read.
///
/// # Errors
/// The source cannot be read.
pub(crate) fn read(
    spec: &Spec,
    catalog: &Catalog,
    reader: &Reader,
) -> Result<BTreeMap<String, Option<AppliedMigrations>>, ExecuteError> {
    let mut versions = BTreeMap::new();
    for record in catalog.tool_records() {
        let applied = match read_record(catalog, &record, reader) {
            Ok(applied) => Some(applied),
            Err(_) if !mapping::is_selected(spec, &record.table) => None,
            Err(error) => return Err(error.into()),
        };
        versions.insert(record.table, applied);
    }
    Ok(versions)
}

fn read_record(catalog: &Catalog, record: &ToolRecord, reader: &Reader) -> Result<AppliedMigrations, SourceError> {
    let Some(table) = catalog.table(&record.table) else { return Ok(AppliedMigrations::new()) };
    let selection = Selection {
        table: table.name.clone(),
        columns: record.columns.iter().cloned().map(SelectedColumn::Named).collect(),
        filter: RowFilter::of(None),
        row_identity: table.row_identity.clone(),
        range: KeyRange::ALL,
    };
    let mut rows = Vec::new();
    let read = reader.for_each_row(&selection, |row| {
        rows.push((0..record.columns.len()).map(|at| text(row, at)).collect());
        Ok::<_, SourceError>(())
    });
    read.map_err(|failure| match failure {
        ReadFailure::Source(error) | ReadFailure::Caller(error) => error,
    })?;
    Ok(record.applied(&rows))
}

/// A value as text; `None` for NULL.
fn text(row: &Row<'_>, at: usize) -> Option<String> {
    match row.cell(at) {
        Cell::Null => None,
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Real(number) => Some(number.to_string()),
        Cell::Text(bytes) | Cell::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}
