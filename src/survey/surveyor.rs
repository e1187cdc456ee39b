//! How far a survey goes, and all that a question to the rows needs.

use crate::catalog::{Catalog, TargetTable};
use crate::rows::judging::InputAsker;
use crate::run::{Events, Stop};
use crate::spec::Spec;
use crate::value::Zone;
use std::collections::BTreeMap;

/// How far a survey goes into the source before the plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every value of every table that is still to be copied, and of what was copied. A value that the source's types promise to
    /// fit need not be read.
    AtValues,
    /// The same, and every value is read: the profile says what is stored.
    AtProfile,
    /// The same, and findings show the values beside the keys of their example rows.
    ShowingValues,
    /// Only the values that an earlier run has copied: whether the source has changed since.
    AtCopied,
    /// The structure alone.
    AtStructure,
}

impl Depth {
    /// Whether the values that are still to be copied are looked at.
    pub(crate) fn is_at_values(self) -> bool {
        matches!(self, Depth::AtValues | Depth::AtProfile | Depth::ShowingValues)
    }
}

/// All that a question to the rows needs beside the reader that it is asked of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surveyor<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) catalog: &'a Catalog,
    /// The application's tables that are filled, by name, where the spec says so.
    pub(crate) existing: Option<&'a BTreeMap<String, TargetTable>>,
    pub(crate) zone: &'a Zone,
    pub(crate) depth: Depth,
    /// How many key hashes one thread may hold.
    pub(crate) keys_in_memory: usize,
    /// Asks the target about values that PostgreSQL reads itself, where it was contacted.
    pub(crate) asker: Option<&'a InputAsker>,
    pub(crate) stop: &'a Stop,
    pub(crate) events: &'a Events,
}
