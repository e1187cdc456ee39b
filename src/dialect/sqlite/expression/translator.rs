//! The translator: its context at a place in an expression or a query.
//!
//! The files beside it add the translations that they are named after; the walk over the tree calls all of them.

use super::literal::Hexadecimal;
use crate::dialect::expression::grouping::Grouping;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::{FoundColumn, Scope};
use crate::dialect::expression::{Untranslatable, strip};
use crate::dialect::query::Relations;
use crate::value::Zone;
use sqlparser::ast::{Expr, Ident, Value};

/// Translates expressions over the columns of a scope.
#[derive(Debug, Clone, Copy)]
pub(in crate::dialect::sqlite) struct Translator<'a> {
    pub(in crate::dialect::sqlite) scope: &'a Scope<'a>,
    pub(in crate::dialect::sqlite) hexadecimal: Hexadecimal,
    /// The zone of a time without one in the source.
    pub(in crate::dialect::sqlite) zone: &'a Zone,
    pub(in crate::dialect::sqlite) remarks: &'a Remarks,
    /// The tables and views that subqueries may read; without them there are no subqueries.
    pub(in crate::dialect::sqlite) relations: Option<&'a Relations>,
    /// The grouping, in places that allow aggregate functions.
    pub(in crate::dialect::sqlite) grouping: Option<&'a Grouping>,
    /// The SELECT list's own names, which SQLite accepts in WHERE and later clauses if no column has the name.
    pub(in crate::dialect::sqlite) aliases: &'a [(String, &'a Expr)],
}

impl<'a> Translator<'a> {
    /// Translates `text` outside of all queries.
    pub(in crate::dialect::sqlite) fn new(
        text: &str,
        scope: &'a Scope<'a>,
        zone: &'a Zone,
        remarks: &'a Remarks,
    ) -> Self {
        let hexadecimal = Hexadecimal::of(text);
        Self { scope, hexadecimal, zone, remarks, relations: None, grouping: None, aliases: &[] }
    }

    /// The column that an identifier names, here or in an outer SELECT.
    pub(in crate::dialect::sqlite) fn column(
        &self,
        expression: &Expr,
    ) -> Result<Option<FoundColumn<'a>>, Untranslatable> {
        let (qualifier, name) = match expression {
            Expr::Identifier(name) => (None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [qualifier, name] => (Some(qualifier), name),
                [schema, qualifier, name] if schema.value.eq_ignore_ascii_case("main") => (Some(qualifier), name),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.scope.find(qualifier, name)
    }

    /// The expression of this name in the SELECT list, if no column of its own tables has the name: SQLite searches
    /// there before the outer SELECT (<https://www.sqlite.org/src/file/src/resolve.c>).
    pub(super) fn alias(&self, expression: &Expr) -> Option<&'a Expr> {
        let Expr::Identifier(name) = expression else { return None };
        let (_, aliased) = self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(&name.value))?;
        (!self.scope.is_here(name)).then_some(aliased)
    }

    /// The expression behind another one, and the translator for it: without parentheses, and with a name of the SELECT
    /// list resolved. All code that depends on an expression's form calls this.
    pub(super) fn meant<'e>(&self, expression: &'e Expr) -> (Self, &'e Expr)
    where
        'a: 'e,
    {
        match strip(expression) {
            name @ Expr::Identifier(_) => match self.alias(name) {
                Some(aliased) => (self.without_aliases(), strip(aliased)),
                None => (*self, name),
            },
            other => (*self, other),
        }
    }

    /// The translator for the expression behind a name of the SELECT list.
    pub(super) fn without_aliases(&self) -> Self {
        Self { aliases: &[], ..*self }
    }

    /// A literal string, in either of the quotes that SQLite accepts: a word in double quotes is one if it names no
    /// column.
    pub(super) fn string<'e>(&self, expression: &'e Expr) -> Option<&'e str>
    where
        'a: 'e,
    {
        let (within, meant) = self.meant(expression);
        match meant {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
                _ => None,
            },
            name @ Expr::Identifier(Ident { value, quote_style: Some('"'), .. }) => {
                matches!(within.column(name), Ok(None)).then_some(value.as_str())
            }
            _ => None,
        }
    }
}
