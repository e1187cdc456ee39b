//! Comparison of texts (<https://www.sqlite.org/datatype3.html#collating_sequences>).
//!
//! SQLite compares byte by byte unless a column or COLLATE says otherwise. PostgreSQL's `=` does too; for order it has
//! the collation "C".

use super::translator::Translator;
use crate::catalog::{Equality, Folding};
use crate::dialect::deep_stack::on_deep_stack;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip};
use crate::dialect::postgresql::equality::{folded, folding};
use crate::dialect::sqlite::equality;
use crate::name::quote_literal;
use sqlparser::ast::{Expr, ObjectName, UnaryOperator, visit_expressions};
use std::ops::ControlFlow;

/// Text that is equal byte by byte if the source takes the texts for equal.
pub(super) fn fold(folding: Option<Folding>, text: &Sql) -> String {
    match folding {
        None => text.within(Binds::Pattern),
        Some(Folding::AsciiCase) => text.lowered(),
        Some(Folding::TrailingSpaces) => folded(Folding::TrailingSpaces, &text.text),
    }
}

/// Text whose order is the source's.
pub(super) fn order(folding: Option<Folding>, text: &Sql) -> String {
    match folding {
        None => format!("{} COLLATE \"C\"", text.within(Binds::Atom)),
        // The COLLATE inside decides the order too, if there is one.
        Some(Folding::AsciiCase) if text.words.is_none() => fold(folding, text),
        Some(_) => format!("{} COLLATE \"C\"", fold(folding, text)),
    }
}

impl Sql {
    /// Lower case of ASCII letters only, as SQLite folds. A string literal is folded here: PostgreSQL would compute it
    /// while creating a generated column, and has no collation for it at that time.
    pub(super) fn lowered(&self) -> String {
        match &self.words {
            Some(words) => quote_literal(&words.to_ascii_lowercase()),
            None => folded(Folding::AsciiCase, &self.within(Binds::Atom)),
        }
    }

    /// The same in upper case.
    pub(super) fn raised(&self) -> String {
        match &self.words {
            Some(words) => quote_literal(&words.to_ascii_uppercase()),
            None => format!("upper({} COLLATE \"C\")", self.within(Binds::Atom)),
        }
    }
}

impl Translator<'_> {
    /// The difference that does not count in a comparison of some operands: an explicit collation decides, else the
    /// first column's.
    pub(super) fn folding(&self, operands: &[&Expr]) -> Result<Option<Folding>, Untranslatable> {
        let written = operands.iter().find_map(|operand| match self.meant(operand) {
            (_, Expr::Collate { collation, .. }) => Some(written(collation)),
            _ => None,
        });
        // SQLite searches it inside of operators and functions too.
        if let Some(operand) = operands.iter().find(|operand| self.has_inner_collation(operand)) {
            return Err(Untranslatable(format!("`{operand}` compares by a collation that is written inside of it")));
        }
        let of_column = || operands.iter().find_map(|operand| self.column_equality(operand));
        // BINARY applies if neither COLLATE nor a column says otherwise.
        folding(&written.or_else(of_column).unwrap_or(Equality::Bytes)).map_err(Untranslatable)
    }

    fn column_equality(&self, expression: &Expr) -> Option<Equality> {
        let (within, meant) = self.meant(expression);
        match meant {
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } | Expr::Cast { expr, .. } => within.column_equality(expr),
            name => {
                let found = within.column(name).ok().flatten()?;
                Some(found.column.equality.clone())
            }
        }
    }

    /// Equality of an output column in the source.
    pub(crate) fn output_equality(&self, expression: &Expr) -> Equality {
        match strip(expression) {
            Expr::Collate { collation, .. } => written(collation),
            // Not the name of a collation: no comparison uses it.
            other if self.has_inner_collation(other) => Equality::Other { collation: "of its parts".to_owned() },
            other => self.column_equality(other).unwrap_or_default(),
        }
    }

    /// Whether COLLATE is written somewhere inside of an expression, or of one of the SELECT list that it names.
    fn has_inner_collation(&self, expression: &Expr) -> bool {
        let (within, meant) = self.meant(expression);
        let is_bare =
            matches!(meant, Expr::Collate { .. } | Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_));
        if is_bare {
            return false;
        }
        let has_collate = |expression: &Expr| holds(expression, |part| matches!(part, Expr::Collate { .. }));
        let is_named = |name: &str| {
            holds(meant, |part| matches!(part, Expr::Identifier(word) if word.value.eq_ignore_ascii_case(name)))
        };
        has_collate(meant) || within.aliases.iter().any(|(name, aliased)| has_collate(aliased) && is_named(name))
    }

    /// Refuses an expression whose values GROUP BY, DISTINCT and their like distinguish differently from the source.
    pub(crate) fn distinguished(&self, expression: &Expr) -> Result<(), Untranslatable> {
        match self.folding(&[expression])? {
            None => Ok(()),
            Some(Folding::AsciiCase) => {
                Err(Untranslatable(format!("`{expression}` is told apart without regard to case")))
            }
            Some(Folding::TrailingSpaces) => {
                Err(Untranslatable(format!("`{expression}` is told apart without regard to spaces at its end")))
            }
        }
    }

    /// An expression to order by; its text is the key.
    pub(crate) fn order_key(&self, expression: &Expr) -> Translation {
        let folding = self.folding(&[expression])?;
        order_by(self.write(expression, Wanted::Natural)?, folding, &expression.to_string())
    }

    /// An output column to order by, by its output name.
    pub(crate) fn order_output(name: &str, column: &Visible) -> Translation {
        let key = Sql { spelled: column.spelled.clone(), coercion: column.coercion, ..Sql::new(name, column.kind) };
        order_by(key, None, &column.name)
    }
}

/// Whether an expression is, or has in it, one of which this is true; one that could not be walked counts as such.
fn holds(expression: &Expr, is_meant: impl Fn(&Expr) -> bool + Send) -> bool {
    let walk = move || {
        let one = |part: &Expr| if is_meant(part) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        visit_expressions(expression, one).is_break()
    };
    on_deep_stack(walk).unwrap_or(true)
}

/// The equality of a collation as written after COLLATE.
fn written(collation: &ObjectName) -> Equality {
    equality(collation.to_string().trim_matches(['"', '\'', '`', '[', ']']))
}

fn order_by(key: Sql, folding: Option<Folding>, what: &str) -> Translation {
    key.compares_alike(what)?;
    match key.kind {
        ValueKind::Text => Ok(Sql { text: order(folding, &key), ..key }),
        kind @ (ValueKind::Json | ValueKind::Jsonb | ValueKind::JsonPart) => {
            Err(Untranslatable(format!("it is ordered by {kind}")))
        }
        _ => Ok(key),
    }
}
