//! Values of one column that differ in their storage class alone and become the same in the target: 1, `'1'` and `x'31'` as
//! text.
//!
//! The rule is told by [`forgetting`](crate::value::forgetting): every value by itself converts well, and only beside the
//! others of its column does it forget something. So it is asked of all values at once, wherever rows are about to be
//! written: with a profile, without one, and of rows that a refresh copies again.

use crate::catalog::{ColumnType, StoredCounts};
use crate::dialect::Dialect;
use crate::dialect::expression::coercion::Coercion;
use crate::name::quote_toml_key;
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Severity, TableMapping};
use crate::rows::encoder::{column_encoder, name_row_briefly, shortened};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::rows::{FoundRows, for_each, integer_key, selection};
use crate::survey::surveyor::{Depth, Surveyor};
use crate::survey::values::profile::count_class;
use crate::target::copy::ColumnEncoder;
use crate::value::{Cell, Dropping, Reading, StorageClass};
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// The values that the source never takes for equal, a bit each.
type Kinds = u8;

/// The kinds with their words.
const KINDS: [(Kinds, &str); 3] = [(1, "numbers"), (2, "text"), (4, "blobs")];

/// A hash in a map takes several times the room of one in a list.
const ROOM_OF_A_HASH: usize = 4;

/// The finding about a column in which values of different storage classes become one; `stored` is what stands in it.
pub(crate) fn find_forgotten_class(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    position: usize,
    stored: StoredCounts,
) -> Result<Option<Finding>, ExecuteError> {
    let column = &mapping.columns[position];
    // A reading that does not suit its type is a finding of its own.
    let Ok(encoder) = column_encoder(column, surveyor.zone) else { return Ok(None) };
    let merged = merged(surveyor, reader, mapping, position, &encoder, stored)?;
    Ok((merged.found.count > 0).then(|| finding(mapping, column, merged)))
}

/// The same for every column of a table that has no profile yet.
pub(crate) fn find_forgotten_class_unprofiled(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
) -> Result<Vec<Finding>, ExecuteError> {
    let positions =
        (0..mapping.columns.len()).filter(|at| takes_several_kinds(mapping.dialect(), &mapping.columns[*at]));
    let positions = positions.collect::<Vec<_>>();
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let mut counts = vec![StoredCounts::default(); positions.len()];
    for_each(surveyor, reader, &selection(mapping, &positions, None), |row| {
        for (at, stored) in counts.iter_mut().enumerate() {
            count_class(stored, row.cell(at).storage_class(), 1);
        }
    })?;
    let mut findings = Vec::new();
    for (position, stored) in positions.into_iter().zip(counts) {
        if may_forget_class(mapping.dialect(), &mapping.columns[position], stored) {
            findings.extend(find_forgotten_class(surveyor, reader, mapping, position, stored)?);
        }
    }
    Ok(findings)
}

/// Whether the storage classes in a column give reason to ask whether values become one.
pub(crate) fn may_forget_class(dialect: &dyn Dialect, column: &ColumnMapping, stored: StoredCounts) -> bool {
    stored.kinds() > 1 && takes_several_kinds(dialect, column)
}

/// Whether the column takes values of several kinds, and the spec does not allow their difference to be forgotten.
fn takes_several_kinds(dialect: &dyn Dialect, column: &ColumnMapping) -> bool {
    column.forgetting.storage_class == Dropping::Refused
        && column.labels.is_empty()
        && takes(dialect, column, &column.column_type, column.reading)
}

/// Whether values of several kinds fit this type, read so, and what they become does not say which it was.
fn takes(dialect: &dyn Dialect, column: &ColumnMapping, column_type: &ColumnType, reading: Reading) -> bool {
    let is_text = || dialect.coercion(column.converting_type()) == Coercion::Text;
    match (column_type, reading) {
        // A literal says its storage class; nothing but blobs fits bytes.
        (_, Reading::Literal) | (ColumnType::Bytea, Reading::Stored) => false,
        // A blob does not fit, and the source has made text of the numbers.
        (ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext, reading)
            if reading.is_plain() =>
        {
            column.source_sql.is_some() || !is_text()
        }
        (column_type, _) => column_type.forgetting_keys().contains(&"storage_class"),
    }
}

