//! One table of the source and its table in the target, as plain data.

use super::merge_key::TableMerge;
use super::references::{EmptiedReference, KeptReference, MappedReference, StrayReference};
use super::{ColumnMapping, NO_ROW};
use crate::catalog::{Engine, Index, IndexColumn, KeyRange, RowFilter, RowIdentity, Selection, Table, TableSize};
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::{COMPUTES, Scope};
use crate::dialect::expression::{Bounded, Untranslatable};
use crate::dialect::{self, Dialect};
use crate::plan::chunks::{self, ChunkSize};
use crate::spec::OnBadValue;
use crate::value::{Dropping, Zone};
use serde::Serialize;

/// One source table and its table in the target.
#[derive(Debug, Clone, Serialize)]
pub struct TableMapping {
    /// The name in the source.
    pub source: String,
    /// The name in the target, by which [`crate::name::Schemas`] know its place.
    pub target: String,
    /// The columns in the target: those that are copied, and those that PostgreSQL computes.
    pub columns: Vec<ColumnMapping>,
    /// The spec's `where`.
    pub filter: Option<String>,
    /// The partitions; `None` for one piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<TargetPartitions>,
    /// A tsvector column beside them.
    pub search: Option<FullTextSearch>,
    /// The columns that name a row in the source.
    pub row_identity: RowIdentity,
    /// Whether the table may hold rows of the application beside the source's (`existing_rows = "keep"` or
    /// `"merge"`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keeps_rows: bool,
    /// How its rows are found among the target's, if both are brought together (`existing_rows = "merge"`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merges: Option<TableMerge>,
    /// Columns that reference rows whose ids are mapped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mapped_references: Vec<MappedReference>,
    /// Columns that reference rows of tables which hold rows of their own beside the source's.
    #[serde(skip)]
    pub kept_references: Vec<KeptReference>,
    /// Columns that reference rows of tables which the migration does not fill.
    #[serde(skip)]
    pub stray_references: Vec<StrayReference>,
    /// Columns by which rows that stay may reference rows that are removed before the load.
    #[serde(skip)]
    pub emptied_references: Vec<EmptiedReference>,
    /// Rows and bytes at the time of planning.
    #[serde(skip)]
    pub size: TableSize,
    /// The key ranges to copy.
    #[serde(skip)]
    pub chunks: Vec<KeyRange>,
    /// The zone of a time without one in the source, for literals beside its columns.
    #[serde(skip)]
    pub zone: Zone,
    /// The source's engine, whose SQL the table's expressions are.
    #[serde(skip)]
    pub engine: Engine,
}

impl TableMapping {
    /// The mapping of the copied columns alone, without those that PostgreSQL computes.
    #[must_use]
    pub fn copied(&self) -> Self {
        let columns = self.columns.iter().filter(|column| column.generated.is_none()).cloned().collect();
        Self { columns, ..self.clone() }
    }

    /// The reading of the rows in `range`.
    #[must_use]
    pub fn selection(&self, range: KeyRange) -> Selection {
        Selection {
            table: self.source.clone(),
            columns: self.columns.iter().map(ColumnMapping::selected).collect(),
            filter: RowFilter::of(self.filter.as_deref()),
            row_identity: self.row_identity.clone(),
            range,
        }
    }

    /// Whether SQL of the spec filters the rows or computes a value.
    #[must_use]
    pub fn has_source_sql(&self) -> bool {
        self.filter.is_some() || self.columns.iter().any(|column| column.source_sql.is_some())
    }

