//! Fates of what is not in the target as it was in the source: rejected, turned into NULL, shortened, merged, left out, left
//! behind; each with its number, and with its tables and rows to be opened.

use super::decision::DecidedBy;
use super::{Evidence, FindingEvidence, TableEvidence};
use crate::plan::FindingCode;
use crate::report::html;
use crate::report::layout::counted;
use crate::verify::ChangedRows;
use serde_json::{Value, json};

/// Findings about values that lose a part on their way, as the spec says.
const SHORTENED: &[FindingCode] = &[FindingCode::ValuesShortened];

/// Findings about rows that the spec does not choose.
const LEFT_OUT: &[FindingCode] = &[FindingCode::RowsLeftBehind];

/// Findings about rows that are in the target already.
const THERE_ALREADY: &[FindingCode] = &[FindingCode::RowsKept, FindingCode::RowsMerged, FindingCode::ExistingRows];

/// Findings about what the target loses.
const REMOVED: &[FindingCode] = &[FindingCode::RowsRemoved, FindingCode::TableReplaced, FindingCode::TargetRowsChanged];

/// The fates that have occurred.
pub(super) fn fates(evidence: &Evidence) -> Vec<Value> {
    let decided = |words: &'static str| move |one: &FindingEvidence| one.decision.as_deref() == Some(words);
    let coded = |codes: &'static [FindingCode]| move |one: &FindingEvidence| codes.contains(&one.finding.code);
    let undecided = |one: &FindingEvidence| one.decided_by == DecidedBy::Nobody;
    let other = |one: &FindingEvidence| {
        let is_told = one.decision.as_deref().is_some_and(|words| words.starts_with("on_bad_value"))
            || [SHORTENED, LEFT_OUT, THERE_ALREADY, REMOVED].iter().any(|codes| codes.contains(&one.finding.code));
        one.decision.is_some() && !is_told
    };
    let fates = [
        of_rows(
            evidence,
            ("Rejected", "their rows are kept in the ledger: `transship status SPEC --rejected` lists them"),
            (|table| table.rows.rejected, |keys| &keys.rejected),
            ("row", "rows"),
            &decided("on_bad_value = \"reject\""),
        ),
        of_rows(
            evidence,
            ("Became NULL", "values that the target's type does not take"),
            (|table| table.nulled_values, |keys| &keys.nulled),
            ("value", "values"),
            &decided("on_bad_value = \"null\""),
        ),
        of_rows(
            evidence,
            ("Shortened", "a part of each value is given up"),
            (|table| table.shortened_values, |keys| &keys.shortened),
            ("value", "values"),
            &coded(SHORTENED),
        ),
        of_rows(
            evidence,
            ("Left out", "rows that `where` or `data = \"none\"` leaves behind"),
            (|table| table.rows.filtered, |keys| &keys.filtered),
            ("row", "rows"),
            &coded(LEFT_OUT),
        ),
        of_rows(
            evidence,
            ("There already", "rows of the source that the target had, and rows of its own that the spec lets it keep"),
            (|table| table.rows.kept + table.rows.already_there, |_| &[]),
            ("row", "rows"),
            &coded(THERE_ALREADY),
        ),
        of_rows(
            evidence,
            ("With the target's own values", "rows that both sides have, and of which the spec prefers the target's"),
            (|table| table.target_preferred_rows, |keys| &keys.target_preferred),
            ("row", "rows"),
            &|_| false,
        ),
        of_findings(evidence, ("Removed from the target", "rows and tables that it held before"), &coded(REMOVED)),
        of_findings(evidence, ("Decided otherwise", "by other lines of the spec or the command"), &other),
        of_findings(evidence, ("Not decided yet", "neither the spec nor the command decides it"), &undecided),
    ];
    fates.into_iter().flatten().chain(left_behind(evidence)).collect()
}

/// The number of a fate in a table, and the keys of some of its rows.
type Counting = (fn(&TableEvidence) -> u64, fn(&ChangedRows) -> &[String]);

/// A fate that is counted table by table, with the findings that tell of it, or the keys of some rows where none does.
fn of_rows(
    evidence: &Evidence,
    (title, words): (&str, &str),
    (number, keys): Counting,
    (one, many): (&str, &str),
    is_of_it: &dyn Fn(&FindingEvidence) -> bool,
) -> Option<Value> {
    let tables = evidence.tables.iter().filter(|table| number(table) > 0).collect::<Vec<_>>();
    let sum = tables.iter().map(|table| number(table)).sum::<u64>();
    if sum == 0 {
        return of_findings(evidence, (title, words), is_of_it);
    }
    let place = |table: &&TableEvidence| {
        let of_table = |one: &&FindingEvidence| {
            one.finding.each().any(|place| place.table.as_ref() == Some(&table.table)) && is_of_it(one)
        };
        let findings = evidence.findings.iter().filter(of_table).map(told).collect::<Vec<_>>();
        let keys = keys(&table.keys);
        json!({
            "place": table.table,
            "number": counted(number(table), one, many),
            "findings": findings,
            "keys": keys,
            "more": number(table) > keys.len() as u64,
        })
    };
    let places = tables.iter().map(place).collect::<Vec<_>>();
    Some(json!({ "title": title, "words": words, "number": counted(sum, one, many), "places": places }))
}

/// A fate that findings alone tell of: one place for each.
fn of_findings(
    evidence: &Evidence,
    (title, words): (&str, &str),
    is_of_it: &dyn Fn(&FindingEvidence) -> bool,
) -> Option<Value> {
    let findings = evidence.findings.iter().filter(|one| is_of_it(one)).collect::<Vec<_>>();
    let place = |one: &&FindingEvidence| {
        let told = told(one);
        json!({ "place": told["place"], "number": "", "findings": [told] })
    };
    let number = counted(findings.len() as u64, "finding", "findings");
    let places = findings.iter().map(place).collect::<Vec<_>>();
    (!findings.is_empty()).then(|| json!({ "title": title, "words": words, "number": number, "places": places }))
}

fn told(one: &FindingEvidence) -> Value {
    let mut finding = html::finding(&one.finding);
    finding["decision"] = json!(one.decision);
    finding
}

/// Objects without a counterpart in the target, alike ones together.
fn left_behind(evidence: &Evidence) -> Option<Value> {
    let number = counted(evidence.omitted.len() as u64, "object", "objects");
    let words = "what has no counterpart in PostgreSQL, or that the spec leaves behind";
    let omitted = html::omitted(&evidence.omitted);
    (!omitted.is_empty())
        .then(|| json!({ "title": "Left behind", "words": words, "number": number, "omitted": omitted, "places": [] }))
}
