//! Groups of a SELECT, and the columns outside of its aggregate functions.

use super::sql::Translation;
use sqlparser::ast::Expr;
use std::cell::{Cell, RefCell};

/// The GROUP BY keys of a SELECT with aggregate functions, and notes about its output.
#[derive(Debug, Default)]
pub(crate) struct Grouping {
    /// The keys of GROUP BY, as written.
    pub(crate) keys: Vec<String>,
    /// Columns outside of aggregate functions that are no part of a key: the source takes them from any row of the group.
    pub(crate) bare: RefCell<Vec<String>>,
    /// Number of aggregate functions written.
    pub(crate) aggregates: Cell<usize>,
    /// The translator is among the arguments of an aggregate function.
    pub(crate) is_inside: Cell<bool>,
}

impl Grouping {
    /// Notes a column outside of aggregate functions.
    pub(crate) fn note(&self, expression: &Expr) {
        if !self.is_inside.get() {
            self.bare.borrow_mut().push(expression.to_string());
        }
    }

    /// Writes an expression; its columns are not bare if the whole expression is a key.
    pub(crate) fn watch(&self, write: impl FnOnce() -> Translation) -> Translation {
        let before = self.bare.borrow().len();
        let written = write()?;
        if self.keys.contains(&written.text) {
            self.bare.borrow_mut().truncate(before);
        }
        Ok(written)
    }

    /// Writes the arguments of an aggregate function.
    pub(crate) fn inside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.is_inside.set(true);
        let written = write();
        self.is_inside.set(false);
        written
    }
}
