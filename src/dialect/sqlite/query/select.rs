//! One SELECT: its list, WHERE, GROUP BY and HAVING.

use super::queried::Queried;
use crate::dialect::expression::grouping::Grouping;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::scope::{Carrier, Relation, Scope, Visible};
use crate::dialect::expression::sql::Sql;
use crate::dialect::expression::{Untranslatable, number_literal, strip};
use crate::dialect::query::shape::is_ordinary_select;
use crate::dialect::sqlite::expression::translator::Translator;
use crate::value::Reading;
use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, OrderByExpr, Select, SelectItem, SelectItemQualifiedWildcardKind, UnaryOperator,
};
use std::borrow::Cow;

/// An entry of the SELECT list, with the name that SQLite gives it.
pub(super) struct Item {
    pub(super) expression: Expr,
    pub(super) name: String,
    /// Named by AS.
    is_alias: bool,
}

impl Translator<'_> {
    /// Writes a SELECT, and the keys of an ORDER BY over its tables.
    pub(super) fn select(
        &self,
        select: &Select,
        order: &[OrderByExpr],
    ) -> Result<(Queried, Vec<String>), Untranslatable> {
        if !is_plain(select) {
            return Err(Untranslatable(format!("`{select}` is not known to mean the same in PostgreSQL")));
        }
        let mut scope = Scope { outer: Some(self.scope), ..Scope::default() };
        let from = self.from(&select.from, &mut scope.relations)?;
        let items = items(&select.projection, &scope.relations)?;
        let aliased = items.iter().filter(|item| item.is_alias);
        let aliases = aliased.map(|item| (item.name.clone(), &item.expression)).collect::<Vec<_>>();
        let rows = Translator { scope: &scope, grouping: None, aliases: &aliases, ..*self };

        let filter = select.selection.as_ref().map(|condition| Ok(rows.truth(condition)?.text)).transpose()?;
        let grouping = Grouping { keys: rows.group_keys(&select.group_by, &items)?, ..Grouping::default() };
        let groups = Translator { grouping: Some(&grouping), aliases: &[], ..rows };
        let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
        let mut written = Vec::new();
        let mut columns = Vec::new();
        for item in &items {
            let column = groups.output(item, is_distinct)?;
            written.push(column.sql.clone().map_err(Untranslatable)?);
            columns.push(column);
        }
        let with_aliases = Translator { aliases: &aliases, ..groups };
        let having = select.having.as_ref().map(|condition| Ok(with_aliases.truth(condition)?.text)).transpose()?;
        let order = order.iter().map(|term| with_aliases.order_term(term, &items)).collect::<Result<Vec<_>, _>>()?;
        let is_grouped = !grouping.keys.is_empty() || grouping.aggregates.get() > 0 || having.is_some();
        if is_grouped && let Some(bare) = grouping.bare.borrow().first() {
            let reason =
                format!("`{bare}` is neither grouped nor aggregated; SQLite takes it from any row of the group");
            return Err(Untranslatable(reason));
        }

        let mut sql = format!("SELECT {}{}", if is_distinct { "DISTINCT " } else { "" }, written.join(", "));
        let mut clause = |word: &str, text: String| {
            if !text.is_empty() {
                sql.push_str(&format!("\n{word} {text}"));
            }
        };
        clause("FROM", from);
        clause("WHERE", filter.unwrap_or_default());
        clause("GROUP BY", grouping.keys.join(", "));
        clause("HAVING", having.unwrap_or_default());
        let is_single = is_grouped && grouping.keys.is_empty();
        Ok((Queried { sql, columns, is_single }, order.into_iter().flatten().collect()))
    }

    /// The keys of GROUP BY. A number is the place of a column.
    fn group_keys(&self, group_by: &GroupByExpr, items: &[Item]) -> Result<Vec<String>, Untranslatable> {
        let GroupByExpr::Expressions(keys, modifiers) = group_by else {
            return Err(Untranslatable(format!("`{group_by}` is not known to mean the same in PostgreSQL")));
        };
        if !modifiers.is_empty() {
            return Err(Untranslatable(format!("`{group_by}` is not known to mean the same in PostgreSQL")));
        }
        let key = |key: &Expr| {
            let meant = &*stands_for(key, items, &|_| None)?;
            self.distinguished(meant)?;
            let written = self.write(meant, Wanted::Natural)?.exactly("GROUP BY")?;
            if !written.kind.is_distinguishable() {
                return Err(Untranslatable(format!("it groups by {}", written.kind)));
            }
            written.compares_alike(&meant.to_string())?;
            // A bare number would be a position, and other constants are refused.
            match written.kind.sql_type() {
                _ if !written.is_bare_constant() && !self.is_literal(meant) => Ok(written.text),
                Some(sql_type) => Ok(written.cast(sql_type, ValueKind::Null).text),
                None => Err(Untranslatable(format!("it groups by `{meant}`, which is the same in all rows"))),
            }
        };
        keys.iter().map(key).collect()
    }

    /// A column of the output.
    fn output(&self, item: &Item, is_distinct: bool) -> Result<Visible, Untranslatable> {
        let written =
            if is_distinct { self.write(&item.expression, Wanted::Natural) } else { self.shown(&item.expression) };
        let (written, found) = (written?, self.column(strip(&item.expression))?);
        let altered_by = found.as_ref().and_then(|found| found.column.altered_by);
        let reading = found.as_ref().map_or(Reading::Stored, |found| found.column.reading);
        // A column that is only selected keeps its type.
        let cast = found.as_ref().and_then(|found| found.column.cast);
        // A column keeps its declared name, whatever its spelling here.
        let own = found.as_ref().filter(|_| !item.is_alias).map(|found| found.column.name.clone());
        let bare = found.filter(|found| found.column.cast.is_some()).map(|found| found.column.sql.clone());
        let equality = self.output_equality(&item.expression);
        if written.kind == ValueKind::JsonPart {
            let reason =
                format!("`{}` is text in PostgreSQL and in SQLite whatever the document holds", item.expression);
            return Err(Untranslatable(reason));
        }
        let is_told_apart = equality.is_bytes() && cast.is_none() && written.kind.is_distinguishable();
        if is_distinct && (!is_told_apart || written.is_inexact) {
            return Err(Untranslatable(format!("DISTINCT distinguishes values of `{}` in another way", item.name)));
        }
        if is_distinct {
            written.compares_alike(&item.name)?;
        }
        // A collation of an inner comparison must not become the column's.
        let is_subquery = matches!(strip(&item.expression), Expr::Subquery(_));
        let is_collated = written.kind == ValueKind::Text && !is_subquery && written.has_collate(&["C"]);
        let Sql { text, kind, coercion, is_inexact, is_narrow, extent, scale, spelled, .. } = written;
        let sql = if is_collated { format!("({text}) COLLATE \"default\"") } else { text };
        let name = own.unwrap_or_else(|| item.name.clone());
        let sql = bare.unwrap_or(Ok(sql));
        Ok(Visible {
            name,
            sql,
            kind,
            changes_dates: false,
            altered_by,
            equality,
            reading,
            coercion,
            cast,
            is_narrow,
            is_inexact,
            extent,
            scale,
            spelled,
            carrier: Carrier::Nothing,
            labels: Vec::new(),
            shown_digits: None,
        })
    }
}

