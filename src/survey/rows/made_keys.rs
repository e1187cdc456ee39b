//! Unique keys that transship makes over values which PostgreSQL reads itself: whether rows share one, PostgreSQL is asked with the
//! rows, in a temporary table of which nothing stays.

use super::constraints::{Tried, read};
use crate::catalog::NAMED_ROWS;
use crate::name::quote_toml_key;
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Plan, Severity, TableMapping};
use crate::rows::judging::Preparation;
use crate::rows::treatment::Treatment;
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::spec::OnBadValue;
use crate::survey::keys::ConvertedKey;
use crate::survey::keys::duplicates::{not_known, unique_keys};
use crate::survey::surveyor::Surveyor;
use crate::target::{HowUnmet, MadeTable, RowTrial};
use crate::value::counted;

/// Tries the keys of which the plan says that duplicates are not known.
pub(crate) fn find(surveyor: &Surveyor<'_>, plan: &Plan, reader: &Reader) -> Result<Vec<Tried>, ExecuteError> {
    let mut all = Vec::new();
    for mapping in &plan.copies {
        let open = open_keys(surveyor, plan, mapping);
        if !open.is_empty() {
            all.extend(of_table(surveyor, plan, mapping, &open, reader)?);
        }
    }
    Ok(all)
}

/// The keys of a table that are open, each with its doubt: those that compare whole values, for PostgreSQL is asked for these.
fn open_keys(surveyor: &Surveyor<'_>, plan: &Plan, mapping: &TableMapping) -> Vec<(ConvertedKey, String)> {
    let Some(table) = surveyor.catalog.table(&mapping.source).filter(|_| surveyor.existing.is_none()) else {
        return Vec::new();
    };
    let is_whole = |key: &ConvertedKey| {
        let is_plain = |position: usize| {
            let column = &mapping.columns[position];
            column.labels.is_empty() && column.enum_type.is_none()
        };
        let mut parts = key.parts.iter();
        let is_whole = parts.all(|part| part.prefix.is_none() && part.folding.is_none() && is_plain(part.position));
        is_whole && key.predicate.is_none() && !key.nulls_equal
    };
    let keys = unique_keys(surveyor.spec, None, mapping, table).into_iter().filter(is_whole);
    let with_doubt = keys.filter_map(|key| not_known(mapping, &key).map(|doubt| (key, doubt.message)));
    let is_said = |doubt: &str| {
        plan.each_finding().any(|finding| finding.table.as_ref() == Some(&mapping.source) && finding.message == doubt)
    };
    with_doubt.filter(|(_, doubt)| is_said(doubt)).collect()
}

fn of_table(
    surveyor: &Surveyor<'_>,
    plan: &Plan,
    mapping: &TableMapping,
    open: &[(ConvertedKey, String)],
    reader: &Reader,
) -> Result<Option<Tried>, ExecuteError> {
    let Some(asker) = surveyor.asker else { return Ok(None) };
    let column = |position: usize| mapping.columns[position].target.clone();
    let columns = |key: &ConvertedKey| key.parts.iter().map(|part| column(part.position)).collect::<Vec<_>>();
    let keys = open.iter().map(|(key, _)| (key.name.clone(), columns(key))).collect::<Vec<_>>();
    let mut narrow = mapping.clone();
    narrow.columns.retain(|column| {
        let is_of_key = keys.iter().any(|(_, columns)| columns.contains(&column.target));
        is_of_key || column.on_bad_value == OnBadValue::Reject
    });
    let Ok(treatment) = Treatment::of(&narrow, surveyor.zone) else { return Ok(None) };
    let schemas = &surveyor.spec.target.schemas;
    let Preparation { search_path, statements } = Preparation::of(plan, mapping, schemas);
    let of_column = |column: &ColumnMapping| (column.target.clone(), column.is_judged().then(|| column.sql_type()));
    let trial = asker.try_rows(RowTrial {
        migration: surveyor.spec.name.clone(),
        table: schemas.qualified(&mapping.target),
        columns: narrow.columns.iter().map(of_column).collect(),
        filled: Vec::new(),
        keeps_rows: false,
        merges: None,
        search_path,
        made: Some(MadeTable {
            types: narrow.columns.iter().map(ColumnMapping::sql_type).collect(),
            preparation: statements,
            keys,
        }),
    })?;
    read(&narrow, &treatment, reader, &trial, surveyor)?;
    let Ok(unmet) = trial.end()? else { return Ok(None) };
    let (mut doubts, mut findings) = (Vec::new(), Vec::new());
    for (key, doubt) in open {
        match unmet.iter().find(|unmet| unmet.demand == key.name).map(|unmet| &unmet.how) {
            // A type without equality has no such key, which PostgreSQL says of the statement.
            Some(HowUnmet::Fails(_) | HowUnmet::Unknown(_)) => continue,
            Some(HowUnmet::Rows(count, names)) => findings.push(shared(mapping, key, *count, names)),
            None => {}
        }
        doubts.push(doubt.clone());
    }
    Ok((!doubts.is_empty()).then(|| Tried::in_place_of(mapping, doubts, findings)))
}

/// The finding about rows that share a key.
fn shared(mapping: &TableMapping, key: &ConvertedKey, count: u64, names: &[String]) -> Finding {
    let columns = key.parts.iter().map(|part| mapping.columns[part.position].source.as_str()).collect::<Vec<_>>();
    let detail = format!(" ({}): {} cannot be made", columns.join(", "), key.name);
    let words = "the same key as others, once PostgreSQL has read their values";
    let message = format!("{} {words}{detail}", counted(count, "group of rows has", "groups of rows have"));
    let cause = Cause { detail: Some(detail), ..Cause::new(["group of rows has", "groups of rows have"], words) };
    let finding = Finding::about(FindingCode::DuplicateKey, Severity::Blocks, &mapping.source, message).because(cause);
    let examples = names.iter().take(NAMED_ROWS).cloned().collect();
    let finding = Finding { count, examples, ..finding };
    match &key.left_by {
        Some(line) => finding.suggesting(format!(
            "# keeps every row; or make the keys differ in the source\n[tables.{}]\n{line}",
            quote_toml_key(&mapping.source)
        )),
        None => finding,
    }
}
