//! Effects of a trigger of SQLite of one of the common kinds (<https://www.sqlite.org/lang_createtrigger.html>).

use crate::dialect::expression::strip;
use crate::dialect::trigger::{Touch, Trigger};
use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, CreateTrigger, Expr, FromTable, Ident, ObjectName, ObjectNamePart, Statement,
    TableFactor, TableObject, TableWithJoins, TriggerEvent, TriggerPeriod,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

/// Reads a stored CREATE TRIGGER; `None` if it cannot be parsed.
pub(super) fn read(sql: &str) -> Option<Trigger> {
    let statements = Parser::parse_sql(&SQLiteDialect {}, sql).ok()?;
    let [Statement::CreateTrigger(trigger)] = statements.as_slice() else { return None };
    let body = trigger.statements.as_ref()?.statements();
    let table = last(&trigger.table_name)?.to_owned();
    Some(Trigger { writes: body.iter().filter_map(written).collect(), touch: touch(trigger, body, &table), table })
}

/// The table that a statement writes.
fn written(statement: &Statement) -> Option<String> {
    let name = match statement {
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => last(name),
            _ => None,
        },
        Statement::Update(update) => named(&update.table),
        Statement::Delete(delete) => match &delete.from {
            FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables) => tables.first().and_then(named),
        },
        _ => None,
    };
    name.map(str::to_owned)
}

fn touch(trigger: &CreateTrigger, body: &[Statement], table: &str) -> Option<Touch> {
    let [TriggerEvent::Update(of)] = trigger.events.as_slice() else { return None };
    let [Statement::Update(update)] = body else { return None };
    let is_after = matches!(trigger.period, Some(TriggerPeriod::After));
    let is_same = named(&update.table).is_some_and(|name| name.eq_ignore_ascii_case(table));
    if !is_after || !is_same || trigger.condition.is_some() || update.from.is_some() {
        return None;
    }
    let set = |assignment: &sqlparser::ast::Assignment| match &assignment.target {
        AssignmentTarget::ColumnName(name) => Some((last(name)?.to_owned(), assignment.value.clone())),
        AssignmentTarget::Tuple(_) => None,
    };
    let sets = update.assignments.iter().map(set).collect::<Option<Vec<_>>>()?;
    let key = own_row(update.selection.as_ref()?)?;
    Some(Touch { of: of.iter().map(|column| column.value.clone()).collect(), sets, key })
}

/// The column of `id = NEW.id`, written in either order.
fn own_row(condition: &Expr) -> Option<String> {
    let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = strip(condition) else { return None };
    let column = |expression: &Expr| match strip(expression) {
        Expr::Identifier(name) => Some((None, name.value.clone())),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [Ident { value: qualifier, .. }, name] => Some((Some(qualifier.to_ascii_lowercase()), name.value.clone())),
            _ => None,
        },
        _ => None,
    };
    let is_row = |qualifier: &Option<String>| matches!(qualifier.as_deref(), Some("new" | "old"));
    let (one, two) = (column(left)?, column(right)?);
    let apart = is_row(&one.0) != is_row(&two.0);
    (apart && one.1.eq_ignore_ascii_case(&two.1)).then_some(one.1)
}

fn named(table: &TableWithJoins) -> Option<&str> {
    match &table.relation {
        TableFactor::Table { name, .. } if table.joins.is_empty() => last(name),
        _ => None,
    }
}

fn last(name: &ObjectName) -> Option<&str> {
    match name.0.last()? {
        ObjectNamePart::Identifier(name) => Some(&name.value),
        ObjectNamePart::Function(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_common_kinds() {
        let read = |sql: &str| super::read(sql).unwrap();
        let touching = read(
            "CREATE TRIGGER t AFTER UPDATE OF name ON users FOR EACH ROW BEGIN
                 UPDATE users SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END",
        );
        let touch = touching.touch.unwrap();
        assert_eq!((touch.key.as_str(), touch.of.as_slice()), ("id", ["name".to_owned()].as_slice()));
        assert_eq!(touch.sets[0].0, "updated_at");
        for other in [
            "CREATE TRIGGER t AFTER UPDATE ON users WHEN NEW.a > 1 BEGIN UPDATE users SET b = 1 WHERE id = NEW.id; END",
            "CREATE TRIGGER t AFTER UPDATE ON users BEGIN UPDATE users SET b = 1 WHERE id = NEW.parent; END",
            "CREATE TRIGGER t AFTER UPDATE ON users BEGIN UPDATE users SET b = 1; END",
            "CREATE TRIGGER t AFTER UPDATE ON users BEGIN UPDATE others SET b = 1 WHERE id = NEW.id; END",
        ] {
            assert!(read(other).touch.is_none(), "{other}");
        }
        let filling = read(
            "CREATE TRIGGER t AFTER DELETE ON notes BEGIN
                 INSERT INTO notes_fts (notes_fts, rowid, body) VALUES ('delete', old.id, old.body);
                 DELETE FROM log WHERE id = old.id; END",
        );
        assert_eq!((filling.table.as_str(), filling.writes), ("notes", vec!["notes_fts".to_owned(), "log".to_owned()]));
        assert!(super::read("CREATE TRIGGER").is_none());
    }
}
