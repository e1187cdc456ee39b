//! Views of MySQL in PostgreSQL's SQL: one SELECT over tables and joins, with or without groups.
//!
//! The text is the canonical one of information_schema, in which every column has its table and every output its name.
//! A query that is not known to give the same rows is refused with the reason.

use super::expression::Translator;
use super::grammar::{GRAMMAR, parsable, without_backslash};
use crate::catalog::Equality;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::{Relation, Scope, Visible};
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::expression::sql::{Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::dialect::query::{Relations, View, push};
use crate::name::quote_identifier;
use crate::value::{Reading, Zone};
use sqlparser::ast::{
    CreateView, Distinct, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Join,
    JoinConstraint, JoinOperator, ObjectNamePart, Query, Select, SelectItem, SetExpr, Statement, TableFactor,
    TableWithJoins,
};

/// Writes the SELECT of a view. `columns` are the names of its columns as the source reports them, if they were read.
pub(super) fn view(
    statement: &str,
    columns: Option<&[String]>,
    relations: &Relations,
    zone: &Zone,
) -> Result<View, Untranslatable> {
    if statement.is_empty() {
        return Err(Untranslatable("its text is hidden from this user, who lacks the right SHOW VIEW".to_owned()));
    }
    without_backslash(statement)?;
    let (sql, mut outputs) = GRAMMAR.statements(&parsable(statement), |statements| match statements {
        [Statement::CreateView(CreateView { query, .. })] => select(query, relations, zone),
        _ => Err(Untranslatable("it is no CREATE VIEW".to_owned())),
    })?;
    if let Some(columns) = columns {
        if outputs.len() != columns.len() {
            return Err(Untranslatable(format!("it has {} columns in the source", columns.len())));
        }
        for (output, name) in outputs.iter_mut().zip(columns) {
            output.name.clone_from(name);
        }
    }
    Ok(View { sql, columns: outputs, is_exact: false, reads_clock: false, undetermined: None, excesses: Vec::new() })
}

fn refused(what: &str) -> Untranslatable {
    Untranslatable(format!("{what} is not known to mean the same in PostgreSQL"))
}

fn select(query: &Query, relations: &Relations, zone: &Zone) -> Result<(String, Vec<Visible>), Untranslatable> {
    let is_plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty();
    let SetExpr::Select(select) = query.body.as_ref() else { return Err(refused("a UNION or its like")) };
    if !is_plain {
        return Err(refused("WITH, ORDER BY or LIMIT"));
    }
    let Select { distinct, projection, from, selection, group_by, having, .. } = select.as_ref();
    let (false, GroupByExpr::Expressions(groups, modifiers)) = (having.is_some(), group_by) else {
        return Err(refused("HAVING"));
    };
    if !modifiers.is_empty() || matches!(distinct, Some(Distinct::On(_))) {
        return Err(refused("WITH ROLLUP"));
    }
    let mut scope = Scope { zone: zone.clone(), ..Scope::default() };
    let mut tables = String::new();
    for (at, table) in from.iter().enumerate() {
        tables.push_str(if at == 0 { "" } else { "\nCROSS JOIN " });
        tables.push_str(&joined(table, relations, &mut scope)?);
    }
    let translator = Translator { scope: &scope };
    let keys = groups.iter().map(|key| translator.distinguished(key)).collect::<Result<Vec<_>, _>>()?;
    let is_aggregate =
        |item: &SelectItem| matches!(output(item), Some((expression, _)) if aggregate(expression).is_some());
    let is_grouped = !keys.is_empty() || projection.iter().any(is_aggregate);
    let (mut list, mut outputs) = (Vec::new(), Vec::new());
    for item in projection {
        let Some((expression, name)) = output(item) else { return Err(refused("a column without a name")) };
        let written = match aggregate(expression) {
            Some(function) => translator.aggregate(function, expression)?,
            None => {
                let written = translator.write(expression)?;
                if is_grouped && !keys.contains(&written.text) {
                    return Err(Untranslatable(format!(
                        "`{expression}` is neither a key of its groups nor an aggregate"
                    )));
                }
                written
            }
        };
        if distinct.is_some() {
            translator.distinguished(expression)?;
        }
        list.push(format!("{} AS {}", written.text, quote_identifier(name)));
        outputs.push(visible(&translator, expression, written, name)?);
    }
    let mut sql = format!("SELECT {}{}", if distinct.is_some() { "DISTINCT " } else { "" }, list.join(", "));
    if !tables.is_empty() {
        sql.push_str(&format!("\nFROM {tables}"));
    }
    if let Some(condition) = selection {
        sql.push_str(&format!("\nWHERE {}", translator.truth(condition)?.text));
    }
    if !keys.is_empty() {
        sql.push_str(&format!("\nGROUP BY {}", keys.join(", ")));
    }
    Ok((sql, outputs))
}

/// The expression of an output column and its name.
fn output(item: &SelectItem) -> Option<(&Expr, &str)> {
    match item {
        SelectItem::ExprWithAlias { expr, alias } => Some((expr, &alias.value)),
        _ => None,
    }
}

fn aggregate(expression: &Expr) -> Option<&Function> {
    let Expr::Function(function) = strip(expression) else { return None };
    let name = function.name.to_string().to_ascii_lowercase();
    matches!(name.as_str(), "count" | "sum" | "min" | "max").then_some(function)
}

/// An output column, as another view sees it.
fn visible(
    translator: &Translator<'_>,
    expression: &Expr,
    written: Sql,
    name: &str,
) -> Result<Visible, Untranslatable> {
    if let Some(column) = translator.column_of(expression)? {
        return Ok(Visible { name: name.to_owned(), cast: None, ..column.clone() });
    }
    // The collation of a computed text follows from its parts.
    let equality = match written.kind {
        ValueKind::Text => Equality::Other { collation: "of its parts".to_owned() },
        _ => Equality::Bytes,
    };
    Ok(Visible {
        name: name.to_owned(),
        sql: Ok(written.text),
        kind: written.kind,
        equality,
        reading: Reading::Stored,
        coercion: written.coercion,
        cast: None,
        is_narrow: written.is_narrow,
        is_inexact: false,
        extent: None,
        scale: None,
        spelled: Spelled::default(),
        labels: Vec::new(),
    })
}

/// A table and what is joined to it.
fn joined(table: &TableWithJoins, relations: &Relations, scope: &mut Scope<'_>) -> Result<String, Untranslatable> {
    let mut text = factor(&table.relation, relations, scope)?;
    for join in &table.joins {
        let Join { relation, join_operator, .. } = join;
        let (words, constraint) = match join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) | JoinOperator::CrossJoin(constraint) => {
                ("JOIN", constraint)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => ("LEFT JOIN", constraint),
            _ => return Err(refused("a join of its kind")),
        };
        let relation = factor(relation, relations, scope)?;
        match constraint {
            JoinConstraint::On(condition) => {
                let condition = Translator { scope }.truth(condition)?.text;
                text.push_str(&format!("\n{words} {relation} ON {condition}"));
            }
            JoinConstraint::None if words == "JOIN" => text.push_str(&format!("\nCROSS JOIN {relation}")),
            _ => return Err(refused("a join without a condition")),
        }
    }
    Ok(text)
}

