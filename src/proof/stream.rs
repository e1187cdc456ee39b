//! The rows of `COPY … TO STDOUT (FORMAT binary)` as they arrive
//! (<https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4>).
//!
//! PostgreSQL sends each row in a message of its own, and a row is read in place: one of a gigabyte is not copied. Only
//! the rest of a message that ends within a row is kept for the next.

use std::ops::Range;

/// First bytes of a stream, before its flags.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Length of the signature, the flags and the length of the header extension.
const HEADER: usize = SIGNATURE.len() + 8;

/// Error for a stream that PostgreSQL would not send for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("the stream does not begin as the binary COPY format does")]
    Header,
    #[error("a row of {found} fields where the table has {expected} columns")]
    Columns { expected: usize, found: i16 },
    #[error("a field of {0} bytes")]
    Length(i32),
    #[error("the stream ended before its end mark")]
    Truncated,
    #[error("the stream goes on after its end mark")]
    Surplus,
}

/// Parser of a stream.
#[derive(Debug)]
pub(crate) struct CopyStream {
    columns: usize,
    state: StreamState,
    /// Beginning of a row whose end has not arrived.
    rest: Vec<u8>,
    /// Ranges of the current row's fields.
    places: Vec<Option<Range<usize>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamState {
    Header,
    Rows,
    Finished,
}

/// Fields of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    places: &'a [Option<Range<usize>>],
}

impl<'a> Fields<'a> {
    /// Bytes of a field; `None` for NULL.
    #[inline]
    pub(crate) fn get(self, position: usize) -> Option<&'a [u8]> {
        let range = self.places.get(position)?.as_ref()?;
        self.bytes.get(range.clone())
    }
}

impl CopyStream {
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, state: StreamState::Header, rest: Vec::new(), places: Vec::with_capacity(columns) }
    }

    /// Takes the next message and gives every row that is complete.
    pub(crate) fn feed(&mut self, message: &[u8], mut row: impl FnMut(Fields<'_>)) -> Result<(), Broken> {
        if self.rest.is_empty() {
            let read = self.read(message, &mut row)?;
            self.rest.extend_from_slice(&message[read..]);
        } else {
            let mut joined = std::mem::take(&mut self.rest);
            joined.extend_from_slice(message);
            let read = self.read(&joined, &mut row)?;
            joined.drain(..read);
            self.rest = joined;
        }
        Ok(())
    }

    /// Checks at the end of the stream that it is complete.
    pub(crate) fn finish(&self) -> Result<(), Broken> {
        if self.state == StreamState::Finished { Ok(()) } else { Err(Broken::Truncated) }
    }

    /// Reads the complete rows; returns the number of bytes read.
    fn read(&mut self, bytes: &[u8], row: &mut impl FnMut(Fields<'_>)) -> Result<usize, Broken> {
        let mut at = 0;
        if self.state == StreamState::Header {
            let Some(end) = header(bytes)? else { return Ok(0) };
            (at, self.state) = (end, StreamState::Rows);
        }
        while self.state == StreamState::Rows {
            let Some(end) = self.row(bytes, at)? else { return Ok(at) };
            if self.state == StreamState::Rows {
                row(Fields { bytes, places: &self.places });
            }
            at = end;
        }
        if at < bytes.len() { Err(Broken::Surplus) } else { Ok(at) }
    }

    /// Finds the fields of the row that begins at a position; returns its end if it is complete.
    #[inline]
    fn row(&mut self, bytes: &[u8], mut at: usize) -> Result<Option<usize>, Broken> {
        let Some((count, _)) = bytes[at..].split_first_chunk() else { return Ok(None) };
        at += 2;
        match i16::from_be_bytes(*count) {
            -1 => {
                self.state = StreamState::Finished;
                return Ok(Some(at));
            }
            count if usize::try_from(count) == Ok(self.columns) => {}
            found => return Err(Broken::Columns { expected: self.columns, found }),
        }
        self.places.clear();
        for _ in 0..self.columns {
            let Some((length, rest)) = bytes[at..].split_first_chunk() else { return Ok(None) };
            at += 4;
            match i32::from_be_bytes(*length) {
                -1 => self.places.push(None),
                length => {
                    let length = usize::try_from(length).map_err(|_| Broken::Length(length))?;
                    if rest.len() < length {
                        return Ok(None);
                    }
                    self.places.push(Some(at..at + length));
                    at += length;
                }
            }
        }
        Ok(Some(at))
    }
}

/// End of the header if it is complete. No known flag changes the format.
fn header(bytes: &[u8]) -> Result<Option<usize>, Broken> {
    if !bytes.starts_with(&SIGNATURE[..SIGNATURE.len().min(bytes.len())]) {
        return Err(Broken::Header);
    }
    let Some([.., f1, f2, _, _, l1, l2, l3, l4]) = bytes.first_chunk::<HEADER>() else { return Ok(None) };
    let length = usize::try_from(i32::from_be_bytes([*l1, *l2, *l3, *l4])).map_err(|_| Broken::Header)?;
    if [*f1, *f2] != [0, 0] {
        return Err(Broken::Header);
    }
    let end = HEADER + length;
    Ok((bytes.len() >= end).then_some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<u8> {
        let mut stream = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
        stream.extend_from_slice(b"\0\x02\0\0\0\x02ab\xff\xff\xff\xff");
        stream.extend_from_slice(b"\0\x02\0\0\0\0\0\0\0\x01c");
        stream.extend_from_slice(&[0xff, 0xff]);
        stream
    }

    fn read(stream: &[u8], piece: usize) -> Result<Vec<Vec<Option<Vec<u8>>>>, Broken> {
        let (mut copy, mut rows) = (CopyStream::new(2), Vec::new());
        for piece in stream.chunks(piece) {
            copy.feed(piece, |row| rows.push((0..2).map(|at| row.get(at).map(<[u8]>::to_vec)).collect()))?;
        }
        copy.finish().map(|()| rows)
    }

    #[test]
    fn reads_rows_from_messages_of_any_size() {
        let expected = vec![vec![Some(b"ab".to_vec()), None], vec![Some(Vec::new()), Some(b"c".to_vec())]];
        for piece in 1..=stream().len() {
            assert_eq!(read(&stream(), piece).as_ref(), Ok(&expected), "{piece}");
        }
    }

    #[test]
    fn notices_a_stream_that_is_not_whole() {
        let stream = stream();
        for length in 0..stream.len() {
            assert_eq!(read(&stream[..length], 7), Err(Broken::Truncated), "{length}");
        }
        assert_eq!(read(b"id,name\n", 3), Err(Broken::Header));
        assert_eq!(read(&[stream.as_slice(), b"x"].concat(), 100), Err(Broken::Surplus));
        let mut narrow = stream[..19].to_vec();
        narrow.extend_from_slice(b"\0\x01\xff\xff\xff\xff");
        assert_eq!(read(&narrow, 100), Err(Broken::Columns { expected: 2, found: 1 }));
        let mut flags = stream;
        flags[12] = 1;
        assert_eq!(read(&flags, 100), Err(Broken::Header));
    }

    /// A row that has arrived whole is not copied.
    #[test]
    fn a_whole_row_stays_in_its_message() {
        let stream = stream();
        let mut copy = CopyStream::new(2);
        copy.feed(&stream, |row| {
            if let Some(field) = row.get(0) {
                assert!(stream.as_ptr_range().contains(&field.as_ptr()));
            }
        })
        .unwrap();
        assert_eq!(copy.rest.capacity(), 0);
    }
}
