//! Missing rights of the role of `target.url` that no trial shows, so that PostgreSQL's catalog is asked.

use super::limits::DOING;
use crate::name::Schemas;
use crate::plan::{Plan, Step, StepKind, Work};
use crate::run::grants::{BEGIN, need_of};
use crate::spec::{Privileges, Spec};
use crate::target::grants::{read_missing, read_missing_temporary, read_missing_to_hand_on, read_untrusted_extensions};
use crate::target::{Session, TargetError};
use std::collections::BTreeMap;

/// The statements that would give the role what the ledger needs.
pub(super) async fn ledger(session: &Session, schemas: &Schemas) -> Result<Vec<String>, TargetError> {
    read_missing(session, schemas, BEGIN).await
}

/// The statements that would give the role what it needs to make anything in the schema; nothing where there is nothing to
/// make. A trial does not ask for it where tables stand already.
pub(super) async fn schema(session: &Session, spec: &Spec, plan: &Plan) -> Result<Vec<String>, TargetError> {
    if !plan.steps.iter().any(|step| step.is_pending(StepKind::Table)) {
        return Ok(Vec::new());
    }
    read_missing(session, &spec.target.schemas, need_of(StepKind::Table, None)).await
}

/// The statement that would let the role make the temporary tables through which rows are copied that PostgreSQL reads itself.
pub(super) async fn temporary(session: &Session, plan: &Plan) -> Result<Vec<String>, TargetError> {
    let is_through = |step: &Step| matches!(&step.work, Work::Copy { through: Some(_), .. });
    if !plan.steps.iter().any(|step| step.is_pending(StepKind::Copy) && is_through(step)) {
        return Ok(Vec::new());
    }
    read_missing_temporary(session, DOING).await
}

/// The statements without which the role could not hand on what `target.grants` says: PostgreSQL would only warn.
pub(super) async fn handed_on(session: &Session, spec: &Spec, plan: &Plan) -> Result<Vec<String>, TargetError> {
    if !plan.steps.iter().any(|step| step.is_pending(StepKind::Grant)) {
        return Ok(Vec::new());
    }
    let is_all = spec.target.grants.values().any(|privileges| matches!(privileges, Privileges::All));
    let wanted: &[&str] = if is_all { &["USAGE", "CREATE"] } else { &["USAGE"] };
    read_missing_to_hand_on(session, &spec.target.schemas, wanted, DOING).await
}

/// The extensions to be made that no trial may make, and whether the role may make them.
pub(super) async fn untried_extensions(session: &Session, plan: &Plan) -> Result<BTreeMap<String, bool>, TargetError> {
    let wanted = plan.steps.iter().filter(|step| step.is_pending(StepKind::Extension));
    let wanted = wanted.map(|step| step.id.name.as_str()).collect::<Vec<_>>();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    read_untrusted_extensions(session, &wanted, DOING).await
}
