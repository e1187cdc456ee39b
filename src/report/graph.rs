//! DAG of a plan for drawing: without edges that others imply, and folded if it is too large to be read.

use crate::plan::{Plan, StepState, Work};
use std::collections::{BTreeMap, BTreeSet};

/// Graph to draw. Every edge goes from an earlier node to a later one.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// Edges from a node to one that waits for it.
    pub(super) edges: Vec<(usize, usize)>,
    /// Foreign keys of the tables.
    pub(super) keys: Vec<ForeignKeyEdge>,
}

/// Foreign key between two tables of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForeignKeyEdge {
    pub(super) table: String,
    pub(super) references: String,
    /// Name of the constraint.
    pub(super) name: String,
}

/// Node: a step, or several steps of one table folded into one.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) steps: usize,
    pub(super) rows: Option<u64>,
    pub(super) is_done: bool,
    /// Target table of the node.
    pub(super) table: Option<String>,
}

impl Graph {
    /// Graph with a node for every step.
    pub(super) fn of(plan: &Plan) -> Self {
        let at = plan.steps.iter().enumerate().map(|(at, step)| (&step.id, at)).collect::<BTreeMap<_, _>>();
        let nodes = plan.steps.iter().map(|step| Node {
            title: step.id.to_string(),
            kind: step.kind().word(),
            steps: 1,
            rows: step.rows(),
            is_done: step.state == StepState::Done,
            table: step.target_table().map(str::to_owned),
        });
        let waits = plan.steps.iter().enumerate();
        let edges =
            waits.flat_map(|(to, step)| step.after.iter().filter_map(|id| at.get(id)).map(move |from| (*from, to)));
        let keys = plan.steps.iter().filter_map(|step| match (&step.work, &step.table) {
            (Work::ForeignKey { references }, Some(table)) => Some(ForeignKeyEdge {
                table: table.target.clone(),
                references: references.clone(),
                name: table.part.clone().unwrap_or_default(),
            }),
            _ => None,
        });
        Self { nodes: nodes.collect(), edges: edges.collect(), keys: keys.collect() }.reduced()
    }

    /// Graph with a node for every table, and the other nodes as they are; of schemas and extensions, which everything waits
    /// for, nothing is drawn. What a foreign key waits for is told by the key itself. An edge that would go backwards is left
    /// out: two tables may each wait for a part of the other.
    pub(super) fn folded(&self) -> Self {
        let mut positions: BTreeMap<String, usize> = BTreeMap::new();
        let mut folded = Graph { keys: self.keys.clone(), ..Graph::default() };
        let mut place = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let (title, kind, table) = match (&node.table, node.kind) {
                (_, "schema" | "extension") => {
                    place.push(None);
                    continue;
                }
                (Some(table), _) => (table.clone(), "table", Some(table.clone())),
                (None, kind) => (node.title.clone(), kind, None),
            };
            let at = *positions.entry(format!("{kind} {title}")).or_insert_with(|| {
                folded.nodes.push(Node { title, kind, steps: 0, rows: None, is_done: true, table });
                folded.nodes.len() - 1
            });
            let into = &mut folded.nodes[at];
            into.steps += 1;
            into.is_done &= node.is_done;
            into.rows = into.rows.into_iter().chain(node.rows).reduce(|one, other| one + other);
            place.push(Some(at));
        }
        let is_told = |to: usize| matches!(self.nodes[to].kind, "foreign_key" | "validate");
        let edges = self.edges.iter().filter(|(_, to)| !is_told(*to));
        let edges = edges.filter_map(|(from, to)| place[*from].zip(place[*to])).filter(|(from, to)| from < to);
        folded.edges = edges.collect::<BTreeSet<_>>().into_iter().collect();
        folded.reduced()
    }

    /// Foreign keys between nodes that are drawn, from the referencing one to the referenced one, each pair once.
    pub(super) fn key_edges(&self) -> BTreeSet<(usize, usize)> {
        let tables = self.nodes.iter().enumerate().filter(|(_, node)| node.kind == "table");
        let tables = tables.filter_map(|(at, node)| Some((node.table.as_deref()?, at))).collect::<BTreeMap<_, _>>();
        let edge = |key: &ForeignKeyEdge| {
            tables.get(key.table.as_str()).copied().zip(tables.get(key.references.as_str()).copied())
        };
        self.keys.iter().filter_map(edge).collect()
    }

    /// Removes the edges that longer paths imply.
    fn reduced(self) -> Self {
        let Self { nodes, edges, keys } = self;
        let words = nodes.len().div_ceil(64);
        let mut before = vec![Vec::new(); nodes.len()];
        edges.iter().for_each(|(from, to)| before[*to].push(*from));
        // Ancestors of each node, as a set of bits. Nodes are in topological order, so those of earlier nodes are
        // complete.
        let mut reached = vec![vec![0_u64; words]; nodes.len()];
        let mut kept = Vec::new();
        for to in 0..nodes.len() {
            before[to].sort_unstable_by(|one, other| other.cmp(one));
            before[to].dedup();
            let mut set = vec![0_u64; words];
            for from in &before[to] {
                if set[from / 64] >> (from % 64) & 1 == 0 {
                    kept.push((*from, to));
                    set[from / 64] |= 1 << (from % 64);
                    set.iter_mut().zip(&reached[*from]).for_each(|(into, more)| *into |= more);
                }
            }
            reached[to] = set;
        }
        kept.sort_unstable();
        Self { nodes, edges: kept, keys }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(title: &str, kind: &'static str, table: Option<&str>) -> Node {
        Node { title: title.to_owned(), kind, steps: 1, rows: Some(2), is_done: false, table: table.map(str::to_owned) }
    }

    #[test]
    fn what_longer_ways_imply_is_not_drawn() {
        let nodes = ["a", "b", "c", "d"].map(|title| node(title, "step", None)).to_vec();
        let graph =
            Graph { nodes, edges: vec![(0, 1), (1, 2), (0, 2), (0, 3), (2, 3), (2, 3)], keys: Vec::new() }.reduced();
        assert_eq!(graph.edges, [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn tables_fold_without_a_cycle() {
        let nodes = vec![
            node("table:a", "table", Some("a")),
            node("table:b", "table", Some("b")),
            node("copy:a", "copy", Some("a")),
            node("copy:b", "copy", Some("b")),
            node("foreign_key:a.x", "foreign_key", Some("a")),
        ];
        let key = ForeignKeyEdge { table: "a".to_owned(), references: "b".to_owned(), name: "x".to_owned() };
        let edges = vec![(0, 2), (1, 3), (2, 3), (2, 4), (3, 4)];
        let graph = Graph { nodes, edges, keys: vec![key] }.folded();
        assert_eq!(
            graph.nodes.iter().map(|node| (node.title.as_str(), node.steps)).collect::<Vec<_>>(),
            [("a", 3), ("b", 2)]
        );
        assert_eq!((&graph.edges, graph.nodes[0].rows), (&vec![(0, 1)], Some(6)));
        assert_eq!(graph.key_edges(), BTreeSet::from([(0, 1)]));
    }
}
