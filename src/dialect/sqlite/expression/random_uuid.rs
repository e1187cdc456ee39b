//! A DEFAULT that makes a random UUID.
//!
//! SQLite has no function for one, so that applications put it together from `hex(randomblob(…))` and dashes, each in its
//! own way. The text is taken for a UUID by the places of its characters, not by its spelling in SQL.

use crate::catalog::ColumnType;
use crate::dialect::expression::{natural, strip};
use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

/// Characters of a UUID in its usual spelling.
const LENGTH: usize = 36;

/// One character of the text that an expression makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UuidCharacter {
    /// The same in every value.
    Fixed(char),
    /// A random hexadecimal digit.
    Digit(LetterCase),
    /// One of 8, 9, a and b, by chance.
    Variant(LetterCase),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LetterCase {
    Lower,
    Upper,
}

/// The DEFAULT in PostgreSQL's SQL; `None` if the expression makes something else, or the column does not take all of it.
pub(super) fn random_uuid(expression: &Expr, column_type: &ColumnType) -> Option<String> {
    let case = case_of_uuid(expression)?;
    match (column_type, case) {
        (ColumnType::Uuid, _) => Some("gen_random_uuid()".to_owned()),
        (ColumnType::Varchar(Some(length)) | ColumnType::Char(length), _) if (*length as usize) < LENGTH => None,
        (ColumnType::Char(length), _) if *length as usize > LENGTH => None,
        (other, LetterCase::Lower) if other.is_text() => Some("(gen_random_uuid()::text)".to_owned()),
        (other, LetterCase::Upper) if other.is_text() => Some("upper(gen_random_uuid()::text)".to_owned()),
        _ => None,
    }
}

fn case_of_uuid(expression: &Expr) -> Option<LetterCase> {
    // An application or an extension has to bring them along: <https://www.sqlite.org/src/file/ext/misc/uuid.c>.
    if let Expr::Function(function) = strip(expression)
        && let Some((name, arguments)) = call(function)
        && arguments.is_empty()
    {
        return matches!(name.as_str(), "uuid" | "gen_random_uuid").then_some(LetterCase::Lower);
    }
    let places = places(expression)?;
    let is_of_uuid = |(at, place): (usize, &UuidCharacter)| match (at, place) {
        (8 | 13 | 18 | 23, place) => *place == UuidCharacter::Fixed('-'),
        (14, UuidCharacter::Fixed(version)) => *version == '4',
        (19, UuidCharacter::Fixed(variant)) => "89abAB".contains(*variant),
        (19, UuidCharacter::Variant(_)) => true,
        (_, place) => matches!(place, UuidCharacter::Digit(_)),
    };
    if places.len() != LENGTH || !places.iter().enumerate().all(is_of_uuid) {
        return None;
    }
    let mut cases = places.iter().filter_map(|place| match place {
        UuidCharacter::Digit(case) | UuidCharacter::Variant(case) => Some(*case),
        UuidCharacter::Fixed(letter) if letter.is_ascii_lowercase() => Some(LetterCase::Lower),
        UuidCharacter::Fixed(letter) if letter.is_ascii_uppercase() => Some(LetterCase::Upper),
        UuidCharacter::Fixed(_) => None,
    });
    let first = cases.next()?;
    cases.all(|case| case == first).then_some(first)
}

/// The characters of a text; `None` if they are not known one by one.
fn places(expression: &Expr) -> Option<Vec<UuidCharacter>> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.chars().map(UuidCharacter::Fixed).collect()),
            _ => None,
        },
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
            let mut joined = places(left)?;
            joined.extend(places(right)?);
            (joined.len() <= LENGTH).then_some(joined)
        }
        Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
            part(expr, from, substring_for.as_deref())
        }
        Expr::Function(function) => {
            let (name, arguments) = call(function)?;
            match (name.as_str(), arguments.as_slice()) {
                ("lower", [text]) => Some(in_case(places(text)?, LetterCase::Lower)),
                ("upper", [text]) => Some(in_case(places(text)?, LetterCase::Upper)),
                ("hex", [bytes]) => {
                    Some(vec![UuidCharacter::Digit(LetterCase::Upper); random_bytes(bytes)?.checked_mul(2)?])
                }
                ("substr" | "substring", [text, from]) => part(text, from, None),
                ("substr" | "substring", [text, from, length]) => part(text, from, Some(length)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Name and arguments of a plain call.
fn call(function: &Function) -> Option<(String, Vec<&Expr>)> {
    let FunctionArguments::List(list) = &function.args else { return None };
    if function.over.is_some() || function.filter.is_some() || !list.clauses.is_empty() {
        return None;
    }
    let argument = |argument: &'_ FunctionArg| matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(_)));
    if !list.args.iter().all(argument) {
        return None;
    }
    let arguments = list.args.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument),
        _ => None,
    });
    Some((function.name.to_string().to_ascii_lowercase(), arguments.collect()))
}

