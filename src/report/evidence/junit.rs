//! Evidence as JUnit XML, which CI systems show as tests: tables, checks, views, steps.

use super::{CommandEnd, Evidence, StepEvidence, StepOutcome, TableEvidence, TableState};
use crate::name::StepKind;
use crate::report::applied::failing_row;
use crate::report::layout::counted;
use crate::report::places;
use crate::run::CheckResult;
use crate::verify::{SequenceResult, SequenceState, StructureChange, Uncompared, UncomparedKind, ViewResult};
use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// Verdict on a test case.
enum CaseVerdict {
    Passed,
    Skipped(Cow<'static, str>),
    Failed {
        kind: &'static str,
        message: String,
        detail: String,
    },
    /// Passed, with a warning.
    Warned(String),
    /// The command itself failed.
    Broken(String),
}

struct EvidenceCase {
    name: String,
    milliseconds: Option<u64>,
    verdict: CaseVerdict,
}

/// The evidence as JUnit XML.
///
/// # Errors
/// None in practice: it is written into memory.
pub fn evidence_junit(evidence: &Evidence) -> Result<String, SerializeError> {
    let times = evidence.steps.iter().map(|step| (step.id.as_str(), step.milliseconds)).collect::<BTreeMap<_, _>>();
    let time = |id: &str| times.get(id).copied().flatten();
    let tables = evidence.tables.iter().map(|table| {
        let id = match evidence.command {
            "verify" => format!("verify:{}", table.table),
            _ => StepKind::Copy.id(&table.target).to_string(),
        };
        EvidenceCase { name: table.table.clone(), milliseconds: time(&id), verdict: of_table(table) }
    });
    let checks = evidence.checks.iter().map(|check| {
        let milliseconds = time(&StepKind::Check.id(&check.name).to_string());
        EvidenceCase { name: check.name.clone(), milliseconds, verdict: of_check(check) }
    });
    let whole = EvidenceCase {
        name: format!("{} {}", evidence.command, evidence.migration),
        milliseconds: Some(evidence.milliseconds),
        verdict: whole(evidence),
    };
    // Steps of the runs before a comparison are no part of it.
    let own = evidence.steps.iter().filter(|step| evidence.command != "verify" || step.run.is_none());
    let steps =
        own.map(|step| EvidenceCase { name: step.id.clone(), milliseconds: step.milliseconds, verdict: of_step(step) });
    let views = evidence.views.iter().map(|view| EvidenceCase {
        name: view.view.clone(),
        milliseconds: None,
        verdict: of_view(view),
    });
    let mut suites: Vec<(&str, Vec<EvidenceCase>)> = vec![("tables", tables.collect()), ("checks", checks.collect())];
    if !evidence.views.is_empty() {
        suites.push(("views", views.collect()));
    }
    if !evidence.structure.is_empty() {
        suites.push(("structure", evidence.structure.iter().map(of_structure).collect()));
    }
    if !evidence.sequences.is_empty() {
        let in_front = evidence.sequences.iter().filter(|one| one.state != SequenceState::Behind);
        suites.push(("sequences", in_front.map(of_sequence).collect()));
    }
    // Tables and views that were not compared are skipped in their own suites.
    let left_out =
        evidence.not_compared.iter().filter(|one| !matches!(one.kind, UncomparedKind::Table | UncomparedKind::View));
    let left_out = left_out.map(of_uncompared).collect::<Vec<_>>();
    if !left_out.is_empty() {
        suites.push(("not compared", left_out));
    }
    suites.push(("steps", std::iter::once(whole).chain(steps).collect()));
    let mut report = Report::new(name(&format!("transship {} {}", evidence.command, evidence.migration)));
    report.set_time(Duration::from_millis(evidence.milliseconds));
    report.add_test_suites(suites.into_iter().map(|(of, cases)| suite(evidence, of, cases)));
    report.to_string()
}

fn of_structure(change: &StructureChange) -> EvidenceCase {
    let message = crate::report::verification::structure_text(change);
    let verdict = match change.is_difference() {
        true => CaseVerdict::Failed { kind: "structure", message, detail: String::new() },
        false => CaseVerdict::Passed,
    };
    EvidenceCase { name: change.object.clone(), milliseconds: None, verdict }
}

/// A sequence that is behind is a difference of the structure, and fails there.
fn of_sequence(sequence: &SequenceResult) -> EvidenceCase {
    let SequenceResult { sequence, table, column, .. } = sequence;
    EvidenceCase { name: format!("{sequence} of {table}.{column}"), milliseconds: None, verdict: CaseVerdict::Passed }
}

/// A part in which a difference would not have been seen.
fn of_uncompared(part: &Uncompared) -> EvidenceCase {
    let Uncompared { kind, name, reason } = part;
    let verdict = CaseVerdict::Skipped(reason.lines().next().unwrap_or_default().to_owned().into());
    EvidenceCase { name: format!("{kind} {name}"), milliseconds: None, verdict }
}

fn of_view(view: &ViewResult) -> CaseVerdict {
    match view.equal {
        Some(true) => CaseVerdict::Passed,
        None => CaseVerdict::Skipped("not compared".into()),
        Some(false) => {
            let counts = format!(
                "{} missing, {} extra",
                counted(view.missing, "row", "rows"),
                counted(view.extra, "row", "rows")
            );
            let rows = view.examples.iter().map(|row| format!("{}: {}", row.key, row.kind)).collect::<Vec<_>>();
            let message = view.reason.clone().unwrap_or(counts);
            CaseVerdict::Failed { kind: "view", message, detail: rows.join("\n") }
        }
    }
}

fn suite(evidence: &Evidence, of: &str, cases: Vec<EvidenceCase>) -> TestSuite {
    let mut suite = TestSuite::new(of);
    suite.set_time(Duration::from_millis(cases.iter().filter_map(|case| case.milliseconds).sum()));
    // The time is UTC, without a zone, as JUnit's schema has it.
    suite.extra.insert("timestamp".into(), evidence.started_at.split('.').next().unwrap_or_default().into());
    let versions = &evidence.versions;
    let mut properties = vec![("transship", versions.transship)];
    properties.extend(versions.library.map(|version| ("sqlite", version)));
    properties.extend(versions.postgresql.as_deref().map(|version| ("postgresql", version)));
    properties.extend(evidence.digests.as_ref().map(|digests| ("plan digest", digests.plan.as_str())));
    properties.extend(evidence.digests.as_ref().map(|digests| ("spec digest", digests.inputs.spec.as_str())));
    suite.add_properties(properties.into_iter().map(|(key, value)| Property::new(key, name(value))));
    let class = name(&format!("{}.{of}", evidence.migration));
    suite.add_test_cases(cases.into_iter().map(|case| test_case(evidence, &class, case)));
    suite
}

fn test_case(evidence: &Evidence, class: &str, case: EvidenceCase) -> TestCase {
    let mut said = None;
    let status = match case.verdict {
        CaseVerdict::Passed => TestCaseStatus::success(),
        CaseVerdict::Warned(words) => {
            said = Some(lines(&words));
            TestCaseStatus::success()
        }
        CaseVerdict::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(name(&why));
            status
        }
        CaseVerdict::Failed { kind, message, detail } => unsuccessful(NonSuccessKind::Failure, kind, &message, &detail),
        CaseVerdict::Broken(message) => unsuccessful(NonSuccessKind::Error, evidence.outcome.words(), &message, ""),
    };
    let mut test_case = TestCase::new(name(&case.name), status);
    test_case.set_classname(class).set_time(Duration::from_millis(case.milliseconds.unwrap_or(0)));
    if let Some(said) = said {
        test_case.set_system_out(said);
    }
    test_case
}

