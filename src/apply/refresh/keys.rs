//! Foreign keys and triggers on tables whose rows are replaced: the removal of rows would fire them. They are detached
//! and restored in the transaction that replaces the rows, by the statements of the steps `detach` and `restore`,
//! whoever created them; restoring a foreign key checks the rows against it.

use super::copied::qualified;
use crate::catalog::{Detached, RelationKind, TargetForeignKey, TargetTable, remedy};
use crate::name::{QualifiedName, Schemas, quote_identifier};
use crate::plan::{Plan, StepKind, Templates, detached_context};
use crate::run::ExecuteError;
use crate::target::dependencies::read_constraint_numbers;
use crate::target::sqlstate::FOREIGN_KEY_VIOLATION;
use crate::target::{Session, TargetError, existing, grants, structure};
use std::collections::{BTreeMap, BTreeSet};

/// Foreign keys and triggers on the tables, by schema and name of the table that they belong to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ReplacedTableKeys {
    on: BTreeMap<(String, String), Detached>,
    /// Foreign keys of partitioned tables, in words: PostgreSQL adds them only with an immediate check of all rows.
    partitioned: Vec<String>,
}

impl ReplacedTableKeys {
    /// Reads the foreign keys and triggers that a removal of rows from these tables would fire.
    pub(super) async fn read(
        session: &Session,
        schemas: &Schemas,
        tables: &BTreeSet<&str>,
    ) -> Result<Self, ExecuteError> {
        let replaced = tables.iter().map(|table| schemas.place(table)).collect::<BTreeSet<_>>();
        let mut ours = BTreeMap::new();
        for place in &replaced {
            if !ours.contains_key(place.schema) {
                ours.insert(place.schema, relations(session, place.schema).await?);
            }
        }
        let found = replaced.iter().filter_map(|place| ours.get(place.schema)?.get(place.name));
        let referencing = found.flat_map(|table| &table.referenced_by).map(|key| key.schema.clone());
        let others = referencing.filter(|other| !ours.contains_key(other.as_str())).collect::<BTreeSet<_>>();
        let mut keys = Self::default();
        for other in others {
            keys.add(&replaced, &other, &relations(session, &other).await?);
        }
        for (schema, relations) in &ours {
            keys.add(&replaced, schema, relations);
        }
        Ok(keys)
    }

    fn add(&mut self, replaced: &BTreeSet<QualifiedName<'_>>, of: &str, relations: &BTreeMap<String, TargetTable>) {
        for (name, found) in relations {
            let is_replaced = replaced.contains(&QualifiedName { schema: of, name });
            let is_touched = |key: &&TargetForeignKey| {
                let referenced = QualifiedName { schema: &key.referenced_schema, name: &key.referenced_table };
                is_replaced || replaced.contains(&referenced)
            };
            let mut foreign_keys = found.foreign_keys.iter().filter(is_touched).cloned().collect::<Vec<_>>();
            if matches!(found.kind, RelationKind::Partitioned) {
                let words = |key: &TargetForeignKey| format!("the foreign key {} of {}", key.name, qualified(of, name));
                self.partitioned.extend(foreign_keys.iter().map(words));
                foreign_keys.clear();
            }
            let triggers = found.triggers.iter().filter(|trigger| is_replaced && trigger.state.fires());
            let detached = Detached { foreign_keys, triggers: triggers.cloned().collect() };
            if !detached.is_empty() {
                self.on.insert((of.to_owned(), name.clone()), detached);
            }
        }
    }

    /// Foreign keys with schema and name of their tables.
    pub(super) fn foreign_keys(&self) -> impl Iterator<Item = ((&str, &str), &TargetForeignKey)> {
        self.on.iter().flat_map(|((schema, table), detached)| {
            detached.foreign_keys.iter().map(move |key| ((schema.as_str(), table.as_str()), key))
        })
    }

    /// Present oids of the foreign keys' constraints, in the order of [`ReplacedTableKeys::foreign_keys`].
    pub(super) async fn numbers(&self, session: &Session) -> Result<Vec<Option<u32>>, ExecuteError> {
        let tables = self.foreign_keys().map(|((schema, table), _)| qualified(schema, table)).collect::<Vec<_>>();
        let names = self.foreign_keys().map(|(_, key)| key.name.as_str()).collect::<Vec<_>>();
        Ok(read_constraint_numbers(session, &tables, &names).await?)
    }

    /// Pairs of tables that a foreign key connects.
    pub(super) fn connected(&self) -> impl Iterator<Item = ((&str, &str), (&str, &str))> {
        self.foreign_keys().map(|(table, key)| (table, (key.referenced_schema.as_str(), key.referenced_table.as_str())))
    }

    /// Whether something is detached from a table, or from one that references it.
    pub(super) fn touches(&self, table: QualifiedName<'_>) -> bool {
        self.on.contains_key(&(table.schema.to_owned(), table.name.to_owned()))
            || self.connected().any(|(_, referenced)| referenced == (table.schema, table.name))
    }

