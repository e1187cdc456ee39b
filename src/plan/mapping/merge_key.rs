//! The key by which rows of both sides are the same row (`existing_rows = "merge"`).

use crate::catalog::EqualityOperator;
use crate::spec::MergeSide;
use serde::Serialize;
use std::collections::BTreeMap;

/// How rows of the source are found among the target's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableMerge {
    /// The target's columns that name a row on both sides.
    pub key: Vec<String>,
    /// The columns of the target's primary key, whose values are mapped; empty if they are the key itself, or there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<String>,
    /// The side whose values a row gets that both sides have with different ones; `None` if such rows block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefer: Option<MergeSide>,
    /// The sequence from which new ids are drawn, if the identity is one integer with a sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// Whether the rows are found by the target's primary key, which names them wherever rows are named.
    #[serde(skip)]
    pub is_by_primary: bool,
    /// The operators by which the target compares the columns of key and identity.
    #[serde(skip)]
    pub equality: BTreeMap<String, EqualityOperator>,
    /// Whether the target takes keys for equal that are not written alike.
    #[serde(skip)]
    pub has_spellings: bool,
    /// The columns that take a value with a new row alone: GENERATED ALWAYS AS IDENTITY.
    #[serde(skip)]
    pub fixed: Vec<String>,
}

impl TableMerge {
    /// The columns by which a row is found once ids are mapped.
    #[must_use]
    pub fn found_by(&self) -> &[String] {
        if self.identity.is_empty() { &self.key } else { &self.identity }
    }

    /// The spec's word for the side whose values count where rows differ.
    #[must_use]
    pub fn preferred(&self) -> Option<&'static str> {
        self.prefer.map(MergeSide::word)
    }
}