    /// Line of the spec that leaves rows behind: `data = "none"` all of them, or else the table's own `where`.
    #[must_use]
    pub fn filtered_by(&self) -> &'static str {
        if self.filter.as_deref() == Some(NO_ROW) { "data = \"none\"" } else { "where" }
    }

    /// Choice of the rows that are copied: words, and the spec's line or SQL; `None` for all rows.
    #[must_use]
    pub fn filter_words(&self) -> Option<(&'static str, &str)> {
        match self.filter.as_deref()? {
            NO_ROW => Some(("no rows:", self.filtered_by())),
            filter => Some(("only rows where", filter.trim())),
        }
    }

    /// The key ranges to read if several readers share a table: smaller than chunks if that costs nothing, so that all
    /// readers end at about the same time.
    #[must_use]
    pub fn parts(&self) -> Vec<KeyRange> {
        let parts = chunks::cut(&self.row_identity, &self.size, ChunkSize::SHARED, &[]);
        if parts.len() > self.chunks.len() { parts } else { self.chunks.clone() }
    }

    /// The choice of rows and the reading of their values, as text.
    #[must_use]
    pub fn binding(&self) -> String {
        let column = |column: &ColumnMapping| {
            let treatment = match column.on_bad_value {
                OnBadValue::Stop => String::new(),
                other => format!(" {other}"),
            };
            let own = column.target_type.as_ref().map(|own| format!(" {own}")).unwrap_or_default();
            let read = column.source_sql.as_ref().map(|sql| format!(" ({sql})")).unwrap_or_default();
            // This key allows values to be copied, and changes none of them.
            let words = column.forgetting.words().filter(|(key, _)| *key != "storage_class");
            let forgets = words.map(|(key, word)| format!("{key} = \"{word}\"")).collect::<Vec<_>>().join(", ");
            format!("{} {} {}{treatment}{own}{read}{forgets}", column.source, column.column_type, column.reading)
        };
        let columns = self.columns.iter().map(column).collect::<Vec<_>>().join("\n");
        format!("{}\n{columns}", self.filter.as_deref().unwrap_or_default())
    }

    /// The largest key that counts as used: the keys of rejected rows have to stay free, so that the rows can be
    /// inserted later.
    #[must_use]
    pub fn last_key(&self) -> Option<i64> {
        let rejects = self.columns.iter().any(|column| column.on_bad_value == OnBadValue::Reject);
        self.size.last_key.max(self.size.keys.map(|(_, largest)| largest).filter(|_| rejects))
    }

    /// The largest key that counts as used, of a column of the target whose values the source generates.
    #[must_use]
    pub fn last_key_of(&self, column: &str) -> Option<i64> {
        let is_generated = |one: &ColumnMapping| one.generates_keys && one.target == column;
        self.last_key().filter(|_| self.columns.iter().any(is_generated))
    }

    /// Whether an index has no condition, or one that can be translated.
    #[must_use]
    pub fn carries_predicate(&self, table: &Table, index: &Index) -> bool {
        let carries = |text: &String| self.dialect().predicate(text, &self.scope_of_index(table, index)).is_ok();
        index.predicate.as_ref().is_none_or(carries)
    }

    /// Names that the expressions and the condition of an index may use. An index finds the values that arrive, whatever they
    /// were in the source; a unique one over altered values keeps other rows apart than the source does. Columns, and
    /// beginnings of them, are tried with what arrives instead: see `survey::keys`.
    pub(crate) fn scope_of_index(&self, table: &Table, index: &Index) -> Scope<'static> {
        let is_prefix = |expression: &String| self.dialect().prefix(expression).is_some();
        let is_tried = |key: &IndexColumn| key.column.is_some() || key.expression.as_ref().is_some_and(is_prefix);
        let mut scope = self.scope(table);
        if !index.unique || index.predicate.is_none() && index.columns.iter().all(is_tried) {
            return scope.of_arriving_values();
        }
        let altered = self.columns.iter().filter_map(|column| {
            let merges = column.forgetting.storage_class == Dropping::Drop;
            let merging = merges.then_some("storage_class = \"drop\"");
            Some((column.source.as_str(), column.source_sql.as_ref().map(|_| COMPUTES).or(merging)?))
        });
        for (column, word) in altered {
            scope.alter(column, word);
        }
        scope
    }

    /// Whether the value of an index key's expression may be of any length; `None` if the index is not carried over.
    #[must_use]
    pub fn key_is_varying(&self, table: &Table, index: &Index, text: &str) -> Option<bool> {
        let scope = self.scope_of_index(table, index);
        self.index_key(&scope, index, text).ok().map(|(_, kind)| kind.is_varying())
    }

    /// The expression of an index key, and the kind of its value. A unique index takes the same rows only where both sides find
    /// the same values equal.
    pub(in crate::plan) fn index_key(
        &self,
        scope: &Scope<'_>,
        index: &Index,
        text: &str,
    ) -> Result<(Bounded, ValueKind), Untranslatable> {
        let (key, kind) = self.dialect().index_key(text, scope)?;
        if kind.is_distinguishable() || !index.unique {
            return Ok((key, kind));
        }
        let why = match kind {
            ValueKind::JsonPart => "text in PostgreSQL and in the source whatever the document holds",
            _ => "a document, which PostgreSQL compares by its content",
        };
        Err(Untranslatable(format!("it keeps `{text}` unique, which is {why}")))
    }

    /// The meaning of the expressions over this table.
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        dialect::of(self.engine)
    }

    /// Names that an expression over this table may use.
    pub(in crate::plan) fn scope(&self, table: &Table) -> Scope<'static> {
        let dialect = self.dialect();
        let visible = self.columns.iter().map(|column| column.visible(dialect));
        let everything = table.columns.iter().map(|column| column.name.as_str());
        Scope { zone: self.zone.clone(), ..Scope::of_table(visible, everything) }
    }

    /// The mapping of a source column, if it is copied.
    pub(in crate::plan) fn column_of(&self, source: &str) -> Option<&ColumnMapping> {
        self.columns.iter().find(|column| column.source.eq_ignore_ascii_case(source))
    }

    /// The target's name of a source column, if it is copied.
    #[must_use]
    pub fn target_column(&self, source: &str) -> Option<&str> {
        self.column_of(source).map(|column| column.target.as_str())
    }

    /// The target's names of source columns, if all of them are copied.
    #[must_use]
    pub fn target_columns(&self, sources: &[String]) -> Option<Vec<String>> {
        sources.iter().map(|source| self.target_column(source).map(str::to_owned)).collect()
    }
}

