//! Findings of one cause are one finding, whatever the number of their places: one question, one decision.
//!
//! Findings are made place by place, each with a message of its own. Here, where all of them are known, those of one cause
//! are put together, so that every document, `apply` and `init` see the same questions. The findings of the single places
//! stay with the one that stands for them: a plan is compared place by place.

mod declared;
mod lines;
mod reasons;

pub(super) use declared::DeclaredColumns;
pub(crate) use reasons::told as told_reasons;

use super::finding::{Cause, Finding, FindingCode, FindingSuggestion, Severity};
use crate::catalog::{NAMED_ROWS, granted};
use lines::SuggestedLines;
use std::collections::{BTreeMap, BTreeSet};

/// Findings without words of their own are put together from this number on, if nothing but the message differs.
const MANY: usize = 4;

/// Common part of the findings of one question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FindingGroup {
    severity: Severity,
    code: FindingCode,
    cause: Common,
    /// The suggestion without the place.
    suggestion: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    /// Words for several places.
    Words { counted: [String; 2], words: String, end: String },
    /// The message, which says the same everywhere.
    Message(String),
    /// The suggestion alone: messages name their own objects.
    Suggestion,
}

/// Groups findings of one cause; those that are grouped already are grouped again.
pub(super) fn grouped(findings: Vec<Finding>, columns: &DeclaredColumns) -> Vec<Finding> {
    let mut alike: BTreeMap<FindingGroup, Vec<Finding>> = BTreeMap::new();
    for finding in findings.into_iter().flat_map(Finding::into_each) {
        alike.entry(question(&finding, false)).or_default().push(finding);
    }
    let (mut grouped, mut alone) = (Vec::new(), BTreeMap::<FindingGroup, Vec<Finding>>::new());
    for findings in alike.into_values() {
        match one_of(findings, columns) {
            Ok(one) => grouped.push(one),
            Err(several) => several.into_iter().for_each(|finding| match has_own_words(&finding) {
                true => grouped.push(finding),
                false => alone.entry(question(&finding, true)).or_default().push(finding),
            }),
        }
    }
    for findings in alone.into_values() {
        if findings.len() < MANY {
            grouped.extend(findings);
            continue;
        }
        match one_of(findings, columns) {
            Ok(one) => grouped.push(one),
            Err(several) => grouped.extend(several),
        }
    }
    grouped.sort_by(|one, two| one.rank().cmp(&two.rank()));
    grouped
}

/// Whether a finding says more than that its place is one of many: it names rows, counts them, or has words for several.
fn has_own_words(finding: &Finding) -> bool {
    finding.cause.is_some() || !finding.examples.is_empty() || finding.count > 1 || finding.suggestion.is_none()
}

fn question(finding: &Finding, by_suggestion: bool) -> FindingGroup {
    let suggestion = finding.suggestion.as_deref().map(|suggestion| match SuggestedLines::read(suggestion) {
        // The lines for objects name them.
        Some(_) if finding.examples_are_names() => String::new(),
        Some(lines) => lines.without_place(finding),
        None if granted(suggestion).is_some() => String::new(),
        None => suggestion.to_owned(),
    });
    let cause = match &finding.cause {
        _ if by_suggestion => Common::Suggestion,
        Some(cause) => {
            let Cause { counted, words, end, .. } = cause.clone();
            Common::Words { counted, words, end }
        }
        None => Common::Message(finding.message.clone()),
    };
    FindingGroup { severity: finding.severity, code: finding.code, cause, suggestion }
}

