//! Rows that a run has loaded into tables of the application: they are identified by the transactions that wrote them,
//! and removed. Foreign keys and triggers that an interrupted run left detached are restored.
//!
//! A row that was changed since was written by another transaction, and is the application's. If the spec says that a
//! table keeps rows of its own (`existing_rows = "keep"`), such rows stay; otherwise they stop the rollback.

use crate::catalog::Detached;
use crate::name::{QualifiedName, Schema, Schemas};
use crate::plan::{StepKind, Templates};
use crate::run::grants::need_to_replace;
use crate::run::{ExecuteError, Tables};
use crate::spec::{Spec, TablesMode};
use crate::target::dependencies::{ReferencingKey, read_referencing_keys};
use crate::target::grants::{read_foreign, read_missing, read_missing_to_read_referencing};
use crate::target::ledger::{Load, UndoRow};
use crate::target::{Ledger, Session, TargetError, existing};
use crate::value::counted_rows as rows;
use std::collections::{BTreeMap, BTreeSet};

use super::inventory::{Inventory, shortened};
use super::overwritten::Overwritten;
use super::rows::{LoadedCounts, LoadedTable};
use super::{OnChanges, TableRows, rules};
use crate::target::identity;
use crate::target::identity::RecordedObject;

/// Tables of the application that a migration has touched.
#[derive(Debug)]
pub(super) struct Application {
    /// The schemas of the application's tables.
    schemas: Schemas,
    tables: Vec<LoadedApplicationTable>,
    on_changes: OnChanges,
    /// Foreign keys and triggers that an interrupted run left detached, by table.
    off: BTreeMap<String, Detached>,
    /// Rows that were removed before the load, in words.
    pub(super) emptied: Vec<String>,
}

/// Table of the application with loaded rows.
#[derive(Debug, Clone)]
struct LoadedApplicationTable {
    /// Name of the table at the time of the load.
    old_name: String,
    /// Present schema and name.
    schema: String,
    name: String,
    /// Rows of the table.
    loaded: LoadedTable,
    /// Rows of the application's own that have the source's values, and get theirs back; `None` if there are none.
    overwritten: Option<Overwritten>,
    /// Whether the table is known to be missing.
    is_gone: bool,
}

impl Application {
    /// Reads the migration's work on tables of the application from the ledger.
    pub(super) async fn read(
        spec: &Spec,
        session: &Session,
        ledger: &Ledger,
        schemas: &Schemas,
        way: &[UndoRow],
        on_changes: OnChanges,
    ) -> Result<Self, ExecuteError> {
        let is_done = |kind: StepKind, name: &str| way.iter().any(|row| row.name_of(kind) == Some(name));
        let is_filled = spec.target.tables == TablesMode::Existing
            || [StepKind::Detach, StepKind::Truncate].iter().any(|kind| way.iter().any(|row| row.is(*kind)));
        let qualified = |name: &str| schemas.qualified(name);
        let steps = ledger.read_transactions_of_steps(session, Some(StepKind::Step)).await?;
        let copies = way.iter().filter_map(|row| Some((row.name_of(StepKind::Copy)?, row.made.as_ref()?.first()?)));
        let copies = copies.collect::<BTreeMap<_, _>>();
        let mut tables = Vec::new();
        for Load { source, target, rows, mut transactions, unknown } in ledger.read_loads(session).await? {
            let name = match target {
                Some(target) if is_done(StepKind::Table, &target) => continue,
                Some(target) => target,
                None if !is_filled => continue,
                None => {
                    let reason = "an earlier version of transship loaded them".to_owned();
                    return Err(ExecuteError::RowsUnknown { table: source, reason });
                }
            };
            if let Some(reason) = unknown.filter(|_| rows > 0) {
                return Err(ExecuteError::RowsUnknown { table: qualified(&name), reason: reason.to_owned() });
            }
            let keeps = spec.existing_rows(&source).keeps();
            if !keeps {
                transactions.extend(steps.iter().cloned());
            }
            let copied = copies.get(name.as_str());
            let overwritten = Overwritten::read(session, ledger, &source, &name, &spec.target.schemas).await?;
            let more = overwritten.as_ref().map_or(0, |overwritten| overwritten.rows);
            tables.push(
                filled(
                    session,
                    schemas,
                    name,
                    copied.copied(),
                    |table| LoadedTable {
                        table,
                        goes: false,
                        // Changed rows stay if the user wants that.
                        keeps: keeps || on_changes == OnChanges::Keep,
                        copied: rows + more,
                        transactions,
                        unknown: None,
                    },
                    overwritten,
                )
                .await?,
            );
        }
        tables.sort_by(|one: &LoadedApplicationTable, two| one.old_name.cmp(&two.old_name));
        let off = ledger.read_not_restored(session).await?;
        // A table that was set aside and no longer has an undo was discarded.
        let is_discarded = |row: &UndoRow| {
            row.is(StepKind::SetAside) && row.rows.is_some() && row.statements.as_ref().is_some_and(Vec::is_empty)
        };
        let emptied = way.iter().filter(|row| row.is(StepKind::Truncate) && row.rows != Some(0) || is_discarded(row));
        let emptied = emptied.filter_map(|row| {
            let name = &row.step.as_ref()?.name;
            Some(format!("{} of {}", row.rows.map_or_else(|| "the rows".to_owned(), rows), qualified(name)))
        });
        let mut emptied = emptied.collect::<Vec<_>>();
        emptied.sort();
        Ok(Self { schemas: schemas.clone(), tables, on_changes, off, emptied })
    }

