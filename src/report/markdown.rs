//! The plan as markdown for a comment on a pull request.

use super::decided::{self, DecisionGroup};
use super::difference::PlanDifference;
use super::layout::{count, counted, size};
use super::left_behind::{examples_title, groups, left_behind_figure, shown_suggestion};
use super::mermaid::plan_mermaid;
use super::places;
use super::plan::{PlanContext, source_words};
use super::types;
use crate::name::Schemas;
use crate::name::visible::{visible, visible_name, visible_sql};
use crate::plan::{ColumnMapping, Finding, Plan, Severity, Step, StepKind, StepState, TableMapping};
use crate::value::Reading;
use std::fmt::Write as _;

/// GitHub takes 65,536 characters in a comment; some are left for the program that posts it.
const LIMIT: usize = 65_000;

/// Characters kept free for each section that follows.
const RESERVE: usize = 400;

/// Part of the document. Entries that do not fit are left out from the end, and counted.
struct DocumentSection {
    before: String,
    entries: Vec<String>,
    after: String,
    /// Noun for an entry, singular and plural.
    noun: [&'static str; 2],
}

/// The plan as markdown of at most 65,000 characters. A section that is cut says so, and how to see all of it.
#[must_use]
pub fn plan_markdown(plan: &Plan, context: PlanContext<'_>) -> String {
    fill(head(plan, context), &sections(plan, context), &asked_again(context))
}

/// Arguments of the command whose text is the same plan.
fn asked_again(context: PlanContext<'_>) -> String {
    let overlay = context.environment.map(|name| format!(" --env {name}")).unwrap_or_default();
    context.spec.to_owned() + &overlay
}

/// Appends the sections, as many entries of each as fit; `arguments` are of the command that shows all.
fn fill(mut text: String, sections: &[DocumentSection], arguments: &str) -> String {
    let mut left = LIMIT.saturating_sub(text.chars().count());
    for (at, section) in sections.iter().enumerate() {
        let reserved = RESERVE * (sections.len() - at);
        let part = section.within(left.saturating_sub(reserved), arguments);
        left = left.saturating_sub(part.chars().count());
        text.push_str(&part);
    }
    text
}

impl DocumentSection {
    fn within(&self, room: usize, arguments: &str) -> String {
        if self.entries.is_empty() {
            return String::new();
        }
        let mut used = self.before.chars().count() + self.after.chars().count();
        let mut text = self.before.clone();
        for (shown, entry) in self.entries.iter().enumerate() {
            used += entry.chars().count();
            if used > room {
                let rest = (self.entries.len() - shown) as u64;
                let rest = counted(rest, self.noun[0], self.noun[1]);
                let note =
                    format!("\n*… {rest} more: this comment is full. `transship plan {arguments}` shows all.*\n");
                return text + &self.after + &note;
            }
            text.push_str(entry);
        }
        text + &self.after
    }
}

/// Differences between two plans, as markdown within the same limit.
pub(super) fn difference(difference: &PlanDifference, name: &str) -> String {
    let mut text = format!("## Difference of plans for {}\n\n", escaped(name));
    if difference.same {
        text.push_str("Both plans do the same.\n");
    }
    let changed = difference.changed.iter().map(|change| format!("{} ({})", change.id, change.what.join(", ")));
    let changed = changed.collect::<Vec<_>>();
    let inputs = difference.inputs.iter().map(|input| (*input).to_owned()).collect::<Vec<_>>();
    let lists = [
        ("Changed inputs", inputs.as_slice()),
        ("New findings", &difference.new_findings),
        ("Findings that are gone", &difference.gone_findings),
        ("New steps", &difference.added),
        ("Steps that are gone", &difference.removed),
        ("Changed steps", &changed),
    ];
    let list = |(title, lines): &(&str, &[String])| DocumentSection {
        before: format!("\n### {title}\n\n"),
        entries: lines.iter().map(|line| format!("- {}\n", escaped(line))).collect(),
        after: String::new(),
        noun: ["line", "lines"],
    };
    let fence = fence([difference.diff.as_str()].into_iter());
    let diff = DocumentSection {
        before: format!("\n### SQL\n\n{fence}diff\n"),
        entries: difference.diff.lines().map(|line| format!("{line}\n")).collect(),
        after: format!("{fence}\n"),
        noun: ["line", "lines"],
    };
    let sections = lists.iter().map(list).chain([diff]).collect::<Vec<_>>();
    fill(text, &sections, "SPEC --against FILE")
}

/// First line, an invisible marker: by it an existing comment is found and replaced.
fn marker(name: &str, environment: Option<&str>) -> String {
    let environment = environment.map(|environment| format!(" {environment}")).unwrap_or_default();
    let plain = format!("{name}{environment}").replace(|letter: char| !letter.is_alphanumeric() && letter != ' ', "_");
    format!("<!-- transship plan {plain} -->")
}

fn head(plan: &Plan, context: PlanContext<'_>) -> String {
    let mut text = format!("{}\n## Plan for {}\n\n", marker(&plan.name, context.environment), escaped(&plan.name));
    for note in context.notes {
        let _infallible = writeln!(text, "> {}\n", escaped(note));
    }
    let pending = || plan.steps.iter().filter(|step| step.state == StepState::Pending);
    let copies = || pending().filter(|step| step.kind() == StepKind::Copy);
    let found = |severity| plan.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let steps = format!("{} of {}", count(pending().count() as u64), count(plan.steps.len() as u64));
    let findings = format!(
        "{} block, {} warn, {} note",
        count(found(Severity::Blocks)),
        count(found(Severity::Warns)),
        count(found(Severity::Notes))
    );
    text.push_str("| | |\n|---|---|\n");
    let overlay = context.environment.map(|name| format!(", overlay {}", code(name))).unwrap_or_default();
    for (title, value) in [
        // In a table, even code must not contain a bare `|`.
        ("Spec", (code(context.spec) + &overlay).replace('|', "\\|")),
        ("Source", cell(&source_words(plan).unwrap_or_default())),
        ("Target", cell(context.target)),
        ("Steps to do", steps),
        ("Tables to copy", count(copies().count() as u64)),
        ("Rows", count(copies().filter_map(Step::rows).sum())),
        ("Data", format!("about {}", size(copies().filter_map(Step::bytes).sum()))),
        ("Findings", findings),
        ("Left behind", left_behind_figure(plan)),
        ("Digest", code(&plan.digest)),
    ] {
        let _infallible = writeln!(text, "| {title} | {value} |");
    }
    if plan.blocking().next().is_some() {
        text.push_str("\n**`apply` refuses until the spec decides the findings that block.**\n");
    }
    text
}

/// The plan in short as markdown: without its tables, steps and SQL.
#[must_use]
pub fn plan_summary_markdown(plan: &Plan, context: PlanContext<'_>) -> String {
    let mut sections = sections(plan, context);
    sections.truncate(SUMMARY);
    fill(head(plan, context), &sections, &asked_again(context))
}

/// Sections of a summary, which are the first ones.
const SUMMARY: usize = 6;

fn sections(plan: &Plan, context: PlanContext<'_>) -> Vec<DocumentSection> {
    let (decisions, more) = decided::groups(context.decisions);
    let decision = |group: &DecisionGroup<'_>| {
        let reason = group.reason().map(|reason| format!(" — {}", escaped(reason))).unwrap_or_default();
        format!("- {}{reason}\n", code(&group.line()))
    };
    let more = (more > 0).then(|| format!("- and {} more: the spec has them\n", count(more as u64)));
    let types = types::types(plan)
        .into_iter()
        .map(|one| format!("| {} | {} | {} |\n", cell(&one.declared), cell(&one.becomes), count(one.columns)));
    let types = types.collect::<Vec<_>>();
    let of = |severity: Severity, title: &str| DocumentSection {
        before: format!("\n### {title}\n\n"),
        entries: plan.findings.iter().filter(|finding| finding.severity == severity).map(finding).collect(),
        after: String::new(),
        noun: ["finding", "findings"],
    };
    let steps = plan.steps.iter().filter(|step| step.state == StepState::Pending);
    let statements = steps.filter(|step| !matches!(step.kind(), StepKind::Copy | StepKind::Check)).map(statement);
    let statements = statements.collect::<Vec<_>>();
    let fence = fence(statements.iter().map(String::as_str));
    let left_behind = groups(&plan.omitted).into_iter().map(|group| {
        let (kind, names, reason) = (cell(group.first.kind.word()), cell(&group.names()), cell(&group.reason()));
        format!("| {kind} | {names} | {reason} |\n")
    });
    let table = |table: &TableMapping| table_entry(table, context.schemas);
    vec![
        DocumentSection {
            before: folded("Decided in the spec", context.decisions.len()),
            entries: decisions.iter().map(decision).chain(more).collect(),
            after: "\n</details>\n".to_owned(),
            noun: ["line", "lines"],
        },
        of(Severity::Blocks, "Blocks"),
        of(Severity::Warns, "Warns"),
        of(Severity::Notes, "Notes"),
        DocumentSection {
            before: folded("Types", types.len()) + "| declared | becomes | columns |\n|---|---|---|\n",
            entries: types,
            after: "\n</details>\n".to_owned(),
            noun: ["type", "types"],
        },
        DocumentSection {
            before: folded("Left behind", plan.omitted.len()) + "| kind | name | reason |\n|---|---|---|\n",
            entries: left_behind.collect(),
            after: "\n</details>\n".to_owned(),
            noun: ["line", "lines"],
        },
        DocumentSection {
            before: folded("Steps", plan.steps.len()),
            entries: vec![format!("```mermaid\n{}```\n", plan_mermaid(plan))],
            after: "\n</details>\n".to_owned(),
            noun: ["diagram", "diagrams"],
        },
        DocumentSection {
            before: folded("Tables", plan.tables.len()),
            entries: plan.tables.iter().map(table).collect(),
            after: "\n</details>\n".to_owned(),
            noun: ["table", "tables"],
        },
        DocumentSection {
            before: folded("DDL", statements.len()) + &format!("{fence}sql\n"),
            entries: statements,
            after: format!("{fence}\n\n</details>\n"),
            noun: ["statement", "statements"],
        },
    ]
}

