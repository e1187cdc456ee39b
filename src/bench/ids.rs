//! Ids of the source that the target has otherwise (`merge.key`), read from the ledger: the target is asked with its own ids, and
//! answers are compared under them.

use super::meaning::{AnswerColumn, ComparedValue, IdColumn};
use crate::plan::{Plan, TableMapping};
use crate::proof::ids::each_id;
use crate::run::{ExecuteError, Stop};
use crate::source::SourceOrigin;
use crate::spec::Spec;
use crate::target::{Ledger, Session};
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::Arc;

/// The target's value of an id, as it is compared and as PostgreSQL reads it.
#[derive(Debug, Clone)]
pub(super) struct TargetId {
    pub(super) compared: ComparedValue,
    pub(super) words: String,
}

/// The target's ids, by the bytes by which those of the source are compared.
pub(super) type TargetIds = HashMap<Vec<u8>, TargetId>;

/// Ids of a column.
#[derive(Debug, Clone)]
pub(super) enum ColumnIds {
    /// The column is the id.
    Whole(IdColumn),
    /// It is a part of an id of several columns: it alone does not say which.
    Part,
}

/// The columns of all tables that hold ids which the target has otherwise.
#[derive(Debug, Default)]
pub(super) struct MappedColumns(Vec<MappedIdColumn>);

#[derive(Debug)]
struct MappedIdColumn {
    /// The table in the source.
    table: String,
    /// The column in the source and in the target.
    source: String,
    target: String,
    ids: ColumnIds,
}

impl MappedColumns {
    /// Reads them from the ledger.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or the bench was interrupted.
    pub(super) async fn read(
        session: &Session,
        spec: &Spec,
        plan: &Plan,
        zone: &TimeZone,
        stop: &Stop,
    ) -> Result<Self, ExecuteError> {
        let mut all = Self::default();
        let follows = |mapping: &&TableMapping| mapping.maps_ids() || !mapping.mapped_references.is_empty();
        let tables = plan.tables.iter().filter(follows).collect::<Vec<_>>();
        if tables.is_empty() || !Ledger::of(&spec.name).has_merged(session).await? {
            return Ok(all);
        }
        for mapping in tables {
            let references = mapping.mapped_references.iter().map(|one| (one.table.as_str(), one.columns.as_slice()));
            let own = mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty());
            let own = own.map(|merging| (mapping.source.as_str(), merging.identity.as_slice()));
            for (referenced, columns) in references.chain(own) {
                all.add(session, &spec.name, (mapping, columns), (referenced, zone, stop)).await?;
            }
        }
        Ok(all)
    }

    async fn add(
        &mut self,
        session: &Session,
        migration: &str,
        (mapping, columns): (&TableMapping, &[String]),
        (referenced, zone, stop): (&str, &TimeZone, &Stop),
    ) -> Result<(), ExecuteError> {
        let column = |name: &String| mapping.columns.iter().find(|column| column.target == *name);
        let Some(columns) = columns.iter().map(column).collect::<Option<Vec<_>>>() else { return Ok(()) };
        let types = columns.iter().map(|column| column.type_words()).collect::<Vec<_>>();
        let forms = columns.iter().map(|column| AnswerColumn::of_mapping(column.target.clone(), column, zone));
        let (forms, mut ids, mut number) = (forms.collect::<Vec<_>>(), TargetIds::new(), 0);
        each_id(session, migration, referenced, &types, stop, |fields| {
            number += 1;
            if let [form] = forms.as_slice()
                && let (Some((source, _)), Some((compared, words))) = (form.id(fields.get(0)), form.id(fields.get(1)))
            {
                ids.insert(source.bytes, TargetId { compared, words });
            }
        })
        .await?;
        if number == 0 {
            return Ok(());
        }
        let mut forms = forms.into_iter();
        let whole = forms.next().filter(|form| columns.len() == 1 && form.is_compared());
        let ids = whole.map_or(ColumnIds::Part, |form| ColumnIds::Whole(IdColumn::of(form, Arc::new(ids))));
        self.0.extend(columns.iter().map(|column| MappedIdColumn {
            table: mapping.source.clone(),
            source: column.source.clone(),
            target: column.target.clone(),
            ids: ids.clone(),
        }));
        Ok(())
    }

    /// The ids of a column of the target.
    pub(super) fn of_target(&self, mapping: &TableMapping, column: &str) -> Option<&ColumnIds> {
        let found = self.0.iter().find(|one| one.table == mapping.source && one.target == column);
        found.map(|found| &found.ids)
    }

    /// The ids of a column of the source.
    pub(super) fn of_source(&self, origin: &SourceOrigin) -> Option<&ColumnIds> {
        let is_same = |one: &&MappedIdColumn| one.table == origin.table && one.source == origin.column;
        self.0.iter().find(is_same).map(|found| &found.ids)
    }
}
