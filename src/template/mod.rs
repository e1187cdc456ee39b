//! Templates in minijinja: built-in ones, given by the caller as a set, and the user's files that replace some of them.
//!
//! A template is identified by its file name alone; its use is known to the caller only. The filters `ident`, `literal`
//! and `dollar_quoted` write names and texts into SQL, so that no template quotes by itself.

mod error;

pub use error::TemplateError;

use crate::name::{QualifiedName, Schemas, quote_identifier, quote_in_dollars, quote_literal};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, State, UndefinedBehavior};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file that replaces the built-in template of the same file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Instructions after which a template counts as one that does not end; thousands of tables take a hundredth of it.
const FUEL: u64 = 20_000_000;

/// A template's text, and the name by which errors call it.
#[derive(Debug, Clone, Default)]
struct TemplateText {
    name: String,
    text: String,
}

/// Compiled templates, by file name.
#[derive(Debug)]
pub struct TemplateSet {
    environment: Environment<'static>,
    sources: BTreeMap<String, TemplateText>,
}

impl TemplateSet {
    /// Compiles built-in templates, each a file name and a text, and the files that replace some of them.
    ///
    /// # Errors
    /// A file that replaces nothing, a template that does not parse.
    pub fn new<'t>(
        built_in: impl IntoIterator<Item = (String, &'t str)>,
        overrides: Vec<Override>,
    ) -> Result<Self, TemplateError> {
        Self::compiled(Environment::new(), built_in, overrides)
    }

    /// The same for texts in which line breaks count: a line that holds nothing but a statement of the template leaves no line
    /// behind.
    ///
    /// # Errors
    /// As for [`TemplateSet::new`].
    pub fn of_lines<'t>(
        built_in: impl IntoIterator<Item = (String, &'t str)>,
        overrides: Vec<Override>,
    ) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| unnamed(&error))?);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        Self::compiled(environment, built_in, overrides)
    }

    fn compiled<'t>(
        mut environment: Environment<'static>,
        built_in: impl IntoIterator<Item = (String, &'t str)>,
        overrides: Vec<Override>,
    ) -> Result<Self, TemplateError> {
        let source = |(file, text): (String, &str)| (file.clone(), TemplateText { name: file, text: text.to_owned() });
        let mut sources = built_in.into_iter().map(source).collect::<BTreeMap<_, _>>();
        for Override { path, text } in overrides {
            let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(source) = sources.get_mut(&file) else {
                return Err(TemplateError::Unknown { path, known: sources.into_keys().collect() });
            };
            *source = TemplateText { name: path.display().to_string(), text };
        }
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("ident", |name: &str| quote_identifier(name).into_owned());
        environment.add_filter("literal", |text: &str| quote_literal(text));
        environment.add_filter("dollar_quoted", |text: &str| quote_in_dollars(text));
        let mut set = Self { environment, sources };
        for (file, source) in &set.sources {
            if let Err(error) = set.environment.add_template_owned(file.clone(), source.text.clone()) {
                return Err(set.broken(file, &error));
            }
        }
        Ok(set)
    }

    /// The same templates with the filter `qualified`, which puts its schema in front of a name: in front of a table's that
    /// its database says; in front of any other that of the template's `table`, or of `beside` where the template has that.
    /// Filters are looked up when a template is rendered (documentation of minijinja, `Environment::add_filter`), so that it
    /// may be added after compiling.
    #[must_use]
    pub fn in_schemas(mut self, schemas: &Schemas) -> Self {
        let schemas = schemas.clone();
        self.environment.add_filter("qualified", move |state: &State<'_, '_>, name: &str| {
            if !schemas.are_of_databases() {
                return schemas.qualified(name);
            }
            let given = |variable: &str| state.lookup(variable).and_then(|value| value.as_str().map(str::to_owned));
            let beside = given("beside").or_else(|| given("table").filter(|_| !schemas.knows(name)));
            match beside {
                Some(beside) => QualifiedName { schema: schemas.place(&beside).schema, name }.sql(),
                None => schemas.qualified(name),
            }
        });
        self
    }

    /// The same templates with one more filter for texts. Filters are looked up when a template is rendered.
    #[must_use]
    pub fn with_filter(mut self, name: &'static str, filter: fn(&str) -> String) -> Self {
        self.environment.add_filter(name, move |text: &str| filter(text));
        self
    }

    /// Whether the set has a template of this file name.
    #[must_use]
    pub fn has(&self, file: &str) -> bool {
        self.sources.contains_key(file)
    }

    /// Renders a template, without white space around the text.
    ///
    /// # Errors
    /// The template uses a name that the context does not have, or fails for another reason.
    pub fn render(&self, file: &str, context: &impl Serialize) -> Result<String, TemplateError> {
        self.environment
            .get_template(file)
            .and_then(|template| template.render(minijinja::value::Serde(context)))
            .map(|text| text.trim().to_owned())
            .map_err(|error| self.broken(file, &error))
    }

    /// The digest of every template's text.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (file, TemplateText { text, .. }) in &self.sources {
            hasher.update(format!("{file}\0{}\0{text}", text.len()).as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    fn broken(&self, file: &str, error: &minijinja::Error) -> TemplateError {
        let TemplateText { name, text } = self.sources.get(file).cloned().unwrap_or_default();
        let line = error.line().unwrap_or(1);
        let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
        let length = text[start..].lines().next().map_or(0, str::len);
        let span = error.range().unwrap_or(start..start + length);
        let message = match error.kind() {
            ErrorKind::OutOfFuel => format!("it did not finish within {FUEL} instructions"),
            kind => error.detail().map_or_else(|| kind.to_string(), str::to_owned),
        };
        TemplateError::Broken { name, line, message, text, span }
    }
}

