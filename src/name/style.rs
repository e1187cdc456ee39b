//! Rules that make the target's names from the source's.

use heck::ToSnakeCase;
use serde::Serialize;
use std::borrow::Cow;

/// The longest identifier PostgreSQL keeps, in bytes (NAMEDATALEN - 1; PostgreSQL documentation, section 4.1.1).
pub const LONGEST_NAME: usize = 63;

/// `target.names`: the rule for names in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameStyle {
    /// As they are.
    #[default]
    Preserve,
    /// `UserID` becomes `user_id`.
    SnakeCase,
    /// `UserID` becomes `userid`.
    Lower,
}

impl NameStyle {
    /// Every style with the word the spec uses for it.
    pub const ALL: [(&'static str, NameStyle); 3] =
        [("preserve", NameStyle::Preserve), ("snake_case", NameStyle::SnakeCase), ("lower", NameStyle::Lower)];

    /// The target's name for a source's name, shortened if PostgreSQL would cut it.
    #[must_use]
    pub fn apply(self, name: &str) -> String {
        shorten(&self.styled(name))
    }

    /// The same at its full length.
    #[must_use]
    pub fn styled(self, name: &str) -> Cow<'_, str> {
        match self {
            NameStyle::Preserve => Cow::Borrowed(name),
            NameStyle::SnakeCase => {
                let snake = name.to_snake_case();
                // A name of only punctuation has no words; a leading underscore has a meaning for people.
                if snake.is_empty() {
                    Cow::Borrowed(name)
                } else {
                    let underscores = name.len() - name.trim_start_matches('_').len();
                    Cow::Owned("_".repeat(underscores) + &snake)
                }
            }
            NameStyle::Lower => Cow::Owned(name.to_lowercase()),
        }
    }
}

/// Shortens a name of more than [`LONGEST_NAME`] bytes to its beginning and eight hexadecimal digits of its digest, so
/// that two long names with the same beginning stay distinct. PostgreSQL itself would cut both to the same name.
#[must_use]
pub fn shorten(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let digest = blake3::hash(name.as_bytes()).to_hex();
    let kept = name.floor_char_boundary(LONGEST_NAME - 9);
    format!("{}_{}", &name[..kept], &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles() {
        assert_eq!(NameStyle::SnakeCase.apply("UserID"), "user_id");
        assert_eq!(NameStyle::SnakeCase.apply("_PrivateThing"), "_private_thing");
        assert_eq!(NameStyle::SnakeCase.apply("%"), "%");
        assert_eq!(NameStyle::Lower.apply("Größe"), "größe");
        assert_eq!(NameStyle::Preserve.apply("Order Details"), "Order Details");
    }

    #[test]
    fn long_names_stay_apart_and_fit() {
        let (one, two) = (format!("{}a", "é".repeat(40)), format!("{}b", "é".repeat(40)));
        assert_ne!(shorten(&one), shorten(&two));
        assert!(shorten(&one).len() <= LONGEST_NAME);
        assert_eq!(shorten(&"x".repeat(63)), "x".repeat(63));
    }
}
