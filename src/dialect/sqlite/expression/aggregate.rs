//! Aggregate functions (<https://www.sqlite.org/lang_aggfunc.html>).

use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::number_range::NumberRange;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
};

/// Whether a call is of an aggregate function: min() and max() aggregate if they have one argument.
pub(super) fn is_aggregate(name: &str, arguments: usize) -> bool {
    match name {
        "count" => arguments <= 1,
        "sum" | "avg" | "total" | "min" | "max" => arguments == 1,
        "group_concat" | "string_agg" => arguments == 1 || arguments == 2,
        _ => false,
    }
}

impl Translator<'_> {
    pub(super) fn aggregate(&self, name: &str, function: &Function, expression: &Expr) -> Translation {
        let misplaced = || Untranslatable(format!("`{expression}` stands where no aggregate function can"));
        let grouping = self.grouping.ok_or_else(misplaced)?;
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let is_plain = list.clauses.is_empty() && function.over.is_none() && function.within_group.is_empty();
        if !is_plain || grouping.is_inside.get() {
            return Err(unknown(expression));
        }
        grouping.aggregates.set(grouping.aggregates.get() + 1);
        grouping.inside(|| {
            let filter = match &function.filter {
                Some(filter) => format!(" FILTER (WHERE {})", self.truth(filter)?.text),
                None => String::new(),
            };
            self.call(name, list, &filter, expression)
        })
    }

    /// One call, followed by `filter`.
    fn call(&self, name: &str, list: &FunctionArgumentList, filter: &str, expression: &Expr) -> Translation {
        let distinct = match list.duplicate_treatment {
            Some(DuplicateTreatment::Distinct) => "DISTINCT ",
            _ => "",
        };
        // More rows than 2^53 are not in any table.
        let rows = Some(NumberRange { low: 0.0, high: 9e15 });
        let (argument, rest) = match list.args.as_slice() {
            [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if name == "count" => {
                return Ok(Sql { extent: rows, ..Sql::new(format!("count(*){filter}"), ValueKind::Integer) });
            }
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)), rest @ ..] => (argument, rest),
            _ => return Err(unknown(expression)),
        };
        if !distinct.is_empty() {
            self.distinguished(argument)?;
        }
        let told_apart = |written: Sql| match distinct {
            "" => Ok(written),
            _ if !written.kind.is_distinguishable() => Err(unknown(expression)),
            _ => {
                written.compares_alike(&argument.to_string())?;
                written.exactly(&format!("`{expression}`"))
            }
        };
        match name {
            "count" => {
                let counted = told_apart(self.write(argument, Wanted::Natural)?)?;
                let text = format!("count({distinct}{}){filter}", counted.text);
                Ok(Sql { extent: rows, ..Sql::new(text, ValueKind::Integer) })
            }
            "sum" | "avg" | "total" => {
                let number = told_apart(self.number(argument)?)?;
                // The last digits of a sum of doubles depend on the order of the rows, in both systems.
                let is_inexact = number.kind != ValueKind::Integer;
                if number.kind == ValueKind::Decimal {
                    self.remarks.is_exact.set(true);
                }
                let sum = format!("sum({distinct}{}){filter}", number.text);
                let sql = match (name, number.kind) {
                    // The sum of integers is unbounded, and its quotient is the nearest double, as in SQLite; avg() of
                    // doubles also adds up their squares, which overflow sooner.
                    ("avg", kind) if kind != ValueKind::Decimal => {
                        let text = format!("{sum}::double precision / count({distinct}{}){filter}", number.text);
                        Sql { binds: Binds::Product, ..Sql::new(text, ValueKind::Float) }
                    }
                    ("avg", _) => Sql::new(
                        format!("(avg({distinct}{}){filter})::double precision", number.text),
                        ValueKind::Float,
                    ),
                    ("total", _) => Sql::new(format!("coalesce({sum}, 0)::double precision"), ValueKind::Float),
                    // PostgreSQL's sum over bigint is numeric; both sides refuse a sum beyond 64 bits.
                    (_, ValueKind::Integer) if filter.is_empty() => {
                        Sql::new(format!("{sum}::bigint"), ValueKind::Integer)
                    }
                    (_, ValueKind::Integer) => Sql::new(format!("({sum})::bigint"), ValueKind::Integer),
                    (_, kind) => Sql::new(sum, kind),
                };
                let scale = number.decimals().filter(|_| name != "avg");
                Ok(Sql { is_inexact, scale, ..sql })
            }
            "min" | "max" => self.extreme(name, argument, filter),
            "group_concat" | "string_agg" => {
                let separator = match rest {
                    [] => "','".to_owned(),
                    [FunctionArg::Unnamed(FunctionArgExpr::Expr(separator))] => self.text(separator)?.text,
                    _ => return Err(unknown(expression)),
                };
                let text = told_apart(self.text(argument)?)?.text;
                self.remarks.leaves_open(|| format!("the order of the texts in `{expression}`"));
                Ok(Sql::new(format!("string_agg({distinct}{text}, {separator}){filter}"), ValueKind::Text))
            }
            _ => Err(unknown(expression)),
        }
    }

    /// min() and max(), in the order that the source has.
    fn extreme(&self, name: &str, argument: &Expr, filter: &str) -> Translation {
        self.distinguished(argument)?;
        let written = self.write(argument, Wanted::Natural)?;
        written.compares_alike(&argument.to_string())?;
        let text = match written.kind {
            ValueKind::Integer
            | ValueKind::Decimal
            | ValueKind::Float
            | ValueKind::Mixed
            | ValueKind::Date
            | ValueKind::Time
            | ValueKind::Timestamp
            | ValueKind::Timestamptz
            | ValueKind::Counted => format!("{name}({}){filter}", written.text),
            ValueKind::Text => format!("{name}({} COLLATE \"C\"){filter}", written.within(Binds::Atom)),
            ValueKind::Truth if name == "min" => format!("bool_and({}){filter}", written.text),
            ValueKind::Truth => format!("bool_or({}){filter}", written.text),
            kind => return Err(Untranslatable(format!("PostgreSQL has no {name}() of {kind}"))),
        };
        Ok(Sql { text, binds: Binds::Atom, coercion: Coercion::Nothing, words: None, ..written })
    }
}
