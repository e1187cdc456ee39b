//! A generator of numbers that belongs to no table.

use serde::{Deserialize, Serialize};

/// The rule of a sequence. The number that it stands at is data, and not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The first number.
    pub start: i64,
    /// The difference of two numbers; never 0.
    pub increment: i64,
    /// The smallest number.
    pub minimum: i64,
    /// The largest number.
    pub maximum: i64,
    /// Whether it starts over after its last number (CYCLE).
    pub cycles: bool,
}

impl Sequence {
    /// Whether `one` comes behind `other`, in the direction in which the sequence counts.
    #[must_use]
    pub fn is_behind(&self, one: i128, other: i128) -> bool {
        if self.increment > 0 { one > other } else { one < other }
    }
}
