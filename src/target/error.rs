//! Errors of the target, each with its cause and a hint.

use super::embedded::EmbeddedError;
use super::ledger::Distrust;
use super::sqlstate::{DENIED, DISK_FULL, QUERY_CANCELED, READ_ONLY, is_transient};
use super::words::{Private, instead_of_user_code, parted};
use crate::catalog::remedy;
use crate::connection::unset_target;
use std::fmt::Write as _;
use tokio_postgres::error::SqlState;

/// Hint for a contradiction between the ledger and the target.
pub const CONTRADICTION: &str = "bring the table and the schema transship back to what they were together (a backup of the \
     whole database), or start over: `transship rollback` removes what was made; nothing was touched";

/// A target that cannot be reached or refuses something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The connection failed.
    #[error("cannot connect to {place}: {cause}")]
    Connect {
        /// The server and database, without password.
        place: String,
        /// Cause of the failure.
        cause: String,
        /// Hint for the user.
        hint: Option<&'static str>,
        /// Whether the server answered and refused: the URL is wrong, not the network.
        refused: bool,
    },
    /// The spec was read without the variable that names the target.
    #[error("the variable `{variable}` of `target.url` is not set")]
    Unset {
        /// The variable.
        variable: String,
    },
    /// A program of PostgreSQL's does not start, or failed.
    #[error("{program} {message}")]
    Program {
        /// The program.
        program: &'static str,
        /// The failure in words, with what the program said.
        message: String,
        /// Whether it is not installed.
        is_missing: bool,
    },
    /// The user asked to stop while a program of PostgreSQL's was at work, or rows were counted.
    #[error("stopped while {doing}")]
    Stopped {
        /// The work.
        doing: String,
    },
    /// Extensions that the private server needs are not installed on this machine.
    #[error("not installed for the PostgreSQL of this machine: {}", in_quotes(names))]
    MissingExtensions {
        /// The extensions.
        names: Vec<String>,
        /// The command that installs them, or the way to one.
        install: String,
    },
    /// There is no room among the temporary files.
    #[error("cannot make a directory among the temporary files: {0}")]
    Scratch(std::io::Error),
    /// The embedded server.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The certificate authorities cannot be read.
    #[error("the certificates cannot be read: {0}")]
    Certificates(String),
    /// A pooler in transaction or statement mode stands in front of the server.
    #[error(
        "{place} is a pooler that gives each transaction another session of PostgreSQL: what transship sets and locks for a \
         session would stay behind for others"
    )]
    TransactionPooler {
        /// The server and database, without password.
        place: String,
    },
    /// The server is too old.
    #[error("the server is PostgreSQL {found}; transship needs 13 or newer")]
    TooOld {
        /// The server's version.
        found: String,
    },
    /// The server is a standby, or the role's transactions only read.
    #[error("{message}")]
    OnlyReads {
        /// Reason why nothing can be written.
        message: &'static str,
        /// Hint for the user.
        hint: String,
    },
    /// The role of `target.url` lacks a privilege for its next action.
    #[error("the role of `target.url` may not {what}")]
    NotPermitted {
        /// Denied action, as a verb with its object.
        what: String,
        /// The statements that would give the privileges.
        grants: Vec<String>,
    },
    /// A statement failed.
    #[error("{doing}: {message}")]
    Statement {
        /// Action in progress, for the message.
        doing: String,
        /// PostgreSQL's message, detail and hint, as far as they hold no values.
        message: String,
        /// The same words unmasked; they may hold values.
        private: Private,
        /// PostgreSQL's error code (documentation, appendix A); `None` if the server did not answer.
        code: Option<String>,
        /// Whether a retry can help: a lost connection, a deadlock, a server shutting down.
        transient: bool,
        /// PostgreSQL's context: `COPY users, line 5, column "name"`.
        context: Option<String>,
    },
    /// Another run holds the migration's lock.
    #[error("another transship is working on the migration \"{migration}\" in this database")]
    Busy {
        /// The spec's name.
        migration: String,
    },
    /// Another run has superseded this one.
    #[error(
        "run {run} was overtaken by {} and has changed nothing since",
        .by.as_deref().unwrap_or("a rollback, which has removed the ledger,")
    )]
    Overtaken {
        /// The run's number.
        run: i64,
        /// The run that superseded it, in words; `None` if a rollback has removed the ledger.
        by: Option<String>,
    },
    /// Sessions of an earlier run could not be ended.
    #[error("sessions of an earlier run of the migration \"{migration}\" are still at work and do not end")]
    SessionsRemain {
        /// The spec's name.
        migration: String,
    },
    /// Another run has written into the ledger between the plan and its execution.
    #[error("another run of the migration \"{migration}\" went on while this one was planned; nothing was changed")]
    LedgerMoved {
        /// The spec's name.
        migration: String,
    },
    /// A row of the ledger is not claimed by the transaction that writes it.
    #[error("another session has changed the ledger's row of {what}; nothing of it was committed")]
    NotClaimed {
        /// Subject of the row: a chunk or a step.
        what: String,
    },
    /// The ledger was written by another version of transship.
    #[error("the ledger in schema transship has version {found}; this transship knows version {known}")]
    LedgerVersion {
        /// The version found.
        found: i32,
        /// The version that this program writes.
        known: i32,
    },
    /// The ledger and the target contradict each other.
    #[error("{message}")]
    Contradiction {
        /// The contradiction, in words.
        message: String,
    },
    /// A table of the ledger is missing.
    #[error("the ledger in schema transship has lost its table {table}: what was done is no longer known")]
    LedgerIncomplete {
        /// The table's name.
        table: String,
    },
    /// The ledger was made by a role that is not trusted, or others may write it.
    #[error("the ledger in schema transship is not to be trusted: {}", in_words(reasons))]
    Distrusted {
        /// Reasons, at least one.
        reasons: Vec<Distrust>,
    },
    /// The ledger's row for a table cannot be read.
    #[error("what the ledger keeps of the constraints of {table} cannot be read: {cause}")]
    Ledger {
        /// The table in the target.
        table: String,
        /// Cause of the failure.
        cause: String,
    },
}

