//! Meaning of a JSON document to `jsonb`, as a hash that is made in one pass: the order of keys and white space have no
//! meaning, a number is its value and the digits of fraction that it shows.
//!
//! `serde_json` checks the syntax without building a tree; the pass over the document then relies on it. Nothing is
//! recursive: depth needs no stack, and the memory is one entry for each key of the open objects.

use super::number::Number;
use super::unfit::{DEPTH, JSON_NUMBER, JSON_STRING, KEY_TWICE, NOT_JSON, Unfit};
use serde::de::IgnoredAny;
use std::borrow::Cow;
use xxhash_rust::xxh3::{xxh3_128, xxh3_128_with_seed};

/// Deepest nesting that is accepted. PostgreSQL's own parser is limited by its stack, to about 13,000 levels with the
/// default `max_stack_depth`.
const DEEPEST: usize = 4096;

/// Seeds of the hashes by kind of value: the text "1" is not the number 1.
const STRING: u64 = 1;
const NUMBER: u64 = 2;
const WORD: u64 = 3;
const ARRAY: u64 = 4;
const OBJECT: u64 = 5;

/// Stacks of a document's open arrays and objects, reused from document to document.
#[derive(Default)]
pub(super) struct OpenDocument {
    frames: Vec<Frame>,
    /// Hashes of the keys and values of all open objects, those of the innermost last.
    members: Vec<(u128, u128)>,
    digits: Vec<u8>,
    number: Vec<u8>,
}

/// Open array or object.
enum Frame {
    /// Hash of the elements so far.
    Array(u128),
    /// Position of its first member, and the key whose value is awaited.
    Object { first: usize, key: u128 },
}

/// Whether the `json` type takes the text: RFC 8259, and not too deep.
pub(super) fn check(text: &[u8]) -> Result<(), Unfit> {
    serde_json::from_slice::<IgnoredAny>(text).map_err(|_| NOT_JSON)?;
    // Text with fewer brackets than permitted levels cannot be too deep.
    let brackets = memchr::memchr2_iter(b'[', b'{', text).take(DEEPEST + 1).count();
    if brackets <= DEEPEST { Ok(()) } else { depth(text) }
}

fn depth(text: &[u8]) -> Result<(), Unfit> {
    let (mut open, mut rest) = (0_usize, text);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = string(after).map_or(&[][..], |(_, after)| after),
            b'[' | b'{' if open == DEEPEST => return Err(DEPTH),
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

impl OpenDocument {
    /// Hash of a document's meaning. The text must be JSON.
    pub(super) fn hash(&mut self, text: &[u8]) -> Result<u128, Unfit> {
        self.frames.clear();
        self.members.clear();
        let mut rest = text;
        while let Some((byte, after)) = rest.split_first() {
            let value = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => {
                    rest = after;
                    continue;
                }
                b'[' | b'{' => {
                    if self.frames.len() == DEEPEST {
                        return Err(DEPTH);
                    }
                    let first = self.members.len();
                    self.frames.push(if *byte == b'[' { Frame::Array(0) } else { Frame::Object { first, key: 0 } });
                    rest = after;
                    continue;
                }
                b']' | b'}' => {
                    rest = after;
                    self.close()?
                }
                b'"' => {
                    let (inner, after) = string(after).ok_or(NOT_JSON)?;
                    let hash = xxh3_128_with_seed(&characters(inner)?, STRING);
                    rest = after;
                    if self.is_key(rest) {
                        if let Some(Frame::Object { key, .. }) = self.frames.last_mut() {
                            *key = hash;
                        }
                        continue;
                    }
                    hash
                }
                b'-' | b'0'..=b'9' => {
                    let end = rest.iter().position(|byte| !b"+-.eE0123456789".contains(byte)).unwrap_or(rest.len());
                    let (number, after) = rest.split_at(end);
                    rest = after;
                    self.number(number)?
                }
                _ => {
                    let end = rest.iter().position(|byte| !byte.is_ascii_lowercase()).filter(|end| *end > 0);
                    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                    rest = after;
                    xxh3_128_with_seed(word, WORD)
                }
            };
            if self.frames.is_empty() {
                return Ok(value);
            }
            self.add(value);
        }
        Err(NOT_JSON)
    }

    /// Whether a string before this text is a key: within an object, a colon follows it.
    fn is_key(&self, rest: &[u8]) -> bool {
        matches!(self.frames.last(), Some(Frame::Object { .. })) && rest.trim_ascii_start().first() == Some(&b':')
    }

    fn add(&mut self, value: u128) {
        match self.frames.last_mut() {
            Some(Frame::Array(sum)) => {
                let mut both = [0; 32];
                both[..16].copy_from_slice(&sum.to_le_bytes());
                both[16..].copy_from_slice(&value.to_le_bytes());
                *sum = xxh3_128(&both);
            }
            Some(Frame::Object { key, .. }) => self.members.push((*key, value)),
            None => {}
        }
    }

    /// Ends the innermost array or object and returns its hash.
    fn close(&mut self) -> Result<u128, Unfit> {
        match self.frames.pop() {
            Some(Frame::Array(sum)) => Ok(xxh3_128_with_seed(&sum.to_le_bytes(), ARRAY)),
            Some(Frame::Object { first, .. }) => {
                let members = &mut self.members[first..];
                members.sort_unstable();
                if members.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                    return Err(KEY_TWICE);
                }
                let mut sum = 0;
                for (key, value) in members {
                    let mut all = [0; 48];
                    all[..16].copy_from_slice(&u128::to_le_bytes(sum));
                    all[16..32].copy_from_slice(&key.to_le_bytes());
                    all[32..].copy_from_slice(&value.to_le_bytes());
                    sum = xxh3_128(&all);
                }
                self.members.truncate(first);
                Ok(xxh3_128_with_seed(&sum.to_le_bytes(), OBJECT))
            }
            None => Err(NOT_JSON),
        }
    }

    fn number(&mut self, text: &[u8]) -> Result<u128, Unfit> {
        let number = Number::of_text(text, &mut self.digits).filter(Number::fits_numeric).ok_or(JSON_NUMBER)?;
        self.number.clear();
        number.append(&mut self.number);
        Ok(xxh3_128_with_seed(&self.number, NUMBER))
    }
}

