//! Things of the source that stay behind, and the findings that tell a reviewer of them.
//!
//! Where something cannot be carried over, whoever finds out says the place and the reason. One table here decides
//! what that means: the finding's code, how grave it is, and what the application will miss. Things of one kind with one
//! reason are one finding, however many there are.
//!
//! A thing that the spec itself leaves behind (`skip`, `exclude`, `false`) is listed and is no finding: it was decided.

mod kind;
mod reason;

pub(super) use reason::{Lines, Place, Reason};

use super::finding::Finding;
use kind::{Kind, REFUSED, kind, names_things};
use reason::Told;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something of the source that is not carried over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Omitted {
    /// The kind of thing: trigger, view, virtual table, default, check, …
    pub kind: &'static str,
    /// Its name or place.
    pub name: String,
    /// Why it stays behind, with the original text where that helps.
    pub reason: String,
    /// The source table that it belongs to; its own name for a view and a virtual table.
    pub table: Option<String>,
    /// The source column that it belongs to.
    pub column: Option<String>,
    /// The code of the finding that tells of it; nothing where the spec says so, or it goes with something else.
    pub finding: Option<&'static str>,
    /// The kind, with unique indexes told from others.
    #[serde(skip)]
    sort: &'static str,
    /// The reason without place, text and advice: what is alike has the same.
    #[serde(skip)]
    pub cause: String,
    /// The source's text.
    #[serde(skip)]
    pub text: Option<String>,
    /// The loss to the application, in words.
    #[serde(skip)]
    lack: &'static str,
    /// Lines of spec that settle it, where there are any.
    #[serde(skip)]
    settled_by: Option<Lines>,
    /// Whether the finding is made here, and not by whoever found out.
    #[serde(skip)]
    is_told_here: bool,
}

impl Omitted {
    pub(super) fn new(word: &'static str, place: Place, reason: Reason) -> Self {
        let kind = kind(word);
        let finding = match reason.told {
            Told::ByKind => Some(kind.code),
            Told::Known => None,
            Told::Elsewhere(code) => Some(code),
        };
        Self {
            // In the list both are indexes: documents have had that word from the beginning.
            kind: if word == "unique index" { "index" } else { word },
            sort: word,
            name: place.name,
            reason: reason.full,
            table: place.table,
            column: place.column,
            finding,
            cause: reason.cause,
            text: reason.text,
            lack: kind.lack,
            settled_by: reason.settled_by,
            is_told_here: reason.told == Told::ByKind,
        }
    }

    /// Of a default: that its column takes no NULL.
    pub(super) fn of_not_null_column(self) -> Self {
        Self { lack: REFUSED, ..self }
    }
}

/// How many things of each kind stay behind without a word of the spec, as they are called in a sentence: `2 triggers`.
pub(super) fn counted(omitted: &[Omitted]) -> Vec<(u64, &'static str)> {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for one in omitted.iter().filter(|one| one.finding.is_some()) {
        *found.entry(one.sort).or_default() += 1;
    }
    let noun = |(word, count): (&str, u64)| (count, kind(word).nouns[usize::from(count != 1)]);
    found.into_iter().map(noun).collect()
}

/// The findings about what stays behind: one for each kind and reason.
pub(super) fn findings(omitted: &[Omitted]) -> Vec<Finding> {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Omitted>> = BTreeMap::new();
    for one in omitted.iter().filter(|one| one.is_told_here) {
        groups.entry((one.sort, one.lack, &one.cause)).or_default().push(one);
    }
    groups.into_values().map(|alike| finding(&alike)).collect()
}

impl Finding {
    /// Whether the examples are names of objects that stay behind, not keys of rows.
    #[must_use]
    pub fn examples_are_names(&self) -> bool {
        names_things(self.code)
    }
}

/// Names in a finding; the others are counted.
const NAMED: usize = 5;

/// The longest text of the source that stands in a finding's message; a longer one stands in the list.
const LONGEST_TEXT: usize = 100;

fn finding(alike: &[&Omitted]) -> Finding {
    let (first, number) = (alike[0], alike.len() as u64);
    let kind = kind(first.sort);
    let subject = match alike {
        [one] => format!("the {} {} is", kind.nouns[0], one.name),
        _ => format!("{number} {} are", kind.nouns[1]),
    };
    let text = first.text.as_deref().filter(|text| {
        let is_short = !text.contains('\n') && text.chars().count() <= LONGEST_TEXT;
        is_short && alike.iter().all(|one| one.text.as_deref() == Some(text))
    });
    let text = text.map(|text| format!(": {text}")).unwrap_or_default();
    let message = format!("{subject} not carried over ({}): {}{text}", first.lack, first.cause);
    /// The part that all have in common; `None` where they differ.
    fn shared<'a>(alike: &[&'a Omitted], of: impl Fn(&'a Omitted) -> Option<&'a String>) -> Option<String> {
        let mut found = alike.iter().map(|one| of(one)).collect::<BTreeSet<_>>();
        found.pop_first().filter(|_| found.is_empty()).flatten().cloned()
    }
    let table = shared(alike, |one| one.table.as_ref());
    Finding {
        column: shared(alike, |one| one.column.as_ref()).filter(|_| table.is_some()),
        table,
        count: number,
        examples: alike.iter().take(NAMED).map(|one| one.name.clone()).collect(),
        suggestion: suggestion(kind, alike),
        ..Finding::general(kind.code, kind.severity, message)
    }
}

/// The lines that settle all of them, each heading once; nothing where there are none for some of them.
fn suggestion(kind: &Kind, alike: &[&Omitted]) -> Option<String> {
    let mut headings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in alike {
        let lines = one.settled_by.as_ref()?;
        headings.entry(&lines.heading).or_default().push(&lines.body);
    }
    let block = |(heading, bodies): (&str, Vec<&str>)| format!("[{heading}]\n{}", bodies.join("\n"));
    let blocks = headings.into_iter().map(block).collect::<Vec<_>>().join("\n");
    Some(if kind.advice.is_empty() { blocks } else { format!("# {}\n{blocks}", kind.advice) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(column: &str, text: &str) -> Omitted {
        let line = format!("columns.{column}.default");
        let reason = Reason::undecided("the clock", text, "tables.t", &line, "…");
        Omitted::new("default", Place::column("t", column), reason)
    }

    #[test]
    fn things_of_one_kind_and_reason_are_one_finding() {
        let mut omitted = ["a", "b", "c", "d", "e", "f"].map(|column| default(column, "now()")).to_vec();
        omitted.push(default("g", "now()").of_not_null_column());
        omitted.push(Omitted::new("table", Place::table("old"), Reason::known("left out by `skip`")));
        omitted.push(Omitted::new("view", Place::table("v"), "no idea".into()));
        let found = findings(&omitted);
        let told = found.iter().map(|finding| (finding.code, finding.count, finding.message.as_str()));
        let lack = "not carried over (a row without a value";
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                ("default_omitted", 6, &*format!("6 defaults are {lack} gets NULL): the clock: now()")),
                (
                    "default_omitted",
                    1,
                    &*format!("the default t.g is {lack} is refused, for the column is NOT NULL): the clock: now()")
                ),
                ("view_omitted", 1, "the view v is not carried over (queries of such a view fail): no idea"),
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
        let found = findings(&[default("a", "x"), default("b", "y")]);
        assert!(found[0].message.ends_with("gets NULL): the clock"), "{}", found[0].message);
    }
}
