//! Rows that stay in the target and reference rows that a refresh removes: the referenced rows are looked up in the
//! source before anything is written. Restoring the foreign keys would find missing ones too, but only at the end.

use super::copied::{CopiedChunks, qualified};
use super::keys::{ReplacedTableKeys, keeps_orphans};
use crate::catalog::{ColumnType, KeyRange, NAMED_ROWS, TargetForeignKey};
use crate::name::{QualifiedName, Schemas, quote_identifier, quote_literal};
use crate::plan::{Finding, FindingCode, Plan, Severity, TableMapping};
use crate::rows::transfer::ChunkRows;
use crate::rows::treatment::Treatment;
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::target::ledger::ChunkRow;
use crate::target::{RawValue, Session};
use crate::value::Zone;
use std::collections::BTreeMap;

/// Most referenced rows that are looked up for one foreign key; beyond it, only restoring the key finds orphans.
const MOST: usize = 1 << 20;

/// Referenced rows of one foreign key that are about to be removed, to be looked up in the source.
#[derive(Debug)]
pub(super) struct Lookup {
    /// The key in words: `app.orders (orders_user_fkey)`.
    key: String,
    mapping: TableMapping,
    /// The positions of the referenced columns in the mapping.
    positions: Vec<usize>,
    ranges: Vec<KeyRange>,
    /// The words for each row, by its referenced values in PostgreSQL's binary format.
    wanted: BTreeMap<Vec<u8>, String>,
}

