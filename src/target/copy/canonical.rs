//! Canonical form of each value, in which the source's encoding and the target's answer are compared.

use super::numeric;
use crate::catalog::ColumnType;
use crate::value::json;

/// A field that is not what PostgreSQL sends for its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the binary form of {0}")]
pub struct MalformedField(pub ColumnType);

/// Appends the canonical form of a binary field: the same bytes for what PostgreSQL takes as the same value.
///
/// - `numeric`: sign, weight and digits, without the scale (1.5 and 1.50 are one value) and without zeros at the ends;
/// - `char(n)`: without the spaces at the end;
/// - `real`, `double precision`: the bits, with one form of NaN; 0 and -0 stay apart;
/// - `jsonb`: [`json::canonical`] after the version byte, for PostgreSQL orders keys and drops duplicates on its own;
/// - every other type, `json` included (PostgreSQL keeps its text): the bytes as they are.
///
/// # Errors
/// When the field is not the binary form of the type; nothing is appended then.
pub fn canonical(column_type: &ColumnType, field: &[u8], out: &mut Vec<u8>) -> Result<(), MalformedField> {
    let malformed = || MalformedField(column_type.clone());
    match column_type {
        ColumnType::Numeric(_) => numeric::NumericField::parse(field).ok_or_else(malformed)?.write_canonical(out),
        ColumnType::Char(_) => {
            let end = field.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
            out.extend_from_slice(&field[..end]);
        }
        ColumnType::Real => {
            let number = f32::from_be_bytes(field.try_into().map_err(|_| malformed())?);
            out.extend_from_slice(&if number.is_nan() { f32::NAN } else { number }.to_be_bytes());
        }
        ColumnType::DoublePrecision => {
            let number = f64::from_be_bytes(field.try_into().map_err(|_| malformed())?);
            out.extend_from_slice(&if number.is_nan() { f64::NAN } else { number }.to_be_bytes());
        }
        ColumnType::Jsonb => {
            let text = field.strip_prefix(&[1]).ok_or_else(malformed)?;
            json::canonical(text, out).map_err(|_| malformed())?;
        }
        _ => out.extend_from_slice(field),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(column_type: &ColumnType, field: &[u8]) -> Result<Vec<u8>, MalformedField> {
        let mut out = Vec::new();
        canonical(column_type, field, &mut out).map(|()| out)
    }

    #[test]
    fn one_form_for_each_value() {
        assert_eq!(form(&ColumnType::Char(4), b"ab  "), Ok(b"ab".to_vec()));
        assert_eq!(form(&ColumnType::Text, b"ab  "), Ok(b"ab  ".to_vec()));
        let double = |number: f64| form(&ColumnType::DoublePrecision, &number.to_be_bytes());
        assert_eq!(double(f64::NAN), double(-f64::NAN));
        assert_ne!(double(0.0), double(-0.0));
        let document = |text: &str| form(&ColumnType::Jsonb, &[b"\x01", text.as_bytes()].concat());
        assert_eq!(document(r#"{"b": 1.0, "a": 2}"#), document(r#"{"a":2,"b":1}"#));
    }

    #[test]
    fn refuses_what_is_not_of_the_type() {
        for column_type in [ColumnType::Real, ColumnType::Numeric(None), ColumnType::Jsonb] {
            assert_eq!(form(&column_type, b"{}{}{}{}{}"), Err(MalformedField(column_type)));
        }
    }
}
