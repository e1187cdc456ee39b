//! The layout of a table's records, for the values that a selection asks for.

use super::defaults::{Constant, DefaultedColumn, constants};
use crate::catalog::{RowFilter, RowIdentity, SelectedColumn, Selection};
use crate::dialect::sqlite::Affinity;
use crate::source::sqlite::tables::ListedTable;
use crate::value::Cell;
use rusqlite::{Connection, OptionalExtension};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The layout of a table's rows, for one selection of its columns.
#[derive(Debug)]
pub(in crate::source::sqlite) struct RowLayout {
    /// The first page of the table's tree.
    pub(super) root: u32,
    /// The place of every selected column, then of the key if it is not among them.
    pub(super) places: Vec<StoredValuePlace>,
    /// The position of the key's column in `places`.
    pub(in crate::source::sqlite) key: [usize; 1],
    /// The number of values that have to be found in a record.
    pub(super) fields: usize,
    /// A record with fewer values lacks a column that has a default.
    pub(super) fields_with_defaults: usize,
    /// The columns that have a default, of those that are selected.
    with_defaults: Vec<DefaultedColumn>,
    /// Values of these columns in older rows, computed at the first such row.
    defaults: OnceCell<Option<Vec<Constant>>>,
}

/// The place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredValuePlace {
    /// Beside the record.
    Rowid,
    /// In the record at this position; whether it has real affinity; its index among the columns with a default.
    Record { at: usize, is_real: bool, default: Option<usize> },
}

impl RowLayout {
    /// The layout; `None` unless the selection reads only stored values of a table with rowids.
    pub(in crate::source::sqlite) fn of(
        connection: &Connection,
        tables: &BTreeMap<String, ListedTable>,
        selection: &Selection,
    ) -> rusqlite::Result<Option<Self>> {
        let is_by_rowid = matches!(selection.row_identity, RowIdentity::Integer { .. });
        let Some(listed) = tables.get(&selection.table).filter(|listed| !listed.without_rowid) else { return Ok(None) };
        if !is_by_rowid || selection.filter != RowFilter::All {
            return Ok(None);
        }
        let mut root = connection.prepare_cached(include_str!("../queries/root.sql"))?;
        let found = root.query_row([&selection.table], |row| Ok((row.get("root")?, row.get("has_key_index")?)));
        let Some((root, has_key_index)) = found.optional()? else { return Ok(None) };
        let columns = stored_columns(connection, &selection.table, has_key_index, listed.strict)?;
        let mut layout = RowLayout {
            root,
            places: Vec::new(),
            key: [0],
            fields: 0,
            fields_with_defaults: 0,
            with_defaults: Vec::new(),
            defaults: OnceCell::new(),
        };
        for selected in &selection.columns {
            let SelectedColumn::Named(name) = selected else { return Ok(None) };
            let Some(column) = columns.iter().find(|column| column.name == *name) else { return Ok(None) };
            let mut place = column.place;
            if let StoredValuePlace::Record { at, default, .. } = &mut place {
                layout.fields = layout.fields.max(*at + 1);
                if let Some(column) = &column.with_default {
                    layout.fields_with_defaults = layout.fields_with_defaults.max(*at + 1);
                    *default = Some(layout.with_defaults.len());
                    layout.with_defaults.push(column.clone());
                }
            }
            layout.places.push(place);
        }
        layout.key = match layout.places.iter().position(|place| *place == StoredValuePlace::Rowid) {
            Some(place) => [place],
            None => {
                layout.places.push(StoredValuePlace::Rowid);
                [layout.places.len() - 1]
            }
        };
        Ok(Some(layout))
    }

    /// The values of older rows in the columns that have a default; `None` if only SQLite can compute them.
    pub(super) fn defaults(&self) -> Option<&[Constant]> {
        self.defaults.get_or_init(|| constants(&self.with_defaults)).as_deref()
    }

    /// One of these values.
    pub(super) fn default(&self, number: usize) -> Cell<'_> {
        self.defaults().and_then(|defaults| defaults.get(number)).map_or(Cell::Null, Constant::cell)
    }
}

/// A column whose values are stored.
struct PageColumn {
    name: String,
    place: StoredValuePlace,
    with_default: Option<DefaultedColumn>,
}

/// The stored columns of a table without generated ones, which only SQLite reads.
fn stored_columns(
    connection: &Connection,
    table: &str,
    has_key_index: bool,
    is_strict: bool,
) -> rusqlite::Result<Vec<PageColumn>> {
    let mut statement = connection.prepare_cached(include_str!("../queries/columns.sql"))?;
    let mut rows = statement.query([table])?;
    let (mut columns, mut keys, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let (hidden, declared): (i64, String) = (row.get("hidden")?, row.get("type")?);
        if row.get::<_, i64>("key_position")? > 0 {
            keys.push(columns.len());
        }
        if hidden == 0 {
            let affinity = match declared.to_ascii_uppercase().as_str() {
                // https://www.sqlite.org/stricttables.html, section 3
                "ANY" if is_strict => Affinity::Blob,
                declared => Affinity::of(declared),
            };
            let default = row.get::<_, Option<String>>("default_expression")?;
            columns.push(PageColumn {
                name: row.get("name")?,
                place: StoredValuePlace::Record { at, is_real: affinity == Affinity::Real, default: None },
                with_default: default.map(|expression| DefaultedColumn { affinity, expression }),
            });
        }
        // A virtual generated column is not in the record.
        at += usize::from(hidden != 2);
    }
    // A primary key of one column without an index of its own is the rowid; in the record stands NULL
    // (https://www.sqlite.org/lang_createtable.html#rowid).
    if let (&[alias], false) = (keys.as_slice(), has_key_index) {
        columns[alias].place = StoredValuePlace::Rowid;
    }
    Ok(columns)
}
