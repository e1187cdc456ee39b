//! Spatial values: points, lines, polygons and collections of them, in two dimensions.
//!
//! They are stored as four bytes of SRID, least first, and WKB, least byte first: so MySQL and MariaDB keep them, x before y,
//! which of a geographic SRID is longitude before latitude whatever order their text has ("Geometry Storage Format" in MySQL's
//! manual). PostGIS reads EWKB, where the SRID stands behind the first type, and with x before y as well
//! (<https://postgis.net/docs/ST_AsEWKB.html>).

use crate::value::{BadValue, StorageClass};

/// Content of a column, with its article, for [`BadValue`].
pub const SPATIAL: &str = "a spatial value";

/// The bit of a type that says that an SRID follows.
const HAS_SRID: u32 = 0x2000_0000;

/// The greatest SRID that PostGIS keeps; it takes another in place of a greater one (`clamp_srid`).
const GREATEST_SRID: u32 = 999_999;

/// The SRID of longitudes and latitudes in the system of GPS.
const WGS_84: u32 = 4326;

/// Collections within collections, as many as PostGIS follows with room to spare.
const DEEPEST: u32 = 100;

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const COLLECTION: u32 = 7;

/// Type of PostGIS that takes the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpatialType {
    /// Coordinates in a plane.
    Geometry,
    /// Longitudes and latitudes on the earth. PostGIS moves others into its range, and takes SRID 0 for 4326.
    Geography,
}

