//! What an expression may name: the columns of the tables it stands over.

use super::Untranslatable;
use super::extent::Extent;
use super::kind::Kind;
use super::spelling::Spelled;
use super::sql::{Sql, Written};
use crate::catalog::{ColumnType, Equality};
use crate::dialect::sqlite::{Affinity, is_hidden_key};
use crate::value::{Forgetting, Reading, Spelling, Zone};
use sqlparser::ast::{Expr, Ident};
use std::cell::Cell;
use std::collections::BTreeSet;

/// A column of the source and what the plan maps it to, as far as expressions depend on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MappedColumn<'a> {
    /// The column's name in the source.
    pub(crate) source: &'a str,
    /// The column's name in the target.
    pub(crate) target: &'a str,
    /// The type as the source declares it.
    pub(crate) declared_type: &'a str,
    /// The type in the target.
    pub(crate) column_type: &'a ColumnType,
    /// How stored values are understood.
    pub(crate) reading: Reading,
    /// What of a value may be dropped.
    pub(crate) forgetting: Forgetting,
    /// How the source compares its texts.
    pub(crate) equality: &'a Equality,
    /// The smallest and the largest number on the data there are, where they are known.
    pub(crate) extent: Option<(f64, f64)>,
    /// The spellings of the stored values, where they are known.
    pub(crate) spellings: Option<&'a BTreeSet<Spelling>>,
    /// Whether an expression of the spec stands in place of the stored values.
    pub(crate) is_computed: bool,
}

/// A column by the name it has in the source.
#[derive(Debug, Clone)]
pub(crate) struct Visible {
    pub(crate) name: String,
    /// How it is written in PostgreSQL, or why it cannot be.
    pub(crate) sql: Result<String, String>,
    pub(crate) kind: Kind,
    /// How the source compares its texts.
    pub(crate) equality: Equality,
    /// How stored values are understood.
    pub(crate) reading: Reading,
    /// What SQLite converts the other side of a comparison to.
    pub(crate) affinity: Affinity,
    /// How its operators are to be told what it is, where PostgreSQL's type compares in a way of its own (citext, char).
    pub(crate) cast: Option<&'static str>,
    /// PostgreSQL has it in 32 bits or fewer.
    pub(crate) is_narrow: bool,
    /// Its last digits may be others than SQLite's.
    pub(crate) is_inexact: bool,
    /// Between which numbers it lies on the data there are, where that is known.
    pub(crate) extent: Option<Extent>,
    /// The digits after the point of its decimals, at most, where that is known.
    pub(crate) scale: Option<u32>,
    /// How the source spells its values.
    pub(crate) spelled: Spelled,
}

/// A table, view or subquery that stands in FROM.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relation {
    /// The name that the source's SQL qualifies columns with.
    pub(crate) alias: String,
    pub(crate) columns: Vec<Visible>,
    /// The columns that a join has merged with those of a relation to the left (USING, NATURAL).
    pub(crate) merged: Vec<String>,
    /// The column that the engine's words for a hidden key stand for, where it is migrated.
    pub(crate) hidden_key: Option<String>,
}

/// The relations of one SELECT, and those of the SELECT around it.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    pub(crate) relations: Vec<Relation>,
    pub(crate) outer: Option<&'a Scope<'a>>,
    /// What a time without zone means in the source.
    pub(crate) zone: Zone,
    /// A subquery has named a column of this scope.
    pub(crate) is_named_below: Cell<bool>,
}

/// A column that was found.
pub(crate) struct Found<'a> {
    pub(crate) column: &'a Visible,
    /// It belongs to a SELECT around this one.
    pub(crate) is_outer: bool,
}

impl Visible {
    pub(crate) fn of(column: MappedColumn<'_>) -> Self {
        Self {
            name: column.source.to_owned(),
            sql: Ok(crate::name::quote_identifier(column.target).into_owned()),
            kind: kind(&column),
            equality: column.equality.clone(),
            reading: column.reading,
            affinity: Affinity::of(&column.declared_type.to_ascii_uppercase()),
            cast: matches!(column.column_type, ColumnType::Citext | ColumnType::Char(_)).then_some("text"),
            is_narrow: matches!(column.column_type, ColumnType::SmallInt | ColumnType::Integer),
            is_inexact: false,
            extent: column.extent.map(|(low, high)| Extent { low, high }),
            scale: scale(column.column_type),
            spelled: Spelled::of(&column),
        }
    }

    /// The column where it is read from outside: one of nothing but NULL has the type text in PostgreSQL.
    pub(crate) fn typed(&self) -> Self {
        let kind = if self.kind == Kind::Null { Kind::Text } else { self.kind };
        Self { kind, ..self.clone() }
    }

    /// The column in an expression.
    pub(super) fn written(&self) -> Written {
        let sql = self.sql.clone().map_err(Untranslatable)?;
        let sql = match self.cast {
            Some(cast) => format!("{sql}::{cast}"),
            None => sql,
        };
        let Self { kind, affinity, is_narrow, is_inexact, extent, scale, .. } = *self;
        let spelled = self.spelled.clone();
        Ok(Sql { affinity, is_narrow, is_inexact, extent, scale, spelled, ..Sql::new(sql, kind) })
    }
}