/// Content of a string up to its closing quote, and the rest of the text. The text begins after the opening quote.
#[inline]
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some((&text[..at], &text[at + 1..]));
        }
        at += 2;
    }
}

/// Characters of a string. `jsonb` takes neither NUL nor half a surrogate pair.
#[inline]
fn characters(inner: &[u8]) -> Result<Cow<'_, [u8]>, Unfit> {
    if memchr::memchr(b'\\', inner).is_none() {
        return Ok(Cow::Borrowed(inner));
    }
    let quoted = [b"\"", inner, b"\""].concat();
    let text = serde_json::from_slice::<String>(&quoted).map_err(|_| JSON_STRING)?;
    if text.contains('\0') { Err(JSON_STRING) } else { Ok(Cow::Owned(text.into_bytes())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Result<u128, Unfit> {
        check(text.as_bytes())?;
        OpenDocument::default().hash(text.as_bytes())
    }

    #[test]
    fn what_jsonb_takes_as_the_same_is_the_same() {
        for (one, other) in [
            (r#"{"b": [1, {}, []], "a": {"y": 1, "x": null}}"#, r#"{"a":{"x":null,"y":1},"b":[1,{},[]]}"#),
            (r#""\u00e9\/\"\n\ud83d\ude00""#, "\"é/\\\"\\u000a😀\""),
            ("1e2", "100"),
            ("-0", "0"),
            (r#"{"\u0061":":"}"#, r#"{"a":":"}"#),
        ] {
            assert_eq!(meaning(one).unwrap(), meaning(other).unwrap(), "{one}");
        }
        let others = [
            "1",
            "\"1\"",
            "[1]",
            "[[1]]",
            "[1,1]",
            "true",
            "false",
            "null",
            "{}",
            "[]",
            r#"{"a":1}"#,
            r#"{"b":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":{},"b":1}"#,
            "[[],1]",
            "[1,[]]",
            "1.0",
            "10",
            "-1",
            "\"\"",
            r#"{"$serde_json::private::Number":"1"}"#,
            "9007199254740993",
            "9007199254740992",
        ];
        let mut hashes = others.map(|text| meaning(text).unwrap()).to_vec();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), others.len());
    }

    #[test]
    fn what_jsonb_does_not_hold_is_unfit() {
        for (text, reason) in [
            (r#"{"a":1,"a":1}"#, KEY_TWICE),
            (r#"[{"b":{"a":1,"\u0061":2}}]"#, KEY_TWICE),
            (r#"["a\u0000b"]"#, JSON_STRING),
            (r#""\ud800""#, JSON_STRING),
            ("1e131072", JSON_NUMBER),
            ("1e-16384", JSON_NUMBER),
            ("[1,]", NOT_JSON),
            ("nullx", NOT_JSON),
            ("", NOT_JSON),
        ] {
            assert_eq!(meaning(text), Err(reason), "{text}");
        }
        let nested = |depth: usize| meaning(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        assert!(nested(DEEPEST).is_ok());
        assert_eq!(nested(DEEPEST + 1), Err(DEPTH));
        let strings = format!("[{}]", vec!["\"[\""; 2 * DEEPEST].join(","));
        assert!(meaning(&strings).is_ok());
    }
}
