//! Functions of texts (MySQL manual, section "String Functions and Operators").

use super::text_rule::{joined, plain_rule};
use super::translator::Translator;
use super::walk::is_unicode;
use crate::catalog::Equality;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::{Carrier, TextRule};
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, natural, unknown};
use crate::name::quote_literal;
use sqlparser::ast::{CharacterLength, DataType, Expr, TrimWhereField};

impl Translator<'_> {
    /// A function of texts; `None` if it is none.
    pub(super) fn string_function(
        &self,
        name: &str,
        arguments: &[&Expr],
        expression: &Expr,
    ) -> Result<Option<Sql>, Untranslatable> {
        let number = |argument: &Expr| natural(argument).ok_or_else(|| unknown(expression));
        Ok(Some(match (name, arguments) {
            ("concat", [_, ..]) => self.concat(arguments)?,
            ("concat_ws", [separator, _, ..]) => self.concat_with(separator, &arguments[1..], expression)?,
            ("left", [value, length]) => {
                let (written, length) = (self.value(value)?, number(length)?);
                match written.kind {
                    ValueKind::Bytes => Sql::new(format!("substring({}, 1, {length})", written.text), ValueKind::Bytes),
                    _ => made(format!("left({}, {length})", self.text(value)?.text), &[&self.text(value)?]),
                }
            }
            ("right", [value, length]) => {
                let value = self.text(value)?;
                made(format!("right({}, {})", value.text, number(length)?), &[&value])
            }
            ("substr" | "substring" | "mid", [value, from]) => self.substring(value, from, None, expression)?,
            ("substr" | "substring" | "mid", [value, from, length]) => {
                self.substring(value, from, Some(length), expression)?
            }
            ("char_length" | "character_length", [value]) => {
                integer(format!("char_length({})", self.text(value)?.text))
            }
            ("length" | "octet_length", [value]) => self.byte_length(value)?,
            ("replace", [value, from, to]) => self.replace(value, from, to)?,
            ("reverse", [value]) => {
                let value = self.text(value)?;
                made(format!("reverse({})", value.text), &[&value])
            }
            ("repeat", [value, times]) => {
                let value = self.text(value)?;
                made(format!("repeat({}, {})", value.text, number(times)?), &[&value])
            }
            ("lpad" | "rpad", [value, length, filler]) => {
                let (value, filler) = (self.text(value)?, self.text(filler)?);
                // Without a filler a text that is too short is NULL.
                if filler.words.as_ref().is_none_or(String::is_empty) {
                    return Err(unknown(expression));
                }
                made(format!("{name}({}, {}, {})", value.text, number(length)?, filler.text), &[&value])
            }
            ("locate", [part, value]) | ("instr", [value, part]) => {
                let (value, part) = (self.text(value)?, self.text(part)?);
                // The collation decides what is found.
                let Some(rule) = joined([&value, &part]) else { return Err(unknown(expression)) };
                if self.collation_rule(Some(&rule))?.is_some_and(|rule| rule.letters.is_some()) {
                    return Err(unknown(expression));
                }
                integer(format!("strpos({}, {})", value.text, part.text))
            }
            ("substring_index", [value, separator, count]) => {
                let (value, separator) = (self.text(value)?, self.text(separator)?);
                let is_separator = separator.words.as_ref().is_some_and(|words| !words.is_empty());
                if !is_separator || number(count)? != 1 || value.rule.as_ref().is_some_and(of_own_collation) {
                    return Err(unknown(expression));
                }
                made(format!("split_part({}, {}, 1)", value.text, separator.text), &[&value])
            }
            _ => return Ok(None),
        }))
    }

    /// A text, or a number as the text that MySQL makes of it.
    pub(super) fn text(&self, expression: &Expr) -> Translation {
        let written = Self::shown(self.write(expression)?);
        let text = match (written.kind, written.scale) {
            (ValueKind::Text, _) => return Ok(written),
            (ValueKind::Null, _) => "NULL::text".to_owned(),
            (ValueKind::Integer | ValueKind::Decimal, _) if written.coercion == Coercion::Padded => {
                return Err(Untranslatable(format!("`{expression}` is shown with zeros before it")));
            }
            // A BIT is bytes as a text.
            _ if written.coercion == Coercion::Own => {
                return Err(Untranslatable(format!("`{expression}` is no text of digits")));
            }
            (ValueKind::Integer, _) => format!("({})::text", written.text),
            (ValueKind::Truth, _) => format!("({})::integer::text", written.text),
            // Each is shown with its own digits, or with those of all.
            (ValueKind::Decimal, _) if written.is_mixed => {
                return Err(Untranslatable(format!("`{expression}` has decimals of different digits as a text")));
            }
            (ValueKind::Decimal, Some(scale)) => format!("round({}, {scale})::text", written.text),
            (kind, _) => return Err(Untranslatable(format!("`{expression}` is {kind} in the place of a text"))),
        };
        Ok(Sql { coercion: Coercion::Text, ..Sql::new(text, ValueKind::Text) })
    }

    /// Texts and numbers one after another; NULL if one of them is.
    fn concat(&self, arguments: &[&Expr]) -> Translation {
        let parts = arguments.iter().map(|argument| self.text(argument)).collect::<Result<Vec<_>, _>>()?;
        let text = match parts.as_slice() {
            // PostgreSQL does not know the type of two literals.
            [only] => format!("({})::text", only.text),
            _ => parts.iter().map(|part| part.within(Binds::Sum)).collect::<Vec<_>>().join(" || "),
        };
        Ok(Sql { binds: Binds::Other, ..made(text, &parts.iter().collect::<Vec<_>>()) })
    }

    /// Texts with a separator between those that are not NULL. PostgreSQL has it for queries alone: it counts as depending
    /// on settings, since it takes values of any type.
    fn concat_with(&self, separator: &Expr, arguments: &[&Expr], expression: &Expr) -> Translation {
        let separator = self.text(separator)?;
        let parts = arguments.iter().map(|argument| self.text(argument)).collect::<Result<Vec<_>, _>>()?;
        if self.relations.is_none() {
            return Err(unknown(expression));
        }
        let texts = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(", ");
        let all = std::iter::once(&separator).chain(&parts).collect::<Vec<_>>();
        Ok(made(format!("concat_ws({}, {texts})", separator.text), &all))
    }

    /// A part of a text, from a place that is counted from one.
    pub(super) fn substring(&self, value: &Expr, from: &Expr, length: Option<&Expr>, expression: &Expr) -> Translation {
        let value = self.text(value)?;
        let from = natural(from).filter(|from| *from > 0).ok_or_else(|| unknown(expression))?;
        let text = match length {
            None => format!("substring({}, {from})", value.text),
            Some(length) => {
                let length = natural(length).ok_or_else(|| unknown(expression))?;
                format!("substring({}, {from}, {length})", value.text)
            }
        };
        Ok(made(text, &[&value]))
    }

    /// trim(): of spaces, or of one character. A longer text is taken away as a whole in MySQL.
    pub(super) fn trim(
        &self,
        side: Option<TrimWhereField>,
        what: Option<&Expr>,
        value: &Expr,
        expression: &Expr,
    ) -> Translation {
        let value = self.text(value)?;
        let what = match what {
            None => String::from(" "),
            Some(what) => {
                self.text(what)?.words.filter(|words| words.chars().count() == 1).ok_or_else(|| unknown(expression))?
            }
        };
        let name = match side {
            None | Some(TrimWhereField::Both) => "btrim",
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
        };
        Ok(made(format!("{name}({}, {})", value.text, quote_literal(&what)), &[&value]))
    }

    /// replace(): by bytes, whatever the collation. PostgreSQL refuses to search by the column's own.
    fn replace(&self, value: &Expr, from: &Expr, to: &Expr) -> Translation {
        let [value, from, to] = [self.text(value)?, self.text(from)?, self.text(to)?];
        let mut replaced = made(String::new(), &[&value, &from, &to]);
        let collate = match &replaced.rule {
            Some(rule) if of_own_collation(rule) && self.relations.is_none() => {
                return Err(Untranslatable("it searches in a text of a collation".to_owned()));
            }
            Some(rule) if of_own_collation(rule) => " COLLATE \"C\"",
            _ => "",
        };
        replaced.text = format!("replace({}{collate}, {}, {})", value.within(Binds::Atom), from.text, to.text);
        Ok(replaced)
    }

    /// length(): the bytes of a text depend on the character set, which the name of its collation begins with.
    fn byte_length(&self, value: &Expr) -> Translation {
        let written = self.value(value)?;
        let unknown_set = || Untranslatable("it counts bytes of a text, which depend on the character set".to_owned());
        let collation = written.rule.as_ref().and_then(|rule| rule.equality.collation());
        match (written.kind, collation.and_then(|collation| collation.split('_').next())) {
            (ValueKind::Bytes, _) => Ok(integer(format!("octet_length({})", written.text))),
            (ValueKind::Text, Some(set)) if is_unicode(set) => Ok(integer(format!("octet_length({})", written.text))),
            (ValueKind::Text, Some("latin1" | "ascii")) => Ok(integer(format!("char_length({})", written.text))),
            _ => Err(unknown_set()),
        }
    }

    /// cast().
    pub(super) fn cast(&self, value: &Expr, data_type: &DataType, expression: &Expr) -> Translation {
        match data_type {
            DataType::Date => self.date(value, expression),
            DataType::Char(None) => Ok(Sql { rule: cast_rule(), ..self.text(value)? }),
            DataType::Char(Some(CharacterLength::IntegerLength { length, unit: None })) => {
                let text = self.text(value)?;
                Ok(Sql { rule: cast_rule(), ..made(format!("left({}, {length})", text.text), &[&text]) })
            }
            DataType::Signed | DataType::SignedInteger => {
                let written = self.number(value)?;
                match written.kind {
                    ValueKind::Integer => Ok(written),
                    // Half away from zero on both sides.
                    ValueKind::Decimal => Ok(Sql {
                        coercion: Coercion::Integer,
                        ..Sql::new(format!("round({})::bigint", written.text), ValueKind::Integer)
                    }),
                    _ => Err(unknown(expression)),
                }
            }
            _ => Err(unknown(expression)),
        }
    }

    /// convert(… USING utf8mb4): the same text, compared by that character set's own collation.
    pub(super) fn in_unicode(&self, value: &Expr, charset: &str, expression: &Expr) -> Translation {
        if !is_unicode(charset.trim_matches('`')) {
            return Err(unknown(expression));
        }
        Ok(Sql { rule: cast_rule(), words: None, ..self.text(value)? })
    }
}

