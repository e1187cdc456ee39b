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

/// Fate of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was encoded; in columns that were bad NULL stands.
    Loaded,
    /// It goes into the ledger; nothing of it was encoded.
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

    /// Whether the spec decides about bad values of this table at all.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.columns.is_some()
    }

    /// Appends a row's encoding to `out`, or leaves `out` as it was where the row is rejected. `bad` is room that is
    /// reused; afterwards it holds what was nulled, or what the row is rejected for and might have been nulled.
    /// `at_stop` says what becomes of a value that nothing was decided about.
    ///
    /// # Errors
    /// The first value that is bad in a column that stops, where `at_stop` refuses it.
    #[inline]
    pub fn encode(
        &self,
        row: &Row<'_>,
        at_stop: Repair,
        bad: &mut Vec<BadCell>,
        out: &mut Vec<u8>,
    ) -> Result<Fate, BadCell> {
        let cell = |column| row.cell(column);
        bad.clear();
        let Some(columns) = &self.columns else {
            return self.encoder.encode_repairing(cell, |_| at_stop, out).map(|()| Fate::Loaded);
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
        self.encoder.encode_repairing(cell, repair, out)?;
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
