//! Types whose text is short: boolean, whole numbers, uuid, inet, interval.

use super::moment::past_epoch;
use super::unfit::{
    BYTE_ORDER, CLASS, NOT_A_BOOLEAN, NOT_A_NUMBER, NOT_A_UUID, NOT_AN_ADDRESS, NOT_AN_INTERVAL, RANGE, ROUNDING, Unfit,
};
use super::value::Value;
use super::zone::{DAY, SECOND};
use crate::value::{Cell, Reading};
use std::net::IpAddr;

/// Boolean of 0 and 1, and of the words that `boolin` reads: `true`, `yes`, `on`, `false`, `no`, `off` in any case and
/// their unambiguous prefixes (<https://www.postgresql.org/docs/15/datatype-boolean.html>).
#[inline]
pub(super) fn boolean(cell: Cell<'_>) -> Result<bool, Unfit> {
    match cell {
        Cell::Integer(number @ 0..=1) => Ok(number == 1),
        Cell::Real(number) if number == 0.0 || number == 1.0 => Ok(number == 1.0),
        Cell::Integer(_) | Cell::Real(_) => Err(NOT_A_BOOLEAN),
        Cell::Text(text) => match text.trim_ascii().to_ascii_lowercase().as_slice() {
            b"t" | b"tr" | b"tru" | b"true" | b"y" | b"ye" | b"yes" | b"on" | b"1" => Ok(true),
            b"f" | b"fa" | b"fal" | b"fals" | b"false" | b"n" | b"no" | b"of" | b"off" | b"0" => Ok(false),
            _ => Err(NOT_A_BOOLEAN),
        },
        Cell::Null | Cell::Blob(_) => Err(CLASS),
    }
}

/// Whole number within limits: an integer, a real without a fraction, text of decimal digits.
#[inline]
pub(super) fn integer(cell: Cell<'_>, least: i64, greatest: i64) -> Result<i64, Unfit> {
    let number = match cell {
        Cell::Integer(number) => number,
        Cell::Real(number) => whole(number)?,
        Cell::Text(text) => whole_text(text)?,
        Cell::Null | Cell::Blob(_) => return Err(CLASS),
    };
    if (least..=greatest).contains(&number) { Ok(number) } else { Err(RANGE) }
}

fn whole(number: f64) -> Result<i64, Unfit> {
    if number.is_finite() && number.trunc() != number {
        return Err(ROUNDING);
    }
    // Every whole double of 128 bits is exact; a larger one saturates at a limit that 64 bits do not hold.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fraction is zero, and what is beyond the limits saturates"
    )]
    let number = if number.is_nan() { i128::MAX } else { number as i128 };
    i64::try_from(number).map_err(|_| RANGE)
}

/// Whether a number in text has leading zeros.
#[inline]
pub(super) fn has_leading_zeros(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit()
}

fn whole_text(text: &[u8]) -> Result<i64, Unfit> {
    let text = text.trim_ascii();
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NOT_A_NUMBER);
    }
    let negative = text.starts_with(b"-");
    let number = digits.iter().try_fold(0_i64, |number, digit| {
        let digit = i64::from(digit - b'0');
        number.checked_mul(10)?.checked_add(if negative { -digit } else { digit })
    });
    number.ok_or(RANGE)
}

/// Byte order of a UUID in 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// Not given in the spec.
    Unknown,
    /// Order of the digits.
    Digits,
    /// The first three groups of digits with their last byte first, as .NET's `Guid.ToByteArray` has them.
    Guid,
    /// Groups of time with the slowest first, as MySQL's `UUID_TO_BIN(…, 1)` has them.
    Swapped,
}

/// A UUID: text in the spellings that PostgreSQL reads, and as a URN; 16 bytes
/// (<https://www.postgresql.org/docs/15/datatype-uuid.html>).
#[inline]
pub(super) fn uuid(cell: Cell<'_>, order: ByteOrder) -> Result<[u8; 16], Unfit> {
    match cell {
        Cell::Blob(bytes) => match (<[u8; 16]>::try_from(bytes), order) {
            (Err(_), _) => Err(NOT_A_UUID),
            (Ok(_), ByteOrder::Unknown) => Err(BYTE_ORDER),
            (Ok(bytes), ByteOrder::Digits) => Ok(bytes),
            (Ok([h1, h2, m1, m2, l1, l2, l3, l4, rest @ ..]), ByteOrder::Swapped) => {
                let [r1, r2, r3, r4, r5, r6, r7, r8] = rest;
                Ok([l1, l2, l3, l4, m1, m2, h1, h2, r1, r2, r3, r4, r5, r6, r7, r8])
            }
            (Ok(bytes), ByteOrder::Guid) => Ok(uuid::Uuid::from_bytes_le(bytes).into_bytes()),
        },
        Cell::Text(text) => match uuid::Uuid::try_parse_ascii(text) {
            Ok(uuid) => Ok(uuid.into_bytes()),
            Err(_) => grouped(text).ok_or(NOT_A_UUID),
        },
        Cell::Null | Cell::Integer(_) | Cell::Real(_) => Err(CLASS),
    }
}

