//! Reasons why no session of a server was opened, and what to do about each.
//! Source of the numbers: MySQL and MariaDB, "Server Error Message Reference".

use super::client::{AuthenticationFailure, ClientError, TlsFailure};
use std::io::ErrorKind;

/// Kind of a failure to open a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInFailure {
    /// No server answers at the address, or not in time.
    Unreachable,
    /// The server answers, and has no room or is about to stop.
    Busy,
    /// The server was reached, and the connection broke before the user was signed in.
    Lost,
    /// Something else than MySQL answers, or not as MySQL does.
    NotUnderstood,
    /// User or password is wrong.
    User,
    /// User or password is wrong, or the user may sign in over TLS only, which the connection does not use.
    UserWithoutTls,
    /// The user is another one's in the operating system.
    SystemUser,
    /// There is no such database.
    Database,
    /// The user may not use the database.
    Privilege,
    /// The server takes no connection from this machine.
    ClientHost,
    /// The server has shut this machine out after too many failures.
    Blocked,
    /// The account is locked.
    Locked,
    /// The password has expired.
    Expired,
    /// The server demands TLS.
    TlsDemanded,
    /// TLS is asked for, and the server has none.
    TlsNotOffered,
    /// The server's certificate is not accepted.
    NotTrusted,
    /// The two sides do not agree on TLS.
    TlsHandshake,
    /// A file of certificates or a key.
    TlsFiles,
    /// The way to sign in is not supported.
    UnknownMethod,
    /// The way to sign in would reveal the password.
    Unprotected,
    /// The server refuses for another reason.
    Other,
}

impl SignInFailure {
    /// Kind of a failure on a connection that is encrypted, or not.
    pub(super) fn of(error: &ClientError, is_encrypted: bool) -> Self {
        match error {
            ClientError::Io(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Self::Unreachable
            }
            ClientError::Io(_) | ClientError::TransactionEnded => Self::Lost,
            ClientError::Unreachable(_) => Self::Unreachable,
            ClientError::Protocol(_) => Self::NotUnderstood,
            ClientError::Connect { refusal, .. } => *refusal,
            ClientError::Tls(failure) => match failure {
                TlsFailure::NotOffered => Self::TlsNotOffered,
                TlsFailure::NotTrusted(_) => Self::NotTrusted,
                TlsFailure::Handshake(_) => Self::TlsHandshake,
                TlsFailure::Files(_) => Self::TlsFiles,
            },
            ClientError::Authentication(failure) => match failure {
                AuthenticationFailure::Unknown(_) | AuthenticationFailure::Outdated => Self::UnknownMethod,
                AuthenticationFailure::Unprotected | AuthenticationFailure::KeyNotTrusted(_) => Self::Unprotected,
                AuthenticationFailure::Exchange { .. } => Self::NotUnderstood,
            },
            ClientError::Server { code, .. } => match code {
                // Too many connections, of all or of the user; shutdown, offline mode; out of memory or threads.
                1037 | 1038 | 1040 | 1041 | 1053 | 1135 | 1203 | 1226 | 3032 => Self::Busy,
                1045 if is_encrypted => Self::User,
                1045 => Self::UserWithoutTls,
                1698 => Self::SystemUser,
                1049 => Self::Database,
                1044 => Self::Privilege,
                1130 => Self::ClientHost,
                1129 => Self::Blocked,
                3118 | 4151 => Self::Locked,
                1820 | 1862 => Self::Expired,
                3159 => Self::TlsDemanded,
                1251 | 1275 | 1524 => Self::UnknownMethod,
                _ => Self::Other,
            },
        }
    }

    /// Whether the server was not asked at all, or asked rightly: the address may be right.
    #[must_use]
    pub fn is_away(self) -> bool {
        matches!(self, Self::Unreachable | Self::Busy | Self::Lost)
    }

    /// Whether the same may succeed in a moment: the server is there.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Busy | Self::Lost)
    }

    /// Advice to the user.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "check host and port (or socket) in `source.url`, and that the server is running and reachable from here"
            }
            Self::Lost => {
                "look into the server's log, and check that host and port in `source.url` are a MySQL or MariaDB server's"
            }
            Self::Busy => {
                "use fewer connections (`--jobs`; two are needed at least), close others, raise the limit, or wait until the server is up; then run the same command again"
            }
            Self::NotUnderstood => {
                "check that host and port in `source.url` are a MySQL or MariaDB server's, 3306 as a rule"
            }
            Self::User => {
                "check user and password; special characters of a password are percent-encoded in a URL (`@` is %40), and need \
                 not be in a variable of their own: mysql://USER:${MYSQL_PASSWORD}@HOST/DATABASE; a user made with REQUIRE X509 needs `ssl-cert` and \
                 `ssl-key`"
            }
            Self::UserWithoutTls => {
                "check user and password (`@` in a URL is %40; `${MYSQL_PASSWORD}` needs no encoding); the connection is not \
                 encrypted, and a user made with REQUIRE SSL is refused in the same words: try ssl-mode=required"
            }
            Self::SystemUser => {
                "run transship as that user over the socket, for the user signs in by the operating system's name alone; or \
                 make another one: CREATE USER … IDENTIFIED BY …"
            }
            Self::Database => {
                "check the database in `source.url` and `source.databases`, or make it (CREATE DATABASE) where `--to` names a new one; SHOW DATABASES lists those that the user may see"
            }
            Self::Privilege => "let an administrator allow it: GRANT SELECT, SHOW VIEW, TRIGGER ON DATABASE.* TO USER",
            Self::ClientHost => "let an administrator make the user for this machine too: CREATE USER 'USER'@'HOST' …",
            Self::Blocked => {
                "let an administrator run FLUSH HOSTS (MySQL 8.4: TRUNCATE TABLE performance_schema.host_cache)"
            }
            Self::Locked => "let an administrator unlock the account: ALTER USER … ACCOUNT UNLOCK",
            Self::Expired => "set a new password with MySQL's own client: ALTER USER USER() IDENTIFIED BY …",
            Self::TlsDemanded => "take out `ssl-mode=disabled`, or write ssl-mode=required",
            Self::TlsNotOffered => {
                "let the server have a certificate, or write ssl-mode=preferred where the network is trusted"
            }
            Self::NotTrusted => {
                "name the file of the authority that has signed the certificate in `ssl-ca`; if the name is wrong, name the host \
                 as the certificate does, or write ssl-mode=verify-ca"
            }
            Self::TlsHandshake => {
                "let the server speak TLS 1.2 or 1.3; if it asks for a client's certificate, name it in `ssl-cert` and `ssl-key`"
            }
            Self::TlsFiles => {
                "check `ssl-ca`, `ssl-cert` and `ssl-key`: they name files in the PEM format, relative to the spec"
            }
            Self::UnknownMethod => {
                "make a user who signs in by caching_sha2_password, mysql_native_password, ed25519 or sha256_password"
            }
            Self::Unprotected => {
                "write ssl-mode=required so that the password is encrypted; or, where the network is trusted, \
                 allow-public-key-retrieval=true"
            }
            Self::Other => {
                "try MySQL's own client with the same user, host and database: it shows whether the server lets anybody in"
            }
        }
    }
}
