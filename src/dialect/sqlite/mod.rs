//! SQLite's SQL, by its own lexical rules and its own parser.

mod affinity;
mod collation;
pub mod declared;
mod expansion;
mod expression;
mod function;
mod hidden_key;
mod parser;
mod query;
mod token;
pub mod trigger;

pub use affinity::Affinity;
pub use collation::equality;
pub use expansion::{MOST_ASKED, MOST_CARRIED, expanded_columns, expanded_names};
pub use expression::one_expression;
pub use hidden_key::{HIDDEN_KEYS, is_hidden_key};
pub use query::{is_ordered, one_query};
