//! Names with the database before them, as the canonical text of a view has them.

use super::quote;
use super::token::tokens;
use crate::dialect::token::TokenKind;

/// The text with the tables of the databases that are read under the names by which they are known: `known` says it of a
/// database and a table, and nothing of a table of another database, whose names stay. The name of a table of the one
/// database that is read is its own; of several databases it begins with the database, as one quoted name.
#[must_use]
pub(crate) fn with_known_names(sql: &str, known: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let tokens = tokens(sql);
    let is_point = |at: usize| tokens.get(at).is_some_and(|token| token.kind == TokenKind::Other && token.text == ".");
    let is_first = |at: usize| at == 0 || !is_point(at - 1);
    let name = |at: usize| tokens.get(at).filter(|token| token.kind == TokenKind::Quoted).and_then(|token| token.name());
    let is_read = |at: &usize| is_first(*at) && name(*at).is_some_and(|database| known(&database, "").is_some());
    let read = (0..tokens.len()).filter(is_read).collect::<Vec<_>>();
    // An alias of the database's name: which of both a qualifier is cannot be told.
    if read.iter().any(|at| !is_point(at + 1)) {
        return sql.to_owned();
    }
    let (mut text, mut end) = (String::with_capacity(sql.len()), 0);
    for at in read {
        let Some((database, table)) = name(at).zip(name(at + 2)) else { continue };
        let Some(whole) = known(&database, &table) else { continue };
        text.push_str(&sql[end..tokens[at].place.start]);
        text.push_str(&quote(&whole));
        end = tokens[at + 2].place.end;
    }
    text.push_str(&sql[end..]);
    text
}

#[cfg(test)]
mod tests {
    use super::with_known_names;

    #[test]
    fn the_own_database_is_left_out() {
        for (sql, expected) in [
            ("select `x`.`t`.`a` AS `a` from `x`.`t`", "select `t`.`a` AS `a` from `t`"),
            ("select `x`.`x`.`x` AS `a` from `x`.`x`", "select `x`.`x` AS `a` from `x`"),
            ("select 'x.' AS `a` from `y`.`t`", "select 'x.' AS `a` from `y`.`t`"),
            ("select `x`.`a` from `x`.`t` `x`", "select `x`.`a` from `x`.`t` `x`"),
        ] {
            let known = |database: &str, name: &str| (database == "x").then(|| name.to_owned());
            assert_eq!(with_known_names(sql, &known), expected);
        }
    }

    #[test]
    fn tables_of_several_databases_have_one_name_each() {
        let known = |database: &str, name: &str| ["x", "y"].contains(&database).then(|| format!("{database}.{name}"));
        let sql = "select `x`.`t`.`a` AS `a`,`y`.`t`.`b` from `x`.`t` join `y`.`t` join `z`.`t`";
        let expected = "select `x.t`.`a` AS `a`,`y.t`.`b` from `x.t` join `y.t` join `z`.`t`";
        assert_eq!(with_known_names(sql, &known), expected);
    }
}