/// Appends a stored value as EWKB.
///
/// # Errors
/// The bytes are no spatial value, or one that PostGIS refuses or alters.
pub fn write_ewkb(stored: &[u8], becomes: SpatialType, out: &mut Vec<u8>) -> Result<(), BadValue> {
    let malformed = BadValue::Class { found: StorageClass::Blob, wanted: SPATIAL };
    let (srid, wkb) = stored.split_first_chunk::<4>().ok_or(malformed)?;
    let (number, is_geography) = (u32::from_le_bytes(*srid), becomes == SpatialType::Geography);
    if number > GREATEST_SRID {
        return Err(BadValue::Range { wanted: "geometry: PostGIS keeps an SRID up to 999999" });
    }
    if is_geography && number != WGS_84 {
        return Err(BadValue::Range { wanted: "geography: the SRID is not 4326" });
    }
    let mut walk = WkbWalk { rest: wkb, is_geography, malformed };
    walk.any(DEEPEST, None)?;
    if !walk.rest.is_empty() {
        return Err(malformed);
    }
    let (order_and_type, rest) = wkb.split_first_chunk::<5>().ok_or(malformed)?;
    let [order, kind @ ..] = *order_and_type;
    out.push(order);
    if number == 0 {
        out.extend_from_slice(&kind);
    } else {
        out.extend_from_slice(&(u32::from_le_bytes(kind) | HAS_SRID).to_le_bytes());
        out.extend_from_slice(srid);
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// Way through WKB.
struct WkbWalk<'a> {
    rest: &'a [u8],
    is_geography: bool,
    malformed: BadValue,
}

impl WkbWalk<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], BadValue> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(self.malformed)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u32, BadValue> {
        self.take().map(u32::from_le_bytes)
    }

    /// One value, of this type if it is a part that has to be.
    fn any(&mut self, depth: u32, wanted: Option<u32>) -> Result<(), BadValue> {
        let ([order], kind) = (self.take()?, self.number()?);
        if order != 1 || wanted.is_some_and(|wanted| wanted != kind) || depth == 0 {
            return Err(self.malformed);
        }
        match kind {
            POINT => self.points(1).map(drop),
            LINE => match self.number()? {
                0 | 1 => Err(BadValue::Range { wanted: "geometry: a line has fewer than two points" }),
                points => self.points(points).map(drop),
            },
            POLYGON => {
                let rings = self.number()?;
                (0..rings).try_for_each(|_| self.ring())
            }
            // A point, line or polygon several times.
            4..=6 => self.parts(depth, Some(kind - 3)),
            COLLECTION => self.parts(depth, None),
            _ => Err(self.malformed),
        }
    }

    fn parts(&mut self, depth: u32, wanted: Option<u32>) -> Result<(), BadValue> {
        let parts = self.number()?;
        (0..parts).try_for_each(|_| self.any(depth - 1, wanted))
    }

    fn ring(&mut self) -> Result<(), BadValue> {
        let points = self.number()?;
        let is_ring = points > 3 && {
            let (first, last) = self.points(points)?;
            first == last
        };
        let refused = BadValue::Range { wanted: "geometry: a ring is not closed, or has fewer than four points" };
        if is_ring { Ok(()) } else { Err(refused) }
    }

    /// Reads this number of points; returns the first and the last.
    fn points(&mut self, points: u32) -> Result<([f64; 2], [f64; 2]), BadValue> {
        let (mut first, mut last) = (None, [0.0; 2]);
        for _ in 0..points {
            let [x, y] = [f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?)];
            if x.is_nan() || y.is_nan() {
                return Err(BadValue::Range { wanted: "geometry: a coordinate is not a number" });
            }
            if self.is_geography && !((-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y)) {
                return Err(BadValue::Range {
                    wanted: "geography: a longitude is beyond 180, or a latitude beyond 90",
                });
            }
            last = [x, y];
            first.get_or_insert(last);
        }
        Ok((first.unwrap_or(last), last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(srid: u32, wkb: &str) -> Vec<u8> {
        [&srid.to_le_bytes()[..], &hex::decode(wkb.replace(' ', "")).unwrap()].concat()
    }

    fn written(stored: &[u8], becomes: SpatialType) -> Result<String, BadValue> {
        let mut out = Vec::new();
        write_ewkb(stored, becomes, &mut out).map(|()| hex::encode(out))
    }

    const ONE: &str = "000000000000f03f";
    const TWO: &str = "0000000000000040";

    #[test]
    fn the_srid_stands_behind_the_first_type_alone() {
        let point = format!("01 01000000 {ONE} {TWO}");
        let geometry = |srid, wkb: &str| written(&stored(srid, wkb), SpatialType::Geometry);
        assert_eq!(geometry(0, &point), Ok(format!("0101000000{ONE}{TWO}")));
        assert_eq!(geometry(4326, &point), Ok(format!("0101000020e6100000{ONE}{TWO}")));
        assert_eq!(written(&stored(4326, &point), SpatialType::Geography), geometry(4326, &point));
        let collection = format!("01 07000000 02000000 {point} 01 07000000 00000000");
        let inner = format!("0101000000{ONE}{TWO}010700000000000000");
        assert_eq!(geometry(25832, &collection), Ok(format!("0107000020e864000002000000{inner}")));
    }

    #[test]
    fn what_postgis_would_refuse_or_alter_does_not_fit() {
        let point =
            |x: f64, y: f64| format!("01 01000000 {}{}", hex::encode(x.to_le_bytes()), hex::encode(y.to_le_bytes()));
        let is_refused = |srid, wkb: &str, becomes| written(&stored(srid, wkb), becomes).is_err();
        for (srid, wkb) in [
            (1_000_000, point(1.0, 2.0)),
            (0, point(f64::NAN, 2.0)),
            (0, format!("01 02000000 01000000 {ONE}{TWO}")),
            (0, format!("01 03000000 01000000 04000000 {}{ONE}{ONE}", format!("{ONE}{TWO}").repeat(3))),
            (0, format!("01 03000000 01000000 03000000 {}", format!("{ONE}{TWO}").repeat(3))),
            (0, format!("01 04000000 01000000 01 02000000 02000000 {ONE}{TWO}{ONE}{ONE}")),
            (0, format!("{} 00", point(1.0, 2.0))),
            (0, format!("00 00000001 {ONE}{TWO}")),
            (0, "01 04000000 ffffffff".to_owned()),
            (0, "01 07000000 01000000".repeat(200)),
        ] {
            assert!(is_refused(srid, &wkb, SpatialType::Geometry), "{srid} {wkb}");
        }
        for (srid, wkb) in [(0, point(1.0, 2.0)), (4326, point(181.0, 2.0)), (4326, point(2.0, -90.5))] {
            assert!(is_refused(srid, &wkb, SpatialType::Geography), "{srid} {wkb}");
            assert!(!is_refused(srid, &wkb, SpatialType::Geometry), "{srid} {wkb}");
        }
        assert!(written(b"abc", SpatialType::Geometry).is_err());
    }
}
