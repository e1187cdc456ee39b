//! Exact spelling of stored values: SQLite compares texts, PostgreSQL their meaning.
//!
//! In texts of one spelling every letter has a fixed place, so that the equality and order of texts are those of their
//! values. Between two spellings they are not: `2024-01-15 10:00:00` comes before `2024-01-15T00:00:00`.

use super::{Cell, DateShape};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The placeholder of a digit in a layout.
const DIGIT: u8 = b'#';

/// The last hour of a day has a second spelling, which is midnight of the next.
const END_OF_DAY: &[u8] = b"24";

/// The spelling of a stored value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// A date or time as text. The layout is the text with `#` for each digit; an offset is kept in it, since texts of
    /// different offsets are not in the order of their times.
    Moment(String),
    /// A date as text, with or without a time, that no calendar has: `0000-00-00`, `2020-01-00`.
    NoDay,
    /// An integer or a real.
    Number,
    /// A UUID in 36 letters; whether it has capitals.
    Uuid {
        /// `A` to `F`, and not `a` to `f`.
        capital: bool,
    },
    /// Bytes.
    Blob,
    /// Any other text.
    Other,
}

impl Spelling {
    /// The spelling of a value; `None` for NULL.
    #[must_use]
    pub fn of(cell: Cell<'_>) -> Option<Spelling> {
        Some(match cell {
            Cell::Null => return None,
            Cell::Integer(_) | Cell::Real(_) => Spelling::Number,
            Cell::Blob(_) => Spelling::Blob,
            Cell::Text(text) => match DatePositions::of(text) {
                Some(places) if places.are_of_no_day(text) => Spelling::NoDay,
                Some(places) => Spelling::Moment(places.layout(text).map(char::from).collect()),
                None => uuid(text).map_or(Spelling::Other, |capital| Spelling::Uuid { capital }),
            },
        })
    }

    /// Whether a value has this spelling.
    #[must_use]
    pub fn is_of(&self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Spelling::Moment(layout), Cell::Text(text)) => {
                let is_laid_out =
                    |places: DatePositions| !places.are_of_no_day(text) && places.layout(text).eq(layout.bytes());
                layout.len() == text.len() && DatePositions::of(text).is_some_and(is_laid_out)
            }
            (_, cell) => Spelling::of(cell).is_some_and(|spelling| spelling == *self),
        }
    }

    /// The digits of a fraction of a second.
    #[must_use]
    pub fn fraction_digits(&self) -> usize {
        let Spelling::Moment(layout) = self else { return 0 };
        let fraction = layout.split_once('.').map_or("", |(_, fraction)| fraction);
        fraction.bytes().take_while(|letter| *letter == DIGIT).count()
    }

    /// The text of this spelling for the earliest time that begins with `text`: a date alone is before every time of
    /// its day. `None` if `text` is not the beginning of this spelling.
    #[must_use]
    pub fn completing(&self, text: &str) -> Option<String> {
        let (Spelling::Moment(whole), Some(Spelling::Moment(part))) = (self, Spelling::of(Cell::Text(text.as_bytes())))
        else {
            return None;
        };
        let rest = whole.strip_prefix(part.as_str())?;
        Some(format!("{text}{}", rest.replace(char::from(DIGIT), "0")))
    }
}

/// Parts of the text of a date or time, by their positions.
#[derive(Debug, Clone, Copy)]
struct DatePositions {
    /// Beginning of the date; `None` for a time of day.
    date: Option<usize>,
    /// Beginning of the time of day.
    time: usize,
    /// Beginning of an offset, or the end of the text.
    offset: usize,
}

impl DatePositions {
    fn of(text: &[u8]) -> Option<Self> {
        let start = text.len() - text.trim_ascii_start().len();
        let shape = DateShape::of(Cell::Text(text))?.shape;
        let time = match shape {
            DateShape::Date => return Some(Self { date: Some(start), time: text.len(), offset: text.len() }),
            DateShape::DateTime { .. } => start + 11,
            DateShape::Time { .. } => start,
            _ => return None,
        };
        let is_sign = |letter: &u8| matches!(letter, b'+' | b'-');
        let offset = text[time..].iter().position(is_sign).map_or(text.len(), |at| time + at);
        let date = matches!(shape, DateShape::DateTime { .. }).then_some(start);
        Some(Self { date, time, offset })
    }

    /// Whether the date has no month or no day.
    fn are_of_no_day(self, text: &[u8]) -> bool {
        let is_zero = |at: usize| text.get(at..at + 2) == Some(b"00");
        self.date.is_some_and(|start| is_zero(start + 5) || is_zero(start + 8))
    }

    fn layout(self, text: &[u8]) -> impl Iterator<Item = u8> {
        let Self { time, offset, .. } = self;
        let end_of_day = if text[time..].starts_with(END_OF_DAY) { time..time + END_OF_DAY.len() } else { 0..0 };
        text.iter().enumerate().map(move |(at, letter)| {
            let stays = at >= offset || end_of_day.contains(&at) || !letter.is_ascii_digit();
            if stays { *letter } else { DIGIT }
        })
    }
}

/// Whether a UUID with its four hyphens has capitals; `None` for any other text.
fn uuid(text: &[u8]) -> Option<bool> {
    let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let is_in_place = |(at, letter): (usize, &u8)| {
        if is_hyphen(at) { *letter == b'-' } else { letter.is_ascii_hexdigit() }
    };
    let is_uuid = text.len() == 36 && text.iter().enumerate().all(is_in_place);
    let (capital, small) = (text.iter().any(u8::is_ascii_uppercase), text.iter().any(u8::is_ascii_lowercase));
    (is_uuid && !(capital && small)).then_some(capital)
}

