//! Comparison of a column's texts in the target.

use super::{ColumnMapping, MappingDraft};
use crate::catalog::{Column, ColumnType, Equality, LetterRule, Table};
use crate::dialect::expression::scope::Carrier;
use crate::dialect::postgresql::equality::{KeyFolding, collation_name, is_folded, key_folding};
use crate::name::quote_toml_key;
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::spec::{ColumnSpec, TextComparison};
use crate::value::Reading;

impl ColumnMapping {
    /// The part of a key's text over this column that does not count, if the key compares it so: the deciding line for
    /// the keys that are made, and for those that `plan` compares itself.
    ///
    /// # Errors
    /// The source's rule is not known.
    pub fn key_folding(&self, equality: &Equality) -> Result<Option<KeyFolding>, String> {
        if !is_folded(&self.column_type) || self.comparison == TextComparison::Bytes && equality.rule().is_some() {
            return Ok(None);
        }
        key_folding(equality)
    }

    /// Whether a key over this column keeps texts apart that the source takes for equal, without a decision of the spec: the
    /// values of the type are no texts for PostgreSQL, and still differ where the texts do.
    pub(crate) fn loses(&self, equality: &Equality) -> bool {
        let keeps_spelling = match self.column_type {
            ColumnType::Bytea => matches!(self.reading, Reading::Utf8 | Reading::Base64),
            ColumnType::Jsonb => true,
            ColumnType::TextArray => self.members.is_empty(),
            _ => false,
        };
        keeps_spelling && !equality.is_bytes() && self.comparison != TextComparison::Bytes && self.target_type.is_none()
    }

    /// The line of spec that says so knowingly: the column's settings and `comparison`.
    pub(crate) fn bytes_line(&self) -> String {
        let reading = if self.reading.is_plain() { String::new() } else { format!("from = \"{}\", ", self.reading) };
        let (key, column_type) = (quote_toml_key(&self.source), &self.column_type);
        format!("columns.{key} = {{ type = \"{column_type}\", {reading}comparison = \"bytes\" }}")
    }

    /// Part of the target that compares the column's texts as the source does, beyond bytes.
    pub(super) fn carrier(&self) -> Carrier {
        match (self.comparison, &self.compared_by) {
            _ if self.target_type.is_some() || !is_folded(&self.column_type) => Carrier::Nothing,
            (TextComparison::Bytes, _) => Carrier::Nothing,
            (_, Some(_)) => Carrier::Column,
            (_, None) => Carrier::Keys,
        }
    }

    /// The rule of the collation that the column has, or its keys have.
    #[must_use]
    pub(crate) fn letters(&self) -> Option<LetterRule> {
        match self.key_folding(&self.equality) {
            Ok(Some(KeyFolding::Collated(rule))) => rule.letters,
            _ => None,
        }
    }
}

impl MappingDraft {
    /// Gives the columns their collations, once their types are settled.
    pub(super) fn settle_comparison(&mut self) {
        for column in self.tables.iter_mut().flat_map(|table| &mut table.columns) {
            if column.comparison == TextComparison::Columns {
                column.compared_by = column.letters().map(collation_name);
            }
        }
    }

    /// Reports a column whose texts queries will compare by bytes. A word of the spec on comparison is a decision, and so
    /// is a type that it gives.
    pub(super) fn comparison(
        &mut self,
        table: &Table,
        column: &Column,
        collation: &str,
        comparison: Option<TextComparison>,
        by_spec: &ColumnSpec,
    ) {
        // Spaces at the end are the keys' matter alone.
        let is_kept = comparison == Some(TextComparison::Columns)
            || column.equality.rule().is_some_and(|rule| rule.letters.is_none());
        if is_kept {
            return;
        }
        let cause = "PostgreSQL compares by bytes where the source leaves out case or accents";
        let full = format!("{cause}, by {collation}");
        let reason = if comparison.is_some() || by_spec.column_type.is_some() {
            OmissionReason::known(cause)
        } else {
            OmissionReason::from(cause).settled_by(SpecLines::new("target", "comparison = \"keys\""))
        };
        let reason = reason.listed_as(full);
        self.omit(OmittedObject::Comparison, OmittedPlace::column(&table.name, &column.name), reason);
    }
}
