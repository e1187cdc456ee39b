//! Values whose meaning PostgreSQL itself says: the text of the source, and what the target makes of it.

use super::float;
use super::text::characters;
use super::unfit::{ALTERED, CLASS, NOT_READ, Unfit};
use super::value::{ConvertedBytes, Value};
use crate::value::{Cell, Reading};
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// Answer of the target about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetText {
    /// The value as PostgreSQL writes it.
    Made(String),
    /// PostgreSQL does not read it as the type.
    Refused,
    /// PostgreSQL reads it and would round or cut it.
    Altered,
}

impl TargetText {
    /// The answer by the value that is made of a text, and whether it is whole.
    pub(crate) fn of(made: Option<(String, bool)>) -> Self {
        match made {
            None => TargetText::Refused,
            Some((made, true)) => TargetText::Made(made),
            Some((_, false)) => TargetText::Altered,
        }
    }
}

/// Answers about the values of some rows, by column. What PostgreSQL writes as it is read is not kept.
#[derive(Default)]
pub(crate) struct TargetTexts(HashMap<(usize, u128), TargetText>);

impl TargetTexts {
    /// Notes an answer.
    pub(crate) fn note(&mut self, column: usize, text: &str, answer: TargetText) {
        if !matches!(&answer, TargetText::Made(made) if made == text) {
            self.0.insert((column, xxh3_128(text.as_bytes())), answer);
        }
    }
}

/// Text of a stored value, about which the target is asked; `None` for NULL and for what is no text.
pub(crate) fn answerless_text(cell: Cell<'_>, reading: Reading) -> Option<String> {
    let mut made = ConvertedBytes::default();
    let text = text_of(cell, reading == Reading::Utf8, &mut made).ok()?;
    String::from_utf8(text.to_vec()).ok()
}

fn text_of<'a>(cell: Cell<'a>, blobs: bool, made: &'a mut ConvertedBytes) -> Result<&'a [u8], Unfit> {
    match cell {
        Cell::Text(text) => characters(text),
        Cell::Blob(bytes) if blobs => characters(bytes),
        Cell::Integer(_) | Cell::Real(_) => {
            made.begin();
            float::write_number(cell, made);
            Ok(made.kept())
        }
        Cell::Null | Cell::Blob(_) => Err(CLASS),
    }
}

/// Meaning of a stored value of the column at this position.
pub(super) fn of_stored<'a>(
    cell: Cell<'a>,
    (column, blobs): (usize, bool),
    answers: &'a TargetTexts,
    made: &'a mut ConvertedBytes,
) -> Result<Value<'a>, Unfit> {
    let text = text_of(cell, blobs, made)?;
    match answers.0.get(&(column, xxh3_128(text))) {
        None => Ok(Value::Text(text)),
        Some(TargetText::Made(made)) => Ok(Value::Text(made.as_bytes())),
        Some(TargetText::Altered) => Err(ALTERED),
        Some(TargetText::Refused) => Err(NOT_READ),
    }
}
