//! A row of the binary protocol, walked in its packet: nothing is copied but dates and times, which become text.
//!
//! Source: MySQL internals, "Binary Protocol Resultset Row" and "Binary Protocol Value".

use super::query::length;
use super::{ClientError, ColumnFormat};
use crate::value::Cell;
use mysql_common::constants::ColumnType;

/// A value's place.
#[derive(Debug, Clone, Copy)]
pub(in crate::source::mysql) enum Slot {
    /// NULL.
    Null,
    /// An integer.
    Integer(i64),
    /// A float or a double.
    Real(f64),
    /// Text in the packet.
    Text(u32, u32),
    /// Bytes in the packet.
    Blob(u32, u32),
    /// Text that was written: the packet holds numbers.
    Written(u32, u32),
}

/// A row: its packet and the places of its values.
#[derive(Debug, Clone, Copy)]
pub(in crate::source::mysql) struct PacketWalk<'row> {
    pub(super) packet: &'row [u8],
    pub(super) written: &'row [u8],
    pub(super) slots: &'row [Slot],
    pub(super) formats: &'row [ColumnFormat],
}

impl<'row> PacketWalk<'row> {
    /// Whether the text at `position` is the digits of a number: a decimal, or an integer beyond 64 bits with a sign.
    pub(in crate::source::mysql) fn is_number_in_text(&self, position: usize) -> bool {
        self.formats.get(position).is_some_and(|format| {
            matches!(
                format.column_type,
                ColumnType::MYSQL_TYPE_DECIMAL
                    | ColumnType::MYSQL_TYPE_NEWDECIMAL
                    | ColumnType::MYSQL_TYPE_LONGLONG
                    | ColumnType::MYSQL_TYPE_BIT
            )
        })
    }

    /// The value at `position`.
    #[inline]
    pub(in crate::source::mysql) fn cell(&self, position: usize) -> Cell<'row> {
        match self.slots.get(position) {
            Some(Slot::Integer(integer)) => Cell::Integer(*integer),
            Some(Slot::Real(real)) => Cell::Real(*real),
            Some(Slot::Text(from, to)) => Cell::Text(&self.packet[*from as usize..*to as usize]),
            Some(Slot::Blob(from, to)) => Cell::Blob(&self.packet[*from as usize..*to as usize]),
            Some(Slot::Written(from, to)) => Cell::Text(&self.written[*from as usize..*to as usize]),
            // A position outside of the statement's columns is ruled out by the selection.
            Some(Slot::Null) | None => Cell::Null,
        }
    }
}

/// Finds the values of a row.
pub(super) fn walk(
    packet: &[u8],
    formats: &[ColumnFormat],
    slots: &mut Vec<Slot>,
    written: &mut Vec<u8>,
) -> Result<(), ClientError> {
    written.clear();
    slots.resize(formats.len(), Slot::Null);
    // One byte of the packet's kind, then a bit for each column, of which the first two are not used.
    let nulls = packet.get(1..1 + (formats.len() + 9) / 8).ok_or_else(short)?;
    let mut rest = packet.get(1 + nulls.len()..).ok_or_else(short)?;
    for ((position, format), slot) in formats.iter().enumerate().zip(slots.iter_mut()) {
        let bit = position + 2;
        if nulls[bit / 8] >> (bit % 8) & 1 == 1 {
            *slot = Slot::Null;
            continue;
        }
        *slot = match format.column_type {
            ColumnType::MYSQL_TYPE_TINY => {
                let [byte] = take(&mut rest)?;
                Slot::Integer(if format.is_unsigned { i64::from(byte) } else { i64::from(byte.cast_signed()) })
            }
            ColumnType::MYSQL_TYPE_SHORT | ColumnType::MYSQL_TYPE_YEAR => {
                let short = u16::from_le_bytes(take(&mut rest)?);
                Slot::Integer(if format.is_unsigned { i64::from(short) } else { i64::from(short.cast_signed()) })
            }
            ColumnType::MYSQL_TYPE_LONG | ColumnType::MYSQL_TYPE_INT24 => {
                let long = u32::from_le_bytes(take(&mut rest)?);
                Slot::Integer(if format.is_unsigned { i64::from(long) } else { i64::from(long.cast_signed()) })
            }
            ColumnType::MYSQL_TYPE_LONGLONG => {
                let long = u64::from_le_bytes(take(&mut rest)?);
                match i64::try_from(long) {
                    Ok(integer) => Slot::Integer(integer),
                    Err(_) if format.is_unsigned => {
                        write(written, |out| out.extend_from_slice(long.to_string().as_bytes()))
                    }
                    Err(_) => Slot::Integer(long.cast_signed()),
                }
            }
            ColumnType::MYSQL_TYPE_FLOAT => Slot::Real(f64::from(f32::from_le_bytes(take(&mut rest)?))),
            ColumnType::MYSQL_TYPE_DOUBLE => Slot::Real(f64::from_le_bytes(take(&mut rest)?)),
            ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_DATETIME | ColumnType::MYSQL_TYPE_TIMESTAMP => {
                let [bytes] = take(&mut rest)?;
                let parts = split(&mut rest, usize::from(bytes))?;
                let is_date = format.column_type == ColumnType::MYSQL_TYPE_DATE;
                write(written, |out| write_moment(out, parts, is_date, format.decimals))
            }
            ColumnType::MYSQL_TYPE_TIME => {
                let [bytes] = take(&mut rest)?;
                let parts = split(&mut rest, usize::from(bytes))?;
                write(written, |out| write_time(out, parts, format.decimals))
            }
            _ => {
                let bytes = length(&mut rest)?;
                let from = packet.len() - rest.len();
                split(&mut rest, bytes)?;
                bytes_slot(packet, *format, from, from + bytes, written)
            }
        };
    }
    Ok(())
}

