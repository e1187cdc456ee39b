//! What fits its column and still not into PostgreSQL: keys longer than an index page takes, rows wider than a page,
//! documents and rows beyond what one allocation holds.

use super::keys::{Key, keys};
use super::look::Looker;
use super::rows::{Found, for_each, keep_every_row, keep_only, leave_behind, leaving_out, matching, selection};
use crate::catalog::selection::enclosed;
use crate::catalog::{ColumnType, SelectedColumn, Table, TableProfile};
use crate::execute::ExecuteError;
use crate::execute::encoder::{column_encoder, row_encoder};
use crate::name::{quote_sqlite_identifier, quote_toml_key};
use crate::plan::{Finding, Severity, TableMapping};
use crate::source::sqlite::Reader;
use crate::target::tuple::{Field, LARGEST_INDEX_TUPLE, LARGEST_ROW, index_tuple, least_row};

/// A key whose values are shorter always fits: the rest is headers and alignment.
pub(super) const SURE_KEY: u64 = 2_500;

/// With fewer columns every row fits, for no column needs more than 24 bytes of the page.
pub(super) const SURE_COLUMNS: usize = 330;

/// The elements of one jsonb array or object have so many bytes at most (`JENTRY_OFFLENMASK`).
pub(super) const LARGEST_JSONB: u64 = 0x0FFF_FFFF;

/// A row is formed in one piece of memory (`MaxAllocSize`); what is below leaves room for headers.
pub(super) const LARGEST_TUPLE: u64 = 0x3FFF_FFFF - 65_536;

/// A finding for every limit of PostgreSQL that rows of this table break.
pub(super) fn find_beyond_limits(
    look: &Looker<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    table: &Table,
    profile: &TableProfile,
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    for key in keys(mapping, table, look.spec) {
        let longest = key.parts.iter().map(|part| longest(profile, part.position)).sum::<u64>();
        if longest > SURE_KEY {
            findings.extend(long_keys(look, reader, mapping, &key)?);
        }
    }
    if mapping.columns.len() > SURE_COLUMNS {
        findings.extend(wide_rows(look, reader, mapping)?);
    }
    for (position, column) in mapping.columns.iter().enumerate() {
        if column.column_type == ColumnType::Jsonb && longest(profile, position) > LARGEST_JSONB {
            let condition = format!("{} > {LARGEST_JSONB}", length(mapping, &[position]));
            let found = matching(look, reader, mapping, &condition)?;
            let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
            let message = format!("{} beyond what one jsonb holds (256 MiB)", documents(found.count));
            let finding = Finding::about("value_too_large", Severity::Blocks, &mapping.source, message)
                .in_column(&column.source)
                .suggesting(format!("[tables.{table}.columns.{key}]\ntype = \"json\""));
            findings.push(Finding { count: found.count, examples: found.examples, ..finding });
        }
    }
    let all = (0..mapping.columns.len()).collect::<Vec<_>>();
    if all.iter().map(|position| longest(profile, *position)).sum::<u64>() > LARGEST_TUPLE {
        let condition = format!("{} > {LARGEST_TUPLE}", length(mapping, &all));
        let found = matching(look, reader, mapping, &condition)?;
        if found.count > 0 {
            let message = format!("{} larger than PostgreSQL takes in one piece (1 GiB)", rows(found.count));
            let staying = format!("{} <= {LARGEST_TUPLE}", length(mapping, &all));
            findings.push(finding(mapping, "row_too_large", message, found, Some(&staying)));
        }
    }
    Ok(findings)
}

/// The most bytes of a column's text or blob; numbers are short.
pub(super) fn longest(profile: &TableProfile, position: usize) -> u64 {
    let column = &profile.columns[position];
    column.longest_bytes.max(column.longest_blob).unwrap_or(0)
}

/// What is read for a column, in SQLite's SQL.
pub(super) fn stored_value(mapping: &TableMapping, position: usize) -> String {
    match mapping.columns[position].selected() {
        SelectedColumn::Named(name) => quote_sqlite_identifier(&name),
        SelectedColumn::Computed(sql) => enclosed(&sql),
    }
}

/// The bytes of some columns together, in SQLite's SQL.
fn length(mapping: &TableMapping, positions: &[usize]) -> String {
    let column = |position: &usize| format!("coalesce(length(CAST({} AS BLOB)), 0)", stored_value(mapping, *position));
    positions.iter().map(column).collect::<Vec<_>>().join(" + ")
}

