//! PostgreSQL's SQL, as far as it can be judged without a server.

mod condition;
mod constant;
pub mod equality;
mod query;
mod statements;
mod transaction;

pub use condition::{ComparedColumns, compared_columns, sort_column, without_literals};
pub(crate) use constant::collated_constant;
pub use query::{adds_up, is_ordered, one_query};
pub use transaction::{is_blank, transaction_command};
