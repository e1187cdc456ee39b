//! SQLite's queries in PostgreSQL's SQL: the SELECT of a view.
//!
//! A query is parsed by sqlparser and written again: every column by its table's alias, every join with its condition,
//! ORDER BY with the place of NULLs and the order of texts that SQLite has. A query that is not known to give the same
//! rows is refused with the reason.

mod failing;
mod from;
mod order;
mod queried;
mod select;
mod subquery;

pub(super) use failing::failing;

use super::expression::translator::Translator;
use super::grammar::GRAMMAR;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::number_range::NumberRange;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::{Scope, Visible};
use crate::dialect::query::shape::is_ordinary;
use crate::dialect::query::{KnownRelation, Relations, TranslatedView};
use crate::name::quote_identifier;
use crate::value::Zone;
use queried::{Queried, column_list};
use sqlparser::ast::{CreateView, Cte, Query, SetExpr, SetOperator, SetQuantifier, Statement};

/// Writes the SELECT of a view. `columns` are the names of its columns as the source reports them, if they were read.
///
/// # Errors
/// The query has no known equivalent in PostgreSQL.
pub(super) fn view(
    statement: &str,
    columns: Option<&[String]>,
    relations: &Relations,
    zone: &Zone,
) -> Result<TranslatedView, Untranslatable> {
    let (scope, remarks) = (Scope::default(), Remarks::default());
    let translator = Translator { relations: Some(relations), ..Translator::new(statement, &scope, zone, &remarks) };
    let queried = GRAMMAR.statements(statement, |statements| match statements {
        [Statement::CreateView(CreateView { query, columns, .. })] => {
            let names = columns.iter().map(|column| column.name.value.clone()).collect::<Vec<_>>();
            Ok((translator.query(query)?, names))
        }
        _ => Err(Untranslatable("it is no CREATE VIEW".to_owned())),
    });
    let (queried, listed) = queried?;
    let names = match columns {
        Some(columns) => columns.to_vec(),
        None if !listed.is_empty() => listed,
        None => plain_names(&queried.columns)?,
    };
    let columns = names.as_slice();
    if queried.columns.len() != columns.len() {
        let reason =
            format!("it has {} columns in the source, of which {} are migrated", columns.len(), queried.columns.len());
        return Err(Untranslatable(reason));
    }
    let named = |(column, name): (Visible, &String)| Visible { name: name.clone(), ..column };
    let columns = queried.columns.into_iter().zip(columns).map(named).collect();
    Ok(TranslatedView {
        sql: queried.sql,
        columns,
        is_exact: remarks.is_exact.get(),
        reads_clock: remarks.reads_clock.get(),
        undetermined: remarks.undetermined.take(),
        excesses: remarks.excesses.take(),
    })
}

/// The names of columns that were not read from the source. SQLite names a computed column by its text.
fn plain_names(columns: &[Visible]) -> Result<Vec<String>, Untranslatable> {
    let is_in_name = |character: char| character.is_alphanumeric() || character == '_';
    let is_plain = |name: &str| name.chars().all(is_in_name) && name.starts_with(|first: char| !first.is_ascii_digit());
    match columns.iter().find(|column| !is_plain(&column.name)) {
        Some(column) => Err(Untranslatable(format!("its column `{}` has no name that is written in it", column.name))),
        None => Ok(columns.iter().map(|column| column.name.clone()).collect()),
    }
}