/// Keys that do not fit into a third of an index page even when PostgreSQL has compressed them.
fn long_keys(
    look: &Looker<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    key: &Key,
) -> Result<Option<Finding>, ExecuteError> {
    let positions = key.parts.iter().map(|part| part.position).collect::<Vec<_>>();
    let encoders = positions.iter().map(|position| column_encoder(&mapping.columns[*position], look.zone));
    // A reading that does not suit its type is a finding of the rehearsal.
    let Ok(encoders) = encoders.collect::<Result<Vec<_>, _>>() else { return Ok(None) };
    let (mut found, mut largest, mut bytes) = (Found::default(), 0, Vec::new());
    let bytes_of_key = length(mapping, &positions);
    let condition = match &key.predicate {
        Some(predicate) => format!("({predicate}\n) AND {bytes_of_key} > {SURE_KEY}"),
        None => format!("{bytes_of_key} > {SURE_KEY}"),
    };
    for_each(look, reader, &selection(mapping, &positions, Some(&condition)), |row| {
        bytes.clear();
        let mut ends = Vec::with_capacity(encoders.len());
        for (at, encoder) in encoders.iter().enumerate() {
            // What does not fit its type is a finding of the rehearsal, and stands for nothing here.
            if encoder.encode(row.cell(at), &mut bytes).is_err() {
                return;
            }
            if key.parts[at].folded {
                bytes.make_ascii_lowercase();
            }
            ends.push(bytes.len());
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let fields = starts
            .zip(&ends)
            .zip(&positions)
            .map(|((start, end), position)| Field::of(&mapping.columns[*position].column_type, &bytes[start..*end]));
        let size = index_tuple(fields);
        if size > LARGEST_INDEX_TUPLE {
            largest = largest.max(size);
            found.add(mapping, row);
        }
    })?;
    if found.count == 0 {
        return Ok(None);
    }
    let message = format!(
        "{} too long for {}: a B-tree takes {LARGEST_INDEX_TUPLE} bytes, the longest comes to {largest}, compressed",
        if found.count == 1 { "1 key is".to_owned() } else { format!("{} keys are", found.count) },
        key.name
    );
    let staying = format!("{bytes_of_key} <= {SURE_KEY}");
    let without_index = key.index.as_ref().map(|index| {
        let condition = leaving_out(mapping, &found).unwrap_or_else(|| staying.clone());
        keep_every_row(mapping, &format!("indexes.{} = false", quote_toml_key(index)), &condition)
    });
    let finding = finding(mapping, "key_too_long", message, found, Some(&staying));
    let finding = Finding { suggestion: without_index.or(finding.suggestion.clone()), ..finding };
    Ok(Some(match positions.as_slice() {
        [position] => finding.in_column(&mapping.columns[*position].source),
        _ => finding,
    }))
}

/// Rows that do not fit onto a page even with every long value stored elsewhere.
fn wide_rows(look: &Looker<'_>, reader: &Reader, mapping: &TableMapping) -> Result<Option<Finding>, ExecuteError> {
    let Ok(encoder) = row_encoder(mapping, look.zone) else { return Ok(None) };
    let all = (0..mapping.columns.len()).collect::<Vec<_>>();
    let (mut found, mut largest, mut bytes) = (Found::default(), 0, Vec::new());
    for_each(look, reader, &selection(mapping, &all, None), |row| {
        bytes.clear();
        let mut fields = Vec::with_capacity(all.len());
        for (position, column) in encoder.columns().iter().enumerate() {
            let start = bytes.len();
            if column.encode(row.cell(position), &mut bytes).is_err() {
                return;
            }
            fields.push(Field::of(&mapping.columns[position].column_type, &bytes[start..]).kept());
        }
        let size = least_row(&fields);
        if size > LARGEST_ROW {
            largest = largest.max(size);
            found.add(mapping, row);
        }
    })?;
    if found.count == 0 {
        return Ok(None);
    }
    let message = format!(
        "{} wider than a page: PostgreSQL takes {LARGEST_ROW} bytes beside what it stores elsewhere, the widest needs \
         {largest}",
        rows(found.count)
    );
    Ok(Some(finding(mapping, "row_too_wide", message, found, None)))
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row is".to_owned() } else { format!("{count} rows are") }
}

fn documents(count: u64) -> String {
    if count == 1 { "1 document is".to_owned() } else { format!("{count} documents are") }
}

/// A blocking finding about rows; few are left behind one by one, many by the condition for those that stay.
fn finding(
    mapping: &TableMapping,
    code: &'static str,
    message: String,
    found: Found,
    staying: Option<&str>,
) -> Finding {
    let suggestion =
        leave_behind(mapping, &found).or_else(|| staying.map(|staying| keep_only(mapping, staying))).unwrap_or_else(
            || format!("# or skip columns of it\n[tables.{}]\nskip = true", quote_toml_key(&mapping.source)),
        );
    let finding = Finding::about(code, Severity::Blocks, &mapping.source, message).suggesting(suggestion);
    Finding { count: found.count, examples: found.examples, ..finding }
}
