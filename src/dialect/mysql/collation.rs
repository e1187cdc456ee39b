//! How a collation compares texts, by its name.
//!
//! Sources: MySQL manual, "Collation Naming Conventions" and "Collation Pad Attributes"; MariaDB documentation, "Supported
//! Character Sets and Collations". A name that says neither `_ai` nor `_as` says it by its case: `_ci` ignores accents too.

use crate::catalog::{CollationRule, Equality, Language, LetterRule, Sensitivity};

/// The languages as names of collations spell them.
const LANGUAGES: [(&str, Language); 48] = [
    ("bg", Language::Bulgarian),
    ("bs", Language::Bosnian),
    ("croatian", Language::Croatian),
    ("cs", Language::Czech),
    ("czech", Language::Czech),
    ("da", Language::Danish),
    ("danish", Language::Danish),
    ("de_pb", Language::GermanPhonebook),
    ("eo", Language::Esperanto),
    ("es", Language::Spanish),
    ("es_trad", Language::SpanishTraditional),
    ("esperanto", Language::Esperanto),
    ("estonian", Language::Estonian),
    ("et", Language::Estonian),
    ("fa", Language::Persian),
    ("german2", Language::GermanPhonebook),
    ("gl", Language::Galician),
    ("hr", Language::Croatian),
    ("hu", Language::Hungarian),
    ("hungarian", Language::Hungarian),
    ("icelandic", Language::Icelandic),
    ("is", Language::Icelandic),
    ("ja", Language::Japanese),
    ("latvian", Language::Latvian),
    ("lithuanian", Language::Lithuanian),
    ("lt", Language::Lithuanian),
    ("lv", Language::Latvian),
    ("nb", Language::Norwegian),
    ("persian", Language::Persian),
    ("pl", Language::Polish),
    ("polish", Language::Polish),
    ("ro", Language::Romanian),
    ("romanian", Language::Romanian),
    ("si", Language::Sinhala),
    ("sinhala", Language::Sinhala),
    ("sk", Language::Slovak),
    ("sl", Language::Slovenian),
    ("slovak", Language::Slovak),
    ("slovenian", Language::Slovenian),
    ("spanish", Language::Spanish),
    ("spanish2", Language::SpanishTraditional),
    ("sv", Language::Swedish),
    ("swedish", Language::Swedish),
    ("tr", Language::Turkish),
    ("turkish", Language::Turkish),
    ("vi", Language::Vietnamese),
    ("vietnamese", Language::Vietnamese),
    ("zh", Language::Chinese),
];

/// The equality of a column's values, by its type and the name of its collation.
#[must_use]
pub(crate) fn equality(declared_type: &str, collation: &str) -> Equality {
    let word = declared_type.split('(').next().unwrap_or_default();
    // Their labels differ by the collation already, and compare by their position.
    if word.eq_ignore_ascii_case("enum") || word.eq_ignore_ascii_case("set") || collation == "binary" {
        return Equality::Bytes;
    }
    match rule(collation) {
        Some(CollationRule { letters: None, ignores_trailing_spaces: false }) => Equality::Bytes,
        Some(rule) => Equality::Collated { rule, collation: collation.to_owned() },
        None => Equality::Other { collation: collation.to_owned() },
    }
}

/// The rule of a collation; `None` if its name does not say it.
fn rule(collation: &str) -> Option<CollationRule> {
    let words = collation.split('_').collect::<Vec<_>>();
    let says = |word: &str| words.contains(&word);
    let letters = match words.last().copied()? {
        "bin" => None,
        case @ ("ci" | "cs" | "ks") => {
            let ignores_case = case == "ci";
            // Its letters with accents are letters of their own, though its name does not say it.
            let ignores_accents = says("ai") || ignores_case && !says("as") && collation != "latin1_general_ci";
            let sensitivity = match (ignores_case, ignores_accents) {
                (true, true) => Sensitivity::Base,
                (true, false) => Sensitivity::Accent,
                (false, true) => Sensitivity::Case,
                (false, false) => Sensitivity::Variant,
            };
            Some(LetterRule { sensitivity, language: language(&words) })
        }
        _ => return None,
    };
    Some(CollationRule { letters, ignores_trailing_spaces: !says("nopad") && !says("0900") })
}

/// The language that a collation's name says, in one word or two (`de_pb`).
fn language(words: &[&str]) -> Language {
    // The first word is the character set, and the last ones are the differences that count.
    let words = words.get(1..words.len().saturating_sub(1)).unwrap_or_default();
    let two = words.windows(2).map(|pair| pair.join("_"));
    let names = two.chain(words.iter().map(|word| (*word).to_owned()));
    let known = |name: String| LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language);
    names.into_iter().find_map(known).unwrap_or(Language::Root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(sensitivity: Sensitivity, language: Language) -> Option<LetterRule> {
        Some(LetterRule { sensitivity, language })
    }

    #[test]
    fn a_name_says_case_accents_spaces_and_language() {
        for (collation, letters, ignores_trailing_spaces) in [
            ("utf8mb4_general_ci", letters(Sensitivity::Base, Language::Root), true),
            ("utf8mb4_unicode_520_ci", letters(Sensitivity::Base, Language::Root), true),
            ("utf8mb4_0900_ai_ci", letters(Sensitivity::Base, Language::Root), false),
            ("utf8mb4_0900_as_cs", letters(Sensitivity::Variant, Language::Root), false),
            ("utf8mb4_ja_0900_as_cs_ks", letters(Sensitivity::Variant, Language::Japanese), false),
            ("utf8mb4_de_pb_0900_as_ci", letters(Sensitivity::Accent, Language::GermanPhonebook), false),
            ("utf8mb4_es_trad_0900_ai_ci", letters(Sensitivity::Base, Language::SpanishTraditional), false),
            ("utf8mb4_uca1400_swedish_nopad_ai_cs", letters(Sensitivity::Case, Language::Swedish), false),
            ("latin1_swedish_ci", letters(Sensitivity::Base, Language::Swedish), true),
            ("latin1_general_ci", letters(Sensitivity::Accent, Language::Root), true),
            ("latin1_general_cs", letters(Sensitivity::Variant, Language::Root), true),
            ("utf8mb4_bin", None, true),
        ] {
            let Equality::Collated { rule, .. } = equality("varchar(10)", collation) else { panic!("{collation}") };
            assert_eq!(rule, CollationRule { letters, ignores_trailing_spaces }, "{collation}");
        }
        for collation in ["binary", "utf8mb4_0900_bin", "utf8mb4_nopad_bin"] {
            assert!(equality("text", collation).is_bytes(), "{collation}");
        }
        assert!(equality("enum('a','b')", "utf8mb4_general_ci").is_bytes());
        assert_eq!(equality("text", "new_zz"), Equality::Other { collation: "new_zz".to_owned() });
    }
}
