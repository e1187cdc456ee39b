//! Counting what stands in a table's columns, row by row, beside whatever else reads the rows.

use crate::catalog::{ColumnProfile, ColumnType, DeclaredType, StoredCounts, StoredNumber, TableProfile};
use crate::plan::{ColumnMapping, TableMapping};
use crate::survey::values::twice_encoded;
use crate::value::text::is_twice_encoded;
use crate::value::{Cell, DateShape, StorageClass};

/// Gathers a [`TableProfile`]; a few hundred bytes for each column, however many rows there are.
#[derive(Debug)]
pub(crate) struct Profiler {
    profile: TableProfile,
    /// For each column that holds dates how often each shape was seen.
    shapes: Vec<Option<Shapes>>,
    /// The columns of text that may have been encoded twice.
    recoded: Vec<bool>,
    /// Reused from value to value.
    scratch: Vec<u8>,
}

/// How often each shape was seen. They are few, and most values are written like the one before.
#[derive(Debug, Default)]
struct Shapes {
    counts: Vec<(DateShape, u64)>,
    last: usize,
}

impl Shapes {
    fn add(&mut self, shape: DateShape, times: u64) {
        if self.counts.get(self.last).is_none_or(|(last, _)| *last != shape) {
            self.last = self.counts.iter().position(|(seen, _)| *seen == shape).unwrap_or(self.counts.len());
        }
        match self.counts.get_mut(self.last) {
            Some((_, count)) => *count += times,
            None => self.counts.push((shape, times)),
        }
    }
}

impl Profiler {
    pub(crate) fn new(mapping: &TableMapping) -> Self {
        let column = |column: &ColumnMapping| ColumnProfile { column: column.source.clone(), ..Default::default() };
        let shapes = |column: &ColumnMapping| holds_dates(mapping, column).then(Shapes::default);
        Self {
            profile: TableProfile {
                table: mapping.source.clone(),
                rows: 0,
                columns: mapping.columns.iter().map(column).collect(),
            },
            shapes: mapping.columns.iter().map(shapes).collect(),
            recoded: mapping.columns.iter().map(|column| twice_encoded::is_counted(mapping, column)).collect(),
            scratch: Vec::new(),
        }
    }

    /// Takes in the value of the mapping's column at `position`.
    #[inline]
    pub(crate) fn count(&mut self, position: usize, cell: Cell<'_>) {
        let Some(column) = self.profile.columns.get_mut(position) else { return };
        count(column, cell);
        if let Some(Some(shapes)) = self.shapes.get_mut(position)
            && let Some(seen) = DateShape::of(cell)
        {
            shapes.add(seen.shape, 1);
            column.fractions_beyond_microseconds += u64::from(seen.beyond_microseconds);
        }
        self.count_encoding(position, cell);
    }

    /// Counts how often text was encoded; of text beyond ASCII alone, so that every row that has some must be among those read.
    #[inline]
    pub(crate) fn count_encoding(&mut self, position: usize, cell: Cell<'_>) {
        if let Cell::Text(text) = cell
            && self.recoded.get(position) == Some(&true)
            && !text.is_ascii()
            && let Some(column) = self.profile.columns.get_mut(position)
        {
            let is_twice = is_twice_encoded(text, &mut self.scratch);
            *(if is_twice { &mut column.encoded_twice } else { &mut column.encoded_once }) += 1;
        }
    }

    /// Notes that all values of a row were counted.
    pub(crate) fn end_row(&mut self) {
        self.profile.rows += 1;
    }

    /// Takes in the profile of other rows.
    pub(crate) fn add(&mut self, other: &TableProfile) {
        self.profile.rows += other.rows;
        for (column, other) in self.profile.columns.iter_mut().zip(&other.columns) {
            join(column, other);
        }
    }

    /// Takes in what was gathered of other rows.
    pub(crate) fn append(&mut self, other: Profiler) {
        self.add(&other.profile);
        for (shapes, other) in self.shapes.iter_mut().zip(other.shapes) {
            for (shape, times) in other.into_iter().flat_map(|other| other.counts) {
                if let Some(shapes) = shapes {
                    shapes.add(shape, times);
                }
            }
        }
    }

    /// The shapes of the dates in a column, the most frequent first; nothing where the column holds no dates.
    pub(crate) fn shapes(&self, position: usize) -> Vec<(DateShape, u64)> {
        let Some(Some(shapes)) = self.shapes.get(position) else { return Vec::new() };
        let mut shapes = shapes.counts.clone();
        shapes.sort_by_key(|(shape, count)| (std::cmp::Reverse(*count), *shape));
        shapes
    }

