//! Errors that end a run.

use crate::catalog::{WITHOUT_ROW_SECURITY, remedy};
use crate::plan::PlanError;
use crate::source::SourceError;
use crate::target::sqlstate::DEPENDENT_OBJECTS;
use crate::target::{Private, TargetError};

/// Error of a run, or of the survey before it. Committed work stays, and the ledger records it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError {
    /// Error of the source.
    #[error(transparent)]
    Source(SourceError),
    /// Error of the target.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No plan can be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan has findings that the spec has to decide first.
    #[error("{findings} blocking finding{}", if *.findings == 1 { "" } else { "s" })]
    Blocked {
        /// Number of findings.
        findings: usize,
    },
    /// A step failed.
    #[error("the step {step} failed: {cause}")]
    Step {
        /// The step's id.
        step: String,
        /// Cause of the failure.
        #[source]
        cause: Box<ExecuteError>,
    },
    /// The role of `target.url` lacks a privilege.
    #[error("{cause}")]
    Denied {
        /// PostgreSQL's refusal.
        cause: Box<ExecuteError>,
        /// The statements that would give the privileges.
        grants: Vec<String>,
    },
    /// The role of `target.url` may not read the tables to compare.
    #[error("the role of `target.url` may not read all that is compared")]
    MayNotRead {
        /// The statements that would give the privileges.
        grants: Vec<String>,
    },
    /// Policies choose which rows the role of `target.url` sees.
    #[error(
        "row security of {} applies to the role of `target.url`: it would see some of the rows, and not know of the others",
        tables.join(", ")
    )]
    RowSecurity {
        /// The tables in the target.
        tables: Vec<String>,
    },
    /// A value does not fit its column in the target.
    #[error("{table}, {key}: {}{reason}", in_column(column))]
    Value {
        /// The source table.
        table: String,
        /// The key of the row.
        key: String,
        /// The source column; empty if the row as a whole is refused.
        column: Box<str>,
        /// Reason; never the value itself.
        reason: String,
        /// Line of the spec that would settle it.
        hint: Option<Box<str>>,
        /// PostgreSQL's own words, if PostgreSQL has refused the row.
        private: Private,
    },
    /// The target took another number of rows than the source gave.
    #[error("{table}: {sent} rows were sent and {taken} arrived")]
    RowCount {
        /// The source table.
        table: String,
        /// Rows read from the source.
        sent: u64,
        /// Rows that PostgreSQL reports.
        taken: u64,
    },
    /// Rows of the source cannot be brought together with those that a table of the application holds.
    #[error("the rows of {table} cannot be brought together: {reason}")]
    NotMerged {
        /// The table in the target.
        table: String,
        /// Reason, with the keys of some rows.
        reason: String,
    },
    /// An object of others depends on one that a rollback would remove.
    #[error("{step} cannot be rolled back: {message}")]
    Dependents {
        /// The step's id.
        step: String,
        /// PostgreSQL's words, with the names of the dependent objects.
        message: String,
    },
    /// Rows of an earlier run cannot be replaced without harm to rows of others.
    #[error("what has changed in the source cannot be copied again: {}", reasons.join("; "))]
    NotRefreshed {
        /// Reasons, in words.
        reasons: Vec<String>,
    },
    /// Other tables are in the place of some that were set aside.
    #[error("not what was set aside: {}", tables.join(", "))]
    NotSetAside {
        /// The tables.
        tables: Vec<String>,
    },
    /// The application has made a foreign key or trigger on a table while rows are copied into it.
    #[error("made on {table} since the run began: {}", objects.join(", "))]
    InTheWay {
        /// The table in the target.
        table: String,
        /// The keys and triggers, in words.
        objects: Vec<String>,
    },
    /// An earlier version of transship, which did not record the state before, began the migration.
    #[error("the state before the first run is not known: an earlier version of transship began this migration")]
    NoWayBack,
    /// The rows of a table of the application that were loaded cannot be told from its own.
    #[error("the loaded rows of {table} cannot be identified: {reason}")]
    RowsUnknown {
        /// The table.
        table: String,
        /// Reason.
        reason: String,
    },
    /// Others have changed an object that a rollback would remove, attached one to it, or made another under its name.
    #[error("others have changed what this migration has made or loaded: {}", changes.join("; "))]
    ChangedByOthers {
        /// The changes, in words.
        changes: Vec<String>,
    },
    /// Rules of the application's tables would fire where a rollback takes rows back.
    #[error("rules of the application's tables would fire, and no rollback removes what they write: {}", rules.join(", "))]
    RulesInTheWay {
        /// The rules, in words.
        rules: Vec<String>,
        /// The statements that disable them.
        statements: Vec<String>,
    },
    /// Objects that a rollback would remove are known by name only.
    #[error("which objects this migration has made cannot be told from others of the same names: {reason}")]
    IdentitiesUnknown {
        /// Reason.
        reason: String,
    },
    /// A rollback failed after some of its transactions.
    #[error("{cause}; {steps} step{} were rolled back before that", if *.steps == 1 { "" } else { "s" })]
    InPart {
        /// Number of steps that are undone and forgotten.
        steps: usize,
        /// Cause of the failure.
        cause: Box<ExecuteError>,
    },
    /// A rollback would have altered objects from before the first run.
    #[error("the rollback would have altered objects from before the first run: {}", objects.join(", "))]
    TooMuch {
        /// The objects, in words.
        objects: Vec<String>,
    },
    /// The server lost work in a crash that it had confirmed.
    #[error("the server crashed and lost a part of {step}, which it had confirmed as committed")]
    PartLost {
        /// The step's id.
        step: String,
    },
    /// The SQL of a step has ended the transaction in which it ran.
    #[error("its SQL has ended the transaction in which it runs")]
    TransactionEnded,
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A task of the program itself ended unexpectedly.
    #[error("an internal task ended unexpectedly: {0}")]
    Task(String),
}

