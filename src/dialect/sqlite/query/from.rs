//! FROM: tables, subqueries and joins.

use super::queried::{Queried, column_list};
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::scope::{Relation, Scope, Visible};
use crate::dialect::query::{KnownRelation, push};
use crate::dialect::sqlite::expression::translator::Translator;
use crate::name::quote_identifier;
use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, TableAlias,
    TableFactor, TableWithJoins,
};

impl Translator<'_> {
    /// FROM; its tables are added to `relations`. This translator's scope is the one around the SELECT.
    pub(super) fn from(
        &self,
        from: &[TableWithJoins],
        relations: &mut Vec<Relation>,
    ) -> Result<String, Untranslatable> {
        let mut text = String::new();
        for (at, tables) in from.iter().enumerate() {
            // A comma has lower precedence than JOIN in PostgreSQL, and the same in SQLite.
            text.push_str(if at == 0 { "" } else { "\nCROSS JOIN " });
            text.push_str(&self.factor(&tables.relation, relations)?);
            for join in &tables.joins {
                text.push_str(&self.join(join, relations)?);
            }
        }
        Ok(text)
    }

    fn join(&self, join: &Join, relations: &mut Vec<Relation>) -> Result<String, Untranslatable> {
        let refused =
            || Untranslatable(format!("`{}` is not known to mean the same in PostgreSQL", join.to_string().trim()));
        let (words, constraint) = match &join.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) | JoinOperator::CrossJoin(constraint) => {
                ("JOIN", constraint)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => ("LEFT JOIN", constraint),
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => ("RIGHT JOIN", constraint),
            _ => return Err(refused()),
        };
        let left = relations.len();
        let relation = self.factor(&join.relation, relations)?;
        let condition = match constraint {
            JoinConstraint::On(condition) => Some(condition.clone()),
            JoinConstraint::None => None,
            // The side that the merged column shows depends on the row.
            JoinConstraint::Using(_) | JoinConstraint::Natural if words == "RIGHT JOIN" => return Err(refused()),
            JoinConstraint::Using(names) => {
                let names = names.iter().map(|name| last_part(name).map(|name| name.value.clone()));
                let names = names.collect::<Option<Vec<_>>>().ok_or_else(refused)?;
                merge(relations, left, &names)?
            }
            JoinConstraint::Natural => {
                let (before, after) = relations.split_at(left);
                let is_left = |name: &str| before.iter().any(|relation| relation.column(name).is_some());
                let names = after.iter().flat_map(|relation| &relation.columns).map(|column| column.name.clone());
                let names = names.filter(|name| is_left(name)).collect::<Vec<_>>();
                merge(relations, left, &names)?
            }
        };
        match condition {
            Some(condition) => {
                let scope = Scope { relations: relations.clone(), outer: Some(self.scope), ..Scope::default() };
                let on = Translator { scope: &scope, grouping: None, aliases: &[], ..*self }.truth(&condition)?.text;
                Ok(format!("\n{words} {relation} ON {on}"))
            }
            None if words == "JOIN" => Ok(format!("\nCROSS JOIN {relation}")),
            None => Ok(format!("\n{words} {relation} ON true")),
        }
    }

    fn factor(&self, factor: &TableFactor, relations: &mut Vec<Relation>) -> Result<String, Untranslatable> {
        let refused = || Untranslatable(format!("`{factor}` is not known to mean the same in PostgreSQL"));
        match factor {
            TableFactor::Table { name, alias, args: None, version: None, json_path: None, sample: None, .. } => {
                let readable = match name.0.as_slice() {
                    [ObjectNamePart::Identifier(name)] => self.readable(&name.value)?,
                    [ObjectNamePart::Identifier(schema), ObjectNamePart::Identifier(name)]
                        if schema.value.eq_ignore_ascii_case("main") =>
                    {
                        self.readable(&name.value)?
                    }
                    _ => return Err(refused()),
                };
                let source = last_part(name).ok_or_else(refused)?.value.clone();
                let (alias, qualifier) = match alias {
                    Some(alias) => (plain(alias).ok_or_else(refused)?.to_owned(), quoted(&alias.name.value)),
                    None => (source, readable.name.clone()),
                };
                let text = if qualifier == readable.name {
                    readable.sql.clone()
                } else {
                    format!("{} AS {qualifier}", readable.sql)
                };
                let relation = Relation { alias, ..readable.relation.clone() };
                push(relations, relation, &qualifier)?;
                Ok(text)
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let Queried { sql, columns, .. } = self.query(subquery)?;
                let alias = match alias {
                    Some(alias) => plain(alias).ok_or_else(refused)?.to_owned(),
                    None => format!("subquery_{}", relations.len() + 1),
                };
                let written = |column: &Visible| Visible { sql: Ok(quoted(&column.name)), ..column.typed() };
                let relation = Relation {
                    alias: alias.clone(),
                    columns: columns.iter().map(written).collect(),
                    ..Relation::default()
                };
                let qualifier = quoted(&alias);
                push(relations, relation, &qualifier)?;
                Ok(format!("(\n{sql}\n) AS {qualifier} ({})", column_list(&columns)))
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let text = self.from(std::slice::from_ref(table_with_joins), relations)?;
                Ok(format!("({text})"))
            }
            _ => Err(refused()),
        }
    }

    fn readable(&self, name: &str) -> Result<&KnownRelation, Untranslatable> {
        let relations = self.relations.ok_or_else(|| Untranslatable("it has a subquery".to_owned()))?;
        relations.read(name).map_err(Untranslatable)
    }
}

/// The condition of USING: equal columns, of which the right one is merged with the left one.
fn merge(relations: &mut [Relation], left: usize, names: &[String]) -> Result<Option<Expr>, Untranslatable> {
    let mut condition: Option<Expr> = None;
    for name in names {
        let (before, after) = relations.split_at_mut(left);
        let is_plain = |relation: &&Relation| {
            relation.column(name).is_some() && !relation.merged.iter().any(|merged| merged.eq_ignore_ascii_case(name))
        };
        let one = before.iter().find(is_plain);
        let two = after.iter_mut().find(|relation| relation.column(name).is_some());
        let (Some(one), Some(two)) = (one, two) else {
            return Err(Untranslatable(format!("`{name}` is no column of both sides")));
        };
        two.merged.push(name.clone());
        let of = |relation: &Relation| {
            Box::new(Expr::CompoundIdentifier(vec![Ident::new(&relation.alias), Ident::new(name)]))
        };
        let equal = Expr::BinaryOp { left: of(one), op: BinaryOperator::Eq, right: of(two) };
        condition = Some(match condition {
            Some(condition) => {
                Expr::BinaryOp { left: Box::new(condition), op: BinaryOperator::And, right: Box::new(equal) }
            }
            None => equal,
        });
    }
    Ok(condition)
}

fn last_part(name: &ObjectName) -> Option<&Ident> {
    match name.0.last()? {
        ObjectNamePart::Identifier(name) => Some(name),
        ObjectNamePart::Function(_) => None,
    }
}

/// An alias without a list of columns.
fn plain(alias: &TableAlias) -> Option<&str> {
    alias.columns.is_empty().then_some(alias.name.value.as_str())
}

fn quoted(name: &str) -> String {
    quote_identifier(name).into_owned()
}
