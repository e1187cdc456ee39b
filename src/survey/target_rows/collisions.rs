//! Rows of the source whose unique key a row of the target has already.

use super::TargetInquiry;
use super::words::{PREFERS_SOURCE, START_OVER, has, rows};
use crate::catalog::NAMED_ROWS;
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::merge_sql::{MergeSql, STAGED, named_by};
use crate::plan::{Cause, Finding, FindingCode, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::target::existing::UniqueIndex;

/// Asks every unique index of the table for rows that it would refuse; `is_loaded` if rows of it are copied already.
pub(super) async fn find(
    looking: &TargetInquiry<'_>,
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    unique: &[UniqueIndex],
    is_loaded: bool,
    doing: &str,
) -> Result<Vec<Finding>, ExecuteError> {
    // Rows of earlier runs are left out by what wrote them, of which a query in the table's place would know nothing.
    let (same, table) = (sql.found_by(), looking.spec.target.schemas.qualified(&mapping.target));
    let mut met = Vec::new();
    for index in unique {
        let words = sql.named(&named_by(mapping, &index.columns, looking.shows_values));
        let part = index.met(STAGED, &format!("{words} AS words"), &table, &looking.others, &same);
        let [count] = looking.numbers(&format!("SELECT count(*) {part}"), doing).await?;
        if count > 0 {
            let by_key = if index.is_plain { "ORDER BY row_.key_0 " } else { "" };
            let examples =
                looking.texts(&format!("SELECT row_.words {part} {by_key}LIMIT {NAMED_ROWS}"), doing).await?;
            met.push((index, count, examples));
        }
    }
    let suggestion = suggestion(mapping, unique, &met.iter().map(|(index, ..)| *index).collect::<Vec<_>>(), is_loaded);
    let finding = |(index, count, examples): (&UniqueIndex, u64, Vec<String>)| {
        let message = format!(
            "{} {} the key ({}) of a row that {} already holds",
            rows(count),
            has(count),
            index.words(),
            looking.spec.target.schemas.shown(&mapping.target)
        );
        let finding = Finding::about(FindingCode::ExistingRowsCollide, Severity::Blocks, &mapping.source, message);
        let finding = match index.columns.as_slice() {
            [column] if index.is_plain => match mapping.columns.iter().find(|mapped| mapped.target == *column) {
                Some(mapped) => finding.in_column(&mapped.source),
                None => finding,
            },
            _ => finding,
        };
        let cause = Cause {
            detail: Some(format!(" ({})", index.words())),
            ..Cause::new(["row has", "rows have"], "the key of a row that the target already holds")
        };
        Finding { count, examples, ..finding }.suggesting(suggestion.clone()).because(cause)
    };
    Ok(met.into_iter().map(finding).collect())
}

/// The lines that settle collisions of these indexes.
fn suggestion(mapping: &TableMapping, unique: &[UniqueIndex], met: &[&UniqueIndex], is_loaded: bool) -> String {
    let section = format!("[tables.{}]", quote_toml_key(&mapping.source));
    let words = "correct these rows in the source or in the target";
    let advice = format!("# {words}, or leave them behind:\n# {section}\n# where = \"…\"");
    if mapping.merges.is_some() {
        return advice;
    }
    if is_loaded {
        return format!("{advice}\n# {START_OVER}");
    }
    let by_hand = format!(
        "{advice}\n# or existing_rows = \"truncate\", which removes the rows that are there first; or \"merge\", where a row of the \
         same key is the same row"
    );
    let is_natural = |index: &&UniqueIndex| {
        let is_filled = |name: &String| {
            let column = mapping.columns.iter().find(|column| column.target == *name);
            column.is_some_and(|column| column.not_null)
        };
        index.is_plain && !index.is_primary && index.columns.iter().all(is_filled)
    };
    let beside = met.iter().copied().filter(|index| !index.is_primary).collect::<Vec<_>>();
    let natural = match beside.as_slice() {
        [] => unique.iter().find(is_natural),
        [one] if is_natural(one) => Some(*one),
        _ => None,
    };
    let Some(natural) = natural else { return by_hand };
    let sources =
        natural.columns.iter().filter_map(|name| mapping.columns.iter().find(|column| column.target == *name));
    let key = sources.map(|column| quote_toml_text(&column.source)).collect::<Vec<_>>().join(", ");
    format!(
        "# or existing_rows = \"truncate\", which removes the rows that are there first\n{PREFERS_SOURCE}\n{section}\n\
         existing_rows = \"merge\"\nmerge.key = [{key}]\nmerge.prefer = \"source\""
    )
}
