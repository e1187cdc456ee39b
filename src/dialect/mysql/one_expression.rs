//! One expression, and one query, that only read and cannot end their statement.
//!
//! A session of transship reads in a transaction that is READ ONLY, and the protocol takes one statement at a time. These
//! checks refuse before a connection is made, and also what a transaction that only reads lets pass: files that are
//! written, locks that others wait for, time that is slept away, variables that carry a state from row to row.

use super::parameter::of_one_kind;
use super::token::tokens;
use crate::dialect::SqlRefusal;
use crate::dialect::calls::Calls;
use crate::dialect::statement;
use crate::dialect::token::{Token, TokenKind};

/// Functions that take locks, wait, or leave a state behind (MySQL manual, sections "Locking Functions",
/// "Miscellaneous Functions", "Information Functions"; MariaDB, "Sequence Functions").
const WITH_EFFECTS: [&str; 18] = [
    "BENCHMARK",
    "GET_LOCK",
    "IS_FREE_LOCK",
    "IS_USED_LOCK",
    "LAST_INSERT_ID",
    "LASTVAL",
    "LOAD_FILE",
    "MASTER_GTID_WAIT",
    "MASTER_POS_WAIT",
    "NEXTVAL",
    "RELEASE_ALL_LOCKS",
    "RELEASE_LOCK",
    "SETVAL",
    "SLEEP",
    "SOURCE_POS_WAIT",
    "WAIT_FOR_EXECUTED_GTID_SET",
    "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS",
    "ASYNCHRONOUS_CONNECTION_FAILOVER_RESET",
];

/// Functions over many rows (MySQL manual, sections "Aggregate Function Descriptions" and "Window Function
/// Descriptions"; MariaDB has more).
const OVER_ROWS: [&str; 34] = [
    "AVG",
    "BIT_AND",
    "BIT_OR",
    "BIT_XOR",
    "COUNT",
    "CUME_DIST",
    "DENSE_RANK",
    "FIRST_VALUE",
    "GROUP_CONCAT",
    "JSON_ARRAYAGG",
    "JSON_OBJECTAGG",
    "LAG",
    "LAST_VALUE",
    "LEAD",
    "MAX",
    "MEDIAN",
    "MIN",
    "NTH_VALUE",
    "NTILE",
    "PERCENTILE_CONT",
    "PERCENTILE_DISC",
    "PERCENT_RANK",
    "RANK",
    "ROW_NUMBER",
    "STD",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "ST_COLLECT",
    "SUM",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
    "GROUPING",
];

/// Whether `sql`, in parentheses, is one expression that is computed for each row by itself and has no effects.
///
/// # Errors
/// The first fault.
pub(super) fn one_expression(sql: &str) -> Result<(), SqlRefusal> {
    let tokens = tokens(sql);
    reads(&tokens, false)?;
    if tokens.is_empty() {
        return Err(SqlRefusal::new(0..sql.len(), "has no expression", "write one expression"));
    }
    if let Some(query) = tokens.first().filter(|first| first.is_one_of(&["SELECT", "WITH", "VALUES", "TABLE"])) {
        return Err(SqlRefusal::new(query.place.clone(), "is a query", "put the query in parentheses"));
    }
    Calls::new(&tokens, &|name, _| is_listed(&OVER_ROWS, name)).check(sql.len())
}

/// Whether `sql` is one statement that reads: SELECT, VALUES or TABLE, also in parentheses or behind WITH. A semicolon
/// may end it.
///
/// # Errors
/// The first fault.
pub(super) fn one_query(sql: &str) -> Result<(), SqlRefusal> {
    query(sql, false)
}

/// As [`one_query`], for a query whose parameters are filled in.
///
/// # Errors
/// The first fault.
pub(super) fn one_query_of_parameters(sql: &str) -> Result<(), SqlRefusal> {
    of_one_kind(&tokens(sql))?;
    query(sql, true)
}

fn query(sql: &str, takes_parameters: bool) -> Result<(), SqlRefusal> {
    let tokens = tokens(sql);
    reads(&tokens, takes_parameters)?;
    let opened = tokens.iter().take_while(|token| token.kind == TokenKind::Open).count();
    statement::one_query(&tokens[opened..], sql.len(), &["SELECT", "VALUES", "TABLE"])
}

