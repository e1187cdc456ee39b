//! One query, which only reads.

use super::one_expression::whole;
use super::parser;
use super::token::tokens;
use crate::dialect::SqlRefusal;
use crate::dialect::statement;

/// Whether `sql` is one statement that reads: SELECT, VALUES, or one of them behind WITH. A semicolon may end it.
///
/// # Errors
/// The first fault.
pub fn one_query(sql: &str) -> Result<(), SqlRefusal> {
    reads(sql, false)
}

/// As [`one_query`], for a query whose parameters are filled in.
///
/// # Errors
/// The first fault.
pub fn one_query_of_parameters(sql: &str) -> Result<(), SqlRefusal> {
    reads(sql, true)
}

fn reads(sql: &str, takes_parameters: bool) -> Result<(), SqlRefusal> {
    let tokens = tokens(sql);
    whole(&tokens, takes_parameters)?;
    statement::one_query(&tokens, sql.len(), &["SELECT", "VALUES"])?;
    match parser::refusal(sql, 0, sql.len()) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// Whether the query orders its rows: by an ORDER BY outside of all parentheses.
pub(super) fn is_ordered(sql: &str) -> bool {
    statement::is_ordered(&tokens(sql))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_asked_for_outside_of_parentheses() {
        assert!(
            one_query_of_parameters("SELECT ?1, :a").is_ok()
                && one_query_of_parameters("DELETE FROM t WHERE a = ?").is_err()
        );
        assert!(is_ordered("SELECT a FROM b ORDER\n/* all */ BY a"));
        assert!(!is_ordered("SELECT (SELECT a FROM b ORDER BY a), 'ORDER BY', row_number() OVER (ORDER BY a) FROM c"));
    }

    #[test]
    fn what_reads_is_told_from_what_does_not() {
        for sql in [
            "SELECT 1",
            " select count(*) from t ; ;\n-- done",
            "VALUES (1)",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "WITH RECURSIVE a (n) AS MATERIALIZED (SELECT 1), replace AS (SELECT 2) SELECT ';' FROM a",
        ] {
            assert_eq!(one_query(sql), Ok(()), "{sql}");
        }
        for sql in [
            "COMMIT",
            "/* SELECT */ ROLLBACK",
            "SELECT 1; COMMIT",
            "SELECT 1; SELECT 2",
            "PRAGMA query_only = 0",
            "ATTACH 'x' AS y",
            "SAVEPOINT a",
            "DELETE FROM t",
            "WITH a AS (SELECT 1) DELETE FROM t",
            "WITH a AS (SELECT ')') INSERT INTO t SELECT * FROM a",
            "SELECT ?1",
            "SELECT 1\0; COMMIT",
            "SELECT 1 /* COMMIT",
            "SELECT FROM",
            "EXPLAIN SELECT 1",
            "",
            ";",
        ] {
            assert!(one_query(sql).is_err(), "{sql}");
        }
    }
}
