//! Partitions of a table, as plain data: the columns that choose a row's partition, and the values that each holds.

use serde::{Deserialize, Serialize};

/// The division of a table into partitions by the values of columns themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partitioning {
    /// The rule of the division.
    pub by: PartitionRule,
    /// The columns that choose the partition, in order.
    pub columns: Vec<String>,
    /// The partitions, in order.
    pub parts: Vec<Partition>,
}

/// The rule by which values choose a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartitionRule {
    /// The first partition whose bound is greater.
    Range,
    /// The partition that lists the value.
    List,
    /// A hash, modulo the number of partitions.
    Hash,
}

impl PartitionRule {
    /// The word of SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Range => "RANGE",
            Self::List => "LIST",
            Self::Hash => "HASH",
        }
    }
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// Its name, unique within the table.
    pub name: String,
    /// The rows that it holds.
    pub holds: PartitionHolds,
}

/// The rows that a partition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionHolds {
    /// Rows below a bound, which has a part for each column, and not below that of an earlier partition.
    Below(Vec<PartitionBound>),
    /// Rows with one of these values: literals in the source's own SQL, NULL among them.
    Values(Vec<String>),
    /// Rows that no other partition lists.
    Rest,
    /// Rows whose hash leaves the partition's position as a remainder.
    Remainder,
}

/// One column's part of a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionBound {
    /// Below all values: a partition with this bound holds NULL alone.
    Lowest,
    /// A literal in the source's own SQL.
    Value(String),
    /// Above all values.
    Highest,
}
