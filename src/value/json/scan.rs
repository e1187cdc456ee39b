//! Goes through JSON text once and reports what stands in it (RFC 8259).

use super::JSON;
use crate::value::BadValue;

/// The deepest nesting of arrays and objects that is read.
///
/// PostgreSQL's own parser stops where its stack does: after about 13,000 levels with the default `max_stack_depth` of
/// 2 MB (measured with version 15 on x86-64). This limit stays well below it, so that such a value is found before it is
/// sent.
pub const MAXIMUM_DEPTH: usize = 4096;

/// Event of the scanner.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event<'text> {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Key(Quoted<'text>),
    String(Quoted<'text>),
    /// Digits, as written.
    Number(&'text [u8]),
    /// `true`, `false` or `null`.
    Word(&'static [u8]),
}

/// A string, as written between its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quoted<'text> {
    pub(super) inner: &'text [u8],
    /// Whether there is a backslash in it.
    pub(super) escaped: bool,
}

/// Tokens that may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

#[derive(Debug)]
pub(super) struct Scanner<'text> {
    rest: &'text [u8],
    expected: Expected,
    nesting: Nesting,
}

impl<'text> Scanner<'text> {
    pub(super) fn new(text: &'text [u8]) -> Self {
        Scanner { rest: text, expected: Expected::Value, nesting: Nesting::default() }
    }

    /// The next event, or nothing at the end of the text.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Event<'text>>, BadValue> {
        let byte = self.skip_white_space();
        if self.expected == Expected::CommaOrEnd && byte == Some(b',') {
            self.advance(1);
            self.expected = if self.nesting.in_object() { Expected::Key } else { Expected::Value };
            return self.after_comma();
        }
        match (self.expected, byte) {
            (Expected::Nothing, None) => Ok(None),
            (Expected::CommaOrEnd | Expected::KeyOrEnd, Some(b'}')) if self.nesting.in_object() => {
                self.leave();
                Ok(Some(Event::ObjectEnd))
            }
            (Expected::CommaOrEnd | Expected::ValueOrEnd, Some(b']')) if !self.nesting.in_object() => {
                self.leave();
                Ok(Some(Event::ArrayEnd))
            }
            (Expected::Key | Expected::KeyOrEnd, Some(b'"')) => self.key().map(Some),
            (Expected::Value | Expected::ValueOrEnd, Some(byte)) => self.value(byte).map(Some),
            _ => Err(SYNTAX),
        }
    }

    fn after_comma(&mut self) -> Result<Option<Event<'text>>, BadValue> {
        match (self.expected, self.skip_white_space()) {
            (Expected::Key, Some(b'"')) => self.key().map(Some),
            (Expected::Value, Some(byte)) => self.value(byte).map(Some),
            _ => Err(SYNTAX),
        }
    }

    fn key(&mut self) -> Result<Event<'text>, BadValue> {
        let key = self.quoted()?;
        if self.skip_white_space() != Some(b':') {
            return Err(SYNTAX);
        }
        self.advance(1);
        self.expected = Expected::Value;
        Ok(Event::Key(key))
    }

    #[inline]
    fn value(&mut self, byte: u8) -> Result<Event<'text>, BadValue> {
        let event = match byte {
            b'"' => Event::String(self.quoted()?),
            b'{' => {
                self.nesting.enter(true)?;
                self.advance(1);
                self.expected = Expected::KeyOrEnd;
                return Ok(Event::ObjectStart);
            }
            b'[' => {
                self.nesting.enter(false)?;
                self.advance(1);
                self.expected = Expected::ValueOrEnd;
                return Ok(Event::ArrayStart);
            }
            b'-' | b'0'..=b'9' => Event::Number(self.number()?),
            b't' => Event::Word(self.word(b"true")?),
            b'f' => Event::Word(self.word(b"false")?),
            b'n' => Event::Word(self.word(b"null")?),
            _ => return Err(SYNTAX),
        };
        self.value_is_over();
        Ok(event)
    }

    fn leave(&mut self) {
        self.nesting.leave();
        self.advance(1);
        self.value_is_over();
    }

    fn value_is_over(&mut self) {
        self.expected = if self.nesting.depth == 0 { Expected::Nothing } else { Expected::CommaOrEnd };
    }

    fn word(&mut self, word: &'static [u8]) -> Result<&'static [u8], BadValue> {
        self.rest = self.rest.strip_prefix(word).ok_or(SYNTAX)?;
        Ok(word)
    }

    fn number(&mut self) -> Result<&'text [u8], BadValue> {
        let text = self.rest;
        let mut end = usize::from(text.first() == Some(&b'-'));
        let digits = |start: usize| text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let integer = digits(end);
        if integer == 0 || (integer > 1 && text[end] == b'0') {
            return Err(SYNTAX);
        }
        end += integer;
        if text.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction == 0 {
                return Err(SYNTAX);
            }
            end += 1 + fraction;
        }
        if matches!(text.get(end), Some(b'e' | b'E')) {
            end += 1;
            end += usize::from(matches!(text.get(end), Some(b'+' | b'-')));
            let exponent = digits(end);
            if exponent == 0 {
                return Err(SYNTAX);
            }
            end += exponent;
        }
        self.advance(end);
        Ok(&text[..end])
    }

    #[inline]
    fn quoted(&mut self) -> Result<Quoted<'text>, BadValue> {
        let text = &self.rest[1..];
        let mut end = 0;
        let mut escaped = false;
        loop {
            let plain = memchr::memchr2(b'"', b'\\', &text[end..]).ok_or(SYNTAX)?;
            // A control character must be escaped. All bytes are asked, many at a time, without stopping at the first.
            if text[end..end + plain].iter().fold(false, |found, byte| found | (*byte < b' ')) {
                return Err(SYNTAX);
            }
            end += plain;
            if text[end] == b'"' {
                break;
            }
            escaped = true;
            end += escape_length(&text[end..])?;
        }
        self.rest = &text[end + 1..];
        Ok(Quoted { inner: &text[..end], escaped })
    }

    #[inline]
    fn skip_white_space(&mut self) -> Option<u8> {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] => self.rest = rest,
                [byte, ..] => return Some(*byte),
                [] => return None,
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }
}

const SYNTAX: BadValue = BadValue::Syntax { wanted: JSON };

/// The length of the escape that begins the text.
fn escape_length(text: &[u8]) -> Result<usize, BadValue> {
    match text {
        [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Ok(2),
        [_, b'u', digits @ ..] if digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => Ok(6),
        _ => Err(SYNTAX),
    }
}

/// Which of the open brackets are braces: one bit each, no allocation.
#[derive(Debug)]
struct Nesting {
    objects: [u64; MAXIMUM_DEPTH / 64],
    depth: usize,
}

impl Default for Nesting {
    fn default() -> Self {
        Nesting { objects: [0; MAXIMUM_DEPTH / 64], depth: 0 }
    }
}

impl Nesting {
    fn enter(&mut self, object: bool) -> Result<(), BadValue> {
        let word = self.objects.get_mut(self.depth / 64).ok_or(BadValue::JsonDepth { limit: MAXIMUM_DEPTH })?;
        let bit = 1 << (self.depth % 64);
        *word = if object { *word | bit } else { *word & !bit };
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn in_object(&self) -> bool {
        let innermost = self.depth.wrapping_sub(1);
        self.objects.get(innermost / 64).is_some_and(|word| word >> (innermost % 64) & 1 == 1)
    }
}
