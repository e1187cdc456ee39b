//! SQLite's SQL, by its own lexical rules and its own parser.

mod expression;
mod function;
mod parser;
mod query;
mod token;

pub use expression::one_expression;
pub use query::{is_ordered, one_query};
