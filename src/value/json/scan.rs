//! Reads JSON text once and reports its tokens (RFC 8259).

use super::JSON;
use crate::value::BadValue;

/// The deepest nesting of arrays and objects that is read.
///
/// PostgreSQL's own parser is limited by its stack: to about 13,000 levels with the default `max_stack_depth` of 2 MB
/// (measured with version 15 on x86-64). This limit is well below it, so that such a value is found before it is sent.
pub const MAXIMUM_DEPTH: usize = 4096;

/// Event of the scanner.
#[derive(Debug, Clone, Copy)]
pub(super) enum JsonEvent<'text> {
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
    /// Whether it contains a backslash.
    pub(super) escaped: bool,
}

/// Tokens that may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExpectedToken {
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
    expected: ExpectedToken,
    nesting: Nesting,
}

impl<'text> Scanner<'text> {
    pub(super) fn new(text: &'text [u8]) -> Self {
        Scanner { rest: text, expected: ExpectedToken::Value, nesting: Nesting::default() }
    }

    /// The next event; `None` at the end of the text.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<JsonEvent<'text>>, BadValue> {
        let byte = self.skip_white_space();
        if self.expected == ExpectedToken::CommaOrEnd && byte == Some(b',') {
            self.advance(1);
            self.expected = if self.nesting.in_object() { ExpectedToken::Key } else { ExpectedToken::Value };
            return self.after_comma();
        }
        match (self.expected, byte) {
            (ExpectedToken::Nothing, None) => Ok(None),
            (ExpectedToken::CommaOrEnd | ExpectedToken::KeyOrEnd, Some(b'}')) if self.nesting.in_object() => {
                self.leave();
                Ok(Some(JsonEvent::ObjectEnd))
            }
            (ExpectedToken::CommaOrEnd | ExpectedToken::ValueOrEnd, Some(b']')) if !self.nesting.in_object() => {
                self.leave();
                Ok(Some(JsonEvent::ArrayEnd))
            }
            (ExpectedToken::Key | ExpectedToken::KeyOrEnd, Some(b'"')) => self.key().map(Some),
            (ExpectedToken::Value | ExpectedToken::ValueOrEnd, Some(byte)) => self.value(byte).map(Some),
            _ => Err(SYNTAX),
        }
    }

    fn after_comma(&mut self) -> Result<Option<JsonEvent<'text>>, BadValue> {
        match (self.expected, self.skip_white_space()) {
            (ExpectedToken::Key, Some(b'"')) => self.key().map(Some),
            (ExpectedToken::Value, Some(byte)) => self.value(byte).map(Some),
            _ => Err(SYNTAX),
        }
    }

    fn key(&mut self) -> Result<JsonEvent<'text>, BadValue> {
        let key = self.quoted()?;
        if self.skip_white_space() != Some(b':') {
            return Err(SYNTAX);
        }
        self.advance(1);
        self.expected = ExpectedToken::Value;
        Ok(JsonEvent::Key(key))
    }

    #[inline]
    fn value(&mut self, byte: u8) -> Result<JsonEvent<'text>, BadValue> {
        let event = match byte {
            b'"' => JsonEvent::String(self.quoted()?),
            b'{' => {
                self.nesting.enter(true)?;
                self.advance(1);
                self.expected = ExpectedToken::KeyOrEnd;
                return Ok(JsonEvent::ObjectStart);
            }
            b'[' => {
                self.nesting.enter(false)?;
                self.advance(1);
                self.expected = ExpectedToken::ValueOrEnd;
                return Ok(JsonEvent::ArrayStart);
            }
            b'-' | b'0'..=b'9' => JsonEvent::Number(self.number()?),
            b't' => JsonEvent::Word(self.word(b"true")?),
            b'f' => JsonEvent::Word(self.word(b"false")?),
            b'n' => JsonEvent::Word(self.word(b"null")?),
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
        self.expected = if self.nesting.depth == 0 { ExpectedToken::Nothing } else { ExpectedToken::CommaOrEnd };
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
            // A control character must be escaped. All bytes are checked, many at a time, without stopping at the
            // first.
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

/// Kinds of the open brackets, one bit each: set for a brace. It needs no allocation.
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