/// UUID in groups of four digits with an optional hyphen between any of them.
fn grouped(text: &[u8]) -> Option<[u8; 16]> {
    let urn = text.split_at_checked(9).filter(|(urn, _)| urn.eq_ignore_ascii_case(b"urn:uuid:"));
    let text = match (text, urn) {
        ([b'{', inner @ .., b'}'], _) => inner,
        (_, Some((_, digits))) => digits,
        _ => text,
    };
    let (mut digits, mut rest) = ([0; 32], text);
    for (at, group) in digits.chunks_exact_mut(4).enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b"-").unwrap_or(rest);
        }
        let (four, after) = rest.split_at_checked(4)?;
        group.copy_from_slice(four);
        rest = after;
    }
    let mut uuid = [0; 16];
    hex::decode_to_slice(digits, &mut uuid).ok()?;
    rest.is_empty().then_some(uuid)
}

/// An IPv4 or IPv6 address, with or without the bits of its network.
pub(super) fn address(cell: Cell<'_>) -> Result<Value<'static>, Unfit> {
    let Cell::Text(text) = cell else { return Err(CLASS) };
    let text = std::str::from_utf8(text).map_err(|_| NOT_AN_ADDRESS)?;
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address = address.parse::<IpAddr>().map_err(|_| NOT_AN_ADDRESS)?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => all,
        Some(bits) if bits.bytes().all(|digit| digit.is_ascii_digit()) => bits.parse().map_err(|_| NOT_AN_ADDRESS)?,
        Some(_) => return Err(NOT_AN_ADDRESS),
    };
    if bits <= all { Ok(Value::Inet(address, bits)) } else { Err(NOT_AN_ADDRESS) }
}

/// Address of a field as `inet_send` writes it: family, bits, whether it is a `cidr`, length, bytes.
pub(super) fn address_of_field(field: &[u8]) -> Option<Value<'static>> {
    match field {
        [2, bits, 0, 4, octets @ ..] => Some(Value::Inet(<[u8; 4]>::try_from(octets).ok()?.into(), *bits)),
        [3, bits, 0, 16, octets @ ..] => Some(Value::Inet(<[u8; 16]>::try_from(octets).ok()?.into(), *bits)),
        _ => None,
    }
}

/// Interval: text as PostgreSQL and Python write it (`[-]N day[s][,] [-]HH:MM[:SS[.f]]`), a number of microseconds,
/// as Django keeps it, or a date and time as far from 1970, as SQLAlchemy does.
pub(super) fn interval(cell: Cell<'_>, reading: Reading) -> Result<Value<'static>, Unfit> {
    let parts = |count: i64| Ok((i32::try_from(count / DAY).map_err(|_| RANGE)?, count % DAY));
    let (days, microseconds) = match (cell, reading) {
        (Cell::Integer(count), Reading::Microseconds) => parts(count)?,
        (Cell::Text(text), Reading::EpochInterval) => parts(past_epoch(text)?)?,
        (Cell::Text(text), Reading::Stored) => {
            std::str::from_utf8(text).ok().and_then(days_and_time).ok_or(NOT_AN_INTERVAL)?
        }
        _ => return Err(CLASS),
    };
    Ok(Value::Interval { months: 0, days, microseconds })
}

fn days_and_time(text: &str) -> Option<(i32, i64)> {
    match *text.split_ascii_whitespace().collect::<Vec<_>>().as_slice() {
        [time] => Some((0, clock(time)?)),
        [days, "day" | "days" | "day," | "days,"] => Some((days.parse().ok()?, 0)),
        [days, "day" | "days" | "day," | "days,", time] => Some((days.parse().ok()?, clock(time)?)),
        _ => None,
    }
}

/// `[-]HH:MM[:SS[.f]]`; the hours may exceed a day.
fn clock(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let (hours, minutes, seconds) = (number(hours)?, number(minutes)?, number(seconds)?);
    if minutes > 59 || seconds > 59 || fraction.len() > 6 {
        return None;
    }
    let fraction = number(fraction)? * 10_i64.pow(u32::try_from(6 - fraction.len()).ok()?);
    let seconds = hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)?;
    Some(sign * seconds.checked_mul(SECOND)?.checked_add(fraction)?)
}