    /// How often each storage class stands in a column.
    pub(crate) fn stored(&self, position: usize) -> StoredCounts {
        self.profile.stored(position)
    }

    /// The finished profile.
    pub(crate) fn finish(mut self) -> TableProfile {
        for (column, shapes) in self.profile.columns.iter_mut().zip(&self.shapes) {
            let shapes = shapes.iter().flat_map(|shapes| &shapes.counts);
            column.dates = shapes.map(|(shape, count)| (shape.to_string(), *count)).collect();
        }
        self.profile
    }
}

/// Whether a column holds dates or times, by the type that it gets or the one that it was declared with.
pub(crate) fn holds_dates(mapping: &TableMapping, column: &ColumnMapping) -> bool {
    mapping.dialect().names_time(&DeclaredType::parse(&column.declared_type))
        || matches!(
            column.column_type,
            ColumnType::Date | ColumnType::Time(_) | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_)
        )
}

/// Counts so many values of a storage class.
#[inline]
pub(crate) fn count_class(stored: &mut StoredCounts, class: StorageClass, values: u64) {
    let count = match class {
        StorageClass::Null => &mut stored.null,
        StorageClass::Integer => &mut stored.integer,
        StorageClass::Real => &mut stored.real,
        StorageClass::Text => &mut stored.text,
        StorageClass::Blob => &mut stored.blob,
    };
    *count += values;
}

fn count(column: &mut ColumnProfile, cell: Cell<'_>) {
    count_class(&mut column.stored, cell.storage_class(), 1);
    match cell {
        Cell::Null => {}
        Cell::Integer(integer) => widen(column, StoredNumber::Integer(integer)),
        Cell::Real(real) => widen(column, StoredNumber::Real(real)),
        Cell::Text(text) => {
            let bytes = text.len() as u64;
            // There are no more characters than bytes: most texts need not be counted.
            if column.longest_characters.is_none_or(|longest| bytes > longest) {
                let continues = |byte: &&u8| (**byte & 0b1100_0000) == 0b1000_0000;
                let characters = bytes - text.iter().filter(continues).count() as u64;
                column.longest_characters = column.longest_characters.max(Some(characters));
            }
            column.longest_bytes = column.longest_bytes.max(Some(bytes));
        }
        Cell::Blob(bytes) => column.longest_blob = column.longest_blob.max(Some(bytes.len() as u64)),
    }
}

/// Adds what was counted of other rows of the column.
fn join(column: &mut ColumnProfile, other: &ColumnProfile) {
    let (stored, more) = (&mut column.stored, &other.stored);
    stored.null += more.null;
    stored.integer += more.integer;
    stored.real += more.real;
    stored.text += more.text;
    stored.blob += more.blob;
    for number in other.minimum.into_iter().chain(other.maximum) {
        widen(column, number);
    }
    column.longest_characters = column.longest_characters.max(other.longest_characters);
    column.longest_bytes = column.longest_bytes.max(other.longest_bytes);
    column.longest_blob = column.longest_blob.max(other.longest_blob);
    column.fractions_beyond_microseconds += other.fractions_beyond_microseconds;
    column.encoded_twice += other.encoded_twice;
    column.encoded_once += other.encoded_once;
}

fn widen(column: &mut ColumnProfile, number: StoredNumber) {
    if column.minimum.is_none_or(|minimum| number.is_below(minimum)) {
        column.minimum = Some(number);
    }
    if column.maximum.is_none_or(|maximum| maximum.is_below(number)) {
        column.maximum = Some(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(cells: &[Cell<'_>]) -> ColumnProfile {
        let mut column = ColumnProfile::default();
        for cell in cells {
            count(&mut column, *cell);
        }
        column
    }

    #[test]
    fn counts_classes_extents_and_lengths() {
        let column = profile(&[
            Cell::Null,
            Cell::Integer(-3),
            Cell::Real(7.5),
            Cell::Text("grün".as_bytes()),
            Cell::Text(b"four!"),
            Cell::Blob(&[0; 9]),
        ]);
        let stored = column.stored;
        assert_eq!([stored.null, stored.integer, stored.real, stored.text, stored.blob], [1, 1, 1, 2, 1]);
        assert_eq!((column.minimum, column.maximum), (Some(StoredNumber::Integer(-3)), Some(StoredNumber::Real(7.5))));
        assert_eq!((column.longest_characters, column.longest_bytes, column.longest_blob), (Some(5), Some(5), Some(9)));
    }
}
