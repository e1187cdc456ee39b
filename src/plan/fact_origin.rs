//! The origin of a plan's facts: the databases themselves, or an assumption in their place.

use serde::{Deserialize, Serialize};

/// Origin of a plan's facts about both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactOrigin {
    /// The source.
    pub source: SourceLook,
    /// The target.
    pub target: TargetLook,
}

/// Origin of the facts about the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceLook {
    /// It was read.
    #[default]
    Database,
    /// From the file that `transship inspect` wrote.
    File,
}

/// Origin of the facts about the target. In all cases but the first the target is assumed to be empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetLook {
    /// Its catalog was read.
    #[default]
    Database,
    /// An embedded server that does not exist yet.
    NotMade,
    /// Not named, or declared empty by the user.
    NotReached,
}

impl FactOrigin {
    /// Assumptions about a database that was not read, in words for readers of the plan.
    #[must_use]
    pub fn notes(self) -> Vec<&'static str> {
        let target = match self.target {
            TargetLook::Database => None,
            TargetLook::NotMade => {
                Some("The embedded server does not exist yet; apply makes it. The plan is for an empty target.")
            }
            TargetLook::NotReached => Some("The target was not read. The plan is for an empty target."),
        };
        let source = match self.source {
            SourceLook::Database => None,
            SourceLook::File => Some(
                "The source was not opened: the plan is of what `transship inspect` found in it. What has changed there since, \
                 also in rows that were copied, is not known.",
            ),
        };
        target.into_iter().chain(source).collect()
    }
}
