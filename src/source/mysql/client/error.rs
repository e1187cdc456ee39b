//! Failures of a connection to a server.

use std::io;

/// A failure of a session.
#[derive(Debug, thiserror::Error)]
pub(in crate::source::mysql) enum ClientError {
    /// The connection was refused, broke, or did not answer in time.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server refused: its error code, and its message.
    #[error("{message} (error {code})")]
    Server {
        /// MySQL's error number, such as 1045.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// The server says something that the protocol does not know.
    #[error("the server does not speak MySQL's protocol as expected: {0}")]
    Protocol(String),
    /// The server offers no TLS, or its certificate is not trusted.
    #[error("{0}")]
    Tls(String),
    /// The server asks for a way of authentication that is not supported, or not safe on this connection.
    #[error("{0}")]
    Authentication(String),
    /// The server says that the session is in no transaction, although it has begun one.
    #[error("its transaction has ended")]
    TransactionEnded,
}

impl ClientError {
    /// An answer that is not understood.
    pub(super) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol(what.into())
    }

    /// The server's error number, if it has answered with one.
    pub(in crate::source::mysql) fn code(&self) -> Option<u16> {
        match self {
            Self::Server { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether the session is lost.
    pub(in crate::source::mysql) fn is_lost(&self) -> bool {
        // 1053: shutdown in progress; 1927, 3169, 4031: the session was killed or was idle for too long.
        matches!(self, Self::Io(_) | Self::TransactionEnded) || matches!(self.code(), Some(1053 | 1927 | 3169 | 4031))
    }
}
