//! The rows that a run has loaded into tables of the application: they are told from all others by the transactions that
//! wrote them, and removed; what was taken off these tables for the load is put back where a run was broken off.
//!
//! A row that was changed since was written by another transaction, and is the application's. Where the spec says that a
//! table keeps rows of its own (`existing_rows = "keep"`), others stay; everywhere else they stop the rollback.

use crate::catalog::Detached;
use crate::execute::detached::Tables;
use crate::execute::error::ExecuteError;
use crate::name::quote_identifier;
use crate::plan::StepKind;
use crate::plan::ddl::Templates;
use crate::spec::{ExistingRows, Spec, TablesMode};
use crate::target::ledger::{Load, UndoRow};
use crate::target::{Ledger, Session, TargetError, structure};
use std::collections::{BTreeMap, BTreeSet};

use super::TableRows;

/// A foreign key through which rows that stay reference rows that go.
const REFERENCING: &str = include_str!("referencing.sql");

/// The tables of the application that a migration has touched.
#[derive(Debug, Default)]
pub(super) struct Application {
    schema: String,
    tables: Vec<Loaded>,
    /// What is off since a run was broken off, by table.
    off: BTreeMap<String, Detached>,
    /// The rows that were removed before the load, in words.
    pub(super) emptied: Vec<String>,
}

/// One of them, with rows that were loaded.
#[derive(Debug, Clone)]
struct Loaded {
    /// The name in the schema.
    name: String,
    /// The name with its schema, quoted.
    table: String,
    /// Whether rows that were not loaded may stand there and stay.
    keeps: bool,
    /// The rows that were loaded.
    copied: u64,
    /// The transactions that loaded them.
    transactions: Vec<String>,
}

/// The rows of such a table.
#[derive(Debug, Clone, Copy)]
struct Count {
    all: u64,
    /// As they were loaded.
    loaded: u64,
    /// Written by others since the load began.
    since: u64,
}

impl Application {
    /// Reads from the ledger what was done with tables of the application.
    pub(super) async fn read(
        spec: &Spec,
        session: &Session,
        ledger: &Ledger,
        schema: &str,
        way: &[UndoRow],
    ) -> Result<Self, ExecuteError> {
        let is_done = |kind: StepKind, name: &str| way.iter().any(|row| row.id == kind.id(name));
        let is_filled = spec.target.tables == TablesMode::Existing
            || [StepKind::Detach, StepKind::Truncate].iter().any(|kind| way.iter().any(|row| row.kind == kind.word()));
        let qualified = |name: &str| format!("{}.{}", quote_identifier(schema), quote_identifier(name));
        let steps = ledger.transactions_of_steps(session).await?;
        let mut tables = Vec::new();
        for Load { source, target, rows, mut transactions, unknown } in ledger.loads(session).await? {
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
            let keeps = spec.existing_rows(&source) == ExistingRows::Keep;
            if !keeps {
                transactions.extend(steps.iter().cloned());
            }
            tables.push(Loaded { table: qualified(&name), name, keeps, copied: rows, transactions });
        }
        tables.sort_by(|one, two| one.name.cmp(&two.name));
        let off = ledger.not_restored(session).await?;
        // A table that was set aside and has no way back any more was let go.
        let is_discarded = |row: &UndoRow| {
            row.kind == StepKind::SetAside.word()
                && row.rows.is_some()
                && row.statements.as_ref().is_some_and(Vec::is_empty)
        };
        let emptied =
            way.iter().filter(|row| row.kind == StepKind::Truncate.word() && row.rows != Some(0) || is_discarded(row));
        let emptied = emptied.filter_map(|row| {
            let (_, name) = row.id.split_once(':')?;
            Some(format!("{} of {}", row.rows.map_or_else(|| "the rows".to_owned(), rows), qualified(name)))
        });
        let mut emptied = emptied.collect::<Vec<_>>();
        emptied.sort();
        Ok(Self { schema: schema.to_owned(), tables, off, emptied })
    }

