//! Views of MySQL in PostgreSQL's SQL.
//!
//! The text is the canonical one of information_schema, in which every column has its table and every output its name.
//! A query that is not known to give the same rows is refused with the reason.

mod from;
mod groups;
mod order;
mod queried;
mod select;
mod set;
mod subquery;

pub(super) use groups::Groups;

use super::expression::translator::Translator;
use super::grammar::{GRAMMAR, parsable, without_backslash};
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::Scope;
use crate::dialect::query::shape::is_ordinary;
use crate::dialect::query::{KnownRelation, Relations, TranslatedView};
use crate::name::quote_identifier;
use crate::value::Zone;
use queried::{Queried, column_list};
use sqlparser::ast::{CreateView, Cte, Query, Statement};

/// Writes the SELECT of a view. `columns` are the names of its columns as the source reports them, if they were read.
pub(super) fn view(
    statement: &str,
    columns: Option<&[String]>,
    relations: &Relations,
    zone: &Zone,
) -> Result<TranslatedView, Untranslatable> {
    if statement.is_empty() {
        return Err(Untranslatable("its text is hidden from this user, who lacks the right SHOW VIEW".to_owned()));
    }
    without_backslash(statement)?;
    let (scope, remarks) = (Scope { zone: zone.clone(), ..Scope::default() }, Remarks::default());
    let translator = Translator {
        scope: &scope,
        remarks: &remarks,
        relations: Some(relations),
        groups: None,
        aliases: &[],
        windows: &[],
    };
    let Queried { sql, columns: mut outputs } =
        GRAMMAR.statements(&parsable(statement), |statements| match statements {
            [Statement::CreateView(CreateView { query, .. })] => translator.query(query),
            _ => Err(Untranslatable("it is no CREATE VIEW".to_owned())),
        })?;
    if let Some(columns) = columns {
        if outputs.len() != columns.len() {
            return Err(Untranslatable(format!("it has {} columns in the source", columns.len())));
        }
        for (output, name) in outputs.iter_mut().zip(columns) {
            output.name.clone_from(name);
        }
    }
    Ok(TranslatedView {
        sql,
        columns: outputs,
        is_exact: false,
        reads_clock: remarks.reads_clock.get(),
        undetermined: remarks.undetermined.take(),
        excesses: Vec::new(),
    })
}

fn refused(what: &str) -> Untranslatable {
    Untranslatable(format!("{what} is not known to mean the same in PostgreSQL"))
}

impl Translator<'_> {
    /// Writes a query; this translator's scope is the one around it.
    fn query(&self, query: &Query) -> Result<Queried, Untranslatable> {
        let Some(relations) = self.relations.filter(|_| is_ordinary(query)) else {
            return Err(refused(&format!("`{query}`")));
        };
        let Some(with) = &query.with else { return self.ordered(query) };
        let (mut relations, mut tables) = (relations.clone(), Vec::new());
        for table in &with.cte_tables {
            let before = relations.clone();
            let within = Translator { relations: Some(&before), ..*self };
            tables.push(within.table_expression(table, with.recursive, &mut relations)?);
        }
        let queried = Translator { relations: Some(&relations), ..*self }.ordered(query)?;
        let recursive = if with.recursive { "RECURSIVE " } else { "" };
        Ok(Queried { sql: format!("WITH {recursive}{}\n{}", tables.join(", "), queried.sql), ..queried })
    }

    /// One table of WITH.
    fn table_expression(
        &self,
        table: &Cte,
        may_recur: bool,
        relations: &mut Relations,
    ) -> Result<String, Untranslatable> {
        let name = table.alias.name.value.as_str();
        let names = table.alias.columns.iter().map(|column| column.name.value.as_str()).collect::<Vec<_>>();
        let queried = match self.recursion(table, name, &names, relations)? {
            Some(queried) if may_recur => queried,
            _ => self.query(&table.query)?.named(&names)?,
        };
        relations.insert(name, Ok(KnownRelation::named(name, &queried.columns)));
        let columns = column_list(&queried.columns);
        Ok(format!("{} ({columns}) AS (\n{}\n)", quote_identifier(name), queried.sql))
    }
}
