//! Structure that a run leaves behind. `verify` compares with it and reports what others drop or alter afterwards.

use crate::name::Schemas;
use crate::target::fingerprint::Fingerprint;
use crate::target::{Ledger, Session, TargetError};

/// Structure of a migration's tables and views before a run: as the previous run left it, and as this run found it.
#[derive(Debug)]
pub(super) struct StructureBeforeRun {
    recorded: Option<Fingerprint>,
    found: Fingerprint,
}

impl StructureBeforeRun {
    /// Reads the structure at the beginning of the run.
    pub(super) async fn take(ledger: &Ledger, session: &Session, schemas: &Schemas) -> Result<Self, TargetError> {
        let recorded = ledger.read_structure_at_end(session).await?;
        let found = match recorded {
            Some(_) => ledger.read_standing_structure(session, schemas).await?,
            None => Fingerprint::default(),
        };
        Ok(Self { recorded, found })
    }

    /// Records the structure at the end of the run, in its last transaction.
    pub(super) async fn keep_after(
        &self,
        ledger: &Ledger,
        session: &Session,
        schemas: &Schemas,
    ) -> Result<(), TargetError> {
        let now = ledger.read_standing_structure(session, schemas).await?;
        let arrived = match &self.recorded {
            Some(recorded) => now.answered_for(recorded, &self.found),
            None => now,
        };
        ledger.keep_arrived(session, &arrived).await
    }
}
