//! Reason why a stored value cannot be carried over exactly.

use crate::value::{InputRefusal, StorageClass};

/// Reason why a value cannot be written in the target's type without altering it.
///
/// The value itself is never part of the error: the user's data stays out of logs and plans. The type is small and
/// `Copy`, so that the path without an error costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BadValue {
    /// The target's type cannot be read from this storage class.
    #[error("{} cannot be read as {wanted}", article(*.found))]
    Class {
        /// Storage class of the value.
        found: StorageClass,
        /// Content of the column, with its article: `a date`.
        wanted: &'static str,
    },
    /// NULL for a column of the target that takes none.
    #[error("NULL in a NOT NULL column")]
    NullInNotNull,
    /// The text does not follow the syntax.
    #[error("text is not {wanted}")]
    Syntax {
        /// Content of the column, with its article: `a date`.
        wanted: &'static str,
    },
    /// The value lies outside the range of the target's type.
    #[error("does not fit {wanted}")]
    Range {
        /// The target's type: `smallint`.
        wanted: &'static str,
    },
    /// A number with a fraction for a type of whole numbers.
    #[error("a number with a fraction is not {wanted}")]
    Fraction {
        /// Content of the column, with its article: `an integer`.
        wanted: &'static str,
    },
    /// The target's floating point type has no value for the number.
    #[error("{wanted} would round the number")]
    Rounding {
        /// The target's type: `double precision`.
        wanted: &'static str,
    },
    /// A fraction of a second finer than the target keeps.
    #[error("more than {} of a fraction of a second", digits_of(*.allowed))]
    FractionDigits {
        /// Number of digits that the target keeps.
        allowed: u8,
    },
    /// A `0000-00-00` date, which stands in place of a missing one.
    #[error("0000-00-00 is not a date")]
    ZeroDate,
    /// A date whose month or day is zero, for unknown.
    #[error("a date without a month or a day")]
    PartialDate,
    /// A date column would lose the time of day.
    #[error("a date with a time of day is not a date")]
    TimeOfDay,
    /// A local time that the clocks of the source's time zone jumped over.
    #[error("a local time that the source's time zone skips (start of daylight saving time)")]
    SkippedLocalTime,
    /// A local time that the source's time zone has twice: the instant of a text is not known, and a column without a
    /// zone would forget which of two instants was stored.
    #[error("a local time that the source's time zone has twice (end of daylight saving time)")]
    RepeatedLocalTime,
    /// An offset that differs from the source's time zone, for a column without a zone.
    #[error("an offset other than that of the source's time zone, in a column without a zone")]
    ForeignOffset,
    /// A number that is stored as text, with leading zeros that no number keeps.
    #[error("zeros in front, which a number forgets")]
    LeadingZeros,
    /// Text that ends in spaces, whose number `char(n)` forgets.
    #[error("spaces at the end, of which char(n) forgets how many there are")]
    TrailingSpaces,
    /// 16 bytes whose order in a UUID is unknown.
    #[error("16 bytes whose byte order the spec does not give: as the digits of a uuid, or as .NET keeps a Guid")]
    ByteOrder,
    /// More digits of fraction than `numeric(p,s)` has.
    #[error("does not fit numeric({precision},{scale}): {digits} digits of fraction")]
    NumericFraction {
        /// `p`
        precision: u16,
        /// `s`
        scale: i16,
        /// Digits of the value's fraction, without zeros at the end; zero or less where `s` is negative.
        digits: i32,
    },
    /// More digits before the decimal point than `numeric(p,s)` has.
    #[error("does not fit numeric({precision},{scale}): {digits} digits before the decimal point")]
    NumericInteger {
        /// `p`
        precision: u16,
        /// `s`
        scale: i16,
        /// Digits before the decimal point.
        digits: i32,
    },
    /// An infinity in `numeric`, which has none before PostgreSQL 14.
    #[error("numeric has no infinity")]
    Infinity,
    /// Bytes that are not UTF-8 in place of characters.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// A NUL character, which PostgreSQL's text types cannot hold.
    #[error("text with a NUL character")]
    NulCharacter,
    /// More characters than `varchar(n)` or `char(n)` holds.
    #[error("{length} characters do not fit the limit of {limit}")]
    TooLong {
        /// `n`
        limit: u32,
        /// Characters of the value.
        length: usize,
    },
    /// More bytes than a field of PostgreSQL holds (1 GiB - 1).
    #[error("more bytes than PostgreSQL keeps in one value")]
    TooLarge,
    /// `\u0000` in a string, which `jsonb` cannot hold.
    #[error(r"a JSON string with \u0000, which jsonb cannot hold")]
    JsonNulCharacter,
    /// Half of a surrogate pair in a string, which `jsonb` cannot hold.
    #[error("a JSON string with half a surrogate pair, which jsonb cannot hold")]
    JsonSurrogate,
    /// An object that names a key twice: `jsonb` keeps the last and forgets the others.
    #[error("a JSON object with a key twice, of which jsonb keeps the last")]
    JsonDuplicateKey,
    /// A number outside the range of `numeric`, which `jsonb` cannot hold.
    #[error("a JSON number outside the range of jsonb")]
    JsonNumber,
    /// Arrays and objects nested more deeply than PostgreSQL's parser goes.
    #[error("JSON nested more than {limit} levels deep")]
    JsonDepth {
        /// The greatest depth.
        limit: usize,
    },
    /// A label of an enum whose letters are large where those of the text are small, or the reverse.
    #[error("a label of the enum with other small and large letters")]
    LetterCase,
    /// PostgreSQL's own input function refuses the text.
    #[error("PostgreSQL does not read it as the type: {0}")]
    Input(InputRefusal),
    /// PostgreSQL is not known to keep the whole value: it would round or cut it, or write it otherwise.
    #[error("PostgreSQL would round or cut it, or write it otherwise")]
    Altered,
}

