//! The origin of a plan's facts: the databases themselves, or an assumption in their place.

use serde::{Deserialize, Serialize};

/// Where a plan's knowledge of both sides is from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt {
    /// The source.
    pub source: SourceLook,
    /// The target.
    pub target: TargetLook,
}

/// How the source is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceLook {
    /// It was read.
    #[default]
    Database,
    /// From the file that `transship inspect` wrote.
    File,
}

/// How the target is known. But for the first it is taken to be empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetLook {
    /// It was looked at.
    #[default]
    Database,
    /// It is an embedded server that nobody has made yet.
    NotMade,
    /// It was not named, or the user has said that it is empty.
    NotReached,
}

impl LookedAt {
    /// The assumptions about a database that was not looked at, in words for readers of the plan.
    #[must_use]
    pub fn notes(self) -> Vec<&'static str> {
        let target = match self.target {
            TargetLook::Database => None,
            TargetLook::NotMade => {
                Some("The embedded server does not exist yet; apply makes it. The plan is for an empty target.")
            }
            TargetLook::NotReached => Some("The target was not looked at. The plan is for an empty target."),
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