/// The rule of a text whose collation is that of the session which wrote the view.
pub(super) fn cast_rule() -> Option<TextRule> {
    let equality = Equality::Other { collation: "of the session that wrote it".to_owned() };
    Some(TextRule { equality, carrier: Carrier::Nothing })
}

/// Whether PostgreSQL may refuse to search in such a text: its collation takes different texts for equal.
fn of_own_collation(rule: &TextRule) -> bool {
    rule.carrier == Carrier::Column && rule.equality.rule().is_some_and(|rule| rule.letters.is_some())
}

/// A text that is made of others, and compared as they are.
pub(super) fn made(text: String, parts: &[&Sql]) -> Sql {
    let rule = joined(parts.iter().copied());
    // A text of literals alone, which is no literal, is compared by the session's collation.
    let rule = if parts.iter().all(|part| part.rule.is_none()) { rule.or_else(cast_rule) } else { rule };
    Sql { coercion: Coercion::Text, rule, ..Sql::new(text, ValueKind::Text) }
}

/// A text of digits and signs, which every collation compares alike.
pub(super) fn digits(text: String) -> Sql {
    Sql { coercion: Coercion::Text, rule: plain_rule(), ..Sql::new(text, ValueKind::Text) }
}

fn integer(text: String) -> Sql {
    Sql { is_narrow: true, coercion: Coercion::Integer, ..Sql::new(text, ValueKind::Integer) }
}