    /// Counts the rows that are removed of each table. Returns them with the changes of others, in words.
    pub(super) async fn rows(&self, session: &Session) -> Result<(Vec<TableRows>, Vec<String>), ExecuteError> {
        let (mut found, mut changed) = (Vec::new(), Vec::new());
        for table in &self.tables {
            let count = table.count(session).await?;
            changed.extend(count.and_then(|count| table.loaded.changed(count)));
            let restored = match (&table.overwritten, count) {
                (Some(those), Some(_)) => those.restorable(session, &table.loaded).await?,
                _ => 0,
            };
            let all = table.overwritten.as_ref().map_or(0, |those| those.rows);
            let going = |count: LoadedCounts| {
                if table.loaded.keeps { count.loaded.saturating_sub(restored) } else { count.all }
            };
            found.push(TableRows {
                table: table.loaded.table.clone(),
                rows: count.map(going),
                copied: Some(table.loaded.copied.saturating_sub(all)),
                others: 0,
                stays: true,
                restored,
            });
        }
        Ok((found, changed))
    }

    /// Makes sure that removing the rows would fire no rule.
    async fn expect_no_rules(&self, session: &Session) -> Result<(), ExecuteError> {
        let going = self.tables.iter().filter(|table| !table.is_gone);
        rules::expect_none(session, going.map(|table| (table.place(), table.overwritten.is_some()))).await
    }

    /// Makes sure that the role may remove the rows and restore what is detached, and that no rule is in the way, before the user
    /// is asked.
    pub(super) async fn expect_rights(&self, session: &Session) -> Result<(), ExecuteError> {
        self.expect_no_rules(session).await?;
        let mut grants = BTreeSet::new();
        let places = self.places();
        for table in self.tables.iter().filter(|table| !table.is_gone) {
            let Some(found) = existing::read_one(session, table.place()).await? else { continue };
            let is_altered = !Detached::of(&found, &places).is_empty();
            let need = need_to_replace(&table.name, false, is_altered);
            grants.extend(read_missing(session, &Schemas::one(&table.schema), need).await?);
        }
        let off = self.off.keys().map(|name| self.schemas.place(name));
        let off = off.map(|place| (place.schema, place.name)).collect::<Vec<_>>();
        grants.extend(read_foreign(session, &off).await?.into_iter().map(|foreign| foreign.grant));
        let going = self.tables.iter().filter(|table| !table.is_gone);
        let (schemas, names): (Vec<_>, Vec<_>) =
            going.map(|table| (table.schema.as_str(), table.name.as_str())).unzip();
        grants.extend(read_missing_to_read_referencing(session, &schemas, &names).await?);
        if grants.is_empty() {
            return Ok(());
        }
        let what = "remove the rows that this migration has loaded".to_owned();
        Err(TargetError::NotPermitted { what, grants: grants.into_iter().collect() }.into())
    }

