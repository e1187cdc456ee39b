//! The walk over an expression: its names and its notes.

use super::text_rule::of_labels;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::{Scope, Visible};
use crate::dialect::expression::sql::{Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::dialect::mysql::query::Groups;
use crate::dialect::query::Relations;
use sqlparser::ast::{Expr, Ident, NamedWindowDefinition};

/// The walk over an expression.
#[derive(Clone, Copy)]
pub(in crate::dialect::mysql) struct Translator<'a> {
    /// The columns that it may name.
    pub(in crate::dialect::mysql) scope: &'a Scope<'a>,
    pub(in crate::dialect::mysql) remarks: &'a Remarks,
    /// The tables that a subquery may read; `None` in an expression of one table.
    pub(in crate::dialect::mysql) relations: Option<&'a Relations>,
    /// The groups of the SELECT.
    pub(in crate::dialect::mysql) groups: Option<&'a Groups>,
    /// The names of the output that HAVING and ORDER BY may use.
    pub(in crate::dialect::mysql) aliases: &'a [(&'a str, &'a Expr)],
    /// The windows that OVER may name.
    pub(in crate::dialect::mysql) windows: &'a [NamedWindowDefinition],
}

impl<'a> Translator<'a> {
    /// The walk over an expression of one table.
    pub(super) fn of_table(scope: &'a Scope<'a>, remarks: &'a Remarks) -> Self {
        Self { scope, remarks, relations: None, groups: None, aliases: &[], windows: &[] }
    }

    /// Any expression, with its own kind.
    pub(in crate::dialect::mysql) fn write(&self, expression: &Expr) -> Translation {
        self.remarks.deeper(|| match self.groups {
            Some(groups) => groups.watch(self, || self.node(expression)),
            None => self.node(expression),
        })
    }

    /// A column, or an expression of the output by its name.
    pub(super) fn name(&self, qualifier: Option<&Ident>, name: &Ident, expression: &Expr) -> Translation {
        if qualifier.is_none()
            && let Some((_, aliased)) = self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(&name.value))
        {
            let written = Translator { aliases: &[], ..*self }.write(aliased)?;
            return Ok(written);
        }
        let Some(found) = self.scope.find(qualifier, name)? else { return Err(unknown(expression)) };
        let (column, is_outer) = (found.column, found.is_outer);
        let written = column.written()?;
        if written.kind == ValueKind::Opaque {
            return Err(Untranslatable(match column.changes_dates {
                true => format!("{name} has dates that no calendar has, or may have, and `zero_dates` changes them"),
                false => format!("{name} is kept in another form"),
            }));
        }
        let written = match (self.groups, is_outer) {
            (Some(groups), false) => groups.column(qualifier, expression, written)?,
            _ => written,
        };
        // An enum has no functions and operators of texts in PostgreSQL.
        if column.labels.is_empty() || written.kind != ValueKind::Text {
            return Ok(written);
        }
        self.remarks.enums_as_text.update(|count| count + 1);
        Ok(of_labels(Sql { text: format!("{}::text", written.text), ..written }))
    }

    /// The column that an expression is; `None` for any other expression.
    pub(in crate::dialect::mysql) fn column_of(&self, expression: &Expr) -> Result<Option<&Visible>, Untranslatable> {
        let (qualifier, name) = match strip(expression) {
            Expr::Identifier(name) => (None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] => (Some(qualifier), name),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        if qualifier.is_none() && self.aliases.iter().any(|(alias, _)| alias.eq_ignore_ascii_case(&name.value)) {
            return Ok(None);
        }
        Ok(self.scope.find(qualifier, name)?.map(|found| found.column))
    }
}
