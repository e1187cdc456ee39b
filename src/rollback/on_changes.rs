//! The user's choice for changes that others have made since the migration.

/// Treatment of objects and rows that others have changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnChanges {
    /// Changes stop the rollback before anything is removed.
    #[default]
    Stop,
    /// Changes stay, with the tables that they are in; the rest is removed.
    Keep,
    /// Changes are removed as well.
    Discard,
}
