//! Losses of a conversion, and the words by which the spec allows them.
//!
//! A value that is converted and written out again is the same text, or another spelling of the same value, or a part
//! was forgotten. Other spellings are accepted silently. A part that would be forgotten is a [`BadValue`] until the
//! spec allows it. This table is the rule, for every conversion of this module:
//!
//! | type | another spelling of the same value | forgotten, and the word that allows it |
//! |---|---|---|
//! | integers, `numeric`, floating point | white space around, `+5`, `-0`; the real 1.0 in an integer; `1.50` and `1e2` as text in the others | zeros in front, `007`: `leading_zeros = "drop"` |
//! | `numeric(p,s)` | zeros at the end of the fraction | digits beyond the scale: `fraction = "truncate"` (towards zero) or `"round"` (half away from zero) |
//! | `boolean` | `t`, `YES`, `on`, 1, 1.0 | nothing |
//! | `date` | a midnight behind it, with the offset `Z` or `+00:00` | nothing: other times of day and offsets are refused |
//! | `date`, `timestamp`, `timestamptz` | nothing | which of the dates that no calendar has it was, `0000-00-00` or `2020-01-00`: `zero_dates` |
//! | `time`, `timestamp`, `timestamptz` | `T` or a space, seconds left out, zeros at the end of the fraction, `24:00`, white space around | digits of a second: `fraction = "truncate"` or `"round"` |
//! | `timestamptz` of local time | the same instant with another offset | which of two instants a local time is: `repeated_time = "earlier"` or `"later"` |
//! | `timestamp` of instants | the offset that the source's zone has then | which of two instants the local time was: the same word, for those that are read back so |
//! | `uuid` of text | case, hyphens, braces, `urn:uuid:` | nothing |
//! | `uuid` of 16 bytes | nothing | the order of the bytes: `from = "uuid"` (as the digits) or `"guid"` (.NET) |
//! | `char(n)` | no spaces at the end, or exactly those up to n | the number of spaces at the end: `trailing_spaces = "drop"` |
//! | `jsonb` | white space, the order of keys, escapes, the spelling of numbers | a key that an object names twice: none, `type = "json"` keeps it |
//! | `interval` | zeros in front of a count, `day` or `days`, the comma | nothing |
//! | `inet` | case, groups of zeros left out, `/32` | nothing: `010.0.0.1` is refused |
//! | `bytea` of text | case of hexadecimal digits, `\x` before them | the storage class, where a text and a blob become the same bytes: `storage_class = "drop"` |
//! | `text`, `varchar`, `citext` | numbers as SQLite writes them | the storage class, where values of different classes become the same text, 1 and `'1'`: `storage_class = "drop"` |
//! | `json` | numbers as SQLite writes them | nothing |
//! | an enum | nothing | whether the letters of a label are small or large: `letter_case = "drop"` |
//!
//! Text that is no value of the type at all (`1e2` or `0x10` in an integer column, digits of other scripts, `2024-1-5`,
//! `20240105`) is refused whatever the spec allows. `from = "julian"` and `"excel"` round to the millisecond, as SQLite and Excel
//! do.
//!
//! Whether a storage class is forgotten cannot be decided for a single value: an integer that becomes text can be read
//! back if no text of the column looks the same. So `storage_class` is checked where the values of a column are read
//! together.

use crate::value::BadValue;
use serde::Serialize;
use std::fmt;

/// The losses that the spec allows when a column's values are converted; by default none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct Forgetting {
    /// Leading zeros of a number that is stored as text.
    pub leading_zeros: Dropping,
    /// The number of trailing spaces in the text of a `char(n)`.
    pub trailing_spaces: Dropping,
    /// Digits of a second, or of a number, that the column does not keep.
    pub fraction: FractionTreatment,
    /// The choice between two instants of a local time.
    pub repeated_time: RepeatedTime,
    /// Whether a value was a number, a text or a blob, if others of the column become the same text or bytes.
    pub storage_class: Dropping,
    /// Dates without a day or a month.
    #[serde(skip_serializing_if = "ZeroDates::is_refused")]
    pub zero_dates: ZeroDates,
    /// Whether the letters of an enum's label are small or large.
    #[serde(skip_serializing_if = "Dropping::is_refused")]
    pub letter_case: Dropping,
}

impl fmt::Debug for Forgetting {
    /// Digests of specs are made of this form. `zero_dates` and `letter_case` appear only where the spec has them, so that a spec
    /// without them has the digest of its other words.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { leading_zeros, trailing_spaces, fraction, repeated_time, storage_class, zero_dates, letter_case } =
            self;
        let mut shown = formatter.debug_struct("Forgetting");
        shown.field("leading_zeros", leading_zeros).field("trailing_spaces", trailing_spaces);
        shown.field("fraction", fraction).field("repeated_time", repeated_time).field("storage_class", storage_class);
        if !zero_dates.is_refused() {
            shown.field("zero_dates", zero_dates);
        }
        if !letter_case.is_refused() {
            shown.field("letter_case", letter_case);
        }
        shown.finish()
    }
}

