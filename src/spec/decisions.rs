//! The decisions of a spec as its author has written them, with the comments that give their reasons.
//!
//! They are read from the document's text and not from the checked spec: a reviewer sees what stands in the file, with its
//! variables by name.

use super::problem::Problems;
use super::{document, overlay};
use crate::connection::secret;
use crate::name::quote_toml_key;
use serde::Serialize;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys at the top of a document under which everything is a decision.
const PARTS: [&str; 5] = ["types", "tables", "views", "triggers", "objects"];

/// Keys of `[source]` and `[target]` that are decisions: neither places nor secrets, nor what a plan says of its target
/// anyway.
const SETTINGS: [(&str, &[&str]); 2] = [
    ("source", &["databases", "exclude", "include", "snapshot", "timezone", "zero_dates"]),
    (
        "target",
        &[
            "comparison",
            "data",
            "existing_rows",
            "extensions",
            "grants",
            "names",
            "schema_version",
            "settings",
            "trusted_roles",
        ],
    ),
];

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The keys down to it, as the spec would have them in one line: `tables.orders.columns.total`.
    pub key: String,
    /// The value as it is written.
    pub value: String,
    /// The comment above the line, or behind it.
    pub reason: Option<String>,
}

/// The decisions of a document, with those of the overlay in the place of what it is laid over.
pub(super) fn read(text: &str, environment: Option<&str>) -> Vec<Decision> {
    let mut document = document::parse(text, &Problems::default());
    if let Some(name) = environment {
        overlay::apply(&mut document, name, &Problems::default());
    }
    let mut reader = DecisionReader { text, found: Vec::new() };
    for (name, keys) in SETTINGS {
        let Some(DeValue::Table(settings)) = document.get(name).map(Spanned::get_ref) else { continue };
        for (key, value) in settings.iter().filter(|(key, _)| keys.contains(&key.get_ref().as_ref())) {
            reader.value(&[name.to_owned(), quote_toml_key(key.get_ref())], key.span(), value, None);
        }
    }
    for name in PARTS {
        if let Some(DeValue::Table(part)) = document.get(name).map(Spanned::get_ref) {
            reader.table(&[name.to_owned()], part, None);
        }
    }
    reader.found
}

struct DecisionReader<'a> {
    text: &'a str,
    found: Vec<Decision>,
}

