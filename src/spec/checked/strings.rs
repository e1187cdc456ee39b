//! The document's strings: their references to variables, and their places in the file.

use super::Checker;
use crate::spec::problem::{Problem, code};
use crate::spec::read::Text;
use crate::spec::variables;
use crate::spec::variables::StringPiece;
use secrecy::SecretString;
use std::ops::Range;

/// A string whose references have been replaced.
pub(super) struct ExpandedString {
    pub(super) text: String,
    /// The text for messages: as written in the file if it holds a variable, whose value may be a secret.
    pub(super) shown: String,
    pub(super) span: Range<usize>,
}

/// A URL whose references have been replaced.
pub(super) struct UrlValue {
    pub(super) url: SecretString,
    pub(super) from_variable: bool,
}

/// Hint for a variable that is not set.
pub(super) fn default_hint(variable: &str) -> String {
    format!("set it, or write a default: ${{{variable}:-default}}")
}

impl Checker<'_> {
    /// A string in which variables are not read.
    pub(super) fn plain(&self, text: &Text) -> Option<ExpandedString> {
        match variables::without_references(text.get_ref()) {
            Ok(plain) => Some(ExpandedString { shown: plain.clone(), text: plain, span: text.span() }),
            Err(references) => {
                for (range, name) in references {
                    let message = format!("the variable `{name}` is not read here");
                    let problem = Problem::new(code::VARIABLE_NOT_READ_HERE, self.locate(text, range), message);
                    self.problems.report(problem.label("variables are read in [source] and [target] only").hint(format!(
                        "write it in an [env.NAME] overlay if it differs from place to place, or $${{{name}}} for a literal"
                    )));
                }
                None
            }
        }
    }

    /// A string of `[source]` or `[target]`, with the values of its variables.
    pub(super) fn expanded(&self, text: &Text) -> Option<ExpandedString> {
        let pieces = variables::pieces(text.get_ref());
        let values = self.values(text, &pieces, None)?;
        let expanded = variables::substitute(&pieces, |index| &values[index]);
        let has_reference = pieces.iter().any(|piece| matches!(piece, StringPiece::Reference { .. }));
        let shown = if has_reference { text.get_ref().clone() } else { expanded.clone() };
        Some(ExpandedString { text: expanded, shown, span: text.span() })
    }

    /// A URL of `[source]` or `[target]`, with the values of its variables. `unset` is the hint if a variable is the
    /// whole URL and has no value.
    pub(super) fn expanded_url(&self, text: &Text, unset: &dyn Fn(&str) -> String) -> Option<UrlValue> {
        let pieces = variables::pieces(text.get_ref());
        let is_whole = matches!(pieces.as_slice(), [StringPiece::Reference { .. }]);
        let values = self.values(text, &pieces, is_whole.then_some(unset))?;
        let url = variables::substitute_in_url(&pieces, |index| &values[index]);
        let from_variable = pieces.iter().any(|piece| matches!(piece, StringPiece::Reference { .. }));
        Some(UrlValue { url, from_variable })
    }

    /// The first variable in a URL that has neither value nor default, if the URL is otherwise valid. An empty variable
    /// that is the whole URL has no value.
    pub(super) fn unset_variable(&self, text: &Text) -> Option<String> {
        let pieces = variables::pieces(text.get_ref());
        let is_whole = pieces.len() == 1;
        let is_unset = |piece: &StringPiece<'_>| match piece {
            StringPiece::Reference { name, default: None, .. } => {
                let value = (self.environment.lookup)(name);
                value.is_none_or(|value| is_whole && value.is_empty()).then(|| (*name).to_owned())
            }
            _ => None,
        };
        let is_right = pieces.iter().all(|piece| !matches!(piece, StringPiece::Malformed { .. }));
        pieces.iter().find_map(is_unset).filter(|_| is_right)
    }

    /// The values of the pieces that are references; `None` if one has none. With the hint `unset` the one reference is
    /// a whole URL, and must not be empty.
    fn values(
        &self,
        text: &Text,
        pieces: &[StringPiece<'_>],
        unset: Option<&dyn Fn(&str) -> String>,
    ) -> Option<Vec<String>> {
        let values: Vec<Option<String>> = pieces
            .iter()
            .map(|piece| match piece {
                StringPiece::Literal(_) => Some(String::new()),
                StringPiece::Malformed { range, reason } => {
                    let message = format!("this is no reference to a variable: {reason}");
                    let problem = Problem::new(code::MALFORMED_VARIABLE, self.locate(text, range.clone()), message);
                    self.report(problem.hint("write ${NAME} or ${NAME:-default}, and `$${` for a literal `${`"))
                }
                StringPiece::Reference { range, name, default } => {
                    let value = (self.environment.lookup)(name);
                    match (value, default) {
                        (Some(value), _) if !value.is_empty() => Some(value),
                        (_, Some(default)) => Some((*default).to_owned()),
                        (Some(empty), None) if unset.is_none() => Some(empty),
                        (_, None) if !self.environment.must_be_set => None,
                        (value, None) => {
                            let state = if value.is_some() { "set to nothing" } else { "not set" };
                            let message = format!("the variable `{name}` is {state}");
                            let problem = Problem::new(code::UNSET_VARIABLE, self.locate(text, range.clone()), message);
                            self.report(
                                problem
                                    .label(format!("{state} in the environment"))
                                    .hint(unset.map_or_else(|| default_hint(name), |hint| hint(name))),
                            )
                        }
                    }
                }
            })
            .collect();
        values.into_iter().collect()
    }

    /// The place in the file of a part of a string: exact if the string has no escapes, else the whole string's.
    pub(super) fn locate(&self, text: &Text, range: Range<usize>) -> Range<usize> {
        let span = text.span();
        let written = self.text.get(span.clone()).unwrap_or_default();
        let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
        let inner = written.get(quotes..written.len().saturating_sub(quotes)).unwrap_or_default();
        let trimmed = inner.strip_prefix("\r\n").or(inner.strip_prefix('\n')).filter(|_| quotes == 3).unwrap_or(inner);
        if trimmed != text.get_ref() {
            return span;
        }
        let start = span.start + quotes + inner.len() - trimmed.len();
        start + range.start..start + range.end
    }
}
