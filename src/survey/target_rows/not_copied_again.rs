//! Tables whose rows were brought together with those of the target, and that are not copied again.

use crate::catalog::MergeSide;
use crate::plan::{Finding, FindingCode, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::target::{Ledger, Session};
use std::collections::BTreeMap;

/// Code of the finding.
const NOT_REFRESHED: FindingCode = FindingCode::MergedNotRefreshed;

/// The findings about merged tables that cannot be copied again: mapped ids would have to be mapped again, and
/// differing rows of the target were overwritten or kept by the source's former values.
pub(crate) async fn refusals<'a>(
    session: &Session,
    ledger: &Ledger,
    tables: impl Iterator<Item = &'a TableMapping>,
) -> Result<Vec<Finding>, ExecuteError> {
    let mut differed = BTreeMap::new();
    for prefers in [MergeSide::Source, MergeSide::Target] {
        differed.extend(ledger.read_merged_rows(session, prefers).await?);
    }
    let finding = |mapping: &TableMapping| {
        let reason = if mapping.maps_ids() {
            "its ids were mapped by a natural key, which may have changed"
        } else if differed.contains_key(&mapping.source) {
            "rows that the target already held with other values were decided by the values that the source had then"
        } else {
            return None;
        };
        let message =
            format!("its rows were brought together with those of the target, and are not copied again: {reason}");
        Some(
            Finding::about(NOT_REFRESHED, Severity::Blocks, &mapping.source, message).suggesting(
                "start over: `transship rollback` gives the target its own rows back, then `transship apply`",
            ),
        )
    };
    Ok(tables.filter_map(finding).collect())
}
