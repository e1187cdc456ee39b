//! The canonical form of a row, in which the rows of both sides are compared.

use crate::catalog::ColumnType;
use crate::name::quote_literal;
use crate::plan::TableMapping;
use crate::target::copy::{canonical, display, is_canonical};
use xxhash_rust::xxh3::xxh3_128;

/// How the rows of one table are brought into canonical form.
#[derive(Debug, Clone)]
pub(super) struct RowForm {
    types: Vec<ColumnType>,
    /// The positions of the key's columns; none where the table has no key.
    key: Vec<usize>,
    names: Vec<String>,
}

/// What identifies a row and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowHash {
    /// The hash of the key, or of the whole row where there is no key.
    pub(super) key: u128,
    /// The hash of all values.
    pub(super) values: u128,
}

/// A row with its fields in canonical form; kept only for examples.
pub(super) type KeptRow = Vec<Option<Vec<u8>>>;

impl RowForm {
    pub(super) fn of(mapping: &TableMapping, key_columns: &[String]) -> Self {
        let names = mapping.columns.iter().map(|column| column.target.clone()).collect::<Vec<_>>();
        let key = key_columns.iter().filter_map(|name| names.iter().position(|column| column == name)).collect();
        Self { types: mapping.columns.iter().map(|column| column.column_type.clone()).collect(), key, names }
    }

    /// Whether rows are told apart by a key, and not by all that they hold.
    pub(super) fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    pub(super) fn columns(&self) -> usize {
        self.types.len()
    }

    pub(super) fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// The names of the key's columns in the target.
    pub(super) fn key_names(&self) -> impl Iterator<Item = &str> {
        self.key.iter().map(|position| self.names[*position].as_str())
    }

    /// Whether PostgreSQL reads every value of the key from the text that we show it as.
    pub(super) fn has_key_in_text(&self) -> bool {
        let is_text = |column_type: &ColumnType| {
            !matches!(column_type, ColumnType::Interval | ColumnType::Json | ColumnType::Jsonb)
        };
        self.has_key() && self.key.iter().all(|position| is_text(&self.types[*position]))
    }

    /// The key's values as literals of SQL, without a type of their own; nothing where one is NULL.
    pub(super) fn key_literals<'row>(
        &self,
        fields: &(impl Iterator<Item = Option<&'row [u8]>> + Clone),
    ) -> Option<Vec<String>> {
        let literal = |position: &usize| {
            let field = fields.clone().nth(*position)??;
            Some(quote_literal(&display(&self.types[*position], field)))
        };
        self.key.iter().map(literal).collect()
    }

    /// Hashes a row. `scratch` is only room to work in.
    pub(super) fn hash<'row>(
        &self,
        fields: impl Iterator<Item = Option<&'row [u8]>>,
        scratch: &mut Scratch,
    ) -> RowHash {
        scratch.bytes.clear();
        scratch.ends.clear();
        for (column_type, field) in self.types.iter().zip(fields) {
            append(column_type, field, &mut scratch.bytes);
            scratch.ends.push(scratch.bytes.len());
        }
        let values = xxh3_128(&scratch.bytes);
        if self.key.is_empty() {
            return RowHash { key: values, values };
        }
        scratch.key.clear();
        for position in &self.key {
            let start = position.checked_sub(1).map_or(0, |before| scratch.ends[before]);
            scratch.key.extend_from_slice(&scratch.bytes[start..scratch.ends[*position]]);
        }
        RowHash { key: xxh3_128(&scratch.key), values }
    }

    /// The fields in canonical form.
    pub(super) fn keep<'row>(&self, fields: impl Iterator<Item = Option<&'row [u8]>>) -> KeptRow {
        let keep = |(column_type, field): (&ColumnType, Option<&[u8]>)| {
            field.map(|field| {
                let mut bytes = Vec::with_capacity(field.len());
                // What is not of the type is compared, and shown, as the bytes it is.
                if canonical(column_type, field, &mut bytes).is_err() {
                    field.clone_into(&mut bytes);
                }
                bytes
            })
        };
        self.types.iter().zip(fields).map(keep).collect()
    }

    /// The row's key in words: `id=5`.
    pub(super) fn key_words(&self, row: &KeptRow) -> String {
        let words =
            self.key.iter().map(|position| format!("{}={}", self.names[*position], self.value_words(row, *position)));
        words.collect::<Vec<_>>().join(", ")
    }

    /// A value in words.
    pub(super) fn value_words(&self, row: &KeptRow, position: usize) -> String {
        match row.get(position) {
            Some(Some(field)) => match &self.types[position] {
                // The canonical forms of these are not PostgreSQL's own.
                ColumnType::Jsonb => String::from_utf8_lossy(field).into_owned(),
                column_type => display(column_type, field),
            },
            _ => "NULL".to_owned(),
        }
    }
}

/// Room to work in, reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    bytes: Vec<u8>,
    key: Vec<u8>,
    ends: Vec<usize>,
}

/// Appends a field with its length, so that neighbours cannot run into one another.
fn append(column_type: &ColumnType, field: Option<&[u8]>, out: &mut Vec<u8>) {
    let Some(field) = field else {
        out.extend_from_slice(&u32::MAX.to_le_bytes());
        return;
    };
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    if is_canonical(column_type) || canonical(column_type, field, out).is_err() {
        out.truncate(start + 4);
        out.extend_from_slice(field);
    }
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX - 1);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The fields of a row in the binary COPY format.
pub(super) fn fields_of(encoded: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = encoded.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        match usize::try_from(i32::from_be_bytes(*length)) {
            Ok(length) => {
                let (field, after) = after.split_at_checked(length)?;
                rest = after;
                Some(Some(field))
            }
            Err(_) => {
                rest = after;
                Some(None)
            }
        }
    })
}
