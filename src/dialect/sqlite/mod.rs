//! SQLite's SQL, by its own lexical rules and its own parser.

mod affinity;
mod condition;
pub mod declared;
mod expansion;
mod expression;
mod function;
mod parser;
mod query;
mod token;
pub mod trigger;

pub use affinity::Affinity;
pub use condition::{SqliteConditions, key_expressions, rowid_expression};
pub use expansion::{MOST_ASKED, MOST_CARRIED, expanded_columns, expanded_names};
pub use expression::one_expression;
pub use query::{is_ordered, one_query};
