//! Numbers, text, bytes, identifiers and documents as the source writes them.

use super::document::{dense, escaped};
use super::habit::{Habit, TextForm};
use crate::catalog::ColumnType;
use crate::value::{OwnedCell, Reading};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) fn boolean(truth: bool, habit: &Habit) -> Vec<OwnedCell> {
    let number = OwnedCell::Integer(i64::from(truth));
    let mut words = habit.words.iter().collect::<Vec<_>>();
    words.sort_by_key(|(_, seen)| std::cmp::Reverse(**seen));
    // Words of the other truth are refused when they are read back.
    let words = words.into_iter().map(|(word, _)| OwnedCell::Text(word.clone()));
    // Of a pair of which one word was seen: the other one.
    let pairs = [
        ("true", "false"),
        ("True", "False"),
        ("TRUE", "FALSE"),
        ("t", "f"),
        ("T", "F"),
        ("yes", "no"),
        ("Yes", "No"),
        ("Y", "N"),
        ("y", "n"),
        ("on", "off"),
        ("1", "0"),
    ];
    let is_seen = |word: &str| habit.words.contains_key(word.as_bytes());
    let others = pairs.iter().filter(|(yes, no)| is_seen(yes) || is_seen(no));
    let others = others.map(|(yes, no)| OwnedCell::text(if truth { *yes } else { *no }));
    let texts = words.chain(others).collect::<Vec<_>>();
    if habit.texts > habit.integers + habit.reals {
        texts.into_iter().chain([number]).collect()
    } else {
        std::iter::once(number).chain(texts).collect()
    }
}

pub(super) fn integer(number: i64, habit: &Habit) -> Vec<OwnedCell> {
    #[expect(clippy::cast_precision_loss, reason = "the result is read again")]
    by_habit(habit, Some(OwnedCell::Integer(number)), Some(OwnedCell::Real(number as f64)), number.to_string())
}

pub(super) fn single(number: f32, habit: &Habit) -> Vec<OwnedCell> {
    // The shortest decimal before the exact number: applications wrote the former.
    let shortest = number.to_string().parse().unwrap_or(f64::from(number));
    let mut cells = double(shortest, habit);
    cells.extend(double(number.into(), habit));
    cells
}

pub(super) fn double(number: f64, habit: &Habit) -> Vec<OwnedCell> {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of fewer than 53 bits")]
    let whole = (number.fract() == 0.0 && number.abs() < 9e15).then_some(OwnedCell::Integer(number as i64));
    if habit.integers > habit.reals + habit.texts {
        return by_habit(habit, whole, Some(OwnedCell::Real(number)), number.to_string());
    }
    let mut cells = by_habit(habit, None, Some(OwnedCell::Real(number)), number.to_string());
    cells.extend(whole);
    cells
}

/// A number; as text only if the column takes that.
pub(super) fn number(words: &str, habit: &Habit, takes_text: bool) -> Vec<OwnedCell> {
    let (before, fraction) = words.split_once('.').unwrap_or((words, ""));
    let whole = fraction.bytes().all(|digit| digit == b'0').then(|| before.parse().ok()).flatten();
    let real = words.parse::<f64>().ok().filter(|number| number.is_finite()).map(OwnedCell::Real);
    let mut cells = by_habit(habit, whole.map(OwnedCell::Integer), real, words.to_owned());
    cells.retain(|cell| takes_text || !matches!(cell, OwnedCell::Text(_)));
    cells
}

/// The bytes of a number's bits where no integer holds it: a double is other bits, and so is a text of its digits.
pub(super) fn bits(words: &str) -> Option<OwnedCell> {
    let number = words.parse::<u64>().ok().filter(|number| i64::try_from(*number).is_err())?;
    Some(OwnedCell::Blob(number.to_be_bytes().to_vec()))
}

/// The spellings of a number, those of the most frequent class first.
fn by_habit(habit: &Habit, whole: Option<OwnedCell>, real: Option<OwnedCell>, text: String) -> Vec<OwnedCell> {
    let mut classes = [(habit.integers, whole), (habit.reals, real), (habit.texts, Some(OwnedCell::text(text)))];
    // A stable sort: unseen classes stay in this order.
    classes.sort_by_key(|(seen, _)| std::cmp::Reverse(*seen));
    classes.into_iter().filter_map(|(_, cell)| cell).collect()
}

