//! Sequences of the source that belong to no table, and the columns whose defaults draw from them.

use super::{ColumnMapping, MappingDraft};
use crate::catalog::{OtherObjectKind, Sequence};
use crate::dialect::expression::{Translated, Untranslatable};
use crate::name::{Schemas, quote_literal};
use crate::plan::Inputs;
use crate::plan::names::RelationNames;

/// A sequence of the source and its sequence in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceMapping {
    /// The name in the source.
    pub source: String,
    /// The name in the target.
    pub target: String,
    /// The rule, the same on both sides.
    pub rule: Sequence,
}

impl SequenceMapping {
    /// The name in SQL, with the schema.
    #[must_use]
    pub fn qualified(&self, schemas: &Schemas) -> String {
        schemas.qualified(&self.target)
    }

    /// A default that draws from it.
    #[must_use]
    pub fn next(&self, schemas: &Schemas) -> String {
        format!("nextval({})", quote_literal(&self.qualified(schemas)))
    }
}

impl MappingDraft {
    /// Carries over every sequence that neither the spec leaves behind or replaces, nor 64 bits fail to hold. `names` are
    /// those of the tables, with which sequences share a namespace.
    pub(super) fn sequences(&mut self, inputs: Inputs<'_>, names: &mut RelationNames<'_>) {
        let (spec, schemas) = (inputs.spec, &inputs.spec.target.schemas);
        for object in &inputs.catalog.others {
            let is_left = spec.skipped_objects.iter().any(|skipped| skipped.eq_ignore_ascii_case(&object.name))
                || spec.steps.contains_key(&format!("{} {}", object.kind.word(), object.name))
                || !spec.source.tables.selects(&object.name);
            let Some(rule) = object.sequence.filter(|_| object.kind == OtherObjectKind::Sequence && !is_left) else {
                continue;
            };
            let target = names.take_free(&schemas.within(&object.name, |name| spec.target.names.apply(name)));
            self.sequences.push(SequenceMapping { source: object.name.clone(), target, rule });
        }
    }
}

/// The default of a column that draws from a sequence.
pub(super) fn drawn(
    sequences: &[SequenceMapping],
    schemas: &Schemas,
    name: &str,
    column: &ColumnMapping,
) -> Translated {
    let found = sequences.iter().find(|sequence| sequence.source.eq_ignore_ascii_case(name));
    let found = found.ok_or_else(|| Untranslatable(format!("the sequence {name} is not carried over")))?;
    let next = found.next(schemas);
    match &column.column_type {
        column_type if column_type.is_number() => Ok(next),
        column_type if column_type.is_text() => Ok(format!("{next}::text")),
        column_type => Err(Untranslatable(format!("a number of a sequence is no value of the type {column_type}"))),
    }
}
