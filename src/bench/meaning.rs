//! Meaning of the values of an answer: by the column of the plan that they come from; for an expression by its type in
//! PostgreSQL. The proving side's code understands both sides' values, never the encoder.

use super::ids::{ColumnIds, MappedColumns, TargetIds};
use crate::catalog::ColumnType;
use crate::checks::canonical_decimal;
use crate::dialect::postgresql::adds_up;
use crate::plan::{ColumnMapping, Plan, TableMapping};
use crate::proof::asking::is_asked;
use crate::proof::form::column_meaning;
use crate::proof::meaning::{ColumnMeaning, Room, Value};
use crate::source::{BoundValue, Row};
use crate::spec::OnBadValue;
use crate::target::{ColumnOrigin, QuestionColumn, ServerType, ServerTypeKind, WrittenValue};
use crate::value::{Cell, Dropping, Forgetting, Reading, Zone};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Most characters of a `char(n)`.
const LONGEST_CHAR: u32 = 10_485_760;

/// Relative difference of two computed doubles that is none: below fifteen significant digits.
const LAST_DIGITS: f64 = 1e-15;

/// The same in an answer that adds up: the order of additions is each side's own.
const OF_SUMS: f64 = 1e-12;

/// Column of an answer.
#[derive(Debug, Clone)]
pub(super) struct AnswerColumn {
    /// Name in the target's answer.
    pub(super) name: String,
    /// `None` if the values are not compared.
    meaning: Option<ColumnMeaning>,
    /// Whether a value that does not fit has become NULL.
    is_nulled: bool,
    /// Whether the values come from an expression: numbers with a binary fraction are compared but for their last digits.
    is_computed: bool,
    /// Relative difference of such numbers that is none.
    tolerance: f64,
    /// Whether a text of the source has to be written as the target's value: booleans and whole numbers of an expression.
    is_as_written: bool,
    /// The target's values of ids that it has otherwise.
    ids: Option<Arc<TargetIds>>,
    /// Whether it is a part of such an id, and is not compared.
    is_part_of_id: bool,
}

/// Value of an answer in the form in which it is compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ComparedValue {
    /// Equal values have equal bytes.
    pub(super) bytes: Vec<u8>,
    /// The number, in a column of computed numbers.
    pub(super) number: Option<f64>,
    /// Whether the number was a binary one.
    pub(super) is_binary: bool,
    /// Relative difference that is none.
    pub(super) tolerance: f64,
    /// The value in words, if values may be shown.
    pub(super) words: Option<String>,
}

/// The columns of the answer to the target's query with their meanings.
pub(super) fn columns(
    sql: &str,
    columns: Vec<QuestionColumn>,
    plan: &Plan,
    (origins, mapped): (&[ColumnOrigin], &MappedColumns),
    zone: &TimeZone,
) -> Vec<AnswerColumn> {
    let mapping = |column: &QuestionColumn| {
        let origin = origins.iter().find(|origin| Some(origin.origin) == column.origin)?;
        let table: &TableMapping = plan.tables.get(origin.table)?;
        Some((table, table.columns.iter().find(|mapping| mapping.target == origin.column)?))
    };
    let tolerance = if adds_up(sql) { OF_SUMS } else { LAST_DIGITS };
    let one = |column: QuestionColumn| match mapping(&column) {
        Some((table, mapping)) => {
            let ids = mapped.of_target(table, &mapping.target);
            AnswerColumn::of_mapping(column.name, mapping, zone).with_ids(ids)
        }
        None => AnswerColumn::of_type(column.name, &column.server_type, tolerance, zone),
    };
    columns.into_iter().map(one).collect()
}

impl AnswerColumn {
    pub(super) fn of_mapping(name: String, mapping: &ColumnMapping, zone: &TimeZone) -> Self {
        // A `from` that does not suit the type is a finding of the plan. PostgreSQL's own text of a value is asked for by a comparison
        // of tables alone: a query of the spec answers with the value's bytes.
        let meaning = if is_asked(mapping) { None } else { column_meaning(mapping, zone).ok() };
        let is_nulled = mapping.treatment() == OnBadValue::Null;
        Self { meaning, is_nulled, ..Self::not_understood(name) }
    }

    /// A column whose values are not compared.
    fn not_understood(name: String) -> Self {
        Self {
            name,
            meaning: None,
            is_nulled: false,
            is_computed: false,
            tolerance: 0.0,
            is_as_written: false,
            ids: None,
            is_part_of_id: false,
        }
    }

    fn with_ids(self, ids: Option<&ColumnIds>) -> Self {
        match ids {
            None => self,
            Some(ColumnIds::Whole(column)) => Self { ids: Some(Arc::clone(&column.ids)), ..self },
            Some(ColumnIds::Part) => Self { meaning: None, is_part_of_id: true, ..self },
        }
    }

    /// Whether it holds ids that the target has otherwise.
    pub(super) fn maps_ids(&self) -> bool {
        self.ids.is_some()
    }

