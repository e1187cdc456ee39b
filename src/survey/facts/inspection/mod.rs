//! The file itself: deterministic to the byte, sorted, and without a value of any row.

mod column;

pub(crate) use column::{ColumnFacts, Stored, TypeTrial, Zones};

use crate::catalog::{AppliedMigrations, Catalog, TableSize};
use crate::plan::{Cause, Finding, FindingCode, FindingSuggestion, Orphans, Severity};
use crate::spec::Spec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the format that this program reads and writes.
const VERSION: u64 = 9;

/// Facts of a source, enough to plan from. Rows are named by their keys; values are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    pub(crate) inspect: u64,
    /// The spec's name.
    pub(crate) name: String,
    /// The zone of timestamps that say none.
    pub(crate) timezone: String,
    /// The structure, as it is without any spec.
    pub(crate) structure: Catalog,
    /// Size of each table, whichever rows the spec selects.
    pub(crate) sizes: BTreeMap<String, RecordedSize>,
    /// Facts of the tables that the spec selects.
    pub(crate) tables: BTreeMap<String, TableFacts>,
    /// Orphans of foreign keys, by question.
    pub(crate) foreign_keys: BTreeMap<String, OrphanFacts>,
    /// Findings about references to rejected rows, by question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) references_to_rejected: BTreeMap<String, Vec<RecordedFinding>>,
    /// Answers about arithmetic in views, by view and question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) views: BTreeMap<String, BTreeMap<String, Vec<RecordedFinding>>>,
    /// The applied migrations of each record of a migration tool, by its table; none for one that could not be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) versions: BTreeMap<String, Option<AppliedMigrations>>,
    /// The type of the file system that the source lies on, where it is one that other machines write to past SQLite's locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) network_file_system: Option<String>,
    /// Numbers that the source keeps for its application outside of all tables, by the words that read them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) application_numbers: BTreeMap<String, i64>,
}

/// Size of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedSize {
    pub(crate) rows: u64,
    /// Estimated.
    pub(crate) bytes: u64,
    /// Bits of the integer type whose last number has been generated as a key ([`TableSize::used_up`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) used_up: Option<u8>,
}

impl From<TableSize> for RecordedSize {
    fn from(size: TableSize) -> Self {
        Self { rows: size.rows, bytes: size.bytes, used_up: size.used_up() }
    }
}

impl From<RecordedSize> for TableSize {
    /// A generated key is known by what it has used up alone: the file holds no value.
    fn from(extent: RecordedSize) -> Self {
        let last_key = extent.used_up.map(|bits| match bits {
            16 => i64::from(i16::MAX),
            32 => i64::from(i32::MAX),
            _ => i64::MAX,
        });
        Self { rows: extent.rows, bytes: extent.bytes, last_key, ..Self::default() }
    }
}

/// Facts of the rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableFacts {
    /// The spec's condition on the rows.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<String>,
    /// The rows that meet it.
    pub(crate) rows: u64,
    pub(crate) columns: BTreeMap<String, ColumnFacts>,
    /// How many rows have a value that does not fit in one of several columns that reject it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rejected: Option<RejectedRows>,
    /// Answers about keys, limits, CHECKs and arithmetic, by question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) questions: BTreeMap<String, Vec<RecordedFinding>>,
}

/// Rows that are rejected for any of these columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectedRows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: u64,
}

/// Rows that reference nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrphanFacts {
    pub(crate) count: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) examples: Vec<String>,
    /// The condition that the other rows meet, where the source alone does not find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) staying: Option<String>,
}

/// A finding that answers a question, without its table, which the question has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedFinding {
    code: String,
    severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    count: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    examples: Vec<String>,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suggestion: Option<FindingSuggestion>,
    /// Words for several places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
}

/// A file that cannot be planned from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInspection {
    /// The text is no inspect file.
    #[error("this is no file that `transship inspect` wrote: {0}")]
    Foreign(String),
    /// Another version of transship wrote it.
    #[error("this file is of version {found}, and this transship reads version {VERSION}")]
    Version {
        /// The version found.
        found: String,
    },
    /// The text is an inspect file, and damaged.
    #[error("this file is damaged: {0}")]
    Damaged(String),
    /// It is about another migration.
    #[error("this file is of the migration {found}, and the spec's is {wanted}")]
    OfAnother {
        /// The name in the file.
        found: String,
        /// The spec's name.
        wanted: String,
    },
    /// It is about other databases of the server, with other names for the same tables.
    #[error("this file is of {found}, and the spec's `source.databases` names {wanted}")]
    OfOtherDatabases {
        /// The databases of the file, in words.
        found: String,
        /// The databases of the spec, in words.
        wanted: String,
    },
}

