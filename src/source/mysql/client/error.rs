//! Failures of a connection to a server.

use crate::source::mysql::refusal::Refusal;
use std::io;

/// A failure of a session.
#[derive(Debug, thiserror::Error)]
pub(in crate::source::mysql) enum ClientError {
    /// The connection broke, or the server did not answer in time.
    #[error("{}", words(.0))]
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
    /// The server says that the session is in no transaction, although it has begun one.
    #[error("its transaction has ended")]
    TransactionEnded,
    /// The connection is not protected as it has to be.
    #[error(transparent)]
    Tls(#[from] TlsFailure),
    /// The password cannot be given.
    #[error(transparent)]
    Authentication(#[from] AuthenticationFailure),
    /// Nobody was reached.
    #[error("{}", words(.0))]
    Unreachable(io::Error),
    /// No session was opened.
    #[error("{cause}")]
    Connect {
        /// The failure, in words.
        cause: String,
        /// Kind of the failure.
        refusal: Refusal,
    },
}

/// Reason why there is no TLS where there has to be.
#[derive(Debug, thiserror::Error)]
pub(in crate::source::mysql) enum TlsFailure {
    /// The server has none.
    #[error("the server offers no TLS, and `ssl-mode` asks for it")]
    NotOffered,
    /// The server's certificate is not accepted.
    #[error("the server's certificate is not trusted: {0}")]
    NotTrusted(String),
    /// The two sides do not agree.
    #[error("no TLS connection came about: {0}")]
    Handshake(String),
    /// Certificates or keys cannot be read.
    #[error("a file of the TLS connection cannot be used: {0}")]
    Files(String),
}

/// Reason why the password cannot be given to the server.
#[derive(Debug, thiserror::Error)]
pub(in crate::source::mysql) enum AuthenticationFailure {
    /// The way has a name that is not known here.
    #[error("the server asks the user to sign in by `{0}`, which is not supported")]
    Unknown(String),
    /// The password would be sent as it is.
    #[error("the server asks for the password unencrypted, and the connection is not encrypted")]
    Unprotected,
    /// The password would be encrypted with a key that may be anybody's.
    #[error(
        "the server asks for the password by `{0}`, which on a connection without TLS is encrypted with a key that someone \
         between could have sent"
    )]
    KeyNotTrusted(String),
    /// The password would be sent in the form from before MySQL 4.1.
    #[error("the server asks for the password in the form from before MySQL 4.1, which does not protect it")]
    Outdated,
    /// The server did not keep to the way.
    #[error("signing in by `{name}` failed: {cause}")]
    Exchange {
        /// The way.
        name: String,
        /// The failure.
        cause: String,
    },
}

/// A socket's failure in words. With a limit on reading, an answer that does not come shows as a call that would block.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "the server did not answer in time".to_owned(),
        io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        _ => error.to_string(),
    }
}

impl ClientError {
    /// An answer that is not understood.
    pub(in crate::source::mysql) fn protocol(what: impl Into<String>) -> Self {
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
