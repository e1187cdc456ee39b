//! Meaning of values, understood by the proving side on its own.
//!
//! [`ColumnMeaning`] converts a cell of the source and a field of the target to one [`Value`] each, which are compared.
//! Nothing here calls the encoder that `apply` writes with, so a date that the encoder moves by a day is another date
//! here. Limits, NOT NULL, labels, precision and duplicate keys are checked again too, from the documentation of
//! PostgreSQL and SQLite. `tests/documents/architecture.rs` holds the two apart, `tests/proving/meaning.rs` holds them
//! together.

mod calendar;
mod day;
mod document;
mod float;
mod judged;
mod list;
mod moment;
mod number;
mod offset;
mod plain;
mod print;
mod scale;
mod shortened;
mod spatial;
mod text;
mod unfit;
mod value;
mod vector;
mod zone;

pub(crate) use float::text_of_real;
pub(super) use judged::{TargetText, TargetTexts, answerless_text};
pub use number::Number;
pub(crate) use scale::words_of_numeric;
pub use unfit::Unfit;
pub use value::Value;
pub(super) use value::append_unfit;
pub(crate) use zone::time_zone;

use crate::catalog::ColumnType;
use crate::value::{Cell, Dropping, Forgetting, FractionTreatment, Reading};
use document::OpenDocument;
use jiff::tz::TimeZone;
use moment::{Clock, EpochUnit};
use number::{numeric_of_integer, numeric_of_text};
use plain::ByteOrder;
use scale::Scale;
use text::{BytesOfText, Limit};
use value::ConvertedBytes;
use vector::VectorKind;
use zone::{DAY, SourceZone, UNIX_DAYS};

/// 1970-01-01 00:00:00, in microseconds since 2000-01-01.
const UNIX_EPOCH: i64 = -UNIX_DAYS * DAY;

/// Meaning of one column's values, compiled once of its type, the spec's `from` and the source's time zone.
#[derive(Debug, Clone)]
pub struct ColumnMeaning {
    kind: MeaningKind,
    not_null: bool,
    /// Whether the column holds numbers whose leading zeros may not be lost.
    keeps_zeros: bool,
    /// The same meaning without the word that lets values be shortened, where there is one.
    exact: Option<Box<ColumnMeaning>>,
}

/// Kind of values that a column holds.
#[derive(Debug, Clone)]
enum MeaningKind {
    Boolean,
    Integer {
        least: i64,
        greatest: i64,
    },
    Single {
        beyond: FractionTreatment,
    },
    Double,
    Numeric {
        modifier: Option<(u16, i16)>,
        beyond: FractionTreatment,
        scale: Scale,
    },
    Text {
        limit: Limit,
        blobs: bool,
    },
    TwiceEncoded {
        limit: Limit,
        others: bool,
    },
    Literal(Limit),
    Bytes(BytesOfText),
    Date(Clock),
    Time(Clock),
    Timestamp(Clock),
    Timestamptz(Clock),
    Interval(Reading),
    Uuid(ByteOrder),
    Inet,
    Json {
        binary: bool,
        blobs: bool,
    },
    Label {
        labels: Vec<String>,
        any_case: bool,
    },
    /// The value that PostgreSQL makes of a text; the column is known by its position.
    Judged {
        column: usize,
        blobs: bool,
    },
    List,
    Vector(VectorKind),
    Spatial {
        on_earth: bool,
    },
}

/// Error for a `from` that does not suit the column's type. `plan` has a blocking finding for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("from = \"{reading}\" does not apply to {column_type}")]
pub struct NoMeaning {
    reading: Reading,
    column_type: ColumnType,
}

/// Buffers, reused from value to value.
#[derive(Default)]
pub struct Room {
    digits: Vec<u8>,
    made: ConvertedBytes,
    open: OpenDocument,
    /// Digits of a number after it was shortened.
    shortened: Vec<u8>,
    /// Answers of the target about values that PostgreSQL reads.
    answers: TargetTexts,
}

impl Room {
    /// Buffers with what the target makes of values that PostgreSQL reads.
    pub(super) fn with_answers(answers: TargetTexts) -> Self {
        Self { answers, ..Self::default() }
    }
}

