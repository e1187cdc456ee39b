//! Traces of a migration in its target: whether anything of it was ever applied.

use crate::plan::Plan;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::ledger::DoneSteps;
use crate::target::{Ledger, Session, structure};

/// How much of a migration its target holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// Nothing: no step is done, and none of its tables is there.
    Nothing,
    /// No step is done, but some of its tables are there: the application has made them, or another program.
    Tables,
    /// Steps are done.
    Steps,
}

impl Trace {
    /// Looks at the ledger and at the schema.
    ///
    /// # Errors
    /// The target cannot be read.
    pub async fn find(spec: &Spec, session: &Session, plan: &Plan) -> Result<Self, ExecuteError> {
        let ledger = Ledger::of(&spec.name);
        if ledger.exists(session).await? && ledger.done_steps(session).await? != DoneSteps::default() {
            return Ok(Self::Steps);
        }
        let relations = structure::read(session, &spec.target.schema).await?.relations;
        let is_there = plan.tables.iter().any(|table| relations.contains(&table.target));
        Ok(if is_there { Self::Tables } else { Self::Nothing })
    }
}
