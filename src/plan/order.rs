//! The DAG: checked for cycles, and sorted the same way every time.

use super::error::PlanError;
use super::step::Step;
use crate::name::nearest;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// Sorts steps so that each follows its dependencies; of several that could be next, the one that was made first.
///
/// # Errors
/// A step depends on an unknown one, or the steps form a cycle.
pub(super) fn sort(mut steps: Vec<Step>) -> Result<Vec<Step>, PlanError> {
    let mut graph = DiGraph::<usize, ()>::with_capacity(steps.len(), steps.len() * 2);
    let nodes = (0..steps.len()).map(|position| graph.add_node(position)).collect::<Vec<_>>();
    let positions = steps.iter().enumerate().map(|(at, step)| (step.id.clone(), at)).collect::<HashMap<_, _>>();
    for (position, step) in steps.iter_mut().enumerate() {
        step.after.sort();
        step.after.dedup();
        for awaited in &step.after {
            let Some(&before) = positions.get(awaited) else {
                let (missing, known) = (awaited.to_string(), positions.keys().map(ToString::to_string));
                let nearest =
                    nearest(&missing, known.collect::<Vec<_>>().iter().map(String::as_str)).map(str::to_owned);
                return Err(PlanError::UnknownStep { place: step.id.to_string(), missing, nearest });
            };
            graph.update_edge(nodes[before], nodes[position], ());
        }
    }
    if let Some(cycle) = cycle(&graph) {
        return Err(PlanError::Cycle { cycle: cycle.into_iter().map(|at| steps[graph[at]].id.to_string()).collect() });
    }
    let mut waiting =
        nodes.iter().map(|node| graph.neighbors_directed(*node, petgraph::Incoming).count()).collect::<Vec<_>>();
    let mut ready = (0..steps.len()).filter(|position| waiting[*position] == 0).collect::<BTreeSet<_>>();
    let mut order = Vec::with_capacity(steps.len());
    while let Some(next) = ready.pop_first() {
        order.push(next);
        for follower in graph.neighbors(nodes[next]) {
            waiting[graph[follower]] -= 1;
            if waiting[graph[follower]] == 0 {
                ready.insert(graph[follower]);
            }
        }
    }
    let mut places =
        order.into_iter().enumerate().map(|(place, position)| (position, place)).collect::<BTreeMap<_, _>>();
    let mut sorted =
        steps.into_iter().enumerate().map(|(position, step)| (places.remove(&position), step)).collect::<Vec<_>>();
    sorted.sort_by_key(|(place, _)| *place);
    Ok(sorted.into_iter().map(|(_, step)| step).collect())
}

/// A shortest cycle through the first node that lies on one.
fn cycle(graph: &DiGraph<usize, ()>) -> Option<Vec<NodeIndex>> {
    let knots = kosaraju_scc(graph);
    let start = knots
        .into_iter()
        .filter(|knot| knot.len() > 1 || graph.contains_edge(knot[0], knot[0]))
        .filter_map(|knot| knot.into_iter().min())
        .min()?;
    let mut came_from = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in graph.neighbors(node) {
            if next == start {
                let mut path = vec![start, node];
                let mut at = node;
                while at != start {
                    at = came_from[&at];
                    path.push(at);
                }
                path.reverse();
                return Some(if path.len() > 2 { path } else { vec![start, start] });
            }
            came_from.entry(next).or_insert_with(|| {
                queue.push_back(next);
                node
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::step::StepId;
    use super::*;

    fn step(id: &str, after: &[&str]) -> Step {
        let parsed = |id: &str| id.parse::<StepId>().unwrap();
        Step::new(parsed(id), after.iter().map(|after| parsed(after)).collect(), String::new())
    }

    #[test]
    fn order_is_stable_and_right() {
        let sorted = sort(vec![
            step("step:c", &["step:a", "step:b"]),
            step("step:b", &["step:a"]),
            step("step:a", &[]),
            step("step:d", &[]),
        ])
        .unwrap();
        assert_eq!(
            sorted.iter().map(|step| step.id.to_string()).collect::<Vec<_>>(),
            ["step:a", "step:b", "step:c", "step:d"]
        );
    }

    #[test]
    fn cycles_and_unknown_steps_are_named() {
        let error = sort(vec![
            step("step:a", &["step:c"]),
            step("step:b", &["step:a"]),
            step("step:c", &["step:b"]),
            step("step:d", &["step:a"]),
        ])
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the steps wait for one another in a cycle: step:a -> step:b -> step:c -> step:a"
        );
        let error = sort(vec![step("step:a", &["step:a"])]).unwrap_err();
        assert_eq!(error.to_string(), "the steps wait for one another in a cycle: step:a -> step:a");
        let error = sort(vec![step("copy:users", &[]), step("step:b", &["copy:user"])]).unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean `copy:users`?");
    }
}
