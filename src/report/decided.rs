//! The decisions of the spec, at the head of a plan; those that say the same of many places stand together.

use super::layout::{count, wrapped};
use crate::name::visible::visible_name;
use crate::spec::Decision;

/// Most groups of decisions that a document for people has; the spec has all.
const SHOWN: usize = 20;

/// Beginning of a reason that refers to another decision.
const AS_FOR: &str = "As for ";

/// Decisions with the same value.
pub(super) struct DecisionGroup<'a> {
    pub(super) first: &'a Decision,
    pub(super) number: usize,
}

impl DecisionGroup<'_> {
    /// The decision on one line: `tables.a.columns.at and 21 more = { type = "text" }`.
    pub(super) fn line(&self) -> String {
        let others =
            if self.number > 1 { format!(" and {} more", count(self.number as u64 - 1)) } else { String::new() };
        format!("{}{others} = {}", visible_name(&self.first.key), visible_name(&self.first.value))
    }

    /// The reason, in the author's words.
    pub(super) fn reason(&self) -> Option<&str> {
        self.first.reason.as_deref()
    }
}

/// Decisions of the same part of the spec with the same value and reason, each at the position of the first; and the
/// number of groups beyond those that are shown.
pub(super) fn groups(decisions: &[Decision]) -> (Vec<DecisionGroup<'_>>, usize) {
    fn part(key: &str) -> &str {
        key.split('.').next().unwrap_or_default()
    }
    let mut groups: Vec<DecisionGroup<'_>> = Vec::new();
    for decision in decisions {
        let is_alike = |group: &&mut DecisionGroup<'_>| {
            let same = (part(&group.first.key), &group.first.value) == (part(&decision.key), &decision.value);
            let refers = decision.reason.as_deref().and_then(|reason| reason.strip_prefix(AS_FOR));
            let refers = refers.is_some_and(|place| is_at(&group.first.key, place.trim_end_matches('.')));
            same && part(&decision.key) == "tables" && (refers || group.first.reason == decision.reason)
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.number += 1,
            None => groups.push(DecisionGroup { first: decision, number: 1 }),
        }
    }
    let more = groups.len().saturating_sub(SHOWN);
    groups.truncate(SHOWN);
    (groups, more)
}

/// Whether a decision stands at a place, or in it; the place has no quotes around its names.
fn is_at(key: &str, place: &str) -> bool {
    let plain = key.replace('"', "");
    plain.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The list as text.
pub(super) fn list(decisions: &[Decision]) -> String {
    let (groups, more) = groups(decisions);
    let one = |group: &DecisionGroup<'_>| {
        let reason = group.reason().map(|reason| format!("\n{}", wrapped(reason, 6))).unwrap_or_default();
        format!("  {}{reason}", group.line())
    };
    let more = (more > 0).then(|| format!("  and {} more: the spec has them", count(more as u64)));
    groups.iter().map(one).chain(more).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_joins_the_place_that_it_names() {
        let decision = |key: &str, reason: &str| Decision {
            key: key.to_owned(),
            value: "{ fraction = \"truncate\" }".to_owned(),
            reason: Some(reason.to_owned()),
        };
        let decisions = [
            decision("tables.a.columns.at", "3 values have more digits"),
            decision("tables.b.columns.price", "prices are rounded elsewhere"),
            decision("tables.c.columns.\"the price\"", "As for tables.b.columns.price."),
            decision("tables.d.columns.price", "As for a place that is not here."),
        ];
        let (groups, _) = groups(&decisions);
        let told = groups.iter().map(|group| (group.first.key.as_str(), group.number)).collect::<Vec<_>>();
        assert_eq!(told, [("tables.a.columns.at", 1), ("tables.b.columns.price", 2), ("tables.d.columns.price", 1)]);
    }
}
