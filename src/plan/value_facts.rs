//! Facts about values as they were when a run made an object: while the object stands, it is planned by them.
//!
//! Values decide whether an expression means the same on both sides. A row that comes later changes nothing of what a run has
//! made, so a later plan keeps it, and says what the values of today speak against it. What was not made is planned by these.

use super::step::StepId;
use crate::value::Spelling;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The spellings of the values of columns, by table and column.
pub type SpellingsByColumn = BTreeMap<String, BTreeMap<String, BTreeSet<Spelling>>>;

/// Facts about values that decide structure, as the ledger keeps them of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValueFacts {
    /// The spellings in the columns in which [they matter](super::mapping::spelled).
    pub spellings: SpellingsByColumn,
}

/// The facts by which runs have made what the ledger has as done.
#[derive(Debug, Clone, Default)]
pub struct MadeBy {
    /// The run of each step that is done.
    pub runs: BTreeMap<StepId, i64>,
    /// The facts of these runs; none of one whose ledger did not keep them.
    pub facts: BTreeMap<i64, ValueFacts>,
}

impl MadeBy {
    /// The facts by which a step was done, if it was and they are known.
    #[must_use]
    pub fn of(&self, step: &StepId) -> Option<&ValueFacts> {
        self.facts.get(self.runs.get(step)?)
    }

    /// Whether a run had other facts than these.
    #[must_use]
    pub fn knew_other(&self, spellings: &SpellingsByColumn) -> bool {
        self.facts.values().any(|facts| facts.spellings != *spellings)
    }
}
