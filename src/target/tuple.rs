//! Size in bytes of a row of a table or an index, computed before PostgreSQL writes it.
//!
//! Sizes are those of a server with pages of 8 kB and `default_toast_compression = pglz`, which nearly all have.

use super::pglz;
use crate::catalog::ColumnType;

/// The largest entry of a B-tree: a third of a page (`BTMaxItemSize`).
pub const LARGEST_INDEX_TUPLE: usize = 2704;

/// The largest row of a table, without the values that are stored out of line (`MaxHeapTupleSize`).
pub const LARGEST_ROW: usize = 8160;

/// Values of an index longer than this are compressed (`TOAST_INDEX_TARGET`).
const INDEX_TARGET: usize = 510;

/// Size of the pointer in the row to a value that is stored out of line (`TOAST_POINTER_SIZE`).
const POINTER: usize = 18;

/// The longest value, with its header of four bytes, that is never stored out of line
/// (`toast_tuple_find_biggest_attribute`).
const SHORTEST_ELSEWHERE: usize = 24;

/// A value on its way into a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TupleField<'bytes> {
    /// NULL takes no bytes but a bit.
    Null,
    /// A value of fixed length, which is aligned to a multiple of the second number.
    Fixed(usize, usize),
    /// A value of any length, without its header.
    Varying(&'bytes [u8]),
}

/// Least size of a field in the row, when every value that can be is stored out of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InlineSize {
    /// NULL takes no bytes but a bit.
    Null,
    /// Bytes, aligned to a multiple of the second number.
    Bytes(usize, usize),
}

impl<'bytes> TupleField<'bytes> {
    /// A field as the binary COPY format has it: its length and its bytes.
    #[must_use]
    pub fn of(column_type: &ColumnType, field: &'bytes [u8]) -> Self {
        let Some((length, bytes)) = field.split_first_chunk::<4>() else { return TupleField::Null };
        if i32::from_be_bytes(*length) < 0 {
            return TupleField::Null;
        }
        match column_type {
            ColumnType::Boolean => TupleField::Fixed(1, 1),
            ColumnType::SmallInt => TupleField::Fixed(2, 2),
            ColumnType::Integer | ColumnType::Real | ColumnType::Date => TupleField::Fixed(4, 4),
            ColumnType::BigInt
            | ColumnType::DoublePrecision
            | ColumnType::Time(_)
            | ColumnType::Timestamp(_)
            | ColumnType::Timestamptz(_) => TupleField::Fixed(8, 8),
            ColumnType::Uuid => TupleField::Fixed(16, 1),
            // On the wire a numeric has a header of eight bytes, in a row one of two.
            ColumnType::Numeric(_) => TupleField::Varying(bytes.get(6..).unwrap_or(bytes)),
            _ => TupleField::Varying(bytes),
        }
    }

    /// Least size of it in the row itself.
    #[must_use]
    pub fn inline_size(self) -> InlineSize {
        match self {
            TupleField::Null => InlineSize::Null,
            TupleField::Fixed(length, alignment) => InlineSize::Bytes(length, alignment),
            TupleField::Varying(bytes) if bytes.len() + 4 > SHORTEST_ELSEWHERE => InlineSize::Bytes(POINTER, 1),
            TupleField::Varying(bytes) => InlineSize::Bytes(bytes.len() + 1, 1),
        }
    }
}

fn aligned(at: usize, alignment: usize) -> usize {
    at.next_multiple_of(alignment)
}

/// The bytes of an index entry with these fields (`index_form_tuple`).
#[must_use]
pub fn index_tuple<'bytes>(fields: impl Iterator<Item = TupleField<'bytes>>) -> usize {
    let (mut data, mut has_null) = (0, false);
    for field in fields {
        data = match field {
            TupleField::Null => {
                has_null = true;
                data
            }
            TupleField::Fixed(length, alignment) => aligned(data, alignment) + length,
            // A header of one byte, which needs no alignment.
            TupleField::Varying(bytes) if bytes.len() < 127 => data + bytes.len() + 1,
            TupleField::Varying(bytes) => {
                let compressed = (bytes.len() + 4 > INDEX_TARGET)
                    .then(|| pglz::compressed_length(bytes).map(|length| length + 8))
                    .flatten()
                    .filter(|length| *length + 2 < bytes.len());
                aligned(data, 4) + compressed.unwrap_or(bytes.len() + 4)
            }
        };
    }
    aligned(aligned(if has_null { 8 + 4 } else { 8 }, 8) + data, 8)
}

/// The bytes that a row of a table needs at least.
#[must_use]
pub fn least_row(fields: &[InlineSize]) -> usize {
    let has_null = fields.contains(&InlineSize::Null);
    let header = aligned(23 + if has_null { fields.len().div_ceil(8) } else { 0 }, 8);
    let data = fields.iter().fold(0, |data, field| match field {
        InlineSize::Null => data,
        InlineSize::Bytes(length, alignment) => aligned(data, *alignment) + length,
    });
    header + data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_entry_is_its_header_and_its_aligned_fields() {
        assert_eq!(index_tuple([TupleField::Fixed(8, 8)].into_iter()), 16);
        assert_eq!(index_tuple([TupleField::Varying(b"ab"), TupleField::Fixed(8, 8)].into_iter()), 24);
        assert_eq!(index_tuple([TupleField::Null, TupleField::Varying(&[1; 126])].into_iter()), 144);
        // Zeros are compressed, whatever their number.
        assert!(index_tuple([TupleField::Varying(&[0; 8000])].into_iter()) < 200);
    }

    #[test]
    fn a_thousand_numbers_stay_in_the_row() {
        let number = InlineSize::Bytes(8, 8);
        assert_eq!(least_row(&[number; 1000]), 8024);
        assert!(least_row(&[number; 1018]) > LARGEST_ROW);
        assert_eq!(TupleField::Varying(&[0; 5000]).inline_size(), InlineSize::Bytes(18, 1));
        assert_eq!(TupleField::Varying(b"short").inline_size(), InlineSize::Bytes(6, 1));
    }
}