/// The SELECT list with `*` written out, as SQLite expands it: without columns merged by USING. Columns that are not
/// migrated are left out.
fn items(projection: &[SelectItem], relations: &[Relation]) -> Result<Vec<Item>, Untranslatable> {
    let mut items = Vec::new();
    for item in projection {
        match item {
            SelectItem::UnnamedExpr(expression) => {
                items.push(Item { expression: expression.clone(), name: name_of(expression), is_alias: false });
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                items.push(Item { expression: expr.clone(), name: alias.value.clone(), is_alias: true });
            }
            SelectItem::Wildcard(_) => relations.iter().for_each(|relation| all_of(relation, true, &mut items)),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let name = name.to_string();
                let alias = name.trim_matches(['"', '`', '[', ']']);
                let relation = relations.iter().find(|relation| relation.alias.eq_ignore_ascii_case(alias));
                let relation = relation.ok_or_else(|| Untranslatable(format!("it does not read {name}")))?;
                all_of(relation, false, &mut items);
            }
            other => return Err(Untranslatable(format!("`{other}` is not known to mean the same in PostgreSQL"))),
        }
    }
    Ok(items)
}

fn all_of(relation: &Relation, without_merged: bool, items: &mut Vec<Item>) {
    let is_merged = |name: &str| relation.merged.iter().any(|merged| merged.eq_ignore_ascii_case(name));
    for column in &relation.columns {
        if column.sql.is_err() || without_merged && is_merged(&column.name) {
            continue;
        }
        let parts = vec![Ident::new(&relation.alias), Ident::new(&column.name)];
        items.push(Item { expression: Expr::CompoundIdentifier(parts), name: column.name.clone(), is_alias: false });
    }
}

fn name_of(expression: &Expr) -> String {
    match expression {
        Expr::Identifier(name) => name.value.clone(),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// The expression behind a term of ORDER BY or GROUP BY: a number is the position of a column, a name is resolved by
/// `named`. SQLite ignores parentheses, and applies a COLLATE to the resolved expression.
pub(super) fn stands_for<'items>(
    term: &'items Expr,
    items: &'items [Item],
    named: &dyn Fn(&Ident) -> Option<&'items Item>,
) -> Result<Cow<'items, Expr>, Untranslatable> {
    if let Some(place) = place(term) {
        let item = place.checked_sub(1).and_then(|at| items.get(at));
        let item = item.ok_or_else(|| Untranslatable(format!("it has no column {place}")))?;
        return Ok(Cow::Borrowed(&item.expression));
    }
    match term {
        Expr::Nested(inner) => stands_for(inner, items, named),
        Expr::Collate { expr, collation } => {
            let expr = Box::new(stands_for(expr, items, named)?.into_owned());
            Ok(Cow::Owned(Expr::Collate { expr, collation: collation.clone() }))
        }
        Expr::Identifier(name) => Ok(Cow::Borrowed(named(name).map_or(term, |item| &item.expression))),
        other => Ok(Cow::Borrowed(other)),
    }
}

/// The number of an ORDER BY, GROUP BY or LIMIT term, with or without parentheses and sign.
pub(super) fn place(expression: &Expr) -> Option<usize> {
    fn integer(expression: &Expr) -> Option<i64> {
        match strip(expression) {
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => integer(expr),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => integer(expr)?.checked_neg(),
            other => number_literal(other)?.parse().ok(),
        }
    }
    usize::try_from(integer(expression)?).ok()
}

fn is_plain(select: &Select) -> bool {
    is_ordinary_select(select) && select.named_window.is_empty()
}
