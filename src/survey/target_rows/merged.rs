//! Rows that are brought together: those that are there already, those that differ, and ids that are mapped.

use super::words::{PREFERS_SOURCE, PREFERS_TARGET, has, is, rows};
use super::{IDS, TargetContents, TargetInquiry, referenced};
use crate::catalog::{NAMED_ROWS, selection::enclosed};
use crate::name::{quote_literal, quote_toml_key, quote_toml_text};
use crate::plan::merge_sql::MergeSql;
use crate::plan::{Cause, Finding, FindingCode, Plan, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::spec::MergeSide;

/// Code of the finding about ids for which there are no new ones.
pub(super) const ID_TAKEN: FindingCode = FindingCode::MergeIdTaken;

/// Compares the rows of a table with those that are there, and takes those out of the temporary table that are not written.
/// Ids that are settled are not settled again.
pub(super) async fn find(
    looking: &TargetInquiry<'_>,
    about: (&Plan, &TargetContents),
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    is_settled: bool,
    doing: &str,
) -> Result<Vec<Finding>, ExecuteError> {
    if mapping.merges.is_none() {
        return Ok(Vec::new());
    }
    let name = looking.spec.target.schemas.shown(&mapping.target);
    let held = about.1.rows.get(&mapping.target).copied().unwrap_or(0);
    let mut findings = keys(looking, mapping, sql, doing).await?;
    if !findings.iter().any(|finding| finding.severity == Severity::Blocks) && mapping.maps_ids() && !is_settled {
        if let Some(taken) = taken(looking, mapping, sql, doing).await? {
            // Ids that do not fit cannot be put in the place of the source's either.
            findings.push(taken);
            return Ok(findings);
        }
        looking.run(sql.settle(), doing).await?;
    }
    looking.run(sql.translate_own(), doing).await?;
    let (there, same) = (sql.there(), sql.same());
    let [found, differing] =
        looking.numbers(&format!("SELECT count(*), count(*) FILTER (WHERE NOT ({same})) {there}"), doing).await?;
    let ids = format!(
        "SELECT count(*) FILTER (WHERE NOT is_new), count(*) FILTER (WHERE is_new) FROM {IDS} AS ids \
         WHERE ids.table_name = {}",
        quote_literal(&mapping.source)
    );
    let [mapped, new] = looking.numbers(&ids, doing).await?;
    let message = format!(
        "{} of the source {} in {name} already, which holds {}; the others are added",
        rows(found),
        is(found),
        rows(held)
    );
    let mut ids = String::new();
    if mapped > 0 {
        ids.push_str(&format!("; {} {} another id there", rows(mapped), has(mapped)));
    }
    if new > 0 {
        ids.push_str(&format!(
            "; {} {} a new id, for other rows have theirs",
            rows(new),
            if new == 1 { "gets" } else { "get" }
        ));
    }
    let told = (!ids.is_empty()).then(|| ids.clone());
    let merged = Finding::about(FindingCode::RowsMerged, Severity::Notes, &mapping.source, message + &ids);
    let words = "in the target already; the others are added";
    let cause = Cause { detail: told, ..Cause::new(["row of the source is", "rows of the source are"], words) };
    findings.push(Finding { count: found, ..merged.because(cause) });
    // A run that goes on looks at the rest of the rows alone.
    if !about.1.chunks.contains_key(&mapping.source) {
        let own = held.saturating_sub(found);
        let checks = about.0.checks.iter().filter(|(_, check)| check.asks.is_sum_of(&mapping.source));
        findings.extend(checks.filter_map(|(name, check)| check.beside_own_rows(name, own)));
    }
    if differing > 0 {
        findings.push(differ(looking, about, mapping, sql, differing, doing).await?);
    }
    // The others are written, and may meet the keys of still other rows.
    looking.run(vec![sql.leave_out()], doing).await?;
    Ok(findings)
}

/// The finding about so many rows that both sides have with other values.
async fn differ(
    looking: &TargetInquiry<'_>,
    about: (&Plan, &TargetContents),
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    differing: u64,
    doing: &str,
) -> Result<Finding, ExecuteError> {
    let (there, same, words) = (sql.there(), sql.same(), sql.words(looking.shows_values));
    let examples = format!("SELECT {words} {there} WHERE NOT ({same}) ORDER BY 1 LIMIT {NAMED_ROWS}");
    let examples = looking.texts(&examples, doing).await?;
    let columns = format!(
        "SELECT DISTINCT name FROM (SELECT unnest({}) AS name {there} WHERE NOT ({same})) AS one WHERE name IS NOT NULL ORDER BY 1",
        sql.differing()
    );
    let columns = looking.texts(&columns, doing).await?.join(", ");
    let prefer = mapping.merges.as_ref().and_then(|merging| merging.prefer);
    let mut of_target = Vec::new();
    let [spelled] = looking.numbers(&format!("SELECT count(*) {there} WHERE NOT ({})", sql.same_key()), doing).await?;
    if spelled > 0 {
        // By the source's key neither an application nor the proof would find the row then.
        of_target.push("a row whose key is spelled in another way cannot keep it".to_owned());
    }
    of_target.extend(referenced::in_the_way(looking, about, mapping, sql, MergeSide::Target, doing).await?);
    // Only where it is preferred, or may be proposed.
    let of_source = match prefer {
        Some(MergeSide::Target) if of_target.is_empty() => Vec::new(),
        _ => referenced::in_the_way(looking, about, mapping, sql, MergeSide::Source, doing).await?,
    };
    let (is_blocked, end) = match prefer {
        None if of_source.is_empty() || of_target.is_empty() => (true, String::new()),
        None => (true, format!(": {}; {}", of_source.join("; "), of_target.join("; "))),
        Some(MergeSide::Source) if !of_source.is_empty() => (true, format!(": {}", of_source.join("; "))),
        Some(MergeSide::Target) if !of_target.is_empty() => (true, format!(": {}", of_target.join("; "))),
        Some(MergeSide::Source) => (false, "; the source's take their place".to_owned()),
        Some(MergeSide::Target) => (false, "; these stay, and the source's are left behind".to_owned()),
    };
    let message = format!(
        "{} of the source {} other values in {} ({columns}){end}",
        rows(differing),
        has(differing),
        looking.spec.target.schemas.shown(&mapping.target)
    );
    let severity = if is_blocked { Severity::Blocks } else { Severity::Warns };
    let finding = Finding::about(FindingCode::MergedRowsDiffer, severity, &mapping.source, message);
    let section = format!("[tables.{}]", quote_toml_key(&mapping.source));
    let finding = match (is_blocked, of_source.is_empty(), of_target.is_empty()) {
        (false, ..) => finding,
        (true, true, _) => finding.suggesting(format!("{PREFERS_SOURCE}\n{section}\nmerge.prefer = \"source\"")),
        (true, false, true) => finding.suggesting(format!("{PREFERS_TARGET}\n{section}\nmerge.prefer = \"target\"")),
        (true, false, false) => finding.suggesting(format!(
            "# correct these rows in the source or in the target, or leave them behind:\n# {section}\n# where = \"…\""
        )),
    };
    let cause = Cause {
        detail: Some(format!(" ({columns})")),
        end,
        ..Cause::new(["row has", "rows have"], "other values in the target")
    };
    Ok(Finding { count: differing, examples, ..finding.because(cause) })
}

/// The findings about keys that name no row, or several.
pub(super) async fn keys(
    looking: &TargetInquiry<'_>,
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    doing: &str,
) -> Result<Vec<Finding>, ExecuteError> {
    let Some(merging) = &mapping.merges else { return Ok(Vec::new()) };
    let name = looking.spec.target.schemas.shown(&mapping.target);
    let sources = merging.key.iter().map(|target| {
        mapping.columns.iter().find(|column| column.target == *target).map_or(target.as_str(), |column| &column.source)
    });
    let key = sources.collect::<Vec<_>>().join(", ");
    let [null, shared, several, null_there] = looking.numbers(&sql.doubts_about_keys(), doing).await?;
    let section = format!("[tables.{}]", quote_toml_key(&mapping.source));
    let advice = format!(
        "# choose columns for `merge.key` that name one row each, or leave such rows behind:\n# {section}\n# where = \"…\""
    );
    let blocks = |code, count, message: String, suggestion: String| {
        let finding = Finding::about(code, Severity::Blocks, &mapping.source, message);
        Finding { count, ..finding }.suggesting(suggestion)
    };
    let mut findings = Vec::new();
    if null > 0 {
        let message = format!("{} {} NULL in ({key}), by which rows are recognised", rows(null), has(null));
        findings.push(blocks(FindingCode::MergeKeyNull, null, message, whole_keys(looking, mapping, &merging.key)));
    }
    if shared > 0 {
        let message =
            format!("{} {} a ({key}) that an earlier row has: it names several rows", rows(shared), has(shared));
        findings.push(blocks(FindingCode::MergeKeyNotUnique, shared, message, advice.clone()));
    }
    if several > 0 {
        let values = if several == 1 { "1 value".to_owned() } else { format!("{several} values") };
        let message = format!("{values} of ({key}) {} in several rows of {name}", is(several));
        findings.push(blocks(FindingCode::MergeKeyNotUnique, several, message, advice));
    }
    if null_there > 0 {
        let message = format!(
            "{} of {name} {} NULL in ({key}), and {} matched with no row of the source",
            rows(null_there),
            has(null_there),
            is(null_there)
        );
        let words = "NULL in the key by which rows are recognised, and are matched with no row of the source";
        let finding = Finding::about(FindingCode::MergeKeyNull, Severity::Warns, &mapping.source, message)
            .because(Cause::new(["row of the target has", "rows of the target have"], words));
        findings.push(Finding { count: null_there, ..finding });
    }
    Ok(findings)
}

/// The finding about rows whose id another row of the target has, and that cannot get a new one.
async fn taken(
    looking: &TargetInquiry<'_>,
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    doing: &str,
) -> Result<Option<Finding>, ExecuteError> {
    let Some(merging) = &mapping.merges else { return Ok(None) };
    let [count, without] = looking.numbers(&sql.count_taken(), doing).await?;
    if without == 0 {
        return Ok(None);
    }
    let reason = match merging.sequence {
        None => "there is no sequence that gives a new one",
        Some(_) => "new ones would not fit the column's type",
    };
    let message = format!(
        "{} {} an id ({}) that another row of {} has, and {reason}",
        rows(count),
        has(count),
        merging.identity.join(", "),
        looking.spec.target.schemas.shown(&mapping.target)
    );
    let advice = format!(
        "give the column of {} a sequence (GENERATED BY DEFAULT AS IDENTITY) with room for so many, or these rows other ids in the source",
        looking.spec.target.schemas.shown(&mapping.target)
    );
    let finding = Finding::about(ID_TAKEN, Severity::Blocks, &mapping.source, message);
    Ok(Some(Finding { count, ..finding }.suggesting(advice)))
}

/// The lines that leave rows behind whose key is not whole.
fn whole_keys(looking: &TargetInquiry<'_>, mapping: &TableMapping, key: &[String]) -> String {
    let columns = mapping.columns.iter().filter(|column| key.contains(&column.target));
    let condition = columns
        .map(|column| format!("{} IS NOT NULL", mapping.dialect().quote_identifier(&column.source)))
        .collect::<Vec<_>>()
        .join(" AND ");
    let own = crate::plan::mapping::filter(looking.spec, &mapping.source);
    let condition = own.map_or_else(|| condition.clone(), |own| format!("{} AND {condition}", enclosed(own)));
    format!(
        "# leaves these rows behind; to keep them, choose columns for `merge.key` that every row has\n[tables.{}]\nwhere = {}",
        quote_toml_key(&mapping.source),
        quote_toml_text(&condition)
    )
}
