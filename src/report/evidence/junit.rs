//! Evidence as JUnit XML, which CI systems show as tests: tables, checks, views, steps.

use super::{Evidence, Outcome, StepEvidence, StepOutcome, TableEvidence, TableState};
use crate::name::StepKind;
use crate::report::applied::failing_row;
use crate::report::layout::counted;
use crate::run::CheckResult;
use crate::verify::{StructureChange, ViewResult};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What became of a test case.
enum Verdict {
    Passed,
    Skipped(&'static str),
    Failed {
        kind: &'static str,
        message: String,
        detail: String,
    },
    /// Passed, with something to say.
    Warned(String),
    /// The command itself failed.
    Broken(String),
}

struct Case {
    name: String,
    milliseconds: Option<u64>,
    verdict: Verdict,
}

/// The evidence as JUnit XML.
#[must_use]
pub fn evidence_junit(evidence: &Evidence) -> String {
    let times = evidence.steps.iter().map(|step| (step.id.as_str(), step.milliseconds)).collect::<BTreeMap<_, _>>();
    let time = |id: &str| times.get(id).copied().flatten();
    let tables = evidence.tables.iter().map(|table| {
        let id = match evidence.command {
            "verify" => format!("verify:{}", table.table),
            _ => StepKind::Copy.id(&table.target).to_string(),
        };
        Case { name: table.table.clone(), milliseconds: time(&id), verdict: of_table(table) }
    });
    let checks = evidence.checks.iter().map(|check| {
        let milliseconds = time(&StepKind::Check.id(&check.name).to_string());
        Case { name: check.name.clone(), milliseconds, verdict: of_check(check) }
    });
    let whole = Case {
        name: format!("{} {}", evidence.command, evidence.migration),
        milliseconds: Some(evidence.milliseconds),
        verdict: whole(evidence),
    };
    let steps = evidence.steps.iter().map(|step| Case {
        name: step.id.clone(),
        milliseconds: step.milliseconds,
        verdict: of_step(step),
    });
    let views =
        evidence.views.iter().map(|view| Case { name: view.view.clone(), milliseconds: None, verdict: of_view(view) });
    let mut suites: Vec<(&str, Vec<Case>)> = vec![("tables", tables.collect()), ("checks", checks.collect())];
    if !evidence.views.is_empty() {
        suites.push(("views", views.collect()));
    }
    if !evidence.structure.is_empty() {
        suites.push(("structure", evidence.structure.iter().map(of_structure).collect()));
    }
    suites.push(("steps", std::iter::once(whole).chain(steps).collect()));
    let count =
        |of: fn(&Verdict) -> bool| suites.iter().flat_map(|(_, cases)| cases).filter(|case| of(&case.verdict)).count();
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _infallible = writeln!(
        xml,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">",
        escaped(&format!("transship {} {}", evidence.command, evidence.migration)),
        count(|_| true),
        count(is_failed),
        count(is_broken),
        count(is_skipped),
        seconds(evidence.milliseconds)
    );
    for (name, cases) in &suites {
        suite(&mut xml, evidence, name, cases);
    }
    xml + "</testsuites>\n"
}

fn of_structure(change: &StructureChange) -> Case {
    let message = crate::report::verification::structure_text(change);
    let verdict = match change.is_difference() {
        true => Verdict::Failed { kind: "structure", message, detail: String::new() },
        false => Verdict::Passed,
    };
    Case { name: change.object.clone(), milliseconds: None, verdict }
}

fn of_view(view: &ViewResult) -> Verdict {
    match view.equal {
        Some(true) => Verdict::Passed,
        None => Verdict::Skipped("not compared"),
        Some(false) => {
            let counts = format!(
                "{} missing, {} extra",
                counted(view.missing, "row", "rows"),
                counted(view.extra, "row", "rows")
            );
            let rows = view.examples.iter().map(|row| format!("{}: {}", row.key, row.kind)).collect::<Vec<_>>();
            let message = view.reason.clone().unwrap_or(counts);
            Verdict::Failed { kind: "view", message, detail: rows.join("\n") }
        }
    }
}

fn suite(xml: &mut String, evidence: &Evidence, name: &str, cases: &[Case]) {
    let count = |of: fn(&Verdict) -> bool| cases.iter().filter(|case| of(&case.verdict)).count();
    // JUnit's timestamps have no zone; they are UTC.
    let _infallible = writeln!(
        xml,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\" timestamp=\"{}\">",
        cases.len(),
        count(is_failed),
        count(is_broken),
        count(is_skipped),
        seconds(cases.iter().filter_map(|case| case.milliseconds).sum()),
        evidence.started_at.split('.').next().unwrap_or_default()
    );
    let versions = &evidence.versions;
    let mut properties = vec![("transship", versions.transship), ("sqlite", versions.sqlite)];
    properties.extend(versions.postgresql.as_deref().map(|version| ("postgresql", version)));
    properties.extend(evidence.digests.as_ref().map(|digests| ("plan digest", digests.plan.as_str())));
    properties.extend(evidence.digests.as_ref().map(|digests| ("spec digest", digests.inputs.spec.as_str())));
    xml.push_str("    <properties>\n");
    for (name, value) in properties {
        let _infallible = writeln!(xml, "      <property name=\"{name}\" value=\"{}\"/>", escaped(value));
    }
    xml.push_str("    </properties>\n");
    for case in cases {
        let _infallible = write!(
            xml,
            "    <testcase classname=\"{}.{name}\" name=\"{}\" time=\"{}\"",
            escaped(&evidence.migration),
            escaped(&case.name),
            seconds(case.milliseconds.unwrap_or(0))
        );
        let inner = match &case.verdict {
            Verdict::Passed => {
                xml.push_str("/>\n");
                continue;
            }
            Verdict::Skipped(message) => format!("<skipped message=\"{message}\"/>"),
            Verdict::Failed { kind, message, detail } => {
                format!("<failure type=\"{kind}\" message=\"{}\">{}</failure>", escaped(message), escaped(detail))
            }
            Verdict::Warned(words) => format!("<system-out>{}</system-out>", escaped(words)),
            Verdict::Broken(message) => {
                format!("<error type=\"{}\" message=\"{}\"/>", evidence.outcome.words(), escaped(message))
            }
        };
        let _infallible = writeln!(xml, ">\n      {inner}\n    </testcase>");
    }
    xml.push_str("  </testsuite>\n");
}

fn of_table(table: &TableEvidence) -> Verdict {
    let rows = &table.rows;
    match table.state {
        TableState::Loaded | TableState::Equal => Verdict::Passed,
        TableState::NotLoaded => Verdict::Skipped("not loaded"),
        TableState::NotCompared => Verdict::Skipped("not compared"),
        TableState::DoesNotAddUp => {
            Verdict::Failed { kind: "does not add up", message: equation(table), detail: String::new() }
        }
        TableState::NotEqual => {
            let some = |number: Option<u64>, word: &str| {
                number.filter(|number| *number > 0).map(|number| format!("{} {word}", counted(number, "row", "rows")))
            };
            let parts = [
                table.problem.clone(),
                some(table.missing, "missing"),
                some(table.extra, "extra"),
                some(table.different, "different"),
                (!rows.adds_up).then(|| equation(table)),
            ];
            let example = |example: &crate::verify::Difference| crate::report::verification::difference_text(example);
            Verdict::Failed {
                kind: "not equal",
                message: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
                detail: table.examples.iter().map(example).collect::<Vec<_>>().join("\n"),
            }
        }
    }
}

fn equation(table: &TableEvidence) -> String {
    let rows = &table.rows;
    format!(
        "{} rows of the source are not {} loaded + {} rejected + {} filtered",
        rows.source, rows.loaded, rows.rejected, rows.filtered
    )
}

fn of_check(check: &CheckResult) -> Verdict {
    if check.passed {
        return Verdict::Passed;
    }
    let rows = check.rows.iter().map(failing_row).collect::<Vec<_>>().join("\n");
    if !check.is_failure() {
        return Verdict::Warned(format!("warning: {check}\n{rows}").trim_end().to_owned());
    }
    Verdict::Failed { kind: "wrong answer", message: check.to_string(), detail: rows }
}

fn of_step(step: &StepEvidence) -> Verdict {
    let message = || step.error.clone().unwrap_or_else(|| "it did not come to an end".to_owned());
    match step.state {
        StepOutcome::Done | StepOutcome::DoneBefore => Verdict::Passed,
        // What a comparison or a check found is told in its own suite.
        StepOutcome::Failed if ["verify", "check"].contains(&step.kind) => Verdict::Passed,
        StepOutcome::Failed => Verdict::Failed { kind: "step failed", message: message(), detail: String::new() },
        StepOutcome::BrokenOff => Verdict::Skipped("broken off"),
        StepOutcome::NotDone => Verdict::Skipped("not done"),
    }
}

/// The command as a whole: what no table, check or step tells.
fn whole(evidence: &Evidence) -> Verdict {
    match evidence.outcome {
        Outcome::Done | Outcome::NothingToDo | Outcome::Equal | Outcome::NotEqual | Outcome::ChecksFailed => {
            Verdict::Passed
        }
        Outcome::Declined => Verdict::Skipped("declined"),
        Outcome::Refused | Outcome::Interrupted | Outcome::Failed => {
            let message = evidence.message.clone().unwrap_or_else(|| evidence.outcome.words().to_owned());
            let blocking = evidence.findings.iter().filter(|one| one.finding.severity == crate::plan::Severity::Blocks);
            let blocking = blocking.map(|one| {
                let place = one.finding.table.as_deref().unwrap_or("the migration");
                format!("\n{place}: {}", one.finding.message)
            });
            Verdict::Broken(message + &blocking.collect::<String>())
        }
    }
}

fn is_failed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Failed { .. })
}

fn is_broken(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Broken(_))
}

fn is_skipped(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Skipped(_))
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// Text as XML 1.0 can have it, in an element or an attribute: other characters than tab, line feed and carriage return
/// below the blank have no place in it, not even by number, and stand as their symbols (U+2400).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Otherwise a parser makes blanks of them in an attribute.
            '\t' | '\n' | '\r' => {
                let _infallible = write!(escaped, "&#{};", u32::from(character));
            }
            '\u{0}'..='\u{1f}' => escaped.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}')),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::junit::escaped;

    #[test]
    fn text_that_xml_has_no_place_for() {
        assert_eq!(
            escaped("a<b> & \"c\"\n\u{0}\u{1b}[31m\u{ffff}é"),
            "a&lt;b&gt; &amp; &quot;c&quot;&#10;␀␛[31m\u{fffd}é"
        );
    }
}
