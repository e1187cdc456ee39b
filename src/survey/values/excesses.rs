//! Translated expressions that leave the range of PostgreSQL's types on the data there are.
//!
//! The plan knows, from the smallest and the largest number of each column, which parts of an expression may; the source is
//! asked which rows do. Where nobody has looked at a column, every part that computes with it may, and warns.

use crate::catalog::{OtherObjectKind, TableProfile};
use crate::dialect;
use crate::name::quote_toml_key;
use crate::plan::{ExcessOf, ExpressionExcess, Extents, Finding, FindingCode, Plan, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::source::{Reader, SourceError};
use crate::survey::rows::matching;
use crate::survey::surveyor::Surveyor;
use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The code of a finding about a part that leaves its range.
const OVERFLOW: FindingCode = FindingCode::ArithmeticOverflow;

/// The consequence, as the end of a sentence.
const DIFFERS: &str = "the source goes on in floating point, and PostgreSQL fails";

/// The smallest and the largest number of each column, by table and column. A column without a number computes nothing.
pub(crate) fn extents(profiles: &[TableProfile]) -> Extents {
    let of = |profile: &TableProfile| {
        let extent = |column: &crate::catalog::ColumnProfile| {
            let ends = column.minimum.zip(column.maximum);
            ends.map_or((0.0, 0.0), |(low, high)| (low.magnitude(), high.magnitude()))
        };
        profile.columns.iter().map(|column| (column.column.clone(), extent(column))).collect()
    };
    profiles.iter().map(|profile| (profile.table.clone(), of(profile))).collect()
}

/// The extents of columns of which nobody has looked at the numbers: any, where there are rows.
pub(crate) fn unknown_extents<'a>(mappings: impl Iterator<Item = &'a TableMapping>) -> Extents {
    let columns = |mapping: &TableMapping| {
        let extent = if mapping.size.rows == 0 { (0.0, 0.0) } else { (f64::NEG_INFINITY, f64::INFINITY) };
        mapping.columns.iter().map(|column| (column.source.clone(), extent)).collect()
    };
    mappings.map(|mapping| (mapping.source.clone(), columns(mapping))).collect()
}

/// The parts that may leave their range, by the expression that they are of.
pub(crate) fn expressions(plan: &Plan) -> Vec<Vec<&ExpressionExcess>> {
    let mut expressions: BTreeMap<(&str, &str, u8), Vec<&ExpressionExcess>> = BTreeMap::new();
    for excess in &plan.excesses {
        expressions.entry((&excess.table, &excess.name, excess.of as u8)).or_default().push(excess);
    }
    expressions.into_values().collect()
}

/// A warning for each expression of which it is not known whether it stays in its range, for the values were not looked at.
pub(crate) fn not_looked_at(plan: &Plan) -> Vec<Finding> {
    let finding = |parts: Vec<&ExpressionExcess>| {
        let first = *parts.first()?;
        let message = format!("the values were not read (--no-profile), so it is not known {}", doubt(first));
        Some(unknown(first, message, "plan without --no-profile to know"))
    };
    expressions(plan).into_iter().filter_map(finding).collect()
}

/// Whether a part stays in its range, as the end of a sentence.
pub(crate) fn doubt(ExpressionExcess { of, name, part, condition, .. }: &ExpressionExcess) -> String {
    let place = place(*of, name);
    if condition.is_empty() {
        format!("whether `{part}` in {place} rounds integers beyond 2^53, which the source does not always")
    } else {
        format!("whether `{part}` in {place} leaves the range of its type, where PostgreSQL fails")
    }
}

/// The finding about a part of which nobody knows; `how` to know, and the lines of spec that leave its expression behind.
pub(crate) fn unknown(excess: &ExpressionExcess, message: String, how: &str) -> Finding {
    let suggestion = format!("# {how}, or leave it behind:\n{}", without(excess.of, &excess.table, &excess.name));
    Finding::about(FindingCode::NotInspected, Severity::Warns, &excess.table, message).suggesting(suggestion)
}

/// Findings about one expression, from the findings about its parts one by one: the part that concerns most rows.
pub(crate) fn of_parts(found: Vec<Finding>) -> Vec<Finding> {
    let (overflows, rounded): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| finding.code == OVERFLOW);
    // Of several the first.
    let worst = overflows.into_iter().rev().max_by_key(|finding| finding.count);
    rounded.into_iter().take(1).chain(worst).collect()
}

/// The finding about one part by itself.
///
/// # Errors
/// The source's failure, but for a question that it refuses.
pub(crate) fn of_part(
    surveyor: &Surveyor<'_>,
    plan: &Plan,
    reader: &Reader,
    part: &ExpressionExcess,
) -> Result<Option<Finding>, ExecuteError> {
    if part.condition.is_empty() { Ok(Some(rounded(part))) } else { overflow(surveyor, plan, reader, part, &[part]) }
}

