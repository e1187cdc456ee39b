//! PostgreSQL's SQL, as far as it is known before the server is asked.

mod query;
mod statements;
mod transaction;

pub use query::{is_ordered, one_query};
pub use transaction::transaction_command;
