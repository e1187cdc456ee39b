//! The canonical form of JSON text: the same bytes for texts that are equal as `jsonb`.

use super::scan::{JsonEvent, Quoted, Scanner};
use super::{JSON, unescape};
use crate::value::BadValue;
use crate::value::decimal::Decimal;
use crate::value::float::write_integer;
use std::cmp::Ordering;
use std::ops::Range;

/// Appends the canonical form of JSON text, itself JSON: no white space; keys sorted by their bytes, the last of equal
/// keys kept; strings with as few escapes as JSON allows; numbers by their exact value (`1.0`, `1.00` and `1e0` are `1`).
///
/// # Errors
/// The text is not JSON that `jsonb` accepts; nothing is appended then.
pub fn canonical(text: &[u8], out: &mut Vec<u8>) -> Result<(), BadValue> {
    let start = out.len();
    let written = Writer { out, open: Vec::new(), members: Vec::new(), scratch: Vec::new() }.write(text);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

struct Writer<'out> {
    out: &'out mut Vec<u8>,
    /// The open arrays and objects around the position.
    open: Vec<OpenContainer>,
    /// The members of all open objects, those of the innermost last.
    members: Vec<Member>,
    scratch: Vec<u8>,
}

struct OpenContainer {
    /// Beginning of the contents in the output.
    start: usize,
    /// For an object, the index of its first member.
    first_member: Option<usize>,
}

/// Range of a member in the output.
struct Member {
    /// Key and value.
    whole: Range<usize>,
    /// End of the key, including its quotes.
    key_end: usize,
}

