//! Notes of a translation beside its text.

use super::{EXCESSES, RangeExcess, Translated, Untranslatable};
use std::cell::{Cell, RefCell};

/// Limit on nested operators. The parser's own limit does not count them, since it reads a chain in a loop.
const DEPTH: usize = 6_000;

/// Notes about a translation.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    /// It depends on the clock or on settings, which PostgreSQL allows neither in indexes nor in generated columns.
    pub(crate) is_stable: Cell<bool>,
    /// It reads the clock.
    pub(crate) reads_clock: Cell<bool>,
    /// It sums `numeric`, exactly, while the source has binary floating point.
    pub(crate) is_exact: Cell<bool>,
    /// Reason why the answer is not determined in the source either: a choice of rows that no order decides.
    pub(crate) undetermined: RefCell<Option<String>>,
    /// Number of enums that it reads as text, which PostgreSQL allows neither in indexes nor in generated columns: a label can be
    /// renamed.
    pub(crate) enums_as_text: Cell<u32>,
    /// Parts that may leave the range of their type on the stored data; the first few only.
    pub(crate) excesses: RefCell<Vec<RangeExcess>>,
    /// Present depth in the expression.
    depth: Cell<usize>,
}

impl Remarks {
    /// The text; an error if it depends on clock or settings.
    pub(crate) fn immutable(&self, text: String) -> Translated {
        if self.is_stable.get() {
            let reason = "it depends on the clock or on the format of dates, which PostgreSQL does not allow here";
            return Err(Untranslatable(reason.to_owned()));
        }
        Ok(text)
    }

    /// Notes that the answer takes some of several rows that no order tells apart.
    pub(crate) fn leaves_open(&self, reason: impl FnOnce() -> String) {
        self.undetermined.borrow_mut().get_or_insert_with(reason);
    }

    /// Notes a part that may leave its range, up to the limit.
    pub(crate) fn note_excess(&self, excess: impl FnOnce() -> RangeExcess) {
        let mut excesses = self.excesses.borrow_mut();
        if excesses.len() < EXCESSES {
            excesses.push(excess());
        }
    }

    /// Writes one level deeper.
    pub(crate) fn deeper<T>(&self, write: impl FnOnce() -> Result<T, Untranslatable>) -> Result<T, Untranslatable> {
        let depth = self.depth.get();
        if depth > DEPTH {
            return Err(Untranslatable(format!("it has more than {DEPTH} operators one inside another")));
        }
        self.depth.set(depth + 1);
        let written = write();
        self.depth.set(depth);
        written
    }
}
