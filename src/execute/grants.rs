//! What a step needs to be allowed, and the error that says what is missing.

use super::error::ExecuteError;
use crate::plan::StepKind;
use crate::target::grants::{DENIED, Need, missing};
use crate::target::{Session, TargetError};

/// What is needed to begin a run: the ledger, and nothing beside it.
pub(super) const BEGIN: Need<'static> =
    Need { in_database: false, in_schema: &[], table: None, on_rows: &[], owner: false };

/// What a step of this kind about this table needs.
pub(super) fn need_of(kind: StepKind, table: Option<&str>) -> Need<'_> {
    let need = Need { table, ..Need::default() };
    match kind {
        StepKind::Schema | StepKind::Extension => Need { in_database: true, ..need },
        StepKind::Table | StepKind::View => Need { in_schema: &["USAGE", "CREATE"], ..need },
        StepKind::Copy => Need { in_schema: &["USAGE"], on_rows: &["INSERT"], ..need },
        StepKind::Truncate => Need { in_schema: &["USAGE"], on_rows: &["SELECT", "TRUNCATE"], ..need },
        StepKind::Sequence => Need { in_schema: &["USAGE"], on_rows: &["SELECT"], ..need },
        StepKind::PrimaryKey | StepKind::Unique | StepKind::Index => {
            Need { in_schema: &["USAGE", "CREATE"], owner: true, ..need }
        }
        StepKind::SetAside => Need { in_database: true, in_schema: &["USAGE"], owner: true, ..need },
        StepKind::Detach | StepKind::Restore | StepKind::Constraint | StepKind::ForeignKey | StepKind::Validate => {
            Need { in_schema: &["USAGE"], owner: true, ..need }
        }
        StepKind::Role | StepKind::Setting | StepKind::Grant | StepKind::Analyze | StepKind::Step | StepKind::Check => {
            need
        }
    }
}

impl ExecuteError {
    /// Whether the role of `target.url` lacks a privilege.
    pub(super) fn is_denied(&self) -> bool {
        matches!(self, Self::Target(TargetError::Statement { code: Some(code), .. }) if code == DENIED)
    }

    /// Where this is a missing privilege: with the statements that would give it.
    pub(super) async fn with_grants(self, session: &Session, schema: &str, need: Need<'_>) -> Self {
        if !self.is_denied() {
            return self;
        }
        match missing(session, schema, need).await {
            Ok(grants) if !grants.is_empty() => Self::Denied { cause: Box::new(self), grants },
            Ok(_) => self,
            Err(error) => {
                tracing::debug!(%error, "the missing privileges are not known");
                self
            }
        }
    }
}