#[cold]
fn short() -> ClientError {
    ClientError::protocol("a row that is cut short")
}

/// Takes so many bytes from the front.
#[inline]
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ClientError> {
    let (front, after) = rest.split_first_chunk().ok_or_else(short)?;
    *rest = after;
    Ok(*front)
}

/// Takes so many bytes from the front.
#[inline]
fn split<'packet>(rest: &mut &'packet [u8], bytes: usize) -> Result<&'packet [u8], ClientError> {
    let (front, after) = rest.split_at_checked(bytes).ok_or_else(short)?;
    *rest = after;
    Ok(front)
}

/// The slot of a value that is sent with its length.
fn bytes_slot(packet: &[u8], format: ColumnFormat, from: usize, to: usize, written: &mut Vec<u8>) -> Slot {
    let (start, end) = (place(from), place(to));
    match format.column_type {
        ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => {
            Slot::Text(start + zeros_of_display(&packet[from..to]), end)
        }
        ColumnType::MYSQL_TYPE_JSON => Slot::Text(start, end),
        ColumnType::MYSQL_TYPE_BIT => {
            let number = packet[from..to].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            match i64::try_from(number) {
                Ok(integer) => Slot::Integer(integer),
                Err(_) => write(written, |out| out.extend_from_slice(number.to_string().as_bytes())),
            }
        }
        _ if format.is_binary => Slot::Blob(start, end),
        _ => Slot::Text(start, end),
    }
}

/// The zeros in front of a decimal that a ZEROFILL column shows beside its number, and never before those of other types.
fn zeros_of_display(digits: &[u8]) -> u32 {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let is_shown = digits.get(zeros).is_some_and(u8::is_ascii_digit);
    place(if is_shown { zeros } else { zeros.saturating_sub(1) })
}

/// A packet has at most 1 GiB.
#[inline]
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn write(written: &mut Vec<u8>, text: impl FnOnce(&mut Vec<u8>)) -> Slot {
    let from = written.len();
    text(written);
    Slot::Written(place(from), place(written.len()))
}

/// The two digits of a number below 100. A stored value cannot be beyond; a broken packet's shows as another character,
/// which is no date.
#[inline]
fn two(number: u8) -> [u8; 2] {
    [b'0'.wrapping_add(number / 10), b'0' + number % 10]
}

/// `YYYY-MM-DD`, or `YYYY-MM-DD hh:mm:ss` with the fraction that the column has. The protocol leaves out what is zero.
#[inline]
fn write_moment(out: &mut Vec<u8>, parts: &[u8], is_date: bool, decimals: u8) {
    let mut all = [0_u8; 11];
    let given = parts.len().min(all.len());
    all[..given].copy_from_slice(&parts[..given]);
    let [low, high, month, day, hour, minute, second, fraction @ ..] = all;
    let year = u16::from_le_bytes([low, high]);
    let century = u8::try_from(year / 100).unwrap_or(u8::MAX);
    let ([a, b], [c, d]) = (two(century), two(u8::try_from(year % 100).unwrap_or(0)));
    let ([m, n], [x, y]) = (two(month), two(day));
    out.extend_from_slice(&[a, b, c, d, b'-', m, n, b'-', x, y]);
    if !is_date {
        let ([h, i], [m, n], [s, t]) = (two(hour), two(minute), two(second));
        out.extend_from_slice(&[b' ', h, i, b':', m, n, b':', s, t]);
        write_fraction(out, u32::from_le_bytes(fraction), decimals);
    }
}

/// `[-]hh:mm:ss`, or more digits of hours: days count as hours.
#[inline]
fn write_time(out: &mut Vec<u8>, parts: &[u8], decimals: u8) {
    let mut all = [0_u8; 12];
    let given = parts.len().min(all.len());
    all[..given].copy_from_slice(&parts[..given]);
    let [sign, days0, days1, days2, days3, hour, minute, second, fraction @ ..] = all;
    if sign == 1 {
        out.push(b'-');
    }
    let hours = u64::from(u32::from_le_bytes([days0, days1, days2, days3])) * 24 + u64::from(hour);
    if let Ok(hours) = u8::try_from(hours)
        && hours < 100
    {
        out.extend_from_slice(&two(hours));
    } else {
        out.extend_from_slice(hours.to_string().as_bytes());
    }
    let ([m, n], [s, t]) = (two(minute), two(second));
    out.extend_from_slice(&[b':', m, n, b':', s, t]);
    write_fraction(out, u32::from_le_bytes(fraction), decimals);
}

