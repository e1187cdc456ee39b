//! One column's encoder, compiled once from its type, the spec's `from` and the source's time zone.

use super::numeric::Modifier;
use crate::catalog::ColumnType;
use crate::value::forgetting::Fraction;
use crate::value::instant::CountedUnit;
use crate::value::spatial::SpatialType;
use crate::value::{Dropping, Forgetting, FractionTreatment, Reading, Verdicts, ZeroDates, Zone};

/// Writes the values of one column, compiled once from its type, the spec's `from` and the source's time zone.
///
/// NULL is NULL in every type, unless [`ColumnEncoder::not_null`] says that the column has none. What else each type
/// takes, everything else being a [`BadValue`](crate::value::BadValue); so is a value of which something would be
/// forgotten, by the rule of [`forgetting`](crate::value::forgetting), on every path on which values are written:
///
/// | type | cells |
/// |---|---|
/// | `boolean` | integers and reals 0 and 1; text that PostgreSQL's `boolin` reads |
/// | `smallint`, `integer`, `bigint` | integers in range; whole reals; text that is a whole number |
/// | `real`, `double precision` | reals and integers that stay the same number; text that is a number |
/// | `numeric` | integers, text, reals by their shortest decimal; nothing is rounded |
/// | `text`, `varchar`, `char`, `citext` | text; integers in decimal digits; reals as [`write_text`](crate::value::float::write_text) says |
/// | `text`, `varchar`, `char`, `citext` with `from = "double_utf8"` | text that was encoded in UTF-8 twice |
/// | `text`, `varchar`, `char`, `citext` with `from = "mixed_utf8"` | the same, and other text as it is |
/// | `text`, `varchar`, `citext` with `from = "literal"` | everything, as [`literal`](crate::value::literal) writes it |
/// | `bytea` | blobs; text with `from = "hex"`, `"base64"` or `"utf8"` |
/// | `date`, `time`, `timestamp`, `timestamptz` | ISO 8601 text, or numbers with `from` |
/// | `interval` | text of days and a time of day; integers with `from = "microseconds"`; text of a date and time with `from = "epoch_interval"` |
/// | `inet` | text that is an IPv4 or IPv6 address |
/// | `text[]` | text with commas between the elements; empty text is no element |
/// | `real[]`, `vector` | blobs of single-precision numbers, by the rules of [`vector`](crate::value::vector) |
/// | `geometry`, `geography` | blobs of SRID and WKB, by the rules of [`spatial`](crate::value::spatial) |
/// | `uuid` | text in PostgreSQL's spellings; blobs of 16 bytes with `from = "uuid"`, `"guid"` or `"swapped"` |
/// | any other type | text and numbers, as [`judged`](crate::value::judged) sends them to PostgreSQL's own input function |
/// | `json`, `jsonb` | text that is JSON; integers and reals as JSON numbers; with `from = "json"` blobs of JSON text |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnEncoder {
    pub(super) kind: Encoding,
    /// Whether NULL is a bad value.
    pub(super) not_null: bool,
    /// Whether text is known to fit.
    pub(super) is_proven: bool,
    /// Whether the column holds numbers, and text with zeros in front is a bad value.
    pub(super) keeps_leading_zeros: bool,
    /// Treatment of dates that no calendar has.
    pub(super) zero_dates: ZeroDates,
    /// The same encoder without the word that lets it shorten values, where it has one.
    pub(super) exact: Option<Box<ColumnEncoder>>,
}

/// Encoding of the column, decided once and not for every value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encoding {
    Boolean,
    SmallInt,
    Integer,
    BigInt,
    /// Treatment of numbers that no single is exactly.
    Real(FractionTreatment),
    DoublePrecision,
    /// Treatment of digits beyond the scale.
    Numeric(Modifier, FractionTreatment),
    Text {
        limit: Limit,
        blobs: bool,
    },
    /// Text whose bytes were encoded in UTF-8 twice.
    TwiceEncoded {
        limit: Limit,
        /// Whether other text stays as it is.
        others: bool,
    },
    /// Every value as an SQL literal.
    Literal(Limit),
    Bytea(TextAsBytes),
    Date(Temporal),
    Time(Temporal),
    Timestamp(Temporal),
    Timestamptz(Temporal),
    Uuid(ByteOrder),
    Inet,
    /// Texts with commas between them.
    TextArray,
    /// Single-precision numbers.
    RealArray,
    /// Vector with this number of elements; `None` for any.
    Vector(Option<u16>),
    Spatial(SpatialType),
    Interval(LengthOfTime),
    Json {
        binary: bool,
        blobs: bool,
    },
    /// A document that PostgreSQL reads itself.
    Judged {
        blobs: bool,
        verdicts: Verdicts,
    },
    /// Text that is one of these, sorted.
    Label {
        labels: Vec<Box<[u8]>>,
        /// Whether small and large letters are alike.
        any_case: bool,
    },
}

/// Limit in characters, and whether trailing spaces count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    None,
    Characters(u32),
    Padded(u32, Dropping),
}

/// Decoding of text into bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextAsBytes {
    Refused,
    AsItIs,
    Hex,
    Base64,
}