impl Translator<'_> {
    /// Writes a query; this translator's scope is the one around it.
    fn query(&self, query: &Query) -> Result<Queried, Untranslatable> {
        let Some(relations) = self.relations.filter(|_| is_ordinary(query)) else {
            return Err(Untranslatable(format!("`{query}` is not known to mean the same in PostgreSQL")));
        };
        let Some(with) = &query.with else { return self.ordered(query) };
        let mut relations = relations.clone();
        let mut tables = Vec::new();
        for table in &with.cte_tables {
            tables.push(
                Translator { relations: Some(&relations.clone()), ..*self }.table_expression(table, &mut relations)?,
            );
        }
        let queried = Translator { relations: Some(&relations), ..*self }.ordered(query)?;
        let recursive = if tables.iter().any(|(_, recursive)| *recursive) { "RECURSIVE " } else { "" };
        let tables = tables.into_iter().map(|(sql, _)| sql).collect::<Vec<_>>().join(", ");
        Ok(Queried { sql: format!("WITH {recursive}{tables}\n{}", queried.sql), ..queried })
    }

    /// One table of WITH, and whether it reads itself.
    fn table_expression(&self, table: &Cte, relations: &mut Relations) -> Result<(String, bool), Untranslatable> {
        let name = table.alias.name.value.as_str();
        let named = |mut queried: Queried| {
            if !table.alias.columns.is_empty() {
                if table.alias.columns.len() != queried.columns.len() {
                    return Err(Untranslatable(format!("{name} has other columns than its query")));
                }
                for (column, alias) in queried.columns.iter_mut().zip(&table.alias.columns) {
                    column.name.clone_from(&alias.name.value);
                }
            }
            Ok(queried)
        };
        let readable = |queried: &Queried| KnownRelation::named(name, &queried.columns);
        let recursive = match table.query.body.as_ref() {
            SetExpr::SetOperation { op: SetOperator::Union, left, right, set_quantifier }
                if table.query.order_by.is_none()
                    && table.query.limit_clause.is_none()
                    && table.query.with.is_none()
                    && relations.find(name).is_none()
                    && !matches!(right.as_ref(), SetExpr::SetOperation { .. }) =>
            {
                Some((left, right, *set_quantifier))
            }
            _ => None,
        };
        // SQLite needs no RECURSIVE: a table of WITH that reads itself is recursive.
        let (queried, is_recursive) = match recursive {
            Some((left, right, quantifier)) => {
                let before = relations.times_read(name);
                let mut own = relations.clone();
                let first = named(self.set(left)?)?;
                own.insert(name, Ok(readable(&first)));
                let second = Translator { relations: Some(&own), ..*self }.set(right)?;
                if own.times_read(name) == before {
                    (named(operation(&first, SetOperator::Union, quantifier, &second)?)?, false)
                } else {
                    (recursion(&first, &second, quantifier)?, true)
                }
            }
            None => (named(self.query(&table.query)?)?, false),
        };
        relations.insert(name, Ok(readable(&queried)));
        let columns = column_list(&queried.columns);
        Ok((format!("{} ({columns}) AS (\n{}\n)", quote_identifier(name), queried.sql), is_recursive))
    }

    /// SELECT, or several of them joined by UNION and its like.
    fn set(&self, body: &SetExpr) -> Result<Queried, Untranslatable> {
        match body {
            SetExpr::Select(select) => Ok(self.select(select, &[])?.0),
            SetExpr::Query(query) => {
                let queried = self.query(query)?;
                Ok(Queried { sql: format!("({})", queried.sql), ..queried })
            }
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                // SQLite goes from left to right, PostgreSQL does INTERSECT first.
                if matches!(right.as_ref(), SetExpr::SetOperation { .. }) {
                    return Err(Untranslatable(format!("it mixes {op} and INTERSECT")));
                }
                operation(&self.set(left)?, *op, *set_quantifier, &self.set(right)?)
            }
            other => Err(Untranslatable(format!("`{other}` is not known to mean the same in PostgreSQL"))),
        }
    }
}

/// Two queries joined by UNION and its like.
fn operation(
    left: &Queried,
    operator: SetOperator,
    quantifier: SetQuantifier,
    right: &Queried,
) -> Result<Queried, Untranslatable> {
    let word = match (operator, quantifier) {
        (SetOperator::Union, SetQuantifier::All) => "UNION ALL",
        (SetOperator::Union, SetQuantifier::None | SetQuantifier::Distinct) => "UNION",
        (SetOperator::Intersect, SetQuantifier::None) => "INTERSECT",
        (SetOperator::Except, SetQuantifier::None) => "EXCEPT",
        (operator, quantifier) => return Err(Untranslatable(format!("it has {operator} {quantifier}"))),
    };
    let columns = united(&left.columns, &right.columns, word != "UNION ALL")?;
    Ok(Queried { sql: format!("{}\n{word}\n{}", left.sql, right.sql), columns, is_single: false })
}

