//! Equality of texts in PostgreSQL as in a source: the only home of this rule, for comparisons and order in
//! expressions, for the keys of indexes, and for keys that transship compares itself.

use crate::catalog::{ColumnType, Equality, Folding};

/// The difference that does not count in a comparison; `None` if texts are compared byte by byte.
///
/// # Errors
/// The source's rule is not known.
pub fn folding(equality: &Equality) -> Result<Option<Folding>, String> {
    match equality {
        Equality::Bytes => Ok(None),
        Equality::Folded { folding, .. } => Ok(Some(*folding)),
        Equality::Other { collation } => {
            Err(format!("it compares by the collation {}", collation.to_ascii_uppercase()))
        }
    }
}

/// A text without the difference that does not count: equal byte by byte if the source takes the texts for equal.
/// lower() folds the 26 letters of ASCII alone in the collation "C"
/// (<https://www.postgresql.org/docs/current/collation.html#COLLATION-MANAGING-STANDARD>), which an operator takes over
/// from its last operand.
#[must_use]
pub fn folded(folding: Folding, sql: &str) -> String {
    match folding {
        Folding::AsciiCase => format!("lower({sql} COLLATE \"C\")"),
        Folding::TrailingSpaces => format!("rtrim({sql}, ' ')"),
    }
}

/// The bytes of a text from `start` on as [`folded`] leaves them.
pub fn fold(folding: Folding, text: &mut Vec<u8>, start: usize) {
    let Some(bytes) = text.get_mut(start..) else { return };
    match folding {
        Folding::AsciiCase => bytes.make_ascii_lowercase(),
        Folding::TrailingSpaces => {
            let spaces = bytes.iter().rev().take_while(|byte| **byte == b' ').count();
            text.truncate(text.len() - spaces);
        }
    }
}

/// Whether the keys of a column of this type must be [`folded`] to be compared as in the source: it holds text, and
/// PostgreSQL compares it byte by byte.
#[must_use]
pub fn is_folded(column_type: &ColumnType) -> bool {
    matches!(column_type, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_))
}

/// Whether a column of this type compares as the source does without folding: citext ignores case, and an equality
/// applies to text only (<https://www.sqlite.org/datatype3.html#collation>).
#[must_use]
pub fn is_kept(equality: &Equality, column_type: &ColumnType) -> bool {
    match column_type {
        ColumnType::Citext => equality.is_bytes() || equality.folding() == Some(Folding::AsciiCase),
        other => equality.is_bytes() || !is_folded(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_folded_as_in_sql() {
        for (rule, before, after) in [
            (Folding::AsciiCase, "ab:ÄSz ", "ab:Äsz "),
            (Folding::TrailingSpaces, "ab: S\t  ", "ab: S\t"),
            (Folding::TrailingSpaces, "ab:  ", "ab:"),
        ] {
            let mut bytes = before.as_bytes().to_vec();
            fold(rule, &mut bytes, 3);
            assert_eq!(String::from_utf8(bytes).unwrap(), after, "{rule:?}");
        }
        assert_eq!(folded(Folding::TrailingSpaces, "name"), "rtrim(name, ' ')");
        assert_eq!(folded(Folding::AsciiCase, "name"), "lower(name COLLATE \"C\")");
    }

    #[test]
    fn a_type_keeps_what_it_compares_alike() {
        let by = |folding| Equality::Folded { folding, collation: String::new() };
        assert!(is_kept(&by(Folding::AsciiCase), &ColumnType::Citext));
        assert!(!is_kept(&by(Folding::TrailingSpaces), &ColumnType::Citext));
        assert!(!is_kept(&by(Folding::AsciiCase), &ColumnType::Varchar(None)));
        assert!(is_kept(&Equality::Other { collation: "german".to_owned() }, &ColumnType::BigInt));
        assert!(is_kept(&Equality::Bytes, &ColumnType::Text));
    }
}
