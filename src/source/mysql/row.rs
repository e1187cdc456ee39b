//! One row of an answer.

use super::client::PacketWalk;
use crate::value::Cell;

/// One row, valid until the next one is read.
#[derive(Debug)]
pub struct Row<'row> {
    values: PacketWalk<'row>,
    /// The positions of the key's columns among the values.
    key: &'row [usize],
}

impl<'row> Row<'row> {
    /// A row whose key is made of the values at these positions.
    #[inline]
    pub(super) fn new(values: PacketWalk<'row>, key: &'row [usize]) -> Self {
        Self { values, key }
    }

    /// The positions of the key's columns, in the key's order.
    #[inline]
    pub(in crate::source) fn key_positions(&self) -> &'row [usize] {
        self.key
    }

    /// Whether the text at `position` is the digits of a number.
    #[must_use]
    pub(in crate::source) fn is_number_in_text(&self, position: usize) -> bool {
        self.values.is_number_in_text(position)
    }

    /// The value at `position`.
    #[inline]
    pub(in crate::source) fn cell(&self, position: usize) -> Cell<'row> {
        self.values.cell(position)
    }
}
