//! Rows that reference rows of tables which the migration does not fill: tables of `skip`, and those that the source does not have.
//! They belong to whichever rows have these keys in the target, which may be right, as with seeded lookups, and may be not.

use super::TargetInquiry;
use super::false_parents::narrowed;
use super::words::rows;
use crate::catalog::KeyRange;
use crate::name::{quote_identifier, quote_toml_key};
use crate::plan::mapping::StrayReference;
use crate::plan::{Finding, FindingCode, Severity, TableMapping};
use crate::rows::treatment::{Fate, NotedValues, Treatment};
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader};
use crate::target::copy::Repair;
use crate::value::Cell;

/// The findings about a table of which no row can be read.
pub(super) fn uncounted(mapping: &TableMapping) -> impl Iterator<Item = Finding> {
    mapping.stray_references.iter().map(|reference| finding(mapping, reference, None))
}

/// Counts the rows of a table that reference what is not filled.
pub(super) async fn find(
    looking: &TargetInquiry<'_>,
    mapping: &TableMapping,
    ranges: Vec<KeyRange>,
    reader: &mut Option<Reader>,
) -> Result<Vec<Finding>, ExecuteError> {
    let references = &mapping.stray_references;
    let judged = |reference: &StrayReference| {
        mapping.columns.iter().any(|column| reference.columns.contains(&column.target) && column.is_judged())
    };
    let narrow = narrowed(mapping, |column| references.iter().any(|one| one.columns.contains(&column.target)));
    let places = references.iter().map(|reference| {
        let place = |name: &String| narrow.columns.iter().position(|column| column.target == *name);
        reference.columns.iter().filter_map(place).collect::<Vec<_>>()
    });
    let places = places.collect::<Vec<_>>();
    let lent = reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
    let treatment = Treatment::of(&narrow, looking.zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let stop = looking.stop.clone();
    let counting = tokio::task::spawn_blocking(move || {
        let counts = count(&lent, &narrow, &treatment, ranges, &places, &stop);
        (lent, counts)
    });
    let (lent, counts) = counting.await?;
    *reader = Some(lent);
    let found = references.iter().zip(counts?).filter_map(|(reference, count)| match judged(reference) {
        true => Some(finding(mapping, reference, None)),
        false => (count > 0).then(|| finding(mapping, reference, Some(count))),
    });
    Ok(found.collect())
}

/// Counts the rows that are loaded and have no NULL in any of these columns, for each list of them.
fn count(
    reader: &Reader,
    narrow: &TableMapping,
    treatment: &Treatment,
    ranges: Vec<KeyRange>,
    places: &[Vec<usize>],
    stop: &Stop,
) -> Result<Vec<u64>, ExecuteError> {
    let (mut counts, mut noted, mut bytes) = (vec![0; places.len()], NotedValues::default(), Vec::new());
    for range in ranges {
        let read = reader.for_each_row(&narrow.selection(range), |row| {
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            bytes.clear();
            // A value that does not fit is a finding of its own.
            if !matches!(treatment.encode(row, Repair::Null, &mut noted, &mut bytes), Ok(Fate::Loaded)) {
                return Ok(());
            }
            for (count, places) in counts.iter_mut().zip(places) {
                let is_null =
                    |at: &usize| matches!(row.cell(*at), Cell::Null) || noted.bad.iter().any(|bad| bad.column == *at);
                *count += u64::from(!places.iter().any(is_null));
            }
            Ok(())
        });
        match read {
            Ok(_) => {}
            Err(ReadFailure::Source(error)) => return Err(error.into()),
            Err(ReadFailure::Caller(error)) => return Err(error),
        }
    }
    Ok(counts)
}

fn finding(mapping: &TableMapping, reference: &StrayReference, count: Option<u64>) -> Finding {
    let columns = reference.columns.join(", ");
    let (schema, table) = (quote_identifier(&reference.schema), quote_identifier(&reference.table));
    let who = match count {
        Some(1) => "1 row references".to_owned(),
        Some(count) => format!("{} reference", rows(count)),
        None => "rows may reference".to_owned(),
    };
    let message = format!(
        "{who} by ({columns}) rows of {schema}.{table}, which this migration does not fill: they belong to whichever rows have \
         these keys there"
    );
    let lines = mapping.columns.iter().filter(|column| reference.columns.contains(&column.target)).map(|column| {
        let (table, column) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
        format!("# [tables.{table}.columns.{column}]\n# skip = true")
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    let finding = Finding::about(FindingCode::ForeignKeyToOtherRows, Severity::Warns, &mapping.source, message);
    Finding { count: count.unwrap_or(finding.count), ..finding }.suggesting(format!(
        "# where these are not the same rows on both sides, copy that table as well, or leave the reference out:\n{lines}"
    ))
}
