//! Lines of `[types]`: what is said of all columns of a declared type.

use super::model::{ColumnSpec, IndexMethod, SqlOrOmitted, TextComparison};
use crate::catalog::DeclaredType;

/// One line of `[types]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRule {
    /// Declared types that it applies to.
    pub declared: DeclaredType,
    /// The words on each column of such a type that has no type of its own in the spec. Name, order and SQL of a single column
    /// are not among them.
    pub says: ColumnSpec,
}

impl TypeRule {
    /// The settings as keys and values of the spec.
    #[must_use]
    pub fn settings(&self) -> toml::Table {
        let ColumnSpec {
            column_type,
            from,
            forgetting,
            timezone,
            not_null,
            comparison,
            index,
            default,
            on_bad_value,
            ..
        } = &self.says;
        let mut settings = toml::Table::new();
        let mut say =
            |key: &str, value: Option<toml::Value>| settings.extend(value.map(|value| (key.to_owned(), value)));
        say("type", column_type.as_ref().map(|column_type| column_type.to_string().into()));
        say("from", from.map(|from| from.to_string().into()));
        forgetting.words().for_each(|(key, word)| say(key, Some(word.into())));
        say("timezone", timezone.as_ref().map(|zone| zone.name().into()));
        say("not_null", not_null.map(Into::into));
        let comparison =
            comparison.and_then(|said| TextComparison::ALL.iter().find(|(_, comparison)| *comparison == said));
        say("comparison", comparison.map(|(word, _)| (*word).into()));
        let index = index.and_then(|said| IndexMethod::ALL.iter().find(|(_, method)| *method == said));
        say("index", index.map(|(word, _)| (*word).into()));
        say(
            "default",
            default.as_ref().map(|default| match default {
                SqlOrOmitted::Sql(sql) => sql.as_str().into(),
                SqlOrOmitted::LeftBehind => false.into(),
            }),
        );
        say("on_bad_value", on_bad_value.map(|treatment| treatment.to_string().into()));
        settings
    }
}

impl ColumnSpec {
    /// The words on a column, and behind them those of the line of `[types]` for its declared type. A line is about the type
    /// that it gives: a column with a type of its own has nothing from it.
    #[must_use]
    pub fn or(&self, rule: Option<&TypeRule>) -> Self {
        let Some(rule) = rule.filter(|_| self.column_type.is_none()) else { return self.clone() };
        let says = &rule.says;
        Self {
            column_type: says.column_type.clone(),
            from: self.from.or(says.from),
            forgetting: self.forgetting.or(says.forgetting),
            timezone: self.timezone.clone().or_else(|| says.timezone.clone()),
            not_null: self.not_null.or(says.not_null),
            comparison: self.comparison.or(says.comparison),
            index: self.index.or(says.index),
            default: self.default.clone().or_else(|| says.default.clone()),
            on_bad_value: self.on_bad_value.or(says.on_bad_value),
            ..self.clone()
        }
    }
}
