//! The mapping while it is made, with its findings and omissions.

use super::as_made::Standing;
use super::{SequenceMapping, TableMapping};
use crate::plan::excess::ExpressionExcess;
use crate::plan::finding::Finding;
use crate::plan::omitted::{OmissionReason, Omitted, OmittedObject, OmittedPlace};

/// The mapping with its findings and omissions.
#[derive(Debug, Default)]
pub(in crate::plan) struct MappingDraft {
    pub(in crate::plan) tables: Vec<TableMapping>,
    pub(in crate::plan) sequences: Vec<SequenceMapping>,
    pub(in crate::plan) findings: Vec<Finding>,
    pub(in crate::plan) omitted: Vec<Omitted>,
    pub(in crate::plan) excesses: Vec<ExpressionExcess>,
    /// Findings about computed columns that stay as a run has made them.
    pub(in crate::plan) standing: Vec<Standing>,
}

impl MappingDraft {
    pub(super) fn omit(&mut self, kind: OmittedObject, place: OmittedPlace, reason: impl Into<OmissionReason>) {
        self.omitted.push(Omitted::new(kind, place, reason.into()));
    }
}
