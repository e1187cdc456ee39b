//! Columns whose values PostgreSQL's own input functions read, and what it has said about them.

use super::selection::source_sql;
use super::{ColumnMapping, MappingDraft};
use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect;
use crate::plan::Inputs;
use crate::value::Reading;

impl ColumnMapping {
    /// Whether PostgreSQL's own input function reads the values.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.labels.is_empty() && matches!(self.column_type, ColumnType::Judged(_))
    }

    /// The keys of a spec that allow a conversion to forget parts of a value.
    #[must_use]
    pub fn forgetting_keys(&self) -> &'static [&'static str] {
        if self.labels.is_empty() { self.column_type.forgetting_keys() } else { &["letter_case"] }
    }

    /// The column's type in SQL: as the application's table has it, or as it is made.
    #[must_use]
    pub fn sql_type(&self) -> String {
        self.target_type.clone().unwrap_or_else(|| self.column_type.to_string())
    }
}

impl MappingDraft {
    /// Gives the columns the verdicts that are known of their values.
    pub(super) fn verdicts(&mut self, inputs: Inputs<'_>) {
        for mapping in &mut self.tables {
            for column in mapping.columns.iter_mut().filter(|column| column.is_judged()) {
                column.verdicts = inputs.contents.verdicts.of(&mapping.source, &column.source, &column.sql_type());
            }
        }
    }
}

/// The expression that is read in place of a column: the spec's own, or, where bits become bits, one that writes them. The digits
/// of their number would be taken for bits.
pub(super) fn read_instead(
    inputs: Inputs<'_>,
    table: &str,
    (name, declared): (&str, &str),
    column_type: &ColumnType,
) -> Option<String> {
    let by_spec = source_sql(inputs.spec, table, name).map(str::to_owned);
    let written = || match column_type {
        ColumnType::Judged(judged) if judged.bits().is_some() => {
            dialect::of(inputs.catalog.engine).bits_in_text(name, &DeclaredType::parse(declared))
        }
        _ => None,
    };
    by_spec.or_else(written)
}

/// The type by which the values are read: by an encoder, or, where the spec says so or the encoder is for lists of an engine that
/// the source's column does not have, by PostgreSQL.
pub(super) fn settled(
    inputs: Inputs<'_>,
    declared: &str,
    column_type: ColumnType,
    reading: Reading,
) -> (ColumnType, Reading) {
    let lists = || dialect::of(inputs.catalog.engine).labels(&DeclaredType::parse(declared)).several.is_some();
    match (&column_type, reading) {
        (ColumnType::TextArray, Reading::Stored) if lists() => (column_type, reading),
        (ColumnType::TextArray, Reading::Stored | Reading::Text) => (column_type.judged(), Reading::Stored),
        (_, Reading::Text) if column_type.is_read_from_text() => (column_type.judged(), Reading::Stored),
        _ => (column_type, reading),
    }
}