/// Spelling of a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LengthOfTime {
    /// Days and a time of day in words.
    Words,
    /// A number of microseconds.
    Microseconds,
    /// A date and time, as far from 1970.
    SinceEpoch,
}

/// Order of the 16 bytes of a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// Not given by the spec.
    Unknown,
    /// In the order of the digits.
    Digits,
    /// As .NET's `Guid` gives them.
    Guid,
    /// The time's groups turned round, the slowest first.
    Swapped,
}

/// Reading of a date or time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Temporal {
    /// Unit of a number; `None` if the column holds ISO 8601 text.
    pub(super) count: Option<CountedUnit>,
    /// The zone of text without an offset.
    pub(super) zone: Zone,
    /// The digits of a second that the column keeps.
    pub(super) fraction: Fraction,
}

/// A `from` that says nothing about values of the column's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("from = \"{reading}\" does not apply to {column_type}")]
pub struct UnsuitableReading {
    /// The spec's `from`.
    pub reading: Reading,
    /// The column's type in the target.
    pub column_type: ColumnType,
}

impl ColumnEncoder {
    /// Compiles the encoder of a column that forgets nothing.
    ///
    /// # Errors
    /// When the reading has no meaning for the type.
    pub fn new(column_type: &ColumnType, reading: Reading, zone: &Zone) -> Result<Self, UnsuitableReading> {
        Self::forgetting(column_type, reading, zone, Forgetting::default())
    }

