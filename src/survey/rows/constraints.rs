//! Constraints that only the application's tables have, tried with the rows that will be copied: in the target, in a temporary
//! table of which nothing stays.

use crate::catalog::selection::enclosed;
use crate::catalog::{KeyRange, NAMED_ROWS, RowIdentity};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::{Cause, Finding, FindingCode, FindingSuggestion, Plan, Severity, TableMapping};
use crate::rows::encoder::name_row_briefly;
use crate::rows::judging::{InputAsker, Preparation, TrialInProgress};
use crate::rows::treatment::{Fate, NotedValues, Treatment};
use crate::run::ExecuteError;
use crate::source::{ReadFailure, Reader};
use crate::spec::MergeSide;
use crate::survey::surveyor::Surveyor;
use crate::target::copy::Repair;
use crate::target::{HowUnmet, RowTrial, TrialMerge, UnmetDemand};
use crate::value::counted;
use std::collections::BTreeSet;

/// The finding about constraints against which no row was tried.
const NOT_CHECKED: FindingCode = FindingCode::TargetConstraintsNotChecked;

/// Bytes after which rows are sent.
const BUFFER: usize = 256 * 1024;

/// Findings about the constraints of one table, in place of the one that says that no row was tried, or of other doubts.
#[derive(Debug)]
pub(crate) struct Tried {
    table: String,
    /// Messages of the findings in whose place they are; `None` for the one that says that no row was tried.
    doubts: Option<Vec<String>>,
    findings: Vec<Finding>,
}

impl Tried {
    /// Findings in place of other doubts about a table, by their messages.
    pub(super) fn in_place_of(mapping: &TableMapping, doubts: Vec<String>, findings: Vec<Finding>) -> Self {
        Self { table: mapping.source.clone(), doubts: Some(doubts), findings }
    }

    /// Takes the findings into a plan.
    pub(crate) fn settle(all: Vec<Self>, plan: &mut Plan) {
        let is_settled = |tried: &Self, finding: &Finding| match &tried.doubts {
            Some(doubts) => doubts.contains(&finding.message),
            None => finding.code == NOT_CHECKED,
        };
        let is_tried = |finding: &Finding| {
            all.iter().any(|tried| finding.table.as_ref() == Some(&tried.table) && is_settled(tried, finding))
        };
        if all.is_empty() {
            return;
        }
        plan.retain_findings(|finding| !is_tried(finding));
        plan.add_findings(all.into_iter().flat_map(|tried| tried.findings).collect());
    }
}

/// Tries the rows of every table of which the plan says that its constraints were not.
pub(crate) fn find(surveyor: &Surveyor<'_>, plan: &Plan, reader: &Reader) -> Result<Vec<Tried>, ExecuteError> {
    let Some(asker) = surveyor.asker else { return Ok(Vec::new()) };
    let is_open = |mapping: &&TableMapping| {
        let mut findings = plan.each_finding().filter(|finding| finding.code == NOT_CHECKED);
        findings.any(|finding| finding.table.as_deref() == Some(mapping.source.as_str()))
    };
    let mut all = Vec::new();
    for mapping in plan.copies.iter().filter(is_open) {
        all.extend(of_table(surveyor, asker, plan, mapping, reader)?);
    }
    Ok(all)
}

/// Tries the rows of one table; nothing where no row can be encoded.
fn of_table(
    surveyor: &Surveyor<'_>,
    asker: &InputAsker,
    plan: &Plan,
    mapping: &TableMapping,
    reader: &Reader,
) -> Result<Option<Tried>, ExecuteError> {
    // A table without an encoder has a finding of its own.
    let Ok(treatment) = Treatment::of(mapping, surveyor.zone) else { return Ok(None) };
    let schemas = &surveyor.spec.target.schemas;
    let trial = asker.try_rows(RowTrial {
        migration: surveyor.spec.name.clone(),
        table: schemas.qualified(&mapping.target),
        columns: mapping
            .columns
            .iter()
            .map(|column| (column.target.clone(), column.is_judged().then(|| column.sql_type())))
            .collect(),
        filled: plan.tables.iter().map(|table| schemas.shown(&table.target)).collect(),
        keeps_rows: mapping.keeps_rows,
        merges: trial_merge(mapping),
        search_path: Preparation::of(plan, mapping, schemas).search_path,
        made: None,
    })?;
    read(mapping, &treatment, reader, &trial, surveyor)?;
    Ok(match trial.end()? {
        Ok(unmet) => {
            let findings = unmet.into_iter().map(|unmet| {
                let lines = left_behind(surveyor, mapping, &unmet);
                finding(mapping, unmet, lines)
            });
            let findings = findings.collect();
            Some(Tried { table: mapping.source.clone(), doubts: None, findings })
        }
        Err(reason) => {
            let findings = vec![not_tried(mapping, "its constraints", &reason)];
            Some(Tried { table: mapping.source.clone(), doubts: None, findings })
        }
    })
}

/// How the trial finds rows that both sides have; nothing where they are not brought together.
fn trial_merge(mapping: &TableMapping) -> Option<TrialMerge> {
    let merging = mapping.merges.as_ref();
    let key = merging.map(|merging| merging.key.as_slice()).unwrap_or_default().iter().map(|name| {
        let operator = merging.and_then(|merging| merging.equality.get(name)).cloned();
        (name.clone(), operator.unwrap_or_default().to_string())
    });
    mapping.is_staged().then(|| TrialMerge {
        key: key.collect(),
        leaves_target: merging.is_some_and(|merging| merging.prefer == Some(MergeSide::Target)),
        mapped: {
            let own = merging.map(|merging| merging.identity.as_slice()).unwrap_or_default();
            let followed = mapping.mapped_references.iter().flat_map(|reference| &reference.columns);
            own.iter().chain(followed).cloned().collect()
        },
    })
}

