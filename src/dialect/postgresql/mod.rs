//! PostgreSQL's SQL, as far as it can be judged without a server.

pub mod equality;
mod query;
mod statements;
mod transaction;

pub use query::{is_ordered, one_query};
pub use transaction::transaction_command;
