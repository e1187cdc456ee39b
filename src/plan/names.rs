//! Names in the target that must not meet.

use crate::name::shorten;
use std::collections::BTreeSet;

/// The names of one PostgreSQL namespace that are taken. Tables and indexes of a schema share one
/// (PostgreSQL documentation, catalog `pg_class`); the constraints of a table share another.
#[derive(Debug, Clone, Default)]
pub struct Namespace {
    taken: BTreeSet<String>,
}

impl Namespace {
    /// Takes a name that must stay as it is; false where it was taken before.
    pub fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// Takes the wished name, or one with a number behind it where it is taken.
    pub fn take_free(&mut self, wished: &str) -> String {
        let wished = shorten(wished);
        if self.take(&wished) {
            return wished;
        }
        for number in 1_u64.. {
            let candidate = shorten(&format!("{wished}_{number}"));
            if self.take(&candidate) {
                return candidate;
            }
        }
        wished
    }
}

/// The nearest of the known words, near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, two| one.0.total_cmp(&two.0))
        .map(|(_, candidate)| candidate)
}