impl ColumnMeaning {
    /// Compiles the meaning of a column. `zone` is the source's; `forgets` is the loss that the spec permits a
    /// conversion.
    ///
    /// # Errors A reading that has no meaning for the type.
    #[allow(clippy::too_many_lines, reason = "one match: a meaning for each type")]
    pub fn new(
        column_type: &ColumnType,
        reading: Reading,
        zone: &TimeZone,
        forgets: Forgetting,
    ) -> Result<Self, NoMeaning> {
        let nothing = || NoMeaning { reading, column_type: column_type.clone() };
        let count = || match reading {
            Reading::Stored | Reading::Iso => Ok(None),
            Reading::UnixS => Ok(Some(EpochUnit::Seconds)),
            Reading::UnixMs => Ok(Some(EpochUnit::Milliseconds)),
            Reading::UnixUs => Ok(Some(EpochUnit::Microseconds)),
            Reading::UnixNs => Ok(Some(EpochUnit::Nanoseconds)),
            Reading::DotnetTicks => Ok(Some(EpochUnit::Ticks)),
            _ if matches!(column_type, ColumnType::Time(_)) => Err(nothing()),
            Reading::Julian => Ok(Some(EpochUnit::JulianDays)),
            Reading::Excel => Ok(Some(EpochUnit::ExcelDays)),
            Reading::Yyyymmdd => Ok(Some(EpochUnit::CalendarDigits)),
            _ => Err(nothing()),
        };
        let clock = |digits: Option<u8>| {
            let zone = SourceZone::of(zone, forgets.repeated_time);
            let (beyond, zero_dates) = (forgets.fraction, forgets.zero_dates);
            Ok(Clock { count: count()?, zone, digits: digits.unwrap_or(6), beyond, zero_dates })
        };
        let stored = |kind| if reading == Reading::Stored { Ok(kind) } else { Err(nothing()) };
        let within = |least: i64, greatest: i64| stored(MeaningKind::Integer { least, greatest });
        let kind = match column_type {
            ColumnType::Boolean => stored(MeaningKind::Boolean)?,
            ColumnType::SmallInt => within(i16::MIN.into(), i16::MAX.into())?,
            ColumnType::Integer => within(i32::MIN.into(), i32::MAX.into())?,
            ColumnType::BigInt => within(i64::MIN, i64::MAX)?,
            ColumnType::Real => stored(MeaningKind::Single { beyond: forgets.fraction })?,
            ColumnType::DoublePrecision => stored(MeaningKind::Double)?,
            ColumnType::Numeric(modifier) => {
                stored(MeaningKind::Numeric { modifier: *modifier, beyond: forgets.fraction, scale: Scale::Counts })?
            }
            ColumnType::Text | ColumnType::Citext | ColumnType::Varchar(_) | ColumnType::Char(_) => {
                let trailing = forgets.trailing_spaces;
                let limit = match column_type {
                    ColumnType::Char(characters) => Limit { characters: Some(*characters), padded: true, trailing },
                    ColumnType::Varchar(characters) => Limit { characters: *characters, padded: false, trailing },
                    _ => Limit { characters: None, padded: false, trailing },
                };
                match reading {
                    Reading::Stored | Reading::Text => MeaningKind::Text { limit, blobs: false },
                    Reading::Utf8 => MeaningKind::Text { limit, blobs: true },
                    Reading::DoubleUtf8 => MeaningKind::TwiceEncoded { limit, others: false },
                    Reading::MixedUtf8 => MeaningKind::TwiceEncoded { limit, others: true },
                    Reading::Literal => MeaningKind::Literal(limit),
                    _ => return Err(nothing()),
                }
            }
            ColumnType::Bytea => MeaningKind::Bytes(match reading {
                Reading::Stored => BytesOfText::Refused,
                Reading::Utf8 => BytesOfText::AsItIs,
                Reading::Hex => BytesOfText::Hex,
                Reading::Base64 => BytesOfText::Base64,
                _ => return Err(nothing()),
            }),
            ColumnType::Date => MeaningKind::Date(clock(None)?),
            ColumnType::Time(digits) => MeaningKind::Time(clock(*digits)?),
            ColumnType::Timestamp(digits) => MeaningKind::Timestamp(clock(*digits)?),
            ColumnType::Timestamptz(digits) => MeaningKind::Timestamptz(clock(*digits)?),
            ColumnType::Interval => match reading {
                Reading::Stored | Reading::Microseconds | Reading::EpochInterval => MeaningKind::Interval(reading),
                _ => return Err(nothing()),
            },
            ColumnType::Uuid => MeaningKind::Uuid(match reading {
                Reading::Stored => ByteOrder::Unknown,
                Reading::Uuid => ByteOrder::Digits,
                Reading::Guid => ByteOrder::Guid,
                Reading::Swapped => ByteOrder::Swapped,
                _ => return Err(nothing()),
            }),
            ColumnType::Inet => stored(MeaningKind::Inet)?,
            ColumnType::TextArray => stored(MeaningKind::List)?,
            ColumnType::RealArray => stored(MeaningKind::Vector(VectorKind::Reals))?,
            ColumnType::Vector(elements) => stored(MeaningKind::Vector(VectorKind::Vector(*elements)))?,
            ColumnType::Geometry => stored(MeaningKind::Spatial { on_earth: false })?,
            ColumnType::Geography => stored(MeaningKind::Spatial { on_earth: true })?,
            ColumnType::Judged(_) => match reading {
                Reading::Stored | Reading::Text => MeaningKind::Judged { column: 0, blobs: false },
                Reading::Utf8 => MeaningKind::Judged { column: 0, blobs: true },
                _ => return Err(nothing()),
            },
            ColumnType::Json | ColumnType::Jsonb => match reading {
                Reading::Stored => MeaningKind::Json { binary: *column_type == ColumnType::Jsonb, blobs: false },
                Reading::Json => MeaningKind::Json { binary: *column_type == ColumnType::Jsonb, blobs: true },
                _ => return Err(nothing()),
            },
        };
        let keeps_zeros = column_type.is_number() && forgets.leading_zeros == Dropping::Refused;
        let is_shortening = match &kind {
            MeaningKind::Time(_)
            | MeaningKind::Timestamp(_)
            | MeaningKind::Timestamptz(_)
            | MeaningKind::Single { .. } => true,
            MeaningKind::Numeric { modifier, .. } => modifier.is_some(),
            _ => false,
        } && forgets.fraction != FractionTreatment::Refused;
        let exact = is_shortening.then(|| {
            let forgets = Forgetting { fraction: FractionTreatment::Refused, ..forgets };
            Self::new(column_type, reading, zone, forgets).map(Box::new)
        });
        Ok(Self { kind, not_null: false, keeps_zeros, exact: exact.transpose()? })
    }

