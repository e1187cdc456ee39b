//! A chunk: read, encoded and sent, and written into the ledger in the same transaction.

use super::{Outcome, Worker};
use crate::execute::ExecuteError;
use crate::execute::encoder::{name_row, row_encoder};
use crate::execute::event::Event;
use crate::execute::failpoint::reach;
use crate::execute::transfer::{Buffer, ChunkDigest, read_chunk};
use crate::plan::Step;
use crate::source::sqlite::{ReadFailure, Reader};
use crate::target::TargetError;
use crate::target::copy::{HEADER, TRAILER};
use crate::target::ledger::ChunkRow;
use bytes::Bytes;
use futures_util::SinkExt;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Buffers between reader and server: enough that neither waits for the other's hiccups.
const QUEUE: usize = 8;

impl Worker {
    /// Copies a chunk and writes its ledger row, both in one transaction.
    pub(super) async fn copy(&mut self, at: usize, chunk: &ChunkRow) -> Result<Outcome, ExecuteError> {
        self.session.execute("BEGIN", "beginning a transaction").await?;
        reach("chunk_begun");
        match self.copy_rows(at, chunk).await {
            Ok(rows) => {
                reach("chunk_before_commit");
                self.session.execute("COMMIT", "committing a chunk").await?;
                reach("chunk_committed");
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
            reach("chunk_half_sent");
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
        let (context, range) = (Arc::clone(&self.context), chunk.range.clone());
        let encoder =
            row_encoder(context.mapping(at)?, &context.zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
        let reader = self.reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        Ok(Reading {
            task: tokio::task::spawn_blocking(move || {
                let read = context
                    .mapping(at)
                    .and_then(|mapping| read_chunk(&reader, mapping, &encoder, &range, &context.stop, send));
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
        let (context, range, reason) = (Arc::clone(&self.context), chunk.range.clone(), message.clone());
        let Some(reader) = self.reader.take() else { return error };
        let found = tokio::task::spawn_blocking(move || {
            let named = context.mapping(at).ok().and_then(|mapping| {
                let mut left = line;
                let outcome = reader.for_each_row(&mapping.selection(range.clone()), |row| {
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
