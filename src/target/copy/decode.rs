//! Reads the binary COPY format as it arrives, in pieces of any size.

use super::HEADER;
use std::ops::Range;

/// Rows out of a stream of the binary COPY format.
///
/// Feed it what the connection gives and take the rows that are complete, until there are none; at the end of the stream
/// ask [`RowDecoder::finish`] whether it was whole.
#[derive(Debug)]
pub struct RowDecoder {
    columns: usize,
    /// Bytes that have arrived; those before `position` have been read.
    buffer: Vec<u8>,
    position: usize,
    /// The fields of the current row, as places in the buffer.
    fields: Vec<Option<Range<usize>>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Rows,
    Finished,
}

/// A stream that is not what `COPY … TO STDOUT (FORMAT binary)` sends for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The signature is missing.
    #[error("the stream does not begin with the signature of the binary COPY format")]
    Signature,
    /// A flag that changes the format (or OIDs, which PostgreSQL 12 gave up).
    #[error("the stream uses a variant of the binary COPY format that is not known (flags {0:#x})")]
    Flags(u32),
    /// A row with another number of fields.
    #[error("a row of {found} fields where the table has {expected} columns")]
    Columns {
        /// Columns of the table.
        expected: usize,
        /// Fields of the row.
        found: i16,
    },
    /// A negative length other than that of NULL.
    #[error("a field of {0} bytes")]
    Length(i32),
    /// The stream ended without its trailer.
    #[error("the stream ended before its end mark")]
    Truncated,
    /// Bytes after the trailer.
    #[error("the stream goes on after its end mark")]
    Surplus,
}

/// One row, borrowed from the decoder until the next is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Row<'decoder> {
    buffer: &'decoder [u8],
    fields: &'decoder [Option<Range<usize>>],
}

impl<'decoder> Row<'decoder> {
    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether the row has no fields, as those of a table without columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The bytes of a field by its index from zero; nothing for NULL, nor for an index beyond the last.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&'decoder [u8]> {
        self.fields.get(column)?.as_ref().map(|range| &self.buffer[range.clone()])
    }

    /// The bytes of every field; nothing for NULL.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Option<&'decoder [u8]>> + use<'decoder> {
        let buffer = self.buffer;
        self.fields.iter().map(move |field| field.as_ref().map(|range| &buffer[range.clone()]))
    }
}

