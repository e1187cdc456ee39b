//! Functions with the same value in both systems (MySQL manual, chapter "Functions and Operators").

use super::aggregate::is_aggregate;
use super::translator::Translator;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{natural, unknown};
use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, TrimWhereField};

impl Translator<'_> {
    pub(super) fn function(&self, function: &Function, expression: &Expr) -> Translation {
        let name = name_of(function);
        if let Some(window) = &function.over {
            return self.window(&name, function, window, expression);
        }
        if is_aggregate(&name) {
            return self.aggregate(&name, function, expression);
        }
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let arguments = plain_arguments(&list.args).ok_or_else(|| unknown(expression))?;
        if function.filter.is_some() || !list.clauses.is_empty() || list.duplicate_treatment.is_some() {
            return Err(unknown(expression));
        }
        match (name.as_str(), arguments.as_slice()) {
            ("if", [test, then, otherwise]) => self.choice(&[self.truth(test)?], &[then, otherwise]),
            ("ifnull" | "coalesce", [_, ..]) => self.coalesce(&arguments),
            ("nullif", [one, two]) => self.nullif(one, two),
            ("greatest" | "least", [_, _, ..]) => self.extreme(&name, &arguments, expression),
            ("isnull", [value]) => {
                let inner = self.write(value)?;
                Ok(Sql::condition(format!("{} IS NULL", inner.within(Binds::Other)), Binds::Is))
            }
            ("abs" | "sign", [value]) => self.of_number(&name, value, None, expression),
            ("truncate", [value, digits]) => {
                self.of_number(&name, value, Some(natural(digits).ok_or_else(|| unknown(digits))?), expression)
            }
            ("round", [value]) => self.rounded(value, 0, expression),
            ("round", [value, digits]) => {
                self.rounded(value, natural(digits).ok_or_else(|| unknown(digits))?, expression)
            }
            ("floor", [value]) => self.whole("floor", value, expression),
            ("ceil" | "ceiling", [value]) => self.whole("ceil", value, expression),
            ("mod", [left, right]) => self.arithmetic(left, &BinaryOperator::Modulo, right, expression),
            ("trim", [value]) => self.trim(None, None, value, expression),
            ("ltrim", [value]) => self.trim(Some(TrimWhereField::Leading), None, value, expression),
            ("rtrim", [value]) => self.trim(Some(TrimWhereField::Trailing), None, value, expression),
            _ => {
                if let Some(written) = self.string_function(&name, &arguments, expression)? {
                    return Ok(written);
                }
                match self.document_function(&name, &arguments, expression)? {
                    Some(written) => Ok(written),
                    None => self.moment_function(&name, &arguments, expression),
                }
            }
        }
    }
}

/// The name of a function in lower case.
pub(super) fn name_of(function: &Function) -> String {
    function.name.to_string().trim_matches('`').to_ascii_lowercase()
}

/// Arguments that are expressions without names; `None` if there are others.
pub(super) fn plain_arguments(arguments: &[FunctionArg]) -> Option<Vec<&Expr>> {
    let plain = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref argument)) => Some(argument),
        _ => None,
    };
    arguments.iter().map(plain).collect()
}
