//! Copy of a chunk: read, encoded, sent, and recorded in the ledger in the same transaction.

use super::{JobOutcome, Worker, WorkerContext};
use crate::plan::Work;
use crate::plan::merge_sql::{MERGED_IDS, MergeSql};
use crate::rows::judging::{self, Judging, Preparation, QuestionScope};
use crate::rows::transfer::{Buffer, ChunkRows, ChunkTally, NumberedChunk, buffer};
use crate::rows::treatment::Treatment;
use crate::run::failpoint::reach;
use crate::run::{Event, ExecuteError};
use crate::source::Reader;
use crate::target::ledger::{COPY_REJECTED, ChunkRecord, ChunkRow, NewRejectedRow};
use crate::target::sqlstate::{UNIQUE_VIOLATION, is_of_a_copied_row};
use crate::target::{SearchPath, TargetError};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Buffers between reader and server: enough that neither waits for the other's hiccups.
const QUEUE: usize = 4;

impl Worker {
    /// Writes the ledger row of a copy whose chunks are all done, in one transaction with the check of them: a server
    /// that crashed may have lost a chunk that it had confirmed.
    pub(super) async fn finish_copy(&mut self, at: usize) -> Result<JobOutcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let mapping = context.mapping(at)?;
        let chunks = context.ledger.read_chunks(&self.session, &mapping.source).await?;
        let rows = chunks.iter().map(|chunk| chunk.loaded.as_ref().filter(|_| !chunk.is_stale).map(|(rows, _)| rows));
        let Some(rows) = rows.sum::<Option<u64>>().filter(|_| !chunks.is_empty()) else {
            return Err(ExecuteError::PartLost { step: context.step(at).id.to_string() });
        };
        // The source's own count, which a limit on the rows of an answer cannot truncate. With a filter, each chunk was
        // counted.
        if let (Some(reader), None) = (&self.reader, &mapping.filter) {
            let rejected = chunks.iter().map(|chunk| chunk.rejected.0).sum::<u64>();
            reader.must_be_as_counted(&mapping.source, rows + rejected, mapping.size.rows)?;
        }
        self.record(at, true, Some(rows), Some(&[]), None).await?;
        Ok(JobOutcome { rows, ..JobOutcome::default() })
    }

    /// Copies the rows of a chunk and writes its ledger row; inside the transaction that has claimed it.
    pub(super) async fn copy_rows(&mut self, at: usize, chunk: &ChunkRow) -> Result<ChunkTally, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (step, mapping) = (context.step(at), context.mapping(at)?);
        self.nothing_in_the_way(at).await?;
        let staged = mapping
            .is_staged()
            .then(|| MergeSql::of(mapping, &context.spec.target.schemas, &context.plan.name, MERGED_IDS));
        if let Some(staged) = &staged {
            self.session.execute(&staged.create(), "making a temporary table").await?;
        }
        let id = step.id.to_string();
        // Rows that are brought together have no column that PostgreSQL reads itself: the mapping has refused them.
        let (taken, mut tally) = match &step.work {
            Work::Copy { through: Some(through), .. } => {
                self.judge(at, chunk).await?;
                self.session.run(&through.create).await?;
                let (taken, tally) = self.pass(at, chunk, RowSelection::Load, &through.copy, Some(&id)).await?;
                let path = step.search_path(&context.spec.target.schemas);
                self.session.set_search_path(SearchPath::of(path.as_deref()).in_transaction()).await?;
                let doing = format!(
                    "having PostgreSQL read the values of {}, of which `transship plan` names those that do not fit",
                    mapping.source
                );
                let inserted = self.session.change(&through.insert, &[], &doing).await?;
                self.session.set_search_path(SearchPath::CATALOG.in_transaction()).await?;
                (taken.min(inserted), tally)
            }
            _ => {
                let copy = staged.as_ref().map_or_else(|| step.sql.clone(), MergeSql::copy);
                self.pass(at, chunk, RowSelection::Load, &copy, Some(&id)).await?
            }
        };
        let arrived = |sent, taken| {
            if sent == taken {
                return Ok(());
            }
            Err(ExecuteError::RowCount { table: mapping.source.clone(), sent, taken })
        };
        arrived(tally.loaded.rows, taken)?;
        if staged.is_some() {
            tally.merged = self.merge(at, chunk.ordinal, taken).await?;
        }
        context.ledger.forget_rejected(&self.session, &mapping.source, chunk.ordinal).await?;
        if tally.rejected.rows > 0 {
            let (taken, again) = self.pass(at, chunk, RowSelection::Reject, COPY_REJECTED, None).await?;
            arrived(tally.rejected.rows, taken)?;
            if again.rejected != tally.rejected {
                return Err(ExecuteError::Task(format!("{}: two readings of one snapshot differ", mapping.source)));
            }
        }
        let record = ChunkRecord {
            table: &mapping.source,
            ordinal: chunk.ordinal,
            run: context.fence.run,
            rows: tally.loaded.rows,
            digest: tally.loaded.to_string(),
            rejected: tally.rejected,
            nulled: tally.nulled.clone(),
            shortened: tally.shortened.clone(),
            merged: tally.merged,
        };
        context.ledger.record_chunk(&self.session, &record).await?;
        Ok(tally)
    }

    /// Has PostgreSQL judge the values that it reads itself, unless all were judged while planning.
    async fn judge(&mut self, at: usize, chunk: &ChunkRow) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        if context.mapping(at)?.columns.iter().all(|column| !column.is_judged() || column.verdicts.is_complete()) {
            return Ok(());
        }
        let reader = self.reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        let (range, (asker, questions)) = (chunk.range.clone(), judging::channel());
        let judged = tokio::task::spawn_blocking(move || {
            let asker = asker;
            let judged = context.mapping(at).and_then(|mapping| {
                let preparation = &Preparation::of(&context.plan, mapping, &context.spec.target.schemas).of_made();
                Judging { mapping, asker: &asker, preparation }.judge(&reader, &range, &context.stop)
            });
            (reader, judged)
        });
        let (judged, ()) = tokio::join!(judged, judging::answer(&self.session, questions, QuestionScope::Within));
        let (reader, judged) = judged?;
        self.reader = Some(reader);
        // The INSERT decides about values that could not be asked about.
        judged.map(drop)
    }

    /// Reads the chunk in one thread while its rows are sent as one COPY. Returns the rows that PostgreSQL loaded, and
    /// the tally of the rows read.
    async fn pass(
        &mut self,
        at: usize,
        chunk: &ChunkRow,
        pass: RowSelection,
        sql: &str,
        step: Option<&str>,
    ) -> Result<(u64, ChunkTally), ExecuteError> {
        let (sender, mut receiver) = mpsc::channel::<Buffer>(QUEUE);
        let reading = self.read(at, chunk, pass, move |full| match sender.blocking_send(full) {
            Ok(()) => Ok(buffer()),
            // The other end has failed with an error of its own, which is the one to report.
            Err(_) => Err(ExecuteError::Interrupted),
        })?;
        let sent = self.send(sql, step, &mut receiver).await;
        drop(receiver);
        let read = reading.finish(self).await;
        let taken = sent?;
        Ok((taken, read?))
    }

    /// Sends the channel's buffers as one COPY and returns the number of rows that PostgreSQL loaded. Progress is
    /// reported for `step`.
    async fn send(
        &mut self,
        sql: &str,
        step: Option<&str>,
        receiver: &mut mpsc::Receiver<Buffer>,
    ) -> Result<u64, ExecuteError> {
        let mut copy = self.session.copy_in(sql).await?;
        while copy.is_open() {
            let Some(buffer) = receiver.recv().await else { break };
            let (rows, bytes) = (buffer.rows, buffer.bytes.len() as u64);
            copy.send(buffer.bytes).await;
            reach("chunk_half_sent");
            if let Some(id) = step {
                self.context.events.tell(Event::StepProgress { id: id.to_owned(), rows, bytes });
            }
            if self.context.stop.is_thrown() {
                // Dropping it makes the server abort the COPY.
                return Err(ExecuteError::Interrupted);
            }
        }
        Ok(copy.finish().await?)
    }

    /// Starts reading a chunk in a thread of its own.
    fn read(
        &mut self,
        at: usize,
        chunk: &ChunkRow,
        pass: RowSelection,
        send: impl FnMut(Buffer) -> Result<Vec<u8>, ExecuteError> + Send + 'static,
    ) -> Result<ChunkReading, ExecuteError> {
        let (context, range, ordinal) = (Arc::clone(&self.context), chunk.range.clone(), chunk.ordinal);
        let treatment = treatment(&context, at)?;
        let reader = self.reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        Ok(ChunkReading {
            task: tokio::task::spawn_blocking(move || {
                let read = context.mapping(at).and_then(|mapping| {
                    let rows = ChunkRows { mapping, treatment: &treatment, range: &range };
                    match pass {
                        RowSelection::Load => rows.read(&reader, &context.stop, send),
                        RowSelection::Reject => {
                            let encode = |row: NewRejectedRow<'_>, out: &mut Vec<u8>| {
                                context.ledger.encode_rejected(&row, out).map_err(|error| error.to_string())
                            };
                            let place = NumberedChunk { chunk: ordinal, run: context.fence.run };
                            rows.read_rejected(&reader, &context.stop, encode, place, send)
                        }
                    }
                });
                (reader, read)
            }),
        })
    }

    /// Names the row if PostgreSQL named a line of the COPY because of its values.
    pub(super) async fn with_key(&mut self, at: usize, chunk: &ChunkRow, error: ExecuteError) -> ExecuteError {
        let ExecuteError::Target(TargetError::Statement { context: Some(place), message, code, private, .. }) = &error
        else {
            return error;
        };
        // A full disk or a cancelled COPY is not caused by a row.
        if !code.as_deref().is_some_and(is_of_a_copied_row) {
            return error;
        }
        let Some((line, column)) = line_and_column(place) else { return error };
        let (context, range) = (Arc::clone(&self.context), chunk.range.clone());
        let (reason, private) = (message.clone(), private.clone());
        let hint: Option<Box<str>> = (code.as_deref() == Some(UNIQUE_VIOLATION)
            && context.mapping(at).is_ok_and(|table| table.keeps_rows))
        .then(|| {
            "a row of the target that was not copied has the key: give one of the two another, or remove it, then run the \
             same command again"
                .into()
        });
        let Some(reader) = self.reader.take() else { return error };
        let found = tokio::task::spawn_blocking(move || {
            let named = context.mapping(at).ok().and_then(|mapping| {
                let treatment = treatment(&context, at).ok()?;
                let key = ChunkRows { mapping, treatment: &treatment, range: &range }.name_loaded(&reader, line)?;
                let source = mapping.columns.iter().find(|mapped| mapped.target == column);
                let column = source.map_or(column, |mapped| mapped.source.clone());
                let table = mapping.source.clone();
                Some(ExecuteError::Value { table, key, column: column.into(), reason, hint, private })
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

impl From<ChunkTally> for JobOutcome {
    fn from(tally: ChunkTally) -> Self {
        let rows = tally.loaded.rows.saturating_sub(tally.merged);
        Self { rows, left: tally.left(), ..Self::default() }
    }
}

/// Selection of a chunk's rows, and their destination.
#[derive(Debug, Clone, Copy)]
enum RowSelection {
    /// Rows that fit, into the table.
    Load,
    /// Rejected rows, into the ledger.
    Reject,
}

fn treatment(context: &WorkerContext, at: usize) -> Result<Treatment, ExecuteError> {
    Treatment::of(context.mapping(at)?, &context.zone).map_err(|error| ExecuteError::Task(error.to_string()))
}

/// A chunk being read.
struct ChunkReading {
    task: tokio::task::JoinHandle<(Reader, Result<ChunkTally, ExecuteError>)>,
}

impl ChunkReading {
    /// Waits for the end and gives the reader back to its worker.
    async fn finish(self, worker: &mut Worker) -> Result<ChunkTally, ExecuteError> {
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