/// An attribute has one line: a message of several lines is written in the text of the element, before the detail.
fn unsuccessful(kind: NonSuccessKind, of: &str, message: &str, detail: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    let message = lines(message);
    status.set_type(of).set_message(message.replace('\n', " "));
    let text = match (message.contains('\n'), detail.is_empty()) {
        (false, _) => lines(detail),
        (true, true) => message,
        (true, false) => format!("{message}\n{}", lines(detail)),
    };
    if !text.is_empty() {
        status.set_description(text);
    }
    status
}

fn of_table(table: &TableEvidence) -> CaseVerdict {
    let rows = &table.rows;
    match table.state {
        TableState::Loaded | TableState::Equal => CaseVerdict::Passed,
        TableState::NotLoaded => CaseVerdict::Skipped("not loaded".into()),
        TableState::NotCompared => CaseVerdict::Skipped("not compared".into()),
        TableState::DoesNotAddUp => {
            CaseVerdict::Failed { kind: "does not add up", message: equation(table), detail: String::new() }
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
            let example =
                |example: &crate::verify::RowDifference| crate::report::verification::difference_text(example);
            CaseVerdict::Failed {
                kind: "not equal",
                message: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
                detail: table.examples.iter().map(example).collect::<Vec<_>>().join("\n"),
            }
        }
    }
}

fn equation(table: &TableEvidence) -> String {
    let rows = &table.rows;
    let there = if rows.already_there > 0 { format!(" + {} there already", rows.already_there) } else { String::new() };
    format!(
        "{} rows of the source are not {} loaded{there} + {} rejected + {} filtered",
        rows.source, rows.loaded, rows.rejected, rows.filtered
    )
}

