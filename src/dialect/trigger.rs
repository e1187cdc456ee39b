//! Effects of a trigger of one of the common kinds.

use sqlparser::ast::Expr;

/// A trigger.
#[derive(Debug)]
pub(crate) struct Trigger {
    /// The table it watches.
    pub(crate) table: String,
    /// The tables that its statements write, in their order.
    pub(crate) writes: Vec<String>,
    /// Its effect, if that is to set columns of the updated row.
    pub(crate) touch: Option<Touch>,
}

/// `AFTER UPDATE ON t BEGIN UPDATE t SET updated_at = … WHERE id = NEW.id; END`
#[derive(Debug)]
pub(crate) struct Touch {
    /// The columns whose update fires it; every column if empty.
    pub(crate) of: Vec<String>,
    /// The columns that are set, with the source's expression.
    pub(crate) sets: Vec<(String, Expr)>,
    /// The column that names the row.
    pub(crate) key: String,
}
