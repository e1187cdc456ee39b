//! The meaning of an engine's SQL, from its text alone: without a connection to the user's database.
//!
//! The source's SQL is translated and analysed by the `Dialect` of its engine (`of`). The spec holds SQL of both
//! engines that transship puts into statements of its own. It may compute a value, filter rows or answer a query; it
//! may not end transship's statement, begin another one, or change the set of rows.

mod calls;
pub(crate) mod condition;
pub mod declared;
mod deep_stack;
pub mod expression;
pub(crate) mod guarantee;
mod meaning;
pub(crate) mod mysql;
pub mod postgresql;
pub mod query;
mod refusal;
pub mod sqlite;
mod statement;
mod token;
pub(crate) mod trigger;

pub(crate) use condition::ConditionSql;
pub(crate) use meaning::Dialect;
pub use refusal::SqlRefusal;

use crate::catalog::Engine;

/// The meaning of an engine's SQL.
pub(crate) fn of(engine: Engine) -> &'static dyn Dialect {
    match engine {
        Engine::Sqlite => &sqlite::Sqlite,
        Engine::Mysql => &mysql::Mysql,
    }
}
