//! Aggregate functions (<https://www.sqlite.org/lang_aggfunc.html>), and what may stand beside them.

use super::kind::Kind;
use super::translator::{Sql, Translator, Written};
use super::{Untranslatable, unknown};
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
};
use std::cell::{Cell, RefCell};

/// What a SELECT with aggregate functions is grouped by, and what was found in its output.
#[derive(Debug, Default)]
pub(in crate::plan) struct Grouping {
    /// The keys of GROUP BY, as they were written.
    pub(in crate::plan) keys: Vec<String>,
    /// Columns outside of aggregate functions that are no part of a key: SQLite takes them from any row of the group.
    pub(in crate::plan) bare: RefCell<Vec<String>>,
    /// How many aggregate functions were written.
    pub(in crate::plan) aggregates: Cell<usize>,
    /// The translator is among the arguments of an aggregate function.
    pub(in crate::plan) is_inside: Cell<bool>,
}

impl Grouping {
    /// Notes a column that stands outside of aggregate functions.
    pub(super) fn note(&self, expression: &Expr) {
        if !self.is_inside.get() {
            self.bare.borrow_mut().push(expression.to_string());
        }
    }

    /// Writes something; the columns in it are no bare ones where the whole of it is a key.
    pub(super) fn watch(&self, write: impl FnOnce() -> Written) -> Written {
        let before = self.bare.borrow().len();
        let written = write()?;
        if self.keys.contains(&written.text) {
            self.bare.borrow_mut().truncate(before);
        }
        Ok(written)
    }

    fn inside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.is_inside.set(true);
        let written = write();
        self.is_inside.set(false);
        written
    }
}

/// Whether a call is one of an aggregate function: min() and max() are with one argument.
pub(super) fn is_aggregate(name: &str, arguments: usize) -> bool {
    match name {
        "count" => arguments <= 1,
        "sum" | "avg" | "total" | "min" | "max" => arguments == 1,
        "group_concat" | "string_agg" => arguments == 1 || arguments == 2,
        _ => false,
    }
}

impl Translator<'_> {
    pub(super) fn aggregate(&self, name: &str, function: &Function, expression: &Expr) -> Written {
        let misplaced = || Untranslatable(format!("`{expression}` stands where no aggregate function can"));
        let grouping = self.grouping.ok_or_else(misplaced)?;
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let is_plain = list.clauses.is_empty() && function.over.is_none() && function.within_group.is_empty();
        if !is_plain || grouping.is_inside.get() {
            return Err(unknown(expression));
        }
        grouping.aggregates.set(grouping.aggregates.get() + 1);
        grouping.inside(|| {
            let written = self.call(name, list, expression)?;
            match &function.filter {
                // A cast stands behind the filter: sum(…) FILTER (WHERE …)::bigint.
                Some(filter) => {
                    let (call, cast) = written.text.split_once("::").unwrap_or((&written.text, ""));
                    let cast = if cast.is_empty() { String::new() } else { format!("::{cast}") };
                    if name == "total" || call.matches('(').count() != call.matches(')').count() {
                        return Err(unknown(expression));
                    }
                    Ok(Sql::new(format!("{call} FILTER (WHERE {}){cast}", self.truth(filter)?), written.kind))
                }
                None => Ok(written),
            }
        })
    }

    fn call(&self, name: &str, list: &FunctionArgumentList, expression: &Expr) -> Written {
        let distinct = match list.duplicate_treatment {
            Some(DuplicateTreatment::Distinct) => "DISTINCT ",
            _ => "",
        };
        let (argument, rest) = match list.args.as_slice() {
            [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if name == "count" => {
                return Ok(Sql::new("count(*)", Kind::Integer));
            }
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)), rest @ ..] => (argument, rest),
            _ => return Err(unknown(expression)),
        };
        if !distinct.is_empty() {
            self.distinguished(argument)?;
            if self.kind_of(argument).is_some_and(|kind| !kind.is_distinguishable()) {
                return Err(unknown(expression));
            }
        }
        match name {
            "count" => Ok(Sql::new(format!("count({distinct}{})", self.write(argument, None)?.text), Kind::Integer)),
            "sum" | "avg" | "total" => {
                let number = self.number(argument, None)?;
                if number.kind == Kind::Decimal {
                    self.remarks.is_exact.set(true);
                }
                let value = format!("{distinct}{}", number.text);
                Ok(match (name, number.kind) {
                    ("avg", _) => Sql::new(format!("avg({value})::double precision"), Kind::Float),
                    ("total", _) => Sql::new(format!("coalesce(sum({value}), 0)::double precision"), Kind::Float),
                    // PostgreSQL's sum over bigint is numeric; both refuse what 64 bits do not hold.
                    (_, Kind::Integer) => Sql::new(format!("sum({value})::bigint"), Kind::Integer),
                    (_, kind @ (Kind::Decimal | Kind::Float)) => Sql::new(format!("sum({value})"), kind),
                    _ => return Err(unknown(expression)),
                })
            }
            "min" | "max" => self.extreme(name, argument),
            "group_concat" | "string_agg" => {
                let separator = match rest {
                    [] => "','".to_owned(),
                    [FunctionArg::Unnamed(FunctionArgExpr::Expr(separator))] => self.text(separator)?,
                    _ => return Err(unknown(expression)),
                };
                Ok(Sql::new(format!("string_agg({distinct}{}, {separator})", self.text(argument)?), Kind::Text))
            }
            _ => Err(unknown(expression)),
        }
    }

    /// min() and max(), in the order that the source has.
    fn extreme(&self, name: &str, argument: &Expr) -> Written {
        self.distinguished(argument)?;
        let Sql { text, kind } = self.write(argument, None)?;
        let text = match kind {
            Kind::Integer
            | Kind::Decimal
            | Kind::Float
            | Kind::Date
            | Kind::Time
            | Kind::Timestamp
            | Kind::Timestamptz
            | Kind::Counted => format!("{name}({text})"),
            Kind::Text => format!("{name}({text} COLLATE \"C\")"),
            Kind::Truth if name == "min" => format!("bool_and({text})"),
            Kind::Truth => format!("bool_or({text})"),
            _ => return Err(Untranslatable(format!("PostgreSQL has no {name}() of {kind}"))),
        };
        Ok(Sql::new(text, kind))
    }
}
