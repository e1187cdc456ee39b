//! Notes that a translation takes on its way.

use super::{EXCESSES, Excess, Translated, Untranslatable};
use std::cell::{Cell, RefCell};

/// Operators one inside another, at most. The parser's own limit does not count them, for it reads a chain in a loop.
const DEPTH: usize = 6_000;

/// Notes about a translation beside its text.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    /// It depends on the clock or on settings, which PostgreSQL allows neither in indexes nor in generated columns.
    pub(crate) is_stable: Cell<bool>,
    /// It reads the clock.
    pub(crate) reads_clock: Cell<bool>,
    /// It sums `numeric`, exactly, where the source has binary floating point.
    pub(crate) is_exact: Cell<bool>,
    /// Why the answer is not one and the same in the source either: rows that no order decides about.
    pub(crate) undetermined: RefCell<Option<String>>,
    /// Parts that leave the range of their type on the data there are, the first few of them.
    pub(crate) excesses: RefCell<Vec<Excess>>,
    /// How deep the translator is in the expression.
    depth: Cell<usize>,
}

impl Remarks {
    /// The text, where it depends on neither clock nor settings.
    pub(crate) fn immutable(&self, text: String) -> Translated {
        if self.is_stable.get() {
            let reason = "it depends on the clock or on the format of dates, which PostgreSQL does not allow here";
            return Err(Untranslatable(reason.to_owned()));
        }
        Ok(text)
    }

    /// Notes that rows of the answer are taken that nothing decides about.
    pub(crate) fn leaves_open(&self, reason: impl FnOnce() -> String) {
        self.undetermined.borrow_mut().get_or_insert_with(reason);
    }

    /// Notes a part that may leave its range, unless enough of them are known.
    pub(crate) fn note_excess(&self, excess: impl FnOnce() -> Excess) {
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
