//! Rows of either side by the meaning of their values, in which form both sides are compared.

use super::meaning::{ColumnMeaning, NoMeaning, Room, TargetTexts, Unfit, Value, append_unfit, time_zone};
use super::stream::Fields;
use crate::catalog::ColumnType;
use crate::name::quote_literal;
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::ExecuteError;
use crate::source::Row;
use crate::spec::OnBadValue;
use crate::value::{Cell, Dropping, Zone};
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Form of one table's rows.
#[derive(Debug, Clone)]
pub(crate) struct RowForm {
    columns: Vec<ComparedColumn>,
    /// Positions of the key's columns; empty if the table has no key.
    key: Vec<usize>,
    /// Mapped ids: ids of the source for which the target has other ids.
    ids: Vec<IdMap>,
}

/// Mapped ids of the rows of one table (`merge.key`), in the form in which values are compared.
#[derive(Debug, Clone)]
pub(crate) struct IdMap {
    /// Positions of the columns that hold such an id.
    pub(crate) positions: Vec<usize>,
    /// The target's values, by those of the source.
    pub(crate) ids: Arc<MappedIds>,
}

/// The values of each column of an id, by those of the source, all of them together.
pub(crate) type MappedIds = HashMap<Box<[u8]>, Vec<Box<[u8]>>>;

/// Column that is compared.
#[derive(Debug, Clone)]
struct ComparedColumn {
    /// Name in the target.
    name: String,
    column_type: ColumnType,
    meaning: ColumnMeaning,
    /// Treatment of a value that does not fit.
    on_bad_value: OnBadValue,
}

/// Hashes of a row: of its identity, and of all its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowHash {
    /// Hash of the key, or of the whole row if there is no key.
    pub(crate) key: u128,
    /// Hash of all values.
    pub(crate) values: u128,
}

/// Row of one side.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SideRow<'s, 'row> {
    Source(&'s Row<'row>),
    Target(Fields<'s>),
}

/// Fate of a row of the source by the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It belongs into the target, with `nulled` values replaced by NULL and `shortened` ones without digits that the column
    /// does not keep.
    Loaded { hash: RowHash, nulled: u64, shortened: u64 },
    /// It belongs into the ledger.
    Rejected,
}

/// Value of a row that is kept for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptValue {
    /// Bytes by which the value is compared.
    bytes: Vec<u8>,
    words: String,
    /// Reason for which the target's column cannot hold it.
    pub(crate) unfit: Option<Unfit>,
}

pub(crate) type KeptRow = Vec<KeptValue>;

