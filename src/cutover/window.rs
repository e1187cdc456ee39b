//! The time in which the source stands still, by phases.

use crate::run::failpoint::reach;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
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
    /// Seconds from the first try to keep writers out to the last moment in which they were.
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

/// A moment as the documents write it: what the source was held from is so exact that a COMMIT just before is not in it.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// The present moment as the beginning of something: not before it in the form that documents write.
pub(super) fn beginning_now() -> Timestamp {
    let now = Timestamp::now();
    let rounding = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Ceil);
    // Only at the end of time there is no later one.
    now.round(rounding).unwrap_or(now)
}

impl Window {
    /// Opens the window.
    #[must_use]
    pub fn begin() -> Self {
        let now = Instant::now();
        Self { began: now, last: now, moves: Vec::new() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_not_written_as_an_earlier_moment() {
        let before = Timestamp::now();
        let written = moment(beginning_now()).parse::<Timestamp>().unwrap();
        assert!(before <= written, "{before} {written}");
        assert_eq!(moment(Timestamp::from_microsecond(1_700_000_000_001_999).unwrap()), "2023-11-14T22:13:20.001Z");
    }
}