/// Whether values of a column would become one if they were converted by another encoder than the column's.
pub(crate) fn would_merge(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    position: usize,
    (column_type, reading, encoder): (&ColumnType, Reading, &ColumnEncoder),
    stored: StoredCounts,
) -> Result<bool, ExecuteError> {
    let column = &mapping.columns[position];
    let is_allowed = column.forgetting.storage_class == Dropping::Drop;
    if is_allowed || stored.kinds() < 2 || !takes(mapping.dialect(), column, column_type, reading) {
        return Ok(false);
    }
    Ok(merged(surveyor, reader, mapping, position, encoder, stored)?.found.count > 0)
}

/// The values that become the same as one of another kind.
#[derive(Debug, Default)]
struct Merged {
    found: FoundRows,
    kinds: Kinds,
}

/// Looks for values that become the same as one of another kind. In memory are the hashes of all kinds but the most
/// frequent, a part of them at a time where they are many.
fn merged(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    position: usize,
    encoder: &ColumnEncoder,
    stored: StoredCounts,
) -> Result<Merged, ExecuteError> {
    let counts = [stored.integer + stored.real, stored.text, stored.blob];
    let (most, frequent) =
        counts.into_iter().zip(KINDS).map(|(count, (kind, _))| (count, kind)).max().unwrap_or((0, 0));
    let others = counts.into_iter().sum::<u64>() - most;
    let in_memory = (surveyor.keys_in_memory / ROOM_OF_A_HASH).max(1) as u64;
    let parts = u128::from(others.div_ceil(in_memory).max(1));
    let selection = selection(mapping, &[position], None);
    let mut scratch = Vec::new();
    let mut read = |cell: Cell<'_>| {
        let kind = match cell.storage_class() {
            StorageClass::Null => return None,
            StorageClass::Integer | StorageClass::Real => KINDS[0].0,
            StorageClass::Text => KINDS[1].0,
            StorageClass::Blob => KINDS[2].0,
        };
        scratch.clear();
        // A value that does not fit is a finding of its own.
        encoder.encode(cell, &mut scratch).ok()?;
        Some((xxh3_128(&scratch), kind))
    };
    let mut merged = Merged::default();
    for part in 0..parts {
        let mut seen: HashMap<u128, Kinds> = HashMap::new();
        for_each(surveyor, reader, &selection, |row| match read(row.cell(0)) {
            Some((hash, kind)) if kind != frequent && hash % parts == part => *seen.entry(hash).or_default() |= kind,
            _ => {}
        })?;
        for_each(surveyor, reader, &selection, |row| match read(row.cell(0)) {
            Some((hash, kind)) if kind == frequent => {
                if let Some(kinds) = seen.get_mut(&hash) {
                    *kinds |= kind;
                }
            }
            _ => {}
        })?;
        seen.retain(|_, kinds| kinds.count_ones() > 1);
        if seen.is_empty() {
            continue;
        }
        merged.kinds |= seen.values().fold(0, |all, kinds| all | kinds);
        for_each(surveyor, reader, &selection, |row| {
            if read(row.cell(0)).is_some_and(|(hash, _)| seen.contains_key(&hash)) {
                merged.found.add_as(integer_key(row), || {
                    let value =
                        (surveyor.depth == Depth::ShowingValues).then(|| format!(": {}", shortened(row.cell(0))));
                    name_row_briefly(mapping, row) + value.as_deref().unwrap_or_default()
                });
            }
        })?;
    }
    Ok(merged)
}

fn finding(mapping: &TableMapping, column: &ColumnMapping, merged: Merged) -> Finding {
    let Merged { found, kinds } = merged;
    let words = KINDS.iter().filter(|(kind, _)| kinds & kind != 0).map(|(_, word)| *word).collect::<Vec<_>>();
    let words = match words.as_slice() {
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
        [] => String::new(),
    };
    let words = format!(
        "that {} tells apart ({words}) become the same {}: what each of them was is forgotten",
        mapping.dialect().system(),
        column.column_type
    );
    let message = format!("{} values {words}", found.count);
    let header = format!("[tables.{}.columns.{}]", quote_toml_key(&mapping.source), quote_toml_key(&column.source));
    // The application has decided on the type of its own column.
    let suggestion = if column.target_type.is_none() {
        format!(
            "# keeps them apart, as SQL literals:\n{header}\ntype = \"text\"\nfrom = \"literal\"\n\
             # or, beside what the spec says of it: storage_class = \"drop\""
        )
    } else {
        format!("{header}\nstorage_class = \"drop\"")
    };
    let finding = Finding::about(FindingCode::StorageClassForgotten, Severity::Blocks, &mapping.source, message);
    let finding = finding.in_column(&column.source).suggesting(suggestion);
    let finding = finding.because(Cause::new(["value", "values"], words));
    Finding { count: found.count, examples: found.examples, ..finding }
}
