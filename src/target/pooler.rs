//! Transaction poolers, recognised before anything is set.
//!
//! A pooler in transaction mode (PgBouncer, pgcat, Supavisor, RDS Proxy) hands each transaction to whichever session of
//! PostgreSQL is free: what one client sets stays behind for another, a lock of a session belongs to nobody, prepared
//! statements are elsewhere. In session mode it keeps one session for one client, and all is well.
//!
//! PostgreSQL tells a client the number of its process in the cancel key (PostgreSQL documentation, section 55.2.1,
//! BackendKeyData). A pooler makes up keys of its own, so a key that names another process than `pg_backend_pid()`
//! shows that there is one. Two connections then show its mode: in session mode each keeps its process, and they
//! differ.

use super::{Session, TargetError};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{CancelToken, SimpleQueryMessage};

/// Number of rounds in which both connections are asked. An idle pool is recognised in the first round; a busy one
/// hands out its sessions by chance.
const ROUNDS: usize = 4;

/// The wait for a second connection: in session mode a pool may have no session left for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// A whole transaction that changes nothing and leaves nothing behind, in one message: a pooler in statement mode takes
/// it too.
const TRANSACTION: &str = "BEGIN READ ONLY; SELECT pg_catalog.pg_backend_pid(); COMMIT";

/// Whether a pooler is between this program and PostgreSQL: the session's cancel key is not of its process.
///
/// # Errors
/// The connection is lost.
pub(super) async fn stands_between(session: &Session) -> Result<bool, TargetError> {
    let told = process_of_key(&session.client().cancel_token()).await;
    let process = process(session, "SELECT pg_catalog.pg_backend_pid()").await?;
    Ok(told.map(|told| told.to_string()) != process)
}

/// Whether the sessions of PostgreSQL behind this connection change from one transaction to the next. `second` opens
/// another connection to the same place; if it cannot, only the first one is asked.
///
/// # Errors
/// The first connection is lost.
pub(super) async fn changes_sessions(
    session: &Session,
    second: impl Future<Output = Result<Session, TargetError>>,
) -> Result<bool, TargetError> {
    let first = process(session, TRANSACTION).await?;
    let mut second = match timeout(PATIENCE, second).await {
        Ok(Ok(second)) => Some(second),
        Ok(Err(_)) | Err(_) => None,
    };
    let mut other = None;
    for _ in 0..ROUNDS {
        if let Some(session) = &second {
            match timeout(PATIENCE, process(session, TRANSACTION)).await {
                Ok(Ok(process)) if process == first || other.as_ref().is_some_and(|other| *other != process) => {
                    return Ok(true);
                }
                Ok(Ok(process)) => other = Some(process),
                Ok(Err(_)) | Err(_) => second = None,
            }
        }
        // Twice: sessions that are handed out in turn would come back to the two connections in turn.
        for _ in 0..2 {
            if process(session, TRANSACTION).await? != first {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The process that answers, by the simple protocol: prepared statements do not reach through every pooler.
async fn process(session: &Session, sql: &str) -> Result<Option<String>, TargetError> {
    let messages = session.client().simple_query(sql).await;
    let messages = messages.map_err(|error| TargetError::statement("asking for the server's process", &error))?;
    Ok(messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}

/// The process that the cancel key names. The driver keeps it to itself, so it writes its request to cancel to nobody.
/// Layout: PostgreSQL documentation, section 55.7, CancelRequest.
async fn process_of_key(token: &CancelToken) -> Option<i32> {
    let written = RecordingStream::default();
    token.cancel_query_raw(written.clone(), WithoutTls).await.ok()?;
    let bytes = written.0.lock().unwrap_or_else(PoisonError::into_inner);
    let request = bytes.len().checked_sub(16).and_then(|from| bytes.get(from..))?;
    request.get(8..12)?.try_into().ok().map(i32::from_be_bytes)
}

/// A stream that keeps what is written, and answers every question for TLS with yes.
#[derive(Debug, Clone, Default)]
struct RecordingStream(Arc<Mutex<Vec<u8>>>);

impl AsyncRead for RecordingStream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buffer.remaining() > 0 {
            buffer.put_slice(b"S");
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for RecordingStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for RecordingStream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Connector without TLS: the stream as it is.
struct WithoutTls;

impl TlsConnect<RecordingStream> for WithoutTls {
    type Stream = RecordingStream;
    type Error = Infallible;
    type Future = Ready<Result<RecordingStream, Infallible>>;

    fn connect(self, stream: RecordingStream) -> Self::Future {
        ready(Ok(stream))
    }
}
