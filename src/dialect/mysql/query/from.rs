//! FROM: tables, derived tables and joins.

use super::queried::{Queried, column_list};
use super::refused;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::scope::{Relation, Scope, Visible};
use crate::dialect::mysql::expression::translator::Translator;
use crate::dialect::query::{KnownRelation, push};
use crate::name::quote_identifier;
use sqlparser::ast::{Join, JoinConstraint, JoinOperator, ObjectNamePart, TableAlias, TableFactor, TableWithJoins};

impl Translator<'_> {
    /// FROM; its tables are added to `relations`. This translator's scope is the one around the SELECT.
    pub(super) fn from(
        &self,
        from: &[TableWithJoins],
        relations: &mut Vec<Relation>,
    ) -> Result<String, Untranslatable> {
        let mut text = String::new();
        for (at, tables) in from.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "\nCROSS JOIN " });
            text.push_str(&self.factor(&tables.relation, relations)?);
            for join in &tables.joins {
                text.push_str(&self.join(join, relations)?);
            }
        }
        Ok(text)
    }

    /// A join. The canonical text has neither USING nor NATURAL, and LEFT in place of RIGHT.
    fn join(
        &self,
        Join { relation, join_operator, .. }: &Join,
        relations: &mut Vec<Relation>,
    ) -> Result<String, Untranslatable> {
        let (words, constraint) = match join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) | JoinOperator::CrossJoin(constraint) => {
                ("JOIN", constraint)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => ("LEFT JOIN", constraint),
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => ("RIGHT JOIN", constraint),
            _ => return Err(refused("a join of its kind")),
        };
        let relation = self.factor(relation, relations)?;
        match constraint {
            JoinConstraint::On(condition) => {
                let scope = self.scope_of(std::mem::take(relations));
                let on = Translator { scope: &scope, groups: None, aliases: &[], ..*self }.truth(condition);
                let on = on.map(|on| on.text);
                *relations = scope.relations;
                Ok(format!("\n{words} {relation} ON {}", on?))
            }
            JoinConstraint::None if words == "JOIN" => Ok(format!("\nCROSS JOIN {relation}")),
            _ => Err(refused("a join without a condition")),
        }
    }

    /// The scope of a SELECT over these tables, inside of this one.
    pub(super) fn scope_of(&self, relations: Vec<Relation>) -> Scope<'_> {
        Scope { relations, outer: Some(self.scope), zone: self.scope.zone.clone(), ..Scope::default() }
    }

    fn factor(&self, factor: &TableFactor, relations: &mut Vec<Relation>) -> Result<String, Untranslatable> {
        match factor {
            TableFactor::Table { name, alias, args: None, partitions, sample: None, .. } if partitions.is_empty() => {
                let [ObjectNamePart::Identifier(source)] = name.0.as_slice() else {
                    return Err(Untranslatable(format!("it reads {name} of another database")));
                };
                let known = self.relations.ok_or_else(|| refused("a subquery"))?;
                let KnownRelation { sql, name, bare, relation } = known.read(&source.value).map_err(Untranslatable)?;
                let (alias, qualifier) = match alias {
                    Some(alias) => {
                        let alias = plain(alias)?.to_owned();
                        let qualifier = quoted(&alias);
                        (alias, qualifier)
                    }
                    None => (source.value.clone(), name.clone()),
                };
                let text = if qualifier == *bare { sql.clone() } else { format!("{sql} AS {qualifier}") };
                push(relations, Relation { alias, ..relation.clone() }, &qualifier)?;
                Ok(text)
            }
            TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None } => {
                let names = alias.columns.iter().map(|column| column.name.value.as_str()).collect::<Vec<_>>();
                // A derived table does not see the tables beside it, and neither those around its SELECT.
                let outside = Scope { zone: self.scope.zone.clone(), ..Scope::default() };
                let within = Translator { scope: &outside, groups: None, aliases: &[], windows: &[], ..*self };
                let Queried { sql, columns } = within.query(subquery)?.named(&names)?;
                let written = |column: &Visible| Visible { sql: Ok(quoted(&column.name)), ..column.typed() };
                let name = alias.name.value.clone();
                let relation = Relation {
                    alias: name.clone(),
                    columns: columns.iter().map(written).collect(),
                    ..Relation::default()
                };
                let qualifier = quoted(&name);
                push(relations, relation, &qualifier)?;
                Ok(format!("(\n{sql}\n) AS {qualifier} ({})", column_list(&columns)))
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let text = self.from(std::slice::from_ref(table_with_joins), relations)?;
                Ok(format!("({text})"))
            }
            _ => Err(refused("a table of its kind in FROM")),
        }
    }
}

/// An alias without a list of columns.
fn plain(alias: &TableAlias) -> Result<&str, Untranslatable> {
    if alias.columns.is_empty() { Ok(&alias.name.value) } else { Err(refused("an alias with columns")) }
}

fn quoted(name: &str) -> String {
    quote_identifier(name).into_owned()
}
