//! Fate of a row: it is loaded, loaded with NULL in place of values that do not fit, or rejected, as the spec's
//! `on_bad_value` says. Copying, comparing with an earlier run and verifying all ask here, so that they agree.

use super::encoder::{NoEncoder, row_encoder};
use crate::plan::TableMapping;
use crate::source::Row;
use crate::spec::OnBadValue;
use crate::target::copy::{BadCell, Repair, RowEncoder};
use crate::value::Zone;

/// The treatment of one table's rows, compiled once.
#[derive(Debug, Clone)]
pub struct Treatment {
    encoder: RowEncoder,
    /// Treatment of bad values by column; `None` if every column stops, which is the fast path.
    columns: Option<Vec<OnBadValue>>,
}

/// Values of a row that were not carried over as they are; a reused buffer.
#[derive(Debug, Clone, Default)]
pub struct NotedValues {
    /// Values that were nulled, or those for which the row is rejected and those that might have been nulled.
    pub bad: Vec<BadCell>,
    /// Positions of the columns whose values were shortened; of no meaning for a rejected row.
    pub shortened: Vec<usize>,
}

/// Fate of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was encoded; columns with bad values are NULL.
    Loaded,
    /// It belongs into the ledger; nothing of it was encoded.
    Rejected,
}

impl Treatment {
    /// Compiles the treatment of a table's rows.
    ///
    /// # Errors
    /// A table that no encoder can be made for.
    pub fn of(mapping: &TableMapping, zone: &Zone) -> Result<Self, NoEncoder> {
        let columns = mapping.columns.iter().map(|column| column.treatment()).collect::<Vec<_>>();
        let decides = columns.iter().any(|treatment| *treatment != OnBadValue::Stop);
        Ok(Self { encoder: row_encoder(mapping, zone)?, columns: decides.then_some(columns) })
    }

    /// Whether the spec has a rule for bad values of this table.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.columns.is_some()
    }

    /// Appends a row's encoding to `out`; `out` is unchanged if the row is rejected. `at_stop` decides about a value without
    /// a rule.
    ///
    /// # Errors The first bad value in a column that stops, if `at_stop` refuses it.
    #[inline]
    pub fn encode(
        &self,
        row: &Row<'_>,
        at_stop: Repair,
        noted: &mut NotedValues,
        out: &mut Vec<u8>,
    ) -> Result<Fate, BadCell> {
        let cell = |column| row.cell(column);
        let NotedValues { bad, shortened } = noted;
        bad.clear();
        shortened.clear();
        let note = |column| shortened.push(column);
        let Some(columns) = &self.columns else {
            return self.encoder.encode_repairing(cell, |_| at_stop, note, out).map(|()| Fate::Loaded);
        };
        let start = out.len();
        let mut fate = Fate::Loaded;
        let repair = |found: BadCell| {
            match columns.get(found.column) {
                Some(OnBadValue::Null) => {}
                Some(OnBadValue::Reject) => fate = Fate::Rejected,
                Some(OnBadValue::Stop) | None => return at_stop,
            }
            bad.push(found);
            Repair::Null
        };
        self.encoder.encode_repairing(cell, repair, note, out)?;
        if fate == Fate::Rejected {
            out.truncate(start);
        }
        Ok(fate)
    }

    /// The first of a rejected row's bad values for which it is rejected.
    #[must_use]
    pub fn first_rejected<'a>(&self, bad: &'a [BadCell]) -> Option<&'a BadCell> {
        let treatment = |bad: &BadCell| self.columns.as_ref().and_then(|columns| columns.get(bad.column));
        bad.iter().find(|bad| treatment(bad) == Some(&OnBadValue::Reject))
    }
}
