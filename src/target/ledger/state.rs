//! The states that the ledger keeps of runs and steps, parsed where they are read.

use serde::Serialize;
use std::fmt;

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Begun, and neither ended nor known to be lost.
    Running,
    /// Everything was done.
    Done,
    /// An error ended it, or a check got a wrong answer.
    Failed,
    /// The user interrupted it, or its process is gone.
    Interrupted,
    /// No run: a rollback that left parts of the ledger.
    RolledBack,
}

impl RunState {
    const ALL: [Self; 5] = [Self::Running, Self::Done, Self::Failed, Self::Interrupted, Self::RolledBack];

    /// Its word in the ledger and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Whether the run has not come to its end, so that the next one continues it.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Running | Self::Failed | Self::Interrupted)
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEnd {
    /// It was done.
    Done,
    /// A check got a wrong answer.
    Failed,
}

impl StepEnd {
    pub(super) const fn of(passed: bool) -> Self {
        if passed { Self::Done } else { Self::Failed }
    }

    /// Its word in the ledger.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_the_ledger_is_the_word_in_json() {
        for state in RunState::ALL {
            assert_eq!(RunState::of_word(state.word()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.word());
            // PostgreSQL refuses every other word.
            assert!(include_str!("schema.sql").contains(&format!("'{state}'")), "{state}");
        }
        for end in [StepEnd::Done, StepEnd::Failed] {
            assert_eq!(serde_json::to_value(end).unwrap(), end.word());
        }
    }
}
