//! Queries inside of expressions.

use super::Queried;
use crate::plan::expression::Untranslatable;
use crate::plan::expression::kind::Kind;
use crate::plan::expression::translator::{Sql, Translator, Written, parenthesized};
use sqlparser::ast::{Expr, Query};

impl Translator<'_> {
    pub(in crate::plan) fn exists(&self, subquery: &Query, negated: bool) -> Written {
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::new(format!("{not}EXISTS ({})", self.subquery(subquery)?.sql), Kind::Truth))
    }

    pub(in crate::plan) fn in_subquery(&self, subject: &Expr, subquery: &Query, negated: bool) -> Written {
        self.distinguished(subject)?;
        let written = self.write(subject, None)?;
        let (sql, column) = self.one_column(subquery)?;
        if !written.kind.compares_with(column) {
            return Err(Untranslatable(format!("it compares {} with {column}", written.kind)));
        }
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::new(format!("{} {not}IN ({sql})", parenthesized(subject, &written.text)), Kind::Truth))
    }

    /// A subquery that is a value. SQLite takes the first row of several, where PostgreSQL fails.
    pub(in crate::plan) fn scalar_subquery(&self, subquery: &Query) -> Written {
        let (mut sql, kind) = self.one_column(subquery)?;
        if subquery.limit_clause.is_none() && !self.subquery(subquery)?.is_single {
            sql.push_str("\nLIMIT 1");
        }
        Ok(Sql::new(format!("({sql})"), kind))
    }

    fn one_column(&self, subquery: &Query) -> Result<(String, Kind), Untranslatable> {
        let queried = self.subquery(subquery)?;
        match queried.columns.as_slice() {
            [column] => Ok((queried.sql, column.kind)),
            _ => Err(Untranslatable(format!("`{subquery}` has more than one column"))),
        }
    }

    fn subquery(&self, subquery: &Query) -> Result<Queried, Untranslatable> {
        self.scope.is_named_below.set(false);
        let queried = Translator { grouping: None, aliases: &[], ..*self }.query(subquery)?;
        // In a SELECT with groups, a subquery's column of an outer row may be of any row of the group.
        if let (Some(grouping), true) = (self.grouping, self.scope.is_named_below.get()) {
            grouping.bare.borrow_mut().push(format!("({subquery})"));
        }
        Ok(queried)
    }
}
