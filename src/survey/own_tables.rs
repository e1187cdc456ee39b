//! The application's own tables, looked for in a target of which nobody has said that it has them.

use crate::catalog::{Catalog, Table};
use crate::name::NameStyle;
use crate::run::ExecuteError;
use crate::target::Session;
use crate::target::existing::{NamedTables, tables_by_schema};
use std::collections::{BTreeMap, BTreeSet};

/// Tables of a target schema that have the names of the source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTables {
    /// The schema.
    pub schema: String,
    /// The rule by which most names of the source are those of the target.
    pub names: NameStyle,
    /// How many tables of the source are there.
    pub found: usize,
    /// How many tables the source has.
    pub of: usize,
}

impl OwnTables {
    /// The schema that has the application's tables: most of the source's, and of several schemas the one with the most.
    /// `None` for a target that has them nowhere.
    ///
    /// # Errors
    /// The target cannot be read.
    pub(crate) async fn find(session: &Session, catalog: &Catalog) -> Result<Option<Self>, ExecuteError> {
        if catalog.is_of_databases() {
            // Each of several databases has a schema of its own, which transship makes.
            return Ok(None);
        }
        let schemas = tables_by_schema(session).await?;
        Ok(Self::among(&schemas, catalog))
    }

    fn among(schemas: &BTreeMap<String, NamedTables>, catalog: &Catalog) -> Option<Self> {
        let records = catalog.tool_records();
        let is_the_applications = |table: &&Table| !records.iter().any(|record| record.has(&table.name));
        let tables = catalog.tables.iter().filter(is_the_applications).collect::<Vec<_>>();
        let styles = [NameStyle::Preserve, NameStyle::SnakeCase];
        let fits = schemas.iter().flat_map(|(schema, there)| {
            let fit = |style| (schema, style, Fit::of(&tables, there, style));
            styles.map(fit)
        });
        // Of equals the first: names as they are before others.
        let best = fits.reduce(|best, fit| if fit.2 > best.2 { fit } else { best });
        let (schema, names, Fit { tables: found, .. }) = best?;
        let of = tables.len();
        (found > 0 && 2 * found >= of).then(|| Self { schema: schema.clone(), names, found, of })
    }
}

/// How many names of the source a schema has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    tables: usize,
    columns: usize,
}

impl Fit {
    /// Names are compared without regard to case, as those of existing tables are.
    fn of(tables: &[&Table], there: &NamedTables, style: NameStyle) -> Self {
        let folded = |name: &String| name.to_lowercase();
        let there = there.iter().map(|(name, columns)| {
            let columns = columns.iter().map(folded).collect::<BTreeSet<_>>();
            (folded(name), columns)
        });
        let there = there.collect::<BTreeMap<_, _>>();
        let found = tables.iter().filter_map(|table| {
            let columns = there.get(&style.apply(&table.name).to_lowercase())?;
            let is_there = |name: &&String| columns.contains(&style.apply(name).to_lowercase());
            Some(table.columns.iter().map(|column| &column.name).filter(is_there).count())
        });
        let found = found.collect::<Vec<_>>();
        Self { tables: found.len(), columns: found.iter().sum() }
    }
}
