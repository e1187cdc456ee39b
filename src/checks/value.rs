//! Meaning of values in both sides' answers: equal values, and only these, have the same canonical bytes.
//!
//! Numbers are exact decimals, whatever their types: an integer, a numeric, and a binary number by the shortest decimal
//! that leads back to it, as both systems print it. A boolean is the number 0 or 1, as which sources keep it. Text is
//! text: `'01'` is neither 1 nor `'1'`. Everything else of PostgreSQL is the text that it prints.

use crate::source::Row;
use crate::target::ServerType;
use crate::value::Cell;
use std::borrow::Cow;
use std::io::Write as _;

/// Interpretation of a column of PostgreSQL's answer, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnReading {
    /// An integer or a numeric.
    Decimal,
    /// `real`
    Real,
    /// `double precision`
    Double,
    /// `boolean`
    Boolean,
    /// `bytea`, printed in hexadecimal.
    Bytes,
    /// Everything else.
    Text,
}

/// Value in canonical bytes, and as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnswerValue<'a> {
    /// Canonical bytes, with the kind in the first. Equal values have equal bytes.
    pub(super) canonical: Cow<'a, [u8]>,
    kind: u8,
}

const NULL: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

impl ColumnReading {
    /// Interpretation of a column's type.
    pub(super) fn of(column: &ServerType) -> Self {
        match *column {
            ServerType::INT2 | ServerType::INT4 | ServerType::INT8 | ServerType::NUMERIC | ServerType::OID => {
                Self::Decimal
            }
            ServerType::FLOAT4 => Self::Real,
            ServerType::FLOAT8 => Self::Double,
            ServerType::BOOL => Self::Boolean,
            ServerType::BYTEA => Self::Bytes,
            _ => Self::Text,
        }
    }

    /// Value of a text that PostgreSQL prints.
    pub(super) fn value(self, printed: Option<&str>) -> AnswerValue<'_> {
        let Some(printed) = printed else { return AnswerValue::null() };
        match self {
            Self::Decimal => AnswerValue::number(printed),
            // PostgreSQL and Rust may print different digits of the same binary number; one of them prints both sides.
            Self::Real => AnswerValue::number(
                &printed.parse::<f32>().map_or_else(|_| printed.to_owned(), |real| real.to_string()),
            ),
            Self::Double => AnswerValue::double(printed.parse().unwrap_or(f64::NAN)),
            Self::Boolean => AnswerValue::number(if printed == "t" { "1" } else { "0" }),
            Self::Bytes => AnswerValue::of(BYTES, printed.strip_prefix("\\x").unwrap_or(printed).as_bytes()),
            Self::Text => AnswerValue::of(TEXT, printed.as_bytes()),
        }
    }
}

impl<'a> AnswerValue<'a> {
    fn of(kind: u8, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { canonical: bytes.into(), kind }
    }

    fn null() -> Self {
        Self::of(NULL, &[][..])
    }

    /// Number in text: `-1.50e3`, `NaN`, `Infinity`.
    pub(super) fn number(written: &str) -> Self {
        Self::of(NUMBER, decimal(written).into_bytes())
    }

    fn double(double: f64) -> Self {
        // The shortest decimal that reads back as the same double.
        Self::number(&format!("{double:e}"))
    }

    /// Value at a position of a source's row.
    pub(super) fn of_source(row: &'a Row<'a>, position: usize) -> Self {
        match row.cell(position) {
            Cell::Text(digits) if row.is_number_in_text(position) => Self::number(&String::from_utf8_lossy(digits)),
            cell => Self::of_cell(cell),
        }
    }

