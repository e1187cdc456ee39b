//! MySQL's grammar, for the parser of expressions and queries.

use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::parse::Grammar;
use sqlparser::dialect::MySqlDialect;

/// MySQL's SQL. The server has no limit of its own; canonical text has a parenthesis for every operator.
pub(super) const GRAMMAR: Grammar =
    Grammar { dialect: &MySqlDialect {}, levels: 300, levels_are: "the most that is translated" };

/// Refuses a text with a backslash: whether it escapes depends on the session that wrote the text.
pub(super) fn without_backslash(text: &str) -> Result<(), Untranslatable> {
    if text.contains('\\') {
        return Err(Untranslatable("it has a backslash, which escapes or not by the session that wrote it".to_owned()));
    }
    Ok(())
}
