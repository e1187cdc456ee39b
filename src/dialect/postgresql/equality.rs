//! Equality of texts in PostgreSQL as in a source: the only home of this rule, for comparisons and order in
//! expressions, for the keys of indexes, and for keys that transship compares itself.

use crate::catalog::{CollationRule, ColumnType, Equality, Folding, LetterRule, Sensitivity};
use crate::name::quote_identifier;
use icu_collator::options::{CaseLevel, CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::Locale;

/// The difference that does not count in a comparison; `None` if texts are compared byte by byte.
///
/// # Errors
/// The source's rule is not known.
pub fn folding(equality: &Equality) -> Result<Option<Folding>, String> {
    match equality {
        Equality::Bytes => Ok(None),
        Equality::Folded { folding, .. } => Ok(Some(*folding)),
        // A collation decides keys; in an expression its result would be another collation's.
        Equality::Collated { collation, .. } | Equality::Other { collation } => {
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

/// The part of a key's text that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFolding {
    /// One difference, which an expression of the key leaves out.
    Plain(Folding),
    /// What a collation leaves out.
    Collated(CollationRule),
}

/// The part of a key's text that does not count; `None` if texts are compared byte by byte.
///
/// # Errors
/// The source's rule is not known.
pub fn key_folding(equality: &Equality) -> Result<Option<KeyFolding>, String> {
    match equality.rule() {
        Some(rule) => Ok(Some(KeyFolding::Collated(rule))),
        None => folding(equality).map(|folding| folding.map(KeyFolding::Plain)),
    }
}

/// A key that is unique as the source has it, with the collations of [`collation_name`] in this schema.
#[must_use]
pub fn folded_key(folding: KeyFolding, sql: &str, schema: &str) -> String {
    match folding {
        KeyFolding::Plain(folding) => folded(folding, sql),
        KeyFolding::Collated(CollationRule { letters, ignores_trailing_spaces }) => {
            let text = if ignores_trailing_spaces { folded(Folding::TrailingSpaces, sql) } else { sql.to_owned() };
            match letters {
                Some(letters) => {
                    let name = collation_name(letters);
                    format!("{text} COLLATE {}.{}", quote_identifier(schema), quote_identifier(&name))
                }
                None => text,
            }
        }
    }
}

/// The bytes of a text from `start` on as an index over [`folded_key`] holds them: a collation compares them, and alters
/// none.
pub fn fold_key(folding: KeyFolding, text: &mut Vec<u8>, start: usize) {
    match folding {
        KeyFolding::Plain(folding) => fold(folding, text, start),
        KeyFolding::Collated(rule) if rule.ignores_trailing_spaces => fold(Folding::TrailingSpaces, text, start),
        KeyFolding::Collated(_) => {}
    }
}

/// The name of the collation that compares letters by this rule.
#[must_use]
pub fn collation_name(LetterRule { sensitivity, language }: LetterRule) -> String {
    let ignored = match sensitivity {
        Sensitivity::Base => "ignore_case_and_accents",
        Sensitivity::Accent => "ignore_case",
        Sensitivity::Case => "ignore_accents",
        Sensitivity::Variant => "ignore_composition",
    };
    match language.tag() {
        ("und", None) => ignored.to_owned(),
        (tag, None) => format!("{ignored}_{tag}"),
        (tag, Some(variant)) => format!("{ignored}_{tag}_{variant}"),
    }
}

/// The locale of ICU for this rule (PostgreSQL documentation, section 24.2.3, "ICU Custom Collations"; Unicode Technical
/// Standard 35, part 5, "Setting Options").
#[must_use]
pub fn collation_locale(LetterRule { sensitivity, language }: LetterRule) -> String {
    let strength = match sensitivity {
        Sensitivity::Base => "ks-level1",
        Sensitivity::Accent => "ks-level2",
        Sensitivity::Case => "kc-true-ks-level1",
        Sensitivity::Variant => "ks-level3",
    };
    match language.tag() {
        (tag, None) => format!("{tag}-u-{strength}"),
        (tag, Some(variant)) => format!("{tag}-u-co-{variant}-{strength}"),
    }
}

/// Makes texts equal byte by byte that PostgreSQL takes for equal: it compares by ICU, whose data this program has as well.
#[derive(Debug)]
pub struct KeyFolder {
    folding: KeyFolding,
    collator: Option<CollatorBorrowed<'static>>,
}

impl KeyFolder {
    /// The folder of a key; `None` if ICU has no such collation.
    #[must_use]
    pub fn new(folding: KeyFolding) -> Option<Self> {
        let letters = match folding {
            KeyFolding::Plain(_) => None,
            KeyFolding::Collated(rule) => rule.letters,
        };
        let collator = match letters {
            Some(letters) => Some(collator(letters)?),
            None => None,
        };
        Some(Self { folding, collator })
    }

    /// Folds the text from `start` on.
    pub fn fold(&self, text: &mut Vec<u8>, start: usize) {
        fold_key(self.folding, text, start);
        if let (Some(collator), Some(bytes)) = (&self.collator, text.get(start..)) {
            let folded = bytes.to_vec();
            text.truncate(start);
            let Ok(()) = collator.write_sort_key_utf8_to(&folded, text);
        }
    }
}

fn collator(LetterRule { sensitivity, language }: LetterRule) -> Option<CollatorBorrowed<'static>> {
    let (tag, variant) = language.tag();
    let locale = variant.map_or_else(|| tag.to_owned(), |variant| format!("{tag}-u-co-{variant}"));
    let mut options = CollatorOptions::default();
    options.strength = Some(match sensitivity {
        Sensitivity::Base | Sensitivity::Case => Strength::Primary,
        Sensitivity::Accent => Strength::Secondary,
        Sensitivity::Variant => Strength::Tertiary,
    });
    if sensitivity == Sensitivity::Case {
        options.case_level = Some(CaseLevel::On);
    }
    Collator::try_new(locale.parse::<Locale>().ok()?.into(), options).ok()
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
        ColumnType::Citext => {
            let ignores_case = |rule: CollationRule| {
                let sensitivity = rule.letters.map(|letters| letters.sensitivity);
                sensitivity == Some(Sensitivity::Accent) && !rule.ignores_trailing_spaces
            };
            equality.is_bytes()
                || equality.folding() == Some(Folding::AsciiCase)
                || equality.rule().is_some_and(ignores_case)
        }
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
    fn a_collation_folds_what_its_rule_leaves_out() {
        use crate::catalog::Language;
        let folded = |sensitivity, language, text: &str| {
            let rule =
                CollationRule { letters: Some(LetterRule { sensitivity, language }), ignores_trailing_spaces: true };
            let mut bytes = text.as_bytes().to_vec();
            KeyFolder::new(KeyFolding::Collated(rule)).unwrap().fold(&mut bytes, 0);
            bytes
        };
        for (sensitivity, language, one, other, are_equal) in [
            (Sensitivity::Base, Language::Root, "Straße ", "STRASSE", true),
            (Sensitivity::Base, Language::Root, "résumé", "Resume", true),
            (Sensitivity::Base, Language::Root, "a b", "ab", false),
            (Sensitivity::Accent, Language::Root, "résumé", "RÉSUMÉ", true),
            (Sensitivity::Accent, Language::Root, "résumé", "resume", false),
            (Sensitivity::Case, Language::Root, "résumé", "resume", true),
            (Sensitivity::Case, Language::Root, "resume", "Resume", false),
            (Sensitivity::Variant, Language::Root, "e\u{301}", "é", true),
            (Sensitivity::Variant, Language::Root, "é", "e", false),
            (Sensitivity::Base, Language::Swedish, "Bär", "Bar", false),
            (Sensitivity::Base, Language::GermanPhonebook, "Bär", "Baer", false),
            (Sensitivity::Base, Language::Root, "Bär", "Bar", true),
        ] {
            let (first, second) = (folded(sensitivity, language, one), folded(sensitivity, language, other));
            assert_eq!(first == second, are_equal, "{one} {other} {sensitivity:?} {language:?}");
        }
    }

    #[test]
    fn every_language_has_its_collation() {
        use crate::catalog::Language;
        for (language, ..) in Language::ALL {
            let letters = LetterRule { sensitivity: Sensitivity::Base, language };
            assert!(collator(letters).is_some(), "{language:?}");
        }
        let letters = LetterRule { sensitivity: Sensitivity::Base, language: Language::Swedish };
        let rule = CollationRule { letters: Some(letters), ignores_trailing_spaces: true };
        let key = folded_key(KeyFolding::Collated(rule), "name", "app");
        assert_eq!(key, "rtrim(name, ' ') COLLATE app.ignore_case_and_accents_sv");
        assert_eq!(collation_locale(letters), "sv-u-ks-level1");
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