pub(super) fn text(text: &[u8], reading: Reading, habit: &Habit) -> Vec<OwnedCell> {
    let plain = OwnedCell::Text(text.to_vec());
    let number = || {
        let text = std::str::from_utf8(text).ok()?;
        let whole = text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(OwnedCell::Integer);
        whole.or_else(|| text.parse().ok().map(OwnedCell::Real))
    };
    match reading {
        Reading::DoubleUtf8 => vec![twice_encoded(text), plain],
        Reading::MixedUtf8 => vec![plain, twice_encoded(text)],
        Reading::Literal => of_literal(text),
        Reading::Utf8 if habit.blobs > habit.texts => vec![OwnedCell::Blob(text.to_vec()), plain],
        _ if habit.integers + habit.reals > habit.texts => number().into_iter().chain([plain]).collect(),
        _ => vec![plain],
    }
}

/// Text as it looks after its bytes were taken for Windows-1252.
fn twice_encoded(text: &[u8]) -> OwnedCell {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let letter = |byte: &u8| match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    };
    OwnedCell::text(text.iter().map(letter).collect::<String>())
}

/// The value of a literal of SQLite, as `quote()` writes it.
pub(super) fn of_literal(literal: &[u8]) -> Vec<OwnedCell> {
    let bytes =
        |digits: &str| digits.strip_prefix("X'")?.strip_suffix('\'').and_then(|digits| hex::decode(digits).ok());
    let Ok(text) = std::str::from_utf8(literal) else { return Vec::new() };
    let cell = if text == "NULL" {
        Some(OwnedCell::Null)
    } else if let Some(quoted) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(OwnedCell::text(quoted.replace("''", "'")))
    } else if let Some(cast) = text.strip_prefix("CAST(").and_then(|text| text.strip_suffix(" AS TEXT)")) {
        bytes(cast).map(OwnedCell::Text)
    } else if text.starts_with("X'") {
        bytes(text).map(OwnedCell::Blob)
    } else if let Ok(number) = text.parse::<i64>() {
        Some(OwnedCell::Integer(number))
    } else {
        text.parse().ok().map(OwnedCell::Real)
    };
    cell.into_iter().collect()
}

pub(super) fn bytes(bytes: &[u8], reading: Reading, habit: &Habit) -> Vec<OwnedCell> {
    let blob = OwnedCell::Blob(bytes.to_vec());
    let text = match reading {
        Reading::Hex => {
            let form = habit.forms().first().copied();
            let digits = hex::encode(bytes);
            Some(OwnedCell::text(match form {
                Some(TextForm::Hexadecimal { capitals: true, .. }) => digits.to_uppercase(),
                Some(TextForm::Backslash) => format!("\\x{digits}"),
                Some(TextForm::ZeroX) => format!("0x{digits}"),
                _ => digits,
            }))
        }
        Reading::Base64 => Some(OwnedCell::text(STANDARD.encode(bytes))),
        Reading::Utf8 => Some(OwnedCell::Text(bytes.to_vec())),
        _ => None,
    };
    match text {
        Some(text) if habit.blobs <= habit.texts && (habit.texts > 0 || reading != Reading::Utf8) => vec![text, blob],
        text => std::iter::once(blob).chain(text).collect(),
    }
}

