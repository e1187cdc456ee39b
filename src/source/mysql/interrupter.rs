//! Interrupting a query from another thread.

use super::client::{Client, ClientError};
use crate::connection::MysqlSource;
use std::sync::{Arc, Mutex, PoisonError};

/// Error of KILL for a session that has ended: "Unknown thread id".
const NO_SUCH_SESSION: u16 = 1094;

/// Interrupts a reader's query from another thread, over a connection of its own, which is opened when first needed.
#[derive(Debug)]
pub struct Interrupter {
    server: Arc<MysqlSource>,
    connection_id: u32,
    client: Mutex<Option<Client>>,
}

impl Interrupter {
    pub(super) fn new(server: Arc<MysqlSource>, connection_id: u32) -> Self {
        Self { server, connection_id, client: Mutex::new(None) }
    }

    /// Interrupts the reader's running query, if any. Later queries are not affected.
    pub(in crate::source) fn interrupt(&self) {
        if let Err(error) = self.kill() {
            tracing::debug!(%error, "the source's query could not be ended; it goes on to its own end");
        }
    }

    fn kill(&self) -> Result<(), ClientError> {
        // A thread that panicked has left a session that is asked one statement at most.
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let mut client = match kept.take() {
            Some(client) => client,
            None => Client::connect(&self.server)?,
        };
        match client.query(&format!("KILL QUERY {}", self.connection_id)) {
            // A connection that failed is opened again next time.
            Err(error) if error.code() != Some(NO_SUCH_SESSION) => return Err(error),
            _ => {}
        }
        *kept = Some(client);
        Ok(())
    }
}
