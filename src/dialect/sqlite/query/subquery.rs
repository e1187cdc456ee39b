//! Queries inside of expressions.

use super::queried::Queried;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::query::shape::only_column;
use crate::dialect::sqlite::expression::translator::Translator;
use sqlparser::ast::{Expr, Query};

impl Translator<'_> {
    pub(crate) fn exists(&self, subquery: &Query, negated: bool) -> Translation {
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::new(format!("{not}EXISTS ({})", self.subquery(subquery)?.sql), ValueKind::Truth))
    }

    pub(crate) fn in_subquery(&self, subject: &Expr, subquery: &Query, negated: bool) -> Translation {
        self.distinguished(subject)?;
        let written = self.write(subject, Wanted::Natural)?.exactly(&format!("`{subject}` in a list"))?;
        let (Queried { sql, .. }, column) = self.one_column(subquery)?;
        if !written.kind.compares_with(column.kind) {
            return Err(Untranslatable(format!("it compares {} with {}", written.kind, column.kind)));
        }
        let there = Sql { spelled: column.spelled.clone(), coercion: column.coercion, ..Sql::new("", column.kind) };
        written.compares_alike_with(&there, &subject.to_string())?;
        if column.is_inexact {
            return Err(Untranslatable(format!("the last digits of `{subquery}` are others in PostgreSQL")));
        }
        if column.kind == ValueKind::Text
            && written.kind == ValueKind::Text
            && column.coercion.makes_numbers() != written.coercion.makes_numbers()
        {
            return Err(Untranslatable(format!("SQLite makes numbers of texts in `{subquery}`")));
        }
        let not = if negated { "NOT " } else { "" };
        let subject = written.typed(column.kind).within(Binds::Atom);
        Ok(Sql::condition(format!("{subject} {not}IN ({sql})"), Binds::Pattern))
    }

    /// A subquery that is a value. SQLite takes the first row of several, where PostgreSQL fails.
    pub(crate) fn scalar_subquery(&self, subquery: &Query) -> Translation {
        let (Queried { mut sql, is_single, .. }, column) = self.one_column(subquery)?;
        if subquery.limit_clause.is_none() && !is_single {
            self.remarks.leaves_open(|| format!("which row of `{subquery}` comes first"));
            sql.push_str("\nLIMIT 1");
        }
        let Visible { kind, coercion, is_narrow, is_inexact, extent, scale, spelled, .. } = column;
        Ok(Sql { coercion, is_narrow, is_inexact, extent, scale, spelled, ..Sql::new(format!("({sql})"), kind) })
    }

    fn one_column(&self, subquery: &Query) -> Result<(Queried, Visible), Untranslatable> {
        let queried = self.subquery(subquery)?;
        let column = only_column(&queried.columns, subquery)?;
        // Altered values are shown and never computed with.
        column.written()?;
        Ok((queried, column))
    }

    fn subquery(&self, subquery: &Query) -> Result<Queried, Untranslatable> {
        self.scope.is_named_below.set(false);
        let queried = Translator { grouping: None, aliases: &[], ..*self }.query(subquery)?;
        // In a SELECT with groups, a subquery's outer column may come from any row of the group.
        if let (Some(grouping), true) = (self.grouping, self.scope.is_named_below.get()) {
            grouping.bare.borrow_mut().push(format!("({subquery})"));
        }
        Ok(queried)
    }
}
