//! Effects of a trigger, where it is one of the common kinds.

use sqlparser::ast::Expr;

/// A trigger.
#[derive(Debug)]
pub(crate) struct Trigger {
    /// The table it watches.
    pub(crate) table: String,
    /// The tables that its statements write, in their order.
    pub(crate) writes: Vec<String>,
    /// Its effect, where that is to set columns of the row that was just updated.
    pub(crate) touch: Option<Touch>,
}

/// `AFTER UPDATE ON t BEGIN UPDATE t SET updated_at = … WHERE id = NEW.id; END`
#[derive(Debug)]
pub(crate) struct Touch {
    /// The columns whose update sets it off; all where there are none.
    pub(crate) of: Vec<String>,
    /// The columns that are set, with the source's expression.
    pub(crate) sets: Vec<(String, Expr)>,
    /// The column that names the row.
    pub(crate) key: String,
}
