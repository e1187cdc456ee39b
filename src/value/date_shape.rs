//! The written form of a date or time: the shape alone, whether or not the date exists.

use super::Cell;
use super::decimal::Decimal;
use std::fmt;

/// The shape of a stored date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateShape {
    /// `YYYY-MM-DD`
    Date,
    /// `YYYY-MM-DD hh:mm…`
    DateTime {
        /// A `T` is between date and time.
        t: bool,
        /// How fine the time is.
        precision: Precision,
        /// Form of the zone.
        offset: Offset,
    },
    /// `hh:mm…`
    Time {
        /// How fine the time is.
        precision: Precision,
        /// Form of the zone.
        offset: Offset,
    },
    /// A number that can be a date.
    Counted {
        /// Unit that the number counts.
        unit: Unit,
        /// The number is stored as text.
        text: bool,
    },
    /// Text without a character.
    Empty,
    /// Any other text.
    OtherText,
    /// Bytes.
    Blob,
}

/// How fine a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// `hh:mm`
    Minutes,
    /// `hh:mm:ss`
    Seconds,
    /// `hh:mm:ss.f`
    Fraction,
}

/// Form of a time's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offset {
    /// No zone.
    None,
    /// `Z`
    Z,
    /// `+hh:mm`
    Hours,
}

/// Unit that a number counts, judged by its magnitude: each stands for a date of this century or the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// Days since 4714 BC.
    JulianDays,
    /// Nothing: it is a date and a time in fourteen digits.
    FourteenDigits,
    /// No date of this century or the last.
    Unknown,
}

/// A shape, and whether PostgreSQL would have to round the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObservedShape {
    /// The shape.
    pub shape: DateShape,
    /// Digits that are not zero follow the sixth of a fraction of a second.
    pub beyond_microseconds: bool,
}

impl Unit {
    /// Unit that a number of this magnitude counts.
    #[must_use]
    pub fn of(number: f64) -> Self {
        let magnitude = number.abs();
        if (2_300_000.0..2_600_000.0).contains(&number) {
            Unit::JulianDays
        } else if is_written(number, 14) {
            Unit::FourteenDigits
        } else if (1e7..7.3e9).contains(&magnitude) {
            Unit::Seconds
        } else if (7.3e9..7.3e12).contains(&magnitude) {
            Unit::Milliseconds
        } else if (7.3e12..7.3e15).contains(&magnitude) {
            Unit::Microseconds
        } else {
            Unit::Unknown
        }
    }
}

/// Whether a whole number of so many digits is a date of this century or the last, `YYYYMMDD`, and a time of day in two more digits
/// for each part of it.
pub(crate) fn is_written(number: f64, digits: u32) -> bool {
    let above = 10_f64.powi(i32::try_from(digits).unwrap_or(0) - 8);
    let day = (number / above).trunc();
    if number.fract() != 0.0 || !(19_000_000.0..21_000_000.0).contains(&day) {
        return false;
    }
    let two = |number: f64, below: f64| (number / below).trunc() % 100.0;
    // A month or day of zero is one that is not known. Fewer digits are times of a count more often.
    let least = if digits == 14 { 0.0 } else { 1.0 };
    let is_day = (least..13.0).contains(&two(day, 100.0)) && (least..32.0).contains(&two(day, 1.0));
    let of_day = (0..digits.saturating_sub(8) / 2).map(|part| {
        let below = 10_f64.powi(i32::try_from(digits - 10 - 2 * part).unwrap_or(0));
        (part, two(number, below))
    });
    is_day && of_day.into_iter().all(|(part, value)| value < [24.0, 60.0, 61.0, 100.0][part.min(3) as usize])
}

impl DateShape {
    /// The shape of a value; `None` for NULL.
    #[must_use]
    pub fn of(cell: Cell<'_>) -> Option<ObservedShape> {
        let shape = match cell {
            Cell::Null => return None,
            #[expect(clippy::cast_precision_loss, reason = "only the magnitude matters")]
            Cell::Integer(integer) => DateShape::Counted { unit: Unit::of(integer as f64), text: false },
            Cell::Real(real) => DateShape::Counted { unit: Unit::of(real), text: false },
            Cell::Text(text) => return Some(of_text(text.trim_ascii())),
            Cell::Blob(_) => DateShape::Blob,
        };
        Some(ObservedShape { shape, beyond_microseconds: false })
    }

    /// Whether a date with a time of this shape has a zone; `None` for all other shapes.
    #[must_use]
    pub fn says_zone(self) -> Option<bool> {
        match self {
            DateShape::DateTime { offset, .. } => Some(offset != Offset::None),
            _ => None,
        }
    }
}

fn of_text(text: &[u8]) -> ObservedShape {
    let plain = |shape| ObservedShape { shape, beyond_microseconds: false };
    if text.is_empty() {
        return plain(DateShape::Empty);
    }
    if let Some((date, rest)) = text.split_first_chunk::<10>()
        && is_date(date)
    {
        return match rest {
            [] => plain(DateShape::Date),
            [separator @ (b' ' | b'T' | b't'), time @ ..] => match time_of_day(time) {
                Some((precision, offset, beyond_microseconds)) => ObservedShape {
                    shape: DateShape::DateTime { t: *separator != b' ', precision, offset },
                    beyond_microseconds,
                },
                None => plain(DateShape::OtherText),
            },
            _ => plain(DateShape::OtherText),
        };
    }
    if let Some((precision, offset, beyond_microseconds)) = time_of_day(text) {
        return ObservedShape { shape: DateShape::Time { precision, offset }, beyond_microseconds };
    }
    let number = Decimal::parse(text).and_then(|_| std::str::from_utf8(text).ok()?.parse::<f64>().ok());
    plain(number.map_or(DateShape::OtherText, |number| DateShape::Counted { unit: Unit::of(number), text: true }))
}

