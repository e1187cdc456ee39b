//! Parts that a verification did not compare: they are listed, and never called equal.

use super::outcome::{TableResult, ViewResult};
use crate::plan::{OmittedObject, Plan, TableMapping};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Kind of a part that was not compared. Parts are listed in this order, which is that of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UncomparedKind {
    /// A check of the spec.
    Check,
    /// A column that was left behind.
    Column,
    /// A column of a view's answer.
    ColumnOfView,
    /// A default that may draw from a sequence.
    Default,
    /// Rows beside a sample.
    Rows,
    /// A rule of the target.
    Rule,
    /// A sequence.
    Sequence,
    /// The structure of the target.
    Structure,
    /// A table.
    Table,
    /// A column of the target that no column of the source fills.
    TargetColumn,
    /// A trigger of the target.
    Trigger,
    /// A view.
    View,
    /// A virtual table.
    VirtualTable,
}

impl UncomparedKind {
    /// Its word, in JSON and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Column => "column",
            Self::ColumnOfView => "column of a view",
            Self::Default => "default",
            Self::Rows => "rows",
            Self::Rule => "rule",
            Self::Sequence => "sequence",
            Self::Structure => "structure",
            Self::Table => "table",
            Self::TargetColumn => "target column",
            Self::Trigger => "trigger",
            Self::View => "view",
            Self::VirtualTable => "virtual table",
        }
    }
}

impl fmt::Display for UncomparedKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Serialize for UncomparedKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Part in which a difference would not have been seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Uncompared {
    /// Kind of the part.
    pub kind: UncomparedKind,
    /// Name or place of the part.
    pub name: String,
    /// Reason in words.
    pub reason: String,
}

/// Reason for a table or a check that was not compared because only some tables were asked for.
pub const NOT_ASKED: &str = "not asked for (--table)";

/// Reason for everything about rows, where the spec copies none.
const NO_ROWS: &str = "the spec copies no rows (data = \"none\")";

/// Tables, views and checks whose rows are on one side alone by the spec's decision.
pub(super) fn without_rows<'a>(
    plan: &'a Plan,
    left_checks: &'a BTreeSet<String>,
) -> impl Iterator<Item = Uncompared> + 'a {
    let tables = plan.tables.iter().map(|mapping| uncompared(UncomparedKind::Table, mapping.source.clone(), NO_ROWS));
    let views = plan.views.iter().map(|view| uncompared(UncomparedKind::View, view.source.clone(), NO_ROWS));
    tables.chain(views).chain(left_checks.iter().map(|check| uncompared(UncomparedKind::Check, check.clone(), NO_ROWS)))
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
    let left_behind = plan.omitted.iter().filter_map(|left| Some((holding_values(left.kind)?, left)));
    let left_behind = left_behind.map(|(kind, left)| uncompared(kind, left.name.clone(), left.reason.clone()));
    let result = |mapping: &TableMapping| tables.iter().find(|table| table.table == mapping.source);
    let parts = plan.tables.iter().flat_map(|mapping| match result(mapping) {
        None if has_rows => vec![uncompared(UncomparedKind::Table, mapping.source.clone(), NOT_ASKED)],
        None => Vec::new(),
        Some(result) => of_table(mapping, result, columns.get(&mapping.target).map_or(&[][..], Vec::as_slice)),
    });
    let mut list = left_behind.chain(parts).chain(structure).chain(views.iter().flat_map(of_view)).collect::<Vec<_>>();
    if has_rows && tables.len() < plan.tables.len() {
        list.push(uncompared(UncomparedKind::Structure, plan.name.clone(), NOT_ASKED));
        list.extend(plan.checks.keys().map(|check| uncompared(UncomparedKind::Check, check.clone(), NOT_ASKED)));
        list.extend(plan.views.iter().map(|view| uncompared(UncomparedKind::View, view.source.clone(), NOT_ASKED)));
    }
    list.sort();
    list
}

/// Kind of an omitted object that holds or computes values; `None` for any other. The shadow tables of a virtual table belong to
/// it.
const fn holding_values(object: OmittedObject) -> Option<UncomparedKind> {
    match object {
        OmittedObject::Table => Some(UncomparedKind::Table),
        OmittedObject::Column => Some(UncomparedKind::Column),
        OmittedObject::VirtualTable => Some(UncomparedKind::VirtualTable),
        OmittedObject::View => Some(UncomparedKind::View),
        _ => None,
    }
}

fn of_table(mapping: &TableMapping, result: &TableResult, columns: &[String]) -> Vec<Uncompared> {
    let mut list = Vec::new();
    if let Some(sampled) = result.sampled_rows {
        let reason = format!("a sample: {sampled} of {} rows were compared", result.source_rows);
        list.push(uncompared(UncomparedKind::Rows, mapping.source.clone(), reason));
    }
    let is_compared = |name: &String| mapping.columns.iter().any(|column| column.target == *name);
    for column in columns.iter().filter(|name| !is_compared(name)) {
        let is_search = mapping.search.as_ref().is_some_and(|search| search.column == *column);
        let reason = if is_search {
            "PostgreSQL computes it for full text search of the other columns"
        } else {
            "no column of the source fills it"
        };
        list.push(uncompared(UncomparedKind::TargetColumn, format!("{}.{column}", mapping.target), reason));
    }
    list
}

/// Parts of a view that were not compared: the view itself or some of its columns.
fn of_view(view: &ViewResult) -> Vec<Uncompared> {
    if view.equal.is_none() {
        let reason = view.reason.clone().unwrap_or_default();
        return vec![uncompared(UncomparedKind::View, view.view.clone(), reason)];
    }
    let column = |column: &String| {
        let reason = "the source keeps its values in a form of its own";
        uncompared(UncomparedKind::ColumnOfView, format!("{}.{column}", view.view), reason)
    };
    view.columns_left_out.iter().map(column).collect()
}

fn uncompared(kind: UncomparedKind, name: String, reason: impl Into<String>) -> Uncompared {
    Uncompared { kind, name, reason: reason.into() }
}
