//! Groups of a SELECT, and the columns outside of its aggregate functions.

use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::mysql::expression::translator::Translator;
use sqlparser::ast::{Expr, Ident};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// A key of GROUP BY.
#[derive(Debug, Clone)]
pub(super) struct GroupKey {
    /// The expression as it is written outside of groups.
    pub(super) text: String,
    /// The text that tells its values apart as the source does.
    pub(super) told_apart: String,
}

/// The keys of a SELECT's groups, and notes about what it shows of them.
#[derive(Debug, Default)]
pub(in crate::dialect::mysql) struct Groups {
    pub(super) keys: Vec<GroupKey>,
    /// The tables, by their aliases in lower case, whose whole primary key is among the keys: a group has one row of each.
    pub(super) determined: BTreeSet<String>,
    /// Columns of such tables that are used: PostgreSQL wants them among the keys, where they change nothing.
    pub(super) added: RefCell<Vec<String>>,
    /// Columns outside of aggregate functions that are no part of a key: the source takes them from any row of the group.
    pub(super) bare: RefCell<Vec<String>>,
    /// Number of aggregate functions written.
    pub(super) aggregates: Cell<usize>,
    pub(super) is_inside: Cell<bool>,
}

impl Groups {
    /// Writes an expression; its columns are not bare if the whole expression is a key.
    pub(in crate::dialect::mysql) fn watch(
        &self,
        translator: &Translator<'_>,
        write: impl FnOnce() -> Translation,
    ) -> Translation {
        if self.is_inside.get() {
            return write();
        }
        let before = self.bare.borrow().len();
        let written = write()?;
        let Some(key) = self.keys.iter().find(|key| key.text == written.text) else { return Ok(written) };
        self.bare.borrow_mut().truncate(before);
        if key.told_apart == key.text {
            return Ok(written);
        }
        // One of the spellings that are equal; the source shows any of them as well.
        let text = &key.text;
        translator.remarks.leaves_open(|| format!("which spelling of `{text}` a group shows"));
        Ok(Sql { text: format!("min({} COLLATE \"C\")", written.within(Binds::Atom)), binds: Binds::Atom, ..written })
    }

    /// A column outside of aggregate functions.
    pub(in crate::dialect::mysql) fn column(
        &self,
        qualifier: Option<&Ident>,
        expression: &Expr,
        written: Sql,
    ) -> Translation {
        if self.is_inside.get() || self.keys.iter().any(|key| key.text == written.text) {
            return Ok(written);
        }
        let is_determined = qualifier.is_some_and(|name| self.determined.contains(&name.value.to_ascii_lowercase()));
        if is_determined && written.kind != ValueKind::Json {
            let mut added = self.added.borrow_mut();
            if !added.contains(&written.text) {
                added.push(written.text.clone());
            }
        } else {
            self.bare.borrow_mut().push(expression.to_string());
        }
        Ok(written)
    }

    /// Writes the arguments of an aggregate function.
    pub(in crate::dialect::mysql) fn inside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.aggregates.set(self.aggregates.get() + 1);
        self.is_inside.set(true);
        let written = write();
        self.is_inside.set(false);
        written
    }

    pub(in crate::dialect::mysql) fn is_inside(&self) -> bool {
        self.is_inside.get()
    }

    /// Whether the SELECT has groups, or is one.
    pub(super) fn is_grouped(&self) -> bool {
        !self.keys.is_empty() || self.aggregates.get() > 0
    }

    /// Refuses a column that the source takes from any row of a group.
    pub(super) fn check(&self) -> Result<(), Untranslatable> {
        match self.bare.borrow().first() {
            Some(bare) if self.is_grouped() => Err(Untranslatable(format!(
                "`{bare}` is neither a key of its groups nor an aggregate: MySQL takes it from any row of the group"
            ))),
            _ => Ok(()),
        }
    }
}
