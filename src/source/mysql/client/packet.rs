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
pub(in crate::source::mysql) struct Walk<'row> {
    pub(super) packet: &'row [u8],
    pub(super) written: &'row [u8],
    pub(super) slots: &'row [Slot],
    pub(super) formats: &'row [ColumnFormat],
}

impl<'row> Walk<'row> {
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
    slots.clear();
    written.clear();
    let short = || ClientError::protocol("a row that is cut short");
    // One byte of the packet's kind, then a bit for each column, of which the first two are not used.
    let nulls = packet.get(1..1 + (formats.len() + 9) / 8).ok_or_else(short)?;
    let mut at = 1 + nulls.len();
    for (position, format) in formats.iter().enumerate() {
        let bit = position + 2;
        if nulls[bit / 8] >> (bit % 8) & 1 == 1 {
            slots.push(Slot::Null);
            continue;
        }
        let fixed = |bytes: usize| packet.get(at..at + bytes).ok_or_else(short);
        let (slot, bytes) = match format.column_type {
            ColumnType::MYSQL_TYPE_TINY => {
                let [byte] = array(fixed(1)?);
                let integer = if format.is_unsigned { i64::from(byte) } else { i64::from(byte.cast_signed()) };
                (Slot::Integer(integer), 1)
            }
            ColumnType::MYSQL_TYPE_SHORT | ColumnType::MYSQL_TYPE_YEAR => {
                let short = u16::from_le_bytes(array(fixed(2)?));
                let integer = if format.is_unsigned { i64::from(short) } else { i64::from(short.cast_signed()) };
                (Slot::Integer(integer), 2)
            }
            ColumnType::MYSQL_TYPE_LONG | ColumnType::MYSQL_TYPE_INT24 => {
                let long = u32::from_le_bytes(array(fixed(4)?));
                let integer = if format.is_unsigned { i64::from(long) } else { i64::from(long.cast_signed()) };
                (Slot::Integer(integer), 4)
            }
            ColumnType::MYSQL_TYPE_LONGLONG => {
                let long = u64::from_le_bytes(array(fixed(8)?));
                let slot = match i64::try_from(long) {
                    Ok(integer) => Slot::Integer(integer),
                    Err(_) if format.is_unsigned => {
                        write(written, |out| out.extend_from_slice(long.to_string().as_bytes()))
                    }
                    Err(_) => Slot::Integer(long.cast_signed()),
                };
                (slot, 8)
            }
            ColumnType::MYSQL_TYPE_FLOAT => (Slot::Real(f64::from(f32::from_le_bytes(array(fixed(4)?)))), 4),
            ColumnType::MYSQL_TYPE_DOUBLE => (Slot::Real(f64::from_le_bytes(array(fixed(8)?))), 8),
            ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_DATETIME | ColumnType::MYSQL_TYPE_TIMESTAMP => {
                let bytes = usize::from(fixed(1)?[0]);
                let parts = packet.get(at + 1..at + 1 + bytes).ok_or_else(short)?;
                let is_date = format.column_type == ColumnType::MYSQL_TYPE_DATE;
                (write(written, |out| write_moment(out, parts, is_date, format.decimals)), 1 + bytes)
            }
            ColumnType::MYSQL_TYPE_TIME => {
                let bytes = usize::from(fixed(1)?[0]);
                let parts = packet.get(at + 1..at + 1 + bytes).ok_or_else(short)?;
                (write(written, |out| write_time(out, parts, format.decimals)), 1 + bytes)
            }
            _ => {
                let mut rest = &packet[at.min(packet.len())..];
                let before = rest.len();
                let length = length(&mut rest)?;
                let from = at + (before - rest.len());
                if rest.len() < length {
                    return Err(short());
                }
                (bytes_slot(packet, *format, from, from + length, written), from + length - at)
            }
        };
        slots.push(slot);
        at += bytes;
    }
    Ok(())
}

/// The slot of a value that is sent with its length.
fn bytes_slot(packet: &[u8], format: ColumnFormat, from: usize, to: usize, written: &mut Vec<u8>) -> Slot {
    let (start, end) = (place(from), place(to));
    match format.column_type {
        ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_JSON => {
            Slot::Text(start, end)
        }
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

#[inline]
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
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

/// Writes a number with leading zeros.
fn digits(out: &mut Vec<u8>, number: u32, width: usize) {
    let from = out.len();
    out.resize(from + width, b'0');
    let mut rest = number;
    for digit in out[from..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

/// `YYYY-MM-DD`, or `YYYY-MM-DD hh:mm:ss` with the fraction that the column has. The protocol leaves out what is zero.
fn write_moment(out: &mut Vec<u8>, parts: &[u8], is_date: bool, decimals: u8) {
    let at = |position: usize| u32::from(parts.get(position).copied().unwrap_or(0));
    digits(out, at(0) | at(1) << 8, 4);
    out.push(b'-');
    digits(out, at(2), 2);
    out.push(b'-');
    digits(out, at(3), 2);
    if is_date {
        return;
    }
    out.push(b' ');
    clock(out, at(4), at(5), at(6));
    fraction(out, microseconds(parts, 7), decimals);
}

/// `[-]hhh:mm:ss`, days as hours.
fn write_time(out: &mut Vec<u8>, parts: &[u8], decimals: u8) {
    let at = |position: usize| u32::from(parts.get(position).copied().unwrap_or(0));
    if at(0) == 1 {
        out.push(b'-');
    }
    let days = microseconds(parts, 1);
    clock(out, days * 24 + at(5), at(6), at(7));
    fraction(out, microseconds(parts, 8), decimals);
}

/// Four bytes of an integer; zero if they were left out.
fn microseconds(parts: &[u8], at: usize) -> u32 {
    parts.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes(array(bytes)))
}

fn clock(out: &mut Vec<u8>, hours: u32, minutes: u32, seconds: u32) {
    digits(out, hours, if hours > 99 { 3 } else { 2 });
    out.push(b':');
    digits(out, minutes, 2);
    out.push(b':');
    digits(out, seconds, 2);
}

fn fraction(out: &mut Vec<u8>, microseconds: u32, decimals: u8) {
    let wanted = if decimals > 6 { if microseconds == 0 { 0 } else { 6 } } else { usize::from(decimals) };
    if wanted > 0 {
        out.push(b'.');
        let from = out.len();
        digits(out, microseconds, 6);
        out.truncate(from + wanted);
    }
}
