//! The document as it is written: typed by TOML alone, every value with its place in the file.

use super::read::{Scalar, Text};
use std::ops::Range;
use toml::Spanned;

/// The whole document, with the chosen overlay laid over it.
#[derive(Debug)]
pub(super) struct RawDocument {
    pub(super) version: Option<Spanned<Scalar>>,
    pub(super) name: Option<Text>,
    pub(super) source: Option<RawSource>,
    pub(super) target: Option<RawTarget>,
    pub(super) types: Vec<RawType>,
    pub(super) tables: Vec<RawTable>,
    pub(super) views: Vec<RawView>,
    pub(super) triggers: Vec<RawTrigger>,
    pub(super) objects: Vec<RawTrigger>,
    pub(super) steps: Vec<RawStep>,
    pub(super) checks: Vec<RawCheck>,
    pub(super) templates: Option<Text>,
    pub(super) backup: Option<RawBackup>,
    pub(super) benches: Vec<RawBench>,
    pub(super) cutover: Option<RawCutover>,
    pub(super) kit: Option<RawKit>,
    /// The names of all overlays.
    pub(super) environments: Vec<String>,
}

/// `[source]`
#[derive(Debug)]
pub(super) struct RawSource {
    pub(super) place: Range<usize>,
    pub(super) url: RawField<Text>,
    pub(super) databases: Option<Spanned<Vec<RawDatabase>>>,
    pub(super) include: Option<Spanned<Vec<Text>>>,
    pub(super) exclude: Option<Spanned<Vec<Text>>>,
    pub(super) timezone: Option<Text>,
    pub(super) zero_dates: Option<Text>,
    pub(super) snapshot: Option<Text>,
}

/// An entry of `source.databases`: the database, and its schema if it has another name.
#[derive(Debug)]
pub(super) struct RawDatabase {
    pub(super) name: Text,
    pub(super) schema: Option<Text>,
}

/// `[target]`
#[derive(Debug)]
pub(super) struct RawTarget {
    pub(super) place: Range<usize>,
    pub(super) url: RawField<Text>,
    pub(super) schema: Option<Text>,
    pub(super) tables: Option<Text>,
    pub(super) existing_rows: Option<Text>,
    pub(super) schema_version: Option<Text>,
    pub(super) data: Option<Text>,
    pub(super) names: Option<Text>,
    pub(super) comparison: Option<Text>,
    pub(super) extensions: Option<Spanned<Vec<Text>>>,
    pub(super) settings: Vec<(Text, Spanned<Scalar>)>,
    pub(super) grants: Vec<(Text, RawGrant)>,
    pub(super) tls: Option<Text>,
    pub(super) trusted_roles: Option<Spanned<Vec<Text>>>,
}

/// The value of one grant.
#[derive(Debug)]
pub(super) enum RawGrant {
    /// `"all"`, `"read"`
    Word(Text),
    /// `["SELECT", …]`
    Listed(Spanned<Vec<Text>>),
}

/// `[backup]`
#[derive(Debug)]
pub(super) struct RawBackup {
    pub(super) directory: Option<Text>,
    pub(super) before_apply: Option<Spanned<bool>>,
    pub(super) max_age: Option<Text>,
    pub(super) keep: Option<Spanned<Scalar>>,
}

/// `[cutover]`
#[derive(Debug)]
pub(super) struct RawCutover {
    pub(super) window: Option<Text>,
    pub(super) source: Option<Text>,
}

/// `[tables.NAME]`
#[derive(Debug)]
pub(super) struct RawTable {
    pub(super) name: Text,
    pub(super) rename: Option<Text>,
    pub(super) skip: Option<Spanned<bool>>,
    pub(super) after: Option<Spanned<Vec<Text>>>,
    pub(super) filter: Option<Text>,
    pub(super) existing_rows: Option<Text>,
    pub(super) merge: Option<RawMerge>,
    pub(super) history: Option<Text>,
    pub(super) conflict_clauses: Option<Text>,
    pub(super) columns: Vec<RawColumn>,
    pub(super) search: Option<RawSearch>,
    pub(super) checks: Vec<(Text, Spanned<Scalar>)>,
    pub(super) indexes: Vec<(Text, Spanned<Scalar>)>,
    pub(super) foreign_keys: Vec<(Text, Spanned<Scalar>)>,
    pub(super) keys: Vec<(Text, Spanned<Scalar>)>,
    pub(super) partitions: Option<Spanned<bool>>,
    pub(super) on_bad_value: Option<Text>,
}

