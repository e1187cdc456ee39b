//! Sending rows as one COPY.

use super::{HEADER, TRAILER};
use crate::target::{Session, TargetError};
use bytes::Bytes;
use futures_util::SinkExt;
use std::pin::Pin;
use tokio_postgres::{CopyInSink, Error};

/// A COPY in binary format that is being sent; the server cancels it if it is dropped before [`CopyIn::finish`].
pub struct CopyIn {
    sink: Pin<Box<CopyInSink<Bytes>>>,
    /// Result of sending so far. The server's own error arrives only at the end, whatever made sending fail.
    outcome: Result<(), Error>,
}

impl std::fmt::Debug for CopyIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CopyIn").field("is_open", &self.is_open()).finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a `COPY … FROM STDIN (FORMAT binary)`.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn copy_in(&self, sql: &str) -> Result<CopyIn, TargetError> {
        let sink = self.client().copy_in(sql).await.map_err(|error| refused(&error))?;
        let mut sink = Box::pin(sink);
        let outcome = sink.feed(Bytes::from_static(&HEADER)).await;
        Ok(CopyIn { sink, outcome })
    }
}

impl CopyIn {
    /// Whether the server still takes rows; if not, [`CopyIn::finish`] returns the error.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome.is_ok()
    }

    /// Sends encoded rows.
    pub async fn send(&mut self, rows: Vec<u8>) {
        self.outcome = self.sink.send(Bytes::from(rows)).await;
    }

    /// Ends the COPY and returns the number of rows that PostgreSQL took.
    ///
    /// # Errors
    /// PostgreSQL's refusal of the rows, or the connection was lost.
    pub async fn finish(mut self) -> Result<u64, TargetError> {
        if self.outcome.is_ok() {
            self.outcome = self.sink.send(Bytes::from_static(&TRAILER)).await;
        }
        match (self.sink.as_mut().finish().await, self.outcome) {
            (Ok(rows), Ok(())) => Ok(rows),
            (Err(error), _) | (Ok(_), Err(error)) => Err(refused(&error)),
        }
    }
}

fn refused(error: &Error) -> TargetError {
    TargetError::refused("the rows", None, error)
}
