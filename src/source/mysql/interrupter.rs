//! Interrupting a query from another thread.

use super::client::Client;
use crate::connection::MysqlSource;
use std::sync::Arc;

/// Interrupts a reader's query from another thread, over a connection of its own.
#[derive(Debug)]
pub struct Interrupter {
    server: Arc<MysqlSource>,
    connection_id: u32,
}

impl Interrupter {
    pub(super) fn new(server: Arc<MysqlSource>, connection_id: u32) -> Self {
        Self { server, connection_id }
    }

    /// Interrupts the reader's running query, if any. Later queries are not affected.
    pub(in crate::source) fn interrupt(&self) {
        let killed = Client::connect(&self.server)
            .and_then(|mut client| client.query(&format!("KILL QUERY {}", self.connection_id)));
        if let Err(error) = killed {
            tracing::warn!(%error, "the source's query could not be ended; it goes on to its own end");
        }
    }
}
