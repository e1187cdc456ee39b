//! Types as a source declares them, and patterns for such types.

use std::cmp::Reverse;
use std::fmt;

/// A type as the source declares it, or a pattern for such types: `VARCHAR(36)`, `VARCHAR(*)`, `VARCHAR`, `*INT*`.
///
/// Two spellings of one type are equal: case and spaces make no difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeclaredType {
    /// The name without arguments, upper case, with single spaces: `DOUBLE PRECISION`, `DECIMAL UNSIGNED`.
    pub base: String,
    /// The arguments in parentheses, trimmed: `["10", "2"]`.
    pub arguments: Vec<String>,
}

/// Specificity of a pattern; the greater, the more specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    base_is_literal: bool,
    literal_arguments: usize,
    any_arguments: usize,
    literal_characters: usize,
}

impl DeclaredType {
    /// Reads any declared type. Unclosed parentheses are part of the name, as in SQLite.
    #[must_use]
    pub fn parse(declared: &str) -> Self {
        let (name, arguments) = match (declared.find('('), declared.rfind(')')) {
            (Some(open), Some(close)) if open < close => {
                let name = format!("{} {}", &declared[..open], &declared[close + 1..]);
                (name, split_arguments(&declared[open + 1..close]))
            }
            _ => (declared.to_owned(), Vec::new()),
        };
        let base = name.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        Self { base, arguments }
    }

    /// Whether this, as a pattern, matches a declared type, and how specifically.
    ///
    /// `*` in the name stands for any text, an argument `*` for any argument, and the one argument `*` for one or more.
    /// A pattern without arguments matches any arguments.
    #[must_use]
    pub fn matches(&self, declared: &DeclaredType) -> Option<Specificity> {
        let arguments_match = match self.arguments.as_slice() {
            [] => true,
            [any] if any == "*" => !declared.arguments.is_empty(),
            arguments => {
                arguments.len() == declared.arguments.len()
                    && arguments
                        .iter()
                        .zip(&declared.arguments)
                        .all(|(pattern, given)| pattern == "*" || pattern == given)
            }
        };
        (arguments_match && wildcard(&self.base, &declared.base)).then(|| self.specificity())
    }

    /// Specificity as a pattern.
    #[must_use]
    pub fn specificity(&self) -> Specificity {
        let any_arguments = self.arguments.iter().filter(|argument| *argument == "*").count();
        Specificity {
            base_is_literal: !self.base.contains('*'),
            literal_arguments: self.arguments.len() - any_arguments,
            any_arguments,
            literal_characters: self.base.chars().filter(|character| *character != '*').count(),
        }
    }

    /// The order of `[types]`: the most specific first, and a fixed order among equals.
    pub(crate) fn order(&self) -> (Reverse<Specificity>, &str, &[String]) {
        (Reverse(self.specificity()), &self.base, &self.arguments)
    }
}

impl fmt::Display for DeclaredType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.base)?;
        if self.arguments.is_empty() { Ok(()) } else { write!(formatter, "({})", self.arguments.join(",")) }
    }
}

/// Splits at commas outside of quotes: MySQL's `ENUM('a,b','c')` has two arguments.
fn split_arguments(arguments: &str) -> Vec<String> {
    let mut split = vec![String::new()];
    let mut quoted = false;
    for character in arguments.chars() {
        quoted ^= character == '\'';
        match split.last_mut() {
            Some(last) if character != ',' || quoted => last.push(character),
            _ => split.push(String::new()),
        }
    }
    split.iter().map(|argument| argument.trim().to_owned()).collect()
}

/// Whether `text` is `pattern` with any text for every `*`.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_are_folded() {
        for (declared, shown) in [
            ("varchar(36)", "VARCHAR(36)"),
            (" double \t precision ", "DOUBLE PRECISION"),
            ("decimal ( 10 , 2 ) unsigned", "DECIMAL UNSIGNED(10,2)"),
            ("enum('a,b', 'c')", "ENUM('a,b','c')"),
            ("", ""),
            ("odd)(", "ODD)("),
        ] {
            assert_eq!(DeclaredType::parse(declared).to_string(), shown);
        }
        assert_eq!(DeclaredType::parse("NUMERIC(10,2)"), DeclaredType::parse("numeric( 10, 2 )"));
    }

    #[test]
    fn the_most_specific_rule_comes_first() {
        let mut rules: Vec<_> =
            ["*", "VARCHAR", "*CHAR*", "VARCHAR(*)", "VARCHAR(36)", "*(36)", "*INT"].map(DeclaredType::parse).into();
        rules.sort_by(|one, other| one.order().cmp(&other.order()));
        let sorted: Vec<_> = rules.iter().map(ToString::to_string).collect();
        assert_eq!(sorted, ["VARCHAR(36)", "VARCHAR(*)", "VARCHAR", "*(36)", "*CHAR*", "*INT", "*"]);

        let matches = |pattern: &str, declared: &str| {
            DeclaredType::parse(pattern).matches(&DeclaredType::parse(declared)).is_some()
        };
        assert!(matches("VARCHAR", "varchar(50)"));
        assert!(matches("varchar(36)", "VARCHAR (36)"));
        assert!(!matches("VARCHAR(36)", "VARCHAR(50)"));
        assert!(!matches("VARCHAR(36)", "VARCHAR"));
        assert!(matches("VARCHAR(*)", "VARCHAR(50)"));
        assert!(!matches("VARCHAR(*)", "VARCHAR"));
        assert!(matches("DECIMAL(*)", "DECIMAL(10,2)"));
        assert!(matches("DECIMAL(10,*)", "DECIMAL(10,2)"));
        assert!(matches("*INT*", "unsigned big int"));
        assert!(!matches("A*A", "A"));
        assert!(matches("*", ""));
        assert!(!matches("VARCHAR", "NVARCHAR"));
    }
}
