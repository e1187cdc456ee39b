//! A bench as text, as JSON and as a page with charts.

mod chart;
mod page;
mod text;

pub use page::bench_html;
pub use text::bench_text;

use crate::bench::{AnswerDifference, AnswerDifferenceKind, Bench, BenchResult, Suggestion};
use crate::report::layout::{count, counted, size};

/// A bench as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but a bench always serializes.
pub fn bench_json(bench: &Bench) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(bench).map(|text| text + "\n")
}

/// The whole in a sentence.
fn verdict(bench: &Bench) -> String {
    let all = bench.questions.len() as u64;
    let failed = bench.questions.iter().filter(|question| !question.passed()).count() as u64;
    let questions = counted(all, "question", "questions");
    match (bench.interrupted, failed) {
        (true, _) => format!("interrupted; what was measured of {questions} is below"),
        (false, 0) if bench.questions.iter().all(|question| question.not_compared.is_empty()) => {
            format!("{questions}: equal answers, and every budget is met")
        }
        (false, 0) => {
            format!("{questions}: equal answers in all columns that can be compared, and every budget is met")
        }
        (false, failed) => format!("{} of {questions} did not pass", count(failed)),
    }
}

/// The answers of a question in a sentence.
fn answers(question: &BenchResult) -> String {
    if let Some(reason) = &question.refused {
        return format!("not measured: {reason}");
    }
    let order = if question.in_order { ", in order" } else { "" };
    let asked = match question.parameter_rows {
        0 => String::new(),
        rows => format!(" with {} of {} parameters", count(question.compared), count(rows)),
    };
    match question.equal {
        Some(true) => {
            let left_out = match question.not_compared.as_slice() {
                [] => String::new(),
                columns => format!(" in all columns but {}", columns.join(", ")),
            };
            format!("equal answers{asked}{left_out} ({}{order})", counted(question.rows, "row", "rows"))
        }
        Some(false) if question.parameter_rows == 0 => "the answers differ: nothing was measured".to_owned(),
        Some(false) => format!(
            "the answers differ with {} of {} parameters: nothing was measured",
            count(question.different),
            count(question.compared)
        ),
        None => "not compared".to_owned(),
    }
}

/// A difference in a line.
fn difference(one: &AnswerDifference) -> String {
    let with = one.parameter.map(|row| match &one.parameters {
        Some(values) => format!("with row {row} of `parameters` ({values}): "),
        None => format!("with row {row} of `parameters`: "),
    });
    let row = one.row.unwrap_or_default();
    let values = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!(": {name} {value}"));
    let what = match one.kind {
        AnswerDifferenceKind::Rows => format!(
            "{} rows in the source, {} in the target",
            one.source.as_deref().unwrap_or("0"),
            one.target.as_deref().unwrap_or("0")
        ),
        AnswerDifferenceKind::Missing => {
            format!("row {row} of the source is not in the target{}", values("it is", &one.source).unwrap_or_default())
        }
        AnswerDifferenceKind::Extra => {
            format!("row {row} of the target is not in the source{}", values("it is", &one.target).unwrap_or_default())
        }
        AnswerDifferenceKind::Order => format!("the same rows, from row {row} on in another order"),
        AnswerDifferenceKind::Different => {
            let column = one.column.as_deref().unwrap_or_default();
            match (&one.source, &one.target) {
                (Some(source), Some(target)) => {
                    format!("row {row}, column {column}: {source} in the source, {target} in the target")
                }
                _ => format!("row {row}, column {column} differs"),
            }
        }
    };
    format!("{}{what}", with.unwrap_or_default())
}

/// A suggested index in a sentence, up to its lines.
fn suggestion_words(one: &Suggestion) -> String {
    let effect = match (&one.tried, &one.not_tried) {
        (Some(tried), _) if tried.is_used => format!(
            "suggested, and tried: {} without it, {} with it; made in {}, {}",
            milliseconds(tried.before_ms),
            milliseconds(tried.after_ms),
            milliseconds(tried.made_in_ms),
            size(tried.bytes)
        ),
        (Some(_), _) => "suggested, but PostgreSQL does not use it when it is there".to_owned(),
        (None, Some(reason)) => format!("suggested, and could not be tried ({reason})"),
        (None, None) => "suggested, not tried".to_owned(),
    };
    let same = one.same_as.as_ref().map(|name| format!("; its lines are those of \"{name}\"")).unwrap_or_default();
    format!("{effect}: {}{same}", one.reason)
}

/// Milliseconds with as many digits as matter.
fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 10.0 => format!("{ms:.1} ms"),
        ms if ms >= 1.0 => format!("{ms:.2} ms"),
        ms => format!("{ms:.3} ms"),
    }
}

/// Answers in a second.
fn rate(per_second: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is no negative number")]
    match per_second {
        rate if rate >= 100.0 => count(rate.round() as u64),
        rate => format!("{rate:.1}"),
    }
}
