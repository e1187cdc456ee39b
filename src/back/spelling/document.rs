//! JSON as the source writes it: with or without spaces between its parts, with or without escapes.

use std::fmt::Write as _;

/// Whether JSON has spaces behind its colons and commas; `None` if it has neither.
pub(super) fn is_spaced(text: &[u8]) -> Option<bool> {
    let (at, _) = outside(text).find(|(_, byte)| matches!(byte, b':' | b','))?;
    Some(text.get(at + 1).is_some_and(u8::is_ascii_whitespace))
}

/// The same JSON without spaces between its parts.
pub(super) fn dense(text: &[u8]) -> Vec<u8> {
    let (mut is_string, mut is_escaped) = (false, false);
    let kept = text.iter().copied().filter(|byte| {
        let is_kept = is_string || !byte.is_ascii_whitespace();
        step(*byte, &mut is_string, &mut is_escaped);
        is_kept
    });
    kept.collect()
}

/// The same JSON with every character beyond ASCII escaped; it has them in strings alone.
pub(super) fn escaped(json: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&json) else { return json };
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _infallible = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped.into_bytes()
}

/// The bytes outside of strings, with their positions.
fn outside(text: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let (mut is_string, mut is_escaped) = (false, false);
    text.iter().copied().enumerate().filter(move |(_, byte)| {
        let was_string = is_string;
        step(*byte, &mut is_string, &mut is_escaped);
        !was_string && !is_string
    })
}

fn step(byte: u8, is_string: &mut bool, is_escaped: &mut bool) {
    match byte {
        _ if *is_escaped => *is_escaped = false,
        b'\\' if *is_string => *is_escaped = true,
        b'"' => *is_string = !*is_string,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_between_parts_and_no_others() {
        assert_eq!(is_spaced(br#"{"a: b,c":1}"#), Some(false));
        assert_eq!(is_spaced(br#"["a", 1]"#), Some(true));
        assert_eq!(is_spaced(br#""a: b""#), None);
        assert_eq!(escaped("\"ä😀\"".as_bytes().to_vec()), br#""\u00e4\ud83d\ude00""#);
        assert_eq!(dense(br#"{"a \" b": [1, "x, y"]}"#), br#"{"a \" b":[1,"x, y"]}"#);
    }
}