fn factor(factor: &TableFactor, relations: &Relations, scope: &mut Scope<'_>) -> Result<String, Untranslatable> {
    match factor {
        TableFactor::Table { name, alias, args: None, partitions, sample: None, .. } if partitions.is_empty() => {
            let [ObjectNamePart::Identifier(source)] = name.0.as_slice() else {
                return Err(Untranslatable(format!("it reads {name} of another database")));
            };
            let readable = relations.read(&source.value).map_err(Untranslatable)?;
            let (alias, qualifier) = match alias {
                Some(alias) if alias.columns.is_empty() => {
                    (alias.name.value.clone(), quote_identifier(&alias.name.value).into_owned())
                }
                Some(_) => return Err(refused("an alias with columns")),
                None => (source.value.clone(), readable.name.clone()),
            };
            let text = if qualifier == readable.bare {
                readable.sql.clone()
            } else {
                format!("{} AS {qualifier}", readable.sql)
            };
            push(&mut scope.relations, Relation { alias, ..readable.relation.clone() }, &qualifier)?;
            Ok(text)
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => {
            Ok(format!("({})", joined(table_with_joins, relations, scope)?))
        }
        _ => Err(refused("a subquery in FROM")),
    }
}

impl Translator<'_> {
    /// A key of GROUP BY or DISTINCT: texts are told apart by bytes, or not at all in the same way.
    fn distinguished(&self, expression: &Expr) -> Result<String, Untranslatable> {
        if aggregate(expression).is_some() {
            return Ok(String::new());
        }
        let written = self.write(expression)?;
        let is_text = written.kind == ValueKind::Text;
        let column = self.column_of(expression)?;
        let is_alike = if is_text { column.is_some_and(|column| column.equality.is_bytes()) } else { column.is_some() };
        if !is_alike || !written.kind.is_distinguishable() || written.kind == ValueKind::Opaque {
            return Err(Untranslatable(format!("`{expression}` may be told apart in another way")));
        }
        Ok(written.text)
    }

    /// count(), sum(), min() and max(). The digits of avg() depend on a setting of the server.
    fn aggregate(&self, function: &Function, expression: &Expr) -> Translation {
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let is_plain = function.over.is_none()
            && function.filter.is_none()
            && list.clauses.is_empty()
            && list.duplicate_treatment.is_none();
        let name = function.name.to_string().to_ascii_lowercase();
        let argument = match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] if is_plain => argument,
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if is_plain && name == "count" => {
                return Ok(Sql::new("count(*)", ValueKind::Integer));
            }
            _ => return Err(unknown(expression)),
        };
        let written = self.write(argument)?;
        use ValueKind::{Date, Decimal, Float, Integer, Timestamp};
        let kind = match (name.as_str(), written.kind) {
            // The canonical text of count(*) is count(0).
            ("count", _) => Integer,
            ("sum", Integer | Decimal) => Decimal,
            ("min" | "max", kind @ (Integer | Decimal | Float | Date | Timestamp)) => kind,
            _ => return Err(unknown(expression)),
        };
        // The number of rows is a bigint; the least and the largest are of the column's own type.
        let is_narrow = written.is_narrow && matches!(name.as_str(), "min" | "max");
        let coercion = if name == "count" { Coercion::Integer } else { written.coercion };
        Ok(Sql { coercion, is_narrow, ..Sql::new(format!("{name}({})", written.text), kind) })
    }
}
