//! Lists of texts in PostgreSQL's binary form.

use super::encode::length_of;
use crate::value::BadValue;

/// Appends an array of texts, of one dimension or, if it is empty, of none. Source: `array_send` in PostgreSQL's
/// `utils/adt/arrayfuncs.c`; 25 is the oid of `text`.
pub(super) fn write_list(list: &str, out: &mut Vec<u8>) -> Result<(), BadValue> {
    const TEXT: i32 = 25;
    let header = |dimensions: i32, out: &mut Vec<u8>| {
        [dimensions, 0, TEXT].iter().for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
    };
    if list.is_empty() {
        header(0, out);
        return Ok(());
    }
    header(1, out);
    let elements = list.split(',');
    out.extend_from_slice(&length_of(elements.clone().count())?);
    // The lower bound.
    out.extend_from_slice(&1_i32.to_be_bytes());
    for element in elements {
        out.extend_from_slice(&length_of(element.len())?);
        out.extend_from_slice(element.as_bytes());
    }
    Ok(())
}
