//! ORDER BY and LIMIT. MySQL takes NULL for the smallest value, PostgreSQL for the largest.

use super::queried::{Queried, places};
use super::refused;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::sql::{Binds, Sql};
use crate::dialect::expression::{Untranslatable, number_literal, strip};
use crate::dialect::mysql::expression::text_rule::collation_words;
use crate::dialect::mysql::expression::translator::Translator;
use crate::dialect::query::shape::{self, are_all_ordered};
use crate::name::quote_literal;
use sqlparser::ast::{Expr, LimitClause, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, SetExpr};

impl Translator<'_> {
    /// A query without its WITH. An order alone, without LIMIT, decides about no row: it is left out if it is not known to
    /// be the same.
    pub(super) fn ordered(&self, query: &Query) -> Result<Queried, Untranslatable> {
        let terms = match query.order_by.as_ref().map(|order| &order.kind) {
            None => &[][..],
            Some(OrderByKind::Expressions(terms)) => terms.as_slice(),
            Some(OrderByKind::All(_)) => return Err(refused("ORDER BY ALL")),
        };
        let limit = limit(query.limit_clause.as_ref())?;
        let (mut queried, keys) = match query.body.as_ref() {
            SetExpr::Select(select) => {
                let queried = self.select(select, terms)?;
                (queried.0, queried.1)
            }
            body => {
                let queried = self.set(body)?;
                if terms.is_empty() {
                    (queried, Ok(Vec::new()))
                } else {
                    // Here PostgreSQL orders only by bare columns of the output.
                    let keys = terms.iter().map(|term| self.output_term(term, &queried.columns));
                    let keys = keys.collect::<Result<Vec<_>, _>>();
                    let sql = format!("SELECT *\nFROM (\n{}\n) AS ordered ({})", queried.sql, places(&queried.columns));
                    (Queried { sql, ..queried }, keys)
                }
            }
        };
        let keys = match keys {
            Ok(keys) => keys,
            Err(reason) if !limit.is_empty() => return Err(reason),
            Err(_) => Vec::new(),
        };
        if !limit.is_empty() && !are_all_ordered(terms, &queried.columns, place) {
            self.remarks.leaves_open(|| "which rows its LIMIT takes of those that ORDER BY calls equal".to_owned());
        }
        if !keys.is_empty() {
            queried.sql.push_str(&format!("\nORDER BY {}", keys.join(", ")));
        }
        queried.sql.push_str(&limit);
        Ok(queried)
    }

    /// One term of ORDER BY over the tables of a SELECT, a window or an aggregate.
    pub(in crate::dialect::mysql) fn order_term(&self, term: &OrderByExpr) -> Result<String, Untranslatable> {
        if matches!(strip(&term.expr), Expr::Value(_)) {
            return Err(Untranslatable("it is ordered by a constant".to_owned()));
        }
        let written = self.value(&term.expr)?;
        // An ENUM is ordered by the places of its labels.
        let labels = self.column_of(&term.expr)?.filter(|column| column.kind == ValueKind::Text);
        let labels = labels.map(|column| column.labels.clone()).filter(|labels| !labels.is_empty());
        let key = match labels {
            Some(labels) => {
                let labels = labels.iter().map(|label| quote_literal(label)).collect::<Vec<_>>().join(", ");
                format!("array_position(ARRAY[{labels}]::text[], {})", written.text)
            }
            None => self.order_key(&written, &term.expr.to_string())?,
        };
        Ok(format!("{key}{}", direction(&term.options)?))
    }

    fn order_key(&self, written: &Sql, what: &str) -> Result<String, Untranslatable> {
        use ValueKind::{Date, Decimal, Float, Integer, Text, Time, Timestamp, Timestamptz, Truth};
        match written.kind {
            Integer | Decimal | Float | Date | Time | Timestamp | Timestamptz | Truth
                if !written.is_bare_constant() =>
            {
                Ok(written.text.clone())
            }
            Text if written.rule.is_some() && self.collation_rule(written.rule.as_ref())?.is_none() => {
                Ok(format!("{} COLLATE \"C\"", written.within(Binds::Atom)))
            }
            Text => {
                let collation = collation_words(written.rule.as_ref());
                Err(Untranslatable(format!("it is ordered by `{what}`, a text of the collation {collation}")))
            }
            kind => Err(Untranslatable(format!("it is ordered by `{what}`, which is {kind}"))),
        }
    }

    /// One term over the output of UNION and its like.
    fn output_term(&self, term: &OrderByExpr, columns: &[Visible]) -> Result<String, Untranslatable> {
        let named = |name: &str| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        let at = match (place(&term.expr), strip(&term.expr)) {
            (Some(place), _) => place.checked_sub(1).filter(|at| *at < columns.len()),
            (None, Expr::Identifier(name)) => named(&name.value),
            (None, Expr::CompoundIdentifier(parts)) => parts.last().and_then(|name| named(&name.value)),
            (None, _) => None,
        };
        let refused = || Untranslatable(format!("it is ordered by `{}`, which is no column of its output", term.expr));
        let at = at.ok_or_else(refused)?;
        if !columns[at].labels.is_empty() {
            return Err(refused());
        }
        let written = Visible { sql: Ok(format!("ordered.c{}", at + 1)), ..columns[at].typed() }.written()?;
        let key = self.order_key(&written, &columns[at].name)?;
        Ok(format!("{key}{}", direction(&term.options)?))
    }
}

/// The number of an ORDER BY, GROUP BY or LIMIT term.
pub(super) fn place(expression: &Expr) -> Option<usize> {
    number_literal(expression)?.parse().ok()
}

fn direction(options: &OrderByOptions) -> Result<&'static str, Untranslatable> {
    match (&options.sort, options.nulls_first) {
        (None | Some(OrderBySort::Asc), None) => Ok(" NULLS FIRST"),
        (Some(OrderBySort::Desc), None) => Ok(" DESC NULLS LAST"),
        _ => Err(refused("its order of NULLs")),
    }
}

/// LIMIT and OFFSET.
fn limit(clause: Option<&LimitClause>) -> Result<String, Untranslatable> {
    let number = |word: &str, expression: &Expr| {
        place(expression).map(Some).ok_or_else(|| refused(&format!("{word} {expression}")))
    };
    shape::limit(clause, number, |other| refused(&format!("`{other}`")))
}
