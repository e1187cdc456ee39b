//! SQLite's SQL expressions in PostgreSQL's SQL: defaults, CHECKs, conditions of partial indexes, index keys.
//!
//! The expression is parsed by sqlparser and written again node by node ([`walk`]). Every part has a kind: PostgreSQL
//! compares only values of related types, while SQLite compares any, and a translation that PostgreSQL refuses is
//! useless. An expression that is not known to mean the same on both sides is refused with the reason, and listed as
//! omitted.

mod aggregate;
mod arithmetic;
mod clock;
mod collation;
mod conditional;
mod default;
mod function;
pub(super) mod literal;
mod moment;
mod operator;
mod pattern;
mod present;
mod random_uuid;
mod spelling;
mod strftime;
#[cfg(test)]
mod tests;
pub(super) mod translator;
mod walk;

pub(super) use default::{counts_time, default_value, keeps_time_of_day, writes_utc};

use super::grammar::GRAMMAR;
use crate::catalog::ColumnType;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::sql::Sql;
use crate::dialect::expression::{Bounded, Translated, Untranslatable, strip};
use crate::value::Zone;
use sqlparser::ast::Expr;
use translator::Translator;

/// The time of the statement as a value of this type; `None` if the expression is any other. `zone` is the zone of a
/// timestamp without one.
pub(super) fn present(expression: &Expr, column_type: &ColumnType, zone: &Zone) -> Option<String> {
    let kind = ValueKind::of(column_type);
    let written = clock::Now::read_as(expression, Some(kind))?.write(Wanted::Stored(kind), zone, expression).ok()?;
    written.kind.fits(kind).then_some(written.text)
}

/// A condition over the columns of one table, for a CHECK.
pub(super) fn condition(text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let sql = GRAMMAR.expression(text, |expression| Ok(translator.truth(expression)?.text))?;
    Ok(Bounded { sql, excesses: remarks.excesses.take() })
}

/// The condition of a partial index.
pub(super) fn predicate(text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let sql = GRAMMAR.expression(text, |expression| remarks.immutable(translator.truth(expression)?.text))?;
    Ok(Bounded { sql, excesses: remarks.excesses.take() })
}

/// The expression of an index key without parentheses around it, and the kind of its value.
pub(super) fn index_key(text: &str, scope: &Scope<'_>) -> Result<(Bounded, ValueKind), Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let written = GRAMMAR.expression(text, |expression| {
        let expression = strip(expression);
        let written = translator.write(expression, Wanted::Natural)?;
        written.compares_alike(&expression.to_string())?;
        written.constant_typed().exactly(&format!("the order of `{expression}`"))
    })?;
    let (sql, kind) = (remarks.immutable(written.text)?, written.kind);
    Ok((Bounded { sql, excesses: remarks.excesses.take() }, kind))
}

/// The expression of a generated column of this type.
pub(super) fn generated(text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    let translator = Translator::new(text, scope, &scope.zone, &remarks);
    let sql = GRAMMAR.expression(text, |expression| {
        let written = translator.assigned(expression, &ValueKind::of(column_type))?;
        remarks.immutable(numeric_shown(written, expression, &translator, column_type)?)
    })?;
    Ok(Bounded { sql, excesses: remarks.excesses.take() })
}

/// A decimal as SQLite shows it in a column of this type. A decimal with a scale has trailing zeros that SQLite's
/// numbers do not have, and a column of fewer digits would round it, which SQLite never does.
fn numeric_shown(written: Sql, expression: &Expr, translator: &Translator<'_>, column_type: &ColumnType) -> Translated {
    let ColumnType::Numeric(limits) = column_type else { return Ok(written.text) };
    match (limits, written.scale) {
        _ if written.kind != ValueKind::Decimal => Ok(written.text),
        (Some((_, kept)), Some(scale)) if i64::from(scale) > i64::from(*kept) => {
            Err(Untranslatable(format!("PostgreSQL would round `{expression}` to {kept} digits after the point")))
        }
        (Some(_), _) => Ok(written.text),
        // A column without a scale shows the stored digits.
        (None, None) if translator.column(strip(expression))?.is_some() => Ok(written.text),
        (None, _) => Ok(format!("trim_scale({})", written.text)),
    }
}
