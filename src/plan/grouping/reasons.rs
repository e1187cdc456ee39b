//! Reasons with their counts, in words.

use std::collections::BTreeMap;

/// Different reasons told for a finding.
const REASONS: usize = 3;

/// The reasons, the most frequent first, with their counts where there are several.
pub(crate) fn told(reasons: &BTreeMap<String, u64>) -> String {
    let mut reasons = reasons.iter().collect::<Vec<_>>();
    reasons.sort_by(|one, two| two.1.cmp(one.1).then(one.0.cmp(two.0)));
    if let [(only, _)] = reasons.as_slice() {
        return (*only).clone();
    }
    let told = reasons.iter().take(REASONS).map(|(reason, count)| format!("{reason} ({count})"));
    let more = reasons.len().saturating_sub(REASONS);
    let more = (more > 0).then(|| format!("and {more} other reasons"));
    told.chain(more).collect::<Vec<_>>().join("; ")
}
