//! The side whose values count where both sides have a row.

use serde::Serialize;

/// `merge.prefer`, in the spec, the plan and the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeSide {
    /// The source's values take the place of the target's, which the ledger keeps for a rollback.
    Source,
    /// The target's values stay.
    Target,
}

impl MergeSide {
    /// Every side with the spec's word for it.
    pub const ALL: [(&'static str, MergeSide); 2] = [("source", MergeSide::Source), ("target", MergeSide::Target)];

    /// Its word, in the spec, in JSON and in the ledger.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_has_one_word() {
        for (word, side) in MergeSide::ALL {
            assert_eq!((side.word(), serde_json::to_value(side).unwrap()), (word, word.into()));
        }
    }
}