impl RowForm {
    /// Compiles the form of a table's rows; local times are in the zone of this name.
    ///
    /// # Errors A column whose `from` does not suit its type, or an unknown zone.
    pub(crate) fn of(mapping: &TableMapping, key_columns: &[String], zone: &Zone) -> Result<Self, ExecuteError> {
        let unknown = || ExecuteError::Task(format!("the time zone {zone} is not known"));
        let zone = &time_zone(&zone.to_string()).ok_or_else(unknown)?;
        let columns = mapping
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| ComparedColumn::of(at, column, zone))
            .collect::<Result<Vec<_>, _>>();
        let columns = columns.map_err(|error| ExecuteError::Task(error.to_string()))?;
        let position = |name: &String| columns.iter().position(|column| column.name == *name);
        let key = key_columns.iter().filter_map(position).collect();
        Ok(Self { columns, key, ids: Vec::new() })
    }

    /// The form with mapped ids.
    pub(crate) fn with_ids(self, ids: Vec<IdMap>) -> Self {
        Self { ids: ids.into_iter().filter(|map| !map.ids.is_empty()).collect(), ..self }
    }

    /// The position of a column of the target.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Appends a value of the target as it is compared in a column.
    pub(crate) fn append_target(
        &self,
        position: usize,
        field: Option<&[u8]>,
        scratch: &mut RowScratch,
        out: &mut Vec<u8>,
    ) {
        if let Some(column) = self.columns.get(position) {
            column.meaning.target(field, &mut scratch.room).append(out);
        }
    }

    /// The target's ids in the place of the source's, by position, among the values of a row that end at `ends`.
    fn mapped<'m>(&'m self, bytes: &[u8], ends: &[usize]) -> Vec<(usize, &'m [u8])> {
        let mut mapped = Vec::new();
        for map in &self.ids {
            let id =
                map.positions.iter().flat_map(|position| &bytes[value(ends, *position)]).copied().collect::<Vec<_>>();
            if let Some(there) = map.ids.get(id.as_slice()) {
                mapped.extend(map.positions.iter().copied().zip(there.iter().map(|value| &**value)));
            }
        }
        mapped
    }

    /// Whether a key identifies rows, rather than all their values.
    pub(crate) fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn name(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |column| column.name.as_str())
    }

    /// Names of the key's columns in the target.
    pub(crate) fn key_names(&self) -> impl Iterator<Item = &str> {
        self.key.iter().map(|position| self.name(*position))
    }

    /// Whether PostgreSQL reads every value of the key from the text in which it is shown.
    pub(crate) fn has_key_in_text(&self) -> bool {
        let is_text = |column_type: &ColumnType| {
            !matches!(column_type, ColumnType::Interval | ColumnType::Json | ColumnType::Jsonb)
        };
        self.has_key() && self.key.iter().all(|position| is_text(&self.columns[*position].column_type))
    }

    /// Key's values as untyped SQL literals; `None` if one is NULL or does not fit.
    pub(crate) fn key_literals(&self, row: SideRow<'_, '_>, scratch: &mut RowScratch) -> Option<Vec<String>> {
        let mut literal = |position: &usize| match self.columns[*position].value(row, *position, &mut scratch.room) {
            Ok(Value::Null) | Err(_) => None,
            Ok(value) => Some(quote_literal(&value.words())),
        };
        self.key.iter().map(&mut literal).collect()
    }

    /// Value of a row as it belongs into the target; `None` if it does not fit.
    pub(crate) fn value<'a>(
        &'a self,
        row: SideRow<'a, '_>,
        position: usize,
        scratch: &'a mut RowScratch,
    ) -> Option<Value<'a>> {
        self.columns.get(position)?.value(row, position, &mut scratch.room).ok()
    }

    /// Bytes by which a stored value is compared, as it belongs into a column of the target; the reason if it does not fit.
    pub(crate) fn bytes_of_cell(
        &self,
        cell: Cell<'_>,
        position: usize,
        scratch: &mut RowScratch,
    ) -> Result<Vec<u8>, Unfit> {
        let (column, mut bytes) = (&self.columns[position], Vec::new());
        match column.meaning.source(cell, &mut scratch.room) {
            Ok(value) => value.append(&mut bytes),
            Err(_) if column.on_bad_value == OnBadValue::Null => Value::Null.append(&mut bytes),
            Err(unfit) => return Err(unfit),
        }
        Ok(bytes)
    }

    /// Bytes by which a field of the target is compared.
    pub(crate) fn bytes_of_field(&self, fields: Fields<'_>, position: usize, scratch: &mut RowScratch) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.columns[position].meaning.target(fields.get(position), &mut scratch.room).append(&mut bytes);
        bytes
    }

    /// Key of stored values in words: `id=5`.
    pub(crate) fn key_words_of_cells(&self, cells: &[Cell<'_>], scratch: &mut RowScratch) -> String {
        let mut words = |position: &usize| {
            let value = self.columns[*position].meaning.source(cells[*position], &mut scratch.room);
            format!(
                "{}={}",
                self.name(*position),
                value.map(|value| value.shown()).unwrap_or_else(|unfit| unfit.to_string())
            )
        };
        self.key.iter().map(&mut words).collect::<Vec<_>>().join(", ")
    }

    /// Hashes a row of either side. A value of the source that does not fit, and for which the spec has no rule, equals
    /// no value of the target.
    #[inline]
    pub(crate) fn hash(&self, row: SideRow<'_, '_>, scratch: &mut RowScratch) -> Fate {
        let RowScratch { bytes, key, ends, room } = scratch;
        bytes.clear();
        ends.clear();
        let (mut nulled, mut shortened) = (0, 0);
        for (position, column) in self.columns.iter().enumerate() {
            if let SideRow::Source(row) = row
                && column.meaning.may_shorten()
            {
                shortened += u64::from(column.meaning.is_shortened(row.cell(position), room));
            }
            match column.value(row, position, room) {
                Ok(value) => value.append(bytes),
                Err(_) => match column.on_bad_value {
                    OnBadValue::Stop => append_unfit(bytes),
                    OnBadValue::Reject => return Fate::Rejected,
                    OnBadValue::Null => {
                        Value::Null.append(bytes);
                        nulled += 1;
                    }
                },
            }
            ends.push(bytes.len());
        }
        if let SideRow::Source(_) = row
            && !self.ids.is_empty()
        {
            let others = self.mapped(bytes, ends);
            replace(bytes, ends, &others);
        }
        let values = xxh3_128(bytes);
        if self.key.is_empty() {
            return Fate::Loaded { hash: RowHash { key: values, values }, nulled, shortened };
        }
        key.clear();
        for position in &self.key {
            key.extend_from_slice(&bytes[value(ends, *position)]);
        }
        Fate::Loaded { hash: RowHash { key: xxh3_128(key), values }, nulled, shortened }
    }

    /// Keeps the row's values for an example. Words are made for the key, and for every value if values may be shown.
    pub(crate) fn keep(&self, row: SideRow<'_, '_>, show_values: bool, scratch: &mut RowScratch) -> KeptRow {
        let mut keep = |(position, column): (usize, &ComparedColumn)| {
            let is_shown = show_values || self.key.contains(&position);
            let words = |value: Value<'_>| if is_shown { value.shown() } else { String::new() };
            let mut bytes = Vec::new();
            match column.value(row, position, &mut scratch.room) {
                Ok(value) => {
                    value.append(&mut bytes);
                    KeptValue { bytes, words: words(value), unfit: None }
                }
                Err(_) if column.on_bad_value == OnBadValue::Null => {
                    Value::Null.append(&mut bytes);
                    KeptValue { bytes, words: words(Value::Null), unfit: None }
                }
                Err(unfit) => {
                    append_unfit(&mut bytes);
                    KeptValue { bytes, words: row.stored(position).map(words).unwrap_or_default(), unfit: Some(unfit) }
                }
            }
        };
        let mut kept = self.columns.iter().enumerate().map(&mut keep).collect::<KeptRow>();
        if let SideRow::Source(_) = row
            && !self.ids.is_empty()
        {
            let ends = kept.iter().scan(0, |end, value| {
                *end += value.bytes.len();
                Some(*end)
            });
            let ends = ends.collect::<Vec<_>>();
            let bytes = kept.iter().flat_map(|value| value.bytes.iter().copied()).collect::<Vec<_>>();
            for (position, there) in self.mapped(&bytes, &ends) {
                kept[position].bytes = there.to_vec();
            }
        }
        kept
    }

    /// Row's key in words: `id=5`.
    pub(crate) fn key_words(&self, row: &KeptRow) -> String {
        let words = self.key.iter().map(|position| format!("{}={}", self.name(*position), words(row, *position)));
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The place of a column's value among the values of a row.
fn value(ends: &[usize], position: usize) -> Range<usize> {
    position.checked_sub(1).map_or(0, |before| ends[before])..ends[position]
}

/// Puts other values into a row.
fn replace(bytes: &mut Vec<u8>, ends: &mut [usize], others: &[(usize, &[u8])]) {
    if others.is_empty() {
        return;
    }
    let old = std::mem::take(bytes);
    let places = (0..ends.len()).map(|position| value(ends, position)).collect::<Vec<_>>();
    for (position, place) in places.into_iter().enumerate() {
        let other = others.iter().find(|(at, _)| *at == position).map(|(_, value)| *value);
        bytes.extend_from_slice(other.unwrap_or(&old[place]));
        ends[position] = bytes.len();
    }
}

/// Value in words.
pub(crate) fn words(row: &KeptRow, position: usize) -> String {
    row.get(position).map_or("NULL", |kept| kept.words.as_str()).to_owned()
}

/// Whether two rows mean the same in a column.
pub(crate) fn same(one: &KeptRow, other: &KeptRow, position: usize) -> bool {
    one.get(position).map(|kept| &kept.bytes) == other.get(position).map(|kept| &kept.bytes)
}

/// Meaning of a column's values, whether or not NULL is among them.
///
/// # Errors
/// The column's `from` does not suit its type.
pub(crate) fn column_meaning(column: &ColumnMapping, zone: &TimeZone) -> Result<ColumnMeaning, NoMeaning> {
    let own = column.timezone.as_ref().and_then(|zone| time_zone(&zone.to_string()));
    let zone = if column.is_utc { &TimeZone::UTC } else { own.as_ref().unwrap_or(zone) };
    if column.labels.is_empty() {
        let meaning = ColumnMeaning::new(&column.column_type, column.reading, zone, column.forgetting)?;
        Ok(if column.forgets_scale { meaning.without_scale() } else { meaning })
    } else {
        Ok(ColumnMeaning::of_enum(&column.labels).in_any_case(column.forgetting.letter_case == Dropping::Drop))
    }
}

impl ComparedColumn {
    fn of(position: usize, column: &ColumnMapping, zone: &TimeZone) -> Result<Self, NoMeaning> {
        let meaning = column_meaning(column, zone)?.at(position);
        // A column that PostgreSQL computes is not written, so the spec's treatment does not apply.
        let is_written = column.generated.is_none();
        Ok(Self {
            name: column.target.clone(),
            column_type: column.column_type.clone(),
            meaning: if column.not_null && is_written { meaning.not_null() } else { meaning },
            on_bad_value: if is_written { column.treatment() } else { OnBadValue::Stop },
        })
    }

    #[inline]
    fn value<'a>(&'a self, row: SideRow<'a, '_>, position: usize, room: &'a mut Room) -> Result<Value<'a>, Unfit> {
        match row {
            SideRow::Source(row) => self.meaning.source(row.cell(position), room),
            SideRow::Target(fields) => Ok(self.meaning.target(fields.get(position), room)),
        }
    }
}

impl<'s> SideRow<'s, '_> {
    /// Value of the source as it is stored, shown if the target cannot hold it.
    fn stored(self, position: usize) -> Option<Value<'s>> {
        let SideRow::Source(row) = self else { return None };
        Some(row.cell(position).into())
    }
}

/// Buffers, reused from row to row.
#[derive(Default)]
pub(crate) struct RowScratch {
    bytes: Vec<u8>,
    key: Vec<u8>,
    ends: Vec<usize>,
    room: Room,
}

impl RowScratch {
    /// Buffers with what the target makes of values that PostgreSQL reads.
    pub(super) fn with_answers(answers: TargetTexts) -> Self {
        Self { room: Room::with_answers(answers), ..Self::default() }
    }
}
