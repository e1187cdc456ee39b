//! ORDER BY and LIMIT (<https://www.sqlite.org/lang_select.html#orderby>).
//!
//! SQLite takes NULL for the smallest value, PostgreSQL for the largest.

use super::queried::Queried;
use super::select::{Item, place, stands_for};
use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::{Untranslatable, strip};
use crate::dialect::query::shape::{self, are_all_ordered};
use crate::dialect::sqlite::expression::translator::Translator;
use sqlparser::ast::{
    Distinct, Expr, Ident, LimitClause, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, SetExpr,
    UnaryOperator,
};

impl Translator<'_> {
    /// A query without its WITH.
    pub(super) fn ordered(&self, query: &Query) -> Result<Queried, Untranslatable> {
        let terms = match query.order_by.as_ref().map(|order| &order.kind) {
            None => &[][..],
            Some(OrderByKind::Expressions(terms)) => terms.as_slice(),
            Some(OrderByKind::All(_)) => return Err(Untranslatable("it has ORDER BY ALL".to_owned())),
        };
        let limit = limit(query.limit_clause.as_ref())?;
        let (mut queried, keys) = match query.body.as_ref() {
            SetExpr::Select(select) if terms.is_empty() || !matches!(select.distinct, Some(Distinct::Distinct)) => {
                self.select(select, terms)?
            }
            body => {
                let queried = self.set(body)?;
                if terms.is_empty() {
                    (queried, Vec::new())
                } else {
                    // Here PostgreSQL orders only by bare columns of the output.
                    let keys = terms.iter().map(|term| output_term(term, &queried.columns));
                    let keys = keys.collect::<Result<Vec<_>, _>>()?;
                    let names = (1..=queried.columns.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(", ");
                    let sql = format!("SELECT *\nFROM (\n{}\n) AS ordered ({names})", queried.sql);
                    (Queried { sql, ..queried }, keys)
                }
            }
        };
        if !limit.is_empty() && !queried.is_single && !are_all_ordered(terms, &queried.columns, place) {
            self.remarks.leaves_open(|| "which rows its LIMIT takes of those that ORDER BY calls equal".to_owned());
        }
        if !keys.is_empty() {
            queried.sql.push_str(&format!("\nORDER BY {}", keys.join(", ")));
        }
        queried.sql.push_str(&limit);
        Ok(queried)
    }

    /// One term over the tables of a SELECT; `None` if it is a constant.
    pub(super) fn order_term(&self, term: &OrderByExpr, items: &[Item]) -> Result<Option<String>, Untranslatable> {
        // Output names have precedence here.
        let named = |name: &Ident| items.iter().find(|item| item.name.eq_ignore_ascii_case(&name.value));
        let meant = stands_for(&term.expr, items, &named)?;
        if matches!(strip(&meant), Expr::Value(_)) {
            return Ok(None);
        }
        Ok(Some(format!("{}{}", self.order_key(&meant)?.text, direction(&term.options)?)))
    }
}

/// One term over the output of UNION, DISTINCT and their like.
fn output_term(term: &OrderByExpr, columns: &[Visible]) -> Result<String, Untranslatable> {
    let at = match (place(&term.expr), strip(&term.expr)) {
        (Some(place), _) => place.checked_sub(1).filter(|at| *at < columns.len()),
        (None, Expr::Identifier(name)) => {
            columns.iter().position(|column| column.name.eq_ignore_ascii_case(&name.value))
        }
        (None, Expr::CompoundIdentifier(parts)) => parts
            .last()
            .and_then(|name| columns.iter().position(|column| column.name.eq_ignore_ascii_case(&name.value))),
        (None, other) => columns.iter().position(|column| column.name == other.to_string()),
    };
    let refused = || Untranslatable(format!("it is ordered by `{}`, which is no column of its output", term.expr));
    let at = at.ok_or_else(refused)?;
    if !columns[at].equality.is_bytes() {
        return Err(Untranslatable(format!("it is ordered by `{}`, which has a collation of its own", term.expr)));
    }
    let key = Translator::order_output(&format!("ordered.c{}", at + 1), &columns[at])?;
    Ok(format!("{}{}", key.text, direction(&term.options)?))
}

fn direction(options: &OrderByOptions) -> Result<String, Untranslatable> {
    let is_descending = match &options.sort {
        None | Some(OrderBySort::Asc) => false,
        Some(OrderBySort::Desc) => true,
        Some(OrderBySort::Using(_)) => return Err(Untranslatable("it has ORDER BY … USING".to_owned())),
    };
    let nulls_first = options.nulls_first.unwrap_or(!is_descending);
    let nulls = if nulls_first { " NULLS FIRST" } else { " NULLS LAST" };
    Ok(format!("{}{nulls}", if is_descending { " DESC" } else { "" }))
}

/// LIMIT and OFFSET; a negative limit means no limit.
fn limit(clause: Option<&LimitClause>) -> Result<String, Untranslatable> {
    let number = |_: &str, expression: &Expr| match strip(expression) {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } if place(expr).is_some() => Ok(None),
        other => match place(other) {
            Some(number) => Ok(Some(number)),
            None => Err(Untranslatable(format!("its LIMIT is `{other}`, not a number"))),
        },
    };
    shape::limit(clause, number, |other| Untranslatable(format!("`{other}` is not known to PostgreSQL")))
}