/// Interval of a field as `interval_send` writes it: microseconds, days, months.
pub(super) fn interval_of_field(field: &[u8]) -> Option<Value<'static>> {
    let (time, rest) = field.split_first_chunk::<8>()?;
    let (days, months) = rest.split_first_chunk::<4>()?;
    let months = i32::from_be_bytes(months.try_into().ok()?);
    Some(Value::Interval { months, days: i32::from_be_bytes(*days), microseconds: i64::from_be_bytes(*time) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_truth() {
        let bigint = |cell| integer(cell, i64::MIN, i64::MAX);
        assert_eq!(bigint(Cell::Real(-7.0)), Ok(-7));
        assert_eq!(bigint(Cell::Text(b" +7\n")), Ok(7));
        assert_eq!(bigint(Cell::Text(b"-9223372036854775808")), Ok(i64::MIN));
        assert_eq!(bigint(Cell::Real(0.5)), Err(ROUNDING));
        assert_eq!(bigint(Cell::Real(9_223_372_036_854_775_808.0)), Err(RANGE));
        assert_eq!(bigint(Cell::Real(f64::INFINITY)), Err(RANGE));
        assert_eq!(bigint(Cell::Text(b"7.0")), Err(NOT_A_NUMBER));
        assert_eq!(integer(Cell::Integer(40_000), i64::from(i16::MIN), i64::from(i16::MAX)), Err(RANGE));
        assert_eq!(boolean(Cell::Text(b" YES ")), Ok(true));
        assert_eq!(boolean(Cell::Text(b"o")), Err(NOT_A_BOOLEAN));
    }

    #[test]
    fn identifiers_and_addresses() {
        let expected = *b"\xa0\xee\xbc\x99\x9c\x0b\x4e\xf8\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11";
        for text in [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "URN:UUID:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ] {
            assert_eq!(uuid(Cell::Text(text.as_bytes()), ByteOrder::Unknown), Ok(expected), "{text}");
        }
        for text in ["", "a0eebc99", "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-"] {
            assert_eq!(uuid(Cell::Text(text.as_bytes()), ByteOrder::Unknown), Err(NOT_A_UUID), "{text}");
        }
        let guid = b"\x99\xbc\xee\xa0\x0b\x9c\xf8\x4e\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11";
        assert_eq!(uuid(Cell::Blob(guid), ByteOrder::Guid), Ok(expected));
        assert_eq!(uuid(Cell::Blob(&expected), ByteOrder::Digits), Ok(expected));
        assert_eq!(uuid(Cell::Blob(&expected), ByteOrder::Unknown), Err(BYTE_ORDER));
        for text in ["127.0.0.1", "10.1.2.0/24", "::1", "fe80::/10"] {
            assert_eq!(address(Cell::Text(text.as_bytes())).map(|value| value.words()).as_deref(), Ok(text));
        }
        for text in ["127.0.0.1/33", "127.0.0.1/+8", "::1/", " 127.0.0.1", "01.2.3.4"] {
            assert_eq!(address(Cell::Text(text.as_bytes())), Err(NOT_AN_ADDRESS), "{text}");
        }
    }

    #[test]
    fn lengths_of_time() {
        let read = |text: &str| interval(Cell::Text(text.as_bytes()), Reading::Stored).map(|value| value.words());
        assert_eq!(read("-1 days, 23:59:59.999999").as_deref(), Ok("0 months -1 days 23:59:59.999999"));
        assert_eq!(read("-00:00:01").as_deref(), Ok("0 months 0 days -00:00:01.000000"));
        for text in ["", "5", "1 month", "00:60", "00:00:00.1234567", "1 day 2 days", "00:00:00.", "-1 days +00:00"] {
            assert_eq!(read(text), Err(NOT_AN_INTERVAL), "{text}");
        }
        let counted = interval(Cell::Integer(-86_400_000_001), Reading::Microseconds).map(|value| value.words());
        assert_eq!(counted.as_deref(), Ok("0 months -1 days -00:00:00.000001"));
    }
}
