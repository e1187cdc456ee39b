//! CASE, IF, IFNULL, COALESCE, NULLIF, GREATEST and LEAST: a choice among values.

use super::string::cast_rule;
use super::text_rule::joined;
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use sqlparser::ast::{CaseWhen, Expr};

/// Most bytes of an operand that is written more than once.
const LONGEST_REPEATED: usize = 2_000;

impl Translator<'_> {
    pub(super) fn case(
        &self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Translation {
        let test = |when: &CaseWhen| match operand {
            Some(operand) => self.compared(operand, "=", &when.condition),
            None => self.truth(&when.condition),
        };
        let tests = conditions.iter().map(test).collect::<Result<Vec<_>, _>>()?;
        if operand.is_some() && tests.iter().map(|test| test.text.len()).sum::<usize>() > 20 * LONGEST_REPEATED {
            return Err(Untranslatable("the operand of its CASE would be repeated too often".to_owned()));
        }
        let results = conditions.iter().map(|when| &when.result).chain(otherwise);
        self.choice(&tests, &results.collect::<Vec<_>>())
    }

    /// A choice among values of one kind.
    pub(super) fn choice(&self, tests: &[Sql], results: &[&Expr]) -> Translation {
        let (results, value) = self.alternatives(results)?;
        let mut text = String::from("CASE");
        for (test, result) in tests.iter().zip(&results) {
            text.push_str(&format!(" WHEN {} THEN {result}", test.text));
        }
        if let Some(otherwise) = results.get(tests.len()) {
            text.push_str(&format!(" ELSE {otherwise}"));
        }
        text.push_str(" END");
        Ok(taken(text, value))
    }

    pub(super) fn coalesce(&self, arguments: &[&Expr]) -> Translation {
        let (texts, value) = self.alternatives(arguments)?;
        Ok(taken(format!("coalesce({})", texts.join(", ")), value))
    }

    /// nullif(): the first value, of its own type, unless both are equal.
    pub(super) fn nullif(&self, one: &Expr, two: &Expr) -> Translation {
        let test = self.compared(one, "=", two)?;
        let value = self.value(one)?;
        if value.text.len() > LONGEST_REPEATED {
            return Err(unknown(one));
        }
        let text = format!("CASE WHEN {} THEN NULL ELSE {} END", test.text, value.text);
        Ok(Sql { text, binds: Binds::Atom, words: None, ..value })
    }

    /// greatest() and least() of numbers or dates: NULL if one of them is.
    pub(super) fn extreme(&self, name: &str, arguments: &[&Expr], expression: &Expr) -> Translation {
        let (texts, value) = self.alternatives(arguments)?;
        let is_alike = value.kind.is_number() || matches!(value.kind, ValueKind::Date | ValueKind::Timestamp);
        if !is_alike || value.shown_digits.is_some() || texts.iter().map(String::len).sum::<usize>() > LONGEST_REPEATED
        {
            return Err(unknown(expression));
        }
        let nulls = texts.iter().map(|text| format!("({text}) IS NULL")).collect::<Vec<_>>().join(" OR ");
        let text = format!("CASE WHEN {nulls} THEN NULL ELSE {name}({}) END", texts.join(", "));
        Ok(Sql { text, ..value })
    }

    /// Values of one kind, as texts, and the facts about the chosen one. Numbers beside texts are texts.
    fn alternatives(&self, expressions: &[&Expr]) -> Result<(Vec<String>, Sql), Untranslatable> {
        let written = expressions.iter().map(|expression| self.write(expression)).collect::<Result<Vec<_>, _>>()?;
        let has = |kind: ValueKind| written.iter().any(|value| value.kind == kind);
        let has_number = written.iter().any(|value| value.kind.is_number());
        let mut converted = Vec::with_capacity(written.len());
        for (value, expression) in written.iter().zip(expressions) {
            converted.push(match value.kind {
                ValueKind::Text | ValueKind::Null => value.clone(),
                _ if has(ValueKind::Text) => self.text(expression)?,
                ValueKind::Truth if has_number => value.clone().counted(),
                ValueKind::Timestamptz if has(ValueKind::Timestamp) => self.local(value)?,
                ValueKind::Integer | ValueKind::Decimal if has(ValueKind::Float) => {
                    Self::shown(value.clone()).cast("double precision", ValueKind::Float)
                }
                ValueKind::Float => value.clone().cast("double precision", ValueKind::Float),
                _ => value.clone(),
            });
        }
        if has(ValueKind::Float) && written.iter().any(|value| value.shown_digits.is_some()) {
            return Err(Untranslatable("it mixes a quotient of decimals with a double".to_owned()));
        }
        let mut kind = ValueKind::Null;
        for value in &converted {
            match (kind, value.kind) {
                (ValueKind::Null, other) => kind = other,
                (one, two) if one == two || two == ValueKind::Null => {}
                (ValueKind::Integer, ValueKind::Decimal) | (ValueKind::Decimal, ValueKind::Integer) => {
                    kind = ValueKind::Decimal;
                }
                (one, two) => return Err(Untranslatable(format!("it mixes {one} and {two}"))),
            }
        }
        let is_padded = converted.iter().any(|value| value.coercion == Coercion::Padded);
        let is_natural = converted.iter().any(|value| value.coercion.is_natural());
        let digits = |value: &Sql| match value.kind {
            ValueKind::Null => Some(0),
            _ => value.shown_digits.or(value.decimals()),
        };
        let scale = converted.iter().map(digits).reduce(|one, two| one.zip(two).map(|(one, two)| one.max(two)));
        let scale = scale.flatten().filter(|_| kind == ValueKind::Decimal);
        let is_quotient = converted.iter().any(|value| value.shown_digits.is_some());
        if is_quotient && scale.is_none() {
            return Err(Untranslatable("it mixes a quotient with a number of unknown digits".to_owned()));
        }
        let is_mixed = kind == ValueKind::Decimal
            && converted.iter().filter(|value| value.kind != ValueKind::Null).any(|value| digits(value) != scale);
        let value = Sql {
            is_mixed: is_mixed || converted.iter().any(|value| value.is_mixed),
            is_narrow: kind != ValueKind::Text && converted.iter().any(|value| value.is_narrow),
            coercion: match kind {
                ValueKind::Text => Coercion::Text,
                _ if is_padded => Coercion::Padded,
                _ if is_natural => Coercion::Natural,
                _ => Coercion::Nothing,
            },
            is_inexact: converted.iter().any(|value| value.is_inexact),
            scale,
            shown_digits: scale.filter(|_| is_quotient),
            rule: joined(&converted).or_else(|| if are_different(&converted) { None } else { cast_rule() }),
            ..Sql::new("", kind)
        };
        Ok((converted.into_iter().map(|value| value.text).collect(), value))
    }
}

/// Whether literals are different texts by every collation: by letters of ASCII, whatever their case.
fn are_different(values: &[Sql]) -> bool {
    let folded = |value: &Sql| match (&value.words, value.kind) {
        (Some(words), _) => words.is_ascii().then(|| words.trim_end_matches(' ').to_ascii_lowercase()),
        (None, ValueKind::Null) => Some(String::new()),
        (None, _) => None,
    };
    let words = values.iter().filter(|value| value.kind != ValueKind::Null).collect::<Vec<_>>();
    let Some(folded) = words.iter().map(|value| folded(value)).collect::<Option<Vec<_>>>() else {
        return words.iter().all(|value| value.kind != ValueKind::Text);
    };
    let is_other = |(at, text): (usize, &String)| {
        words.iter().zip(&folded).skip(at + 1).all(|(word, other)| text != other || word.words == words[at].words)
    };
    folded.iter().enumerate().all(is_other)
}

/// An expression that chooses one of several values. A choice of only NULLs would be text in PostgreSQL.
fn taken(text: String, value: Sql) -> Sql {
    let text = if value.kind == ValueKind::Null { "NULL".to_owned() } else { text };
    Sql { text, ..value }
}
