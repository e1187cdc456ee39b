//! Names with the database before them, as the canonical text of a view has them.

use super::quote;
use super::token::tokens;
use crate::dialect::token::TokenKind;

/// The text without `database` before the names of its tables and columns: a view reads the tables of its own database,
/// whatever that is called on the server at hand. Names of other databases stay.
#[must_use]
pub(crate) fn without_database(sql: &str, database: &str) -> String {
    let own = quote(database);
    let tokens = tokens(sql);
    let is_point = |at: usize| tokens.get(at).is_some_and(|token| token.kind == TokenKind::Other && token.text == ".");
    let is_own = |at: usize| tokens[at].kind == TokenKind::Quoted && tokens[at].text == own;
    let is_first = |at: usize| at == 0 || !is_point(at - 1);
    let own = (0..tokens.len()).filter(|at| is_own(*at) && is_first(*at)).collect::<Vec<_>>();
    // An alias of the database's name: which of both a qualifier is cannot be told.
    if own.iter().any(|at| !is_point(at + 1)) {
        return sql.to_owned();
    }
    let (mut text, mut end) = (String::with_capacity(sql.len()), 0);
    for at in own {
        text.push_str(&sql[end..tokens[at].place.start]);
        end = tokens[at + 1].place.end;
    }
    text.push_str(&sql[end..]);
    text
}

/// The query of a view in the statement that makes it, as `SHOW CREATE VIEW` gives it.
#[must_use]
pub(crate) fn view_query(sql: &str) -> Option<&str> {
    let tokens = tokens(sql);
    let view = tokens.iter().position(|token| token.is("VIEW"))?;
    let query = view + tokens[view..].iter().position(|token| token.is("AS"))? + 1;
    sql.get(tokens.get(query)?.place.start..)
}

#[cfg(test)]
mod tests {
    use super::{view_query, without_database};

    #[test]
    fn the_query_of_a_view_is_what_stands_behind_as() {
        let sql = "CREATE ALGORITHM=UNDEFINED DEFINER=`as`@`%` SQL SECURITY DEFINER VIEW `view as` (`as`) AS select 1 AS `as`";
        assert_eq!(view_query(sql), Some("select 1 AS `as`"));
    }

    #[test]
    fn the_own_database_is_left_out() {
        for (sql, expected) in [
            ("select `x`.`t`.`a` AS `a` from `x`.`t`", "select `t`.`a` AS `a` from `t`"),
            ("select `x`.`x`.`x` AS `a` from `x`.`x`", "select `x`.`x` AS `a` from `x`"),
            ("select 'x.' AS `a` from `y`.`t`", "select 'x.' AS `a` from `y`.`t`"),
            ("select `x`.`a` from `x`.`t` `x`", "select `x`.`a` from `x`.`t` `x`"),
        ] {
            assert_eq!(without_database(sql, "x"), expected);
        }
    }
}
