//! Percent-encoding of the parts of a URL. Source: RFC 3986, section 2.1.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes everything but the unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes; `None` if a `%` is not followed by two hexadecimal digits, or if the bytes are not UTF-8. The crate keeps
/// such a `%` unchanged; a password that was pasted unencoded would then be right only by chance.
pub(crate) fn decode(text: &str) -> Option<String> {
    let is_encoded = |piece: &str| piece.len() >= 2 && piece.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
    if !text.split('%').skip(1).all(is_encoded) {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded() {
        for text in ["", "plain", "p@s:s/w%o?r#d ä", "%", "%%41"] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
        assert_eq!(encode("a@b%"), "a%40b%25");
        for text in ["%", "%4", "%zz", "%+1", "%ff", "%ä"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
