//! Languages that collate letters in their own way.

use serde::{Deserialize, Serialize};

/// A language, in a collation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// All languages: the root of the Common Locale Data Repository (CLDR).
    Root,
    /// Bosnian.
    Bosnian,
    /// Bulgarian.
    Bulgarian,
    /// Chinese.
    Chinese,
    /// Croatian.
    Croatian,
    /// Czech.
    Czech,
    /// Danish.
    Danish,
    /// Esperanto.
    Esperanto,
    /// Estonian.
    Estonian,
    /// Galician.
    Galician,
    /// German as in a telephone directory: ä = ae.
    GermanPhonebook,
    /// Hungarian.
    Hungarian,
    /// Icelandic.
    Icelandic,
    /// Japanese.
    Japanese,
    /// Latvian.
    Latvian,
    /// Lithuanian.
    Lithuanian,
    /// Norwegian.
    Norwegian,
    /// Persian.
    Persian,
    /// Polish.
    Polish,
    /// Romanian.
    Romanian,
    /// Sinhala.
    Sinhala,
    /// Slovak.
    Slovak,
    /// Slovenian.
    Slovenian,
    /// Spanish.
    Spanish,
    /// Spanish in the order before 1994: ch and ll are letters.
    SpanishTraditional,
    /// Swedish: å, ä and ö are letters of their own, ü = y.
    Swedish,
    /// Turkish.
    Turkish,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// Every language with its tag in Unicode's locale data (BCP 47), and the variant of its collation.
    pub const ALL: [(Language, &'static str, Option<&'static str>); 28] = [
        (Language::Root, "und", None),
        (Language::Bosnian, "bs", None),
        (Language::Bulgarian, "bg", None),
        (Language::Chinese, "zh", None),
        (Language::Croatian, "hr", None),
        (Language::Czech, "cs", None),
        (Language::Danish, "da", None),
        (Language::Esperanto, "eo", None),
        (Language::Estonian, "et", None),
        (Language::Galician, "gl", None),
        (Language::GermanPhonebook, "de", Some("phonebk")),
        (Language::Hungarian, "hu", None),
        (Language::Icelandic, "is", None),
        (Language::Japanese, "ja", None),
        (Language::Latvian, "lv", None),
        (Language::Lithuanian, "lt", None),
        (Language::Norwegian, "nb", None),
        (Language::Persian, "fa", None),
        (Language::Polish, "pl", None),
        (Language::Romanian, "ro", None),
        (Language::Sinhala, "si", None),
        (Language::Slovak, "sk", None),
        (Language::Slovenian, "sl", None),
        (Language::Spanish, "es", None),
        (Language::SpanishTraditional, "es", Some("trad")),
        (Language::Swedish, "sv", None),
        (Language::Turkish, "tr", None),
        (Language::Vietnamese, "vi", None),
    ];

    /// The language's tag, and the variant of its collation.
    #[must_use]
    pub fn tag(self) -> (&'static str, Option<&'static str>) {
        let found = Self::ALL.into_iter().find(|(language, ..)| *language == self);
        found.map_or(("und", None), |(_, tag, variant)| (tag, variant))
    }
}
