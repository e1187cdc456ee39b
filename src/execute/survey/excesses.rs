//! Translated expressions that leave the range of PostgreSQL's types on the data there are.
//!
//! The plan knows, from the smallest and the largest number of each column, which parts of an expression may; the source is
//! asked which rows do.

use super::look::Looker;
use super::rows::matching;
use crate::catalog::TableProfile;
use crate::execute::ExecuteError;
use crate::name::quote_toml_key;
use crate::plan::{Excess, ExcessOf, Finding, Plan, Severity};
use crate::source::SourceError;
use crate::source::sqlite::{Reader, count_matching};
use std::collections::BTreeMap;

/// The smallest and the largest number of each column, by table and column. A column without a number computes nothing.
pub(super) fn extents(profiles: &[TableProfile]) -> BTreeMap<String, BTreeMap<String, (f64, f64)>> {
    let of = |profile: &TableProfile| {
        let extent = |column: &crate::catalog::ColumnProfile| {
            let ends = column.minimum.zip(column.maximum);
            ends.map_or((0.0, 0.0), |(low, high)| (low.magnitude(), high.magnitude()))
        };
        profile.columns.iter().map(|column| (column.column.clone(), extent(column))).collect()
    };
    profiles.iter().map(|profile| (profile.table.clone(), of(profile))).collect()
}

/// A finding for each expression that leaves its range, or may.
///
/// # Errors
/// The source's failure, but for a question that it refuses.
pub(super) fn find(look: &Looker<'_>, plan: &Plan, reader: &Reader) -> Result<Vec<Finding>, ExecuteError> {
    let mut expressions: BTreeMap<(&str, &str, u8), Vec<&Excess>> = BTreeMap::new();
    for excess in &plan.excesses {
        expressions.entry((&excess.table, &excess.name, excess.of as u8)).or_default().push(excess);
    }
    let mut findings = Vec::new();
    for parts in expressions.into_values() {
        // A part without a condition is computed alike, but compared in another precision.
        let (computed, compared): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| !part.condition.is_empty());
        findings.extend(compared.first().map(|part| rounded(part)));
        if let Some(first) = computed.first() {
            findings.extend(overflow(look, plan, reader, first, &computed)?);
        }
    }
    Ok(findings)
}

fn rounded(Excess { of, table, name, part, .. }: &Excess) -> Finding {
    let message = format!(
        "`{part}` in {} takes integers beyond 2^53 together with floating point, to which PostgreSQL rounds them and SQLite does not always",
        place(*of, name)
    );
    Finding::about("integers_rounded", Severity::Warns, table, message).suggesting(without(*of, table, name))
}

/// The parts of one expression that leave their range, asked of the rows that there are.
fn overflow(
    look: &Looker<'_>,
    plan: &Plan,
    reader: &Reader,
    Excess { of, table, name, part, .. }: &Excess,
    computed: &[&Excess],
) -> Result<Option<Finding>, ExecuteError> {
    let (named, suggestion) = (place(*of, name), without(*of, table, name));
    let differs = "SQLite goes on in floating point, and PostgreSQL fails";
    let mapping = plan.tables.iter().find(|mapping| mapping.source == *table).filter(|_| *of != ExcessOf::View);
    let Some(mapping) = mapping else {
        let message = format!("`{part}` in {named} may leave the range of its type on the data there are: {differs}");
        return Ok(Some(Finding::about("arithmetic_overflow", Severity::Warns, table, message).suggesting(suggestion)));
    };
    let conditions = computed.iter().map(|excess| excess.condition.clone()).collect::<Vec<_>>();
    let counts = match count_matching(reader, table, mapping.filter.as_deref(), &conditions) {
        Ok(counts) => counts,
        // A condition that cannot be asked in a query stays a doubt, which the server decides.
        Err(SourceError::Query { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let worst = counts.iter().zip(computed).max_by_key(|(count, _)| **count).filter(|(count, _)| **count > 0);
    let Some((count, excess)) = worst else { return Ok(None) };
    let message = format!("`{}` in {named} leaves the range of its type: {differs}", excess.part);
    let finding = Finding::about("arithmetic_overflow", Severity::Blocks, table, message).suggesting(suggestion);
    let finding = if *of == ExcessOf::Generated { finding.in_column(name) } else { finding };
    let examples = matching(look, reader, mapping, &excess.condition)?.examples;
    Ok(Some(Finding { count: *count, examples, ..finding }))
}

/// The lines of spec that leave the expression behind.
fn without(of: ExcessOf, table: &str, name: &str) -> String {
    let (table, name) = (quote_toml_key(table), quote_toml_key(name));
    match of {
        ExcessOf::Generated => format!("[tables.{table}.columns.{name}]\ngenerated = false"),
        ExcessOf::Check => format!("[tables.{table}.checks]\n{name} = false"),
        ExcessOf::Index => format!("[tables.{table}.indexes]\n{name} = false"),
        ExcessOf::View => format!("[views.{table}]\nskip = true"),
    }
}

fn place(of: ExcessOf, name: &str) -> String {
    match of {
        ExcessOf::Generated => format!("the generated column {name}"),
        ExcessOf::Check => format!("the check {name}"),
        ExcessOf::Index => format!("the index {name}"),
        ExcessOf::View => "the view".to_owned(),
    }
}
