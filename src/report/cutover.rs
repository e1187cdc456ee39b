//! A cut-over as a document.

use super::layout::{columns, wrapped_item};
use super::rehearsal::seconds;
use crate::cutover::{Cutover, Expectation};

/// A cut-over that is done, in words. `source` and `target` name both sides without a password.
#[must_use]
pub fn cutover_text(migration: &str, cutover: &Cutover, source: &str, target: &str) -> String {
    let mut text = format!("Cut-over of {migration}: done; the source stood still for {}.\n", seconds(cutover.seconds));
    let lines = cutover.moves.iter().map(|(part, time)| vec![part.words().to_owned(), seconds(*time)]);
    text += &(columns(lines.collect(), &[1], 2) + "\n");
    text += &format!("The application's database is now {target}\n");
    let rest = if cutover.is_free {
        format!("{source} can be written again, and nothing of that gets into the target: stop what still uses it.")
    } else {
        format!(
            "{source} only reads, and stays so until it is restarted (its option file can say `read_only`), or until \
             `transship cutover SPEC --release`."
        )
    };
    text += &(wrapped_item(&rest, 2) + "\n");
    cutover.notes.iter().for_each(|note| text += &(wrapped_item(note, 2) + "\n"));
    text
}

/// The expected time beside the time that there is, in a sentence.
#[must_use]
pub fn expectation_text(expectation: &Expectation) -> String {
    let window = expectation.window.map(|window| seconds(window.as_secs_f64()));
    let expected = expectation.span.map(|span| {
        format!("the rehearsal expects {} ({} to {})", seconds(span.likely), seconds(span.low), seconds(span.high))
    });
    match (expected, window) {
        (Some(expected), Some(window)) => format!("{expected}, and the window is {window}"),
        (Some(expected), None) => expected,
        (None, Some(window)) => {
            format!("the window is {window}, and no rehearsal says how long it takes: `transship rehearse SPEC`")
        }
        (None, None) => "no rehearsal says how long it takes: `transship rehearse SPEC`".to_owned(),
    }
}
