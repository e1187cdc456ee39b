//! SQLite's SQL expressions in PostgreSQL's words: defaults, CHECKs, conditions of partial indexes, index keys.
//!
//! The expression is parsed by sqlparser and written again node by node. Every part has a kind: PostgreSQL compares
//! only what is alike, where SQLite compares anything, and a translation that PostgreSQL would refuse is of no use. What
//! is not known to mean the same on both sides is refused with the reason; it is then listed as omitted, never guessed.

pub(super) mod aggregate;
pub(super) mod arithmetic;
mod clock;
mod collation;
mod conditional;
pub(super) mod extent;
mod function;
pub(crate) mod kind;
pub(super) mod literal;
mod moment;
mod operator;
pub(super) mod parse;
mod pattern;
pub(crate) mod scope;
pub(super) mod spelling;
pub(super) mod sql;
#[cfg(test)]
mod tests;
pub(super) mod translator;

use crate::catalog::ColumnType;
use crate::value::Zone;
pub(crate) use arithmetic::EXCESSES;
use kind::Kind;
use literal::Wanted;
use scope::Scope;
use sql::Sql;
use sqlparser::ast::Expr;
pub(crate) use translator::Excess;
use translator::{Remarks, Translator};

/// Why an expression is not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untranslatable(pub String);

type Translated = Result<String, Untranslatable>;

/// A column's DEFAULT; `zone` is what a timestamp without zone means.
///
/// # Errors
/// What has no equal in PostgreSQL, or none that transship knows.
pub fn default_value(text: &str, column_type: &ColumnType, zone: &Zone) -> Translated {
    let (scope, remarks) = (Scope::default(), Remarks::default());
    let translator = Translator::new(text, &scope, zone, &remarks);
    parse::expression(text, |expression| translator.default(strip(expression), column_type))
}

/// The time of the statement as a value of this type; `None` where the expression is something else. `zone` is what a
/// timestamp without zone means.
pub(crate) fn present(expression: &Expr, column_type: &ColumnType, zone: &Zone) -> Option<String> {
    let kind = Kind::of(column_type);
    let written = clock::Now::read(expression)?.write(Wanted::Stored(kind), zone, expression).ok()?;
    written.kind.fits(kind).then_some(written.text)
}

/// An expression of a table in PostgreSQL's words, and what in it may leave the range of its type on the data there are.
#[derive(Debug, Clone)]
pub(crate) struct Bounded {
    pub(crate) sql: String,
    pub(crate) excesses: Vec<Excess>,
}

/// A condition over the columns of one table, for a CHECK.
///
/// # Errors
/// As for [`default_value`].
pub(crate) fn condition(text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let sql = parse::expression(text, |expression| Ok(translator.truth(expression)?.text))?;
    Ok(Bounded { sql, excesses: remarks.excesses.take() })
}

/// The condition of a partial index.
///
/// # Errors
/// As for [`default_value`].
pub(crate) fn predicate(text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let sql = parse::expression(text, |expression| remarks.immutable(translator.truth(expression)?.text))?;
    Ok(Bounded { sql, excesses: remarks.excesses.take() })
}

/// The expression of an index key, and what kind of value it gives.
///
/// # Errors
/// As for [`default_value`].
pub(crate) fn index_key(text: &str, scope: &Scope<'_>) -> Result<(Bounded, Kind), Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let written = parse::expression(text, |expression| {
        let written = translator.write(expression, Wanted::Natural)?;
        written.compares_alike(&expression.to_string())?;
        written.exactly(&format!("the order of `{expression}`"))
    })?;
    let (sql, kind) = (remarks.immutable(written.text)?, written.kind);
    Ok((Bounded { sql, excesses: remarks.excesses.take() }, kind))
}

/// The expression of a generated column of this type.
///
/// # Errors
/// As for [`default_value`].
pub(crate) fn generated(text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let sql = parse::expression(text, |expression| {
        let written = translator.assigned(expression, &Kind::of(column_type))?;
        remarks.immutable(numeric_shown(written, expression, scope, column_type)?)
    })?;
    Ok(Bounded { sql, excesses: remarks.excesses.take() })
}

/// A decimal as SQLite shows it in a column of this type. A decimal of a scale brings zeros along that SQLite's numbers do not
/// have, and a column of fewer digits would round it, which SQLite never does.
fn numeric_shown(written: Sql, expression: &Expr, scope: &Scope<'_>, column_type: &ColumnType) -> Translated {
    let ColumnType::Numeric(limits) = column_type else { return Ok(written.text) };
    match (limits, written.scale) {
        _ if written.kind != Kind::Decimal => Ok(written.text),
        (Some((_, kept)), Some(scale)) if i64::from(scale) > i64::from(*kept) => {
            Err(Untranslatable(format!("PostgreSQL would round `{expression}` to {kept} digits after the point")))
        }
        (Some(_), _) => Ok(written.text),
        // A column without a scale shows what is stored, digit by digit.
        (None, None) if scope.find(strip(expression))?.is_some() => Ok(written.text),
        (None, _) => Ok(format!("trim_scale({})", written.text)),
    }
}

/// The expression without the parentheses around it.
pub(super) fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

fn unknown(expression: &Expr) -> Untranslatable {
    Untranslatable(format!("`{expression}` is not known to mean the same in PostgreSQL"))
}
