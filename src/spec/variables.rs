//! `${NAME}` and `${NAME:-default}` in the strings of `[source]` and `[target]`.
//!
//! As in the shell, a default also replaces an empty variable. A default ends at the next `}` and holds no reference of
//! its own. `$${` is a literal `${`. Outside of `[source]` and `[target]` nothing is read from the environment: there a
//! reference is a problem, `$${NAME}` is a literal `${NAME}`, and a `${` that begins no reference is plain text, since
//! SQL has its own uses of dollars and braces.

use crate::connection::percent_encode;
use secrecy::SecretString;
use std::ops::Range;

/// A part of a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StringPiece<'t> {
    /// Literal text.
    Literal(&'t str),
    /// `${NAME}` or `${NAME:-default}`, with its place in the string.
    Reference { range: Range<usize>, name: &'t str, default: Option<&'t str> },
    /// A `${` that is no reference, with the reason.
    Malformed { range: Range<usize>, reason: &'static str },
}

/// Splits a string into its parts.
pub(super) fn pieces(text: &str) -> Vec<StringPiece<'_>> {
    let mut pieces = Vec::new();
    let mut literal_start = 0;
    let mut position = 0;
    while let Some(found) = text[position..].find('$').map(|found| position + found) {
        if text[found..].starts_with("$${") {
            pieces.push(StringPiece::Literal(&text[literal_start..found]));
            // The second dollar begins the text that follows.
            literal_start = found + 1;
            position = found + 3;
        } else if text[found..].starts_with("${") {
            pieces.push(StringPiece::Literal(&text[literal_start..found]));
            let piece = reference(text, found);
            if let StringPiece::Reference { range, .. } | StringPiece::Malformed { range, .. } = &piece {
                position = range.end;
            }
            literal_start = position;
            pieces.push(piece);
        } else {
            position = found + 1;
        }
    }
    pieces.push(StringPiece::Literal(&text[literal_start..]));
    pieces.retain(|piece| *piece != StringPiece::Literal(""));
    pieces
}

/// Reads the reference whose `${` is at `start`.
fn reference(text: &str, start: usize) -> StringPiece<'_> {
    let inner = &text[start + 2..];
    let letter = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let name = &inner[..inner.find(|character| !letter(character)).unwrap_or(inner.len())];
    let after = &inner[name.len()..];
    let close = after.find('}');
    let malformed =
        |length: usize, reason| StringPiece::Malformed { range: start..start + 2 + name.len() + length, reason };
    let Some(close) = close else {
        return malformed(0, "it is not closed with `}`");
    };
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return malformed(close + 1, "a name is made of letters, digits and `_`, and does not begin with a digit");
    }
    let default = after[..close].strip_prefix(":-");
    if default.is_some_and(|default| default.contains("${")) {
        return malformed(close + 1, "a default cannot hold a reference of its own");
    }
    if default.is_none() && close > 0 {
        return malformed(close + 1, "after the name comes `}`, or `:-` and a default");
    }
    StringPiece::Reference { range: start..start + 2 + name.len() + close + 1, name, default }
}

/// A string outside of `[source]` and `[target]`, or the places of its references.
pub(super) fn without_references(text: &str) -> Result<String, Vec<(Range<usize>, &str)>> {
    let mut plain = String::with_capacity(text.len());
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(dollar) = text[rest..].find("${").map(|dollar| rest + dollar) {
        plain.push_str(&text[rest..dollar]);
        let (end, name) = match reference(text, dollar) {
            StringPiece::Reference { range, name, .. } => (range.end, Some(name)),
            _ => (dollar + 2, None),
        };
        match name {
            // The escape's own dollar is already in `plain`.
            Some(_) if plain.ends_with('$') => {
                plain.pop();
            }
            Some(name) => found.push((dollar..end, name)),
            None => {}
        }
        plain.push_str(&text[dollar..end]);
        rest = end;
    }
    plain.push_str(&text[rest..]);
    if found.is_empty() { Ok(plain) } else { Err(found) }
}

/// Puts the values of the references into a string. `value` gives them, in order.
pub(super) fn substitute<'v>(pieces: &[StringPiece<'_>], mut value: impl FnMut(usize) -> &'v str) -> String {
    let mut text = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            StringPiece::Literal(literal) => text.push_str(literal),
            StringPiece::Reference { .. } => text.push_str(value(index)),
            StringPiece::Malformed { .. } => {}
        }
    }
    text
}

