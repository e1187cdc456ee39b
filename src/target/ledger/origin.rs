//! State of the database before a migration's first run, and the undo of its steps.

use super::{Ledger, failed, signed, unreadable, unsigned};
use crate::name::{Schemas, StepId, StepKind, quote_identifier};
use crate::target::fingerprint::Fingerprint;
use crate::target::identity::{DatabaseIdentity, RecordedObject};
use crate::target::{Session, TargetError};
use tokio_postgres::types::ToSql;

/// State of the database before the first run.
#[derive(Debug, Clone)]
pub struct DatabaseOrigin {
    /// The schemas that the migration fills.
    pub schemas: Schemas,
    /// The structure of the whole database.
    pub fingerprint: Fingerprint,
    /// The database; `None` if an earlier version of transship, which did not record it, began the migration.
    pub place: Option<DatabaseIdentity>,
}

/// A step that is done, with its undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoRow {
    /// The step's id, as the ledger has it.
    pub id: String,
    /// The same id in parts; `None` for a kind that only another version of transship has.
    pub step: Option<StepId>,
    /// Undo statements, in order; `None` if none are known.
    pub statements: Option<Vec<String>>,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
    /// The objects that it has made, or that its statements speak of; `None` if an earlier version of transship,
    /// which did not record them, has carried it out.
    pub made: Option<Vec<RecordedObject>>,
}

impl UndoRow {
    /// Whether the step is of this kind.
    #[must_use]
    pub fn is(&self, kind: StepKind) -> bool {
        self.step.as_ref().is_some_and(|step| step.kind == kind)
    }

    /// The name in the id of a step of this kind; `None` for a step of another.
    #[must_use]
    pub fn name_of(&self, kind: StepKind) -> Option<&str> {
        self.step.as_ref().filter(|step| step.kind == kind).map(|step| step.name.as_str())
    }
}

impl Ledger {
    /// Records the state before the first run; later runs do not change it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn keep_origin(&self, session: &Session, schemas: &Schemas) -> Result<(), TargetError> {
        // A migration that version 1 of the ledger has begun is no longer before its first run.
        let sql = "SELECT EXISTS (SELECT FROM transship.origin WHERE migration = $1) \
                   OR EXISTS (SELECT FROM transship.step WHERE migration = $1)";
        let row = session.client().query_one(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        if row.get(0) {
            return Ok(());
        }
        let fingerprint = Fingerprint::take(session).await?;
        let structure = serde_json::to_string(&fingerprint).map_err(|error| unreadable(&error))?;
        let DatabaseIdentity { cluster, database } = DatabaseIdentity::of(session).await?;
        let sql = "INSERT INTO transship.origin (migration, target_schema, fingerprint, structure, cluster, database_oid) \
                   VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)";
        session
            .client()
            .execute(sql, &[&self.migration, &schemas.text(), &fingerprint.digest(), &structure, &cluster, &database])
            .await
            .map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Whether the migration can be rolled back: its first run recorded the state before. A ledger of version 1 did
    /// not.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn knows_way_back(&self, session: &Session) -> Result<bool, TargetError> {
        if self.read_version(session).await? == Some(1) {
            return Ok(false);
        }
        let sql = "SELECT EXISTS (SELECT FROM transship.origin WHERE migration = $1) \
                   OR NOT EXISTS (SELECT FROM transship.step WHERE migration = $1)";
        Ok(session.client().query_one(sql, &[&self.migration]).await.map_err(|error| failed(&error))?.get(0))
    }

    /// State before the first run; `None` if there was no run.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_origin(&self, session: &Session) -> Result<Option<DatabaseOrigin>, TargetError> {
        // By way of jsonb, since the ledger of an earlier version does not have the last columns.
        let sql = "SELECT target_schema, structure::text, later ->> 'cluster', (later ->> 'database_oid')::oid \
                   FROM transship.origin, LATERAL (SELECT to_jsonb(origin)) AS jsonb (later) WHERE migration = $1";
        let row = session.client().query_opt(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let Some(row) = row else { return Ok(None) };
        let fingerprint = serde_json::from_str(row.get(1)).map_err(|error| unreadable(&error))?;
        let place = row.get::<_, Option<u32>>(3).map(|database| DatabaseIdentity { cluster: row.get(2), database });
        Ok(Some(DatabaseOrigin { schemas: Schemas::parse(row.get(0)), fingerprint, place }))
    }

