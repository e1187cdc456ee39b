//! Functions of JSON documents (MySQL manual, section "JSON Functions").
//!
//! A part of a document is a document. As text it is written by each server in its own way (spaces, digits of numbers),
//! so that such a text is only compared with words, which no number, list or object is equal to.

use super::function::{name_of, plain_arguments};
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown, valid_json_of_text};
use crate::name::quote_literal;
use sqlparser::ast::{Expr, FunctionArguments};

impl Translator<'_> {
    /// A function of documents; `None` if it is none.
    pub(super) fn document_function(
        &self,
        name: &str,
        arguments: &[&Expr],
        expression: &Expr,
    ) -> Result<Option<Sql>, Untranslatable> {
        Ok(Some(match (name, arguments) {
            ("json_extract", [document, path]) => self.extracted(document, path, "#>", expression)?,
            ("json_unquote" | "json_value", _) => {
                return Err(Untranslatable(format!(
                    "`{expression}` is the text of a part of a document, whose numbers and spaces the server writes in \
                     its own way"
                )));
            }
            ("json_length", [document]) if self.relations.is_some() => {
                let written = self.value(document)?;
                if written.kind != ValueKind::Jsonb {
                    return Err(unknown(expression));
                }
                let text = &written.text;
                let counted = format!(
                    "CASE jsonb_typeof({text}) WHEN 'array' THEN jsonb_array_length({text}) WHEN 'object' THEN (SELECT \
                     count(*) FROM jsonb_object_keys({text}))::integer ELSE 1 + 0 * length(({text})::text) END"
                );
                Sql { is_narrow: true, coercion: Coercion::Integer, ..Sql::new(counted, ValueKind::Integer) }
            }
            ("json_valid", [value]) => {
                let written = self.value(value)?;
                if !matches!(written.kind, ValueKind::Json | ValueKind::Jsonb) {
                    return Err(valid_json_of_text(expression));
                }
                // The type holds nothing else; NULL stays NULL.
                let text = format!("{} IS NOT NULL OR NULL", written.within(Binds::Other));
                Sql::condition(text, Binds::Or)
            }
            _ => return Ok(None),
        }))
    }

    /// A text of a part of a document beside a word, both as PostgreSQL compares them; `None` for other values. Strings
    /// of documents are compared by their bytes without spaces at the end (`utf8mb4_bin`).
    pub(super) fn part_beside_word(&self, part: &Expr, word: &Expr) -> Result<Option<(Sql, Sql)>, Untranslatable> {
        let Expr::Function(function) = strip(part) else { return Ok(None) };
        let FunctionArguments::List(list) = &function.args else { return Ok(None) };
        let is_text = name_of(function) == "json_unquote";
        let arguments = plain_arguments(&list.args).filter(|_| is_text).unwrap_or_default();
        let [inner] = arguments.as_slice() else { return Ok(None) };
        let Expr::Function(inner) = strip(inner) else { return Ok(None) };
        let FunctionArguments::List(list) = &inner.args else { return Ok(None) };
        let (true, Some(arguments)) = (name_of(inner) == "json_extract", plain_arguments(&list.args)) else {
            return Ok(None);
        };
        let [document, path] = arguments.as_slice() else { return Ok(None) };
        let Some(words) = self.value(word)?.words.filter(|words| is_word(words)) else { return Ok(None) };
        let text = self.extracted(document, path, "#>>", part)?.text;
        let word = Sql::new(quote_literal(words.trim_end_matches(' ')), ValueKind::Text);
        Ok(Some((Sql::new(format!("rtrim({text}, ' ')"), ValueKind::Text), word)))
    }

    /// A part of a document by a path of names.
    fn extracted(&self, document: &Expr, path: &Expr, operator: &str, expression: &Expr) -> Translation {
        let written = self.value(document)?;
        let path = self.value(path)?.words.as_deref().and_then(names_of);
        let (ValueKind::Jsonb, Some(names)) = (written.kind, path) else { return Err(unknown(expression)) };
        let path = quote_literal(&format!("{{{}}}", names.join(",")));
        let text = format!("{} {operator} {path}", written.within(Binds::Other));
        Ok(Sql { binds: Binds::Other, ..Sql::new(format!("({text})"), ValueKind::Jsonb) })
    }
}

/// The names of a path `$.a.b`; `None` for a path with places of lists, which count from one value too in MySQL, or with
/// names that PostgreSQL could take for places.
fn names_of(path: &str) -> Option<Vec<String>> {
    let names = path.strip_prefix("$.")?.split('.').collect::<Vec<_>>();
    let is_name = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    names.iter().all(is_name).then(|| names.iter().map(|name| (*name).to_owned()).collect())
}

/// Whether a text is a word that no document but a string is written as.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && !["true", "false", "null"].contains(&text.trim_end())
}