/// The partitions of a table in the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetPartitions {
    /// RANGE, LIST or HASH.
    pub by: &'static str,
    /// The columns that choose the partition.
    pub columns: Vec<String>,
    /// The partitions.
    pub parts: Vec<TargetPartition>,
}

/// One partition in the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetPartition {
    /// Its name, inside the target schema.
    pub name: String,
    /// The rows that it holds, as SQL: `FOR VALUES …` or `DEFAULT`.
    pub bound: String,
}

/// A generated tsvector column. It belongs to the target alone: nothing is copied into it, nothing compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FullTextSearch {
    /// The column's name.
    pub column: String,
    /// The text search configuration.
    pub config: String,
    /// The texts to find words in, in PostgreSQL's SQL.
    pub texts: Vec<String>,
}

impl TableMapping {
    /// The word in front of the table's name in a statement about its rows alone: rows of tables that inherit from it are
    /// others', and a partitioned table has no rows but those of its partitions.
    #[must_use]
    pub fn only(&self) -> &'static str {
        if self.partitions.is_some() { "" } else { "ONLY " }
    }
}

/// Refuses a column beside an expression in a unique index if a word of the spec may alter its values: such an index takes the same
/// rows only over the values of the source.
pub(crate) fn is_unaltered(scope: &Scope<'_>, index: &Index, column: &str) -> Result<(), Untranslatable> {
    let has_expression = index.columns.iter().any(|key| key.column.is_none());
    let column = scope.column(column).filter(|_| index.unique && has_expression);
    column.map_or(Ok(()), |column| column.written().map(|_| ()))
}
