//! The meaning of an engine's SQL, asked of its text alone: no database of the user's is at hand.
//!
//! The source's SQL is translated, and answers questions about itself, by the `Dialect` of its engine (`of`). The spec
//! holds SQL of both engines that transship puts into statements of its own. It may compute a value, decide about a row or
//! answer a question; it may not end our statement, begin another one, or change which rows there are.

pub(crate) mod condition;
pub mod declared;
pub mod expression;
mod meaning;
pub mod postgresql;
pub mod query;
mod refusal;
pub mod sqlite;
pub(crate) mod trigger;

pub(crate) use condition::Conditions;
pub(crate) use meaning::Dialect;
pub use refusal::Refusal;

use crate::catalog::Engine;

/// The meaning of an engine's SQL.
pub(crate) fn of(engine: Engine) -> &'static dyn Dialect {
    match engine {
        Engine::Sqlite => &sqlite::Sqlite,
    }
}