/// Reads the rows, and sends those that fit with their names.
pub(super) fn read(
    mapping: &TableMapping,
    treatment: &Treatment,
    reader: &Reader,
    trial: &TrialInProgress,
    surveyor: &Surveyor<'_>,
) -> Result<(), ExecuteError> {
    let (mut bytes, mut noted) = (Vec::with_capacity(BUFFER), NotedValues::default());
    // The fields of a row, and its name.
    let fields = i16::try_from(mapping.columns.len() + 1).unwrap_or(i16::MAX).to_be_bytes();
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        let start = bytes.len();
        // A value that does not fit is a finding already.
        if matches!(treatment.encode(row, Repair::Refuse, &mut noted, &mut bytes), Ok(Fate::Loaded)) {
            bytes[start..start + fields.len()].copy_from_slice(&fields);
            let name = name_row_briefly(mapping, row);
            bytes.extend_from_slice(&u32::try_from(name.len()).unwrap_or(0).to_be_bytes());
            bytes.extend_from_slice(name.as_bytes());
        }
        if bytes.len() >= BUFFER {
            if surveyor.stop.is_thrown() {
                return Err(Some(Box::new(ExecuteError::Interrupted)));
            }
            if !trial.send(std::mem::replace(&mut bytes, Vec::with_capacity(BUFFER))) {
                return Err(None);
            }
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {
            // The trial says at its end why it takes no more.
            let _taken = bytes.is_empty() || trial.send(bytes);
            Ok(())
        }
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(Some(error))) => Err(*error),
        Err(ReadFailure::Caller(None)) => Ok(()),
    }
}

fn finding(mapping: &TableMapping, UnmetDemand { demand, how }: UnmetDemand, lines: FindingSuggestion) -> Finding {
    let target = &mapping.target;
    let about = |code, severity, message| Finding::about(code, severity, &mapping.source, message);
    match how {
        HowUnmet::Rows(count, names) => {
            let rows = counted(count, "row breaks", "rows break");
            let message = format!("{rows} the target's {demand} on {target}");
            let examples = names.into_iter().take(NAMED_ROWS).collect();
            Finding { count, examples, ..about(FindingCode::TargetConstraintBroken, Severity::Blocks, message) }
                .suggesting(lines)
        }
        HowUnmet::Fails(message) => {
            let message = format!("PostgreSQL fails where it tries the rows against {demand} on {target}: {message}");
            about(FindingCode::TargetConstraintBroken, Severity::Blocks, message)
                .suggesting("correct the rows in the source, or the constraint in the target")
        }
        HowUnmet::Unknown(reason) => not_tried(mapping, &demand, &reason),
    }
}

fn not_tried(mapping: &TableMapping, demand: &str, reason: &str) -> Finding {
    let message = format!("{} may refuse rows, and they could not be tried against {demand}: {reason}", mapping.target);
    let words = format!("refuse rows, which could not be tried: {reason}");
    let cause = Cause {
        detail: Some(format!(" ({demand})")),
        ..Cause::new(["constraint of the target may", "constraints of the target may"], words)
    };
    let finding = Finding::about(NOT_CHECKED, Severity::Warns, &mapping.source, message).because(cause);
    finding.suggesting(
        "migrate into a copy of the target's schema first: a row that it refuses stops the copy, and `on_bad_value` does not reach it",
    )
}

/// The lines that leave the rows behind which break a demand, where an integer names each; else advice: a text `05` is not 5.
/// A spec has one `where` for a table: the lines of several demands are joined where all are proposed together.
fn left_behind(surveyor: &Surveyor<'_>, mapping: &TableMapping, unmet: &UnmetDemand) -> FindingSuggestion {
    let table = quote_toml_key(&mapping.source);
    let advice =
        format!("# correct these rows in the source, or leave them behind:\n# [tables.{table}]\n# where = \"…\"")
            .into();
    let RowIdentity::Integer { column: key, .. } = &mapping.row_identity else { return advice };
    let mut numbers = BTreeSet::new();
    let HowUnmet::Rows(count, names) = &unmet.how else { return advice };
    if names.len() as u64 != *count {
        return advice;
    }
    for name in names {
        // Of rows that meet each other the first stays.
        let last = name.rsplit(" and ").next().unwrap_or(name);
        let number = last.strip_prefix(key.as_str()).and_then(|value| value.strip_prefix('='));
        let Some(number) = number.and_then(|number| number.parse::<i64>().ok()) else { return advice };
        numbers.insert(number);
    }
    let numbers = numbers.into_iter().collect::<Vec<_>>();
    let Some(condition) = mapping.dialect().has_no_key_among(&mapping.row_identity, &numbers) else { return advice };
    let own = crate::plan::mapping::filter(surveyor.spec, &mapping.source);
    let condition = own.map_or_else(|| condition.clone(), |own| format!("{} AND {condition}", enclosed(own)));
    let condition = quote_toml_text(&condition);
    let text = format!(
        "# leaves such rows of {} behind; to keep them, correct them in the source\n[tables.{table}]\nwhere = {condition}",
        mapping.source
    );
    FindingSuggestion { text, names_rows: true }
}