pub(super) fn uuid(bytes: [u8; 16], reading: Reading, habit: &Habit) -> Vec<OwnedCell> {
    let uuid = uuid::Uuid::from_bytes(bytes);
    let text = |form: Option<TextForm>| {
        let (hyphens, braces, capitals) = match form {
            Some(TextForm::Hexadecimal { hyphens, braces, capitals }) => (hyphens, braces, capitals),
            _ => (true, false, false),
        };
        let digits = if hyphens { uuid.hyphenated().to_string() } else { uuid.simple().to_string() };
        let digits = if capitals { digits.to_uppercase() } else { digits };
        OwnedCell::text(if braces { format!("{{{digits}}}") } else { digits })
    };
    let blob = match reading {
        Reading::Guid => Some(uuid.to_bytes_le().to_vec()),
        Reading::Swapped => {
            let [l1, l2, l3, l4, m1, m2, h1, h2, rest @ ..] = bytes;
            Some([&[h1, h2, m1, m2, l1, l2, l3, l4][..], &rest].concat())
        }
        Reading::Uuid => Some(bytes.to_vec()),
        _ => None,
    };
    let (text, blob) = (text(habit.forms().first().copied()), blob.map(OwnedCell::Blob));
    match blob {
        Some(blob) if habit.texts <= habit.blobs => vec![blob, text],
        blob => std::iter::once(text).chain(blob).collect(),
    }
}

/// A document; `is_loose` if its text is the target's own, of which spaces and order say nothing.
pub(super) fn document(text: &[u8], habit: &Habit, is_loose: bool) -> Vec<OwnedCell> {
    let is_dense = is_loose && habit.prefers(TextForm::DenseJson, TextForm::SpacedJson);
    let written = if is_dense { dense(text) } else { text.to_vec() };
    let is_escaped = is_loose && habit.prefers(TextForm::EscapedJson, TextForm::PlainJson);
    let written = if is_escaped { escaped(written) } else { written };
    let mut cells = Vec::new();
    if habit.blobs > habit.texts {
        cells.push(OwnedCell::Blob(written.clone()));
    }
    if habit.integers + habit.reals > habit.texts {
        cells.extend(
            self::text(text, Reading::Stored, habit).into_iter().filter(|cell| !matches!(cell, OwnedCell::Text(_))),
        );
    }
    cells.push(OwnedCell::Text(written));
    cells
}

pub(super) fn interval(days: i32, microseconds: i64, is_counted: bool, habit: &Habit) -> Vec<OwnedCell> {
    if is_counted {
        let all = (i64::from(days) * super::DAY).checked_add(microseconds);
        return all.map(OwnedCell::Integer).into_iter().collect();
    }
    let (sign, all) = (if microseconds < 0 { "-" } else { "" }, microseconds.unsigned_abs());
    let (seconds, fraction) = (all / 1_000_000, all % 1_000_000);
    let mut time = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction > 0 {
        time += format!(".{fraction:06}").trim_end_matches('0');
    }
    let word = if days.abs() == 1 { "day" } else { "days" };
    let comma = if habit.forms.contains_key(&TextForm::DaysAndComma) { "," } else { "" };
    let mut cells = vec![OwnedCell::text(if days == 0 { time } else { format!("{days} {word}{comma} {time}") })];
    // In hours alone, as a column that holds no days has it.
    if days != 0
        && let Some(all) = (i64::from(days) * super::DAY).checked_add(microseconds)
    {
        cells.extend(interval(0, all, false, habit));
    }
    cells
}

/// The elements of an array or a vector, as the source keeps them: texts with commas between them, numbers in four bytes.
pub(super) fn elements(field: &[u8], column_type: &ColumnType) -> Option<OwnedCell> {
    let number = |at: usize| Some(i32::from_be_bytes(field.get(at..at + 4)?.try_into().ok()?));
    let turned = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<_>>();
    if let ColumnType::Vector(_) = column_type {
        return Some(OwnedCell::Blob(field.get(4..)?.chunks(4).flat_map(turned).collect()));
    }
    // Dimensions, whether there are NULLs, the type; length and lower bound of the only dimension.
    let is_empty = number(0)? == 0;
    let (mut at, mut elements) = (20, Vec::new());
    while !is_empty && at < field.len() {
        let length = usize::try_from(number(at)?).ok()?;
        elements.push(field.get(at + 4..at + 4 + length)?);
        at += 4 + length;
    }
    Some(match column_type {
        ColumnType::RealArray => OwnedCell::Blob(elements.into_iter().flat_map(turned).collect()),
        _ => OwnedCell::Text(elements.join(&b","[..])),
    })
}
