//! Reading the source side of one table with several readers: readers without a table left help.

use super::table::TableComparison;
use crate::catalog::KeyRange;
use crate::proof::side::{SourceTally, Visitor};
use crate::run::ExecuteError;
use crate::source::Reader;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Visitor whose work can be shared, because it does not depend on the order of the rows.
pub(super) trait ShareableVisitor: Visitor + Clone + Send + 'static {
    /// Adds the result of another visitor for other rows.
    fn append(&mut self, other: Self);
}

/// Readers without a table of their own.
#[derive(Debug, Default)]
pub(super) struct Spare {
    readers: Mutex<Vec<Reader>>,
    more: Notify,
}

impl Spare {
    /// Adds a spare reader.
    pub(super) fn give(&self, reader: Reader) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        self.more.notify_one();
    }

    /// Takes a spare reader, if there is one.
    pub(super) fn take(&self) -> Option<Reader> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Waits for a spare reader.
    async fn next(&self) -> Reader {
        loop {
            if let Some(reader) = self.take() {
                return reader;
            }
            self.more.notified().await;
        }
    }
}

/// Parts of a table that no reader has begun.
#[derive(Debug, Clone)]
struct UnreadParts(Arc<Mutex<Vec<KeyRange>>>);

impl UnreadParts {
    fn next(&self) -> Option<KeyRange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl TableComparison {
    /// Reads the whole source side, with the given reader and with those that become spare.
    pub(super) async fn read_whole_source<V: ShareableVisitor>(
        &self,
        reader: &mut Option<Reader>,
        visitor: V,
    ) -> Result<(SourceTally, V), ExecuteError> {
        let own = reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
        let mut ranges = self.mapping.parts();
        ranges.reverse();
        let parts = UnreadParts(Arc::new(Mutex::new(ranges)));
        let (mut reading, mut seen) = (JoinSet::new(), Ok((SourceTally::default(), visitor.clone())));
        reading.spawn_blocking(self.read_parts(own, &parts, visitor.clone()));
        loop {
            let joined = tokio::select! {
                joined = reading.join_next() => joined,
                helper = self.spare.next(), if !parts.is_empty() => {
                    reading.spawn_blocking(self.read_parts(helper, &parts, visitor.clone()));
                    continue;
                }
            };
            let Some(joined) = joined else { return seen };
            let (lent, read) = joined?;
            match reader {
                None => *reader = Some(lent),
                Some(_) => self.spare.give(lent),
            }
            match (&mut seen, read) {
                (Ok((tally, seen)), Ok((other_tally, other))) => {
                    tally.append(other_tally);
                    seen.append(other);
                }
                (Ok(_), Err(error)) => seen = Err(error),
                (Err(_), _) => {}
            }
        }
    }

    /// Reads part after part until none is left.
    fn read_parts<V: ShareableVisitor>(
        &self,
        reader: Reader,
        parts: &UnreadParts,
        mut visitor: V,
    ) -> impl FnOnce() -> (Reader, Result<(SourceTally, V), ExecuteError>) + Send + 'static + use<V> {
        let (comparison, parts) = (self.clone(), parts.clone());
        move || {
            let table = comparison.compared();
            let mut tally = SourceTally::default();
            while let Some(range) = parts.next() {
                match table.read_source(&reader, range, comparison.asking(), &mut visitor) {
                    Ok(read) => tally.append(read),
                    Err(error) => {
                        parts.clear();
                        return (reader, Err(error));
                    }
                }
            }
            (reader, Ok((tally, visitor)))
        }
    }
}
