//! Queries inside of expressions.

use super::queried::Queried;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::mysql::expression::comparison::compare_alike;
use crate::dialect::mysql::expression::text_rule::joined;
use crate::dialect::mysql::expression::translator::Translator;
use crate::dialect::query::shape::only_column;
use sqlparser::ast::{Expr, Query};

impl Translator<'_> {
    pub(in crate::dialect::mysql) fn exists(&self, subquery: &Query, negated: bool) -> Translation {
        let not = if negated { "NOT " } else { "" };
        // MariaDB adds LIMIT 1.
        let is_one = subquery.limit_clause.as_ref().is_some_and(|limit| limit.to_string().trim() == "LIMIT 1");
        let limit_clause = subquery.limit_clause.clone().filter(|_| !is_one);
        let asked = Query { limit_clause, order_by: None, ..subquery.clone() };
        Ok(Sql::new(format!("{not}EXISTS ({})", self.subquery(&asked)?.sql), ValueKind::Truth))
    }

    /// IN (SELECT …), by the collation of both sides if they are texts.
    pub(in crate::dialect::mysql) fn among_rows(&self, subject: &Expr, negated: bool, subquery: &Query) -> Translation {
        let written = self.value(subject)?;
        let (queried, column) = self.one_column(subquery)?;
        let there = Visible { sql: Ok("among.value".to_owned()), ..column }.written()?;
        if there.shown_digits.is_some() {
            return Err(Untranslatable(format!("it compares a quotient in `{subquery}`")));
        }
        let not = if negated { "NOT " } else { "" };
        let is_text = written.kind == ValueKind::Text && there.kind == ValueKind::Text;
        if !is_text && !compare_alike(written.kind, there.kind) {
            return Err(Untranslatable(format!("it compares {} with {}", written.kind, there.kind)));
        }
        let rule = if is_text { self.collation_rule(joined([&written, &there]).as_ref())? } else { None };
        let (one, two) = (self.told_apart(&written, rule), self.told_apart(&there, rule));
        let sql = match two.text == there.text {
            true => queried.sql,
            false => format!("SELECT {} FROM (\n{}\n) AS among (value)", two.text, queried.sql),
        };
        Ok(Sql::condition(format!("{} {not}IN ({sql})", one.within(Binds::Other)), Binds::Pattern))
    }

    /// A subquery that is a value. Both systems fail if it gives more than one row.
    pub(in crate::dialect::mysql) fn scalar(&self, subquery: &Query) -> Translation {
        let (queried, column) = self.one_column(subquery)?;
        let written = Visible { sql: Ok(String::new()), ..column.typed() }.written()?;
        Ok(Sql { text: format!("({})", queried.sql), binds: Binds::Atom, ..written })
    }

    fn one_column(&self, subquery: &Query) -> Result<(Queried, Visible), Untranslatable> {
        let queried = self.subquery(subquery)?;
        let column = only_column(&queried.columns, subquery)?;
        Ok((queried, column))
    }

    fn subquery(&self, subquery: &Query) -> Result<Queried, Untranslatable> {
        self.scope.is_named_below.set(false);
        let queried = Translator { groups: None, aliases: &[], windows: &[], ..*self }.query(subquery)?;
        // In a SELECT with groups, a subquery's outer column may come from any row of the group.
        if let (Some(groups), true) = (self.groups, self.scope.is_named_below.get()) {
            groups.bare.borrow_mut().push(format!("({subquery})"));
        }
        Ok(queried)
    }
}