/// The finding that stands for several; they themselves where there is but one, or where no lines settle all of them.
fn one_of(mut findings: Vec<Finding>, columns: &DeclaredColumns) -> Result<Finding, Vec<Finding>> {
    findings.sort_by(|one, two| one.rank().cmp(&two.rank()));
    let has_place = |finding: &Finding| finding.table.is_some() || finding.examples_are_names();
    if findings.len() < 2 || !findings.iter().all(has_place) {
        return Err(findings);
    }
    let Ok(suggestion) = lines::for_all(&findings, columns) else { return Err(findings) };
    let table = shared(&findings, |finding| finding.table.as_ref());
    let column = shared(&findings, |finding| finding.column.as_ref()).filter(|_| table.is_some());
    let names_rows = findings.iter().filter_map(|finding| finding.suggestion.as_ref()).any(|one| one.names_rows);
    let first = &findings[0];
    Ok(Finding {
        table,
        column,
        count: findings.iter().map(|finding| finding.count).sum(),
        examples: examples(&findings),
        message: message(&findings, columns),
        suggestion: suggestion.map(|text| FindingSuggestion { text, names_rows }),
        ..Finding { members: findings.clone(), ..Finding::general(first.code, first.severity, "") }
    })
}

/// The part that all have in common; `None` if they differ.
fn shared<'a, T: Ord + Clone + 'a>(findings: &'a [Finding], of: impl Fn(&'a Finding) -> Option<&'a T>) -> Option<T> {
    let mut found = findings.iter().map(of).collect::<BTreeSet<_>>();
    found.pop_first().filter(|_| found.is_empty()).flatten().cloned()
}

/// Some examples: of every place one before the second of any.
fn examples(findings: &[Finding]) -> Vec<String> {
    let longest = findings.iter().map(|finding| finding.examples.len()).max().unwrap_or(0);
    let nth = (0..longest)
        .flat_map(|at| findings.iter().filter_map(move |finding| Some((finding, finding.examples.get(at)?))));
    let named =
        nth.map(
            |(finding, example)| {
                if finding.examples_are_names() { example.clone() } else { format!("{}: {example}", finding.place()) }
            },
        );
    named.take(NAMED_ROWS).collect()
}

fn message(findings: &[Finding], columns: &DeclaredColumns) -> String {
    let (first, number) = (&findings[0], findings.iter().map(|finding| finding.count).sum::<u64>());
    let Some(cause) = &first.cause else {
        let others = findings.len() - 1;
        let same = findings.iter().all(|finding| finding.message == first.message);
        return match same {
            true => format!("{}: {}", subject(findings, columns), first.message),
            false => format!("{}: {}, and {others} more like it", first.place(), first.message),
        };
    };
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for (reason, count) in findings.iter().filter_map(|finding| finding.cause.as_ref()).flat_map(|cause| &cause.reasons)
    {
        *reasons.entry(reason.clone()).or_default() += count;
    }
    let reasons = if reasons.is_empty() { String::new() } else { format!(": {}", reasons::told(&reasons)) };
    let detail = shared(findings, |finding| finding.cause.as_ref()?.detail.as_ref()).unwrap_or_default();
    let words =
        format!("{number} {} {}{reasons}{detail}{}", cause.counted[usize::from(number != 1)], cause.words, cause.end);
    if first.examples_are_names() { words } else { format!("{}: {words}", subject(findings, columns)) }
}

/// The places in words: `31 columns declared DATETIME`, `12 tables`.
fn subject(findings: &[Finding], columns: &DeclaredColumns) -> String {
    let places = findings.iter().map(|finding| (&finding.table, &finding.column)).collect::<BTreeSet<_>>();
    let tables = places.iter().map(|(table, _)| table).collect::<BTreeSet<_>>().len();
    if places.iter().all(|(_, column)| column.is_some()) {
        let number = if places.len() == 1 { "1 column".to_owned() } else { format!("{} columns", places.len()) };
        return columns.declared_as(findings).map_or(number.clone(), |types| format!("{number} declared {types}"));
    }
    match (places.len() == findings.len() && tables == places.len(), tables) {
        (true, _) => format!("{tables} tables"),
        (false, 1) => format!("{} places", findings.len()),
        (false, _) => format!("{} places in {tables} tables", findings.len()),
    }
}

#[cfg(test)]
mod tests;
