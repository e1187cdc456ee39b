//! What stays behind, and the findings that tell a reviewer of it.
//!
//! Where something cannot be carried over, whoever finds out says the place and the [`Reason`]. One table here decides
//! what that means: the finding's code, how grave it is, and what the application will miss. Things of one kind with one
//! reason are one finding, however many there are.
//!
//! What the spec itself leaves behind (`skip`, `exclude`, `false`) is listed and is no finding: it was decided.

use super::finding::{Finding, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something of the source that is not carried over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Omitted {
    /// What it is: trigger, view, virtual table, default, check, …
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
    /// The reason without place, text and advice: what is alike has the same.
    #[serde(skip)]
    pub cause: String,
    /// The source's text.
    #[serde(skip)]
    pub text: Option<String>,
    /// What the application will miss.
    #[serde(skip)]
    lack: &'static str,
    /// What settles it, where lines of spec can.
    #[serde(skip)]
    settled_by: Option<Lines>,
    /// Whether the finding is made here, and not by whoever found out.
    #[serde(skip)]
    is_told_here: bool,
}

/// Lines of spec under one heading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lines {
    /// The heading, without its brackets.
    pub(super) heading: String,
    /// What stands under it.
    pub(super) body: String,
}

impl Lines {
    pub(super) fn new(heading: impl Into<String>, body: impl Into<String>) -> Self {
        Self { heading: heading.into(), body: body.into() }
    }
}

/// Where something that stays behind belongs.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    name: String,
    table: Option<String>,
    column: Option<String>,
}

impl Place {
    /// A column of a table.
    pub(super) fn column(table: &str, column: &str) -> Self {
        Self { name: format!("{table}.{column}"), table: Some(table.to_owned()), column: Some(column.to_owned()) }
    }

    /// Something of a table, by the name that it has in the list.
    pub(super) fn of_table(table: &str, name: impl Into<String>) -> Self {
        Self { name: name.into(), table: Some(table.to_owned()), column: None }
    }

    /// Something of its own, such as a trigger of a table that is not known.
    pub(super) fn alone(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A table, or what is read like one.
    pub(super) fn table(name: &str) -> Self {
        Self::of_table(name, name)
    }
}

/// Who tells a reviewer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Told {
    /// A finding of the table below.
    #[default]
    ByKind,
    /// Nobody has to: the spec says so, or what it belongs to stays behind as well.
    Known,
    /// A finding with this code.
    Elsewhere(&'static str),
}

/// Why something stays behind.
#[derive(Debug, Clone, Default)]
pub(super) struct Reason {
    cause: String,
    /// What stands in the list; the cause where there is nothing to add.
    full: String,
    text: Option<String>,
    settled_by: Option<Lines>,
    told: Told,
}

impl<T: Into<String>> From<T> for Reason {
    fn from(cause: T) -> Self {
        let cause = cause.into();
        Self { full: cause.clone(), cause, ..Self::default() }
    }
}

impl Reason {
    /// A decision of the spec, or what follows from something else that stays behind.
    pub(super) fn known(cause: impl Into<String>) -> Self {
        Self { told: Told::Known, ..cause.into().into() }
    }

    /// The cause, the source's text, and the line of spec under `heading` that would decide it: SQL in the place of
    /// `unwritten`, or `false`.
    pub(super) fn undecided(cause: &str, text: &str, heading: &str, key: &str, unwritten: &str) -> Self {
        let full = format!(
            "{cause}: {text}\nThe spec can say it in PostgreSQL's SQL, or false to leave it behind:\n\
             [{heading}]\n{key} = \"{unwritten}\""
        );
        Self::from(cause).with_text(text, full).settled_by(Lines::new(heading, format!("{key} = false")))
    }

    /// Known after all where it goes with what the spec skips.
    pub(super) fn known_if(self, goes_with_another: bool) -> Self {
        if goes_with_another { Self { told: Told::Known, ..self } } else { self }
    }

    /// With the source's text, and what stands in the list.
    pub(super) fn with_text(self, text: &str, full: String) -> Self {
        Self { text: Some(text.to_owned()), full, ..self }
    }

    /// With the lines that settle it.
    pub(super) fn settled_by(self, lines: Lines) -> Self {
        Self { settled_by: Some(lines), ..self }
    }

