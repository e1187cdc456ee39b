//! Expressions of MySQL in PostgreSQL's SQL.
//!
//! The text is the canonical form of information_schema. Only what has the same value in both systems for every row is
//! translated. Where MySQL converts (texts beside numbers, numbers as truth values of texts), where a collation decides
//! that the target does not have, where the server's settings or its version decide (what a quotient has beyond the
//! digits that are shown), there is no translation.

mod aggregate;
mod arithmetic;
pub(super) mod comparison;
mod conditional;
mod document;
mod function;
mod interval;
mod moment;
mod quotient;
mod string;
pub(super) mod text_rule;
pub(super) mod translator;
mod walk;
mod window;

use super::grammar::{GRAMMAR, parsable, without_backslash};
use crate::catalog::ColumnType;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::sql::{Sql, Translation};
use crate::dialect::expression::{Bounded, Untranslatable};
use sqlparser::ast::Expr;
use translator::Translator;

/// A condition over the columns of one table.
pub(super) fn condition(text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
    let remarks = Remarks::default();
    translated(text, scope, &remarks, |translator, expression| translator.truth(expression)).map(bounded)
}

/// The expression of an index key, and the kind of value that it gives.
pub(super) fn index_key(text: &str, scope: &Scope<'_>) -> Result<(Bounded, ValueKind), Untranslatable> {
    let written = immutable(text, scope)?;
    let kind = written.kind;
    Ok((bounded(written), kind))
}

/// The expression of a generated column of this type.
pub(super) fn generated(text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable> {
    let written = immutable(text, scope)?;
    let column = ValueKind::of(column_type);
    let mismatch = || Untranslatable(format!("it gives {}, and the column is {column}", written.kind));
    let written = match (written.kind, column) {
        (ValueKind::Truth, kind) if kind.is_number() => written.cast("integer", ValueKind::Integer),
        // A number rounds half away from zero into a column of integers or decimals on both sides.
        (ValueKind::Integer | ValueKind::Decimal, kind) if kind.is_number() => written,
        (one, two) if one == two || one == ValueKind::Null => written,
        _ => return Err(mismatch()),
    };
    Ok(bounded(written))
}

fn bounded(written: Sql) -> Bounded {
    Bounded { sql: written.text, excesses: Vec::new() }
}

/// A value that follows from the row alone, for ever.
fn immutable(text: &str, scope: &Scope<'_>) -> Translation {
    let remarks = Remarks::default();
    let written = translated(text, scope, &remarks, |translator, expression| translator.value(expression))?;
    if remarks.enums_as_text.get() > 0 {
        let reason = "it reads an enum as text, which PostgreSQL does not allow here: a label can be renamed";
        return Err(Untranslatable(reason.to_owned()));
    }
    Ok(written)
}

fn translated(
    text: &str,
    scope: &Scope<'_>,
    remarks: &Remarks,
    write: impl FnOnce(&Translator<'_>, &Expr) -> Translation,
) -> Translation {
    without_backslash(text)?;
    GRAMMAR.expression(&parsable(text), |expression| {
        let written = write(&Translator::of_table(scope, remarks), expression)?;
        remarks.immutable(written.text.clone())?;
        Ok(written)
    })
}

#[cfg(test)]
mod tests;