    /// Reasons for which they cannot be detached and restored, each with its remedy.
    pub(super) async fn obstacles(&self, session: &Session) -> Result<Vec<(String, String)>, ExecuteError> {
        let partitioned = self.partitioned.iter().map(|key| {
            let reason = format!("{key}, a partitioned table, cannot be detached and restored unchanged");
            (reason, "drop it, run the same command again, and create it again".to_owned())
        });
        let mut obstacles = partitioned.collect::<Vec<_>>();
        let tables = self.on.keys().map(|(schema, table)| (schema.as_str(), table.as_str())).collect::<Vec<_>>();
        let foreign = grants::read_foreign(session, &tables).await?;
        let mut lacking = foreign.into_iter().map(|of| (qualified(&of.schema, &of.name), of.grant)).collect::<Vec<_>>();
        let (of, referenced): (Vec<_>, Vec<_>) = self.connected().map(|(_, referenced)| referenced).unzip();
        lacking.extend(grants::read_missing_to_reference(session, &of, &referenced).await?);
        obstacles.extend(lacking.into_iter().map(|(table, grant)| {
            let reason = format!(
                "the role of `target.url` may not detach and restore foreign keys and triggers of {table}, which \
                 replacing rows requires"
            );
            (reason, remedy([grant.as_str()]) + ", then run the same command again")
        }));
        Ok(obstacles)
    }

    /// Detaches foreign keys and triggers.
    pub(super) async fn detach(&self, session: &Session) -> Result<(), ExecuteError> {
        for ((schema, table), detached) in &self.on {
            let doing = format!("taking foreign keys and triggers off {}", qualified(schema, table));
            session.execute(&render(StepKind::Detach, schema, table, detached)?, &doing).await?;
        }
        Ok(())
    }

    /// Restores them, and makes sure that they are as they were.
    pub(super) async fn restore(
        &self,
        session: &Session,
        schemas: &Schemas,
        tables: &BTreeSet<&str>,
    ) -> Result<(), ExecuteError> {
        // ALTER TABLE refuses a table with pending deferred checks.
        session.execute("SET CONSTRAINTS ALL IMMEDIATE", "checking deferred constraints").await?;
        for ((of, table), detached) in &self.on {
            let name = qualified(of, table);
            let doing = format!("putting foreign keys and triggers back on {name}");
            let sql = render(StepKind::Restore, of, table, detached)?;
            session.execute(&sql, &doing).await.map_err(|error| dangling(error, &name))?;
        }
        if *self == Self::read(session, schemas, tables).await? {
            return Ok(());
        }
        let reason = "foreign keys and triggers would differ from before".to_owned();
        Err(ExecuteError::NotRefreshed { reasons: vec![reason] })
    }

    /// Number of orphans of each foreign key that is NOT VALID, which PostgreSQL does not check when it is restored: those among the
    /// rows that meet `others`, where loaded rows may be orphans.
    pub(super) async fn unnoticed(
        &self,
        session: &Session,
        (schemas, plan): (&Schemas, &Plan),
        others: &str,
    ) -> Result<Vec<(String, i64)>, ExecuteError> {
        let mut counts = Vec::new();
        for ((schema, table), detached) in &self.on {
            for key in detached.foreign_keys.iter().filter(|key| !key.validated) {
                let keeps = keeps_orphans(schemas, plan, QualifiedName { schema, name: table }, key);
                let counted = if keeps { others } else { "true" };
                let pairs = key.columns.iter().zip(&key.referenced_columns);
                let equal = |(column, referenced): (&String, &String)| {
                    format!("parent.{} = child.{}", quote_identifier(referenced), quote_identifier(column))
                };
                let is_set = |column: &String| format!("child.{} IS NOT NULL", quote_identifier(column));
                let child = qualified(schema, table);
                let sql = format!(
                    "SELECT count(*) FROM (SELECT * FROM ONLY {child} WHERE {counted}) AS child WHERE {} AND NOT EXISTS (SELECT FROM {} AS parent WHERE {})",
                    key.columns.iter().map(is_set).collect::<Vec<_>>().join(" AND "),
                    qualified(&key.referenced_schema, &key.referenced_table),
                    pairs.map(equal).collect::<Vec<_>>().join(" AND "),
                );
                let doing = format!("counting the rows of {child} that reference nothing");
                let row = session.query_one(&sql, &[], &doing).await?;
                counts.push((format!("{child} ({})", key.name), row.get(0)));
            }
        }
        Ok(counts)
    }
}

/// Whether rows that a run has loaded may be orphans by a foreign key, as in the source: it is NOT VALID, by `not_valid` or by the
/// application's own making.
pub(super) fn keeps_orphans(schemas: &Schemas, plan: &Plan, table: QualifiedName<'_>, key: &TargetForeignKey) -> bool {
    !key.validated && plan.tables.iter().any(|mapping| schemas.place(&mapping.target) == table)
}

/// Relations of a schema, without row counts.
async fn relations(session: &Session, schema: &str) -> Result<BTreeMap<String, TargetTable>, ExecuteError> {
    let schema = Schemas::one(schema);
    let uncounted = structure::read(session, &schema).await?.relations;
    Ok(existing::read(session, &schema, &uncounted).await?)
}

fn render(kind: StepKind, schema: &str, table: &str, detached: &Detached) -> Result<String, ExecuteError> {
    Ok(Templates::new(&Schemas::one(schema), Vec::new())?.render(kind, &detached_context(table, detached))?)
}

/// Error for a foreign key that cannot be restored because of orphans: they reference rows that the source has lost.
fn dangling(error: TargetError, table: &str) -> ExecuteError {
    match error {
        TargetError::Statement { message, code: Some(code), .. } if code == FOREIGN_KEY_VIOLATION => {
            let reason = format!("rows of {table} reference rows that would be gone ({message})");
            ExecuteError::NotRefreshed { reasons: vec![reason] }
        }
        error => error.into(),
    }
}
