//! The locks that steps take on tables: two steps whose locks conflict would wait for each other in the server, and a
//! worker that waits does nothing else.

use crate::plan::StepKind;

/// A lock on a table, by PostgreSQL's names (PostgreSQL documentation, section 13.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableLock {
    /// COPY.
    RowExclusive,
    /// ANALYZE, and checking the rows against a foreign key.
    ShareUpdateExclusive,
    /// CREATE INDEX.
    Share,
    /// Adding a foreign key, on both of its ends.
    ShareRowExclusive,
    /// Any other change of a table's definition.
    AccessExclusive,
}

impl TableLock {
    /// The strongest lock that a step of this kind takes on the tables whose copies it waits for; `None` if no other
    /// step would wait for its lock.
    pub(super) fn of(kind: StepKind) -> Option<Self> {
        match kind {
            StepKind::Copy => Some(TableLock::RowExclusive),
            StepKind::Analyze | StepKind::Validate => Some(TableLock::ShareUpdateExclusive),
            StepKind::Index => Some(TableLock::Share),
            StepKind::ForeignKey | StepKind::Trigger => Some(TableLock::ShareRowExclusive),
            // Keys and triggers of the application are restored on both ends.
            StepKind::Restore => Some(TableLock::AccessExclusive),
            // The locks of the user's SQL are unknown; a CREATE INDEX CONCURRENTLY in it would deadlock with a session
            // that waits for its table.
            StepKind::PrimaryKey | StepKind::Unique | StepKind::Constraint | StepKind::Step => {
                Some(TableLock::AccessExclusive)
            }
            _ => None,
        }
    }

    /// Whether one lock is not granted while another session holds the other.
    pub(super) fn conflicts_with(self, other: Self) -> bool {
        use TableLock::{RowExclusive, Share, ShareUpdateExclusive};
        !matches!(
            (self, other),
            (RowExclusive, RowExclusive | ShareUpdateExclusive) | (ShareUpdateExclusive, RowExclusive) | (Share, Share)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::lock::TableLock;
    use super::super::lock::TableLock::{
        AccessExclusive, RowExclusive, Share, ShareRowExclusive, ShareUpdateExclusive,
    };

    /// Table 13.2 of the PostgreSQL documentation, for the locks that are taken here.
    #[test]
    fn conflicts_are_those_of_postgresql() {
        let locks = [RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, AccessExclusive];
        let row = |lock: TableLock| locks.map(|other| u8::from(lock.conflicts_with(other)));
        assert_eq!(row(RowExclusive), [0, 0, 1, 1, 1]);
        assert_eq!(row(ShareUpdateExclusive), [0, 1, 1, 1, 1]);
        assert_eq!(row(Share), [1, 1, 0, 1, 1]);
        assert_eq!(row(ShareRowExclusive), [1, 1, 1, 1, 1]);
        assert_eq!(row(AccessExclusive), [1, 1, 1, 1, 1]);
    }
}
