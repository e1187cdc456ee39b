//! Traces of a migration in its target: whether any part of it was ever applied.

use crate::plan::Plan;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::ledger::DoneSteps;
use crate::target::{Ledger, Session, structure};

/// Part of a migration that its target holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// No step is done, and none of its tables exists.
    Nothing,
    /// No step is done, but some of its tables exist: the application or another program has created them.
    Tables,
    /// Steps are done.
    Steps,
}

impl Trace {
    /// Reads the ledger and the schema.
    ///
    /// # Errors
    /// The target cannot be read.
    pub async fn find(spec: &Spec, session: &Session, plan: &Plan) -> Result<Self, ExecuteError> {
        let ledger = Ledger::of(&spec.name);
        if ledger.exists(session).await? && ledger.read_done_steps(session).await? != DoneSteps::default() {
            return Ok(Self::Steps);
        }
        let relations = structure::read(session, &spec.target.schemas).await?.relations;
        let is_there = plan.tables.iter().any(|table| relations.contains(&table.target));
        Ok(if is_there { Self::Tables } else { Self::Nothing })
    }
}
