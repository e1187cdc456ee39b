//! Spatial values of both sides, brought to one form: SRID, then each part with its type, counts and coordinates.
//!
//! The source has an SRID and WKB, the target EWKB (`geometry_send`), of which each part says the order of its bytes.

use super::unfit::{CLASS, NOT_SPATIAL, OUTSIDE_EARTH, SHAPE, SRID, Unfit};
use super::value::{ConvertedBytes, Value};
use crate::value::Cell;

/// Parts within parts that are followed.
const DEEPEST: usize = 100;

/// Bits of a type in EWKB for Z, M and an SRID.
const FLAGS: u32 = 0xe000_0000;
const WITH_SRID: u32 = 0x2000_0000;

/// Meaning of a stored value.
pub(super) fn of_stored<'a>(cell: Cell<'_>, on_earth: bool, made: &'a mut ConvertedBytes) -> Result<Value<'a>, Unfit> {
    let Cell::Blob(bytes) = cell else { return Err(CLASS) };
    let mut form = SpatialForm { bytes, made, on_earth, is_checked: true };
    let srid = form.word(false)?;
    form.made.begin();
    form.made.push(&srid.to_le_bytes());
    if srid > 999_999 || (on_earth && srid != 4326) {
        return Err(SRID);
    }
    form.part(DEEPEST, 0, false)?;
    form.end()?;
    Ok(made.bytes())
}

/// Meaning of a field of the target.
pub(super) fn of_field<'a>(field: &[u8], made: &'a mut ConvertedBytes) -> Option<Value<'a>> {
    made.begin();
    let head: [u8; 9] = field.get(..9).unwrap_or(&[0; 9]).try_into().ok()?;
    let [order, kind @ ..] = head;
    let word = |bytes: [u8; 4]| if order == 0 { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let [a, b, c, d, e, f, g, h] = kind;
    let srid = if word([a, b, c, d]) & WITH_SRID == 0 { 0 } else { word([e, f, g, h]) };
    made.push(&srid.to_le_bytes());
    let mut form = SpatialForm { bytes: field, made, on_earth: false, is_checked: false };
    form.part(DEEPEST, 0, true).and_then(|()| form.end()).ok()?;
    Some(made.bytes())
}

struct SpatialForm<'a, 'm> {
    bytes: &'a [u8],
    made: &'m mut ConvertedBytes,
    on_earth: bool,
    /// Whether a shape that the target does not take is refused.
    is_checked: bool,
}

impl SpatialForm<'_, '_> {
    fn chunk<const N: usize>(&mut self, is_reversed: bool) -> Result<[u8; N], Unfit> {
        let (head, rest) = self.bytes.split_at_checked(N).ok_or(NOT_SPATIAL)?;
        self.bytes = rest;
        let mut chunk: [u8; N] = head.try_into().map_err(|_| NOT_SPATIAL)?;
        if is_reversed {
            chunk.reverse();
        }
        Ok(chunk)
    }

    fn word(&mut self, is_reversed: bool) -> Result<u32, Unfit> {
        Ok(u32::from_le_bytes(self.chunk(is_reversed)?))
    }

    /// One value; `of` is the type of which it is a part, 0 for the whole and 7 for any.
    fn part(&mut self, deep: usize, of: u32, may_have_srid: bool) -> Result<(), Unfit> {
        let [order] = self.chunk(false)?;
        let is_reversed = order == 0;
        if order > 1 || deep == 0 || (self.is_checked && is_reversed) {
            return Err(NOT_SPATIAL);
        }
        let mut kind = self.word(is_reversed)?;
        if kind & FLAGS == WITH_SRID && may_have_srid {
            self.word(is_reversed)?;
            kind &= !FLAGS;
        }
        if (4..7).contains(&of) && kind + 3 != of {
            return Err(NOT_SPATIAL);
        }
        self.made.push(&kind.to_le_bytes());
        match kind {
            1 => self.coordinates(1, is_reversed).map(drop),
            2 => {
                let points = self.count(is_reversed)?;
                self.coordinates(points, is_reversed)?;
                if points < 2 { Err(SHAPE) } else { Ok(()) }
            }
            3 => {
                for _ in 0..self.count(is_reversed)? {
                    let points = self.count(is_reversed)?;
                    let is_closed = self.coordinates(points, is_reversed)?;
                    if points < 4 || !is_closed {
                        return Err(SHAPE);
                    }
                }
                Ok(())
            }
            4..=7 => {
                for _ in 0..self.count(is_reversed)? {
                    self.part(deep - 1, kind, false)?;
                }
                Ok(())
            }
            _ => Err(NOT_SPATIAL),
        }
    }