/// `[tables.NAME] merge`
#[derive(Debug)]
pub(super) struct RawMerge {
    pub(super) place: Range<usize>,
    pub(super) key: Option<Spanned<Vec<Text>>>,
    pub(super) prefer: Option<Text>,
}

/// `[tables.NAME] search`
#[derive(Debug)]
pub(super) struct RawSearch {
    pub(super) place: Range<usize>,
    pub(super) columns: Option<Spanned<Vec<Text>>>,
    pub(super) config: Option<Text>,
    pub(super) column: Option<Text>,
}

/// `[views.NAME]`
#[derive(Debug)]
pub(super) struct RawView {
    pub(super) name: Text,
    pub(super) rename: Option<Text>,
    pub(super) skip: Option<Spanned<bool>>,
    pub(super) sql: Option<Text>,
    pub(super) compare: Option<Spanned<bool>>,
    pub(super) compare_rows: Option<Spanned<Scalar>>,
    pub(super) compare_seconds: Option<Spanned<Scalar>>,
}

/// `[triggers.NAME]`, `[objects.NAME]`
#[derive(Debug)]
pub(super) struct RawTrigger {
    pub(super) name: Text,
    pub(super) skip: Option<Spanned<bool>>,
}

/// Rule for a declared type: `"NAME" = "type"`, or a table with the keys of a column.
#[derive(Debug)]
pub(super) struct RawType {
    /// The declared type.
    pub(super) name: Text,
    /// The words on each column of the type.
    pub(super) says: RawColumn,
}

/// Parts of a value that a conversion may forget.
#[derive(Debug, Default)]
pub(super) struct RawForgetting {
    pub(super) leading_zeros: Option<Text>,
    pub(super) trailing_spaces: Option<Text>,
    pub(super) fraction: Option<Text>,
    pub(super) repeated_time: Option<Text>,
    pub(super) storage_class: Option<Text>,
    pub(super) zero_dates: Option<Text>,
    pub(super) letter_case: Option<Text>,
}

impl RawForgetting {
    /// The keys that the document has, with their values.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'static str, &Text)> {
        let keys = [
            ("leading_zeros", &self.leading_zeros),
            ("trailing_spaces", &self.trailing_spaces),
            ("fraction", &self.fraction),
            ("repeated_time", &self.repeated_time),
            ("storage_class", &self.storage_class),
            ("zero_dates", &self.zero_dates),
            ("letter_case", &self.letter_case),
        ];
        keys.into_iter().filter_map(|(key, word)| Some((key, word.as_ref()?)))
    }
}

/// `[tables.NAME.columns.NAME]`
#[derive(Debug)]
pub(super) struct RawColumn {
    pub(super) name: Text,
    pub(super) column_type: Option<Text>,
    pub(super) rename: Option<Text>,
    pub(super) skip: Option<Spanned<bool>>,
    pub(super) source_sql: Option<Text>,
    pub(super) from: Option<Text>,
    pub(super) forgetting: RawForgetting,
    pub(super) timezone: Option<Text>,
    pub(super) not_null: Option<Spanned<bool>>,
    pub(super) comparison: Option<Text>,
    pub(super) index: Option<Text>,
    pub(super) default: Option<Spanned<Scalar>>,
    pub(super) generated: Option<Spanned<Scalar>>,
    pub(super) on_update: Option<Spanned<Scalar>>,
    pub(super) on_bad_value: Option<Text>,
}

impl RawColumn {
    /// A column about which nothing is said.
    pub(super) fn named(name: Text) -> Self {
        Self {
            name,
            column_type: None,
            rename: None,
            skip: None,
            source_sql: None,
            from: None,
            forgetting: RawForgetting::default(),
            timezone: None,
            not_null: None,
            comparison: None,
            index: None,
            default: None,
            generated: None,
            on_update: None,
            on_bad_value: None,
        }
    }

    /// Whether a line of `[types]` says anything.
    pub(super) fn says_something(&self) -> bool {
        self.column_type.is_some()
            || self.from.is_some()
            || self.forgetting.keys().next().is_some()
            || self.timezone.is_some()
            || self.not_null.is_some()
            || self.comparison.is_some()
            || self.index.is_some()
            || self.default.is_some()
            || self.on_bad_value.is_some()
    }
}