    /// Present places of the filled tables that exist.
    fn places(&self) -> BTreeSet<QualifiedName<'_>> {
        self.tables.iter().filter(|table| !table.is_gone).map(LoadedApplicationTable::place).collect()
    }

    /// Locks the tables against writers, and makes sure once more that only loaded rows will be removed.
    pub(super) async fn lock(&self, session: &Session) -> Result<(), ExecuteError> {
        for table in &self.tables {
            if table.count(session).await?.is_some() {
                let lock = format!("LOCK TABLE {} IN EXCLUSIVE MODE", table.loaded.table);
                session.execute(&lock, &format!("locking {}", table.loaded.table)).await?;
            }
        }
        self.expect_no_rules(session).await?;
        let (_, changes) = self.rows(session).await?;
        if self.on_changes == OnChanges::Stop && !changes.is_empty() {
            return Err(ExecuteError::ChangedByOthers { changes });
        }
        self.is_referenced(session).await
    }

    /// Removes the rows and restores what was detached, after the last step is undone.
    pub(super) async fn remove(&self, session: &Session) -> Result<(), ExecuteError> {
        if self.tables.is_empty() && self.off.is_empty() {
            return Ok(());
        }
        let mut templates = BTreeMap::new();
        let own = self.schemas.iter().map(Schema::name);
        for schema in self.tables.iter().map(|table| table.schema.as_str()).chain(own) {
            let schemas = Schemas::one(schema);
            let of_schema = Templates::new(&schemas, Vec::new())?;
            templates.insert(schema.to_owned(), (schemas, of_schema));
        }
        let tables_of = |schema: &str| {
            let (schemas, templates) = templates.get(schema)?;
            Some(Tables { session, schemas, templates })
        };
        let places = self.places();
        // Objects that an interrupted run left detached are restored together with those that the removal of rows would
        // fire.
        let (mut back, mut emptied) = (self.not_filled(), Vec::new());
        for table in self.tables.iter().filter(|table| !table.is_gone) {
            let Some(tables) = tables_of(&table.schema) else { continue };
            if existing::read_one(session, table.place()).await?.is_none() {
                continue;
            }
            let known = self.off.get(&table.old_name).cloned().unwrap_or_default();
            let (off, _) = tables.detach(&table.name, &known, &places).await?;
            back.insert((table.schema.clone(), table.name.clone()), off);
            emptied.push(table);
        }
        // Of all tables before any row goes: a row may reference one that is removed.
        for overwritten in emptied.iter().filter_map(|table| table.overwritten.as_ref().map(|those| (table, those))) {
            overwritten.1.restore(session, &overwritten.0.loaded).await?;
        }
        for table in emptied {
            table.remove(session).await?;
        }
        for ((schema, name), off) in back.iter().filter(|(_, off)| !off.is_empty()) {
            if let Some(tables) = tables_of(schema) {
                tables.restore(name, off).await?;
            }
        }
        Ok(())
    }

    /// Objects detached from tables into which nothing was loaded, by schema and name.
    fn not_filled(&self) -> BTreeMap<(String, String), Detached> {
        let is_filled = |name: &String| self.tables.iter().any(|table| table.old_name == *name);
        let off = self.off.iter().filter(|(name, _)| !is_filled(name));
        let placed = off.map(|(name, off)| {
            let QualifiedName { schema, name } = self.schemas.place(name);
            ((schema.to_owned(), name.to_owned()), off.clone())
        });
        placed.collect()
    }

    /// Makes sure that no remaining row references a removed one: ON DELETE would alter or remove it, and a foreign key
    /// restored as NOT VALID would not be checked.
    async fn is_referenced(&self, session: &Session) -> Result<(), ExecuteError> {
        let going = self.tables.iter().filter(|table| !table.is_gone);
        let overwritten = going.clone().filter_map(|table| Some((&table.loaded.table, table.overwritten.as_ref()?)));
        let overwritten = overwritten.collect::<BTreeMap<_, _>>();
        let going = going.map(|table| &table.loaded);
        let going = going.map(|loaded| (loaded.table.as_str(), loaded)).collect::<BTreeMap<_, _>>();
        let tables = going.keys().copied().collect::<Vec<_>>();
        let doing = "looking for rows that reference them";
        for ReferencingKey { name, from, to, child, parent, condition } in
            read_referencing_keys(session, &tables, doing).await?
        {
            let child = child.and_then(|table| going.get(table.as_str()));
            let Some(parent) = going.get(parent.as_str()) else { continue };
            if child.is_some_and(|child| !child.keeps) {
                continue;
            }
            let none = Vec::new();
            // Rows that get their own values back stay.
            let stays = overwritten.get(&parent.table).map_or("false", |overwritten| &overwritten.is_one);
            let (going, parents) = (child.map_or(&none, |child| &child.transactions), &parent.transactions);
            let sql = format!(
                "SELECT count(*) FROM ONLY {from} child WHERE child.xmin NOT IN (SELECT unnest($1::text[])::xid) \
                 AND EXISTS (SELECT FROM {to} parent WHERE {condition} \
                             AND (NOT $3 OR parent.xmin IN (SELECT unnest($2::text[])::xid)) AND NOT ({stays}))"
            );
            let counted = session.query_one(&sql, &[going, parents, &parent.keeps], doing).await?;
            let referencing = u64::try_from(counted.get::<_, i64>(0)).unwrap_or(u64::MAX);
            if referencing > 0 {
                let verb = if referencing == 1 { "references" } else { "reference" };
                let message = format!("{} of {from} {verb} rows of {to} (foreign key {name})", rows(referencing));
                return Err(ExecuteError::Dependents { step: format!("the load of {}", parent.table), message });
            }
        }
        Ok(())
    }
}

