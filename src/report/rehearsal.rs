//! A rehearsal as a document, and its estimate beside the real run.

use super::html;
use super::layout::{columns, count, counted, wrapped_item};
use super::plan;
use crate::plan::Finding;
use crate::rehearse::{EstimateComparison, PhaseLine, Rehearsal, RehearsalEnd, Span, Stage, TableLine};
use minijinja::context;
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

/// Tables that a text has, the longest first.
const TABLES: usize = 12;

/// `0.4 s`, `42 s`, `12 min 5 s`
#[must_use]
pub fn seconds(seconds: f64) -> String {
    if seconds < 9.95 {
        // A sum of nothing is a negative zero.
        return format!("{:.1} s", seconds.abs());
    }
    // A record is a file that anybody may have changed: what is no time is shown as the number that it is.
    let Ok(whole) = Duration::try_from_secs_f64(seconds.round()) else { return format!("{seconds} s") };
    let whole = whole.as_secs();
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0 | 1, _) => format!("{whole} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// `42 s (36 s to 55 s)`
pub(super) fn span(span: &Span) -> String {
    format!("{} ({} to {})", seconds(span.likely), seconds(span.low), seconds(span.high))
}

/// The outcome in a sentence.
fn sentence(rehearsal: &Rehearsal) -> String {
    let stage = rehearsal.stopped.as_ref().map(|stopped| match stopped.stage {
        Stage::Plan => "while it was planned",
        Stage::Apply => "while it was applied",
        Stage::Verify => "while both sides were compared",
    });
    let rows = counted(rehearsal.rows(), "row", "rows");
    match rehearsal.outcome {
        RehearsalEnd::Done => format!("done: {rows} copied, both sides are equal"),
        RehearsalEnd::Refused => "refused: findings block, and nothing was copied".to_owned(),
        RehearsalEnd::ChecksFailed => format!("{rows} copied, and a check fails"),
        RehearsalEnd::NotEqual => format!("{rows} copied, and both sides are NOT EQUAL"),
        RehearsalEnd::Failed => format!("FAILED {}", stage.unwrap_or_default()),
    }
}

fn server(rehearsal: &Rehearsal) -> String {
    let fate = if rehearsal.kept.is_some() { "is kept" } else { "is gone again" };
    format!("PostgreSQL {}, a private server that {fate}", rehearsal.postgresql)
}

/// The rehearsal as text.
#[must_use]
pub fn rehearsal_text(migration: &str, rehearsal: &Rehearsal) -> String {
    let mut text = format!("Rehearsal of {migration}: {}\n  {}\n", sentence(rehearsal), server(rehearsal));
    if let Some(kept) = &rehearsal.kept {
        let _infallible = writeln!(text, "  look at it: transship psql {}", kept.spec.display());
        let places = kept.elsewhere.iter().map(|place| format!(" {}", place.display())).collect::<String>();
        let _infallible = writeln!(text, "  remove it:  rm -r {}{places}", kept.directory.display());
    }
    let blocking = blocking(rehearsal);
    if !blocking.is_empty() {
        let _infallible = writeln!(text, "\n{}", plan::findings(&blocking));
    }
    if !rehearsal.found.is_empty() {
        text.push_str("\nThe run showed:\n");
        rehearsal.found.iter().for_each(|line| text += &(wrapped_item(line, 2) + "\n"));
    }
    if rehearsal.phases.iter().any(|line| line.seconds > 0.0) {
        text += &times(rehearsal);
    }
    if !rehearsal.notes.is_empty() {
        text.push_str("\nTo be known:\n");
        rehearsal.notes.iter().for_each(|note| text += &(wrapped_item(note, 2) + "\n"));
    }
    text
}

fn blocking(rehearsal: &Rehearsal) -> Vec<Finding> {
    rehearsal.plan.iter().flat_map(|plan| plan.blocking().cloned()).collect()
}

fn times(rehearsal: &Rehearsal) -> String {
    let mut text = String::new();
    let header = ["phase", "rehearsed", "expected", "from", "to"].map(str::to_owned).to_vec();
    let lines = std::iter::once(header).chain(phases(rehearsal)).collect();
    let _infallible = writeln!(text, "\n{}", columns(lines, &[1, 2, 3, 4], 2));
    if let Some(estimate) = &rehearsal.estimate {
        let _infallible = writeln!(text, "\nExpected on {}: apply {}", place(rehearsal), span(&estimate.apply));
        let _infallible = writeln!(text, "  with verify {}", span(&estimate.whole));
    }
    let mut tables = rehearsal.tables.iter().collect::<Vec<_>>();
    let time = |table: &TableLine| table.copy + table.keys;
    tables.sort_by(|one, other| time(other).total_cmp(&time(one)));
    let header = ["table", "rows", "copy", "keys, indexes"].map(str::to_owned).to_vec();
    let line = |table: &&TableLine| vec![table.table.clone(), rows(table), seconds(table.copy), seconds(table.keys)];
    let lines = std::iter::once(header).chain(tables.iter().take(TABLES).map(line)).collect();
    let _infallible = writeln!(text, "\n{}", columns(lines, &[1, 2, 3], 2));
    if tables.len() > TABLES {
        let _infallible = writeln!(text, "  and {} more", counted((tables.len() - TABLES) as u64, "table", "tables"));
    }
    text
}

/// The target in a sentence.
fn place(rehearsal: &Rehearsal) -> &str {
    match rehearsal.target.place.as_str() {
        "embedded:" => "the private server of the spec",
        place => place,
    }
}

fn rows(table: &TableLine) -> String {
    let of = table.sample_of.map(|all| format!(" of {}", count(all))).unwrap_or_default();
    format!("{}{of}", count(table.rows))
}

fn phases(rehearsal: &Rehearsal) -> Vec<Vec<String>> {
    let line = |line: &PhaseLine| {
        let mut cells = vec![line.phase.words().to_owned(), seconds(line.seconds)];
        if let Some(Span { low, likely, high }) = line.estimate {
            cells.extend([likely, low, high].map(seconds));
        }
        cells
    };
    rehearsal.phases.iter().map(line).collect()
}

/// The error that ended it, with its hint.
fn error(rehearsal: &Rehearsal) -> Option<String> {
    let stopped = rehearsal.stopped.as_ref()?;
    let hint = stopped.error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    Some(format!("{}{hint}", stopped.error))
}

/// The rehearsal as JSON.
///
/// # Errors
/// None in practice: these data always serialize.
pub fn rehearsal_json(migration: &str, rehearsal: &Rehearsal) -> Result<String, serde_json::Error> {
    let milliseconds = Duration::from_secs_f64(rehearsal.seconds()).as_millis();
    let outline = rehearsal.outline.as_ref().map(|outline| {
        json!({ "tables": outline.tables, "taken": outline.taken, "large": outline.large, "loaded": outline.loaded })
    });
    let estimate =
        rehearsal.estimate.as_ref().map(|estimate| json!({ "apply": estimate.apply, "whole": estimate.whole }));
    let document = json!({
        "command": "rehearse",
        "migration": migration,
        "outcome": rehearsal.outcome,
        "error": error(rehearsal),
        "stage": rehearsal.stopped.as_ref().map(|stopped| stopped.stage),
        "digest": rehearsal.digest,
        "sample": rehearsal.sample,
        "postgresql": rehearsal.postgresql,
        "target": rehearsal.target,
        "outline": outline,
        "milliseconds": u64::try_from(milliseconds).unwrap_or(u64::MAX),
        "rows": rehearsal.rows(),
        "findings": blocking(rehearsal),
        "found": rehearsal.found,
        "phases": rehearsal.phases,
        "tables": rehearsal.tables,
        "steps": rehearsal.steps,
        "probe": rehearsal.probe,
        "estimate": estimate,
        "verification": rehearsal.verification,
        "notes": rehearsal.notes,
        "kept": rehearsal.kept,
    });
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// The rehearsal as one page for a browser.
///
/// # Errors
/// None in practice: the template engine's interface is fallible, but a rehearsal always renders.
pub fn rehearsal_html(migration: &str, rehearsal: &Rehearsal) -> Result<String, minijinja::Error> {
    let environment = html::environment("rehearsal.html", include_str!("html/rehearsal.html"))?;
    let expected = rehearsal.estimate.as_ref().map(|estimate| {
        let (apply, whole) = (span(&estimate.apply), span(&estimate.whole));
        format!("On {}: apply {apply}, with verify {whole}.", place(rehearsal))
    });
    let table = |line: &TableLine| {
        let equal = line.equal.map_or("no", |equal| if equal { "equal" } else { "NOT EQUAL" });
        vec![line.table.clone(), rows(line), seconds(line.copy), seconds(line.keys), equal.to_owned()]
    };
    let findings = blocking(rehearsal);
    environment.get_template("rehearsal.html")?.render(context! {
        name => migration,
        server => server(rehearsal),
        digest => rehearsal.digest.as_str(),
        is_right => rehearsal.outcome == RehearsalEnd::Done,
        outcome => sentence(rehearsal),
        error => error(rehearsal),
        found => minijinja::value::Serde(&rehearsal.found),
        findings => minijinja::value::Serde(findings.iter().map(|one| format!("{}: {}", one.place(), one.message)).collect::<Vec<_>>()),
        sentence => expected.unwrap_or_else(|| "There is no estimate for the target.".to_owned()),
        phases => minijinja::value::Serde(phases(rehearsal)),
        tables => minijinja::value::Serde(rehearsal.tables.iter().map(table).collect::<Vec<_>>()),
        notes => minijinja::value::Serde(&rehearsal.notes),
        style => html::STYLE,
        script => html::SCRIPT,
    })
}

/// The rehearsal as JUnit XML: the whole of it, and its tables.
///
/// # Errors
/// None in practice: it is written into memory.
pub fn rehearsal_junit(migration: &str, rehearsal: &Rehearsal) -> Result<String, SerializeError> {
    let passed = |is_right: bool, message: String| {
        if is_right {
            return TestCaseStatus::success();
        }
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(message);
        status
    };
    let message = [Some(sentence(rehearsal)), error(rehearsal)].into_iter().flatten().chain(rehearsal.found.clone());
    let whole = passed(rehearsal.outcome == RehearsalEnd::Done, message.collect::<Vec<_>>().join("; "));
    let mut cases = vec![TestCase::new(format!("rehearse {migration}"), whole)];
    for line in rehearsal.tables.iter().filter(|line| line.equal.is_some()) {
        let mut case = TestCase::new(line.table.as_str(), passed(line.equal == Some(true), "not equal".to_owned()));
        case.set_time(Duration::from_secs_f64(line.copy));
        cases.push(case);
    }
    let mut suite = TestSuite::new("rehearsal");
    suite.add_test_cases(cases);
    let mut report = Report::new(format!("transship rehearse {migration}"));
    report.set_time(Duration::from_secs_f64(rehearsal.seconds()));
    report.add_test_suite(suite);
    report.to_string()
}

/// The estimate beside the measure, in a sentence.
#[must_use]
pub fn comparison_text(comparison: &EstimateComparison) -> String {
    let estimated = span(&comparison.estimated);
    match comparison.measured {
        Some(measured) => format!("The rehearsal estimated {estimated}; measured {}.", seconds(measured)),
        None => format!("The rehearsal estimates {estimated} for apply."),
    }
}

/// The estimate beside the measure as a line among the events of `apply`.
///
/// # Errors
/// None in practice: serde_json's interface is fallible, but numbers always serialize.
pub fn comparison_event(comparison: &EstimateComparison) -> Result<String, serde_json::Error> {
    let event = json!({ "event": "estimate", "estimated": comparison.estimated, "measured": comparison.measured });
    serde_json::to_string(&event).map(|line| line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_for_people() {
        for (time, shown) in [
            (-0.0, "0.0 s"),
            (9.94, "9.9 s"),
            (42.4, "42 s"),
            (119.6, "2 min"),
            (725.0, "12 min 5 s"),
            (7300.0, "2 h 1 min"),
        ] {
            assert_eq!(seconds(time), shown);
        }
        let estimated = Span { low: 36.0, likely: 42.0, high: 55.0 };
        let text = comparison_text(&EstimateComparison { estimated, measured: Some(45.2) });
        assert_eq!(text, "The rehearsal estimated 42 s (36 s to 55 s); measured 45 s.");
    }
}
