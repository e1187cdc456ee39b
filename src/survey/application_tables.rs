//! The application's own tables, searched for in a target before it is known whether it has them.

use crate::catalog::{Catalog, Table};
use crate::name::{NameStyle, Schema, Schemas};
use crate::run::ExecuteError;
use crate::target::Session;
use crate::target::existing::{NamedTables, read_tables_by_schema};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Tables of the target that have the names of the source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationTables {
    /// The schema of each database. A database without tables in the target has the schema that the spec would give it.
    pub schemas: Schemas,
    /// The rule by which most names of the source are those of the target.
    pub names: NameStyle,
    /// How many tables of the source are there.
    pub found: usize,
    /// How many tables the source has.
    pub of: usize,
}

impl ApplicationTables {
    /// The schemas that have the application's tables: most of the source's, and for each database the one of several that has
    /// the most of its tables. `otherwise` are those that the databases would be given, and of equals they come first. `None`
    /// for a target that has the tables nowhere.
    ///
    /// # Errors
    /// The target cannot be read.
    pub(crate) async fn find(
        session: &Session,
        catalog: &Catalog,
        otherwise: &Schemas,
    ) -> Result<Option<Self>, ExecuteError> {
        let schemas = read_tables_by_schema(session).await?;
        Ok(Self::among(&schemas, catalog, otherwise))
    }

    fn among(there: &BTreeMap<String, NamedTables>, catalog: &Catalog, otherwise: &Schemas) -> Option<Self> {
        let records = catalog.tool_records();
        let is_the_applications = |table: &&Table| !records.iter().any(|record| record.has(&table.name));
        let tables = catalog.tables.iter().filter(is_the_applications).collect::<Vec<_>>();
        let styles =
            [NameStyle::Preserve, NameStyle::SnakeCase].map(|style| (style, pairs(there, &tables, otherwise, style)));
        // Of equals the first: names as they are before others.
        let best = styles.into_iter().reduce(|best, next| if sum(&next.1) > sum(&best.1) { next } else { best });
        let (names, pairs) = best?;
        let (found, of) = (sum(&pairs).tables, tables.len());
        let is_free = |name: &String| !pairs.iter().any(|pair| pair.schema == name);
        let schema = |prefix: &str| {
            if let Some(pair) = pairs.iter().find(|pair| pair.prefix == prefix) {
                return pair.schema.to_owned();
            }
            let own = otherwise.schema_of(prefix);
            let numbered = (1..=pairs.len()).map(|number| format!("{own}_{number}"));
            [own.to_owned()].into_iter().chain(numbered).find(is_free).unwrap_or_else(|| own.to_owned())
        };
        (found > 0 && 2 * found >= of).then(|| Self { schemas: otherwise.placed(&schema), names, found, of })
    }
}

/// A database and the schema that has tables of it.
struct Pair<'a> {
    /// The beginning of the names of the database's tables.
    prefix: &'a str,
    schema: &'a str,
    fit: Fit,
}

/// A schema for each database of which one has tables: the best pairs first, and no schema for two databases.
fn pairs<'a>(
    there: &'a BTreeMap<String, NamedTables>,
    tables: &[&Table],
    otherwise: &'a Schemas,
    style: NameStyle,
) -> Vec<Pair<'a>> {
    let of_database = |database: &'a Schema| {
        there.iter().map(move |(schema, named)| {
            let fit = Fit::of(tables, database, named, style);
            (Pair { prefix: database.prefix(), schema, fit }, database.name() == schema)
        })
    };
    let mut fits = otherwise.iter().flat_map(of_database).filter(|(pair, _)| pair.fit.tables > 0).collect::<Vec<_>>();
    fits.sort_by_key(|(pair, is_own)| Reverse((pair.fit, *is_own)));
    let mut chosen = Vec::<Pair<'a>>::new();
    for (pair, _) in fits {
        if !chosen.iter().any(|other| other.prefix == pair.prefix || other.schema == pair.schema) {
            chosen.push(pair);
        }
    }
    chosen
}

/// The fits of all databases together.
fn sum(pairs: &[Pair<'_>]) -> Fit {
    let (tables, columns) = (pairs.iter().map(|pair| pair.fit.tables), pairs.iter().map(|pair| pair.fit.columns));
    Fit { tables: tables.sum(), columns: columns.sum() }
}

/// How many names of the source a schema has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    tables: usize,
    columns: usize,
}

impl Fit {
    /// The names of the tables of one database. They are compared without regard to case, as those of existing tables are.
    fn of(tables: &[&Table], database: &Schema, there: &NamedTables, style: NameStyle) -> Self {
        let folded = |name: &String| name.to_lowercase();
        let there = there.iter().map(|(name, columns)| {
            let columns = columns.iter().map(folded).collect::<BTreeSet<_>>();
            (folded(name), columns)
        });
        let there = there.collect::<BTreeMap<_, _>>();
        let found = tables.iter().filter_map(|table| {
            let columns = there.get(&style.apply(database.own(&table.name)?).to_lowercase())?;
            let is_there = |name: &&String| columns.contains(&style.apply(name).to_lowercase());
            Some(table.columns.iter().map(|column| &column.name).filter(is_there).count())
        });
        let found = found.collect::<Vec<_>>();
        Self { tables: found.len(), columns: found.iter().sum() }
    }
}
