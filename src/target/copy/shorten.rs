//! Values of which the spec lets a column keep fewer digits (`fraction`): written shortened, and told apart for those who
//! count them.

use super::ColumnEncoder;
use super::numeric::{Modifier, from_text};
use crate::value::decimal::{Decimal, ShortDecimal};
use crate::value::{BadValue, Cell, FractionTreatment, float};

impl ColumnEncoder {
    /// As [`ColumnEncoder::encode`], and whether the value was shortened, which is asked of no column that keeps all digits.
    ///
    /// # Errors
    /// When the column's type cannot hold the value, or would forget something of it that no word allows.
    #[inline]
    pub fn encode_noting(&self, cell: Cell<'_>, out: &mut Vec<u8>) -> Result<bool, BadValue> {
        match &self.exact {
            None => self.encode(cell, out).map(|()| false),
            Some(exact) => match exact.encode(cell, out) {
                Err(bad) if bad.decided_by() == Some("fraction") => self.encode(cell, out).map(|()| true),
                written => written.map(|()| false),
            },
        }
    }

    /// Whether the spec lets the column shorten values.
    #[must_use]
    pub fn may_shorten(&self) -> bool {
        self.exact.is_some()
    }
}

/// Appends a number without its digits beyond the scale.
pub(super) fn numeric(
    cell: Cell<'_>,
    scale: i16,
    modifier: Modifier,
    beyond: FractionTreatment,
    out: &mut Vec<u8>,
) -> Result<(), BadValue> {
    let mut printed = [0; 24];
    let short;
    let text = match cell {
        Cell::Integer(number) => {
            let length = write_integer(number, &mut printed);
            &printed[..length]
        }
        Cell::Real(number) => {
            short = ShortDecimal::of(number);
            short.as_bytes()
        }
        Cell::Text(text) => text,
        Cell::Null | Cell::Blob(_) => &[],
    };
    let decimal = Decimal::parse(text).ok_or(BadValue::Syntax { wanted: "a number" })?;
    from_text(decimal.shortened(i32::from(scale), beyond).as_bytes(), modifier, out)
}

/// The single of a number: the nearest one, where no single is exactly it and the spec lets the column round.
pub(super) fn real(cell: Cell<'_>, beyond: FractionTreatment) -> Result<f32, BadValue> {
    let exact = match cell {
        Cell::Real(number) => float::real_from_double(number),
        Cell::Integer(number) => float::real_from_integer(number),
        Cell::Text(text) => float::real_from_text(text),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted: "a number" }),
    };
    match exact {
        Err(BadValue::Rounding { .. }) if beyond == FractionTreatment::Round => nearest_real(cell),
        exact => exact,
    }
}

/// The single nearest to a number that none is exactly. Zero is near to nothing: PostgreSQL refuses such a number as out of range.
fn nearest_real(cell: Cell<'_>) -> Result<f32, BadValue> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the spec lets the column round")]
    let single = match cell {
        Cell::Real(number) => number as f32,
        Cell::Integer(number) => number as f32,
        Cell::Text(text) => {
            let number = std::str::from_utf8(text.trim_ascii()).ok().and_then(|text| text.parse().ok());
            number.ok_or(BadValue::Syntax { wanted: "a number" })?
        }
        Cell::Null | Cell::Blob(_) => 0.0,
    };
    if single == 0.0 { Err(BadValue::Range { wanted: "real" }) } else { Ok(single) }
}

