//! Nodes of PostgreSQL's plan, from `EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON)`.
//! Source: PostgreSQL documentation, section 14.1 "Using EXPLAIN".

use super::measure::rounded;
use crate::dialect::postgresql::without_literals;
use serde::Serialize;
use serde_json::Value;

/// Node of a plan. Rows and times are those of all its loops together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PlanNode {
    /// Depth below the top.
    pub depth: usize,
    /// Its kind: `Seq Scan`, `Sort`, …
    pub node: String,
    /// The relation that it reads.
    pub relation: Option<String>,
    /// The index that it uses.
    pub index: Option<String>,
    /// The condition by which rows are found or kept, with `…` in the place of literals unless values may be shown.
    pub condition: Option<String>,
    /// Number of times that it ran.
    pub loops: u64,
    /// Rows that it gave.
    pub rows: u64,
    /// Rows that its condition has removed.
    pub rows_removed: u64,
    /// Milliseconds, with the nodes below it.
    pub ms: f64,
    /// Blocks that it found in shared buffers, with the nodes below it.
    pub blocks_hit: u64,
    /// Blocks that it had to read.
    pub blocks_read: u64,
    /// Parts that the suggestions are made of.
    #[serde(skip)]
    pub(super) inner: NodeParts,
}

/// Parts of a node that may hold values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct NodeParts {
    pub(super) schema: Option<String>,
    pub(super) alias: Option<String>,
    /// Conditions by which rows are found in an index, and by which they are kept.
    pub(super) conditions: Vec<String>,
    pub(super) sort_key: Vec<String>,
    /// Whether it finds its rows by the index.
    pub(super) has_index_condition: bool,
}

/// Reads a plan; `None` if it is none.
pub(super) fn nodes(json: &str, show_values: bool) -> Option<Vec<PlanNode>> {
    let explained: Value = serde_json::from_str(json).ok()?;
    let mut nodes = Vec::new();
    walk(explained.get(0)?.get("Plan")?, 0, show_values, &mut nodes);
    Some(nodes)
}

fn walk(plan: &Value, depth: usize, show_values: bool, nodes: &mut Vec<PlanNode>) {
    let text = |key: &str| plan.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| plan.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of rows and blocks, which saturate"
    )]
    let whole = |number: f64| number.max(0.0).round() as u64;
    let loops = number("Actual Loops");
    let conditions = ["Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Merge Cond", "Join Filter"];
    let shown = conditions.iter().filter_map(|key| text(key)).collect::<Vec<_>>();
    // Conditions of one table alone: first those that find rows, then those that keep them.
    let conditions = ["Index Cond", "Recheck Cond", "Filter"].iter().filter_map(|key| text(key)).collect();
    let masked = |condition: &String| if show_values { Some(condition.clone()) } else { without_literals(condition) };
    let sort_key = plan.get("Sort Key").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let index = text("Index Name");
    let condition = shown.iter().filter_map(masked).collect::<Vec<_>>().join(" AND ");
    nodes.push(PlanNode {
        depth,
        node: kind(plan),
        relation: text("Relation Name").or_else(|| text("CTE Name")),
        index,
        condition: (!condition.is_empty()).then_some(condition),
        loops: whole(loops),
        rows: whole(number("Actual Rows") * loops),
        rows_removed: whole(number("Rows Removed by Filter") * loops),
        ms: rounded(number("Actual Total Time") * loops),
        blocks_hit: whole(number("Shared Hit Blocks")),
        blocks_read: whole(number("Shared Read Blocks")),
        inner: NodeParts {
            schema: text("Schema"),
            alias: text("Alias"),
            has_index_condition: text("Index Cond").is_some(),
            conditions,
            sort_key: sort_key.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        },
    });
    for below in plan.get("Plans").and_then(Value::as_array).into_iter().flatten() {
        walk(below, depth + 1, show_values, nodes);
    }
}

/// Kind of a node with the words that change it: `Parallel Seq Scan`, `Hash Left Join`.
fn kind(plan: &Value) -> String {
    let text = |key: &str| plan.get(key).and_then(Value::as_str);
    let node = text("Node Type").unwrap_or_default();
    let parallel = if plan.get("Parallel Aware").and_then(Value::as_bool) == Some(true) { "Parallel " } else { "" };
    match (node, text("Join Type")) {
        ("Nested Loop", Some(join)) if join != "Inner" => format!("{parallel}Nested Loop {join} Join"),
        (node, Some(join)) if join != "Inner" => format!("{parallel}{} {join} Join", node.trim_end_matches(" Join")),
        (node, _) => format!("{parallel}{node}"),
    }
}

impl PlanNode {
    /// Whether it reads a table from its beginning to its end.
    pub(super) fn is_whole_scan(&self) -> bool {
        self.node.ends_with("Seq Scan")
    }
}