impl DecisionReader<'_> {
    fn table(&mut self, path: &[String], table: &DeTable<'_>, reason: Option<&str>) {
        // In the order of the file, which the tree does not keep.
        let mut entries = table.iter().collect::<Vec<_>>();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let path = [path, &[quote_toml_key(key.get_ref())]].concat();
            self.value(&path, key.span(), value, reason);
        }
    }

    /// A value is one decision; a table under a heading, or spelled with dots, is as many as it has values.
    fn value(&mut self, path: &[String], key: Range<usize>, value: &Spanned<DeValue<'_>>, reason: Option<&str>) {
        let written = self.text.get(value.span()).unwrap_or_default();
        match value.get_ref() {
            DeValue::Table(inner) if !written.starts_with('{') => {
                let own = self.above(key.start);
                self.table(path, inner, own.as_deref().or(reason));
            }
            _ => {
                let (written, of_items) = self.on_one_line(written, value.get_ref());
                let own = self.above(key.start).or_else(|| self.behind(value.span().end)).or(of_items);
                let reason = own.or_else(|| reason.map(str::to_owned)).map(|reason| secret::mask_in_place(&reason));
                self.found.push(Decision { key: path.join("."), value: secret::mask_in_place(&written), reason });
            }
        }
    }

    /// A value on one line; of a list over several the comments behind its items apart, for they would hide the items after them.
    fn on_one_line(&self, written: &str, value: &DeValue<'_>) -> (String, Option<String>) {
        let DeValue::Array(items) = value else {
            return (written.lines().map(str::trim).collect::<Vec<_>>().join(" "), None);
        };
        let text = |item: &Spanned<DeValue<'_>>| {
            self.on_one_line(self.text.get(item.span()).unwrap_or_default(), item.get_ref()).0
        };
        let reasons = items.iter().filter(|_| written.contains('\n')).filter_map(|item| {
            let reason = self.behind(item.span().end)?;
            Some(format!("{}: {reason}", text(item)))
        });
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        let items = items.iter().map(text).collect::<Vec<_>>().join(", ");
        (format!("[{items}]"), (!reasons.is_empty()).then_some(reasons))
    }

    /// The comment right above the line of a place, without settings that are commented out.
    fn above(&self, place: usize) -> Option<String> {
        let before = self.text.get(..place)?;
        let lines = before.get(..before.rfind('\n')?)?.lines().rev().map(str::trim);
        let comment = lines.map_while(|line| line.strip_prefix('#')).map(str::trim);
        let mut lines = comment.collect::<Vec<_>>();
        lines.reverse();
        // Words that lead to a setting go with it.
        let leads = |(at, line): &(usize, &&str)| {
            line.ends_with(':') && lines.get(at + 1).is_some_and(|next| !next.is_empty() && !is_prose(next))
        };
        let ends = lines.iter().enumerate().filter(leads).map(|(at, _)| at).collect::<Vec<_>>();
        let words = lines.iter().enumerate().filter(|(at, line)| is_prose(line) && !ends.contains(at));
        let words = words.map(|(_, line)| *line).collect::<Vec<_>>();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The comment behind a value, on its line and on those below that hold nothing but a comment in the same column.
    fn behind(&self, place: usize) -> Option<String> {
        let start = self.text.get(..place)?.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = self.text.get(start..)?.lines();
        let first = lines.next()?;
        let rest = first.get(place - start..)?.trim_start_matches([' ', '\t', '}', ',']);
        let comment = rest.strip_prefix('#')?.trim();
        let column = first.len() - rest.len();
        let goes_on =
            |line: &'_ &str| column > 0 && line.find('#') == Some(column) && line.trim_start().starts_with('#');
        let more = lines.take_while(goes_on).map(|line| line.trim_start().trim_start_matches('#').trim());
        let words =
            std::iter::once(comment).chain(more).filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then_some(words)
    }
}

/// Whether a comment is words, and no setting that may be taken instead.
fn is_prose(line: &str) -> bool {
    let is_setting = line.contains('=') && line.parse::<toml::Table>().is_ok();
    !line.is_empty() && !is_setting && !line.starts_with("or:") && !line.starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_stand_beside_the_words_of_their_author() {
        let text = "spec = 1\nname = \"a\"\n[source]\nurl = \"sqlite:${SECRET}\"\n# timezone = \"UTC\"\n\
                    exclude = [\"old_*\"]   # of another\n                      # program\n\
                    [target]\nextensions = [\n  \"a\",   # for # words\n  \"b\",\n]\n[types]\n\
                    # Written by Go:\n# nanoseconds.\n# one choice, or each as below:\n# [types]\n# TEXT = \"bytea\"\n\"DATETIME\" = { fraction = \"truncate\" }\n\
                    # or: type = \"text\"\nJSON = \"jsonb\"\n\
                    # Both are codes.\n[tables.orders.columns]\na.type = \"text\"\nb = { type = \"text\" }\n\
                    [env.prod.types]\n\"JSON\" = \"json\"\n";
        let told = |environment| {
            let told = read(text, environment).into_iter();
            told.map(|Decision { key, value, reason }| format!("{key} = {value} | {}", reason.unwrap_or_default()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(None),
            [
                "source.exclude = [\"old_*\"] | of another program",
                "target.extensions = [\"a\", \"b\"] | \"a\": for # words",
                "types.DATETIME = { fraction = \"truncate\" } | Written by Go: nanoseconds.",
                "types.JSON = \"jsonb\" | ",
                "tables.orders.columns.a.type = \"text\" | Both are codes.",
                "tables.orders.columns.b = { type = \"text\" } | Both are codes.",
            ]
        );
        assert!(told(Some("prod")).contains(&"types.JSON = \"json\" | ".to_owned()), "{:?}", told(Some("prod")));
    }
}
