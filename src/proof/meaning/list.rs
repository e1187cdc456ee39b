//! Lists of texts: `text[]`, compared by the literal that PostgreSQL reads back, with every element in quotes.

use super::text::characters;
use super::unfit::{CLASS, Unfit};
use super::value::{ConvertedBytes, Value};
use crate::value::Cell;

/// The list that a text names, with commas between its elements.
pub(super) fn of_text<'a>(cell: Cell<'_>, made: &'a mut ConvertedBytes) -> Result<Value<'a>, Unfit> {
    let Cell::Text(text) = cell else { return Err(CLASS) };
    let text = characters(text)?;
    // No element, not one that is empty.
    let elements = if text.is_empty() { Vec::new() } else { text.split(|byte| *byte == b',').collect() };
    Ok(literal(&elements, made))
}

/// The list of a field as `array_send` writes it: dimensions, whether there are NULLs, the type, and for the only dimension
/// its length and lower bound; then each element with its length.
pub(super) fn of_field<'a>(field: &[u8], made: &'a mut ConvertedBytes) -> Option<Value<'a>> {
    let mut rest = field;
    let mut number = || {
        let (number, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        Some(i32::from_be_bytes(*number))
    };
    let (dimensions, _, _) = (number()?, number()?, number()?);
    if dimensions == 0 {
        return rest.is_empty().then(|| literal(&[], made));
    }
    let (length, lowest) = (number()?, number()?);
    if dimensions != 1 || lowest != 1 {
        return None;
    }
    let mut elements = Vec::new();
    for _ in 0..length {
        let (bytes, after) = rest.split_first_chunk::<4>()?;
        let (element, after) = after.split_at_checked(usize::try_from(i32::from_be_bytes(*bytes)).ok()?)?;
        elements.push(element);
        rest = after;
    }
    rest.is_empty().then(|| literal(&elements, made))
}

fn literal<'a>(elements: &[&[u8]], made: &'a mut ConvertedBytes) -> Value<'a> {
    made.begin();
    made.push(b"{");
    for (at, element) in elements.iter().enumerate() {
        made.push(if at == 0 { b"\"" } else { b",\"" });
        for byte in *element {
            match byte {
                b'"' | b'\\' => made.push(&[b'\\', *byte]),
                byte => made.push(&[*byte]),
            }
        }
        made.push(b"\"");
    }
    made.push(b"}");
    made.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_from_both_sides() {
        let (mut one, mut other) = (ConvertedBytes::default(), ConvertedBytes::default());
        let field = [1, 0, 25, 2, 1, 1].map(i32::to_be_bytes).concat();
        let field = [&field[..], b"a", &2_i32.to_be_bytes(), b"\"b"].concat();
        assert_eq!(of_text(Cell::Text(b"a,\"b"), &mut one), Ok(of_field(&field, &mut other).unwrap()));
        assert_eq!(of_text(Cell::Text(b"a,\"b"), &mut one).unwrap().words(), r#"{"a","\"b"}"#);
        let empty = [0, 0, 25].map(i32::to_be_bytes).concat();
        assert_eq!(of_text(Cell::Text(b""), &mut one), Ok(of_field(&empty, &mut other).unwrap()));
        assert_eq!(of_field(&field[..field.len() - 1], &mut one), None);
    }
}
