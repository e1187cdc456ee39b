//! MySQL's SQL, and MariaDB's.

mod clock;
mod collation;
mod condition;
mod declared;
mod default;
mod definition;
mod escaped;
mod expression;
mod generated;
mod grammar;
mod grants;
mod guarantee;
mod one_expression;
mod parameter;
mod partition;
mod qualified;
mod query;
mod spelling;
mod token;

pub(crate) use collation::equality;
pub(crate) use condition::same_bytes;
pub(crate) use declared::declared_label;
pub(crate) use definition::{Definition, Period};
pub(crate) use escaped::{unescaped, with_escapes, without_escapes};
pub(crate) use grants::Grants;
pub(crate) use parameter::{Positional, positional};
pub(crate) use partition::{PartitionKey, default_partition, partition_key, partition_values};
pub(crate) use qualified::{view_query, with_known_names};
pub(crate) use spelling::{literal, prefix_key, quote, quote_table};

use super::SqlRefusal;
use super::declared::{Declared, ListedTexts};
use super::expression::coercion::Coercion;
use super::expression::kind::ValueKind;
use super::expression::scope::Scope;
use super::expression::{Bounded, Translated, Untranslatable};
use super::guarantee::{Guarantee, GuaranteedColumn};
use super::meaning::{Dialect, SAMPLE_MODULUS, sample_limit};
use super::query::{FailingQuery, Relations, TranslatedView, ViewLimits};
use super::statement::{first_condition, is_ordered};
use super::token::{NamesInSql, Token};
use super::trigger::Trigger;
use crate::catalog::{ColumnType, DeclaredType, RowIdentity, Visibility};
use crate::value::Zone;
use sqlparser::ast::Expr;
use std::collections::BTreeMap;

/// The meaning of MySQL's SQL.
#[derive(Debug)]
pub(crate) struct Mysql;

/// The refusal of an expression.
fn untranslated(text: &str) -> Untranslatable {
    Untranslatable(format!("`{text}` is not known to mean the same in PostgreSQL"))
}

impl Dialect for Mysql {
    fn system(&self) -> &'static str {
        "MySQL or MariaDB"
    }

    fn quote_identifier(&self, name: &str) -> String {
        quote(name)
    }

    fn quote_table(&self, name: &str, in_databases: bool) -> String {
        quote_table(name, in_databases)
    }

    fn row_names(&self) -> &'static [&'static str] {
        &[]
    }

    fn sample(&self, identity: &RowIdentity, parts_per_million: u32) -> Option<String> {
        let columns = match identity {
            RowIdentity::Integer { column, visibility: Visibility::Declared } => quote(column),
            RowIdentity::Key { columns } => columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", "),
            RowIdentity::Integer { .. } | RowIdentity::None => return None,
        };
        // Of one spelling for one key, whatever its type.
        let limit = sample_limit(parts_per_million);
        Some(format!("crc32(concat_ws(',', {columns})) % {SAMPLE_MODULUS} < {limit}"))
    }

    fn one_expression(&self, sql: &str) -> Result<(), SqlRefusal> {
        one_expression::one_expression(sql)
    }

    fn one_query(&self, sql: &str) -> Result<(), SqlRefusal> {
        one_expression::one_query(sql)
    }

    fn one_query_of_parameters(&self, sql: &str) -> Result<(), SqlRefusal> {
        one_expression::one_query_of_parameters(sql)
    }

    fn names(&self, sql: &str) -> NamesInSql {
        NamesInSql::of(token::tokens(sql).iter().filter_map(Token::name))
    }

    fn first_condition<'s>(&self, sql: &'s str) -> Option<&'s str> {
        first_condition(sql, &token::tokens(sql))
    }

    fn is_ordered(&self, sql: &str) -> bool {
        is_ordered(&token::tokens(sql))
    }

    fn declared(&self, declared_type: &DeclaredType) -> Declared {
        declared::declared(declared_type)
    }

    fn labels(&self, declared_type: &DeclaredType) -> ListedTexts {
        declared::labels(declared_type)
    }

    fn guarantee(&self, column: GuaranteedColumn<'_>) -> Option<Guarantee> {
        guarantee::guarantee(column)
    }

    fn may_be_shortened(&self, declared_type: &DeclaredType, column_type: &ColumnType) -> bool {
        guarantee::may_be_shortened(declared_type, column_type)
    }

    fn bits_in_text(&self, name: &str, declared_type: &DeclaredType) -> Option<String> {
        declared::bits(declared_type).map(|bits| format!("LPAD(BIN({}), {bits}, '0')", quote(name)))
    }

    fn names_time(&self, declared_type: &DeclaredType) -> bool {
        declared::names_time(declared_type)
    }

    fn is_utc(&self, declared_type: &DeclaredType) -> bool {
        // The session's time zone is UTC.
        declared_type.base == "TIMESTAMP"
    }

    fn recodes_text(&self) -> bool {
        true
    }

    fn coercion(&self, declared_type: &str) -> Coercion {
        declared::coercion(declared_type)
    }

    fn default_value(&self, text: &str, declared_type: &str, column_type: &ColumnType, zone: &Zone) -> Translated {
        default::default_value(text, declared_type, column_type, zone)
    }

    fn counts_time(&self, text: &str) -> bool {
        default::counts_time(text)
    }

    fn writes_utc(&self, text: &str) -> bool {
        default::writes_utc(text)
    }

    fn moves_local_time(&self, text: &str) -> bool {
        default::moves_local_time(text)
    }

    fn drawn_sequence(&self, text: &str) -> Option<String> {
        match partition_key(text)? {
            PartitionKey::Function(name, sequence) if name == "nextval" => Some(sequence),
            _ => None,
        }
    }

    fn present(&self, expression: &Expr, column_type: &ColumnType, zone: &Zone) -> Option<String> {
        clock::Now::read(expression)?.write(column_type, zone)
    }

    fn condition(&self, text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
        expression::condition(text, scope)
    }

    /// There are no partial indexes.
    fn predicate(&self, text: &str, _: &Scope<'_>) -> Result<Bounded, Untranslatable> {
        Err(untranslated(text))
    }

    fn index_key(&self, text: &str, scope: &Scope<'_>) -> Result<(Bounded, ValueKind), Untranslatable> {
        expression::index_key(text, scope)
    }

    fn prefix(&self, expression: &str) -> Option<(String, usize)> {
        spelling::prefix(expression)
    }

    fn generated(&self, text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable> {
        match text.trim().to_ascii_uppercase().as_str() {
            "ROW START" => Err(Untranslatable(of_version("begins"))),
            "ROW END" => Err(Untranslatable(of_version("ends"))),
            _ => expression::generated(text, scope, column_type),
        }
    }

    /// The table alone: the effects of a trigger are not looked at.
    fn trigger(&self, sql: &str) -> Option<Trigger> {
        let tokens = token::tokens(sql);
        let on = tokens.iter().position(|token| token.is("ON"))?;
        let table = tokens.get(on + 1)?.name()?;
        Some(Trigger { table, writes: Vec::new(), touch: None })
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

    fn expanded_names(&self, _: &[(&str, &str)]) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }

    fn view_limits(&self) -> ViewLimits {
        ViewLimits { asked: u64::MAX, carried: u64::MAX }
    }

    fn failing_query(&self, _: &str, _: &str, _: &str) -> Option<FailingQuery> {
        None
    }
}

/// The reason why PostgreSQL does not fill a column of a table with versions.
fn of_version(verb: &str) -> String {
    format!("the source writes there when a version of the row {verb}, and a table of PostgreSQL has no versions")
}