/// A finding for each expression that leaves its range, or may.
///
/// # Errors
/// The source's failure, but for a question that it refuses.
pub(crate) fn find(surveyor: &Surveyor<'_>, plan: &Plan, reader: &Reader) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    for parts in expressions(plan) {
        // A part without a condition is computed alike, but compared in another precision.
        let (computed, compared): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| !part.condition.is_empty());
        findings.extend(compared.first().map(|part| rounded(part)));
        if let Some(first) = computed.first() {
            findings.extend(overflow(surveyor, plan, reader, first, &computed)?);
        }
    }
    Ok(findings)
}

fn rounded(ExpressionExcess { of, table, name, part, .. }: &ExpressionExcess) -> Finding {
    let message = format!(
        "`{part}` in {} mixes integers beyond 2^53 with floating point: PostgreSQL rounds these integers, and the source \
         does not always",
        place(*of, name)
    );
    Finding::about(FindingCode::IntegersRounded, Severity::Warns, table, message).suggesting(without(*of, table, name))
}

/// The parts of one expression that leave their range, asked of the rows that there are.
fn overflow(
    surveyor: &Surveyor<'_>,
    plan: &Plan,
    reader: &Reader,
    ExpressionExcess { of, table, name, .. }: &ExpressionExcess,
    computed: &[&ExpressionExcess],
) -> Result<Option<Finding>, ExecuteError> {
    let (named, suggestion) = (place(*of, name), without(*of, table, name));
    let mapping = plan.tables.iter().find(|mapping| mapping.source == *table).filter(|_| *of != ExcessOf::View);
    let Some(mapping) = mapping else {
        let mut doubt = None;
        for excess in computed {
            match leaves_range(surveyor, plan, reader, excess)? {
                Some(true) => {
                    let message = format!("`{}` in {named} leaves the range of its type: {DIFFERS}", excess.part);
                    return Ok(Some(Finding::about(OVERFLOW, Severity::Blocks, table, message).suggesting(suggestion)));
                }
                Some(false) => {}
                None => doubt = doubt.or(Some(*excess)),
            }
        }
        return Ok(doubt.map(|ExpressionExcess { part, .. }| {
            let message =
                format!("`{part}` in {named} may leave the range of its type on the data there are: {DIFFERS}");
            Finding::about(OVERFLOW, Severity::Warns, table, message).suggesting(suggestion)
        }));
    };
    let conditions = computed.iter().map(|excess| excess.condition.clone()).collect::<Vec<_>>();
    let counts = match reader.count_matching(table, mapping.filter.as_deref(), &conditions) {
        Ok(counts) => counts,
        // A condition that cannot be asked in a query stays a doubt, which the server decides.
        Err(SourceError::Query { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Of several that concern as many rows the first.
    let worst = counts.iter().zip(computed).rev().max_by_key(|(count, _)| **count).filter(|(count, _)| **count > 0);
    let Some((count, excess)) = worst else { return Ok(None) };
    let message = format!("`{}` in {named} leaves the range of its type: {DIFFERS}", excess.part);
    let finding = Finding::about(OVERFLOW, Severity::Blocks, table, message).suggesting(suggestion);
    let finding = if *of == ExcessOf::Generated { finding.in_column(name) } else { finding };
    let examples = matching(surveyor, reader, mapping, &excess.condition)?.examples;
    Ok(Some(Finding { count: *count, examples, ..finding }))
}

/// Whether a part of a view leaves its range on the rows that the source has. Nothing where the source cannot be asked, or has
/// not answered within the limits up to which the view is compared.
fn leaves_range(
    surveyor: &Surveyor<'_>,
    plan: &Plan,
    reader: &Reader,
    ExpressionExcess { table, part, condition, .. }: &ExpressionExcess,
) -> Result<Option<bool>, ExecuteError> {
    let view = plan.views.iter().find(|view| view.source == *table && view.exceeds.is_none());
    let Some(view) = view else { return Ok(None) };
    let mut others = surveyor.catalog.others.iter().filter(|other| other.kind == OtherObjectKind::View);
    let sql = others.find(|other| other.name == *table).and_then(|other| other.sql.as_deref());
    let dialect = dialect::of(surveyor.catalog.engine);
    let Some(query) = sql.and_then(|sql| dialect.failing_query(sql, part, condition)) else { return Ok(None) };
    let (limit, mut rows) = (Duration::from_secs(view.comparison.seconds), 0_u64);
    let (began, interrupter) = (Instant::now(), reader.interrupter());
    let (answered, answer) = mpsc::channel::<()>();
    let asked = std::thread::scope(|scope| {
        scope.spawn(move || {
            if answer.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                interrupter.interrupt();
            }
        });
        let asked = reader.each_of_query(table, &query.sql, |_| {
            rows += 1;
            rows <= view.comparison.rows
        });
        drop(answered);
        asked
    });
    match asked {
        _ if surveyor.stop.is_thrown() => Err(ExecuteError::Interrupted),
        Ok(()) => Ok((rows <= view.comparison.rows).then_some(false)),
        Err(SourceError::Query { message, .. }) => Ok(message.contains(query.error).then_some(true)),
        Err(_) if began.elapsed() >= limit => Ok(None),
        Err(error) => Err(error.into()),
    }
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
