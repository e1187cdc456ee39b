//! Dates that no calendar has and that the spec makes others of: where there may be some, expressions over the column do not mean
//! the same on both sides.

use super::ColumnMapping;
use super::default::is_zero_date;
use crate::catalog::{Column, ColumnType};
use crate::spec::ColumnSpec;
use crate::value::{Forgetting, Spelling};
use std::collections::BTreeSet;

/// Whether dates of a column become others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateChange {
    /// No word of the spec is about them.
    #[default]
    Never,
    /// The dates that it has: a line about all columns changes columns alone that have such dates.
    OfItsDates,
    /// Also dates still to come: the word is about this column alone, or its default is such a date.
    OfAnyDates,
}

impl DateChange {
    /// The spec's word on the dates of a column of this type.
    pub(super) fn of(column: &Column, column_type: &ColumnType, own: &ColumnSpec, forgetting: Forgetting) -> Self {
        if forgetting.zero_dates.is_refused() || !column_type.forgetting_keys().contains(&"zero_dates") {
            return Self::Never;
        }
        let is_said = !own.forgetting.zero_dates.is_refused() || column.default.as_deref().is_some_and(is_zero_date);
        if is_said { Self::OfAnyDates } else { Self::OfItsDates }
    }
}

impl ColumnMapping {
    /// Whether some of its dates, or its default, are dates that no calendar has, or may be, and become others.
    pub(super) fn changes_dates(&self) -> bool {
        match self.date_change {
            DateChange::Never => false,
            DateChange::OfItsDates => !self.spellings.as_ref().is_some_and(have_days),
            DateChange::OfAnyDates => true,
        }
    }
}

/// Whether all values are spelled as dates and times, with a day that there may be.
fn have_days(spellings: &BTreeSet<Spelling>) -> bool {
    spellings.iter().all(|spelling| matches!(spelling, Spelling::Moment(_)))
}