/// The kind of a column. Truth values that the source keeps as text cannot be worked with: 't' is true in PostgreSQL, and to
/// SQLite a text without a number, which is false (<https://www.sqlite.org/lang_expr.html#boolean_expressions>).
fn kind(column: &MappedColumn<'_>) -> Kind {
    let are_numbers = |spellings: &BTreeSet<Spelling>| spellings.iter().all(|one| *one == Spelling::Number);
    match Kind::read(column.column_type, column.reading) {
        Kind::Truth if !column.spellings.is_some_and(are_numbers) => Kind::Opaque,
        kind => kind,
    }
}

impl<'a> Scope<'a> {
    /// The columns of one table, unqualified. `everything` are the names of the source's columns: one that is left
    /// behind must not be taken for a string in double quotes.
    pub(crate) fn of_table<'names>(
        columns: impl Iterator<Item = Visible>,
        everything: impl Iterator<Item = &'names str>,
    ) -> Self {
        let mut visible = columns.collect::<Vec<_>>();
        for name in everything {
            if !visible.iter().any(|column| column.name.eq_ignore_ascii_case(name)) {
                visible.push(left_behind(name));
            }
        }
        Self { relations: vec![Relation { columns: visible, ..Relation::default() }], ..Self::default() }
    }

    /// The same with every column refused that PostgreSQL computes: it lets no generated column build on another.
    pub(crate) fn without_generated(mut self, generated: &[String]) -> Self {
        for column in self.relations.iter_mut().flat_map(|relation| &mut relation.columns) {
            if generated.contains(&column.name) {
                column.sql = Err(format!("it builds on the generated column `{}`", column.name));
            }
        }
        self
    }

    /// The column that an identifier names, in this scope or in one around it.
    pub(crate) fn find(&self, expression: &Expr) -> Result<Option<Found<'_>>, Untranslatable> {
        let (qualifier, name) = match expression {
            Expr::Identifier(name) => (None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [qualifier, name] => (Some(qualifier), name),
                [schema, qualifier, name] if schema.value.eq_ignore_ascii_case("main") => (Some(qualifier), name),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        if let Some(column) = self.here(qualifier, name)? {
            return Ok(Some(Found { column, is_outer: false }));
        }
        let Some(outer) = self.outer else { return Ok(None) };
        let Some(found) = outer.find(expression)? else { return Ok(None) };
        outer.is_named_below.set(true);
        // PostgreSQL would look for the qualifier here first.
        let hides = |relation: &Relation| found.column.sql.as_ref().is_ok_and(|sql| hides(relation, sql));
        if self.relations.iter().any(hides) {
            return Err(Untranslatable(format!("a subquery names `{name}` of an outer table that it hides")));
        }
        Ok(Some(Found { is_outer: true, ..found }))
    }

    /// Whether a column of this scope itself is called so, or more than one.
    pub(super) fn is_here(&self, name: &Ident) -> bool {
        !matches!(self.here(None, name), Ok(None))
    }

    fn here(&self, qualifier: Option<&Ident>, name: &Ident) -> Result<Option<&Visible>, Untranslatable> {
        let mut found: Option<&Visible> = None;
        for relation in &self.relations {
            let meant = match qualifier {
                Some(qualifier) => relation.alias.eq_ignore_ascii_case(&qualifier.value),
                None => !relation.merged.iter().any(|merged| merged.eq_ignore_ascii_case(&name.value)),
            };
            let Some(column) = relation.column(&name.value).filter(|_| meant) else { continue };
            if found.is_some() {
                return Err(Untranslatable(format!("`{name}` could be a column of more than one table")));
            }
            found = Some(column);
        }
        Ok(found)
    }
}

impl Relation {
    /// The column of this name; what the engine's words for a hidden key stand for where no column is called so.
    pub(crate) fn column(&self, name: &str) -> Option<&Visible> {
        let named = |name: &str| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        named(name).or_else(|| named(self.hidden_key.as_deref().filter(|_| is_hidden_key(name))?))
    }
}

/// A column that the spec leaves behind.
pub(crate) fn left_behind(name: &str) -> Visible {
    Visible {
        name: name.to_owned(),
        sql: Err(format!("it names `{name}`, which is left behind")),
        kind: Kind::Null,
        equality: Equality::Bytes,
        reading: Reading::Stored,
        affinity: Affinity::Blob,
        cast: None,
        is_narrow: false,
        is_inexact: false,
        extent: None,
        scale: None,
        spelled: Spelled::default(),
    }
}

/// The digits after the point that a type keeps, at most.
fn scale(column_type: &ColumnType) -> Option<u32> {
    match column_type {
        ColumnType::Numeric(Some((_, scale))) => Some(u32::try_from(*scale).unwrap_or(0)),
        column_type => column_type.is_integer().then_some(0),
    }
}

/// Whether a column written as `sql` has the qualifier of this relation.
fn hides(relation: &Relation, sql: &str) -> bool {
    let qualifier = |sql: &str| sql.rsplit_once('.').map(|(qualifier, _)| qualifier.to_owned());
    let ours = relation.columns.iter().find_map(|column| qualifier(column.sql.as_deref().ok()?));
    ours.is_some() && ours == qualifier(sql)
}