impl Inspection {
    /// An inspection without facts yet.
    pub(crate) fn of(name: &str, timezone: String, structure: Catalog) -> Self {
        Self {
            inspect: VERSION,
            name: name.to_owned(),
            timezone,
            structure,
            sizes: BTreeMap::new(),
            tables: BTreeMap::new(),
            foreign_keys: BTreeMap::new(),
            references_to_rejected: BTreeMap::new(),
            views: BTreeMap::new(),
            versions: BTreeMap::new(),
            network_file_system: None,
            application_numbers: BTreeMap::new(),
        }
    }

    /// Reads the file of the spec's migration.
    ///
    /// # Errors
    /// The text is something else, damaged, of another version, or about another migration or other databases.
    pub fn parse(text: &str, spec: &Spec) -> Result<Self, NoInspection> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| NoInspection::Foreign(format!("no JSON: {error}")))?;
        let Some(version) = value.get("inspect") else {
            return Err(NoInspection::Foreign("it has no key `inspect`".to_owned()));
        };
        if version.as_u64() != Some(VERSION) {
            return Err(NoInspection::Version { found: version.to_string() });
        }
        // From the text once more: only so does the message name the line.
        let inspection: Self = serde_json::from_str(text).map_err(|error| NoInspection::Damaged(error.to_string()))?;
        for found in inspection.answers() {
            if !FindingCode::of_word(&found.code).is_some_and(FindingCode::is_answer) {
                return Err(NoInspection::Damaged(format!("nothing that transship finds is called `{}`", found.code)));
            }
        }
        if inspection.name != spec.name {
            return Err(NoInspection::OfAnother { found: inspection.name, wanted: spec.name.clone() });
        }
        let wanted = spec.source.databases.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let found = &inspection.structure.databases;
        if wanted.iter().any(|name| !found.contains(name)) || found.iter().any(|name| !wanted.contains(name)) {
            let words =
                |names: &[String], none: &str| if names.is_empty() { none.to_owned() } else { names.join(", ") };
            return Err(NoInspection::OfOtherDatabases {
                found: words(found, "one database alone"),
                wanted: words(&wanted, "none"),
            });
        }
        Ok(inspection)
    }

    /// The file's text.
    ///
    /// # Errors
    /// Never for an inspection; serde_json's interface has the possibility.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The same without the keys of example rows and whatever names rows by them.
    #[must_use]
    pub fn without_keys(mut self) -> Self {
        for facts in self.tables.values_mut() {
            let columns = facts.columns.values_mut().filter_map(|column| column.tried.as_mut());
            columns.filter_map(|tried| tried.misfit.as_mut()).for_each(|misfit| misfit.examples.clear());
        }
        for orphans in self.foreign_keys.values_mut() {
            orphans.examples.clear();
            orphans.staying = None;
        }
        let of_tables = self.tables.values_mut().flat_map(|facts| facts.questions.values_mut());
        let of_views = self.views.values_mut().flat_map(BTreeMap::values_mut);
        for found in of_tables.chain(of_views).chain(self.references_to_rejected.values_mut()).flatten() {
            found.examples.clear();
            found.suggestion = found.suggestion.take().filter(|suggestion| !suggestion.names_rows);
        }
        self
    }

    /// The number of tables whose values were looked at.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.tables.len()
    }

    fn answers(&self) -> impl Iterator<Item = &RecordedFinding> {
        let of_tables = self.tables.values().flat_map(|facts| facts.questions.values());
        let of_views = self.views.values().flat_map(BTreeMap::values);
        of_tables.chain(of_views).chain(self.references_to_rejected.values()).flatten()
    }
}

impl RecordedFinding {
    pub(crate) fn of(finding: Finding) -> Self {
        let Finding { code, severity, column, count, examples, message, suggestion, cause, .. } = finding;
        Self { code: code.word().to_owned(), severity, column, count, examples, message, suggestion, cause }
    }

    /// The finding about this table; nothing for a code that [`Inspection::parse`] would have refused.
    pub(crate) fn finding(&self, table: &str) -> Option<Finding> {
        let code = FindingCode::of_word(&self.code).filter(|code| code.is_answer())?;
        let Self { code: _, severity, column, count, examples, message, suggestion, cause } = self.clone();
        let finding = Finding::about(code, severity, table, message);
        Some(Finding { column, count, examples, suggestion, cause, ..finding })
    }
}

impl From<Orphans> for OrphanFacts {
    fn from(orphans: Orphans) -> Self {
        let Orphans { count, examples, staying } = orphans;
        Self { count, examples, staying }
    }
}

impl From<OrphanFacts> for Orphans {
    fn from(facts: OrphanFacts) -> Self {
        let OrphanFacts { count, examples, staying } = facts;
        Self { count, examples, staying }
    }
}
