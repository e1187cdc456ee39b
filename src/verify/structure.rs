//! Comparison of the target's structure with the one that `apply` left: a column of another type, a missing key, a
//! sequence that would hand out keys which rows already have. Values alone do not show it.

use super::not_compared::{Uncompared, UncomparedKind};
use super::outcome::SequenceResult;
use crate::catalog::ColumnType;
use crate::name::Schemas;
use crate::plan::{ColumnMapping, Plan, Step, StepKind, StepState, TableMapping};
use crate::proof::asking::is_asked;
use crate::run::ExecuteError;
use crate::target::fingerprint::Fingerprint;
use crate::target::{Ledger, Session, TargetError, structure};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;

/// Kind of a change of the structure. Changes of one object are listed in this order, which is that of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StructureChangeKind {
    /// Others have added it: reported, but no difference.
    Added,
    /// It has another definition.
    Altered,
    /// A sequence would hand out keys that rows have.
    Behind,
    /// It is gone.
    Missing,
    /// It has another name: reported, but no difference.
    Renamed,
    /// A run has not come to its end.
    Unfinished,
}

impl StructureChangeKind {
    /// Its word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Altered => "altered",
            Self::Behind => "behind",
            Self::Missing => "missing",
            Self::Renamed => "renamed",
            Self::Unfinished => "unfinished",
        }
    }
}

impl Serialize for StructureChangeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Object that differs from the one that `apply` left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StructureChange {
    /// The object: `column app.users.name`, `constraint users_pkey on app.users`.
    pub object: String,
    /// Kind of the change.
    pub kind: StructureChangeKind,
    /// Consequence, if it is not the same for every object.
    pub reason: Option<String>,
}

impl StructureChange {
    /// Whether the change is a difference: the object is missing, altered or behind.
    #[must_use]
    pub fn is_difference(&self) -> bool {
        !matches!(self.kind, StructureChangeKind::Renamed | StructureChangeKind::Added)
    }
}

/// Kinds of objects that others may add to a table and that affect later reads or writes of rows.
const DECIDING: [&str; 3] = ["trigger ", "rule ", "row security "];

/// Steps that an unfinished run is named with.
const NAMED: usize = 5;

/// Changes, and parts that were not compared.
#[derive(Debug, Default)]
pub(super) struct StructureComparison {
    pub(super) changes: Vec<StructureChange>,
    pub(super) sequences: Vec<SequenceResult>,
    /// The sequences that were held against the source's, as SQL names them.
    pub(super) held: BTreeSet<String>,
    pub(super) not_compared: Vec<Uncompared>,
}

impl StructureComparison {
    /// Compares the structure of the migration's tables and views, and reads their sequences: all in the session's
    /// snapshot except the sequences, which no snapshot covers.
    pub(super) async fn compare(
        session: &Session,
        ledger: &Ledger,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
    ) -> Result<Self, ExecuteError> {
        let mut structure = Self::default();
        let is_made = |kind: StepKind| matches!(kind, StepKind::Table | StepKind::View);
        match since_arrived(session, ledger, schemas).await? {
            Some(changes) => structure.changes.extend(changes),
            None if plan.steps.iter().any(|step| is_made(step.kind())) => {
                let reason = "no run of this version of transship has completed and recorded the structure";
                structure.leave_out(UncomparedKind::Structure, schemas.to_string(), reason);
            }
            None => {}
        }
        structure.tables_sequences(session, schemas, plan, strangers).await?;
        structure.changes.sort();
        Ok(structure)
    }

    /// Adds the last run, if it has left steps undone. Values alone do not show that a key or an index is missing where none
    /// has arrived before; the spec's checks are asked anyway.
    pub(super) async fn read_last_run(
        &mut self,
        session: &Session,
        ledger: &Ledger,
        plan: &Plan,
    ) -> Result<(), TargetError> {
        let is_undone = |step: &&Step| step.state == StepState::Pending && step.kind() != StepKind::Check;
        let undone = plan.steps.iter().filter(is_undone).map(|step| step.id.to_string()).collect::<Vec<_>>();
        let Some(run) = ledger.read_runs(session).await?.into_iter().next() else { return Ok(()) };
        if undone.is_empty() || !run.state.is_unfinished() {
            return Ok(());
        }
        let more = if undone.len() > NAMED { ", …" } else { "" };
        let named = undone.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let steps = if undone.len() == 1 {
            "1 of its steps is".to_owned()
        } else {
            format!("{} of its steps are", undone.len())
        };
        let reason = Some(format!("{steps} not done ({named}{more}); `transship apply` goes on with it"));
        self.changes.push(StructureChange {
            object: format!("run {}", run.id),
            kind: StructureChangeKind::Unfinished,
            reason,
        });
        Ok(())
    }