impl TargetError {
    /// Error of a failed statement, for the user and without values.
    #[must_use]
    pub fn statement(doing: impl Into<String>, error: &tokio_postgres::Error) -> Self {
        Self::of_statement(doing, None, error)
    }

    /// Error of a failed statement whose text is known: words of the text may be shown.
    #[must_use]
    pub fn of_statement(doing: impl Into<String>, sql: Option<&str>, error: &tokio_postgres::Error) -> Self {
        let doing = doing.into();
        let Some(database) = error.as_db_error() else {
            let message = chain(error);
            return Self::Statement {
                doing,
                message,
                code: None,
                transient: true,
                context: None,
                private: Private::default(),
            };
        };
        let (message, private) = parted(database, sql);
        Self::Statement {
            doing,
            message,
            private,
            code: Some(database.code().code().to_owned()),
            transient: is_transient(database.code().code(), database.message()),
            context: database.where_().map(str::to_owned),
        }
    }

    /// Error of a COPY or a message: PostgreSQL refused it, or the connection was lost.
    #[must_use]
    pub fn refused(what: &str, sql: Option<&str>, error: &tokio_postgres::Error) -> Self {
        let doing = match error.as_db_error() {
            Some(_) => format!("PostgreSQL refused {what}"),
            None => format!("the connection was lost while PostgreSQL took {what}"),
        };
        Self::of_statement(doing, sql, error)
    }

