//! The sessions and readers that compare the tables: as many tables at the same time as there are readers, the largest first.

use super::outcome::TableResult;
use super::session::open;
use super::shared::Spare;
use super::table::TableComparison;
use crate::run::{Event, Events, ExecuteError};
use crate::source::Reader;
use crate::target::{Server, Session};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Sessions and readers without a table.
pub(super) struct ComparisonCrew {
    idle: Vec<(Session, Reader)>,
    /// Readers for which no table is left; they help with those that are still read.
    pub(super) spare: Arc<Spare>,
}

impl ComparisonCrew {
    /// Opens a session for each reader, beside the `first`, in the same state of the target.
    pub(super) async fn open(
        server: &Server,
        snapshot: Option<&str>,
        first: Session,
        readers: Vec<Reader>,
    ) -> Result<Self, ExecuteError> {
        let mut sessions = vec![first];
        while sessions.len() < readers.len() {
            sessions.push(open(server, snapshot).await?);
        }
        // Independent readers, for an error of the reader that `apply` uses would go unnoticed here.
        let readers = readers.into_iter().map(Reader::independent);
        Ok(Self { idle: sessions.into_iter().zip(readers).collect(), spare: Arc::default() })
    }

    /// Compares the tables, and returns the results by name with a reader that is free again.
    pub(super) async fn compare(
        mut self,
        mut waiting: Vec<TableComparison>,
        events: &Events,
    ) -> Result<(Vec<TableResult>, Reader), ExecuteError> {
        // The largest is taken first, from the end.
        waiting.sort_by_key(|comparison| comparison.mapping.size.bytes);
        // A session is kept until all tables are compared: the checks open sessions of their own afterwards.
        let (mut running, mut tables, mut resting) = (JoinSet::new(), Vec::new(), Vec::new());
        loop {
            while let Some((session, reader)) = self.idle.pop() {
                let Some(comparison) = waiting.pop() else {
                    resting.push(session);
                    self.spare.give(reader);
                    continue;
                };
                events.tell(Event::TableStarted { table: comparison.mapping.source.clone() });
                running.spawn(async move {
                    let (reader, result) = comparison.run(&session, reader).await;
                    (session, reader, result)
                });
            }
            let Some(joined) = running.join_next().await else { break };
            let (session, reader, result) = joined?;
            self.idle.extend(reader.map(|reader| (session, reader)));
            let result = result?;
            events.tell(Event::TableVerified {
                table: result.table.clone(),
                rows: result.source_rows,
                equal: result.is_equal(),
            });
            tables.push(result);
        }
        tables.sort_by(|one, two| one.table.cmp(&two.table));
        let reader = self.spare.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        Ok((tables, reader))
    }
}