fn of_check(check: &CheckResult) -> CaseVerdict {
    if check.passed {
        return CaseVerdict::Passed;
    }
    let rows = check.rows.iter().map(failing_row).collect::<Vec<_>>().join("\n");
    if !check.is_failure() {
        return CaseVerdict::Warned(format!("warning: {check}\n{rows}").trim_end().to_owned());
    }
    CaseVerdict::Failed { kind: "wrong answer", message: check.to_string(), detail: rows }
}

fn of_step(step: &StepEvidence) -> CaseVerdict {
    let message = || step.error.clone().unwrap_or_else(|| "it was not completed".to_owned());
    match step.state {
        StepOutcome::Done | StepOutcome::DoneBefore => CaseVerdict::Passed,
        // Findings of comparisons and checks are reported in their own suites.
        StepOutcome::Failed if ["verify", "check"].contains(&step.kind) => CaseVerdict::Passed,
        StepOutcome::Failed => CaseVerdict::Failed { kind: "step failed", message: message(), detail: String::new() },
        StepOutcome::Interrupted => CaseVerdict::Skipped("interrupted".into()),
        StepOutcome::NotDone => CaseVerdict::Skipped("not done".into()),
    }
}

/// Verdict on the command as a whole, for outcomes that no table, check or step has.
fn whole(evidence: &Evidence) -> CaseVerdict {
    match evidence.outcome {
        CommandEnd::Done
        | CommandEnd::NothingToDo
        | CommandEnd::Equal
        | CommandEnd::NotEqual
        | CommandEnd::ChecksFailed => CaseVerdict::Passed,
        CommandEnd::Declined => CaseVerdict::Skipped("declined".into()),
        CommandEnd::Refused | CommandEnd::Interrupted | CommandEnd::Failed => {
            let message = evidence.message.clone().unwrap_or_else(|| evidence.outcome.words().to_owned());
            let blocking = evidence.findings.iter().filter(|one| one.finding.severity == crate::plan::Severity::Blocks);
            let blocking = blocking.map(|one| {
                let places = places::places(&one.finding).into_iter().map(|place| format!("\n  {}", place.line()));
                let places = places.collect::<String>();
                format!("\n{}: {}{places}", one.finding.place(), one.finding.message)
            });
            CaseVerdict::Broken(message + &blocking.collect::<String>())
        }
    }
}

/// Text as an element of XML 1.0 can have it. Control characters, most of which XML forbids even as references, are
/// replaced by their symbols (U+2400), for the crate would drop them, and two names could become one.
fn lines(text: &str) -> String {
    let symbol = |character: char| match character {
        '\n' => character,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        // The controls beyond ASCII have no symbols.
        '\u{80}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        character => character,
    };
    text.chars().map(symbol).collect()
}

/// Name as an attribute can have it, of which a parser makes a blank of each line feed.
fn name(text: &str) -> String {
    lines(text).replace('\n', "\u{240a}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::Document;

    /// Every character is read back from the report unchanged, or as its substitute.
    #[test]
    fn text_that_xml_has_no_place_for() {
        assert_eq!(name("a<b> & \"c\"\n\u{0}\u{1b}[31m\u{ffff}é\t"), "a<b> & \"c\"␊␀␛[31m\u{fffd}é␉");
        let every = ('\u{0}'..='\u{ffff}').collect::<String>();
        let message = format!("a {}b", every.replace('\n', ""));
        let mut suite = TestSuite::new("tables");
        let status = unsuccessful(NonSuccessKind::Failure, "kind", &message, &every);
        suite.add_test_case(TestCase::new(name(&every), status));
        let mut report = Report::new("report");
        report.add_test_suite(suite);
        let xml = report.to_string().unwrap();
        let document = Document::parse(&xml).unwrap();
        let find = |tag: &str| document.descendants().find(|node| node.has_tag_name(tag)).unwrap();
        assert!(find("testcase").attribute("name") == Some(&name(&every)));
        assert!(find("failure").attribute("message") == Some(&lines(&message)));
        assert!(find("failure").text() == Some(&lines(&every)));
    }

    #[test]
    fn a_message_of_several_lines_is_kept_beside_its_detail() {
        let status = unsuccessful(NonSuccessKind::Error, "failed", "one\ntwo", "three");
        let TestCaseStatus::NonSuccess { message, description, .. } = status else { unreachable!() };
        assert_eq!((message.as_deref(), description.as_deref()), (Some("one two"), Some("one\ntwo\nthree")));
    }
}
