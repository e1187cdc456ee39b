//! The layout of a date or time in text, and dates and times written by one.

use crate::value::{Cell, Spelling};
use jiff::civil::DateTime;

/// The placeholder of a digit.
const DIGIT: char = '#';

/// A layout of text without the fraction of a second: `####-##-## ##:##:##` before it, an offset such as `Z` behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TextLayout {
    before: String,
    behind: String,
}

impl TextLayout {
    /// The layout of a text, the digits of its fraction, and whether that is zero; `None` for a text that is no date or time,
    /// or an end of a day (24:00).
    pub(super) fn of(text: &[u8]) -> Option<(Self, usize, bool)> {
        let spelling = Spelling::of(Cell::Text(text))?;
        let digits = spelling.fraction_digits();
        let Spelling::Moment(whole) = spelling else { return None };
        if whole.contains("24:") {
            return None;
        }
        let (before, behind) = match whole.split_once('.') {
            Some((before, rest)) => (before.to_owned(), rest.trim_start_matches(DIGIT).to_owned()),
            None => {
                let end = whole.rfind(DIGIT).map_or(0, |at| at + 1);
                (whole[..end].to_owned(), whole[end..].to_owned())
            }
        };
        let fraction = text.iter().position(|byte| *byte == b'.').map_or(&[][..], |at| &text[at + 1..]);
        let is_zero = fraction.iter().take(digits).all(|digit| *digit == b'0');
        Some((Self { before, behind }, digits, is_zero))
    }

    /// A layout as it is written.
    pub(super) fn written(before: &str, behind: &str) -> Self {
        Self { before: before.to_owned(), behind: behind.to_owned() }
    }

    /// The same layout with the seconds that it leaves out; `None` for one that has them, or no time.
    pub(super) fn with_seconds(&self) -> Option<Self> {
        let is_short = !self.has_seconds() && self.before.ends_with("##:##");
        is_short.then(|| Self { before: format!("{}:##", self.before), behind: self.behind.clone() })
    }

    /// The offset from UTC in seconds: `Some(None)` for a layout without one, `None` for one that cannot be read.
    pub(super) fn offset(&self) -> Option<Option<i32>> {
        let text = self.behind.trim();
        if text.is_empty() {
            return Some(None);
        }
        if text.eq_ignore_ascii_case("z") {
            return Some(Some(0));
        }
        let sign = match text.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        let digits = text[1..].chars().filter(|letter| *letter != ':').collect::<String>();
        let part = |from: usize| match digits.get(from..from + 2) {
            Some(two) => two.parse::<i32>().ok(),
            None => (digits.len() <= from).then_some(0),
        };
        Some(Some(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?)))
    }

    /// The same layout with another offset, written as this one is; `None` if this one has no digits of an offset.
    pub(super) fn with_offset(&self, seconds: i32) -> Option<Self> {
        let at = self.behind.find(['+', '-'])?;
        let (has_colon, is_long) = (self.behind.contains(':'), self.behind.trim().len() > 3);
        let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
        let (hours, minutes) = (all / 3600, all / 60 % 60);
        let colon = if has_colon { ":" } else { "" };
        let offset = match (is_long, minutes, all % 60) {
            (_, _, 1..) => return None,
            (false, 0, _) => format!("{sign}{hours:02}"),
            (false, ..) => return None,
            (true, ..) => format!("{sign}{hours:02}{colon}{minutes:02}"),
        };
        Some(Self { before: self.before.clone(), behind: format!("{}{offset}", &self.behind[..at]) })
    }

    /// Whether it has the day.
    fn has_date(&self) -> bool {
        self.before.contains("####-##-##")
    }

    /// Whether it has seconds, which a fraction follows.
    fn has_seconds(&self) -> bool {
        self.before.contains("##:##:##")
    }

    /// A date and time written so, with so many digits of fraction; `None` if a part of it that is not zero has no place.
    pub(super) fn write(&self, local: DateTime, digits: usize) -> Option<String> {
        let year = u32::try_from(local.year()).ok().filter(|year| *year <= 9999)?;
        let date = format!("{year:04}{:02}{:02}", local.month(), local.day());
        let time = format!("{:02}{:02}{:02}", local.hour(), local.minute(), local.second());
        let nanoseconds = format!("{:09}", local.subsec_nanosecond());
        if digits > 0 && !self.has_seconds() {
            return None;
        }
        let mut rest = if self.has_date() { date + &time } else { time };
        let mut text = String::new();
        for letter in self.before.chars() {
            match letter {
                DIGIT if rest.is_empty() => return None,
                DIGIT => text.push(rest.remove(0)),
                letter => text.push(letter),
            }
        }
        let (shown, cut) = nanoseconds.split_at_checked(digits).unwrap_or((&nanoseconds, ""));
        if rest.chars().chain(cut.chars()).any(|digit| digit != '0') {
            return None;
        }
        if digits > 0 {
            text.push('.');
            text.push_str(shown);
            text.extend(std::iter::repeat_n('0', digits.saturating_sub(nanoseconds.len())));
        }
        Some(text + &self.behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_others_are() {
        let moment = jiff::civil::date(2024, 3, 5).at(7, 8, 9, 120_000_000);
        for (like, digits, expected) in [
            ("2020-01-01 00:00:00.000", 3, Some("2024-03-05 07:08:09.120")),
            ("2020-01-01T00:00:00Z", 2, Some("2024-03-05T07:08:09.12Z")),
            ("2020-01-01T00:00:00+02:00", 6, Some("2024-03-05T07:08:09.120000+02:00")),
            ("2020-01-01 00:00:00", 0, None),
            ("2020-01-01 00:00", 0, None),
            ("00:00:00.5", 1, None),
            ("00:00:00.5", 2, Some("07:08:09.12")),
        ] {
            let (layout, ..) = TextLayout::of(like.as_bytes()).unwrap();
            assert_eq!(layout.write(moment, digits).as_deref(), expected, "{like}");
        }
        let offset = |like: &str| TextLayout::of(like.as_bytes()).unwrap().0;
        assert_eq!(offset("2020-01-01T00:00:00Z").offset(), Some(Some(0)));
        assert_eq!(offset("2020-01-01T00:00:00-0530").offset(), Some(Some(-19_800)));
        assert_eq!(offset("2020-01-01").offset(), Some(None));
        let longer = offset("2020-01-01T00:00Z").with_seconds().unwrap();
        assert_eq!(longer.write(moment, 2).as_deref(), Some("2024-03-05T07:08:09.12Z"));
        assert_eq!(longer.with_seconds(), None);
        let moved = offset("2020-01-01T00:00:00.1+02:00").with_offset(3600).unwrap();
        assert_eq!(moved.write(moment, 2).as_deref(), Some("2024-03-05T07:08:09.12+01:00"));
    }
}
