//! A spec as it is written: URLs with their references to variables, and the places in the file that name other files.
//!
//! Files that are made of a spec and kept (`transship kit`) must not hold the value of any variable, nor depend on it.

use super::problem::{Problems, SpecError};
use super::raw::RawField;
use super::read::Text;
use super::variables::{StringPiece, pieces};
use super::{document, load, overlay};
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A part of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenPiece {
    /// Literal text.
    Literal(String),
    /// `${NAME}` or `${NAME:-default}`
    Variable {
        /// The name.
        name: String,
        /// The text after `:-`.
        default: Option<String>,
    },
}

/// A URL with its references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenUrl {
    /// Its parts, in order.
    pub pieces: Vec<WrittenPiece>,
    /// The place of the string in the file, with its quotes.
    pub place: Range<usize>,
}

/// The document with one overlay laid over it.
#[derive(Debug, Clone)]
pub struct WrittenSpec {
    /// The file's text.
    pub text: String,
    /// `source.url`
    pub source: WrittenUrl,
    /// `target.url`
    pub target: WrittenUrl,
    /// Whether `target.url` is the overlay's own, and not the document's.
    pub has_own_target: bool,
    /// `target.tls`, unless it names a variable.
    pub tls: Option<String>,
    /// Variables of `[source]` and `[target]` with their defaults, by name, each once.
    pub variables: Vec<(String, Option<String>)>,
    /// `file` of the steps, with the place of the string.
    pub step_files: Vec<(Range<usize>, String)>,
    /// `templates`, with the place of the string.
    pub templates: Option<(Range<usize>, String)>,
    /// The names of all overlays.
    pub environments: Vec<String>,
}

/// Reads a spec with the overlay `environment`, without the value of a variable.
///
/// # Errors
/// The file cannot be read as text. A document with other mistakes gives `None`: [`load()`] names them.
pub fn written(path: &Path, environment: Option<&str>) -> Result<Option<WrittenSpec>, SpecError> {
    let text = load::file_text(path)?;
    let problems = Problems::default();
    let mut tree = document::parse(&text, &problems);
    let target_of_document = target_place(&tree);
    if let Some(name) = environment {
        overlay::apply(&mut tree, name, &problems);
    }
    let has_own_target = target_place(&tree) != target_of_document;
    let raw = document::read(&tree, &problems);
    let url = |field: &RawField<Text>| field.value().map(written_url);
    let urls = raw
        .source
        .as_ref()
        .and_then(|source| url(&source.url))
        .zip(raw.target.as_ref().and_then(|target| url(&target.url)));
    let place = |text: &Text| (text.span(), text.get_ref().clone());
    let tls = raw.target.as_ref().and_then(|target| target.tls.as_ref()).map(|tls| tls.get_ref().clone());
    let step_files = raw.steps.iter().filter_map(|step| step.file.value()).map(place).collect();
    let (templates, environments) = (raw.templates.as_ref().map(place), raw.environments);
    let mut variables = Vec::new();
    for side in ["source", "target"] {
        if let Some(DeValue::Table(table)) = tree.get(side).map(Spanned::get_ref) {
            collect_of_table(table, &mut variables);
        }
    }
    drop(tree);
    Ok(urls.map(|(source, target)| WrittenSpec {
        source,
        target,
        has_own_target,
        tls: tls.filter(|tls| !tls.contains('$')),
        variables,
        step_files,
        templates,
        environments,
        text,
    }))
}

impl WrittenUrl {
    /// The URL of a text, as if it stood at this place.
    #[must_use]
    pub fn of(text: &str, place: Range<usize>) -> Self {
        let piece = |piece: StringPiece<'_>| match piece {
            StringPiece::Literal(literal) => WrittenPiece::Literal(literal.to_owned()),
            StringPiece::Reference { name, default, .. } => {
                WrittenPiece::Variable { name: name.to_owned(), default: default.map(str::to_owned) }
            }
            StringPiece::Malformed { range, .. } => WrittenPiece::Literal(text[range].to_owned()),
        };
        Self { pieces: pieces(text).into_iter().map(piece).collect(), place }
    }

    /// The variable that is the whole URL, with its default.
    #[must_use]
    pub fn whole_variable(&self) -> Option<(&str, Option<&str>)> {
        match self.pieces.as_slice() {
            [WrittenPiece::Variable { name, default }] => Some((name, default.as_deref())),
            _ => None,
        }
    }

    /// Names of its variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            WrittenPiece::Variable { name, .. } => Some(name.as_str()),
            WrittenPiece::Literal(_) => None,
        })
    }
}

/// Place of `target.url`.
fn target_place(tree: &DeTable<'_>) -> Option<Range<usize>> {
    match tree.get("target").map(Spanned::get_ref) {
        Some(DeValue::Table(target)) => target.get("url").map(Spanned::span),
        _ => None,
    }
}

fn written_url(text: &Text) -> WrittenUrl {
    WrittenUrl::of(text.get_ref(), text.span())
}

/// Adds the variables of a table's strings.
fn collect_of_table(table: &DeTable<'_>, variables: &mut Vec<(String, Option<String>)>) {
    table.iter().for_each(|(_, value)| collect(value.get_ref(), variables));
}

fn collect(value: &DeValue<'_>, variables: &mut Vec<(String, Option<String>)>) {
    match value {
        DeValue::String(text) => {
            for piece in pieces(text) {
                if let StringPiece::Reference { name, default, .. } = piece
                    && !variables.iter().any(|(known, _)| known == name)
                {
                    variables.push((name.to_owned(), default.map(str::to_owned)));
                }
            }
        }
        DeValue::Array(values) => values.iter().for_each(|value| collect(value.get_ref(), variables)),
        DeValue::Table(table) => collect_of_table(table, variables),
        _ => {}
    }
}
