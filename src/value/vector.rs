//! Vectors of single-precision numbers, stored one after the other, least byte first: MySQL's and MariaDB's VECTOR.

use crate::value::{BadValue, StorageClass};

/// Content of a column, with its article, for [`BadValue`].
pub const VECTOR: &str = "a vector";

/// The most elements of pgvector's `vector` (`VECTOR_MAX_DIM`).
const MOST_ELEMENTS: usize = 16_000;

fn elements(stored: &[u8]) -> Result<impl ExactSizeIterator<Item = [u8; 4]>, BadValue> {
    let (elements, rest) = stored.as_chunks::<4>();
    let malformed = BadValue::Class { found: StorageClass::Blob, wanted: VECTOR };
    if rest.is_empty() { Ok(elements.iter().copied()) } else { Err(malformed) }
}

/// Appends the binary form of pgvector's `vector` (`vector_send` in its `src/vector.c`): number of elements, nothing, elements.
/// `wanted` is the only number of elements that the column takes.
///
/// # Errors
/// The bytes are no vector, or one that pgvector refuses.
pub fn write_vector(stored: &[u8], wanted: Option<u16>, out: &mut Vec<u8>) -> Result<(), BadValue> {
    let elements = elements(stored)?;
    let number =
        u16::try_from(elements.len()).ok().filter(|number| (1..=MOST_ELEMENTS).contains(&usize::from(*number)));
    let number = number.ok_or(BadValue::Range { wanted: "vector: it has no element, or more than 16,000" })?;
    if wanted.is_some_and(|wanted| wanted != number) {
        return Err(BadValue::Range { wanted: "vector: it has another number of elements" });
    }
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    for element in elements {
        if !f32::from_le_bytes(element).is_finite() {
            return Err(BadValue::Range { wanted: "vector: an element is not a finite number" });
        }
        out.extend(element.iter().rev());
    }
    Ok(())
}

/// Appends the binary form of `real[]` (`array_send` in PostgreSQL's `utils/adt/arrayfuncs.c`); 700 is the oid of `real`.
///
/// # Errors
/// The bytes are no vector.
pub fn write_reals(stored: &[u8], out: &mut Vec<u8>) -> Result<(), BadValue> {
    let elements = elements(stored)?;
    let length = i32::try_from(elements.len()).map_err(|_| BadValue::TooLarge)?;
    let header = [i32::from(length > 0), 0, 700];
    // The length and the lower bound of the only dimension, where there is one.
    let dimension = if length > 0 { &[length, 1][..] } else { &[] };
    header.iter().chain(dimension).for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
    for element in elements {
        out.extend_from_slice(&4_i32.to_be_bytes());
        out.extend(element.iter().rev());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_their_greatest_byte_first() {
        let stored = [1.0_f32, -0.5].map(f32::to_le_bytes).concat();
        let written = |wanted| {
            let mut out = Vec::new();
            write_vector(&stored, wanted, &mut out).map(|()| hex::encode(out))
        };
        assert_eq!(written(Some(2)), Ok("000200003f800000bf000000".to_owned()));
        assert_eq!(written(None), written(Some(2)));
        assert!(written(Some(3)).is_err());
        let mut out = Vec::new();
        write_reals(&stored, &mut out).unwrap();
        let header = [1, 0, 700, 2, 1].map(i32::to_be_bytes).concat();
        let element = |number: f32| [4_i32.to_be_bytes(), number.to_be_bytes()].concat();
        assert_eq!(out, [header, element(1.0), element(-0.5)].concat());
        out.clear();
        write_reals(b"", &mut out).unwrap();
        assert_eq!(out, [0, 0, 700].map(i32::to_be_bytes).concat());
    }

    #[test]
    fn what_is_no_vector_does_not_fit() {
        for stored in [&b""[..], b"abc", &f32::NAN.to_le_bytes(), &vec![0; 4 * 16_001]] {
            assert!(write_vector(stored, None, &mut Vec::new()).is_err());
        }
        assert!(write_reals(b"abcde", &mut Vec::new()).is_err());
    }
}
