//! The checked spec, as the rest of the program uses it.
//!
//! Every value here has been checked: types are known, globs compile, time zones exist, variables are set. The form of
//! the document in the file, with places for messages, is in `raw` and `read`.

use super::backup::BackupSpec;
use super::bench::BenchSpec;
use super::check::Check;
use super::column_zone::ColumnZone;
use super::cutover::CutoverSpec;
use super::data_mode::DataMode;
use super::decisions::Decision;
use super::existing_rows::{ExistingRows, MergeSpec};
use super::kit::KitSpec;
use super::pattern::NamePatterns;
use super::type_rule::TypeRule;
use super::user_step::UserStep;
use crate::catalog::{ColumnType, SnapshotMethod};
use crate::connection::{SourceConnection, TargetConnection};
use crate::name::{NameStyle, Schemas, named};
use crate::value::{Forgetting, Reading, ZeroDates};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

/// A checked spec.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The migration's name; keys the ledger and names the embedded database.
    pub name: String,
    /// The file of the spec, as the user named it.
    pub path: PathBuf,
    /// The overlay chosen with `--env`.
    pub environment: Option<String>,
    /// `[source]`
    pub source: SourceSpec,
    /// `[target]`
    pub target: TargetSpec,
    /// `[types]`, the most specific rule first.
    pub types: Vec<TypeRule>,
    /// `[tables.NAME]`, by the name in the source.
    pub tables: BTreeMap<String, TableSpec>,
    /// The tables of the source whose former versions of rows `[tables.NAME] history` leaves behind.
    pub left_histories: BTreeSet<String>,
    /// The tables of the source whose ON CONFLICT clauses `[tables.NAME] conflict_clauses` leaves behind.
    pub left_conflict_clauses: BTreeSet<String>,
    /// `[views.NAME]`, by the name in the source.
    pub views: BTreeMap<String, ViewSpec>,
    /// The triggers of the source that `[triggers.NAME]` leaves behind.
    pub skipped_triggers: BTreeSet<String>,
    /// The procedures, functions, events and sequences of the source that `[objects.NAME]` leaves behind.
    pub skipped_objects: BTreeSet<String>,
    /// `[steps.NAME]`
    pub steps: BTreeMap<String, UserStep>,
    /// `[checks.NAME]`
    pub checks: BTreeMap<String, Check>,
    /// Checks that compare both sides' rows, where none are copied: they are not asked.
    pub left_checks: BTreeSet<String>,
    /// The decisions as they are written, for the head of a plan.
    pub decisions: Vec<Decision>,
    /// `templates = "directory"`: files there replace the built-in templates of the same name.
    pub templates: Option<PathBuf>,
    /// `[backup]`
    pub backup: BackupSpec,
    /// `[bench.NAME]`
    pub benches: BTreeMap<String, BenchSpec>,
    /// `[cutover]`
    pub cutover: CutoverSpec,
    /// `[kit]`
    pub kit: KitSpec,
}

/// `[source]`
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// Where the source is.
    pub connection: SourceConnection,
    /// The databases of the server that are read, in pairs with the schemas that their tables go into; empty for the one of
    /// the URL.
    pub databases: Vec<(String, String)>,
    /// `include` and `exclude`.
    pub tables: NamePatterns,
    /// Time zone of timestamps without one; UTC if the spec is silent.
    pub timezone: TimeZone,
    /// Whether the spec gives it.
    pub names_timezone: bool,
    /// Treatment of dates that no calendar has, where column and type say nothing else.
    pub zero_dates: ZeroDates,
    /// How several connections to a server get the same state of it; `None` for the first method that it permits.
    pub snapshot: Option<SnapshotMethod>,
}

/// `[target]`
#[derive(Debug, Clone)]
pub struct TargetSpec {
    /// Where the target is.
    pub connection: TargetConnection,
    /// The schema that receives the tables, `public` if the spec is silent; or one for each database of the source.
    pub schemas: Schemas,
    /// Maker of the tables.
    pub tables: TablesMode,
    /// Treatment of rows that the application's tables already hold.
    pub existing_rows: ExistingRows,
    /// Versions of the application's schema that both sides may have.
    pub schema_version: SchemaVersion,
    /// Rows that are copied.
    pub data: DataMode,
    /// How names are carried over.
    pub names: NameStyle,
    /// Carrier of the source's comparison of texts, for columns without a word of their own.
    pub comparison: Option<TextComparison>,
    /// Extensions to create, in the spec's order.
    pub extensions: Vec<String>,
    /// `ALTER DATABASE … SET`, by name.
    pub settings: BTreeMap<String, String>,
    /// Privileges of each role on the schema and its tables.
    pub grants: BTreeMap<String, Privileges>,
}

/// `target.tables`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TablesMode {
    /// transship creates the tables and refuses if one of the name exists.
    #[default]
    Create,
    /// The application's own schema receives the rows.
    Existing,
    /// Tables of the name are set aside first.
    Replace,
}

/// `target.schema_version`: versions of the application's schema, as its migration tool records them on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemaVersion {
    /// Both sides have to have the same one.
    #[default]
    Same,
    /// Each may have its own.
    Any,
}

