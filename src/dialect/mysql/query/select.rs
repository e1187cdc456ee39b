//! One SELECT: its list, WHERE, GROUP BY and HAVING.

use super::groups::{GroupKey, Groups};
use super::order::place;
use super::queried::Queried;
use super::refused;
use crate::catalog::Equality;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::{Carrier, Relation, Scope, Visible};
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip};
use crate::dialect::mysql::expression::translator::Translator;
use crate::dialect::query::shape::is_ordinary_select;
use crate::name::quote_identifier;
use crate::value::Reading;
use sqlparser::ast::{Distinct, Expr, GroupByExpr, OrderByExpr, Select, SelectItem};
use std::collections::BTreeSet;

/// The keys of an ORDER BY, or the reason why it is not known to be the same.
type OrderKeys = Result<Vec<String>, Untranslatable>;

impl Translator<'_> {
    /// Writes a SELECT, and the keys of an ORDER BY over its tables.
    pub(super) fn select(
        &self,
        select: &Select,
        order: &[OrderByExpr],
    ) -> Result<(Queried, OrderKeys), Untranslatable> {
        if !is_plain(select) {
            return Err(refused(&format!("`{select}`")));
        }
        let mut relations = Vec::new();
        let from = self.from(&select.from, &mut relations)?;
        let scope = self.scope_of(relations);
        let items = select.projection.iter().map(item).collect::<Option<Vec<_>>>();
        let items = items.ok_or_else(|| refused("a column without a name"))?;
        let aliases = items.iter().map(|(expression, name)| (*name, *expression)).collect::<Vec<_>>();
        let rows = Translator { scope: &scope, groups: None, aliases: &[], windows: &select.named_window, ..*self };
        let mut filters = Vec::new();
        if let Some(condition) = &select.selection {
            filters.push(rows.truth(condition)?);
        }
        let groups = rows.groups_of(&select.group_by, &items)?;
        let shown = Translator { groups: Some(&groups), ..rows };
        let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
        let (mut list, mut columns) = (Vec::new(), Vec::new());
        for (expression, name) in &items {
            let column = shown.output(expression, name)?;
            list.push(format!("{} AS {}", column.sql.clone().map_err(Untranslatable)?, quote_identifier(name)));
            columns.push(column);
        }
        let named = Translator { aliases: &aliases, ..shown };
        let having = select.having.as_ref().map(|condition| named.truth(condition)).transpose()?;
        let order = self.order_keys(named, order, &items, is_distinct);
        groups.check()?;
        let mut sql = format!("SELECT {}", list.join(", "));
        let mut clause = |word: &str, text: String| {
            if !text.is_empty() {
                sql.push_str(&format!("\n{word} {text}"));
            }
        };
        clause("FROM", from);
        // Without groups HAVING is a condition on rows.
        let having = match having {
            Some(condition) if !groups.is_grouped() => {
                filters.push(condition);
                None
            }
            having => having,
        };
        clause("WHERE", all_of(&filters));
        let keys = groups.keys.iter().map(|key| key.told_apart.clone()).chain(groups.added.take());
        clause("GROUP BY", keys.collect::<Vec<_>>().join(", "));
        clause("HAVING", having.map(|having| having.text).unwrap_or_default());
        let queried = Queried { sql, columns };
        let queried = if is_distinct { self.distinct(queried)? } else { queried };
        Ok((queried, order))
    }

    /// The keys of ORDER BY. With DISTINCT, PostgreSQL orders by columns of the output alone.
    fn order_keys(
        &self,
        named: Translator<'_>,
        order: &[OrderByExpr],
        items: &[(&Expr, &str)],
        is_distinct: bool,
    ) -> OrderKeys {
        if is_distinct && !order.is_empty() {
            return Err(refused("ORDER BY beside DISTINCT"));
        }
        let key = |term: &OrderByExpr| {
            let meant = match place(&term.expr) {
                Some(place) => place.checked_sub(1).and_then(|at| items.get(at)).map(|(expression, _)| *expression),
                None => Some(&term.expr),
            };
            let expr = meant.ok_or_else(|| Untranslatable(format!("it has no column {}", term.expr)))?.clone();
            let by_place = place(&term.expr).is_some();
            let within = if by_place { Translator { aliases: &[], ..named } } else { named };
            within.order_term(&OrderByExpr { expr, ..term.clone() })
        };
        order.iter().map(key).collect()
    }

    /// The keys of GROUP BY. A number is the place of a column.
    fn groups_of(&self, group_by: &GroupByExpr, items: &[(&Expr, &str)]) -> Result<Groups, Untranslatable> {
        let GroupByExpr::Expressions(terms, modifiers) = group_by else { return Err(refused("GROUP BY ALL")) };
        if !modifiers.is_empty() {
            return Err(refused("WITH ROLLUP"));
        }
        let mut meant = Vec::with_capacity(terms.len());
        for term in terms {
            let by_place = place(term).and_then(|place| items.get(place.checked_sub(1)?)).map(|(term, _)| *term);
            // A name without a table is one of the output.
            let by_name = match strip(term) {
                Expr::Identifier(name) => {
                    items.iter().find(|(_, alias)| alias.eq_ignore_ascii_case(&name.value)).map(|(term, _)| *term)
                }
                _ => None,
            };
            meant.push(by_place.or(by_name).unwrap_or(term));
        }
        let determined = self.determined(&meant);
        let mut groups = Groups { determined, ..Groups::default() };
        for term in meant {
            let own = self.own(term)?;
            let written = match &own {
                Some((column, sql)) => Sql { text: sql.clone(), ..column.written()? },
                None => self.value(term)?,
            };
            if written.is_bare_constant() || written.words.is_some() {
                return Err(Untranslatable(format!("it groups by `{term}`, which is the same in all rows")));
            }
            // The rows of a group have one row of the table, and so one text.
            let is_determined = qualifier(term).is_some_and(|table| groups.determined.contains(&table));
            let told_apart = match is_determined && own.is_some() {
                true => written.text.clone(),
                false => self.distinguished(term)?.text,
            };
            groups.keys.push(GroupKey { text: written.text, told_apart });
        }
        Ok(groups)
    }

    /// The tables whose whole primary key is among these keys.
    fn determined(&self, keys: &[&Expr]) -> BTreeSet<String> {
        let is_key = |relation: &Relation, column: &String| {
            keys.iter().any(|key| match strip(key) {
                Expr::CompoundIdentifier(parts) => matches!(parts.as_slice(), [.., table, name]
                    if relation.alias.eq_ignore_ascii_case(&table.value) && name.value.eq_ignore_ascii_case(column)),
                _ => false,
            })
        };
        let relations = self.scope.relations.iter();
        let whole = relations
            .filter(|relation| !relation.key.is_empty() && relation.key.iter().all(|column| is_key(relation, column)));
        whole.map(|relation| relation.alias.to_ascii_lowercase()).collect()
    }

    /// A value that GROUP BY, DISTINCT or PARTITION BY tells apart as the source does.
    pub(in crate::dialect::mysql) fn distinguished(&self, expression: &Expr) -> Translation {
        let refused = || Untranslatable(format!("`{expression}` may be told apart in another way"));
        if let Some((column, sql)) = self.own(expression)? {
            let written = Sql { text: sql, ..column.written()? };
            if !column.labels.is_empty() {
                return Ok(written);
            }
        }
        let written = self.value(expression)?;
        let is_told_apart = written.kind.is_distinguishable() && !written.is_inexact;
        if !is_told_apart || written.words.is_some() || matches!(written.kind, ValueKind::Opaque | ValueKind::Null) {
            return Err(refused());
        }
        if written.kind != ValueKind::Text {
            return Ok(written);
        }
        let rule = self.collation_rule(written.rule.as_ref())?;
        Ok(self.told_apart(&written, rule))
    }

    /// The column that an expression is, with its SQL of its own type; `None` for any other expression.
    fn own(&self, expression: &Expr) -> Result<Option<(&Visible, String)>, Untranslatable> {
        match self.column_of(expression)? {
            Some(column) => Ok(Some((column, column.sql.clone().map_err(Untranslatable)?))),
            None => Ok(None),
        }
    }

    /// A column of the output.
    fn output(&self, expression: &Expr, name: &str) -> Result<Visible, Untranslatable> {
        if let Some((column, sql)) = self.own(expression)? {
            // A column that is only shown keeps its type, whatever the form of its values.
            let bare = Sql { text: sql.clone(), ..Sql::new(sql, column.shown_kind()) };
            let qualified = match strip(expression) {
                Expr::CompoundIdentifier(parts) => parts.iter().rev().nth(1),
                _ => None,
            };
            let shown = match self.groups {
                Some(groups) => groups.watch(self, || groups.column(qualified, expression, bare))?,
                None => bare,
            };
            let is_own = Ok(&shown.text) == column.sql.as_ref();
            let carrier = if is_own || column.carrier == Carrier::Nothing { column.carrier } else { Carrier::Keys };
            let sql = if is_own { shown.text } else { format!("{} COLLATE \"default\"", shown.text) };
            let kind = column.shown_kind();
            return Ok(Visible { name: name.to_owned(), sql: Ok(sql), kind, carrier, ..column.clone() });
        }
        let written = self.write(expression)?;
        let shown = Self::shown(written.clone());
        let is_collated = || self.has_collated_columns() || shown.has_collate(&[]);
        let text = match shown.kind {
            // The collation of an inner comparison, or of a column, is not the output's.
            ValueKind::Text if is_collated() => format!("({}) COLLATE \"default\"", shown.text),
            _ => shown.text,
        };
        let (equality, carrier) = match &written.rule {
            Some(rule) if rule.carrier == Carrier::Column => (rule.equality.clone(), Carrier::Keys),
            Some(rule) => (rule.equality.clone(), rule.carrier),
            // The collation of literals is that of the session which wrote the view.
            None if written.kind == ValueKind::Text => {
                (Equality::Other { collation: "of the session that wrote it".to_owned() }, Carrier::Nothing)
            }
            None => (Equality::Bytes, Carrier::Nothing),
        };
        Ok(Visible {
            name: name.to_owned(),
            sql: Ok(text),
            kind: written.kind,
            changes_dates: false,
            altered_by: None,
            equality,
            reading: Reading::Stored,
            coercion: written.coercion,
            cast: None,
            is_narrow: written.is_narrow,
            is_inexact: written.is_inexact,
            extent: None,
            scale: written.scale.filter(|_| !written.is_mixed),
            spelled: Spelled::default(),
            carrier,
            labels: Vec::new(),
            shown_digits: written.shown_digits,
        })
    }

    fn has_collated_columns(&self) -> bool {
        let is_collated = |relation: &Relation| relation.columns.iter().any(|column| column.carrier == Carrier::Column);
        let (mut scope, mut found): (Option<&Scope<'_>>, bool) = (Some(self.scope), false);
        while let Some(here) = scope {
            found = found || here.relations.iter().any(is_collated);
            scope = here.outer;
        }
        found
    }
}

/// The conditions that all have to hold.
fn all_of(conditions: &[Sql]) -> String {
    match conditions {
        [only] => only.text.clone(),
        conditions => conditions.iter().map(|condition| condition.within(Binds::And)).collect::<Vec<_>>().join(" AND "),
    }
}

/// The expression of an output column and its name.
fn item(item: &SelectItem) -> Option<(&Expr, &str)> {
    match item {
        SelectItem::ExprWithAlias { expr, alias } => Some((expr, &alias.value)),
        // Only a subquery has such, whose column is found by its place.
        SelectItem::UnnamedExpr(expr) => Some((expr, "value")),
        _ => None,
    }
}

/// The table that a column names, in lower case.
fn qualifier(expression: &Expr) -> Option<String> {
    match strip(expression) {
        Expr::CompoundIdentifier(parts) => parts.iter().rev().nth(1).map(|table| table.value.to_ascii_lowercase()),
        _ => None,
    }
}

fn is_plain(select: &Select) -> bool {
    is_ordinary_select(select) && select.select_modifiers.is_none()
}