    /// Meaning of a column of an enum with these labels.
    #[must_use]
    pub fn of_enum(labels: &[String]) -> Self {
        Self {
            kind: MeaningKind::Label { labels: labels.to_vec(), any_case: false },
            not_null: false,
            keeps_zeros: false,
            exact: None,
        }
    }

    /// Whether the spec lets the column shorten values.
    #[must_use]
    pub fn may_shorten(&self) -> bool {
        self.exact.is_some()
    }

    /// Whether a stored value has digits that the column does not keep, and the spec lets go.
    #[must_use]
    pub fn is_shortened<'a>(&'a self, cell: Cell<'a>, room: &'a mut Room) -> bool {
        let found = self.exact.as_ref().map(|exact| exact.source(cell, room));
        matches!(found, Some(Err(unfit::FRACTION | unfit::SCALE | unfit::ROUNDING)))
    }

    /// Says whether a label may have other small and large letters.
    #[must_use]
    pub fn in_any_case(self, any_case: bool) -> Self {
        match self.kind {
            MeaningKind::Label { labels, .. } => Self { kind: MeaningKind::Label { labels, any_case }, ..self },
            _ => self,
        }
    }

    /// Says at which position the column stands, by which the target's answers about its values are found.
    #[must_use]
    pub fn at(self, position: usize) -> Self {
        match self.kind {
            MeaningKind::Judged { blobs, .. } => Self { kind: MeaningKind::Judged { column: position, blobs }, ..self },
            _ => self,
        }
    }

    /// Makes the column refuse NULL.
    #[must_use]
    pub fn not_null(self) -> Self {
        Self { not_null: true, ..self }
    }

    /// Meaning of a stored value in the column.
    ///
    /// # Errors Reason for which the column cannot hold the value as it is.
    #[inline]
    pub fn source<'a>(&'a self, cell: Cell<'a>, room: &'a mut Room) -> Result<Value<'a>, Unfit> {
        if matches!(cell, Cell::Null) {
            return if self.not_null { Err(unfit::NULL) } else { Ok(Value::Null) };
        }
        if self.keeps_zeros
            && let Cell::Text(text) = cell
            && plain::has_leading_zeros(text)
        {
            return Err(unfit::LEADING_ZEROS);
        }
        let Room { digits, made, open, shortened, answers } = room;
        match &self.kind {
            MeaningKind::Integer { least, greatest } => plain::integer(cell, *least, *greatest).map(Value::Integer),
            MeaningKind::Text { limit, blobs } => text::text(cell, *limit, *blobs, made),
            MeaningKind::Boolean => plain::boolean(cell).map(Value::Boolean),
            MeaningKind::Double => float::double(cell, digits).map(Value::Double),
            MeaningKind::Single { beyond } => float::single(cell, *beyond, digits).map(Value::Single),
            MeaningKind::Numeric { modifier, beyond, scale } => {
                let number = numeric(cell, digits)?.shortened(*modifier, *beyond, shortened).in_column(*modifier)?;
                Ok(Value::Number(scale.of(number)))
            }
            MeaningKind::TwiceEncoded { limit, others } => text::twice_encoded(cell, *limit, *others, made),
            MeaningKind::Literal(limit) => text::literal(cell, *limit, made),
            MeaningKind::Bytes(of_text) => text::bytes(cell, *of_text, made),
            MeaningKind::Date(clock) => {
                let date = clock.date(cell, digits).map(Value::Date);
                clock.or_zero(date, self.not_null, [-10_957, i32::MIN].map(Value::Date))
            }
            MeaningKind::Time(clock) => clock.time(cell, digits).map(Value::Time),
            MeaningKind::Timestamp(clock) => {
                let moment = clock.timestamp(cell, digits).map(Value::Timestamp);
                clock.or_zero(moment, self.not_null, [UNIX_EPOCH, i64::MIN].map(Value::Timestamp))
            }
            MeaningKind::Timestamptz(clock) => {
                let moment = clock.timestamptz(cell, digits).map(Value::Timestamptz);
                clock.or_zero(moment, self.not_null, [UNIX_EPOCH, i64::MIN].map(Value::Timestamptz))
            }
            MeaningKind::Interval(reading) => plain::interval(cell, *reading),
            MeaningKind::Uuid(order) => plain::uuid(cell, *order).map(Value::Uuid),
            MeaningKind::Inet => plain::address(cell),
            MeaningKind::List => list::of_text(cell, made),
            MeaningKind::Vector(kind) => kind.of_stored(cell, made),
            MeaningKind::Spatial { on_earth } => spatial::of_stored(cell, *on_earth, made),
            MeaningKind::Json { binary, blobs } => json(cell, *binary, *blobs, made, open),
            MeaningKind::Judged { column, blobs } => judged::of_stored(cell, (*column, *blobs), answers, made),
            MeaningKind::Label { labels, any_case } => match cell {
                Cell::Text(text) => text::label(text, labels, *any_case).map(Value::Text),
                _ => Err(unfit::CLASS),
            },
        }
    }

    /// Meaning of a field of the target, in the binary format of PostgreSQL's `…_send` functions; `None` for NULL.
    /// Bytes that are not of the type are [`Value::Malformed`].
    #[inline]
    pub fn target<'a>(&'a self, field: Option<&'a [u8]>, room: &'a mut Room) -> Value<'a> {
        let Some(field) = field else { return Value::Null };
        self.field(field, room).unwrap_or(Value::Malformed(field))
    }

    #[inline]
    fn field<'a>(&'a self, field: &'a [u8], room: &'a mut Room) -> Option<Value<'a>> {
        let eight = || Some(i64::from_be_bytes(field.try_into().ok()?));
        Some(match &self.kind {
            MeaningKind::Integer { .. } => Value::Integer(match field.len() {
                2 => i16::from_be_bytes(field.try_into().ok()?).into(),
                4 => i32::from_be_bytes(field.try_into().ok()?).into(),
                _ => eight()?,
            }),
            MeaningKind::Text { limit: Limit { padded: true, .. }, .. }
            | MeaningKind::TwiceEncoded { limit: Limit { padded: true, .. }, .. }
            | MeaningKind::Literal(Limit { padded: true, .. }) => Value::Text(text::without_padding(field)),
            MeaningKind::Text { .. }
            | MeaningKind::TwiceEncoded { .. }
            | MeaningKind::Literal(_)
            | MeaningKind::Label { .. }
            | MeaningKind::Judged { .. }
            | MeaningKind::Json { binary: false, .. } => Value::Text(field),
            MeaningKind::Boolean => match field {
                [0] => Value::Boolean(false),
                [1] => Value::Boolean(true),
                _ => return None,
            },
            MeaningKind::Double => Value::Double(f64::from_be_bytes(field.try_into().ok()?)),
            MeaningKind::Single { .. } => Value::Single(f32::from_be_bytes(field.try_into().ok()?)),
            MeaningKind::Numeric { scale, .. } => Value::Number(scale.of(Number::of_field(field, &mut room.digits)?)),
            MeaningKind::Bytes(_) => Value::Bytes(field),
            MeaningKind::Date(..) => Value::Date(i32::from_be_bytes(field.try_into().ok()?)),
            MeaningKind::Time(..) => Value::Time(eight()?),
            MeaningKind::Timestamp(..) => Value::Timestamp(eight()?),
            MeaningKind::Timestamptz(..) => Value::Timestamptz(eight()?),
            MeaningKind::Interval { .. } => plain::interval_of_field(field)?,
            MeaningKind::Uuid(_) => Value::Uuid(field.try_into().ok()?),
            MeaningKind::Inet => plain::address_of_field(field)?,
            MeaningKind::List => list::of_field(field, &mut room.made)?,
            MeaningKind::Vector(kind) => kind.of_field(field, &mut room.made)?,
            MeaningKind::Spatial { .. } => spatial::of_field(field, &mut room.made)?,
            MeaningKind::Json { binary: true, .. } => {
                // Version of the binary format; 1 is the only one (`jsonb_send`).
                let text = field.strip_prefix(&[1])?;
                Value::Document { hash: room.open.hash(text).ok()?, text }
            }
        })
    }
}

