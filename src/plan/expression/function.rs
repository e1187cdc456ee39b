//! Functions (<https://www.sqlite.org/lang_corefunc.html>, <https://www.sqlite.org/json1.html>).

use super::aggregate::is_aggregate;
use super::kind::Kind;
use super::operator::string;
use super::translator::{Sql, Translator, Written};
use super::{Untranslatable, strip, unknown};
use crate::name::quote_literal;
use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

impl Translator<'_> {
    pub(super) fn function(&self, function: &Function, wanted: Option<Kind>, expression: &Expr) -> Written {
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
        let text = |text: String| Ok(Sql::new(text, Kind::Text));
        match (name.as_str(), arguments.as_slice()) {
            ("length", [argument]) => {
                let written = self.write(argument, None)?;
                match written.kind {
                    Kind::Text => Ok(Sql::new(format!("char_length({})", written.text), Kind::Integer)),
                    Kind::Bytes => Ok(Sql::new(format!("octet_length({})", written.text), Kind::Integer)),
                    _ => Err(unknown(expression)),
                }
            }
            // SQLite folds the 26 letters of ASCII and no others.
            ("lower" | "upper", [argument]) => text(format!("{name}({} COLLATE \"C\")", self.text(argument)?)),
            ("trim" | "ltrim" | "rtrim", [argument, characters @ ..]) => {
                let characters = characters.iter().map(|argument| (*argument).clone()).collect::<Vec<_>>();
                self.trim(&name, argument, &characters, expression)
            }
            ("replace", [subject, from, to]) => {
                text(format!("replace({}, {}, {})", self.text(subject)?, self.text(from)?, self.text(to)?))
            }
            ("instr", [subject, part]) => {
                let written = format!("strpos({}, {})", self.text(subject)?, self.text(part)?);
                Ok(Sql::new(written, Kind::Integer))
            }
            ("substr" | "substring", [subject, from, length @ ..]) if length.len() <= 1 => {
                self.substring(subject, Some(from), length.first().copied(), expression)
            }
            ("abs", [argument]) => {
                let written = self.number(argument, wanted)?;
                Ok(Sql::new(format!("abs({})", written.text), written.kind))
            }
            ("ifnull" | "coalesce", [_, _, ..]) => self.coalesce(&arguments, wanted),
            ("nullif", [one, two]) => {
                self.distinguished(one)?;
                let one = self.write(one, wanted)?;
                let two = self.write(two, Some(one.kind))?;
                if !one.kind.compares_with(two.kind) {
                    return Err(Untranslatable(format!("it compares {} with {}", one.kind, two.kind)));
                }
                Ok(Sql::new(format!("nullif({}, {})", one.text, two.text), one.kind))
            }
            ("typeof", [argument]) => {
                let written = self.write(argument, None)?;
                let class = written.kind.storage_class().ok_or_else(|| unknown(expression))?;
                text(format!("CASE WHEN {} IS NULL THEN 'null' ELSE '{class}' END", written.text))
            }
            // What is in a json column has been accepted as JSON by PostgreSQL.
            ("json_valid", [argument]) => match self.kind_of(argument) {
                Some(Kind::Json | Kind::Jsonb) => {
                    let written = self.write(argument, None)?;
                    // NULL where the column is NULL, as in SQLite.
                    Ok(Sql::new(format!("({} IS NOT NULL OR NULL)", written.text), Kind::Truth))
                }
                _ => Err(unknown(expression)),
            },
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

    /// iif(condition, then, otherwise).
    fn choice(&self, condition: &Expr, then: &Expr, otherwise: &Expr, wanted: Option<Kind>) -> Written {
        let kind = self.kind_of(then).or(self.kind_of(otherwise)).or(wanted);
        let (condition, then) = (self.truth(condition)?, self.write(then, kind)?);
        let otherwise = self.write(otherwise, kind.or(Some(then.kind)))?;
        let kind = if then.kind.fits(otherwise.kind) { otherwise.kind } else { then.kind };
        if !otherwise.kind.fits(kind) {
            return Err(Untranslatable(format!("it gives {} or {}", then.kind, otherwise.kind)));
        }
        Ok(Sql::new(format!("CASE WHEN {condition} THEN {} ELSE {} END", then.text, otherwise.text), kind))
    }

    /// round(): half away from zero. To digits, versions of SQLite differ in what is a half: 2.675 becomes 2.68 in 3.40,
    /// and 2.67 in later ones, for what is stored is a little less.
    fn round(&self, number: &Expr, digits: Option<&Expr>, expression: &Expr) -> Written {
        let written = self.number(number, None)?;
        let digits = digits.map(|digits| natural(digits).filter(|digits| *digits <= 30));
        match (written.kind, digits) {
            (_, Some(None)) => Err(unknown(expression)),
            (Kind::Integer, _) => Ok(Sql::new(format!("({})::double precision", written.text), Kind::Float)),
            // Half away from zero, by the addition that SQLite does; PostgreSQL's own round() takes the even neighbour.
            (Kind::Float, None) => Ok(Sql::new(format!("trunc(({0}) + sign({0}) * 0.5)", written.text), Kind::Float)),
            (Kind::Float | Kind::Decimal, digits) => {
                self.remarks.is_exact.set(self.remarks.is_exact.get() || digits.is_some());
                let digits = digits.flatten().map(|digits| format!(", {digits}")).unwrap_or_default();
                let rounded = format!("round(({})::numeric{digits})::double precision", written.text);
                Ok(Sql::new(rounded, Kind::Float))
            }
            _ => Err(unknown(expression)),
        }
    }

    fn coalesce(&self, arguments: &[&Expr], wanted: Option<Kind>) -> Written {
        let kind = arguments.iter().find_map(|argument| self.kind_of(argument)).or(wanted);
        let written = arguments.iter().map(|argument| self.write(argument, kind)).collect::<Result<Vec<_>, _>>()?;
        let kind = kind.or_else(|| written.first().map(|first| first.kind)).unwrap_or(Kind::Null);
        if let Some(other) = written.iter().find(|argument| !argument.kind.fits(kind)) {
            return Err(Untranslatable(format!("it mixes {kind} and {}", other.kind)));
        }
        let texts = written.into_iter().map(|argument| argument.text).collect::<Vec<_>>();
        Ok(Sql::new(format!("coalesce({})", texts.join(", ")), kind))
    }

    /// SUBSTR with a positive start: a negative one counts from the end in SQLite and before the beginning in PostgreSQL.
    pub(super) fn substring(
        &self,
        subject: &Expr,
        from: Option<&Expr>,
        length: Option<&Expr>,
        expression: &Expr,
    ) -> Written {
        let from = from.and_then(natural).filter(|from| *from > 0).ok_or_else(|| unknown(expression))?;
        let length = length.map(|length| natural(length).ok_or_else(|| unknown(expression))).transpose()?;
        let length = length.map(|length| format!(", {length}")).unwrap_or_default();
        Ok(Sql::new(format!("substr({}, {from}{length})", self.text(subject)?), Kind::Text))
    }

    /// TRIM of spaces, or of the characters that are named.
    pub(super) fn trim(&self, name: &str, subject: &Expr, characters: &[Expr], expression: &Expr) -> Written {
        let name = if name == "trim" { "btrim" } else { name };
        let subject = self.text(subject)?;
        match characters {
            [] => Ok(Sql::new(format!("{name}({subject})"), Kind::Text)),
            [characters] => Ok(Sql::new(format!("{name}({subject}, {})", self.text(characters)?), Kind::Text)),
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
    ) -> Written {
        let document = self.write(document, None)?;
        let steps = string(path).and_then(path_steps).ok_or_else(|| unknown(expression))?;
        if !matches!(document.kind, Kind::Json | Kind::Jsonb) || *operator == BinaryOperator::Arrow {
            return Err(unknown(expression));
        }
        let array = format!("{{{}}}", steps.join(","));
        Ok(Sql::new(format!("{} #>> {}", document.text, quote_literal(&array)), Kind::JsonPart))
    }
}

/// A number without sign or fraction.
fn natural(expression: &Expr) -> Option<u32> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
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
