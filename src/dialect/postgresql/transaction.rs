//! SQL of a step: commands that begin or end a transaction would end transship's own, and the step's ledger row would not be
//! committed together with its effect.

use super::statements::{StatementToken, statements};
use std::ops::Range;

/// The first command of some SQL that begins or ends a transaction, and its place. Savepoints are none. A DO or a procedure
/// cannot end a transaction that a client has begun (PostgreSQL documentation, "Transaction Management" of PL/pgSQL).
#[must_use]
pub fn transaction_command(sql: &str) -> Option<(String, Range<usize>)> {
    statements(sql)?.iter().find_map(|statement| {
        let word = |at: usize| statement.get(at).map_or("", |piece: &StatementToken| piece.word.as_str());
        let begins_or_ends = match word(0) {
            "COMMIT" | "END" | "ABORT" | "BEGIN" => true,
            "START" | "PREPARE" => word(1) == "TRANSACTION",
            "ROLLBACK" => word(1) != "TO" && word(2) != "TO",
            _ => false,
        };
        let command = if matches!(word(0), "START" | "PREPARE") {
            format!("{} TRANSACTION", word(0))
        } else {
            word(0).to_owned()
        };
        begins_or_ends.then(|| (command, statement[0].place(sql)))
    })
}

/// Whether the SQL holds only spaces, semicolons and comments.
#[must_use]
pub fn is_blank(sql: &str) -> bool {
    sql.lines().map(|line| line.split_once("--").map_or(line, |(before, _)| before)).all(|line| {
        line.chars().all(|character| character.is_whitespace() || character == ';' || character == '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_found_and_bodies_of_functions_are_none() {
        for sql in [
            "SELECT 1; COMMIT; SELECT 2",
            "begin; SELECT 1",
            "/* */ -- x\nEND",
            "ROLLBACK WORK AND CHAIN",
            "START TRANSACTION",
            "PREPARE TRANSACTION 'x'",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; COMMIT",
            "ABORT",
        ] {
            assert!(transaction_command(sql).is_some(), "{sql}");
        }
        for sql in [
            "SELECT 'COMMIT; COMMIT'",
            "DO $$ BEGIN PERFORM 1; COMMIT; END $$;",
            "SAVEPOINT a; ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a; RELEASE a",
            "PREPARE p AS SELECT 1",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
            "CREATE TABLE \"COMMIT\" (a int); TABLE \"COMMIT\"",
        ] {
            assert_eq!(transaction_command(sql), None, "{sql}");
        }
    }

    #[test]
    fn comments_alone_are_no_sql() {
        assert!(is_blank(" ;\n-- nothing\n\u{feff}"));
        assert!(!is_blank("SELECT 1 -- one"));
    }
}
