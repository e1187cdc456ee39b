//! Findings of one kind for many tables: one is told, the others are counted.

use super::layout::count;
use crate::plan::Finding;
use std::collections::BTreeSet;

/// So many of one kind are told one by one.
const FEW: usize = 3;

/// Tables named for those that are only counted.
const NAMED: usize = 5;

/// A finding, and others of which nothing else is to be said: the same kind, the same advice, and no row to name.
pub(super) struct Alike<'a> {
    pub(super) first: &'a Finding,
    others: Vec<&'a Finding>,
}

/// Folds findings of one kind where they are many, in the order of the first of each.
pub(super) fn folded<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Alike<'a>> {
    let mut groups: Vec<Alike<'a>> = Vec::new();
    let is_same = |one: &Finding, other: &Finding| {
        let kind = |finding: &'_ Finding| (finding.code, finding.severity);
        one.examples.is_empty()
            && other.examples.is_empty()
            && kind(one) == kind(other)
            && one.suggestion == other.suggestion
    };
    for finding in findings {
        match groups.iter_mut().find(|group| is_same(group.first, finding)) {
            Some(group) => group.others.push(finding),
            None => groups.push(Alike { first: finding, others: Vec::new() }),
        }
    }
    let unfolded = |group: Alike<'a>| {
        if group.others.len() >= FEW {
            return vec![group];
        }
        let alone = |first: &'a Finding| Alike { first, others: Vec::new() };
        std::iter::once(group.first).chain(group.others).map(alone).collect()
    };
    groups.into_iter().flat_map(unfolded).collect()
}

impl Alike<'_> {
    /// How many there are beside the first, and in which tables; nothing where there are none.
    pub(super) fn words(&self) -> Option<String> {
        let mut tables = self.others.iter().filter_map(|finding| finding.table.as_deref()).collect::<BTreeSet<_>>();
        if let Some(own) = self.first.table.as_deref() {
            tables.remove(own);
        }
        let mut named = tables.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if tables.len() > NAMED {
            named.push_str(", …");
        }
        let places = if named.is_empty() { String::new() } else { format!(" ({named})") };
        let number = count(self.others.len() as u64);
        (!self.others.is_empty()).then(|| format!("and {number} more like it{places}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Severity;

    #[test]
    fn many_of_a_kind_are_counted_and_few_are_told() {
        let about =
            |table: &str| Finding::about("source_changed", Severity::Blocks, table, "changed").suggesting("look");
        let mut findings = (0..8).map(|table| about(&format!("t{table}"))).collect::<Vec<_>>();
        findings.extend([
            Finding::general("other", Severity::Blocks, "one"),
            Finding::general("other", Severity::Blocks, "two"),
        ]);
        findings.push(Finding { examples: vec!["id=1".to_owned()], ..about("t9") });
        let told = folded(findings.iter());
        let words = told.iter().map(|alike| (alike.first.code, alike.words())).collect::<Vec<_>>();
        let more = Some("and 7 more like it (t1, t2, t3, t4, t5, …)".to_owned());
        assert_eq!(words, [("source_changed", more), ("other", None), ("other", None), ("source_changed", None)]);
    }
}