/// Whether all quotes and comments of some SQL are closed in it, and nothing in it has an effect.
fn reads(tokens: &[Token<'_>], takes_parameters: bool) -> Result<(), SqlRefusal> {
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        let refused = |message: &str, hint| Err(SqlRefusal::new(token.place.clone(), message, hint));
        match token.kind {
            TokenKind::Nul => return refused("has a NUL character, at which MySQL may stop reading", "remove it"),
            TokenKind::EndlessComment => return refused("begins a comment that does not end", "end it with */"),
            TokenKind::EndlessQuote => {
                return refused("begins a text or a name in quotes that does not end", "close the quotes");
            }
            TokenKind::ExecutedComment => {
                return refused("has a comment that the server executes", "write what it holds without the comment");
            }
            TokenKind::Parameter if !takes_parameters => {
                let hint = "write the value; a text stands in single quotes";
                return refused("has a parameter, for which nothing is filled in", hint);
            }
            TokenKind::Variable => {
                let hint = "write the value itself; a window function can look at other rows";
                return refused("uses a variable, which carries a state from row to row", hint);
            }
            TokenKind::Word if token.is("INTO") => {
                return refused("writes its answer by INTO", "remove INTO: the answer is read");
            }
            TokenKind::Word if token.is("FOR") && next.is_some_and(|next| next.is_one_of(&["UPDATE", "SHARE"])) => {
                return refused("locks rows", "remove the lock: the rows are only read");
            }
            TokenKind::Word if token.is("LOCK") && next.is_some_and(|next| next.is("IN")) => {
                return refused("locks rows", "remove the lock: the rows are only read");
            }
            TokenKind::Word
                if token.is_one_of(&["NEXT", "PREVIOUS"])
                    && next.is_some_and(|next| next.is("VALUE"))
                    && tokens.get(at + 2).is_some_and(|next| next.is("FOR")) =>
            {
                return refused("takes a value of a sequence", "read the sequence's table instead");
            }
            TokenKind::Word | TokenKind::Quoted if next.is_some_and(|next| next.kind == TokenKind::Open) => {
                let called = token.name().unwrap_or_default();
                if is_listed(&WITH_EFFECTS, &called) {
                    let message = format!("calls {called}, which waits, locks or leaves a state behind");
                    return refused(&message, "remove the call");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_listed(names: &[&str], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expression_stays_in_its_place() {
        for sql in [
            "a",
            "concat(a, ')') -- )",
            "a -- it's",
            "a # ) ;",
            "(SELECT max(x) FROM other WHERE other.id = t.id)",
            "'\\'",
            "\"it's\"",
            "coalesce(`max(`, 5--1)",
            "if(a > 1, greatest(a, b), @@version)",
        ] {
            assert_eq!(one_expression(sql), Ok(()), "{sql}");
        }
        for sql in [
            "",
            "a) FROM t; DROP TABLE t; -- ",
            "a, b",
            "(a",
            "a; b",
            "'\\') OR ('1",
            "a /*! ) */",
            "a /* ",
            "SELECT 1",
            "max(a)",
            "row_number() OVER ()",
            "@x := a",
            "@x",
            "sleep(10)",
            "`sleep`(10)",
            "get_lock('a', 1)",
            "(SELECT 1 INTO OUTFILE '/tmp/x')",
            "(SELECT a FROM t FOR UPDATE)",
            "(SELECT a FROM t LOCK IN SHARE MODE)",
            "NEXT VALUE FOR s",
            "nextval(s)",
            "?",
            "a\0",
        ] {
            assert!(one_expression(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn what_reads_is_told_from_what_does_not() {
        for sql in [
            "SELECT 1",
            " select count(*) from t ; ;\n-- done",
            "(SELECT 1) UNION (SELECT 2)",
            "TABLE t",
            "VALUES ROW(1)",
            "WITH a AS (SELECT 1) SELECT * FROM a",
        ] {
            assert_eq!(one_query(sql), Ok(()), "{sql}");
        }
        for sql in [
            "COMMIT",
            "SELECT 1; COMMIT",
            "SET sql_mode = ''",
            "DELETE FROM t",
            "WITH a AS (SELECT 1) DELETE FROM t",
            "REPLACE INTO t SELECT 1",
            "CALL p()",
            "DO sleep(1)",
            "SELECT 1 INTO DUMPFILE '/tmp/x'",
            "SELECT * FROM t FOR SHARE",
            "SELECT /*!50000 1; */ 2",
            "SELECT @a := 1",
            "HANDLER t OPEN",
            "EXPLAIN SELECT 1",
            "",
            ";",
        ] {
            assert!(one_query(sql).is_err(), "{sql}");
        }
    }
}