impl RowDecoder {
    /// A decoder for rows of so many columns.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        RowDecoder {
            columns,
            buffer: Vec::new(),
            position: 0,
            fields: Vec::with_capacity(columns),
            state: State::Header,
        }
    }

    /// Takes the next piece of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.position == self.buffer.len() {
            self.buffer.clear();
        } else {
            self.buffer.drain(..self.position);
        }
        self.position = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next row that has arrived completely; nothing where more has to be fed, or the stream has ended.
    ///
    /// # Errors
    /// When the stream breaks the format, or its rows have another number of fields.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, DecodeError> {
        if self.state == State::Header && !self.read_header()? {
            return Ok(None);
        }
        if self.state == State::Finished {
            return if self.position == self.buffer.len() { Ok(None) } else { Err(DecodeError::Surplus) };
        }
        match self.locate_fields()? {
            Some(end) => {
                self.position = end;
                Ok(Some(Row { buffer: &self.buffer, fields: &self.fields }))
            }
            None if self.state == State::Finished && self.position < self.buffer.len() => Err(DecodeError::Surplus),
            None => Ok(None),
        }
    }

    /// Whether the end mark has been read.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished
    }

    /// Says whether the stream was whole: to be asked when it has ended and [`RowDecoder::next_row`] has no more rows.
    ///
    /// # Errors
    /// When the end mark has not been seen.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.is_finished() { Ok(()) } else { Err(DecodeError::Truncated) }
    }

    /// Whether the header has arrived completely.
    fn read_header(&mut self) -> Result<bool, DecodeError> {
        let unread = &self.buffer[self.position..];
        let signature = &HEADER[..11];
        if !unread.starts_with(&signature[..signature.len().min(unread.len())]) {
            return Err(DecodeError::Signature);
        }
        let Some((&[.., f1, f2, f3, f4, l1, l2, l3, l4], _)) = unread.split_first_chunk::<19>() else {
            return Ok(false);
        };
        // The high half holds the flags that a reader must know; the low half is for remarks, OIDs aside (bit 16).
        let flags = u32::from_be_bytes([f1, f2, f3, f4]);
        if flags & 0xffff_0000 != 0 {
            return Err(DecodeError::Flags(flags));
        }
        let extension = i32::from_be_bytes([l1, l2, l3, l4]);
        let end = HEADER.len() + usize::try_from(extension).map_err(|_| DecodeError::Length(extension))?;
        if unread.len() < end {
            return Ok(false);
        }
        self.position += end;
        self.state = State::Rows;
        Ok(true)
    }

    /// Finds the fields of the next row; where the row ends, if all of it has arrived.
    fn locate_fields(&mut self) -> Result<Option<usize>, DecodeError> {
        let buffer = self.buffer.as_slice();
        let Some((count, _)) = buffer[self.position..].split_first_chunk() else { return Ok(None) };
        let mut position = self.position + 2;
        match i16::from_be_bytes(*count) {
            -1 => {
                self.state = State::Finished;
                self.position = position;
                return Ok(None);
            }
            count if usize::try_from(count) == Ok(self.columns) => {}
            found => return Err(DecodeError::Columns { expected: self.columns, found }),
        }
        self.fields.clear();
        for _ in 0..self.columns {
            let Some((length, rest)) = buffer[position..].split_first_chunk() else { return Ok(None) };
            position += 4;
            match i32::from_be_bytes(*length) {
                -1 => self.fields.push(None),
                length => {
                    let length = usize::try_from(length).map_err(|_| DecodeError::Length(length))?;
                    if rest.len() < length {
                        return Ok(None);
                    }
                    self.fields.push(Some(position..position + length));
                    position += length;
                }
            }
        }
        Ok(Some(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::copy::TRAILER;

    fn stream() -> Vec<u8> {
        let mut stream = HEADER.to_vec();
        stream.extend_from_slice(b"\0\x02\0\0\0\x02ab\xff\xff\xff\xff");
        stream.extend_from_slice(b"\0\x02\0\0\0\0\0\0\0\x01c");
        stream.extend_from_slice(&TRAILER);
        stream
    }

    fn read(stream: &[u8], piece: usize) -> Result<Vec<Vec<Option<Vec<u8>>>>, DecodeError> {
        let mut decoder = RowDecoder::new(2);
        let mut rows = Vec::new();
        for piece in stream.chunks(piece) {
            decoder.feed(piece);
            while let Some(row) = decoder.next_row()? {
                assert_eq!(row.get(0), row.fields().next().unwrap());
                rows.push(row.fields().map(|field| field.map(<[u8]>::to_vec)).collect());
            }
        }
        decoder.finish().map(|()| rows)
    }

    #[test]
    fn reads_rows_from_pieces_of_any_size() {
        let expected = vec![vec![Some(b"ab".to_vec()), None], vec![Some(Vec::new()), Some(b"c".to_vec())]];
        for piece in 1..=stream().len() {
            assert_eq!(read(&stream(), piece).as_ref(), Ok(&expected), "{piece}");
        }
    }

    #[test]
    fn notices_a_stream_that_is_not_whole() {
        let stream = stream();
        for length in 0..stream.len() {
            assert_eq!(read(&stream[..length], 7), Err(DecodeError::Truncated), "{length}");
        }
        assert_eq!(read(b"id,name\n", 3), Err(DecodeError::Signature));
        assert_eq!(read(&[stream.as_slice(), b"x"].concat(), 100), Err(DecodeError::Surplus));
        let mut narrow = HEADER.to_vec();
        narrow.extend_from_slice(b"\0\x01\xff\xff\xff\xff");
        assert_eq!(read(&narrow, 100), Err(DecodeError::Columns { expected: 2, found: 1 }));
        let mut flags = stream;
        flags[12] = 1;
        assert_eq!(read(&flags, 100), Err(DecodeError::Flags(0x1_0000)));
    }
}