impl BadValue {
    /// Lines of spec by which such values can be read; `None` if there are none.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            BadValue::Class {
                found: StorageClass::Integer | StorageClass::Real,
                wanted: "a date" | "a time" | "a timestamp",
            } => Some(
                r#"say what the number counts: from = "unix_s", "unix_ms", "unix_us", "unix_ns", "dotnet_ticks", "julian", "excel" or "yyyymmdd""#,
            ),
            BadValue::Class { found: StorageClass::Text, wanted: "bytes" } => {
                Some(r#"say how text holds bytes: from = "hex", "base64" or "utf8""#)
            }
            BadValue::Class { found: StorageClass::Blob, wanted: "text" } => {
                Some(r#"from = "utf8" reads a blob as text; type = "bytea" keeps it as bytes"#)
            }
            BadValue::Class { found: StorageClass::Blob, wanted: "JSON" } => {
                Some(r#"from = "json" reads a blob as JSON text"#)
            }
            BadValue::NullInNotNull => {
                Some(r#"on_bad_value = "reject" sets such rows aside; `where` leaves them behind"#)
            }
            BadValue::Rounding { wanted: "real" } => Some(
                r#"type = "double precision" keeps a double, "numeric" every digit; fraction = "round" takes the nearest real"#,
            ),
            BadValue::Rounding { .. } => Some(r#"type = "numeric" keeps every digit"#),
            BadValue::TimeOfDay => Some(r#"type = "timestamp" keeps the time of day"#),
            BadValue::ForeignOffset => Some(r#"type = "timestamptz" keeps the instant"#),
            BadValue::RepeatedLocalTime => Some(
                r#"repeated_time = "earlier" or "later" decides; of text, type = "timestamp" keeps what is written, of numbers type = "timestamptz" the instant"#,
            ),
            BadValue::LeadingZeros => Some(r#"type = "text" keeps them; leading_zeros = "drop" does not"#),
            BadValue::TrailingSpaces => Some(r#"type = "text" keeps them; trailing_spaces = "drop" does not"#),
            BadValue::LetterCase => Some(r#"letter_case = "drop" takes the label as the enum spells it"#),
            BadValue::ByteOrder => Some(
                r#"type = "bytea" keeps the bytes; from = "uuid" takes them as the digits, from = "guid" as .NET's"#,
            ),
            BadValue::FractionDigits { .. } => {
                Some(r#"fraction = "truncate" or "round" decides; type = "text" keeps every digit"#)
            }
            BadValue::NumericFraction { .. } => {
                Some(r#"type = "numeric" keeps every digit; fraction = "truncate" or "round" does not"#)
            }
            BadValue::JsonNulCharacter
            | BadValue::JsonSurrogate
            | BadValue::JsonDuplicateKey
            | BadValue::JsonNumber => Some(r#"type = "json" keeps the text as it is"#),
            BadValue::Input(_) | BadValue::Altered => Some(r#"type = "text" keeps it as it is"#),
            BadValue::NotUtf8 | BadValue::NulCharacter => Some(r#"type = "bytea" with from = "utf8" keeps the bytes"#),
            _ => None,
        }
    }

    /// Whether it is a date that no calendar has, about which `zero_dates` decides.
    #[must_use]
    pub fn is_zero_date(&self) -> bool {
        matches!(self, BadValue::ZeroDate | BadValue::PartialDate)
    }

    /// The key of the spec that may allow such a value, by the type and the stored value: a word that lets the
    /// conversion forget a part, or the source's time zone. `None` if no key can.
    #[must_use]
    pub fn decided_by(&self) -> Option<&'static str> {
        match self {
            BadValue::LeadingZeros => Some("leading_zeros"),
            BadValue::TrailingSpaces => Some("trailing_spaces"),
            BadValue::LetterCase => Some("letter_case"),
            BadValue::FractionDigits { .. }
            | BadValue::NumericFraction { .. }
            | BadValue::Rounding { wanted: "real" } => Some("fraction"),
            BadValue::RepeatedLocalTime => Some("repeated_time"),
            BadValue::ZeroDate | BadValue::PartialDate => Some("zero_dates"),
            BadValue::SkippedLocalTime | BadValue::ForeignOffset | BadValue::TimeOfDay => Some("timezone"),
            // The last hours of the calendar.
            BadValue::Range { wanted } if wanted.starts_with("date") || wanted.starts_with("time") => Some("timezone"),
            _ => None,
        }
    }
}

/// `an integer`, `a blob`, …
fn article(class: StorageClass) -> &'static str {
    match class {
        StorageClass::Null => "a null",
        StorageClass::Integer => "an integer",
        StorageClass::Real => "a real",
        StorageClass::Text => "text",
        StorageClass::Blob => "a blob",
    }
}

/// `six digits`; the number is at most six.
fn digits_of(count: u8) -> &'static str {
    match count {
        0 => "no digit",
        1 => "one digit",
        2 => "two digits",
        3 => "three digits",
        4 => "four digits",
        5 => "five digits",
        _ => "six digits",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_reason_in_words() {
        let message = |bad: BadValue| bad.to_string();
        assert_eq!(
            message(BadValue::Class { found: StorageClass::Integer, wanted: "a date" }),
            "an integer cannot be read as a date"
        );
        assert_eq!(message(BadValue::FractionDigits { allowed: 6 }), "more than six digits of a fraction of a second");
        assert_eq!(
            message(BadValue::NumericFraction { precision: 10, scale: 2, digits: 3 }),
            "does not fit numeric(10,2): 3 digits of fraction"
        );
    }
}