    /// The tables with the rows that go.
    ///
    /// # Errors
    /// Others have written rows that cannot be told from those that were loaded, or that must not be removed with them.
    pub(super) async fn rows(&self, session: &Session) -> Result<Vec<TableRows>, ExecuteError> {
        let (mut found, mut changed) = (Vec::new(), Vec::new());
        for loaded in &self.tables {
            let count = loaded.count(session).await?;
            changed.extend(count.and_then(|count| loaded.changed(count)));
            found.push(TableRows {
                table: loaded.table.clone(),
                rows: count.map(|count| count.loaded),
                copied: Some(loaded.copied),
                stays: true,
            });
        }
        if changed.is_empty() { Ok(found) } else { Err(ExecuteError::RowsChanged { tables: changed }) }
    }

    /// Locks the tables against everybody who writes, and makes sure once more that only what was loaded will go.
    pub(super) async fn lock(&self, session: &Session) -> Result<(), ExecuteError> {
        // A policy that hides rows is an error then, not fewer rows.
        session.execute("SET LOCAL row_security = off", "seeing all rows").await?;
        for loaded in &self.tables {
            if loaded.count(session).await?.is_some() {
                let lock = format!("LOCK TABLE {} IN EXCLUSIVE MODE", loaded.table);
                session.execute(&lock, &format!("locking {}", loaded.table)).await?;
            }
        }
        self.rows(session).await?;
        self.is_referenced(session).await
    }

    /// Removes the rows and puts back what was off, after the last step has been taken back.
    pub(super) async fn remove(&self, session: &Session) -> Result<(), ExecuteError> {
        if self.tables.is_empty() && self.off.is_empty() {
            return Ok(());
        }
        let present = self.present(session).await?;
        let templates = Templates::new(&self.schema, Vec::new())?;
        let tables = Tables { session, schema: &self.schema, templates: &templates };
        let names = self.tables.iter().map(|loaded| loaded.name.as_str()).collect::<BTreeSet<_>>();
        // What is off since a run was broken off comes back together with what the removal of rows would set off.
        let mut back = self.off.clone();
        for loaded in self.tables.iter().filter(|loaded| present.contains(&loaded.name)) {
            let known = back.remove(&loaded.name).unwrap_or_default();
            let (off, _) = tables.take_off(&loaded.name, &known, &names).await?;
            back.insert(loaded.name.clone(), off);
        }
        for loaded in self.tables.iter().filter(|loaded| present.contains(&loaded.name)) {
            loaded.remove(session).await?;
        }
        for (name, off) in back.iter().filter(|(_, off)| !off.is_empty()) {
            tables.put_back(name, off).await?;
        }
        Ok(())
    }

    /// The relations of the schema that stand there now.
    async fn present(&self, session: &Session) -> Result<BTreeSet<String>, TargetError> {
        Ok(structure::read(session, &self.schema).await?.relations)
    }

    /// Makes sure that no row that stays references one that goes: ON DELETE would alter or remove it, and a key that is
    /// put back NOT VALID would not notice.
    async fn is_referenced(&self, session: &Session) -> Result<(), ExecuteError> {
        let going = self.tables.iter().map(|loaded| (loaded.table.as_str(), loaded)).collect::<BTreeMap<_, _>>();
        let tables = going.keys().copied().collect::<Vec<_>>();
        let failed =
            |error: tokio_postgres::Error| TargetError::statement("looking for rows that reference them", &error);
        for key in session.client().query(REFERENCING, &[&tables]).await.map_err(failed)? {
            let (name, from, to) = (key.get::<_, &str>(0), key.get::<_, &str>(1), key.get::<_, &str>(2));
            let child = key.get::<_, Option<&str>>(3).and_then(|table| going.get(table));
            let Some(parent) = going.get(key.get::<_, &str>(4)) else { continue };
            if child.is_some_and(|child| !child.keeps) {
                continue;
            }
            let none = Vec::new();
            let (going, parents) = (child.map_or(&none, |child| &child.transactions), &parent.transactions);
            let on: &str = key.get(5);
            let sql = format!(
                "SELECT count(*) FROM ONLY {from} child WHERE child.xmin NOT IN (SELECT unnest($1::text[])::xid) \
                 AND EXISTS (SELECT FROM {to} parent WHERE {on} \
                             AND (NOT $3 OR parent.xmin IN (SELECT unnest($2::text[])::xid)))"
            );
            let counted = session.client().query_one(&sql, &[going, parents, &parent.keeps]).await.map_err(failed)?;
            let referencing = u64::try_from(counted.get::<_, i64>(0)).unwrap_or(u64::MAX);
            if referencing > 0 {
                let verb = if referencing == 1 { "references" } else { "reference" };
                let message = format!("{} of {from} {verb} rows of {to} (foreign key {name})", rows(referencing));
                return Err(ExecuteError::Dependents { step: StepKind::Copy.id(&parent.name), message });
            }
        }
        Ok(())
    }
}