    /// The column that is not compared, in words; `None` if it is.
    pub(super) fn not_compared(&self) -> Option<String> {
        match (self.is_compared(), self.is_part_of_id) {
            (true, _) => None,
            (false, true) => Some(format!("{} (a part of ids that `merge.key` maps)", self.name)),
            (false, false) => Some(self.name.clone()),
        }
    }

    fn of_type(name: String, server_type: &ServerType, tolerance: f64, zone: &TimeZone) -> Self {
        let meaning = match server_type.name() {
            // An expression of this type has its blanks in the answer, and the application gets them.
            "bpchar" => ColumnMeaning::new(&ColumnType::Text, Reading::Stored, zone, Forgetting::default()).ok(),
            name if matches!(name.parse(), Ok(ColumnType::Judged(_))) => None,
            _ => type_meaning(server_type, Reading::Stored, zone),
        };
        let is_as_written = matches!(server_type.name(), "bool" | "int2" | "int4" | "int8" | "oid");
        Self { meaning, is_computed: true, tolerance, is_as_written, ..Self::not_understood(name) }
    }

    pub(super) fn is_compared(&self) -> bool {
        self.meaning.is_some()
    }

    pub(super) fn source(&self, row: &Row<'_>, position: usize, shows: bool, room: &mut Room) -> ComparedValue {
        let own = self.cell(row.cell(position), shows, room);
        match self.ids.as_ref().and_then(|ids| ids.get(&own.bytes)) {
            Some(there) => ComparedValue { words: own.words, ..there.compared.clone() },
            None => own,
        }
    }

    /// A value of the source, under its own ids.
    fn cell(&self, cell: Cell<'_>, shows: bool, room: &mut Room) -> ComparedValue {
        let Some(meaning) = &self.meaning else { return ComparedValue::default() };
        // A value outside of the type equals no value of the target.
        let outside = || {
            let mut bytes = vec![b'!'];
            Value::from(cell).append(&mut bytes);
            let words = shows.then(|| Value::from(cell).shown());
            ComparedValue { bytes, words, ..ComparedValue::default() }
        };
        let mut compared = match (meaning.source(cell, room), cell) {
            (Ok(value), Cell::Text(text)) if self.is_as_written && !is_written_as(&value, text) => outside(),
            (Ok(value), _) => self.compared(value, shows),
            (Err(_), _) if self.is_nulled => self.compared(Value::Null, shows),
            (Err(_), _) => outside(),
        };
        if self.is_computed && matches!(cell, Cell::Real(_)) {
            compared.is_binary = true;
        }
        compared
    }

    pub(super) fn target(&self, field: Option<&[u8]>, shows: bool, room: &mut Room) -> ComparedValue {
        match &self.meaning {
            Some(meaning) => self.compared(meaning.target(field, room), shows),
            None => ComparedValue::default(),
        }
    }

    /// An id of the ledger, and its text; `None` if it is NULL, or the column is not compared.
    pub(super) fn id(&self, field: Option<&[u8]>) -> Option<(ComparedValue, String)> {
        let (meaning, mut room) = (self.meaning.as_ref()?, Room::default());
        let value = meaning.target(Some(field?), &mut room);
        Some((self.compared(value, false), value.words()))
    }

    fn compared(&self, value: Value<'_>, shows: bool) -> ComparedValue {
        let mut bytes = Vec::new();
        let mut written = None;
        match &value {
            // 1.5 and 1.50 are one number.
            Value::Number(_) => {
                let words = value.words();
                bytes.push(b'n');
                bytes.extend_from_slice(canonical_decimal(&words).as_bytes());
                written = Some(words);
            }
            value => value.append(&mut bytes),
        }
        #[expect(clippy::cast_precision_loss, reason = "compared but for the last digits")]
        let number = match &value {
            _ if !self.is_computed => None,
            Value::Single(number) => Some((f64::from(*number), true)),
            Value::Double(number) => Some((*number, true)),
            Value::Integer(number) => Some((*number as f64, false)),
            Value::Number(_) => written.as_deref().and_then(|words| Some((words.parse().ok()?, false))),
            _ => None,
        };
        let words = shows.then(|| value.shown());
        let (number, is_binary) = number.map_or((None, false), |(number, is_binary)| (Some(number), is_binary));
        ComparedValue { bytes, number, is_binary, tolerance: self.tolerance, words }
    }
}

impl ComparedValue {
    /// Whether two values are equal, or near enough where one of them is a binary number that was computed.
    pub(super) fn is(&self, other: &Self) -> bool {
        if self.bytes == other.bytes {
            return true;
        }
        match (self.number, other.number) {
            (Some(one), Some(two)) if self.is_binary || other.is_binary => {
                let larger = one.abs().max(two.abs());
                one == two || larger.is_finite() && (one - two).abs() <= larger * self.tolerance
            }
            _ => false,
        }
    }
}

