//! The file itself: deterministic to the byte, sorted, and without a value of any row.

use crate::catalog::{Catalog, ColumnProfile, Number, StoredCounts};
use crate::plan::{Finding, Orphans, Severity};
use crate::survey::values::misfits::Misfit;
use crate::value::Spelling;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format that this program reads and writes.
const VERSION: u64 = 4;

/// The findings that a question may have for an answer: a [`Finding`]'s code is a word of the program.
const CODES: [&str; 12] = [
    "arithmetic_overflow",
    "check_not_asked",
    "check_violated",
    "duplicate_key",
    "foreign_key_to_rejected",
    "integers_rounded",
    "key_too_long",
    "row_too_large",
    "row_too_wide",
    "rows_left_behind",
    "storage_class_forgotten",
    "value_too_large",
];

/// What was found in a source: enough to plan from. Rows are named by their keys; values are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    pub(crate) inspect: u64,
    /// The spec's name.
    pub(crate) name: String,
    /// What a timestamp without zone was taken for.
    pub(crate) timezone: String,
    /// The structure, as it is without any spec.
    pub(crate) structure: Catalog,
    /// How much stands in each table, whichever rows the spec selects.
    pub(crate) sizes: BTreeMap<String, Extent>,
    /// What was found in the tables that the spec selects.
    pub(crate) tables: BTreeMap<String, TableFacts>,
    /// What foreign keys lead to, by question.
    pub(crate) foreign_keys: BTreeMap<String, OrphanFacts>,
    /// What references rejected rows, by question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) references_to_rejected: BTreeMap<String, Vec<Answer>>,
    /// What was asked about arithmetic in views, by view and question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) views: BTreeMap<String, BTreeMap<String, Vec<Answer>>>,
    /// The type of the file system that the source lies on, where it is one that other machines write to past SQLite's locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) network_file_system: Option<String>,
}

/// How much stands in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extent {
    pub(crate) rows: u64,
    /// Estimated.
    pub(crate) bytes: u64,
}

/// What was found in the rows of a table.
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
    /// What was asked about keys, limits, CHECKs and arithmetic, with the answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) questions: BTreeMap<String, Vec<Answer>>,
}

/// Rows that are rejected for any of these columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectedRows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: u64,
}

/// What was found in a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnFacts {
    /// What was read in place of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_sql: Option<String>,
    pub(crate) stored: Stored,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_characters: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_blob: Option<u64>,
    /// The numbers of the column are below this power of two, whatever their sign; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) numbers_below_power: Option<u16>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) dates: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) fractions_beyond_microseconds: u64,
    /// How its values are spelled, where some are dates, times or UUIDs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) spellings: BTreeSet<Spelling>,
    /// How many times say their zone, where the column holds times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zones: Option<Zones>,
    /// The types, with what `from` says, that hold every value of the column, with commas between them. Empty where nothing
    /// but NULL is stored.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) holds: String,
    /// Types that hold every value once more is decided, each with the keys of the spec that decide it: `bigint with
    /// leading_zeros`. What stands neither here nor there holds not every value, whatever is decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) holds_once_decided: String,
    /// How it went with the type that the spec gave the column; nothing where the table could not be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rehearsed: Option<TypeTrial>,
}

/// How often each storage class stands in a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Stored {
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) null: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) integer: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) real: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) text: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) blob: u64,
}

/// A column's values, tried with one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeTrial {
    /// The type, with what `from` says.
    #[serde(rename = "as")]
    pub(crate) becomes: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) not_null: bool,
    /// What does not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) misfit: Option<Misfit>,
}

/// Times that say their zone and times that do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Zones {
    pub(crate) said: u64,
    pub(crate) unsaid: u64,
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

/// A finding that answers a question; its table is that of the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    code: String,
    severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    count: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    examples: Vec<String>,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