/// The columns of two queries joined by UNION and its like.
fn united(left: &[Visible], right: &[Visible], is_distinct: bool) -> Result<Vec<Visible>, Untranslatable> {
    if left.len() != right.len() {
        return Err(Untranslatable("its parts have different numbers of columns".to_owned()));
    }
    let unite = |(one, two): (&Visible, &Visible)| {
        let kind = match (one.kind, two.kind) {
            // Two NULLs have the type text.
            (ValueKind::Null, ValueKind::Null) => ValueKind::Text,
            (one, two) => one.common(two).map_err(|_| Untranslatable(format!("its parts give {one} and {two}")))?,
        };
        if one.reading != two.reading && one.kind != ValueKind::Null && two.kind != ValueKind::Null {
            return Err(Untranslatable(format!("the parts of `{}` have different forms in the source", one.name)));
        }
        let equality = one.equality.clone();
        if equality != two.equality {
            return Err(Untranslatable(format!("the parts of `{}` have different collations", one.name)));
        }
        let is_inexact = one.is_inexact || two.is_inexact;
        let cast = one.cast.or(two.cast);
        if is_distinct && (!equality.is_bytes() || cast.is_some() || is_inexact || !kind.is_distinguishable()) {
            return Err(Untranslatable(format!("it distinguishes values of `{}` unlike PostgreSQL", one.name)));
        }
        let spelled = match (one.kind, two.kind) {
            (ValueKind::Null, _) => two.spelled.clone(),
            (_, ValueKind::Null) => one.spelled.clone(),
            _ => one.spelled.joined(&two.spelled),
        };
        if is_distinct {
            one.kind.compares_alike(one.coercion, &spelled, &one.name)?;
            two.kind.compares_alike(two.coercion, &spelled, &one.name)?;
        }
        let coercion = if one.coercion == two.coercion { one.coercion } else { Coercion::Nothing };
        let is_narrow = one.is_narrow && two.is_narrow;
        let scale = one.scale.zip(two.scale).map(|(one, two)| one.max(two));
        let extent = NumberRange::both(one.extent, two.extent).map(|(one, two)| one.joined(two));
        let altered_by = one.altered_by.or(two.altered_by);
        let united =
            Visible { kind, equality, coercion, cast, is_narrow, is_inexact, extent, scale, spelled, ..one.clone() };
        Ok(Visible { altered_by, ..united })
    };
    left.iter().zip(right).map(unite).collect()
}

/// Both parts of a recursive query, whose types PostgreSQL wants to be the same to the letter.
fn recursion(first: &Queried, second: &Queried, quantifier: SetQuantifier) -> Result<Queried, Untranslatable> {
    let is_all = quantifier == SetQuantifier::All;
    let columns = united(&first.columns, &second.columns, !is_all)?;
    let word = if is_all { "UNION ALL" } else { "UNION" };
    let cast = |part: &str| {
        let list = columns.iter().enumerate().map(|(at, column)| {
            let name = format!("part.c{}", at + 1);
            match column.kind.sql_type() {
                Some("text") => Ok(format!("{name}::text COLLATE \"default\"")),
                Some(sql_type) => Ok(format!("{name}::{sql_type}")),
                None => Err(Untranslatable(format!("`{}` of a recursive query is {}", column.name, column.kind))),
            }
        });
        let list = list.collect::<Result<Vec<_>, _>>()?.join(", ");
        let names = (1..=columns.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(", ");
        Ok(format!("SELECT {list} FROM (\n{part}\n) AS part ({names})"))
    };
    let sql = format!("{}\n{word}\n{}", cast(&first.sql)?, cast(&second.sql)?);
    Ok(Queried { sql, columns, is_single: false })
}
