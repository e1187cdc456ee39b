//! Rows: the fields of a table's columns, one after the other.

use super::{ColumnEncoder, NULL};
use crate::value::{BadValue, Cell};

/// Writes rows of the binary COPY format into one buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowEncoder {
    columns: Vec<ColumnEncoder>,
    /// Number of columns, with which every row begins.
    count: [u8; 2],
}

/// More columns than a table of PostgreSQL has (1600).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} columns, but a table of PostgreSQL has at most 1600")]
pub struct TooManyColumns(pub usize);

/// A value that cannot be carried over, and its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("column {}: {bad}", .column + 1)]
pub struct BadCell {
    /// The index of the column, from zero.
    pub column: usize,
    /// The reason.
    #[source]
    pub bad: BadValue,
}

/// Treatment of a value that cannot be carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Reject the row.
    Refuse,
    /// Write NULL in place of the value.
    Null,
}

impl RowEncoder {
    /// An encoder of rows with these columns, in their order.
    ///
    /// # Errors
    /// When there are more than PostgreSQL's 1600.
    pub fn new(columns: Vec<ColumnEncoder>) -> Result<Self, TooManyColumns> {
        match i16::try_from(columns.len()) {
            Ok(count) if count <= 1600 => Ok(RowEncoder { columns, count: count.to_be_bytes() }),
            _ => Err(TooManyColumns(columns.len())),
        }
    }

    /// The encoders of the columns.
    #[must_use]
    pub fn columns(&self) -> &[ColumnEncoder] {
        &self.columns
    }

    /// Appends one row; `cell` gives the value of a column by its index.
    ///
    /// # Errors
    /// At the first value that cannot be carried over; nothing of the row is appended then.
    #[inline]
    pub fn encode<'row>(&self, cell: impl FnMut(usize) -> Cell<'row>, out: &mut Vec<u8>) -> Result<(), BadCell> {
        self.encode_repairing(cell, |_| Repair::Refuse, |_| {}, out)
    }

    /// Appends one row; `repair` says what becomes of values that cannot be carried over, `shortened` is told the columns of
    /// values of which the spec keeps fewer digits.
    ///
    /// # Errors
    /// At the first value that `repair` refuses; nothing of the row is appended then.
    #[inline]
    pub fn encode_repairing<'row>(
        &self,
        mut cell: impl FnMut(usize) -> Cell<'row>,
        mut repair: impl FnMut(BadCell) -> Repair,
        mut shortened: impl FnMut(usize),
        out: &mut Vec<u8>,
    ) -> Result<(), BadCell> {
        let start = out.len();
        out.extend_from_slice(&self.count);
        for (column, encoder) in self.columns.iter().enumerate() {
            match encoder.encode_noting(cell(column), out) {
                Ok(false) => {}
                Ok(true) => shortened(column),
                Err(bad) => {
                    let bad = BadCell { column, bad };
                    match repair(bad) {
                        Repair::Null => out.extend_from_slice(&NULL),
                        Repair::Refuse => {
                            out.truncate(start);
                            return Err(bad);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ColumnType;
    use crate::value::{Reading, Zone};

    fn encoder(types: &[ColumnType]) -> RowEncoder {
        let columns = types.iter().map(|column| ColumnEncoder::new(column, Reading::Stored, &Zone::UTC).unwrap());
        RowEncoder::new(columns.collect()).unwrap()
    }

    #[test]
    fn a_row_is_its_count_and_its_fields() {
        let encoder = encoder(&[ColumnType::Integer, ColumnType::Text, ColumnType::Boolean]);
        let cells = [Cell::Integer(7), Cell::Text(b"ab"), Cell::Null];
        let mut out = Vec::new();
        encoder.encode(|column| cells[column], &mut out).unwrap();
        assert_eq!(out, b"\0\x03\0\0\0\x04\0\0\0\x07\0\0\0\x02ab\xff\xff\xff\xff");
    }

    #[test]
    fn a_bad_value_takes_its_row_back() {
        let encoder = encoder(&[ColumnType::Text, ColumnType::SmallInt]);
        let cells = [Cell::Text(b"ab"), Cell::Integer(40_000)];
        let mut out = b"before".to_vec();
        let bad = BadCell { column: 1, bad: BadValue::Range { wanted: "smallint" } };
        assert_eq!(encoder.encode(|column| cells[column], &mut out), Err(bad));
        assert_eq!(out, b"before");
        assert_eq!(bad.to_string(), "column 2: does not fit smallint");
        let mut seen = Vec::new();
        let repair = |bad| {
            seen.push(bad);
            Repair::Null
        };
        encoder.encode_repairing(|column| cells[column], repair, |_| {}, &mut out).unwrap();
        assert_eq!(out, b"before\0\x02\0\0\0\x02ab\xff\xff\xff\xff");
        assert_eq!(seen, [bad]);
    }
}
