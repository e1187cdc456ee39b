//! Zeros at the end of a number's fraction: PostgreSQL keeps them in a `numeric` without a scale of its own, 1.10 beside 1.1, and
//! compares without them.

use super::number::{Number, shown_in_full};
use super::{ColumnMeaning, MeaningKind};

/// Whether the zeros at the end of a number's fraction count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// 1.10 is another value than 1.1: what was copied has to be as it was written.
    Counts,
    /// The two are one value, as in every comparison of SQL.
    Forgotten,
}

impl Scale {
    #[inline]
    pub(super) fn of(self, number: Number<'_>) -> Number<'_> {
        match self {
            Scale::Counts => number,
            Scale::Forgotten => shown_in_full(number),
        }
    }
}

impl ColumnMeaning {
    /// The same meaning, to which the zeros at the end of a number's fraction are no part of the value.
    #[must_use]
    pub fn without_scale(mut self) -> Self {
        if let MeaningKind::Numeric { scale, .. } = &mut self.kind {
            *scale = Scale::Forgotten;
        }
        self
    }
}

/// A `numeric` in the target's binary format in words, with its scale; `None` for other bytes.
pub(crate) fn words_of_numeric(field: &[u8]) -> Option<String> {
    Number::of_field(field, &mut Vec::new()).map(|number| number.words())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ColumnType;
    use crate::proof::meaning::{Room, Value};
    use crate::value::{Cell, Forgetting, Reading};
    use jiff::tz::TimeZone;

    #[test]
    fn zeros_at_the_end_count_unless_they_are_forgotten() {
        let numeric = ColumnType::Numeric(None);
        let meaning = ColumnMeaning::new(&numeric, Reading::Stored, &TimeZone::UTC, Forgetting::default()).unwrap();
        let bytes = |meaning: &ColumnMeaning, text: &str| {
            let (mut room, mut out) = (Room::default(), Vec::new());
            meaning
                .source(Cell::Text(text.as_bytes()), &mut room)
                .as_ref()
                .map(|value| Value::append(value, &mut out))
                .unwrap();
            out
        };
        assert_ne!(bytes(&meaning, "1.10"), bytes(&meaning, "1.1"));
        let meaning = meaning.without_scale();
        for (one, other) in
            [("1.10", "1.1"), ("100.00", "100"), ("0.00", "0"), ("-12345678901234567890.50", "-12345678901234567890.5")]
        {
            assert_eq!(bytes(&meaning, one), bytes(&meaning, other));
        }
        assert_ne!(bytes(&meaning, "1.01"), bytes(&meaning, "1.1"));
        // One group of four digits, 1; the scale is two.
        assert_eq!(words_of_numeric(&[0, 1, 0, 0, 0, 0, 0, 2, 0, 1]).as_deref(), Some("1.00"));
    }
}