    /// Told by a finding that is made elsewhere.
    pub(super) fn told_by(self, code: &'static str) -> Self {
        Self { told: Told::Elsewhere(code), ..self }
    }
}

/// What it means that a thing of some kind stays behind.
struct Kind {
    /// As it stands in the list.
    word: &'static str,
    /// One of them, and many, in a sentence.
    nouns: [&'static str; 2],
    code: &'static str,
    severity: Severity,
    /// What the application will miss.
    lack: &'static str,
    /// The comment in front of the lines that settle it.
    advice: &'static str,
}

const FALSE: &str = "leaves it behind knowingly; PostgreSQL's SQL in place of false carries it over";
const SKIP: &str = "leaves it behind knowingly";

/// A default that was lost from a column which takes no NULL.
const REFUSED: &str = "a row without a value is refused, for the column is NOT NULL";

/// What the application will miss warns; what is only slower, or the target's own decision, is a note.
const KINDS: [Kind; 13] = [
    Kind {
        word: "default",
        nouns: ["default", "defaults"],
        code: "default_omitted",
        severity: Severity::Warns,
        lack: "a row without a value gets NULL",
        advice: FALSE,
    },
    Kind {
        word: "generated",
        nouns: ["generated column", "generated columns"],
        code: "generated_omitted",
        severity: Severity::Warns,
        lack: "PostgreSQL computes nothing for new rows",
        advice: FALSE,
    },
    Kind {
        word: "check",
        nouns: ["check", "checks"],
        code: "check_omitted",
        severity: Severity::Warns,
        lack: "new rows are not checked",
        advice: FALSE,
    },
    Kind {
        word: "primary key",
        nouns: ["primary key", "primary keys"],
        code: "unique_index_omitted",
        severity: Severity::Warns,
        lack: "new rows may repeat a key",
        advice: SKIP,
    },
    Kind {
        word: "unique",
        nouns: ["unique key", "unique keys"],
        code: "unique_index_omitted",
        severity: Severity::Warns,
        lack: "new rows may repeat a key",
        advice: SKIP,
    },
    Kind {
        word: "unique index",
        nouns: ["unique index", "unique indexes"],
        code: "unique_index_omitted",
        severity: Severity::Warns,
        lack: "new rows may repeat a key",
        advice: FALSE,
    },
    Kind {
        word: "index",
        nouns: ["index", "indexes"],
        code: "index_omitted",
        severity: Severity::Notes,
        lack: "queries that used it are slower",
        advice: FALSE,
    },
    Kind {
        word: "foreign key",
        nouns: ["foreign key", "foreign keys"],
        code: "foreign_key_omitted",
        severity: Severity::Warns,
        lack: "new rows may reference what does not exist",
        advice: SKIP,
    },
    Kind {
        word: "collation",
        nouns: ["collation", "collations"],
        code: "collation_omitted",
        severity: Severity::Warns,
        lack: "comparisons and order may have other answers",
        advice: "this type compares by bytes, knowingly; \"citext\" compares without regard to case",
    },
    Kind {
        word: "constraints",
        nouns: ["table's constraints", "tables' constraints"],
        code: "constraints_omitted",
        severity: Severity::Warns,
        lack: "new rows are not checked",
        advice: SKIP,
    },
    Kind {
        word: "trigger",
        nouns: ["trigger", "triggers"],
        code: "trigger_omitted",
        severity: Severity::Warns,
        lack: "what a trigger did is not done",
        advice: "a step of its name (steps.\"trigger NAME\") does its work, skip leaves it behind knowingly",
    },
    Kind {
        word: "view",
        nouns: ["view", "views"],
        code: "view_omitted",
        severity: Severity::Warns,
        lack: "queries of such a view fail",
        advice: "leaves it behind knowingly; sql = \"SELECT …\" in place of skip carries it over",
    },
    Kind {
        word: "virtual table",
        nouns: ["virtual table", "virtual tables"],
        code: "virtual_table_omitted",
        severity: Severity::Warns,
        lack: "queries of such a table fail",
        advice: SKIP,
    },
];

/// Everything else: columns that the application's own table computes.
const OTHER: Kind = Kind {
    word: "column",
    nouns: ["column", "columns"],
    code: "column_omitted",
    severity: Severity::Notes,
    lack: "its values are not copied",
    advice: SKIP,
};

fn kind(word: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.word == word).unwrap_or(&OTHER)
}

/// Whether the examples of findings with this code are names of things, not keys of rows.
pub(super) fn names_things(code: &str) -> bool {
    code == OTHER.code || KINDS.iter().any(|kind| kind.code == code)
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
            kind: word,
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
    pub(super) fn from_not_null(self) -> Self {
        Self { lack: REFUSED, ..self }
    }
}

/// How many things of each kind stay behind without a word of the spec, as they are called in a sentence: `2 triggers`.
pub(super) fn counted(omitted: &[Omitted]) -> Vec<(u64, &'static str)> {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for one in omitted.iter().filter(|one| one.finding.is_some()) {
        *found.entry(one.kind).or_default() += 1;
    }
    let noun = |(word, count): (&str, u64)| (count, kind(word).nouns[usize::from(count != 1)]);
    found.into_iter().map(noun).collect()
}

/// The findings about what stays behind: one for each kind and reason.
pub(super) fn findings(omitted: &[Omitted]) -> Vec<Finding> {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Omitted>> = BTreeMap::new();
    for one in omitted.iter().filter(|one| one.is_told_here) {
        groups.entry((one.kind, one.lack, &one.cause)).or_default().push(one);
    }
    groups.into_values().map(|alike| finding(&alike)).collect()
}

/// Names in a finding; the others are counted.
const NAMED: usize = 5;

/// The longest text of the source that stands in a finding's message; a longer one stands in the list.
const LONGEST_TEXT: usize = 100;

fn finding(alike: &[&Omitted]) -> Finding {
    let (first, number) = (alike[0], alike.len() as u64);
    let kind = kind(first.kind);
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
    /// What all have; nothing where it is not the same.
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
        omitted.push(default("g", "now()").from_not_null());
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
