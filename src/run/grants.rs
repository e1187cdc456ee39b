//! Privileges that a step needs, and the error that names the missing ones.

use super::ExecuteError;
use crate::name::Schemas;
use crate::plan::StepKind;
use crate::target::grants::{DENIED, RequiredPrivileges, read_missing};
use crate::target::ledger::USE;
use crate::target::{Ledger, Session, TargetError};

/// Privileges to begin a run: those on the ledger alone.
pub(crate) const BEGIN: RequiredPrivileges<'static> =
    RequiredPrivileges { in_database: false, in_schema: &[], table: None, on_rows: &[], owner: false };

/// Privileges that a step of this kind about this table needs.
pub(crate) fn need_of(kind: StepKind, table: Option<&str>) -> RequiredPrivileges<'_> {
    let need = RequiredPrivileges { table, ..RequiredPrivileges::default() };
    match kind {
        StepKind::Schema | StepKind::Extension => RequiredPrivileges { in_database: true, ..need },
        StepKind::Collation | StepKind::Type | StepKind::Generator | StepKind::Table | StepKind::View => {
            RequiredPrivileges { in_schema: &["USAGE", "CREATE"], ..need }
        }
        StepKind::Copy => RequiredPrivileges { in_schema: &["USAGE"], on_rows: &["INSERT"], ..need },
        StepKind::Truncate => RequiredPrivileges { in_schema: &["USAGE"], on_rows: &["SELECT", "TRUNCATE"], ..need },
        StepKind::Merge | StepKind::Sequence => {
            RequiredPrivileges { in_schema: &["USAGE"], on_rows: &["SELECT"], ..need }
        }
        StepKind::PrimaryKey | StepKind::Unique | StepKind::Index | StepKind::Trigger => {
            RequiredPrivileges { in_schema: &["USAGE", "CREATE"], owner: true, ..need }
        }
        StepKind::SetAside => RequiredPrivileges { in_database: true, in_schema: &["USAGE"], owner: true, ..need },
        StepKind::Detach | StepKind::Restore | StepKind::Constraint | StepKind::ForeignKey | StepKind::Validate => {
            RequiredPrivileges { in_schema: &["USAGE"], owner: true, ..need }
        }
        StepKind::Role | StepKind::Setting | StepKind::Grant | StepKind::Analyze | StepKind::Step | StepKind::Check => {
            need
        }
    }
}

/// Whether the target has a ledger, for a command that will write it.
///
/// # Errors
/// [`TargetError::NotPermitted`] with all privileges that a writing command needs, if the role may not even read it;
/// PostgreSQL's refusal.
pub(crate) async fn expect_ledger(ledger: &Ledger, session: &Session, schemas: &Schemas) -> Result<bool, TargetError> {
    if ledger.is_readable(session).await? {
        return ledger.exists(session).await;
    }
    Err(TargetError::NotPermitted { what: USE.to_owned(), grants: read_missing(session, schemas, BEGIN).await? })
}

/// Privileges to remove the loaded rows of a table, and to copy others in their place.
pub(crate) fn need_to_replace(table: &str, is_copied: bool, is_altered: bool) -> RequiredPrivileges<'_> {
    let on_rows: &[&str] = if is_copied { &["SELECT", "INSERT", "DELETE"] } else { &["SELECT", "DELETE"] };
    RequiredPrivileges {
        in_schema: &["USAGE"],
        table: Some(table),
        on_rows,
        owner: is_altered,
        ..RequiredPrivileges::default()
    }
}

impl ExecuteError {
    /// Whether the role of `target.url` lacks a privilege.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Target(TargetError::Statement { code: Some(code), .. }) if code == DENIED)
    }

    /// This error with the grants that would settle it, if it is a missing privilege.
    pub(crate) async fn with_grants(self, session: &Session, schemas: &Schemas, need: RequiredPrivileges<'_>) -> Self {
        if !self.is_denied() {
            return self;
        }
        match read_missing(session, schemas, need).await {
            Ok(grants) if !grants.is_empty() => Self::Denied { cause: Box::new(self), grants },
            Ok(_) => self,
            Err(error) => {
                tracing::debug!(%error, "the missing privileges are not known");
                self
            }
        }
    }
}