/// The value of one grant: `"all"`, `"read"`, or a list of privileges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Privileges {
    /// Everything on schema, tables and sequences.
    All,
    /// USAGE on the schema, SELECT on tables and sequences.
    Read,
    /// These table privileges (`SELECT`, `INSERT`, …), upper case, with USAGE on schema and sequences.
    Listed(Vec<String>),
}

/// `[tables.NAME]`
#[derive(Clone, Default)]
pub struct TableSpec {
    /// `rename`: the table's name in the target.
    pub rename: Option<String>,
    /// `skip = true`: the table stays behind.
    pub skip: bool,
    /// Tables to be copied before this one.
    pub after: Vec<String>,
    /// Only these rows, in the source's SQL.
    pub filter: Option<String>,
    /// Treatment of values that do not fit; a column's own takes precedence.
    pub on_bad_value: Option<OnBadValue>,
    /// Treatment of rows that the table already holds, if it differs from that of `[target]`.
    pub existing_rows: Option<ExistingRows>,
    /// `merge`: how rows that are there already are recognised.
    pub merge: Option<MergeSpec>,
    /// `columns.NAME`
    pub columns: BTreeMap<String, ColumnSpec>,
    /// A tsvector column with a GIN index.
    pub search: Option<SearchSpec>,
    /// `checks.NAME`: the condition of a CHECK in PostgreSQL's SQL.
    pub checks: BTreeMap<String, SqlOrOmitted>,
    /// `indexes.NAME`: the part of CREATE INDEX after the table's name.
    pub indexes: BTreeMap<String, SqlOrOmitted>,
    /// `foreign_keys."COLUMN, COLUMN"`, by the columns of the referencing side.
    pub foreign_keys: BTreeMap<String, ForeignKeyMode>,
    /// `keys."COLUMN, COLUMN" = false`: the primary key or unique constraint over these columns stays behind.
    pub left_keys: BTreeSet<String>,
    /// Whether the source's partitions become partitions; `None` where PostgreSQL can.
    pub partitions: Option<bool>,
}

impl fmt::Debug for TableSpec {
    /// Digests of specs are made of this form: without what a spec that is silent about it does not have.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rename, skip, after, filter, on_bad_value, existing_rows, columns, search, checks, .. } = self;
        let mut shown = formatter.debug_struct("TableSpec");
        shown.field("rename", rename).field("skip", skip).field("after", after).field("filter", filter);
        shown.field("on_bad_value", on_bad_value).field("existing_rows", existing_rows).field("columns", columns);
        shown.field("search", search).field("checks", checks).field("indexes", &self.indexes);
        shown.field("foreign_keys", &self.foreign_keys);
        if !self.left_keys.is_empty() {
            shown.field("left_keys", &self.left_keys);
        }
        if let Some(merge) = &self.merge {
            shown.field("merge", merge);
        }
        if let Some(partitions) = self.partitions {
            shown.field("partitions", &partitions);
        }
        shown.finish()
    }
}

/// `[tables.NAME] search`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchSpec {
    /// The source's columns whose words are found.
    pub columns: Vec<String>,
    /// The text search configuration; `simple` if the spec is silent.
    pub config: String,
    /// The tsvector column's name; `search` if the spec is silent.
    pub column: String,
}

/// PostgreSQL's SQL in place of a translation, or the decision to omit the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlOrOmitted {
    /// The SQL of the spec.
    Sql(String),
    /// `false`: it is omitted.
    LeftBehind,
}

/// `[views.NAME]`
#[derive(Clone, Default)]
pub struct ViewSpec {
    /// The view's name in the target.
    pub rename: Option<String>,
    /// The view stays behind.
    pub skip: bool,
    /// Its SELECT in PostgreSQL's SQL, in place of a translation.
    pub sql: Option<String>,
    /// How `verify` compares its answers.
    pub comparison: ViewComparison,
}

impl std::fmt::Debug for ViewSpec {
    /// The plan's digest is made of this form: without the limits of comparing its answers, which do not change the
    /// plan.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rename, skip, sql, comparison: _ } = self;
        let mut shown = formatter.debug_struct("ViewSpec");
        shown.field("rename", rename).field("skip", skip).field("sql", sql).finish()
    }
}

/// Limits within which `verify` compares the answers of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewComparison {
    /// Whether the answers are compared (`compare`).
    pub compares: bool,
    /// The most rows of either answer (`compare_rows`).
    pub rows: u64,
    /// The most seconds for each side (`compare_seconds`).
    pub seconds: u64,
}

impl Default for ViewComparison {
    fn default() -> Self {
        Self { compares: true, rows: 1_000_000, seconds: 60 }
    }
}

/// `foreign_keys.COLUMN`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignKeyMode {
    /// Added, and every row is checked against it; the default.
    Validate,
    /// Added for new rows only; copied rows are not checked, even if they are orphans.
    NotValid,
    /// Omitted.
    Skip,
}

