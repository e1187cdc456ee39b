//! Where the values that a selection asks for stand in the records of its table.

use crate::catalog::{Affinity, RowIdentity, SelectedColumn, Selection};
use rusqlite::{Connection, OptionalExtension};

/// The layout of a table's rows, for one selection of its columns.
#[derive(Debug)]
pub(in crate::source::sqlite) struct Layout {
    /// The first page of the table's tree.
    pub(super) root: u32,
    /// For every selected column, then for the key where it is not among them.
    pub(super) places: Vec<Place>,
    /// Where the key's column stands in `places`.
    pub(in crate::source::sqlite) key: [usize; 1],
    /// How many values of a record have to be found.
    pub(super) fields: usize,
    /// A record with fewer values lacks a column that has a default.
    pub(super) fields_with_defaults: usize,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Beside the record.
    Rowid,
    /// In the record at this place; whether it is of real affinity.
    Field { at: usize, is_real: bool },
}

impl Layout {
    /// The layout, where the selection wants no more than stored values of a table with rowids.
    pub(in crate::source::sqlite) fn of(
        connection: &Connection,
        selection: &Selection,
    ) -> rusqlite::Result<Option<Self>> {
        let is_by_rowid = matches!(selection.row_identity, RowIdentity::Rowid { .. });
        if !is_by_rowid || selection.filter.is_some() {
            return Ok(None);
        }
        let mut root = connection.prepare_cached(include_str!("../queries/root.sql"))?;
        let found = root.query_row([&selection.table], |row| Ok((row.get("root")?, row.get("has_key_index")?)));
        let Some((root, has_key_index)) = found.optional()? else { return Ok(None) };
        let columns = stored_columns(connection, &selection.table, has_key_index)?;
        let mut layout = Layout { root, places: Vec::new(), key: [0], fields: 0, fields_with_defaults: 0 };
        for selected in &selection.columns {
            let SelectedColumn::Named(name) = selected else { return Ok(None) };
            let Some(column) = columns.iter().find(|column| column.name == *name) else { return Ok(None) };
            layout.places.push(column.place);
            if let Place::Field { at, .. } = column.place {
                layout.fields = layout.fields.max(at + 1);
                if column.has_default {
                    layout.fields_with_defaults = layout.fields_with_defaults.max(at + 1);
                }
            }
        }
        layout.key = match layout.places.iter().position(|place| *place == Place::Rowid) {
            Some(place) => [place],
            None => {
                layout.places.push(Place::Rowid);
                [layout.places.len() - 1]
            }
        };
        Ok(Some(layout))
    }
}

/// A column whose values are stored.
struct StoredColumn {
    name: String,
    place: Place,
    has_default: bool,
}

/// The columns of a table that are stored, without those that are generated: what a generated column is, is SQLite's
/// business.
fn stored_columns(connection: &Connection, table: &str, has_key_index: bool) -> rusqlite::Result<Vec<StoredColumn>> {
    let mut statement = connection.prepare_cached(include_str!("../queries/columns.sql"))?;
    let mut rows = statement.query([table])?;
    let (mut columns, mut keys, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let (hidden, declared): (i64, String) = (row.get("hidden")?, row.get("type")?);
        if row.get::<_, i64>("key_position")? > 0 {
            keys.push(columns.len());
        }
        if hidden == 0 {
            let is_real = Affinity::of(&declared.to_ascii_uppercase()) == Affinity::Real;
            columns.push(StoredColumn {
                name: row.get("name")?,
                place: Place::Field { at, is_real },
                has_default: row.get::<_, Option<String>>("default_expression")?.is_some(),
            });
        }
        // A generated column that is not stored takes no place.
        at += usize::from(hidden != 2);
    }
    // A primary key of one column without an index of its own is the rowid; in the record stands NULL
    // (https://www.sqlite.org/lang_createtable.html#rowid).
    if let (&[alias], false) = (keys.as_slice(), has_key_index) {
        columns[alias].place = Place::Rowid;
    }
    Ok(columns)
}
