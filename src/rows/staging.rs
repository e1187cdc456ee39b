//! Rows of the source sent into a temporary table of the target, where PostgreSQL compares them with what is there.

use super::transfer::{Buffer, buffer};
use super::treatment::{Fate, NotedValues, Treatment};
use crate::catalog::KeyRange;
use crate::plan::TableMapping;
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader};
use crate::target::Session;
use crate::target::copy::Repair;
use crate::value::Zone;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Buffers between reader and server.
const QUEUE: usize = 4;

/// Bytes after which a buffer is sent.
const BUFFER: usize = 256 * 1024;

/// The rows of a source table that go into a temporary table.
pub(crate) struct RowsToStage<'a> {
    pub(crate) mapping: &'a TableMapping,
    pub(crate) ranges: Vec<KeyRange>,
    /// The COPY that takes them.
    pub(crate) copy: &'a str,
}

/// Sends the rows as one COPY, without those that the spec rejects, and returns the reader. A value that no rule is for is NULL:
/// it is a finding of its own.
pub(crate) async fn stage(
    session: &Session,
    reader: &mut Option<Reader>,
    RowsToStage { mapping, ranges, copy }: RowsToStage<'_>,
    zone: &Zone,
    stop: &Stop,
) -> Result<u64, ExecuteError> {
    let lent = reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
    let treatment = Treatment::of(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let (sender, mut receiver) = mpsc::channel::<Buffer>(QUEUE);
    let (mapping, stopped) = (Arc::new(mapping.clone()), stop.clone());
    let reading = tokio::task::spawn_blocking(move || {
        let read = send_all(&lent, &mapping, &treatment, ranges, &stopped, &sender);
        drop(sender);
        (lent, read)
    });
    let sent = send(session, copy, &mut receiver, stop).await;
    drop(receiver);
    let (lent, read) = reading.await?;
    *reader = Some(lent);
    let taken = sent?;
    read?;
    Ok(taken)
}

async fn send(
    session: &Session,
    sql: &str,
    receiver: &mut mpsc::Receiver<Buffer>,
    stop: &Stop,
) -> Result<u64, ExecuteError> {
    let mut copy = session.copy_in(sql).await?;
    while copy.is_open() {
        let Some(buffer) = receiver.recv().await else { break };
        copy.send(buffer.bytes).await;
        if stop.is_thrown() {
            // Dropping it makes the server abort the COPY.
            return Err(ExecuteError::Interrupted);
        }
    }
    Ok(copy.finish().await?)
}

fn send_all(
    reader: &Reader,
    mapping: &TableMapping,
    treatment: &Treatment,
    ranges: Vec<KeyRange>,
    stop: &Stop,
    sender: &mpsc::Sender<Buffer>,
) -> Result<(), ExecuteError> {
    let (mut bytes, mut rows, mut noted) = (buffer(), 0, NotedValues::default());
    let give = |bytes: Vec<u8>, rows| {
        // The other end has failed with an error of its own, which is the one to report.
        sender.blocking_send(Buffer { bytes, rows }).map_err(|_| ExecuteError::Interrupted)
    };
    for range in ranges {
        let read = reader.for_each_row(&mapping.selection(range), |row| {
            // A row whose bad value cannot become NULL is left out: another finding is about it.
            let fate = treatment.encode(row, Repair::Null, &mut noted, &mut bytes).unwrap_or(Fate::Rejected);
            rows += u64::from(fate == Fate::Loaded);
            if bytes.len() < BUFFER {
                return Ok(());
            }
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            give(std::mem::replace(&mut bytes, buffer()), std::mem::take(&mut rows))
        });
        match read {
            Ok(_) => {}
            Err(ReadFailure::Source(error)) => return Err(error.into()),
            Err(ReadFailure::Caller(error)) => return Err(error),
        }
    }
    if bytes.is_empty() { Ok(()) } else { give(bytes, rows) }
}