/// A file that cannot be planned from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInspection {
    /// It is something else.
    #[error("this is no file that `transship inspect` wrote: {0}")]
    Foreign(String),
    /// Another version of transship wrote it.
    #[error("this file is of version {found}, and this transship reads version {VERSION}")]
    Version {
        /// The version found.
        found: String,
    },
    /// It was one, and is not any more.
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
            network_file_system: None,
        }
    }

    /// Reads the file of the migration `name`.
    ///
    /// # Errors
    /// The text is something else, damaged, of another version, or about another migration.
    pub fn parse(text: &str, name: &str) -> Result<Self, NoInspection> {
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
            if !CODES.contains(&found.code.as_str()) {
                return Err(NoInspection::Damaged(format!("nothing that transship finds is called `{}`", found.code)));
            }
        }
        if inspection.name != name {
            return Err(NoInspection::OfAnother { found: inspection.name, wanted: name.to_owned() });
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
            let columns = facts.columns.values_mut().filter_map(|column| column.rehearsed.as_mut());
            columns.filter_map(|rehearsed| rehearsed.misfit.as_mut()).for_each(|misfit| misfit.examples.clear());
        }
        for orphans in self.foreign_keys.values_mut() {
            orphans.examples.clear();
            orphans.staying = None;
        }
        let of_tables = self.tables.values_mut().flat_map(|facts| facts.questions.values_mut());
        for found in of_tables.chain(self.references_to_rejected.values_mut()).flatten() {
            found.examples.clear();
            // The condition that leaves rows behind one by one.
            found.suggestion = found.suggestion.take().filter(|suggestion| !suggestion.contains(" IN ("));
        }
        self
    }

    /// The number of tables whose values were looked at.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.tables.len()
    }

    fn answers(&self) -> impl Iterator<Item = &Answer> {
        let of_tables = self.tables.values().flat_map(|facts| facts.questions.values());
        let of_views = self.views.values().flat_map(BTreeMap::values);
        of_tables.chain(of_views).chain(self.references_to_rejected.values()).flatten()
    }
}

impl Answer {
    pub(crate) fn of(finding: Finding) -> Self {
        let Finding { code, severity, table: _, column, count, examples, message, suggestion } = finding;
        Self { code: code.to_owned(), severity, column, count, examples, message, suggestion }
    }

    /// The finding about this table; nothing for a code that [`Inspection::parse`] would have refused.
    pub(crate) fn finding(&self, table: &str) -> Option<Finding> {
        let code = CODES.iter().find(|code| **code == self.code)?;
        let Self { code: _, severity, column, count, examples, message, suggestion } = self.clone();
        Some(Finding { code, severity, table: Some(table.to_owned()), column, count, examples, message, suggestion })
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

impl From<StoredCounts> for Stored {
    fn from(StoredCounts { null, integer, real, text, blob }: StoredCounts) -> Self {
        Self { null, integer, real, text, blob }
    }
}

impl From<Stored> for StoredCounts {
    fn from(Stored { null, integer, real, text, blob }: Stored) -> Self {
        Self { null, integer, real, text, blob }
    }
}

impl ColumnFacts {
    /// The profile, in which no value stands.
    pub(crate) fn profile(&self, column: &str) -> ColumnProfile {
        ColumnProfile {
            column: column.to_owned(),
            stored: self.stored.into(),
            minimum: None,
            maximum: None,
            longest_characters: self.longest_characters,
            longest_bytes: self.longest_bytes,
            longest_blob: self.longest_blob,
            dates: self.dates.clone(),
            fractions_beyond_microseconds: self.fractions_beyond_microseconds,
        }
    }

    /// What a profile says but for its values.
    pub(crate) fn of_profile(profile: ColumnProfile) -> Self {
        let ColumnProfile {
            column: _,
            stored,
            minimum,
            maximum,
            longest_characters,
            longest_bytes,
            longest_blob,
            dates,
            fractions_beyond_microseconds,
        } = profile;
        Self {
            stored: stored.into(),
            longest_characters,
            longest_bytes,
            longest_blob,
            numbers_below_power: minimum.into_iter().chain(maximum).map(power_above).max(),
            dates,
            fractions_beyond_microseconds,
            ..Self::default()
        }
    }

    /// How the values are spelled; nothing where that was not written down.
    pub(crate) fn spelled(&self) -> Option<BTreeSet<Spelling>> {
        let Stored { null: _, integer, real, text, blob } = self.stored;
        let is_written = !self.spellings.is_empty();
        let others = [(integer + real, Spelling::Number), (blob, Spelling::Blob)];
        let others = others.into_iter().filter(|(count, _)| *count > 0).map(|(_, spelling)| spelling);
        if is_written { Some(self.spellings.clone()) } else { (text == 0).then(|| others.collect()) }
    }

    /// Between which numbers all of the column lie.
    pub(crate) fn extent(&self) -> (f64, f64) {
        let most = self.numbers_below_power.map_or(0.0, |power| 2_f64.powi(i32::from(power)));
        (-most, most)
    }

    /// How many values other than NULL stand in the column.
    pub(crate) fn values(&self) -> u64 {
        let Stored { null: _, integer, real, text, blob } = self.stored;
        integer + real + text + blob
    }
}

/// The exponent of the first power of two beyond a number's magnitude: so much says how far arithmetic may come, and nothing
/// of the value. Of the largest doubles and infinity it is one that no double reaches.
fn power_above(number: Number) -> u16 {
    const MOST: u16 = 1024;
    let magnitude = number.magnitude().abs();
    (0..MOST).find(|power| magnitude < 2_f64.powi(i32::from(*power))).unwrap_or(MOST)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
