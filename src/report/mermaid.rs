//! The DAG as a mermaid diagram, which GitHub and GitLab draw.

use super::graph::{Graph, Node};
use super::layout::counted;
use crate::name::visible::visible_name;
use crate::plan::Plan;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Nodes beyond which steps are folded into their tables: more cannot be read.
const READABLE: usize = 60;

/// Limits of GitHub's drawings: mermaid's `maxEdges`, and its `maxTextSize` with room to spare.
const EDGES: usize = 500;
const CHARACTERS: usize = 45_000;

/// The diagram. A large plan is folded, one node a table, with its foreign keys as dotted arrows to the referenced tables; a plan that is too large even then is cut, and the last node
/// says so.
#[must_use]
pub fn plan_mermaid(plan: &Plan) -> String {
    let whole = Graph::of(plan);
    let is_folded = whole.nodes.len() > READABLE;
    let graph = if is_folded { whole.folded() } else { whole };
    // Of a plan that is not folded the foreign keys are steps.
    let keys = if is_folded { graph.key_edges() } else { BTreeSet::new() };
    let mut text = "flowchart LR\n".to_owned();
    let (mut shown, mut edges) = (0, 0);
    for (at, node) in graph.nodes.iter().enumerate() {
        let mut lines = format!("    n{at}{}\n", shape(node));
        let before = graph.edges.iter().filter(|(_, to)| *to == at);
        for (from, _) in before.clone() {
            let _infallible = writeln!(lines, "    n{from} --> n{at}");
        }
        edges += before.count();
        // A key is drawn with the later of its tables.
        for (from, to) in keys.iter().filter(|(from, to)| *from.max(to) == at) {
            let _infallible = writeln!(lines, "    n{from} -.-> n{to}");
            edges += 1;
        }
        if edges > EDGES || text.len() + lines.len() > CHARACTERS {
            break;
        }
        text.push_str(&lines);
        shown += 1;
    }
    if shown < graph.nodes.len() {
        let rest = counted((graph.nodes.len() - shown) as u64, "more node", "more nodes");
        let _infallible = writeln!(text, "    rest[\"{rest} not drawn: too large for one diagram\"]");
    }
    let done = graph.nodes.iter().take(shown).enumerate().filter(|(_, node)| node.is_done);
    let done = done.map(|(at, _)| format!("n{at}")).collect::<Vec<_>>();
    if !done.is_empty() {
        let _infallible = writeln!(text, "    classDef done stroke-dasharray: 4 4\n    class {} done", done.join(","));
    }
    text
}

/// Shape of a node: rows are round, checks are rhombs.
fn shape(node: &Node) -> String {
    let mut label = escaped(&node.title);
    if node.steps > 1 {
        let _infallible = write!(label, "<br/>{}", counted(node.steps as u64, "step", "steps"));
    }
    if let Some(rows) = node.rows {
        let _infallible = write!(label, "<br/>{}", counted(rows, "row", "rows"));
    }
    match node.kind {
        "copy" => format!("([\"{label}\"])"),
        "check" => format!("{{{{\"{label}\"}}}}"),
        _ => format!("[\"{label}\"]"),
    }
}

/// Name inside quotes: characters that mermaid or HTML would interpret are written as entities, in mermaid's spelling.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for character in visible_name(name).chars() {
        if character.is_alphanumeric() || " _-.:,()$".contains(character) {
            escaped.push(character);
        } else {
            let _infallible = write!(escaped, "#{};", u32::from(character));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_its_label() {
        assert_eq!(escaped("a \"b\" <i>#x;\n"), "a #34;b#34; #60;i#62;#35;x#59;#92;u#123;a#125;");
        assert_eq!(escaped("größe_1"), "größe_1");
    }
}
