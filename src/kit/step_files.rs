//! The files of SQL that a spec names for its steps.

use super::Overlay;
use crate::spec::WrittenSpec;
use std::ops::Range;

/// The files that a spec names for its steps, in each of its environments: for the kit's copy is used with any of them.
#[must_use]
pub fn step_files<'a>(written: &'a WrittenSpec, overlays: &'a [Overlay]) -> Vec<&'a (Range<usize>, String)> {
    let of_overlays = overlays.iter().flat_map(|overlay| &overlay.written.step_files);
    let mut files = written.step_files.iter().chain(of_overlays).collect::<Vec<_>>();
    files.sort_by_key(|(place, _)| place.start);
    files.dedup_by_key(|(place, _)| place.start);
    files
}