/// Reads the rows to be looked up from the target.
pub(super) async fn lookups(
    session: &Session,
    schemas: &Schemas,
    plan: &Plan,
    keys: &ReplacedTableKeys,
    others: &str,
    replaced: &[(CopiedChunks<'_>, Vec<&ChunkRow>)],
) -> Result<Vec<Lookup>, ExecuteError> {
    let mut lookups = Vec::new();
    let of = |(schema, name): (&str, &str)| {
        replaced.iter().find(|(copied, _)| schemas.place(&copied.mapping.target) == QualifiedName { schema, name })
    };
    for ((of_schema, table), key) in keys.foreign_keys() {
        // Loaded rows may be orphans as in the source, and rows of others may not become any.
        let keeps = keeps_orphans(schemas, plan, QualifiedName { schema: of_schema, name: table }, key);
        let asked = if keeps { others } else { "true" };
        let Some((parent, chunks)) = of((&key.referenced_schema, &key.referenced_table)) else { continue };
        let Some(positions) = positions(parent.mapping, key) else { continue };
        let child = of((of_schema, table)).map(|(copied, _)| copied);
        let wanted = wanted(session, (&qualified(of_schema, table), asked), child, parent, key).await?;
        if !wanted.is_empty() && wanted.len() <= MOST {
            lookups.push(Lookup {
                key: format!("{} ({})", qualified(of_schema, table), key.name),
                mapping: parent.mapping.clone(),
                positions,
                ranges: chunks.iter().map(|chunk| chunk.range.clone()).collect(),
                wanted,
            });
        }
    }
    Ok(lookups)
}

/// Positions of the referenced columns in the mapping, if equal values of all their types have equal bytes.
fn positions(parent: &TableMapping, key: &TargetForeignKey) -> Option<Vec<usize>> {
    let position = |name: &String| {
        let position = parent.columns.iter().position(|column| column.target == *name)?;
        let has_one_form = matches!(
            parent.columns[position].column_type,
            ColumnType::SmallInt
                | ColumnType::Integer
                | ColumnType::BigInt
                | ColumnType::Text
                | ColumnType::Varchar(_)
                | ColumnType::Citext
                | ColumnType::Uuid
        );
        has_one_form.then_some(position)
    };
    key.referenced_columns.iter().map(position).collect()
}

/// Removed rows of `parent` that remaining rows of the child reference.
async fn wanted(
    session: &Session,
    (child, asked): (&str, &str),
    replaced_child: Option<&CopiedChunks<'_>>,
    parent: &CopiedChunks<'_>,
    key: &TargetForeignKey,
) -> Result<BTreeMap<Vec<u8>, String>, ExecuteError> {
    let doing = format!("looking at the rows that {child} references");
    let pairs = key.columns.iter().zip(&key.referenced_columns);
    let equal = pairs.map(|(column, referenced)| {
        format!("going.{} = staying.{}", quote_identifier(referenced), quote_identifier(column))
    });
    let columns = key.referenced_columns.iter().map(|column| format!("going.{}", quote_identifier(column)));
    let words = key
        .referenced_columns
        .iter()
        .map(|column| format!("{} || going.{}::text", quote_literal(&format!("{column}=")), quote_identifier(column)));
    let staying = replaced_child.map_or_else(|| "true".to_owned(), CopiedChunks::stays);
    let sql = format!(
        "SELECT DISTINCT concat_ws(', ', {}), {} FROM (SELECT * FROM {}{} WHERE {}) AS going \
         JOIN (SELECT * FROM ONLY {child} WHERE {staying} AND {asked}) AS staying ON {} LIMIT {}",
        words.collect::<Vec<_>>().join(", "),
        columns.collect::<Vec<_>>().join(", "),
        parent.mapping.only(),
        parent.table,
        parent.goes(),
        equal.collect::<Vec<_>>().join(" AND "),
        MOST + 1,
    );
    let mut rows = session.stream(&sql, &doing).await?;
    let mut wanted = BTreeMap::new();
    while let Some(row) = rows.next().await? {
        let mut bytes = Vec::new();
        for at in 1..row.len() {
            push(&mut bytes, row.get::<_, RawValue<'_>>(at).0);
        }
        wanted.insert(bytes, row.get(0));
    }
    Ok(wanted)
}

/// Looks the rows up in the source. Returns the rows that it has lost, or that would be rejected now.
pub(super) fn lost(
    lookups: Vec<Lookup>,
    reader: &Reader,
    zone: &Zone,
    stop: &Stop,
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    for mut lookup in lookups {
        let Lookup { mapping, positions, ranges, wanted, .. } = &mut lookup;
        let treatment = Treatment::of(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
        for range in ranges.iter() {
            if wanted.is_empty() {
                break;
            }
            let rows = ChunkRows { mapping, treatment: &treatment, range };
            let read = rows.read(reader, stop, |mut buffer| {
                each_row(&buffer.bytes, |fields| {
                    let mut bytes = Vec::new();
                    positions.iter().filter_map(|at| *fields.get(*at)?).for_each(|field| push(&mut bytes, field));
                    wanted.remove(&bytes);
                });
                buffer.bytes.clear();
                Ok(buffer.bytes)
            });
            match read {
                // A value that no longer fits is a finding of its own.
                Ok(_) | Err(ExecuteError::Value { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        findings.extend(lookup.finding());
    }
    Ok(findings)
}

impl Lookup {
    fn finding(self) -> Option<Finding> {
        if self.wanted.is_empty() {
            return None;
        }
        let count = self.wanted.len() as u64;
        let message = format!("rows of {} reference rows that would be gone: the source no longer has them", self.key);
        let suggestion = "remove the rows that reference them, or revert the change in the source; nothing is touched";
        let finding =
            Finding::about(FindingCode::TargetReferencesLost, Severity::Blocks, &self.mapping.source, message)
                .suggesting(suggestion);
        Some(Finding { count, examples: self.wanted.into_values().take(NAMED_ROWS).collect(), ..finding })
    }
}

/// Calls `visit` with the fields of each row of a COPY in binary format (PostgreSQL documentation, COPY, Binary
/// Format).
fn each_row<'b>(mut bytes: &'b [u8], mut visit: impl FnMut(&[Option<&'b [u8]>])) {
    let mut fields = Vec::new();
    while let Some((count, rest)) = bytes.split_first_chunk() {
        bytes = rest;
        fields.clear();
        for _ in 0..i16::from_be_bytes(*count) {
            let Some((length, rest)) = bytes.split_first_chunk() else { return };
            // A NULL has the length -1.
            let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
                fields.push(None);
                bytes = rest;
                continue;
            };
            let Some((field, rest)) = rest.split_at_checked(length) else { return };
            fields.push(Some(field));
            bytes = rest;
        }
        visit(&fields);
    }
}

/// Appends a field with its length, so that two rows have the same bytes only if all their fields have.
fn push(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend_from_slice(&field.len().to_be_bytes());
    bytes.extend_from_slice(field);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_rows_are_found() {
        let bytes = [0, 2, 0, 0, 0, 1, 7, 255, 255, 255, 255, 0, 1, 0, 0, 0, 0];
        let mut rows = Vec::new();
        each_row(&bytes, |fields| rows.push(fields.to_vec()));
        assert_eq!(rows, [vec![Some(&[7][..]), None], vec![Some(&[][..])]]);
        each_row(&bytes[..5], |_| panic!("there is no whole row"));
    }
}
