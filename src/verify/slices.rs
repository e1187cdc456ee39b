//! Slices of a large table that a sample compares.
//!
//! They lie at even distances along the key, the same ones in every run. The source defines the rows of a slice; the
//! target is queried for the same range of keys if one integer names a row on both sides, and otherwise for these keys.
//! Rows of both sides are counted in full.

use super::outcome::TableResult;
use super::table::TableComparison;
use crate::catalog::{Key, KeyRange, RowIdentity};
use crate::name::quote_identifier;
use crate::plan::TableMapping;
use crate::proof::form::{RowForm, RowHash, RowScratch, SideRow};
use crate::proof::side::{SourceTally, Visitor};
use crate::run::{ExecuteError, lend};
use crate::source::{Reader, SourceError};
use crate::target::Session;
use std::sync::Arc;

/// Most rows of a table that is compared whole: that takes no longer than choosing rows.
const WHOLE: u64 = 10_000;

/// Most slices of a table, and fewest rows of a slice.
const MOST_SLICES: u64 = 500;
const ROWS_OF_SLICE: u64 = 20;

/// Keys in one query of the target.
const KEYS_OF_QUERY: usize = 1000;

impl TableComparison {
    /// Cuts the slices. `None` if the table is compared whole: no sample is asked for, the table is small, or its rows
    /// have no key.
    pub(super) async fn cut(&self, reader: &mut Option<Reader>) -> Result<Option<Arc<[KeyRange]>>, ExecuteError> {
        // Keys of the source are not those of the target where ids are mapped.
        let Some(sample) = self.options.sample.filter(|_| !self.mapping.is_staged()) else { return Ok(None) };
        let (rows, mapping) = (self.mapping.size.rows, Arc::clone(&self.mapping));
        let wanted = sample.of(rows);
        let has_null = self
            .form
            .key_names()
            .any(|name| mapping.columns.iter().any(|column| column.target == name && !column.not_null));
        if rows <= WHOLE || wanted >= rows || has_null || !self.form.has_key_in_text() {
            return Ok(None);
        }
        let slices = wanted.div_ceil(ROWS_OF_SLICE).min(MOST_SLICES);
        lend(reader, move |reader| cut(reader, &mapping, slices, wanted.div_ceil(slices))).await
    }

    /// Counts all rows of both sides, which a sample does not. The number of rejected rows is the ledger's.
    pub(super) async fn count_in_full(
        &self,
        session: &Session,
        reader: &mut Option<Reader>,
        result: &mut TableResult,
    ) -> Result<(), ExecuteError> {
        let selection = self.mapping.selection(KeyRange::ALL);
        let selected = lend(reader, move |reader| reader.count_rows(&selection)).await?;
        result.source_rows = selected;
        if self.mapping.filter.is_some() {
            self.count_without_sql(reader, selected, result).await?;
        }
        result.rejected_rows = self.ledger.rows;
        if self.exists {
            let table = self.schemas.qualified(&self.mapping.target);
            result.target_rows = session.count_rows(&table, "counting rows").await?;
        }
        Ok(())
    }

