//! Keys that let no periods overlap, as exclusion constraints.

use super::StepMaker;
use crate::catalog::{ColumnType, Index};
use crate::name::quote_identifier;
use crate::plan::mapping::{ColumnMapping, TableMapping};

/// The extension whose operator classes let GiST compare scalars by equality (PostgreSQL documentation, appendix F,
/// "btree_gist").
const EXTENSION: &str = "btree_gist";

impl StepMaker<'_> {
    /// The elements of the constraint: equal values, and periods that overlap. A period holds its beginning and not its end, as
    /// PostgreSQL's ranges do. `None` without the extension, or for columns that are compared in another way in the source.
    pub(super) fn exclusion(&self, mapping: &TableMapping, index: &Index) -> Option<String> {
        if !self.inputs.spec.target.extensions.iter().any(|asked| asked == EXTENSION) {
            return None;
        }
        let column = |at: usize| {
            let key = index.columns.get(at).filter(|key| key.equality.rule().is_none())?;
            mapping.column_of(key.column.as_ref()?)
        };
        let columns = (0..index.columns.len()).map(column).collect::<Option<Vec<_>>>()?;
        let [equal @ .., begin, end] = columns.as_slice() else { return None };
        let range = range_of(begin).filter(|range| range_of(end) == Some(*range))?;
        let name = |column: &ColumnMapping| quote_identifier(&column.target).into_owned();
        let mut elements = equal.iter().map(|column| format!("{} WITH =", name(column))).collect::<Vec<_>>();
        elements.push(format!("{range}({}, {}) WITH &&", name(begin), name(end)));
        Some(elements.join(", "))
    }
}

/// The type of ranges over values of the column.
fn range_of(column: &ColumnMapping) -> Option<&'static str> {
    match column.column_type {
        ColumnType::Date => Some("daterange"),
        ColumnType::Timestamp(_) => Some("tsrange"),
        ColumnType::Timestamptz(_) => Some("tstzrange"),
        _ => None,
    }
}