/// `[steps.NAME]`
#[derive(Debug)]
pub(super) struct RawStep {
    pub(super) name: Text,
    pub(super) after: Option<Spanned<Vec<Text>>>,
    pub(super) before: Option<Spanned<Vec<Text>>>,
    pub(super) sql: RawField<Text>,
    pub(super) file: RawField<Text>,
    pub(super) undo: RawField<Text>,
    pub(super) transaction: Option<Spanned<bool>>,
}

/// `[checks.NAME]`
#[derive(Debug)]
pub(super) struct RawCheck {
    pub(super) name: Text,
    pub(super) sql: RawField<Text>,
    pub(super) expect: RawField<Spanned<Scalar>>,
    pub(super) source: RawField<Text>,
    pub(super) target: RawField<Text>,
    pub(super) no_rows: RawField<Text>,
    pub(super) severity: Option<Text>,
    /// The ready-made kinds that the document has.
    pub(super) ready_made: Vec<RawTableCheck>,
    /// The ready-made kinds whose value is no table, which has been reported.
    pub(super) unreadable: usize,
}

/// `not_null = { … }` and its like
#[derive(Debug)]
pub(super) struct RawTableCheck {
    /// The key.
    pub(super) kind: &'static str,
    pub(super) place: Range<usize>,
    pub(super) table: Option<Text>,
    pub(super) columns: Option<Spanned<Vec<Text>>>,
    pub(super) column: Option<Text>,
    pub(super) references: Option<Text>,
    pub(super) referenced_columns: Option<Spanned<Vec<Text>>>,
    pub(super) values: Option<Spanned<Vec<Spanned<Scalar>>>>,
    pub(super) min: Option<Spanned<Scalar>>,
    pub(super) max: Option<Spanned<Scalar>>,
}

/// `[bench.NAME]`
#[derive(Debug)]
pub(super) struct RawBench {
    pub(super) name: Text,
    pub(super) source: RawField<Text>,
    pub(super) target: RawField<Text>,
    pub(super) parameters: Option<Text>,
    pub(super) clients: Option<Spanned<Vec<Spanned<Scalar>>>>,
    pub(super) duration: Option<Text>,
    pub(super) p95_ms: Option<Spanned<Scalar>>,
    pub(super) not_slower_than_source: Option<Spanned<bool>>,
}

/// `[kit]`
#[derive(Debug)]
pub(super) struct RawKit {
    pub(super) postgresql: Option<Spanned<Scalar>>,
    pub(super) postgresql_image: Option<Text>,
    pub(super) image: Option<Text>,
    pub(super) platforms: Option<Spanned<Vec<Text>>>,
    pub(super) namespace: Option<Text>,
    pub(super) memory: Option<Text>,
    pub(super) cores: Option<Spanned<Scalar>>,
    pub(super) storage: Option<Text>,
    pub(super) trusted: Option<Spanned<Vec<Text>>>,
    pub(super) pool: Option<RawKitPool>,
    pub(super) backup: Option<RawKitBackup>,
}

/// `[kit.pool]`
#[derive(Debug)]
pub(super) struct RawKitPool {
    pub(super) size: Option<Spanned<Scalar>>,
    pub(super) overflow: Option<Spanned<Scalar>>,
    pub(super) timeout: Option<Spanned<Scalar>>,
    pub(super) recycle: Option<Spanned<Scalar>>,
    pub(super) connect_timeout: Option<Spanned<Scalar>>,
    pub(super) statement_timeout: Option<Spanned<Scalar>>,
}

/// `[kit.backup]`
#[derive(Debug)]
pub(super) struct RawKitBackup {
    pub(super) schedule: Option<Text>,
    pub(super) keep: Option<Spanned<Scalar>>,
}

/// A field of which "missing" is not reported if it has a value of the wrong type.
#[derive(Debug)]
pub(super) enum RawField<T> {
    /// The document does not have the key.
    Absent,
    /// The value is of the wrong type, which has been reported.
    Unreadable,
    /// The value.
    Read(T),
}

impl<T> RawField<T> {
    /// Whether the document has the key.
    pub(super) fn is_there(&self) -> bool {
        !matches!(self, RawField::Absent)
    }

    /// The value, if it could be read.
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            RawField::Read(value) => Some(value),
            _ => None,
        }
    }
}