    /// Error of a failed connection, for the user.
    #[must_use]
    pub fn connect(place: String, error: &tokio_postgres::Error) -> Self {
        let Some(database) = error.as_db_error() else {
            let cause = chain(error);
            let (hint, refused) = if cause.contains("password missing") {
                (
                    "give the server a password: in the URL (postgres://USER:${PASSWORD}@HOST/DATABASE), in the variable \
                     PGPASSWORD, or in a line of ~/.pgpass",
                    true,
                )
            } else if cause.contains("peer certificate") {
                (
                    "name the authority that signed the server's certificate in `sslrootcert`; without it, those in \
                     ~/.postgresql/root.crt count, or without that file those of the operating system",
                    true,
                )
            } else if cause.contains("TLS") {
                ("check `tls` in the spec or `sslmode` in the URL against what the server offers", true)
            } else {
                ("check host and port in `target.url`, and that the server is running", false)
            };
            return Self::Connect { place, cause, hint: Some(hint), refused };
        };
        let hint = match database.code() {
            code if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Some(
                    "check user and password; special characters of a password are percent-encoded in a URL (`@` is %40)",
                )
            }
            code if *code == SqlState::INVALID_CATALOG_NAME => Some("create the database first: createdb NAME"),
            code if *code == SqlState::CANNOT_CONNECT_NOW => {
                Some("wait until the server is up, then run the same command again")
            }
            code if *code == SqlState::TOO_MANY_CONNECTIONS => Some("use fewer connections (`--jobs`) or close others"),
            _ => None,
        };
        // A server that is starting, or has no connection left, says nothing about the URL.
        let refused = !is_transient(database.code().code(), database.message());
        // A trigger on logins is user code (PostgreSQL 17).
        let cause = instead_of_user_code(database).unwrap_or_else(|| database.message().to_owned());
        Self::Connect { place, cause, hint, refused }
    }

    /// Hint for the user; `None` if the message says it all.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Connect { hint, .. } => hint.map(str::to_owned),
            Self::Unset { variable } => Some(unset_target(variable)),
            Self::Program { is_missing: true, .. } => Some(
                "install PostgreSQL's client programs, of the server's version or newer (Debian: apt-get install postgresql-client)"
                    .to_owned(),
            ),
            Self::Program { .. } => Some("read the message, which is the program's own".to_owned()),
            Self::MissingExtensions { install, .. } => Some(format!("install the packages that have them: `{install}`")),
            Self::Scratch(_) => Some("set TMPDIR to a directory in which temporary files can be made".to_owned()),
            Self::Busy { .. } => Some(
                "wait until it is done; a lock left by a process that died frees itself with its connection".to_owned(),
            ),
            Self::Overtaken { .. } => {
                Some("run `transship status` for the state of the other run; when it has ended, run the same command again".to_owned())
            }
            Self::SessionsRemain { .. } => Some(
                "let an administrator end them: pg_locks lists them with locktype advisory, pg_terminate_backend(pid) ends them"
                    .to_owned(),
            ),
            Self::LedgerMoved { .. } | Self::NotClaimed { .. } => Some("run the same command again".to_owned()),
            Self::TransactionPooler { .. } => Some(
                "name the server's own address in `target.url`, or one where the pooler keeps a session for each client \
                 (PgBouncer: pool_mode = session; Supabase: port 5432; Neon: the host without `-pooler`)"
                    .to_owned(),
            ),
            Self::OnlyReads { hint, .. } => Some(format!("{hint}; nothing was touched")),
            Self::NotPermitted { grants, .. } => {
                Some(format!("{}, then run the same command again", remedy(grants.iter().map(String::as_str))))
            }
            Self::TooOld { .. } => Some("name a newer server in `target.url`".to_owned()),
            Self::Ledger { .. } => {
                Some("look at transship.detached: another version of transship may have written it".to_owned())
            }
            Self::Contradiction { .. } => Some(CONTRADICTION.to_owned()),
            Self::LedgerIncomplete { .. } => Some(
                "restore the table from a backup, or start over: remove what was migrated and the schema transship \
                 yourself; nothing was touched"
                    .to_owned(),
            ),
            Self::Distrusted { reasons } => Some(format!(
                "look at what others have put there, for a role that may write there can have statements run as the role of \
                 `target.url`; then {}; or, where the role is trusted, name it in `trusted_roles` under [target]",
                shown(reasons.iter().map(|reason| reason.remedy.as_str()))
            )),
            Self::LedgerVersion { .. } => Some("use the version of transship that made it".to_owned()),
            Self::Statement { code: Some(code), .. } => match code.as_str() {
                DENIED => Some("grant the privilege that the role of `target.url` lacks, or use another role".to_owned()),
                READ_ONLY => Some(
                    "run the same command again when the server or the role may write again: it has begun to only read"
                        .to_owned(),
                ),
                DISK_FULL => Some("make room on the server's disk, which is full, then run the same command again".to_owned()),
                QUERY_CANCELED => Some(
                    "run the same command again: a timeout of the server, or its administrator, cancelled it".to_owned(),
                ),
                _ => None,
            },
            Self::Statement { code: None, .. } => {
                Some("run the same command again when the server is back: the connection was lost".to_owned())
            }
            Self::Embedded(_) | Self::Certificates(_) | Self::Stopped { .. } => None,
        }
    }

    /// PostgreSQL's own words, which may hold values; shown only with `--show-values`.
    #[must_use]
    pub fn private_words(&self) -> Option<&str> {
        match self {
            Self::Statement { private, .. } => private.words(),
            _ => None,
        }
    }

    /// Whether the command line, the spec or a URL is wrong; `false` for a failure while running.
    #[must_use]
    pub fn is_wrong_input(&self) -> bool {
        match self {
            Self::Connect { refused, .. } => *refused,
            Self::Unset { .. }
            | Self::TransactionPooler { .. }
            | Self::TooOld { .. }
            | Self::Certificates(_)
            | Self::LedgerVersion { .. }
            | Self::Distrusted { .. } => true,
            Self::Embedded(_)
            | Self::Program { .. }
            | Self::Stopped { .. }
            | Self::Scratch(_)
            | Self::MissingExtensions { .. }
            | Self::Statement { .. }
            | Self::Busy { .. }
            | Self::Overtaken { .. }
            | Self::SessionsRemain { .. }
            | Self::LedgerMoved { .. }
            | Self::NotClaimed { .. }
            | Self::Contradiction { .. }
            | Self::LedgerIncomplete { .. }
            | Self::OnlyReads { .. }
            | Self::NotPermitted { .. }
            | Self::Ledger { .. } => false,
        }
    }
}

fn in_quotes(names: &[String]) -> String {
    let quoted = names.iter().map(|name| format!("the extension \"{name}\"")).collect::<Vec<_>>();
    quoted.join(", ")
}

fn in_words(reasons: &[Distrust]) -> String {
    shown(reasons.iter().map(|reason| reason.what.as_str()))
}

/// The first items of a list, and the number of the others.
fn shown<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 5;
    let left = all.len().saturating_sub(SHOWN);
    let shown = all.take(SHOWN).collect::<Vec<_>>().join("; ");
    if left == 0 { shown } else { format!("{shown}; and {left} more") }
}

/// tokio-postgres tells the cause only through the chain of sources.
fn chain(error: &tokio_postgres::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.ends_with(&cause_words) {
            let _infallible = write!(words, ": {cause_words}");
        }
        source = cause.source();
    }
    words
}