/// The fraction of a second with so many digits; 31 stands for as many as there are, as in the answer of an expression.
#[inline]
fn write_fraction(out: &mut Vec<u8>, microseconds: u32, decimals: u8) {
    let wanted = match decimals {
        0..=6 => usize::from(decimals),
        _ if microseconds == 0 => 0,
        _ => 6,
    };
    if wanted > 0 {
        let mut digits = [b'0'; 6];
        let mut rest = microseconds;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        out.push(b'.');
        out.extend_from_slice(&digits[..wanted]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(column_type: ColumnType, decimals: u8, value: &[u8]) -> String {
        let format =
            ColumnFormat { column_type, is_unsigned: false, is_binary: false, is_by_position: false, decimals };
        let packet = [&[0, 0][..], value].concat();
        let (mut slots, mut written) = (Vec::new(), Vec::new());
        walk(&packet, &[format], &mut slots, &mut written).unwrap();
        let row = PacketWalk { packet: &packet, written: &written, slots: &slots, formats: &[format] };
        match row.cell(0) {
            Cell::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn dates_and_times_are_written_as_they_are_stored() {
        use ColumnType::{MYSQL_TYPE_DATE, MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIME};
        for (column_type, decimals, value, text) in [
            (MYSQL_TYPE_DATE, 0, &[0][..], "0000-00-00"),
            (MYSQL_TYPE_DATE, 0, &[4, 0xE4, 7, 0, 1], "2020-00-01"),
            (MYSQL_TYPE_DATE, 0, &[4, 0x0F, 0x27, 12, 31], "9999-12-31"),
            (MYSQL_TYPE_DATETIME, 0, &[0], "0000-00-00 00:00:00"),
            (MYSQL_TYPE_DATETIME, 3, &[4, 0xE8, 7, 2, 29], "2024-02-29 00:00:00.000"),
            (MYSQL_TYPE_DATETIME, 6, &[11, 0xE8, 7, 2, 29, 23, 59, 58, 1, 0, 0, 0], "2024-02-29 23:59:58.000001"),
            (MYSQL_TYPE_DATETIME, 3, &[11, 0xE8, 7, 2, 29, 23, 59, 58, 0x18, 0x70, 7, 0], "2024-02-29 23:59:58.487"),
            (MYSQL_TYPE_DATETIME, 31, &[7, 0xE8, 7, 2, 29, 23, 59, 58], "2024-02-29 23:59:58"),
            (MYSQL_TYPE_TIME, 0, &[0], "00:00:00"),
            (MYSQL_TYPE_TIME, 0, &[8, 1, 34, 0, 0, 0, 22, 59, 59], "-838:59:59"),
            (MYSQL_TYPE_TIME, 2, &[12, 0, 0, 0, 0, 0, 1, 2, 3, 0xA0, 0x86, 1, 0], "01:02:03.10"),
        ] {
            assert_eq!(cell(column_type, decimals, value), text);
        }
    }

    #[test]
    fn zeros_that_are_shown_before_a_decimal_are_no_part_of_it() {
        for (digits, number) in [
            ("00001.00", "1.00"),
            ("000.50", "0.50"),
            ("00000", "0"),
            ("99999.99", "99999.99"),
            ("0", "0"),
            ("0.05", "0.05"),
            ("-0.5", "-0.5"),
            ("", ""),
        ] {
            let packet = [&[u8::try_from(digits.len()).unwrap()], digits.as_bytes()].concat();
            assert_eq!(cell(ColumnType::MYSQL_TYPE_NEWDECIMAL, 2, &packet), number);
        }
    }

    #[test]
    fn a_row_that_is_cut_short_is_an_error() {
        let format = |column_type| ColumnFormat {
            column_type,
            is_unsigned: false,
            is_binary: false,
            is_by_position: false,
            decimals: 0,
        };
        let types = [
            ColumnType::MYSQL_TYPE_LONGLONG,
            ColumnType::MYSQL_TYPE_VAR_STRING,
            ColumnType::MYSQL_TYPE_DATE,
            ColumnType::MYSQL_TYPE_TIME,
            ColumnType::MYSQL_TYPE_DOUBLE,
        ];
        let whole: &[u8] =
            &[0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 2, b'a', b'b', 4, 0xE8, 7, 2, 29, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let formats = types.map(format);
        let (mut slots, mut written) = (Vec::new(), Vec::new());
        for length in 0..whole.len() {
            let found = walk(&whole[..length], &formats, &mut slots, &mut written);
            assert_eq!(found.is_ok(), length >= 27, "{length} bytes: {slots:?}");
        }
    }
}