/// The treatment of dates that no calendar has: `0000-00-00`, and those whose month or day is zero.
/// Source: MySQL manual, "The DATE, DATETIME, and TIMESTAMP Types".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroDates {
    /// The value is refused.
    #[default]
    Refused,
    /// They become NULL; refused in a NOT NULL column.
    Null,
    /// They become 1970-01-01 00:00:00 UTC.
    Epoch,
    /// They become PostgreSQL's `-infinity`, which is before every date as they are.
    #[serde(rename = "-infinity")]
    MinusInfinity,
}

impl ZeroDates {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, ZeroDates); 3] =
        [("null", ZeroDates::Null), ("epoch", ZeroDates::Epoch), ("-infinity", ZeroDates::MinusInfinity)];

    /// Whether the spec has not decided.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        *self == ZeroDates::Refused
    }
}

/// Whether a part without a meaning in the type may be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropping {
    /// The value is refused.
    #[default]
    Refused,
    /// The rest of the value is kept.
    Drop,
}

/// The treatment of digits of a second beyond those that a column keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FractionTreatment {
    /// The value is refused.
    #[default]
    Refused,
    /// They are cut off: the greatest time that the column holds and that is not later.
    Truncate,
    /// The nearest time that the column holds, the later one of two that are equally near.
    Round,
}

/// The instant of a local time that occurs twice, when the clocks are set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedTime {
    /// The time is refused.
    #[default]
    Refused,
    /// The first of the two, still in daylight saving time.
    Earlier,
    /// The second, as PostgreSQL takes it.
    Later,
}

impl Dropping {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, Dropping); 1] = [("drop", Dropping::Drop)];

    /// Whether the spec has not decided.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        *self == Dropping::Refused
    }
}

impl FractionTreatment {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, FractionTreatment); 2] =
        [("truncate", FractionTreatment::Truncate), ("round", FractionTreatment::Round)];
}

impl RepeatedTime {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, RepeatedTime); 2] =
        [("earlier", RepeatedTime::Earlier), ("later", RepeatedTime::Later)];
}

impl Forgetting {
    /// The keys of the spec, each with its value.
    pub fn words(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let Self { leading_zeros, trailing_spaces, fraction, repeated_time, storage_class, zero_dates, letter_case } =
            self;
        let words = [
            ("leading_zeros", word(&Dropping::ALL, leading_zeros)),
            ("trailing_spaces", word(&Dropping::ALL, trailing_spaces)),
            ("fraction", word(&FractionTreatment::ALL, fraction)),
            ("repeated_time", word(&RepeatedTime::ALL, repeated_time)),
            ("storage_class", word(&Dropping::ALL, storage_class)),
            ("zero_dates", word(&ZeroDates::ALL, zero_dates)),
            ("letter_case", word(&Dropping::ALL, letter_case)),
        ];
        words.into_iter().filter_map(|(key, word)| Some((key, word?)))
    }

    /// Whether no loss is allowed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// The same, with losses that `self` leaves open decided by `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        fn first<T: Default + PartialEq>(one: T, two: T) -> T {
            if one == T::default() { two } else { one }
        }
        Self {
            leading_zeros: first(self.leading_zeros, other.leading_zeros),
            trailing_spaces: first(self.trailing_spaces, other.trailing_spaces),
            fraction: first(self.fraction, other.fraction),
            repeated_time: first(self.repeated_time, other.repeated_time),
            storage_class: first(self.storage_class, other.storage_class),
            zero_dates: first(self.zero_dates, other.zero_dates),
            letter_case: first(self.letter_case, other.letter_case),
        }
    }

    /// The same with these keys only.
    #[must_use]
    pub fn only(self, keys: &[&str]) -> Self {
        fn kept<T: Default>(value: T, is_kept: bool) -> T {
            if is_kept { value } else { T::default() }
        }
        let has = |key| keys.contains(&key);
        Self {
            leading_zeros: kept(self.leading_zeros, has("leading_zeros")),
            trailing_spaces: kept(self.trailing_spaces, has("trailing_spaces")),
            fraction: kept(self.fraction, has("fraction")),
            repeated_time: kept(self.repeated_time, has("repeated_time")),
            storage_class: kept(self.storage_class, has("storage_class")),
            zero_dates: kept(self.zero_dates, has("zero_dates")),
            letter_case: kept(self.letter_case, has("letter_case")),
        }
    }
}