#[inline]
fn numeric<'a>(cell: Cell<'_>, digits: &'a mut Vec<u8>) -> Result<Number<'a>, Unfit> {
    match cell {
        Cell::Integer(number) => Ok(numeric_of_integer(number, digits)),
        Cell::Real(number) if number.is_nan() => Ok(Number::NotANumber),
        Cell::Real(number) => Number::of_double(number).ok_or(unfit::INFINITY),
        Cell::Text(text) => numeric_of_text(text, digits),
        Cell::Null | Cell::Blob(_) => Err(unfit::CLASS),
    }
}

fn json<'a>(
    cell: Cell<'a>,
    binary: bool,
    blobs: bool,
    made: &'a mut ConvertedBytes,
    open: &mut OpenDocument,
) -> Result<Value<'a>, Unfit> {
    let text = match cell {
        Cell::Text(text) => text,
        Cell::Blob(bytes) if blobs => bytes,
        Cell::Integer(_) | Cell::Real(_) => {
            made.begin();
            float::write_number(cell, made);
            made.kept()
        }
        Cell::Null | Cell::Blob(_) => return Err(unfit::CLASS),
    };
    let text = text::characters(text)?;
    document::check(text)?;
    Ok(if binary { Value::Document { hash: open.hash(text)?, text } } else { Value::Text(text) })
}
