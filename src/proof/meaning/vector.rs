//! Vectors of single-precision numbers, compared bit by bit: the source has them least byte first, the target in a `real[]` or
//! in a `vector` of pgvector, greatest byte first.

use super::unfit::{CLASS, NOT_A_VECTOR, Unfit};
use super::value::{ConvertedBytes, Value};
use crate::value::Cell;

/// Type of the target's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VectorKind {
    /// `real[]`
    Reals,
    /// `vector`, of so many elements or of any number.
    Vector(Option<u16>),
}

impl VectorKind {
    /// Meaning of a stored value.
    pub(super) fn of_stored<'a>(self, cell: Cell<'_>, made: &'a mut ConvertedBytes) -> Result<Value<'a>, Unfit> {
        let Cell::Blob(bytes) = cell else { return Err(CLASS) };
        let (numbers, rest) = bytes.as_chunks::<4>();
        let is_taken = match self {
            VectorKind::Reals => true,
            VectorKind::Vector(wanted) => {
                let is_finite = |number: &[u8; 4]| f32::from_le_bytes(*number).is_finite();
                (1..=16_000).contains(&numbers.len())
                    && wanted.is_none_or(|wanted| numbers.len() == usize::from(wanted))
                    && numbers.iter().all(is_finite)
            }
        };
        if !rest.is_empty() || !is_taken {
            return Err(NOT_A_VECTOR);
        }
        made.begin();
        numbers.iter().for_each(|number| made.push(number));
        Ok(made.bytes())
    }

    /// Meaning of a field of the target.
    pub(super) fn of_field<'a>(self, field: &[u8], made: &'a mut ConvertedBytes) -> Option<Value<'a>> {
        made.begin();
        match self {
            VectorKind::Vector(_) => {
                let (head, numbers) = field.split_first_chunk::<4>()?;
                let (numbers, rest) = numbers.as_chunks::<4>();
                let says = usize::from(u16::from_be_bytes([head[0], head[1]]));
                if says != numbers.len() || !rest.is_empty() || head[2..] != [0, 0] {
                    return None;
                }
                numbers.iter().for_each(|number| push(*number, made));
            }
            VectorKind::Reals => {
                let (words, rest) = field.as_chunks::<4>();
                let words = words.iter().map(|word| i32::from_be_bytes(*word)).collect::<Vec<_>>();
                // Dimensions, no NULL, the oid of `real`; length and lower bound; each element behind its length.
                match words.as_slice() {
                    _ if !rest.is_empty() => return None,
                    [0, 0, 700] => {}
                    [1, 0, 700, length, 1, elements @ ..] => {
                        let (elements, rest) = elements.as_chunks::<2>();
                        if !rest.is_empty() || i32::try_from(elements.len()) != Ok(*length) {
                            return None;
                        }
                        for [size, element] in elements {
                            if *size != 4 {
                                return None;
                            }
                            push(element.to_be_bytes(), made);
                        }
                    }
                    _ => return None,
                }
            }
        }
        Some(made.bytes())
    }
}

fn push(number: [u8; 4], made: &mut ConvertedBytes) {
    made.push(&f32::from_be_bytes(number).to_bits().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_the_same_from_both_sides() {
        let (mut one, mut other) = (ConvertedBytes::default(), ConvertedBytes::default());
        let stored = [0.1_f32, -0.0].map(f32::to_le_bytes).concat();
        let numbers = [0.1_f32, -0.0].map(f32::to_be_bytes);
        let vector = [&[0, 2, 0, 0][..], &numbers.concat()].concat();
        let header = [1, 0, 700, 2, 1].map(i32::to_be_bytes).concat();
        let length = 4_i32.to_be_bytes();
        let reals = [&header[..], &length, &numbers[0], &length, &numbers[1]].concat();
        for (kind, field) in [(VectorKind::Vector(Some(2)), vector), (VectorKind::Reals, reals)] {
            let source = kind.of_stored(Cell::Blob(&stored), &mut one).unwrap();
            assert_eq!(kind.of_field(&field, &mut other), Some(source));
            assert_eq!(kind.of_field(&field[..field.len() - 4], &mut other), None);
        }
        assert_eq!(VectorKind::Vector(Some(3)).of_stored(Cell::Blob(&stored), &mut one), Err(NOT_A_VECTOR));
        assert_eq!(VectorKind::Vector(None).of_stored(Cell::Blob(b""), &mut one), Err(NOT_A_VECTOR));
        assert!(VectorKind::Reals.of_stored(Cell::Blob(b""), &mut one).is_ok());
        assert_eq!(VectorKind::Reals.of_stored(Cell::Blob(b"abc"), &mut one), Err(NOT_A_VECTOR));
    }
}