fn word<T: Copy + PartialEq>(all: &[(&'static str, T)], value: T) -> Option<&'static str> {
    all.iter().find(|(_, listed)| *listed == value).map(|(word, _)| *word)
}

/// Whether a number, written as text, has superfluous leading zeros: `007`, `-01.5`; `0`, `0.5` and `.5` have none. For
/// other text the answer has no meaning.
#[inline]
#[must_use]
pub fn has_leading_zeros(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    matches!(digits, [b'0', b'0'..=b'9', ..])
}

/// Digits of a fraction of a second that a column keeps, and the treatment of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// 0 to 6.
    pub digits: u8,
    /// The treatment of the digits beyond them.
    pub beyond: FractionTreatment,
}

/// The part below a microsecond that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nothing, or nothing but zeros.
    Nothing,
    /// Less than half a microsecond.
    Less,
    /// Half a microsecond or more.
    HalfOrMore,
}

/// Microseconds of the last of n digits of fraction.
pub(crate) const FRACTION_UNIT: [i64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

impl Fraction {
    /// This number of digits; a value with more is refused.
    #[must_use]
    pub const fn exactly(digits: u8) -> Self {
        Self { digits, beyond: FractionTreatment::Refused }
    }

    /// The time that the column keeps of a number of microseconds, from which `cut` was already cut off.
    ///
    /// # Errors
    /// The column does not keep all of it, and the spec has no treatment for the rest.
    #[inline]
    pub(crate) fn keep(self, microseconds: i64, cut: Cut) -> Result<i64, BadValue> {
        let digits = self.digits.min(6);
        let unit = FRACTION_UNIT[usize::from(digits)];
        let rest = microseconds.rem_euclid(unit);
        if rest == 0 && cut == Cut::Nothing {
            return Ok(microseconds);
        }
        let whole = microseconds - rest;
        match self.beyond {
            FractionTreatment::Refused => Err(BadValue::FractionDigits { allowed: digits }),
            FractionTreatment::Truncate => Ok(whole),
            // All units but the last are even: the part cut off below a microsecond decides nothing there.
            FractionTreatment::Round if unit > 1 => Ok(if rest * 2 >= unit { whole + unit } else { whole }),
            FractionTreatment::Round => Ok(if cut == Cut::HalfOrMore { whole + 1 } else { whole }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_in_front() {
        for text in ["007", "-01.5", " +00", "00", "01e3", "00.5"] {
            assert!(has_leading_zeros(text.as_bytes()), "{text}");
        }
        for text in ["0", "-0", "0.50", "0e0", ".05", "10", "", "+", "7"] {
            assert!(!has_leading_zeros(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn digits_of_a_second_are_refused_cut_or_rounded() {
        let keep = |beyond, digits, microseconds, cut| Fraction { digits, beyond }.keep(microseconds, cut);
        assert_eq!(
            keep(FractionTreatment::Refused, 3, 1_500, Cut::Nothing),
            Err(BadValue::FractionDigits { allowed: 3 })
        );
        assert_eq!(keep(FractionTreatment::Refused, 6, 7, Cut::Less), Err(BadValue::FractionDigits { allowed: 6 }));
        assert_eq!(keep(FractionTreatment::Refused, 3, 2_000, Cut::Nothing), Ok(2_000));
        assert_eq!(keep(FractionTreatment::Truncate, 3, 1_999, Cut::HalfOrMore), Ok(1_000));
        assert_eq!(
            keep(FractionTreatment::Truncate, 3, -1, Cut::Nothing),
            Ok(-1_000),
            "before 2000 digits are cut alike"
        );
        assert_eq!(keep(FractionTreatment::Round, 3, 1_499, Cut::HalfOrMore), Ok(1_000), "not rounded twice");
        assert_eq!(keep(FractionTreatment::Round, 3, 1_500, Cut::Nothing), Ok(2_000));
        assert_eq!(keep(FractionTreatment::Round, 6, 7, Cut::HalfOrMore), Ok(8));
        assert_eq!(keep(FractionTreatment::Round, 6, 7, Cut::Less), Ok(7));
    }

    #[test]
    fn words_are_laid_over_one_another() {
        let column = Forgetting { fraction: FractionTreatment::Round, ..Forgetting::default() };
        let rule = Forgetting {
            fraction: FractionTreatment::Truncate,
            leading_zeros: Dropping::Drop,
            ..Forgetting::default()
        };
        let both = column.or(rule);
        assert_eq!(both.words().collect::<Vec<_>>(), [("leading_zeros", "drop"), ("fraction", "round")]);
        assert_eq!(both.only(&["fraction"]), column);
    }
}
