//! Indexes that a plan shows to be missing: a table that is read for few of its rows, whole or along an index that only orders
//! it, and a sort of many rows for the first of them. Nothing else is suggested.

use super::outcome::Suggestion;
use super::plan_node::PlanNode;
use crate::dialect::postgresql::{compared_columns, sort_column};
use crate::name::{quote_identifier, quote_toml_key, quote_toml_text};
use crate::plan::{Plan, TableMapping};
use crate::run::ExecuteError;
use crate::spec::{Spec, TablesMode};
use crate::target::Session;
use crate::value::count;

/// Rows from which on reading or sorting them is worth an index.
const MANY: u64 = 1000;

/// Rows that are given up for each that is kept, from which on an index pays.
const FOR_EACH: u64 = 9;

/// Most columns of a suggested index.
const MOST_COLUMNS: usize = 4;

/// Index that a node of a plan asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missing {
    schema: String,
    relation: String,
    /// Columns that must equal a value; their order does not matter.
    equal: Vec<String>,
    /// Columns after these, with the words of their order.
    ordered: Vec<(String, String)>,
    /// Index along which the rows were read, for its order alone: its columns come last.
    along: Option<String>,
    reason: String,
}

/// The suggestions that the nodes support, for tables of the migration that have no such index yet.
///
/// # Errors
/// The connection is lost.
pub(super) async fn suggest(
    nodes: &[PlanNode],
    plan: &Plan,
    spec: &Spec,
    session: &Session,
) -> Result<Vec<Suggestion>, ExecuteError> {
    let mut suggestions: Vec<Suggestion> = Vec::new();
    let schemas = &spec.target.schemas;
    for mut missing in missing(nodes) {
        let name = schemas.name_of(&missing.schema, &missing.relation);
        let mapping = plan.tables.iter().find(|table| Some(&table.target) == name.as_ref());
        let Some(mapping) = mapping else { continue };
        let keys = session.read_index_keys(&schemas.qualified(&mapping.target)).await?;
        missing.ends_as(&keys);
        if keys.iter().any(|(_, key)| missing.is_served(key)) {
            continue;
        }
        let suggestion = missing.suggestion(mapping, spec);
        if !suggestions.contains(&suggestion) {
            suggestions.push(suggestion);
        }
    }
    Ok(suggestions)
}

/// The indexes that nodes ask for.
fn missing(nodes: &[PlanNode]) -> Vec<Missing> {
    let mut found: Vec<Missing> = Vec::new();
    let mut sorted = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        if ["Sort", "Incremental Sort"].contains(&node.node.as_str())
            && let Some((scan, missing)) = sorted_for_few(nodes, at)
        {
            sorted.push(scan);
            found.push(missing);
        }
    }
    for (at, node) in nodes.iter().enumerate() {
        if !sorted.contains(&at) {
            found.extend(read_for_few(node));
        }
    }
    found
}

/// A table that is read, and most of whose rows are removed by columns that equal or bound something.
fn read_for_few(node: &PlanNode) -> Option<Missing> {
    let is_waste = node.rows_removed >= MANY && node.rows_removed >= node.rows * FOR_EACH;
    let along = node.index.clone();
    let is_for_order = along.is_some() && !node.inner.has_index_condition;
    if !is_waste || !(node.is_whole_scan() || is_for_order) {
        return None;
    }
    let (equal, ranged) = columns(node)?;
    if is_for_order && equal.is_empty() {
        return None;
    }
    let ranged = ranged.into_iter().take(if is_for_order { 0 } else { 1 });
    let ordered = ranged.map(|column| (column, String::new())).collect();
    let relation = node.relation.clone()?;
    let way = along.as_ref().map_or_else(|| "whole".to_owned(), |index| format!("along {index}"));
    let reason = format!(
        "{} reads {relation} {way} and keeps {} of {} rows",
        node.node,
        count(node.rows),
        count(node.rows + node.rows_removed)
    );
    let along = along.filter(|_| is_for_order);
    Missing { schema: node.inner.schema.clone()?, relation, equal, ordered, along, reason }.of_some_columns()
}