    /// The structure of the migration's tables and views at the end of its last run that succeeded; `None` if there was
    /// none, or an earlier version of transship, which did not record it, has carried it out.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_structure_at_end(&self, session: &Session) -> Result<Option<Fingerprint>, TargetError> {
        if matches!(self.read_version(session).await?, None | Some(1)) {
            return Ok(None);
        }
        // By way of jsonb, since the ledger of an earlier version does not have the column.
        let sql =
            "SELECT nullif(to_jsonb(origin) -> 'arrived', 'null')::text FROM transship.origin WHERE migration = $1";
        let row = session.client().query_opt(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let arrived = row.and_then(|row| row.get::<_, Option<String>>(0));
        arrived.map(|text| serde_json::from_str(&text).map_err(|error| unreadable(&error))).transpose()
    }

    /// The structure of the tables, views and sequences that the migration has made, as it stands now.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_standing_structure(
        &self,
        session: &Session,
        schemas: &Schemas,
    ) -> Result<Fingerprint, TargetError> {
        let relations = self.read_done_names(session, &[StepKind::Table, StepKind::View, StepKind::Generator]).await?;
        Fingerprint::of_relations(session, schemas, &relations).await
    }

    /// The names of what the done steps of some kinds have made.
    pub(super) async fn read_done_names<T: FromIterator<String>>(
        &self,
        session: &Session,
        kinds: &[StepKind],
    ) -> Result<T, TargetError> {
        let sql = "SELECT id FROM transship.step WHERE migration = $1 AND kind = ANY ($2) AND state = 'done'";
        let kinds = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>();
        let rows = session.client().query(sql, &[&self.migration, &kinds]).await.map_err(|error| failed(&error))?;
        let name = |row: &tokio_postgres::Row| match row.get::<_, &str>(0).parse::<StepId>() {
            Ok(id) => Ok(id.name),
            Err(error) => Err(unreadable(&error)),
        };
        rows.iter().map(name).collect()
    }

    /// Records the structure at the end of a run, in the transaction that ends it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn keep_arrived(&self, session: &Session, arrived: &Fingerprint) -> Result<(), TargetError> {
        let structure = serde_json::to_string(arrived).map_err(|error| unreadable(&error))?;
        let sql = "UPDATE transship.origin SET arrived = $2::text::jsonb WHERE migration = $1";
        session.client().execute(sql, &[&self.migration, &structure]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// The steps that are done, the last one first; roles at the end, whenever they were made: policies of the tables may be for them, and
    /// go with the tables ("DROP ROLE" in PostgreSQL's documentation).
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_undo(&self, session: &Session) -> Result<Vec<UndoRow>, TargetError> {
        let sql = "SELECT id, undo, row_count, to_jsonb(step) ->> 'made' FROM transship.step \
                   WHERE migration = $1 AND state = 'done' ORDER BY kind = $2, place DESC";
        let parameters: [&(dyn ToSql + Sync); 2] = [&self.migration, &StepKind::Role.word()];
        let rows = session.client().query(sql, &parameters).await.map_err(|error| failed(&error))?;
        let step = |row: &tokio_postgres::Row| {
            let made = row.get::<_, Option<&str>>(3).map(serde_json::from_str).transpose();
            Ok(UndoRow {
                id: row.get(0),
                step: row.get::<_, &str>(0).parse().ok(),
                statements: row.get(1),
                rows: unsigned(row.get(2)),
                made: made.map_err(|error| unreadable(&error))?,
            })
        };
        rows.iter().map(step).collect()
    }

    /// Forgets one step; inside the transaction that undoes it, or right after if there is none.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn forget_step(&self, session: &Session, id: &str) -> Result<(), TargetError> {
        let sql = "DELETE FROM transship.step WHERE migration = $1 AND id = $2";
        session.client().execute(sql, &[&self.migration, &id]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Forgets steps, and the loads of the tables of these names; inside the transaction that undoes them.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn forget_steps(&self, session: &Session, ids: &[&str], tables: &[&str]) -> Result<(), TargetError> {
        for (sql, names) in [
            ("DELETE FROM transship.step WHERE migration = $1 AND id = ANY ($2)", ids),
            ("DELETE FROM transship.chunk WHERE migration = $1 AND target_table = ANY ($2)", tables),
        ] {
            session.client().execute(sql, &[&self.migration, &names]).await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// The transactions that have done the steps of a kind, or all steps, by PostgreSQL's 32-bit numbers in text.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_transactions_of_steps(
        &self,
        session: &Session,
        kind: Option<StepKind>,
    ) -> Result<Vec<String>, TargetError> {
        // An earlier version did not record them; the transaction that wrote the ledger's row stands for them.
        let sql = "SELECT DISTINCT writer FROM transship.step, LATERAL ( \
                       SELECT (jsonb_array_elements_text(CASE jsonb_typeof(to_jsonb(step) -> 'transactions') \
                           WHEN 'array' THEN to_jsonb(step) -> 'transactions' END))::xid8::xid::text \
                       UNION ALL SELECT step.xmin::text \
                           WHERE jsonb_typeof(to_jsonb(step) -> 'transactions') IS DISTINCT FROM 'array' \
                   ) AS done (writer) \
                   WHERE migration = $1 AND ($2::text IS NULL OR kind = $2)";
        let rows = session
            .client()
            .query(sql, &[&self.migration, &kind.map(StepKind::word)])
            .await
            .map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Records that the migration was rolled back and forgets its work; inside the transaction of the rollback.
    /// When no other migration is left, the ledger itself goes too.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn forget(&self, session: &Session, statements: usize) -> Result<(), TargetError> {
        self.lock_schema(session).await?;
        let program = concat!("transship ", env!("CARGO_PKG_VERSION"));
        let sql = "INSERT INTO transship.run (migration, plan_digest, program, state, finished_at, message) \
                   VALUES ($1, '', $2, 'rolled_back', clock_timestamp(), $3::bigint || ' statements')";
        let statements = signed(statements as u64);
        session
            .client()
            .execute(sql, &[&self.migration, &program, &statements])
            .await
            .map_err(|error| failed(&error))?;
        for table in self.read_tables(session).await?.iter().filter(|table| table.as_str() != "run") {
            let sql = format!("DELETE FROM transship.{} WHERE migration = $1", quote_identifier(table));
            session.client().execute(&sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        }
        let left = "SELECT EXISTS (SELECT FROM transship.origin) OR EXISTS (SELECT FROM transship.step)";
        let row = session.client().query_one(left, &[]).await.map_err(|error| failed(&error))?;
        if row.get(0) { Ok(()) } else { self.remove(session).await }
    }

    /// Removes the ledger's tables, and its schema unless that was there before. PostgreSQL refuses if others have made
    /// objects in it.
    async fn remove(&self, session: &Session) -> Result<(), TargetError> {
        let sql = include_str!("queries/schema_owner.sql");
        let row = session.client().query_one(sql, &[]).await.map_err(|error| failed(&error))?;
        let schema = match (row.get::<_, Option<bool>>(0), row.get(1)) {
            (Some(true), true) => "COMMENT ON SCHEMA transship IS NULL",
            // Another role's, and so it was there before.
            (_, false) => "",
            _ => "DROP SCHEMA transship",
        };
        let tables = self.read_tables(session).await?;
        let tables = tables.iter().map(|table| format!("transship.{}", quote_identifier(table))).collect::<Vec<_>>();
        let sql = format!("DROP TABLE {}; {schema}", tables.join(", "));
        session.execute(&sql, "removing the ledger").await
    }

    /// Columns that others have added to a table since it was made or loaded, without those in `known`: a removal of
    /// rows would lose their values. The table's name is quoted and has its schema.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_added_columns(
        session: &Session,
        table: &str,
        known: &[&str],
    ) -> Result<Vec<String>, TargetError> {
        let (sql, kind) = (include_str!("queries/added_columns.sql"), StepKind::Table.word());
        let rows = session.query(sql, &[&table, &known, &kind], "looking at columns").await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The ledger's own tables: each has a column `migration`.
    async fn read_tables(&self, session: &Session) -> Result<Vec<String>, TargetError> {
        let sql = include_str!("queries/tables.sql");
        let rows = session.client().query(sql, &[]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}
