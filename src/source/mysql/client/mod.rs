//! A connection to a server, over MySQL's client protocol.
//!
//! [`Client`] sends statements and reads their answers: whole and as text for small questions, row by row in the binary
//! protocol for data. Source: MySQL internals, "Client/Server Protocol"; MariaDB documentation, "Client/Server Protocol".

mod authentication;
mod connect;
mod error;
mod packet;
mod query;
mod result;
mod stream;

pub(super) use error::{AuthenticationFailure, ClientError, TlsFailure};
pub(super) use packet::PacketWalk;
pub(super) use query::{PreparedStatement, TextRow, Value};
pub(super) use result::{ColumnFormat, ResultColumnOrigin, ResultSet};

use crate::source::mysql::is_mariadb;
use mysql_common::constants::{CapabilityFlags, StatusFlags};
use mysql_common::proto::sync_framed::MySyncFramed;
use std::fmt;
use stream::Stream;

/// One session of a server. It is used by one thread at a time, and asked one statement at a time.
pub(super) struct Client {
    framed: MySyncFramed<Stream>,
    capabilities: CapabilityFlags,
    /// The server's version, as it says it: `8.0.36`, `10.11.6-MariaDB-0+deb12u1`.
    version: String,
    /// The session's number, by which another session ends its query.
    connection_id: u32,
    /// The packet that was read last.
    packet: Vec<u8>,
    /// Whether rows of an answer are still to come, because its reader has stopped.
    is_unfinished: bool,
    /// The prepared statement of an answer whose reader has stopped, to be closed after its end.
    abandoned: Option<u32>,
    /// The server's status flags at the end of the last answer.
    status: StatusFlags,
}

impl Client {
    /// Whether the server is MariaDB.
    pub(super) fn is_mariadb(&self) -> bool {
        is_mariadb(&self.version)
    }

    /// Whether the session was in a transaction at the end of the last answer.
    pub(super) fn is_in_transaction(&self) -> bool {
        self.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS)
    }

    /// The session's number.
    pub(super) fn connection_id(&self) -> u32 {
        self.connection_id
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("version", &self.version).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