/// Writes the decimal digits of a whole number, of which 20 are the most, and says how many bytes they are.
fn write_integer(number: i64, room: &mut [u8; 24]) -> usize {
    let text = number.to_string();
    room[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ColumnType;
    use crate::value::{Forgetting, Reading, Zone};

    #[test]
    fn a_real_is_rounded_to_the_nearest_where_the_spec_says_so() {
        let kept = |beyond, cell: Cell<'static>| {
            let forgets = Forgetting { fraction: beyond, ..Forgetting::default() };
            let encoder = ColumnEncoder::forgetting(&ColumnType::Real, Reading::Stored, &Zone::UTC, forgets).unwrap();
            let mut out = Vec::new();
            let shortened = encoder.encode_noting(cell, &mut out)?;
            Ok::<_, BadValue>((shortened, f32::from_be_bytes(out[4..].try_into().unwrap())))
        };
        let third = 1.0 / 3.0;
        for (cell, nearest) in [
            (Cell::Real(third), 0.333_333_34),
            (Cell::Real(-third), -0.333_333_34),
            (Cell::Integer(16_777_217), 16_777_216.0),
            (Cell::Text(b" 0.3333333333333333 "), 0.333_333_34),
        ] {
            assert_eq!(kept(FractionTreatment::Round, cell), Ok((true, nearest)), "{cell:?}");
            assert_eq!(kept(FractionTreatment::Refused, cell), Err(BadValue::Rounding { wanted: "real" }), "{cell:?}");
        }
        assert_eq!(kept(FractionTreatment::Round, Cell::Real(0.1)), Ok((false, 0.1)), "nothing is lost");
        assert_eq!(kept(FractionTreatment::Round, Cell::Real(1e-60)), Err(BadValue::Range { wanted: "real" }));
        assert_eq!(kept(FractionTreatment::Round, Cell::Real(1e60)), Err(BadValue::Range { wanted: "real" }));
    }

    #[test]
    fn digits_are_cut_or_rounded_as_postgresql_does_it() {
        let kept = |column_type: &str, beyond, cell: Cell<'static>| {
            let forgets = Forgetting { fraction: beyond, ..Forgetting::default() };
            let encoder =
                ColumnEncoder::forgetting(&column_type.parse().unwrap(), Reading::Stored, &Zone::UTC, forgets).unwrap();
            let (mut out, mut plain) = (Vec::new(), Vec::new());
            let shortened = encoder.encode_noting(cell, &mut out)?;
            encoder.encode(cell, &mut plain)?;
            assert_eq!(out, plain);
            Ok::<_, BadValue>((shortened, out))
        };
        let exactly = |column_type: &str, text: &'static str| {
            kept(column_type, FractionTreatment::Refused, Cell::Text(text.as_bytes()))
        };
        for (column_type, cell, cut, rounded) in [
            ("numeric(6,2)", Cell::Text(b"1.255"), "1.25", "1.26"),
            ("numeric(6,2)", Cell::Text(b"-1.255"), "-1.25", "-1.26"),
            ("numeric(6,2)", Cell::Real(0.005), "0", "0.01"),
            ("numeric(6,2)", Cell::Real(0.0004), "0", "0"),
            ("numeric(6,2)", Cell::Text(b"9.999"), "9.99", "10"),
            ("numeric(6,2)", Cell::Text(b"99.9951"), "99.99", "100"),
            ("numeric(3,-2)", Cell::Integer(1250), "1200", "1300"),
            ("numeric(4)", Cell::Text(b"1000.5"), "1000", "1001"),
        ] {
            for (beyond, expected) in [(FractionTreatment::Truncate, cut), (FractionTreatment::Round, rounded)] {
                let (shortened, bytes) = kept(column_type, beyond, cell).unwrap();
                assert!(shortened, "{cell:?}");
                assert_eq!(bytes, exactly(column_type, expected).unwrap().1, "{cell:?} {beyond:?}");
            }
            assert!(kept(column_type, FractionTreatment::Refused, cell).is_err());
        }
        assert!(!kept("numeric(6,2)", FractionTreatment::Round, Cell::Text(b"1.250")).unwrap().0, "nothing is lost");
        assert!(
            kept("numeric(3,2)", FractionTreatment::Round, Cell::Text(b"9.999")).is_err(),
            "10.00 has too many digits"
        );
        let time =
            kept("timestamptz", FractionTreatment::Truncate, Cell::Text(b"2024-01-01 00:00:00.1234567")).unwrap();
        assert!(time.0);
        assert!(
            !kept("timestamptz", FractionTreatment::Truncate, Cell::Text(b"2024-01-01 00:00:00.123456")).unwrap().0
        );
    }
}