fn folded(title: &str, number: usize) -> String {
    format!("\n<details><summary>{title} ({})</summary>\n\n", count(number as u64))
}

fn finding(finding: &Finding) -> String {
    let place = if finding.table.is_some() { code(&finding.place()) } else { finding.place() };
    let mut text = format!("- **{place}** {} — {}", code(finding.code.word()), escaped(&finding.message));
    if let Some(title) = examples_title(finding) {
        let more = if finding.count > finding.examples.len() as u64 { ", …" } else { "" };
        let keys = finding.examples.iter().map(|key| code(key)).collect::<Vec<_>>().join(", ");
        let _infallible = write!(text, " ({title} {keys}{more})");
    }
    text.push('\n');
    let all = places::places(finding);
    let (named, more) = places::first(&all);
    for place in named {
        let words = if place.words.is_empty() { String::new() } else { format!(": {}", escaped(&place.words)) };
        let _infallible = writeln!(text, "  - {}{words}", code(&place.place));
    }
    if let Some(more) = more {
        let _infallible = writeln!(text, "  - {more}");
    }
    if let Some(suggestion) = shown_suggestion(finding) {
        if finding.suggests_lines() {
            let fence = fence([suggestion.as_str()].into_iter());
            let lines = suggestion.lines().map(|line| format!("  {line}\n")).collect::<String>();
            let _infallible = write!(text, "\n  {fence}toml\n{lines}  {fence}\n");
        } else {
            let _infallible = writeln!(text, "  {}", escaped(&suggestion));
        }
    }
    text
}

