//! Values of which the spec lets a column keep fewer digits (`fraction`): counted, for nothing is shortened in silence.

use crate::catalog::ColumnType;
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Severity, TableMapping};
use crate::rows::encoder::{column_encoder, name_row_briefly, shortened as shown};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::rows::{FoundRows, for_each, integer_key, selection};
use crate::survey::surveyor::{Depth, Surveyor};
use crate::value::{FractionTreatment, Reading};

/// Whether the spec lets the column shorten values.
pub(crate) fn may_shorten(column: &ColumnMapping) -> bool {
    column.forgetting.fraction != FractionTreatment::Refused
        && column.labels.is_empty()
        && column.column_type.forgetting_keys().contains(&"fraction")
}

/// The note about the values of a column that lose digits.
pub(crate) fn find_shortened(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    position: usize,
) -> Result<Option<Finding>, ExecuteError> {
    let column = &mapping.columns[position];
    // A reading that does not suit its type is a finding of its own.
    let Ok(encoder) = column_encoder(column, surveyor.zone) else { return Ok(None) };
    let (mut found, mut scratch) = (FoundRows::default(), Vec::new());
    for_each(surveyor, reader, &selection(mapping, &[position], None), |row| {
        scratch.clear();
        // A value that does not fit is a finding of its own too.
        if encoder.encode_noting(row.cell(0), &mut scratch) == Ok(true) {
            found.add_as(integer_key(row), || {
                let value = (surveyor.depth == Depth::ShowingValues).then(|| format!(": {}", shown(row.cell(0))));
                name_row_briefly(mapping, row) + value.as_deref().unwrap_or_default()
            });
        }
    })?;
    if found.count == 0 {
        return Ok(None);
    }
    let values = if found.count == 1 { "1 value has".to_owned() } else { format!("{} values have", found.count) };
    let how = if column.forgetting.fraction == FractionTreatment::Round { "are rounded" } else { "are cut off" };
    let more = match (&column.column_type, column.reading) {
        (ColumnType::Numeric(_), _) => format!("more digits than {} keeps", column.column_type),
        (_, Reading::Julian | Reading::Excel) => {
            "more digits of a second than the three that a number of days is read to".to_owned()
        }
        _ => format!("more digits of a second than {} keeps", column.column_type),
    };
    let end = format!(": these {how}, as the spec says");
    let finding =
        Finding::about(FindingCode::ValuesShortened, Severity::Notes, &mapping.source, format!("{values} {more}{end}"));
    let cause = Cause { end, ..Cause::new(["value has", "values have"], more) };
    let finding = finding.in_column(&column.source).because(cause);
    Ok(Some(Finding { count: found.count, examples: found.examples, ..finding }))
}
