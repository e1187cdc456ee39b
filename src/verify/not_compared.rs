//! Parts that a verification did not compare: they are listed, and never called equal.

use super::outcome::{TableResult, ViewResult};
use crate::plan::{Plan, TableMapping};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Part in which a difference would not have been seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Uncompared {
    /// Kind of the part: table, column, target column, rows, view, check, virtual table, structure, sequence, default,
    /// trigger, rule.
    pub kind: &'static str,
    /// Name or place of the part.
    pub name: String,
    /// Reason in words.
    pub reason: String,
}

/// Kinds of omitted objects that hold or compute values. The shadow tables of a virtual table belong to it.
const VALUES: [&str; 4] = ["table", "column", "virtual table", "view"];

/// Reason for a table or a check that was not compared because only some tables were asked for.
pub const NOT_ASKED: &str = "not asked for (--table)";

/// Reason for everything about rows, where the spec copies none.
const NO_ROWS: &str = "the spec copies no rows (data = \"none\")";

/// Tables, views and checks whose rows are on one side alone by the spec's decision.
pub(super) fn without_rows<'a>(
    plan: &'a Plan,
    left_checks: &'a BTreeSet<String>,
) -> impl Iterator<Item = Uncompared> + 'a {
    let tables = plan.tables.iter().map(|mapping| uncompared("table", mapping.source.clone(), NO_ROWS));
    let views = plan.views.iter().map(|view| uncompared("view", view.source.clone(), NO_ROWS));
    tables.chain(views).chain(left_checks.iter().map(|check| uncompared("check", check.clone(), NO_ROWS)))
}

/// Every part in which a difference would not have been seen, sorted. `columns` are the target's, by table.
pub(super) fn list(
    plan: &Plan,
    tables: &[TableResult],
    views: &[ViewResult],
    columns: &BTreeMap<String, Vec<String>>,
    structure: Vec<Uncompared>,
    has_rows: bool,
) -> Vec<Uncompared> {
    let left_behind = plan.omitted.iter().filter(|left| VALUES.contains(&left.kind));
    let left_behind = left_behind.map(|left| uncompared(left.kind, left.name.clone(), left.reason.clone()));
    let result = |mapping: &TableMapping| tables.iter().find(|table| table.table == mapping.source);
    let parts = plan.tables.iter().flat_map(|mapping| match result(mapping) {
        None if has_rows => vec![uncompared("table", mapping.source.clone(), NOT_ASKED)],
        None => Vec::new(),
        Some(result) => of_table(mapping, result, columns.get(&mapping.target).map_or(&[][..], Vec::as_slice)),
    });
    let mut list = left_behind.chain(parts).chain(structure).chain(views.iter().flat_map(of_view)).collect::<Vec<_>>();
    if has_rows && tables.len() < plan.tables.len() {
        list.push(uncompared("structure", plan.name.clone(), NOT_ASKED));
        list.extend(plan.checks.keys().map(|check| uncompared("check", check.clone(), NOT_ASKED)));
        list.extend(plan.views.iter().map(|view| uncompared("view", view.source.clone(), NOT_ASKED)));
    }
    list.sort();
    list
}

fn of_table(mapping: &TableMapping, result: &TableResult, columns: &[String]) -> Vec<Uncompared> {
    let mut list = Vec::new();
    if let Some(sampled) = result.sampled_rows {
        let reason = format!("a sample: {sampled} of {} rows were compared", result.source_rows);
        list.push(uncompared("rows", mapping.source.clone(), reason));
    }
    let is_compared = |name: &String| mapping.columns.iter().any(|column| column.target == *name);
    for column in columns.iter().filter(|name| !is_compared(name)) {
        let is_search = mapping.search.as_ref().is_some_and(|search| search.column == *column);
        let reason = if is_search {
            "PostgreSQL computes it for full text search of the other columns"
        } else {
            "no column of the source fills it"
        };
        list.push(uncompared("target column", format!("{}.{column}", mapping.target), reason));
    }
    list
}

/// Parts of a view that were not compared: the view itself or some of its columns.
fn of_view(view: &ViewResult) -> Vec<Uncompared> {
    if view.equal.is_none() {
        let reason = view.reason.clone().unwrap_or_default();
        return vec![uncompared("view", view.view.clone(), reason)];
    }
    let column = |column: &String| {
        let reason = "the source keeps its values in a form of its own";
        uncompared("column of a view", format!("{}.{column}", view.view), reason)
    };
    view.columns_left_out.iter().map(column).collect()
}

fn uncompared(kind: &'static str, name: String, reason: impl Into<String>) -> Uncompared {
    Uncompared { kind, name, reason: reason.into() }
}
