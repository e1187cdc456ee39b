//! Everything that a plan is made from.

use super::{ChunkSize, RowFacts, TargetState, Templates};
use crate::catalog::{Catalog, TableSize};
use crate::spec::Spec;
use std::collections::BTreeMap;

/// Everything a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The checked spec.
    pub spec: &'a Spec,
    /// The source's structure.
    pub catalog: &'a Catalog,
    /// The source tables' sizes, by name.
    pub sizes: &'a BTreeMap<String, TableSize>,
    /// Facts about the source's rows.
    pub contents: &'a RowFacts,
    /// The approximate size of a chunk.
    pub chunk_size: ChunkSize,
    /// The DDL templates.
    pub templates: &'a Templates,
    /// The state of the target.
    pub target: &'a TargetState,
}
