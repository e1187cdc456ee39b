//! Prefixes of texts, which an index may have for keys: `left(column, length)`, as the source's structure has them.

use super::token::tokens;
use crate::dialect::token::TokenKind;

/// The most bytes of a prefix in UTF-8, whose characters have four at most; `None` for any other expression.
pub(super) fn longest(text: &str) -> Option<u64> {
    let tokens = tokens(text);
    let [function, open, column, comma, length, close] = tokens.as_slice() else { return None };
    let kinds = [open, column, comma, length, close].map(|token| token.kind);
    use TokenKind::{Close, Comma, Number, Open, Quoted};
    let is_prefix = function.is("LEFT") && kinds == [Open, Quoted, Comma, Number, Close];
    length.text.parse::<u64>().ok().filter(|_| is_prefix)?.checked_mul(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_a_column_alone_have_a_length() {
        assert_eq!(longest("left(`t`, 768)"), Some(3072));
        assert_eq!(longest("left(`a, (b`, 10)"), Some(40));
        for other in ["lower(`t`)", "left(`t`, `n`)", "left(`t`, 5) or left(`u`, 6)", "concat(left(`t`, 5), `u`)"] {
            assert_eq!(longest(other), None, "{other}");
        }
    }
}
