//! Lines of spec that settle the findings of several places at once.

use super::DeclaredColumns;
use crate::catalog::{granted, remedy};
use crate::name::quote_toml_key;
use crate::plan::finding::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// Lines that a finding suggests: words, then lines under headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SuggestedLines<'a> {
    /// The comments in front of the first heading.
    pub(super) before: Vec<&'a str>,
    /// The headings, each with the lines below it.
    pub(super) blocks: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> SuggestedLines<'a> {
    /// The lines of a suggestion; `None` if it is words alone.
    pub(super) fn read(suggestion: &'a str) -> Option<Self> {
        let mut lines = Self { before: Vec::new(), blocks: Vec::new() };
        for line in suggestion.lines() {
            match (line.starts_with('['), lines.blocks.last_mut()) {
                (true, _) => lines.blocks.push((line, Vec::new())),
                (false, Some((_, below))) => below.push(line),
                (false, None) => lines.before.push(line),
            }
        }
        (!lines.blocks.is_empty()).then_some(lines)
    }

    /// The lines below the heading of the finding's own column, if they are all there is.
    pub(super) fn of_column(&self, finding: &Finding) -> Option<&[&'a str]> {
        let (table, column) = (finding.table.as_ref()?, finding.column.as_ref()?);
        let own = format!("[tables.{}.columns.{}]", quote_toml_key(table), quote_toml_key(column));
        match self.blocks.as_slice() {
            [(heading, lines)] if *heading == own => Some(lines),
            _ => None,
        }
    }

    /// The text with the finding's own table and column left out of the headings, and without what differs from place to place:
    /// treatments of bad values, which depend on whether a column takes NULL, conditions for rows, and names of constraints.
    pub(super) fn without_place(&self, finding: &Finding) -> String {
        let table = finding.table.as_ref().map(|table| format!("[tables.{}", quote_toml_key(table)));
        let column = finding.column.as_ref().map(|column| format!(".columns.{}]", quote_toml_key(column)));
        let heading = |heading: &str| {
            let inner = table.as_ref().and_then(|table| heading.strip_prefix(table.as_str())).unwrap_or(heading);
            column.as_ref().and_then(|column| inner.strip_suffix(column.as_str())).unwrap_or(inner).to_owned()
        };
        let of_place =
            ["# or: on_bad_value", "# where = ", "where = ", "foreign_keys.", "checks.", "merge.key = ", "search = "];
        let same = |line: &&&str| !of_place.iter().any(|begin| line.starts_with(begin));
        let settings = |lines: &[&str]| lines.iter().filter(same).copied().collect::<Vec<_>>().join("\n");
        let blocks = self.blocks.iter().map(|(named, lines)| format!("[{}]\n{}", heading(named), settings(lines)));
        self.before.iter().map(|line| (*line).to_owned()).chain(blocks).collect::<Vec<_>>().join("\n")
    }
}

pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}

/// The suggestion for findings of one question; an error if there is none for all of them together.
pub(super) fn for_all(findings: &[Finding], columns: &DeclaredColumns) -> Result<Option<String>, ()> {
    let suggestions = findings.iter().map(|finding| finding.suggestion.as_deref()).collect::<Vec<_>>();
    if suggestions.iter().all(|suggestion| *suggestion == suggestions[0]) {
        return Ok(suggestions[0].map(str::to_owned));
    }
    let grants = suggestions.iter().map(|suggestion| granted((*suggestion)?)).collect::<Option<Vec<_>>>();
    if let Some(grants) = grants {
        return Ok(Some(remedy(grants.into_iter().flatten().collect::<BTreeSet<_>>())));
    }
    let read = suggestions.iter().map(|suggestion| SuggestedLines::read((*suggestion)?)).collect::<Option<Vec<_>>>();
    let read = read.ok_or(())?;
    // An object that stays behind is decided at its own place.
    let is_of_columns = findings.iter().all(|finding| !finding.examples_are_names());
    if let Some(line) = columns.line_for_all(findings, &read).filter(|_| is_of_columns) {
        return Ok(Some(line));
    }
    let merged = merged(&read);
    let merged = match columns.choice_for_all(findings, &read).filter(|_| is_of_columns) {
        Some(choice) => format!("{choice}\n{merged}"),
        None => merged,
    };
    // Two findings may want to give one key two values.
    let is_document = |text: &str| text.parse::<toml::Table>().is_ok();
    if is_document(&merged) || merged.contains('…') { Ok(Some(merged)) } else { Err(()) }
}

/// All lines, each heading once.
fn merged(all: &[SuggestedLines<'_>]) -> String {
    let (mut before, mut headings) = (Vec::new(), BTreeMap::<&str, Vec<String>>::new());
    for lines in all {
        let new = lines.before.iter().filter(|line| !before.contains(*line)).copied().collect::<Vec<_>>();
        before.extend(new);
        for (heading, below) in &lines.blocks {
            let (bodies, body) = (headings.entry(heading).or_default(), below.join("\n"));
            // One line may settle several.
            if !bodies.contains(&body) {
                bodies.push(body);
            }
        }
    }
    let blocks = headings.into_iter().map(|(heading, bodies)| format!("{heading}\n{}", bodies.join("\n")));
    before.into_iter().map(str::to_owned).chain(blocks).collect::<Vec<_>>().join("\n")
}
