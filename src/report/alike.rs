//! Findings of one kind for many tables: one is printed, the others are counted.

use super::layout::count;
use crate::plan::Finding;
use std::collections::BTreeSet;

/// Most findings of one kind that are printed one by one.
const FEW: usize = 3;

/// Most tables that are named for the counted findings.
const NAMED: usize = 5;

/// Finding, and the others that are alike: the same kind, the same advice, and no row to name.
pub(super) struct Alike<'a> {
    pub(super) first: &'a Finding,
    others: Vec<&'a Finding>,
}

/// Folds many findings of one kind into the first of them. Findings that are printed alone stay in their position. A
/// finding with a count is never folded, for its count says more than the number of tables.
pub(super) fn folded<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Alike<'a>> {
    let findings = findings.collect::<Vec<_>>();
    let kind = |finding: &'a Finding| {
        let is_plain = finding.examples.is_empty() && finding.count <= 1;
        is_plain.then_some((finding.code, finding.severity, finding.suggestion.as_deref()))
    };
    let alike = |first: &'a Finding| match kind(first) {
        Some(wanted) => findings.iter().copied().filter(|finding| kind(finding) == Some(wanted)).collect(),
        None => vec![first],
    };
    let mut told: Vec<Alike<'a>> = Vec::new();
    for finding in &findings {
        let is_told = |told: &Alike<'_>| told.others.iter().any(|other| std::ptr::eq(*other, *finding));
        if told.iter().any(is_told) {
            continue;
        }
        let mut others = alike(finding);
        others.retain(|other| !std::ptr::eq(*other, *finding));
        if others.len() < FEW {
            others.clear();
        }
        told.push(Alike { first: finding, others });
    }
    told
}

impl Alike<'_> {
    /// Number of findings beside the first, and their tables; `None` if there are none.
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
        let rejected = |count| Finding { count, ..Finding::about("rows_rejected", Severity::Warns, "t", "go") };
        let mut findings = (0..8).map(|table| about(&format!("t{table}"))).collect::<Vec<_>>();
        findings.extend([
            Finding::general("other", Severity::Blocks, "one"),
            Finding::general("other", Severity::Blocks, "two"),
        ]);
        findings.extend((2..7).map(rejected));
        findings.push(Finding { examples: vec!["id=1".to_owned()], ..about("t9") });
        let told = folded(findings.iter());
        let words = told.iter().map(|alike| (alike.first.code, alike.words())).collect::<Vec<_>>();
        let more = Some("and 7 more like it (t1, t2, t3, t4, t5, …)".to_owned());
        let alone =
            ["other", "other", "rows_rejected", "rows_rejected", "rows_rejected", "rows_rejected", "rows_rejected"];
        let alone = alone.into_iter().chain(["source_changed"]).map(|code| (code, None));
        assert_eq!(words, [("source_changed", more)].into_iter().chain(alone).collect::<Vec<_>>());
    }
}
