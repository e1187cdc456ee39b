//! A view's query, changed to fail in SQLite if a part of it leaves the range of PostgreSQL's type.
//!
//! Joins, conditions and groups decide for which rows a part is computed. SQLite itself evaluates them: it runs the
//! view's own query, with the part in a CASE that fails.

use crate::dialect::expression::Untranslatable;
use crate::dialect::query::FailingQuery;
use crate::dialect::sqlite::expression::literal::Hexadecimal;
use crate::dialect::sqlite::grammar::GRAMMAR;
use sqlparser::ast::{CreateView, Expr, Statement, visit_expressions_mut};
use std::ops::ControlFlow;

/// SQLite's message if the part leaves its range.
const FAILS: &str = "integer overflow";

/// The query of a view in which `part` fails if `condition` holds. `None` if the view has no such part.
pub(in crate::dialect::sqlite) fn failing(view: &str, part: &str, condition: &str) -> Option<FailingQuery> {
    // The smallest integer has no abs(). It depends on the row, since SQLite computes constants beforehand.
    let fails = format!("abs(-9223372036854775808 + 0 * (typeof({part}) = ''))");
    let guarded = format!("CASE WHEN {condition} THEN {fails} ELSE {part} END");
    let hexadecimal = Hexadecimal::of(view);
    let made = GRAMMAR.expression(&guarded, |guarded| {
        GRAMMAR.statements(view, |statements| match statements {
            [Statement::CreateView(CreateView { query, .. })] => {
                let (mut query, mut found) = (query.clone(), false);
                let _: ControlFlow<()> = visit_expressions_mut(&mut query, |expression: &mut Expr| {
                    if hexadecimal.spelled(expression.to_string()) == part {
                        *expression = Expr::Nested(Box::new(guarded.clone()));
                        found = true;
                    }
                    ControlFlow::Continue(())
                });
                Ok(found.then(|| hexadecimal.spelled(query.to_string())))
            }
            _ => Err(Untranslatable("it is no CREATE VIEW".to_owned())),
        })
    });
    made.ok().flatten().map(|sql| FailingQuery { sql, error: FAILS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_fails_where_its_condition_holds_and_the_view_computes_it() {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        let rows =
            "CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (9000000000, 9000000000), (2, 3), (NULL, 1)";
        database.execute_batch(rows).unwrap();
        let part = "a * b";
        let fails = |view: &str| {
            let failing = failing(view, part, "typeof(a * b) = 'real'").unwrap();
            let mut statement = database.prepare(&failing.sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            loop {
                match rows.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => return false,
                    Err(error) => return error.to_string().contains(failing.error),
                }
            }
        };
        assert!(fails("CREATE VIEW v AS SELECT a * b AS p FROM t"));
        assert!(fails("CREATE VIEW v AS SELECT sum(a*b + 1) FROM t GROUP BY b"));
        assert!(fails("CREATE VIEW v AS SELECT a FROM t WHERE (a * b) > 7"));
        assert!(!fails("CREATE VIEW v AS SELECT a * b AS p FROM t WHERE a < 100"));
        assert!(!fails("CREATE VIEW v AS SELECT CASE WHEN a < 100 THEN a * b END AS p FROM t"));
        assert_eq!(failing("CREATE VIEW v AS SELECT a + b AS p FROM t", part, "1"), None);
    }
}
