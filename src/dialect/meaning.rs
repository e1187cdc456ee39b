//! The meaning of an engine's SQL, for planning.

use super::SqlRefusal;
use super::condition::ConditionSql;
use super::declared::{Declared, ListedTexts};
use super::expression::coercion::Coercion;
use super::expression::kind::ValueKind;
use super::expression::scope::Scope;
use super::expression::{Bounded, Translated, Untranslatable};
use super::guarantee::{Guarantee, GuaranteedColumn};
use super::query::{FailingQuery, Relations, TranslatedView, ViewLimits};
use super::token::NamesInSql;
use super::trigger::Trigger;
use crate::catalog::{ColumnType, DeclaredType, RowIdentity};
use crate::value::Zone;
use sqlparser::ast::Expr;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// A prime: numbers multiplied by another one are spread over its remainders.
pub(crate) const SAMPLE_MODULUS: u64 = 1_000_003;
pub(crate) const SAMPLE_FACTOR: u64 = 7_919;

/// Limit below which approximately `parts_per_million` of the remainders lie.
pub(crate) fn sample_limit(parts_per_million: u32) -> u64 {
    (u64::from(parts_per_million) * SAMPLE_MODULUS).div_ceil(1_000_000)
}

/// The meaning of one engine's SQL. All methods work on text alone, and are called during planning: never for a row or
/// a value.
///
/// SQL without a known equivalent in PostgreSQL is [`Untranslatable`], never guessed.
pub(crate) trait Dialect: ConditionSql + Debug + Sync {
    /// The system's name, for people.
    fn system(&self) -> &'static str;

    /// An identifier in the engine's quotes.
    fn quote_identifier(&self, name: &str) -> String;

    /// A table's name in the engine's quotes; `in_databases`: names of tables begin with their databases.
    fn quote_table(&self, name: &str, in_databases: bool) -> String;

    /// Names for the column that identifies a table's rows, beside the column's own name.
    fn row_names(&self) -> &'static [&'static str];

    /// A condition that holds for approximately `parts_per_million` of the rows, spread over the table and the same
    /// ones every time; `None` if the rows have no key that it could use.
    fn sample(&self, identity: &RowIdentity, parts_per_million: u32) -> Option<String>;

    /// Whether `sql`, in parentheses, is one expression that is computed for each row by itself.
    ///
    /// # Errors
    /// The first fault.
    fn one_expression(&self, sql: &str) -> Result<(), SqlRefusal>;

    /// Whether `sql` is one statement that reads.
    ///
    /// # Errors
    /// The first fault.
    fn one_query(&self, sql: &str) -> Result<(), SqlRefusal>;

    /// As [`Self::one_query`], for a query whose parameters are filled in.
    ///
    /// # Errors
    /// The first fault.
    fn one_query_of_parameters(&self, sql: &str) -> Result<(), SqlRefusal>;

    /// The names in some SQL, as far as its tokens tell.
    fn names(&self, sql: &str) -> NamesInSql;

    /// The first of two conditions, `(first) AND …`, with its parentheses; `None` for SQL of another form.
    fn first_condition<'s>(&self, sql: &'s str) -> Option<&'s str>;

    /// Whether a query orders its rows.
    fn is_ordered(&self, sql: &str) -> bool;

    /// The column type that a declared type stands for.
    fn declared(&self, declared_type: &DeclaredType) -> Declared;

    /// The texts that a declared type lists, if it does.
    fn labels(&self, declared_type: &DeclaredType) -> ListedTexts;

    /// The engine's promise about the values of a column, by its declared type; `None` if only the values can tell.
    fn guarantee(&self, column: GuaranteedColumn<'_>) -> Option<Guarantee>;

    /// Whether values of a column may have more digits of a second than this type of a time; `false` where their spellings say it.
    fn may_be_shortened(&self, _declared_type: &DeclaredType, _column_type: &ColumnType) -> bool {
        false
    }

    /// The expression that writes a column of bits as `0` and `1`, the highest bit first; `None` for any other column.
    fn bits_in_text(&self, _name: &str, _declared_type: &DeclaredType) -> Option<String> {
        None
    }

    /// Whether a declared type says that a column holds dates or times, whatever it is able to hold.
    fn names_time(&self, declared_type: &DeclaredType) -> bool;

    /// Whether times of a declared type are instants that are written in UTC, without saying so.
    fn is_utc(&self, declared_type: &DeclaredType) -> bool;

    /// Whether a server converts text between the character sets of a client and of a column, and so may have encoded it twice.
    fn recodes_text(&self) -> bool;

    /// The conversion of a value that is stored in a column of this declared type.
    fn coercion(&self, declared_type: &str) -> Coercion;

    /// A column's DEFAULT. `zone` is the zone of a timestamp without one.
    fn default_value(&self, text: &str, declared_type: &str, column_type: &ColumnType, zone: &Zone) -> Translated;

    /// Whether a DEFAULT is the present time as a number.
    fn counts_time(&self, text: &str) -> bool;

    /// Whether a DEFAULT writes the date and time by the clock of UTC, as text that does not say so.
    fn writes_utc(&self, text: &str) -> bool;

    /// Whether a DEFAULT moves the present local time by an interval: where clocks change, another instant than in UTC.
    fn moves_local_time(&self, _text: &str) -> bool {
        false
    }

    /// Whether a DEFAULT writes a date with a time of day into a column that declares a date, and the engine keeps both.
    fn keeps_time_of_day(&self, _text: &str) -> bool {
        false
    }

    /// The sequence whose next number a DEFAULT is; `None` for any other expression.
    fn drawn_sequence(&self, text: &str) -> Option<String>;

    /// The time of the statement as a value of this type; `None` if the expression is any other. `zone` is the zone of
    /// a timestamp without one.
    fn present(&self, expression: &Expr, column_type: &ColumnType, zone: &Zone) -> Option<String>;

    /// A condition over the columns of one table, for a CHECK.
    fn condition(&self, text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable>;

    /// The condition of a partial index.
    fn predicate(&self, text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable>;

    /// The expression of an index key, and the kind of value that it gives.
    fn index_key(&self, text: &str, scope: &Scope<'_>) -> Result<(Bounded, ValueKind), Untranslatable>;

    /// The column and the number of characters, or bytes of a binary one, of a key over the beginning of a column; `None` for
    /// any other expression.
    fn prefix(&self, _expression: &str) -> Option<(String, usize)> {
        None
    }

    /// The expression of a generated column of this type.
    fn generated(&self, text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable>;

    /// The effects of a CREATE TRIGGER; `None` if it cannot be parsed.
    fn trigger(&self, sql: &str) -> Option<Trigger>;

    /// The SELECT of a CREATE VIEW. `columns` are the names of its columns as the source reports them, if they were
    /// read.
    fn view(
        &self,
        sql: &str,
        columns: Option<&[String]>,
        relations: &Relations,
        zone: &Zone,
    ) -> Result<TranslatedView, Untranslatable>;

    /// For every view, by its name in lower case: the number of tables and views that it names after views are
    /// expanded. A view is given by its name and its SQL.
    fn expanded_names(&self, views: &[(&str, &str)]) -> BTreeMap<String, u64>;

    /// Limits on these numbers.
    fn view_limits(&self) -> ViewLimits;

    /// The query of a view in which `part` fails where `condition` holds; `None` if the view has no such part.
    fn failing_query(&self, view: &str, part: &str, condition: &str) -> Option<FailingQuery>;
}