    fn count(&mut self, is_reversed: bool) -> Result<u32, Unfit> {
        let count = self.word(is_reversed)?;
        self.made.push(&count.to_le_bytes());
        Ok(count)
    }

    /// Reads this number of points; returns whether the last equals the first.
    fn coordinates(&mut self, points: u32, is_reversed: bool) -> Result<bool, Unfit> {
        let (mut start, mut here) = (None, [0.0, 0.0]);
        for _ in 0..points {
            for (axis, greatest) in here.iter_mut().zip([180.0, 90.0]) {
                *axis = f64::from_le_bytes(self.chunk(is_reversed)?);
                if axis.is_nan() {
                    return Err(SHAPE);
                }
                if self.on_earth && axis.abs() > greatest {
                    return Err(OUTSIDE_EARTH);
                }
                self.made.push(&axis.to_le_bytes());
            }
            start.get_or_insert(here);
        }
        Ok(start.is_none_or(|start| start == here))
    }

    fn end(&self) -> Result<(), Unfit> {
        if self.bytes.is_empty() { Ok(()) } else { Err(NOT_SPATIAL) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(value: Value<'_>) -> String {
        value.words()
    }

    #[test]
    fn a_shape_is_the_same_from_both_sides_and_in_either_order_of_bytes() {
        let point = |order: u8, kind: u32, srid: Option<u32>| {
            let word = |number: u32| if order == 1 { number.to_le_bytes() } else { number.to_be_bytes() };
            let axis = |number: f64| if order == 1 { number.to_le_bytes() } else { number.to_be_bytes() };
            let srid = srid.map(|srid| word(srid).to_vec()).unwrap_or_default();
            [&[order][..], &word(kind), &srid, &axis(13.4), &axis(52.5)].concat()
        };
        let stored = [&4326_u32.to_le_bytes()[..], &point(1, 1, None)].concat();
        let (mut one, mut other) = (ConvertedBytes::default(), ConvertedBytes::default());
        let source = words(of_stored(Cell::Blob(&stored), true, &mut one).unwrap());
        for order in [0, 1] {
            let field = point(order, 1 | WITH_SRID, Some(4326));
            assert_eq!(of_field(&field, &mut other).map(words), Some(source.clone()));
            assert_ne!(of_field(&point(order, 1, None), &mut other).map(words), Some(source.clone()));
            assert_eq!(of_field(&field[..field.len() - 1], &mut other), None);
        }
    }

    #[test]
    fn what_the_target_does_not_take_is_unfit() {
        let mut made = ConvertedBytes::default();
        let stored = |srid: u32, wkb: &[u8]| [&srid.to_le_bytes()[..], wkb].concat();
        let point = [&[1, 1, 0, 0, 0][..], &181_f64.to_le_bytes(), &1_f64.to_le_bytes()].concat();
        assert_eq!(of_stored(Cell::Blob(&stored(4326, &point)), true, &mut made), Err(OUTSIDE_EARTH));
        assert!(of_stored(Cell::Blob(&stored(4326, &point)), false, &mut made).is_ok());
        assert_eq!(of_stored(Cell::Blob(&stored(0, &point)), true, &mut made), Err(SRID));
        assert_eq!(of_stored(Cell::Blob(&stored(1_000_000, &point)), false, &mut made), Err(SRID));
        let line = [&[1, 2, 0, 0, 0, 1, 0, 0, 0][..], &point[5..]].concat();
        assert_eq!(of_stored(Cell::Blob(&stored(0, &line)), false, &mut made), Err(SHAPE));
        let ring = [&[1, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0][..], &point[5..], &point[5..], &point[5..]].concat();
        assert_eq!(of_stored(Cell::Blob(&stored(0, &ring)), false, &mut made), Err(SHAPE));
        let points = [&[1, 4, 0, 0, 0, 1, 0, 0, 0][..], &line].concat();
        assert_eq!(of_stored(Cell::Blob(&stored(0, &points)), false, &mut made), Err(NOT_SPATIAL));
    }
}
