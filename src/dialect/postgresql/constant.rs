//! Constant parts of a generated column, which PostgreSQL computes while it makes the column.
//!
//! It does so before it has given the parts a collation (`cookDefault()` in PostgreSQL's `catalog/heap.c`), and refuses what
//! needs one: SQLSTATE 42P22. COLLATE does not help, for it is heeded in the same later step.

use super::condition::parsed;
use crate::dialect::deep_stack::on_deep_stack;
use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
    visit_expressions, visit_expressions_mut,
};
use std::ops::ControlFlow;

/// Functions whose result depends on a collation.
const COLLATED: [&str; 9] =
    ["greatest", "initcap", "least", "lower", "nullif", "replace", "split_part", "strpos", "upper"];

/// The first part of an expression that needs a collation, although nothing but constants stands in it; `None` if there is none, or
/// the parser does not know the expression's form.
pub(crate) fn collated_constant(expression: &str) -> Option<String> {
    on_deep_stack(|| found(expression)).flatten()
}

fn found(expression: &str) -> Option<String> {
    let mut parsed = parsed(expression)?;
    let _whole: ControlFlow<()> = visit_expressions_mut(&mut parsed, |part| {
        if let Some(taken) = taken(part) {
            *part = taken;
        }
        ControlFlow::Continue(())
    });
    let found = visit_expressions(&parsed, |part| {
        let is_refused = compared(part).iter().any(|operands| are_constant_texts(operands));
        if is_refused { ControlFlow::Break(part.to_string()) } else { ControlFlow::Continue(()) }
    });
    found.break_value()
}

/// The value that a choice takes whatever stands in the row, as PostgreSQL sees it beforehand: `coalesce('A', a)`.
fn taken(part: &Expr) -> Option<Expr> {
    match part {
        Expr::Function(Function { name, args: FunctionArguments::List(list), .. })
            if name.to_string().eq_ignore_ascii_case("coalesce") =>
        {
            list.args.iter().filter_map(argument).find(|one| !is_null(one)).filter(|one| !has_column(one)).cloned()
        }
        Expr::Case { operand: None, conditions, .. } => {
            let first = conditions.first()?;
            let is_true = matches!(&first.condition, Expr::Value(value) if value.value == Value::Boolean(true));
            is_true.then(|| first.result.clone())
        }
        _ => None,
    }
}

fn is_null(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if value.value == Value::Null)
}

fn has_column(expression: &Expr) -> bool {
    let walked = visit_expressions(expression, |part| match part {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    walked.is_break()
}

/// The operands that are compared with one another by a collation.
fn compared(part: &Expr) -> Vec<Vec<&Expr>> {
    match part {
        Expr::BinaryOp { left, op, right } if is_comparison(op) => vec![pair(left, right)],
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => vec![pair(left, right)],
        Expr::Like { expr, pattern, .. }
        | Expr::ILike { expr, pattern, .. }
        | Expr::SimilarTo { expr, pattern, .. } => vec![pair(expr, pattern)],
        Expr::InList { expr, list, .. } => list.iter().map(|item| pair(expr, item)).collect(),
        Expr::Between { expr, low, high, .. } => vec![pair(expr, low), pair(expr, high)],
        Expr::Position { expr, r#in } => vec![pair(expr, r#in)],
        Expr::Case { operand: Some(operand), conditions, .. } => {
            conditions.iter().map(|when| pair(operand, &when.condition)).collect()
        }
        Expr::Function(function) => arguments(function).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn pair<'e>(one: &'e Expr, other: &'e Expr) -> Vec<&'e Expr> {
    vec![one, other]
}

/// The arguments of a function whose result depends on a collation.
fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    let name = function.name.to_string().to_ascii_lowercase();
    let FunctionArguments::List(list) = &function.args else { return None };
    list.args.iter().map(argument).collect::<Option<Vec<_>>>().filter(|_| COLLATED.contains(&name.as_str()))
}

fn argument(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument),
        _ => None,
    }
}

fn is_comparison(operator: &BinaryOperator) -> bool {
    use BinaryOperator::{
        Eq, Gt, GtEq, Lt, LtEq, NotEq, PGILikeMatch, PGLikeMatch, PGNotILikeMatch, PGNotLikeMatch, PGRegexIMatch,
        PGRegexMatch, PGRegexNotIMatch, PGRegexNotMatch,
    };
    matches!(
        operator,
        Eq | NotEq
            | Lt
            | LtEq
            | Gt
            | GtEq
            | PGLikeMatch
            | PGILikeMatch
            | PGNotLikeMatch
            | PGNotILikeMatch
            | PGRegexMatch
            | PGRegexIMatch
            | PGRegexNotMatch
            | PGRegexNotIMatch
    )
}

/// Whether no column stands in any of these, and a text does. A literal that is cast to another type is none.
fn are_constant_texts(operands: &[&Expr]) -> bool {
    !operands.iter().any(|operand| has_column(operand))
        && operands.iter().map(|operand| texts(operand)).sum::<i64>() > 0
}

fn texts(expression: &Expr) -> i64 {
    let is_text = |expression: &Expr| match expression {
        Expr::Value(value) => matches!(value.value, Value::SingleQuotedString(_) | Value::EscapedStringLiteral(_)),
        _ => false,
    };
    let mut texts = 0;
    let _whole: ControlFlow<()> = visit_expressions(expression, |part| {
        texts += match part {
            // The literal inside of it counts, too.
            Expr::Cast { expr, data_type, .. } if is_text(expr) && !matches!(data_type, DataType::Text) => -1,
            other => i64::from(is_text(other)),
        };
        ControlFlow::Continue(())
    });
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_that_need_a_collation_are_found() {
        for (expression, expected) in [
            ("'abc' LIKE 'a%'", Some("'abc' LIKE 'a%'")),
            ("a || lower(coalesce('A', 'b'))", Some("lower('A')")),
            ("upper(substr('abc', 1, 1) COLLATE \"C\")", Some("upper(SUBSTR('abc', 1, 1) COLLATE \"C\")")),
            ("nullif('a', 'b')", Some("nullif('a', 'b')")),
            ("lower('x' || coalesce(NULL, 'A', a))", Some("lower('x' || 'A')")),
            ("upper(CASE WHEN true THEN 'A' ELSE a END)", Some("upper('A')")),
            ("'a' IN (a, 'b')", Some("'a' IN (a, 'b')")),
            ("CASE 'a' WHEN 'b' THEN a END", Some("CASE 'a' WHEN 'b' THEN a END")),
            ("'a' BETWEEN a AND 'b'", Some("'a' BETWEEN a AND 'b'")),
            ("('a' COLLATE \"C\" ~ '^a')::int", Some("'a' COLLATE \"C\" ~ '^a'")),
            ("lower(a) = 'a'", None),
            ("'a' || 'b'", None),
            ("char_length('abc')", None),
            ("1 = 1 AND (2 > 1)", None),
            ("'2024-01-01'::date < '2024-02-01'::date", None),
            ("CASE WHEN a = 'x' THEN 'y' ELSE 'z' END", None),
        ] {
            assert_eq!(collated_constant(expression).as_deref(), expected, "{expression}");
        }
    }
}
