//! Failures of a connection to a server.

use crate::source::masked_message::without_quoted;
use crate::source::mysql::sign_in_failure::SignInFailure;
use std::io;
use std::ops::RangeInclusive;

/// Errors that quote names, rights, settings and the statement, and no value of a row. Source of the numbers: MySQL and MariaDB,
/// "Server Error Message Reference".
const OF_NAMES: [RangeInclusive<u16>; 22] = [
    1005..=1061,
    1063..=1091,
    1100..=1104,
    1109..=1132,
    1138..=1149,
    1176..=1249,
    1264..=1273,
    1286..=1290,
    1298..=1298,
    1304..=1320,
    1345..=1364,
    1369..=1382,
    1406..=1408,
    1412..=1428,
    1436..=1465,
    1548..=1584,
    1615..=1630,
    1792..=1792,
    3105..=3118,
    3140..=3141,
    3819..=3819,
    4025..=4078,
];

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
    /// No server was reached.
    #[error("{}", words(.0))]
    Unreachable(io::Error),
    /// No session was opened.
    #[error("{cause}")]
    Connect {
        /// The failure, in words.
        cause: String,
        /// Kind of the failure.
        refusal: SignInFailure,
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
    #[error("the TLS handshake failed: {0}")]
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
        "the server asks for the password by `{0}`, which on a connection without TLS is encrypted with a key that an \
         attacker could have sent"
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
        // A packet ended before its length (mysql_common's own words).
        io::ErrorKind::Other if error.to_string() == "bytes remaining on stream" => {
            "the server closed the connection".to_owned()
        }
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

    /// The failure in words, without the values of rows that a server quotes while a statement runs.
    pub(in crate::source::mysql) fn without_values(&self) -> String {
        let Self::Server { code, message } = self else { return self.to_string() };
        let words = match code {
            code if OF_NAMES.iter().any(|codes| codes.contains(code)) => message.clone(),
            // The words of a routine's SIGNAL, and numbers that are not quoted.
            1644 => "a routine ends it with words of its own, which may hold values".to_owned(),
            1526 => "the table has no partition for a value".to_owned(),
            3616 | 3617 => "a longitude or a latitude is out of range".to_owned(),
            _ => without_quoted(message),
        };
        format!("{words} (error {code})")
    }

    /// Whether the session is lost.
    pub(in crate::source::mysql) fn is_lost(&self) -> bool {
        // 1053: shutdown in progress; 1927, 3169, 4031: the session was killed or was idle for too long.
        matches!(self, Self::Io(_) | Self::TransactionEnded) || matches!(self.code(), Some(1053 | 1927 | 3169 | 4031))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_row_is_not_repeated_and_a_name_is() {
        let words = |code, message: &str| ClientError::Server { code, message: message.to_owned() }.without_values();
        assert_eq!(words(1525, "Incorrect DATE value: 'patient 4711'"), "Incorrect DATE value: '…' (error 1525)");
        assert_eq!(words(1105, "XPATH syntax error: '4711'"), "XPATH syntax error: '…' (error 1105)");
        assert_eq!(
            words(1690, "BIGINT value is out of range in '(4711 * `a`)'"),
            "BIGINT value is out of range in '…' (error 1690)"
        );
        assert_eq!(words(1062, "Duplicate entry 'ada@x' for key 'PRIMARY'"), "Duplicate entry '…' (error 1062)");
        assert!(!words(1644, "patient 4711 is too young").contains("4711"));
        let unknown = "Unknown column 'nonsense' in 'field list'";
        assert_eq!(words(1054, unknown), format!("{unknown} (error 1054)"));
    }
}