/// The number of bytes of `randomblob(16)`; not more than a UUID has.
fn random_bytes(expression: &Expr) -> Option<usize> {
    let Expr::Function(function) = strip(expression) else { return None };
    match call(function)? {
        (name, arguments) if name == "randomblob" => match arguments.as_slice() {
            [number] => natural(number).map(|number| number as usize).filter(|number| (1..=16).contains(number)),
            _ => None,
        },
        _ => None,
    }
}

/// SUBSTR from a place that is known, or of one character by chance.
fn part(text: &Expr, from: &Expr, length: Option<&Expr>) -> Option<Vec<UuidCharacter>> {
    let text = places(text)?;
    let length = length.map(|length| natural(length).map(|length| length as usize));
    if let Some(from) = natural(from) {
        let (start, length) = ((from as usize).checked_sub(1)?, length.unwrap_or(Some(text.len()))?);
        return Some(text.into_iter().skip(start).take(length).collect());
    }
    let is_one_of_four = length == Some(Some(1)) && draws_one_to_four(from);
    let mut letters = text
        .iter()
        .map(|place| if let UuidCharacter::Fixed(letter) = place { *letter } else { ' ' })
        .collect::<Vec<_>>();
    letters.sort_unstable();
    match letters.as_slice() {
        ['8', '9', 'a', 'b'] if is_one_of_four => Some(vec![UuidCharacter::Variant(LetterCase::Lower)]),
        ['8', '9', 'A', 'B'] if is_one_of_four => Some(vec![UuidCharacter::Variant(LetterCase::Upper)]),
        _ => None,
    }
}

/// `abs(random()) % 4 + 1`, with any parentheses.
fn draws_one_to_four(expression: &Expr) -> bool {
    let is_drawn = |expression: &Expr| match strip(expression) {
        Expr::BinaryOp { left, op: BinaryOperator::Modulo, right } => {
            natural(right) == Some(4) && strip(left).to_string().eq_ignore_ascii_case("abs(random())")
        }
        _ => false,
    };
    match strip(expression) {
        Expr::BinaryOp { left, op: BinaryOperator::Plus, right } => {
            natural(right) == Some(1) && is_drawn(left) || natural(left) == Some(1) && is_drawn(right)
        }
        _ => false,
    }
}

fn in_case(places: Vec<UuidCharacter>, case: LetterCase) -> Vec<UuidCharacter> {
    let changed = |place| match (place, case) {
        (UuidCharacter::Digit(_), case) => UuidCharacter::Digit(case),
        (UuidCharacter::Variant(_), case) => UuidCharacter::Variant(case),
        (UuidCharacter::Fixed(letter), LetterCase::Lower) => UuidCharacter::Fixed(letter.to_ascii_lowercase()),
        (UuidCharacter::Fixed(letter), LetterCase::Upper) => UuidCharacter::Fixed(letter.to_ascii_uppercase()),
    };
    places.into_iter().map(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::super::default_value;
    use crate::dialect::sqlite::affinity::Affinity;
    use crate::value::Zone;

    fn made(text: &str, column_type: &str) -> Option<String> {
        default_value(text, Affinity::Text, &column_type.parse().unwrap(), &Zone::UTC).ok()
    }

    const USUAL: &str = "(\n    (\n    lower(hex(randomblob(4)))\n    || '-' || lower(hex(randomblob(2))) || '-4'
        || substr(lower(hex(randomblob(2))),2) || '-' || substr('89ab',abs(random()) % 4 + 1, 1)
        || substr(lower(hex(randomblob(2))),2) || '-' || lower(hex(randomblob(6)))\n    )\n    )";

    #[test]
    fn a_uuid_that_is_put_together_is_one_of_postgresql() {
        for (text, expected) in [
            (USUAL, "(gen_random_uuid()::text)"),
            (
                "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-'
                  || substr('AB89', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))",
                "(gen_random_uuid()::text)",
            ),
            (
                "(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 1, 3) || '-A'
                  || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))",
                "upper(gen_random_uuid()::text)",
            ),
            ("(GEN_RANDOM_UUID())", "(gen_random_uuid()::text)"),
        ] {
            for column in ["text", "varchar(36)", "char(36)"] {
                assert_eq!(made(text, column).as_deref(), Some(expected), "{text} in {column}");
            }
            assert_eq!(made(text, "uuid").as_deref(), Some("gen_random_uuid()"), "{text}");
        }
    }

    #[test]
    fn any_other_text_by_chance_is_none() {
        for (text, column) in [
            (USUAL, "varchar(32)"),
            (USUAL, "bytea"),
            ("(lower(hex(randomblob(16))))", "text"),
            ("(lower(hex(randomblob(16))))", "uuid"),
            (&USUAL.replace("'-4'", "'-9'"), "text"),
            (&USUAL.replace("lower(hex(randomblob(6)))", "hex(randomblob(6))"), "text"),
            (&USUAL.replace("lower(hex(randomblob(6)))", "lower(hex(randomblob(5)))"), "text"),
            (&USUAL.replace("abs(random()) % 4 + 1", "abs(random()) % 4"), "text"),
            ("(uuid(1))", "text"),
        ] {
            assert_eq!(made(text, column), None, "{text} in {column}");
        }
    }
}
