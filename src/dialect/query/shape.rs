//! Shape of a query, as far as it is the same question in every engine.

use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::{Untranslatable, strip};
use sqlparser::ast::{Distinct, Expr, LimitClause, OrderByExpr, Query, Select};

/// Whether a query has none of the clauses that no source has and the parser knows.
pub(crate) fn is_ordinary(query: &Query) -> bool {
    query.fetch.is_none()
        && query.locks.is_empty()
        && query.for_clause.is_none()
        && query.settings.is_none()
        && query.format_clause.is_none()
        && query.pipe_operators.is_empty()
}

/// The same of a SELECT.
pub(crate) fn is_ordinary_select(select: &Select) -> bool {
    select.top.is_none()
        && select.exclude.is_none()
        && select.into.is_none()
        && select.lateral_views.is_empty()
        && select.prewhere.is_none()
        && select.connect_by.is_empty()
        && select.cluster_by.is_empty()
        && select.distribute_by.is_empty()
        && select.sort_by.is_empty()
        && select.qualify.is_none()
        && select.value_table_mode.is_none()
        && !matches!(select.distinct, Some(Distinct::On(_)))
}

/// LIMIT and OFFSET in PostgreSQL's SQL. `number` reads the number behind one of the words, `None` if it limits nothing;
/// `refused` says that a clause of another form is not known.
pub(crate) fn limit(
    clause: Option<&LimitClause>,
    number: impl Fn(&str, &Expr) -> Result<Option<usize>, Untranslatable>,
    refused: impl Fn(&LimitClause) -> Untranslatable,
) -> Result<String, Untranslatable> {
    let (limit, offset) = match clause {
        None => return Ok(String::new()),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
            (limit.as_ref(), offset.as_ref().map(|offset| &offset.value))
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(limit), Some(offset)),
        Some(other) => return Err(refused(other)),
    };
    let mut text = String::new();
    for (word, expression) in [("LIMIT", limit), ("OFFSET", offset)] {
        if let Some(number) = expression.map(|expression| number(word, expression)).transpose()?.flatten() {
            text.push_str(&format!("\n{word} {number}"));
        }
    }
    Ok(text)
}

/// The one column of a subquery that is a value, or a list of values.
pub(crate) fn only_column(columns: &[Visible], subquery: &Query) -> Result<Visible, Untranslatable> {
    match columns {
        [column] => Ok(column.clone()),
        _ => Err(Untranslatable(format!("`{subquery}` has more than one column"))),
    }
}

/// Whether every column of the output is a term of ORDER BY, so that rows which it calls equal are equal. `place` is the place
/// in the output that a term stands for, counted from one.
pub(crate) fn are_all_ordered(
    terms: &[OrderByExpr],
    columns: &[Visible],
    place: impl Fn(&Expr) -> Option<usize>,
) -> bool {
    let name = |term: &OrderByExpr| match strip(&term.expr) {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()),
        other => place(other).and_then(|place| Some(columns.get(place.checked_sub(1)?)?.name.clone())),
    };
    let names = terms.iter().filter_map(name).collect::<Vec<_>>();
    columns.iter().all(|column| names.iter().any(|name| name.eq_ignore_ascii_case(&column.name)))
}
