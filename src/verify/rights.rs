//! Privileges that the role of `target.url` needs to read all that is compared: a missing privilege is no difference.

use crate::name::Schemas;
use crate::plan::{StepId, StepKind, TableMapping};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::grants::{DENIED, ReadableRelation, read_missing_to_read, read_row_security};
use crate::target::{Ledger, Session, TargetError};

/// Explains a refused privilege by the privileges that the role needs for the ledger's tables and views; returns any
/// other error as it is.
pub async fn told_by_rights(session: &Session, spec: &Spec, error: ExecuteError) -> ExecuteError {
    match &error {
        ExecuteError::Target(TargetError::Statement { code: Some(code), .. }) if code == DENIED => {}
        _ => return error,
    }
    match made_are_seen(session, spec).await {
        Err(said @ (ExecuteError::MayNotRead { .. } | ExecuteError::RowSecurity { .. })) => said,
        Ok(()) => error,
        Err(other) => {
            tracing::debug!(%other, "the missing privileges are not known");
            error
        }
    }
}

async fn made_are_seen(session: &Session, spec: &Spec) -> Result<(), ExecuteError> {
    // The refused statement may have left a transaction open.
    session.leave_snapshot().await?;
    let (steps, schemas) = (Ledger::of(&spec.name).read_done_steps(session).await?, &spec.target.schemas);
    let is_relation = |id: &&StepId| matches!(id.kind, StepKind::Table | StepKind::Copy | StepKind::View);
    let names = steps.known.keys().filter(is_relation).map(|id| id.name.as_str()).collect::<Vec<_>>();
    are_readable(session, schemas, &names.iter().map(|name| (*name, None)).collect::<Vec<_>>()).await?;
    no_row_is_hidden(session, schemas, &names).await
}

/// Makes sure that the role may read every row and every compared column of these tables, and these views.
pub(super) async fn all_is_seen<'a>(
    session: &Session,
    schemas: &Schemas,
    tables: impl Iterator<Item = &'a TableMapping> + Clone,
    views: impl Iterator<Item = &'a str>,
) -> Result<(), ExecuteError> {
    let columns = tables.clone().flat_map(|mapping| {
        mapping.columns.iter().map(|column| (mapping.target.as_str(), Some(column.target.as_str())))
    });
    let wanted = columns.chain(views.map(|view| (view, None))).collect::<Vec<_>>();
    are_readable(session, schemas, &wanted).await?;
    let names = tables.map(|mapping| mapping.target.as_str()).collect::<Vec<_>>();
    no_row_is_hidden(session, schemas, &names).await
}

async fn no_row_is_hidden(session: &Session, schemas: &Schemas, tables: &[&str]) -> Result<(), ExecuteError> {
    let hidden = read_row_security(session, schemas, tables).await?;
    if hidden.is_empty() { Ok(()) } else { Err(ExecuteError::RowSecurity { tables: hidden }) }
}

async fn are_readable(
    session: &Session,
    schemas: &Schemas,
    wanted: &[ReadableRelation<'_>],
) -> Result<(), ExecuteError> {
    let mut grants = Ledger::read_missing_to_read(session).await?;
    grants.extend(read_missing_to_read(session, schemas, wanted).await?);
    if grants.is_empty() { Ok(()) } else { Err(ExecuteError::MayNotRead { grants }) }
}
