//! Numbers in print, to be compared digit by digit, without an allocation for each.

use std::fmt::Write as _;

/// Vector as a target of `write!`.
pub(super) struct Bytes<'a>(pub(super) &'a mut Vec<u8>);

impl std::fmt::Write for Bytes<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Printed number, without an allocation: a double takes at most 24 bytes with the digits that it needs.
pub(super) struct Printed {
    buffer: [u8; 32],
    length: usize,
}

impl Printed {
    pub(super) fn of(number: std::fmt::Arguments<'_>) -> Self {
        let mut printed = Self { buffer: [0; 32], length: 0 };
        // Text that exceeds the buffer is no number; its rest is dropped.
        let _too_long = printed.write_fmt(number);
        printed
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl std::fmt::Write for Printed {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        self.buffer.get_mut(self.length..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
