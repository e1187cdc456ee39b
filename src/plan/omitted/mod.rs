//! Omitted objects: parts of the source that are not carried over, and the findings that report them.
//!
//! The code that cannot carry an object over gives its place and the reason. One table here decides the finding: its
//! code, its severity, the loss to the application, and the words by which those of one kind and reason are one question.
//!
//! An object that the spec itself omits (`skip`, `exclude`, `false`) is listed without a finding: it was decided.

mod kind;
mod object;
mod reason;

pub use object::OmittedObject;
pub(super) use reason::{OmissionReason, OmittedPlace, SpecLines};

use super::finding::{Cause, Finding, FindingCode, FindingSuggestion};
use kind::{OmittedKind, REFUSED, kind, names_objects};
use reason::Reported;
use serde::Serialize;
use std::collections::BTreeMap;

/// A part of the source that is not carried over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Omitted {
    /// The kind of object, as it is listed.
    pub kind: OmittedObject,
    /// Its name or place.
    pub name: String,
    /// The reason, with the original text if that helps.
    pub reason: String,
    /// The source table that it belongs to; its own name for a view and a virtual table.
    pub table: Option<String>,
    /// The source column that it belongs to.
    pub column: Option<String>,
    /// The code of the finding that reports it; `None` if the spec decided it, or it follows from another omission.
    pub finding: Option<FindingCode>,
    /// The kind, which decides the finding.
    #[serde(skip)]
    object: OmittedObject,
    /// The reason without place, text and advice: the same for objects that share a finding.
    #[serde(skip)]
    pub cause: String,
    /// The source's text.
    #[serde(skip)]
    pub text: Option<String>,
    /// The loss to the application, in words.
    #[serde(skip)]
    lack: &'static str,
    /// Lines of spec that settle it, if any.
    #[serde(skip)]
    settled_by: Option<SpecLines>,
    /// Whether the finding is made here, and not by the code that found the omission.
    #[serde(skip)]
    is_reported_here: bool,
}

impl Omitted {
    pub(super) fn new(object: OmittedObject, place: OmittedPlace, reason: OmissionReason) -> Self {
        let kind = kind(object);
        let finding = match reason.reported {
            Reported::ByKind => Some(kind.code),
            Reported::Known => None,
            Reported::Elsewhere(code) => Some(code),
        };
        Self {
            kind: object.listed(),
            object,
            name: place.name,
            reason: reason.full,
            table: place.table,
            column: place.column,
            finding,
            cause: reason.cause,
            text: reason.text,
            lack: kind.lack,
            settled_by: reason.settled_by,
            is_reported_here: reason.reported == Reported::ByKind,
        }
    }

    /// Marks an omitted default as one of a column that takes no NULL.
    pub(super) fn of_not_null_column(self) -> Self {
        Self { lack: REFUSED, ..self }
    }
}

/// Number of omitted objects of each kind without a decision of the spec, with their noun in a sentence: `2 triggers`.
pub(super) fn counted(omitted: &[Omitted]) -> Vec<(u64, &'static str)> {
    let mut found: BTreeMap<OmittedObject, u64> = BTreeMap::new();
    for one in omitted.iter().filter(|one| one.finding.is_some()) {
        *found.entry(one.object).or_default() += 1;
    }
    let noun = |(object, count): (OmittedObject, u64)| (count, kind(object).nouns[usize::from(count != 1)]);
    found.into_iter().map(noun).collect()
}

/// The findings about omitted objects, one for each.
pub(super) fn findings(omitted: &[Omitted]) -> Vec<Finding> {
    omitted.iter().filter(|one| one.is_reported_here).map(finding).collect()
}

impl Finding {
    /// Whether the examples are names of omitted objects, not keys of rows.
    #[must_use]
    pub fn examples_are_names(&self) -> bool {
        names_objects(self.code)
    }
}

