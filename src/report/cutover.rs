//! A cut-over as a document.

use super::layout::{columns, wrapped, wrapped_item};
use super::rehearsal::{seconds, span};
use crate::cutover::{Cutover, Expectation, HoldMeans, Rehearsed, moment};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

/// Facts of a cut-over, however it ended. `source` and `target` name both sides without a password.
#[derive(Debug, Clone, Copy)]
pub struct CutoverFacts<'a> {
    /// The spec's name.
    pub migration: &'a str,
    /// The source.
    pub source: &'a str,
    /// The target.
    pub target: &'a str,
    /// The end.
    pub outcome: CutoverOutcome,
    /// The command's exit code.
    pub exit_code: i32,
    /// The error that ended it.
    pub error: Option<&'a str>,
    /// The hold, and the moment from which it was there; `None` if it did not come to that.
    pub held: Option<(HoldMeans, Timestamp)>,
    /// A cut-over that is done.
    pub done: Option<&'a Cutover>,
    /// The expected time, and the time that there is.
    pub expectation: &'a Expectation,
    /// The evidence's files: of the refresh and of the comparison.
    pub evidence: Option<[&'a str; 2]>,
}

/// End of a cut-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoverOutcome {
    /// The application's database is the target.
    Done,
    /// It would begin (`--dry-run`).
    WouldBegin,
    /// It did not end well, and the source is as it was before: it can be written, unless it only read then.
    GivenBack,
    /// It did not end well, and the source could not be given back.
    NotGivenBack,
}

/// A cut-over as JSON. Keys may be added, never renamed; `specs/cutover.schema.json` describes them.
///
/// # Errors
/// None in practice: serde_json's interface is fallible, but these facts always serialize.
pub fn cutover_json(facts: &CutoverFacts<'_>) -> Result<String, serde_json::Error> {
    let done = facts.done;
    let hold = facts.held.map(|(means, from)| {
        json!({
            "how": means.words,
            "means": if means.is_lock { "lock" } else { "read_only" },
            "from": moment(from),
            "until": done.map(|done| moment(done.until)),
        })
    });
    let moves = done.map(|done| done.moves.as_slice()).unwrap_or_default();
    let document = json!({
        "cutover": 1,
        "migration": facts.migration,
        "outcome": facts.outcome,
        "exit_code": facts.exit_code,
        "error": facts.error,
        "source": facts.source,
        "target": facts.target,
        "hold": hold,
        "seconds": done.map(|done| done.seconds),
        "moves": moves.iter().map(|(part, seconds)| json!({ "move": part, "seconds": seconds })).collect::<Vec<_>>(),
        "window_seconds": facts.expectation.window.map(|window| window.as_secs_f64()),
        "estimated": facts.expectation.span,
        "rehearsal": facts.expectation.rehearsal,
        "evidence": facts.evidence.map(|[apply, verify]| json!({ "apply": apply, "verify": verify })),
        "notes": done.map(|done| done.notes.as_slice()).unwrap_or_default(),
    });
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// A cut-over that is done, in words. `source` and `target` name both sides without a password.
#[must_use]
pub fn cutover_text(
    migration: &str,
    cutover: &Cutover,
    expectation: &Expectation,
    source: &str,
    target: &str,
) -> String {
    let mut text = format!("Cut-over of {migration}: done; the source was held for {}.\n", seconds(cutover.seconds));
    let lines = cutover.moves.iter().map(|(part, time)| vec![part.words().to_owned(), seconds(*time)]);
    text += &(columns(lines.collect(), &[1], 2) + "\n");
    let held =
        format!("It was held from {} to {}: {}.", moment(cutover.from), moment(cutover.until), cutover.means.words);
    text += &(wrapped(&held, 2) + "\n");
    if let Some(expected) = &expectation.span {
        let words = format!("The rehearsal estimated {}; it took {}.", span(expected), seconds(cutover.seconds));
        text += &(wrapped(&words, 2) + "\n");
    }
    text += &format!("The application's database is now {target}\n");
    let rest = if cutover.means.is_lock {
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
        let rehearsal = expectation.rehearsal.as_ref().map(rehearsal_words).unwrap_or_default();
        let [likely, low, high] = [span.likely, span.low, span.high].map(seconds);
        format!("the rehearsal{rehearsal} expects {likely} ({low} to {high})")
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

/// The day of a rehearsal, and what it left out: ` of 2026-05-02 (5% of the rows, without foreign keys and checks)`.
fn rehearsal_words(rehearsal: &Rehearsed) -> String {
    let day = rehearsal.at.split('T').next().unwrap_or_default();
    let sample =
        rehearsal.sample.as_ref().map(|sample| format!("{sample} of the rows, without foreign keys and checks"));
    let source = rehearsal.other_source.as_ref().map(|source| format!("of another source, {source}"));
    let left_out = sample.into_iter().chain(source).collect::<Vec<_>>().join("; ");
    if left_out.is_empty() { format!(" of {day}") } else { format!(" of {day} ({left_out})") }
}