impl Loaded {
    /// Counts the rows; `None` where there is no such table any more.
    async fn count(&self, session: &Session) -> Result<Option<Count>, TargetError> {
        let table = &self.table;
        let failed =
            |error: tokio_postgres::Error| TargetError::statement(format!("counting the rows of {table}"), &error);
        let exists = "SELECT to_regclass($1) IS NOT NULL";
        if !session.client().query_one(exists, &[table]).await.map_err(failed)?.get::<_, bool>(0) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT count(*), count(*) FILTER (WHERE loaded), count(*) FILTER (WHERE NOT loaded AND age(writer) < age($2::text::xid)) \
             FROM (SELECT xmin AS writer, xmin IN (SELECT unnest($1::text[])::xid) AS loaded FROM ONLY {table}) AS row"
        );
        let first = self.transactions.first();
        let row = session.client().query_one(&sql, &[&self.transactions, &first]).await.map_err(failed)?;
        let count = |at: usize| u64::try_from(row.get::<_, i64>(at)).unwrap_or(0);
        Ok(Some(Count { all: count(0), loaded: count(1), since: count(2) }))
    }

    /// What others have done with the rows that stands in the way, in words.
    fn changed(&self, count: Count) -> Option<String> {
        let (table, others, fewer) = (&self.table, count.all - count.loaded, self.copied.saturating_sub(count.loaded));
        let more = count.loaded.saturating_sub(self.copied);
        if self.keeps {
            // Rows of the application's own are expected; those that it changed cannot be told from those that it added.
            return (fewer > 0 && count.since > 0).then(|| {
                format!(
                    "{table}: {fewer} of the {} that were loaded are gone or changed, and {} written since",
                    rows(self.copied),
                    if count.since == 1 { "1 row was".to_owned() } else { format!("{} were", rows(count.since)) }
                )
            });
        }
        (others > 0 || more > 0).then(|| {
            let others = rows(others + more);
            format!("{table}: {others} beside the {} that were loaded, or changed since", rows(self.copied))
        })
    }

    /// Removes the rows. Where the table keeps none of its own, all are ours: that was made sure of under the lock, and the
    /// `undo` of a step of the user's may have written them anew.
    async fn remove(&self, session: &Session) -> Result<(), ExecuteError> {
        let table = &self.table;
        let doing = format!("removing the rows that were loaded into {table}");
        let failed = |error: tokio_postgres::Error| TargetError::statement(&doing, &error);
        let client = session.client();
        let Some(count) = self.count(session).await? else { return Ok(()) };
        let (removed, expected) = if self.keeps {
            let sql = format!("DELETE FROM ONLY {table} WHERE xmin IN (SELECT unnest($1::text[])::xid)");
            (client.execute(&sql, &[&self.transactions]).await.map_err(failed)?, count.loaded)
        } else {
            (client.execute(&format!("DELETE FROM ONLY {table}"), &[]).await.map_err(failed)?, count.all)
        };
        if removed == expected {
            Ok(())
        } else {
            let reason =
                format!("{removed} of {} went; a rule or a policy of the table may be in the way", rows(expected));
            Err(ExecuteError::RowsUnknown { table: table.clone(), reason })
        }
    }
}

fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}
