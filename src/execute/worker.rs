//! One worker: a session in the target, a reader of the source, one job at a time.

use super::encoder::{name_row, row_encoder};
use super::error::ExecuteError;
use super::event::{Event, Events};
use super::jobs::Job;
use super::stop::Stop;
use super::transfer::{Buffer, ChunkDigest, read_chunk};
use crate::name::quote_identifier;
use crate::plan::{Plan, Step, StepKind, TableMapping};
use crate::source::sqlite::{ReadFailure, Reader};
use crate::spec::Spec;
use crate::target::copy::{HEADER, TRAILER};
use crate::target::ledger::{ChunkRow, StepRecord};
use crate::target::{Ledger, Server, Session, TargetError};
use crate::value::Zone;
use crate::verify::checks::{CheckResult, ask};
use bytes::Bytes;
use futures_util::SinkExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, mpsc};

/// Buffers between reader and server: enough that neither waits for the other's hiccups.
const QUEUE: usize = 8;

/// Pauses before a failed job is tried again, where trying again can help.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_millis(600), Duration::from_secs(2), Duration::from_secs(5)];

/// What all workers of a run share.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) spec: Spec,
    pub(super) plan: Plan,
    pub(super) zone: Zone,
    pub(super) server: Arc<Server>,
    pub(super) ledger: Ledger,
    pub(super) run: i64,
    /// Holds the migration's lock and writes the run's own row.
    pub(super) control: Mutex<Session>,
    pub(super) stop: Stop,
    pub(super) events: Events,
}

impl Context {
    fn step(&self, at: usize) -> &Step {
        &self.plan.steps[at]
    }

    /// Makes sure that the lock is still held: it goes with its session when the server restarts.
    pub(super) async fn hold_lock(&self) -> Result<MutexGuard<'_, Session>, TargetError> {
        let mut control = self.control.lock().await;
        if control.client().is_closed() {
            let session = self.server.connect().await?;
            self.ledger.lock(&session).await?;
            *control = session;
        }
        Ok(control)
    }

    /// The mapping of the table that a copy fills.
    fn mapping(&self, at: usize) -> Result<&TableMapping, ExecuteError> {
        let step = self.step(at);
        let mapping = step.table.as_deref().and_then(|table| self.plan.table(table));
        mapping.ok_or_else(|| ExecuteError::Task(format!("{} copies no table", step.id)))
    }
}

/// What came of a job.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Rows copied or compared.
    pub(super) rows: u64,
    /// The answer, where the job was a check.
    pub(super) check: Option<CheckResult>,
}

/// One worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) context: Arc<Context>,
    pub(super) session: Session,
    /// Lent to a blocking thread while it reads.
    pub(super) reader: Option<Reader>,
}