    /// Compiles the encoder of a column that forgets what the spec lets it; what has no meaning for the type does
    /// nothing.
    ///
    /// # Errors
    /// When the reading has no meaning for the type.
    #[allow(clippy::too_many_lines, reason = "one match: an encoder for each type")]
    pub fn forgetting(
        column_type: &ColumnType,
        reading: Reading,
        zone: &Zone,
        forgets: Forgetting,
    ) -> Result<Self, UnsuitableReading> {
        let unsuitable = || UnsuitableReading { reading, column_type: column_type.clone() };
        let kind = match column_type {
            ColumnType::Date | ColumnType::Time(_) | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_) => {
                let count = match reading {
                    Reading::Stored | Reading::Iso => None,
                    Reading::UnixS => Some(CountedUnit::Seconds),
                    Reading::UnixMs => Some(CountedUnit::Milliseconds),
                    Reading::UnixUs => Some(CountedUnit::Microseconds),
                    Reading::UnixNs => Some(CountedUnit::Nanoseconds),
                    Reading::DotnetTicks => Some(CountedUnit::Ticks),
                    _ if matches!(column_type, ColumnType::Time(_)) => return Err(unsuitable()),
                    Reading::Julian => Some(CountedUnit::JulianDays),
                    Reading::Excel => Some(CountedUnit::ExcelDays),
                    Reading::Yyyymmdd => Some(CountedUnit::CalendarDigits),
                    _ => return Err(unsuitable()),
                };
                let digits = match column_type {
                    ColumnType::Time(digits) | ColumnType::Timestamp(digits) | ColumnType::Timestamptz(digits) => {
                        *digits
                    }
                    _ => None,
                };
                let fraction = Fraction { digits: digits.unwrap_or(6), beyond: forgets.fraction };
                let temporal = Temporal { count, zone: zone.clone().with_repeated(forgets.repeated_time), fraction };
                match column_type {
                    ColumnType::Time(_) => Encoding::Time(temporal),
                    ColumnType::Timestamp(_) => Encoding::Timestamp(temporal),
                    ColumnType::Timestamptz(_) => Encoding::Timestamptz(temporal),
                    _ => Encoding::Date(temporal),
                }
            }
            ColumnType::Text | ColumnType::Citext | ColumnType::Varchar(_) | ColumnType::Char(_) => {
                let limit = match column_type {
                    ColumnType::Varchar(Some(limit)) => Limit::Characters(*limit),
                    ColumnType::Char(limit) => Limit::Padded(*limit, forgets.trailing_spaces),
                    _ => Limit::None,
                };
                match reading {
                    Reading::Stored | Reading::Text => Encoding::Text { limit, blobs: false },
                    Reading::Utf8 => Encoding::Text { limit, blobs: true },
                    Reading::DoubleUtf8 => Encoding::TwiceEncoded { limit, others: false },
                    Reading::MixedUtf8 => Encoding::TwiceEncoded { limit, others: true },
                    Reading::Literal => Encoding::Literal(limit),
                    _ => return Err(unsuitable()),
                }
            }
            ColumnType::Bytea => Encoding::Bytea(match reading {
                Reading::Stored => TextAsBytes::Refused,
                Reading::Utf8 => TextAsBytes::AsItIs,
                Reading::Hex => TextAsBytes::Hex,
                Reading::Base64 => TextAsBytes::Base64,
                _ => return Err(unsuitable()),
            }),
            ColumnType::Json | ColumnType::Jsonb => {
                let blobs = match reading {
                    Reading::Stored => false,
                    Reading::Json => true,
                    _ => return Err(unsuitable()),
                };
                Encoding::Json { binary: *column_type == ColumnType::Jsonb, blobs }
            }
            ColumnType::Interval => match reading {
                Reading::Stored => Encoding::Interval(LengthOfTime::Words),
                Reading::Microseconds => Encoding::Interval(LengthOfTime::Microseconds),
                Reading::EpochInterval => Encoding::Interval(LengthOfTime::SinceEpoch),
                _ => return Err(unsuitable()),
            },
            ColumnType::Uuid => Encoding::Uuid(match reading {
                Reading::Stored => ByteOrder::Unknown,
                Reading::Uuid => ByteOrder::Digits,
                Reading::Guid => ByteOrder::Guid,
                Reading::Swapped => ByteOrder::Swapped,
                _ => return Err(unsuitable()),
            }),
            ColumnType::Judged(_) => match reading {
                Reading::Stored | Reading::Text => Encoding::Judged { blobs: false, verdicts: Verdicts::default() },
                Reading::Utf8 => Encoding::Judged { blobs: true, verdicts: Verdicts::default() },
                _ => return Err(unsuitable()),
            },
            _ if reading != Reading::Stored => return Err(unsuitable()),
            ColumnType::Boolean => Encoding::Boolean,
            ColumnType::SmallInt => Encoding::SmallInt,
            ColumnType::Integer => Encoding::Integer,
            ColumnType::BigInt => Encoding::BigInt,
            ColumnType::Real => Encoding::Real(forgets.fraction),
            ColumnType::DoublePrecision => Encoding::DoublePrecision,
            ColumnType::Numeric(modifier) => Encoding::Numeric(*modifier, forgets.fraction),
            ColumnType::Inet => Encoding::Inet,
            ColumnType::TextArray => Encoding::TextArray,
            ColumnType::RealArray => Encoding::RealArray,
            ColumnType::Vector(elements) => Encoding::Vector(*elements),
            ColumnType::Geometry => Encoding::Spatial(SpatialType::Geometry),
            ColumnType::Geography => Encoding::Spatial(SpatialType::Geography),
        };
        let keeps_leading_zeros = column_type.is_number() && forgets.leading_zeros == Dropping::Refused;
        let zero_dates = forgets.zero_dates;
        let shortens =
            forgets.fraction != FractionTreatment::Refused && column_type.forgetting_keys().contains(&"fraction");
        let exact = shortens.then(|| {
            let exact = Forgetting { fraction: FractionTreatment::Refused, ..forgets };
            Self::forgetting(column_type, reading, zone, exact).map(Box::new)
        });
        let exact = exact.transpose()?;
        Ok(ColumnEncoder { kind, not_null: false, is_proven: false, keeps_leading_zeros, zero_dates, exact })
    }

    /// The encoder of a column that is NOT NULL: NULL is a bad value.
    #[must_use]
    pub fn not_null(self) -> Self {
        let exact = self.exact.map(|exact| Box::new(exact.not_null()));
        Self { not_null: true, exact, ..self }
    }

    /// The encoder of an enum that takes a label with other small and large letters, if the spec says so.
    #[must_use]
    pub fn in_letter_case(self, letter_case: Dropping) -> Self {
        match self.kind {
            Encoding::Label { labels, .. } => {
                Self { kind: Encoding::Label { labels, any_case: letter_case == Dropping::Drop }, ..self }
            }
            _ => self,
        }
    }

    /// The encoder of a column of which PostgreSQL's verdicts are known; the same encoder if it asks for none.
    #[must_use]
    pub fn judged_by(self, known: &Verdicts) -> Self {
        match self.kind {
            Encoding::Judged { blobs, .. } => {
                Self { kind: Encoding::Judged { blobs, verdicts: known.clone() }, ..self }
            }
            _ => self,
        }
    }

    /// The encoder for values that another encoder of the column has accepted: a value that is sent as it is stored is
    /// not checked again. PostgreSQL checks it in any case.
    #[must_use]
    pub fn for_proven_values(self) -> Self {
        let exact = self.exact.map(|exact| Box::new(exact.for_proven_values()));
        Self { is_proven: true, exact, ..self }
    }

    /// Compiles the encoder of a column of an enum, whose binary form is the label (`enum_recv`).
    #[must_use]
    pub fn of_enum(labels: &[String]) -> Self {
        let mut labels = labels.iter().map(|label| Box::from(label.as_bytes())).collect::<Vec<_>>();
        labels.sort();
        ColumnEncoder {
            kind: Encoding::Label { labels, any_case: false },
            not_null: false,
            is_proven: false,
            keeps_leading_zeros: false,
            zero_dates: ZeroDates::Refused,
            exact: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_that_says_nothing_about_the_type_is_refused() {
        for (name, reading) in [
            ("integer", Reading::UnixS),
            ("time", Reading::Julian),
            ("text", Reading::Hex),
            ("uuid", Reading::Base64),
            ("jsonb", Reading::Utf8),
        ] {
            let refused = ColumnEncoder::new(&name.parse().unwrap(), reading, &Zone::UTC).unwrap_err();
            assert_eq!(refused.to_string(), format!("from = \"{reading}\" does not apply to {name}"));
        }
    }
}
