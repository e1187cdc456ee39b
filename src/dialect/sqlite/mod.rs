//! SQLite's SQL, by its own lexical rules and its own parser.

mod affinity;
mod collation;
mod condition;
mod declared;
mod expansion;
mod expression;
mod function_kind;
mod grammar;
mod hidden_key;
mod one_expression;
mod one_query;
mod parser;
mod query;
mod quote;
mod token;
mod trigger;

pub use affinity::Affinity;
pub(crate) use collation::equality;
pub(crate) use condition::{key_expressions, rowid_expression};
pub use expansion::{MOST_ASKED, MOST_CARRIED, expanded_columns, expanded_names};
pub(crate) use hidden_key::HIDDEN_KEYS;
pub use one_query::{one_query, one_query_of_parameters};
pub(crate) use quote::quote;

use super::SqlRefusal;
use super::declared::{Declared, ListedTexts};
use super::expression::coercion::Coercion;
use super::expression::kind::ValueKind;
use super::expression::scope::Scope;
use super::expression::{Bounded, Translated, Untranslatable};
use super::guarantee::{Guarantee, GuaranteedColumn};
use super::meaning::{Dialect, SAMPLE_FACTOR, SAMPLE_MODULUS, sample_limit};
use super::query::{FailingQuery, Relations, TranslatedView, ViewLimits};
use super::statement::first_condition;
use super::token::NamesInSql;
use super::trigger::Trigger;
use crate::catalog::{ColumnType, DeclaredType, RowIdentity, Visibility};
use crate::value::Zone;
use sqlparser::ast::Expr;
use std::collections::BTreeMap;

/// The meaning of SQLite's SQL.
#[derive(Debug)]
pub(crate) struct Sqlite;

/// The affinity of a column of this declared type.
fn affinity(declared_type: &str) -> Affinity {
    Affinity::of(&declared_type.to_ascii_uppercase())
}

impl Dialect for Sqlite {
    fn system(&self) -> &'static str {
        "SQLite"
    }

    fn quote_identifier(&self, name: &str) -> String {
        quote(name)
    }

    /// A file is one database.
    fn quote_table(&self, name: &str, _: bool) -> String {
        quote(name)
    }

    fn row_names(&self) -> &'static [&'static str] {
        &HIDDEN_KEYS
    }

    /// There is no hash of a text: rows without a number cannot be spread.
    fn sample(&self, identity: &RowIdentity, parts_per_million: u32) -> Option<String> {
        let RowIdentity::Integer { column, visibility } = identity else { return None };
        let key = match visibility {
            Visibility::Declared => quote(column),
            Visibility::Hidden => column.clone(),
        };
        let limit = sample_limit(parts_per_million);
        Some(format!("abs({key} % {SAMPLE_MODULUS}) * {SAMPLE_FACTOR} % {SAMPLE_MODULUS} < {limit}"))
    }

    fn one_expression(&self, sql: &str) -> Result<(), SqlRefusal> {
        one_expression::one_expression(sql)
    }

    fn one_query(&self, sql: &str) -> Result<(), SqlRefusal> {
        one_query(sql)
    }

    fn one_query_of_parameters(&self, sql: &str) -> Result<(), SqlRefusal> {
        one_query::one_query_of_parameters(sql)
    }

    fn names(&self, sql: &str) -> NamesInSql {
        token::names(sql)
    }

    fn first_condition<'s>(&self, sql: &'s str) -> Option<&'s str> {
        first_condition(sql, &token::tokens(sql))
    }

    fn is_ordered(&self, sql: &str) -> bool {
        one_query::is_ordered(sql)
    }

    fn declared(&self, declared_type: &DeclaredType) -> Declared {
        declared::declared(declared_type)
    }

    fn labels(&self, _: &DeclaredType) -> ListedTexts {
        ListedTexts::default()
    }

    /// A column holds values of any class, whatever it declares (<https://www.sqlite.org/datatype3.html>).
    fn guarantee(&self, _: GuaranteedColumn<'_>) -> Option<Guarantee> {
        None
    }

    /// Any word may be a type.
    fn names_time(&self, declared_type: &DeclaredType) -> bool {
        declared_type.base.contains("DATE") || declared_type.base.contains("TIME")
    }

    fn is_utc(&self, _: &DeclaredType) -> bool {
        false
    }

    /// A file keeps the bytes that it was given.
    fn recodes_text(&self) -> bool {
        false
    }

    fn coercion(&self, declared_type: &str) -> Coercion {
        affinity(declared_type).into()
    }

    fn default_value(&self, text: &str, declared_type: &str, column_type: &ColumnType, zone: &Zone) -> Translated {
        expression::default_value(text, affinity(declared_type), column_type, zone)
    }

    fn counts_time(&self, text: &str) -> bool {
        expression::counts_time(text)
    }

    fn writes_utc(&self, text: &str) -> bool {
        expression::writes_utc(text)
    }

    fn keeps_time_of_day(&self, text: &str) -> bool {
        expression::keeps_time_of_day(text)
    }

    /// There are no sequences.
    fn drawn_sequence(&self, _: &str) -> Option<String> {
        None
    }

    fn present(&self, expression: &Expr, column_type: &ColumnType, zone: &Zone) -> Option<String> {
        expression::present(expression, column_type, zone)
    }

    fn condition(&self, text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
        expression::condition(text, scope)
    }

    fn predicate(&self, text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
        expression::predicate(text, scope)
    }

    fn index_key(&self, text: &str, scope: &Scope<'_>) -> Result<(Bounded, ValueKind), Untranslatable> {
        expression::index_key(text, scope)
    }

    fn generated(&self, text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable> {
        expression::generated(text, scope, column_type)
    }

    fn trigger(&self, sql: &str) -> Option<Trigger> {
        trigger::read(sql)
    }

    fn view(
        &self,
        sql: &str,
        columns: Option<&[String]>,
        relations: &Relations,
        zone: &Zone,
    ) -> Result<TranslatedView, Untranslatable> {
        query::view(sql, columns, relations, zone)
    }

    fn expanded_names(&self, views: &[(&str, &str)]) -> BTreeMap<String, u64> {
        expanded_names(views.iter().copied())
    }

    fn view_limits(&self) -> ViewLimits {
        ViewLimits { asked: MOST_ASKED, carried: MOST_CARRIED }
    }

    fn failing_query(&self, view: &str, part: &str, condition: &str) -> Option<FailingQuery> {
        query::failing(view, part, condition)
    }
}