/// `[tables.NAME.columns.NAME]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnSpec {
    /// The column's type in the target.
    pub column_type: Option<ColumnType>,
    /// The column's name in the target.
    pub rename: Option<String>,
    /// The column stays behind.
    pub skip: bool,
    /// Whether the column is NOT NULL, if it differs from the source.
    pub not_null: Option<bool>,
    /// An expression in the source's SQL that is read in place of the column.
    pub source_sql: Option<String>,
    /// Reading of the stored values.
    pub from: Option<Reading>,
    /// Parts of a value that the conversion may forget.
    pub forgetting: Forgetting,
    /// The zone of its times without one, if it is not the source's.
    pub timezone: Option<ColumnZone>,
    /// Carrier of the source's comparison of texts.
    pub comparison: Option<TextComparison>,
    /// An extra index of this method.
    pub index: Option<IndexMethod>,
    /// The default in PostgreSQL's SQL.
    pub default: Option<SqlOrOmitted>,
    /// The expression of GENERATED ALWAYS AS in PostgreSQL's SQL; `false`: a plain column that is copied.
    pub generated: Option<SqlOrOmitted>,
    /// The value that an UPDATE of the row gives the column, in PostgreSQL's SQL; `false`: none.
    pub on_update: Option<SqlOrOmitted>,
    /// Treatment of values that do not fit.
    pub on_bad_value: Option<OnBadValue>,
}

/// `on_bad_value`: treatment of a value that its column in the target cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBadValue {
    /// A blocking finding: no row is written before the spec has decided.
    #[default]
    Stop,
    /// NULL takes its place; the ledger counts them.
    Null,
    /// The row goes whole into the ledger instead of the target.
    Reject,
}

/// `comparison`: the part of the target that compares texts as the source's collation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TextComparison {
    /// The unique keys: a unique index beside each of them refuses what the source refuses. Queries compare by bytes.
    #[default]
    Keys,
    /// The columns, by a collation of PostgreSQL's: queries, keys and foreign keys compare as in the source. LIKE refuses
    /// such a column before PostgreSQL 18.
    Columns,
    /// None: everything compares by bytes.
    Bytes,
}

impl TextComparison {
    /// Every carrier with the spec's word for it.
    pub const ALL: [(&'static str, TextComparison); 3] =
        [("keys", TextComparison::Keys), ("columns", TextComparison::Columns), ("bytes", TextComparison::Bytes)];
}

/// `columns.NAME.index`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexMethod {
    /// `btree`
    Btree,
    /// `hash`
    Hash,
    /// `gin`
    Gin,
    /// `gist`
    Gist,
    /// `brin`
    Brin,
}

impl OnBadValue {
    /// Every treatment with its word in the spec.
    pub const ALL: [(&'static str, OnBadValue); 3] =
        [("stop", OnBadValue::Stop), ("null", OnBadValue::Null), ("reject", OnBadValue::Reject)];
}

impl fmt::Display for OnBadValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.iter().find(|(_, treatment)| treatment == self);
        formatter.write_str(word.map_or("stop", |(word, _)| word))
    }
}

impl Spec {
    /// Treatment of rows that the target's table for this source table already holds. If no rows are copied, they are
    /// kept.
    #[must_use]
    pub fn existing_rows(&self, table: &str) -> ExistingRows {
        if self.target.data == DataMode::None {
            return ExistingRows::Keep;
        }
        let by_spec = named(&self.tables, |(name, _)| name, table);
        by_spec.and_then(|(_, table)| table.existing_rows).unwrap_or(self.target.existing_rows)
    }

    /// Whether the ON CONFLICT clauses of this table's constraints stay behind knowingly.
    #[must_use]
    pub fn leaves_conflict_clauses(&self, table: &str) -> bool {
        self.left_conflict_clauses.iter().any(|name| name.eq_ignore_ascii_case(table))
    }

    /// Whether the former versions of this table's rows stay behind knowingly.
    #[must_use]
    pub fn leaves_history(&self, table: &str) -> bool {
        self.left_histories.iter().any(|name| name.eq_ignore_ascii_case(table))
    }
}

impl SchemaVersion {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, SchemaVersion); 2] = [("same", SchemaVersion::Same), ("any", SchemaVersion::Any)];

    /// Whether both sides have to have the same version.
    #[must_use]
    pub fn is_same(&self) -> bool {
        *self == SchemaVersion::Same
    }
}

impl TablesMode {
    /// Every mode with the spec's word for it.
    pub const ALL: [(&'static str, TablesMode); 3] =
        [("create", TablesMode::Create), ("existing", TablesMode::Existing), ("replace", TablesMode::Replace)];
}

impl IndexMethod {
    /// Every method with its word in spec and SQL.
    pub const ALL: [(&'static str, IndexMethod); 5] = [
        ("btree", IndexMethod::Btree),
        ("hash", IndexMethod::Hash),
        ("gin", IndexMethod::Gin),
        ("gist", IndexMethod::Gist),
        ("brin", IndexMethod::Brin),
    ];

    /// The method's keyword in SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        Self::ALL.iter().find(|(_, method)| *method == self).map_or("btree", |(word, _)| word)
    }
}
