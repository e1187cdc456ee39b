//! What an engine's SQL means, asked of its text alone: no database of the user's is at hand.
//!
//! The spec holds SQL of both engines that transship puts into statements of its own. It may compute a value, decide about
//! a row or answer a question; it may not end our statement, begin another one, or change which rows there are.

pub mod condition;
pub mod expression;
pub mod postgresql;
pub mod query;
mod refusal;
pub mod sqlite;

pub use condition::{Conditions, conditions};
pub use refusal::Refusal;