/// Puts the values of the references into a URL.
///
/// A value in the place of user or password is percent-encoded, so that a password may hold any character. A value that
/// is the whole of both, `postgres://${LOGIN}@host`, keeps its first colon. Elsewhere, and above all if one variable is
/// the whole URL, a value is taken as it is.
pub(super) fn substitute_in_url<'v>(
    pieces: &[StringPiece<'_>],
    mut value: impl FnMut(usize) -> &'v str,
) -> SecretString {
    let encoded: Vec<Option<String>> = (0..pieces.len())
        .map(|index| match pieces[index] {
            StringPiece::Reference { .. } => Some(match place_in_url(pieces, index) {
                UrlPlace::Elsewhere => value(index).to_owned(),
                UrlPlace::UserOrPassword => percent_encode(value(index)),
                UrlPlace::UserAndPassword => {
                    let parts = value(index).splitn(2, ':').map(percent_encode).collect::<Vec<_>>();
                    parts.join(":")
                }
            }),
            _ => None,
        })
        .collect();
    SecretString::from(substitute(pieces, |index| encoded[index].as_deref().unwrap_or_default()))
}

enum UrlPlace {
    UserOrPassword,
    UserAndPassword,
    Elsewhere,
}

/// Place in a URL of the piece at `index`, as far as the literal text around it shows.
fn place_in_url(pieces: &[StringPiece<'_>], index: usize) -> UrlPlace {
    let literals = |pieces: &[StringPiece<'_>]| substitute(pieces, |_| "");
    let (before, after) = (literals(&pieces[..index]), literals(&pieces[index + 1..]));
    let Some((_, authority)) = before.split_once("://").filter(|(scheme, _)| !scheme.eq_ignore_ascii_case("sqlite"))
    else {
        return UrlPlace::Elsewhere;
    };
    let at = after.find(['@', '/', '?', '#']).filter(|found| after[*found..].starts_with('@'));
    match at {
        Some(at) if !authority.contains(['@', '/', '?', '#']) => {
            let alone = authority.is_empty() && at == 0 && is_delimited(pieces, index);
            if alone { UrlPlace::UserAndPassword } else { UrlPlace::UserOrPassword }
        }
        _ => UrlPlace::Elsewhere,
    }
}

/// Whether both neighbours of a piece are literal text.
fn is_delimited(pieces: &[StringPiece<'_>], index: usize) -> bool {
    let literal = |piece: Option<&StringPiece<'_>>| matches!(piece, Some(StringPiece::Literal(_)));
    literal(index.checked_sub(1).and_then(|before| pieces.get(before))) && literal(pieces.get(index + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn url(text: &str, values: &[&str]) -> String {
        let mut values = values.iter();
        substitute_in_url(&pieces(text), |_| values.next().unwrap()).expose_secret().to_owned()
    }

    #[test]
    fn strings_are_taken_apart() {
        let reference = |range, name, default| StringPiece::Reference { range, name, default };
        assert_eq!(pieces("${A}"), [reference(0..4, "A", None)]);
        assert_eq!(
            pieces("x${A:-b:c}y"),
            [StringPiece::Literal("x"), reference(1..10, "A", Some("b:c")), StringPiece::Literal("y")]
        );
        assert_eq!(pieces("${A:-}"), [reference(0..6, "A", Some(""))]);
        assert_eq!(pieces("a$${B} $1 $"), [StringPiece::Literal("a"), StringPiece::Literal("${B} $1 $")]);
        assert_eq!(substitute(&pieces("$$${"), |_| ""), "$${");
        for (text, range) in
            [("${", 0..2), ("é${A", 2..5), ("${A-b}", 0..6), ("${}", 0..3), ("${1}", 0..4), ("${A:-${B}}", 0..9)]
        {
            let pieces = pieces(text);
            assert!(
                pieces
                    .iter()
                    .any(|piece| matches!(piece, StringPiece::Malformed { range: found, .. } if *found == range)),
                "{pieces:?}"
            );
        }
    }

    #[test]
    fn outside_of_connections_references_are_found_and_dollars_are_left_alone() {
        assert_eq!(without_references("a $${B} $$ ${\"a\":1} $1 ${"), Ok("a ${B} $$ ${\"a\":1} $1 ${".to_owned()));
        assert_eq!(without_references("$${\"a\":1}$$"), Ok("$${\"a\":1}$$".to_owned()));
        assert_eq!(without_references("x ${A} ${B:-c}"), Err(vec![(2..6, "A"), (7..14, "B")]));
    }

    #[test]
    fn values_in_user_and_password_are_encoded() {
        assert_eq!(url("mysql://u:${P}@h/db", &["p@s/s#%:"]), "mysql://u:p%40s%2Fs%23%25%3A@h/db");
        assert_eq!(url("mysql://${U}:${P}@${H}:1/db", &["a:b", "c@", "h@x"]), "mysql://a%3Ab:c%40@h@x:1/db");
        assert_eq!(url("mysql://${L}@h/db", &["user:p@ss:word"]), "mysql://user:p%40ss%3Aword@h/db");
        assert_eq!(url("${URL}", &["mysql://u:p%40@h"]), "mysql://u:p%40@h");
        assert_eq!(url("sqlite:${P}", &["a@b#c"]), "sqlite:a@b#c");
        assert_eq!(url("sqlite://${P}@home.db", &["a b"]), "sqlite://a b@home.db");
        assert_eq!(url("postgres://h/${DB}?user=a@b", &["x/y"]), "postgres://h/x/y?user=a@b");
    }
}
