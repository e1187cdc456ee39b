//! Reads typed fields from a TOML table, and reports at the end the keys that were not read.

use super::problem::{Problem, Problems, code};
use super::raw::RawField;
use crate::connection::secret;
use crate::name::hint_of_known;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A string of the document, with its place.
pub(super) type Text = Spanned<String>;

/// A string, number or boolean; a number as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Integer(String),
    Float(String),
    Boolean(bool),
}

/// A table of the document that is being read.
pub(super) struct TableReader<'t, 'i> {
    table: &'t DeTable<'i>,
    path: Vec<String>,
    span: Range<usize>,
    known: Vec<&'static str>,
    problems: &'t Problems,
}

impl<'t, 'i> TableReader<'t, 'i> {
    /// The document itself.
    pub(super) fn document(table: &'t DeTable<'i>, problems: &'t Problems) -> Self {
        Self { table, path: Vec::new(), span: 0..0, known: Vec::new(), problems }
    }

    /// The place of a missing key's message: the table's name.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// A string.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Text> {
        let value = self.value(key)?;
        self.as_text(key, value)
    }

    /// A string, if a missing key has to be told from an unreadable value.
    pub(super) fn text_field(&mut self, key: &'static str) -> RawField<Text> {
        let read = self.text(key);
        self.field(key, read)
    }

    /// A scalar, if a missing key has to be told from an unreadable value.
    pub(super) fn scalar_field(&mut self, key: &'static str) -> RawField<Spanned<Scalar>> {
        let read = self.scalar(key);
        self.field(key, read)
    }

    fn field<T>(&self, key: &str, read: Option<T>) -> RawField<T> {
        match read {
            Some(value) => RawField::Read(value),
            None if self.table.contains_key(key) => RawField::Unreadable,
            None => RawField::Absent,
        }
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, key: &'static str) -> Option<Spanned<bool>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(boolean) => Some(Spanned::new(value.span(), *boolean)),
            _ => self.wrong_type(key, value, "true or false"),
        }
    }

    /// A list of strings.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Spanned<Vec<Text>>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Array(_) => self.as_texts(key, value),
            DeValue::String(text) => {
                let problem = Self::mismatch(key, value, "a list of strings")
                    .hint(format!("write {key} = [\"{}\"]", secret::mask(text)));
                self.problems.report(problem);
                None
            }
            _ => self.wrong_type(key, value, "a list of strings"),
        }
    }

    /// A string, number or truth.
    pub(super) fn scalar(&mut self, key: &'static str) -> Option<Spanned<Scalar>> {
        let value = self.value(key)?;
        self.as_scalar(key, value)
    }

    /// A value of more than one form.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Self, &str, &'t Spanned<DeValue<'i>>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        read(self, key, value)
    }

    /// A table with keys of its own.
    pub(super) fn table(&mut self, key: &'static str) -> Option<TableReader<'t, 'i>> {
        self.known.push(key);
        let (name, value) = self.table.get_key_value(key)?;
        self.as_table(name, value)
    }

    /// A table, if a missing key has to be told from an unreadable value.
    pub(super) fn table_field(&mut self, key: &'static str) -> RawField<TableReader<'t, 'i>> {
        let read = self.table(key);
        self.field(key, read)
    }

    /// A list of strings, numbers and booleans.
    pub(super) fn scalars(&mut self, key: &'static str) -> Option<Spanned<Vec<Spanned<Scalar>>>> {
        let value = self.value(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            return self.wrong_type(key, value, "a list");
        };
        let scalars: Vec<_> = array.iter().filter_map(|scalar| self.as_scalar(key, scalar)).collect();
        (scalars.len() == array.len()).then(|| Spanned::new(value.span(), scalars))
    }

    /// A table whose keys are names, and whose values are tables.
    pub(super) fn named_tables(&mut self, key: &'static str) -> Vec<(Text, TableReader<'t, 'i>)> {
        let Some(tables) = self.table(key) else {
            return Vec::new();
        };
        tables
            .named_values()
            .filter_map(|(name, value)| tables.as_table(name, value).map(|table| (owned(name), table)))
            .collect()
    }

    /// Every key of a table whose keys are names, with the result of `read` for its value.
    pub(super) fn entries<T>(
        &self,
        read: impl Fn(&Self, &str, &'t Spanned<DeValue<'i>>) -> Option<T>,
    ) -> Vec<(Text, T)> {
        self.named_values().filter_map(|(key, value)| Some((owned(key), read(self, key.get_ref(), value)?))).collect()
    }

    /// As [`Self::entries`], for entries that may be tables with a place of their own.
    pub(super) fn named_entries<T>(
        &self,
        read: impl Fn(&Self, &Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>) -> Option<T>,
    ) -> Vec<T> {
        self.named_values().filter_map(|(key, value)| read(self, key, value)).collect()
    }

    /// Reports a missing key.
    pub(super) fn missing(&self, key: &str, why: &str) {
        if !self.table.contains_key(key) {
            let message = format!("{} has no `{key}`", self.place());
            self.problems.report(Problem::new(code::MISSING_KEY, self.span(), message).label(why.to_owned()));
        }
    }

    /// Reports every key that was not read, except those of `besides`.
    pub(super) fn finish(self, besides: &[&str]) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) && !besides.contains(&name) {
                let place = self.place();
                let message = format!("unknown key `{name}` in {place}");
                let hint = hint_of_known(name, &self.known, &format!("{place} knows"));
                self.problems.report(
                    Problem::new(code::UNKNOWN_KEY, key.span(), message).label("nothing reads this key").hint(hint),
                );
            }
        }
    }

    /// The table as messages name it.
    pub(super) fn place(&self) -> String {
        if self.path.is_empty() { "the document".to_owned() } else { format!("[{}]", self.path.join(".")) }
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.table.get(key)
    }

    fn named_values(
        &self,
    ) -> impl Iterator<Item = (&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> + use<'t, 'i> {
        self.table.iter()
    }

    pub(super) fn as_table(
        &self,
        name: &Spanned<DeString<'i>>,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Option<TableReader<'t, 'i>> {
        let DeValue::Table(table) = value.get_ref() else {
            return self.wrong_type(name.get_ref(), value, "a table");
        };
        let path = self.path.iter().cloned().chain([bare_or_quoted(name.get_ref())]).collect();
        Some(TableReader { table, path, span: name.span(), known: Vec::new(), problems: self.problems })
    }

    pub(super) fn as_text(&self, key: &str, value: &Spanned<DeValue<'i>>) -> Option<Text> {
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.to_string())),
            _ => self.wrong_type(key, value, "a string"),
        }
    }

    pub(super) fn as_texts(&self, key: &str, value: &Spanned<DeValue<'i>>) -> Option<Spanned<Vec<Text>>> {
        let DeValue::Array(array) = value.get_ref() else {
            return self.wrong_type(key, value, "a list of strings");
        };
        let texts: Vec<_> = array.iter().filter_map(|text| self.as_text(key, text)).collect();
        (texts.len() == array.len()).then(|| Spanned::new(value.span(), texts))
    }

    pub(super) fn as_scalar(&self, key: &str, value: &Spanned<DeValue<'i>>) -> Option<Spanned<Scalar>> {
        let scalar = match value.get_ref() {
            DeValue::String(text) => Scalar::Text(text.to_string()),
            DeValue::Integer(integer) => match i128::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(integer) => Scalar::Integer(integer.to_string()),
                Err(_) => return self.wrong_type(key, value, "a number of at most 128 bits"),
            },
            DeValue::Float(float) => Scalar::Float(float.as_str().to_owned()),
            DeValue::Boolean(boolean) => Scalar::Boolean(*boolean),
            DeValue::Datetime(_) => {
                self.problems.report(Self::mismatch(key, value, "a string or a number").hint("write it in quotes"));
                return None;
            }
            _ => return self.wrong_type(key, value, "a string, a number, true or false"),
        };
        Some(Spanned::new(value.span(), scalar))
    }

    pub(super) fn wrong_type<T>(&self, key: &str, value: &Spanned<DeValue<'i>>, expected: &str) -> Option<T> {
        self.problems.report(Self::mismatch(key, value, expected));
        None
    }

    fn mismatch(key: &str, value: &Spanned<DeValue<'i>>, expected: &str) -> Problem {
        let found = kind(value.get_ref());
        Problem::new(code::WRONG_TYPE, value.span(), format!("`{key}`: expected {expected}, found {found}"))
            .label(format!("expected {expected}"))
    }
}

/// Noun for a value, with its article.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn owned(key: &Spanned<DeString<'_>>) -> Text {
    Spanned::new(key.span(), key.get_ref().to_string())
}

/// A key as TOML spells it.
pub(super) fn bare_or_quoted(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { format!("{key:?}") }
}
