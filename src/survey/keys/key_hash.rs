//! Hashes of keys as PostgreSQL compares them: equal exactly where the converted keys are equal. Of values that PostgreSQL reads itself
//! only their text is known: equal texts are equal keys, and others may be.

use crate::catalog::ColumnType;
use crate::dialect::postgresql::equality::KeyFolder;
use crate::plan::TableMapping;
use crate::rows::encoder::column_encoder;
use crate::source::Row;
use crate::survey::keys::KeyPart;
use crate::target::copy::{ColumnEncoder, canonical};
use crate::value::{Cell, Reading, Zone};
use xxhash_rust::xxh3::xxh3_128;

/// Hashes the columns of a key, compiled once.
#[derive(Debug)]
pub(crate) struct KeyHasher {
    parts: Vec<Compiled>,
    nulls_equal: bool,
}

/// Reused memory of [`KeyHasher::hash`].
#[derive(Debug, Default)]
pub(crate) struct HashScratch {
    field: Vec<u8>,
    key: Vec<u8>,
}

/// One column of a key, ready to be encoded.
#[derive(Debug)]
struct Compiled {
    part: KeyPart,
    column_type: ColumnType,
    encoder: ColumnEncoder,
    folder: Option<KeyFolder>,
}

/// A key's columns in one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hashed {
    /// The hash of the key: 128 bits, so that equal hashes are equal keys.
    Key(u128),
    /// A part is NULL, and NULLs are never equal.
    Null,
    /// A part does not fit its type.
    Bad,
}

impl KeyHasher {
    /// A hasher of these columns; `None` where a column has no encoder, which is a finding of its own, or no collation of
    /// ICU.
    pub(crate) fn new(mapping: &TableMapping, parts: &[KeyPart], zone: &Zone) -> Option<Self> {
        Self::with_text(mapping, parts, (&[], Reading::Stored), zone)
    }

    /// The same where some of the columns are read so and converted to text in place of their own type.
    pub(crate) fn with_text(
        mapping: &TableMapping,
        parts: &[KeyPart],
        (as_text, reading): (&[KeyPart], Reading),
        zone: &Zone,
    ) -> Option<Self> {
        let compile = |part: &KeyPart| {
            let column = &mapping.columns[part.position];
            let (column_type, encoder) = if as_text.contains(part) {
                (ColumnType::Text, ColumnEncoder::new(&ColumnType::Text, reading, zone).ok()?)
            } else {
                (column.column_type.clone(), column_encoder(column, zone).ok()?)
            };
            let folder = match part.folding {
                Some(folding) => Some(KeyFolder::new(folding)?),
                None => None,
            };
            Some(Compiled { part: *part, column_type, encoder, folder })
        };
        Some(Self { parts: parts.iter().map(compile).collect::<Option<_>>()?, nulls_equal: false })
    }

    /// The same for a key of which NULLs are equal, where it says so.
    pub(crate) fn with_nulls_equal(self, nulls_equal: bool) -> Self {
        Self { nulls_equal, ..self }
    }

    /// The positions in the mapping of the columns that a row must have.
    pub(crate) fn columns(&self) -> Vec<usize> {
        self.parts.iter().map(|part| part.part.position).collect()
    }

    /// Hashes the key of a row that has the columns of [`KeyHasher::columns`].
    pub(crate) fn hash(&self, row: &Row<'_>, scratch: &mut HashScratch) -> Hashed {
        let HashScratch { field, key } = scratch;
        key.clear();
        for (at, part) in self.parts.iter().enumerate() {
            let cell = row.cell(at);
            if cell == Cell::Null {
                if !self.nulls_equal {
                    return Hashed::Null;
                }
                // No field is as long as that.
                key.extend_from_slice(&[0xff; 8]);
                continue;
            }
            field.clear();
            if part.encoder.encode(cell, field).is_err() {
                return Hashed::Bad;
            }
            // Each part stands after its length: ('a', 'bc') is not ('ab', 'c').
            let start = key.len();
            key.extend_from_slice(&[0; 8]);
            // The first four bytes of a field are its length.
            if canonical(&part.column_type, &field[4..], key).is_err() {
                return Hashed::Bad;
            }
            part.make_comparable(key, start + 8);
            let length = (key.len() - start - 8) as u64;
            key[start..start + 8].copy_from_slice(&length.to_be_bytes());
        }
        Hashed::Key(xxh3_128(key))
    }
}

impl Compiled {
    /// Makes equal what PostgreSQL's comparison takes for equal: 0 and -0, and texts where the key leaves out a difference.
    fn make_comparable(&self, key: &mut Vec<u8>, start: usize) {
        if let Some(prefix) = self.part.prefix {
            let bytes = &key[start..];
            let end = match self.column_type {
                ColumnType::Bytea => prefix.min(bytes.len()),
                _ => String::from_utf8_lossy(bytes).chars().take(prefix).map(char::len_utf8).sum::<usize>(),
            };
            key.truncate(start + end);
        }
        match self.column_type {
            ColumnType::Real | ColumnType::DoublePrecision if is_minus_zero(&key[start..]) => key[start] = 0,
            ColumnType::Citext => {
                // As PostgreSQL's lower() does it: one letter becomes one letter.
                let lower = |letter: char| {
                    let mut lower = letter.to_lowercase();
                    lower.next().filter(|_| lower.next().is_none()).unwrap_or(letter)
                };
                let text = String::from_utf8_lossy(&key[start..]).chars().map(lower).collect::<String>();
                key.truncate(start);
                key.extend_from_slice(text.as_bytes());
            }
            _ => self.folder.iter().for_each(|folder| folder.fold(key, start)),
        }
    }
}

fn is_minus_zero(number: &[u8]) -> bool {
    matches!(number, [0x80, rest @ ..] if rest.iter().all(|byte| *byte == 0))
}
