//! Whole numbers in any storage class.

use crate::value::{BadValue, Cell, float};
use std::num::IntErrorKind;

const INTEGER: &str = "an integer";

/// The whole number that a cell holds: an integer, a real without a fraction, or text that is an integer in decimal
/// digits with white space around, as PostgreSQL's `int8in` reads it. `name` is the target's type, for the message.
///
/// # Errors
/// The cell is no whole number, or does not fit 64 bits.
#[inline]
pub fn from_cell(cell: Cell<'_>, name: &'static str) -> Result<i64, BadValue> {
    match cell {
        Cell::Integer(number) => Ok(number),
        Cell::Real(number) => from_real(number, name),
        Cell::Text(text) => from_text(text, name),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted: INTEGER }),
    }
}

/// As [`from_cell`], in a type with fewer bits.
///
/// # Errors
/// The cell is no whole number, or does not fit.
#[inline]
pub fn narrow<Narrow: TryFrom<i64>>(cell: Cell<'_>, name: &'static str) -> Result<Narrow, BadValue> {
    Narrow::try_from(from_cell(cell, name)?).map_err(|_| BadValue::Range { wanted: name })
}

fn from_real(number: f64, name: &'static str) -> Result<i64, BadValue> {
    // The fraction of an infinity is NaN, but its error is one of range.
    let is_whole = number.fract() == 0.0 || number.is_infinite();
    let bad = if is_whole { BadValue::Range { wanted: name } } else { BadValue::Fraction { wanted: INTEGER } };
    float::integer_from_double(number).ok_or(bad)
}

fn from_text(text: &[u8], name: &'static str) -> Result<i64, BadValue> {
    let syntax = BadValue::Syntax { wanted: INTEGER };
    let digits = std::str::from_utf8(text.trim_ascii()).map_err(|_| syntax)?;
    digits.parse::<i64>().map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => BadValue::Range { wanted: name },
        _ => syntax,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_every_class() {
        let bigint = |cell| from_cell(cell, "bigint");
        assert_eq!(bigint(Cell::Integer(7)), Ok(7));
        assert_eq!(bigint(Cell::Real(-7.0)), Ok(-7));
        assert_eq!(bigint(Cell::Text(b" +7\n")), Ok(7));
        assert_eq!(bigint(Cell::Real(0.5)), Err(BadValue::Fraction { wanted: INTEGER }));
        assert_eq!(bigint(Cell::Real(1e19)), Err(BadValue::Range { wanted: "bigint" }));
        assert_eq!(bigint(Cell::Real(f64::INFINITY)), Err(BadValue::Range { wanted: "bigint" }));
        assert_eq!(bigint(Cell::Text(b"9223372036854775808")), Err(BadValue::Range { wanted: "bigint" }));
        for text in ["", "7.0", "7e1", "0x7", "7 7", "seven"] {
            assert_eq!(bigint(Cell::Text(text.as_bytes())), Err(BadValue::Syntax { wanted: INTEGER }), "{text}");
        }
        assert_eq!(narrow::<i16>(Cell::Integer(32_768), "smallint"), Err(BadValue::Range { wanted: "smallint" }));
        assert!(bigint(Cell::Blob(b"7")).is_err());
    }
}