impl Worker {
    /// Does one job; tries again where that can help.
    pub(super) async fn run(&mut self, job: &Job) -> Result<Outcome, ExecuteError> {
        let mut pauses = PAUSES.iter();
        loop {
            let error = match self.attempt(job).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().filter(|_| error.is_transient() && !self.context.stop.is_thrown()) else {
                return Err(error.in_step(&self.context.step(job.step()).id));
            };
            tracing::warn!(step = %self.context.step(job.step()).id, %error, "trying again");
            tokio::time::sleep(*pause).await;
            if self.session.client().is_closed() {
                // A server that is still away is tried again with the next pause.
                match self.reconnect().await {
                    Ok(()) => {}
                    Err(error @ TargetError::Busy { .. }) => return Err(error.into()),
                    Err(error) => tracing::warn!(%error, "the server is away"),
                }
            }
            // A COMMIT whose answer was lost may have happened: the ledger knows.
            match self.is_done(job).await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the ledger cannot be asked"),
            }
        }
    }

    async fn reconnect(&mut self) -> Result<(), TargetError> {
        // First the lock: without it another run may be at work by now.
        drop(self.context.hold_lock().await?);
        self.session = self.context.server.connect().await?;
        Ok(())
    }

    async fn is_done(&mut self, job: &Job) -> Result<Option<Outcome>, TargetError> {
        let context = Arc::clone(&self.context);
        match job {
            Job::Chunk { step, chunk } => {
                let chunks = context.ledger.chunks(&self.session, &self.table_of(*step)).await?;
                let found = chunks.into_iter().find(|row| row.ordinal == chunk.ordinal);
                Ok(found.and_then(|row| row.loaded).map(|(rows, _)| Outcome { rows, check: None }))
            }
            Job::CopyDone { step } | Job::Statement { step } => {
                let step = context.step(*step);
                let done = context.ledger.done_steps(&self.session).await?;
                let same = done.get(&step.id).is_some_and(|row| row.passed && row.fingerprint == step.fingerprint());
                Ok(same.then(Outcome::default))
            }
        }
    }

    fn table_of(&self, step: usize) -> String {
        self.context.step(step).table.clone().unwrap_or_default()
    }

    async fn attempt(&mut self, job: &Job) -> Result<Outcome, ExecuteError> {
        if self.context.stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        match job {
            Job::Chunk { step, chunk } => self.copy(*step, chunk).await,
            Job::CopyDone { step } => {
                let rows = self.context.ledger.chunks(&self.session, &self.table_of(*step)).await?;
                let rows = rows.iter().filter_map(|row| row.loaded.as_ref()).map(|(rows, _)| rows).sum();
                self.record(*step, true, Some(rows)).await?;
                Ok(Outcome { rows, check: None })
            }
            Job::Statement { step } if self.context.step(*step).kind == StepKind::Check => self.check(*step).await,
            Job::Statement { step } => self.statement(*step).await,
        }
    }

    async fn record(&mut self, step: usize, passed: bool, rows: Option<u64>) -> Result<(), TargetError> {
        let context = Arc::clone(&self.context);
        let step = context.step(step);
        let fingerprint = step.fingerprint();
        let kind = step.kind.word();
        let record = StepRecord { id: &step.id, kind, fingerprint: &fingerprint, run: context.run, passed, rows };
        context.ledger.record_step(&self.session, record).await
    }

    /// Runs SQL and its ledger row in one transaction.
    async fn statement(&mut self, at: usize) -> Result<Outcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (step, schema) = (context.step(at), quote_identifier(&context.spec.target.schema));
        // The user's SQL finds the migrated tables by their bare names, and what extensions bring.
        let path = format!("search_path = {schema}, public");
        let own = step.kind == StepKind::Step;
        if step.transaction {
            self.session.execute("BEGIN", "beginning a transaction").await?;
            if own {
                self.session.execute(&format!("SET LOCAL {path}"), "setting the search path").await?;
            }
            // The keys that the source has handed out are data: they reach the statement beside its text, which stays the
            // same whatever the rows are.
            if step.kind == StepKind::Sequence
                && let Some(last_key) = self.context.mapping(at)?.size.last_key
            {
                let sql = format!("SET LOCAL transship.last_key = {last_key}");
                self.session.execute(&sql, "setting the last key").await?;
            }
            let done = match self.cancellable(&step.sql).await {
                Ok(()) => self.record(at, true, None).await.map_err(ExecuteError::from),
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => self.session.execute("COMMIT", "committing").await?,
                Err(error) => return Err(self.roll_back(error).await),
            }
        } else {
            self.session.execute(&format!("SET {path}"), "setting the search path").await?;
            let done = self.cancellable(&step.sql).await;
            self.session.execute("SET search_path = pg_catalog", "setting the search path").await?;
            done?;
            self.record(at, true, None).await?;
        }
        Ok(Outcome::default())
    }

    /// Runs SQL; a wish to stop cancels it in the server.
    async fn cancellable(&mut self, sql: &str) -> Result<(), ExecuteError> {
        let running = self.session.execute(sql, "PostgreSQL refused the statement");
        tokio::pin!(running);
        tokio::select! {
            done = &mut running => Ok(done?),
            () = self.context.stop.thrown() => {
                self.session.cancel().await;
                // The statement may have ended before it was cancelled; without its ledger row it is rolled back.
                let ended = running.await;
                tracing::debug!(?ended, "cancelled");
                Err(ExecuteError::Interrupted)
            }
        }
    }

    async fn roll_back(&mut self, error: ExecuteError) -> ExecuteError {
        if let Err(rollback) = self.session.execute("ROLLBACK", "rolling back").await {
            tracing::debug!(%rollback, "the transaction ended with its connection");
        }
        error
    }

    async fn check(&mut self, at: usize) -> Result<Outcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let name = context.step(at).id.strip_prefix("check:").unwrap_or_default().to_owned();
        let check = context.spec.checks.get(&name).ok_or_else(|| ExecuteError::Task(format!("no check {name}")))?;
        let reader = self.reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        let (reader, result) = ask(&name, check, &context.spec.target.schema, &self.session, reader).await;
        self.reader = reader;
        let result = result?;
        self.record(at, result.passed, None).await?;
        Ok(Outcome { rows: 0, check: Some(result) })
    }

    /// Copies a chunk and writes its ledger row, both in one transaction.
    async fn copy(&mut self, at: usize, chunk: &ChunkRow) -> Result<Outcome, ExecuteError> {
        self.session.execute("BEGIN", "beginning a transaction").await?;
        match self.copy_rows(at, chunk).await {
            Ok(rows) => {
                self.session.execute("COMMIT", "committing a chunk").await?;
                Ok(Outcome { rows, check: None })
            }
            Err(error) => {
                let error = self.roll_back(error).await;
                Err(self.with_key(at, chunk, error).await)
            }
        }
    }

    async fn copy_rows(&mut self, at: usize, chunk: &ChunkRow) -> Result<u64, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (step, mapping) = (context.step(at), context.mapping(at)?);
        let (sender, mut receiver) = mpsc::channel::<Buffer>(QUEUE);
        let reading = self.read(at, chunk, move |buffer| match sender.blocking_send(buffer) {
            Ok(()) => Ok(Vec::with_capacity(256 * 1024)),
            // The other end has met an error of its own, which is the one to report.
            Err(_) => Err(ExecuteError::Interrupted),
        })?;
        let sent = self.send(step, &mut receiver).await;
        drop(receiver);
        let read = reading.finish(self).await;
        let taken = sent?;
        let digest = read?;
        if taken != digest.rows {
            return Err(ExecuteError::RowCount { table: mapping.source.clone(), sent: digest.rows, taken });
        }
        let (ledger, table) = (&context.ledger, &mapping.source);
        ledger.record_chunk(&self.session, context.run, table, chunk.ordinal, digest.rows, &digest.to_string()).await?;
        Ok(digest.rows)
    }

    /// Sends what comes out of the channel as one COPY; the number of rows that PostgreSQL took.
    async fn send(&mut self, step: &Step, receiver: &mut mpsc::Receiver<Buffer>) -> Result<u64, ExecuteError> {
        let failed = |error: tokio_postgres::Error| TargetError::statement("PostgreSQL refused the rows", &error);
        let sink = self.session.client().copy_in::<_, Bytes>(step.sql.as_str()).await.map_err(failed)?;
        tokio::pin!(sink);
        let mut outcome = sink.feed(Bytes::from_static(&HEADER)).await;
        while outcome.is_ok() {
            let Some(buffer) = receiver.recv().await else { break };
            let (rows, bytes) = (buffer.rows, buffer.bytes.len() as u64);
            outcome = sink.send(Bytes::from(buffer.bytes)).await;
            self.context.events.tell(Event::StepProgress { id: step.id.clone(), rows, bytes });
            if self.context.stop.is_thrown() {
                // Dropping the sink makes the server give the COPY up.
                return Err(ExecuteError::Interrupted);
            }
        }
        if outcome.is_ok() {
            outcome = sink.send(Bytes::from_static(&TRAILER)).await;
        }
        // The server's own words come only at the end, whatever made sending fail.
        match (sink.finish().await, outcome) {
            (Ok(rows), Ok(())) => Ok(rows),
            (Err(error), _) | (Ok(_), Err(error)) => Err(failed(error).into()),
        }
    }

    /// Starts reading a chunk in a thread of its own.
    fn read(
        &mut self,
        at: usize,
        chunk: &ChunkRow,
        send: impl FnMut(Buffer) -> Result<Vec<u8>, ExecuteError> + Send + 'static,
    ) -> Result<Reading, ExecuteError> {
        let (context, range) = (Arc::clone(&self.context), chunk.range);
        let encoder =
            row_encoder(context.mapping(at)?, &context.zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
        let reader = self.reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        Ok(Reading {
            task: tokio::task::spawn_blocking(move || {
                let read = context
                    .mapping(at)
                    .and_then(|mapping| read_chunk(&reader, mapping, &encoder, range, &context.stop, send));
                (reader, read)
            }),
        })
    }

    /// Where PostgreSQL named the line of a COPY, names the row.
    async fn with_key(&mut self, at: usize, chunk: &ChunkRow, error: ExecuteError) -> ExecuteError {
        let ExecuteError::Target(TargetError::Statement { context: Some(place), message, .. }) = &error else {
            return error;
        };
        let Some((line, column)) = line_and_column(place) else { return error };
        let (context, range, reason) = (Arc::clone(&self.context), chunk.range, message.clone());
        let Some(reader) = self.reader.take() else { return error };
        let found = tokio::task::spawn_blocking(move || {
            let named = context.mapping(at).ok().and_then(|mapping| {
                let mut left = line;
                let outcome = reader.for_each_row(&mapping.selection(range), |row| {
                    left -= 1;
                    if left == 0 { Err(name_row(mapping, row)) } else { Ok(()) }
                });
                let Err(ReadFailure::Caller(key)) = outcome else { return None };
                let source = mapping.columns.iter().find(|mapped| mapped.target == column);
                let column = source.map_or(column, |mapped| mapped.source.clone());
                Some(ExecuteError::Value { table: mapping.source.clone(), key, column, reason, hint: None })
            });
            (reader, named)
        });
        match found.await {
            Ok((reader, named)) => {
                self.reader = Some(reader);
                named.unwrap_or(error)
            }
            Err(_) => error,
        }
    }
}

/// A chunk being read.
struct Reading {
    task: tokio::task::JoinHandle<(Reader, Result<ChunkDigest, ExecuteError>)>,
}

impl Reading {
    /// Waits for the end and gives the reader back to its worker.
    async fn finish(self, worker: &mut Worker) -> Result<ChunkDigest, ExecuteError> {
        let (reader, read) = self.task.await?;
        worker.reader = Some(reader);
        read
    }
}

/// Reads PostgreSQL's `COPY users, line 5, column name`.
fn line_and_column(place: &str) -> Option<(u64, String)> {
    let (_, rest) = place.split_once(", line ")?;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    let column = rest.split_once(", column ").map_or("", |(_, column)| column);
    let column = column.split(": ").next().unwrap_or_default();
    Some((digits.parse().ok()?, column.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_refused_row() {
        assert_eq!(line_and_column("COPY users, line 5, column a b"), Some((5, "a b".to_owned())));
        assert_eq!(line_and_column("COPY users, line 12"), Some((12, String::new())));
        assert_eq!(line_and_column("SQL statement"), None);
    }
}