fn is_date(text: &[u8; 10]) -> bool {
    text.iter().enumerate().all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// `hh:mm[:ss[.fraction]][offset]`; the last answer is whether digits beyond the sixth are not all zeros.
fn time_of_day(text: &[u8]) -> Option<(Precision, Offset, bool)> {
    let two = |text: &[u8]| text.len() >= 2 && text[..2].iter().all(u8::is_ascii_digit);
    if text.len() < 5 || !two(text) || text[2] != b':' || !two(&text[3..]) {
        return None;
    }
    let (mut precision, mut rest, mut beyond_microseconds) = (Precision::Minutes, &text[5..], false);
    if rest.first() == Some(&b':') && two(&rest[1..]) {
        (precision, rest) = (Precision::Seconds, &rest[3..]);
        if rest.first() == Some(&b'.') {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            beyond_microseconds = rest[1..=digits].iter().skip(6).any(|digit| *digit != b'0');
            (precision, rest) = (Precision::Fraction, &rest[digits + 1..]);
        }
    }
    let offset = match rest.trim_ascii_start() {
        [] => Offset::None,
        [b'Z' | b'z'] => Offset::Z,
        [b'+' | b'-', hours @ ..] if hours.iter().all(|byte| byte.is_ascii_digit() || *byte == b':') && two(hours) => {
            Offset::Hours
        }
        _ => return None,
    };
    Some((precision, offset, beyond_microseconds))
}

impl fmt::Display for DateShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DateShape::Date => formatter.write_str("YYYY-MM-DD"),
            DateShape::DateTime { t, precision, offset } => {
                write!(formatter, "YYYY-MM-DD{}{precision}{offset}", if *t { "T" } else { " " })
            }
            DateShape::Time { precision, offset } => write!(formatter, "{precision}{offset}"),
            DateShape::Counted { unit, text } => write!(formatter, "{unit}{}", if *text { " as text" } else { "" }),
            DateShape::Empty => formatter.write_str("empty text"),
            DateShape::OtherText => formatter.write_str("other text"),
            DateShape::Blob => formatter.write_str("blob"),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Precision::Minutes => "hh:mm",
            Precision::Seconds => "hh:mm:ss",
            Precision::Fraction => "hh:mm:ss.f",
        })
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Offset::None => "",
            Offset::Z => "Z",
            Offset::Hours => "+hh:mm",
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Unit::Seconds => "unix seconds",
            Unit::Milliseconds => "unix milliseconds",
            Unit::Microseconds => "unix microseconds",
            Unit::JulianDays => "Julian day",
            Unit::FourteenDigits => "YYYYMMDDhhmmss",
            Unit::Unknown => "other number",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(cell: Cell<'_>) -> String {
        DateShape::of(cell).map_or_else(String::new, |seen| seen.shape.to_string())
    }

    #[test]
    fn every_way_to_write_a_date() {
        for (text, expected) in [
            ("2024-05-01", "YYYY-MM-DD"),
            ("2024-05-01 10:00", "YYYY-MM-DD hh:mm"),
            ("2024-05-01 10:00:00", "YYYY-MM-DD hh:mm:ss"),
            (" 2024-05-01T10:00:00Z ", "YYYY-MM-DDThh:mm:ssZ"),
            ("2024-05-01T10:00:00.123456+02:00", "YYYY-MM-DDThh:mm:ss.f+hh:mm"),
            ("2024-05-01 10:00:00 -0500", "YYYY-MM-DD hh:mm:ss+hh:mm"),
            ("10:00:00.5", "hh:mm:ss.f"),
            ("1700000000", "unix seconds as text"),
            ("", "empty text"),
            ("yesterday", "other text"),
            ("2024-05-01 10:00:00 UTC", "other text"),
            ("2024-05-01 10:00:00.", "other text"),
        ] {
            assert_eq!(shape(Cell::Text(text.as_bytes())), expected, "{text}");
        }
        assert_eq!(shape(Cell::Integer(1_700_000_000)), "unix seconds");
        assert_eq!(shape(Cell::Integer(1_700_000_000_000)), "unix milliseconds");
        assert_eq!(shape(Cell::Real(2_460_000.5)), "Julian day");
        assert_eq!(shape(Cell::Integer(7)), "other number");
        assert_eq!(DateShape::of(Cell::Null), None);
    }

    #[test]
    fn a_date_and_time_in_digits_is_no_count() {
        for text in ["20230101000000", "20240229235959", "20160000000000"] {
            assert_eq!(shape(Cell::Text(text.as_bytes())), "YYYYMMDDhhmmss as text");
        }
        assert_eq!(shape(Cell::Integer(20_230_101_000_000)), "YYYYMMDDhhmmss");
        for text in ["20231301000000", "20230101240000", "20230101006000", "20230132000000", "17000101000000"] {
            assert_eq!(shape(Cell::Text(text.as_bytes())), "unix microseconds as text", "{text}");
        }
        assert!(is_written(2_023_010_123.0, 10) && is_written(202_301_012_359.0, 12));
        assert!(is_written(2_023_010_123_595_999.0, 16) && !is_written(1_700_000_000.0, 10));
    }

    #[test]
    fn digits_beyond_the_sixth_count_where_they_are_not_zero() {
        let beyond =
            |text: &str| DateShape::of(Cell::Text(text.as_bytes())).is_some_and(|seen| seen.beyond_microseconds);
        assert!(beyond("2024-05-01 10:00:00.1234567"));
        assert!(!beyond("2024-05-01 10:00:00.1234560Z"));
        assert!(beyond("10:00:00.0000001+02"));
    }
}