impl LoadedApplicationTable {
    /// The table's present place.
    fn place(&self) -> QualifiedName<'_> {
        QualifiedName { schema: &self.schema, name: &self.name }
    }

    /// Counts the rows; `None` if the table is missing.
    async fn count(&self, session: &Session) -> Result<Option<LoadedCounts>, TargetError> {
        if self.is_gone { Ok(None) } else { self.loaded.count(session).await }
    }

    /// Removes the rows. If the table keeps none of its own, all of them are loaded ones: that was checked under the
    /// lock, and the `undo` of a step of the user's may have rewritten them since.
    async fn remove(&self, session: &Session) -> Result<(), ExecuteError> {
        let table = &self.loaded.table;
        let doing = format!("removing the rows that were loaded into {table}");
        let Some(count) = self.count(session).await? else { return Ok(()) };
        let (removed, expected) = if self.loaded.keeps {
            let sql = format!("DELETE FROM ONLY {table} WHERE xmin IN (SELECT unnest($1::text[])::xid)");
            (session.change(&sql, &[&self.loaded.transactions], &doing).await?, count.loaded)
        } else {
            (session.change(&format!("DELETE FROM ONLY {table}"), &[], &doing).await?, count.all)
        };
        if removed == expected {
            Ok(())
        } else {
            let reason = format!(
                "{} of {} went; a rule or a policy of the table may be in the way",
                crate::value::count(removed),
                rows(expected)
            );
            Err(ExecuteError::RowsUnknown { table: table.clone(), reason })
        }
    }
}

/// Joins the inventory, or the changes that stopped it, with the changes of others in tables of the application, so
/// that all are named at once.
pub(super) fn join(
    inventory_or_changes: Result<Inventory, Vec<String>>,
    changes: Vec<String>,
    on_changes: OnChanges,
) -> Result<Inventory, ExecuteError> {
    match inventory_or_changes {
        Ok(mut inventory) => {
            inventory.changes.extend(changes);
            if on_changes == OnChanges::Stop && !inventory.changes.is_empty() {
                return Err(ExecuteError::ChangedByOthers { changes: shortened(inventory.changes) });
            }
            Ok(inventory)
        }
        Err(mut all) => {
            all.extend(changes);
            Err(ExecuteError::ChangedByOthers { changes: all })
        }
    }
}

/// Present place of a filled table. Its identity is known if its copy is complete.
async fn filled(
    session: &Session,
    schemas: &Schemas,
    old_name: String,
    copied: Option<&RecordedObject>,
    loaded: impl FnOnce(String) -> LoadedTable,
    overwritten: Option<Overwritten>,
) -> Result<LoadedApplicationTable, ExecuteError> {
    let place = schemas.place(&old_name);
    let mut filled = LoadedApplicationTable {
        schema: place.schema.to_owned(),
        name: place.name.to_owned(),
        loaded: loaded(place.sql()),
        overwritten,
        old_name,
        is_gone: false,
    };
    match copied {
        Some(made) => match identity::read_present(session, &[made.identity]).await?.into_iter().flatten().next() {
            Some(now) => {
                if let [schema, name] = now.named.names.as_slice() {
                    filled.loaded.table = QualifiedName { schema, name }.sql();
                    (filled.schema, filled.name) = (schema.clone(), name.clone());
                }
            }
            None => filled.is_gone = true,
        },
        None => {
            if filled.loaded.copied > 0 && filled.count(session).await?.is_none() {
                let reason = "no table has this name, and its copy is unfinished".to_owned();
                return Err(ExecuteError::RowsUnknown { table: filled.loaded.table, reason });
            }
        }
    }
    Ok(filled)
}
