//! Comparisons whose collation cannot be determined: a statement that makes one is taken, and fails at the first row.

use super::limits::DOING;
use super::refusal::StatementRefusal;
use crate::name::Schemas;
use crate::plan::{Step, StepKind};
use crate::target::sqlstate::INDETERMINATE_COLLATION;
use crate::target::structure::{CollationUser, UndeterminedCollation, read_undetermined_collations};
use crate::target::{Session, TargetError};

/// A comparison without a collation, in something that the trial has made.
#[derive(Debug)]
pub(super) struct UndeterminedComparison(UndeterminedCollation);

/// The comparisons without a collation that stand in the schemas now; in the transaction of the trial.
pub(super) async fn undetermined(
    session: &Session,
    schemas: &Schemas,
) -> Result<Vec<UndeterminedComparison>, TargetError> {
    let found = read_undetermined_collations(session, schemas, DOING).await?;
    Ok(found.into_iter().map(UndeterminedComparison).collect())
}

impl UndeterminedComparison {
    /// Whether the step has made the object that holds the comparison.
    pub(super) fn is_of(&self, step: &Step) -> bool {
        let UndeterminedCollation { relation, kind, name, .. } = &self.0;
        let is_about = |part| step.table.as_ref().is_some_and(|of| of.target == *relation && of.part.as_ref() == part);
        match step.kind() {
            // CHECKs may stand in the table's own statement.
            StepKind::Table => is_about(None) && *kind != CollationUser::Index,
            StepKind::View => step.id.name == *relation,
            StepKind::Constraint | StepKind::Index | StepKind::Unique => is_about(Some(name)),
            _ => false,
        }
    }

    /// The refusal that every row would meet.
    pub(super) fn refusal(&self) -> StatementRefusal {
        let UndeterminedCollation { kind, name, operator, .. } = &self.0;
        StatementRefusal::of_rows(
            INDETERMINATE_COLLATION,
            format!(
                "taken, but it would fail at the first row: which collation the operator {operator} of the {kind} {name} is to use \
                 could not be determined",
                kind = kind.word()
            ),
            "write COLLATE behind one of its sides",
        )
    }
}