/// Whether a text is the value as everybody prints it. A boolean has no such text: `t`, `true` and `1` are its clients' own.
fn is_written_as(value: &Value<'_>, text: &[u8]) -> bool {
    !matches!(value, Value::Boolean(_)) && value.words().as_bytes() == text
}

/// Meaning of a type by its name in `pg_type`; `None` if it has none.
fn type_meaning(server_type: &ServerType, reading: Reading, zone: &TimeZone) -> Option<ColumnMeaning> {
    if let ServerTypeKind::Enum(labels) = server_type.kind() {
        return Some(ColumnMeaning::of_enum(labels));
    }
    let column_type = match server_type.name() {
        "int2" | "int4" | "int8" | "oid" => ColumnType::BigInt,
        "varchar" | "name" | "unknown" => ColumnType::Text,
        "bpchar" => ColumnType::Char(LONGEST_CHAR),
        "_text" => ColumnType::TextArray,
        "_float4" => ColumnType::RealArray,
        name => name.parse().ok()?,
    };
    let forgets = Forgetting { trailing_spaces: Dropping::Drop, ..Forgetting::default() };
    ColumnMeaning::new(&column_type, reading, zone, forgets).ok()
}

/// Column of the source that holds ids which the target has otherwise.
#[derive(Debug, Clone)]
pub(super) struct IdColumn {
    form: Box<AnswerColumn>,
    ids: Arc<TargetIds>,
}

impl IdColumn {
    pub(super) fn of(form: AnswerColumn, ids: Arc<TargetIds>) -> Self {
        Self { form: Box::new(form), ids }
    }

    /// The target's id in the place of the source's, in text; `None` if they are the same.
    fn there(&self, cell: Cell<'_>, room: &mut Room) -> Option<String> {
        self.ids.get(&self.form.cell(cell, false, room).bytes).map(|there| there.words.clone())
    }
}

/// Parameters of the target: the source's values in text that PostgreSQL reads by the parameter's type.
#[derive(Debug, Clone)]
pub(super) struct ParameterForm(Vec<FormOfParameter>);

#[derive(Debug, Clone)]
struct FormOfParameter {
    /// Meaning of values as they are stored, and of bytes.
    stored: Option<ColumnMeaning>,
    of_bytes: Option<ColumnMeaning>,
    /// The ids that it is one of.
    ids: Option<IdColumn>,
}

impl ParameterForm {
    /// Form of parameters of these types, which are of the columns `ids`. A UUID in sixteen bytes is read as the columns of the plan
    /// are.
    pub(super) fn of(types: &[ServerType], ids: &[Option<IdColumn>], plan: &Plan, zone: &TimeZone) -> Self {
        let uuids = plan.tables.iter().flat_map(|table| &table.columns);
        let reading = uuids.filter(|column| column.column_type == ColumnType::Uuid).map(|column| column.reading);
        let reading = reading.into_iter().find(|reading| *reading != Reading::Stored).unwrap_or(Reading::Uuid);
        let form = |(at, server_type): (usize, &ServerType)| FormOfParameter {
            stored: type_meaning(server_type, Reading::Stored, zone),
            of_bytes: type_meaning(server_type, reading, zone),
            ids: ids.get(at).cloned().flatten(),
        };
        Self(types.iter().enumerate().map(form).collect())
    }

    /// The values in text.
    pub(super) fn written(&self, values: &[BoundValue]) -> Vec<WrittenValue> {
        let mut room = Room::default();
        let one = |(value, FormOfParameter { stored, of_bytes, ids }): (&BoundValue, &FormOfParameter)| {
            if let Some(there) = ids.as_ref().and_then(|ids| ids.there(value.cell(), &mut room)) {
                return WrittenValue(Some(there));
            }
            let meaning = if matches!(value, BoundValue::Blob(_)) {
                of_bytes.as_ref().or(stored.as_ref())
            } else {
                stored.as_ref()
            };
            WrittenValue(match meaning.map(|meaning| meaning.source(value.cell(), &mut room)) {
                Some(Ok(Value::Null)) => None,
                Some(Ok(read)) if !matches!(read, Value::Hashed { .. }) => Some(read.words()),
                // PostgreSQL says what is wrong with it.
                _ => plain(value),
            })
        };
        values.iter().zip(&self.0).map(one).collect()
    }
}

fn plain(value: &BoundValue) -> Option<String> {
    match value.cell() {
        Cell::Null => None,
        cell => Some(Value::from(cell).words()),
    }
}

/// The values of parameters in words.
pub(super) fn words(values: &[BoundValue]) -> String {
    values.iter().map(|value| Value::from(value.cell()).shown()).collect::<Vec<_>>().join(", ")
}

/// The source's zone, in the form that meanings take.
pub(super) fn time_zone(zone: &Zone) -> Option<TimeZone> {
    crate::proof::meaning::time_zone(&zone.to_string())
}