/// The longest text of the source in a finding's message; a longer one is in the list only.
const LONGEST_TEXT: usize = 100;

fn finding(one: &Omitted) -> Finding {
    let kind = kind(one.object);
    let is_short = |text: &&String| !text.contains('\n') && text.chars().count() <= LONGEST_TEXT;
    let text = one.text.as_ref().filter(is_short).map(|text| format!(": {text}"));
    let words = format!("not carried over ({}): {}", one.lack, one.cause);
    let message = format!("the {} {} is {words}{}", kind.nouns[0], one.name, text.as_deref().unwrap_or_default());
    let counted = [format!("{} is", kind.nouns[0]), format!("{} are", kind.nouns[1])];
    Finding {
        table: one.table.clone(),
        column: one.column.clone().filter(|_| one.table.is_some()),
        examples: vec![one.name.clone()],
        suggestion: suggestion(kind, one).map(FindingSuggestion::from),
        ..Finding::general(kind.code, kind.severity, message)
    }
    .because(Cause { detail: text, ..Cause::new([&counted[0], &counted[1]], words) })
}

/// The lines that settle it; `None` if there are no such lines.
fn suggestion(kind: &OmittedKind, one: &Omitted) -> Option<String> {
    let lines = one.settled_by.as_ref()?;
    let block = format!("[{}]\n{}", lines.heading, lines.body);
    Some(if kind.advice.is_empty() { block } else { format!("# {}\n{block}", kind.advice) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::grouping::{DeclaredColumns, grouped};

    fn default(column: &str, text: &str) -> Omitted {
        let line = format!("columns.{column}.default");
        let reason = OmissionReason::undecided("the clock", text, "tables.t", &line, "…");
        Omitted::new(OmittedObject::Default, OmittedPlace::column("t", column), reason)
    }

    #[test]
    fn objects_of_one_kind_and_reason_are_one_finding() {
        let mut omitted = ["a", "b", "c", "d", "e", "f"].map(|column| default(column, "now()")).to_vec();
        omitted.push(default("g", "now()").of_not_null_column());
        omitted.push(Omitted::new(
            OmittedObject::Table,
            OmittedPlace::table("old"),
            OmissionReason::known("left out by `skip`"),
        ));
        omitted.push(Omitted::new(OmittedObject::View, OmittedPlace::table("v"), "no idea".into()));
        let found = grouped(findings(&omitted), &DeclaredColumns::default());
        let told = found.iter().map(|finding| (finding.code, finding.count, finding.message.as_str()));
        let lack = "not carried over (a row without a value";
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (FindingCode::DefaultOmitted, 6, &*format!("6 defaults are {lack} gets NULL): the clock: now()")),
                (
                    FindingCode::DefaultOmitted,
                    1,
                    &*format!("the default t.g is {lack} is refused, for the column is NOT NULL): the clock: now()")
                ),
                (FindingCode::ViewOmitted, 1, "the view v is not carried over (queries of such a view fail): no idea"),
            ]
        );
        assert_eq!((found[0].table.as_deref(), found[0].column.as_deref()), (Some("t"), None));
        assert_eq!((found[1].table.as_deref(), found[1].column.as_deref()), (Some("t"), Some("g")));
        let lines = found[0].suggestion.as_deref().unwrap();
        assert!(lines.lines().filter(|line| line.starts_with('[')).eq(["[tables.t]"]), "{lines}");
        assert_eq!(
            lines.parse::<toml::Table>().unwrap()["tables"]["t"]["columns"]["f"]["default"].as_bool(),
            Some(false)
        );
        assert_eq!(counted(&omitted), [(7, "defaults"), (1, "view")]);
    }

    #[test]
    fn other_texts_are_not_quoted_for_all() {
        let found = grouped(findings(&[default("a", "x"), default("b", "y")]), &DeclaredColumns::default());
        assert!(found[0].message.ends_with("gets NULL): the clock"), "{}", found[0].message);
    }
}
