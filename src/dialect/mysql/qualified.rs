//! Names with the database before them, as the canonical text of a view has them.

use super::quote;
use super::token::tokens;
use crate::dialect::token::TokenKind;
use std::collections::{BTreeMap, BTreeSet};

/// The text with the tables of the databases that are read under the names by which they are known: `known` says it of a
/// database and a table, and nothing of a table of another database, whose names stay. The name of a table of the one
/// database that is read is its own; of several databases it begins with the database, as one quoted name.
#[must_use]
pub(crate) fn with_known_names(sql: &str, known: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let tokens = tokens(sql);
    let is_point = |at: usize| tokens.get(at).is_some_and(|token| token.kind == TokenKind::Other && token.text == ".");
    let quoted =
        |at: usize| tokens.get(at).filter(|token| token.kind == TokenKind::Quoted).and_then(|token| token.name());
    let firsts = (0..tokens.len()).filter(|at| *at == 0 || !is_point(at - 1));
    let firsts = firsts.filter_map(|at| Some((at, quoted(at)?))).collect::<Vec<_>>();
    let read = firsts.iter().filter(|(_, name)| known(name, "").is_some());
    // An alias of the database's name: which of both a qualifier is cannot be told.
    if read.clone().any(|(at, _)| !is_point(at + 1)) {
        return sql.to_owned();
    }
    // The tokens that are replaced, and what by.
    let whole = |(at, database): &(usize, String)| Some((*at, at + 2, known(database, &quoted(at + 2)?)?));
    let mut replaced = read.filter_map(whole).collect::<Vec<_>>();
    // Columns of a view have the table alone before them, without its database.
    let tables = replaced.iter().filter(|(_, last, _)| !is_point(last + 1) && quoted(last + 1).is_none());
    let mut by_own_name = BTreeMap::<String, BTreeSet<&str>>::new();
    for (_, last, whole) in tables {
        by_own_name.entry(quoted(*last).unwrap_or_default()).or_default().insert(whole);
    }
    let alone = firsts.iter().filter(|(at, name)| is_point(at + 1) && known(name, "").is_none());
    let alone = alone.filter_map(|(at, name)| match by_own_name.get(name)?.iter().collect::<Vec<_>>().as_slice() {
        [only] => Some((*at, *at, (**only).to_owned())),
        _ => None,
    });
    let alone = alone.collect::<Vec<_>>();
    replaced.extend(alone);
    replaced.sort();
    let (mut text, mut end) = (String::with_capacity(sql.len()), 0);
    for (first, last, name) in replaced {
        text.push_str(&sql[end..tokens[first].place.start]);
        text.push_str(&quote(&name));
        end = tokens[last].place.end;
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
    use super::{view_query, with_known_names};

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
        let sql = "select `t`.`a` AS `a`,`u`.`b` AS `b` from `x`.`t` join `y`.`u` `u`";
        let expected = "select `x.t`.`a` AS `a`,`u`.`b` AS `b` from `x.t` join `y.u` `u`";
        assert_eq!(with_known_names(sql, &known), expected);
    }
}