fn table_entry(table: &TableMapping, schemas: &Schemas) -> String {
    let rows = counted(table.size.rows, "row", "rows");
    let mut text = format!("\n**{}** → {}, {rows}\n", code(&table.source), code(&schemas.shown(&table.target)));
    if let Some((words, filter)) = table.filter_words() {
        let _infallible = writeln!(text, "{words} {}", code(filter));
    }
    text.push_str("\n| column | declared | becomes | |\n|---|---|---|---|\n");
    for column in &table.columns {
        let declared = if column.declared_type.is_empty() { "(no type)" } else { &column.declared_type };
        let becomes = column.column_type.to_string();
        let cells = [cell(&visible_name(&column.source)), cell(declared), cell(&becomes), cell(&notes(column))];
        let _infallible = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// Notes on a column beside its types.
pub(super) fn notes(column: &ColumnMapping) -> String {
    let mut notes = Vec::new();
    if column.source != column.target {
        notes.push(format!("as {}", column.target));
    }
    notes.extend(column.source_sql.as_ref().map(|sql| format!("reads {}", sql.trim())));
    if column.reading != Reading::Stored {
        notes.push(format!("from {}", column.reading));
    }
    notes.extend(column.forgetting_words());
    if column.identity {
        notes.push("identity".to_owned());
    } else if column.not_null {
        notes.push("not null".to_owned());
    }
    notes.extend(column.generated.as_ref().map(|expression| format!("generated as {expression}")));
    notes.extend(column.default.as_ref().map(|default| format!("default {default}")));
    notes.extend(column.treatment_words().map(str::to_owned));
    notes.join(", ")
}

fn statement(step: &Step) -> String {
    format!("-- {}\n{}\n\n", visible_name(&step.id.to_string()), visible_sql(&step.shown_sql()))
}

/// Fence that no line of its content closes.
fn fence<'t>(inside: impl Iterator<Item = &'t str>) -> String {
    let longest = inside.flat_map(|text| text.split(|character| character != '`')).map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Name as code, with any characters in it.
fn code(text: &str) -> String {
    let plain = visible_name(text);
    let fence = "`".repeat(plain.split(|character| character != '`').map(str::len).max().unwrap_or(0) + 1);
    let blank = if plain.starts_with('`') || plain.ends_with('`') || plain.is_empty() { " " } else { "" };
    format!("{fence}{blank}{plain}{blank}{fence}")
}

/// Text inside a table.
fn cell(text: &str) -> String {
    escaped(text)
}

/// Text without markdown or HTML markup, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // GitHub would notify a user of that name.
            '@' => escaped.push_str("&#64;"),
            // Line ends and tabs of sentences; those of names are escaped already.
            character if character.is_control() => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => escaped.extend(['\\', character]),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_names() {
        assert_eq!(code("a`b|c"), "``a`b|c``");
        assert_eq!(escaped("<b>*x*_|@me\n"), "&lt;b&gt;\\*x\\*\\_\\|&#64;me ");
        assert_eq!(escaped("\u{1b}c"), "\\\\u{1b}c");
        assert_eq!(code("a\nb"), "`a\\u{a}b`");
        assert_eq!(fence(["a ``` b"].into_iter()), "````");
        assert_eq!(marker("a--> b", Some("prod")), "<!-- transship plan a___ b prod -->");
    }

    #[test]
    fn what_is_cut_is_counted() {
        let entries = (0..10).map(|number| format!("entry {number}\n")).collect();
        let section =
            DocumentSection { before: "before\n".to_owned(), entries, after: "after\n".to_owned(), noun: ["x", "xs"] };
        let text = section.within(40, "a.toml");
        assert!(text.starts_with("before\nentry 0\nentry 1\nentry 2\nafter\n") && text.contains("7 xs more"), "{text}");
        assert!(section.within(10_000, "a.toml").ends_with("entry 9\nafter\n"));
    }
}
