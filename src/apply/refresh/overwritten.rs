//! Chunks whose rows others have changed in the target, whatever the source has done: with `--overwrite-changes` these are
//! copied again like the ones that the source has changed.

use super::change::RowChange;
use super::copied::{CopiedChunks, Loads, replaced};
use crate::plan::Plan;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::Session;
use crate::target::ledger::ChunkRow;
use std::collections::{BTreeMap, BTreeSet};

/// The chunks among these, by source table. In tables that also hold the application's own rows, rows of an unknown
/// writer are left alone: no option permits their removal.
pub(super) async fn overwritten(
    session: &Session,
    spec: &Spec,
    plan: &Plan,
    chunks: &BTreeMap<String, Vec<ChunkRow>>,
    loads: &Loads,
    is_present: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, BTreeSet<i32>>, ExecuteError> {
    let mut found = BTreeMap::new();
    for (source, chunks) in chunks {
        let Some(mapping) = plan.copied(source).filter(|mapping| is_present(&mapping.target)) else { continue };
        let has_changed = async |chunks: &[&ChunkRow]| {
            let copied = CopiedChunks::of(spec, mapping, chunks, loads);
            let change = RowChange::of(&copied, copied.read_rows_in_place(session).await?);
            Ok::<_, ExecuteError>(change.is_some_and(|change| change.blocks && change.may_overwrite))
        };
        let all = replaced(mapping, chunks, |_| true);
        if all.is_empty() || !has_changed(&all).await? {
            continue;
        }
        let mut ordinals = BTreeSet::new();
        for chunk in &all {
            // Without an exact key no chunk's rows can be told from another's.
            if mapping.exact_key().is_none() || has_changed(&[*chunk]).await? {
                ordinals.insert(chunk.ordinal);
            }
        }
        found.insert(source.clone(), ordinals);
    }
    Ok(found)
}
