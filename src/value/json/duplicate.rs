//! Objects that name a key twice, of which `jsonb` keeps only the last
//! (<https://www.postgresql.org/docs/15/datatype-json.html>).

use super::scan::{JsonEvent, Quoted, Scanner};
use std::borrow::Cow;
use std::collections::HashSet;

/// Whether an object of the document names a key more than once. Text that is not JSON has none.
#[must_use]
pub fn has_duplicate_key(text: &[u8]) -> bool {
    let mut scanner = Scanner::new(text);
    let mut open: Vec<HashSet<Cow<'_, [u8]>>> = Vec::new();
    while let Ok(Some(event)) = scanner.next() {
        match event {
            JsonEvent::ObjectStart => open.push(HashSet::new()),
            JsonEvent::ObjectEnd => drop(open.pop()),
            JsonEvent::Key(key) if open.last_mut().is_some_and(|keys| !keys.insert(unescaped(key))) => return true,
            _ => {}
        }
    }
    false
}

/// The key's characters: `"a"` and `"\u0061"` are one key.
fn unescaped(key: Quoted<'_>) -> Cow<'_, [u8]> {
    if !key.escaped {
        return Cow::Borrowed(key.inner);
    }
    let quoted = [b"\"", key.inner, b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(text) => Cow::Owned(text.into_bytes()),
        Err(_) => Cow::Borrowed(key.inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_within_one_object() {
        for text in [r#"{"a":1,"a":2}"#, r#"[{"b":{"a":1,"x":{},"\u0061":2}}]"#] {
            assert!(has_duplicate_key(text.as_bytes()), "{text}");
        }
        for text in [r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#, "[]", "{", "1"] {
            assert!(!has_duplicate_key(text.as_bytes()), "{text}");
        }
    }
}