impl Writer<'_> {
    fn write(&mut self, text: &[u8]) -> Result<(), BadValue> {
        let mut scanner = Scanner::new(text);
        while let Some(event) = scanner.next()? {
            match event {
                JsonEvent::Key(key) => {
                    self.separate();
                    let start = self.out.len();
                    self.string(key)?;
                    let key_end = self.out.len();
                    self.out.push(b':');
                    self.members.push(Member { whole: start..key_end, key_end });
                    continue;
                }
                JsonEvent::ObjectStart | JsonEvent::ArrayStart => {
                    self.separate_elements();
                    let is_object = matches!(event, JsonEvent::ObjectStart);
                    self.out.push(if is_object { b'{' } else { b'[' });
                    let first_member = is_object.then_some(self.members.len());
                    self.open.push(OpenContainer { start: self.out.len(), first_member });
                    continue;
                }
                JsonEvent::ArrayEnd => {
                    self.open.pop();
                    self.out.push(b']');
                }
                JsonEvent::ObjectEnd => {
                    if let Some(OpenContainer { start, first_member: Some(first) }) = self.open.pop() {
                        self.sort_members(start, first);
                    }
                    self.out.push(b'}');
                }
                JsonEvent::String(string) => {
                    self.separate_elements();
                    self.string(string)?;
                }
                JsonEvent::Number(number) => {
                    self.separate_elements();
                    self.number(number)?;
                }
                JsonEvent::Word(word) => {
                    self.separate_elements();
                    self.out.extend_from_slice(word);
                }
            }
            self.value_is_over();
        }
        Ok(())
    }

    /// A comma, unless this is the first element or member.
    fn separate(&mut self) {
        if self.open.last().is_some_and(|open| open.start != self.out.len()) {
            self.out.push(b',');
        }
    }

    /// A comma before an element of an array; a member's comma is before its key.
    fn separate_elements(&mut self) {
        if self.open.last().is_some_and(|open| open.first_member.is_none()) {
            self.separate();
        }
    }

    fn value_is_over(&mut self) {
        if self.open.last().is_some_and(|open| open.first_member.is_some())
            && let Some(member) = self.members.last_mut()
        {
            member.whole.end = self.out.len();
        }
    }

    fn sort_members(&mut self, start: usize, first: usize) {
        let out = &mut *self.out;
        let members = &mut self.members[first..];
        let order = |left: &Member, right: &Member| {
            out[left.whole.start..left.key_end].cmp(&out[right.whole.start..right.key_end])
        };
        if !members.is_sorted_by(|left, right| order(left, right) == Ordering::Less) {
            // A stable sort: of equal keys the last written stays last.
            members.sort_by(order);
            self.scratch.clear();
            for (position, member) in members.iter().enumerate() {
                if members.get(position + 1).is_some_and(|next| order(member, next) == Ordering::Equal) {
                    continue;
                }
                if !self.scratch.is_empty() {
                    self.scratch.push(b',');
                }
                self.scratch.extend_from_slice(&out[member.whole.clone()]);
            }
            out.truncate(start);
            out.extend_from_slice(&self.scratch);
        }
        self.members.truncate(first);
    }

    fn string(&mut self, string: Quoted<'_>) -> Result<(), BadValue> {
        self.out.push(b'"');
        let mut rest = string.inner;
        while let Some(position) = memchr::memchr(b'\\', rest).filter(|_| string.escaped) {
            self.out.extend_from_slice(&rest[..position]);
            let (character, after) = unescape(&rest[position..])?;
            match character {
                '"' => self.out.extend_from_slice(b"\\\""),
                '\\' => self.out.extend_from_slice(b"\\\\"),
                '\0'..='\x1f' => {
                    const DIGITS: &[u8; 16] = b"0123456789abcdef";
                    let code = usize::try_from(u32::from(character)).unwrap_or(0);
                    self.out.extend_from_slice(&[b'\\', b'u', b'0', b'0', DIGITS[code >> 4], DIGITS[code & 15]]);
                }
                _ => self.out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            rest = after;
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
        Ok(())
    }

    /// Significant digits, then the exponent of the last of them.
    fn number(&mut self, number: &[u8]) -> Result<(), BadValue> {
        super::check_number(number)?;
        let decimal = Decimal::parse(number).ok_or(BadValue::Syntax { wanted: JSON })?;
        if decimal.is_zero() {
            self.out.push(b'0');
            return Ok(());
        }
        if decimal.is_negative() {
            self.out.push(b'-');
        }
        self.out.extend(decimal.digits().map(|digit| digit + b'0'));
        if decimal.fraction_digits() != 0 {
            self.out.push(b'e');
            write_integer(-i64::from(decimal.fraction_digits()), self.out);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> String {
        let mut out = b"before".to_vec();
        canonical(text.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap().split_off("before".len())
    }

    #[test]
    fn numbers_by_their_value() {
        for text in ["1", "1.0", "1.00", "1e0", "10e-1", "0.1E+1"] {
            assert_eq!(form(text), "1", "{text}");
        }
        for text in ["0", "-0", "0.00", "0e7"] {
            assert_eq!(form(text), "0", "{text}");
        }
        assert_eq!(form("-1200"), "-12e2");
        assert_eq!(form("0.05"), "5e-2");
        assert_eq!(form("123456789012345678901234567890.5"), "1234567890123456789012345678905e-1");
    }

    #[test]
    fn keys_sorted_and_the_last_of_equal_ones_kept() {
        assert_eq!(form(r#" { "b" : 1 , "a" : [ 1 , { } , [ ] ] } "#), r#"{"a":[1,{},[]],"b":1}"#);
        assert_eq!(form(r#"{"a":1,"b":{"y":1,"x":2},"\u0061":3}"#), r#"{"a":3,"b":{"x":2,"y":1}}"#);
        assert_eq!(form(r#"[{"b":1,"a":2},{"a":{},"a":[]}]"#), r#"[{"a":2,"b":1},{"a":[]}]"#);
    }

    #[test]
    fn strings_with_the_fewest_escapes() {
        assert_eq!(form(r#""\u00e9\/\"\\\n\ud83d\ude00""#), "\"é/\\\"\\\\\\u000a😀\"");
    }

    #[test]
    fn an_error_leaves_nothing_behind() {
        let mut out = b"before".to_vec();
        assert!(canonical(br#"{"a":[1,2"#, &mut out).is_err());
        assert!(canonical(br#"{"a":"\u0000"}"#, &mut out).is_err());
        assert_eq!(out, b"before");
    }
}
