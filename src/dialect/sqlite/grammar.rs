//! SQLite's grammar, for the parser of expressions and queries.

use crate::dialect::expression::parse::Grammar;
use sqlparser::dialect::SQLiteDialect;

/// SQLite's SQL. Expressions have at most 1,000 levels (<https://www.sqlite.org/limits.html#max_expr_depth>); a deeper one
/// was made by another build or by hand.
pub(super) const GRAMMAR: Grammar =
    Grammar { dialect: &SQLiteDialect {}, levels: 1000, levels_are: "the most that SQLite itself takes" };
