//! UNION and its like, DISTINCT, and recursion.

use super::queried::{Queried, places};
use super::refused;
use crate::catalog::Equality;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::{Carrier, Visible};
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::mysql::expression::translator::Translator;
use crate::dialect::query::{KnownRelation, Relations};
use crate::name::quote_identifier;
use sqlparser::ast::{Cte, SetExpr, SetOperator, SetQuantifier};

impl Translator<'_> {
    /// SELECT, or several of them joined by UNION and its like.
    pub(super) fn set(&self, body: &SetExpr) -> Result<Queried, Untranslatable> {
        match body {
            SetExpr::Select(select) => Ok(self.select(select, &[])?.0),
            SetExpr::Query(query) => {
                let queried = self.query(query)?;
                Ok(Queried { sql: format!("({})", queried.sql), ..queried })
            }
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                // MariaDB goes from left to right, MySQL and PostgreSQL do INTERSECT first.
                let is_mixed = |side: &SetExpr| matches!(side, SetExpr::SetOperation { op: inner, .. } if inner != op);
                if matches!(right.as_ref(), SetExpr::SetOperation { .. }) || is_mixed(left) {
                    return Err(Untranslatable(format!("it mixes {op} and its like")));
                }
                self.operation(&self.set(left)?, *op, *set_quantifier, &self.set(right)?)
            }
            other => Err(refused(&format!("`{other}`"))),
        }
    }

    /// Two queries joined by UNION and its like.
    fn operation(
        &self,
        left: &Queried,
        operator: SetOperator,
        quantifier: SetQuantifier,
        right: &Queried,
    ) -> Result<Queried, Untranslatable> {
        let columns = united(&left.columns, &right.columns)?;
        let all =
            |word: &str| Queried { sql: format!("{}\n{word}\n{}", left.sql, right.sql), columns: columns.clone() };
        let word = match (operator, quantifier) {
            (SetOperator::Union, SetQuantifier::All) => return Ok(all("UNION ALL")),
            (SetOperator::Union, SetQuantifier::None | SetQuantifier::Distinct) => "UNION",
            (SetOperator::Intersect, SetQuantifier::None | SetQuantifier::Distinct) => "INTERSECT",
            (SetOperator::Except, SetQuantifier::None | SetQuantifier::Distinct) => "EXCEPT",
            (operator, quantifier) => return Err(Untranslatable(format!("it has {operator} {quantifier}"))),
        };
        match self.differences(&columns)? {
            None => Ok(all(word)),
            Some(keys) if word == "UNION" => Ok(self.without_equal_rows(all("UNION ALL"), &keys)),
            Some(_) => Err(Untranslatable(format!("its {word} compares texts by a collation"))),
        }
    }

    /// The rows of a query, each once.
    pub(super) fn distinct(&self, queried: Queried) -> Result<Queried, Untranslatable> {
        match self.differences(&queried.columns)? {
            None => {
                let sql = queried.sql.replacen("SELECT ", "SELECT DISTINCT ", 1);
                Ok(Queried { sql, ..queried })
            }
            Some(keys) => Ok(self.without_equal_rows(queried, &keys)),
        }
    }

    /// The keys that tell rows of these columns apart as the source does, of a table `rows` with columns by their places;
    /// `None` if the columns themselves do.
    fn differences(&self, columns: &[Visible]) -> Result<Option<Vec<String>>, Untranslatable> {
        let (mut keys, mut is_folded) = (Vec::with_capacity(columns.len()), false);
        for (at, column) in columns.iter().enumerate() {
            let name = format!("rows.c{}", at + 1);
            let written = Visible { sql: Ok(name.clone()), ..column.typed() }.written()?;
            let is_told_apart = written.kind.is_distinguishable() && written.kind != ValueKind::Opaque;
            if !is_told_apart || written.is_inexact {
                return Err(Untranslatable(format!("values of `{}` may be told apart in another way", column.name)));
            }
            // Labels are told apart by themselves.
            let is_text = written.kind == ValueKind::Text && column.labels.is_empty();
            let rule = if is_text { self.collation_rule(written.rule.as_ref())? } else { None };
            let key = self.told_apart(&written, rule).text;
            is_folded = is_folded || key != name;
            keys.push(key);
        }
        Ok(is_folded.then_some(keys))
    }

    /// The rows of a query, one of those that these keys take for equal.
    fn without_equal_rows(&self, queried: Queried, keys: &[String]) -> Queried {
        self.remarks.leaves_open(|| "which spelling of equal texts it shows".to_owned());
        let shown = queried.columns.iter().zip(keys).enumerate().map(|(at, (column, key))| {
            let (own, name) = (format!("rows.c{}", at + 1), quote_identifier(&column.name).into_owned());
            match own == *key {
                true => format!("{own} AS {name}"),
                false => format!("min({own} COLLATE \"C\") COLLATE \"default\" AS {name}"),
            }
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        let (places, keys) = (places(&queried.columns), keys.join(", "));
        let sql = format!("SELECT {shown}\nFROM (\n{}\n) AS rows ({places})\nGROUP BY {keys}", queried.sql);
        let computed = |column: Visible| match column.carrier {
            Carrier::Column => Visible { carrier: Carrier::Keys, ..column },
            _ => column,
        };
        Queried { sql, columns: queried.columns.into_iter().map(computed).collect() }
    }

    /// A table of WITH that reads itself; `None` if it does not.
    pub(super) fn recursion(
        &self,
        table: &Cte,
        name: &str,
        names: &[&str],
        relations: &Relations,
    ) -> Result<Option<Queried>, Untranslatable> {
        let query = &table.query;
        let SetExpr::SetOperation { op: SetOperator::Union, left, right, set_quantifier } = query.body.as_ref() else {
            return Ok(None);
        };
        let is_plain = query.order_by.is_none() && query.limit_clause.is_none() && query.with.is_none();
        if !is_plain || relations.find(name).is_some() {
            return Ok(None);
        }
        let before = relations.times_read(name);
        let first = self.set(left)?.named(names)?;
        let mut own = relations.clone();
        // The columns have the types of the first part, in which PostgreSQL wants the others to the letter.
        own.insert(name, Ok(KnownRelation::named(name, &first.columns)));
        let second = Translator { relations: Some(&own), ..*self }.set(right)?;
        if own.times_read(name) == before {
            return Ok(None);
        }
        let columns = united(&first.columns, &second.columns)?;
        let is_all = *set_quantifier == SetQuantifier::All;
        if !is_all && self.differences(&columns)?.is_some() {
            return Err(Untranslatable("its recursion compares texts by a collation".to_owned()));
        }
        let cast = |part: &str| {
            let list = columns.iter().enumerate().map(|(at, column)| match column.kind {
                ValueKind::Integer | ValueKind::Date => {
                    Ok(format!("part.c{}::{}", at + 1, column.kind.sql_type().unwrap_or_default()))
                }
                // The first part decides the length of a text and the digits of a decimal in MySQL: longer ones fail.
                kind => Err(Untranslatable(format!("`{}` of a recursive query is {kind}", column.name))),
            });
            let list = list.collect::<Result<Vec<_>, _>>()?.join(", ");
            Ok(format!("SELECT {list} FROM (\n{part}\n) AS part ({})", places(&columns)))
        };
        let word = if is_all { "UNION ALL" } else { "UNION" };
        let sql = format!("{}\n{word}\n{}", cast(&first.sql)?, cast(&second.sql)?);
        let wide = |column: Visible| Visible { is_narrow: false, ..column };
        Ok(Some(Queried { sql, columns: columns.into_iter().map(wide).collect() }))
    }
}

/// The columns of two queries joined by UNION and its like.
fn united(left: &[Visible], right: &[Visible]) -> Result<Vec<Visible>, Untranslatable> {
    if left.len() != right.len() {
        return Err(Untranslatable("its parts have different numbers of columns".to_owned()));
    }
    left.iter().zip(right).map(|(one, two)| unite(one, two)).collect()
}

fn unite(one: &Visible, two: &Visible) -> Result<Visible, Untranslatable> {
    let name = &one.name;
    use ValueKind::{Decimal, Integer, Null, Opaque, Text};
    let kind = match (one.kind, two.kind) {
        // Two NULLs have the type text.
        (Null, Null) => Text,
        (Null, other) | (other, Null) if other != Opaque => other,
        (Integer, Decimal) | (Decimal, Integer) => Decimal,
        (one, two) if one == two && one != Opaque => one,
        (one, two) => return Err(Untranslatable(format!("the parts of `{name}` are {one} and {two}"))),
    };
    if one.reading != two.reading && one.kind != Null && two.kind != Null {
        return Err(Untranslatable(format!("the parts of `{name}` have different forms in the source")));
    }
    if one.labels != two.labels && !(one.labels.is_empty() && two.labels.is_empty()) {
        return Err(Untranslatable(format!("the parts of `{name}` have different labels")));
    }
    // PostgreSQL finds no collation for a column of two.
    let is_collated = |side: &Visible| side.carrier == Carrier::Column && side.kind == Text;
    let has_two = is_collated(one) && is_collated(two) && one.equality != two.equality;
    if has_two || one.kind == Text && two.kind == Text && is_collated(one) != is_collated(two) {
        return Err(Untranslatable(format!("the parts of `{name}` have different collations")));
    }
    // A literal or NULL has no collation of its own; two of them have one that nothing here knows.
    let is_any = |side: &Visible| side.kind == Null;
    let equality = match (&one.equality, &two.equality) {
        (one, two) if one == two => one.clone(),
        (_, other) if is_any(one) => other.clone(),
        (own, _) if is_any(two) => own.clone(),
        _ => Equality::Other { collation: "of its parts".to_owned() },
    };
    let carrier = if one.carrier == two.carrier { one.carrier } else { Carrier::Keys };
    let shown_digits = match (one.shown_digits, two.shown_digits) {
        (None, None) => None,
        (Some(one), Some(two)) => Some(one.max(two)),
        (Some(_), None) if is_any(two) => one.shown_digits,
        (None, Some(_)) if is_any(one) => two.shown_digits,
        _ => return Err(Untranslatable(format!("the parts of `{name}` are a quotient and a number"))),
    };
    let scale = one.scale.zip(two.scale).map(|(one, two)| one.max(two));
    Ok(Visible {
        kind,
        equality,
        carrier,
        shown_digits,
        scale,
        coercion: if one.coercion == two.coercion { one.coercion } else { Coercion::Nothing },
        cast: one.cast.or(two.cast),
        is_narrow: one.is_narrow && two.is_narrow,
        is_inexact: one.is_inexact || two.is_inexact,
        extent: None,
        spelled: Spelled::default(),
        ..one.clone()
    })
}
