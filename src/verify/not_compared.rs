//! What a verification did not compare, which is never called equal.

use super::outcome::TableResult;
use crate::plan::{Omitted, Plan, StepKind, TableMapping};
use std::collections::BTreeMap;

/// Kinds of what the plan leaves behind that hold values, or give them. What a virtual table is kept in goes with it.
const VALUES: [&str; 4] = ["table", "column", "virtual table", "view"];

/// Why a table or a check was not looked at where others were asked for.
pub const NOT_ASKED: &str = "not asked for (--table)";

/// Everything in which a difference would not have been seen, sorted. `columns` are those that the target has, by table.
pub(super) fn list(plan: &Plan, tables: &[TableResult], columns: &BTreeMap<String, Vec<String>>) -> Vec<Omitted> {
    let left_behind = plan.omitted.iter().filter(|omitted| VALUES.contains(&omitted.kind)).cloned();
    let result = |mapping: &TableMapping| tables.iter().find(|table| table.table == mapping.source);
    let parts = plan.tables.iter().flat_map(|mapping| match result(mapping) {
        None => vec![omitted("table", mapping.source.clone(), NOT_ASKED)],
        Some(result) => of_table(mapping, result, columns.get(&mapping.target).map_or(&[][..], Vec::as_slice)),
    });
    let mut list = left_behind.chain(parts).chain(views(plan)).collect::<Vec<_>>();
    if tables.len() < plan.tables.len() {
        list.extend(plan.checks.keys().map(|check| omitted("check", check.clone(), NOT_ASKED)));
    }
    list.sort();
    list
}

fn of_table(mapping: &TableMapping, result: &TableResult, columns: &[String]) -> Vec<Omitted> {
    let mut list = Vec::new();
    if let Some(sampled) = result.sampled_rows {
        let reason = format!("a sample: {sampled} of {} rows were compared", result.source_rows);
        list.push(omitted("rows", mapping.source.clone(), reason));
    }
    let is_compared = |name: &String| mapping.columns.iter().any(|column| column.target == *name);
    for column in columns.iter().filter(|name| !is_compared(name)) {
        let is_search = mapping.search.as_ref().is_some_and(|search| search.column == *column);
        let reason = if is_search {
            "PostgreSQL computes it for full text search of the other columns"
        } else {
            "no column of the source fills it"
        };
        list.push(omitted("target column", format!("{}.{column}", mapping.target), reason));
    }
    list
}

/// What views answer is not compared.
fn views(plan: &Plan) -> impl Iterator<Item = Omitted> {
    let views = plan.steps.iter().filter(|step| step.kind == StepKind::View);
    let name = |id: &str| id.split_once(':').map_or(id, |(_, name)| name).to_owned();
    views.map(move |step| omitted("view", name(&step.id), "its rows are not compared"))
}

fn omitted(kind: &'static str, name: String, reason: impl Into<String>) -> Omitted {
    Omitted { kind, name, reason: reason.into() }
}
