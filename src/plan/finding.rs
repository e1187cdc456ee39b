//! Findings: facts that a reviewer must know.

pub use super::finding_code::FindingCode;

use crate::name::{did_you_mean, nearest};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// Severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// `apply` refuses until the spec decides.
    Blocks,
    /// Worth a look; nothing is lost.
    Warns,
    /// For information.
    Notes,
}

impl Severity {
    /// The severity's word in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Blocks => "blocks",
            Severity::Warns => "warns",
            Severity::Notes => "notes",
        }
    }
}

/// A fact about source or target that a reviewer must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Kind of the finding; its word is stable.
    pub code: FindingCode,
    /// Severity.
    pub severity: Severity,
    /// The source table it is about.
    pub table: Option<String>,
    /// The source column it is about.
    pub column: Option<String>,
    /// Number of rows or objects concerned.
    pub count: u64,
    /// Up to five keys of such rows, values beside them only if the user asked for values; or names of such objects.
    pub examples: Vec<String>,
    /// The message.
    pub message: String,
    /// A suggestion; where possible lines of spec ready to paste.
    pub suggestion: Option<FindingSuggestion>,
    /// The findings that were made one for each place, where several of one cause are one finding.
    #[serde(rename = "places", skip_serializing_if = "Vec::is_empty", serialize_with = "places")]
    pub members: Vec<Finding>,
    /// Words for several of one cause.
    #[serde(skip)]
    pub cause: Option<Cause>,
}

/// Suggestion of a finding: words, or lines of spec. Documents have its text alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct FindingSuggestion {
    /// The text.
    pub text: String,
    /// Whether it names rows by their keys, as a condition does that leaves them behind one by one. A document that is read says
    /// nothing of that.
    pub names_rows: bool,
}

impl FindingSuggestion {
    /// The same with another text.
    #[must_use]
    pub fn map(self, text: impl FnOnce(String) -> String) -> Self {
        Self { text: text(self.text), ..self }
    }
}

impl std::ops::Deref for FindingSuggestion {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<String> for FindingSuggestion {
    fn from(text: String) -> Self {
        Self { text, names_rows: false }
    }
}

impl From<&str> for FindingSuggestion {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<FindingSuggestion> for String {
    fn from(suggestion: FindingSuggestion) -> Self {
        suggestion.text
    }
}

/// Cause of a finding, in words that hold for several places: findings with the same words are one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Noun and verb of what is counted, for one and for several: `value does`, `values do`.
    pub counted: [String; 2],
    /// The sentence behind the verb.
    pub words: String,
    /// Reasons with their counts, which may differ from place to place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, u64>,
    /// The sentence's end behind the reasons: the decision of the spec.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub end: String,
    /// Addition that is left out where the places differ in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Cause {
    /// A cause without reasons.
    #[must_use]
    pub fn new(counted: [&str; 2], words: impl Into<String>) -> Self {
        Self {
            counted: counted.map(str::to_owned),
            words: words.into(),
            reasons: BTreeMap::new(),
            end: String::new(),
            detail: None,
        }
    }
}

/// Place of a finding of several.
#[derive(Serialize)]
struct FindingPlace<'a> {
    table: Option<&'a str>,
    column: Option<&'a str>,
    count: u64,
    examples: &'a [String],
    message: &'a str,
}

fn places<S: Serializer>(members: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(members.iter().map(|member| FindingPlace {
        table: member.table.as_deref(),
        column: member.column.as_deref(),
        count: member.count,
        examples: &member.examples,
        message: &member.message,
    }))
}

/// The subject of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The contents of the source's rows.
    SourceData,
    /// The target: its objects, or values that it cannot hold.
    Target,
    /// The plan itself: the spec's word on the source's structure.
    Plan,
}

impl Finding {
    /// The subject. If the finding is new since a plan was reviewed, its subject has drifted.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.code.subject()
    }

    /// With the known word that is nearest to one that is not known.
    #[must_use]
    pub(super) fn suggesting_nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(nearest) => self.suggesting(did_you_mean(nearest)),
            None => self,
        }
    }

    /// A finding about a source table.
    #[must_use]
    pub fn about(code: FindingCode, severity: Severity, table: &str, message: impl Into<String>) -> Self {
        Self { table: Some(table.to_owned()), ..Self::general(code, severity, message) }
    }

    /// A finding about the migration as a whole.
    #[must_use]
    pub fn general(code: FindingCode, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            table: None,
            column: None,
            count: 1,
            examples: Vec::new(),
            message: message.into(),
            suggestion: None,
            members: Vec::new(),
            cause: None,
        }
    }

    /// Whether what it suggests is lines of spec, if only in comments, which keep their ends.
    #[must_use]
    pub fn suggests_lines(&self) -> bool {
        let is_heading = |line: &str| line.trim_start_matches(['#', ' ']).starts_with('[');
        self.suggestion.as_deref().is_some_and(|suggestion| suggestion.lines().any(is_heading))
    }

    /// The findings of the single places; a finding about one place is its own only one.
    pub fn each(&self) -> impl Iterator<Item = &Finding> {
        let own = std::slice::from_ref(self);
        if self.members.is_empty() { own.iter() } else { self.members.iter() }
    }

    /// The same, taken apart.
    pub(super) fn into_each(self) -> Vec<Finding> {
        if self.members.is_empty() { vec![self] } else { self.members }
    }

    /// With the words that hold for several places.
    #[must_use]
    pub fn because(self, cause: Cause) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// The place in words: `orders.total`, `orders`, `31 columns in 12 tables`, `the migration`.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.table, &self.column) {
            (Some(table), Some(column)) => format!("{table}.{column}"),
            (Some(table), None) => table.clone(),
            _ => several(&self.members).unwrap_or_else(|| "the migration".to_owned()),
        }
    }

    /// The rows that are named as examples, in words behind the message: ` (rows: id=1; id=2, …)`; empty if none are.
    #[must_use]
    pub fn rows_in_words(&self) -> String {
        match self.examples.as_slice() {
            [] => String::new(),
            examples => {
                let more = if self.count > examples.len() as u64 { ", …" } else { "" };
                format!(" (rows: {}{more})", examples.join("; "))
            }
        }
    }

    /// With the column it is about.
    #[must_use]
    pub fn in_column(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }

    /// With what to do.
    #[must_use]
    pub fn suggesting(self, suggestion: impl Into<FindingSuggestion>) -> Self {
        Self { suggestion: Some(suggestion.into()), ..self }
    }

    /// The order of findings in a plan.
    pub(super) fn rank(&self) -> (Severity, Option<&str>, Option<&str>, &str, &str) {
        (self.severity, self.table.as_deref(), self.column.as_deref(), self.code.word(), &self.message)
    }
}

/// `31 columns in 12 tables`; `None` where not every finding is about a table.
fn several(findings: &[Finding]) -> Option<String> {
    let tables = findings.iter().map(|finding| finding.table.as_deref()).collect::<Option<BTreeSet<_>>>()?;
    let columns = findings.iter().map(|finding| finding.column.as_deref().map(|column| (&finding.table, column)));
    let columns = columns.collect::<Option<BTreeSet<_>>>().unwrap_or_default();
    match (columns.len(), tables.len()) {
        (_, 0) => None,
        (0, tables) => Some(format!("{tables} tables")),
        (columns, tables) => Some(format!("{columns} columns in {tables} tables")),
    }
}