impl fmt::Display for Spelling {
    /// In words without a digit of a value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spelling::Moment(layout) => {
                let mut parts = ["YYYY", "MM", "DD", "hh", "mm", "ss"].iter();
                let time = usize::from(!layout.contains("##-##")) * 3;
                let mut parts = parts.by_ref().skip(time);
                let mut rest = layout.as_str();
                while let Some(letter) = rest.chars().next() {
                    let digits = rest.bytes().take_while(|letter| *letter == DIGIT).count();
                    if digits == 0 {
                        write!(formatter, "{letter}")?;
                        rest = &rest[letter.len_utf8()..];
                        continue;
                    }
                    match parts.next() {
                        Some(part) => formatter.write_str(part)?,
                        None => formatter.write_str(&"f".repeat(digits))?,
                    }
                    rest = &rest[digits..];
                }
                Ok(())
            }
            Spelling::NoDay => formatter.write_str("a date that no calendar has"),
            Spelling::Number => formatter.write_str("a number"),
            Spelling::Uuid { capital: false } => formatter.write_str("a UUID in small letters"),
            Spelling::Uuid { capital: true } => formatter.write_str("a UUID in capital letters"),
            Spelling::Blob => formatter.write_str("a blob"),
            Spelling::Other => formatter.write_str("other text"),
        }
    }
}

/// Words in a file for spellings without a layout.
const WORDS: [(&str, Spelling); 6] = [
    ("no day", Spelling::NoDay),
    ("number", Spelling::Number),
    ("uuid", Spelling::Uuid { capital: false }),
    ("UUID", Spelling::Uuid { capital: true }),
    ("blob", Spelling::Blob),
    ("other", Spelling::Other),
];

impl Serialize for Spelling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = WORDS.iter().find(|(_, spelling)| spelling == self).map(|(word, _)| *word);
        serializer.serialize_str(match self {
            Spelling::Moment(layout) => layout,
            _ => word.unwrap_or_default(),
        })
    }
}

impl<'de> Deserialize<'de> for Spelling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let word = WORDS.into_iter().find(|(word, _)| *word == text).map(|(_, spelling)| spelling);
        let layout = || text.contains("##").then(|| Spelling::Moment(text.clone()));
        word.or_else(layout).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no spelling")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling(text: &str) -> Spelling {
        Spelling::of(Cell::Text(text.as_bytes())).unwrap()
    }

    #[test]
    fn every_letter_that_is_no_digit_of_the_moment_counts() {
        let layout = |text: &str| match spelling(text) {
            Spelling::Moment(layout) => layout,
            other => other.to_string(),
        };
        for (text, expected) in [
            ("2024-05-01", "####-##-##"),
            ("2024-05-01 10:00", "####-##-## ##:##"),
            (" 2024-05-01T10:00:00Z ", " ####-##-##T##:##:##Z "),
            ("2024-05-01T10:00:00.120+02:00", "####-##-##T##:##:##.###+02:00"),
            ("2024-05-01 24:00:00", "####-##-## 24:##:##"),
            ("10:00:00 -05", "##:##:## -05"),
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "a UUID in small letters"),
            ("0F8FAD5B-D9CB-469F-A165-70867728950e", "other text"),
            ("0000-00-00", "a date that no calendar has"),
            ("2020-01-00 10:00:00", "a date that no calendar has"),
            ("00:00:00", "##:##:##"),
            ("yesterday", "other text"),
        ] {
            assert_eq!(layout(text), expected, "{text}");
            assert!(spelling(text).is_of(Cell::Text(text.as_bytes())), "{text}");
        }
        assert!(!spelling("2024-05-01 10:00:00").is_of(Cell::Text(b"2024-05-01 24:00:00")));
        assert!(!spelling("2024-05-01").is_of(Cell::Text(b"2024-05-00")));
        assert!(!spelling("2024-05-01 10:00:00+01").is_of(Cell::Text(b"2024-05-01 10:00:00+02")));
        assert_eq!(spelling("2024-05-01T10:00:00.120+02:00").to_string(), "YYYY-MM-DDThh:mm:ss.fff+02:00");
        assert_eq!(spelling("10:00:00.5").to_string(), "hh:mm:ss.f");
    }

    #[test]
    fn the_beginning_of_a_text_stands_for_its_first_moment() {
        let stored = spelling("2024-05-01T10:00:00.123Z");
        assert_eq!(stored.completing("2024-05-01").as_deref(), Some("2024-05-01T00:00:00.000Z"));
        assert_eq!(stored.completing("2024-05-01T10:00:00.7").as_deref(), Some("2024-05-01T10:00:00.700Z"));
        assert_eq!(stored.completing("2024-05-01 10:00"), None);
        assert_eq!(stored.completing("2024-05-01T10:00Z"), None);
        assert_eq!(stored.completing("2024"), None);
    }

    #[test]
    fn a_file_has_it_back() {
        for written in [
            spelling("2024-05-01"),
            spelling("10:00"),
            Spelling::NoDay,
            Spelling::Uuid { capital: true },
            Spelling::Other,
        ] {
            let json = serde_json::to_string(&written).unwrap();
            assert_eq!(serde_json::from_str::<Spelling>(&json).unwrap(), written, "{json}");
        }
        assert!(serde_json::from_str::<Spelling>("\"soon\"").is_err());
    }
}
