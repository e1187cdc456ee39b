//! The structure that a run leaves behind, for `verify`: what others take off or alter afterwards is told.

use crate::target::fingerprint::Fingerprint;
use crate::target::{Ledger, Session, TargetError};

/// The structure of a migration's tables and views before a run: as the run before has left it, and as it was found.
#[derive(Debug)]
pub(super) struct Before {
    recorded: Option<Fingerprint>,
    found: Fingerprint,
}

impl Before {
    /// Takes it when the run begins.
    pub(super) async fn take(ledger: &Ledger, session: &Session, schema: &str) -> Result<Self, TargetError> {
        let recorded = ledger.arrived(session).await?;
        let found = match recorded {
            Some(_) => ledger.standing(session, schema).await?,
            None => Fingerprint::default(),
        };
        Ok(Self { recorded, found })
    }

    /// Writes down what stands at the end of the run, in its last transaction.
    pub(super) async fn keep_after(&self, ledger: &Ledger, session: &Session, schema: &str) -> Result<(), TargetError> {
        let now = ledger.standing(session, schema).await?;
        let arrived = match &self.recorded {
            Some(recorded) => now.answered_for(recorded, &self.found),
            None => now,
        };
        ledger.keep_arrived(session, &arrived).await
    }
}