/// Error of the template engine's own settings.
fn unnamed(error: &minijinja::Error) -> TemplateError {
    let message = error.kind().to_string();
    TemplateError::Broken { name: String::new(), line: 1, message, text: String::new(), span: 0..0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn replaced(text: &str) -> Result<TemplateSet, TemplateError> {
        let built_in = [("one.txt".to_owned(), "{{ name | ident }}"), ("two.txt".to_owned(), "{{ name | qualified }}")];
        let file = Override { path: PathBuf::from("/x/one.txt"), text: text.to_owned() };
        TemplateSet::new(built_in, vec![file])
    }

    #[test]
    fn a_file_replaces_the_template_of_its_name() {
        let set = replaced("{{ name | literal }}\n").unwrap().in_schemas(&Schemas::one("my schema"));
        assert_eq!(set.render("one.txt", &json!({ "name": "it's" })).unwrap(), "'it''s'");
        assert_eq!(set.render("two.txt", &json!({ "name": "order" })).unwrap(), "\"my schema\".\"order\"");
        assert!(set.has("two.txt") && !set.has("three.txt"));
        assert_ne!(set.digest(), replaced("").unwrap().digest());
    }

    #[test]
    fn what_belongs_to_a_table_lies_in_its_schema() {
        let schemas = Schemas::of_databases([("shop", "s"), ("crm", "c")]).unwrap();
        let set = replaced("").unwrap().in_schemas(&schemas);
        let rendered = |context: serde_json::Value| set.render("two.txt", &context).unwrap();
        assert_eq!(rendered(json!({ "name": "crm.people", "table": "shop.orders" })), "c.people");
        assert_eq!(rendered(json!({ "name": "by_name", "table": "crm.people" })), "c.by_name");
        assert_eq!(rendered(json!({ "name": "crm.t", "beside": "shop." })), "s.\"crm.t\"");
    }

    #[test]
    fn errors_point_at_the_line() {
        let Err(TemplateError::Broken { line, name, span, text, .. }) = replaced("a\nb {{ nam").map(drop) else {
            panic!()
        };
        assert_eq!((line, name.as_str()), (2, "/x/one.txt"));
        assert!(span.end <= text.len());
        let set = replaced("fine\n{{ missing.name }}").unwrap();
        let Err(TemplateError::Broken { line, .. }) = set.render("one.txt", &json!({})) else { panic!() };
        assert_eq!(line, 2);
    }

    #[test]
    fn a_file_that_replaces_nothing_is_refused() {
        let file = Override { path: PathBuf::from("/x/three.txt"), text: String::new() };
        let error = TemplateSet::new([("one.txt".to_owned(), "")], vec![file]).unwrap_err();
        let known = vec!["one.txt".to_owned()];
        assert_eq!(error, TemplateError::Unknown { path: PathBuf::from("/x/three.txt"), known });
    }
}
