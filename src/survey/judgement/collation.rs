//! Comparisons whose collation cannot be determined: a statement that makes one is taken, and fails at the first row.

use super::failed;
use super::refusal::Refusal;
use crate::plan::{Step, StepKind};
use crate::target::{Session, TargetError};

/// A comparison without a collation, in something that the trial has made.
#[derive(Debug)]
pub(super) struct Undetermined {
    /// The table or the view.
    relation: String,
    /// constraint, index, column or view.
    kind: String,
    name: String,
    operator: String,
}

/// The comparisons without a collation that stand in a schema now; in the transaction of the trial.
pub(super) async fn undetermined(session: &Session, schema: &str) -> Result<Vec<Undetermined>, TargetError> {
    let sql = include_str!("../../target/queries/undetermined_collations.sql");
    let rows = session.client().query(sql, &[&schema]).await.map_err(|error| failed(&error))?;
    let found = |row: &tokio_postgres::Row| Undetermined {
        relation: row.get(0),
        kind: row.get(1),
        name: row.get(2),
        operator: row.get(3),
    };
    Ok(rows.iter().map(found).collect())
}

impl Undetermined {
    /// Whether a step has made what it stands in.
    pub(super) fn is_of(&self, step: &Step) -> bool {
        let Self { relation, name, .. } = self;
        let is_about = |part| step.table.as_ref().is_some_and(|of| of.target == *relation && of.part.as_ref() == part);
        match step.kind() {
            // CHECKs may stand in the table's own statement.
            StepKind::Table => is_about(None) && self.kind != "index",
            StepKind::View => step.id.name == *relation,
            StepKind::Constraint | StepKind::Index | StepKind::Unique => is_about(Some(name)),
            _ => false,
        }
    }

    /// The refusal that every row would meet.
    pub(super) fn refusal(&self) -> Refusal {
        let Self { kind, name, operator, .. } = self;
        Refusal::of_rows(
            "42P22",
            format!(
                "taken, but it would fail at the first row: which collation the operator {operator} of the {kind} {name} is to use \
                 could not be determined"
            ),
            "write COLLATE behind one of its sides",
        )
    }
}