    /// Reads the slices of both sides.
    pub(super) async fn pass_slices<V: Visitor + Send + 'static>(
        &self,
        session: &Session,
        reader: &mut Option<Reader>,
        slices: &[KeyRange],
        mut source: V,
        mut target: V,
    ) -> Result<((SourceTally, V), (u64, V)), ExecuteError> {
        let (mut tally, mut rows) = (SourceTally::default(), 0);
        let range_column = self.range_column();
        for range in slices {
            if self.stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            let (comparison, slice) = (self.clone(), range.clone());
            let wants_keys = range_column.is_none();
            let (read, seen) = lend(reader, move |reader| {
                let keys = wants_keys.then(Vec::new);
                let mut seen = WithKeys { visitor: source, form: Arc::clone(&comparison.form), keys };
                let tally = comparison.compared().read_source(reader, slice, comparison.asking(), &mut seen)?;
                Ok::<_, ExecuteError>((tally, seen))
            })
            .await?;
            source = seen.visitor;
            tally.append(read);
            if !self.exists {
                continue;
            }
            let conditions = match (&range_column, seen.keys) {
                (Some(column), _) => vec![between(column, range)],
                (None, keys) => keys.unwrap_or_default().chunks(KEYS_OF_QUERY).map(|keys| self.among(keys)).collect(),
            };
            for condition in conditions {
                let table = self.compared();
                rows += table.read_target(session, &self.schemas, Some(&condition), &mut target).await?;
            }
        }
        Ok(((tally, source), (rows, target)))
    }

    /// Target's column whose ranges are ranges of the source; `None` if the key is another.
    fn range_column(&self) -> Option<String> {
        let column = self.mapping.exact_key()?;
        let is_key = self.form.key_names().eq([column.target.as_str()]);
        is_key.then(|| quote_identifier(&column.target).into_owned())
    }

    /// Condition for the rows of these keys.
    fn among(&self, keys: &[String]) -> String {
        let columns = self.form.key_names().map(quote_identifier).collect::<Vec<_>>();
        let (list, keys) = (columns.join(", "), keys.join(", "));
        let column = |name| self.mapping.columns.iter().find(|column| column.target == name);
        // A list of pairs is compared pair by pair, rows of VALUES are hashed; but these need explicit types, which are
        // known only if they are PostgreSQL's own.
        let typed = |name| {
            let column = column(name)?;
            let is_own =
                column.target_type.is_none() && column.enum_type.is_none() && column.column_type.extension().is_none();
            is_own.then(|| format!("NULL::{}", column.column_type))
        };
        match self.form.key_names().map(typed).collect::<Option<Vec<_>>>() {
            Some(types) if types.len() > 1 => format!("({list}) IN (VALUES ({}), {keys})", types.join(", ")),
            _ => format!("({list}) IN ({keys})"),
        }
    }
}

/// `slices` slices of `length` rows, from the first row on.
fn cut(
    reader: &Reader,
    mapping: &TableMapping,
    slices: u64,
    length: u64,
) -> Result<Option<Arc<[KeyRange]>>, SourceError> {
    let (identity, size) = (&mapping.row_identity, &mapping.size);
    let behind = |from: Option<&Key>, rows| reader.key_behind(&mapping.source, identity, from, rows);
    let (mut ranges, mut from) = (Vec::new(), None);
    for slice in 0..slices {
        let below = behind(from.as_ref(), length)?;
        let next = match (identity, size.keys, &below) {
            (_, _, None) => None,
            (RowIdentity::Integer { .. }, Some((low, high)), Some(below)) => {
                let span = i128::from(high) - i128::from(low) + 1;
                let start = i128::from(low) + span * i128::from(slice + 1) / i128::from(slices);
                let start = i64::try_from(start).unwrap_or(high);
                // If keys are dense, a slice reaches beyond the beginning of the next.
                Some(below.integer().map_or_else(|| below.clone(), |below| Key::from(below.max(start))))
            }
            _ => behind(from.as_ref(), size.rows / slices)?,
        };
        let is_last = below.is_none() || next.is_none();
        ranges.push(KeyRange { from, below });
        if is_last {
            break;
        }
        from = next;
    }
    let is_without_key = matches!(identity, RowIdentity::None);
    Ok((!is_without_key).then(|| ranges.into()))
}

/// Condition for the integers of a range.
fn between(column: &str, range: &KeyRange) -> String {
    let bound = |operator: &str, key: &Option<Key>| {
        key.as_ref().and_then(Key::integer).map(|key| format!("{column} {operator} {key}"))
    };
    let bounds = [bound(">=", &range.from), bound("<", &range.below)].into_iter().flatten().collect::<Vec<_>>();
    if bounds.is_empty() { "true".to_owned() } else { bounds.join(" AND ") }
}

/// Visitor that collects the keys of the rows, as SQL literals.
struct WithKeys<V> {
    visitor: V,
    form: Arc<RowForm>,
    keys: Option<Vec<String>>,
}

impl<V: Visitor> Visitor for WithKeys<V> {
    fn visit(&mut self, hash: RowHash, row: SideRow<'_, '_>, scratch: &mut RowScratch) {
        if let Some(keys) = &mut self.keys {
            // No condition finds a NULL key; a table with one is compared whole.
            keys.extend(self.form.key_literals(row, scratch).map(|key| format!("({})", key.join(", "))));
        }
        self.visitor.visit(hash, row, scratch);
    }
}
