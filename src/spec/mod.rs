//! stub
pub mod connection;
pub mod model;
pub mod pattern;
mod secret;
pub mod suggest;
pub use connection::{SourceConnection, TargetConnection};
pub use model::*;
pub use pattern::{DeclaredType, NamePatterns};
