//! Shape of a query, as far as it is the same question in every engine.

use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::strip;
use sqlparser::ast::{Distinct, Expr, OrderByExpr, Query, Select};

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