/// A sort of many rows of one table, of which a LIMIT takes few; and the place of the scan below it.
fn sorted_for_few(nodes: &[PlanNode], at: usize) -> Option<(usize, Missing)> {
    let sort = nodes.get(at)?;
    let limit = nodes[..at].iter().rev().find(|node| node.depth < sort.depth)?;
    let below = nodes[at + 1..].iter().take_while(|node| node.depth > sort.depth).count();
    let scans = (at + 1..=at + below).filter(|place| nodes[*place].inner.alias.is_some()).collect::<Vec<_>>();
    // Of a join nobody knows which order an index would keep.
    let [scan_at] = scans.as_slice() else { return None };
    let scan = nodes.get(*scan_at)?;
    let is_waste = limit.node == "Limit" && scan.rows >= MANY && scan.rows >= limit.rows.max(1) * FOR_EACH;
    // A node between them that makes other rows of these, such as an aggregate, has an order of its own.
    let between = &nodes[at + 1..*scan_at];
    if !is_waste || !between.iter().all(|node| node.node.starts_with("Gather") || node.node == "Subquery Scan") {
        return None;
    }
    let alias = scan.inner.alias.as_deref()?;
    let ordered = sort.inner.sort_key.iter().map(|key| sort_column(key, alias)).collect::<Option<Vec<_>>>()?;
    let equal = columns(scan).map(|(equal, _)| equal).unwrap_or_default();
    let relation = scan.relation.clone()?;
    let reason =
        format!("Sort orders {} rows of {relation}, of which LIMIT takes {}", count(scan.rows), count(limit.rows));
    let missing = Missing { schema: scan.inner.schema.clone()?, relation, equal, ordered, along: None, reason };
    Some((*scan_at, missing.of_some_columns()?))
}

/// Columns of a scan's conditions that must equal a value, and that must lie in a range.
fn columns(node: &PlanNode) -> Option<(Vec<String>, Vec<String>)> {
    let alias = node.inner.alias.as_deref()?;
    let (mut equal, mut ranged) = (Vec::new(), Vec::new());
    for condition in &node.inner.conditions {
        let Some(compared) = compared_columns(condition, alias) else { continue };
        equal.extend(compared.equal);
        ranged.extend(compared.ranged);
    }
    let mut seen = Vec::new();
    equal.retain(|column: &String| {
        !seen.contains(column) && {
            seen.push(column.clone());
            true
        }
    });
    ranged.retain(|column: &String| {
        !seen.contains(column) && {
            seen.push(column.clone());
            true
        }
    });
    Some((equal, ranged))
}

impl Missing {
    fn of_some_columns(self) -> Option<Self> {
        let columns = self.equal.len() + self.ordered.len();
        (1..=MOST_COLUMNS).contains(&columns).then_some(self)
    }

    /// Takes over the order of the index along which the rows were read.
    fn ends_as(&mut self, keys: &[(String, Vec<Option<String>>)]) {
        let Some(along) = self.along.take() else { return };
        let key = keys.iter().find(|(name, _)| *name == along).map(|(_, key)| key.as_slice()).unwrap_or_default();
        let columns = key.iter().map_while(Clone::clone).filter(|column| !self.equal.contains(column));
        let room = MOST_COLUMNS.saturating_sub(self.equal.len());
        self.ordered = columns.take(room).map(|column| (column, String::new())).collect();
    }

    /// Whether an index with this key serves already, and was not taken.
    fn is_served(&self, key: &[Option<String>]) -> bool {
        let (first, rest) = key.split_at(self.equal.len().min(key.len()));
        let is_of_equal = |column: &Option<String>| column.as_ref().is_some_and(|column| self.equal.contains(column));
        first.len() == self.equal.len()
            && first.iter().all(is_of_equal)
            && rest.len() >= self.ordered.len()
            && rest.iter().zip(&self.ordered).all(|(column, (ordered, _))| column.as_ref() == Some(ordered))
    }