    pub(super) fn leave_out(&mut self, kind: UncomparedKind, name: String, reason: &str) {
        // A sequence is held against the source's and against the rows.
        if !self.not_compared.iter().any(|one| one.kind == kind && one.name == name) {
            self.not_compared.push(Uncompared { kind, name, reason: reason.to_owned() });
        }
    }
}

/// Changes of the structure since the run that arrived last; `None` if none has written down what it left.
async fn since_arrived(
    session: &Session,
    ledger: &Ledger,
    schemas: &Schemas,
) -> Result<Option<Vec<StructureChange>>, TargetError> {
    let Some(arrived) = ledger.read_structure_at_end(session).await? else { return Ok(None) };
    let standing = ledger.read_standing_structure(session, schemas).await?;
    Ok(Some(changes(&arrived, &standing)))
}

/// Column of a migrated table whose values can no longer be read as those of the migration.
#[derive(Debug, Clone)]
pub struct LostColumn<'a> {
    /// Its table.
    pub mapping: &'a TableMapping,
    /// The column; `None` if the whole table is gone.
    pub column: Option<&'a ColumnMapping>,
    /// Its type now; `None` if it is gone.
    pub type_words: Option<String>,
}

/// The columns of the plan's tables that are gone, or were altered so that their bytes may mean another value: by their types,
/// and where a type has no meaning here, by the structure that `apply` left.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn lost_columns<'a>(
    session: &Session,
    ledger: &Ledger,
    schemas: &Schemas,
    plan: &'a Plan,
) -> Result<Vec<LostColumn<'a>>, ExecuteError> {
    let standing = structure::read_standing_columns(session, schemas).await?;
    let changes = since_arrived(session, ledger, schemas).await?.unwrap_or_default();
    let is_altered = |object: &str| changes.iter().any(|change| change.is_difference() && change.object == object);
    let mut lost = Vec::new();
    for mapping in &plan.tables {
        let Some(columns) = standing.get(&mapping.target) else {
            lost.push(LostColumn { mapping, column: None, type_words: None });
            continue;
        };
        for column in &mapping.columns {
            let found = columns.get(&column.target);
            let is_read = found.is_some_and(|found| {
                is_read_alike(column, &found.type_words).unwrap_or_else(|| !is_altered(&found.object))
            });
            if !is_read {
                let type_words = found.map(|found| found.type_words.clone());
                lost.push(LostColumn { mapping, column: Some(column), type_words });
            }
        }
    }
    Ok(lost)
}

/// Whether values of a type are read as those of the mapping are; `None` if the mapping's type is not one whose bytes are known.
fn is_read_alike(column: &ColumnMapping, type_words: &str) -> Option<bool> {
    if is_asked(column) || !column.labels.is_empty() || !column.members.is_empty() {
        return None;
    }
    let family = |column_type: &ColumnType| match column_type {
        // A whole number is read by its length.
        ColumnType::SmallInt | ColumnType::Integer => std::mem::discriminant(&ColumnType::BigInt),
        ColumnType::Citext | ColumnType::Varchar(_) | ColumnType::Char(_) => std::mem::discriminant(&ColumnType::Text),
        other => std::mem::discriminant(other),
    };
    let standing = type_words.parse::<ColumnType>();
    Some(standing.is_ok_and(|standing| family(&standing) == family(&column.column_type)))
}

/// Objects that differ from their recorded fingerprint.
fn changes(arrived: &Fingerprint, standing: &Fingerprint) -> Vec<StructureChange> {
    let mut difference = arrived.difference(standing);
    let renamed = arrived.renamed(&difference, standing);
    difference.missing.retain(|object| !renamed.iter().any(|(old, _)| old == object));
    difference.added.retain(|object| DECIDING.iter().any(|kind| object.starts_with(kind)));
    let change = |kind| move |object| StructureChange { object, kind, reason: None };
    let renamed = renamed.into_iter().map(|(object, new)| {
        let reason = Some(format!("it is now {new}, and the same"));
        StructureChange { object, kind: StructureChangeKind::Renamed, reason }
    });
    let lost = difference.missing.into_iter().map(change(StructureChangeKind::Missing));
    let lost = lost.chain(difference.altered.into_iter().map(change(StructureChangeKind::Altered)));
    lost.chain(renamed).chain(difference.added.into_iter().map(change(StructureChangeKind::Added))).collect()
}
