//! The time in which the source stands still, by phases.

use crate::run::failpoint::reach;
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
    /// How the source was held, in words.
    pub held: String,
    /// Whether writers are let in again.
    pub is_free: bool,
    /// Facts that are not certain, and work that is left to do.
    pub notes: Vec<String>,
}

impl Default for Window {
    fn default() -> Self {
        let now = Instant::now();
        Self { began: now, last: now, moves: Vec::new() }
    }
}

impl Window {
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
