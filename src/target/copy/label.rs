//! Labels of an enum.

use crate::value::BadValue;

/// Expected form of an enum's value, for [`BadValue`].
pub(super) const LABEL: &str = "a label of the enum";

/// The label that a text is; one with other small and large letters only where `any_case` takes it. The labels are sorted.
pub(super) fn of_text<'a>(labels: &'a [Box<[u8]>], text: &'a [u8], any_case: bool) -> Result<&'a [u8], BadValue> {
    if labels.binary_search_by(|label| (**label).cmp(text)).is_ok() {
        return Ok(text);
    }
    let label = in_other_case(labels, text).ok_or(BadValue::Syntax { wanted: LABEL })?;
    if any_case { Ok(label) } else { Err(BadValue::LetterCase) }
}

/// The only label that differs from a text in small and large letters alone.
fn in_other_case<'a>(labels: &'a [Box<[u8]>], text: &[u8]) -> Option<&'a [u8]> {
    let text = std::str::from_utf8(text).ok()?.to_lowercase();
    let is_alike = |label: &&[u8]| std::str::from_utf8(label).is_ok_and(|label| label.to_lowercase() == text);
    let mut alike = labels.iter().map(|label| &**label).filter(is_alike);
    alike.next().filter(|_| alike.next().is_none())
}