fn in_column(column: &str) -> String {
    if column.is_empty() { String::new() } else { format!("the column {column}: ") }
}

impl ExecuteError {
    /// This error with the step that failed.
    #[must_use]
    pub fn in_step(self, step: &str) -> Self {
        match self {
            // An error of the run or of the rows is no failure of the step.
            Self::Interrupted
            | Self::NotRefreshed { .. }
            | Self::Dependents { .. }
            | Self::Target(TargetError::Overtaken { .. } | TargetError::Busy { .. }) => self,
            other => Self::Step { step: step.to_owned(), cause: Box::new(other) },
        }
    }

    /// This error of removing what a step has made: objects of others that depend on it are named.
    #[must_use]
    pub(crate) fn of_dependents(self, step: &str) -> Self {
        match self {
            Self::Target(TargetError::Statement { message, code: Some(code), .. }) if code == DEPENDENT_OBJECTS => {
                Self::Dependents { step: step.to_owned(), message: message.replace('\n', ", ") }
            }
            other => other,
        }
    }

    /// The error of a rollback that has undone this number of steps before.
    #[must_use]
    pub(crate) fn after_steps(self, steps: usize) -> Self {
        Self::InPart { steps, cause: Box::new(self) }
    }

    /// Hint for the user; `None` if the message says it all.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => Some(error.hint().to_owned()),
            Self::Target(error) => error.hint(),
            Self::Plan(error) => error.hint(),
            Self::Step { cause, .. } => cause.hint(),
            Self::Denied { grants, .. } | Self::MayNotRead { grants } => {
                Some(format!("{}, then run the same command again", remedy(grants.iter().map(String::as_str))))
            }
            Self::RowSecurity { .. } => Some(format!("{WITHOUT_ROW_SECURITY}; nothing was compared")),
            Self::Value { hint, .. } => hint.as_deref().map(str::to_owned),
            Self::RowCount { .. } => Some("look for a trigger or rule in the target that discards rows".to_owned()),
            Self::NotMerged { .. } => Some(
                "run `transship plan`, which names such rows with what to do, unless they were added since or are \
                 copied again; correct them on either side, then run the same command again; nothing of this chunk was \
                 written"
                    .to_owned(),
            ),
            Self::Dependents { .. } => Some(
                "write `undo = \"SQL\"` beside the `sql` of the step that has made what depends on it, if it is one of the \
                 spec; otherwise remove or alter it yourself; then run the same command again; nothing was removed"
                    .to_owned(),
            ),
            Self::TooMuch { .. } => Some(
                "check the `undo` of the spec's steps, and what others have altered meanwhile, then run the same \
                 command again; nothing was removed"
                    .to_owned(),
            ),
            Self::NotRefreshed { .. } => Some(
                "restore the rows as they were copied (`transship verify` names the differences), or change the \
                 source, then run the same command again; nothing of these tables was touched"
                    .to_owned(),
            ),
            Self::NotSetAside { .. } => Some(
                "remove them yourself: others made them, or the database was restored from a dump; nothing was removed"
                    .to_owned(),
            ),
            Self::NoWayBack => Some(
                "remove what it made yourself, and its rows in the schema transship; `transship status` lists the steps"
                    .to_owned(),
            ),
            Self::RowsUnknown { .. } => Some(
                "remove the rows, and the migration's rows in the schema transship, yourself; if a run was interrupted, \
                 `transship apply` restores foreign keys and triggers; nothing was removed"
                    .to_owned(),
            ),
            Self::ChangedByOthers { .. } => Some(
                "run `transship verify`, which names rows; `rollback --keep-changes` leaves all of this where it is, with \
                 the tables that it is in, and removes the rest; `rollback --discard-changes` removes it as well; \
                 nothing was removed"
                    .to_owned(),
            ),
            Self::RulesInTheWay { statements, .. } => {
                Some(format!("disable them for that time (nothing was removed): `{}`", statements.join(" ")))
            }
            Self::InTheWay { .. } => Some(
                "run the same command again, which detaches it for the load and restores it: it would have acted on \
                 the copied rows"
                    .to_owned(),
            ),
            Self::IdentitiesUnknown { .. } => Some(
                "check the objects with the names that `transship status` lists: `rollback --discard-changes` removes \
                 them, even if others created them; nothing was removed"
                    .to_owned(),
            ),
            Self::InPart { cause, .. } => Some(match cause.hint() {
                Some(hint) => {
                    let hint = hint.replace("nothing was removed", "nothing else was removed");
                    format!("run the same command again: it continues with the steps that are left; {hint}")
                }
                None => "run the same command again: it continues with the steps that are left".to_owned(),
            }),
            Self::Blocked { .. } => Some("run `transship plan`, which shows them with what to do".to_owned()),
            Self::PartLost { .. } => Some("run the same command again: committed work is kept".to_owned()),
            Self::TransactionEnded => Some(
                "take COMMIT and ROLLBACK out of it, or write `transaction = false` beside its `sql`; its work before \
                 the COMMIT is committed, and the step is not done"
                    .to_owned(),
            ),
            Self::Interrupted | Self::Task(_) => None,
        }
    }

    /// PostgreSQL's own words, which may hold values; shown only with `--show-values`.
    #[must_use]
    pub fn private_words(&self) -> Option<&str> {
        match self {
            Self::Target(error) => error.private_words(),
            Self::Value { private, .. } => private.words(),
            Self::Step { cause, .. } | Self::Denied { cause, .. } | Self::InPart { cause, .. } => cause.private_words(),
            _ => None,
        }
    }

    /// Whether a retry can help.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Source(error) => error.is_transient(),
            Self::Target(
                TargetError::Statement { transient: true, .. } | TargetError::Connect { refused: false, .. },
            ) => true,
            _ => false,
        }
    }

    /// Whether the spec or a URL is wrong; `false` for a failure while running.
    #[must_use]
    pub fn is_wrong_input(&self) -> bool {
        match self {
            Self::Source(error) => error.is_wrong_input(),
            Self::Target(error) => error.is_wrong_input(),
            Self::Plan(_) => true,
            _ => false,
        }
    }
}

impl From<SourceError> for ExecuteError {
    /// An interrupted query is the end of a run that was asked to stop.
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Interrupted { .. } => Self::Interrupted,
            error => Self::Source(error),
        }
    }
}

impl From<tokio::task::JoinError> for ExecuteError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Task(error.to_string())
    }
}
