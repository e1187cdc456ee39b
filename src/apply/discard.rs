//! Discarding the tables that were set aside (`tables = "replace"`): they are dropped, and no rollback restores them.

use crate::name::quote_identifier;
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::run::grants::expect_ledger;
use crate::spec::Spec;
use crate::target::fingerprint::Fingerprint;
use crate::target::ledger::Replaced;
use crate::target::{Ledger, Server, Session, TargetError, TransactionScope, conditions, structure};
use crate::value::counted_rows;
use std::collections::BTreeSet;

/// Tables about to be discarded: the migration's lock is held, nothing is removed yet.
#[derive(Debug)]
pub struct Discard {
    session: Session,
    ledger: Ledger,
    tables: Vec<Replaced>,
}

impl Discard {
    /// Takes the lock and reads from the ledger what is set aside; `None` if no table is.
    ///
    /// # Errors
    /// A run holds the lock; the target cannot be read.
    pub async fn prepare(spec: &Spec, server: &Server) -> Result<Option<Self>, ExecuteError> {
        let session = server.connect().await?;
        let ledger = Ledger::of(&spec.name);
        if !expect_ledger(&ledger, &session, &spec.target.schemas).await? {
            return Ok(None);
        }
        conditions::expect_writes(&session).await?;
        ledger.lock(&session).await?;
        let tables = ledger.read_replaced(&session).await?;
        Ok((!tables.is_empty()).then_some(Self { session, ledger, tables }))
    }

    /// Tables that are dropped.
    #[must_use]
    pub fn tables(&self) -> &[Replaced] {
        &self.tables
    }

    /// Drops the tables, and their schema if a run has created it, in one transaction with the ledger.
    ///
    /// # Errors [`ExecuteError::Dependents`] if other objects depend on a table; [`ExecuteError::NotSetAside`] if
    /// another table has its place. Nothing is removed then.
    pub async fn execute(self) -> Result<Vec<Replaced>, ExecuteError> {
        self.session.transaction(TransactionScope::committed("committing"), self.drop_all()).await?;
        Ok(self.tables)
    }

    async fn drop_all(&self) -> Result<(), ExecuteError> {
        let (session, ledger) = (&self.session, &self.ledger);
        for table in &self.tables {
            if table.is_same.is_some() {
                let doing = format!("locking {}", table.set_aside_as);
                session.execute(&format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table.set_aside_as), &doing).await?;
            }
        }
        // The state under the lock decides.
        let tables = ledger.read_replaced(session).await?;
        let others = tables.iter().filter(|table| table.is_same == Some(false));
        let mut others = others.map(|table| table.set_aside_as.clone()).collect::<Vec<_>>();
        for table in tables.iter().filter(|table| table.is_same == Some(true)) {
            let name = &table.set_aside_as;
            let rows = session.count_rows(name, &format!("counting the rows of {name}")).await?;
            if rows != table.rows {
                others.push(format!(
                    "{} ({} now, and {} when it was set aside)",
                    table.set_aside_as,
                    counted_rows(rows),
                    crate::value::count(table.rows)
                ));
            }
        }
        if !others.is_empty() {
            return Err(ExecuteError::NotSetAside { tables: others });
        }
        let before = Fingerprint::take_with_replaced(session).await?;
        let standing = tables.iter().filter(|table| table.is_same == Some(true));
        let standing = standing.map(|table| table.set_aside_as.as_str()).collect::<Vec<_>>();
        if !standing.is_empty() {
            // One statement, so that foreign keys between the tables do not stop the removal.
            let sql = format!("DROP TABLE {}", standing.join(", "));
            session.execute(&sql, "removing what was set aside").await.map_err(of_drop)?;
        }
        let after = Fingerprint::take_with_replaced(session).await?;
        self.drop_schemas(&tables).await?;
        // The fingerprint from before the first run has the names from before the tables were set aside.
        let mut gone = before.difference(&after).missing;
        for schemas in tables.iter().map(|table| &table.schemas).collect::<BTreeSet<_>>() {
            let [was, is] = schemas.each_ref().map(|schema| format!("{}.", quote_identifier(schema)));
            gone.iter_mut().for_each(|object| *object = object.replace(&is, &was));
        }
        let steps = tables.iter().map(|table| StepKind::SetAside.id(&table.name).to_string()).collect::<Vec<_>>();
        if let Some(origin) = ledger.read_origin(session).await? {
            ledger.record_discarded(session, &steps, &origin.fingerprint, &gone).await?;
        }
        Ok(())
    }

    /// Drops the schemas that a run has created for the tables, according to its recorded undo.
    async fn drop_schemas(&self, tables: &[Replaced]) -> Result<(), ExecuteError> {
        let schemas = tables.iter().map(|table| quote_identifier(&table.schemas[1])).collect::<BTreeSet<_>>();
        let way = self.ledger.read_undo(&self.session).await?;
        for schema in schemas {
            let drop = format!("DROP SCHEMA {schema}");
            let mut aside = way.iter().filter(|row| row.is(StepKind::SetAside));
            let is_ours = aside.any(|row| row.statements.iter().flatten().any(|statement| *statement == drop));
            if is_ours && structure::has_schema(&self.session, &schema).await? {
                self.session.execute(&drop, "removing the schema of what was set aside").await.map_err(of_drop)?;
            }
        }
        Ok(())
    }
}

/// The error of dropping what was set aside.
fn of_drop(error: TargetError) -> ExecuteError {
    ExecuteError::from(error).of_dependents("what was set aside")
}
