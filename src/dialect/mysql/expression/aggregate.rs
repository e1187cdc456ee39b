//! Aggregate functions (MySQL manual, section "Aggregate Function Descriptions").

use super::function::plain_arguments;
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::dialect::mysql::expression::text_rule::collation_words;
use crate::name::quote_literal;
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
    FunctionArguments, OrderByExpr, Value,
};

/// Whether a function of this name aggregates.
pub(super) fn is_aggregate(name: &str) -> bool {
    matches!(name, "count" | "sum" | "avg" | "min" | "max" | "group_concat")
}

impl Translator<'_> {
    pub(super) fn aggregate(&self, name: &str, function: &Function, expression: &Expr) -> Translation {
        let misplaced = || Untranslatable(format!("`{expression}` stands where no aggregate function can"));
        let groups = self.groups.ok_or_else(misplaced)?;
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        if function.filter.is_some() || groups.is_inside() {
            return Err(unknown(expression));
        }
        groups.inside(|| self.call(name, list, expression, true))
    }

    /// One call, also of a window function.
    pub(super) fn call(
        &self,
        name: &str,
        list: &FunctionArgumentList,
        expression: &Expr,
        may_order: bool,
    ) -> Translation {
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        if name == "group_concat" && may_order {
            return self.group_concat(list, is_distinct, expression);
        }
        if !list.clauses.is_empty() {
            return Err(unknown(expression));
        }
        if let [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] = list.args.as_slice()
            && name == "count"
        {
            return Ok(count("count(*)".to_owned()));
        }
        let arguments = plain_arguments(&list.args).ok_or_else(|| unknown(expression))?;
        let distinct = if is_distinct { "DISTINCT " } else { "" };
        match (name, arguments.as_slice()) {
            ("count", arguments @ [_, _, ..]) if is_distinct => self.count_of_rows(arguments),
            ("count", [argument]) if is_distinct => {
                Ok(count(format!("count(DISTINCT {})", self.distinguished(argument)?.text)))
            }
            // The canonical text of count(*) is count(0).
            ("count", [argument]) if matches!(strip(argument), Expr::Value(value) if matches!(value.value, Value::Number(..))) => {
                Ok(count("count(*)".to_owned()))
            }
            ("count", [argument]) => Ok(count(format!("count({})", self.write(argument)?.text))),
            ("sum", [argument]) => {
                let number = self.number_of_rows(argument)?;
                let is_inexact = number.kind == ValueKind::Float;
                let kind = if is_inexact { ValueKind::Float } else { ValueKind::Decimal };
                let scale = number.decimals();
                // PostgreSQL's sum of integers of 32 bits has 64.
                let is_narrow = number.kind == ValueKind::Integer;
                let text = format!("sum({distinct}{})", number.text);
                Ok(Sql { scale, is_inexact, is_narrow, ..Sql::new(text, kind) })
            }
            ("avg", [argument]) => {
                let number = self.number_of_rows(argument)?;
                self.mean(&number, |text| format!("avg({distinct}{text})"))
            }
            ("min" | "max", [argument]) => self.least(name, argument, expression),
            _ => Err(unknown(expression)),
        }
    }

    /// The argument of sum() and avg(), which PostgreSQL adds up in a wider type by itself.
    fn number_of_rows(&self, argument: &Expr) -> Translation {
        let written = self.value(argument)?;
        match written.kind {
            ValueKind::Integer | ValueKind::Decimal => Ok(written),
            ValueKind::Truth => Ok(written.counted()),
            _ => self.number(argument),
        }
    }

    /// count(DISTINCT a, b): rows in which none is NULL.
    fn count_of_rows(&self, arguments: &[&Expr]) -> Translation {
        let values = arguments.iter().map(|argument| self.distinguished(argument)).collect::<Result<Vec<_>, _>>()?;
        let texts = values.iter().map(|value| value.text.clone()).collect::<Vec<_>>().join(", ");
        let present = values.iter().map(|value| format!("{} IS NOT NULL", value.within(Binds::Other)));
        let present = present.collect::<Vec<_>>().join(" AND ");
        Ok(count(format!("count(DISTINCT ({texts})) FILTER (WHERE {present})")))
    }

    /// min() and max(): texts in the order of their bytes alone.
    fn least(&self, name: &str, argument: &Expr, expression: &Expr) -> Translation {
        let written = self.value(argument)?;
        use ValueKind::{Date, Decimal, Float, Integer, Text, Time, Timestamp, Timestamptz, Truth};
        let written = if written.kind == Truth { written.counted() } else { written };
        let text = match written.kind {
            Integer | Decimal | Float | Date | Time | Timestamp | Timestamptz => format!("{name}({})", written.text),
            Text if self.collation_rule(written.rule.as_ref())?.is_none() && written.rule.is_some() => {
                format!("{name}({} COLLATE \"C\")", written.within(Binds::Atom))
            }
            Text => {
                let collation = collation_words(written.rule.as_ref());
                return Err(Untranslatable(format!("{name}() orders texts by the collation {collation}")));
            }
            _ => return Err(unknown(expression)),
        };
        Ok(Sql { text, binds: Binds::Atom, words: None, ..written })
    }

    /// group_concat(). Without an order that tells rows apart MySQL's answer depends on how it reads them.
    fn group_concat(&self, list: &FunctionArgumentList, is_distinct: bool, expression: &Expr) -> Translation {
        let arguments = plain_arguments(&list.args).ok_or_else(|| unknown(expression))?;
        let [argument] = arguments.as_slice() else { return Err(unknown(expression)) };
        let (mut separator, mut order): (_, &[OrderByExpr]) = (",".to_owned(), &[]);
        for clause in &list.clauses {
            match clause {
                FunctionArgumentClause::OrderBy(terms) => order = terms,
                FunctionArgumentClause::Separator(value) => match &value.value {
                    Value::SingleQuotedString(words) => separator.clone_from(words),
                    _ => return Err(unknown(expression)),
                },
                _ => return Err(unknown(expression)),
            }
        }
        let value = self.text(argument)?;
        let mut is_decided = false;
        let mut terms = Vec::with_capacity(order.len());
        for term in order {
            is_decided = is_decided || strip(&term.expr) == strip(argument) || self.is_key(&term.expr)?;
            terms.push(self.order_term(term)?);
        }
        if !is_decided {
            self.remarks.leaves_open(|| format!("the order of the texts in `{expression}`"));
        }
        let order = if terms.is_empty() { String::new() } else { format!(" ORDER BY {}", terms.join(", ")) };
        if !is_distinct {
            let text = format!("string_agg({}, {}{order})", value.text, quote_literal(&separator));
            return Ok(Sql { words: None, ..Sql { text, binds: Binds::Atom, ..value } });
        }
        let by_bytes = self.collation_rule(value.rule.as_ref())?.is_none() && value.rule.is_some();
        // PostgreSQL orders different values by themselves alone.
        let is_own = match order.is_empty() {
            true => true,
            false => {
                list.clauses.len() <= 2 && terms.len() == 1 && is_decided && !self.is_key(&first_term(list)?.expr)?
            }
        };
        let text = match self.value(argument)?.kind {
            ValueKind::Text if by_bytes && is_own => {
                let value = format!("{} COLLATE \"C\"", value.within(Binds::Atom));
                format!("string_agg(DISTINCT {value}, {}{order})", quote_literal(&separator))
            }
            ValueKind::Integer if is_own => {
                let number = self.value(argument)?.text;
                format!(
                    "array_to_string(array_agg(DISTINCT {number}{order}) FILTER (WHERE {number} IS NOT NULL), {})",
                    quote_literal(&separator)
                )
            }
            _ => return Err(unknown(expression)),
        };
        Ok(Sql { words: None, ..Sql { text, binds: Binds::Atom, ..value } })
    }

    /// Whether an expression is the only column of its table's primary key.
    fn is_key(&self, expression: &Expr) -> Result<bool, Untranslatable> {
        let parts = match strip(expression) {
            Expr::CompoundIdentifier(parts) => parts.as_slice(),
            _ => return Ok(false),
        };
        let [.., qualifier, name] = parts else { return Ok(false) };
        let of = self.scope.relations.iter().find(|relation| relation.alias.eq_ignore_ascii_case(&qualifier.value));
        // Beside another table a row may come more than once.
        let is_alone = self.scope.relations.len() == 1;
        Ok(is_alone
            && of.is_some_and(
                |relation| matches!(relation.key.as_slice(), [only] if only.eq_ignore_ascii_case(&name.value)),
            ))
    }
}

/// The first term of ORDER BY.
fn first_term(list: &FunctionArgumentList) -> Result<&OrderByExpr, Untranslatable> {
    let mut orders = list.clauses.iter().filter_map(|clause| match clause {
        FunctionArgumentClause::OrderBy(terms) => terms.first(),
        _ => None,
    });
    orders.next().ok_or_else(|| Untranslatable("it has no order".to_owned()))
}

/// A number of rows, in 64 bits.
fn count(text: String) -> Sql {
    Sql { coercion: Coercion::Integer, ..Sql::new(text, ValueKind::Integer) }
}