    /// Value of a source's cell.
    pub(super) fn of_cell(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Null => Self::null(),
            Cell::Integer(integer) => Self::number(&integer.to_string()),
            Cell::Real(real) => Self::double(real),
            Cell::Text(text) => Self::of(TEXT, text),
            Cell::Blob(bytes) => Self::of(BYTES, hex::encode(bytes).into_bytes()),
        }
    }

    /// Appends the bytes by which rows are compared: the values of a row stay apart.
    pub(super) fn write(&self, row: &mut Vec<u8>) {
        row.push(self.kind);
        row.extend_from_slice(&(self.canonical.len() as u64).to_be_bytes());
        row.extend_from_slice(&self.canonical);
    }

    /// Kind of value in a word, for differing values that look alike.
    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            NULL => "NULL",
            NUMBER => "number",
            BYTES => "bytes",
            _ => "text",
        }
    }
}

/// Canonical decimal: its sign, its digits without zeros at either end, and the power of ten of the last of them. 1.50,
/// 15e-1 and 1.5 are `15e-1`. Text that is no decimal stays as it is written.
pub(crate) fn decimal(written: &str) -> String {
    let (is_negative, rest) = match written.strip_prefix(['-', '+']) {
        Some(rest) => (written.starts_with('-'), rest),
        None => (false, written),
    };
    let sign = if is_negative { "-" } else { "" };
    if ["inf", "infinity"].iter().any(|word| rest.eq_ignore_ascii_case(word)) {
        return format!("{sign}Infinity");
    }
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let (Ok(exponent), true) =
        (exponent.parse::<i64>(), !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
    else {
        return written.to_owned();
    };
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let power = i128::from(exponent) - fraction.len() as i128 + (digits.len() - significant.len()) as i128;
    let mut canonical = Vec::with_capacity(significant.len() + 24);
    // Writing to a Vec cannot fail.
    let _infallible = write!(canonical, "{sign}{significant}e{power}");
    String::from_utf8(canonical).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(reading: ColumnReading, printed: &str) -> AnswerValue<'_> {
        reading.value(Some(printed))
    }

    #[test]
    fn numbers_are_exact_whatever_their_types() {
        use ColumnReading::{Boolean, Decimal, Double, Real, Text};
        for (source, reading, printed) in [
            (Cell::Integer(5), Decimal, "5.00"),
            (Cell::Integer(-500), Double, "-500"),
            (Cell::Integer(i64::MIN), Decimal, "-9223372036854775808"),
            (Cell::Integer(0), Double, "-0"),
            (Cell::Integer(1), Boolean, "t"),
            (Cell::Integer(0), Boolean, "f"),
            (Cell::Real(0.1), Double, "0.1"),
            (Cell::Real(0.1), Decimal, "0.10"),
            (Cell::Real(0.1), Real, "0.1"),
            (Cell::Real(1e300), Double, "1e+300"),
            (Cell::Real(5e-324), Double, "4.94065645841247e-324"),
            (Cell::Real(f64::INFINITY), Double, "Infinity"),
            (Cell::Real(100.0), Decimal, "100"),
            (Cell::Text(b"01"), Text, "01"),
        ] {
            assert_eq!(AnswerValue::of_cell(source), target(reading, printed), "{source:?} {printed}");
        }
        for (source, reading, printed) in [
            (Cell::Integer(9_007_199_254_740_993), Decimal, "9007199254740992"),
            (Cell::Integer(9_007_199_254_740_993), Double, "9007199254740992"),
            (Cell::Real(0.1), Decimal, "0.1000000000000000055511151231257827"),
            (Cell::Integer(1), Text, "1"),
            (Cell::Integer(1), Boolean, "f"),
            (Cell::Text(b"1"), Decimal, "1"),
            (Cell::Text(b"1e2"), Text, "100"),
            (Cell::Text(b"4929123412341234567"), Text, "4929123412341234568"),
            (Cell::Text(b"\\x00"), ColumnReading::Bytes, "\\x00"),
            (Cell::Null, Text, ""),
            (Cell::Null, Decimal, "0"),
        ] {
            assert_ne!(AnswerValue::of_cell(source), target(reading, printed), "{source:?} {printed}");
        }
        assert_eq!(AnswerValue::of_cell(Cell::Blob(&[0])), target(ColumnReading::Bytes, "\\x00"));
    }
}
