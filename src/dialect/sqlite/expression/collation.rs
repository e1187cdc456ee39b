//! How texts are compared (<https://www.sqlite.org/datatype3.html#collating_sequences>).
//!
//! SQLite compares byte by byte unless a column or COLLATE says otherwise. PostgreSQL's `=` does too; for order it has
//! the collation "C". NOCASE folds the 26 letters of ASCII, as lower() does in the collation "C".

use super::translator::Translator;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::scope::Visible;
use crate::dialect::expression::sql::{Binds, Sql, Written};
use crate::dialect::expression::{Untranslatable, strip};
use crate::name::quote_literal;
use sqlparser::ast::{Expr, UnaryOperator};

/// A collation of SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collation {
    Binary,
    NoCase,
    /// Spaces at the end count for nothing.
    RightTrim,
}

impl Collation {
    fn named(name: &str) -> Result<Self, Untranslatable> {
        match name.to_ascii_uppercase().as_str() {
            "BINARY" => Ok(Collation::Binary),
            "NOCASE" => Ok(Collation::NoCase),
            "RTRIM" => Ok(Collation::RightTrim),
            other => Err(Untranslatable(format!("it compares by the collation {other}"))),
        }
    }

    /// Text that is equal byte by byte where the collation calls it equal.
    pub(super) fn fold(self, text: &Sql) -> String {
        match self {
            Collation::Binary => text.within(Binds::Pattern),
            Collation::NoCase => text.lowered(),
            Collation::RightTrim => format!("rtrim({}, ' ')", text.text),
        }
    }

    /// Text whose order is the collation's.
    pub(super) fn order(self, text: &Sql) -> String {
        match self {
            Collation::Binary => format!("{} COLLATE \"C\"", text.within(Binds::Atom)),
            // The COLLATE inside decides the order too, where there is one.
            Collation::NoCase if text.words.is_none() => self.fold(text),
            Collation::NoCase | Collation::RightTrim => format!("{} COLLATE \"C\"", self.fold(text)),
        }
    }
}

impl Sql {
    /// In lower case as far as ASCII goes, which is how SQLite folds. A string is folded here: PostgreSQL would compute it while
    /// it makes a generated column, and has no collation for it at that time.
    pub(super) fn lowered(&self) -> String {
        match &self.words {
            Some(words) => quote_literal(&words.to_ascii_lowercase()),
            None => format!("lower({} COLLATE \"C\")", self.within(Binds::Atom)),
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
    /// The collation by which some operands are compared: one that is written, else the first column's.
    pub(super) fn collation(&self, operands: &[&Expr]) -> Result<Collation, Untranslatable> {
        let written = operands.iter().find_map(|operand| match self.meant(operand) {
            (_, Expr::Collate { collation, .. }) => Some(collation.to_string()),
            _ => None,
        });
        // SQLite looks for it inside of operators and functions too.
        if let Some(operand) = operands.iter().find(|operand| self.has_inner_collation(operand)) {
            return Err(Untranslatable(format!("`{operand}` compares by a collation that is written inside of it")));
        }
        let of_column = || operands.iter().find_map(|operand| self.column_collation(operand));
        match written.or_else(of_column) {
            Some(name) => Collation::named(name.trim_matches(['"', '\'', '`', '[', ']'])),
            None => Ok(Collation::Binary),
        }
    }

    fn column_collation(&self, expression: &Expr) -> Option<String> {
        let (within, meant) = self.meant(expression);
        match meant {
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } | Expr::Cast { expr, .. } => within.column_collation(expr),
            name => {
                let found = within.column(name).ok().flatten()?;
                Some(found.column.collation.clone().unwrap_or_else(|| "BINARY".to_owned()))
            }
        }
    }

    /// The collation that a column of the output has in the source; `None` for BINARY.
    pub(crate) fn output_collation(&self, expression: &Expr) -> Option<String> {
        let collation = match strip(expression) {
            Expr::Collate { collation, .. } => Some(collation.to_string()),
            // No name of one: nothing compares by it.
            other if self.has_inner_collation(other) => Some("of its parts".to_owned()),
            other => self.column_collation(other),
        };
        collation.filter(|collation| !collation.eq_ignore_ascii_case("BINARY"))
    }

    /// Whether COLLATE is written somewhere inside of an expression; a string that says so counts for one, and so does every
    /// name of the SELECT list that stands for a COLLATE.
    fn has_inner_collation(&self, expression: &Expr) -> bool {
        let (within, meant) = self.meant(expression);
        let is_bare =
            matches!(meant, Expr::Collate { .. } | Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_));
        if is_bare {
            return false;
        }
        let says_collate = |text: &str| text.to_ascii_uppercase().contains(" COLLATE ");
        let text = meant.to_string();
        let lowered = text.to_ascii_lowercase();
        let is_named = |name: &str| lowered.contains(&name.to_ascii_lowercase());
        let stands = |(name, aliased): &(String, &Expr)| is_named(name) && says_collate(&aliased.to_string());
        says_collate(&text) || within.aliases.iter().any(stands)
    }

    /// Refuses what GROUP BY, DISTINCT and their like would tell apart otherwise than the source.
    pub(crate) fn distinguished(&self, expression: &Expr) -> Result<(), Untranslatable> {
        match self.collation(&[expression])? {
            Collation::Binary => Ok(()),
            Collation::NoCase => Err(Untranslatable(format!("`{expression}` is told apart without regard to case"))),
            Collation::RightTrim => {
                Err(Untranslatable(format!("`{expression}` is told apart without regard to spaces at its end")))
            }
        }
    }

    /// An expression to order by; its text is the key.
    pub(crate) fn order_key(&self, expression: &Expr) -> Written {
        let collation = self.collation(&[expression])?;
        order_by(self.write(expression, Wanted::Natural)?, collation, &expression.to_string())
    }

    /// An output column to order by, by the name that it has there.
    pub(crate) fn order_output(name: &str, column: &Visible) -> Written {
        let key = Sql { spelled: column.spelled.clone(), coercion: column.coercion, ..Sql::new(name, column.kind) };
        order_by(key, Collation::Binary, &column.name)
    }
}

fn order_by(key: Sql, collation: Collation, what: &str) -> Written {
    key.compares_alike(what)?;
    match key.kind {
        ValueKind::Text => Ok(Sql { text: collation.order(&key), ..key }),
        kind @ (ValueKind::Json | ValueKind::Jsonb | ValueKind::JsonPart) => {
            Err(Untranslatable(format!("it is ordered by {kind}")))
        }
        _ => Ok(key),
    }
}
