//! One query. PostgreSQL itself limits its effects, by a read-only transaction.

use super::statements::statements;
use crate::dialect::SqlRefusal;
use sqlparser::tokenizer::Token;

const ONE_QUERY: &str = "write one query: SELECT …, VALUES …, TABLE …, or WITH … SELECT …";

/// Whether `sql` is one statement that begins as a query does. SQL that cannot be cut into tokens passes.
///
/// # Errors
/// The first fault.
pub fn one_query(sql: &str) -> Result<(), SqlRefusal> {
    if let Some(at) = sql.find('\0') {
        return Err(SqlRefusal::new(at..at + 1, "has a NUL character", "remove it"));
    }
    let Some(statements) = statements(sql) else { return Ok(()) };
    let (first, others) = match statements.as_slice() {
        [] => return Err(SqlRefusal::new(0..sql.len(), "has no query", ONE_QUERY)),
        [first, others @ ..] => (first, others),
    };
    if let Some(second) = others.first().and_then(|statement| statement.first()) {
        return Err(SqlRefusal::new(second.place(sql), "is more than one statement", ONE_QUERY));
    }
    match first.iter().find(|piece| piece.token != Token::LParen) {
        Some(piece) if ["SELECT", "VALUES", "TABLE", "WITH"].contains(&piece.word.as_str()) => Ok(()),
        Some(piece) => {
            let message = format!("is no query but {}", piece.token.to_string().to_ascii_uppercase());
            Err(SqlRefusal::new(piece.place(sql), message, ONE_QUERY))
        }
        None => Ok(()),
    }
}

/// Whether the query orders its rows: by an ORDER BY outside of all parentheses.
#[must_use]
pub fn is_ordered(sql: &str) -> bool {
    // SQL that cannot be cut into tokens is refused by PostgreSQL as well, and gives no rows.
    let Some(statements) = statements(sql) else { return false };
    let pieces = statements.into_iter().flatten().collect::<Vec<_>>();
    let mut depth = 0_usize;
    pieces.windows(2).any(|pair| {
        match pair[0].token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && pair[0].word == "ORDER" && pair[1].word == "BY"
    })
}

/// Aggregates that add up: their last digits depend on the order of the rows.
const ADDING: &[&str] = &["AVG", "CORR", "STDDEV", "SUM", "TOTAL", "VARIANCE"];

/// Beginnings of the names of more of them.
const ADDING_FAMILIES: &[&str] = &["COVAR_", "REGR_", "STDDEV_", "VAR_"];

/// Whether the query calls an aggregate that adds up.
#[must_use]
pub fn adds_up(sql: &str) -> bool {
    let Some(statements) = statements(sql) else { return false };
    let pieces = statements.into_iter().flatten().collect::<Vec<_>>();
    pieces.windows(2).any(|pair| {
        let word = pair[0].word.as_str();
        let is_one = ADDING.contains(&word) || ADDING_FAMILIES.iter().any(|family| word.starts_with(family));
        is_one && matches!(pair[1].token, Token::LParen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_that_add_up_are_called() {
        assert!(adds_up("SELECT round(sum (a)) FROM b") && adds_up("SELECT var_pop(a) FROM b"));
        assert!(!adds_up("SELECT max(a), 'sum(a)', sum FROM b"));
    }

    #[test]
    fn an_order_is_asked_for_outside_of_parentheses() {
        assert!(is_ordered("SELECT a FROM b ORDER\n/* all */ by a;"));
        assert!(!is_ordered("SELECT (SELECT a FROM b ORDER BY a), 'ORDER BY', row_number() OVER (ORDER BY a) FROM c"));
    }

    #[test]
    fn what_asks_is_told_from_what_does_not() {
        for sql in [
            "SELECT 1",
            "select ';' ; -- ;",
            "(SELECT 1) UNION (SELECT 2)",
            "VALUES (1)",
            "TABLE app.a",
            "WITH a AS (SELECT $$ ; $$) SELECT * FROM a",
            "/* a /* nested */ comment; */ SELECT E'\\';'",
            // Not to be cut into tokens.
            "SELECT 'a",
        ] {
            assert_eq!(one_query(sql), Ok(()), "{sql}");
        }
        for (sql, place) in [
            ("SELECT 1; COMMIT; DELETE FROM app.a", "COMMIT"),
            ("SELECT 'ä';\n  SELECT 2", "SELECT"),
            ("commit", "commit"),
            ("DO $$ BEGIN NULL; END $$", "DO"),
            ("SET search_path = x", "SET"),
            ("COPY a TO PROGRAM 'x'", "COPY"),
            ("EXPLAIN ANALYZE DELETE FROM a", "EXPLAIN"),
        ] {
            assert_eq!(&sql[one_query(sql).unwrap_err().place], place, "{sql}");
        }
        assert!(one_query("").is_err() && one_query(" ; ").is_err() && one_query("SELECT 1\0").is_err());
    }
}
