//! The time in which the source stands still, by phases.

use crate::run::failpoint::reach;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// A part of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Writers are kept out.
    Hold,
    /// Rows that have changed in the source are copied, and the checks are asked.
    Refresh,
    /// Both sides are compared.
    Verify,
    /// The hold is confirmed, and the source left as it is to be.
    End,
}

impl Move {
    /// The part in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Hold => "keeping writers out",
            Self::Refresh => "final refresh",
            Self::Verify => "verify and checks",
            Self::End => "confirming the hold",
        }
    }
}

/// The window, while it is open.
#[derive(Debug)]
pub struct Window {
    began_at: Timestamp,
    began: Instant,
    last: Instant,
    moves: Vec<(Move, f64)>,
}

/// A cut-over that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Cutover {
    /// Seconds from the first to the last moment in which writers were kept out.
    pub seconds: f64,
    /// The parts, in their order.
    pub moves: Vec<(Move, f64)>,
    /// How the source was held.
    pub means: HoldMeans,
    /// The moment from which it was held.
    pub from: Timestamp,
    /// The moment at which the hold was confirmed for the last time.
    pub until: Timestamp,
    /// Facts that are not certain, and work that is left to do.
    pub notes: Vec<String>,
}

/// How a source is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldMeans {
    /// In words that follow "The source is held:".
    pub words: &'static str,
    /// Whether it is a lock, which ends with the cut-over; a server that was set to only read stays so.
    pub is_lock: bool,
}

/// A moment as the documents write it.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Window {
    /// Opens the window.
    #[must_use]
    pub fn begin() -> Self {
        let now = Instant::now();
        Self { began_at: Timestamp::now(), began: now, last: now, moves: Vec::new() }
    }

    /// The moment at which it was opened.
    #[must_use]
    pub fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// Notes the end of a part.
    pub fn done(&mut self, part: Move) {
        let now = Instant::now();
        self.moves.push((part, now.duration_since(self.last).as_secs_f64()));
        self.last = now;
        match part {
            Move::Hold => reach("cutover_held"),
            Move::Refresh => reach("cutover_refreshed"),
            Move::Verify => reach("cutover_verified"),
            Move::End => {}
        }
    }

    /// The time until the end of the last part, and that of the parts.
    #[must_use]
    pub fn measured(&self) -> (f64, Vec<(Move, f64)>) {
        (self.last.duration_since(self.began).as_secs_f64(), self.moves.clone())
    }
}
