//! How texts compare: by the collation of the columns they come from.
//!
//! A literal is compared as the other side is. Two collations in one comparison are an error in MySQL, or decided by
//! rules that are not followed here (MySQL manual, section "Collation Coercibility in Expressions").

use super::translator::Translator;
use crate::catalog::{CollationRule, Equality};
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::scope::{Carrier, TextRule};
use crate::dialect::expression::sql::{Binds, Sql};
use crate::dialect::postgresql::equality::collation_name;
use crate::name::{quote_identifier, quote_literal};

/// A label as a text: the collation of its column is not known, only that labels differ by it.
pub(super) fn of_labels(written: Sql) -> Sql {
    let equality = Equality::Other { collation: "of an ENUM".to_owned() };
    Sql { rule: Some(TextRule { equality, carrier: Carrier::Nothing }), ..written }
}

/// The collation of a text, for a message.
pub(in crate::dialect::mysql) fn collation_words(rule: Option<&TextRule>) -> &str {
    rule.and_then(|rule| rule.equality.collation()).unwrap_or("that no column gives")
}

/// The rule of a text that is not compared with another collation's: digits and signs of ASCII, without a space at its
/// end, which every collation tells apart as bytes do.
pub(super) fn plain_rule() -> Option<TextRule> {
    Some(TextRule { equality: Equality::Bytes, carrier: Carrier::Nothing })
}

/// The rule of a text that is made of these; `None` if all are literals.
pub(in crate::dialect::mysql) fn joined<'s>(parts: impl IntoIterator<Item = &'s Sql>) -> Option<TextRule> {
    let rules = parts.into_iter().filter_map(|part| part.rule.clone());
    rules.reduce(|one, two| match one.equality == two.equality {
        true if one.carrier == two.carrier => one,
        true => TextRule { carrier: Carrier::Keys, ..one },
        false => {
            let name = |equality: &Equality| equality.collation().unwrap_or("of bytes").to_owned();
            let collation = format!("{} or {}", name(&one.equality), name(&two.equality));
            TextRule { equality: Equality::Other { collation }, carrier: Carrier::Nothing }
        }
    })
}

impl Translator<'_> {
    /// The rule by which texts are told apart; `None` if by their bytes.
    pub(in crate::dialect::mysql) fn collation_rule(
        &self,
        rule: Option<&TextRule>,
    ) -> Result<Option<CollationRule>, Untranslatable> {
        let refused = |collation: &str| Untranslatable(format!("it compares texts by the collation {collation}"));
        let Some(rule) = rule else { return Ok(None) };
        match &rule.equality {
            Equality::Bytes => Ok(None),
            Equality::Collated { rule: collated, collation } => {
                let is_carried = match rule.carrier {
                    Carrier::Nothing => collated.letters.is_none(),
                    Carrier::Keys => {
                        collated.letters.is_none() || self.relations.is_some_and(|relations| relations.has_collations())
                    }
                    Carrier::Column => true,
                };
                if is_carried { Ok(Some(*collated)) } else { Err(refused(collation)) }
            }
            Equality::Folded { collation, .. } | Equality::Other { collation } => Err(refused(collation)),
        }
    }

    /// A text such that PostgreSQL's `=`, GROUP BY and DISTINCT tell it apart as the source does, given the rule of the
    /// whole comparison.
    pub(in crate::dialect::mysql) fn told_apart(&self, written: &Sql, rule: Option<CollationRule>) -> Sql {
        let Some(CollationRule { letters, ignores_trailing_spaces }) = rule else { return written.clone() };
        let mut text = match &written.words {
            Some(words) if ignores_trailing_spaces => quote_literal(words.trim_end_matches(' ')),
            Some(words) => quote_literal(words),
            None if ignores_trailing_spaces => format!("rtrim({}, ' ')", written.text),
            None => written.within(Binds::Atom),
        };
        let named = letters.and_then(|letters| {
            let schema = self.relations?.collation_schema(letters)?;
            Some(format!("{}.{}", quote_identifier(schema), quote_identifier(&collation_name(letters))))
        });
        let mut binds = Binds::Atom;
        if let Some(named) = named.filter(|_| written.words.is_none()) {
            text = format!("{text} COLLATE {named}");
            // COLLATE binds tightly, and not as tightly as a cast.
            binds = Binds::Sign;
        }
        Sql { text, binds, words: None, ..written.clone() }
    }
}
