//! Functions (<https://www.sqlite.org/lang_corefunc.html>, <https://www.sqlite.org/json1.html>).

use super::aggregate::is_aggregate;
use super::arithmetic::LONGEST_REPEATED;
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::number_range::NumberRange;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, natural, strip, unknown, valid_json_of_text};
use crate::name::quote_literal;
use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

/// Limit on the characters or bytes of a value (PostgreSQL documentation, appendix K).
const LONGEST: NumberRange = NumberRange { low: 0.0, high: 1.1e9 };

impl Translator<'_> {
    #[allow(clippy::too_many_lines, reason = "one match: a translation for each function")]
    pub(super) fn function(&self, function: &Function, wanted: Wanted, expression: &Expr) -> Translation {
        let name = function.name.to_string().to_ascii_lowercase();
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        if is_aggregate(&name, list.args.len()) {
            return self.aggregate(&name, function, expression);
        }
        if function.over.is_some() || function.filter.is_some() || !list.clauses.is_empty() {
            return Err(unknown(expression));
        }
        let arguments = list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Ok(argument),
                _ => Err(unknown(expression)),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let text = |text: String| Ok(Sql::new(text, ValueKind::Text));
        let length = |text: String| {
            Ok(Sql { is_narrow: true, extent: Some(LONGEST), is_settled: true, ..Sql::new(text, ValueKind::Integer) })
        };
        match (name.as_str(), arguments.as_slice()) {
            ("length", [argument]) => {
                let written = self.write(argument, Wanted::Natural)?;
                match written.kind {
                    ValueKind::Text => length(format!("char_length({})", written.text)),
                    ValueKind::Bytes => length(format!("octet_length({})", written.text)),
                    // The digits, and the sign.
                    ValueKind::Integer => {
                        length(format!("char_length({})", written.cast("text", ValueKind::Text).text))
                    }
                    _ => Err(unknown(expression)),
                }
            }
            // SQLite folds the 26 letters of ASCII and no others.
            ("lower", [argument]) => text(self.text(argument)?.lowered()),
            ("upper", [argument]) => text(self.text(argument)?.raised()),
            ("trim" | "ltrim" | "rtrim", [argument, characters @ ..]) => {
                self.trim(&name, argument, characters, expression)
            }
            ("replace", [subject, from, to]) => {
                // If the searched text is empty, SQLite does not evaluate the replacement.
                let known = self.string(from).map(str::is_empty);
                let [subject, from, to] = [self.text(subject)?, self.text(from)?, self.text(to)?];
                if known == Some(true) {
                    return text(subject.within(Binds::Atom));
                }
                let replaced = format!("replace({}, {}, {})", subject.text, from.text, to.text);
                if known == Some(false) {
                    return text(replaced);
                }
                if subject.text.len() + from.text.len() > LONGEST_REPEATED {
                    return Err(unknown(expression));
                }
                let empty = from.within(Binds::Pattern);
                text(format!("CASE WHEN {empty} = '' THEN {} ELSE {replaced} END", subject.text))
            }
            ("instr", [subject, part]) => {
                length(format!("strpos({}, {})", self.text(subject)?.text, self.text(part)?.text))
            }
            ("substr" | "substring", [subject, from, length @ ..]) if length.len() <= 1 => {
                self.substring(subject, Some(from), length.first().copied(), expression)
            }
            ("abs", [argument]) => self.abs(argument),
            ("ifnull" | "coalesce", [_, _, ..]) => self.coalesce(&arguments, wanted),
            ("nullif", [one, two]) => self.nullif(one, two),
            ("typeof", [argument]) => {
                let written = self.write(argument, Wanted::Natural)?;
                // A column may hold other storage classes than its type in PostgreSQL suggests, unless its declared
                // type enforces one.
                let is_known = match (self.column(strip(argument))?, written.kind) {
                    (None, _) | (_, ValueKind::Truth | ValueKind::Integer | ValueKind::Bytes) => true,
                    (Some(_), ValueKind::Float) => written.coercion == Coercion::Double,
                    (Some(_), ValueKind::Text) => written.coercion == Coercion::Text,
                    _ => false,
                };
                let class = storage_class(written.kind).filter(|_| is_known).ok_or_else(|| unknown(expression))?;
                text(format!("CASE WHEN {} IS NULL THEN 'null' ELSE '{class}' END", written.within(Binds::Is)))
            }
            // All values of a json column are valid JSON to PostgreSQL.
            ("json_valid", [argument]) => {
                let written = self.write(argument, Wanted::Natural)?;
                if !matches!(written.kind, ValueKind::Json | ValueKind::Jsonb) {
                    return Err(valid_json_of_text(expression));
                }
                // NULL if the column is NULL, as in SQLite.
                Ok(Sql::new(format!("({} IS NOT NULL OR NULL)", written.text), ValueKind::Truth))
            }
            ("iif" | "if", [condition, then, otherwise]) => self.choice(condition, then, otherwise, wanted),
            ("round", [number]) => self.round(number, None, expression),
            ("round", [number, digits]) => self.round(number, Some(digits), expression),
            ("date" | "time" | "datetime" | "strftime", arguments) => self.moment(&name, arguments, expression),
            ("json_extract", [document, path]) => {
                self.json_part(document, path, &BinaryOperator::LongArrow, expression)
            }
            _ => Err(Untranslatable(format!("the function {name}() is not known to mean the same in PostgreSQL"))),
        }
    }

    /// SUBSTR with a positive start: a negative one counts from the end in SQLite and before the beginning in PostgreSQL.
    pub(super) fn substring(
        &self,
        subject: &Expr,
        from: Option<&Expr>,
        length: Option<&Expr>,
        expression: &Expr,
    ) -> Translation {
        let from = from.and_then(natural).filter(|from| *from > 0).ok_or_else(|| unknown(expression))?;
        let length = length.map(|length| natural(length).ok_or_else(|| unknown(expression))).transpose()?;
        let length = length.map(|length| format!(", {length}")).unwrap_or_default();
        Ok(Sql::new(format!("substr({}, {from}{length})", self.text(subject)?.text), ValueKind::Text))
    }

    /// TRIM of spaces, or of the given characters.
    pub(super) fn trim(&self, name: &str, subject: &Expr, characters: &[&Expr], expression: &Expr) -> Translation {
        let name = if name == "trim" { "btrim" } else { name };
        let subject = self.text(subject)?.text;
        match characters {
            [] => Ok(Sql::new(format!("{name}({subject})"), ValueKind::Text)),
            [characters] => {
                Ok(Sql::new(format!("{name}({subject}, {})", self.text(characters)?.text), ValueKind::Text))
            }
            _ => Err(unknown(expression)),
        }
    }

    /// `document -> path`, `document ->> path`, json_extract(document, path).
    pub(super) fn json_part(
        &self,
        document: &Expr,
        path: &Expr,
        operator: &BinaryOperator,
        expression: &Expr,
    ) -> Translation {
        let document = self.write(document, Wanted::Natural)?;
        let steps = self.string(path).and_then(path_steps).ok_or_else(|| unknown(expression))?;
        if !matches!(document.kind, ValueKind::Json | ValueKind::Jsonb) || *operator == BinaryOperator::Arrow {
            return Err(unknown(expression));
        }
        let array = format!("{{{}}}", steps.join(","));
        let text = format!("{} #>> {}", document.within(Binds::Sum), quote_literal(&array));
        Ok(Sql { binds: Binds::Other, ..Sql::new(text, ValueKind::JsonPart) })
    }
}

/// SQLite's word for a kind (`typeof()`); `None` if several are possible.
fn storage_class(kind: ValueKind) -> Option<&'static str> {
    match kind {
        ValueKind::Truth | ValueKind::Integer => Some("integer"),
        ValueKind::Float => Some("real"),
        ValueKind::Text => Some("text"),
        ValueKind::Bytes => Some("blob"),
        _ => None,
    }
}

/// The steps of a path such as `$.address.lines[0]`; a bare word is one key.
fn path_steps(path: &str) -> Option<Vec<String>> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    };
    let Some(rest) = path.strip_prefix('$') else {
        return is_word(path).then(|| vec![path.to_owned()]);
    };
    let mut steps = Vec::new();
    for part in rest.split('.').skip(1) {
        let (word, indexes) = part.split_once('[').unwrap_or((part, ""));
        if !is_word(word) {
            return None;
        }
        steps.push(word.to_owned());
        for index in indexes.split('[').filter(|index| !index.is_empty()) {
            let index = index.strip_suffix(']')?;
            steps.push(index.parse::<u32>().ok()?.to_string());
        }
    }
    (!steps.is_empty()).then_some(steps)
}