    /// Lines of the spec. An index of one column is a word of that column, if the spec's file takes it there; every other index is
    /// a step with the index in its title, so that two questions which need the same index have the same lines.
    fn suggestion(&self, mapping: &TableMapping, spec: &Spec) -> Suggestion {
        let column = |name: &String| mapping.columns.iter().find(|column| column.target == *name);
        let single = match (self.equal.as_slice(), self.ordered.as_slice()) {
            ([name], []) => column(name),
            ([], [(name, words)]) if words.is_empty() || words == "DESC" => column(name),
            _ => None,
        };
        let equal = self.equal.iter().map(|name| quote_identifier(name).into_owned());
        let ordered =
            self.ordered.iter().map(|(name, words)| format!("{} {words}", quote_identifier(name)).trim().to_owned());
        let key = equal.chain(ordered).collect::<Vec<_>>().join(", ");
        let table = spec.target.schemas.qualified(&mapping.target);
        let suggestion = |lines: String| Suggestion {
            reason: self.reason.clone(),
            spec: lines,
            same_as: None,
            tried: None,
            not_tried: None,
            create: format!("CREATE INDEX ON {table} ({key})"),
        };
        if let (Some(column), true) = (single, spec.target.tables != TablesMode::Existing) {
            let (table, column) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
            let lines = format!("[tables.{table}.columns.{column}]\nindex = \"btree\"");
            if spec.takes_pasted(&lines) {
                return suggestion(lines);
            }
        }
        let names = self.equal.iter().chain(self.ordered.iter().map(|(name, _)| name));
        let index = format!("ix_{}_{}", self.relation, names.cloned().collect::<Vec<_>>().join("_"));
        // PostgreSQL's names have 63 bytes.
        let end = (0..=63.min(index.len())).rev().find(|end| index.is_char_boundary(*end)).unwrap_or(0);
        let index = quote_identifier(&index[..end]).into_owned();
        let title = quote_toml_key(&format!("index of {} ({})", self.relation, key.replace('"', "")));
        suggestion(format!(
            "[steps.{title}]\nafter = [{}]\nsql = {}\nundo = {}",
            quote_toml_text(&format!("copy:{}", mapping.target)),
            quote_toml_text(&format!("CREATE INDEX {index} ON {table} ({key})")),
            quote_toml_text(&format!("DROP INDEX {}.{index}", quote_identifier(&self.schema)))
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan_node::nodes;

    const SORTED: &str = r#"[{"Plan": {"Node Type": "Limit", "Actual Rows": 20, "Actual Loops": 1, "Plans": [
        {"Node Type": "Sort", "Sort Key": ["m.created_at DESC"], "Actual Rows": 20, "Actual Loops": 1, "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "messages", "Schema": "app", "Alias": "m", "Filter": "(m.user_id = 5)",
             "Actual Rows": 2000, "Actual Loops": 1, "Rows Removed by Filter": 98000}]}]}}]"#;

    #[test]
    fn a_sort_for_a_limit_asks_for_one_index_of_both() {
        let found = missing(&nodes(SORTED, false).unwrap());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].equal, ["user_id"]);
        assert_eq!(found[0].ordered, [("created_at".to_owned(), "DESC".to_owned())]);
        let key = |names: &[&str]| names.iter().map(|name| Some((*name).to_owned())).collect::<Vec<_>>();
        assert!(found[0].is_served(&key(&["user_id", "created_at"])));
        assert!(!found[0].is_served(&key(&["user_id"])) && !found[0].is_served(&key(&["created_at", "user_id"])));
    }

    #[test]
    fn an_index_that_only_orders_is_taken_over() {
        let plan = r#"[{"Plan": {"Node Type": "Index Scan", "Index Name": "messages_pkey", "Relation Name": "messages", "Schema": "app",
            "Alias": "messages", "Filter": "(messages.user_id = 5)", "Actual Rows": 20, "Actual Loops": 1,
            "Rows Removed by Filter": 19000}}]"#;
        let mut found = missing(&nodes(plan, false).unwrap());
        found[0].ends_as(&[("messages_pkey".to_owned(), vec![Some("id".to_owned())])]);
        assert_eq!((found[0].equal.as_slice(), found[0].ordered[0].0.as_str()), (&["user_id".to_owned()][..], "id"));
        // An index that finds the rows serves, even if many of them are removed.
        let finds = plan.replace("\"Filter\"", "\"Index Cond\": \"(messages.a = 1)\", \"Filter\"");
        assert_eq!(missing(&nodes(&finds, false).unwrap()), []);
    }

    #[test]
    fn few_rows_and_small_tables_ask_for_nothing() {
        let small = SORTED.replace("98000", "980").replace("2000", "100");
        assert_eq!(missing(&nodes(&small, false).unwrap()), []);
        // Half of the table is kept: it is read whole for a reason.
        let half = SORTED.replace("98000", "2000").replace("\"Limit\"", "\"Result\"");
        assert_eq!(missing(&nodes(&half, false).unwrap()), []);
    }
}
