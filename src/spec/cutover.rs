//! `[cutover]`: the last move, in which the source stands still.

use crate::catalog::WriteHold;
use std::time::Duration;

/// `[cutover]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CutoverSpec {
    /// The time in which it has to be done; `None` for any.
    pub window: Option<Duration>,
    /// How writers are kept out of the source.
    pub source: WriteHold,
}

impl CutoverSpec {
    /// Whether a server is set to only read.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.source == WriteHold::ReadOnly
    }
}
